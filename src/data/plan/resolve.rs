//! Which tables of a package there are in the database, and which are not a package's. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::known_table::KnownTable;
use super::plan::Plan;
use super::request::Request;
use crate::base::listed::Listed;
use crate::data::package::conflict::Notice;
use crate::data::package::error::DataError;
use crate::data::package::fault::{Fault, FaultKind};
use crate::data::package::table_name;
use crate::data::package::tables::TableRows;
use crate::data::table::schema::TableSchema;
use crate::model::TableName;

/// Leaves out tables that do not exist, and refuses those that are not a package's.
pub(super) fn resolve<'a>(
    request: &'a Request<'_>,
    schemas: &'a BTreeMap<TableName, TableSchema>,
    views: &BTreeSet<TableName>,
    plan: &mut Plan,
) -> Result<Vec<KnownTable<'a>>, DataError> {
    let mut known = Vec::new();
    let mut faults = Listed::default();
    for (source, TableRows { table, rows }) in request.tables.iter().enumerate() {
        if table_name::is_forbidden(table) && !rows.is_empty() {
            let first = rows.get(0).map_err(DataError::Rows)?;
            let table = table.clone();
            faults.push(Fault::of_file(&first.source, FaultKind::ForbiddenTable { table }));
        } else if let Some(schema) = schemas.get(table) {
            known.push(KnownTable {
                source,
                rows,
                schema,
                contract: request.contracts.resolve(schema),
            });
        } else {
            let (table, rows) = (table.clone(), rows.len());
            plan.notices.push(if views.contains(&table) {
                Notice::View { table, rows }
            } else {
                Notice::UnknownTable { table, rows }
            });
        }
    }
    fail_on(faults)?;
    Ok(known)
}

/// Stops where there are faults.
pub(super) fn fail_on(faults: Listed<Fault>) -> Result<(), DataError> {
    if faults.is_empty() {
        Ok(())
    } else {
        Err(DataError::Faults(faults))
    }
}
