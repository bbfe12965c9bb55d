//! Which versions of the gestor a plugin is for (`compatibility`, SPEC §4 code 31). What is not understood limits
//! nothing and is a warning, because a plugin that works must not be kept out by a word.

use std::cmp::Ordering;
use std::fmt;

use super::dependencies::bounded;
use super::{MAX_BYTES, ManifestWarning};
use crate::base::json::{JsonType, Part};
use crate::model::VersionRange;

/// The versions of the gestor that a plugin is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compatibility {
    /// The lowest version, as it was written.
    pub min: Option<String>,
    /// The highest version, as it was written.
    pub max: Option<String>,
    /// A range in one text (`>=1.0 <3`), as it was written.
    pub range: Option<String>,
    conditions: Vec<Condition>,
}

impl Compatibility {
    /// Whether a gestor of this version is meant. A version that cannot be read is let in.
    pub fn admits(&self, gestor_version: &str) -> bool {
        let start = gestor_version.find(|c: char| c.is_ascii_digit()).unwrap_or(0);
        let Some(version) = parts(&gestor_version[start..]) else {
            return true;
        };
        self.conditions.iter().all(|condition| condition.holds(&version))
    }

    /// The same as a range; nothing where it is none.
    pub fn range(&self) -> Option<VersionRange> {
        let with = |operator: &str, text: &Option<String>| text.as_ref().map(|text| bounded(operator, text));
        let bounds = [with(">=", &self.min), with("<=", &self.max), self.range.clone()];
        let text: Vec<String> = bounds.into_iter().flatten().collect();
        text.join(", ").parse().ok()
    }

    /// Takes one entry; the empty key is the range in one text. None when it is not understood.
    fn add(&mut self, key: &str, value: Part<'_>) -> Option<()> {
        let (target, plain) = match key {
            "" => (&mut self.range, IN_RANGE),
            "min" => (&mut self.min, IN_MIN),
            "max" => (&mut self.max, IN_MAX),
            _ => return None,
        };
        let (text, conditions) = bound(value, plain)?;
        *target = Some(text);
        self.conditions.extend(conditions);
        Some(())
    }
}

impl fmt::Display for Compatibility {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = [("", &self.range), ("min ", &self.min), ("max ", &self.max)];
        let shown: Vec<String> = named
            .iter()
            .filter_map(|(name, text)| text.as_ref().map(|text| format!("{name}{text}")))
            .collect();
        f.write_str(&shown.join(", "))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Relation {
    AtLeast,
    Above,
    AtMost,
    Below,
}

/// One bound. Only the parts that it gives are compared: `<= 2.9` takes 2.9.43, `> 2.9` starts at 2.10.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Condition {
    relation: Relation,
    parts: Vec<u32>,
}

impl Condition {
    fn holds(&self, version: &[u32]) -> bool {
        let given = |at: usize| version.get(at).copied().unwrap_or(0);
        let order = self
            .parts
            .iter()
            .enumerate()
            .map(|(at, bound)| given(at).cmp(bound))
            .find(|order| *order != Ordering::Equal)
            .unwrap_or(Ordering::Equal);
        match self.relation {
            Relation::AtLeast => order != Ordering::Less,
            Relation::Above => order == Ordering::Greater,
            Relation::AtMost => order != Ordering::Greater,
            Relation::Below => order == Ordering::Less,
        }
    }
}

/// What a version without an operator means, by where it stands.
const IN_MIN: &[Relation] = &[Relation::AtLeast];
const IN_MAX: &[Relation] = &[Relation::AtMost];
/// Conditions that are warned of: where an author writes something else altogether, the first ones tell.
const WARNED: usize = 20;

const IN_RANGE: &[Relation] = &[Relation::AtLeast, Relation::AtMost];

/// Reads `compatibility`: an object with `min` and `max`, or a range in one text.
pub(super) fn read(part: Part<'_>, path: &str, warnings: &mut Vec<ManifestWarning>) -> Option<Compatibility> {
    let mut found = Compatibility {
        min: None,
        max: None,
        range: None,
        conditions: Vec::new(),
    };
    let entries = match part.kind() {
        JsonType::Object => part.entries(MAX_BYTES).unwrap_or_default(),
        _ if part.is_empty() => return None,
        _ => vec![(String::new(), part)],
    };
    for (key, value) in entries {
        if value.kind() != JsonType::Null && found.add(&key, value).is_none() && warnings.len() < WARNED {
            let dot = if key.is_empty() { "" } else { "." };
            warnings.push(ManifestWarning::Compatibility {
                path: path.to_owned(),
                at: value.position(),
                key: format!("compatibility{dot}{key}"),
                found: value.source().chars().filter(|c| !c.is_control()).take(60).collect(),
            });
        }
    }
    (!found.conditions.is_empty()).then_some(found)
}

/// A text or number with the conditions that it states.
fn bound(part: Part<'_>, plain: &[Relation]) -> Option<(String, Vec<Condition>)> {
    let text = match part.kind() {
        JsonType::Text => part.text().ok()?.trim().to_owned(),
        JsonType::Number => part.source().to_owned(),
        _ => return None,
    };
    let short_and_clean = text.len() <= 120 && !text.chars().any(char::is_control);
    let conditions = conditions(&text, plain).filter(|_| short_and_clean)?;
    Some((text, conditions))
}

/// `1.0.0`, `2.x`, `>=1.0 <3`, `>= 1.0, < 3`, `1.0 - 2.9`, `^2.1`, `~2.1`; all must hold. None when not understood.
fn conditions(text: &str, plain: &[Relation]) -> Option<Vec<Condition>> {
    let mut found = Vec::new();
    let mut words = text.split([' ', ',']).filter(|word| !word.is_empty()).peekable();
    while let Some(word) = words.next() {
        let end = word.find(|c| !"<>=^~".contains(c)).unwrap_or(word.len());
        let (operator, version) = word.split_at(end);
        let version = if version.is_empty() { words.next()? } else { version };
        let version = parts(version)?;
        if operator.is_empty() && words.next_if_eq(&"-").is_some() {
            push(&mut found, &[Relation::AtLeast], &version);
            push(&mut found, &[Relation::AtMost], &parts(words.next()?)?);
            continue;
        }
        match operator {
            "" => push(&mut found, plain, &version),
            "=" | "==" => push(&mut found, IN_RANGE, &version),
            ">=" => push(&mut found, &[Relation::AtLeast], &version),
            "<=" => push(&mut found, &[Relation::AtMost], &version),
            ">" if !version.is_empty() => push(&mut found, &[Relation::Above], &version),
            "<" if !version.is_empty() => push(&mut found, &[Relation::Below], &version),
            "^" => {
                let kept = version.iter().take_while(|part| **part == 0).count() + 1;
                push(&mut found, &[Relation::AtLeast], &version);
                push(&mut found, &[Relation::AtMost], &version[..kept.min(version.len())]);
            }
            "~" => {
                let kept = version.len().saturating_sub(1).max(1);
                push(&mut found, &[Relation::AtLeast], &version);
                push(&mut found, &[Relation::AtMost], &version[..kept.min(version.len())]);
            }
            _ => return None,
        }
    }
    (!found.is_empty()).then_some(found)
}

fn push(found: &mut Vec<Condition>, relations: &[Relation], parts: &[u32]) {
    found.extend(relations.iter().map(|relation| Condition {
        relation: *relation,
        parts: parts.to_vec(),
    }));
}

/// `2.9.43`, `v2.9`, `2.x`, `2.*`, `2.0.0-rc1`: the numbers before a wildcard or suffix. None when it is no version.
fn parts(text: &str) -> Option<Vec<u32>> {
    let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
    let text = text.split(['-', '+']).next().unwrap_or_default();
    let mut numbers = Vec::new();
    let mut open = false;
    for part in text.split('.') {
        if matches!(part, "x" | "X" | "*") {
            open = true;
        } else if open || part.len() > 9 || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        } else {
            numbers.push(part.parse().ok()?);
        }
    }
    (numbers.len() <= 4).then_some(numbers)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(json: &str) -> (Option<Compatibility>, usize) {
        let mut warnings = Vec::new();
        let part = Part::read(json.as_bytes()).unwrap();
        let found = read(part, "manifest.json", &mut warnings);
        (found, warnings.len())
    }

    #[test]
    fn bounds_admit_what_their_author_means() {
        for (json, admitted, excluded) in [
            (
                r#"{"min": "1.0.0", "max": "2.x"}"#,
                "1.0.0 2.9.43 2.0 v2.99.1",
                "0.9.9 3.0.0",
            ),
            (
                r#"{"min": "2.9.40"}"#,
                "2.9.40 2.9.43 2.10.0 3.0.0",
                "2.9.39 2.9 1.99.99",
            ),
            (r#"{"max": "2.*"}"#, "0.1.0 2.9.43", "3.0.0 10.0.0"),
            (r#"{"max": "2.9"}"#, "2.9.43 2.8.0 2.9", "2.10.0 3.0.0"),
            (r#"{"max": "2.9.43"}"#, "2.9.43 2.9.43-rc1", "2.9.44"),
            (r#"{"min": 2, "max": 2.9}"#, "2.0.0 2.9.43", "1.9.9 2.10.0"),
            (r#"{"min": ">=2.1", "max": "<3"}"#, "2.1.0 2.99.0", "2.0.9 3.0.0"),
            (r#"">=1.0 <3""#, "1.0.0 2.9.43", "0.9.0 3.0.0"),
            (r#"">= 1.0, < 3.0""#, "1.0.0 2.9.43", "0.9.0 3.0.0"),
            (r#"">2.8 <=2.9""#, "2.9.0 2.9.43", "2.8.5 2.10.0"),
            (r#""1.5 - 2.9""#, "1.5.0 2.9.43", "1.4.9 2.10.0"),
            (r#""^2.1""#, "2.1.0 2.9.43", "2.0.9 3.0.0"),
            (r#""^0.3.1""#, "0.3.1 0.3.9", "0.3.0 0.4.0"),
            (r#""~2.9.1""#, "2.9.1 2.9.43", "2.9.0 2.10.0"),
            (r#""~2.1""#, "2.1.0 2.9.0", "2.0.0 3.0.0"),
            (r#""2.x""#, "2.0.0 2.9.43", "1.9.9 3.0.0"),
            (r#""*""#, "0.0.1 99.0.0", ""),
        ] {
            let (found, warnings) = of(json);
            let found = found.unwrap();
            assert_eq!(warnings, 0, "{json}");
            for version in admitted.split(' ').filter(|version| !version.is_empty()) {
                assert!(found.admits(version), "{json} {version}");
            }
            for version in excluded.split(' ').filter(|version| !version.is_empty()) {
                assert!(!found.admits(version), "{json} {version}");
            }
            assert!(found.admits("gestor") && found.admits(""), "{json}");
        }
    }

    #[test]
    fn what_is_not_understood_limits_nothing() {
        for (json, limits, warnings) in [
            (r#"{"min": "soon"}"#, false, 1),
            (r#"{"min": "1.0", "max": "2.x.1"}"#, true, 1),
            (r#"{"min": "1.0", "php": "8.2"}"#, true, 1),
            (r#"{"min": [], "max": null}"#, false, 1),
            (r#""1.0 || 2.0""#, false, 1),
            (r#""!=2""#, false, 1),
            (r#"">=""#, false, 1),
            (r#""""#, false, 1),
            (r#""99999999999""#, false, 1),
            ("true", false, 1),
            ("{}", false, 0),
            ("[]", false, 0),
            ("[1]", false, 1),
        ] {
            let (found, count) = of(json);
            assert_eq!((found.is_some(), count), (limits, warnings), "{json}");
        }
    }

    #[test]
    fn bounds_are_shown_as_written() {
        assert_eq!(
            of(r#"{"max": "2.x", "min": "1.0.0"}"#).0.unwrap().to_string(),
            "min 1.0.0, max 2.x"
        );
        assert_eq!(of(r#"">=1.0 <3""#).0.unwrap().to_string(), ">=1.0 <3");
    }

    proptest! {
        #[test]
        fn bounds_are_closed_and_ordered(low in prop::array::uniform3(0..40u32), high in prop::array::uniform3(0..40u32),
            version in prop::array::uniform3(0..40u32)) {
            let text = |parts: [u32; 3]| format!("{}.{}.{}", parts[0], parts[1], parts[2]);
            let json = format!("{{\"min\": \"{}\", \"max\": \"{}\"}}", text(low), text(high));
            let found = of(&json).0.unwrap();
            prop_assert_eq!(found.admits(&text(version)), low <= version && version <= high);
            let range = of(&format!("\">={} <{}\"", text(low), text(high))).0.unwrap();
            prop_assert_eq!(range.admits(&text(version)), low <= version && version < high);
        }

        #[test]
        fn any_words_are_answered(range in "[0-9xvV.*^~<>=, |-]{0,24}", version in ".{0,16}") {
            if let (Some(found), _) = of(&format!("\"{range}\"")) {
                let _ = found.admits(&version);
            }
        }
    }
}
