//! What the history tells of a plugin's migrations: since the last time that all they had made was taken away, for what was
//! before says nothing of what stands now (SPEC 2 §6). Reads only.

use std::collections::BTreeSet;

use super::TransactionError;
use crate::base::db::Database;
use crate::history::{self, ToldMigrations};
use crate::migrate::{Made, MigrationRecord, RunnerLog, standing};
use crate::model::Slug;
use crate::registry::{self, LogClaims, MigrationLog};

/// The operations of a plugin that tell of migrations, the oldest first.
pub struct Life(Vec<(ToldMigrations, MigrationRecord)>);

impl Life {
    /// That of a plugin.
    pub fn read(database: &mut Database, slug: &Slug) -> Result<Self, TransactionError> {
        Ok(Self::of(history::told_migrations(database, slug)?))
    }

    /// Of operations, the oldest first.
    pub(super) fn of(told: Vec<ToldMigrations>) -> Self {
        let told = told.into_iter().map(|told| {
            let record = MigrationRecord::read(&told.text);
            (told, record)
        });
        let mut told: Vec<(ToldMigrations, MigrationRecord)> = told.collect();
        let ended = told.iter().rposition(|(told, record)| told.purged || record.ended);
        told.drain(..ended.map_or(0, |at| at + 1));
        Self(told)
    }

    /// The one that an operation ended.
    pub fn until(mut told: Vec<ToldMigrations>, of: u64) -> Self {
        told.retain(|told| told.id < of);
        Self::of(told)
    }

    /// Each operation, with what it tells.
    pub fn operations(&self) -> &[(ToldMigrations, MigrationRecord)] {
        &self.0
    }

    /// Each operation, with what it tells.
    pub fn into_operations(self) -> Vec<(ToldMigrations, MigrationRecord)> {
        self.0
    }

    /// What each operation tells, by its number.
    pub fn into_records(self) -> Vec<(u64, MigrationRecord)> {
        self.0.into_iter().map(|(told, record)| (told.id, record)).collect()
    }

    /// One operation, with what it tells; also of a life that has ended.
    pub(super) fn operation(
        database: &mut Database,
        slug: &Slug,
        of: u64,
    ) -> Result<Option<(ToldMigrations, MigrationRecord)>, TransactionError> {
        let told = history::told_migrations(database, slug)?;
        let told = told.into_iter().find(|told| told.id == of);
        Ok(told.map(|told| {
            let record = MigrationRecord::read(&told.text);
            (told, record)
        }))
    }

    /// None of them applied a migration.
    pub fn is_untold(&self) -> bool {
        self.0.iter().all(|(_, record)| record.applied.is_empty())
    }

    /// What they say of the table in which their migrations are logged.
    fn claims(&self) -> LogClaims {
        let records = || self.0.iter().map(|(told, record)| (told.id, record));
        LogClaims {
            recorded: records().rev().find_map(|(_, record)| record.log.clone()),
            applied: standing(records())
                .into_iter()
                .map(|known| known.migration.versao)
                .collect(),
            since: records()
                .find(|(_, record)| !record.applied.is_empty())
                .map(|(id, _)| id),
            ..LogClaims::default()
        }
    }

    /// The table in which its migrations are logged.
    pub fn log(&self, database: &mut Database, slug: &Slug) -> Result<MigrationLog, TransactionError> {
        let mut claims = self.claims();
        if claims.recorded.is_none() {
            let rivals = registry::log_rivals(database, slug)?;
            if !rivals.is_empty() {
                claims.stands =
                    registry::logged(database, &registry::log_name(slug))?.is_some_and(|log| !log.is_empty());
                claims.is_alone = is_installed(database, slug)?;
            }
            for rival in rivals {
                claims.is_alone &= !is_installed(database, &rival)?;
                claims.rivals.push(Self::read(database, &rival)?.claims());
            }
        }
        Ok(MigrationLog::of(slug, &claims))
    }

    /// The versions in its log; nothing where it has none.
    pub fn applied(&self, database: &mut Database, slug: &Slug) -> Result<Option<BTreeSet<String>>, TransactionError> {
        let log = self.log(database, slug)?;
        Ok(registry::applied_in(database, &log)?)
    }

    /// What their migrations made and nobody took away since. `applied`: what the log of the runner holds, where there is
    /// one.
    pub fn made(&self, applied: Option<&BTreeSet<String>>) -> Made {
        Made::of(self.0.iter().map(|(_, record)| record), applied)
    }
}

/// The table in which the migrations of a plugin are logged.
pub fn migration_log(database: &mut Database, slug: &Slug) -> Result<MigrationLog, TransactionError> {
    Life::read(database, slug)?.log(database, slug)
}

/// The same as a runner is told of it.
pub(super) fn runner_log(database: &mut Database, slug: &Slug) -> Result<RunnerLog, TransactionError> {
    let MigrationLog { table, inherited } = migration_log(database, slug)?;
    let (de, versions) = inherited.map_or((None, BTreeSet::new()), |log| (Some(log.table), log.versions));
    Ok(RunnerLog {
        tabela: table,
        de,
        versoes: versions.into_iter().collect(),
    })
}

fn is_installed(database: &mut Database, slug: &Slug) -> Result<bool, TransactionError> {
    Ok(registry::read(database, slug)?.is_some_and(|row| row.version.is_some()))
}

/// The versions in the log of a plugin; nothing where it has none.
pub fn applied_migrations(database: &mut Database, slug: &Slug) -> Result<Option<BTreeSet<String>>, TransactionError> {
    Life::read(database, slug)?.applied(database, slug)
}

/// What a plugin's migrations made and nobody took away since.
pub fn made_by(database: &mut Database, slug: &Slug) -> Result<Made, TransactionError> {
    let life = Life::read(database, slug)?;
    let applied = life.applied(database, slug)?;
    Ok(life.made(applied.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_life_begins_after_what_took_everything_away() {
        let told = |id: u64, text: &str, purged: bool| ToldMigrations {
            id,
            version: None,
            checksum: None,
            text: text.to_owned(),
            purges: purged,
            purged,
        };
        let made = r#"{"aplicadas":["1 a"],"esquema":{"tabelas_criadas":["t"]}}"#;
        let ended = r#"{"encerrado":true}"#;
        for (told, numbers) in [
            (vec![told(1, made, false), told(2, "{}", false)], vec![1, 2]),
            (
                vec![told(1, made, false), told(2, "{}", true), told(3, made, false)],
                vec![3],
            ),
            (
                vec![told(1, made, false), told(2, ended, false), told(3, made, false)],
                vec![3],
            ),
            (vec![told(1, made, false), told(2, ended, false)], vec![]),
        ] {
            let life = Life::of(told);
            let found: Vec<u64> = life.operations().iter().map(|(told, _)| told.id).collect();
            assert_eq!(found, numbers);
            assert_eq!(life.is_untold(), numbers.is_empty());
            assert_eq!(life.made(None).tables.is_empty(), numbers.is_empty());
        }
    }
}
