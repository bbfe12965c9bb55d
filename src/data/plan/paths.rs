//! Says when a page takes a path that another active page has (SPEC §7). Asks `fetch`; writes nothing.

use std::collections::HashMap;

use super::contents;
use super::ground::Ground;
use super::known_table::KnownTable;
use super::settle::Settled;
use crate::base::db::Database;
use crate::base::letters::shorten_text;
use crate::data::fit::column_map::Table;
use crate::data::fit::core_keys::key_of;
use crate::data::fit::find::PrimaryKey;
use crate::data::fit::natural_key::{Key, fold_stored};
use crate::data::fit::value::Value;
use crate::data::package::conflict::Notice;
use crate::data::package::error::DataError;
use crate::data::package::fault::RowPlace;
use crate::data::table::schema::TableSchema;

/// The columns that a path stands in.
struct PathColumns {
    path: usize,
    language: usize,
    id: usize,
    status: usize,
}

impl PathColumns {
    fn of(schema: &TableSchema) -> Option<Self> {
        let column = |name| schema.position(name).filter(|_| schema.name.as_str() == "paginas");
        Some(Self {
            path: column("caminho")?,
            language: column("language")?,
            id: column("id")?,
            status: column("status")?,
        })
    }
}

/// A page that takes a path.
struct Taker {
    /// The row of the table, where there is one.
    identity: Option<PrimaryKey>,
    path: Value<'static>,
    id: String,
    place: RowPlace,
}

/// Notices of paths that are taken twice.
pub(super) fn notices(
    ground: &mut Ground<'_>,
    known: &KnownTable<'_>,
    settled: &Settled,
) -> Result<Vec<Notice>, DataError> {
    let schema = known.schema;
    let Some(columns) = PathColumns::of(schema) else {
        return Ok(Vec::new());
    };
    let pages = takers(&columns, known, settled)?;
    let paths: Vec<Vec<Value<'_>>> = pages.values().map(|takers| vec![takers[0].path.clone()]).collect();
    if paths.is_empty() {
        return Ok(Vec::new());
    }
    let asked = [columns.path, columns.language, columns.id];
    let read = |database: &mut Database| contents::read_paths(database, schema, asked, columns.status, &paths);
    let Some(holders) = ground.ask(Some(Vec::new()), read)? else {
        return Ok(vec![Notice::PathsNotChecked]);
    };
    let mut notices = Vec::new();
    let width = schema.identity.len();
    for holder in holders {
        let identity: PrimaryKey = holder[..width]
            .iter()
            .map(|part| part.as_deref().unwrap_or_default().into())
            .collect();
        let fold = |at: usize| fold_stored(&schema.columns[asked[at]], holder[width + at].as_deref());
        let key: Key = Box::new([fold(0), fold(1)]);
        let others = pages.get(&key).into_iter().flatten();
        let id = String::from_utf8_lossy(holder[width + 2].as_deref().unwrap_or_default()).into_owned();
        notices.extend(
            others
                .filter(|taker| taker.identity.as_ref() != Some(&identity))
                .map(|taker| taker.notice(&id)),
        );
    }
    for takers in pages.values() {
        notices.extend(takers[1..].iter().map(|taker| taker.notice(&takers[0].id)));
    }
    Ok(notices)
}

impl Taker {
    fn notice(&self, other: &str) -> Notice {
        Notice::PathTaken {
            path: self.path.shown(),
            place: self.place.clone(),
            other: shorten_text(other),
        }
    }
}

/// Active pages that are new or move, by path and language.
fn takers(
    columns: &PathColumns,
    known: &KnownTable<'_>,
    settled: &Settled,
) -> Result<HashMap<Key, Vec<Taker>>, DataError> {
    let moves = |column: usize| column == columns.path || column == columns.language;
    let moving = settled
        .updates
        .iter()
        .filter(|update| update.changes.iter().any(|change| moves(change.column)));
    let taking: Vec<(usize, Option<&PrimaryKey>)> = (settled.inserts.iter().map(|row| (*row, None)))
        .chain(moving.map(|update| (update.row, Some(&update.identity))))
        .collect();
    let asked = [columns.path, columns.language, columns.id, columns.status];
    let mut takers: HashMap<Key, Vec<Taker>> = HashMap::new();
    for chunk in taking.chunks(64) {
        let loaded = known.load_brief(chunk.iter().map(|(row, _)| *row), &asked)?;
        let table = Table::new(known.schema, &known.contract, &loaded);
        for (at, (_, identity)) in chunk.iter().enumerate() {
            let active = table
                .value_of(at, columns.status)
                .is_none_or(|status| status == Value::Text("A".into()));
            let path = table
                .value_of(at, columns.path)
                .filter(|path| active && !path.is_empty());
            let Some(path) = path else { continue };
            let key = key_of(&table, at, &[columns.path, columns.language]);
            takers.entry(key).or_default().push(Taker {
                identity: identity.cloned(),
                path: path.into_owned(),
                id: table.value_of(at, columns.id).map_or_else(String::new, |id| id.shown()),
                place: RowPlace::of(&loaded[at]),
            });
        }
    }
    Ok(takers)
}
