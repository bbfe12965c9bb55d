//! The migrations of an installation (SPEC §5.12): asked of the caller, kept at hand, and rolled back when a later step
//! fails.

use std::fs::File;

use super::package::Inspected;
use super::tree::extract_migrations;
use super::{Begun, Installation, failpoint};
use crate::Error;
use crate::base::fs::rename_no_replace;
use crate::log::{Message, Reporter, Step};
use crate::migrate::{MigrateError, Migration, MigrationAction, MigrationCall, MigrationRunner};
use crate::outcome::Report;
use crate::stage::Layout;

impl Installation<'_> {
    /// Asks the caller which of the package's migrations have not run. A caller that cannot run any is told of all.
    pub(super) fn pending_migrations(
        &self,
        layout: &Layout,
        folder: &File,
        package: &Inspected,
    ) -> Result<Vec<String>, Error> {
        if !self.call.can_migrate {
            return Ok(package.contents.migrations.clone());
        }
        let folder = extract_migrations(layout, folder, package)?;
        let call = MigrationCall::new(MigrationAction::Pending, self.slug, folder);
        Ok(self.narrator.run(call)?.iter().map(migration_name).collect())
    }

    /// Whether any of the package's migrations has not run yet.
    pub(super) fn has_pending(&self, begun: &Begun) -> Result<bool, Error> {
        self.narrator.begin(Step::Migrate)?;
        let call = MigrationCall::new(MigrationAction::Pending, self.slug, begun.migrations.clone());
        Ok(!self.narrator.run(call)?.is_empty())
    }

    /// Step 12.
    pub(super) fn migrate(&self, begun: &mut Begun, report: &mut Report) -> Result<(), Error> {
        self.narrator.begin(Step::Migrate)?;
        failpoint("migrate")?;
        let call = MigrationCall::new(MigrationAction::Migrate, self.slug, begun.migrations.clone());
        match self.narrator.run(call) {
            Ok(done) => begun.migrated = done,
            Err(MigrateError::Failed { reason, applied }) => {
                begun.migrated.clone_from(&applied);
                return Err(MigrateError::Failed { reason, applied }.into());
            }
            Err(fault) => return Err(fault.into()),
        }
        let names: Vec<String> = begun.migrated.iter().map(migration_name).collect();
        report.migracoes.clone_from(&names);
        if !names.is_empty() {
            self.narrator.message(Message::Migrated { names });
        }
        Ok(())
    }

    pub(super) fn roll_back_migrations(&self, begun: &Begun) {
        if begun.migrated.is_empty() {
            return;
        }
        let mut call = MigrationCall::new(MigrationAction::Rollback, self.slug, begun.migrations.clone());
        call.migracoes.clone_from(&begun.migrated);
        match self.narrator.run(call) {
            Ok(undone) => {
                let names = undone.iter().map(migration_name).collect();
                self.narrator.message(Message::MigrationsRolledBack { names });
            }
            Err(fault) => self.narrator.message(Message::Error(fault.to_string())),
        }
    }
}

/// How a migration is shown.
fn migration_name(migration: &Migration) -> String {
    if migration.nome.is_empty() {
        migration.versao.clone()
    } else {
        format!("{} {}", migration.versao, migration.nome)
    }
}

/// The files of migrations leave the tree, which has no `db/`. They run and are rolled back from one and the same
/// place: PHP would not load a class a second time from another path.
pub(super) fn put_migrations_aside(begun: &Begun) -> Result<(), Error> {
    let (from, to) = (begun.layout.tree().join("db"), begun.layout.container().join("db"));
    Ok(rename_no_replace(&from, &to)?)
}
