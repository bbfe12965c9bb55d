//! A script that a package wants run once it is installed. Values only.

use super::words::{of_word, word_of};

/// What a failing script means for those after it (`on_error`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnError {
    /// They are not run (`parar`).
    #[default]
    Stop,
    /// They are run (`continuar`).
    Continue,
}

impl OnError {
    /// All of them, with the words by which manifests and pending steps say them.
    pub const ALL: [(Self, &'static str); 2] = [(Self::Stop, "parar"), (Self::Continue, "continuar")];

    /// The word.
    pub fn word(self) -> &'static str {
        word_of(&Self::ALL, &self)
    }

    /// What a word says.
    pub fn of(word: &str) -> Option<Self> {
        of_word(&Self::ALL, word)
    }
}

/// A script, as a manifest says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// Its path below the plugin's folder, without detours.
    pub path: String,
    /// Seconds that it may take.
    pub seconds: u64,
    /// What its failure means.
    pub on_error: OnError,
}

impl Script {
    /// Seconds where nobody says anything.
    pub const SECONDS: u64 = 60;
    /// Seconds at most.
    pub const MOST_SECONDS: u64 = 600;
}
