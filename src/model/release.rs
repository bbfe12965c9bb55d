//! Versions of anything, as what needs them compares them. Owns their order; must not know what they are of.

use std::fmt;

use super::Version;

/// `major.minor.patch` of anything that has versions: a plugin, the gestor, PHP. Any size, so that no bound is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Release {
    /// What breaks.
    pub major: u64,
    /// What is added.
    pub minor: u64,
    /// What is mended.
    pub patch: u64,
}

impl Release {
    /// `0.0.0`.
    pub const LOWEST: Self = Self {
        major: 0,
        minor: 0,
        patch: 0,
    };

    /// The first three numbers of a text such as `2.9.43` or `8.2.36-1+deb12`; what is missing is 0.
    pub fn leading(text: &str) -> Option<Self> {
        let start = text.find(|c: char| c.is_ascii_digit())?;
        let end = text[start..]
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .map_or(text.len(), |at| start + at);
        let mut numbers = text[start..end].split('.').filter(|part| !part.is_empty());
        let first = numbers.next()?.parse().ok()?;
        let mut rest = || numbers.next().map_or(Some(0), |part| part.parse().ok());
        Some(Self {
            major: first,
            minor: rest()?,
            patch: rest()?,
        })
    }

    /// The first release after this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self {
            patch: self.patch.saturating_add(1),
            ..self
        }
    }
}

impl From<Version> for Release {
    fn from(version: Version) -> Self {
        let number = u64::from(version.number());
        Self {
            major: number / 1_000_000,
            minor: number / 1_000 % 1_000,
            patch: number % 1_000,
        }
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_is_read_from_what_precedes_it_and_follows_it() {
        let read = |text: &str| Release::leading(text).map(|release| release.to_string());
        assert_eq!(read("2.9.43"), Some("2.9.43".to_owned()));
        assert_eq!(read("v8.2.36-1+deb12u1"), Some("8.2.36".to_owned()));
        assert_eq!(read("8.4"), Some("8.4.0".to_owned()));
        assert_eq!(read("3"), Some("3.0.0".to_owned()));
        for none in ["", "x", "99999999999999999999.0.0"] {
            assert_eq!(read(none), None, "{none:?}");
        }
    }

    #[test]
    fn a_version_is_a_release_of_the_same_numbers() {
        let version: Version = "2146.99.7".parse().unwrap();
        assert_eq!(Release::from(version).to_string(), version.to_string());
    }
}
