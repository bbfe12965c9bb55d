//! The plugin's rows, compared with its base.

use std::collections::HashSet;

use serde::Serialize;

use crate::base::db::Database;
use crate::data::{self, CurrentTable};
use crate::ledger::{self, Base, Entry, PrimaryKey, RowKey, TableBase};
use crate::log::{Message, Reporter};
use crate::model::{GestorRoot, Slug, TableName};
use crate::ops::Error;
use crate::ops::reporter::OperationReporter;

/// Entries that are looked at together.
const TOGETHER: usize = 500;

/// Rows that are not as they were installed.
#[derive(Debug, Default, Serialize)]
pub(super) struct RowFindings {
    editadas: Vec<Row>,
    apagadas: Vec<Row>,
    movidas: Vec<Row>,
    estranhas: Vec<Row>,
}

/// A row, and what there is to say of it.
#[derive(Debug, Serialize)]
struct Row {
    tabela: String,
    linha: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    colunas: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    motivo: Option<&'static str>,
}

impl RowFindings {
    pub(super) fn count(&self) -> usize {
        self.editadas.len() + self.apagadas.len() + self.movidas.len() + self.estranhas.len()
    }
}

/// Compares.
pub(super) fn look(
    root: &GestorRoot,
    slug: &Slug,
    (database, reporter): (&mut Database, &OperationReporter<'_>),
) -> Result<RowFindings, Error> {
    let read = ledger::read(database, slug)?;
    for unreadable in &read.unreadable {
        reporter.message(Message::warning(&unreadable.fault));
    }
    let contracts = data::read_contracts(&root.core_data())?;
    let names: Vec<&TableName> = read.base.keys().collect();
    let tables = data::standing_tables(database, &contracts, &names, &Base::new())?;
    let mut found = RowFindings::default();
    for (name, base) in &read.base {
        let Some(table) = tables.get(name) else {
            found.gone(name, base);
            continue;
        };
        let mut look = Look {
            table,
            base,
            slug,
            named: HashSet::new(),
            found: &mut found,
        };
        for entries in base.entries.chunks(TOGETHER) {
            look.entries(database, entries)?;
        }
        look.made_at_run_time(database)?;
    }
    Ok(found)
}

impl RowFindings {
    /// The table is gone, and all rows with it.
    fn gone(&mut self, table: &TableName, base: &TableBase) {
        let entries = base.entries.iter().filter(|entry| entry.is_alive());
        self.apagadas.extend(entries.map(|entry| Row {
            tabela: table.to_string(),
            linha: in_words(&entry.identity),
            colunas: Vec::new(),
            motivo: None,
        }));
    }
}

fn in_words(identity: &PrimaryKey) -> String {
    let parts = identity.iter().map(|part| String::from_utf8_lossy(part).into_owned());
    parts.collect::<Vec<_>>().join(", ")
}

struct Look<'l> {
    table: &'l CurrentTable,
    base: &'l TableBase,
    slug: &'l Slug,
    /// Rows that an entry names.
    named: HashSet<PrimaryKey>,
    found: &'l mut RowFindings,
}

impl Look<'_> {
    fn row(&self, linha: String) -> Row {
        Row {
            tabela: self.table.name().to_string(),
            linha,
            colunas: Vec::new(),
            motivo: None,
        }
    }

    fn entries(&mut self, database: &mut Database, entries: &[Entry]) -> Result<(), Error> {
        let identities: Vec<&PrimaryKey> = entries.iter().map(|entry| &entry.identity).collect();
        let with = identities.iter().copied().filter(|identity| !identity.is_empty());
        let asked: Vec<&PrimaryKey> = with.collect();
        let mut rows = self.table.read(database, &asked, false)?.into_iter();
        for entry in entries {
            let row = if entry.identity.is_empty() {
                None
            } else {
                rows.next().flatten()
            };
            self.entry(entry, row.as_ref());
        }
        Ok(())
    }

    fn entry(&mut self, entry: &Entry, row: Option<&data::CurrentRow>) {
        if !entry.identity.is_empty() {
            self.named.insert(entry.identity.clone());
        }
        match row {
            _ if entry.deleted => self.found.apagadas.push(self.row(in_words(&entry.identity))),
            None if entry.is_alive() => self.found.apagadas.push(self.row(in_words(&entry.identity))),
            None => {}
            Some(row) => self.standing(entry, row),
        }
    }

    fn standing(&mut self, entry: &Entry, row: &data::CurrentRow) {
        let shown = self.table.shown(row);
        if self.table.is_foreign(row, self.slug) {
            let motivo = Some("dono");
            self.found.estranhas.push(Row {
                motivo,
                ..self.row(shown)
            });
            return;
        }
        let is_it = |key: &RowKey| *key == entry.key;
        if !self.table.keys(row).iter().any(is_it) {
            self.found.movidas.push(self.row(shown.clone()));
        }
        let mut colunas = self.table.edited(self.base, entry, row);
        let waiting = self.table.waiting(row);
        // A package's value waits there for a decision.
        let motivo = (!waiting.is_empty()).then_some("companheira");
        colunas.extend(waiting.iter().map(|column| self.table.column_name(*column).to_owned()));
        if !colunas.is_empty() {
            self.found.editadas.push(Row {
                colunas,
                motivo,
                ..self.row(shown)
            });
        }
    }

    /// Rows of the plugin's that no package brought.
    fn made_at_run_time(&mut self, database: &mut Database) -> Result<(), Error> {
        for row in self.table.own_rows(database, self.slug)? {
            let is_known = row.keys.iter().any(|key| {
                let place = self.base.find(key);
                place.is_some_and(|place| !self.base.entries[place].deleted)
            });
            if !is_known && !self.named.contains(&row.identity) {
                let motivo = Some("criada");
                self.found.estranhas.push(Row {
                    motivo,
                    ..self.row(row.shown)
                });
            }
        }
        Ok(())
    }
}
