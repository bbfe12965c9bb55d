//! Versions of plugins. Owns their order and their number; must not decide what an older one means.

use std::fmt;
use std::str::FromStr;

/// `x.y.z` with x ≤ 2146 and y, z ≤ 999, so that its number fits a signed 32-bit column (SPEC §5.8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Version {
    major: u32,
    minor: u32,
    patch: u32,
}

/// A text that is no version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{given:?} is no version: write it as x.y.z in digits, x up to 2146, y and z up to 999")]
pub struct VersionError {
    /// What was given, cut to 80 characters.
    pub given: String,
}

impl Version {
    /// `x*1000000 + y*1000 + z`, the value of the column `versao`.
    pub fn number(self) -> u32 {
        self.major * 1_000_000 + self.minor * 1_000 + self.patch
    }
}

impl FromStr for Version {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        let fault = || VersionError {
            given: text.chars().take(80).collect(),
        };
        let mut parts = text.trim().split('.').map(|part| {
            let digits = (1..=4).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
            if digits {
                part.parse::<u32>().map_err(|_| fault())
            } else {
                Err(fault())
            }
        });
        let mut next = || parts.next().unwrap_or_else(|| Err(fault()));
        let version = Self {
            major: next()?,
            minor: next()?,
            patch: next()?,
        };
        let fits = version.major <= 2146 && version.minor <= 999 && version.patch <= 999;
        if parts.next().is_some() || !fits {
            Err(fault())
        } else {
            Ok(version)
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_and_ordered() {
        assert_eq!("1.2.3".parse::<Version>().unwrap().number(), 1_002_003);
        assert_eq!("2146.999.999".parse::<Version>().unwrap().number(), 2_146_999_999);
        assert!("1.10.0".parse::<Version>().unwrap() > "1.9.9".parse::<Version>().unwrap());
        assert_eq!("01.002.3".parse::<Version>().unwrap().to_string(), "1.2.3");
        for wrong in [
            "",
            "1",
            "1.2",
            "1.2.3.4",
            "2147.0.0",
            "1.1000.0",
            "1.0.1000",
            "v1.0.0",
            "1.0.0-rc1",
            "1. 2.3",
            "1..3",
            "-1.0.0",
        ] {
            assert!(wrong.parse::<Version>().is_err(), "{wrong:?}");
        }
    }
}
