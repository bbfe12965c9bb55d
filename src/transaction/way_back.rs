//! The migrations that a way back undoes: which they are, whose files undo them, and whether they can be (SPEC 2 §5). Looks;
//! changes nothing.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::late_rows::with_migrations;
use super::life::{Life, made_by, runner_log};
use super::{Context, Neighbours, TransactionError, messages, schema_phrases};
use crate::base::db::Database;
use crate::history::ToldMigrations;
use crate::log::Step;
use crate::migrate::{
    self, FactColumn, Made, MigrateError, Migration, MigrationAction, MigrationCall, MigrationRecord, Schema, Shown,
    Taken, UndoneMigrations, standing,
};
use crate::model::{Phrase, Slug};
use crate::package::{KeptPackages, LocatedPackage};

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

/// The migrations that were applied after a point (of a package that has none: by any operation that is recorded) and that
/// are applied still, the last operation first. `brought`: what the package has to which the way leads.
pub fn applied_after(
    database: &mut Database,
    slug: &Slug,
    point: Option<u64>,
    brought: &BTreeSet<String>,
) -> Result<Vec<AppliedAfter>, TransactionError> {
    let life = Life::read(database, slug)?;
    let all = || life.operations().iter().map(|(told, record)| (told.id, record));
    let before = standing(all().filter(|(id, _)| point.is_some_and(|point| *id <= point)));
    let mut after = standing(all());
    after.retain(|known| {
        let version = &known.migration.versao;
        !brought.contains(version) && before.iter().all(|known| known.migration.versao != *version)
    });
    // One that somebody has undone by hand is none to undo. Runners of other hosts have logs of their own.
    if let Some(applied) = life.applied(database, slug)? {
        after.retain(|known| applied.contains(&known.migration.versao));
    }
    let mut groups = Vec::new();
    for (told, record) in life.into_operations().into_iter().rev() {
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
    if groups.is_empty() {
        return Ok((undo, blocked));
    }
    cx.reporter.begin(Step::Migrate)?;
    let belongings = Belongings::read(&mut cx.session.database, kept.slug)?;
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
        blocked.extend(belongings.guarded(&package, &group)?);
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
            failed: false,
        });
    }
    Ok((undo, blocked))
}

/// What stands in the database, and whose it is.
struct Belongings {
    schema: Schema,
    made: Made,
    neighbours: Neighbours,
}

impl Belongings {
    fn read(database: &mut Database, slug: &Slug) -> Result<Self, TransactionError> {
        let schema = migrate::read_schema(database)?;
        let made = made_by(database, slug)?;
        let neighbours = Neighbours::read(database, slug, schema.tables.keys())?;
        Ok(Self {
            schema,
            made,
            neighbours,
        })
    }

    /// The migrations whose way back would take away what is not the plugin's alone, as far as they or their facts say so.
    fn guarded(&self, package: &LocatedPackage, group: &AppliedAfter) -> Result<Vec<Irreversible>, TransactionError> {
        let mut guarded = Vec::new();
        let facts = &group.record.facts;
        for migration in &group.migrations {
            let named = std::slice::from_ref(migration);
            let texts = package.migration_texts(Some(named))?;
            let mut drops = Taken::default();
            for text in &texts {
                drops.extend(migrate::drops(text, &self.schema));
            }
            let strangers = self.made.strangers(&drops);
            let migration = migration.shown();
            if !strangers.is_empty() {
                let reason = schema_phrases::not_its_own(&strangers);
                guarded.push(Irreversible { migration, reason });
                continue;
            }
            drops.tables.extend(facts.created_tables.iter().cloned());
            drops.columns.extend(facts.created_columns.iter().cloned());
            let uses = self.uses(&drops);
            if !uses.is_empty() {
                let reason = schema_phrases::used_by(&uses);
                guarded.push(Irreversible { migration, reason });
            }
        }
        Ok(guarded)
    }

    /// What of these others use, and who.
    fn uses(&self, drops: &Taken) -> Vec<(String, String)> {
        let stands = |table: &&String| self.schema.tables.contains_key(*table);
        let tables = drops.tables.iter().filter(stands);
        let tables = tables.filter_map(|table| Some((table.clone(), self.neighbours.of_table(table)?.to_owned())));
        let stands = |column: &&FactColumn| self.schema.has_column(&column.tabela, &column.coluna);
        let columns = drops.columns.iter().filter(stands);
        let columns =
            columns.filter_map(|column| Some((column.shown(), self.neighbours.of_column(column)?.to_owned())));
        tables.chain(columns).collect()
    }
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
    cx: &mut Context<'_>,
    kept: &KeptPackages<'_>,
    package: &LocatedPackage,
    migrations: &[Migration],
) -> Result<Result<Vec<Migration>, Phrase>, TransactionError> {
    let log = runner_log(&mut cx.session.database, kept.slug)?;
    let call = MigrationCall::new(MigrationAction::Reversible, kept.slug, PathBuf::new(), log);
    match with_migrations(cx, kept, package, call.of(migrations), |_| Ok(())) {
        Ok(found) => Ok(Ok(found)),
        Err(TransactionError::Migrate(MigrateError::Failed { reason, .. })) => Ok(Err(reason)),
        Err(TransactionError::Migrate(MigrateError::NoRunner { .. })) => Ok(Err(messages::NO_RUNNER)),
        Err(fault) => Err(fault),
    }
}
