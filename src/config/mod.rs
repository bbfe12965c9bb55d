//! What a call may say, read once: parameters of the call, settings of the machine, limits. Checks shapes; decides
//! nothing.

mod argument;
mod limits;
mod parameters;
mod settings;

pub use argument::{Argument, CallError};
pub use limits::Limits;
pub use parameters::{
    Adoption, Conflicts, DatabaseSettings, InstallParameters, MarkParameters, Origin, Orphans, RecoverParameters,
    SyncParameters,
};
pub use settings::Settings;
