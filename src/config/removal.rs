//! Parameters of `plugin_uninstall`, `plugin_disable`, `plugin_restore` and `plugin_enable` (SPEC 2 §6). Checks shapes; what they mean is decided in `ops`.

use super::call::Call;
use super::parameters::read_callable;
use super::{Argument, Bases, CallError, Conflicts, DatabaseSettings, Limits, Settings};
use crate::model::{GestorRoot, Lang, Phrase};

/// How much of a plugin goes (`modo`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Removal {
    /// Its tree, and what its packages brought (`remover`).
    #[default]
    Remove,
    /// Everything that bears its name (`expurgar`).
    Purge,
    /// The same as [`Self::Remove`], and permissions of its modules that nobody owns: all of it comes back
    /// (`plugin_disable`).
    Pause,
}

impl Removal {
    /// Those that a call chooses from, with their words.
    pub const ALL: [(Self, &'static str); 2] = [(Self::Remove, "remover"), (Self::Purge, "expurgar")];

    /// The word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Remove => "remover",
            Self::Purge => "expurgar",
            Self::Pause => "pausar",
        }
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
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of a call")]
pub struct UninstallParameters {
    /// The plugin.
    pub slug: String,
    /// How much of it goes.
    pub removal: Removal,
    /// Plan only.
    pub dry_run: bool,
    /// Users may be left without a profile.
    pub force: bool,
    /// Nothing is kept by which it could come back.
    pub forgets: bool,
    /// The caller can run migrations, and undo them.
    pub can_migrate: bool,
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
    "sem_retorno",
    "migracoes",
    "debug",
    "bases",
    "ator",
    "raiz",
    "db",
    "gestor_versao",
    "lang",
    "espera_lock",
];

const DISABLE_KEYS: &[&str] = &[
    "slug",
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
    /// Reads a call of `plugin_uninstall`.
    pub fn read(argument: Argument, settings: &Settings) -> Result<Self, CallError> {
        let call = Call::new(argument, UNINSTALL_KEYS)?;
        let removal = call.choice("modo", Removal::from_word, Removal::default())?;
        let forgets = call.flag("sem_retorno")?;
        Ok(Self {
            forgets,
            can_migrate: read_callable(&call)?,
            ..Self::of(&call, removal, settings)?
        })
    }

    /// Reads a call of `plugin_disable`: the same, but how much goes is no choice.
    pub fn read_disable(argument: Argument, settings: &Settings) -> Result<Self, CallError> {
        Self::of(&Call::new(argument, DISABLE_KEYS)?, Removal::Pause, settings)
    }

    fn of(call: &Call, removal: Removal, settings: &Settings) -> Result<Self, CallError> {
        Ok(Self {
            slug: call.text("slug")?.unwrap_or_default(),
            removal,
            dry_run: call.flag("dry_run")?,
            force: call.flag("forcar")?,
            forgets: false,
            can_migrate: false,
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

/// Parameters of `plugin_restore` and `plugin_enable`.
#[derive(Debug, Clone, PartialEq)]
pub struct RestoreParameters {
    /// The plugin.
    pub slug: String,
    /// It is paused, and comes back; else it was uninstalled.
    pub enables: bool,
    /// Plan only.
    pub dry_run: bool,
    /// What rows do whose keys others have.
    pub conflicts: Conflicts,
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

const RESTORE_KEYS: &[&str] = &[
    "slug",
    "dry_run",
    "conflitos",
    "debug",
    "bases",
    "ator",
    "raiz",
    "db",
    "gestor_versao",
    "lang",
    "espera_lock",
];

impl RestoreParameters {
    /// Reads a call of `plugin_restore`.
    pub fn read(argument: Argument, settings: &Settings) -> Result<Self, CallError> {
        Self::of(argument, false, settings)
    }

    /// Reads a call of `plugin_enable`.
    pub fn read_enable(argument: Argument, settings: &Settings) -> Result<Self, CallError> {
        Self::of(argument, true, settings)
    }

    fn of(argument: Argument, enables: bool, settings: &Settings) -> Result<Self, CallError> {
        let call = Call::new(argument, RESTORE_KEYS)?;
        Ok(Self {
            slug: call.text("slug")?.unwrap_or_default(),
            enables,
            dry_run: call.flag("dry_run")?,
            conflicts: call.choice("conflitos", Conflicts::from_word, settings.conflicts)?,
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
