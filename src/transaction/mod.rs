//! The engine of every operation that changes something. What should be is a [`Change`]; the steps that bring it about for
//! a set of plugins stand in `driver`, in their order; what takes part in them in `participants`.
//!
//! | file | what it does |
//! | --- | --- |
//! | `change`, `change_record`, `run` | what should be, and what is told of it; a change on its way |
//! | `context`, `counted` | what every step is given; as what an operation is counted |
//! | `session` | the locks of all plugins of a set, and the connection |
//! | `driver` | the steps, and what is undone when one fails |
//! | `contract`, `way_back`, `giving_up` | what is taken away of the schema after the commit; which migrations are undone so; what is dropped in their place |
//! | `life`, `neighbours`, `schema_copy` | what migrations made and who else uses it; what is copied out before it goes |
//! | `late_rows` | calls the runner for a way back; what pages wrote after the copy comes into one more |
//! | `scripts` | post-installation scripts, after all of that |
//! | `commit` | the commit point, and the question after a lost answer |
//! | `schema_back` | what was taken away of a schema, and comes back |
//! | `removed`, `forget` | the archive of a plugin that went, as it is read; a plugin of which nothing is kept |
//! | `participants` | files, assets, rows, merging, rows of a plugin that goes or comes back, kept rows, record, history, migrations, scripts |
//! | `prune`, `kept_archive`, `needed` | what is kept of a plugin and may go; whose an archive is; the packages that a database needs |
//! | `recover`, `interrupted`, `left_migrations` | what a killed run left, whether it committed, what stays of its migrations |
//! | `sharing`, `domains` | which databases use the tree, and whose domain each is |
//! | `tell` | report and log |
//!
//! Whatever fails before the commit is undone; the journals, written before anything that they name, let a later process
//! do the same (SPEC §9). Must not know which operation it serves.

mod change;
mod change_record;
mod commit;
mod context;
mod contract;
mod counted;
mod domains;
mod driver;
mod error;
mod forget;
mod giving_up;
mod interrupted;
mod interrupted_messages;
mod kept_archive;
mod late_rows;
mod left_migrations;
mod life;
mod lock_file;
mod messages;
mod needed;
mod neighbours;
mod participants;
mod prune;
mod recover;
mod removed;
mod returned_phrases;
mod run;
mod schema_back;
mod schema_copy;
mod schema_phrases;
mod scripts;
mod session;
pub mod sharing;
mod tell;
mod way_back;

pub use change::{Arrival, Change, Departure, OldTree, Paused, Return, Target};
pub use change_record::{BaseSource, ChangeRecord, Outside, Waiting};
pub use commit::CommitError;
pub use context::{Context, SiteAccess, TransactionReporter};
pub use contract::{Contract, Contracted, contract};
pub use domains::{domains_of, read_settings, unread_settings};
pub use driver::{carry_out, promise};
pub use error::TransactionError;
pub use forget::{forget, forget_now};
pub use interrupted::InterruptedError;
pub use life::{Life, applied_migrations, made_by, migration_log};
pub use lock_file::lock_file_of;
pub use neighbours::Neighbours;
pub use participants::{
    Fingerprint, Revival, RowRules, TreeChange, compare, count_tables, is_data, list_tree, look_at_assets, moment,
    pending_migrations, rehearse_absence, rehearse_assets, rehearse_return, rehearse_rows, server, tell_notices,
};
pub use prune::{Pruned, Pruning, prune};
pub use recover::{Recovery, clear_status, settle, tell_waiting};
pub use removed::{About, Removed};
pub use run::Run;
pub use schema_back::SchemaBack;
pub use scripts::{RanScripts, WantedScripts, run_scripts, scripts_end};
pub use session::{Session, SessionError, check_root, log_of};
pub use sharing::Sharing;
pub use tell::{absence as tell_absence, conflicts as tell_conflicts, revival as tell_revival, rows as tell_rows};
pub use way_back::{AppliedAfter, Irreversible, applied_after, way_back};
