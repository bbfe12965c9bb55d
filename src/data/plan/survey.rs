//! What the package's rows of one table say, learnt in one pass over them, a window at a time: faults, keys, and what
//! would be wrong with a row if it had to be inserted. Pure: the windows are handed in.

use std::collections::{BTreeMap, HashSet};

use super::unique::{self, Claim, Guard};
use crate::base::listed::Listed;
use crate::data::fit::column_map::Table;
use crate::data::fit::core_keys::{has_primary, key_of};
use crate::data::fit::find::{Wanted, WantedKey};
use crate::data::fit::value::Value;
use crate::data::package::conflict::Notice;
use crate::data::package::fault::{self, Fault, FaultKind, shorten};
use crate::data::table::contract::Contract;
use crate::data::table::schema::{DefaultValue, TableSchema};
use crate::model::{Field, PackageRow, RowOrigin};

/// What is known of a table's rows.
#[derive(Debug)]
pub(in crate::data) struct Survey<'a> {
    schema: &'a TableSchema,
    contract: &'a Contract,
    /// The server's `max_allowed_packet`.
    limit: usize,
    /// Columns without which no row can be inserted.
    needed: Vec<usize>,
    /// UNIQUE indexes besides the key.
    pub(super) guards: Vec<Guard>,
    /// What each row is found by.
    pub(in crate::data) wanted: Vec<Wanted>,
    /// Rows whose whole key is filled, so that a UNIQUE index holds it apart.
    pub(in crate::data) filled: Vec<bool>,
    /// Values of guarded indexes that rows would take if they were inserted; by guard.
    pub(super) claims: Vec<Vec<Claim>>,
    /// What is wrong with rows in any case.
    pub(in crate::data) faults: Listed<Fault>,
    /// What would be wrong with a row that is inserted.
    pub(in crate::data) lacking: HashSet<usize>,
    /// Rows that would make a user who may do everything.
    pub(super) managers: HashSet<usize>,
    unknown: BTreeMap<String, usize>,
}

impl<'a> Survey<'a> {
    /// A survey of no rows yet.
    pub(in crate::data) fn new(schema: &'a TableSchema, contract: &'a Contract, limit: usize) -> Self {
        let guards = unique::guards(schema, contract);
        Self {
            schema,
            contract,
            limit,
            needed: needed(schema),
            claims: vec![Vec::new(); guards.len()],
            guards,
            wanted: Vec::new(),
            filled: Vec::new(),
            faults: Listed::default(),
            lacking: HashSet::new(),
            managers: HashSet::new(),
            unknown: BTreeMap::new(),
        }
    }

    /// Learns the next rows.
    pub(in crate::data) fn add(&mut self, rows: &[PackageRow]) {
        let table = Table::new(self.schema, self.contract, rows);
        let base = self.wanted.len();
        for (name, count) in &table.unknown {
            *self.unknown.entry(name.clone()).or_default() += count;
        }
        let key_is_unique = unique::key_index(self.schema, self.contract).is_some();
        for (at, row) in rows.iter().enumerate() {
            self.check(&table, at);
            if !self.faults.has_room() {
                // Nothing will be planned: what follows is only looked at for more faults.
                continue;
            }
            self.check_insert(&table, at, base + at);
            self.wanted.push(Wanted {
                key: wanted_key(&table, at),
                descriptor: matches!(row.origin, RowOrigin::Module { .. }),
            });
            self.filled.push(key_is_unique && unique::key_is_filled(&table, at));
            for (guard, claims) in self.guards.iter().zip(&mut self.claims) {
                claims.extend(unique::claim(&table, at, guard, None, None).map(|claim| claim.of_row(base + at)));
            }
        }
    }

    /// What an operator should know of the table's names.
    pub(super) fn notices(&self) -> Vec<Notice> {
        let table = || self.schema.name.clone();
        let unknown = self.unknown.iter().map(|(column, rows)| {
            let (table, column, rows) = (table(), column.clone(), *rows);
            match self.schema.position(&column) {
                Some(_) => Notice::UndecidedColumn { table, column, rows },
                None => Notice::UnknownColumn { table, column, rows },
            }
        });
        let mut notices: Vec<Notice> = unknown.collect();
        if !self.schema.transactional && !self.wanted.is_empty() {
            notices.push(Notice::NotTransactional { table: table() });
        }
        notices
    }

    fn check(&mut self, table: &Table<'_>, at: usize) {
        let row = &table.rows[at];
        for column in missing_key(table, at) {
            self.fault(Fault::of_row(
                row,
                FaultKind::MissingKey {
                    table: self.schema.name.clone(),
                    column: self.schema.columns[column].name.to_string(),
                },
            ));
        }
        let versao = self.schema.position("versao");
        for cell in &table.layout(at).cells {
            let field = &row.fields[cell.field].1;
            let Err(misfit) = table.value(at, *cell) else { continue };
            if Some(cell.column) == versao && *field == Field::Null {
                continue;
            }
            self.fault(Fault::of_row(
                row,
                FaultKind::Misfit {
                    table: self.schema.name.clone(),
                    column: self.schema.columns[cell.column].name.to_string(),
                    value: shorten(field),
                    expected: misfit.expected,
                },
            ));
        }
        let bytes = longest(row);
        if bytes > self.limit {
            self.fault(Fault::of_row(
                row,
                FaultKind::TooLong {
                    table: self.schema.name.clone(),
                    bytes,
                    limit: self.limit,
                },
            ));
        }
    }

    fn fault(&mut self, fault: Fault) {
        fault::keep(&mut self.faults, fault);
    }

    /// The columns that a row lacks, as faults of it.
    pub(in crate::data) fn lacks(&self, row: &PackageRow) -> Vec<Fault> {
        let rows = std::slice::from_ref(row);
        let table = Table::new(self.schema, self.contract, rows);
        let absent = self
            .needed
            .iter()
            .filter(|column| table.layout(0).cell(**column).is_none());
        let fault = |column: &usize| {
            Fault::of_row(
                row,
                FaultKind::MissingColumn {
                    table: self.schema.name.clone(),
                    column: self.schema.columns[*column].name.to_string(),
                },
            )
        };
        absent.map(fault).collect()
    }

    fn check_insert(&mut self, table: &Table<'_>, at: usize, row: usize) {
        let absent = self
            .needed
            .iter()
            .filter(|column| table.layout(at).cell(**column).is_none());
        if absent.count() > 0 {
            self.lacking.insert(row);
        }
        let gestor = self
            .schema
            .position("gestor")
            .filter(|_| self.schema.name.as_str() == "usuarios");
        let manages = gestor.and_then(|column| table.value_of(at, column));
        if manages == Some(Value::Number("1".into())) {
            self.managers.insert(row);
        }
    }
}

/// Columns that have no default and may not be NULL, without those that we fill.
fn needed(schema: &TableSchema) -> Vec<usize> {
    let ours = [schema.owner(), schema.position("versao")];
    let is_needed = |at: &usize| {
        let column = &schema.columns[*at];
        let filled = column.generated || ours.contains(&Some(*at));
        !column.nullable && column.default == DefaultValue::None && !filled
    };
    (0..schema.columns.len()).filter(is_needed).collect()
}

/// About how many bytes a row takes in a statement.
fn longest(row: &PackageRow) -> usize {
    const AROUND: usize = 4096;
    const LONG: usize = 64 << 10;
    let texts = row.fields.iter().map(|(_, field)| match field {
        Field::Text(text) | Field::Json(text) if text.len() > LONG => {
            text.len() + text.bytes().filter(|byte| matches!(byte, b'\'' | b'\\' | 0)).count()
        }
        Field::Text(text) | Field::Json(text) => text.len(),
        _ => 24,
    });
    AROUND + texts.sum::<usize>()
}

/// Columns without which a row cannot be found: those below, and those for which the server computes what an absent value
/// becomes, so that the row would be another one each time.
fn missing_key(table: &Table<'_>, row: usize) -> Vec<usize> {
    if has_primary(table, row) {
        return Vec::new();
    }
    let mut missing = missing_name(table, row);
    for column in table.contract.key.columns() {
        let definition = &table.schema.columns[*column];
        let is_computed = definition.default == DefaultValue::Computed
            && !definition.auto_increment
            && !definition.generated
            && table.schema.owner() != Some(*column);
        if is_computed && table.layout(row).cell(*column).is_none() && !missing.contains(column) {
            missing.push(*column);
        }
    }
    missing
}

/// `id`, or `perfil` with its partner; in other keys at least one column.
fn missing_name(table: &Table<'_>, row: usize) -> Vec<usize> {
    let columns = table.contract.key.columns();
    let absent = |column: &usize| {
        let field = table.field_of(row, *column);
        field.is_none_or(|field| match field {
            Field::Null => true,
            Field::Text(text) => text.trim().is_empty(),
            _ => false,
        })
    };
    if columns.is_empty() {
        return table.schema.primary.first().copied().into_iter().collect();
    }
    if let Some(id) = table.schema.position("id").filter(|id| columns.contains(id)) {
        return Some(id).filter(absent).into_iter().collect();
    }
    let perfil = table.schema.position("perfil");
    if perfil.is_some_and(|perfil| columns.contains(&perfil)) {
        return columns.iter().copied().filter(absent).collect();
    }
    if columns.iter().all(absent) {
        columns[..1].to_vec()
    } else {
        Vec::new()
    }
}

/// What a row is found by.
pub(in crate::data) fn wanted_key(table: &Table<'_>, row: usize) -> WantedKey {
    let primary = has_primary(table, row);
    let columns = if primary {
        &table.schema.primary
    } else {
        table.contract.key.columns()
    };
    WantedKey {
        primary,
        key: key_of(table, row, columns),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::fit::column_map::tests::{row, text};
    use crate::data::table::contract::Contracts;
    use crate::data::table::contract::tests::table;

    #[test]
    fn a_key_column_that_the_server_would_compute_has_to_be_given() {
        let mut schema = table("own", &["#n", "id", "area"], &[&["id", "area"]]);
        schema.columns[2].default = DefaultValue::Computed;
        let contract = Contracts::new(None).resolve(&schema);
        let mut survey = Survey::new(&schema, &contract, 1 << 20);
        survey.add(&[
            row(1, &[("id", text("a")), ("area", text("b"))]),
            row(2, &[("id", text("a"))]),
        ]);
        let faults: Vec<String> = survey.faults.iter().map(ToString::to_string).collect();
        assert!(
            faults.len() == 1 && faults[0].contains("`area` is missing"),
            "{faults:?}"
        );
    }

    #[test]
    fn rows_are_learnt_window_by_window() {
        let mut schema = table("own", &["#n", "id", "code", "nome"], &[&["id"], &["code"]]);
        schema.columns[3].nullable = false;
        schema.columns[3].default = DefaultValue::None;
        let contract = Contracts::new(None).resolve(&schema);
        let mut survey = Survey::new(&schema, &contract, 1 << 20);
        survey.add(&[row(1, &[("id", text("a")), ("nome", text("n")), ("foo", text("x"))])]);
        survey.add(&[
            row(2, &[("id", text("b")), ("code", text("c"))]),
            row(3, &[("nome", Field::Null), ("foo", text(""))]),
        ]);
        assert_eq!(survey.wanted.len(), 3);
        assert_eq!(survey.claims[0].iter().map(|claim| claim.row).collect::<Vec<_>>(), [1]);
        assert_eq!(survey.lacking.iter().copied().collect::<Vec<_>>(), [1]);
        let faults: Vec<String> = survey.faults.iter().map(ToString::to_string).collect();
        assert!(
            faults.len() == 2 && faults[0].contains("`id` is missing") && faults[1].contains("`nome`"),
            "{faults:?}"
        );
        assert!(matches!(&survey.notices()[..], [Notice::UnknownColumn { rows: 2, .. }]));
    }
}
