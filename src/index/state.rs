//! What was seen of an index: `gestor_plugins_indices`, the same for all servers of a database, written under a lock of the
//! index. Nothing in it is believed by itself: it is checked again from the operator's root on.
//!
//! | `papel` | what |
//! | --- | --- |
//! | `root.<version>` | each root after the operator's |
//! | `timestamp`, `snapshot`, `targets` | the newest that was believed |
//! | `timestamp.inteiro`, `snapshot.inteiro` | those of the last refresh that went through: what the newest timestamp announces may be nowhere |
//! | `falha` | why its server could not be reached, where that took long |
//! | `d/<role>` | a delegated role, in letters of file names; where that is too long, by its SHA-256 |

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use chrono::{DateTime, FixedOffset, NaiveDateTime, Timelike as _, Utc};

use super::{IndexFault, IndexName};
use crate::base::db::{self, Database, DbError, Params, Row};
use crate::base::failpoint;
use crate::base::hash::sha256;
use crate::base::tuf::{Kept, Store, encoded};
use crate::model::{Bilingual, Phrase, Sha256Digest};

/// Characters of `papel`.
const LONGEST: usize = 120;
/// How the rows of the last whole state end.
const WHOLE: &str = ".inteiro";
/// What the lock's name begins with.
const LOCK: &str = "gestor_plugins:indice:";

/// The name of the lock of an index. Servers may tell names of databases apart by case, or not.
pub fn lock_name(database: &str, index: &IndexName) -> String {
    db::lock_name(LOCK, &format!("{}\0{index}", database.to_lowercase()))
}

/// Forgets all that was seen of an index.
pub fn forget(database: &mut Database, index: &IndexName) -> Result<(), IndexFault> {
    let sql = "DELETE FROM gestor_plugins_indices WHERE nome = ?";
    match database.exec(sql, (index.as_str(),)) {
        Err(fault) if !fault.is_no_table() => Err(fault.into()),
        _ => Ok(()),
    }
}

/// What would have been written, by row; nothing where it would have been removed.
type Aside = BTreeMap<String, Option<Vec<u8>>>;

/// Roots that were believed for the first time: of which index, which version, and the SHA-256 of each.
pub type NewRoots = Rc<RefCell<Vec<(IndexName, u64, Sha256Digest)>>>;

/// The rows of an index.
#[derive(Clone)]
pub(super) struct Rows {
    /// Nothing where the call names no database: then nothing is remembered either.
    database: Option<Rc<RefCell<Database>>>,
    index: IndexName,
    now: DateTime<FixedOffset>,
    /// Where nothing may be written, what would have been is remembered here.
    aside: Option<Rc<RefCell<Aside>>>,
    /// The last whole state is read in place of the newest, and nothing is written.
    is_whole: bool,
    roots: NewRoots,
}

impl Rows {
    /// `keeps`: rows are written; else nothing outlives the call.
    pub(super) fn new(
        database: Option<&Rc<RefCell<Database>>>,
        index: &IndexName,
        now: DateTime<FixedOffset>,
        keeps: bool,
    ) -> Self {
        Self {
            database: database.map(Rc::clone),
            index: index.clone(),
            now,
            aside: (!keeps || database.is_none()).then(Rc::default),
            is_whole: false,
            roots: NewRoots::default(),
        }
    }

    /// The same at another time.
    pub(super) fn at(self, now: DateTime<FixedOffset>) -> Self {
        Self { now, ..self }
    }

    /// The state of the last refresh that went through.
    pub(super) fn whole(&self) -> Self {
        Self {
            is_whole: true,
            ..self.clone()
        }
    }

    /// What a question finds; nothing where our table, or the database, is not there.
    fn found(&self, sql: &str, values: impl Into<Params>) -> Result<Option<Row>, DbError> {
        let Some(database) = &self.database else {
            return Ok(None);
        };
        match database.borrow_mut().exec_rows(sql, values) {
            Err(fault) if fault.is_no_table() => Ok(None),
            rows => Ok(rows?.into_iter().next()),
        }
    }

    /// Changes rows, where any may be changed.
    fn change(&self, sql: &str, values: impl Into<Params>) -> Result<(), DbError> {
        match self.database.as_ref().filter(|_| self.aside.is_none()) {
            Some(database) => database.borrow_mut().exec(sql, values).map(|_| ()),
            None => Ok(()),
        }
    }

    /// Tells there of roots that come.
    pub(super) fn noting(mut self, roots: &NewRoots) -> Self {
        self.roots = Rc::clone(roots);
        self
    }

    fn read(&self, role: &str) -> Result<Option<Vec<u8>>, DbError> {
        if let Some(aside) = &self.aside
            && let Some(bytes) = aside.borrow().get(role)
        {
            return Ok(bytes.clone());
        }
        let sql = "SELECT bytes FROM gestor_plugins_indices WHERE nome = ? AND papel = ?";
        let row = self.found(sql, (self.index.as_str(), role))?;
        Ok(row.and_then(|mut row| row.take_opt(0)).and_then(Result::ok))
    }

    /// Why the server could not be reached less than so many seconds ago, where that took long.
    pub(super) fn failed(&self, within: i64) -> Result<Option<Phrase>, DbError> {
        let sql = "SELECT bytes FROM gestor_plugins_indices WHERE nome = ? AND papel = 'falha' AND \
                   TIMESTAMPDIFF(SECOND, obtido_em, ?) BETWEEN 0 AND ?";
        let row = self.found(sql, (self.index.as_str(), moment(self.now), within))?;
        let bytes = row
            .and_then(|mut row| row.take_opt::<Vec<u8>, _>(0))
            .and_then(Result::ok);
        let read = bytes.and_then(|bytes| serde_json::from_slice::<[String; 2]>(&bytes).ok());
        Ok(read.map(|[portuguese, english]| Phrase::made(portuguese, english)))
    }

    /// Remembers why, so that the next ones do not wait as long; nothing once it was reached.
    pub(super) fn note_failure(&self, said: Option<&Phrase>) -> Result<(), DbError> {
        let Some(said) = said else {
            let sql = "DELETE FROM gestor_plugins_indices WHERE nome = ? AND papel = 'falha'";
            return self.change(sql, (self.index.as_str(),));
        };
        let text = serde_json::json!([said.portuguese(), said.to_string()]).to_string();
        let sql = "REPLACE INTO gestor_plugins_indices (nome, papel, versao, expira_em, bytes, obtido_em) VALUES (?, 'falha', 0, ?, ?, ?)";
        let now = moment(self.now);
        self.change(sql, (self.index.as_str(), now.as_str(), text, now.as_str()))
    }

    /// When something was last taken from the index's server.
    pub(super) fn newest(&self) -> Result<Option<DateTime<Utc>>, DbError> {
        let sql = "SELECT CAST(MAX(obtido_em) AS CHAR) FROM gestor_plugins_indices WHERE nome = ? AND papel <> 'falha'";
        let row = self.found(sql, (self.index.as_str(),))?;
        let text = row
            .and_then(|mut row| row.take_opt::<String, _>(0))
            .and_then(Result::ok);
        let read = text.and_then(|text| NaiveDateTime::parse_from_str(&text, "%Y-%m-%d %H:%M:%S").ok());
        Ok(read.map(|time| time.and_utc()))
    }

    /// A refresh went through: what is there now belongs together.
    pub(super) fn settle(&self) -> Result<(), DbError> {
        let sql = "UPDATE gestor_plugins_indices SET obtido_em = ? WHERE nome = ? AND papel = 'timestamp'";
        self.change(sql, (moment(self.now), self.index.as_str()))?;
        let sql = "INSERT INTO gestor_plugins_indices (nome, papel, versao, expira_em, bytes, obtido_em) SELECT nome, \
                   CONCAT(papel, ?), versao, expira_em, bytes, obtido_em FROM gestor_plugins_indices AS newest WHERE nome = ? \
                   AND papel IN ('timestamp', 'snapshot') ON DUPLICATE KEY UPDATE versao = VALUES(versao), expira_em = \
                   VALUES(expira_em), bytes = VALUES(bytes), obtido_em = VALUES(obtido_em)";
        self.change(sql, (WHOLE, self.index.as_str()))
    }
}

impl Store for Rows {
    type Fault = DbError;

    fn root(&self, version: u64) -> Result<Option<Vec<u8>>, DbError> {
        self.read(&format!("root.{version}"))
    }

    fn role(&self, role: &str) -> Result<Option<Vec<u8>>, DbError> {
        let row = row_of(role, 0);
        if self.is_whole && matches!(role, "timestamp" | "snapshot") {
            return self.read(&format!("{row}{WHOLE}"));
        }
        self.read(&row)
    }

    fn keep(&self, kept: &Kept<'_>) -> Result<(), DbError> {
        if self.is_whole {
            return Ok(());
        }
        let role = row_of(kept.role, kept.version);
        if let Some(aside) = &self.aside {
            aside.borrow_mut().insert(role, Some(kept.bytes.to_vec()));
            return Ok(());
        }
        let sql = "INSERT INTO gestor_plugins_indices (nome, papel, versao, expira_em, bytes, obtido_em) VALUES \
                   (?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE versao = VALUES(versao), expira_em = VALUES(expira_em), \
                   bytes = VALUES(bytes), obtido_em = VALUES(obtido_em)";
        let values = (
            self.index.as_str(),
            role,
            kept.version,
            moment(kept.expires),
            kept.bytes,
            moment(self.now),
        );
        self.change(sql, values)?;
        if kept.role == "root" {
            let root = (self.index.clone(), kept.version, sha256(kept.bytes));
            self.roots.borrow_mut().push(root);
        }
        failpoint::reach("index_kept");
        Ok(())
    }

    fn forget(&self, role: &str) -> Result<(), DbError> {
        let role = row_of(role, 0);
        if let Some(aside) = &self.aside {
            aside.borrow_mut().insert(role, None);
            return Ok(());
        }
        let sql = "DELETE FROM gestor_plugins_indices WHERE nome = ? AND papel IN (?, ?)";
        let whole = format!("{role}{WHOLE}");
        match self.change(sql, (self.index.as_str(), role, whole)) {
            Err(fault) if !fault.is_no_table() => Err(fault),
            _ => Ok(()),
        }
    }
}

/// UTC, as the table has it, which knows no leap seconds; the last day that it can have for what never ends.
fn moment(time: DateTime<FixedOffset>) -> String {
    let time = time.with_timezone(&Utc);
    let text = time
        .with_nanosecond(0)
        .unwrap_or(time)
        .format("%Y-%m-%d %H:%M:%S")
        .to_string();
    if text.len() == 19 && !text.starts_with("000") {
        return text;
    }
    "9999-12-31 23:59:59".to_owned()
}

fn row_of(role: &str, version: u64) -> String {
    match role {
        "root" => format!("root.{version}"),
        "timestamp" | "snapshot" | "targets" => role.to_owned(),
        other => {
            let name = format!("d/{}", encoded(other));
            if name.len() <= LONGEST {
                return name;
            }
            format!("d/sha256/{}", sha256(other.as_bytes()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_role_has_the_row_of_another() {
        let long = "a".repeat(200);
        let names = [
            "root",
            "root.2",
            "timestamp",
            "d/a",
            "a",
            "sha256/a",
            &long,
            "..",
            "ROOT",
        ];
        let rows: std::collections::BTreeSet<String> = names.iter().map(|role| row_of(role, 2)).collect();
        assert_eq!(rows.len(), names.len(), "{rows:?}");
        assert!(rows.iter().all(|row| row.len() <= LONGEST && row.is_ascii()));
    }

    #[test]
    fn a_time_fits_its_column() {
        let time = |text: &str| moment(DateTime::parse_from_rfc3339(text).unwrap());
        assert_eq!(time("2026-11-27T12:00:00-03:00"), "2026-11-27 15:00:00");
        assert_eq!(time("9999-12-31T23:59:59-03:00"), "9999-12-31 23:59:59");
        assert_eq!(time("0000-01-01T00:00:00Z"), "9999-12-31 23:59:59");
        assert_eq!(time("2026-12-31T23:59:60Z"), "2026-12-31 23:59:59");
    }

    #[test]
    fn an_index_has_a_lock_of_its_own() {
        let lock = |database: &str, index: &str| lock_name(database, &index.parse().unwrap());
        assert!(lock(&"d".repeat(64), "a").len() <= 64);
        assert_ne!(lock("d", "a"), lock("d", "b"));
        assert_ne!(lock("d", "a"), lock("e", "a"));
        assert_eq!(lock("D", "a"), lock("d", "a"));
    }
}
