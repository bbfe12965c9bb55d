//! A caller whose migrations are SQL: a file has the lines `-- up: …` and `-- down: …`, and `phinxlog_<slug>` says which are
//! applied, as Phinx does.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use gestor_plugins::base::db::{Database, DbError};
use gestor_plugins::config::DatabaseSettings;
use gestor_plugins::migrate::{Migration, MigrationAction, MigrationCall};

use super::operation::Host;

const COLUMN_STANDS: u16 = 1060;

/// The caller.
pub(crate) struct SqlMigrations {
    pub(crate) settings: DatabaseSettings,
    /// What it was asked, in order.
    pub(crate) asked: Vec<MigrationAction>,
}

/// A migration's file.
pub(crate) fn migration(up: &str, down: Option<&str>) -> String {
    let down = down.map(|down| format!("-- down: {down}\n")).unwrap_or_default();
    format!("<?php\n-- up: {up}\n{down}")
}

impl SqlMigrations {
    pub(crate) fn new(settings: DatabaseSettings) -> Self {
        let asked = Vec::new();
        Self { settings, asked }
    }

    fn answer(&self, call: &MigrationCall) -> Result<Vec<Migration>, DbError> {
        let mut database = Database::connect(&self.settings)?;
        let log = format!("`{}`", call.registro.tabela);
        database.execute(format!("CREATE TABLE IF NOT EXISTS {log} (version BIGINT PRIMARY KEY)"))?;
        let applied = database.query(format!("SELECT CAST(version AS CHAR) FROM {log}"))?;
        let applied: BTreeSet<String> = applied.into_iter().filter_map(|mut row| row.take(0)).collect();
        let files = files(&call.pasta);
        let waits = |known: &Migration| !applied.contains(&known.versao);
        let named = |known: &Migration| call.migracoes.iter().any(|named| named.versao == known.versao);
        Ok(match call.acao {
            MigrationAction::Pending => only(&files, waits),
            MigrationAction::Migrate => {
                let done = only(&files, waits);
                for (migration, text) in files.iter().filter(|(migration, _)| waits(migration)) {
                    run(&mut database, line(text, "up").unwrap_or_default())?;
                    database.execute(format!("INSERT INTO {log} VALUES ({})", migration.versao))?;
                }
                done
            }
            MigrationAction::Rollback => {
                let mut done = only(&files, named);
                done.reverse();
                for migration in &done {
                    let (_, text) = files.iter().find(|(known, _)| known == migration).unwrap();
                    run(&mut database, line(text, "down").unwrap_or_default())?;
                    database.execute(format!("DELETE FROM {log} WHERE version={}", migration.versao))?;
                }
                done
            }
            MigrationAction::Reversible => {
                let can = files
                    .iter()
                    .filter(|(known, text)| named(known) && line(text, "down").is_some());
                can.map(|(known, _)| known.clone()).collect()
            }
        })
    }
}

impl Host for SqlMigrations {
    fn migrate(&mut self, call: &MigrationCall) -> Result<Vec<Migration>, String> {
        self.asked.push(call.acao);
        self.answer(call).map_err(|fault| fault.to_string())
    }
}

fn only(files: &[(Migration, String)], wanted: impl Fn(&Migration) -> bool) -> Vec<Migration> {
    let found = files.iter().map(|(migration, _)| migration);
    found.filter(|migration| wanted(migration)).cloned().collect()
}

fn run(database: &mut Database, statements: &str) -> Result<(), DbError> {
    for statement in statements.split(';').map(str::trim).filter(|text| !text.is_empty()) {
        match database.execute(statement) {
            // Written to be run a second time: a runner may be killed before it has noted what it did.
            Err(fault) if fault.server_code() == Some(COLUMN_STANDS) => {}
            done => drop(done?),
        }
    }
    Ok(())
}

fn files(folder: &Path) -> Vec<(Migration, String)> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<(Migration, String)> = entries
        .filter_map(|path| {
            let migration = Migration::of_path(path.to_str().unwrap())?;
            Some((migration, fs::read_to_string(&path).unwrap()))
        })
        .collect();
    found.sort_by(|one, other| one.0.versao.cmp(&other.0.versao));
    found
}

fn line<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    let start = format!("-- {word}: ");
    text.lines().find_map(|line| line.strip_prefix(start.as_str()))
}
