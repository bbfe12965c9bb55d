//! Which versions are wanted: npm's grammar of ranges as a set of versions (SPEC 2 §7).

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use version_ranges::Ranges;

use super::Release;

/// What takes every version.
const ANY: &str = "*";
/// Characters of a range; no author needs as many.
const LONGEST: usize = 256;

/// A text that is no range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{given:?} is no range of versions: write it as ^1.2, ~1.2.3, >=1.0 <3, 1.x or *")]
pub struct RangeError {
    /// What was given, cut to 80 characters.
    pub given: String,
}

/// A range as it was written, and the versions that it takes. Copies share it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionRange(Arc<Written>);

#[derive(Debug, PartialEq, Eq)]
struct Written {
    text: String,
    releases: Ranges<Release>,
}

/// Ranges that were read, by their texts: plugins that belong together say the same few again and again.
#[derive(Debug, Default)]
pub struct KnownRanges {
    by_text: HashMap<String, VersionRange>,
    any: Option<VersionRange>,
}

/// Ranges that are kept; the next ones are read each time.
const KNOWN: usize = 4096;

impl KnownRanges {
    /// The range of a text.
    ///
    /// # Errors
    /// It is none.
    pub fn read(&mut self, text: &str) -> Result<VersionRange, RangeError> {
        if let Some(known) = self.by_text.get(text) {
            return Ok(known.clone());
        }
        let range: VersionRange = text.parse()?;
        if self.by_text.len() < KNOWN {
            self.by_text.insert(text.to_owned(), range.clone());
        }
        Ok(range)
    }

    /// Every version.
    pub fn any(&mut self) -> VersionRange {
        self.any.get_or_insert_with(VersionRange::any).clone()
    }
}

impl VersionRange {
    fn new(text: String, releases: Ranges<Release>) -> Self {
        Self(Arc::new(Written { text, releases }))
    }

    /// Every version.
    pub fn any() -> Self {
        Self::new(ANY.to_owned(), Ranges::full())
    }

    fn is_any(&self) -> bool {
        self.0.text == ANY && self.0.releases == Ranges::full()
    }

    /// One version alone.
    pub fn exactly(release: Release) -> Self {
        Self::new(release.to_string(), Ranges::between(release, release.next()))
    }

    /// Whether it takes this version.
    pub fn admits(&self, release: Release) -> bool {
        self.0.releases.contains(&release)
    }

    /// What it takes, as a set.
    pub fn releases(&self) -> &Ranges<Release> {
        &self.0.releases
    }

    /// Whether it takes none.
    pub fn is_empty(&self) -> bool {
        self.0.releases.is_empty()
    }

    /// What both take.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        if self.is_any() {
            return other.clone();
        }
        if other.is_any() {
            return self.clone();
        }
        let releases = self.0.releases.intersection(&other.0.releases);
        Self::new(format!("{self}, {other}"), releases)
    }
}

impl FromStr for VersionRange {
    type Err = RangeError;

    fn from_str(text: &str) -> Result<Self, RangeError> {
        let fault = || RangeError {
            given: text.chars().filter(|c| !c.is_control()).take(80).collect(),
        };
        if text.len() > LONGEST {
            return Err(fault());
        }
        let canonical = nodejs_semver::Range::parse(spelled(text))
            .map_err(|_| fault())?
            .to_string();
        let releases = canonical
            .split("||")
            .try_fold(Ranges::empty(), |all, part| Some(all.union(&intersection(part)?)))
            .ok_or_else(fault)?;
        Ok(Self::new(text.trim().to_owned(), releases))
    }
}

impl fmt::Display for VersionRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.text.is_empty() { ANY } else { &self.0.text })
    }
}

/// The releases that every comparator of a canonical text takes: `>=1.2.3 <2.0.0-0`, `1.2.3`, `*`.
fn intersection(comparators: &str) -> Option<Ranges<Release>> {
    comparators
        .split_whitespace()
        .try_fold(Ranges::full(), |all, comparator| {
            Some(all.intersection(&releases(comparator)?))
        })
}

/// The releases that a comparator takes. One that names a pre-release means the releases on its side: `<2.0.0-0` is
/// `<2.0.0`, `>=2.0.0-beta` is `>=2.0.0`, and so is `>2.0.0-beta`.
fn releases(comparator: &str) -> Option<Ranges<Release>> {
    if comparator == "*" {
        return Some(Ranges::full());
    }
    let end = comparator.find(|c| !"<>=".contains(c))?;
    let (operator, version) = comparator.split_at(end);
    let version: nodejs_semver::Version = version.parse().ok()?;
    let release = Release {
        major: version.major(),
        minor: version.minor(),
        patch: version.patch(),
    };
    let before = !version.pre_release().is_empty();
    Some(match (operator, before) {
        (">=", _) | (">", true) if release == Release::LOWEST => Ranges::full(),
        (">=", _) | (">", true) => Ranges::higher_than(release),
        (">", false) => Ranges::higher_than(release.next()),
        ("<", _) | ("<=", true) => Ranges::strictly_lower_than(release),
        ("<=", false) => Ranges::strictly_lower_than(release.next()),
        ("" | "=", false) => Ranges::between(release, release.next()),
        ("" | "=", true) => Ranges::empty(),
        _ => return None,
    })
}

/// The range as the crate reads it: commas and other white space are spaces, and an `x` that bounds nothing is left out
/// (`~x`, `1.0.0 - x`).
fn spelled(text: &str) -> String {
    let alternatives = text.split("||").map(|alternative| {
        let words: Vec<&str> = alternative
            .split([',', ' ', '\t', '\n', '\r'])
            .filter(|word| !word.is_empty())
            .collect();
        match words.as_slice() {
            [from, "-", to] if is_any(to) => format!(">={from}"),
            [from, "-", to] if is_any(from) => format!("<={to}"),
            words => words
                .iter()
                .map(|word| if is_any(word) { "*" } else { word })
                .collect::<Vec<_>>()
                .join(" "),
        }
    });
    alternatives.collect::<Vec<_>>().join("||")
}

/// Whether a word takes every version: `x`, `*`, `~x`, `^*`, `X.x`.
fn is_any(word: &str) -> bool {
    let version = word.trim_start_matches(['^', '~']);
    !version.is_empty() && version.split('.').all(|part| matches!(part, "x" | "X" | "*"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admits(range: &str, release: &str) -> bool {
        let range: VersionRange = range.parse().unwrap();
        range.admits(Release::leading(release).unwrap())
    }

    #[test]
    fn a_range_that_was_read_is_shared() {
        let mut known = KnownRanges::default();
        let (first, again) = (known.read("^1.2").unwrap(), known.read("^1.2").unwrap());
        assert!(Arc::ptr_eq(&first.0, &again.0));
        assert_eq!(first, "^1.2".parse().unwrap());
        // What bounds nothing adds nothing, and is no other range.
        for both in [first.and(&known.any()), known.any().and(&first)] {
            assert!(Arc::ptr_eq(&both.0, &first.0));
        }
        assert_eq!(first.and(&again).to_string(), "^1.2, ^1.2");
        for _ in 0..2 {
            assert!(known.read("one").is_err());
        }
        for at in 0..=KNOWN {
            assert_eq!(
                known.read(&format!("1.0.{at}")).unwrap().to_string(),
                format!("1.0.{at}")
            );
        }
        assert_eq!(known.by_text.len(), KNOWN);
    }

    #[test]
    fn a_range_takes_what_npm_takes() {
        for (range, inside, outside) in [
            ("^1.2.3", "1.9.0", "2.0.0"),
            ("^0.2.3", "0.2.9", "0.3.0"),
            ("~1.2.3", "1.2.9", "1.3.0"),
            ("~1", "1.9.9", "2.0.0"),
            ("1.x", "1.9.9", "0.9.9"),
            ("1.2", "1.2.7", "1.3.0"),
            ("1.2.3", "1.2.3", "1.2.4"),
            ("=1.2.3", "1.2.3", "1.2.2"),
            (">1.2.3", "1.2.4", "1.2.3"),
            (">=1.2.3-beta", "1.2.3", "1.2.2"),
            (">1.2.3-beta", "1.2.3", "1.2.2"),
            ("<=1.2.3-beta", "1.2.2", "1.2.3"),
            ("<2", "1.99999.99999", "2.0.0"),
            ("<=2", "2.9.9", "3.0.0"),
            (">=1.0, <3", "2.9.9", "3.0.0"),
            (">=1.0\t<3", "1.0.0", "0.9.9"),
            ("1.2.0 - 2.3", "2.3.9", "2.4.0"),
            ("1.0 - x", "99.0.0", "0.9.9"),
            ("x - 1.0", "0.0.1", "1.1.0"),
            ("<1 || >=3", "3.0.0", "2.0.0"),
        ] {
            assert!(admits(range, inside) && !admits(range, outside), "{range}");
        }
        for any in ["", "*", "x", "~x", "^*", ">=0.0.0", " "] {
            let range: VersionRange = any.parse().unwrap();
            assert!(
                *range.releases() == Ranges::full() && !range.to_string().trim().is_empty(),
                "{any:?}"
            );
        }
        for wrong in ["not a range", "1.2.3.4", ">>1", "v", "\0", &"1 ".repeat(200)] {
            assert!(wrong.parse::<VersionRange>().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn what_both_take_is_in_both_and_says_so() {
        let range = |text: &str| text.parse::<VersionRange>().unwrap();
        let both = range(">=1").and(&range("<3"));
        assert_eq!(both.to_string(), ">=1, <3");
        assert!(both.admits(Release::leading("2").unwrap()) && !both.admits(Release::leading("3").unwrap()));
        assert_eq!(VersionRange::any().and(&range("^2")).to_string(), "^2");
        assert!(range("^1").and(&range("^2")).is_empty());
    }
}
