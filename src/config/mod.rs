//! What a call may say, read once: parameters of the call, settings of the machine, limits. Checks shapes; decides
//! nothing.

mod argument;
mod call;
mod choices;
mod database;
mod limits;
mod messages;
mod parameters;
mod questions;
mod removal;
mod rollback;
mod settings;

pub use argument::{Argument, CallError};
pub use choices::{Adoption, Bases, Conflicts, Fusion, Origin, Orphans, RowPolicy, Tls};
pub use database::DatabaseSettings;
pub use limits::{HeldLimit, Limits};
pub use parameters::{InstallParameters, MarkParameters, RecoverParameters, SyncParameters};
pub use questions::{Choice, Chosen, LookParameters, ResolveParameters, UpdateAllParameters, VerifyParameters};
pub use removal::{Removal, RestoreParameters, UninstallParameters};
pub use rollback::{RollbackParameters, WantedPoint};
pub use settings::{
    DEFAULT_BLACKLIST, DEFAULT_GITHUB_API, DEFAULT_GITHUB_WEB, DEFAULT_HTTP_IDLE, DEFAULT_HTTP_TOTAL, Reach,
    SettingFault, SettingSource, Settings,
};
