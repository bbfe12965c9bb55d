//! `gestor_plugins_estado`: what is known of each plugin besides its row in `plugins`.

use std::collections::BTreeSet;

use super::RegistryError;
use super::plugin_row::row_before;
use super::row_text::{Literal, rows, unless_absent, value};
use crate::base::db::{Database, Row, push_binary, push_text};
use crate::model::Slug;

const TABLE: &str = "gestor_plugins_estado";

/// Columns that hold a text or nothing, in the order of the fields of [`State`] that they stand for.
const TEXTS: [&str; 12] = [
    "pausado_em",
    "removido_em",
    "removido_arquivo",
    "descricao",
    "origem_token_ref",
    "integridade_em",
    "verificacao",
    "ultimo_log",
    "linha_antes",
    "fixadas",
    "pendencias",
    "atualizado_em",
];

/// The state of a plugin. Times are UTC, as the server shows them; JSON columns are texts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct State {
    /// The plugin.
    pub slug: String,
    /// Its row in `plugins`.
    pub id_plugins: Option<u64>,
    /// The history's number of what is installed; nothing when nothing is.
    pub point: Option<u64>,
    /// ... of the last good one before.
    pub previous_point: Option<u64>,
    /// Raised by each committed operation.
    pub counter: u64,
    /// The epoch of what is installed.
    pub epoch: u64,
    /// Paused since.
    pub paused_at: Option<String>,
    /// Uninstalled since.
    pub removed_at: Option<String>,
    /// The archive of what was uninstalled.
    pub removed_archive: Option<String>,
    /// The manifest's description.
    pub description: Option<String>,
    /// The name of the token that it is fetched with.
    pub token: Option<String>,
    /// Verified at.
    pub verified_at: Option<String>,
    /// What that found, as JSON.
    pub verification: Option<String>,
    /// The last operation's lines.
    pub last_log: Option<String>,
    /// We made the row in `plugins`.
    pub made_row: bool,
    /// That row before our first write, as JSON, without the token.
    pub row_before: Option<String>,
    /// The files of the installed tree, deflated.
    pub files: Option<Vec<u8>>,
    /// Versions that are kept whatever comes, as JSON.
    pub pinned: Option<String>,
    /// What is left to be done, as JSON.
    pub pending: Option<String>,
}

impl State {
    /// The plugin is paused.
    pub fn is_paused(&self) -> bool {
        self.paused_at.is_some()
    }

    /// The versions that are kept whatever comes.
    pub fn pinned_versions(&self) -> BTreeSet<String> {
        let text = self.pinned.as_deref();
        text.and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default()
    }

    /// Nothing was done with the plugin: only what its next call finds by itself is noted.
    pub fn is_untouched(&self) -> bool {
        self.counter == 0
    }

    /// The plugin was purged, and the state stands only for what is left to be taken away of the schema.
    pub fn is_purged(&self) -> bool {
        let had = self.point.or(self.previous_point).is_some() || self.made_row || self.row_before.is_some();
        self.removed_at.is_some() && self.removed_archive.is_none() && !self.is_paused() && !had
    }
}

/// The state of a plugin; nothing where it has none, or our table is not there.
pub fn read_state(database: &mut Database, slug: &Slug) -> Result<Option<State>, RegistryError> {
    let mut statement = select();
    statement.extend_from_slice(b" WHERE slug=");
    push_text(&mut statement, slug.as_str().as_bytes());
    rows(database, &statement)?.into_iter().next().map(state).transpose()
}

/// The state of all plugins, by slug.
pub fn read_states(database: &mut Database) -> Result<Vec<State>, RegistryError> {
    let mut statement = select();
    statement.extend_from_slice(b" ORDER BY slug");
    rows(database, &statement)?.into_iter().map(state).collect()
}

/// What is installed, and how often something was done: the slim part of a [`State`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Point {
    /// The plugin.
    pub slug: String,
    /// The history's number of what is installed; nothing when nothing is.
    pub history: Option<u64>,
    /// Raised by each committed operation.
    pub counter: u64,
}

/// The points of all plugins, or of one; none where our table is not there.
pub fn points(database: &mut Database, slug: Option<&Slug>) -> Result<Vec<Point>, RegistryError> {
    let mut statement = format!("SELECT slug, ponto, contador FROM {TABLE}").into_bytes();
    if let Some(slug) = slug {
        statement.extend_from_slice(b" WHERE slug=");
        push_text(&mut statement, slug.as_str().as_bytes());
    }
    let point = |mut row: Row| {
        Ok(Point {
            slug: value(&mut row, 0, (TABLE, "slug"))?,
            history: value(&mut row, 1, (TABLE, "ponto"))?,
            counter: value(&mut row, 2, (TABLE, "contador"))?,
        })
    };
    rows(database, &statement)?.into_iter().map(point).collect()
}

fn select() -> Vec<u8> {
    let texts = TEXTS[..11].join(", ");
    format!(
        "SELECT slug, id_plugins, ponto, ponto_anterior, contador, epoca, linha_criada, arquivos, {texts} FROM {TABLE}"
    )
    .into_bytes()
}

fn state(mut row: Row) -> Result<State, RegistryError> {
    let made: u8 = value(&mut row, 6, (TABLE, "linha_criada"))?;
    let mut texts = Vec::with_capacity(TEXTS.len());
    for (at, column) in TEXTS[..11].iter().enumerate() {
        texts.push(value::<Option<String>>(&mut row, 8 + at, (TABLE, column))?);
    }
    let mut texts = texts
        .into_iter()
        .map(Option::unwrap_or_default)
        .map(|text| Some(text).filter(|text| !text.is_empty()));
    let mut text = || texts.next().flatten();
    Ok(State {
        slug: value(&mut row, 0, (TABLE, "slug"))?,
        id_plugins: value(&mut row, 1, (TABLE, "id_plugins"))?,
        point: value(&mut row, 2, (TABLE, "ponto"))?,
        previous_point: value(&mut row, 3, (TABLE, "ponto_anterior"))?,
        counter: value(&mut row, 4, (TABLE, "contador"))?,
        epoch: value(&mut row, 5, (TABLE, "epoca"))?,
        made_row: made != 0,
        files: value(&mut row, 7, (TABLE, "arquivos"))?,
        paused_at: text(),
        removed_at: text(),
        removed_archive: text(),
        description: text(),
        token: text(),
        verified_at: text(),
        verification: text(),
        last_log: text(),
        row_before: text(),
        pinned: text(),
        pending: text(),
    })
}

/// Writes the state of a plugin, all of it, inside the operation's transaction.
pub fn write_state(database: &mut Database, state: &State) -> Result<(), RegistryError> {
    let texts = [
        &state.paused_at,
        &state.removed_at,
        &state.removed_archive,
        &state.description,
        &state.token,
        &state.verified_at,
        &state.verification,
        &state.last_log,
        &state.row_before,
        &state.pinned,
        &state.pending,
    ];
    let mut values = vec![
        Literal::Text(&state.slug),
        state.id_plugins.into(),
        state.point.into(),
        state.previous_point.into(),
        Literal::Number(state.counter),
        Literal::Number(state.epoch),
        Literal::Number(u64::from(state.made_row)),
        state.files.as_deref().map_or(Literal::Null, Literal::Bytes),
    ];
    values.extend(texts.into_iter().map(|text| text.as_deref().into()));
    values.push(Literal::Now);
    let mut columns = vec![
        "slug",
        "id_plugins",
        "ponto",
        "ponto_anterior",
        "contador",
        "epoca",
        "linha_criada",
        "arquivos",
    ];
    columns.extend(TEXTS);
    let mut statement = format!("INSERT INTO {TABLE} ({}) VALUES (", columns.join(", ")).into_bytes();
    for (at, literal) in values.iter().enumerate() {
        if at > 0 {
            statement.push(b',');
        }
        literal.push(&mut statement);
    }
    let update = columns[1..].iter().map(|column| format!("{column}=VALUES({column})"));
    let update = update.collect::<Vec<_>>().join(", ");
    statement.extend_from_slice(format!(") ON DUPLICATE KEY UPDATE {update}").as_bytes());
    database.execute(statement)?;
    Ok(())
}

/// Writes which files the tree of a plugin has, inside the operation's transaction.
pub fn write_files(database: &mut Database, slug: &Slug, files: &[u8]) -> Result<(), RegistryError> {
    let mut statement = format!("UPDATE {TABLE} SET arquivos=").into_bytes();
    push_binary(&mut statement, files);
    statement.extend_from_slice(b" WHERE slug=");
    push_text(&mut statement, slug.as_str().as_bytes());
    database.execute(statement)?;
    Ok(())
}

/// Writes what the last operation told; nothing where the plugin has no state.
pub fn write_log(database: &mut Database, slug: &Slug, lines: &str) -> Result<(), RegistryError> {
    let mut statement = format!("UPDATE {TABLE} SET ultimo_log=").into_bytes();
    push_text(&mut statement, lines.as_bytes());
    statement.extend_from_slice(b" WHERE slug=");
    push_text(&mut statement, slug.as_str().as_bytes());
    database.execute(statement)?;
    Ok(())
}

/// The archive of what was uninstalled is gone.
pub fn forget_archive(database: &mut Database, slug: &Slug) -> Result<(), RegistryError> {
    let mut statement = format!("UPDATE {TABLE} SET removido_arquivo=NULL WHERE slug=").into_bytes();
    push_text(&mut statement, slug.as_str().as_bytes());
    Ok(unless_absent(database.execute(statement))?)
}

/// Writes what is left to be done of a plugin.
pub fn write_pending(database: &mut Database, slug: &Slug, pending: Option<&str>) -> Result<(), RegistryError> {
    let sql = "UPDATE gestor_plugins_estado SET pendencias = ? WHERE slug = ?";
    let changed = database.exec(sql, (pending, slug.as_str()))?.rows;
    // What holds the same already is no change.
    if changed == 0 && pending.is_some() && read_state(database, slug)?.is_none() {
        let slug = slug.to_string();
        return Err(RegistryError::StateGone { slug });
    }
    Ok(())
}

/// Notes by what the token of a plugin is found. Of a plugin that has no state, what its row in `plugins` says counts on.
pub fn note_token(database: &mut Database, slug: &Slug, reference: &str) -> Result<(), RegistryError> {
    if read_state(database, slug)?.is_some() {
        let sql = "UPDATE gestor_plugins_estado SET origem_token_ref = ? WHERE slug = ?";
        database.exec(sql, (reference, slug.as_str()))?;
        return Ok(());
    }
    let row_before = row_before(database, slug)?;
    let state = State {
        slug: slug.to_string(),
        token: Some(reference.to_owned()),
        made_row: row_before.is_none(),
        row_before,
        ..State::default()
    };
    write_state(database, &state)
}

/// Notes what a verification found, where the plugin has a state; nothing else of it is touched, and no table is made.
pub fn note_verification(database: &mut Database, slug: &Slug, found: &str) -> Result<(), RegistryError> {
    let mut statement = format!("UPDATE {TABLE} SET integridade_em=UTC_TIMESTAMP(), verificacao=").into_bytes();
    push_text(&mut statement, found.as_bytes());
    statement.extend_from_slice(b" WHERE slug=");
    push_text(&mut statement, slug.as_str().as_bytes());
    Ok(unless_absent(database.execute(statement))?)
}
