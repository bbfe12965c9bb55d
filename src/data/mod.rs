//! What a site's database looks like after an installation (SPEC §6).
//!
//! ```text
//! data files ──parse_data_file──▶ rows ─┐
//! descriptors (room `resources`) ──────┴▶ TableRows ──plan──▶ Plan ──apply──▶ database
//! ```
//!
//! Inside one transaction: [`plan`] checks every value, finds and locks the rows that are meant, and compares contents;
//! [`Plan::check`] stops at conflicts; [`write_adopted`] and [`write_orphans`] set contents aside; [`apply`] writes.
//! A dry run ends after [`plan`]. Whatever fails, the caller rolls back. Errors tell whether the package's shape is at
//! fault ([`DataError::is_shape`]) and whether running again may help ([`DataError::is_retryable`]).
//!
//! The package's rows stay in a [`RowStore`], mostly on disk; they and the table's contents are gone through in windows.
//!
//! Six sub-rooms, each of which names only those before it: `package` (what packages bring), `table` (what tables are
//! like), `fit` (what fits what: values, keys, digests), `sql` (statements as texts), `plan` (finding, comparing, merging,
//! deciding), `write`. Deciding is pure. These read the database: `table::inspect`; in `plan` `fetch`, `contents`,
//! `known_table`, `compare`, `merge_study`, `park`, `paths` and `standing`, which `study` conducts; for a plugin that goes,
//! `absence_study`. `fit::gestor_files` reads the gestor's `db/data/`. `write::apply`, `write::leaving` and
//! `write::departing` change rows, `write::export` copies out.

mod fit;
mod package;
mod plan;
mod sql;
mod table;
mod write;

pub use fit::change::{ColumnChange, NewValue};
pub use fit::core_keys::{CoreTable, write as write_core_keys};
pub use fit::find::PrimaryKey;
pub use fit::gestor_files::{CoreKeys, read_contracts};
pub use package::conflict::{Conflict, ConflictReason, Notice};
pub use package::data_file::{DataFileError, parse as parse_data_file, parse_each as parse_data_rows};
pub use package::error::{DataError, RefusedRow};
pub use package::fault::{Fault, FaultKind, RowPlace};
pub use package::hanging::{HangingFate, HangingRows};
pub use package::json_text::compact as compact_json;
pub use package::row_store::RowStore;
pub use package::table_name::{derive as derive_table, is_forbidden, of_file as table_of_file};
pub use package::tables::{TableRows, Tables};
pub use plan::absence::{Absence, AdoptedRow, Departing, Going, Naming, Staying, StayingRow, TableAbsence};
pub use plan::absence_study::plan_absence;
pub use plan::comeback::{Comeback, Kept, KeptRow, Moved};
pub use plan::comeback_keys::TableKeys;
pub use plan::comeback_parents::Parents;
pub use plan::comeback_study::{Returning, returning_tables};
pub use plan::conflicted_row::{ConflictedRow, NamedRow, OwnRow, standing_order};
pub use plan::give_back::{give_back, saved_of};
pub use plan::merge::MergeRules;
pub use plan::merge_call::{Merging, RecordedConflict, ReturnedField, Trust};
pub use plan::on_empty::{CoreRow, core_rows, plan_on_empty};
pub use plan::park::Park;
pub use plan::plan::{Plan, PlannedRow, TablePlan};
pub use plan::remember::TableMerge;
pub use plan::request::Request;
pub use plan::returning::Returned;
pub use plan::spare::{shared_tables, spare_parents, spare_shared};
pub use plan::standing::{CurrentRow, CurrentTable, standing_tables};
pub use plan::standing_write::{Decided, FieldWrite, Put};
pub use plan::study::{plan, plan_merged};
pub use plan::update::Update;
pub use table::contract::{Contract, Contracts, Declaration, Declarations, KeyRule, may_lack_owner};
pub use table::inspect::count_rows;
pub use table::known::{KnownRelease, write_tables};
pub use table::schema::{Column, ColumnType, DefaultValue, Reference, TableSchema, UniqueIndex};
pub use write::apply::{RowsWritten, apply, apply_merged};
pub use write::batch::statements;
pub use write::comeback::{Unchecked, Written, check_references, write_comeback};
pub use write::departing::{apply_absence, write_going};
pub use write::export::{orphan_tables, write_adopted, write_orphans};
pub use write::leaving::{SaveRow, apply_left, complete_base, save_values};
pub use write::rebuild::rebuild_base;
