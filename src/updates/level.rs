//! How far an update may reach by itself. Pure.

use crate::model::{Release, Version, of_word, word_of};

/// How far an update may reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Level {
    /// What is mended.
    Patch,
    /// What is added, too.
    #[default]
    Minor,
    /// What breaks, too.
    Major,
}

impl Level {
    /// All of them, with the words by which they are said and stored.
    pub const ALL: [(Self, &'static str); 3] = [(Self::Patch, "patch"), (Self::Minor, "minor"), (Self::Major, "major")];

    /// Its word.
    pub fn word(self) -> &'static str {
        word_of(&Self::ALL, &self)
    }

    /// The level of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        of_word(&Self::ALL, word)
    }

    /// How far a version is from another. Below 1.0 what is added may break as well.
    pub fn between(from: Version, to: Version) -> Self {
        let (from, to) = (Release::from(from), Release::from(to));
        if from.major != to.major {
            Self::Major
        } else if from.minor != to.minor {
            if from.major == 0 { Self::Major } else { Self::Minor }
        } else {
            Self::Patch
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_added_below_one_breaks() {
        for (from, to, level) in [
            ("1.2.3", "1.2.4", Level::Patch),
            ("1.2.3", "1.3.0", Level::Minor),
            ("1.2.3", "2.0.0", Level::Major),
            ("0.2.3", "0.2.4", Level::Patch),
            ("0.2.3", "0.3.0", Level::Major),
            ("0.9.0", "1.0.0", Level::Major),
        ] {
            let found = Level::between(from.parse().unwrap(), to.parse().unwrap());
            assert_eq!(found, level, "{from} {to}");
        }
        for (level, word) in Level::ALL {
            assert_eq!((level.word(), Level::from_word(word)), (word, Some(level)));
        }
        assert_eq!(Level::from_word("menor"), None);
        assert!(Level::Patch < Level::Minor && Level::Minor < Level::Major);
    }
}
