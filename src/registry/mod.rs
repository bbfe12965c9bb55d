//! The plugin's row in `plugins`, and our own tables: running operations, and which database this is (SPEC §10, §5.13).
//!
//! Owns what these tables hold and the statements that write them; must not decide which status comes next, nor
//! begin or end a transaction.

mod error;
mod messages;
mod operations;
mod plugin_row;
mod schema;

pub use error::RegistryError;
pub use operations::{OperationId, close_operation, open_operations, record_operation, was_committed};
pub use plugin_row::{Installed, Metadata, mark_failed, read, running, set_status, write};
pub use schema::{IsNew, identify, prepare, weak_commits};
