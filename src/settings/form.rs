//! The form that a schema means: its fields in order, and the parts that have none. Pure.

use std::collections::{BTreeSet, HashSet};

use serde_json::{Map, Value};

use super::error::{SchemaFault, SettingsError};
use super::form_words::{
    FORBIDDEN, LIMITS, NO_NAMES, SETTINGS, asks_for_json, has_properties, id, names, open, text, under_condition,
};
use super::limits::fault;
use super::resolve::Resolver;
use super::secrecy::Secrecy;
use super::shape::{Shape, kind};
use super::words::Words;
use super::{Field, Part, pointer};
use crate::model::Phrase;

/// How deep objects stand in one another that are shown field by field.
const DEPTH: usize = 4;
/// Characters of a variable's name: the gestor's column.
const NAME: usize = 255;
/// Fields, and parts that have none.
const MOST: usize = 2_000;
/// The variable of a schema that names no settings.
const WHOLE: &str = "valor";
/// Where a schema may name more settings that are there only under a condition.
const BRANCHES: [&str; 7] = [
    "anyOf",
    "oneOf",
    "if",
    "then",
    "else",
    "dependentSchemas",
    "dependencies",
];
/// What of an object becomes fields, besides what stands under a condition.
const SHOWN: [&str; 2] = ["properties", "allOf"];
/// Where a schema may allow names that it does not say.
const OPEN: [&str; 3] = ["patternProperties", "additionalProperties", "unevaluatedProperties"];

/// A form.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Form {
    /// What it is called.
    pub title: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// The module in whose variables the values stand, where the schema says one.
    pub module: Option<String>,
    /// The fields, in order.
    pub fields: Vec<Field>,
    /// What has no field.
    pub parts: Vec<Part>,
    /// Objects that must be there, by the names of their settings.
    pub(super) wanted_objects: Vec<Vec<String>>,
}

impl Form {
    /// That of a schema, which is within the limits.
    pub(super) fn of(schema: &Value) -> Result<Self, SettingsError> {
        let root = schema.as_object().ok_or_else(|| fault("", SchemaFault::NoObject))?;
        let words = Words::read(root, true).map_err(|wrong| fault("", wrong))?;
        let mut builder = Builder {
            resolver: Resolver::new(schema),
            form: Self {
                title: text(root, "title"),
                description: text(root, "description"),
                module: words.module,
                ..Self::default()
            },
            ids: BTreeSet::new(),
            seen: HashSet::new(),
            secrecy: Secrecy::default(),
        };
        builder.object(schema, &Place::default())?;
        if builder.form.fields.is_empty() {
            builder.whole(root)?;
        }
        Ok(builder.form)
    }
}

/// Where the builder is.
#[derive(Debug, Clone, Default)]
struct Place {
    /// Names of the objects that the next setting stands in.
    path: Vec<String>,
    /// JSON pointer of the part of the schema.
    at: String,
    /// Title of the object.
    group: Option<String>,
    /// References and `allOf` that led here.
    hops: usize,
}

impl Place {
    fn below(&self, word: &str) -> Self {
        Self {
            at: pointer::below(&self.at, word),
            ..self.clone()
        }
    }
}

struct Builder<'s> {
    resolver: Resolver<'s>,
    form: Form,
    ids: BTreeSet<String>,
    /// Objects that were read, each with the names that led there.
    seen: HashSet<(*const Value, Vec<String>)>,
    secrecy: Secrecy,
}

impl<'s> Builder<'s> {
    /// The settings of an object: its own, those of what it refers to, and those that are there under a condition.
    fn object(&mut self, schema: &'s Value, place: &Place) -> Result<(), SettingsError> {
        let Some(object) = schema.as_object() else {
            return Ok(());
        };
        if !self.seen.insert((std::ptr::from_ref(schema), place.path.clone())) {
            return Ok(());
        }
        if place.hops >= DEPTH * DEPTH {
            return self.secrecy.check(&self.resolver, schema, &place.at);
        }
        let handled: Vec<&str> = SHOWN.iter().chain(&BRANCHES).copied().collect();
        self.secrecy.check_rest(&self.resolver, object, (&place.at, &handled))?;
        let required = names(object.get("required"));
        let properties = object.get("properties").and_then(Value::as_object);
        let at = place.below("properties");
        for (name, part) in properties.into_iter().flatten() {
            self.setting((name, part), required.contains(&name.as_str()), &at)?;
        }
        self.more(object, place)?;
        self.conditional(object, place)?;
        for word in OPEN {
            let is_open = object
                .get(word)
                .is_some_and(|part| part.as_object().is_some_and(|part| !part.is_empty()));
            if is_open {
                self.form.parts.push(Part {
                    place: pointer::below(&place.at, word),
                    reason: open(word),
                });
            }
        }
        Ok(())
    }

    /// Those of `$ref` and `allOf`.
    fn more(&mut self, object: &'s Map<String, Value>, place: &Place) -> Result<(), SettingsError> {
        if let (Some(at), Some(target)) = (self.resolver.place(object), self.resolver.target(object)) {
            let hops = place.hops + 1;
            self.object(
                target,
                &Place {
                    at,
                    hops,
                    ..place.clone()
                },
            )?;
        }
        let all = object.get("allOf").and_then(Value::as_array);
        for (number, part) in all.into_iter().flatten().enumerate() {
            let mut below = place.below("allOf").below(&number.to_string());
            below.hops += 1;
            self.object(part, &below)?;
        }
        Ok(())
    }

    /// Settings that stand only in alternatives and conditions: what they are depends on others, so they are shown as JSON.
    fn conditional(&mut self, object: &'s Map<String, Value>, place: &Place) -> Result<(), SettingsError> {
        for word in BRANCHES {
            let Some(part) = object.get(word) else { continue };
            let at = place.below(word);
            let branches: Vec<(&'s Value, String)> = match part {
                Value::Array(items) => {
                    let items = items.iter().enumerate();
                    items
                        .map(|(number, item)| (item, pointer::below(&at.at, &number.to_string())))
                        .collect()
                }
                Value::Object(map) if word.starts_with("depend") => map
                    .iter()
                    .map(|(name, part)| (part, pointer::below(&at.at, name)))
                    .collect(),
                one => vec![(one, at.at.clone())],
            };
            for branch in branches {
                self.branch(branch, (word, &at.at), place)?;
            }
        }
        Ok(())
    }

    /// One of them: its settings, and those that it refers to.
    fn branch(
        &mut self,
        (branch, at): (&'s Value, String),
        (word, shown): (&str, &str),
        place: &Place,
    ) -> Result<(), SettingsError> {
        let mut way = self.resolver.way(branch, at);
        let end = way.pop();
        for (part, at) in &way {
            if let Some(map) = part.as_object() {
                self.secrecy.check_rest(&self.resolver, map, (at, &[]))?;
            }
        }
        let Some((Value::Object(branch), at)) = end else {
            return Ok(());
        };
        self.secrecy
            .check_rest(&self.resolver, branch, (&at, &["properties"]))?;
        let named = branch.get("properties").and_then(Value::as_object);
        let at = pointer::below(&at, "properties");
        for (name, part) in named.into_iter().flatten() {
            let mut path = place.path.clone();
            path.push(name.clone());
            let known = self.form.fields.iter().find(|field| field.path == path);
            match known {
                Some(known) if known.is_secret => {}
                Some(_) => self.secrecy.check(&self.resolver, part, &pointer::below(&at, name))?,
                // A group of that name: its settings have their fields.
                None if self.ids.contains(&id(&place.path, name)) => {}
                None => self.push(name, part, (shown, false), place, Some(under_condition(word)))?,
            }
        }
        Ok(())
    }

    fn setting(
        &mut self,
        (name, part): (&String, &'s Value),
        is_required: bool,
        place: &Place,
    ) -> Result<(), SettingsError> {
        let at = pointer::below(&place.at, name);
        let schema = match part {
            Value::Object(schema) => self.resolver.effective(schema),
            Value::Bool(true) => Map::new(),
            _ => {
                self.form.parts.push(Part {
                    place: at,
                    reason: FORBIDDEN,
                });
                return Ok(());
            }
        };
        let is_group = kind(&schema) == Some("object") && has_properties(&schema) && !asks_for_json(&schema);
        if is_group && place.path.len() < DEPTH && place.hops < DEPTH {
            return self.group((name, part), &schema, is_required, place);
        }
        self.push(name, part, (&at, is_required), place, None)
    }

    /// An object whose settings have fields of their own.
    fn group(
        &mut self,
        (name, part): (&String, &'s Value),
        schema: &Map<String, Value>,
        is_required: bool,
        place: &Place,
    ) -> Result<(), SettingsError> {
        let words = Words::read(schema, false).map_err(|wrong| fault(&pointer::below(&place.at, name), wrong))?;
        let mut path = place.path.clone();
        path.push(name.clone());
        if is_required {
            self.form.wanted_objects.push(path.clone());
        }
        let below = Place {
            path,
            at: pointer::below(&place.at, name),
            group: words
                .group
                .or_else(|| text(schema, "title"))
                .or_else(|| Some(name.clone())),
            hops: place.hops,
        };
        self.object(part, &below)
    }

    fn push(
        &mut self,
        name: &str,
        part: &'s Value,
        (at, is_required): (&str, bool),
        place: &Place,
        condition: Option<Phrase>,
    ) -> Result<(), SettingsError> {
        let id = id(&place.path, name);
        if name.is_empty() || id.chars().count() > NAME || id.chars().any(char::is_control) {
            return Err(fault(at, SchemaFault::Name { most: NAME }));
        }
        let mut path = place.path.clone();
        path.push(name.to_owned());
        if let Some(known) = self.form.fields.iter_mut().find(|field| field.path == path) {
            // Said again in another part of the schema: it is the same one.
            known.is_required |= is_required;
            if !known.is_secret {
                self.secrecy.check(&self.resolver, part, at)?;
            }
            return Ok(());
        }
        if self.form.fields.len() + self.form.parts.len() >= MOST {
            return Err(fault(
                at,
                SchemaFault::TooMany {
                    what: SETTINGS,
                    most: MOST,
                },
            ));
        }
        if !self.ids.insert(id.clone()) {
            return Err(fault(at, SchemaFault::SameName { id }));
        }
        let field = self.field((id, path), part, (at, is_required), condition)?;
        if !field.is_secret {
            self.secrecy.check(&self.resolver, part, at)?;
        }
        let group = field.group.clone().or_else(|| place.group.clone());
        self.form.fields.push(Field { group, ..field });
        Ok(())
    }

    fn field(
        &self,
        (id, path): (String, Vec<String>),
        part: &Value,
        (at, is_required): (&str, bool),
        condition: Option<Phrase>,
    ) -> Result<Field, SettingsError> {
        let schema = part
            .as_object()
            .map(|schema| self.resolver.effective(schema))
            .unwrap_or_default();
        let words = Words::read(&schema, false).map_err(|wrong| fault(at, wrong))?;
        let items = schema.get("items").and_then(Value::as_object);
        let items = items.map(|items| self.resolver.effective(items));
        let is_conditional = condition.is_some();
        let shape = match condition {
            Some(reason) if !words.is_secret => Shape::json(kind(&schema).map(str::to_owned), reason),
            _ => Shape::of(&schema, items.as_ref(), &words).map_err(|wrong| fault(at, wrong))?,
        };
        let default = schema
            .get("default")
            .filter(|value| !value.is_null() && !words.is_secret);
        let bounds = LIMITS
            .iter()
            .filter_map(|word| Some(((*word).to_owned(), schema.get(*word)?.clone())));
        Ok(Field {
            pointer: pointer::of(&path),
            label: text(&schema, "title").unwrap_or_else(|| path.last().cloned().unwrap_or_default()),
            help: text(&schema, "description"),
            group: words.group,
            id,
            path,
            place: at.to_owned(),
            kind: shape.kind,
            widget: shape.widget,
            variable: shape.variable,
            is_required,
            is_secret: words.is_secret,
            renamed_from: words.renamed_from,
            default: default.cloned(),
            limits: bounds.collect(),
            choices: shape.choices,
            reason: shape.reason,
            is_conditional,
        })
    }

    /// A schema that names no settings is one setting as a whole.
    fn whole(&mut self, root: &Map<String, Value>) -> Result<(), SettingsError> {
        let part = Value::Object(
            root.iter()
                .filter(|(word, _)| *word != super::words::EXTENSION)
                .map(copied)
                .collect(),
        );
        let field = self.field((WHOLE.to_owned(), Vec::new()), &part, ("", false), Some(NO_NAMES))?;
        let label = self.form.title.clone().unwrap_or_else(|| WHOLE.to_owned());
        self.form.fields.push(Field { label, ..field });
        Ok(())
    }
}

fn copied((word, value): (&String, &Value)) -> (String, Value) {
    (word.clone(), value.clone())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn form(schema: &Value) -> Result<Form, SettingsError> {
        Form::of(schema)
    }

    fn shown(form: &Form) -> Vec<String> {
        let field = |field: &Field| format!("{} {} {}", field.id, field.widget.word(), field.place);
        form.fields.iter().map(field).collect()
    }

    #[test]
    fn settings_are_fields_in_order() {
        let schema = json!({"title": "T", "description": "D", "x-gestor": {"modulo": "m"}, "required": ["z", "o"],
            "properties": {
                "z": {"type": "integer", "title": "Zed", "description": "help", "default": 3, "minimum": 1, "maximum": 9},
                "o": {"type": "object", "title": "Address", "required": ["city"], "properties": {
                    "city": {"type": "string"}, "zip": {"$ref": "#/$defs/zip"}}},
                "a/b": true, "never": false,
            }, "$defs": {"zip": {"type": "string", "pattern": "^[0-9]+$"}}});
        let form = form(&schema).unwrap();
        assert_eq!(
            shown(&form),
            [
                "z number /properties/z",
                "o.city text /properties/o/properties/city",
                "o.zip text /properties/o/properties/zip",
                "a/b json /properties/a~1b",
            ]
        );
        assert_eq!((form.title.as_deref(), form.module.as_deref()), (Some("T"), Some("m")));
        let first = &form.fields[0];
        assert_eq!((first.label.as_str(), first.is_required), ("Zed", true));
        assert_eq!(first.default, Some(json!(3)));
        assert_eq!(Value::Object(first.limits.clone()), json!({"minimum": 1, "maximum": 9}));
        let city = &form.fields[1];
        assert_eq!(
            (city.pointer.as_str(), city.group.as_deref()),
            ("/o/city", Some("Address"))
        );
        assert!(city.is_required && form.wanted_objects == [["o"]]);
        assert_eq!(form.fields[2].limits["pattern"], "^[0-9]+$");
        assert_eq!(form.parts.len(), 1);
        assert_eq!(form.parts[0].place, "/properties/never");
    }

    #[test]
    fn parts_and_conditions_are_found() {
        let schema = json!({"$ref": "#/$defs/base", "allOf": [{"properties": {"b": {"type": "boolean"}}, "required": ["a"]},
                {"properties": {"a": {"title": "again"}}, "required": ["a"]}],
            "if": {"properties": {"a": {"const": "x"}}}, "then": {"properties": {"c": {"type": "string"}}},
            "dependentSchemas": {"b": {"properties": {"d": {"type": "integer"}}}},
            "additionalProperties": {"type": "string"},
            "$defs": {"base": {"properties": {"a": {"enum": ["x", "y"]}}}}});
        let form = form(&schema).unwrap();
        assert_eq!(
            shown(&form),
            [
                "a dropdown /$defs/base/properties/a",
                "b toggle /allOf/0/properties/b",
                "c json /then",
                "d json /dependentSchemas",
            ]
        );
        assert!(form.fields[0].is_required);
        assert_eq!(form.parts[0].place, "/additionalProperties");
    }

    #[test]
    fn a_secret_that_no_field_keeps_is_refused() {
        let secret = json!({"type": "string", "x-gestor": {"segredo": true}});
        let named = json!({"properties": {"s": secret}});
        let deep = (0..DEPTH + 2).fold(
            secret.clone(),
            |part, _| json!({"type": "object", "properties": {"o": part}}),
        );
        let said = json!({"segredo": true});
        let plain = json!({"s": {"type": "string"}});
        for (schema, at) in [
            (json!({"x-gestor": said, "properties": plain}), ""),
            (
                json!({"properties": {"o": {"x-gestor": said, "properties": plain}}}),
                "/properties/o",
            ),
            (
                json!({"properties": {"o": {"type": "object", "allOf": [{"x-gestor": said, "properties": plain}]}}}),
                "/properties/o/allOf/0",
            ),
            (json!({"properties": plain, "allOf": [named]}), "/allOf/0/properties/s"),
            (json!({"properties": plain, "anyOf": [named]}), "/anyOf/0/properties/s"),
            (
                json!({"properties": plain, "oneOf": [{}, {"$ref": "#/$defs/n"}], "$defs": {"n": named}}),
                "/$defs/n/properties/s",
            ),
            (
                json!({"properties": plain, "then": {"allOf": [named]}}),
                "/then/allOf/0/properties/s",
            ),
            (
                json!({"properties": {"l": {"type": "array", "items": secret}}}),
                "/properties/l/items",
            ),
            (
                json!({"properties": {"l": {"items": {"$ref": "#/$defs/t"}}, "t": {"$ref": "#/$defs/t"}},
                "$defs": {"t": secret}}),
                "/$defs/t",
            ),
            (
                json!({"properties": {"o": {"x-gestor": {"widget": "json"}, "properties": {"s": secret}}}}),
                "/properties/o/properties/s",
            ),
            (
                json!({"properties": {"o": {"anyOf": [secret, {"type": "null"}]}}}),
                "/properties/o/anyOf/0",
            ),
            (
                deep,
                "/properties/o/properties/o/properties/o/properties/o/properties/o/properties/o",
            ),
            (
                json!({"properties": plain, "additionalProperties": secret}),
                "/additionalProperties",
            ),
            (json!({"type": "array", "items": secret}), "/items"),
        ] {
            let fault = form(&schema).unwrap_err().to_string();
            let at = format!(": {at}/x-gestor/segredo: `x-gestor.segredo` does not count here");
            assert!(fault.contains(&at), "{schema}: {fault}");
        }
    }

    #[test]
    fn a_secret_that_a_field_keeps_is_one_wherever_it_is_said() {
        let secret = json!({"type": "string", "x-gestor": {"segredo": true}});
        for schema in [
            json!({"properties": {"s": {"$ref": "#/$defs/t", "x-gestor": {"grupo": "G"}}}, "$defs": {"t": secret}}),
            json!({"properties": {"s": secret}, "allOf": [{"properties": {"s": {"minLength": 3}}}]}),
            json!({"properties": {"s": secret}, "anyOf": [{"properties": {"s": secret}}, {"required": ["s"]}]}),
            json!({"if": {"required": ["a"]}, "then": {"properties": {"s": secret}}}),
            json!({"properties": {"s": secret, "x-gestor": {"properties": {"segredo": {"type": "string"}}}}}),
            json!({"properties": {"s": secret, "o": {"default": {"x-gestor": {"segredo": true}}}}}),
        ] {
            let form = form(&schema).unwrap();
            let field = form.fields.iter().find(|field| field.id == "s").unwrap();
            assert!(field.is_secret && field.widget.word() == "password", "{schema}");
        }
        let number = json!({"then": {"properties": {"s": {"type": "number", "x-gestor": {"segredo": true}}}}});
        assert!(form(&number).unwrap_err().to_string().contains("a secret"));
    }

    #[test]
    fn forms_are_bounded() {
        let many: Map<String, Value> = (0..60).map(|n| (format!("a{n}"), json!({"$ref": "#"}))).collect();
        let fault = form(&json!({ "properties": many })).unwrap_err().to_string();
        assert!(fault.contains("more than 2000 settings"), "{fault}");
        let again = json!({"allOf": vec![json!({"$ref": "#"}); 40], "properties": {"a": {"type": "string"}}});
        assert_eq!(shown(&form(&again).unwrap()), ["a text /properties/a"]);
    }

    #[test]
    fn what_is_in_itself_ends() {
        let schema = json!({"properties": {"name": {"type": "string"}, "child": {"$ref": "#"}}});
        let form = form(&schema).unwrap();
        let last = form.fields.last().unwrap();
        assert_eq!((last.path.len(), last.widget.word()), (DEPTH + 1, "json"));
        let schema = json!({"allOf": [{"$ref": "#"}], "properties": {"a": {"type": "string"}}});
        assert_eq!(shown(&self::form(&schema).unwrap()), ["a text /properties/a"]);
    }

    #[test]
    fn a_schema_without_names_is_one_setting() {
        for schema in [
            json!({"type": "array", "title": "List"}),
            json!({"x-gestor": {"modulo": "m"}}),
        ] {
            let form = form(&schema).unwrap();
            assert_eq!(shown(&form), ["valor json "]);
            assert!(form.fields[0].reason.is_some() && form.fields[0].path.is_empty());
        }
    }

    #[test]
    fn names_that_no_variable_can_have_are_refused() {
        for (properties, part) in [
            (json!({"": {}}), "1 to 255 characters"),
            (json!({"a\nb": {}}), "without control characters"),
            (json!({"x".repeat(256): {}}), "1 to 255 characters"),
            (
                json!({"a.b": {}, "a": {"properties": {"b": {"type": "string"}}}}),
                "\"a.b\"",
            ),
            (
                json!({"a": {"type": "string", "x-gestor": {"widget": "number"}}}),
                "/properties/a: the widget `number`",
            ),
            (
                json!({"a": {"x-gestor": {"grup": "x"}}}),
                "/properties/a: `x-gestor` has no \"grup\"",
            ),
        ] {
            let fault = form(&json!({ "properties": properties })).unwrap_err().to_string();
            assert!(fault.contains(part), "{fault}");
        }
    }
}
