//! What was seen of an index: `gestor_plugins_indices`, the same for all servers of a database, written under a lock of the
//! index. Nothing in it is believed by itself: it is checked again from the operator's root on.
//!
//! | `papel` | what |
//! | --- | --- |
//! | `root.<version>` | each root after the operator's |
//! | `timestamp`, `snapshot`, `targets` | the newest that was believed |
//! | `d/<role>` | a delegated role, in letters of file names; where that is too long, by its SHA-256 |

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use chrono::{DateTime, FixedOffset, Utc};

use super::{IndexFault, IndexName};
use crate::base::db::{Database, DbError};
use crate::base::failpoint;
use crate::base::hash::sha256;
use crate::base::tuf::{Kept, Store, encoded};
use crate::model::Sha256Digest;

const NO_SUCH_TABLE: u16 = 1146;
/// Characters of `papel`.
const LONGEST: usize = 120;
/// What the lock's name begins with.
const LOCK: &str = "gestor_plugins:indice:";

/// The name of the lock of an index: at most 64 characters. Servers may tell names apart by case, or not.
pub fn lock_name(database: &str, index: &IndexName) -> String {
    let of = format!("{}\0{index}", database.to_lowercase());
    let digits = sha256(of.as_bytes()).to_string();
    format!("{LOCK}{}", &digits[..40])
}

/// Forgets all that was seen of an index.
pub fn forget(database: &mut Database, index: &IndexName) -> Result<(), IndexFault> {
    let sql = "DELETE FROM gestor_plugins_indices WHERE nome = ?";
    match database.exec(sql, (index.as_str(),)) {
        Err(fault) if fault.server_code() != Some(NO_SUCH_TABLE) => Err(fault.into()),
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
    database: Rc<RefCell<Database>>,
    index: IndexName,
    now: DateTime<FixedOffset>,
    /// Where nothing may be written, what would have been is remembered here.
    aside: Option<Rc<RefCell<Aside>>>,
    roots: NewRoots,
}

impl Rows {
    /// `keeps`: rows are written; else nothing outlives the call.
    pub(super) fn new(
        database: &Rc<RefCell<Database>>,
        index: &IndexName,
        now: DateTime<FixedOffset>,
        keeps: bool,
    ) -> Self {
        Self {
            database: Rc::clone(database),
            index: index.clone(),
            now,
            aside: (!keeps).then(Rc::default),
            roots: NewRoots::default(),
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
        let rows = self.database.borrow_mut().exec_rows(sql, (self.index.as_str(), role));
        let rows = match rows {
            Err(fault) if fault.server_code() == Some(NO_SUCH_TABLE) => return Ok(None),
            rows => rows?,
        };
        let row = rows.into_iter().next();
        Ok(row.and_then(|mut row| row.take_opt(0)).and_then(Result::ok))
    }

    /// Seconds since the index was last found to have nothing newer; nothing where the clock went back since.
    pub(super) fn age(&self) -> Result<Option<u64>, DbError> {
        let sql = "SELECT TIMESTAMPDIFF(SECOND, obtido_em, ?) FROM gestor_plugins_indices WHERE nome = ? AND papel = 'timestamp'";
        let rows = self
            .database
            .borrow_mut()
            .exec_rows(sql, (moment(self.now), self.index.as_str()));
        let rows = match rows {
            Err(fault) if fault.server_code() == Some(NO_SUCH_TABLE) => return Ok(None),
            rows => rows?,
        };
        let seconds = rows.into_iter().next().and_then(|mut row| row.take_opt::<i64, _>(0));
        Ok(seconds
            .and_then(Result::ok)
            .and_then(|seconds| u64::try_from(seconds).ok()))
    }

    /// The server was asked now, and had nothing newer.
    pub(super) fn touch(&self) -> Result<(), DbError> {
        if self.aside.is_some() {
            return Ok(());
        }
        let sql = "UPDATE gestor_plugins_indices SET obtido_em = ? WHERE nome = ? AND papel = 'timestamp'";
        let values = (moment(self.now), self.index.as_str());
        self.database.borrow_mut().exec(sql, values).map(|_| ())
    }
}

impl Store for Rows {
    type Fault = DbError;

    fn root(&self, version: u64) -> Result<Option<Vec<u8>>, DbError> {
        self.read(&format!("root.{version}"))
    }

    fn role(&self, role: &str) -> Result<Option<Vec<u8>>, DbError> {
        self.read(&row_of(role, 0))
    }

    fn keep(&self, kept: &Kept<'_>) -> Result<(), DbError> {
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
        self.database.borrow_mut().exec(sql, values)?;
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
        let sql = "DELETE FROM gestor_plugins_indices WHERE nome = ? AND papel = ?";
        match self.database.borrow_mut().exec(sql, (self.index.as_str(), role)) {
            Err(fault) if fault.server_code() != Some(NO_SUCH_TABLE) => Err(fault),
            _ => Ok(()),
        }
    }
}

/// UTC, as the table has it; the last day that it can have for what never ends.
fn moment(time: DateTime<FixedOffset>) -> String {
    let text = time.with_timezone(&Utc).format("%Y-%m-%d %H:%M:%S").to_string();
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
