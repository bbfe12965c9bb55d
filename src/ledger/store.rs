//! Reads and writes `gestor_plugins_base`, inside the transaction that the caller began. Parts whose bytes are the same
//! are not written.

use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;

use super::entry::Base;
use super::error::{FormatFault, LedgerError};
use super::format;
use crate::base::db::{Database, Row, push_binary, push_text};
use crate::base::hash::sha256;
use crate::model::{Sha256Digest, Slug, TableName};

/// Bytes of a statement after which the next one begins.
const STATEMENT: usize = 256 << 10;

/// The base of a plugin as it was read.
#[derive(Debug, Default)]
pub struct ReadBase {
    /// What is remembered.
    pub base: Base,
    /// Tables whose base cannot be read: theirs is unknown.
    pub unreadable: Vec<Unreadable>,
    /// By table and part: the digest of its bytes, inflated; none for those that could not be.
    parts: HashMap<(String, u16), Option<Sha256Digest>>,
}

/// A table whose base cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "what the package last brought to `{table}` cannot be read from gestor_plugins_base ({fault}): its rows are updated as if nobody had changed them"
)]
pub struct Unreadable {
    /// The table.
    pub table: String,
    /// Why.
    pub fault: FormatFault,
}

impl ReadBase {
    /// Nothing is remembered of the plugin.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }
}

/// Reads the base of a plugin; empty where our table is not there.
pub fn read(database: &mut Database, slug: &Slug) -> Result<ReadBase, LedgerError> {
    let mut statement = b"SELECT tabela, parte, linhas, dados FROM gestor_plugins_base WHERE slug=".to_vec();
    push_text(&mut statement, slug.as_str().as_bytes());
    statement.extend_from_slice(b" ORDER BY tabela, parte");
    let mut stored: BTreeMap<String, Vec<Stored>> = BTreeMap::new();
    let mut foreign = None;
    let visited = database.visit(statement, &mut |row| match stored_of(row) {
        Ok((table, part)) => {
            stored.entry(table).or_default().push(part);
            ControlFlow::Continue(())
        }
        Err(fault) => {
            foreign = Some(fault);
            ControlFlow::Break(())
        }
    });
    match visited {
        Err(fault) if fault.is_no_table() => return Ok(ReadBase::default()),
        done => done?,
    }
    foreign.map_or_else(|| Ok(decode_all(stored)), Err)
}

/// The bases of other plugins that speak of some of these tables.
pub fn read_of_others(
    database: &mut Database,
    slug: &Slug,
    tables: &[TableName],
) -> Result<Vec<(Slug, Base)>, LedgerError> {
    let sql = "SELECT DISTINCT slug, tabela FROM gestor_plugins_base WHERE slug <> ? ORDER BY slug";
    let rows = match database.exec_rows(sql, (slug.as_str(),)) {
        Err(fault) if fault.is_no_table() => return Ok(Vec::new()),
        rows => rows?,
    };
    let word = |row: &mut Row, at: usize| row.take_opt::<String, _>(at)?.ok();
    let named = |mut row: Row| Some((word(&mut row, 0)?, word(&mut row, 1)?));
    let named = rows.into_iter().filter_map(named);
    let asked = named.filter(|(_, table)| tables.iter().any(|name| name.as_str() == table));
    let mut slugs: Vec<Slug> = asked.filter_map(|(slug, _)| Slug::normalize(&slug).ok()).collect();
    slugs.dedup();
    let mut bases = Vec::new();
    for slug in slugs {
        let base = read(database, &slug)?.base;
        bases.push((slug, base));
    }
    Ok(bases)
}

/// The tables that the base of a plugin speaks of; none where our table is not there.
pub fn tables(database: &mut Database, slug: &Slug) -> Result<Vec<TableName>, LedgerError> {
    let sql = "SELECT DISTINCT tabela FROM gestor_plugins_base WHERE slug = ? ORDER BY tabela";
    let rows = match database.exec_rows(sql, (slug.as_str(),)) {
        Err(fault) if fault.is_no_table() => return Ok(Vec::new()),
        rows => rows?,
    };
    let name = |mut row: Row| TableName::new(&row.take_opt::<String, _>(0)?.ok()?).ok();
    Ok(rows.into_iter().filter_map(name).collect())
}

/// The plugins whose packages brought rows to tables without owners to which this one's did as well; none where our table
/// is not there.
pub fn sharing(database: &mut Database, slug: &Slug) -> Result<Vec<Slug>, LedgerError> {
    let sql = "SELECT DISTINCT o.slug FROM gestor_plugins_base b JOIN gestor_plugins_base o ON o.tabela = b.tabela AND \
               o.slug <> b.slug WHERE b.slug = ? AND b.tabela NOT IN (SELECT TABLE_NAME FROM \
               information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND COLUMN_NAME = 'plugin') ORDER BY o.slug";
    let rows = match database.exec_rows(sql, (slug.as_str(),)) {
        Err(fault) if fault.is_no_table() => return Ok(Vec::new()),
        rows => rows?,
    };
    let name = |mut row: Row| Slug::normalize(&row.take_opt::<String, _>(0)?.ok()?).ok();
    Ok(rows.into_iter().filter_map(name).collect())
}

/// Forgets what a plugin's packages brought, inside the transaction.
pub fn forget(database: &mut Database, slug: &Slug) -> Result<(), LedgerError> {
    let mut statement = b"DELETE FROM gestor_plugins_base WHERE slug=".to_vec();
    push_text(&mut statement, slug.as_str().as_bytes());
    database.execute(statement)?;
    Ok(())
}

struct Stored {
    part: u16,
    rows: u64,
    bytes: Result<Vec<u8>, FormatFault>,
}

fn stored_of(mut row: Row) -> Result<(String, Stored), LedgerError> {
    let (table, part, rows, bytes) = (row.take_opt(0), row.take_opt(1), row.take_opt(2), row.take_opt(3));
    let (Some(Ok(table)), Some(Ok(part)), Some(Ok(rows)), Some(Ok(bytes))) = (table, part, rows, bytes) else {
        return Err(LedgerError::Foreign {
            column: "dados",
            found: "another type".to_owned(),
        });
    };
    let bytes: Vec<u8> = bytes;
    let bytes = format::inflate(&bytes);
    Ok((table, Stored { part, rows, bytes }))
}

fn decode_all(stored: BTreeMap<String, Vec<Stored>>) -> ReadBase {
    let mut read = ReadBase::default();
    for (table, parts) in stored {
        for part in &parts {
            let digest = part.bytes.as_ref().ok().map(|bytes| sha256(bytes));
            read.parts.insert((table.clone(), part.part), digest);
        }
        match decode_table(&table, &parts) {
            Ok((name, base)) => drop(read.base.insert(name, base)),
            Err(fault) => read.unreadable.push(Unreadable { table, fault }),
        }
    }
    read
}

fn decode_table(table: &str, parts: &[Stored]) -> Result<(TableName, super::TableBase), FormatFault> {
    let name = TableName::new(table).map_err(|_| FormatFault::Content { what: "a table's name" })?;
    let bytes = parts.iter().map(|part| part.bytes.as_deref().map_err(Clone::clone));
    let base = format::decode(bytes.collect::<Result<Vec<&[u8]>, FormatFault>>()?)?;
    let rows: u64 = parts.iter().map(|part| part.rows).sum();
    if rows != base.entries.len() as u64 {
        return Err(FormatFault::Parts {
            what: "another number of rows",
        });
    }
    Ok((name, base))
}

/// Writes the base of some tables; that of others stays. `before` is what was read in the same transaction. Gives the
/// number of parts written or removed.
pub fn write(database: &mut Database, slug: &Slug, before: &ReadBase, base: &Base) -> Result<usize, LedgerError> {
    let limit = database.server().statement_limit(STATEMENT);
    let mut changes = Changes::default();
    for (table, entries) in base {
        let parts = format::encode(entries);
        for ((rows, part), number) in parts.iter().zip(0_u16..) {
            let known = before.parts.get(&(table.to_string(), number));
            if known == Some(&Some(sha256(part))) {
                continue;
            }
            let bytes = format::deflate(part).map_err(|source| LedgerError::Compress {
                table: table.to_string(),
                source,
            })?;
            changes.put(database, slug, limit, (table, number, *rows, &bytes))?;
        }
        let last = before
            .parts
            .keys()
            .filter(|(name, _)| name == table.as_str())
            .map(|(_, part)| *part)
            .max();
        if last.is_some_and(|last| usize::from(last) >= parts.len()) {
            let sql = "DELETE FROM gestor_plugins_base WHERE slug=? AND tabela=? AND parte>=?";
            let gone = database.exec(sql, (slug.as_str(), table.as_str(), parts.len()))?;
            changes.count += usize::try_from(gone.rows).unwrap_or(0);
        }
    }
    changes.send(database)?;
    Ok(changes.count)
}

/// Parts to be written, several to a statement.
#[derive(Default)]
struct Changes {
    statement: Vec<u8>,
    count: usize,
}

impl Changes {
    fn put(
        &mut self,
        database: &mut Database,
        slug: &Slug,
        limit: usize,
        (table, part, rows, bytes): (&TableName, u16, u32, &[u8]),
    ) -> Result<(), LedgerError> {
        if !self.statement.is_empty() && self.statement.len() + bytes.len() * 2 + 256 > limit {
            self.send(database)?;
        }
        self.statement.extend_from_slice(if self.statement.is_empty() {
            b"REPLACE INTO gestor_plugins_base (slug, tabela, parte, linhas, dados) VALUES ("
        } else {
            b",("
        });
        push_text(&mut self.statement, slug.as_str().as_bytes());
        self.statement.push(b',');
        push_text(&mut self.statement, table.as_str().as_bytes());
        self.statement.extend_from_slice(format!(",{part},{rows},").as_bytes());
        push_binary(&mut self.statement, bytes);
        self.statement.push(b')');
        self.count += 1;
        Ok(())
    }

    fn send(&mut self, database: &mut Database) -> Result<(), LedgerError> {
        if !self.statement.is_empty() {
            database.execute(&self.statement)?;
            self.statement.clear();
        }
        Ok(())
    }
}
