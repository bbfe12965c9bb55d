//! What was taken away of a plugin's schema and comes back with it (SPEC 2 §6): its migrations make tables and columns anew,
//! what stood in them comes out of the copies that were made before they were dropped. In the transaction.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufRead as _, BufReader, Error, ErrorKind};
use std::path::PathBuf;

use flate2::read::GzDecoder;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::TransactionError;
use crate::base::db::Database;
use crate::base::fs::{Attempt, FsError, from_start};
use crate::migrate::{self, MigrationRecord};

/// Bytes of a statement after which the next one begins.
const STATEMENT: usize = 256 << 10;

/// The schema of a plugin that comes back.
#[derive(Debug)]
pub struct SchemaBack {
    /// Its migrations that were applied when it went, and what they had made.
    pub record: MigrationRecord,
    /// What stood there, the copy first that was made first.
    pub copies: Vec<(PathBuf, File)>,
}

/// A line of a copy.
#[derive(Debug, Deserialize)]
struct Line {
    tabela: String,
    /// The rows that follow are those of a whole table.
    criar: Option<Value>,
    /// ... are these columns of one, with its primary key.
    colunas: Option<Vec<String>>,
    linha: Option<Map<String, Value>>,
}

impl SchemaBack {
    /// Puts back what stood in tables and columns. The newest copy that has them counts; what migrations put into a table
    /// gives way.
    pub fn fill(&self, database: &mut Database) -> Result<(), TransactionError> {
        let checks = database.query("SELECT CAST(@@SESSION.foreign_key_checks AS CHAR)")?;
        let checks = checks.into_iter().next().and_then(|mut row| row.take::<String, _>(0));
        // Tables may refer to each other, and stand in no order.
        database.execute("SET SESSION foreign_key_checks=0")?;
        let filled = self.fill_all(database);
        let checks = checks.as_deref().unwrap_or("1");
        let reset = database.execute(format!("SET SESSION foreign_key_checks={checks}"));
        filled?;
        reset?;
        Ok(())
    }

    fn fill_all(&self, database: &mut Database) -> Result<(), TransactionError> {
        let mut columns = BTreeMap::new();
        for (table, names) in migrate::read_schema(database)? {
            let names = names.into_iter().map(|column| column.name);
            columns.insert(table, names.collect::<BTreeSet<String>>());
        }
        let mut filled = BTreeSet::new();
        for (path, file) in self.copies.iter().rev() {
            let mut filling = Filling::of(&columns, &filled);
            let damaged = |fault: Error| FsError::new(Attempt::Read, path, fault);
            for line in BufReader::new(GzDecoder::new(from_start(file))).lines() {
                let line = line.map_err(damaged)?;
                let read = serde_json::from_str::<Line>(&line);
                let read = read.map_err(|fault| damaged(Error::new(ErrorKind::InvalidData, fault)))?;
                filling.take(database, read)?;
            }
            filling.send(database)?;
            let named = filling.named;
            filled.extend(named);
        }
        Ok(())
    }
}

/// One copy on its way into the tables.
struct Filling<'f> {
    columns: &'f BTreeMap<String, BTreeSet<String>>,
    /// What newer copies had: tables, and columns of others.
    filled: &'f BTreeSet<(String, Vec<String>)>,
    named: Vec<(String, Vec<String>)>,
    part: Part,
    statement: Vec<u8>,
}

/// What the rows that follow are.
enum Part {
    /// Nothing that is wanted.
    Left,
    /// All of a table, without what the server makes itself.
    Table { name: String, columns: Vec<String> },
    /// Columns of one.
    Columns { name: String, columns: Vec<String> },
}

impl<'f> Filling<'f> {
    fn of(columns: &'f BTreeMap<String, BTreeSet<String>>, filled: &'f BTreeSet<(String, Vec<String>)>) -> Self {
        Self {
            columns,
            filled,
            named: Vec::new(),
            part: Part::Left,
            statement: Vec::new(),
        }
    }

    fn take(&mut self, database: &mut Database, line: Line) -> Result<(), TransactionError> {
        if line.criar.is_some() || line.colunas.is_some() {
            self.send(database)?;
            self.part = self.begin(database, line.tabela, line.colunas)?;
        } else if let Some(row) = line.linha {
            self.put(database, &row)?;
        }
        Ok(())
    }

    fn begin(
        &mut self,
        database: &mut Database,
        name: String,
        wanted: Option<Vec<String>>,
    ) -> Result<Part, TransactionError> {
        let Some(standing) = self.columns.get(&name) else {
            return Ok(Part::Left);
        };
        let named = (name.clone(), wanted.clone().unwrap_or_default());
        if self.filled.contains(&named) {
            return Ok(Part::Left);
        }
        self.named.push(named);
        Ok(match wanted {
            None => {
                database.execute(format!("DELETE FROM {}", migrate::quoted(&name)))?;
                let columns = migrate::written_columns(database, &name)?;
                Part::Table { name, columns }
            }
            Some(mut columns) => {
                columns.retain(|column| standing.contains(column));
                Part::Columns { name, columns }
            }
        })
    }

    fn put(&mut self, database: &mut Database, row: &Map<String, Value>) -> Result<(), TransactionError> {
        match &self.part {
            Part::Left => {}
            Part::Table { name, columns } => {
                migrate::push_row(&mut self.statement, name, columns, row);
                if self.statement.len() > STATEMENT {
                    self.send(database)?;
                }
            }
            Part::Columns { name, columns } => {
                if let Some(statement) = migrate::update_row(name, columns, row) {
                    database.execute(statement)?;
                }
            }
        }
        Ok(())
    }

    fn send(&mut self, database: &mut Database) -> Result<(), TransactionError> {
        if !self.statement.is_empty() {
            database.execute(&self.statement)?;
            self.statement.clear();
        }
        Ok(())
    }
}
