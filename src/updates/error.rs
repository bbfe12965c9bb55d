//! Why updates cannot be decided.

use super::window::WindowFault;
use crate::base::db::DbError;
use crate::model::Phrase;

/// Why updates cannot be decided.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    /// A word that nobody understands.
    #[error("`{key}` is {found:?}; allowed: {allowed}")]
    Word {
        /// Of what.
        key: String,
        /// What was said.
        found: String,
        /// What may be said.
        allowed: Phrase,
    },
    /// A key that nobody knows.
    #[error(
        "{key:?} is nothing that is said of updates; allowed: politica, nivel, canal, janela, carencia_h, pular, pular_ate"
    )]
    Unknown {
        /// The key.
        key: String,
    },
    /// Hours that are none.
    #[error(transparent)]
    Window(#[from] WindowFault),
    /// The policy of the trust folder.
    #[error("`atualizacao` in politica.json: {fault}")]
    Policy {
        /// What is wrong with it.
        fault: Box<UpdateError>,
    },
    /// A site that is watched has to be well first.
    #[error(
        "no page of the site answers with 2xx, so nothing would tell that an update broke it, and `automatica` is refused: name pages in `saude` of politica.json, or say the site's address in `endereco`"
    )]
    NoProbe,
    /// The site was not well with what was installed, which was taken back.
    #[error(
        "the site was not well after {count} updates, which were taken back; `--atualizacoes` shows which, and why"
    )]
    RolledBack {
        /// How many.
        count: usize,
    },
    /// Another run is under way.
    #[error(
        "another run of updates is under way on this database; this one looked after the files of this server only"
    )]
    AnotherRuns,
    /// The database.
    #[error(transparent)]
    Database(#[from] DbError),
    /// A row that cannot be read.
    #[error(
        "the table {table} holds something in {column} that cannot be read{}: put NULL there, or what was there before",
        if plugin.is_empty() { String::new() } else { format!(" (row of {plugin})") }
    )]
    Unreadable {
        /// Whose row, where it is one of a plugin.
        plugin: String,
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
    },
}
