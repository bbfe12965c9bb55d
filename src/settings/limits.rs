//! How large a schema may be, and what it may lead to. Everything is bounded before the validator reads it: what it compiles,
//! how deep it goes, how often it comes to the same part. Pure.

use std::collections::HashMap;

use regex::RegexBuilder;
use serde_json::{Map, Value};

use super::error::{SchemaFault, SettingsError};
use super::pointer;
use super::resolve::Resolver;
use crate::model::Phrase;

/// Values in a schema.
const VALUES: usize = 20_000;
/// How deep they stand in one another.
const DEPTH: usize = 32;
/// References.
const REFERENCES: usize = 500;
/// How many parts are read for one value, one within the other.
const HEIGHT: usize = 32;
/// Parts that are read for one value at most.
const COST: u64 = 50_000;
/// Regular expressions.
const PATTERNS: usize = 100;
/// Characters of one.
const PATTERN_LENGTH: usize = 1_000;
/// Bytes that one becomes.
const PATTERN_BYTES: usize = 256 << 10;
/// What `$schema` may say, without `#` at its end.
const DRAFTS: [&str; 2] = [
    "http://json-schema.org/draft-07/schema",
    "https://json-schema.org/draft/2020-12/schema",
];

const NAMED_VALUES: Phrase = Phrase::new("valores", "values");
const NAMED_DEPTH: Phrase = Phrase::new(
    "níveis de valores uns dentro dos outros",
    "levels of values in one another",
);
const NAMED_REFERENCES: Phrase = Phrase::new("referências (`$ref`)", "references (`$ref`)");
const NAMED_HEIGHT: Phrase = Phrase::new(
    "partes umas dentro das outras, com as suas referências",
    "parts in one another, with their references",
);
const NAMED_PATTERNS: Phrase = Phrase::new("expressões (`pattern`)", "expressions (`pattern`)");

/// Refuses a schema that is too large, or leads out of its file.
pub(super) fn check(schema: &Value) -> Result<(), SettingsError> {
    let root = schema.as_object().ok_or_else(|| fault("", SchemaFault::NoObject))?;
    if let Some(draft) = root.get("$schema") {
        let said = draft.as_str().unwrap_or_default();
        if !DRAFTS.contains(&said.trim_end_matches('#')) {
            let (found, known) = (draft.to_string(), DRAFTS.join(", "));
            return Err(fault("/$schema", SchemaFault::Draft { found, known }));
        }
    }
    Walk::default().value(schema, "", 0)?;
    let mut measure = Measure {
        resolver: Resolver::new(schema),
        known: HashMap::new(),
    };
    if measure.of(schema, 0)?.cost > COST {
        return Err(fault("", SchemaFault::Costly { most: COST }));
    }
    Ok(())
}

/// A fault at a place.
pub(super) fn fault(pointer: &str, fault: SchemaFault) -> SettingsError {
    SettingsError::Schema {
        pointer: pointer.to_owned(),
        fault,
    }
}

fn too_many(pointer: &str, what: Phrase, most: usize) -> SettingsError {
    fault(pointer, SchemaFault::TooMany { what, most })
}

/// What was met so far.
#[derive(Default)]
struct Walk {
    values: usize,
    references: usize,
    patterns: usize,
}

impl Walk {
    fn value(&mut self, value: &Value, at: &str, depth: usize) -> Result<(), SettingsError> {
        self.values += 1;
        if self.values > VALUES {
            return Err(too_many(at, NAMED_VALUES, VALUES));
        }
        if depth > DEPTH {
            return Err(too_many(at, NAMED_DEPTH, DEPTH));
        }
        match value {
            Value::Object(map) => self.object(map, at, depth),
            Value::Array(items) => items
                .iter()
                .enumerate()
                .try_for_each(|(place, item)| self.value(item, &format!("{at}/{place}"), depth + 1)),
            _ => Ok(()),
        }
    }

    fn object(&mut self, map: &Map<String, Value>, at: &str, depth: usize) -> Result<(), SettingsError> {
        for (name, value) in map {
            let below = pointer::below(at, name);
            match (name.as_str(), value) {
                ("$ref" | "$dynamicRef" | "$recursiveRef", Value::String(to)) => self.reference(to, &below)?,
                ("$id", Value::String(_)) if depth > 0 => return Err(fault(&below, SchemaFault::Id)),
                ("pattern", Value::String(pattern)) => self.pattern(pattern, &below)?,
                ("patternProperties", Value::Object(patterns)) => {
                    for pattern in patterns.keys() {
                        self.pattern(pattern, &pointer::below(&below, pattern))?;
                    }
                }
                _ => {}
            }
            self.value(value, &below, depth + 1)?;
        }
        Ok(())
    }

    fn reference(&mut self, to: &str, at: &str) -> Result<(), SettingsError> {
        self.references += 1;
        if self.references > REFERENCES {
            return Err(too_many(at, NAMED_REFERENCES, REFERENCES));
        }
        if to.starts_with('#') || DRAFTS.contains(&to.trim_end_matches('#')) {
            return Ok(());
        }
        Err(fault(at, SchemaFault::Reference { to: to.to_owned() }))
    }

    fn pattern(&mut self, pattern: &str, at: &str) -> Result<(), SettingsError> {
        self.patterns += 1;
        if self.patterns > PATTERNS {
            return Err(too_many(at, NAMED_PATTERNS, PATTERNS));
        }
        let built = if pattern.chars().count() > PATTERN_LENGTH {
            Err(format!("> {PATTERN_LENGTH}"))
        } else {
            let built = RegexBuilder::new(pattern).size_limit(PATTERN_BYTES).build();
            built.map_err(|why| why.to_string().lines().last().unwrap_or_default().to_owned())
        };
        let pattern = pattern.chars().take(80).collect();
        built
            .map(drop)
            .map_err(|reason| fault(at, SchemaFault::Pattern { pattern, reason }))
    }
}

/// How often parts are read, references followed.
struct Measure<'s> {
    resolver: Resolver<'s>,
    /// What each part costs. One that is being measured costs nothing more, for the validator ends circles itself.
    known: HashMap<*const Value, Extent>,
}

#[derive(Clone, Copy, Default)]
struct Extent {
    /// Parts that are read for it.
    cost: u64,
    /// How many of them stand in one another.
    height: usize,
}

impl<'s> Measure<'s> {
    fn of(&mut self, value: &'s Value, depth: usize) -> Result<Extent, SettingsError> {
        if let Some(known) = self.known.get(&std::ptr::from_ref(value)) {
            return Ok(*known);
        }
        self.known.insert(std::ptr::from_ref(value), Extent::default());
        let below: Vec<&Value> = match value {
            Value::Object(map) => map.values().chain(self.resolver.target(map)).collect(),
            Value::Array(items) => items.iter().collect(),
            _ => Vec::new(),
        };
        let mut found = Extent { cost: 1, height: 1 };
        for part in below {
            if depth >= HEIGHT {
                return Err(too_many("", NAMED_HEIGHT, HEIGHT));
            }
            let part = self.of(part, depth + 1)?;
            found.cost = found.cost.saturating_add(part.cost);
            found.height = found.height.max(part.height + 1);
        }
        if found.height > HEIGHT {
            return Err(too_many("", NAMED_HEIGHT, HEIGHT));
        }
        self.known.insert(std::ptr::from_ref(value), found);
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(schema: &Value) -> String {
        check(schema).map_or_else(|fault| fault.to_string(), |()| String::new())
    }

    #[test]
    fn what_leads_out_of_the_file_is_refused() {
        for (part, at) in [
            (json!({"$ref": "https://example.com/s.json"}), "/properties/a/$ref"),
            (json!({"$ref": "file:///etc/passwd"}), "file:///etc/passwd"),
            (json!({"$ref": "other.json#/a"}), "/properties/a/$ref"),
            (
                json!({"allOf": [{"$dynamicRef": "x#y"}]}),
                "/properties/a/allOf/0/$dynamicRef",
            ),
            (json!({"$id": "x", "type": "string"}), "/properties/a/$id"),
        ] {
            let told = told(&json!({"properties": {"a": part}}));
            assert!(told.contains(at), "{told}");
        }
        for to in ["#", "#/$defs/x", "#name", "http://json-schema.org/draft-07/schema#"] {
            let schema = json!({"$defs": {"x": {"$anchor": "name"}}, "properties": {"a": {"$ref": to}}});
            assert_eq!(told(&schema), "", "{to}");
        }
        // Settings may have the names of words.
        let schema = json!({"properties": {"$ref": {"type": "string"}, "$id": {"type": "string"}, "pattern": {}}});
        assert_eq!(told(&schema), "");
    }

    #[test]
    fn only_two_drafts_are_known() {
        for draft in [DRAFTS[0], DRAFTS[1], "http://json-schema.org/draft-07/schema#"] {
            assert_eq!(told(&json!({"$schema": draft})), "");
        }
        for draft in [json!("http://json-schema.org/draft-04/schema#"), json!("x"), json!(7)] {
            let told = told(&json!({"$schema": draft}));
            assert!(told.contains("/$schema") && told.contains("2020-12"), "{told}");
        }
        assert!(told(&json!([])).contains("an object is wanted"));
    }

    #[test]
    fn expressions_are_bounded() {
        for pattern in ["(", "a{1000}{1000}", "\\p{L}{5000}", &"a".repeat(PATTERN_LENGTH + 1)] {
            for schema in [
                json!({"properties": {"a": {"pattern": pattern}}}),
                json!({"patternProperties": {pattern: true}}),
            ] {
                assert!(told(&schema).contains("is not taken"), "{pattern}: {}", told(&schema));
            }
        }
        let many: Map<String, Value> = (0..=PATTERNS)
            .map(|n| (n.to_string(), json!({"pattern": "^a"})))
            .collect();
        assert!(told(&json!({"properties": many})).contains("expressions"));
    }

    #[test]
    fn size_depth_and_circles_are_bounded() {
        let many: Vec<Value> = (0..VALUES).map(Value::from).collect();
        assert!(told(&json!({"enum": many})).contains("values"));
        let deep = (0..=DEPTH).fold(json!(1), |value, _| json!([value]));
        assert!(told(&json!({"default": deep})).contains("levels"));
        // Each part names the next one twice: 2 to the power of 30.
        let doubled: Map<String, Value> = (0..30)
            .map(|n| {
                let next = format!("#/$defs/d{}", n + 1);
                (format!("d{n}"), json!({"allOf": [{"$ref": next}, {"$ref": next}]}))
            })
            .collect();
        let told_of = told(&json!({"$defs": doubled, "$ref": "#/$defs/d0"}));
        assert!(
            told_of.contains("again and again") || told_of.contains("in one another"),
            "{told_of}"
        );
        let chain: Map<String, Value> = (0..200)
            .map(|n| (format!("d{n}"), json!({"$ref": format!("#/$defs/d{}", n + 1)})))
            .collect();
        assert!(told(&json!({"$ref": "#/$defs/d0", "$defs": chain})).contains("in one another"));
        // A tree of a tree is no circle that costs anything.
        let tree = json!({"properties": {"kind": {"$ref": "#"}, "more": {"items": {"$ref": "#"}}}});
        assert_eq!(told(&tree), "");
    }
}
