//! Why an index cannot be used.

use std::path::PathBuf;

use crate::base::db::DbError;
use crate::base::fs::FsError;
use crate::base::net::NetError;
use crate::base::tuf::TufError;
use crate::model::Phrase;

/// Why an index cannot be used, or says nothing that helps.
#[derive(Debug, thiserror::Error)]
pub enum IndexFault {
    /// A name that no index can have.
    #[error(
        "{given:?} is no name of an index: lower-case letters, digits, `.`, `_` and `-`, at most 64, a letter or digit first"
    )]
    Name {
        /// What was given.
        given: String,
    },
    /// There is no folder in which an index could stand.
    #[error(
        "no trust folder is set, so this site believes no index: name one with the setting or parameter `confianca`"
    )]
    NoTrust,
    /// No such index.
    #[error(
        "this site knows no index {name:?}: `--indice=listar` shows those that it knows, `--indice=adicionar` adds one"
    )]
    Unknown {
        /// What was given.
        name: String,
    },
    /// An index of that name stands there.
    #[error(
        "there is an index {name:?} already: remove it first (`--indice=remover`), or give the new one another name"
    )]
    Exists {
        /// Its name.
        name: String,
    },
    /// Its files in the trust folder.
    #[error("the trust folder: {0}")]
    Folder(FsError),
    /// Its settings.
    #[error("{} is not as it should be: {source}; it holds `url`, and may hold `credencial` and `prioridade`", path.display())]
    Settings {
        /// The file.
        path: PathBuf,
        /// What the parser said.
        source: serde_json::Error,
    },
    /// Its root, which somebody brought.
    #[error("{}: {fault}", path.display())]
    Root {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        fault: TufError,
    },
    /// Its root is another one than was meant.
    #[error("{} has the SHA-256 {found}, and {expected} was given: ask the publisher of the index, by another way than the index itself", path.display())]
    RootHash {
        /// The file.
        path: PathBuf,
        /// What was given.
        expected: String,
        /// What the file has.
        found: String,
    },
    /// Where it is.
    #[error("the address of the index: {0}")]
    Address(NetError),
    /// It is not believed.
    #[error("index {index}: {fault}")]
    Refused {
        /// The index.
        index: String,
        /// Why.
        fault: TufError,
    },
    /// It cannot be had.
    #[error("index {index}: {source}")]
    Unreachable {
        /// The index.
        index: String,
        /// Why.
        source: NetError,
    },
    /// It could not be had a moment ago, and that took long.
    #[error("index {index}: {reason} (a moment ago; it is asked again after a minute, or by `--indice=atualizar`)")]
    Silent {
        /// The index.
        index: String,
        /// Why.
        reason: Phrase,
    },
    /// What is remembered of it is too old.
    #[error(
        "index {index}: {reason}; what this site remembers of it ended more than {days} days ago, or there is nothing: ask whoever publishes it, or wait until it is renewed"
    )]
    Stale {
        /// The index.
        index: String,
        /// Why there is nothing newer.
        reason: Phrase,
        /// Days for which it would have been used all the same.
        days: u32,
    },
    /// One of its files cannot be understood.
    #[error("index {index}, {file}: {reason}; ask whoever publishes the index")]
    Entry {
        /// The index.
        index: String,
        /// The file.
        file: String,
        /// Why.
        reason: Phrase,
    },
    /// No index has the plugin.
    #[error(
        "no index has the plugin {slug} (asked: {indices}): check how it is written, `--buscar=` finds what there is"
    )]
    NoPlugin {
        /// The plugin.
        slug: String,
        /// Which were asked.
        indices: Phrase,
    },
    /// The index has the plugin in other versions.
    #[error("index {index} has the plugin {slug} in no version that may be installed ({reason})")]
    NoVersion {
        /// The index.
        index: String,
        /// The plugin.
        slug: String,
        /// Why none.
        reason: Phrase,
    },
    /// Another process works with the index.
    #[error("index {index}: another process is refreshing it, for more than {seconds} s: try again later")]
    Busy {
        /// The index.
        index: String,
        /// How long it was waited for.
        seconds: u64,
    },
    /// Another process adds or removes indices.
    #[error("index {index}: another process is changing what stands in {}: try again", folder.display())]
    Changing {
        /// The index.
        index: String,
        /// The folder of all of them.
        folder: PathBuf,
    },
    /// The package is another version than the index says.
    #[error(
        "index {index} says that the package is version {said} of the plugin {slug}, and its manifest says {found}: ask whoever publishes the index"
    )]
    OtherVersion {
        /// The index.
        index: String,
        /// The plugin.
        slug: String,
        /// What the index says.
        said: String,
        /// What the package says.
        found: String,
    },
    /// The package was signed by somebody else than the index says.
    #[error(
        "index {index} says that version {version} of the plugin {slug} was signed by {wanted}, and the package {found}: it is not what was published; ask whoever publishes the index"
    )]
    OtherSigner {
        /// The index.
        index: String,
        /// The plugin.
        slug: String,
        /// Its version.
        version: String,
        /// Developer and key, as the index says them.
        wanted: Phrase,
        /// What is known of the package's signature.
        found: Phrase,
    },
    /// What was seen of it.
    #[error("the table gestor_plugins_indices: {0}")]
    Database(DbError),
}

impl IndexFault {
    pub(super) fn stale(index: &str, reason: Phrase, days: u32) -> Self {
        Self::Stale {
            index: index.to_string(),
            reason,
            days,
        }
    }
}

impl From<DbError> for IndexFault {
    fn from(fault: DbError) -> Self {
        Self::Database(fault)
    }
}
