//! What a plugin needs (`dependencies`, SPEC 2 §7): a map of id and range, or a list of entries. What is not understood is
//! a fault: a plugin without what it needs does not work.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::MAX_BYTES;
use super::error::{DependencyFault, ManifestFault};
use crate::base::json::{JsonType, Part};
use crate::model::{Component, Dependency, KnownRanges, Slug, VersionRange};

/// The keys under which they stand.
pub(super) const KEYS: [&str; 2] = ["dependencies", "dependencias"];
const ID: &str = "id";
const MIN: &str = "min";
const MAX: &str = "max";
const RANGE: [&str; 3] = ["range", "versao", "version"];
const OPTIONAL: [&str; 2] = ["optional", "opcional"];

/// What an entry says of the versions, each as it was written.
#[derive(Default)]
struct Wanted<'a> {
    ranges: Vec<(Part<'a>, String)>,
    optional: bool,
}

/// Reads them; `slug` is the plugin that has them. Everything that is wrong is added to `faults`.
pub(super) fn read(
    part: Part<'_>,
    slug: &Slug,
    faults: &mut Vec<ManifestFault>,
    ranges: &mut KnownRanges,
) -> Vec<Dependency> {
    let mut found = BTreeMap::new();
    let entries = match entries(part) {
        Ok(entries) => entries,
        Err(fault) => {
            faults.push(fault);
            return Vec::new();
        }
    };
    for (id, value) in entries {
        match dependency(&id, value, slug, ranges) {
            Ok(dependency) => add(&mut found, dependency, value, faults),
            Err(fault) => faults.push(fault),
        }
    }
    found.into_values().collect()
}

/// Id and value of each entry, in both forms.
fn entries(part: Part<'_>) -> Result<Vec<(String, Part<'_>)>, ManifestFault> {
    match part.kind() {
        _ if part.is_empty() => Ok(Vec::new()),
        JsonType::Object => Ok(part.entries(MAX_BYTES)?),
        JsonType::List => part.items(MAX_BYTES)?.into_iter().map(listed).collect(),
        found => Err(at(part, DependencyFault::Form { found })),
    }
}

/// An entry of a list: the last `id` counts, as in PHP.
fn listed(item: Part<'_>) -> Result<(String, Part<'_>), ManifestFault> {
    let without_id = || at(item, DependencyFault::WithoutId);
    if item.kind() != JsonType::Object {
        return Err(without_id());
    }
    let entries = item.entries(MAX_BYTES)?;
    let (_, id) = entries.iter().rev().find(|(key, _)| key == ID).ok_or_else(without_id)?;
    if id.kind() != JsonType::Text {
        return Err(without_id());
    }
    Ok((id.text()?, item))
}

fn dependency(id: &str, value: Part<'_>, slug: &Slug, ranges: &mut KnownRanges) -> Result<Dependency, ManifestFault> {
    let on = component(id, value)?;
    if matches!(&on, Component::Plugin(other) if other == slug) {
        let id = id.to_owned();
        return Err(at(value, DependencyFault::Itself { id }));
    }
    let wanted = wanted(id, value)?;
    let mut range: Option<VersionRange> = None;
    for (part, text) in wanted.ranges {
        let one = ranges.read(&text).map_err(|source| {
            let id = id.to_owned();
            at(part, DependencyFault::Range { id, source })
        })?;
        // The first one too: alone it may be one that nothing fits.
        range = Some(both(&on, (&range.unwrap_or_else(|| ranges.any()), &one), part)?);
    }
    Ok(Dependency {
        on,
        range: range.unwrap_or_else(|| ranges.any()),
        optional: wanted.optional,
    })
}

fn component(id: &str, value: Part<'_>) -> Result<Component, ManifestFault> {
    if let Some(reserved) = Component::reserved(id.trim()) {
        return Ok(reserved);
    }
    Slug::normalize(id)
        .map(Component::Plugin)
        .map_err(|source| at(value, DependencyFault::Id { source }))
}

/// What an entry says: a range in one text, or an object with `min`, `max`, `range` and `optional`.
fn wanted<'a>(id: &str, value: Part<'a>) -> Result<Wanted<'a>, ManifestFault> {
    let mut wanted = Wanted::default();
    if value.kind() != JsonType::Object {
        wanted.ranges.extend(text(id, value)?.map(|text| (value, text)));
        return Ok(wanted);
    }
    for (key, part) in value.entries(MAX_BYTES)? {
        match key.as_str() {
            MIN => wanted
                .ranges
                .extend(text(id, part)?.map(|text| (part, bounded(">=", &text)))),
            MAX => wanted
                .ranges
                .extend(text(id, part)?.map(|text| (part, bounded("<=", &text)))),
            key if RANGE.contains(&key) => wanted.ranges.extend(text(id, part)?.map(|text| (part, text))),
            key if OPTIONAL.contains(&key) => wanted.optional = part.source().trim() == "true",
            _ => {}
        }
    }
    Ok(wanted)
}

/// A text or a number; none where it is `null`.
fn text(id: &str, part: Part<'_>) -> Result<Option<String>, ManifestFault> {
    match part.kind() {
        JsonType::Null => Ok(None),
        JsonType::Number => Ok(Some(part.source().trim().to_owned())),
        JsonType::Text => Ok(Some(part.text()?)),
        found => {
            let id = id.to_owned();
            Err(at(part, DependencyFault::RangeType { id, found }))
        }
    }
}

/// A bound as a range: its own operator stays.
pub(super) fn bounded(operator: &str, text: &str) -> String {
    let text = text.trim();
    match text.chars().next() {
        Some(first) if first.is_ascii_alphanumeric() => format!("{operator}{text}"),
        _ => text.to_owned(),
    }
}

/// Adds one; of an id that is given twice both ranges hold.
fn add(
    found: &mut BTreeMap<Component, Dependency>,
    dependency: Dependency,
    value: Part<'_>,
    faults: &mut Vec<ManifestFault>,
) {
    match found.entry(dependency.on.clone()) {
        Entry::Vacant(place) => {
            place.insert(dependency);
        }
        Entry::Occupied(mut place) => {
            let earlier = place.get_mut();
            match both(&earlier.on, (&earlier.range, &dependency.range), value) {
                Ok(range) => earlier.range = range,
                Err(fault) => faults.push(fault),
            }
            earlier.optional &= dependency.optional;
        }
    }
}

/// What two ranges have in common; nothing is a fault.
fn both(
    on: &Component,
    (first, second): (&VersionRange, &VersionRange),
    part: Part<'_>,
) -> Result<VersionRange, ManifestFault> {
    let range = first.and(second);
    if !range.is_empty() {
        return Ok(range);
    }
    let (first, second) = (first.to_string(), second.to_string());
    let id = on.to_string();
    Err(at(part, DependencyFault::Disjoint { id, first, second }))
}

fn at(part: Part<'_>, fault: DependencyFault) -> ManifestFault {
    ManifestFault::Dependency {
        at: part.position(),
        fault,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Result<Vec<String>, String> {
        let part = Part::read(text.as_bytes()).unwrap();
        let mut faults = Vec::new();
        let own = Slug::normalize("own").unwrap();
        let found = read(part, &own, &mut faults, &mut KnownRanges::default());
        let shown = |one: &Dependency| format!("{} {}{}", one.on, one.range, if one.optional { "?" } else { "" });
        match faults.first() {
            None => Ok(found.iter().map(shown).collect()),
            Some(fault) => Err(fault.to_string()),
        }
    }

    #[test]
    fn both_forms_say_the_same() {
        for (text, expected) in [
            ("null", vec![]),
            ("[]", vec![]),
            ("{}", vec![]),
            (
                r#"{"p1": "^1.2", "p2": "*", "p3": null, "p4": 2}"#,
                vec!["p1 ^1.2", "p2 *", "p3 *", "p4 2"],
            ),
            (
                r#"[{"id": "p1", "range": "^1.2"}, {"id": "P 2"}]"#,
                vec!["p-2 *", "p1 ^1.2"],
            ),
            (r#"[{"id": "p1", "versao": "1.x", "opcional": true}]"#, vec!["p1 1.x?"]),
            (r#"[{"id": "p1", "min": "1.0", "max": "2.x"}]"#, vec!["p1 >=1.0, <=2.x"]),
            (r#"[{"id": "p1", "min": 1.5}]"#, vec!["p1 >=1.5"]),
            (r#"{"p1": {"min": ">1.0", "optional": false}}"#, vec!["p1 >1.0"]),
            (
                r#"{"gestor": ">=2.9", "php": ">=8.1"}"#,
                vec!["gestor >=2.9", "php >=8.1"],
            ),
            (
                r#"[{"id": "p1", "range": ">=1"}, {"id": "p1", "range": "<3", "optional": true}]"#,
                vec!["p1 >=1, <3"],
            ),
        ] {
            let expected: Vec<String> = expected.into_iter().map(str::to_owned).collect();
            assert_eq!(read_text(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_not_understood_is_a_fault_with_its_place() {
        for (text, expected) in [
            (r#""p1""#, "must be an object of ids and ranges"),
            (r#"["p1"]"#, "needs the id"),
            (r#"[{"range": "1"}]"#, "needs the id"),
            (r#"[{"id": 1}]"#, "needs the id"),
            (r#"{"_p": "1"}"#, "reserved"),
            (r#"{"p1": "not a range"}"#, "no range of versions"),
            (r#"{"p1": true}"#, "must be a text"),
            (r#"{"own": "*"}"#, "own is the plugin itself"),
            (
                r#"[{"id": "p1", "range": "^1"}, {"id": "p1", "range": "^2"}]"#,
                "no version is in both",
            ),
            (r#"[{"id": "p1", "min": "2", "max": "1"}]"#, "no version is in both"),
        ] {
            let fault = read_text(text).unwrap_err();
            assert!(
                fault.contains(expected) && fault.starts_with("line 1"),
                "{text}: {fault}"
            );
        }
    }
}
