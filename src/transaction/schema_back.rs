//! What was taken away of a plugin's schema and comes back with it (SPEC 2 §6): its migrations make tables and columns anew,
//! what stood in them comes out of the copies that were made before they were dropped. In the transaction.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Error, ErrorKind};
use std::path::PathBuf;

use flate2::read::GzDecoder;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::TransactionError;
use crate::base::db::Database;
use crate::base::fs::{Attempt, FsError, from_start};
use crate::migrate::{self, FactColumn, Made, MigrationRecord, WrittenColumn};

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
    /// Other objects have none: migrations make them.
    tabela: Option<String>,
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
        let usual = database.query(
            "SELECT CONCAT('SET SESSION foreign_key_checks=', @@SESSION.foreign_key_checks, ', sql_mode=', \
             QUOTE(@@SESSION.sql_mode), ', time_zone=', QUOTE(@@SESSION.time_zone))",
        )?;
        let usual = usual.into_iter().next().and_then(|mut row| row.take::<String, _>(0));
        // Tables may refer to each other, and stand in no order. Copies tell times in UTC, and all that a table could hold.
        database.execute(
            "SET SESSION foreign_key_checks=0, sql_mode='NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES', time_zone='+00:00'",
        )?;
        let filled = self.fill_all(database);
        let reset = database.execute(usual.unwrap_or_default());
        filled?;
        reset?;
        Ok(())
    }

    fn fill_all(&self, database: &mut Database) -> Result<(), TransactionError> {
        // A copy has more than what went; what the site or others have made is as it is.
        let made = Made::of_facts(&self.record.facts);
        let mut filled = BTreeSet::new();
        for (path, file) in self.copies.iter().rev() {
            let mut filling = Filling::of(&made, &filled);
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
    made: &'f Made,
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
    Table { name: String, columns: Vec<WrittenColumn> },
    /// Columns of one: all that it has, those that are wanted, and those that the copy has beside the key.
    Columns {
        name: String,
        columns: Vec<WrittenColumn>,
        wanted: Vec<String>,
        copied: Vec<String>,
    },
}

impl<'f> Filling<'f> {
    fn of(made: &'f Made, filled: &'f BTreeSet<(String, Vec<String>)>) -> Self {
        Self {
            made,
            filled,
            named: Vec::new(),
            part: Part::Left,
            statement: Vec::new(),
        }
    }

    fn take(&mut self, database: &mut Database, line: Line) -> Result<(), TransactionError> {
        if line.criar.is_some() || line.colunas.is_some() {
            self.send(database)?;
            self.part = match line.tabela {
                Some(table) => self.begin(database, table, line.colunas)?,
                None => Part::Left,
            };
        } else if let Some(row) = line.linha {
            self.put(database, &row)?;
        }
        Ok(())
    }

    fn begin(
        &mut self,
        database: &mut Database,
        name: String,
        copied: Option<Vec<String>>,
    ) -> Result<Part, TransactionError> {
        let is_made = |column: &&String| {
            let (tabela, coluna) = (name.clone(), (*column).clone());
            self.made.columns.contains(&FactColumn { tabela, coluna })
        };
        let mut wanted: Vec<String> = copied.iter().flatten().filter(is_made).cloned().collect();
        let named = (name.clone(), wanted.clone());
        let is_whole = copied.is_none() && self.made.tables.contains(&name);
        if self.filled.contains(&named) || (!is_whole && wanted.is_empty()) {
            return Ok(Part::Left);
        }
        let columns = migrate::written_columns(database, &name)?;
        wanted.retain(|wanted| columns.iter().any(|column| column.name == *wanted));
        if columns.is_empty() || (!is_whole && wanted.is_empty()) {
            return Ok(Part::Left);
        }
        self.named.push(named);
        Ok(match copied {
            None => {
                database.execute(format!("DELETE FROM {}", migrate::quoted(&name)))?;
                Part::Table { name, columns }
            }
            Some(copied) => Part::Columns {
                name,
                columns,
                wanted,
                copied,
            },
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
            Part::Columns {
                name,
                columns,
                wanted,
                copied,
            } => {
                if let Some(statement) = migrate::update_row(name, (columns, wanted, copied), row) {
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
