//! The words that a call or a setting chooses between, and what they mean. Decides nothing by them.

use super::{CallError, messages};
use crate::model::{Lang, Phrase};

/// When a row without owner becomes the plugin's (`adocao`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Adoption {
    /// Rows that are not core rows (`orfaos`).
    #[default]
    Orphans,
    /// None (`nunca`).
    Never,
    /// Core rows too (`sempre`).
    Always,
}

/// What a conflict does (`conflitos`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Conflicts {
    /// Stops the installation (`abortar`).
    #[default]
    Abort,
    /// Leaves the rows alone (`pular`).
    Skip,
}

/// What becomes of a value that both a user and the package changed (`fusao`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fusion {
    /// The user's stays, the package's waits (`minha`).
    #[default]
    Mine,
    /// The package's is written, the user's saved (`pacote`).
    Package,
    /// The installation stops (`abortar`).
    Abort,
}

/// What becomes of the scripts of a package (`scripts`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scripts {
    /// They are not run, and an operator is told of them (`avisar`).
    #[default]
    Tell,
    /// They are run (`executar`).
    Run,
}

/// What becomes of the files of a plugin that other databases use too (`bases`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Bases {
    /// They are not changed (`recusar`).
    #[default]
    Refuse,
    /// They are changed with this database alone (`esta`).
    This,
    /// A database that is gone for good is struck out first, by the first digits of its identity (`esquecer:<identity>`).
    Forget(String),
}

/// What happens to rows that the package no longer brings (`orfaos`). Those that a user edited are always kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Orphans {
    /// Counted and told (`log`).
    #[default]
    Log,
    /// Written to a file as well (`export`).
    Export,
    /// Not looked for (`ignore`).
    Ignore,
    /// Their `status` becomes `I` (`inativar`).
    Inactivate,
    /// Deleted (`remover`).
    Remove,
}

/// What is done about rows that are not simply the plugin's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RowPolicy {
    /// `adocao`.
    pub adoption: Adoption,
    /// `conflitos`.
    pub conflicts: Conflicts,
    /// `orfaos`.
    pub orphans: Orphans,
}

/// Whether the connection to the database is encrypted (`db.tls`). One by a socket never is: it stays on this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tls {
    /// Never (`off`), as PHP's own clients where nobody asks them to.
    #[default]
    Off,
    /// Where the server can (`preferred`); who it is is not checked.
    Preferred,
    /// Always (`required`); who it is is not checked.
    Required,
    /// Always, and only with a server whose certificate is of an authority that is trusted and names the host (`verify`).
    Verify,
}

pub(super) fn word<T: Clone>(key: &str, value: &str, words: &[(&str, T)]) -> Result<T, CallError> {
    words
        .iter()
        .find(|(word, _)| *word == value)
        .map(|(_, meaning)| meaning.clone())
        .ok_or_else(|| CallError::WrongValue {
            key: key.to_owned(),
            found: value.chars().take(80).collect(),
            allowed: Phrase::of_others(words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ")),
        })
}

pub(super) fn said<T: PartialEq>(meaning: &T, words: &[(&'static str, T)]) -> &'static str {
    words
        .iter()
        .find(|(_, found)| found == meaning)
        .map_or("", |(word, _)| word)
}

impl Adoption {
    const WORDS: [(&'static str, Self); 3] = [
        ("orfaos", Self::Orphans),
        ("nunca", Self::Never),
        ("sempre", Self::Always),
    ];

    /// Reads `adocao`.
    pub fn from_word(key: &str, value: &str) -> Result<Self, CallError> {
        word(key, value, &Self::WORDS)
    }

    /// The word that is said for it.
    pub fn word(self) -> &'static str {
        said(&self, &Self::WORDS)
    }
}

impl Tls {
    const WORDS: [(&'static str, Self); 4] = [
        ("off", Self::Off),
        ("preferred", Self::Preferred),
        ("required", Self::Required),
        ("verify", Self::Verify),
    ];

    /// Reads `db.tls`.
    pub fn from_word(key: &str, value: &str) -> Result<Self, CallError> {
        word(key, value, &Self::WORDS)
    }

    /// The word that is said for it.
    pub fn word(self) -> &'static str {
        said(&self, &Self::WORDS)
    }
}

impl Conflicts {
    const WORDS: [(&'static str, Self); 2] = [("abortar", Self::Abort), ("pular", Self::Skip)];

    /// Reads `conflitos`.
    pub fn from_word(key: &str, value: &str) -> Result<Self, CallError> {
        word(key, value, &Self::WORDS)
    }

    /// The word that is said for it.
    pub fn word(self) -> &'static str {
        said(&self, &Self::WORDS)
    }
}

impl Fusion {
    const WORDS: [(&'static str, Self); 3] = [
        ("minha", Self::Mine),
        ("pacote", Self::Package),
        ("abortar", Self::Abort),
    ];

    /// Reads `fusao`.
    pub fn from_word(key: &str, value: &str) -> Result<Self, CallError> {
        word(key, value, &Self::WORDS)
    }

    /// The word that is said for it.
    pub fn word(self) -> &'static str {
        said(&self, &Self::WORDS)
    }
}

impl Scripts {
    const WORDS: [(&'static str, Self); 2] = [("avisar", Self::Tell), ("executar", Self::Run)];

    /// Reads `scripts`.
    pub fn from_word(key: &str, value: &str) -> Result<Self, CallError> {
        word(key, value, &Self::WORDS)
    }

    /// The word that is said for it.
    pub fn word(self) -> &'static str {
        said(&self, &Self::WORDS)
    }
}

/// What strikes a database out.
const FORGET: &str = "esquecer:";
/// Digits that name a database at least.
const FEWEST_DIGITS: usize = 8;

impl Bases {
    const WORDS: [(&'static str, Self); 2] = [("recusar", Self::Refuse), ("esta", Self::This)];

    /// Reads `bases` as a setting.
    pub fn from_word(key: &str, value: &str) -> Result<Self, CallError> {
        word(key, value, &Self::WORDS)
    }

    /// Reads `bases` of a call.
    pub fn of_call(key: &str, value: &str) -> Result<Self, CallError> {
        let digits = value.strip_prefix(FORGET).map(str::to_ascii_lowercase);
        match digits {
            None if Self::WORDS.iter().any(|(word, _)| *word == value) => Self::from_word(key, value),
            Some(digits) if digits.len() >= FEWEST_DIGITS && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
                Ok(Self::Forget(digits))
            }
            _ => Err(CallError::WrongValue {
                key: key.to_owned(),
                found: value.chars().take(80).collect(),
                allowed: messages::BASES,
            }),
        }
    }

    /// The word that is said for it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Refuse => "recusar",
            Self::This => "esta",
            Self::Forget(_) => "esquecer",
        }
    }
}

impl Orphans {
    const WORDS: [(&'static str, Self); 5] = [
        ("log", Self::Log),
        ("export", Self::Export),
        ("ignore", Self::Ignore),
        ("inativar", Self::Inactivate),
        ("remover", Self::Remove),
    ];

    /// Reads `orfaos`.
    pub fn from_word(key: &str, value: &str) -> Result<Self, CallError> {
        word(key, value, &Self::WORDS)
    }

    /// The word that is said for it.
    pub fn word(self) -> &'static str {
        said(&self, &Self::WORDS)
    }
}

/// Reads `lang`.
pub(super) fn lang(key: &str, value: &str) -> Result<Lang, CallError> {
    Lang::from_code(value).ok_or_else(|| CallError::WrongValue {
        key: key.to_owned(),
        found: value.chars().take(80).collect(),
        allowed: Phrase::of_others("pt-br, en"),
    })
}

/// The word of a language.
pub(super) fn lang_word(lang: Lang) -> &'static str {
    if lang == Lang::En { "en" } else { "pt-br" }
}
/// `sim` or `nao`.
pub(super) fn yes_or_no(name: &str, value: &str) -> Result<bool, CallError> {
    match value {
        "sim" | "1" => Ok(true),
        "nao" | "não" | "0" => Ok(false),
        other => Err(CallError::WrongValue {
            key: name.to_owned(),
            found: other.chars().take(80).collect(),
            allowed: Phrase::of_words("sim, nao"),
        }),
    }
}
