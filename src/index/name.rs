//! What an index is called here. The name is the operator's, and a folder's.

use std::fmt;
use std::str::FromStr;

use super::IndexFault;

/// Characters of a name, as the column has them.
const LONGEST: usize = 64;

/// The name of an index: `[a-z0-9][a-z0-9._-]*`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IndexName(String);

impl IndexName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for IndexName {
    type Err = IndexFault;

    fn from_str(text: &str) -> Result<Self, IndexFault> {
        let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let is_name = text.len() <= LONGEST
            && text.bytes().next().is_some_and(is_plain)
            && text.bytes().all(|byte| is_plain(byte) || b"._-".contains(&byte));
        if is_name {
            return Ok(Self(text.to_owned()));
        }
        Err(IndexFault::Name {
            given: text.chars().take(80).collect(),
        })
    }
}

impl fmt::Display for IndexName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_that_of_a_folder_and_of_nothing_else() {
        for name in ["acme", "a", "0.b-c_d", &"a".repeat(64)] {
            assert_eq!(name.parse::<IndexName>().unwrap().as_str(), name);
        }
        for name in [
            "",
            ".",
            "..",
            ".a",
            "-a",
            "A",
            "a/b",
            "a b",
            "á",
            "a:b",
            "a\0",
            &"a".repeat(65),
        ] {
            assert!(name.parse::<IndexName>().is_err(), "{name:?}");
        }
    }
}
