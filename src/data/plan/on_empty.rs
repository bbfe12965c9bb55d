//! A plan for a gestor of a known release that has nothing installed: no database is asked, and the same files decide.

use std::sync::Arc;

use super::follow::Following;
use super::ground::Ground;
use super::plan::Plan;
use super::request::Request;
use super::study;
use super::survey::wanted_key;
use crate::config::Orphans;
use crate::data::fit::column_map::Table;
use crate::data::package::error::DataError;
use crate::data::package::fault::RowPlace;
use crate::data::table::known::KnownRelease;
use crate::log::Reporter;
use crate::model::TableName;

/// `max_allowed_packet` of a MariaDB that nobody configured.
const PACKET: usize = 16 << 20;

/// A row of a package that a gestor has itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoreRow {
    /// The path of its source in the package.
    pub source: Arc<str>,
    /// Its table.
    pub table: TableName,
    /// Its place there, and its key in words.
    pub place: RowPlace,
}

/// Rows of a request that a gestor of a release has itself: its site refuses to give them away.
pub fn core_rows(release: KnownRelease, request: &Request<'_>) -> Result<Vec<CoreRow>, DataError> {
    let names: Vec<&TableName> = request.tables.iter().map(|rows| &rows.table).collect();
    let schemas = release.inspect(&names, false).schemas;
    let mut found = Vec::new();
    for rows in request.tables {
        let Some(schema) = schemas.get(&rows.table) else {
            continue;
        };
        let core = request.core.of_table(schema, request.contracts)?;
        let contract = request.contracts.resolve(schema);
        for window in rows.rows.windows() {
            let loaded = rows.rows.load(window).map_err(DataError::Rows)?;
            let table = Table::new(schema, &contract, &loaded);
            let is_core = |row: &usize| {
                let wanted = wanted_key(&table, *row);
                !wanted.primary && core.holds(&wanted.key)
            };
            let held = (0..loaded.len()).filter(is_core);
            found.extend(held.map(|row| CoreRow {
                source: Arc::clone(&loaded[row].source),
                table: rows.table.clone(),
                place: RowPlace::of(&loaded[row]),
            }));
        }
    }
    Ok(found)
}

/// Makes the plan of a request as [`super::study::plan`] does, against the tables of a release without any rows.
///
/// # Errors
/// All faults of the package that can be known before writing, at once; conflicts are part of the plan.
pub fn plan_on_empty(release: KnownRelease, request: &Request<'_>, reporter: &dyn Reporter) -> Result<Plan, DataError> {
    let names: Vec<&TableName> = request.tables.iter().map(|rows| &rows.table).collect();
    let inspected = release.inspect(&names, request.policy.orphans != Orphans::Ignore);
    let ground = (Ground::Empty, inspected, PACKET);
    study::conduct(ground, request, (None, Following::Nothing), reporter)
}
