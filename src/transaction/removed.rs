//! The archive of a plugin that went, as it is read (SPEC 2 §6): what it tells of itself, the rows of our own tables, and
//! those of the gestor's. Writes nothing.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::TransactionError;
use crate::archive::{ArchiveError, RecordReader};
use crate::base::json::bytes_of;
use crate::data::{Kept, KeptRow};
use crate::model::{Sha256Digest, TableName};
use crate::registry::Record;

/// The form of an archive.
pub(super) const FORMAT: u32 = 2;
/// The form of one that holds no rows of others: earlier releases read it.
pub(super) const PLAIN_FORMAT: u32 = 1;
/// The member that tells of the archive.
pub(super) const ABOUT: &str = "removido.json";
const ROWS: &str = "linhas/";
const LINES: &str = ".jsonl";

/// What an archive tells of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// Its form.
    pub formato: u32,
    /// The plugin.
    pub slug: String,
    /// The version that went.
    pub versao: Option<String>,
    /// SHA-256 of its package.
    pub checksum: Option<String>,
    /// How it went: `remover`, `expurgar`, `pausar`.
    pub modo: String,
    /// The history's number of the operation.
    pub historico: u64,
    /// When it began, UTC.
    pub inicio: String,
    /// The database that it is of, by the digest of its random id: several may share a folder.
    #[serde(default)]
    pub base: Option<String>,
    /// Tables and columns that its migrations made were to be taken away as well.
    #[serde(default)]
    pub esquema: bool,
    /// The archive of what was taken away when the plugin was paused before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anterior: Option<String>,
    /// SHA-256 of the packages that the plugin needs when it comes back: its own, that of the point before; nothing where
    /// an earlier release wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pacotes: Option<BTreeSet<String>>,
}

/// The archive of a plugin that went.
#[derive(Debug)]
pub struct Removed {
    /// Where it stands.
    pub path: PathBuf,
    /// What it tells of itself.
    pub about: About,
    reader: RecordReader,
}

impl Removed {
    /// Reads what an archive tells of itself.
    ///
    /// # Errors
    /// An archive that is damaged, or of another form.
    pub fn read(path: PathBuf, file: File) -> Result<Self, TransactionError> {
        let mut reader = RecordReader::open(&path, file)?;
        let text = reader.text(ABOUT)?;
        let about = serde_json::from_str::<About>(&text).map_err(|fault| reader.damaged(fault))?;
        if about.formato > FORMAT {
            return Err(reader
                .damaged(super::messages::newer_archive(about.formato, FORMAT))
                .into());
        }
        Ok(Self { path, about, reader })
    }

    /// The rows of one of our tables (`estado`, `base`, `guardados`, `conflitos`) or of `plugins`.
    pub fn records(&mut self, name: &str) -> Result<Vec<Record>, TransactionError> {
        let mut records = Vec::new();
        let mut fault = None;
        self.reader.lines(&format!("{name}{LINES}"), &mut |line| {
            match serde_json::from_str::<Record>(line) {
                Ok(record) => records.push(record),
                Err(found) => fault = Some(found),
            }
            Ok::<(), TransactionError>(())
        })?;
        match fault {
            None => Ok(records),
            Some(fault) => Err(self.reader.damaged(fault).into()),
        }
    }

    /// The tables of which it holds rows.
    pub fn tables(&self) -> Vec<TableName> {
        let names = self.reader.names();
        let table = |name: &String| TableName::new(name.strip_prefix(ROWS)?.strip_suffix(LINES)?).ok();
        names.iter().filter_map(table).collect()
    }

    /// Gives the rows of a table, some at a time.
    pub(super) fn rows(
        &mut self,
        table: &TableName,
        together: usize,
        take: &mut dyn FnMut(&[KeptRow]) -> Result<(), TransactionError>,
    ) -> Result<(), TransactionError> {
        let name = format!("{ROWS}{table}{LINES}");
        let mut rows = Vec::new();
        let mut is_damaged = false;
        self.reader.lines(&name, &mut |line| {
            match kept_row(line) {
                Some(row) => rows.push(row),
                None => is_damaged = true,
            }
            if rows.len() >= together {
                take(&rows)?;
                rows.clear();
            }
            Ok::<(), TransactionError>(())
        })?;
        if is_damaged {
            return Err(self.reader.damaged(name).into());
        }
        if rows.is_empty() { Ok(()) } else { take(&rows) }
    }

    /// Whether it is of the database with this digest of its random id.
    pub fn is_of(&self, origin: Option<Sha256Digest>) -> bool {
        self.about.base == origin.map(|origin| origin.to_string())
    }

    /// Reads all of it to its end.
    ///
    /// # Errors
    /// Where it is damaged.
    pub fn verify(&mut self) -> Result<(), ArchiveError> {
        self.reader.verify()
    }
}

fn kept_row(line: &str) -> Option<KeptRow> {
    let line: serde_json::Value = serde_json::from_str(line).ok()?;
    let kept = Kept::from_word(line.get("motivo")?.as_str()?)?;
    let values = line.get("valores")?.as_object()?.iter();
    let value = |(name, value): (&String, &serde_json::Value)| match value {
        serde_json::Value::Null => Some((name.clone(), None)),
        value => Some((name.clone(), Some(bytes_of(value)?))),
    };
    Some(KeptRow {
        kept,
        values: values.map(value).collect::<Option<_>>()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Going;

    #[test]
    fn a_line_is_a_row() {
        let row = kept_row(r#"{"motivo":"execucao","valores":{"a":"x","b":null,"c":{"$hex":"00ff"}}}"#).unwrap();
        assert_eq!(row.kept, Kept::Gone(Going::RunTime));
        assert_eq!(row.values["a"], Some(b"x".to_vec()));
        assert_eq!((&row.values["b"], &row.values["c"]), (&None, &Some(vec![0, 0xff])));
        for line in [
            "",
            "{}",
            r#"{"motivo":"x","valores":{}}"#,
            r#"{"motivo":"pacote","valores":{"a":1}}"#,
        ] {
            assert_eq!(kept_row(line), None, "{line}");
        }
    }
}
