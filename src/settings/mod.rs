//! Settings of a plugin, which its package describes by a schema (`config/schema.json`): which fields there are, what each
//! takes, and how a value stands in the gestor's own table `variaveis`.
//!
//! Owns what a schema may be and the way from a value to the text of a variable and back. Must not decide whose variables they
//! are, and knows no credentials: a secret is only a field that says so. [`store`] reads and writes the table, [`read_file`] the schema of an installed plugin; the rest is pure.

mod dates;
mod error;
mod field;
mod file;
mod form;
mod form_words;
mod limits;
mod messages;
mod numbers;
mod options;
mod pointer;
mod posted;
mod reason;
mod resolve;
mod schema;
mod secrecy;
mod seed_words;
mod shape;
pub mod store;
#[cfg(test)]
mod suite_tests;
mod validator;
mod variable;
mod widget;
mod words;
mod work;

pub use error::{SchemaFault, SettingsError};
pub use field::{Choice, Field, Part};
pub use file::{MOST_BYTES, SCHEMA_FILE, read_file};
pub use form::Form;
pub use posted::of_form;
pub use reason::{MOST_FAULTS, Reason, ValueFault, first};
pub use schema::SettingsSchema;
pub use variable::{Read, read, write};
pub use widget::{VariableType, Widget};
