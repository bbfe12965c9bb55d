//! What running a plugin's migrations needs. The side that can run them (PHP) implements the trait.
//!
//! `migration` is one of them, `classes` what its file declares, `runner` what is asked of the side that runs them, `facts` tells what they made of the schema, `record` what the history says of them, `made` what of that is the plugin's,
//! `begun` what stays of them where a run was killed, `expected` what of it must stand there, `pending` what is left to be done after a commit: pure. `schema` reads the
//! database and drops, `copy` copies out what is to be taken away, `copied_back` writes it again, `watched` what a runner
//! is asked to look after meanwhile.

mod begun;
mod classes;
mod copied_back;
mod copy;
mod creates;
mod error;
mod expected;
mod facts;
mod made;
mod messages;
mod migration;
mod pending;
mod reach;
#[cfg(test)]
mod reach_tests;
mod readable;
mod record;
mod result;
mod reversible;
mod runner;
mod schema;
mod text;
mod watched;

pub use begun::{BegunMigrations, LeftOfMigrations};
pub use classes::classes;
pub use copied_back::{WrittenColumn, push_row, update_row, written_columns};
pub use copy::{Copied, copy_out, reading_of};
pub use creates::creates;
pub use error::MigrateError;
pub use expected::{Expected, KnownMigrations, Missing, expected, made_only_by};
pub use facts::{
    FactColumn, ObjectKind, Schema, SchemaColumn, SchemaFacts, SchemaObject, Shown, Taken, compare, has_grown,
};
pub use made::Made;
pub use migration::Migration;
pub use pending::{Contraction, Pending, PendingStep, UndoneMigrations};
pub use reach::{Reach, drops};
pub use record::{MigrationRecord, StandingMigration, standing};
pub use result::{path_value, read_result};
pub use reversible::has_way_back;
pub use runner::{MigrationAction, MigrationCall, MigrationRunner, RunnerLog};
pub use schema::{
    Consequence, be_quick, drop_column, drop_object, drop_table, lock_table, quoted, read_consequences, read_schema,
    unlock,
};
pub use watched::{CopiedPart, Reading, Watched};
