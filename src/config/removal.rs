//! Parameters of `plugin_uninstall` (SPEC 2 §6). Checks shapes; what they mean is decided in `ops`.

use super::call::Call;
use super::{Argument, Bases, CallError, DatabaseSettings, Limits, Settings};
use crate::model::{GestorRoot, Lang, Phrase};

/// How much of a plugin goes (`modo`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Removal {
    /// Its tree, and what its packages brought (`remover`).
    #[default]
    Remove,
    /// Everything that bears its name (`expurgar`).
    Purge,
}

impl Removal {
    /// All of them, with their words.
    pub const ALL: [(Self, &'static str); 2] = [(Self::Remove, "remover"), (Self::Purge, "expurgar")];

    /// The word.
    pub fn word(self) -> &'static str {
        let found = Self::ALL.iter().find(|(removal, _)| *removal == self);
        found.map_or("", |(_, word)| word)
    }

    /// Reads a word.
    pub fn from_word(word: &str) -> Result<Self, CallError> {
        let found = Self::ALL.iter().find(|(_, known)| *known == word);
        found.map(|(removal, _)| *removal).ok_or_else(|| CallError::WrongValue {
            key: "modo".to_owned(),
            found: word.chars().take(80).collect(),
            allowed: Phrase::of_others(Self::ALL.map(|(_, word)| word).join(", ")),
        })
    }
}

/// Parameters of `plugin_uninstall`.
#[derive(Debug, Clone, PartialEq)]
pub struct UninstallParameters {
    /// The plugin.
    pub slug: String,
    /// How much of it goes.
    pub removal: Removal,
    /// Plan only.
    pub dry_run: bool,
    /// Users may be left without a profile.
    pub force: bool,
    /// Log more.
    pub debug: bool,
    /// What becomes of files that other databases use too.
    pub bases: Bases,
    /// Who asked for it, for the history.
    pub actor: Option<String>,
    /// The gestor.
    pub root: GestorRoot,
    /// Its database.
    pub database: Option<DatabaseSettings>,
    /// The gestor's version.
    pub gestor_version: Option<String>,
    /// Language of the log.
    pub lang: Lang,
    /// Limits of archives.
    pub limits: Limits,
    /// Seconds to wait for the lock.
    pub lock_wait: u64,
}

const UNINSTALL_KEYS: &[&str] = &[
    "slug",
    "modo",
    "dry_run",
    "forcar",
    "debug",
    "bases",
    "ator",
    "raiz",
    "db",
    "gestor_versao",
    "lang",
    "espera_lock",
];

impl UninstallParameters {
    /// Reads a call.
    pub fn read(argument: Argument, settings: &Settings) -> Result<Self, CallError> {
        let call = Call::new(argument, UNINSTALL_KEYS)?;
        Ok(Self {
            slug: call.text("slug")?.unwrap_or_default(),
            removal: call.choice("modo", Removal::from_word, Removal::default())?,
            dry_run: call.flag("dry_run")?,
            force: call.flag("forcar")?,
            debug: call.flag("debug")? || settings.debug,
            bases: call.bases(settings)?,
            actor: call.text("ator")?,
            root: call.root()?,
            database: call.database()?,
            gestor_version: call.text("gestor_versao")?,
            lang: call.lang(settings)?,
            limits: settings.limits,
            lock_wait: call.lock_wait(settings, 0)?,
        })
    }
}
