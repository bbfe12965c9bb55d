//! Parameters of `plugin_uninstall` (SPEC 2 §6). Checks shapes; what they mean is decided in `ops`.

use super::parameter::{
    ACTOR, BASES, DATABASE, DEBUG, DRY_RUN, FORCE, GESTOR_VERSION, LANG, LOCK_WAIT, MODE, ROOT, SLUG,
};
use super::{Argument, Bases, CallError, Given, Parameter, Settings, Site};
use crate::model::Phrase;

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
    pub fn from_word(key: &str, word: &str) -> Result<Self, CallError> {
        let found = Self::ALL.iter().find(|(_, known)| *known == word);
        found.map(|(removal, _)| *removal).ok_or_else(|| CallError::WrongValue {
            key: key.to_owned(),
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
    pub site: Site,
}

impl UninstallParameters {
    /// What it takes.
    pub const TAKES: &'static [Parameter] = &[
        SLUG,
        MODE,
        DRY_RUN,
        FORCE,
        DEBUG,
        BASES,
        ACTOR,
        ROOT,
        DATABASE,
        GESTOR_VERSION,
        LANG,
        LOCK_WAIT,
    ];

    /// Reads a call.
    pub fn read(argument: Argument, settings: &Settings) -> Result<Self, CallError> {
        let given = Given::new(argument, Self::TAKES)?;
        Ok(Self {
            slug: given.text(&SLUG)?.unwrap_or_default(),
            removal: given.choice(&MODE, Removal::from_word, Removal::default())?,
            dry_run: given.flag(&DRY_RUN)?,
            force: given.flag(&FORCE)?,
            debug: given.flag(&DEBUG)? || settings.debug,
            bases: given.bases(settings)?,
            actor: given.text(&ACTOR)?,
            site: Site::read(&given, settings, 0)?,
        })
    }
}
