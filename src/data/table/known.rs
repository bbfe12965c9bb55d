//! The tables of known releases of the gestor, as a server described them when nothing was installed: for who judges a
//! package and has no gestor. Pure but for [`write_tables`], with which a release is made known.

use std::fmt::Write as _;

use super::inspect;
use super::said::{Inspected, Said, word};
use super::texts::Texts;
use crate::base::db::Database;
use crate::data::package::error::DataError;
use crate::model::TableName;

/// What a MariaDB says of the tables of known releases, as `examples/table_facts.rs` writes it; the newest first.
const RELEASES: [(&str, &str); 1] = [("2.9.43", include_str!("../gestor/2.9.43.tables"))];
/// What is asked, in the order of the text.
const SECTIONS: [&str; 5] = ["@tables", "@columns", "@indexes", "@references", "@checks"];
const NULL: &str = "\\N";

/// A release of the gestor of which is known how its tables look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownRelease {
    version: &'static str,
    facts: &'static str,
}

impl KnownRelease {
    /// The releases, the newest first.
    pub fn all() -> impl Iterator<Item = Self> {
        RELEASES.iter().map(|(version, facts)| Self { version, facts })
    }

    /// One of them.
    pub fn of(version: &str) -> Option<Self> {
        let version = version.trim().trim_start_matches(['v', 'V']);
        Self::all().find(|release| release.version == version)
    }

    /// Its version.
    pub fn version(self) -> &'static str {
        self.version
    }

    /// Whether it has a table of that name.
    pub fn has_table(self, name: &str) -> bool {
        let tables = self.said().tables;
        let named = |row: &Texts| row.first().and_then(Option::as_deref).map(<[u8]>::to_ascii_lowercase);
        tables
            .iter()
            .any(|row| named(row).as_deref() == Some(name.to_ascii_lowercase().as_bytes()))
    }

    /// How these of its tables look.
    pub(in crate::data) fn inspect(self, tables: &[&TableName], with_owned: bool) -> Inspected {
        let mut said = self.said();
        let is_asked = |row: &Texts| tables.iter().any(|table| is_of(row, table));
        for rows in [
            &mut said.tables,
            &mut said.indexes,
            &mut said.references,
            &mut said.checks,
        ] {
            rows.retain(is_asked);
        }
        if !with_owned {
            said.columns.retain(is_asked);
        }
        said.understood(true)
    }

    fn said(self) -> Said {
        let mut parts: [Vec<Texts>; 5] = Default::default();
        let mut at = 0;
        for line in self.facts.lines() {
            if let Some(section) = SECTIONS.iter().position(|section| *section == line) {
                at = section;
            } else {
                parts[at].push(line.split('\t').map(read_field).collect());
            }
        }
        let [tables, columns, indexes, references, checks] = parts;
        Said {
            tables,
            columns,
            indexes,
            references,
            others: Vec::new(),
            checks,
        }
    }
}

fn is_of(row: &Texts, table: &TableName) -> bool {
    let name = row.first().and_then(Option::as_deref);
    name.is_some_and(|name| name.eq_ignore_ascii_case(table.as_str().as_bytes()))
}

fn read_field(text: &str) -> Option<Vec<u8>> {
    let plain = |text: &str| text.replace("\\n", "\n").replace("\\t", "\t").replace("\\b", "\\");
    (text != NULL).then(|| plain(text).into_bytes())
}

fn write_field(field: Option<&[u8]>) -> String {
    let Some(bytes) = field else { return NULL.to_owned() };
    let text = String::from_utf8_lossy(bytes);
    text.replace('\\', "\\b").replace('\n', "\\n").replace('\t', "\\t")
}

/// What a MariaDB says of the tables of a gestor in which nothing is installed.
pub fn write_tables(database: &mut Database) -> Result<String, DataError> {
    let names = database.query("SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA=DATABASE()")?;
    let names = names.into_iter().map(super::texts::texts);
    let names: Vec<TableName> = names
        .filter_map(|mut row| TableName::new(&word(&mut row, 0)?).ok())
        .collect();
    let mut said = inspect::ask(database, &names.iter().collect::<Vec<_>>())?;
    for row in &mut said.tables {
        // How many rows there are is no part of how a table looks.
        if let Some(rows) = row.get_mut(3) {
            *rows = Some(b"0".to_vec());
        }
    }
    let mut text = String::new();
    let parts = [said.tables, said.columns, said.indexes, said.references, said.checks];
    for (section, rows) in SECTIONS.into_iter().zip(parts) {
        let _ = writeln!(text, "{section}");
        let fields = |row: &Texts| {
            row.iter()
                .map(|field| write_field(field.as_deref()))
                .collect::<Vec<_>>()
        };
        let mut lines: Vec<String> = rows.iter().map(|row| fields(row).join("\t")).collect();
        lines.sort();
        for line in lines {
            let _ = writeln!(text, "{line}");
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_of_a_release_are_known_without_a_database() {
        let release = KnownRelease::of(" v2.9.43").unwrap();
        assert_eq!(KnownRelease::of("1.0.0"), None);
        let [pages, nothing] = ["paginas", "nothing"].map(|name| TableName::new(name).unwrap());
        let found = release.inspect(&[&pages, &nothing], true);
        let schema = &found.schemas[&pages];
        assert_eq!(found.schemas.len(), 1);
        assert!(schema.position("caminho").is_some() && schema.transactional);
        assert_eq!(schema.surrogate(), schema.position("id_paginas"));
        assert!(found.owned.contains(&pages) && found.owned.len() > 5);
        assert!(release.inspect(&[&pages], false).owned.len() == 1);
    }

    #[test]
    fn fields_are_read_as_they_were_written() {
        for field in [None, Some(""), Some("a\tb\nc\\nd\\N"), Some("\\N")] {
            let field = field.map(|text| text.as_bytes().to_vec());
            assert_eq!(read_field(&write_field(field.as_deref())), field);
        }
    }
}
