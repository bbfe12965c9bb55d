//! What a plugin can need: another plugin, the gestor, PHP (SPEC 2 §7). Owns the words; must not know who has them.

use std::fmt;

use super::{Slug, VersionRange};

/// What can be needed, and has versions.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Component {
    /// The gestor itself.
    Gestor,
    /// The PHP that runs it.
    Php,
    /// A plugin.
    Plugin(Slug),
}

impl Component {
    /// What a manifest calls by a name that no plugin may have.
    pub fn reserved(name: &str) -> Option<Self> {
        match name {
            "gestor" => Some(Self::Gestor),
            "php" => Some(Self::Php),
            _ => None,
        }
    }
}

impl fmt::Display for Component {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gestor => "gestor",
            Self::Php => "php",
            Self::Plugin(slug) => slug.as_str(),
        })
    }
}

/// That a version of a plugin needs something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    /// What is needed.
    pub on: Component,
    /// In which versions.
    pub range: VersionRange,
    /// Whether it may be absent; where it is there, the range binds.
    pub optional: bool,
}
