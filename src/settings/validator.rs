//! JSON Schema itself: what a schema says of a value. Nothing is fetched for it: what is not in the schema is not there. Pure.

use std::collections::{HashMap, HashSet};
use std::error::Error;
use std::fmt::Write as _;

use boon::{CompileError, Compiler, Draft, ErrorKind, InstanceToken, SchemaIndex, Schemas, UrlLoader, ValidationError};
use serde_json::Value;

use super::error::SchemaFault;
use super::limits::fault;
use super::reason::{MOST_FAULTS, Reason, ValueFault};
use super::{SettingsError, pointer};

/// The address under which the validator knows the schema. Nothing is there.
const ADDRESS: &str = "gestor-plugins:///config/schema.json";

/// A schema that values can be held against, as a whole or each at its place.
pub(super) struct Validator {
    schemas: Schemas,
    whole: SchemaIndex,
    parts: HashMap<String, SchemaIndex>,
}

/// Loads nothing: neither files nor what stands on other machines.
struct Nothing;

impl UrlLoader for Nothing {
    fn load(&self, url: &str) -> Result<Value, Box<dyn Error>> {
        Err(format!("{url} is not in the schema, and nothing is fetched").into())
    }
}

impl Validator {
    /// Compiles a schema, and the parts of it that stand at these places, of which `others` are what it may refer to.
    pub(super) fn new(
        schema: &Value,
        others: &[(String, Value)],
        places: impl IntoIterator<Item = String>,
    ) -> Result<Self, SettingsError> {
        let mut compiler = Compiler::new();
        compiler.use_loader(Box::new(Nothing));
        compiler.set_default_draft(Draft::V2020_12);
        for (address, other) in others {
            compiler
                .add_resource(address, other.clone())
                .map_err(|why| refused(&why))?;
        }
        compiler
            .add_resource(ADDRESS, schema.clone())
            .map_err(|why| refused(&why))?;
        let mut schemas = Schemas::new();
        let whole = compiler.compile(ADDRESS, &mut schemas).map_err(|why| refused(&why))?;
        let mut parts = HashMap::new();
        for place in places {
            let address = format!("{ADDRESS}#{}", escaped(&place));
            let part = compiler.compile(&address, &mut schemas).map_err(|why| refused(&why))?;
            parts.insert(place, part);
        }
        Ok(Self { schemas, whole, parts })
    }

    /// What is wrong with all values together.
    pub(super) fn faults(&self, value: &Value) -> Vec<ValueFault> {
        self.held(value, self.whole)
    }

    /// What is wrong with a value, by the part of the schema that stands at a place.
    pub(super) fn faults_at(&self, place: &str, value: &Value) -> Vec<ValueFault> {
        self.parts
            .get(place)
            .map_or_else(Vec::new, |part| self.held(value, *part))
    }

    fn held(&self, value: &Value, part: SchemaIndex) -> Vec<ValueFault> {
        let mut faults = Faults::default();
        if let Err(why) = self.schemas.validate(value, part) {
            collect(&why, &mut faults);
        }
        faults.told()
    }
}

/// Faults in their order, each of them once, and no more than are told.
#[derive(Default)]
struct Faults {
    found: Vec<ValueFault>,
    known: HashSet<ValueFault>,
    has_more: bool,
}

impl Faults {
    fn push(&mut self, fault: ValueFault) {
        if self.known.contains(&fault) {
            return;
        }
        if self.found.len() == MOST_FAULTS {
            self.has_more = true;
            return;
        }
        self.known.insert(fault.clone());
        self.found.push(fault);
    }

    fn told(mut self) -> Vec<ValueFault> {
        if self.has_more {
            let reason = Reason::More { most: MOST_FAULTS };
            let pointer = String::new();
            self.found.push(ValueFault { pointer, reason });
        }
        self.found
    }
}

/// What may stand in an address as it is.
fn escaped(place: &str) -> String {
    place.bytes().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'~' | b'-' | b'_' | b'.') {
            text.push(char::from(byte));
        } else {
            // A text takes whatever is written to it.
            let _ = write!(text, "%{byte:02X}");
        }
        text
    })
}

/// Why a schema is none.
fn refused(why: &CompileError) -> SettingsError {
    match why {
        CompileError::ValidationError { src, .. } => {
            let mut faults = Faults::default();
            collect(src, &mut faults);
            match faults.found.into_iter().next() {
                Some(ValueFault { pointer, reason }) => fault(&pointer, SchemaFault::Wrong(reason)),
                None => fault("", SchemaFault::Invalid { reason: words(why) }),
            }
        }
        CompileError::JsonPointerNotFound(to) | CompileError::AnchorNotFound { reference: to, .. } => {
            let to = to.strip_prefix(ADDRESS).unwrap_or(to).to_owned();
            fault("", SchemaFault::NoTarget { to })
        }
        CompileError::LoadUrlError { url, .. } => fault("", SchemaFault::Reference { to: url.clone() }),
        CompileError::InvalidRegex { url, regex, src } => {
            let (pattern, reason) = (regex.clone(), src.to_string());
            let place = url.split_once('#').map_or("", |(_, place)| place);
            fault(place, SchemaFault::Pattern { pattern, reason })
        }
        _ => fault("", SchemaFault::Invalid { reason: words(why) }),
    }
}

fn words(why: &CompileError) -> String {
    why.to_string().replace(ADDRESS, "")
}

/// The faults that a person can do something about: the innermost, but where something has to fit one of several.
fn collect(why: &ValidationError<'_, '_>, faults: &mut Faults) {
    if faults.has_more {
        return;
    }
    let place = place(why);
    match &why.kind {
        ErrorKind::AnyOf | ErrorKind::OneOf(_) | ErrorKind::Not | ErrorKind::Contains => {}
        ErrorKind::Required { want } => return missing(&place, want, faults),
        ErrorKind::Dependency { missing: want, .. } | ErrorKind::DependentRequired { missing: want, .. } => {
            return missing(&place, want, faults);
        }
        ErrorKind::AdditionalProperties { got } => {
            let each = got.iter().map(|name| ValueFault {
                pointer: pointer::below(&place, name),
                reason: Reason::Unknown,
            });
            return each.for_each(|fault| faults.push(fault));
        }
        _ if !why.causes.is_empty() => return why.causes.iter().for_each(|cause| collect(cause, faults)),
        _ => {}
    }
    faults.push(ValueFault {
        pointer: place,
        reason: reason(&why.kind),
    });
}

fn missing(place: &str, names: &[&str], faults: &mut Faults) {
    for name in names {
        faults.push(ValueFault {
            pointer: pointer::below(place, name),
            reason: Reason::Required,
        });
    }
}

fn place(why: &ValidationError<'_, '_>) -> String {
    let tokens = &why.instance_location.tokens;
    tokens.iter().fold(String::new(), |place, token| match token {
        InstanceToken::Prop(name) => pointer::below(&place, name),
        InstanceToken::Item(at) => format!("{place}/{at}"),
    })
}

fn reason(kind: &ErrorKind<'_, '_>) -> Reason {
    match kind {
        ErrorKind::Type { want, .. } => Reason::Type {
            wanted: want.iter().map(|kind| kind.to_string()).collect::<Vec<_>>().join(", "),
        },
        ErrorKind::Enum { .. } | ErrorKind::Const { .. } => Reason::Choice,
        ErrorKind::Format { want, .. } => Reason::Format {
            name: (*want).to_owned(),
        },
        ErrorKind::MinLength { want, .. } => Reason::Short { least: *want },
        ErrorKind::MaxLength { want, .. } => Reason::Long { most: *want },
        ErrorKind::Pattern { want, .. } => Reason::Pattern {
            pattern: (*want).to_owned(),
        },
        ErrorKind::MinItems { want, .. } => Reason::Few { least: *want },
        ErrorKind::MaxItems { want, .. } => Reason::Many { most: *want },
        ErrorKind::UniqueItems { .. } => Reason::Twice,
        ErrorKind::AdditionalItems { got } => Reason::Many { most: *got },
        ErrorKind::AnyOf => Reason::NoneFits { word: "anyOf" },
        ErrorKind::OneOf(None) => Reason::NoneFits { word: "oneOf" },
        ErrorKind::OneOf(Some(_)) => Reason::SeveralFit,
        ErrorKind::Not | ErrorKind::FalseSchema => Reason::Forbidden,
        _ => of_number(kind).unwrap_or(Reason::Other { word: word(kind) }),
    }
}

fn of_number(kind: &ErrorKind<'_, '_>) -> Option<Reason> {
    let bound = match kind {
        ErrorKind::Minimum { want, .. }
        | ErrorKind::Maximum { want, .. }
        | ErrorKind::ExclusiveMinimum { want, .. }
        | ErrorKind::ExclusiveMaximum { want, .. }
        | ErrorKind::MultipleOf { want, .. } => want.to_string(),
        _ => return None,
    };
    Some(match kind {
        ErrorKind::Minimum { .. } => Reason::AtLeast { bound },
        ErrorKind::Maximum { .. } => Reason::AtMost { bound },
        ErrorKind::ExclusiveMinimum { .. } => Reason::Above { bound },
        ErrorKind::ExclusiveMaximum { .. } => Reason::Below { bound },
        _ => Reason::Step { step: bound },
    })
}

fn word(kind: &ErrorKind<'_, '_>) -> &'static str {
    match kind {
        ErrorKind::PropertyName { .. } => "propertyNames",
        ErrorKind::MinProperties { .. } => "minProperties",
        ErrorKind::MaxProperties { .. } => "maxProperties",
        ErrorKind::Contains | ErrorKind::MinContains { .. } | ErrorKind::MaxContains { .. } => "contains",
        ErrorKind::ContentEncoding { .. } => "contentEncoding",
        ErrorKind::ContentMediaType { .. } => "contentMediaType",
        ErrorKind::RefCycle { .. } => "$ref",
        _ => "allOf",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(schema: &Value, value: &Value) -> Vec<String> {
        let validator = Validator::new(schema, &[], []).unwrap();
        validator.faults(value).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn each_fault_is_told_at_its_place() {
        let schema = json!({"required": ["a", "b"], "additionalProperties": false, "properties": {
            "a": {"type": "integer", "minimum": 3}, "b": {"type": "string", "pattern": "^x", "maxLength": 2},
            "c": {"type": "array", "items": {"enum": [1, 2]}, "uniqueItems": true},
            "d/e": {"oneOf": [{"type": "string"}, {"minLength": 1}]}, "f": {"allOf": [{"maximum": 5}, {"multipleOf": 2}]},
        }});
        for (value, expected) in [
            (json!({"a": 3, "b": "x"}), vec![]),
            (json!({}), vec!["/a: a value is wanted", "/b: a value is wanted"]),
            (
                json!({"a": 2, "b": "yyy", "z": 1}),
                vec![
                    "/z: the schema has no such setting",
                    "/a: at least 3",
                    "/b: at most 2 characters",
                    "/b: not as the expression ^x wants it",
                ],
            ),
            (
                json!({"a": "3", "b": "x"}),
                vec!["/a: a value of another type is wanted: integer"],
            ),
            (
                json!({"a": 3, "b": "x", "c": [1, 7, 1]}),
                vec!["/c: the same item twice", "/c/1: none of the values that can be chosen"],
            ),
            (
                json!({"a": 3, "b": "x", "d/e": "s"}),
                vec!["/d~1e: fits several of the descriptions, of which one is wanted (`oneOf`)"],
            ),
            (
                json!({"a": 3, "b": "x", "f": 7}),
                vec!["/f: at most 5", "/f: a multiple of 2"],
            ),
        ] {
            let mut found = told(&schema, &value);
            let mut expected: Vec<String> = expected.into_iter().map(str::to_owned).collect();
            found.sort();
            expected.sort();
            assert_eq!(found, expected, "{value}");
        }
    }

    #[test]
    fn no_more_faults_than_can_be_read_are_told() {
        let schema = json!({"properties": {"j": {"items": {"type": "string"}}}});
        let wrong = |count: usize| told(&schema, &json!({"j": vec![1; count]}));
        assert_eq!(wrong(MOST_FAULTS).len(), MOST_FAULTS);
        let many = wrong(40_000);
        assert_eq!(many.len(), MOST_FAULTS + 1);
        assert_eq!(
            many[MOST_FAULTS],
            "/: there are more faults than these 100: mend these first"
        );
        let names: Vec<String> = (0..1_000).map(|n| n.to_string()).collect();
        assert_eq!(told(&json!({ "required": names }), &json!({})).len(), MOST_FAULTS + 1);
        // The same one again is no more.
        let twice = json!({"allOf": vec![json!({"type": "string"}); 200]});
        assert_eq!(told(&twice, &json!(1)).len(), 1);
    }

    #[test]
    fn no_fault_shows_the_value() {
        for part in [
            json!({"pattern": "^x"}),
            json!({"maxLength": 2}),
            json!({"enum": ["x"]}),
            json!({"const": "x"}),
            json!({"format": "email"}),
            json!({"type": "number"}),
            json!({"anyOf": [{"maxLength": 2}, {"minLength": 20}]}),
            json!(false),
        ] {
            let schema = json!({"properties": {"s": part}, "$schema": "http://json-schema.org/draft-07/schema#"});
            let told = told(&schema, &json!({"s": "t0psecret"}));
            assert!(told.len() == 1 && !told[0].contains("t0psecret"), "{told:?}");
        }
    }

    #[test]
    fn parts_are_held_by_themselves() {
        let schema = json!({"properties": {"a b%": {"$ref": "#/$defs/n"}}, "$defs": {"n": {"maximum": 2}}});
        let place = "/properties/a b%".to_owned();
        let validator = Validator::new(&schema, &[], [place.clone()]).unwrap();
        assert!(validator.faults_at(&place, &json!(2)).is_empty());
        assert_eq!(validator.faults_at(&place, &json!(3)).len(), 1);
    }

    #[test]
    fn what_is_no_schema_is_told_with_its_place() {
        for (schema, part) in [
            (json!({"properties": {"a": {"type": "strin"}}}), "/properties/a/type"),
            (
                json!({"properties": {"a": {"minLength": -1}}}),
                "/properties/a/minLength: no JSON Schema",
            ),
            (json!({"properties": {"a": {"$ref": "#/none"}}}), "#/none"),
            (json!({"$ref": "#none"}), "none"),
            (json!({"$ref": "https://example.com/x"}), "https://example.com/x"),
            (json!({"$ref": "file:///etc/hostname"}), "file:///etc/hostname"),
        ] {
            let Err(fault) = Validator::new(&schema, &[], []) else {
                panic!("{schema}")
            };
            assert!(fault.to_string().contains(part), "{fault}");
        }
    }
}
