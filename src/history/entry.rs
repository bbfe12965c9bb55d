//! One operation as the history tells it. Values only.

use crate::model::word_of;

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Installed for the first time.
    Install,
    /// Another version, or another package of the same one.
    Update,
    /// The same package again.
    Reprocess,
    /// Back to an earlier point.
    Rollback,
    /// Rows alone.
    Synchronize,
    /// Uninstalled.
    Uninstall,
    /// Brought back after that.
    Restore,
    /// Disabled.
    Disable,
    /// Enabled.
    Enable,
    /// Conflicts were decided.
    Resolve,
    /// Files and hooks put back.
    Repair,
    /// Another installer was here.
    External,
}

impl Action {
    /// All of them, with the words by which they are stored.
    pub const ALL: [(Self, &'static str); 12] = [
        (Self::Install, "instalar"),
        (Self::Update, "atualizar"),
        (Self::Reprocess, "reprocessar"),
        (Self::Rollback, "reverter"),
        (Self::Synchronize, "sincronizar"),
        (Self::Uninstall, "desinstalar"),
        (Self::Restore, "restaurar"),
        (Self::Disable, "pausar"),
        (Self::Enable, "ativar"),
        (Self::Resolve, "resolver"),
        (Self::Repair, "reparar"),
        (Self::External, "externa"),
    ];

    /// The word.
    pub fn word(self) -> &'static str {
        word_of(&Self::ALL, &self)
    }
}

/// An operation when it begins. JSON fields are texts; `None` leaves a column NULL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEntry<'a> {
    /// The journal's number: 32 hexadecimal digits.
    pub operation: &'a str,
    /// The number of the batch that it is a part of.
    pub batch: Option<&'a str>,
    /// The plugin.
    pub slug: &'a str,
    /// What is done.
    pub action: Action,
    /// The version before.
    pub from: Option<&'a str>,
    /// The version after.
    pub to: Option<&'a str>,
    /// SHA-256 of the package.
    pub checksum: Option<&'a str>,
    /// Where it came from, as JSON.
    pub source: Option<&'a str>,
    /// Its manifest.
    pub manifest: Option<&'a str>,
    /// Migrations that ran, as JSON.
    pub migrations: Option<&'a str>,
    /// Parameters of the call, as JSON, without secrets.
    pub parameters: Option<&'a str>,
    /// The machine.
    pub server: Option<&'a str>,
    /// Who asked for it.
    pub actor: Option<&'a str>,
    /// When it began: UTC, `YYYY-MM-DD HH:MM:SS.mmm`.
    pub began: &'a str,
}

/// How an operation ended.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RecordedOutcome<'a> {
    /// The exit code.
    pub code: u16,
    /// Its transaction has committed.
    pub committed: bool,
    /// Counts by table, as JSON.
    pub tables: Option<&'a str>,
    /// What went wrong.
    pub errors: Option<&'a str>,
    /// What its scripts wrote.
    pub output: Option<&'a str>,
}

/// An operation as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct StoredEntry {
    /// Its number, by which base and values set aside name it.
    pub id: u64,
    /// What was done.
    pub acao: String,
    /// The version before.
    pub versao_de: Option<String>,
    /// The version after.
    pub versao_para: Option<String>,
    /// The exit code; nothing while it runs, or where it was killed.
    pub codigo: Option<u16>,
    /// Its transaction has committed.
    pub confirmado: bool,
    /// When it began, UTC.
    pub inicio: String,
    /// When it ended, UTC.
    pub fim: Option<String>,
    /// Who asked for it.
    pub ator: Option<String>,
    /// The machine.
    pub servidor: Option<String>,
    /// Counts by table, as JSON.
    pub tabelas: Option<String>,
    /// The number that all have which came about together, or went.
    pub lote: Option<String>,
    /// The journal's number.
    #[serde(skip)]
    pub operation: String,
    /// SHA-256 of the package.
    #[serde(skip)]
    pub checksum: Option<String>,
}

/// An operation as somebody who prunes looks at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastEntry {
    /// Its number.
    pub id: u64,
    /// SHA-256 of the package.
    pub checksum: Option<String>,
    /// It tells of migrations.
    pub has_migrations: bool,
    /// When it began, UTC.
    pub began: String,
    /// When it ended, UTC.
    pub ended: Option<String>,
}

/// An applied state of a plugin to which a way can lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPoint {
    /// Its number.
    pub id: u64,
    /// The version.
    pub version: String,
    /// SHA-256 of the package.
    pub checksum: String,
    /// Where it came from, as JSON.
    pub source: Option<String>,
}

/// What an operation says of its migrations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldMigrations {
    /// Its number.
    pub id: u64,
    /// The version of its package.
    pub version: Option<String>,
    /// SHA-256 of its package.
    pub checksum: Option<String>,
    /// Its migrations, as JSON.
    pub text: String,
    /// It was to take away all that they had made.
    pub purges: bool,
    /// It did, and nothing of that was left to do.
    pub purged: bool,
}
