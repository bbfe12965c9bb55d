//! What a call, the base and our own tables say before rows are merged. Values only.

use super::merge::MergeRules;
use crate::ledger::{Base, MergeReason, RowKey};
use crate::model::TableName;

/// How the rows of a plan are merged with what users changed (SPEC 2 §2).
#[derive(Debug, Clone, Copy)]
pub struct Merging<'a> {
    /// What packages last brought; nothing where it is not known.
    pub base: Option<&'a Base>,
    /// How much it says of the rows.
    pub trust: Trust<'a>,
    /// The call's choice.
    pub rules: MergeRules,
    /// The history's number of this operation.
    pub history: u64,
    /// Conflicts that are known already.
    pub standing: &'a [RecordedConflict],
    /// Fields that get back, on a way back, what stood in them.
    pub returned: &'a [ReturnedField],
}

/// A field that gets back, on a way back, what stood in it or beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnedField {
    /// The table.
    pub table: TableName,
    /// The row's key.
    pub key: RowKey,
    /// The column.
    pub column: String,
    /// What stood beside it: only while the contract keeps the user's value.
    pub beside: bool,
}

/// How much a base says of the rows that stand in the tables.
#[derive(Debug, Clone, Copy)]
pub enum Trust<'a> {
    /// What differs from it, users changed.
    Recorded,
    /// It was made from a package just now, so nobody knows which rows stood there: deletions are not inferred.
    Rebuilt,
    /// Another installer wrote rows since, from the package of which this is the base, where that is known.
    Outdated(Option<&'a Base>),
}

/// A conflict that was recorded before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedConflict {
    /// The table.
    pub table: TableName,
    /// The row's key.
    pub key: RowKey,
    /// The column; empty for the whole row.
    pub column: String,
    /// Why.
    pub reason: MergeReason,
    /// Nobody has decided yet.
    pub is_open: bool,
    /// The operation since which it is open.
    pub since: u64,
}
