//! The name of a plugin. Owns what a slug may be; must not know where its files stand.

use std::fmt;
use std::sync::Arc;

/// A plugin's name: `[a-z0-9][a-z0-9_-]{0,89}` (SPEC §5.1). Copies share it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slug(Arc<str>);

/// A text that cannot be made a slug.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SlugError {
    /// Nothing was given.
    #[error("the plugin's id is missing: give it as `slug` (`--id=` on the command line)")]
    Missing,
    /// Names with a leading underscore belong to the gestor itself (`plugins/_backups`).
    #[error("the plugin's id {given:?} starts with `_`, which is reserved: start it with a letter or a digit")]
    Reserved {
        /// What was given.
        given: String,
    },
    /// No letter or digit to start with, control characters, or too long.
    #[error(
        "{given:?} is no plugin id: start with a letter or a digit, go on with letters, digits, `-` and `_`, at most 90 characters"
    )]
    Invalid {
        /// What was given.
        given: String,
    },
}

const MAX_LENGTH: usize = 90;

impl Slug {
    /// Normalizes a name as a gestor does (other characters become `-`, letters lower case) and checks it.
    pub fn normalize(given: &str) -> Result<Self, SlugError> {
        let trimmed = given.trim();
        if trimmed.is_empty() {
            return Err(SlugError::Missing);
        }
        let shown = || given.chars().take(120).collect::<String>();
        if trimmed.starts_with('_') {
            return Err(SlugError::Reserved { given: shown() });
        }
        let slug: String = trimmed
            .chars()
            .map(|c| if is_slug_char(c) { c.to_ascii_lowercase() } else { '-' })
            .collect();
        // None can be meant: what was cut off or slipped in makes another plugin's name.
        let is_text = !trimmed.chars().any(char::is_control);
        let starts_well = is_text && slug.starts_with(|c: char| c.is_ascii_alphanumeric());
        if !starts_well || slug.len() > MAX_LENGTH {
            return Err(SlugError::Invalid { given: shown() });
        }
        Ok(Self(slug.into()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_slug_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '_'
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_normalized() {
        for (given, slug) in [
            ("my-plugin", "my-plugin"),
            ("My Plugin", "my-plugin"),
            ("a.b/c", "a-b-c"),
            ("../etc", ""),
            ("ação", "a--o"),
            ("p_1", "p_1"),
            ("7zip", "7zip"),
            ("_backups", ""),
            (" x ", "x"),
            ("", ""),
            ("-x", ""),
            (".staging", ""),
            ("p1\0x", ""),
            ("p1\nx", ""),
            ("p1\u{7f}", ""),
        ] {
            let made = Slug::normalize(given).map(|slug| slug.to_string()).unwrap_or_default();
            assert_eq!(made, slug, "{given:?}");
        }
        assert!(Slug::normalize(&"a".repeat(90)).is_ok());
        assert!(Slug::normalize(&"a".repeat(91)).is_err());
    }
}
