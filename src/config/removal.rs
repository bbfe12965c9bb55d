//! Parameters of `plugin_uninstall`, `plugin_disable`, `plugin_restore` and `plugin_enable` (SPEC 2 §6). Checks shapes;
//! what they mean is decided in `ops`.

use super::choices::{said, word};
use super::parameter::{
    ACTOR, BASES, CASCADE, CONFLICTS, DATABASE, DEBUG, DRY_RUN, FORCE, GESTOR_VERSION, IGNORE_DEPENDENCIES, LANG,
    LOCK_WAIT, MIGRATIONS, MODE, NO_RETURN, PHP_VERSION, ROOT, SIGNATURE, SLUG, TRUST,
};
use super::{Argument, Bases, CallError, Conflicts, Given, Parameter, Settings, Site};
use crate::model::Phrase;

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
    /// Those that a call chooses from.
    const WORDS: [(&'static str, Self); 2] = [("remover", Self::Remove), ("expurgar", Self::Purge)];

    /// The word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pause => "pausar",
            chosen => said(&chosen, &Self::WORDS),
        }
    }

    /// Reads a word.
    pub fn from_word(key: &str, value: &str) -> Result<Self, CallError> {
        word(key, value, &Self::WORDS)
    }
}

/// What going and coming have in common.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of a call")]
pub struct PassageParameters {
    /// The plugin.
    pub slug: String,
    /// Plan only.
    pub dry_run: bool,
    /// It may lack what it needs, and others may lack it.
    pub ignores_dependencies: bool,
    /// The caller can run migrations, and undo them.
    pub can_migrate: bool,
    /// Log more.
    pub debug: bool,
    /// What becomes of files that other databases use too.
    pub bases: Bases,
    /// Who asked for it, for the history.
    pub actor: Option<String>,
    /// The gestor.
    pub site: Site,
}

impl PassageParameters {
    fn of(given: &Given, settings: &Settings) -> Result<Self, CallError> {
        Ok(Self {
            slug: given.text(&SLUG)?.unwrap_or_default(),
            dry_run: given.flag(&DRY_RUN)?,
            ignores_dependencies: given.flag(&IGNORE_DEPENDENCIES)?,
            can_migrate: given.takes(&MIGRATIONS) && given.can_migrate()?,
            debug: given.flag(&DEBUG)? || settings.debug,
            bases: given.bases(settings)?,
            actor: given.text(&ACTOR)?,
            site: Site::read(given, settings, 0)?,
        })
    }
}

/// Parameters of `plugin_uninstall`.
#[derive(Debug, Clone, PartialEq)]
pub struct UninstallParameters {
    /// What it has in common with coming back.
    pub passage: PassageParameters,
    /// How much of it goes.
    pub removal: Removal,
    /// Users may be left without a profile.
    pub force: bool,
    /// Nothing is kept by which it could come back.
    pub forgets: bool,
    /// Plugins that need it go as well.
    pub cascades: bool,
}

impl UninstallParameters {
    /// What `plugin_uninstall` takes.
    pub const TAKES: &'static [Parameter] = &[
        SLUG,
        MODE,
        NO_RETURN,
        CASCADE,
        DRY_RUN,
        FORCE,
        IGNORE_DEPENDENCIES,
        DEBUG,
        BASES,
        ACTOR,
        ROOT,
        DATABASE,
        GESTOR_VERSION,
        PHP_VERSION,
        LANG,
        MIGRATIONS,
        LOCK_WAIT,
    ];
    /// What `plugin_disable` takes.
    pub const DISABLE_TAKES: &'static [Parameter] = &[
        SLUG,
        CASCADE,
        DRY_RUN,
        FORCE,
        IGNORE_DEPENDENCIES,
        DEBUG,
        BASES,
        ACTOR,
        ROOT,
        DATABASE,
        GESTOR_VERSION,
        PHP_VERSION,
        LANG,
        LOCK_WAIT,
    ];

    /// Reads a call of `plugin_uninstall`.
    pub fn read(argument: Argument, settings: &Settings) -> Result<Self, CallError> {
        let given = Given::new(argument, Self::TAKES)?;
        let allowed = Phrase::of_others(Removal::WORDS.map(|(word, _)| word).join(", "));
        let said = given.meant(&MODE, allowed)?;
        let removal = said.map_or(Ok(Removal::default()), |word| Removal::from_word(MODE.name, &word))?;
        Ok(Self {
            forgets: given.flag(&NO_RETURN)?,
            ..Self::of(&given, removal, settings)?
        })
    }

    /// Reads a call of `plugin_disable`: the same, but how much goes is no choice.
    pub fn read_disable(argument: Argument, settings: &Settings) -> Result<Self, CallError> {
        let given = Given::new(argument, Self::DISABLE_TAKES)?;
        Self::of(&given, Removal::Pause, settings)
    }

    fn of(given: &Given, removal: Removal, settings: &Settings) -> Result<Self, CallError> {
        Ok(Self {
            passage: PassageParameters::of(given, settings)?,
            removal,
            force: given.flag(&FORCE)?,
            forgets: false,
            cascades: given.flag(&CASCADE)?,
        })
    }
}

/// Parameters of `plugin_restore` and `plugin_enable`.
#[derive(Debug, Clone, PartialEq)]
pub struct RestoreParameters {
    /// What it has in common with going.
    pub passage: PassageParameters,
    /// It is paused, and comes back; else it was uninstalled.
    pub enables: bool,
    /// What rows do whose keys others have.
    pub conflicts: Conflicts,
}

impl RestoreParameters {
    /// What both take.
    pub const TAKES: &'static [Parameter] = &[
        SLUG,
        DRY_RUN,
        IGNORE_DEPENDENCIES,
        CONFLICTS,
        DEBUG,
        BASES,
        SIGNATURE,
        TRUST,
        ACTOR,
        ROOT,
        DATABASE,
        GESTOR_VERSION,
        PHP_VERSION,
        LANG,
        MIGRATIONS,
        LOCK_WAIT,
    ];

    /// Reads a call of `plugin_restore`.
    pub fn read(argument: Argument, settings: &Settings) -> Result<Self, CallError> {
        Self::of(argument, false, settings)
    }

    /// Reads a call of `plugin_enable`.
    pub fn read_enable(argument: Argument, settings: &Settings) -> Result<Self, CallError> {
        Self::of(argument, true, settings)
    }

    fn of(argument: Argument, enables: bool, settings: &Settings) -> Result<Self, CallError> {
        let given = Given::new(argument, Self::TAKES)?;
        Ok(Self {
            passage: PassageParameters::of(&given, settings)?,
            enables,
            conflicts: given.choice(&CONFLICTS, Conflicts::from_word, settings.policy.conflicts)?,
        })
    }
}
