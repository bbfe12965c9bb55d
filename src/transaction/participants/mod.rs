//! What takes part in a transaction, each with the steps that it needs: promise, prepare, apply, finish, undo. The driver
//! calls them by name.

pub(super) mod absent;
pub(super) mod apart;
pub(super) mod assets;
mod companions;
mod compare;
mod earlier;
pub(super) mod events;
pub(super) mod files;
mod giving;
pub(super) mod history;
pub(super) mod kept;
mod listing;
mod merge;
pub(super) mod migrations;
mod new_tree;
mod old_tree;
mod ready;
pub(super) mod record;
mod recorded;
pub(super) mod returned;
pub(super) mod rows;
pub(super) mod scripts;

pub use absent::rehearse as rehearse_absence;
pub use assets::{look_at as look_at_assets, rehearse as rehearse_assets};
pub use compare::{Fingerprint, TreeChange, compare, is_data};
pub use history::{moment, server, tables as count_tables};
pub use migrations::pending as pending_migrations;
pub use old_tree::list as list_tree;
pub use returned::{Revival, rehearse as rehearse_return};
pub use rows::{RowRules, rehearse as rehearse_rows, tell_notices};

pub(super) use ready::{Backup, Ready, TreesOnDisk};
pub(super) use recorded::Recorded;
