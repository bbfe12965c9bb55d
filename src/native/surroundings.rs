//! What the process finds around it: its environment, read once, and whether somebody looks.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::config::Settings;
use crate::model::{Lang, Secret};

/// What the process finds around it. Secrets are in it: it is not shown.
#[derive(Clone)]
pub(super) struct Surroundings {
    /// The machine's settings.
    pub(super) settings: Settings,
    /// The folder that it was started in.
    pub(super) folder: PathBuf,
    environment: Vec<(String, String)>,
}

/// A password of the database that is on no command line.
const PASSWORD: &str = "GESTOR_PLUGINS_DB_PASSWORD";
/// The setting of the language.
const LANG: &str = "GESTOR_PLUGINS_LANG";

impl Surroundings {
    /// Reads the environment.
    pub(super) fn read() -> Self {
        let text = |part: OsString| part.to_string_lossy().into_owned();
        let environment: Vec<_> = std::env::vars_os()
            .map(|(name, value)| (text(name), text(value)))
            .collect();
        Self {
            settings: Settings::resolve(&|_| None, &environment),
            folder: std::env::current_dir().unwrap_or_else(|_| Path::new("/").to_owned()),
            environment,
        }
    }

    /// A variable that is not empty.
    pub(super) fn variable(&self, name: &str) -> Option<&str> {
        let found = self.environment.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// The language that is spoken where no gestor says another.
    pub(super) fn lang(&self) -> Lang {
        self.settings.lang
    }

    /// Whether somebody said the language.
    pub(super) fn says_lang(&self) -> bool {
        self.variable(LANG).is_some()
    }

    /// The database's password, where the environment has it.
    pub(super) fn password(&self) -> Option<Secret> {
        self.variable(PASSWORD).map(Secret::new)
    }

    /// Whether a terminal is shown colours (<https://no-color.org>).
    pub(super) fn has_colours(&self) -> bool {
        self.variable("NO_COLOR").is_none() && self.is_able_terminal()
    }

    /// Whether a terminal, where there is one, can do more than lines.
    pub(super) fn is_able_terminal(&self) -> bool {
        !matches!(self.variable("TERM"), None | Some("dumb"))
    }
}
