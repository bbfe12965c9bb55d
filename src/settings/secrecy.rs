//! Where a schema speaks of a secret that no field keeps: such a schema is refused, for the value would stand in clear. Pure.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::error::{SchemaFault, SettingsError};
use super::limits::fault;
use super::pointer;
use super::resolve::Resolver;
use super::words::EXTENSION;

/// Words whose values have names, each with a part.
const NAMED: [&str; 4] = ["properties", "patternProperties", "dependentSchemas", "dependencies"];
/// Words whose values are no parts, or parts that count only where something refers to them.
const NO_PARTS: [&str; 7] = [
    "enum",
    "const",
    "default",
    "examples",
    "$defs",
    "definitions",
    EXTENSION,
];

/// Looks for them. What was looked through once has none, for the first that is found ends it.
#[derive(Debug, Default)]
pub(super) struct Secrecy {
    clean: HashSet<*const Value>,
}

impl Secrecy {
    /// Refuses a part that is shown as it is and says of itself, of anything in it or of what it refers to that it is a secret.
    pub(super) fn check<'s>(
        &mut self,
        resolver: &Resolver<'s>,
        part: &'s Value,
        at: &str,
    ) -> Result<(), SettingsError> {
        let mut left = vec![(part, at.to_owned())];
        while let Some((part, at)) = left.pop() {
            if !self.clean.insert(std::ptr::from_ref(part)) {
                continue;
            }
            match part {
                Value::Array(items) => {
                    let items = items.iter().enumerate();
                    left.extend(items.map(|(place, item)| (item, format!("{at}/{place}"))));
                }
                Value::Object(map) => {
                    said(map, &at)?;
                    left.extend(parts(map, &at, &[]));
                    left.extend(target(resolver, map));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The same, of everything in an object but these words, which have fields of their own.
    pub(super) fn check_rest<'s>(
        &mut self,
        resolver: &Resolver<'s>,
        map: &'s Map<String, Value>,
        (at, shown): (&str, &[&str]),
    ) -> Result<(), SettingsError> {
        said(map, at)?;
        let rest = parts(map, at, shown);
        rest.into_iter()
            .try_for_each(|(part, at)| self.check(resolver, part, &at))
    }
}

/// Refuses an object that is no setting and says that it is a secret.
fn said(map: &Map<String, Value>, at: &str) -> Result<(), SettingsError> {
    if is_said(map) {
        let at = pointer::below(&pointer::below(at, EXTENSION), "segredo");
        return Err(fault(&at, SchemaFault::SecretPlace));
    }
    Ok(())
}

fn is_said(map: &Map<String, Value>) -> bool {
    let said = map.get(EXTENSION).and_then(|said| said.get("segredo"));
    said.is_some_and(|said| *said != false)
}

fn target<'s>(resolver: &Resolver<'s>, map: &Map<String, Value>) -> Option<(&'s Value, String)> {
    Some((resolver.target(map)?, resolver.place(map)?))
}

/// The parts in an object, each with its place.
fn parts<'s>(map: &'s Map<String, Value>, at: &str, without: &[&str]) -> Vec<(&'s Value, String)> {
    let mut found = Vec::new();
    for (word, value) in map {
        if NO_PARTS.contains(&word.as_str()) || without.contains(&word.as_str()) {
            continue;
        }
        let place = pointer::below(at, word);
        match value {
            Value::Object(named) if NAMED.contains(&word.as_str()) => {
                found.extend(named.iter().map(|(name, part)| (part, pointer::below(&place, name))));
            }
            Value::Object(_) | Value::Array(_) => found.push((value, place)),
            _ => {}
        }
    }
    found
}
