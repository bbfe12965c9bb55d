//! What a runner is asked to look after while it undoes migrations: tables, and columns of tables, that are copied out
//! already, and into which the site's pages go on writing until they are gone. No I/O.

use std::path::PathBuf;

use serde::Serialize;
use serde_json::{Value, json};

use super::schema::quoted;

/// Where it puts what came after the copy, and what the copy has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    /// A folder of this call's.
    pub folder: PathBuf,
    /// By their places the names of its files go.
    pub parts: Vec<CopiedPart>,
}

/// What the copy has of a table, or of columns of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CopiedPart {
    /// The table.
    pub tabela: String,
    /// The line that begins it.
    pub cabeca: String,
    /// SHA-256 of its lines, in hexadecimal.
    pub resumo: String,
    /// What gives its other lines.
    pub consultas: Vec<Reading>,
}

/// A statement that gives rows of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reading {
    /// The table.
    #[serde(skip)]
    pub tabela: String,
    /// Under which name a line has them.
    pub tipo: &'static str,
    /// Their columns.
    pub colunas: Vec<ReadColumn>,
    /// What stands behind `SELECT` and the columns.
    pub de: String,
}

/// A column as it is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReadColumn {
    /// Its name in a line.
    pub nome: String,
    /// How a statement reads all that it holds.
    pub le: String,
}

impl Reading {
    /// Nothing where there is no column.
    pub fn of(table: &str, tipo: &'static str, colunas: Vec<ReadColumn>, which: &str) -> Option<Self> {
        let tabela = table.to_owned();
        let de = format!("FROM {}{which}", quoted(table));
        (!colunas.is_empty()).then_some(Self {
            tabela,
            tipo,
            colunas,
            de,
        })
    }

    /// The whole statement.
    pub fn statement(&self) -> String {
        let read: Vec<&str> = self.colunas.iter().map(|column| column.le.as_str()).collect();
        format!("SELECT {} {}", read.join(", "), self.de)
    }
}

impl Watched {
    /// As a runner is told of it; `folder`: as a path is told.
    pub fn to_value(&self, folder: &Value) -> Value {
        json!({"pasta": folder, "partes": self.parts})
    }
}
