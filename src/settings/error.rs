//! What can be wrong with a schema of settings, and with what is done with it. Values only.

use super::file::SCHEMA_FILE;
use super::reason::{Reason, ValueFault, first, shown};
use crate::base::db::DbError;
use crate::model::Phrase;

/// Why settings cannot be shown or saved.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file is too large.
    #[error("{SCHEMA_FILE}: larger than {most} bytes")]
    TooLarge {
        /// Bytes.
        most: usize,
    },
    /// It is no JSON.
    #[error("{SCHEMA_FILE}, line {line}, column {column}: {reason}")]
    NotJson {
        /// The line, from 1 on.
        line: usize,
        /// The column.
        column: usize,
        /// What the parser says.
        reason: String,
    },
    /// Something in it.
    #[error("{SCHEMA_FILE}: {}: {fault}", shown(pointer))]
    Schema {
        /// JSON pointer of what is wrong.
        pointer: String,
        /// What is wrong with it.
        fault: SchemaFault,
    },
    /// The plugin has no settings.
    #[error("the plugin {slug} has no settings: its package brings no {SCHEMA_FILE}")]
    None {
        /// The plugin.
        slug: String,
    },
    /// Nobody says in which module the settings stand.
    #[error(
        "{SCHEMA_FILE}: the plugin {slug} has the modules {modules}: say in `x-gestor.modulo` in which of them its settings stand"
    )]
    Modules {
        /// The plugin.
        slug: String,
        /// Its modules.
        modules: String,
    },
    /// The module is not the plugin's.
    #[error("{SCHEMA_FILE}: the module {module:?} is not one of the plugin {slug}, so its variables are left alone")]
    OtherModule {
        /// The plugin.
        slug: String,
        /// The module.
        module: String,
    },
    /// A variable of the module is another plugin's.
    #[error("the variable {id:?} of the module {module} belongs to the plugin {owner}: nothing was written")]
    OtherOwner {
        /// The variable.
        id: String,
        /// The module.
        module: String,
        /// Whose it is.
        owner: String,
    },
    /// The site does not speak the language.
    #[error("there is no language {language:?} here; those that the module has: {known}")]
    Language {
        /// What was said.
        language: String,
        /// Those that there are.
        known: String,
    },
    /// What was given is no set of values.
    #[error("`valores`: an object is wanted, of settings and their values, or its JSON text")]
    NoValues,
    /// Values that are not taken. Nothing was written.
    #[error("nothing was saved: {}", joined(faults))]
    Values {
        /// At least one.
        faults: Vec<ValueFault>,
    },
    /// The server refused, or was not there.
    #[error("the settings (variaveis): {0}")]
    Database(#[from] DbError),
    /// A column holds something that it cannot hold.
    #[error("the settings (variaveis), column `{column}`: it holds another kind of value than the gestor writes")]
    Unreadable {
        /// The column.
        column: &'static str,
    },
}

fn joined(faults: &[ValueFault]) -> String {
    let shown: Vec<_> = first(faults).iter().map(ToString::to_string).collect();
    shown.join("; ")
}

/// What is wrong in a schema.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchemaFault {
    /// Not an object.
    #[error("an object is wanted, as JSON Schema has it")]
    NoObject,
    /// Another draft.
    #[error("`$schema` is {found:?}; known are {known}")]
    Draft {
        /// What it says.
        found: String,
        /// What it may say.
        known: String,
    },
    /// More than it may have of something.
    #[error("more than {most} {what}")]
    TooMany {
        /// Of what.
        what: Phrase,
        /// How many.
        most: usize,
    },
    /// It would be read too often.
    #[error("its references lead to the same parts again and again, more than {most} times: take some out")]
    Costly {
        /// Parts.
        most: u64,
    },
    /// A reference to something outside.
    #[error("`$ref` is {to:?}: only parts of the same file can be named, as `#/$defs/name`; nothing is fetched")]
    Reference {
        /// What it says.
        to: String,
    },
    /// A reference to nothing.
    #[error("a reference leads to nothing: {to}")]
    NoTarget {
        /// What it says.
        to: String,
    },
    /// A part that renames itself.
    #[error("`$id` may stand at the beginning alone")]
    Id,
    /// An expression that is none, or too large.
    #[error("the expression {pattern:?} is not taken: {reason}")]
    Pattern {
        /// The expression.
        pattern: String,
        /// Why.
        reason: String,
    },
    /// Not what JSON Schema is.
    #[error("no JSON Schema: {0}")]
    Wrong(Reason),
    /// Not what JSON Schema is, in the words of the validator.
    #[error("no JSON Schema: {reason}")]
    Invalid {
        /// What it says.
        reason: String,
    },
    /// A word of `x-gestor` that is none.
    #[error("`x-gestor` has no {word:?}; known are widget, grupo, segredo, renamed_from, and modulo at the beginning")]
    Extension {
        /// The word.
        word: String,
    },
    /// A word of `x-gestor` with a wrong value.
    #[error("`x-gestor.{word}`: {wanted} is wanted")]
    ExtensionValue {
        /// The word.
        word: &'static str,
        /// What it takes.
        wanted: Phrase,
    },
    /// No such widget.
    #[error("there is no widget {found:?}; known are {known}")]
    Widget {
        /// What was said.
        found: String,
        /// Those that there are.
        known: String,
    },
    /// A widget that is for something else.
    #[error("the widget `{widget}` does not fit: it is for {wanted}")]
    WidgetType {
        /// The widget.
        widget: &'static str,
        /// What it is for.
        wanted: Phrase,
    },
    /// A secret that is no text.
    #[error("a secret (`x-gestor.segredo`) is a text (`type: string`) without a default")]
    Secret,
    /// A secret where none can be kept.
    #[error(
        "`x-gestor.segredo` does not count here, and the secret would stand in clear: say it in `properties`, at the setting itself, where it is first named; it has to be a text (`type: string`) with a field of its own"
    )]
    SecretPlace,
    /// A name that no variable can have.
    #[error("the name of a setting has 1 to {most} characters, without control characters")]
    Name {
        /// Characters.
        most: usize,
    },
    /// Two settings of one name.
    #[error("two settings would stand in the variable {id:?}: rename one")]
    SameName {
        /// The variable.
        id: String,
    },
    /// A former name that is another setting's.
    #[error("`x-gestor.renamed_from` names {id:?}, which is another setting, or was: each name is of one setting")]
    Renamed {
        /// The variable.
        id: String,
    },
    /// A default that the schema itself does not take.
    #[error("the default is not taken: {0}")]
    Default(ValueFault),
}
