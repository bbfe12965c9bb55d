//! A table of the package that the database has: its rows as they are read back for one question or another, and the
//! rows of the table that they could mean. Reads through `fetch`; never writes.

use std::collections::{BTreeMap, HashSet};

use super::fetch;
use super::request::Request;
use super::search::{self, Search};
use super::survey::{Survey, wanted_key};
use super::watch::Watch;
use crate::base::db::Database;
use crate::data::fit::column_map::{self, Table};
use crate::data::fit::core_keys::CoreTable;
use crate::data::fit::find::{Finding, Present, PrimaryKey, RowOwner, WantedKey};
use crate::data::package::error::DataError;
use crate::data::package::row_store::RowStore;
use crate::data::package::table_name;
use crate::data::package::tables::TableRows;
use crate::data::table::contract::Contract;
use crate::data::table::schema::TableSchema;
use crate::model::{PackageRow, TableName};

/// A table of the request that the database has.
pub(in crate::data) struct KnownTable<'a> {
    /// Its place in the request.
    pub(in crate::data) source: usize,
    /// The package's rows.
    pub(in crate::data) rows: &'a RowStore,
    /// How the table looks.
    pub(in crate::data) schema: &'a TableSchema,
    /// How its rows are told apart.
    pub(in crate::data) contract: Contract,
}

/// Tables whose rows nothing of the database tells apart: the contract's key does. Those that lack that as well are refused:
/// what were installed there could never be found again.
pub(in crate::data) fn set_identities(
    request: &Request<'_>,
    schemas: &mut BTreeMap<TableName, TableSchema>,
) -> Result<(), DataError> {
    for rows in request.tables.iter().filter(|rows| !rows.rows.is_empty()) {
        let Some(schema) = schemas.get_mut(&rows.table).filter(|schema| schema.identity.is_empty()) else {
            continue;
        };
        schema.identity = request.contracts.resolve(schema).stand_in_identity(schema);
        if schema.identity.is_empty() && !table_name::is_forbidden(&rows.table) {
            return Err(DataError::NoPrimaryKey {
                table: rows.table.clone(),
            });
        }
    }
    Ok(())
}

impl KnownTable<'_> {
    /// Reads rows back.
    pub(in crate::data) fn load(&self, rows: impl IntoIterator<Item = usize>) -> Result<Vec<PackageRow>, DataError> {
        self.rows.load(rows).map_err(DataError::Rows)
    }

    /// Reads rows back without long texts: of columns that hold such only these are read, the others are NULL.
    pub(in crate::data) fn load_brief(
        &self,
        rows: impl IntoIterator<Item = usize>,
        columns: &[usize],
    ) -> Result<Vec<PackageRow>, DataError> {
        let is_wanted = |name: &str| column_map::is_asked_or_short(self.schema, name, columns);
        self.rows.load_brief(rows, &is_wanted).map_err(DataError::Rows)
    }

    /// What its rows say, learnt in one pass over them.
    pub(in crate::data) fn survey(&self, limit: usize, progress: &Watch<'_>) -> Result<Survey<'_>, DataError> {
        let mut survey = Survey::new(self.schema, &self.contract, limit);
        for window in self.rows.windows() {
            survey.add(&self.load(window)?);
            progress.look()?;
        }
        Ok(survey)
    }

    /// Values to look for in the table: of rows that are not among `own` already.
    pub(super) fn searches(&self, survey: &Survey<'_>, own: &[Present]) -> Result<Vec<Search>, DataError> {
        const TOGETHER: usize = 128;
        let mut searches = Search::all(self.schema, &self.contract);
        let unknown = search::unknown_rows(&survey.wanted, own);
        let columns: Vec<usize> = searches.iter().flat_map(|search| search.columns.clone()).collect();
        for chunk in unknown.chunks(TOGETHER) {
            let loaded = self.load_brief(chunk.iter().copied(), &columns)?;
            let table = Table::new(self.schema, &self.contract, &loaded);
            for (at, row) in chunk.iter().enumerate() {
                for search in &mut searches {
                    search.add(&table, at, &survey.wanted[*row]);
                }
            }
        }
        Ok(searches)
    }

    /// The rows of the table that the package could mean. They may have been found already.
    pub(in crate::data) fn present(
        &self,
        database: &mut Database,
        request: &Request<'_>,
        survey: &Survey<'_>,
        found: Option<&[PrimaryKey]>,
    ) -> Result<Vec<Present>, DataError> {
        let (schema, key, slug) = (self.schema, self.contract.key.columns(), request.slug);
        if let Some(found) = found {
            return fetch::read_found(database, schema, key, slug, found);
        }
        let own = fetch::read_own(database, schema, key, slug)?;
        let searches = self.searches(survey, &own)?;
        fetch::read_searched(database, schema, key, slug, own, &searches)
    }

    /// Keys of the rows that the previously installed package brought, for tables where nothing else tells whose a row
    /// is.
    pub(super) fn previous_keys(&self, request: &Request<'_>) -> Result<HashSet<WantedKey>, DataError> {
        let mut keys = HashSet::new();
        if self.schema.owner().is_some() || !self.contract.core_table {
            return Ok(keys);
        }
        let same = |rows: &&TableRows| rows.table == self.schema.name;
        if let Some(previous) = request.previous.and_then(|tables| tables.iter().find(same)) {
            for window in previous.rows.windows() {
                let loaded = previous.rows.load(window).map_err(DataError::Rows)?;
                let table = Table::new(self.schema, &self.contract, &loaded);
                keys.extend((0..loaded.len()).map(|row| wanted_key(&table, row)));
            }
        }
        Ok(keys)
    }

    /// The gestor's own rows, where any row without owner was found, or the base speaks of some.
    pub(in crate::data) fn core(
        &self,
        request: &Request<'_>,
        findings: &[Finding],
        present: &[Present],
        is_asked: bool,
    ) -> Result<CoreTable, DataError> {
        let unowned = |finding: &Finding| match finding {
            Finding::Found { present: place, .. } => present[*place].owner == RowOwner::Nobody,
            _ => false,
        };
        if is_asked || findings.iter().any(unowned) {
            request.core.of_table(self.schema, request.contracts)
        } else {
            Ok(CoreTable::default())
        }
    }
}

/// Which rows the package could mean in tables of which it brings few rows: one question for all of them. Nothing for
/// the other tables.
pub(super) fn find_at_once(
    database: &mut Database,
    request: &Request<'_>,
    known: &[KnownTable<'_>],
    surveys: &[Survey<'_>],
) -> Result<Vec<Option<Vec<PrimaryKey>>>, DataError> {
    let mut found = vec![None; known.len()];
    let (mut asked, mut questions) = (Vec::new(), Vec::<Vec<u8>>::new());
    let mut room = database.server().statement_limit(usize::MAX);
    for (at, (table, survey)) in known.iter().zip(surveys).enumerate() {
        // Where rows have no owner, or nothing that tells them apart, there is no look at the table that could be saved.
        let owner = table.schema.owner().filter(|_| !table.schema.identity.is_empty());
        let Some(owner) = owner.filter(|_| survey.wanted.len() <= fetch::CHUNK) else {
            continue;
        };
        let searches = table.searches(survey, &[])?;
        let question = fetch::question(table.schema, owner, request.slug, &searches);
        // What does not fit the packet any more is asked by itself.
        if question.len() + 2 <= room {
            room -= question.len() + 2;
            asked.push(at);
            questions.push(question);
        }
    }
    if !questions.is_empty() {
        for (at, answer) in asked.into_iter().zip(fetch::ask(database, &questions)?) {
            found[at] = Some(answer);
        }
    }
    Ok(found)
}
