//! `gestor_plugins_atualizacoes`: what an operator said of the updates of each plugin, and what is remembered of them. Times
//! are UTC. Where there is no table nobody said anything.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDateTime, Utc};

use super::candidate::Candidate;
use super::error::UpdateError;
use super::reason::Reason;
use super::said::Said;
use super::standing::{Failure, Left, Standing, State};
use crate::base::db::{Database, DbError, FromValue, Row, Value};
use crate::model::{Slug, Version};

pub(super) const TABLE: &str = "gestor_plugins_atualizacoes";

/// What an operator says, in the order of [`said`].
const SAID: &str = "politica, nivel, canal, janela, CAST(carencia_h AS CHAR), pular, CAST(pular_ate AS CHAR)";

/// What is remembered, in the order of [`standing`].
const KEPT: &str = "estado, motivo, CAST(ultima_verificacao AS CHAR), CAST(proxima_verificacao AS CHAR), versao_alvo, tag_alvo, \
     sha256_alvo, CAST(publicada_em AS CHAR), CAST(vista_em AS CHAR), notificada_versao, CAST(tentativas AS CHAR), \
     falha_versao, CAST(falha_codigo AS CHAR), CAST(falha_em AS CHAR), CAST(proxima_tentativa AS CHAR), versao_anterior, \
     CAST(ponto_anterior AS CHAR), CAST(observar_ate AS CHAR), CAST(saude AS CHAR), servidor, CAST(aplicando_em AS CHAR)";

/// What is remembered, as it is written. What another server has begun is left to it.
const SAVE: &str = "UPDATE gestor_plugins_atualizacoes SET estado = ?, motivo = ?, ultima_verificacao = ?, \
     proxima_verificacao = ?, versao_alvo = ?, tag_alvo = ?, sha256_alvo = ?, publicada_em = ?, vista_em = ?, \
     notificada_versao = ?, tentativas = ?, falha_versao = ?, falha_codigo = ?, falha_em = ?, proxima_tentativa = ?, \
     versao_anterior = ?, ponto_anterior = ?, observar_ate = ?, saude = ?, servidor = ?, aplicando_em = ? WHERE slug = ? AND \
     estado = ?";

/// Whoever changes the row from what it was has the update; everybody else finds it changed.
const CLAIM: &str = "UPDATE gestor_plugins_atualizacoes SET estado = 'aplicando', servidor = ?, aplicando_em = ? WHERE slug = ? AND \
     estado = 'agendada' AND sha256_alvo = ?";

const SAY: &str = "UPDATE gestor_plugins_atualizacoes SET politica = ?, nivel = ?, canal = ?, janela = ?, carencia_h = ?, pular = ?, \
     pular_ate = ? WHERE slug = ?";

/// What is known of the updates of a plugin, or which column of its row holds something else.
pub type Known = Result<(Said, Standing), UpdateError>;

/// What is known of the updates of all plugins, by name. A row that cannot be read is of its plugin alone.
pub fn read_all(database: &mut Database) -> Result<BTreeMap<String, Known>, UpdateError> {
    let sql = format!("SELECT slug, {SAID}, {KEPT} FROM {TABLE}");
    let rows = unless_absent(database.query(sql))?;
    Ok(rows.into_iter().map(read).collect())
}

/// What is known of the updates of one plugin.
pub fn read_one(database: &mut Database, slug: &Slug) -> Result<(Said, Standing), UpdateError> {
    let sql = format!("SELECT slug, {SAID}, {KEPT} FROM {TABLE} WHERE slug = ?");
    let rows = unless_absent(database.exec_rows(&sql, (slug.as_str(),)))?;
    rows.into_iter()
        .next()
        .map(read)
        .map_or_else(|| Ok(Default::default()), |(_, known)| known)
}

/// Remembers. `was`: the state that was read; a row that somebody else has moved on since is left as it is.
pub fn save(database: &mut Database, slug: &Slug, was: State, standing: &Standing) -> Result<(), UpdateError> {
    ensure(database, slug)?;
    let mut values = written(standing);
    values.push(slug.as_str().into());
    values.push(was.word().into());
    database.exec(SAVE, values)?;
    Ok(())
}

/// Takes an update on; `false` where somebody else has it, or it is another one by now.
pub fn claim(
    database: &mut Database,
    slug: &Slug,
    (standing, server): (&Standing, &str),
    now: DateTime<Utc>,
) -> Result<bool, UpdateError> {
    let digest = standing.target.as_ref().and_then(|target| target.sha256);
    let Some(digest) = digest else { return Ok(false) };
    let values = (server, stored(now), slug.as_str(), digest.to_string());
    Ok(database.exec(CLAIM, values)?.rows == 1)
}

/// Remembers what an operator says.
pub fn save_said(database: &mut Database, slug: &Slug, said: &Said) -> Result<(), UpdateError> {
    ensure(database, slug)?;
    let text = |text: Option<String>| Value::from(text);
    let values: Vec<Value> = vec![
        text(said.mode.map(|mode| mode.word().to_owned())),
        text(said.level.map(|level| level.word().to_owned())),
        text(said.channel.map(|channel| channel.word().to_owned())),
        text(said.window.as_ref().map(ToString::to_string)),
        Value::from(said.cooldown),
        text(said.skipped.as_ref().map(ToString::to_string)),
        text(said.until.map(stored)),
        slug.as_str().into(),
    ];
    database.exec(SAY, values)?;
    Ok(())
}

fn ensure(database: &mut Database, slug: &Slug) -> Result<(), UpdateError> {
    let sql = "INSERT IGNORE INTO gestor_plugins_atualizacoes (slug) VALUES (?)";
    database.exec(sql, (slug.as_str(),))?;
    Ok(())
}

fn unless_absent(rows: Result<Vec<Row>, DbError>) -> Result<Vec<Row>, UpdateError> {
    match rows {
        Err(fault) if fault.is_no_table() => Ok(Vec::new()),
        rows => Ok(rows?),
    }
}

fn written(standing: &Standing) -> Vec<Value> {
    let text = |text: Option<String>| Value::from(text.filter(|text| !text.is_empty()));
    let time = |time: Option<DateTime<Utc>>| Value::from(time.map(stored));
    let (target, failure) = (standing.target.as_ref(), standing.failure.as_ref());
    let left = standing.left.as_ref();
    let health = serde_json::to_string(&standing.health).ok();
    vec![
        standing.state.word().into(),
        text(standing.reason.as_ref().map(Reason::stored)),
        time(standing.checked),
        time(standing.next_check),
        text(target.map(|target| target.version.to_string())),
        text(target.and_then(|target| target.tag.clone())),
        text(target.and_then(|target| target.sha256.map(|sha256| sha256.to_string()))),
        time(target.and_then(|target| target.published)),
        time(standing.seen),
        text(standing.notified.clone()),
        Value::from(failure.map_or(0, |failure| failure.attempts)),
        text(failure.map(|failure| failure.version.to_string())),
        Value::from(failure.map(|failure| failure.code)),
        time(failure.map(|failure| failure.at)),
        time(failure.and_then(|failure| failure.next)),
        text(left.map(|left| left.version.to_string())),
        Value::from(left.and_then(|left| left.point)),
        time(standing.watched_until),
        text(health),
        text(standing.server.clone()),
        time(standing.applying_since),
    ]
}

/// Columns, one after the other.
struct Columns {
    row: Row,
    at: usize,
}

impl Columns {
    fn next<T: FromValue>(&mut self, column: &'static str) -> Result<Option<T>, UpdateError> {
        let taken = self.row.take_opt::<Option<T>, _>(self.at);
        self.at += 1;
        taken.and_then(Result::ok).ok_or_else(|| unreadable(column))
    }

    fn parsed<T>(&mut self, column: &'static str, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>, UpdateError> {
        let Some(text) = self.next::<String>(column)? else {
            return Ok(None);
        };
        read(&text).map(Some).ok_or_else(|| unreadable(column))
    }

    fn time(&mut self, column: &'static str) -> Result<Option<DateTime<Utc>>, UpdateError> {
        self.parsed(column, of_table)
    }

    fn number<T: std::str::FromStr>(&mut self, column: &'static str) -> Result<Option<T>, UpdateError> {
        self.parsed(column, |text| text.parse().ok())
    }
}

fn unreadable(column: &'static str) -> UpdateError {
    let plugin = String::new();
    UpdateError::Unreadable {
        table: TABLE,
        column,
        plugin,
    }
}

fn read(row: Row) -> (String, Known) {
    let mut columns = Columns { row, at: 0 };
    let slug = columns.next::<String>("slug").ok().flatten().unwrap_or_default();
    let mut known = || Ok((said(&mut columns)?, standing(&mut columns)?));
    let known = known().map_err(|fault| match fault {
        UpdateError::Unreadable { table, column, .. } => {
            let plugin = slug.clone();
            UpdateError::Unreadable { table, column, plugin }
        }
        other => other,
    });
    (slug, known)
}

fn said(columns: &mut Columns) -> Result<Said, UpdateError> {
    let mut said = Said::default();
    for column in ["politica", "nivel", "canal", "janela", "carencia_h", "pular"] {
        if let Some(text) = columns.next::<String>(column)? {
            said.set(column, &text).map_err(|_| unreadable(column))?;
        }
    }
    said.until = columns.time("pular_ate")?;
    Ok(said)
}

fn standing(columns: &mut Columns) -> Result<Standing, UpdateError> {
    let state = columns.parsed("estado", State::from_word)?.unwrap_or_default();
    // A sentence of a newer library is none of ours, and nothing is decided by it.
    let reason = columns.next::<String>("motivo")?.and_then(|text| Reason::read(&text));
    let (checked, next_check) = (
        columns.time("ultima_verificacao")?,
        columns.time("proxima_verificacao")?,
    );
    let target = target(columns)?;
    let (seen, notified) = (columns.time("vista_em")?, columns.next("notificada_versao")?);
    let failure = failure(columns)?;
    let version = columns.number::<Version>("versao_anterior")?;
    let point = columns.number("ponto_anterior")?;
    let watched_until = columns.time("observar_ate")?;
    let health = columns
        .parsed("saude", |text| serde_json::from_str(text).ok())?
        .unwrap_or_default();
    Ok(Standing {
        state,
        reason,
        checked,
        next_check,
        target,
        seen,
        notified,
        failure,
        left: version.map(|version| Left { version, point }),
        watched_until,
        health,
        server: columns.next("servidor")?,
        applying_since: columns.time("aplicando_em")?,
    })
}

fn target(columns: &mut Columns) -> Result<Option<Candidate>, UpdateError> {
    let version = columns.number::<Version>("versao_alvo")?;
    let tag = columns.next("tag_alvo")?;
    let sha256 = columns.number("sha256_alvo")?;
    let published = columns.time("publicada_em")?;
    Ok(version.map(|version| Candidate {
        sha256,
        tag,
        published,
        ..Candidate::of(version)
    }))
}

fn failure(columns: &mut Columns) -> Result<Option<Failure>, UpdateError> {
    let attempts = columns.number("tentativas")?.unwrap_or_default();
    let version = columns.number::<Version>("falha_versao")?;
    let code = columns.number("falha_codigo")?.unwrap_or_default();
    let (at, next) = (columns.time("falha_em")?, columns.time("proxima_tentativa")?);
    Ok(version.zip(at).map(|(version, at)| Failure {
        version,
        code,
        at,
        attempts,
        next,
    }))
}

/// A time as a table has it.
pub(super) fn stored(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%d %H:%M:%S").to_string()
}

/// Reads a time of a table.
pub(super) fn of_table(text: &str) -> Option<DateTime<Utc>> {
    let read = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f").ok()?;
    Some(read.and_utc())
}
