//! What a call may say, read once: parameters of the call, settings of the machine, limits. Checks shapes; decides
//! nothing.

mod argument;
mod choices;
mod database;
mod limits;
mod parameters;
mod settings;

pub use argument::{Argument, CallError};
pub use choices::{Adoption, Conflicts, Origin, Orphans};
pub use database::DatabaseSettings;
pub use limits::Limits;
pub use parameters::{InstallParameters, MarkParameters, RecoverParameters, RowPolicy, SyncParameters};
pub use settings::Settings;
