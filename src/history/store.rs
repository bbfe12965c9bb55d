//! Reads and writes `gestor_plugins_historico`. An operation's row is inserted first in its transaction, so that its number
//! is what base and set-aside values name, and completed after the commit; one that failed writes its row after the
//! rollback.

use std::collections::BTreeMap;

use super::entry::{Action, HistoryEntry, PastEntry, RecordedOutcome, StoredEntry, StoredPoint, ToldMigrations};
use super::error::HistoryError;
use crate::base::db::{Database, FromValue, Row, Value};
use crate::config::Removal;
use crate::model::Slug;

const INSERT: &str = "INSERT INTO gestor_plugins_historico (operacao, lote, slug, acao, versao_de, versao_para, checksum, origem, \
     manifest_json, migracoes, parametros, servidor, ator, inicio, confirmado, codigo, tabelas, erros, saida, fim) VALUES \
     (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

const COMPLETE: &str = "UPDATE gestor_plugins_historico SET confirmado = ?, codigo = ?, tabelas = ?, erros = ?, saida = COALESCE(?, saida), fim = ? \
     WHERE id = ?";

const SELECT: &str = "SELECT id, acao, versao_de, versao_para, codigo, confirmado, inicio, fim, ator, servidor, tabelas, operacao, \
     checksum, lote FROM gestor_plugins_historico WHERE ";

/// Inserts the row of an operation that begins, inside its transaction, and gives its number. Until it is completed it has
/// no code.
pub fn begin(database: &mut Database, entry: &HistoryEntry<'_>) -> Result<u64, HistoryError> {
    let mut values = beginning(entry);
    values.push(1_u8.into());
    values.extend(std::iter::repeat_n(Value::NULL, 5));
    Ok(database.exec(INSERT, values)?.last_insert_id)
}

/// Completes the row of an operation that has committed. `ended`: UTC, as `began`.
pub fn complete(
    database: &mut Database,
    id: u64,
    outcome: &RecordedOutcome<'_>,
    ended: &str,
) -> Result<(), HistoryError> {
    let mut values = ending(outcome, ended);
    values.push(id.into());
    database.exec(COMPLETE, values)?;
    Ok(())
}

/// Says of a committed operation how it ended, where that shows after its row was completed.
pub fn amend(database: &mut Database, id: u64, code: u16, errors: &str) -> Result<(), HistoryError> {
    let sql = "UPDATE gestor_plugins_historico SET codigo = ?, erros = ? WHERE id = ? AND confirmado = 1";
    database.exec(sql, (code, errors, id))?;
    Ok(())
}

/// Adds to what the scripts of an operation wrote, up to so many bytes.
pub fn add_output(database: &mut Database, id: u64, output: &str, most: usize) -> Result<(), HistoryError> {
    let sql = "UPDATE gestor_plugins_historico SET saida = CONCAT(COALESCE(saida, ''), ?) \
               WHERE id = ? AND COALESCE(LENGTH(saida), 0) + LENGTH(?) <= ?";
    database.exec(sql, (output, id, output, u64::try_from(most).unwrap_or(u64::MAX)))?;
    Ok(())
}

/// What a committed operation left is done: it has not failed any more. What went wrong stays written there.
pub fn settle(database: &mut Database, id: u64, code: u16) -> Result<(), HistoryError> {
    let sql = "UPDATE gestor_plugins_historico SET codigo = 0 WHERE id = ? AND confirmado = 1 AND codigo = ?";
    database.exec(sql, (id, code))?;
    Ok(())
}

/// Writes the row of an operation that failed, after its rollback. Gives its number.
pub fn record_failure(
    database: &mut Database,
    entry: &HistoryEntry<'_>,
    outcome: &RecordedOutcome<'_>,
    ended: &str,
) -> Result<u64, HistoryError> {
    let mut values = beginning(entry);
    values.extend(ending(outcome, ended));
    Ok(database.exec(INSERT, values)?.last_insert_id)
}

fn beginning(entry: &HistoryEntry<'_>) -> Vec<Value> {
    vec![
        entry.operation.into(),
        entry.batch.into(),
        entry.slug.into(),
        entry.action.word().into(),
        entry.from.into(),
        entry.to.into(),
        entry.checksum.into(),
        entry.source.into(),
        entry.manifest.into(),
        entry.migrations.into(),
        entry.parameters.into(),
        entry.server.into(),
        entry.actor.into(),
        entry.began.into(),
    ]
}

fn ending(outcome: &RecordedOutcome<'_>, ended: &str) -> Vec<Value> {
    vec![
        u8::from(outcome.committed).into(),
        outcome.code.into(),
        outcome.tables.into(),
        outcome.errors.into(),
        outcome.output.into(),
        ended.into(),
    ]
}

/// The last operations on a plugin, the newest first; none where our table is not there.
pub fn entries(database: &mut Database, slug: &Slug, most: usize) -> Result<Vec<StoredEntry>, HistoryError> {
    let sql = format!("{SELECT}slug = ? ORDER BY id DESC LIMIT {most}");
    select(database, &sql, slug.as_str())
}

/// One operation by its number; nothing where our table is not there.
pub fn entry(database: &mut Database, id: u64) -> Result<Option<StoredEntry>, HistoryError> {
    let sql = format!("{SELECT}id = ?");
    Ok(select(database, &sql, &id.to_string())?.into_iter().next())
}

/// The last committed operation that made the plugin be there, or not; nothing where our table is not there.
pub fn last(database: &mut Database, slug: &Slug) -> Result<Option<StoredEntry>, HistoryError> {
    let sql = format!(
        "{SELECT}slug = ? AND confirmado = 1 AND acao NOT IN ('sincronizar', 'resolver', 'externa') ORDER BY id DESC LIMIT 1"
    );
    Ok(select(database, &sql, slug.as_str())?.into_iter().next())
}

/// Whether an operation committed: its row, which is of its transaction, stands.
pub fn is_recorded(database: &mut Database, operation: &str) -> Result<bool, HistoryError> {
    let sql = format!("{SELECT}operacao = ?");
    Ok(!select(database, &sql, operation)?.is_empty())
}

/// The operations whose row was not completed, although they committed: by their journal's number.
pub fn unfinished(database: &mut Database, operation: &str) -> Result<Option<StoredEntry>, HistoryError> {
    let sql = format!("{SELECT}operacao = ? AND codigo IS NULL");
    Ok(select(database, &sql, operation)?.into_iter().next())
}

/// What each committed operation says of its migrations, the oldest first; nothing where our table is not there.
pub fn told_migrations(database: &mut Database, slug: &Slug) -> Result<Vec<ToldMigrations>, HistoryError> {
    let told = told(database, "slug = ?", slug)?;
    Ok(told.into_iter().map(|(_, told)| told).collect())
}

/// The same of all other plugins, by their names; none where our table is not there.
pub fn migrations_of_others(
    database: &mut Database,
    slug: &Slug,
) -> Result<BTreeMap<String, Vec<ToldMigrations>>, HistoryError> {
    let mut others: BTreeMap<String, Vec<ToldMigrations>> = BTreeMap::new();
    for (slug, told) in told(database, "slug <> ?", slug)? {
        others.entry(slug).or_default().push(told);
    }
    Ok(others)
}

fn told(database: &mut Database, whose: &str, slug: &Slug) -> Result<Vec<(String, ToldMigrations)>, HistoryError> {
    let sql = format!(
        "SELECT id, versao_para, checksum, migracoes, slug, acao, codigo, parametros FROM gestor_plugins_historico WHERE \
         {whose} AND confirmado = 1 AND migracoes IS NOT NULL ORDER BY id"
    );
    let told = |mut row: Row| {
        let (action, code): (String, Option<u16>) = (value(&mut row, 5, "acao")?, value(&mut row, 6, "codigo")?);
        let parameters: Option<String> = value(&mut row, 7, "parametros")?;
        let purges = action == Action::Uninstall.word() && is_purge(parameters.as_deref());
        let told = ToldMigrations {
            id: value(&mut row, 0, "id")?,
            version: value(&mut row, 1, "versao_para")?,
            checksum: value(&mut row, 2, "checksum")?,
            text: value(&mut row, 3, "migracoes")?,
            purges,
            purged: purges && code == Some(0),
        };
        Ok((value(&mut row, 4, "slug")?, told))
    };
    match database.exec_rows(&sql, (slug.as_str(),)) {
        Err(fault) if fault.is_no_table() => Ok(Vec::new()),
        rows => rows?.into_iter().map(told).collect(),
    }
}

fn is_purge(parameters: Option<&str>) -> bool {
    let said = parameters.and_then(|text| serde_json::from_str::<serde_json::Value>(text).ok());
    said.is_some_and(|said| said["modo"] == Removal::Purge.word())
}

/// The applied states of a plugin, the newest first: its committed operations with a package. None where our table is not
/// there.
pub fn applied_points(database: &mut Database, slug: &Slug) -> Result<Vec<StoredPoint>, HistoryError> {
    let sql = "SELECT id, versao_para, checksum, origem FROM gestor_plugins_historico WHERE slug = ? AND confirmado = 1 \
               AND checksum IS NOT NULL AND versao_para IS NOT NULL ORDER BY id DESC";
    let point = |mut row: Row| {
        Ok(StoredPoint {
            id: value(&mut row, 0, "id")?,
            version: value(&mut row, 1, "versao_para")?,
            checksum: value(&mut row, 2, "checksum")?,
            source: value(&mut row, 3, "origem")?,
        })
    };
    match database.exec_rows(sql, (slug.as_str(),)) {
        Err(fault) if fault.is_no_table() => Ok(Vec::new()),
        rows => rows?.into_iter().map(point).collect(),
    }
}

/// All operations on a plugin, the oldest first, as somebody who prunes looks at them; none where our table is not there.
pub fn past(database: &mut Database, slug: &Slug) -> Result<Vec<PastEntry>, HistoryError> {
    let sql = "SELECT id, checksum, migracoes IS NOT NULL, inicio, fim FROM gestor_plugins_historico WHERE slug = ? ORDER BY id";
    let past = |mut row: Row| {
        let has_migrations: u8 = value(&mut row, 2, "migracoes")?;
        Ok(PastEntry {
            id: value(&mut row, 0, "id")?,
            checksum: value(&mut row, 1, "checksum")?,
            has_migrations: has_migrations != 0,
            began: value(&mut row, 3, "inicio")?,
            ended: value(&mut row, 4, "fim")?,
        })
    };
    match database.exec_rows(sql, (slug.as_str(),)) {
        Err(fault) if fault.is_no_table() => Ok(Vec::new()),
        rows => rows?.into_iter().map(past).collect(),
    }
}

/// Rows that are removed with one statement.
const REMOVED: usize = 500;

/// Removes rows by their numbers.
pub fn remove(database: &mut Database, ids: &[u64]) -> Result<(), HistoryError> {
    for some in ids.chunks(REMOVED) {
        let numbers: Vec<String> = some.iter().map(ToString::to_string).collect();
        let sql = format!(
            "DELETE FROM gestor_plugins_historico WHERE id IN ({})",
            numbers.join(", ")
        );
        database.exec(&sql, ())?;
    }
    Ok(())
}

/// Writes what an operation says of its migrations, after some of them were undone.
pub fn write_migrations(database: &mut Database, id: u64, text: &str) -> Result<(), HistoryError> {
    let sql = "UPDATE gestor_plugins_historico SET migracoes = ? WHERE id = ?";
    database.exec(sql, (text, id))?;
    Ok(())
}

fn select(database: &mut Database, sql: &str, value: &str) -> Result<Vec<StoredEntry>, HistoryError> {
    match database.exec_rows(sql, (value,)) {
        Err(fault) if fault.is_no_table() => Ok(Vec::new()),
        rows => rows?.into_iter().map(stored).collect(),
    }
}

fn stored(mut row: Row) -> Result<StoredEntry, HistoryError> {
    let confirmed: u8 = value(&mut row, 5, "confirmado")?;
    Ok(StoredEntry {
        id: value(&mut row, 0, "id")?,
        acao: value(&mut row, 1, "acao")?,
        versao_de: value(&mut row, 2, "versao_de")?,
        versao_para: value(&mut row, 3, "versao_para")?,
        codigo: value(&mut row, 4, "codigo")?,
        confirmado: confirmed != 0,
        inicio: value(&mut row, 6, "inicio")?,
        fim: value(&mut row, 7, "fim")?,
        ator: value(&mut row, 8, "ator")?,
        servidor: value(&mut row, 9, "servidor")?,
        tabelas: value(&mut row, 10, "tabelas")?,
        operation: value(&mut row, 11, "operacao")?,
        checksum: value(&mut row, 12, "checksum")?,
        lote: value(&mut row, 13, "lote")?,
    })
}

fn value<T: FromValue>(row: &mut Row, at: usize, column: &'static str) -> Result<T, HistoryError> {
    let taken = row.take_opt::<T, _>(at).and_then(Result::ok);
    taken.ok_or(HistoryError::Unreadable { column })
}
