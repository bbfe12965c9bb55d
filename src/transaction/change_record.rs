//! What is told and remembered of a change besides what it does: for the history, and for merging. Values only.

use crate::data::TableRows;
use crate::history::Action;
use crate::model::Slug;
use crate::registry::State;

/// What is told and remembered of a change.
pub struct ChangeRecord<'p> {
    /// What is done.
    pub action: Action,
    /// Parameters of the call, as JSON, without secrets.
    pub parameters: Option<String>,
    /// Number of the batch that it is a part of.
    pub batch: Option<&'p str>,
    /// Who asked for it.
    pub actor: Option<&'p str>,
    /// The version that is installed.
    pub version: Option<String>,
    /// What is recorded of the plugin.
    pub state: Option<State>,
    /// SHA-256 of the package of the current point.
    pub checksum: Option<String>,
    /// Where the base comes from.
    pub base: BaseSource,
    /// Whose status says whether they have what they need.
    pub waiting: Waiting,
    /// Another installer was here: what it says that it installed.
    pub external: Option<Outside>,
}

/// Plugins that lack something that they need, or do not any more, once the change stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Waiting {
    /// These wait.
    pub begin: Vec<Slug>,
    /// These waited.
    pub end: Vec<Slug>,
}

/// Where what packages last brought is known from.
#[derive(Default)]
pub enum BaseSource {
    /// It is recorded.
    #[default]
    Recorded,
    /// It is not, but the package is there.
    Package(Vec<TableRows>),
    /// Nobody knows.
    Unknown,
}

/// What another installer left.
pub struct Outside {
    /// The version that it recorded.
    pub version: Option<String>,
    /// The SHA-256 that it recorded.
    pub checksum: Option<String>,
}

impl ChangeRecord<'_> {
    /// An account of which nothing but the action is known.
    pub fn of(action: Action) -> Self {
        Self {
            action,
            parameters: None,
            batch: None,
            actor: None,
            version: None,
            state: None,
            checksum: None,
            base: BaseSource::Recorded,
            waiting: Waiting::default(),
            external: None,
        }
    }
}
