//! What an operator wants of updates of one plugin. Values only.

use super::level::Level;
use super::skip::Skip;
use super::window::Window;
use crate::model::{of_word, word_of};

/// Hours for which a version is left alone where nobody says otherwise.
pub(super) const COOLDOWN: u32 = 72;

/// What becomes of a newer version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// It is installed.
    Automatic,
    /// It is told, by whatever notices go out.
    Notify,
    /// It is shown to who looks.
    #[default]
    Manual,
}

impl Mode {
    /// All of them, with the words by which they are said and stored.
    pub const ALL: [(Self, &'static str); 3] = [
        (Self::Automatic, "automatica"),
        (Self::Notify, "avisar"),
        (Self::Manual, "manual"),
    ];
    /// Other words that are understood.
    const OTHER: [(Self, &'static str); 2] = [(Self::Automatic, "auto"), (Self::Notify, "notify")];

    /// Its word.
    pub fn word(self) -> &'static str {
        word_of(&Self::ALL, &self)
    }

    /// The mode of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        of_word(&Self::ALL, word).or_else(|| of_word(&Self::OTHER, word))
    }
}

/// Whose versions are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Channel {
    /// Those for everybody.
    #[default]
    Stable,
    /// Those for whoever names them, too.
    Preview,
}

impl Channel {
    /// All of them, with the words by which they are said and stored.
    pub const ALL: [(Self, &'static str); 2] = [(Self::Stable, "estavel"), (Self::Preview, "previa")];

    /// Its word.
    pub fn word(self) -> &'static str {
        word_of(&Self::ALL, &self)
    }

    /// The channel of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        of_word(&Self::ALL, word)
    }
}

/// What counts for one plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// What becomes of a newer version.
    pub mode: Mode,
    /// How far it may reach.
    pub level: Level,
    /// Whose versions are taken.
    pub channel: Channel,
    /// When it may come; at any time where nobody says.
    pub window: Option<Window>,
    /// For how many hours its bytes have to stand there before.
    pub cooldown: u32,
    /// What is passed over.
    pub skip: Skip,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            mode: Mode::default(),
            level: Level::default(),
            channel: Channel::default(),
            window: None,
            cooldown: COOLDOWN,
            skip: Skip::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_others_are_understood() {
        assert_eq!(Mode::from_word("auto"), Some(Mode::Automatic));
        assert_eq!(Mode::from_word("notify"), Some(Mode::Notify));
        assert_eq!(Mode::from_word("sim"), None);
        for (mode, word) in Mode::ALL {
            assert_eq!((mode.word(), Mode::from_word(word)), (word, Some(mode)));
        }
        for (channel, word) in Channel::ALL {
            assert_eq!((channel.word(), Channel::from_word(word)), (word, Some(channel)));
        }
        assert_eq!(Policy::default().mode, Mode::Manual);
    }
}
