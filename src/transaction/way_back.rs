//! The migrations that a way back undoes: which they are, whose files undo them, and whether they can be (SPEC 2 §5). Looks;
//! changes nothing.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::contract::with_migrations;
use super::{Context, TransactionError, messages};
use crate::base::db::Database;
use crate::history::{self, ToldMigrations};
use crate::log::Step;
use crate::migrate::{
    MigrateError, Migration, MigrationAction, MigrationCall, MigrationRecord, UndoneMigrations, standing,
};
use crate::model::{Phrase, Slug};
use crate::package::{KeptPackages, LocatedPackage};
use crate::registry;

/// A migration that cannot be undone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Irreversible {
    /// Which.
    pub migration: String,
    /// Why not.
    pub reason: Phrase,
}

/// Migrations that one operation applied, with what it told of them.
pub struct AppliedAfter {
    told: ToldMigrations,
    record: MigrationRecord,
    /// They.
    pub migrations: Vec<Migration>,
}

/// What each operation told of the plugin's migrations, the first operation first.
pub struct MigrationHistory(Vec<(ToldMigrations, MigrationRecord)>);

impl MigrationHistory {
    /// Reads it.
    pub fn read(database: &mut Database, slug: &Slug) -> Result<Self, TransactionError> {
        let told = history::told_migrations(database, slug)?.into_iter();
        let read = |told: ToldMigrations| {
            let record = MigrationRecord::read(&told.text);
            (told, record)
        };
        Ok(Self(told.map(read).collect()))
    }

    /// What was told, operation by operation.
    pub fn records(&self) -> impl Iterator<Item = &MigrationRecord> + Clone {
        self.0.iter().map(|(_, record)| record)
    }
}

/// The migrations that were applied after a point (of a package that has none: by any operation that is recorded) and that
/// are applied still, the last operation first. `brought`: what the package has to which the way leads.
pub fn applied_after(
    database: &mut Database,
    slug: &Slug,
    MigrationHistory(told): MigrationHistory,
    (point, brought): (Option<u64>, &BTreeSet<String>),
) -> Result<Vec<AppliedAfter>, TransactionError> {
    let all = || told.iter().map(|(told, record)| (told.id, record));
    let before = standing(all().filter(|(id, _)| point.is_some_and(|point| *id <= point)));
    let mut after = standing(all());
    after.retain(|known| {
        let version = &known.migration.versao;
        !brought.contains(version) && before.iter().all(|known| known.migration.versao != *version)
    });
    // One that somebody has undone by hand is none to undo. Runners of other hosts have logs of their own.
    if let Some(applied) = registry::applied_migrations(database, slug)? {
        after.retain(|known| applied.contains(&known.migration.versao));
    }
    let mut groups = Vec::new();
    for (told, record) in told.into_iter().rev() {
        let of_this = after.iter().filter(|known| known.history == told.id);
        let migrations: Vec<Migration> = of_this.map(|known| known.migration.clone()).collect();
        if !migrations.is_empty() {
            groups.push(AppliedAfter {
                told,
                record,
                migrations,
            });
        }
    }
    Ok(groups)
}

/// How migrations are undone, the last operation first, and those that cannot be. `current`: version and SHA-256 of what is
/// installed.
pub fn way_back(
    cx: &mut Context<'_>,
    kept: &KeptPackages<'_>,
    groups: Vec<AppliedAfter>,
    current: (Option<&str>, Option<&str>),
) -> Result<(Vec<UndoneMigrations>, Vec<Irreversible>), TransactionError> {
    let (mut undo, mut blocked) = (Vec::new(), Vec::new());
    if !groups.is_empty() {
        cx.observer.begin(Step::Migrate)?;
    }
    for group in groups {
        let all = |reason: &Phrase| {
            let of = |migration: &Migration| Irreversible {
                migration: migration.shown(),
                reason: reason.clone(),
            };
            group.migrations.iter().map(of).collect::<Vec<_>>()
        };
        if group.record.facts.removes() {
            blocked.extend(all(&messages::took_away(&group.record.facts)));
            continue;
        }
        let Some(Files {
            package,
            versao,
            sha256,
        }) = files_of(kept, &group, current)?
        else {
            blocked.extend(all(&messages::files_not_kept(group.told.version.as_deref())));
            continue;
        };
        match ask(cx, kept, &package, &group.migrations)? {
            Ok(reversible) => {
                let can = |known: &&Migration| reversible.iter().any(|found| found.versao == known.versao);
                let cannot = group.migrations.iter().filter(|known| !can(known));
                blocked.extend(cannot.map(|migration| Irreversible {
                    migration: migration.shown(),
                    reason: messages::NO_WAY_BACK,
                }));
            }
            Err(reason) => blocked.extend(all(&reason)),
        }
        undo.push(UndoneMigrations {
            history: group.told.id,
            versao,
            sha256,
            migracoes: group.migrations,
        });
    }
    Ok((undo, blocked))
}

/// A kept package that has the files of migrations.
struct Files {
    package: LocatedPackage,
    versao: Option<String>,
    sha256: Option<String>,
}

/// The kept package with the files of all of them: that which applied them, else the installed one.
fn files_of(
    kept: &KeptPackages<'_>,
    group: &AppliedAfter,
    current: (Option<&str>, Option<&str>),
) -> Result<Option<Files>, TransactionError> {
    for (version, sha256) in [(group.told.version.as_deref(), group.told.checksum.as_deref()), current] {
        let Some(package) = sha256.map_or(Ok(None), |sha256| kept.open(version, Some(sha256)))? else {
            continue;
        };
        let versions = package.migration_versions();
        if group.migrations.iter().all(|known| versions.contains(&known.versao)) {
            let named = |text: Option<&str>| text.map(str::to_owned);
            let (versao, sha256) = (named(version), named(sha256));
            return Ok(Some(Files {
                package,
                versao,
                sha256,
            }));
        }
    }
    Ok(None)
}

/// Asks the runner which of them it can undo. One that does not know the question can undo none.
fn ask(
    cx: &Context<'_>,
    kept: &KeptPackages<'_>,
    package: &LocatedPackage,
    migrations: &[Migration],
) -> Result<Result<Vec<Migration>, Phrase>, TransactionError> {
    let call = MigrationCall::new(MigrationAction::Reversible, kept.slug, PathBuf::new());
    match with_migrations(cx, kept, package, call.of(migrations)) {
        Ok(found) => Ok(Ok(found)),
        Err(TransactionError::Migrate(MigrateError::Failed { reason, .. })) => Ok(Err(reason)),
        Err(TransactionError::Migrate(MigrateError::NoRunner { .. })) => Ok(Err(messages::NO_RUNNER)),
        Err(fault) => Err(fault),
    }
}
