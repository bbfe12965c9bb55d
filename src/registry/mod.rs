//! The plugin's row in `plugins`, and our own tables: running operations, which database this is, the state of each
//! plugin, conflicts, values set aside (SPEC §10, §5.13, SPEC 2 §1).
//!
//! Owns what these tables hold and the statements that write them; must not decide which status comes next, nor
//! begin or end a transaction.

mod brief;
mod comeback;
mod conflicts;
mod departure;
mod error;
mod hooks;
mod listed;
mod messages;
mod migrations;
mod operations;
mod plugin_row;
mod row_text;
mod saved_values;
mod schema;
mod settings;
mod state;
mod steps;

pub use brief::{Brief, briefs};
pub use comeback::{Record, pause_row, put_records, recorded_state, revive_row, revive_status};
pub use conflicts::{Closing, KnownConflict, close_conflicts, read_conflicts, record_conflicts};
pub use departure::{clear_row, forget_all, forget_conflicts, records_of, restore_row};
pub use error::RegistryError;
pub use hooks::{Hook, hooked_plugins, hooks, remove_hook, remove_hooks_of};
pub use listed::{Listed, list};
pub use migrations::{
    InheritedLog, LogClaims, MigrationLog, applied_in, forget_migrations, log_name, log_rivals, logged,
    note_migrations, standing_logs,
};
pub use operations::{OperationId, close_operation, open_operations, record_operation, was_committed};
pub use plugin_row::{
    Installed, Metadata, RecordedOrigin, end_failed, erase_credential, mark_failed, number, read, recorded_origin,
    recorded_slug, row_before, running, set_status, set_waiting, write,
};
pub use saved_values::{StoredRow, drop_saved, read_saved, save};
pub use schema::{IsNew, identify, origin, prepare, prepare_for, release_schema, take_schema, weak_commits};
pub use settings::{change_setting, read_setting};
pub use state::{
    Point, State, forget_archive, note_token, note_verification, points, read_state, read_states, write_files,
    write_log, write_pending, write_state,
};
pub use steps::Feature;
