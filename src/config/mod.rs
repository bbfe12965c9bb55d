//! What a call may say, read once: parameters of the call, settings of the machine, limits. Checks shapes; decides
//! nothing. The table of all of them is `parameter`.

mod address;
mod argument;
mod audit;
mod batch;
mod choices;
mod credentials;
mod database;
mod dependency_rules;
mod export;
mod given;
mod index;
mod limits;
mod messages;
mod observe;
mod origin;
pub mod parameter;
mod parameter_type;
mod parameters;
mod plugin_settings;
mod prune;
mod questions;
mod removal;
mod retention;
mod rollback;
mod scripts;
mod setting;
mod settings;
mod signature;
mod signing;
mod site;
mod updates;

pub use argument::{Argument, CallError};
pub use audit::{
    AppendParameters, AppendedRecord, AuditAction, AuditLevel, AuditParameters, AuditRules, WantedRecords,
};
pub use batch::{BatchParameters, PackageList};
pub use choices::{Adoption, Bases, Conflicts, Fusion, Orphans, RowPolicy, Scripts, Tls};
pub use credentials::{CredentialAction, CredentialType, CredentialsParameters};
pub use database::DatabaseSettings;
pub use dependency_rules::DependencyRules;
pub use export::ExportParameters;
pub use given::Given;
pub use index::{IndexAction, IndexParameters, NewIndex, PublishAction, PublishParameters, Published};
pub use limits::{HeldLimit, Limits};
pub use observe::{MetricsFormat, MetricsParameters, Statistics, StatisticsParameters};
pub use origin::{GithubOrigin, IndexOrigin, Origin, OriginKind, UrlOrigin};
pub use parameter::{PARAMETERS, Parameter};
pub use parameter_type::ParameterType;
pub use parameters::{InstallParameters, MarkParameters, PartSwitches, RecoverParameters, SyncParameters};
pub use plugin_settings::{ConfigParameters, ConfigSetParameters, GivenValues};
pub use prune::PruneParameters;
pub use questions::{Choice, Chosen, LookParameters, ResolveParameters, UpdateAllParameters, VerifyParameters};
pub use removal::{PassageParameters, Removal, RestoreParameters, UninstallParameters};
pub use retention::{Pruning, Retention};
pub use rollback::{RollbackParameters, WantedPoint};
pub use scripts::ScriptRules;
pub use setting::{
    DEFAULT_BLACKLIST, DEFAULT_GITHUB_API, DEFAULT_GITHUB_WEB, DEFAULT_HTTP_IDLE, DEFAULT_HTTP_TOTAL, Setting,
};
pub use settings::{Reach, SOCKETS, SettingFault, SettingSource, Settings, starts_nothing, variable};
pub use signature::{SignatureLevel, SignatureRules};
pub use signing::{SignParameters, SignatureParameters, Signing, Unsigned};
pub use site::Site;
pub use updates::{UpdatePolicyParameters, UpdateRunParameters};
