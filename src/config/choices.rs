//! The words that a call or a setting chooses between, and what they mean. Decides nothing by them.

use super::CallError;
use crate::model::Lang;

/// Where a package comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// A ZIP that was uploaded (`upload`).
    Upload,
    /// The same, as the admin page names it (`arquivo`).
    File,
    /// A ZIP or folder of this machine.
    LocalPath,
    /// A public GitHub repository.
    GithubPublic,
    /// A private GitHub repository.
    GithubPrivate,
    /// Any https URL.
    Url,
}

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

/// What happens to rows that the package no longer brings (`orfaos`). They are never removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Orphans {
    /// Counted and told (`log`).
    #[default]
    Log,
    /// Written to a file as well (`export`).
    Export,
    /// Not looked for (`ignore`).
    Ignore,
}

fn word<T: Copy>(key: &str, value: &str, words: &[(&str, T)]) -> Result<T, CallError> {
    words
        .iter()
        .find(|(word, _)| *word == value)
        .map(|(_, meaning)| *meaning)
        .ok_or_else(|| CallError::WrongValue {
            key: key.to_owned(),
            found: value.chars().take(80).collect(),
            allowed: words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", "),
        })
}

impl Origin {
    const WORDS: [(&'static str, Self); 6] = [
        ("upload", Self::Upload),
        ("arquivo", Self::File),
        ("local_path", Self::LocalPath),
        ("github_publico", Self::GithubPublic),
        ("github_privado", Self::GithubPrivate),
        ("url", Self::Url),
    ];

    /// Reads `origem_tipo`.
    pub fn from_word(value: &str) -> Result<Self, CallError> {
        word("origem_tipo", value, &Self::WORDS)
    }

    /// The word as it is stored.
    pub fn word(self) -> &'static str {
        Self::WORDS
            .iter()
            .find(|(_, origin)| *origin == self)
            .map_or("upload", |(word, _)| word)
    }
}

impl Adoption {
    /// Reads `adocao`.
    pub fn from_word(value: &str) -> Result<Self, CallError> {
        word(
            "adocao",
            value,
            &[
                ("orfaos", Self::Orphans),
                ("nunca", Self::Never),
                ("sempre", Self::Always),
            ],
        )
    }
}

impl Conflicts {
    /// Reads `conflitos`.
    pub fn from_word(value: &str) -> Result<Self, CallError> {
        word("conflitos", value, &[("abortar", Self::Abort), ("pular", Self::Skip)])
    }
}

impl Orphans {
    /// Reads `orfaos`.
    pub fn from_word(value: &str) -> Result<Self, CallError> {
        word(
            "orfaos",
            value,
            &[("log", Self::Log), ("export", Self::Export), ("ignore", Self::Ignore)],
        )
    }
}

/// Reads `lang`.
pub(super) fn lang(value: &str) -> Result<Lang, CallError> {
    Lang::from_code(value).ok_or_else(|| CallError::WrongValue {
        key: "lang".to_owned(),
        found: value.chars().take(80).collect(),
        allowed: "pt-br, en".to_owned(),
    })
}
