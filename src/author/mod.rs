//! What an author of plugins is told and given before there is any gestor: lints of a package, and the beginnings of a new
//! one. Only decides and writes texts; what stands on a disk is read and written above ([`crate::ops::author`]).

mod error;
mod facts;
mod file_lints;
mod finding;
mod lint;
mod messages;
mod migration_lints;
mod php_names;
mod php_text;
mod placeholders;
mod row_lints;
mod rules;
mod scaffold;
mod secrets;
mod templates;
mod unused;

pub use error::AuthorError;
pub use facts::PackageFacts;
pub use file_lints::file_findings;
pub use finding::{Finding, Observation};
pub use lint::{Level, Lint};
pub use migration_lints::migration_findings;
pub use row_lints::{Brought, RowLints};
pub use rules::{LintRules, RULES_FILE};
pub use scaffold::{Beginning, Wishes};
pub use templates::Template;
