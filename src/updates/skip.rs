//! Which versions are passed over (`pular`), and until when nothing comes by itself (`pular_ate`). Pure.

use chrono::{DateTime, Utc};

use crate::model::{Release, Version, VersionRange};

/// Characters of the column `pular`.
const LONGEST: usize = 120;

/// What is passed over.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Skip {
    /// These versions, for ever.
    pub range: Option<VersionRange>,
    /// All of them, until then.
    pub until: Option<DateTime<Utc>>,
}

impl Skip {
    /// Whether a version is passed over.
    pub fn names(&self, version: Version) -> bool {
        let range = self.range.as_ref();
        range.is_some_and(|range| range.admits(Release::from(version)))
    }

    /// Until when nothing comes by itself; nothing where that is over.
    pub fn lasts(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.until.filter(|until| *until > now)
    }

    /// The range with one more version. Where that would be too long to be remembered, everything up to that version is
    /// passed over: what is left out is installed by hand, what is let in could not be taken back.
    pub fn with(range: Option<&VersionRange>, version: Version) -> String {
        let Some(range) = range else {
            return version.to_string();
        };
        if range.admits(Release::from(version)) {
            return range.to_string();
        }
        let text = format!("{range} || {version}");
        if text.chars().count() <= LONGEST && text.parse::<VersionRange>().is_ok() {
            return text;
        }
        format!("<={version}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        text.parse().unwrap()
    }

    #[test]
    fn versions_are_passed_over_and_times() {
        let skip = Skip {
            range: Some("1.x || 2.1.0".parse().unwrap()),
            until: DateTime::from_timestamp(1_000, 0),
        };
        assert!(skip.names(version("1.7.0")) && skip.names(version("2.1.0")) && !skip.names(version("2.1.1")));
        assert!(skip.lasts(DateTime::from_timestamp(999, 0).unwrap()).is_some());
        assert!(skip.lasts(DateTime::from_timestamp(1_000, 0).unwrap()).is_none());
        assert!(!Skip::default().names(version("1.0.0")));
    }

    #[test]
    fn a_version_more_is_passed_over() {
        let mut text = Skip::with(None, version("1.2.0"));
        assert_eq!(text, "1.2.0");
        for number in 3..40 {
            let range: VersionRange = text.parse().unwrap();
            text = Skip::with(Some(&range), version(&format!("1.{number}.0")));
            assert!(text.len() <= LONGEST, "{text}");
            let range: VersionRange = text.parse().unwrap();
            for earlier in 2..=number {
                assert!(
                    range.admits(Release::from(version(&format!("1.{earlier}.0")))),
                    "{text}"
                );
            }
            assert!(!range.admits(Release::from(version("1.99.0"))), "{text}");
        }
        let known: VersionRange = "1.x".parse().unwrap();
        assert_eq!(Skip::with(Some(&known), version("1.5.0")), "1.x");
    }
}
