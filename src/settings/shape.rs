//! By what a part of a schema is shown: its type, its choices, and what its author wishes. Pure.

use serde_json::{Map, Value};

use super::error::SchemaFault;
use super::options::choices;
use super::words::Words;
use super::{Choice, VariableType, Widget};
use crate::model::Phrase;

/// Characters from which on a text has several lines.
const ONE_LINE: u64 = 255;

const ANY: Phrase = Phrase::new(
    "o esquema não diz de que tipo ela é",
    "the schema does not say of which type it is",
);
const SEVERAL: Phrase = Phrase::new("ela pode ser de vários tipos", "it may be of several types");
const MIXED: Phrase = Phrase::new(
    "as opções são de tipos diferentes, ou são listas ou objetos",
    "the choices are of different types, or lists or objects",
);
const LIST: Phrase = Phrase::new(
    "não há campo para uma lista como esta",
    "there is no field for a list like this one",
);
const OBJECT: Phrase = Phrase::new(
    "é um objeto cujas chaves o esquema não nomeia",
    "it is an object whose keys the schema does not name",
);
const ALTERNATIVES: Phrase = Phrase::new(
    "ela pode ter várias formas (`anyOf`, `oneOf`)",
    "it may have several forms (`anyOf`, `oneOf`)",
);
const NULL: Phrase = Phrase::new("ela só pode ser `null`", "it can only be `null`");
const WISHED: Phrase = Phrase::new(
    "o esquema a pede assim (`x-gestor.widget`)",
    "the schema asks for it (`x-gestor.widget`)",
);

const A_TEXT: Phrase = Phrase::new("textos (`type: string`)", "texts (`type: string`)");
const A_PLAIN_TEXT: Phrase = Phrase::new(
    "textos sem `format` (`type: string`)",
    "texts without `format` (`type: string`)",
);
const SECRETS: Phrase = Phrase::new(
    "segredos (`x-gestor.segredo: true`)",
    "secrets (`x-gestor.segredo: true`)",
);
const A_NUMBER: Phrase = Phrase::new(
    "números (`type: number` ou `integer`)",
    "numbers (`type: number` or `integer`)",
);
const A_TRUTH: Phrase = Phrase::new("sim ou não (`type: boolean`)", "yes or no (`type: boolean`)");
const CHOICES: Phrase = Phrase::new("opções (`enum`)", "choices (`enum`)");
const SOME_CHOICES: Phrase = Phrase::new(
    "listas de opções, cada uma uma vez (`items.enum`, `uniqueItems`)",
    "lists of choices, each of them once (`items.enum`, `uniqueItems`)",
);
const DAYS: Phrase = Phrase::new(
    "listas de dias (`items: {type: string, format: date}`)",
    "lists of days (`items: {type: string, format: date}`)",
);

/// How a part is shown.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Shape {
    pub(super) kind: Option<String>,
    pub(super) widget: Widget,
    pub(super) variable: VariableType,
    pub(super) choices: Vec<Choice>,
    /// Why it is shown as JSON.
    pub(super) reason: Option<Phrase>,
}

impl Shape {
    fn new(kind: &str, widget: Widget) -> Self {
        Self {
            kind: Some(kind.to_owned()),
            widget,
            variable: widget.variable(),
            choices: Vec::new(),
            reason: None,
        }
    }

    /// As JSON, and why.
    pub(super) fn json(kind: Option<String>, reason: Phrase) -> Self {
        Self {
            kind,
            widget: Widget::Json,
            variable: Widget::Json.variable(),
            choices: Vec::new(),
            reason: Some(reason),
        }
    }

    /// The shape of a part, whose references have been followed; `items` is the part of its items, likewise.
    pub(super) fn of(
        schema: &Map<String, Value>,
        items: Option<&Map<String, Value>>,
        words: &Words,
    ) -> Result<Self, SchemaFault> {
        let own = natural(schema, items);
        if words.is_secret {
            let is_text = own.kind.as_deref() == Some("string") && own.choices.is_empty();
            let may_be = is_text && !schema.contains_key("default") && !schema.contains_key("format");
            return if may_be {
                Ok(Self::new("string", Widget::Password))
            } else {
                Err(SchemaFault::Secret)
            };
        }
        match words.widget {
            Some(widget) if widget != own.widget => wished(own, widget, schema),
            _ => Ok(own),
        }
    }
}

/// The one type of a schema besides `null`; nothing where it has none or several.
pub(super) fn kind(schema: &Map<String, Value>) -> Option<&str> {
    match schema.get("type") {
        Some(Value::String(kind)) => Some(kind),
        Some(Value::Array(kinds)) => {
            let mut kinds = kinds.iter().filter_map(Value::as_str).filter(|kind| *kind != "null");
            let first = kinds.next();
            first.filter(|_| kinds.next().is_none())
        }
        _ if schema.contains_key("properties") => Some("object"),
        _ if schema.contains_key("items") => Some("array"),
        _ => None,
    }
}

fn natural(schema: &Map<String, Value>, items: Option<&Map<String, Value>>) -> Shape {
    if let Some(found) = choices(schema) {
        return of_choices(found, Widget::Dropdown);
    }
    match kind(schema) {
        Some("string") if schema.get("format").is_some_and(|format| format == "date") => {
            Shape::new("string", Widget::Date)
        }
        Some("string") => {
            let most = schema.get("maxLength").and_then(Value::as_u64);
            let is_long = most.is_some_and(|most| most > ONE_LINE);
            Shape::new("string", if is_long { Widget::TextArea } else { Widget::Text })
        }
        Some(kind @ ("number" | "integer")) => Shape::new(kind, Widget::Number),
        Some("boolean") => Shape::new("boolean", Widget::Toggle),
        Some("array") => of_list(schema, items),
        Some("object") => Shape::json(Some("object".to_owned()), OBJECT),
        Some(kind) => Shape::json(Some(kind.to_owned()), NULL),
        None if ["anyOf", "oneOf"].iter().any(|word| schema.contains_key(*word)) => Shape::json(None, ALTERNATIVES),
        None if schema.get("type").is_some_and(Value::is_array) => Shape::json(None, SEVERAL),
        None => Shape::json(None, ANY),
    }
}

fn of_choices(choices: Vec<Choice>, widget: Widget) -> Shape {
    let all = |is: fn(&Value) -> bool| choices.iter().all(|choice| is(&choice.value));
    let (kind, variable) = match () {
        () if all(Value::is_string) => ("string", VariableType::String),
        () if all(Value::is_number) => ("number", VariableType::Number),
        () => return Shape::json(None, MIXED),
    };
    let list = widget == Widget::MultiSelect;
    Shape {
        variable: if list { widget.variable() } else { variable },
        choices,
        ..Shape::new(if list { "array" } else { kind }, widget)
    }
}

fn of_list(schema: &Map<String, Value>, items: Option<&Map<String, Value>>) -> Shape {
    let json = Shape::json(Some("array".to_owned()), LIST);
    let Some(items) = items else { return json };
    let is_set = schema.get("uniqueItems").is_some_and(|set| *set == true);
    let is_day = items.get("format").is_some_and(|format| format == "date") && kind(items) == Some("string");
    match choices(items) {
        Some(found) if is_set => match of_choices(found, Widget::MultiSelect) {
            shape if shape.widget == Widget::MultiSelect => shape,
            _ => json,
        },
        None if is_day => Shape::new("array", Widget::Dates),
        _ => json,
    }
}

/// The widget that an author wishes, where it fits what the part is.
fn wished(own: Shape, widget: Widget, schema: &Map<String, Value>) -> Result<Shape, SchemaFault> {
    if widget == Widget::Json {
        return Ok(Shape::json(own.kind, WISHED));
    }
    let is_choice = !own.choices.is_empty();
    let is = |kinds: &[&str]| own.kind.as_deref().is_some_and(|kind| kinds.contains(&kind)) && !is_choice;
    let is_plain = is(&["string"]) && !schema.contains_key("format");
    let (fits, wanted) = match widget {
        Widget::Text | Widget::TextArea | Widget::Color | Widget::Css | Widget::Js | Widget::Html | Widget::Tinymce => {
            (is(&["string"]) && own.widget != Widget::Date, A_TEXT)
        }
        Widget::Password => (false, SECRETS),
        Widget::DateTime | Widget::Date => (is_plain, A_PLAIN_TEXT),
        Widget::Number | Widget::Quantity | Widget::Money => (is(&["number", "integer"]), A_NUMBER),
        Widget::Toggle => (is(&["boolean"]), A_TRUTH),
        Widget::Dropdown => (false, CHOICES),
        Widget::MultiSelect => (false, SOME_CHOICES),
        Widget::Dates => (false, DAYS),
        Widget::Json => (true, A_TEXT),
    };
    if !fits {
        let widget = widget.word();
        return Err(SchemaFault::WidgetType { widget, wanted });
    }
    Ok(Shape {
        widget,
        variable: widget.variable(),
        ..own
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shape(schema: &Value) -> Result<Shape, SchemaFault> {
        let schema = schema.as_object().unwrap();
        let words = Words::read(schema, false).unwrap();
        Shape::of(schema, schema.get("items").and_then(Value::as_object), &words)
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "a table of cases")]
    fn parts_have_the_widget_of_their_type() {
        for (schema, widget, variable) in [
            (json!({"type": "string"}), "text", "string"),
            (json!({"type": ["string", "null"]}), "text", "string"),
            (json!({"type": "string", "maxLength": 256}), "textarea", "text"),
            (json!({"type": "string", "format": "date"}), "data", "data"),
            (json!({"type": "string", "format": "date-time"}), "text", "string"),
            (json!({"type": "integer"}), "number", "number"),
            (json!({"type": "number"}), "number", "number"),
            (json!({"type": "boolean"}), "toggle", "bool"),
            (json!({"enum": ["a", "b"]}), "dropdown", "string"),
            (json!({"enum": [1, 2.5]}), "dropdown", "number"),
            (json!({"oneOf": [{"const": "a", "title": "A"}]}), "dropdown", "string"),
            (
                json!({"type": "array", "uniqueItems": true, "items": {"enum": ["a"]}}),
                "multiselect",
                "text",
            ),
            (
                json!({"type": "array", "items": {"type": "string", "format": "date"}}),
                "datas-multiplas",
                "datas-multiplas",
            ),
            (json!({"type": "array", "items": {"type": "string"}}), "json", "text"),
            (json!({"type": "array", "items": {"enum": ["a"]}}), "json", "text"),
            (json!({"type": "object"}), "json", "text"),
            (json!({"type": ["string", "number"]}), "json", "text"),
            (json!({"enum": ["a", 1]}), "json", "text"),
            (
                json!({"anyOf": [{"type": "string"}, {"type": "number"}]}),
                "json",
                "text",
            ),
            (json!({}), "json", "text"),
            (json!({"type": "null"}), "json", "text"),
            (
                json!({"type": "string", "x-gestor": {"segredo": true}}),
                "password",
                "string",
            ),
            (
                json!({"type": "string", "x-gestor": {"widget": "color"}}),
                "color",
                "string",
            ),
            (
                json!({"type": "string", "x-gestor": {"widget": "textarea"}}),
                "textarea",
                "text",
            ),
            (
                json!({"type": "string", "x-gestor": {"widget": "html"}}),
                "html",
                "html",
            ),
            (
                json!({"type": "string", "x-gestor": {"widget": "data-hora"}}),
                "data-hora",
                "data-hora",
            ),
            (
                json!({"type": "integer", "x-gestor": {"widget": "quantidade"}}),
                "quantidade",
                "quantidade",
            ),
            (
                json!({"type": "number", "x-gestor": {"widget": "dinheiro"}}),
                "dinheiro",
                "dinheiro",
            ),
            (
                json!({"type": "string", "x-gestor": {"widget": "json"}}),
                "json",
                "text",
            ),
        ] {
            let shape = shape(&schema).unwrap();
            assert_eq!(
                (shape.widget.word(), shape.variable.word()),
                (widget, variable),
                "{schema}"
            );
            assert_eq!(shape.reason.is_some(), widget == "json", "{schema}");
        }
    }

    #[test]
    fn widgets_that_do_not_fit_are_refused() {
        for schema in [
            json!({"type": "number", "x-gestor": {"widget": "color"}}),
            json!({"type": "string", "x-gestor": {"widget": "number"}}),
            json!({"type": "string", "x-gestor": {"widget": "dropdown"}}),
            json!({"type": "string", "format": "date-time", "x-gestor": {"widget": "data-hora"}}),
            json!({"enum": ["a"], "x-gestor": {"widget": "textarea"}}),
            json!({"type": "string", "x-gestor": {"widget": "password"}}),
            json!({"type": "number", "x-gestor": {"segredo": true}}),
            json!({"type": "string", "default": "x", "x-gestor": {"segredo": true}}),
            json!({"enum": ["x"], "x-gestor": {"segredo": true}}),
        ] {
            assert!(shape(&schema).is_err(), "{schema}");
        }
    }
}
