//! What can be wrong with credentials. No text holds a secret, nor a part of one.

use std::path::PathBuf;

use super::messages::{kind_hint, not_readable};
use super::{Alias, KeyFault, KeyId, KeyPlace, messages};
use crate::base::db::DbError;
use crate::base::fs::FsError;
use crate::config::CredentialType;

/// Why a credential could not be stored, kept or used.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// Not the name of a credential.
    #[error(
        "{given:?} is no name of a credential: small letters, digits, `.`, `_` and `-`, at most 64, a letter or digit first"
    )]
    Alias {
        /// What was given, where it is short.
        given: String,
    },
    /// Not a secret of its type.
    #[error("the secret is no {}: {} (at most {most} bytes)", kind.word(), kind_hint(*kind))]
    Secret {
        /// Its type.
        kind: CredentialType,
        /// Bytes.
        most: usize,
    },
    /// No such credential.
    #[error("there is no credential {alias}: `--credenciais=listar` names those that there are")]
    Unknown {
        /// Its name.
        alias: Alias,
    },
    /// The name leads to no token. What was given is not shown when it may be a token itself.
    #[error(
        "cred_ref: there is no token in the environment variable {variable}: set it for the web server and the shell, or store a credential (`--credenciais=gravar`) and give `cred:<alias>`"
    )]
    NoVariable {
        /// The variable that was looked for.
        variable: String,
    },
    /// The key that a credential is sealed under is not there.
    #[error(
        "the credential {alias} cannot be read: the key {key} is missing. Put it back into the key ring, or store the secret again (`--credenciais=gravar --alias={alias}`)"
    )]
    KeyMissing {
        /// Its name.
        alias: String,
        /// The key.
        key: KeyId,
    },
    /// The row is not what was sealed.
    #[error(
        "the credential {alias} does not open: its row in plugins_credenciais was altered or moved. Find out who wrote to the database, and store the secret again (`--credenciais=gravar --alias={alias}`)"
    )]
    Altered {
        /// Its name.
        alias: String,
    },
    /// It is meant for another server.
    #[error(
        "the credential {alias} is for {bound} alone, and is not sent to {wanted}: store one for that server, or correct the address"
    )]
    OtherServer {
        /// Its name.
        alias: String,
        /// Where it may be sent.
        bound: String,
        /// Where it was to be sent.
        wanted: String,
    },
    /// It is not of a type that is sent.
    #[error("the credential {alias} is of the type {kind}, which is sent to no server: give another one")]
    NotSent {
        /// Its name.
        alias: String,
        /// Its type.
        kind: String,
    },
    /// A line of a key ring that is no key. It is not shown.
    #[error("{place}, line {line}: {fault}; `--credenciais=chave` prints a fresh one")]
    Key {
        /// Which key ring.
        place: KeyPlace,
        /// The line, from 1 on.
        line: usize,
        /// What is wrong.
        fault: KeyFault,
    },
    /// A key ring without keys.
    #[error("{place} holds no key: put the site's keys back, or a fresh one (`--credenciais=chave`)")]
    NoKeys {
        /// Which key ring.
        place: KeyPlace,
    },
    /// More keys than anybody rotates through.
    #[error("{place} holds more than {most} keys: rotate (`--credenciais=rotacionar`) and take the old ones out")]
    TooManyKeys {
        /// Which key ring.
        place: KeyPlace,
        /// Keys.
        most: usize,
    },
    /// The key ring's file is not to be believed, or cannot be read.
    #[error("the key ring: {0}")]
    KeyFile(#[source] FsError),
    /// It cannot be made.
    #[error(
        "the key ring {} cannot be made: {source}. Make it yourself (a line of `--credenciais=chave`, mode 0600, for the web server's user), or give keys in GESTOR_PLUGINS_CHAVES", path.display()
    )]
    NotMade {
        /// Its path.
        path: PathBuf,
        /// Why.
        source: FsError,
    },
    /// Credentials of which some do not open.
    #[error("{} credentials do not open: {}", missing.iter().map(|(_, count)| count).sum::<usize>() + altered, not_readable(missing, *altered))]
    NotAllOpen {
        /// How many want each key that is missing.
        missing: Vec<(KeyId, usize)>,
        /// How many were altered or moved.
        altered: usize,
    },
    /// Nobody says to which server it is sent.
    #[error("`origem` is missing: give the server that a {} is sent to, as https://host", kind.word())]
    NoServer {
        /// Its type.
        kind: CredentialType,
    },
    /// The system gave no randomness.
    #[error(transparent)]
    Random(FsError),
    /// Others keep changing the same row.
    #[error("the credential {alias} is being changed by others: try again")]
    Busy {
        /// Its name.
        alias: Alias,
    },
    /// A secret that no cipher takes.
    #[error("{}", messages::NOT_SEALED)]
    NotSealed,
    /// The server refused, or was not there.
    #[error("the credentials (plugins_credenciais): {0}")]
    Database(#[from] DbError),
    /// A column holds something that it cannot hold.
    #[error(
        "the credentials (plugins_credenciais), column `{column}`: it holds another kind of value than gestor-plugins writes"
    )]
    Unreadable {
        /// The column.
        column: &'static str,
    },
}
