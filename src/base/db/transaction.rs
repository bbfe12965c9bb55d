//! Transactions whose end we notice. A server may end one by itself (a deadlock, a record that changed, a write set that
//! is too large, a wait that took too long), and says so by the error of one statement alone: what is sent after it would
//! be done at once, and `COMMIT` would succeed without committing anything. So a savepoint stands from the beginning, and
//! is released, which fails where it is gone with its transaction, before whatever is sent after an error and before
//! `COMMIT`; and while a transaction is open no statement commits by itself.

use super::session::lenient;
use super::{Affected, Database, DbError};

const RELEASE: &str = "RELEASE SAVEPOINT gestor_plugins";
const MARK: &str = "SAVEPOINT gestor_plugins";
/// `SAVEPOINT … does not exist`
const NO_SAVEPOINT: u16 = 1305;

/// What became of a statement that was sent after an error.
#[derive(Debug)]
pub enum Trial {
    /// It was done.
    Done,
    /// The server refused it.
    Refused(DbError),
    /// It was not sent: the transaction has ended, or nothing tells whether it stands.
    NotSent,
}

impl Database {
    /// Begins a transaction. It sees what others commit (`READ COMMITTED`) and locks rows, not gaps between them.
    pub fn begin(&mut self) -> Result<(), DbError> {
        let level = if self.server().logs_statements {
            "REPEATABLE READ"
        } else {
            "READ COMMITTED"
        };
        let begin = [
            "SET autocommit=0",
            &format!("SET TRANSACTION ISOLATION LEVEL {level}"),
            "START TRANSACTION",
            MARK,
        ];
        self.run_all(&begin).map_err(|(_, fault)| fault)
    }

    /// Commits what was begun. [`DbError::Lost`] here means that nobody knows whether it did;
    /// [`DbError::TransactionEnded`], that there was nothing left to commit.
    pub fn commit(&mut self) -> Result<(), DbError> {
        let committed = self.run_all(&[RELEASE, "COMMIT", "SET autocommit=1"]);
        committed.map_err(|(at, fault)| match fault.server_code() {
            Some(NO_SAVEPOINT) if at == 0 => DbError::TransactionEnded,
            _ => fault,
        })
    }

    /// Rolls back.
    pub fn rollback(&mut self) -> Result<(), DbError> {
        let rolled_back = self.run_all(&["ROLLBACK", "SET autocommit=1"]);
        rolled_back.map_err(|(_, fault)| fault)
    }

    /// Runs a statement after another one was refused, if the transaction still stands.
    pub fn try_again(&mut self, statement: Vec<u8>) -> Result<Trial, DbError> {
        let proof = [RELEASE, MARK].map(|part| part.as_bytes().to_vec());
        let [release, mark] = proof;
        match self.execute_each(&[release, mark, statement]) {
            Ok(_) => Ok(Trial::Done),
            Err((_, fault)) if !fault.is_refusal() => Err(fault),
            Err((2, fault)) => Ok(Trial::Refused(fault)),
            Err(_) => Ok(Trial::NotSent),
        }
    }

    /// Runs a statement that was refused in a session that takes values as they are, if the transaction still stands; with
    /// `keys` foreign keys hold in it as well. What stands there afterwards need not be what the statement says: that is the
    /// caller's to see. Nothing where it is refused all the same.
    pub fn try_leniently(&mut self, statement: Vec<u8>, keys: bool) -> Result<Option<Affected>, DbError> {
        let [begin, end] = lenient(keys);
        let before = [RELEASE.as_bytes().to_vec(), MARK.as_bytes().to_vec(), begin];
        match self.execute_each(&before) {
            Ok(_) => {}
            Err((_, fault)) if !fault.is_refusal() => return Err(fault),
            Err(_) => return Ok(None),
        }
        let done = self.execute(statement);
        self.execute(end)?;
        match done {
            Ok(done) => Ok(Some(done)),
            Err(fault) if fault.is_refusal() => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    /// Takes back what [`Self::try_leniently`] did last, and nothing else.
    pub fn take_back(&mut self) -> Result<(), DbError> {
        self.execute("ROLLBACK TO SAVEPOINT gestor_plugins").map(drop)
    }

    fn run_all(&mut self, statements: &[&str]) -> Result<(), (usize, DbError)> {
        let statements: Vec<Vec<u8>> = statements.iter().map(|text| text.as_bytes().to_vec()).collect();
        self.execute_each(&statements).map(drop)
    }
}
