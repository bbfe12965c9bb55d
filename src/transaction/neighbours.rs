//! Which other plugins use what a plugin's migrations made: their own migrations made it as well, or their packages brought
//! rows to it (SPEC 2 §6). Reads only.

use super::TransactionError;
use super::life::Life;
use crate::base::db::Database;
use crate::history;
use crate::ledger::{self, Base};
use crate::migrate::{FactColumn, Made, SchemaObject, Shown};
use crate::model::{Slug, TableName};

/// The other plugins of the database.
#[derive(Default)]
pub struct Neighbours {
    made: Vec<(String, Made)>,
    bases: Vec<(Slug, Base)>,
}

impl Neighbours {
    /// Those of a plugin, as far as they use some of these tables.
    pub fn read<'t>(
        database: &mut Database,
        slug: &Slug,
        tables: impl IntoIterator<Item = &'t String>,
    ) -> Result<Self, TransactionError> {
        let tables: Vec<TableName> = tables
            .into_iter()
            .filter_map(|table| TableName::new(table).ok())
            .collect();
        let others = history::migrations_of_others(database, slug)?.into_iter();
        Ok(Self {
            made: others.map(|(slug, told)| (slug, Life::of(told).made(None))).collect(),
            bases: ledger::read_of_others(database, slug, &tables)?,
        })
    }

    /// Without those that go as well, and before it.
    #[must_use]
    pub fn without(mut self, gone: &[Slug]) -> Self {
        self.made
            .retain(|(slug, _)| gone.iter().all(|gone| gone.as_str() != slug));
        self.bases.retain(|(slug, _)| !gone.contains(slug));
        self
    }

    /// Who uses a table.
    pub fn of_table(&self, table: &str) -> Option<&str> {
        let has = |made: &Made| made.tables.contains(table) || made.others.contains(table);
        let made = self.made.iter().find(|(_, made)| has(made));
        let is_used = |base: &Base| base.keys().any(|known| known.as_str() == table);
        let based = self.bases.iter().find(|(_, base)| is_used(base));
        made.map(|(slug, _)| slug.as_str())
            .or(based.map(|(slug, _)| slug.as_str()))
    }

    /// Who uses a column.
    pub fn of_column(&self, column: &FactColumn) -> Option<&str> {
        let has = |made: &Made| made.columns.contains(column) || made.others.contains(&column.shown());
        let made = self.made.iter().find(|(_, made)| has(made));
        let is_used = |base: &Base| {
            let tables = base.iter().filter(|(table, _)| table.as_str() == column.tabela);
            let mut columns = tables.flat_map(|(_, table)| &table.columns);
            columns.any(|known| known.name == column.coluna)
        };
        let based = self.bases.iter().find(|(_, base)| is_used(base));
        made.map(|(slug, _)| slug.as_str())
            .or(based.map(|(slug, _)| slug.as_str()))
    }

    /// Who made a view, a trigger, a routine, an event or a sequence as well.
    pub fn of_object(&self, object: &SchemaObject) -> Option<&str> {
        let made = self.made.iter().find(|(_, made)| made.has_object(object));
        made.map(|(slug, _)| slug.as_str())
    }

    /// Who uses what came while migrations ran, by its name.
    pub fn of_other(&self, other: &str) -> Option<&str> {
        let column = other.split_once('.').map(|(tabela, coluna)| FactColumn {
            tabela: tabela.to_owned(),
            coluna: coluna.to_owned(),
        });
        self.of_table(other).or_else(|| self.of_column(&column?))
    }
}
