//! What was done to each plugin: one row an operation, failed ones too (SPEC 2 §1).
//!
//! Owns `gestor_plugins_historico`; must not decide what an operation did, nor begin or end a transaction.

mod entry;
mod error;
mod messages;
mod store;

pub use entry::{Action, HistoryEntry, PastEntry, RecordedOutcome, StoredEntry, StoredPoint, ToldMigrations};
pub use error::HistoryError;
pub use store::{
    add_output, amend, applied_points, begin, complete, entries, entry, is_recorded, last, migrations_of_others, past,
    record_failure, remove, settle, told_migrations, unfinished, write_migrations,
};
