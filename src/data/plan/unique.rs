//! Which values of UNIQUE indexes the package would take, and whose they are already. Pure.

use std::collections::{HashMap, HashSet};

use super::update::{Update, shown_identity};
use crate::data::fit::column_map::Table;
use crate::data::fit::find::{Finding, Present, PrimaryKey, RowOwner, Wanted};
use crate::data::fit::natural_key::{Key, fold};
use crate::data::fit::value::{Value, convert};
use crate::data::package::conflict::ConflictReason;
use crate::data::package::phrases;
use crate::data::table::contract::{Contract, KeyRule};
use crate::data::table::schema::{Column, DefaultValue, TableSchema};
use crate::model::Field;

/// A UNIQUE index that is not the key by which rows are found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Guard {
    /// Its name.
    pub name: String,
    /// Its columns.
    pub columns: Vec<usize>,
}

/// A value that a row would take in a guarded index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::data) struct Claim {
    /// The row of the package.
    pub row: usize,
    /// Folded.
    pub key: Key,
    /// As values.
    pub values: Vec<Value<'static>>,
    /// The row of the table that it is written to, where there is one.
    pub identity: Option<PrimaryKey>,
}

impl Claim {
    /// The claim of a row by another place of it.
    pub(in crate::data) fn of_row(self, row: usize) -> Self {
        Self { row, ..self }
    }
}

/// What stands against writing a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::data) struct Clash {
    /// Why.
    pub reason: ConflictReason,
    /// The row of the package that takes the same value, where it is one.
    pub twin: Option<usize>,
}

/// The indexes that have to be asked about.
pub(super) fn guards(schema: &TableSchema, contract: &Contract) -> Vec<Guard> {
    let key = contract.key.columns();
    let is_key = |columns: &[usize]| columns.len() == key.len() && columns.iter().all(|column| key.contains(column));
    let mut found: Vec<Guard> = schema
        .unique
        .iter()
        .filter(|index| !is_key(&index.columns))
        .map(|index| Guard {
            name: index.name.clone(),
            columns: index.columns.clone(),
        })
        .collect();
    if schema.surrogate().is_none() && !schema.primary.is_empty() && !is_key(&schema.primary) {
        found.push(Guard {
            name: "PRIMARY".to_owned(),
            columns: schema.primary.clone(),
        });
    }
    found
}

/// The value that a row would have in an index. `stored` gives what stays; `None` for a row that is inserted. An index
/// holds nothing apart where a value is NULL, or is the server's to make.
pub(super) fn claim(
    table: &Table<'_>,
    row: usize,
    guard: &Guard,
    stored: Option<&dyn Fn(usize) -> Option<Vec<u8>>>,
    identity: Option<PrimaryKey>,
) -> Option<Claim> {
    let mut values = Vec::with_capacity(guard.columns.len());
    for column in &guard.columns {
        let definition = &table.schema.columns[*column];
        let value = match (table.layout(row).cell(*column), stored) {
            (Some(cell), _) => table.value(row, cell).ok()?.into_owned(),
            (None, Some(stored)) => stored_value(definition, stored(*column)?)?,
            (None, None) => default_value(definition)?,
        };
        if value == Value::Null {
            return None;
        }
        values.push(value);
    }
    let folded = guard.columns.iter().zip(&values);
    Some(Claim {
        row,
        key: folded
            .map(|(column, value)| fold(&table.schema.columns[*column], value))
            .collect(),
        values,
        identity,
    })
}

fn stored_value(column: &Column, stored: Vec<u8>) -> Option<Value<'static>> {
    let field = Field::Text(String::from_utf8(stored).ok()?);
    convert(column, &field).ok().map(Value::into_owned)
}

fn default_value(column: &Column) -> Option<Value<'static>> {
    match &column.default {
        DefaultValue::Text(text) => convert(column, &Field::Text(text.clone())).ok().map(Value::into_owned),
        DefaultValue::None | DefaultValue::Null | DefaultValue::Computed => None,
    }
}

/// A row that takes the value of another one, which gives it up: that one has to be written too, and parked before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Exchange {
    /// The row of the package that takes the value.
    pub row: usize,
    /// The row of the table that gives it up.
    pub giver: PrimaryKey,
    /// The column of the index that changes there.
    pub column: usize,
    /// What stands against it if that row is not written.
    pub clash: Clash,
}

impl Exchange {
    /// An exchange that a foreign key stands against.
    pub(super) fn held_by(mut self, foreign_key: &str) -> Self {
        if let ConflictReason::Unique { index, identity, .. } = self.clash.reason {
            self.clash.reason = ConflictReason::Followed {
                index,
                identity,
                foreign_key: foreign_key.to_owned(),
            };
        }
        self
    }
}

/// Exchanges that come off, and those that do not: because their giver is not changed at all, or because it is itself one
/// of those that do not get what they count on.
pub(super) fn split_exchanges(exchanges: Vec<Exchange>, updates: &[Update]) -> (Vec<Exchange>, Vec<Exchange>) {
    let changed: HashSet<&PrimaryKey> = updates.iter().map(|update| &update.identity).collect();
    let keeps: HashMap<usize, &PrimaryKey> = updates.iter().map(|update| (update.row, &update.identity)).collect();
    let mut takers: HashMap<&PrimaryKey, Vec<usize>> = HashMap::new();
    for (at, exchange) in exchanges.iter().enumerate() {
        takers.entry(&exchange.giver).or_default().push(at);
    }
    let stays = |at: &usize| !changed.contains(&exchanges[*at].giver);
    let mut open: Vec<usize> = (0..exchanges.len()).filter(stays).collect();
    let mut fails = vec![false; exchanges.len()];
    while let Some(at) = open.pop() {
        if std::mem::replace(&mut fails[at], true) {
            continue;
        }
        // Its row is not written, so those that take what that row has do not get it either.
        let kept = keeps.get(&exchanges[at].row);
        open.extend(kept.and_then(|identity| takers.remove(*identity)).into_iter().flatten());
    }
    let mut fails = fails.into_iter();
    let (bad, good) = exchanges.into_iter().partition(|_| fails.next() == Some(true));
    (good, bad)
}

/// Rows of the table that give up their value in a guarded index, with a column of it that they change.
pub(super) type Givers = HashMap<PrimaryKey, usize>;

/// Which claims collide: with rows of the table (`occupied`, keyed by the guarded columns) or with each other. Those that
/// collide only with what a row gives up are exchanges.
pub(super) fn clashes(
    guard: &Guard,
    claims: &[Claim],
    occupied: &[Present],
    givers: &Givers,
    exchanges: &mut Vec<Exchange>,
) -> HashMap<usize, Clash> {
    let mut found = HashMap::new();
    let holders: HashMap<&Key, &Present> = occupied.iter().map(|row| (&row.key, row)).collect();
    let mut first: HashMap<&Key, usize> = HashMap::new();
    for claim in claims {
        if let Some(holder) = holders
            .get(&claim.key)
            .filter(|holder| Some(&holder.identity) != claim.identity.as_ref())
        {
            let clash = held(&guard.name, holder);
            match givers.get(&holder.identity) {
                Some(column) => exchanges.push(Exchange {
                    row: claim.row,
                    giver: holder.identity.clone(),
                    column: *column,
                    clash,
                }),
                None => drop(found.insert(claim.row, clash)),
            }
        }
        if let Some(earlier) = first.get(&claim.key) {
            let first = phrases::index(&guard.name);
            found.entry(claim.row).or_insert(Clash {
                reason: ConflictReason::Duplicate { first },
                twin: Some(*earlier),
            });
        } else {
            first.insert(&claim.key, claim.row);
        }
    }
    found
}

fn held(index: &str, holder: &Present) -> Clash {
    let reason = ConflictReason::Unique {
        index: index.to_owned(),
        owner: match &holder.owner {
            RowOwner::Own => phrases::THIS_PLUGIN,
            RowOwner::Nobody => phrases::NOBODY,
            RowOwner::Other(owner) => phrases::plugin(owner),
            RowOwner::Shared => phrases::THE_TABLE,
        },
        identity: shown_identity(&holder.identity),
    };
    Clash { reason, twin: None }
}

/// Which new keys stand in the table already, where the key itself is UNIQUE or the primary key: rows that were not
/// found because they are another owner's.
pub(super) fn key_clashes(
    unique: Option<&str>,
    (wanted, filled): (&[Wanted], &[bool]),
    findings: &[Finding],
    present: &[Present],
) -> HashMap<usize, Clash> {
    let by_key: HashMap<&Key, usize> = present.iter().enumerate().map(|(at, row)| (&row.key, at)).collect();
    let by_identity: HashMap<&Key, usize> = present
        .iter()
        .enumerate()
        .map(|(at, row)| (&row.identity_key, at))
        .collect();
    let mut found = HashMap::new();
    for (row, wanted) in wanted.iter().enumerate() {
        let own = match &findings[row] {
            Finding::New => None,
            Finding::Found { present, .. } => Some(*present),
            _ => continue,
        };
        // A row that keeps its key takes nothing from anybody.
        if own.is_some_and(|at| !wanted.key.primary && present[at].key == wanted.key.key) {
            continue;
        }
        let (holder, index) = if wanted.key.primary {
            (by_identity.get(&wanted.key.key), Some("PRIMARY"))
        } else {
            (by_key.get(&wanted.key.key), unique)
        };
        if let (Some(holder), Some(index)) = (holder.filter(|at| Some(**at) != own), index)
            && (wanted.key.primary || filled[row])
        {
            found.insert(row, held(index, &present[*holder]));
        }
    }
    found
}

/// Name of the UNIQUE index that the key is.
pub(super) fn key_index<'a>(schema: &'a TableSchema, contract: &Contract) -> Option<&'a str> {
    match &contract.key {
        KeyRule::Natural { index: Some(index), .. } => Some(&schema.unique[*index].name),
        KeyRule::Natural { columns, .. } if *columns == schema.primary => Some("PRIMARY"),
        _ => None,
    }
}

/// A UNIQUE index holds rows apart only where nothing is NULL.
pub(super) fn key_is_filled(table: &Table<'_>, row: usize) -> bool {
    table
        .contract
        .key
        .columns()
        .iter()
        .all(|column| match table.layout(row).cell(*column) {
            Some(cell) => table.value(row, cell).is_ok_and(|value| value != Value::Null),
            None => matches!(table.schema.columns[*column].default, DefaultValue::Text(_)),
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::fit::column_map::tests::{row, text};
    use crate::data::table::contract::Contracts;
    use crate::data::table::contract::tests::table;

    #[test]
    fn values_behind_unique_indexes_collide() {
        let schema = table("own", &["#n", "id", "code", "plugin"], &[&["id"], &["code"]]);
        let contract = Contracts::new(None).resolve(&schema);
        let rows = [
            row(1, &[("id", text("a")), ("code", text("X"))]),
            row(2, &[("id", text("b")), ("code", text("x "))]),
            row(3, &[("id", text("c")), ("code", Field::Null)]),
            row(4, &[("id", text("d")), ("code", text("taken"))]),
        ];
        let laid = Table::new(&schema, &contract, &rows);
        let guards = guards(&schema, &contract);
        assert_eq!(guards.len(), 1);
        let claims: Vec<Claim> = (0..4)
            .filter_map(|row| claim(&laid, row, &guards[0], None, None))
            .collect();
        assert_eq!(claims.iter().map(|claim| claim.row).collect::<Vec<_>>(), [0, 1, 3]);
        let holder = Present {
            identity: std::sync::Arc::new([b"9".as_slice().into()]),
            identity_key: Box::new(["9".into()]),
            key: Box::new(["taken".into()]),
            owner: RowOwner::Other("o".into()),
            project: false,
            user_modified: false,
        };
        let mut exchanges = Vec::new();
        let mut clashes = |givers: &Givers| {
            clashes(
                &guards[0],
                &claims,
                std::slice::from_ref(&holder),
                givers,
                &mut exchanges,
            )
        };
        let found = clashes(&Givers::new());
        assert_eq!(found.len(), 2);
        assert_eq!(found[&1].twin, Some(0));
        assert!(matches!(&found[&3].reason, ConflictReason::Unique { owner, .. } if owner.to_string() == "plugin o"));
        let given = clashes(&Givers::from([(holder.identity.clone(), 2)]));
        assert_eq!(given.keys().copied().collect::<Vec<_>>(), [1]);
        assert_eq!((exchanges.len(), exchanges[0].row, exchanges[0].column), (1, 3, 2));
    }
}
