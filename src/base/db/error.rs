//! Why the database did not do what it was asked. Owns the distinctions that a caller can act on; must not decide what
//! to do.

use std::path::PathBuf;

use super::messages::{self, A_TABLE, WAS_CLOSED, client_failed};
use super::tls;
use crate::model::Phrase;

/// A failure of the database or of the way to it.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// No connection could be made.
    #[error("the database at {place} cannot be reached: {reason}; check that it runs, and host, port or socket")]
    Unreachable {
        /// Host and port, or socket.
        place: String,
        /// In the system's words.
        reason: Phrase,
    },
    /// The server knows us not, or the database is closed to us.
    #[error("the database at {place} refuses the login: {message} (error {code}); check user, password and database{}", messages::or_encryption(*is_open))]
    AccessDenied {
        /// Host and port, or socket.
        place: String,
        /// The server's error number.
        code: u16,
        /// In the server's words.
        message: String,
        /// The connection crosses a network and is not encrypted: a server that wants that of a user says no more.
        is_open: bool,
    },
    /// The server wants a way of logging in that the client has not. Servers say so of users that they do not know as
    /// well, so that nobody finds out which there are.
    #[error(
        "the database at {place} wants the login by `{plugin}`, which this program does not know: check the user's name, for a server answers so to an unknown user as well, or let the user log in by mysql_native_password or caching_sha2_password (ALTER USER)"
    )]
    UnknownLogin {
        /// Host and port, or socket.
        place: String,
        /// The server's name of the way.
        plugin: String,
    },
    /// The server takes encrypted connections alone.
    #[error(
        "the database at {place} takes encrypted connections alone ({message}, error {code}): set `db.tls` to required, or to verify with the server's authority in `db.ca`"
    )]
    EncryptionWanted {
        /// Host and port.
        place: String,
        /// The server's error number.
        code: u16,
        /// In the server's words.
        message: String,
    },
    /// The call wants encryption, and the server offers none.
    #[error(
        "the database at {place} offers no encryption, and `db.tls` wants it: give the server a certificate (ssl_cert and ssl_key), or set `db.tls` to preferred or off"
    )]
    NoEncryption {
        /// Host and port.
        place: String,
    },
    /// The server showed a certificate that is not believed, or no encryption came about.
    #[error(
        "the encryption of the database at {place} was refused: {reason}; check the server's certificate, `db.host`, `db.ca` and the clock of this machine"
    )]
    Encryption {
        /// Host and port.
        place: String,
        /// What is wrong.
        reason: Phrase,
    },
    /// The authorities that the call names cannot be read.
    #[error("the file of certificate authorities {} cannot be read ({reason}): check `db.ca`", path.display())]
    Authorities {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: Phrase,
    },
    /// Nobody is there to vouch for a server.
    #[error(
        "this machine has no certificate authorities to check the database by: name the server's own in `db.ca`, or install the package ca-certificates"
    )]
    NoAuthorities,
    /// The connection ended while it was in use. What the open transaction did is undone by the server, unless it
    /// was the `COMMIT` itself that got no answer.
    #[error("the connection to the database was lost: {reason}")]
    Lost {
        /// In the system's or server's words.
        reason: Phrase,
    },
    /// The server rolled the transaction back, because another one needed what it held.
    #[error("the database ended the transaction because of a deadlock: run the same call again")]
    Deadlock,
    /// The server rolled the transaction back, because another program changed a row that it had read.
    #[error(
        "the database ended the transaction because another program changed a row meanwhile: run the same call again"
    )]
    RecordChanged,
    /// The server had rolled the transaction back before it was to be committed.
    #[error(
        "the database had ended the transaction before it was committed, nothing of it was kept: run the same call again"
    )]
    TransactionEnded,
    /// Another transaction held a row for too long.
    #[error(
        "a row of {table} stayed locked by another transaction for too long: see which with SHOW FULL PROCESSLIST, end it or wait for it, and run the same call again"
    )]
    LockWait {
        /// Name of the table, as the statement names it.
        table: Phrase,
    },
    /// A statement was ended before it was done. What it wrote is undone, the transaction goes on.
    #[error(
        "the database ended a statement before it was done: {message} (error {code}); somebody ended it (KILL QUERY), or the server's time limit for statements did: raise that, or run the same call again"
    )]
    Interrupted {
        /// The server's error number.
        code: u16,
        /// In the server's words.
        message: String,
    },
    /// A statement is longer than `max_allowed_packet`.
    #[error("a statement is longer than the server's max_allowed_packet ({limit} bytes): raise that setting")]
    PacketTooLarge {
        /// The server's limit.
        limit: usize,
    },
    /// The server refused a statement.
    #[error("the database refused a statement: {message} (error {code}, SQLSTATE {state})")]
    Refused {
        /// The server's error number.
        code: u16,
        /// SQLSTATE.
        state: String,
        /// In the server's words.
        message: String,
    },
    /// The server's answer makes no sense.
    #[error("the database gave an answer that was not understood: {reason}")]
    Protocol {
        /// What was wrong.
        reason: Phrase,
    },
    /// The system gave no runtime for the connection.
    #[error("the connection to the database could not be set up: {0}")]
    Runtime(#[source] std::io::Error),
}

const DEADLOCK: u16 = 1213;
const RECORD_CHANGED: u16 = 1020;
const LOCK_WAIT: u16 = 1205;
const PACKET_TOO_LARGE: u16 = 1153;
/// By `KILL QUERY`; by MariaDB's and by MySQL's time limits.
const INTERRUPTED: [u16; 3] = [1317, 1969, 3024];
/// MySQL's word to a client that was silent for too long; MariaDB has another error of this number.
const SILENT_TOO_LONG: u16 = 4031;
const ACCESS_DENIED: [u16; 7] = [1044, 1045, 1049, 1698, 1130, 1251, 1275];
/// Of MySQL (`require_secure_transport`); MariaDB refuses the login.
const ENCRYPTION_WANTED: u16 = 3159;
const CONNECTION_ENDED: [u16; 6] = [1053, 1927, 2006, 2013, 1080, 1152];

impl DbError {
    /// Running the whole transaction again may succeed.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Deadlock | Self::RecordChanged | Self::LockWait { .. })
    }

    /// The connection is gone.
    pub fn is_lost(&self) -> bool {
        matches!(self, Self::Lost { .. })
    }

    /// The statement's content was refused: another statement may succeed in the same transaction.
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused { .. })
    }

    /// It was encryption that could not be had.
    pub(super) fn is_of_encryption(&self) -> bool {
        matches!(self, Self::NoEncryption { .. } | Self::Encryption { .. })
    }

    /// The server's error number, where it gave one.
    pub fn server_code(&self) -> Option<u16> {
        match self {
            Self::Refused { code, .. }
            | Self::AccessDenied { code, .. }
            | Self::EncryptionWanted { code, .. }
            | Self::Interrupted { code, .. } => Some(*code),
            Self::Deadlock => Some(DEADLOCK),
            Self::RecordChanged => Some(RECORD_CHANGED),
            Self::LockWait { .. } => Some(LOCK_WAIT),
            Self::PacketTooLarge { .. } => Some(PACKET_TOO_LARGE),
            _ => None,
        }
    }

    /// Whether a table is not there.
    pub fn is_no_table(&self) -> bool {
        const NO_SUCH_TABLE: u16 = 1146;
        self.server_code() == Some(NO_SUCH_TABLE)
    }

    /// The client panicked while it connected, as it does where it was built without a way of logging in.
    pub(super) fn of_panic(panic: &(dyn std::any::Any + Send), place: &str) -> Self {
        let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text = text
            .or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_default();
        let plugin = text.split('`').nth(1).filter(|_| text.contains("authentication"));
        match plugin {
            Some(plugin) => Self::UnknownLogin {
                place: place.to_owned(),
                plugin: plugin.to_owned(),
            },
            None => Self::Unreachable {
                place: place.to_owned(),
                reason: client_failed(&text),
            },
        }
    }

    /// A failure while connecting to `place`.
    pub(super) fn of_connecting(fault: mysql_async::Error, place: &str, is_open: bool) -> Self {
        use mysql_async::{DriverError, Error};
        let place = place.to_owned();
        match fault {
            Error::Server(server) if ACCESS_DENIED.contains(&server.code) => Self::AccessDenied {
                place,
                code: server.code,
                message: server.message,
                is_open,
            },
            Error::Server(server) if server.code == ENCRYPTION_WANTED => Self::EncryptionWanted {
                place,
                code: server.code,
                message: server.message,
            },
            Error::Driver(DriverError::UnknownAuthPlugin { name }) => Self::UnknownLogin { place, plugin: name },
            Error::Driver(DriverError::NoClientSslFlagFromServer) => Self::NoEncryption { place },
            Error::Io(fault) => match tls::fault_of(&fault) {
                Some(reason) => Self::Encryption { place, reason },
                None => Self::Unreachable {
                    place,
                    reason: io_text(&fault),
                },
            },
            other => Self::Unreachable {
                place,
                reason: Phrase::of_others(other.to_string()),
            },
        }
    }

    /// A failure of a statement.
    pub(super) fn of_statement(fault: mysql_async::Error, limit: usize) -> Self {
        use mysql_async::{DriverError, Error};
        match fault {
            Error::Server(server) => Self::of_server(server.code, server.state, server.message, limit),
            Error::Io(fault) => Self::Lost {
                reason: io_text(&fault),
            },
            Error::Driver(DriverError::ConnectionClosed) => Self::Lost { reason: WAS_CLOSED },
            Error::Driver(DriverError::PacketTooLarge) => Self::PacketTooLarge { limit },
            other => Self::Protocol {
                reason: Phrase::of_others(other.to_string()),
            },
        }
    }

    /// The same, naming what a statement waited for.
    pub(super) fn with_statement(self, sql: &[u8]) -> Self {
        match self {
            Self::LockWait { .. } => Self::LockWait { table: table_of(sql) },
            other => other,
        }
    }

    fn of_server(code: u16, state: String, message: String, limit: usize) -> Self {
        match code {
            DEADLOCK => Self::Deadlock,
            RECORD_CHANGED => Self::RecordChanged,
            LOCK_WAIT => Self::LockWait { table: A_TABLE },
            PACKET_TOO_LARGE => Self::PacketTooLarge { limit },
            code if CONNECTION_ENDED.contains(&code) => Self::Lost {
                reason: Phrase::of_others(message),
            },
            SILENT_TOO_LONG if message.contains("disconnected") => Self::Lost {
                reason: Phrase::of_others(message),
            },
            code if INTERRUPTED.contains(&code) => Self::Interrupted { code, message },
            _ => Self::Refused { code, state, message },
        }
    }
}

/// In the system's words, without those that the client puts around them.
fn io_text(fault: &mysql_async::IoError) -> Phrase {
    Phrase::of_others(std::error::Error::source(fault).map_or_else(|| fault.to_string(), ToString::to_string))
}

/// The table that a statement of ours is about: the word after the first `FROM`, `INTO`, `UPDATE` or `EXISTS`.
fn table_of(sql: &[u8]) -> Phrase {
    let start = String::from_utf8_lossy(&sql[..sql.len().min(4096)]);
    let mut words = start.split_ascii_whitespace();
    let found = words
        .find(|word| ["FROM", "INTO", "UPDATE", "EXISTS"].contains(word))
        .and_then(|_| words.next());
    found.map_or_else(
        || A_TABLE,
        |name| Phrase::of_others(name.trim_matches(|c: char| !c.is_alphanumeric())),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Bilingual as _;

    #[test]
    fn server_codes_are_told_apart() {
        let of = |code| DbError::of_server(code, "HY000".to_owned(), "m".to_owned(), 5);
        assert!(matches!(of(1213), DbError::Deadlock) && of(1213).is_retryable());
        assert!(matches!(of(1020), DbError::RecordChanged) && of(1020).is_retryable());
        assert!(matches!(of(1205), DbError::LockWait { .. }) && of(1205).is_retryable());
        assert!(matches!(of(1153), DbError::PacketTooLarge { limit: 5 }));
        assert!(of(1927).is_lost() && !of(1927).is_retryable());
        assert!(of(1062).is_refusal());
        assert_eq!(of(1062).server_code(), Some(1062));
    }

    #[test]
    fn a_login_that_fails_is_told_as_such() {
        use mysql_async::{DriverError, Error, ServerError};
        let refused = |code| {
            let (message, state) = ("m".to_owned(), "28000".to_owned());
            DbError::of_connecting(Error::Server(ServerError { code, message, state }), "a socket", false)
        };
        for code in ACCESS_DENIED {
            assert!(
                matches!(refused(code), DbError::AccessDenied { code: told, .. } if told == code),
                "{code}"
            );
        }
        assert!(matches!(refused(1040), DbError::Unreachable { .. }));
        let unknown = Error::Driver(DriverError::UnknownAuthPlugin {
            name: "dialog".to_owned(),
        });
        let unknown = DbError::of_connecting(unknown, "a socket", false);
        assert!(matches!(&unknown, DbError::UnknownLogin { plugin, .. } if plugin == "dialog"));
        // Both things that it may be are said, in both languages.
        for (text, words) in [
            (unknown.to_string(), ["unknown user", "ALTER USER"]),
            (unknown.portuguese(), ["usuário desconhecido", "ALTER USER"]),
        ] {
            assert!(words.iter().all(|word| text.contains(word)), "{text}");
        }
    }

    #[test]
    fn a_client_that_panics_over_a_login_is_an_error() {
        let panic = |words: &'static str| std::panic::catch_unwind(|| panic!("{words}")).unwrap_err();
        let login = panic("Can't create response for `ed25519` authentication plugin: a feature is disabled");
        let login = DbError::of_panic(login.as_ref(), "a socket");
        assert!(matches!(login, DbError::UnknownLogin { plugin, .. } if plugin == "ed25519"));
        let other = DbError::of_panic(panic("a `thing` is broken").as_ref(), "a socket");
        assert!(
            matches!(other, DbError::Unreachable { reason, .. } if reason.to_string().contains("a `thing` is broken"))
        );
    }

    #[test]
    fn what_the_system_says_is_said_once() {
        let refused = || mysql_async::Error::from(std::io::Error::other("refused"));
        for fault in [
            DbError::of_connecting(refused(), "/s", false),
            DbError::of_statement(refused(), 5),
        ] {
            let text = fault.to_string();
            assert!(text.contains(": refused") && !text.contains("Input/output"), "{text}");
        }
    }

    #[test]
    fn a_lock_that_is_waited_for_is_named() {
        for (sql, table) in [
            (
                "SELECT `n`,`id` FROM `paginas` WHERE `id` IN ('a') FOR UPDATE",
                "paginas",
            ),
            ("INSERT INTO `modulos` (`id`) VALUES (1)", "modulos"),
            ("UPDATE plugins SET status = ?", "plugins"),
            ("COMMIT", "a table"),
        ] {
            let fault = DbError::of_server(1205, String::new(), String::new(), 5).with_statement(sql.as_bytes());
            assert!(
                matches!(&fault, DbError::LockWait { table: found } if found.to_string() == table),
                "{fault}"
            );
        }
    }
}
