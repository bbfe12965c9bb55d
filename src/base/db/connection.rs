//! The connection. Owns the runtime, the session's settings and the named locks; must not build statements.

use std::ops::ControlFlow;
use std::time::Duration;

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Opts, OptsBuilder, Params, Row};
use std::panic::{AssertUnwindSafe, catch_unwind};

use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

use super::literal::bind;
use super::tls::Encryption;
use super::{DbError, messages, session, tls, way};
use crate::base::hash::sha256;
use crate::config::DatabaseSettings;
use crate::model::Phrase;

const CONNECT: Duration = Duration::from_secs(10);
const DISCONNECT: Duration = Duration::from_secs(2);

/// What the server is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// `@@version`.
    pub version: String,
    /// `@@max_allowed_packet`: no statement may be longer.
    pub max_allowed_packet: usize,
    /// Statements are logged as text: only `REPEATABLE READ` is allowed.
    pub(super) logs_statements: bool,
}

impl Server {
    /// MariaDB, and not another server of the same protocol.
    pub fn is_mariadb(&self) -> bool {
        self.version.contains("MariaDB")
    }

    /// Bytes that a statement should have: `wanted`, where the server takes as many.
    pub fn statement_limit(&self, wanted: usize) -> usize {
        wanted.min(self.max_allowed_packet.saturating_sub(1024))
    }
}

/// What a statement changed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Affected {
    /// Rows that are now different.
    pub rows: u64,
    /// The first value that the server gave to an auto-increment column; 0 when it gave none.
    pub last_insert_id: u64,
    /// The server's summary (`Records: 3  Duplicates: 0  Warnings: 0`).
    pub info: String,
}

/// A blocking connection to one database.
#[derive(Debug)]
pub struct Database {
    runtime: Runtime,
    connection: Option<Conn>,
    server: Server,
    name: String,
    /// Named locks that were taken.
    locks: Vec<String>,
}

impl Database {
    /// Connects and sets the session up.
    pub fn connect(settings: &DatabaseSettings) -> Result<Self, DbError> {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(DbError::Runtime)?;
        let connection = reach(&runtime, settings)?;
        let mut database = Self {
            runtime,
            connection: Some(connection),
            server: Server::unknown(),
            name: settings.name.clone(),
            locks: Vec::new(),
        };
        database.set_up()?;
        Ok(database)
    }

    /// One round trip, and two more where the session was given what no statement takes back.
    fn set_up(&mut self) -> Result<(), DbError> {
        let mut facts = self.begin_session()?;
        if facts.4 != 0 {
            let (runtime, connection, limit) = self.parts()?;
            let anew = runtime.block_on(connection.reset());
            anew.map_err(|fault| DbError::of_statement(fault, limit))?;
            facts = self.begin_session()?;
        }
        self.server = Server::of(facts);
        Ok(())
    }

    /// The server is asked after the session is set up: its defaults may cut an answer.
    fn begin_session(&mut self) -> Result<session::Facts, DbError> {
        let mut statements = session::statements();
        statements.push(session::FACTS.as_bytes().to_vec());
        let facts = self.query_each(&statements)?.pop().and_then(|mut rows| rows.pop());
        let facts = facts.ok_or(DbError::Protocol {
            reason: messages::NO_FACTS,
        })?;
        mysql_async::from_row_opt(facts).map_err(|fault| DbError::Protocol {
            reason: Phrase::of_others(fault.to_string()),
        })
    }

    /// What the server is.
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// Name of the database.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The server's number of this connection.
    pub fn id(&self) -> u32 {
        self.connection.as_ref().map_or(0, Conn::id)
    }

    /// Runs a statement and gives all its rows. Values are texts as the server shows them (`Value::Bytes`) or `NULL`.
    pub fn query(&mut self, sql: impl AsRef<[u8]>) -> Result<Vec<Row>, DbError> {
        let (runtime, connection, limit) = self.parts_for(sql.as_ref())?;
        runtime
            .block_on(connection.query(sql.as_ref()))
            .map_err(|fault| DbError::of_statement(fault, limit).with_statement(sql.as_ref()))
    }

    /// Runs several statements in one round trip and gives the rows of each, as [`Self::query`] does. The first that fails
    /// ends them.
    pub fn query_each(&mut self, statements: &[Vec<u8>]) -> Result<Vec<Vec<Row>>, DbError> {
        let Some(last) = statements.len().checked_sub(1) else {
            return Ok(Vec::new());
        };
        let together = statements.join(&b"; "[..]);
        let (runtime, connection, limit) = self.parts_for(&together)?;
        let mut answers = Vec::with_capacity(statements.len());
        let asking = async {
            let mut result = connection.query_iter(together.as_slice()).await?;
            for _ in statements {
                answers.push(result.collect().await?);
            }
            result.drop_result().await
        };
        match runtime.block_on(asking) {
            Ok(()) => Ok(answers),
            Err(fault) => {
                let failed = &statements[answers.len().min(last)];
                Err(DbError::of_statement(fault, limit).with_statement(failed))
            }
        }
    }

    /// Runs a statement and hands its rows over one by one, never holding more than one. A visitor that breaks gets no
    /// more rows.
    pub fn visit(
        &mut self,
        sql: impl AsRef<[u8]>,
        visitor: &mut dyn FnMut(Row) -> ControlFlow<()>,
    ) -> Result<(), DbError> {
        let (runtime, connection, limit) = self.parts_for(sql.as_ref())?;
        let visiting = async {
            let mut result = connection.query_iter(sql.as_ref()).await?;
            while let Some(row) = result.next().await? {
                if visitor(row).is_break() {
                    break;
                }
            }
            result.drop_result().await
        };
        runtime
            .block_on(visiting)
            .map_err(|fault| DbError::of_statement(fault, limit).with_statement(sql.as_ref()))
    }

    /// Runs a statement that gives no rows.
    pub fn execute(&mut self, sql: impl AsRef<[u8]>) -> Result<Affected, DbError> {
        let (runtime, connection, limit) = self.parts_for(sql.as_ref())?;
        runtime
            .block_on(connection.query_drop(sql.as_ref()))
            .map_err(|fault| DbError::of_statement(fault, limit).with_statement(sql.as_ref()))?;
        Ok(affected(connection))
    }

    /// Runs several statements that give no rows in one round trip; how many rows each of them changed. The first that the
    /// server refuses ends them: then its place stands beside the error, and those before it have been run.
    pub fn execute_each(&mut self, statements: &[Vec<u8>]) -> Result<Vec<u64>, (usize, DbError)> {
        if statements.is_empty() {
            return Ok(Vec::new());
        }
        let together = statements.join(&b"; "[..]);
        let (runtime, connection, limit) = self.parts_for(&together).map_err(|fault| (0, fault))?;
        let mut done = Vec::with_capacity(statements.len());
        let running = async {
            let mut result = connection.query_iter(together.as_slice()).await?;
            for at in 0..statements.len() {
                done.push(result.affected_rows());
                if at + 1 < statements.len() {
                    // Goes on to the answer to the next statement.
                    result.collect::<Row>().await?;
                }
            }
            result.drop_result().await
        };
        let ran = runtime.block_on(running);
        // A later statement's error is told when its answer is taken: then it has been counted already.
        let at = done.len().saturating_sub(1);
        match ran {
            Ok(()) => Ok(done),
            Err(fault) => Err((at, DbError::of_statement(fault, limit).with_statement(&statements[at]))),
        }
    }

    /// Runs a statement with values for its question marks that gives no rows.
    pub fn exec(&mut self, sql: &str, values: impl Into<Params>) -> Result<Affected, DbError> {
        self.execute(bound(sql, values.into())?)
    }

    /// Runs a statement with values for its question marks and gives all its rows, as [`Self::query`] does.
    pub fn exec_rows(&mut self, sql: &str, values: impl Into<Params>) -> Result<Vec<Row>, DbError> {
        self.query(bound(sql, values.into())?)
    }

    /// Takes a named lock of the server ([`lock_name`]), waiting at most `seconds`; `false` when another connection holds it. It is
    /// released when this is dropped, or when the connection ends.
    pub fn get_lock(&mut self, name: &str, seconds: u64) -> Result<bool, DbError> {
        let is_taken = self.lock_call("SELECT GET_LOCK(?, ?)", (name, seconds))? == Some(1);
        self.locks.extend(is_taken.then(|| name.to_owned()));
        Ok(is_taken)
    }

    /// Gives a named lock back.
    pub fn release_lock(&mut self, name: &str) -> Result<(), DbError> {
        self.lock_call("SELECT RELEASE_LOCK(?)", (name,))?;
        self.locks.retain(|held| held != name);
        Ok(())
    }

    /// Number of the connection that holds a named lock.
    pub fn is_used_lock(&mut self, name: &str) -> Result<Option<u64>, DbError> {
        self.lock_call("SELECT IS_USED_LOCK(?)", (name,))
    }

    /// Asks the server for a sign of life.
    pub fn ping(&mut self) -> Result<(), DbError> {
        let (runtime, connection, limit) = self.parts()?;
        runtime
            .block_on(connection.ping())
            .map_err(|fault| DbError::of_statement(fault, limit))
    }

    fn lock_call(&mut self, sql: &str, params: impl Into<Params>) -> Result<Option<u64>, DbError> {
        let row = self.exec_rows(sql, params)?.into_iter().next();
        let answer = row.and_then(|mut row| row.take_opt::<Option<u64>, _>(0));
        answer
            .transpose()
            .map(Option::flatten)
            .map_err(|fault| DbError::Protocol {
                reason: Phrase::of_others(fault.to_string()),
            })
    }

    /// A statement that the server would not take is not sent: the server ends the session of who sends one.
    fn parts_for(&mut self, sql: &[u8]) -> Result<(&Runtime, &mut Conn, usize), DbError> {
        let limit = self.server.max_allowed_packet;
        // The server counts the command's byte as well, and refuses its limit.
        if sql.len() + 1 >= limit {
            return Err(DbError::PacketTooLarge { limit });
        }
        self.parts()
    }

    fn parts(&mut self) -> Result<(&Runtime, &mut Conn, usize), DbError> {
        let limit = self.server.max_allowed_packet;
        match &mut self.connection {
            Some(connection) => Ok((&self.runtime, connection, limit)),
            None => Err(DbError::Lost {
                reason: messages::WAS_CLOSED,
            }),
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else {
            return;
        };
        // The server ends a session some time after its client has gone. Who comes next shall not find our locks, nor
        // our transaction.
        let release = |name: &String| bind("DO RELEASE_LOCK(?)", &[name.as_str().into()]);
        let releases: Vec<Vec<u8>> = self.locks.iter().filter_map(release).collect();
        let leaving = async {
            if !releases.is_empty() {
                let parting = [&[b"ROLLBACK".to_vec()], releases.as_slice()].concat().join(&b"; "[..]);
                connection.query_drop(parting).await?;
            }
            connection.disconnect().await
        };
        // A server that does not answer ends the session by itself.
        let _ = self.runtime.block_on(async { timeout(DISCONNECT, leaving).await });
    }
}

/// A connection, encrypted as the settings say.
fn reach(runtime: &Runtime, settings: &DatabaseSettings) -> Result<Conn, DbError> {
    let plain = way::options(settings)?;
    let place = way::place(settings);
    let secure = |checks| OptsBuilder::from_opts(plain.clone()).ssl_opts(Some(checks));
    match tls::encryption(settings)? {
        Encryption::Never => connect(runtime, plain, &place),
        Encryption::Always(checks) => connect(runtime, secure(checks), &place),
        Encryption::WherePossible(checks) => match connect(runtime, secure(checks), &place) {
            Err(fault) if fault.is_of_encryption() => connect(runtime, plain, &place),
            reached => reached,
        },
    }
}

fn connect(runtime: &Runtime, options: impl Into<Opts>, place: &str) -> Result<Conn, DbError> {
    let options: Opts = options.into();
    let is_open = options.ssl_opts().is_none() && options.socket().is_none();
    let connecting = async { timeout(CONNECT, Conn::new(options)).await };
    let connected = catch_unwind(AssertUnwindSafe(|| runtime.block_on(connecting)));
    match connected.map_err(|panic| DbError::of_panic(panic.as_ref(), place))? {
        Ok(connected) => connected.map_err(|fault| DbError::of_connecting(fault, place, is_open)),
        Err(_) => Err(DbError::Unreachable {
            place: place.to_owned(),
            reason: messages::no_answer(CONNECT.as_secs()),
        }),
    }
}

/// Statements run once each: as texts they take one round trip, prepared ones two.
fn bound(sql: &str, values: Params) -> Result<Vec<u8>, DbError> {
    let values = match values {
        Params::Empty => Some(Vec::new()),
        Params::Positional(values) => Some(values),
        Params::Named(_) => None,
    };
    let statement = values.and_then(|values| bind(sql, &values));
    statement.ok_or_else(|| DbError::Protocol {
        reason: messages::wrong_places(sql),
    })
}

fn affected(connection: &Conn) -> Affected {
    Affected {
        rows: connection.affected_rows(),
        last_insert_id: connection.last_insert_id().unwrap_or(0),
        info: connection.info().into_owned(),
    }
}

/// The name of a lock: a beginning, and digits of what it is of. Servers take 64 characters at most.
pub fn lock_name(beginning: &str, of: &str) -> String {
    const LONGEST: usize = 64;
    const DIGITS: usize = 40;
    let digits = sha256(of.as_bytes()).to_string();
    let taken = DIGITS.min(LONGEST.saturating_sub(beginning.len()));
    format!("{beginning}{}", &digits[..taken])
}
