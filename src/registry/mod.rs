//! The plugin's row in `plugins`, and our own table of running operations (SPEC §10, §5.13).
//!
//! Owns what these two tables hold and the statements that write them; must not decide which status comes next, nor
//! begin or end a transaction.

mod error;
mod operations;
mod plugin_row;

pub use error::RegistryError;
pub use operations::{
    OperationId, close_operation, create_operations_table, open_operations, record_operation, was_committed,
};
pub use plugin_row::{Installed, Metadata, mark_failed, read, running, set_status, write};
