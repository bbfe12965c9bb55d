//! What running a plugin's migrations needs. The side that can run them (PHP) implements the trait.
//!
//! `migration` is one of them, `runner` what is asked of the side that runs them, `facts` tells what they made of the schema, `record` what the history says of them, `pending` what is left to be done
//! after a commit: pure. `schema` reads the database, and copies out what is to be taken away.

mod error;
mod facts;
mod messages;
mod migration;
mod pending;
mod record;
mod result;
mod runner;
mod schema;

pub use error::MigrateError;
pub use facts::{FactColumn, Schema, SchemaColumn, SchemaFacts, compare, has_grown};
pub use migration::Migration;
pub use pending::{Contraction, Pending, PendingStep, UndoneMigrations};
pub use record::{MigrationRecord, StandingMigration, standing};
pub use result::read_result;
pub use runner::{MigrationAction, MigrationCall, MigrationRunner};
pub use schema::{Copied, copy_out, drop_column, drop_table, read_schema};
