//! What a call wants of each setting, and what is wrong with it. Pure.

use serde_json::Value;

use super::ground::Ground;
use crate::settings::{Field, MOST_FAULTS, Reason, SettingsError, ValueFault, of_form};

/// What is wanted of a setting.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Wanted {
    /// This value.
    Value(Value),
    /// None of its own: the default counts; of a secret, that it is forgotten.
    Reset,
}

/// A setting, and what is wanted of it.
pub(super) struct Asked<'g> {
    pub(super) field: &'g Field,
    pub(super) wanted: Wanted,
}

/// What a call wants, setting by setting.
///
/// # Errors
/// What was given is no set of values, or some of them are not taken: all of these at once.
pub(super) fn asked<'g>(
    ground: &'g Ground,
    given: Option<&Value>,
    is_form: bool,
) -> Result<Vec<Asked<'g>>, SettingsError> {
    let fields = &ground.schema.form().fields;
    let is_whole = fields.iter().any(|field| field.path.is_empty());
    let given = given
        .filter(|given| is_whole || given.is_object())
        .ok_or(SettingsError::NoValues)?;
    let mut faults = Vec::new();
    if !is_whole || given.get(&fields[0].id).is_some() {
        unknown(fields, given, &mut Vec::new(), &mut faults);
    }
    let mut asked = Vec::new();
    for field in fields {
        let by_name = given.get(&field.id);
        let Some(value) = by_name.or_else(|| ground.schema.of_field(field, given)) else {
            continue;
        };
        match of_one(ground, (field, value), is_form) {
            Ok(Some(wanted)) => asked.push(Asked { field, wanted }),
            Ok(None) => {}
            Err(mut wrong) => faults.append(&mut wrong),
        }
    }
    if faults.is_empty() {
        Ok(asked)
    } else {
        Err(SettingsError::Values { faults })
    }
}

/// What is wanted of one; nothing where a form left a secret empty, which it never shows.
fn of_one(ground: &Ground, (field, value): (&Field, &Value), is_form: bool) -> Result<Option<Wanted>, Vec<ValueFault>> {
    let fault = |reason| {
        let pointer = field.pointer.clone();
        vec![ValueFault { pointer, reason }]
    };
    let value = match value {
        value if is_form => of_form(field, value).map_err(fault)?,
        Value::Null => None,
        value => Some(value.clone()),
    };
    let Some(value) = value else {
        return Ok((!is_form || !field.is_secret).then_some(Wanted::Reset));
    };
    let faults = ground.schema.faults_of(field, &value);
    if faults.is_empty() {
        return Ok(Some(Wanted::Value(value)));
    }
    // A line that was left empty is no value where an empty text is none.
    let is_empty = is_form && value == "" && !field.is_required;
    if is_empty { Ok(Some(Wanted::Reset)) } else { Err(faults) }
}

/// Names that no setting has.
fn unknown(fields: &[Field], given: &Value, path: &mut Vec<String>, faults: &mut Vec<ValueFault>) {
    for (name, below) in given.as_object().into_iter().flatten() {
        if faults.len() > MOST_FAULTS {
            return;
        }
        path.push(name.clone());
        let is_one = fields
            .iter()
            .any(|field| field.path == *path || (path.len() == 1 && field.id == *name));
        let is_above = fields.iter().any(|field| field.path.starts_with(path));
        if !is_one && is_above && below.is_object() {
            unknown(fields, below, path, faults);
        } else if !is_one {
            let reason = if is_above {
                Reason::Type {
                    wanted: "object".to_owned(),
                }
            } else {
                Reason::Unknown
            };
            faults.push(ValueFault {
                pointer: pointer(path),
                reason,
            });
        }
        path.pop();
    }
}

fn pointer(path: &[String]) -> String {
    path.iter().fold(String::new(), |pointer, name| {
        format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::Slug;
    use crate::settings::SettingsSchema;

    fn ground(schema: &Value) -> Ground {
        Ground {
            slug: Slug::normalize("loja").unwrap(),
            schema: SettingsSchema::read(schema.to_string().as_bytes()).unwrap(),
            module: "loja".to_owned(),
            languages: vec!["pt-br".to_owned()],
            language: "pt-br".to_owned(),
        }
    }

    fn told(ground: &Ground, given: &Value, is_form: bool) -> Vec<String> {
        match asked(ground, Some(given), is_form) {
            Ok(asked) => asked
                .iter()
                .map(|one| format!("{} {:?}", one.field.id, one.wanted))
                .collect(),
            Err(SettingsError::Values { faults }) => faults.iter().map(ToString::to_string).collect(),
            Err(fault) => vec![fault.to_string()],
        }
    }

    #[test]
    fn each_setting_is_asked_for_or_told() {
        let ground = ground(&json!({"properties": {
            "n": {"type": "integer", "maximum": 5}, "o": {"properties": {"c": {"type": "string", "minLength": 2}}},
            "s": {"type": "string", "x-gestor": {"segredo": true}}}}));
        for (given, is_form, expected) in [
            (json!({"n": 3}), false, vec!["n Value(Number(3))"]),
            (json!({"n": null, "s": null}), false, vec!["n Reset", "s Reset"]),
            (json!({"o": {"c": "ab"}}), false, vec!["o.c Value(String(\"ab\"))"]),
            (json!({"o.c": "ab"}), true, vec!["o.c Value(String(\"ab\"))"]),
            (
                json!({"n": "4", "o.c": "", "s": ""}),
                true,
                vec!["n Value(Number(4))", "o.c Reset"],
            ),
            (
                json!({"n": "4"}),
                false,
                vec!["/n: a value of another type is wanted: integer"],
            ),
            (
                json!({"n": 6, "o": {"c": "a"}}),
                false,
                vec!["/n: at most 5", "/o/c: at least 2 characters"],
            ),
            (
                json!({"x": 1, "o": {"y/z": 1}}),
                false,
                vec![
                    "/x: the schema has no such setting",
                    "/o/y~1z: the schema has no such setting",
                ],
            ),
            (
                json!({"o": 1}),
                false,
                vec!["/o: a value of another type is wanted: object"],
            ),
            (
                json!([1]),
                false,
                vec!["`valores`: an object is wanted, of settings and their values, or its JSON text"],
            ),
            (json!({}), false, vec![]),
        ] {
            assert_eq!(told(&ground, &given, is_form), expected, "{given}");
        }
    }

    #[test]
    fn a_schema_without_names_is_given_as_a_whole() {
        let ground = ground(&json!({"type": "array"}));
        for given in [json!([1]), json!({"valor": [1]})] {
            assert_eq!(
                told(&ground, &given, false),
                ["valor Value(Array [Number(1)])"],
                "{given}"
            );
        }
    }
}
