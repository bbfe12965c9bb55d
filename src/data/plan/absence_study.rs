//! Reads and locks the rows of a plugin that goes, and says what becomes of each: those that its packages brought, those
//! that were made in its name, its hooks and permissions. Decides nothing that `absence` does not.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::absence::{
    Absence, AdoptedRow, Departing, Fate, Going, GoingRow, ReturningRow, RowFacts, StayingRow, TableAbsence, decide,
};
use super::absence_hanging::add_hanging;
use super::absence_rows::in_order;
use super::give_back::{give_back, saved_of};
use super::references::references;
use super::standing::{CurrentRow, CurrentTable, standing_tables};
use crate::base::db::Database;
use crate::config::Removal;
use crate::data::fit::find::PrimaryKey;
use crate::data::package::error::DataError;
use crate::data::table::inspect::read_owned_tables;
use crate::ledger::{Base, Entry, RowKey, SavedReason, SavedRow};
use crate::model::{Slug, TableName};

/// The gestor's register of hooks, which names modules of plugins.
const HOOKS: &str = "hooks";
/// Rows of which the keys are read together, with all that they hold.
const TOGETHER: usize = 200;

/// Reads and locks, inside the transaction, and says what becomes of each row.
pub fn plan_absence(database: &mut Database, departing: Departing<'_>) -> Result<Absence, DataError> {
    let mut names = read_owned_tables(database)?;
    names.extend(departing.base.keys().cloned());
    names.extend(departing.since.into_iter().flat_map(|since| since.keys().cloned()));
    names.extend(TableName::new(HOOKS));
    names.sort();
    names.dedup();
    let names: Vec<&TableName> = names.iter().collect();
    let mut tables = standing_tables(database, departing.contracts, &names, departing.base)?;
    if let Some(since) = departing.since {
        tables = tables
            .into_iter()
            .map(|(name, table)| (name.clone(), table.written_since(since.get(&name))))
            .collect();
    }
    let mut study = Study {
        departing,
        adopted: HashMap::new(),
        absence: Absence::default(),
    };
    for table in in_order(tables.into_values().collect(), CurrentTable::schema) {
        let absence = study.table(database, table)?;
        study.absence.tables.push(absence);
    }
    if departing.removal != Removal::Remove {
        study.grants(database)?;
    }
    study.profiles(database)?;
    let mut absence = study.absence;
    add_hanging(database, departing, &mut absence)?;
    absence.references = references(database, &absence, (departing.slug, departing.removal))?;
    Ok(absence)
}

struct Study<'d> {
    departing: Departing<'d>,
    /// Of the table that is looked at: by primary key, what rows were before they were adopted.
    adopted: HashMap<PrimaryKey, SavedRow>,
    absence: Absence,
}

impl Study<'_> {
    fn table(&mut self, database: &mut Database, table: CurrentTable) -> Result<TableAbsence, DataError> {
        let slug = self.departing.slug;
        let mut absence = TableAbsence::of(table);
        self.adopted = self.adopted_in(&absence.table);
        let named: HashMap<PrimaryKey, usize> = alive(absence.table.entries()).collect();
        let identities: Vec<PrimaryKey> = if absence.table.has_owner() {
            let own = absence.table.own_rows(database, slug)?;
            own.into_iter().map(|row| row.identity).collect()
        } else {
            named.keys().cloned().collect()
        };
        for chunk in identities.chunks(TOGETHER) {
            let chunk: Vec<&PrimaryKey> = chunk.iter().collect();
            let rows = absence.table.read(database, &chunk, true)?;
            for (identity, row) in chunk.into_iter().zip(rows) {
                let Some(row) = row.filter(|row| !absence.table.is_foreign(row, slug)) else {
                    continue;
                };
                let known = entry_of(&absence.table, &named, (identity, &row));
                let known = known.filter(|_| !self.departing.is_paused || absence.table.is_insert_only());
                // A row of no owner is the plugin's by its key alone.
                if known.is_some() || absence.table.has_owner() {
                    self.row(&mut absence, known, (identity, &row));
                }
            }
        }
        Ok(absence)
    }

    fn row(&mut self, absence: &mut TableAbsence, known: Option<usize>, (identity, row): (&PrimaryKey, &CurrentRow)) {
        let table = &absence.table;
        let entry = known.map(|known| &table.entries()[known]);
        let key = entry.map(|entry| entry.key);
        let saved = saved_of(self.departing.saved, table.name(), (identity, key));
        let saved = saved.or_else(|| self.adopted.get(identity));
        let heirs = self.heirs(table, key);
        let is_hook = table.name().as_str() == HOOKS;
        let facts = RowFacts {
            origin: entry.map(|entry| entry.origin),
            owned: table.has_owner(),
            insert_only: table.is_insert_only(),
            shared: !table.has_owner() && !heirs.is_empty(),
            manages: table.name().as_str() == "usuarios" && table.says(row, "gestor"),
            project: table.says(row, "project"),
            saved: saved.is_some(),
        };
        let fate = match decide(facts, self.departing.removal) {
            _ if is_hook => Fate::Goes(Going::Hook),
            fate => fate,
        };
        let identity = identity.clone();
        match (fate, known, key) {
            (Fate::Goes(going), ..) => absence.going.push(GoingRow { identity, going }),
            (Fate::Returns, Some(known), _) => {
                let write = give_back(table, known, row, saved);
                absence.returning.push(ReturningRow { identity, write });
            }
            (Fate::Inherited, _, Some(key)) => {
                for heir in heirs {
                    let rows = self.absence.inherited.entry(heir).or_default();
                    rows.push((table.name().clone(), key));
                }
            }
            (Fate::Stays(staying), ..) => {
                let shown = table.shown(row);
                absence.staying.push(StayingRow {
                    identity,
                    shown,
                    staying,
                });
            }
            (Fate::Left | Fate::Returns | Fate::Inherited, ..) => {}
        }
    }

    fn adopted_in(&self, table: &CurrentTable) -> HashMap<PrimaryKey, SavedRow> {
        let rows = self.departing.adopted.iter().filter(|(name, _)| name == table.name());
        let saved = |(name, values): &AdoptedRow| {
            let part = |column: &usize| {
                values
                    .get(table.column_name(*column))?
                    .clone()
                    .map(Vec::into_boxed_slice)
            };
            let identity: PrimaryKey = table.schema().identity.iter().map(part).collect::<Option<_>>()?;
            let row = SavedRow {
                table: name.clone(),
                key: None,
                identity: identity.clone(),
                reason: SavedReason::Adopted,
                values: values
                    .iter()
                    .map(|(name, value)| (name.clone(), value.clone()))
                    .collect(),
                placed: Vec::new(),
            };
            Some((identity, row))
        };
        // Of several times the first: what a later one set aside was the plugin's already.
        let mut found = HashMap::new();
        for (identity, row) in rows.filter_map(saved) {
            found.entry(identity).or_insert(row);
        }
        found
    }

    /// The other plugins whose packages bring a row, too.
    fn heirs(&self, table: &CurrentTable, key: Option<RowKey>) -> Vec<Slug> {
        let has = |base: &Base| {
            let base = base.get(table.name())?;
            let entry = &base.entries[base.find(&key?)?];
            entry.is_alive().then_some(())
        };
        let others = self.departing.others.iter();
        others
            .filter(|(_, base)| has(base).is_some())
            .map(|(slug, _)| slug.clone())
            .collect()
    }

    /// Permissions of nobody's for modules of which no row is left, and for their operations.
    fn grants(&mut self, database: &mut Database) -> Result<(), DataError> {
        let modules = self.names_gone(database, "modulos", "id")?;
        if modules.is_empty() {
            return Ok(());
        }
        self.grants_of(database, "usuarios_perfis_modulos", "modulo", &modules)?;
        let operations = self.operations(database, &modules)?;
        self.grants_of(database, "usuarios_perfis_modulos_operacoes", "operacao", &operations)
    }

    /// Values of a column of rows that go, where no row of the value is left.
    fn names_gone(&self, database: &mut Database, table: &str, column: &str) -> Result<HashSet<Vec<u8>>, DataError> {
        let Some((absence, at)) = self.find(table, column) else {
            return Ok(HashSet::new());
        };
        let going = identities_going(absence);
        let mut names = HashSet::new();
        let identities: Vec<&PrimaryKey> = going.iter().copied().collect();
        for chunk in identities.chunks(TOGETHER) {
            let rows = absence.table.read(database, chunk, true)?;
            names.extend(rows.into_iter().flatten().filter_map(|row| row[at].clone()));
        }
        for (identity, row) in absence.table.rows_with(database, at, &names)? {
            if let Some(name) = row[at].as_ref().filter(|_| !going.contains(&identity)) {
                names.remove(name);
            }
        }
        names.remove(&Vec::new());
        Ok(names)
    }

    /// A table that was looked at, and a column of it.
    fn find(&self, table: &str, column: &str) -> Option<(&TableAbsence, usize)> {
        let (place, column) = self.place(table, column)?;
        Some((&self.absence.tables[place], column))
    }

    fn place(&self, table: &str, column: &str) -> Option<(usize, usize)> {
        let tables = &self.absence.tables;
        let place = tables
            .iter()
            .position(|absence| absence.table.name().as_str() == table)?;
        Some((place, tables[place].table.column(column)?))
    }

    /// The operations of modules that go, where no row of theirs is left.
    fn operations(&self, database: &mut Database, modules: &HashSet<Vec<u8>>) -> Result<HashSet<Vec<u8>>, DataError> {
        let mut gone = self.names_gone(database, "modulos_operacoes", "id")?;
        let Some((absence, module)) = self.find("modulos_operacoes", "modulo_id") else {
            return Ok(HashSet::new());
        };
        let (going, of) = (identities_going(absence), absence.table.column("id"));
        let rows = absence.table.rows_with(database, module, modules)?;
        let of_module: HashSet<Vec<u8>> = rows
            .into_iter()
            .filter(|(identity, _)| going.contains(identity))
            .filter_map(|(_, row)| row[of?].clone())
            .collect();
        gone.retain(|operation| of_module.contains(operation));
        Ok(gone)
    }

    fn grants_of(
        &mut self,
        database: &mut Database,
        table: &str,
        column: &str,
        names: &HashSet<Vec<u8>>,
    ) -> Result<(), DataError> {
        let Some((place, at)) = self.place(table, column) else {
            return Ok(());
        };
        let TableAbsence { table, going, .. } = &mut self.absence.tables[place];
        let rows = table.rows_with(database, at, names)?;
        let nobodys = rows.into_iter().filter(|(_, row)| table.is_unowned(row));
        going.extend(nobodys.map(|(identity, _)| GoingRow {
            identity,
            going: Going::Grant,
        }));
        Ok(())
    }

    /// Profiles that go and that accounts have which stay.
    fn profiles(&mut self, database: &mut Database) -> Result<(), DataError> {
        let Some((profiles, number)) = self.find("usuarios_perfis", "id_usuarios_perfis") else {
            return Ok(());
        };
        let identities: Vec<&PrimaryKey> = profiles.going.iter().map(|row| &row.identity).collect();
        if identities.is_empty() {
            return Ok(());
        }
        let rows = profiles.table.read(database, &identities, true)?;
        let shown = |row: &CurrentRow| Some((row[number].clone()?, profiles.table.shown(row)));
        let named: BTreeMap<Vec<u8>, String> = rows.iter().flatten().filter_map(shown).collect();
        let Ok(users) = TableName::new("usuarios") else {
            return Ok(());
        };
        let users = standing_tables(database, self.departing.contracts, &[&users], &Base::new())?;
        let Some((users, at)) = users
            .values()
            .next()
            .and_then(|users| Some((users, users.column("id_usuarios_perfis")?)))
        else {
            return Ok(());
        };
        let going = self.find("usuarios", "id_usuarios_perfis");
        let going = going.map_or_else(HashSet::new, |(absence, _)| identities_going(absence));
        let numbers = named.keys().cloned().collect();
        let used = users.rows_with(database, at, &numbers)?;
        let used: HashSet<Vec<u8>> = used
            .into_iter()
            .filter(|(identity, _)| !going.contains(identity))
            .filter_map(|(_, row)| row[at].clone())
            .collect();
        let in_use = named.into_iter().filter(|(number, _)| used.contains(number));
        self.absence.profiles_in_use = in_use.map(|(_, shown)| shown).collect();
        Ok(())
    }
}

/// The primary keys of the rows that go.
fn identities_going(absence: &TableAbsence) -> HashSet<&PrimaryKey> {
    absence.going.iter().map(|row| &row.identity).collect()
}

/// Entries of rows that may stand, orphans too, by primary key.
fn alive(entries: &[Entry]) -> impl Iterator<Item = (PrimaryKey, usize)> {
    let entries = entries.iter().zip(0..);
    let alive = entries.filter(|(entry, _)| !entry.deleted && !entry.identity.is_empty());
    alive.map(|(entry, at)| (entry.identity.clone(), at))
}

/// The entry of a row: by its primary key, which must be the entry's key as well where nobody else vouches for it; else by
/// its key.
fn entry_of(
    table: &CurrentTable,
    named: &HashMap<PrimaryKey, usize>,
    (identity, row): (&PrimaryKey, &CurrentRow),
) -> Option<usize> {
    let (entries, keys) = (table.entries(), table.keys(row));
    let by_identity = named.get(identity).copied();
    if let Some(entry) = by_identity.filter(|entry| table.has_owner() || keys.contains(&entries[*entry].key)) {
        return Some(entry);
    }
    let by_key = keys.iter().find_map(|key| table.entry(key));
    by_key.filter(|entry| !entries[*entry].deleted)
}
