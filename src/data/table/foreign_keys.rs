//! Reads which foreign keys refer to tables of this database: of any table of the server that this user may see. Never
//! writes.

use std::collections::BTreeMap;

use super::texts::{Texts, texts};
use crate::base::db::{Database, push_text};
use crate::data::package::error::DataError;
use crate::model::TableName;

/// What the database does with rows that refer to one which goes, or which gets another key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::data) enum Rule {
    /// They go as well, or refer to the new key.
    Cascade,
    /// They lose what they refer to.
    SetNull,
    /// They refer to something else.
    SetDefault,
    /// They forbid it.
    Forbid,
}

impl Rule {
    fn of_words(words: &str) -> Self {
        match words {
            "CASCADE" => Self::Cascade,
            "SET NULL" => Self::SetNull,
            "SET DEFAULT" => Self::SetDefault,
            _ => Self::Forbid,
        }
    }

    /// Rows no longer say what they said.
    pub(in crate::data) fn loses(self) -> bool {
        matches!(self, Self::SetNull | Self::SetDefault)
    }
}

/// A foreign key by which rows hang on rows of a table of this database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::data) struct ForeignKey {
    /// Its name.
    pub(in crate::data) name: String,
    /// The table that it refers to.
    pub(in crate::data) parent: String,
    /// The table that has it, as it is told.
    pub(in crate::data) shown: String,
    /// The same, for a statement.
    pub(in crate::data) quoted: String,
    /// The same, where it is a table of this database whose rows can be named.
    pub(in crate::data) own: Option<TableName>,
    /// Its columns, and those that they refer to.
    pub(in crate::data) columns: Vec<(String, String)>,
    /// What becomes of its rows when one goes.
    pub(in crate::data) on_delete: Rule,
    /// What becomes of its rows when one gets another key.
    pub(in crate::data) on_update: Rule,
}

impl ForeignKey {
    /// Whether it refers to a column of that name, among others or alone.
    pub(in crate::data) fn refers_to(&self, column: &str) -> bool {
        self.columns
            .iter()
            .any(|(_, parent)| parent.eq_ignore_ascii_case(column))
    }
}

/// A table and a foreign key of it: the database that it stands in, the table, the key.
type KeyAddress = [String; 3];

/// The foreign keys, of any table, that refer to tables of this database.
pub(in crate::data) fn read_foreign_keys(database: &mut Database) -> Result<Vec<ForeignKey>, DataError> {
    let mut columns = b"SELECT CONSTRAINT_SCHEMA, TABLE_NAME, CONSTRAINT_NAME, TABLE_SCHEMA, REFERENCED_TABLE_NAME, \
        COLUMN_NAME, REFERENCED_COLUMN_NAME FROM information_schema.KEY_COLUMN_USAGE WHERE REFERENCED_TABLE_SCHEMA="
        .to_vec();
    push_text(&mut columns, database.name().as_bytes());
    columns.extend_from_slice(b" ORDER BY ORDINAL_POSITION");
    let rows = database.query(columns)?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let mut found: BTreeMap<KeyAddress, ForeignKey> = BTreeMap::new();
    for mut row in rows.into_iter().map(texts) {
        let place = place(&mut row);
        let mut next = |at| word(&mut row, at);
        let (home, parent, pair) = (next(3), next(4), (next(5), next(6)));
        let key = found
            .entry(place)
            .or_insert_with_key(|[_, table, name]| empty(database.name(), &home, (table, name), parent));
        key.columns.push(pair);
    }
    let mut rules = b"SELECT CONSTRAINT_SCHEMA, TABLE_NAME, CONSTRAINT_NAME, DELETE_RULE, UPDATE_RULE FROM \
        information_schema.REFERENTIAL_CONSTRAINTS WHERE UNIQUE_CONSTRAINT_SCHEMA="
        .to_vec();
    push_text(&mut rules, database.name().as_bytes());
    for mut row in database.query(rules)?.into_iter().map(texts) {
        if let Some(key) = found.get_mut(&place(&mut row)) {
            key.on_delete = Rule::of_words(&word(&mut row, 3));
            key.on_update = Rule::of_words(&word(&mut row, 4));
        }
    }
    Ok(found.into_values().collect())
}

fn empty(here: &str, home: &str, (table, name): (&str, &str), parent: String) -> ForeignKey {
    let is_here = home == here;
    ForeignKey {
        name: name.to_owned(),
        parent,
        shown: if is_here {
            table.to_owned()
        } else {
            format!("{home}.{table}")
        },
        quoted: format!("{}.{}", quote(home), quote(table)),
        own: TableName::new(table).ok().filter(|_| is_here),
        columns: Vec::new(),
        on_delete: Rule::Forbid,
        on_update: Rule::Forbid,
    }
}

fn place(row: &mut Texts) -> KeyAddress {
    [0, 1, 2].map(|at| word(row, at))
}

fn word(row: &mut Texts, at: usize) -> String {
    let bytes = row.get_mut(at).and_then(Option::take).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A name between backticks, as it stands in a statement.
pub(in crate::data) fn quote(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_of_another_database_is_told_with_it() {
        let key = empty("here", "here", ("notes", "k"), "paginas".to_owned());
        assert_eq!((key.shown.as_str(), key.own), ("notes", TableName::new("notes").ok()));
        let key = empty("here", "th`ere", ("notes", "k"), "paginas".to_owned());
        assert_eq!((key.shown.as_str(), key.own), ("th`ere.notes", None));
        assert_eq!(key.quoted, "`th``ere`.`notes`");
        // Rows of a table that has no name of ours cannot be named.
        assert_eq!(empty("here", "here", ("Notes", "k"), String::new()).own, None);
    }

    #[test]
    fn rules_are_read_from_the_words_of_the_server() {
        for (words, rule) in [
            ("CASCADE", Rule::Cascade),
            ("SET NULL", Rule::SetNull),
            ("SET DEFAULT", Rule::SetDefault),
            ("RESTRICT", Rule::Forbid),
            ("NO ACTION", Rule::Forbid),
        ] {
            assert_eq!(Rule::of_words(words), rule, "{words}");
        }
    }
}
