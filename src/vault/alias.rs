//! The name of a credential. Checked once.

use std::fmt;

use super::{VaultError, is_literal};

/// Characters of an alias.
const LONGEST: usize = 64;
/// A longer text may be a secret that was given in the wrong place, and is not shown.
const LONGEST_SHOWN: usize = 24;

/// The name of a credential: `[a-z0-9][a-z0-9._-]{0,63}`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Alias(String);

impl Alias {
    /// Checks a text.
    pub fn new(text: &str) -> Result<Self, VaultError> {
        let text = text.trim();
        // The form of a token is that of a name, and nobody would ever find it by that.
        let is_token = is_literal(text);
        if is_alias(text) && !is_token {
            return Ok(Self(text.to_owned()));
        }
        let is_shown = text.chars().count() <= LONGEST_SHOWN && !is_token;
        let given = if is_shown {
            text.escape_debug().to_string()
        } else {
            "…".to_owned()
        };
        Err(VaultError::Alias { given })
    }

    /// As it is stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Alias {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_alias(text: &str) -> bool {
    let is_small = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit();
    let first = text.bytes().next().is_some_and(is_small);
    first && text.len() <= LONGEST && text.bytes().all(|c| is_small(c) || b"._-".contains(&c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_small_letters_digits_and_three_signs() {
        let longest = "a".repeat(LONGEST);
        for good in ["a", "0", "acme", "a.b_c-d", " acme ", longest.as_str()] {
            assert_eq!(Alias::new(good).unwrap().as_str(), good.trim());
        }
        let long = "a".repeat(LONGEST + 1);
        for wrong in [
            "",
            " ",
            "A",
            ".a",
            "-a",
            "_a",
            "a b",
            "é",
            "a/b",
            "a\0",
            "cred:a",
            "ghp_x",
            "github_pat_abc",
            long.as_str(),
        ] {
            assert!(Alias::new(wrong).is_err(), "{wrong:?}");
        }
        for secret in ["ghp_0123456789ABCDEFGHIJKLMN", "ghp_0123"] {
            let fault = Alias::new(secret).unwrap_err();
            assert!(!format!("{fault} {fault:?}").contains("0123"), "{fault}");
        }
    }
}
