//! Copies out what stands in tables and columns before it is taken away, so that it can be given back exactly. Writes nothing
//! to the database.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use serde_json::{Map, Value as Json, json};

use super::facts::{FactColumn, ObjectKind, Schema, SchemaObject, Taken, names};
use super::made::Made;
use super::reach::Reach;
use super::schema::{Consequence, bytes_of, quoted, texts};
use super::watched::{ReadColumn, Reading};
use crate::base::db::{Database, DbError, exact_value};
use crate::base::json::text_or_hex;

/// What is copied out: whole tables, columns of others, and how other objects are made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Copied {
    /// Tables.
    pub tables: BTreeSet<String>,
    /// Columns, by their tables.
    pub columns: BTreeMap<String, BTreeSet<String>>,
    /// Views, triggers, routines, events, sequences.
    pub objects: BTreeSet<SchemaObject>,
}

impl Copied {
    /// Adds a table that stands.
    pub fn table(&mut self, schema: &Schema, table: &str) {
        if schema.tables.contains_key(table) {
            self.tables.insert(table.to_owned());
        }
    }

    /// Adds a column that stands, also of a table that is copied: who gives it back sees that it is the column that went.
    pub fn column(&mut self, schema: &Schema, column: &FactColumn) {
        let FactColumn { tabela, coluna } = column;
        if schema.has_column(tabela, coluna) {
            self.columns.entry(tabela.clone()).or_default().insert(coluna.clone());
        }
    }

    /// Adds another object that stands.
    pub fn object(&mut self, schema: &Schema, object: &SchemaObject) {
        if schema.objects.contains(object) {
            self.objects.insert(object.clone());
        }
    }

    /// Adds what migrations made, or what came while they ran.
    pub fn made(&mut self, schema: &Schema, made: &Made) {
        let others = made.others.iter().map(|other| (other, other.split_once('.')));
        for (table, parts) in others {
            self.table(schema, table);
            if let Some((tabela, coluna)) = parts {
                let (tabela, coluna) = (tabela.to_owned(), coluna.to_owned());
                self.column(schema, &FactColumn { tabela, coluna });
            }
        }
        made.tables.iter().for_each(|table| self.table(schema, table));
        made.columns.iter().for_each(|column| self.column(schema, column));
        made.objects.iter().for_each(|object| self.object(schema, object));
    }

    /// Adds what texts could take away; `is_open`: of everything, which tables.
    pub fn reached(&mut self, schema: &Schema, reach: &Reach, is_open: &dyn Fn(&str) -> bool) {
        if reach.everything {
            let all = schema.tables.keys().filter(|table| is_open(table));
            all.for_each(|table| self.table(schema, table));
        }
        reach.tables.iter().for_each(|table| self.table(schema, table));
        reach.columns.iter().for_each(|column| self.column(schema, column));
    }

    /// Adds what changes with the rows of tables that are copied already, and how every other object of the database is
    /// made where anything is copied at all: that is little.
    pub fn follow(&mut self, schema: &Schema, consequences: &[Consequence]) {
        loop {
            let before = self.tables.len();
            for Consequence { of, table, statement } in consequences {
                if !self.tables.contains(of) {
                    continue;
                }
                if let Some(table) = table {
                    self.table(schema, table);
                }
                let said: Vec<String> = statement.iter().cloned().collect();
                let named = schema.tables.keys().filter(|table| names(&said, table));
                named.for_each(|table| self.table(schema, table));
            }
            if self.tables.len() == before {
                break;
            }
        }
        if !self.is_empty() {
            self.objects.extend(schema.objects.iter().cloned());
        }
    }

    /// The same, the columns of a table or a table at a time, and then the rest.
    pub fn parts(&self) -> Vec<Self> {
        let tables = self.tables.iter().map(|table| Self {
            tables: [table.clone()].into(),
            ..Self::default()
        });
        let columns = self.columns.iter().map(|(table, columns)| Self {
            columns: [(table.clone(), columns.clone())].into(),
            ..Self::default()
        });
        let rest = Self {
            objects: self.objects.clone(),
            ..Self::default()
        };
        columns.chain(tables).chain([rest]).collect()
    }

    /// What tells a part from others: the table, with a point behind it where it is of columns.
    pub fn part_name(&self) -> Option<String> {
        let columns = self.columns.keys().next().map(|table| format!("{table}."));
        columns.or_else(|| self.tables.first().cloned())
    }

    /// There is nothing to copy.
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty() && self.columns.is_empty() && self.objects.is_empty()
    }

    /// What of that which went was not copied.
    pub fn missing(&self, gone: &Taken) -> Taken {
        let has = |column: &&FactColumn| {
            let of_table = self.columns.get(&column.tabela);
            self.tables.contains(&column.tabela) || of_table.is_some_and(|columns| columns.contains(&column.coluna))
        };
        Taken {
            tables: gone.tables.difference(&self.tables).cloned().collect(),
            columns: gone.columns.iter().filter(|column| !has(column)).cloned().collect(),
            objects: gone.objects.difference(&self.objects).cloned().collect(),
        }
    }
}

/// Copies out, a line of JSON each: of a table first how it is made, then its rows; of columns how their table is made and
/// its rows with them and their primary key; how another object is made. A value is the server's text; bytes that are none
/// are `{"$hex": …}`, and so are texts of other character sets. Times are UTC.
pub fn copy_out<E: From<DbError>>(
    database: &mut Database,
    schema: &Schema,
    copied: &Copied,
    put: &mut dyn FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), E> {
    let zone = database.query("SELECT @@session.time_zone")?.into_iter().next();
    let zone = zone.and_then(|row| texts(row).into_iter().next()?).unwrap_or_default();
    database.execute("SET SESSION time_zone = '+00:00'")?;
    let done = copy_all(database, schema, copied, put);
    database.execute(format!("SET SESSION time_zone = '{zone}'"))?;
    done
}

fn copy_all<E: From<DbError>>(
    database: &mut Database,
    schema: &Schema,
    copied: &Copied,
    put: &mut dyn FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), E> {
    for part in copied.parts() {
        let Some((head, readings)) = reading_of(database, &part)? else {
            continue;
        };
        put(head.as_bytes())?;
        for reading in &readings {
            copy_lines(database, reading, put)?;
        }
    }
    for SchemaObject { tipo, nome } in copied.objects.iter().filter(|object| schema.objects.contains(object)) {
        // Of one that is broken, or that others alone may see, its name is kept.
        let made = match made_by(database, tipo.word(), nome) {
            Err(fault) if fault.server_code().is_some() => None,
            made => made?,
        };
        let at = if *tipo == ObjectKind::Sequence {
            Some(sequence(database, nome)?)
        } else {
            None
        };
        put_line(
            &json!({"objeto": nome, "tipo": tipo, "criar": made, "proximo": at}),
            put,
        )?;
    }
    Ok(())
}

/// How something is made: the first answer of the server's that says `CREATE`.
fn made_by(database: &mut Database, kind: &str, name: &str) -> Result<Option<String>, DbError> {
    let rows = database.query(format!("SHOW CREATE {kind} {}", quoted(name)))?;
    let said = rows.into_iter().flat_map(|row| texts(row).into_iter().flatten());
    Ok(said.into_iter().find(|text| text.starts_with("CREATE ")))
}

fn sequence(database: &mut Database, name: &str) -> Result<Option<String>, DbError> {
    let rows = database.query(format!("SELECT next_not_cached_value FROM {}", quoted(name)))?;
    Ok(rows.into_iter().next().and_then(|row| texts(row).into_iter().next()?))
}

/// How what stands in a table, or in columns of one, is read: the line that begins it, and the statements that give its rows.
/// Nothing of a part that is of neither.
pub fn reading_of(database: &mut Database, part: &Copied) -> Result<Option<(String, Vec<Reading>)>, DbError> {
    if let Some((table, wanted)) = part.columns.iter().next() {
        let made = made_by(database, "TABLE", table)?;
        let key = primary_key(database, table)?;
        let columns = columns(database, table)?.into_iter();
        let columns = columns.filter(|column| key.contains(&column.nome) || wanted.contains(&column.nome));
        let rows = Reading::of(table, "linha", columns.collect(), "");
        let head = json!({"tabela": table, "colunas": wanted, "criar": made});
        return Ok(Some((line(&head), rows.into_iter().collect())));
    }
    let Some(table) = part.tables.first() else {
        return Ok(None);
    };
    let made = made_by(database, "TABLE", table)?;
    let mut columns = columns(database, table)?;
    let mut readings: Vec<Reading> = Reading::of(table, "linha", columns.clone(), "").into_iter().collect();
    if made.as_deref().unwrap_or_default().contains("WITH SYSTEM VERSIONING") {
        // Its rows as they were, with when they were so.
        columns.extend(["ROW_START", "ROW_END"].map(|name| ReadColumn {
            nome: format!("${name}"),
            le: name.to_owned(),
        }));
        readings.extend(Reading::of(
            table,
            "passada",
            columns,
            " FOR SYSTEM_TIME ALL WHERE ROW_END < NOW(6)",
        ));
    }
    Ok(Some((line(&json!({"tabela": table, "criar": made})), readings)))
}

/// The columns of a table, hidden ones too, but those that the server computes.
fn columns(database: &mut Database, table: &str) -> Result<Vec<ReadColumn>, DbError> {
    let sql = "SELECT COLUMN_NAME, DATA_TYPE, CHARACTER_SET_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = \
               DATABASE() AND TABLE_NAME = ? AND COALESCE(GENERATION_EXPRESSION, '') = '' ORDER BY ORDINAL_POSITION";
    let rows = database.exec_rows(sql, (table,))?.into_iter();
    let column = |row| {
        let mut words = texts(row).into_iter();
        let (nome, kind) = (words.next()??, words.next()??);
        let le = exact_value(&quoted(&nome), &kind, words.next()?.as_deref());
        Some(ReadColumn { nome, le })
    };
    Ok(rows.filter_map(column).collect())
}

fn copy_lines<E: From<DbError>>(
    database: &mut Database,
    reading: &Reading,
    put: &mut dyn FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), E> {
    let mut failed = None;
    database.visit(reading.statement(), &mut |row| {
        let values = bytes_of(row)
            .into_iter()
            .map(|value| value.map_or(Json::Null, text_or_hex));
        let names = reading.colunas.iter().map(|column| column.nome.clone());
        let values: Map<String, Json> = names.zip(values).collect();
        match put_line(&json!({"tabela": reading.tabela, reading.tipo: values}), put) {
            Ok(()) => ControlFlow::Continue(()),
            Err(fault) => {
                failed = Some(fault);
                ControlFlow::Break(())
            }
        }
    })?;
    failed.map_or(Ok(()), Err)
}

fn line(line: &Json) -> String {
    format!("{line}\n")
}

fn put_line<E>(line: &Json, put: &mut dyn FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
    put(self::line(line).as_bytes())
}

pub(super) fn primary_key(database: &mut Database, table: &str) -> Result<Vec<String>, DbError> {
    let sql = "SELECT COLUMN_NAME FROM information_schema.KEY_COLUMN_USAGE WHERE TABLE_SCHEMA = DATABASE() AND \
               TABLE_NAME = ? AND CONSTRAINT_NAME = 'PRIMARY' ORDER BY ORDINAL_POSITION";
    let rows = database.exec_rows(sql, (table,))?;
    Ok(rows
        .into_iter()
        .filter_map(|row| texts(row).into_iter().next()?)
        .collect())
}
