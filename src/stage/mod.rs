//! The files of an operation: staging, backup, swap, kept package, and the journal by which all of it ends as exactly the
//! old or exactly the new state (SPEC §4, §5, §9). Knows nothing of rows; must not decide whether an operation committed.
//!
//! # How an operation uses it
//!
//! ```text
//! root   = stage::settle(root)                       real paths, no links below them
//! owner  = stage::owner(root)
//! stage::prepare_work(root)                           temp/plugins/ for the lock file
//! lock   = FileLock::take(root.lock_file(slug), …)
//! Journal::read(root, slug)                           Some: recover it first (below); None: go on
//! layout = stage::layout(root, slug, owner)           where the tree is put together
//! stage::open(layout, owner)                          fresh, private; leftovers without a journal go
//!   … package into layout.package(), checks …         a dry run ends here with stage::clear
//! journal = Journal::new(layout, now, promises); journal.write(layout)         synced, 1st of 2
//! stage::create_tree(layout, owner), extract, chown_tree(tree, layout.tree(), owner)
//! backup::prepare(layout, now, owner, pack, verify)   under a temporary name
//! kept::prepare(layout, package, version, digest, …)   under a temporary name
//!   … migrations, transaction (Snapshot::write in it), row of the operation …
//! journal.announce_swap(layout, tree, backup, version) syncfs, then synced, 2nd of 2
//! swap::perform(layout, journal)
//!   … COMMIT …
//! finish(journal, layout)                             or undo(journal, layout) without a commit
//!   … row of the operation removed …                  only after the journal is closed
//! stage::clear(root, slug)                            the rest of staging
//! ```
//!
//! Whenever a step fails before the commit: roll back, then [`undo`] and [`clear`]. When the outcome of the commit is not
//! known: do neither, the journal stays. To recover: `Journal::read`, `journal.layout`, ask the database under its lock
//! whether [`Journal::operation`] committed, then [`finish`] or [`undo`], then remove the row, then [`clear`]. Where there
//! is no journal, [`clear`] alone. All of these can be repeated.

mod action;
pub mod assets;
pub mod backup;
pub mod bases;
pub mod begun;
mod built;
mod cleanup;
#[cfg(test)]
mod disk_tests;
mod durable;
#[cfg(test)]
mod edge_tests;
mod error;
mod installed;
mod journal;
pub mod kept;
#[cfg(test)]
mod kill_tests;
pub mod late_rows;
mod layout;
mod leftover;
mod list_file;
pub mod lock_file;
mod messages;
mod premises;
mod recover;
pub mod removed;
pub mod retained;
pub mod running;
mod set_staging;
mod site;
mod snapshot;
pub mod statistics;
pub mod swap;
#[cfg(test)]
mod swap_tests;
#[cfg(test)]
mod tests;
mod tree_facts;
mod trees;
mod twin;
mod uploads;
mod written;

pub use action::{Action, StepsDone, apply};
pub use backup::PreparedBackup;
pub use built::Built;
pub use cleanup::{clear, close_dry_run, create_container, create_tree, layout, open, open_dry_run, pending, rescue};
pub use error::{StageError, StepError};
pub use installed::{installed_bytes, installed_package, installed_text};
pub use journal::{Journal, Phase, Promises};
pub use layout::{Layout, Place};
pub use leftover::{Leftover, sweep};
pub use premises::{
    assets_owner, check_premises, check_writable, is_gestor, kept_owner, log_owner, owner, prepare_plugins,
    prepare_work, settle, trust_owner, work_owner,
};
pub use recover::{TreesOnDisk, decide, finish, undo};
pub use set_staging::{SetStaging, sweep_sets};
pub use site::{check_mounts, check_place};
pub use snapshot::Snapshot;
pub use tree_facts::{FileFacts, TreeFacts};
pub use trees::{Paths, Trees};
pub use twin::without_twin;
pub use uploads::find_upload;
pub use written::WrittenThrough;
