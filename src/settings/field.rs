//! A field of the form that a schema means. Values only.

use serde_json::{Map, Value};

use super::{VariableType, Widget};
use crate::model::Phrase;

/// A field: one setting, and one variable.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// The variable's name: those of the objects that it stands in, with dots between.
    pub id: String,
    /// Names that the variable had, the latest first.
    pub renamed_from: Vec<String>,
    /// Where its value stands among all, name by name; nowhere where it is all.
    pub path: Vec<String>,
    /// The same as a JSON pointer.
    pub pointer: String,
    /// JSON pointer of its part of the schema.
    pub place: String,
    /// The title of what it belongs to.
    pub group: Option<String>,
    /// What it is called.
    pub label: String,
    /// What it is for.
    pub help: Option<String>,
    /// Its type in JSON; nothing where any will do.
    pub kind: Option<String>,
    /// By what it is shown.
    pub widget: Widget,
    /// As which type it stands in `variaveis`.
    pub variable: VariableType,
    /// It must have a value.
    pub is_required: bool,
    /// Its value is kept with the credentials, and never shown.
    pub is_secret: bool,
    /// What counts where nobody says anything.
    pub default: Option<Value>,
    /// Words of the schema that bound it, as they stand there.
    pub limits: Map<String, Value>,
    /// What can be chosen.
    pub choices: Vec<Choice>,
    /// Why it is shown as JSON.
    pub reason: Option<Phrase>,
    /// It is there only under a condition: what it may be is said only of all values together.
    pub is_conditional: bool,
}

/// Something that can be chosen.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// Its value.
    pub value: Value,
    /// What it is called.
    pub label: String,
}

/// A part of a schema that has no field.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// JSON pointer of it.
    pub place: String,
    /// Why it has none.
    pub reason: Phrase,
}
