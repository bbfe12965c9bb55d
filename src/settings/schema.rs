//! A schema of settings, read whole: its form, and what holds values against it. Only what is within the limits and is JSON
//! Schema becomes one. Pure.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value};

use super::error::SchemaFault;
use super::file::MOST_BYTES;
use super::limits::{self, fault};
use super::validator::Validator;
use super::work::{self, Work};
use super::{Field, Form, Reason, SettingsError, ValueFault, pointer, seed_words, variable};

/// How deep values stand in one another at most: with the limits of schemas it is what a thread's stack holds.
const DEEPEST: usize = 12;
/// What judging all fields, each by itself, may take at most.
const WORK_OF_FIELDS: u64 = 50 * work::MOST;

/// A schema of settings.
pub struct SettingsSchema {
    form: Form,
    validator: Validator,
    work: Work,
    /// The fields' parts in it, by their places.
    parts: HashMap<String, usize>,
}

impl SettingsSchema {
    /// Reads one.
    ///
    /// # Errors
    /// Everything that a person who writes one may do wrong, each with its place.
    pub fn read(bytes: &[u8]) -> Result<Self, SettingsError> {
        if bytes.len() > MOST_BYTES {
            return Err(SettingsError::TooLarge { most: MOST_BYTES });
        }
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mut schema: Value = serde_json::from_slice(bytes).map_err(|why| not_json(&why))?;
        seed_words::replace(&mut schema);
        limits::check(&schema)?;
        let form = Form::of(&schema);
        // What is no JSON Schema at all is told before what the gestor makes of it.
        let places = form.as_ref().map(places).unwrap_or_default();
        let validator = Validator::new(&schema, &[], places)?;
        let form = form?;
        let (work, parts) = Work::of(&schema, form.fields.iter().map(|field| field.place.as_str()));
        let read = Self {
            form,
            validator,
            work,
            parts,
        };
        read.check_defaults()?;
        Ok(read)
    }

    /// Its form.
    pub fn form(&self) -> &Form {
        &self.form
    }

    /// What is wrong with the value of a field, by itself.
    pub fn faults_of(&self, field: &Field, value: &Value) -> Vec<ValueFault> {
        let fields = u64::try_from(self.form.fields.len()).unwrap_or(u64::MAX);
        let mut most = work::MOST.min(WORK_OF_FIELDS / fields.max(1));
        self.judged(field, value, &mut most)
    }

    fn judged(&self, field: &Field, value: &Value, left: &mut u64) -> Vec<ValueFault> {
        let mut faults = too_deep(value);
        if faults.is_empty() && !field.is_conditional {
            let part = self.parts.get(&field.place).copied().unwrap_or_default();
            faults = match self.work.spend(part, value, left) {
                Ok(()) => self.validator.faults_at(&field.place, value),
                Err(reason) => vec![of_all(reason)],
            };
        }
        if faults.is_empty() && field.is_secret && !value.is_string() {
            let wanted = "string".to_owned();
            faults.push(of_all(Reason::Type { wanted }));
        }
        for fault in &mut faults {
            fault.pointer.insert_str(0, &field.pointer);
        }
        if let (true, Err(reason)) = (faults.is_empty() && !field.is_secret, variable::write(field, value)) {
            let pointer = field.pointer.clone();
            faults.push(ValueFault { pointer, reason });
        }
        faults
    }

    /// What is wrong with all values together.
    pub fn faults(&self, values: &Value) -> Vec<ValueFault> {
        let faults = too_deep(values);
        if !faults.is_empty() {
            return faults;
        }
        match self.work.spend(0, values, &mut { work::MOST }) {
            Ok(()) => self.validator.faults(values),
            Err(reason) => vec![of_all(reason)],
        }
    }

    /// The field to which a pointer leads, or in which it does.
    pub fn field_at(&self, pointer: &str) -> Option<&Field> {
        let is_within = |field: &&Field| {
            let rest = pointer.strip_prefix(field.pointer.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let found = self.form.fields.iter().filter(is_within);
        found.max_by_key(|field| field.pointer.len())
    }

    /// All values in one, as the schema means them; `values` are those of the fields, by the names of their variables.
    pub fn together(&self, values: &BTreeMap<String, Value>) -> Value {
        let mut whole = Value::Object(Map::new());
        for path in &self.form.wanted_objects {
            // Only where the object that it stands in is there.
            if let Some((name, above)) = path.split_last()
                && let Some(object) = at_mut(&mut whole, above, false)
            {
                object.entry(name.clone()).or_insert_with(|| Map::new().into());
            }
        }
        for field in &self.form.fields {
            let Some(value) = values.get(&field.id) else { continue };
            match field.path.split_last() {
                None => whole = value.clone(),
                Some((name, above)) => {
                    if let Some(object) = at_mut(&mut whole, above, true) {
                        object.insert(name.clone(), value.clone());
                    }
                }
            }
        }
        whole
    }

    /// The value of a field among all.
    pub fn of_field<'v>(&self, field: &Field, values: &'v Value) -> Option<&'v Value> {
        pointer::member(values, &field.path)
    }

    fn check_defaults(&self) -> Result<(), SettingsError> {
        // Many may refer to the same default.
        let mut left = 4 * work::MOST;
        for field in &self.form.fields {
            let faults = field.default.as_ref().map(|default| {
                let mut most = work::MOST.min(left);
                left -= most;
                let faults = self.judged(field, default, &mut most);
                left += most;
                faults
            });
            if let Some(wrong) = faults.into_iter().flatten().next() {
                let place = pointer::below(&field.place, "default");
                return Err(fault(&place, SchemaFault::Default(wrong)));
            }
        }
        Ok(())
    }
}

fn places(form: &Form) -> Vec<String> {
    let own = form.fields.iter().filter(|field| !field.is_conditional);
    own.map(|field| field.place.clone()).collect()
}

fn not_json(why: &serde_json::Error) -> SettingsError {
    let reason = why.to_string();
    let end = reason.rfind(" at line ").unwrap_or(reason.len());
    SettingsError::NotJson {
        line: why.line(),
        column: why.column(),
        reason: reason[..end].to_owned(),
    }
}

/// A fault of a value as a whole.
fn of_all(reason: Reason) -> ValueFault {
    let pointer = String::new();
    ValueFault { pointer, reason }
}

fn too_deep(value: &Value) -> Vec<ValueFault> {
    let mut left = vec![(value, 1)];
    while let Some((value, depth)) = left.pop() {
        if depth > DEEPEST {
            return vec![of_all(Reason::Deep { most: DEEPEST })];
        }
        match value {
            Value::Array(items) => left.extend(items.iter().map(|item| (item, depth + 1))),
            Value::Object(map) => left.extend(map.values().map(|value| (value, depth + 1))),
            _ => {}
        }
    }
    Vec::new()
}

/// The object at a path, made where it is missing and that is wanted.
fn at_mut<'v>(whole: &'v mut Value, path: &[String], makes: bool) -> Option<&'v mut Map<String, Value>> {
    let mut object = whole.as_object_mut()?;
    for name in path {
        if makes {
            object.entry(name.clone()).or_insert_with(|| Map::new().into());
        }
        object = object.get_mut(name)?.as_object_mut()?;
    }
    Some(object)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(schema: &Value) -> Result<SettingsSchema, SettingsError> {
        SettingsSchema::read(schema.to_string().as_bytes())
    }

    fn values(pairs: &[(&str, Value)]) -> BTreeMap<String, Value> {
        pairs
            .iter()
            .map(|(id, value)| ((*id).to_owned(), value.clone()))
            .collect()
    }

    #[test]
    fn the_first_design_is_a_form() {
        let text = r#"{"title": "Combat Pack Configuration", "properties": {
            "difficulty": {"type": "enum", "enum": ["normal", "hard", "extreme"], "default": "normal"},
            "enable_rare_encounters": {"type": "boolean", "default": false},
            "encounter_rate": {"type": "number", "min": 0.1, "max": 5.0, "default": 1.0}}}"#;
        let schema = SettingsSchema::read(text.as_bytes()).unwrap();
        let widgets: Vec<_> = schema.form().fields.iter().map(|field| field.widget.word()).collect();
        assert_eq!(widgets, ["dropdown", "toggle", "number"]);
        let rate = &schema.form().fields[2];
        assert_eq!(
            schema.faults_of(rate, &json!(5.5))[0].to_string(),
            "/encounter_rate: at most 5.0"
        );
        let faults = schema.faults(&json!({"difficulty": "easy"}));
        assert_eq!(faults[0].pointer, "/difficulty");
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (text, part) in [
            ("{\"a\": 1,\n}", "config/schema.json, line 2, column 1"),
            ("[]", "/: an object is wanted"),
            ("{\"properties\": {\"a\": {\"type\": \"strin\"}}}", "/properties/a/type"),
            ("{\"properties\": []}", "/properties: no JSON Schema"),
            (
                "{\"properties\": {\"a\": {\"type\": \"integer\", \"default\": \"x\"}}}",
                "/properties/a/default",
            ),
            (
                "{\"properties\": {\"a\": {\"type\": \"string\", \"default\": \"a\\nb\"}}}",
                "the default is not taken: /a: one line",
            ),
            ("{\"properties\": {\"a\": {\"$ref\": \"#/$defs/none\"}}}", "/$defs/none"),
        ] {
            let Err(fault) = SettingsSchema::read(text.as_bytes()) else {
                panic!("{text}")
            };
            assert!(fault.to_string().contains(part), "{fault}");
        }
        let large = format!("{{\"title\": \"{}\"}}", "x".repeat(MOST_BYTES));
        assert!(matches!(
            SettingsSchema::read(large.as_bytes()),
            Err(SettingsError::TooLarge { .. })
        ));
    }

    #[test]
    fn values_are_put_together() {
        let schema = read(&json!({"required": ["o"], "properties": {
            "a": {"type": "string"}, "o": {"required": ["b"], "properties": {"b": {"type": "integer"}}},
            "p": {"required": ["c"], "properties": {"c": {"type": "integer"}}}}}))
        .unwrap();
        assert_eq!(schema.together(&values(&[])), json!({"o": {}}));
        let faults = schema.faults(&schema.together(&values(&[("a", json!("x"))])));
        assert_eq!(faults.len(), 1);
        assert_eq!(schema.field_at(&faults[0].pointer).unwrap().id, "o.b");
        let whole = schema.together(&values(&[("o.b", json!(1)), ("p.c", json!(2)), ("none", json!(3))]));
        assert_eq!(whole, json!({"o": {"b": 1}, "p": {"c": 2}}));
        assert!(schema.faults(&whole).is_empty());
        assert_eq!(schema.of_field(&schema.form().fields[2], &whole), Some(&json!(2)));
        assert!(schema.field_at("/ox").is_none());
        let list = read(&json!({"type": "array"})).unwrap();
        assert_eq!(list.together(&values(&[("valor", json!([1]))])), json!([1]));
    }

    #[test]
    fn what_would_take_too_long_to_judge_is_refused() {
        let nested = |levels: usize| (1..levels).fold(json!([1]), |value, _| json!([value]));
        let lists = json!({"type": "array", "items": {"$ref": "#/$defs/n"}});
        let circle = json!({"properties": {"a": {"$ref": "#/$defs/n"}}, "$defs": {"n": {"anyOf": vec![lists; 4]}}});
        let lengths: Vec<Value> = (0..6_000).map(|n| json!({"type": "string", "minLength": n})).collect();
        let wide = json!({"properties": {"a": {"type": "array", "items": {"anyOf": lengths}}}});
        let metaschema = json!({"properties": {"a": {"$ref": "https://json-schema.org/draft/2020-12/schema"}}});
        let texts: Vec<Value> = (0..90).map(|n| json!({"pattern": format!("^(a|b)*{n}$")})).collect();
        for (schema, value) in [
            (circle, nested(10)),
            (wide, json!(vec![1; 2_000])),
            (metaschema, json!(vec![1; 20_000])),
            (
                json!({"properties": {"a": {"anyOf": texts}}}),
                json!("ab".repeat(100_000)),
            ),
        ] {
            let schema = read(&schema).unwrap();
            let [alone, together] = [
                schema.faults_of(&schema.form().fields[0], &value),
                schema.faults(&json!({ "a": value })),
            ];
            for (faults, pointer) in [(alone, "/a"), (together, "")] {
                let reason = Reason::Laborious { most: work::MOST };
                let pointer = pointer.to_owned();
                assert_eq!(faults, [ValueFault { pointer, reason }]);
            }
        }
    }

    #[test]
    fn defaults_that_take_too_long_are_refused() {
        let each: Vec<Value> = (0..400)
            .map(|n| json!({"type": "string", "maxLength": 1_000 + n}))
            .collect();
        let list = json!({"default": vec![""; 500], "items": {"allOf": each}});
        let fields: Map<String, Value> = (0..20).map(|n| (n.to_string(), json!({"$ref": "#/$defs/l"}))).collect();
        let Err(fault) = read(&json!({"properties": fields, "$defs": {"l": list}})) else {
            panic!("a default that costs nothing")
        };
        assert!(fault.to_string().contains("too much to judge"), "{fault}");
    }

    #[test]
    fn large_values_of_ordinary_schemas_are_judged() {
        let row = json!({"type": "object", "required": ["id"], "properties": {
            "id": {"type": "integer"}, "name": {"type": "string", "maxLength": 80, "pattern": "^[a-z]"}}});
        let tree = json!({"type": "object", "properties": {
            "name": {"type": "string"}, "children": {"type": "array", "items": {"$ref": "#/$defs/tree"}}}});
        let schema = json!({"properties": {"rows": {"type": "array", "uniqueItems": true, "items": row},
            "css": {"type": "string", "maxLength": 1_000_000}, "tree": {"$ref": "#/$defs/tree"}}, "$defs": {"tree": tree}});
        let schema = read(&schema).unwrap();
        let rows: Vec<Value> = (0..5_000).map(|n| json!({"id": n, "name": "somebody"})).collect();
        let tree = (0..4).fold(
            json!({"name": "leaf"}),
            |below, _| json!({"name": "n", "children": vec![below; 5]}),
        );
        let values = json!({"rows": rows, "css": "x".repeat(500_000), "tree": tree});
        assert_eq!(schema.faults(&values), []);
    }

    #[test]
    fn the_deepest_that_is_allowed_is_held() {
        // As many parts in one another as there may be, in a circle that each value goes through again.
        let part = |links: usize| {
            let mut parts: Map<String, Value> = (0..links)
                .map(|n| (format!("d{n}"), json!({"$ref": format!("#/$defs/d{}", n + 1)})))
                .collect();
            parts.insert(
                format!("d{links}"),
                json!({"properties": {"a": {"$ref": "#/$defs/d0"}}}),
            );
            let first = json!({"$ref": "#/$defs/d0", "x-gestor": {"widget": "json"}});
            read(&json!({"properties": {"a": first}, "$defs": parts}))
        };
        let schema = (1..100).rev().find_map(|links| part(links).ok()).unwrap();
        let deep = |levels: usize| (1..levels).fold(json!({}), |value, _| json!({ "a": value }));
        let held = std::thread::Builder::new().stack_size(1 << 20);
        let held = held.spawn(move || [DEEPEST, 100].map(|levels| schema.faults(&deep(levels))));
        let [within, beyond] = held.unwrap().join().unwrap();
        assert_eq!(within, []);
        assert_eq!(beyond[0].reason, Reason::Deep { most: DEEPEST });
    }
}
