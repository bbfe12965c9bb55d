//! What the order of writing a table's rows stands on: values that are taken, and what rows refer to. Reads the package's
//! rows back; never the database.

use std::collections::{BTreeSet, HashSet};

use super::known_table::KnownTable;
use super::order;
use super::settle::Settled;
use super::survey::Survey;
use super::unique::Claim;
use crate::data::fit::column_map::Table;
use crate::data::fit::natural_key::fold;
use crate::data::package::error::DataError;
use crate::data::table::schema::TableSchema;
use crate::model::TableName;

/// Rows that are read back at once.
const TOGETHER: usize = 128;

/// Values that rows of the package take in columns of UNIQUE indexes.
pub(in crate::data) fn taken(
    schema: &TableSchema,
    claims: &[Vec<Claim>],
    survey: &Survey<'_>,
) -> HashSet<(usize, Box<str>)> {
    let mut taken = HashSet::new();
    for (guard, claims) in survey.guards.iter().zip(claims) {
        for claim in claims {
            let parts = guard.columns.iter().zip(&claim.values);
            taken.extend(parts.map(|(column, value)| (*column, fold(&schema.columns[*column], value))));
        }
    }
    taken
}

/// Rows of a table that refers to itself come after those that they refer to.
pub(super) fn order_inserts(known: &KnownTable<'_>, settled: &mut Settled) -> Result<(), DataError> {
    let references = order::own_references(known.schema);
    if references.is_empty() {
        return Ok(());
    }
    let columns: Vec<usize> = references
        .iter()
        .flat_map(|(own, parents)| [own.clone(), parents.clone()].concat())
        .collect();
    let mut keys = order::OwnKeys::new(references);
    for chunk in settled.inserts.chunks(TOGETHER) {
        let loaded = known.load_brief(chunk.iter().copied(), &columns)?;
        keys.add(&Table::new(known.schema, &known.contract, &loaded));
    }
    settled.inserts = keys.order().into_iter().map(|at| settled.inserts[at]).collect();
    Ok(())
}

/// The tables that rows to be written refer to.
pub(super) fn referred(known: &KnownTable<'_>, settled: &Settled) -> Result<BTreeSet<TableName>, DataError> {
    let mut found = BTreeSet::new();
    let columns: Vec<usize> = (known.schema.references.iter())
        .flat_map(|reference| reference.columns.iter().copied())
        .collect();
    if columns.is_empty() {
        return Ok(found);
    }
    let updated = settled.updates.iter().map(|update| update.row);
    let written: Vec<usize> = settled.inserts.iter().copied().chain(updated).collect();
    for chunk in written.chunks(TOGETHER) {
        let loaded = known.load_brief(chunk.iter().copied(), &columns)?;
        found.append(&mut order::referred(&Table::new(
            known.schema,
            &known.contract,
            &loaded,
        )));
    }
    Ok(found)
}
