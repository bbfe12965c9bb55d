//! Says when rows of the package name a record by an `id` that a user changed (SPEC 2 §16): what they refer to has another
//! name in this database. Reads rows of the package, and only where a record was renamed.

use std::collections::{BTreeMap, BTreeSet};

use super::known_table::KnownTable;
use super::overruled::Overruled;
use super::plan::TablePlan;
use super::survey::wanted_key;
use crate::base::letters::shorten_text;
use crate::data::fit::canonical::row_key;
use crate::data::fit::column_map::Table;
use crate::data::fit::value::Value;
use crate::data::package::conflict::Notice;
use crate::data::package::error::DataError;
use crate::model::{PackageRow, TableName};

/// Columns of the gestor that name a record by its `id`, and the table of it.
const REFERENCES: [(&str, &str); 10] = [
    ("form_id", "forms"),
    ("layout_id", "layouts"),
    ("modulo", "modulos"),
    ("modulo_grupo_id", "modulos_grupos"),
    ("modulo_id", "modulos"),
    ("operacao", "modulos_operacoes"),
    ("page_id", "paginas"),
    ("perfil", "usuarios_perfis"),
    ("publisher_id", "publisher"),
    ("template_id", "templates"),
];

/// Old ids of renamed records, by table.
type Renamed = BTreeMap<TableName, BTreeSet<String>>;

/// Notices of records that rows of the package name by an `id` of before.
pub(super) fn notices(known: &[KnownTable<'_>], plans: &[TablePlan]) -> Result<Vec<Notice>, DataError> {
    let mut renamed = Renamed::new();
    for plan in plans {
        let ids = renamed_ids(known, plan)?;
        if !ids.is_empty() {
            renamed.insert(plan.schema.name.clone(), ids);
        }
    }
    let mut notices = Vec::new();
    if !renamed.is_empty() {
        for table in known {
            notices.extend(naming(table, &renamed)?);
        }
    }
    Ok(notices)
}

/// The ids that the package has for records of a table which have another one here.
fn renamed_ids(known: &[KnownTable<'_>], plan: &TablePlan) -> Result<BTreeSet<String>, DataError> {
    let found = known.iter().find(|table| table.source == plan.source);
    let (Some(table), Some(column), Some(merge)) = (found, plan.schema.position("id"), &plan.merge) else {
        return Ok(BTreeSet::new());
    };
    let rows = merge.stays.iter().filter(|(_, stays)| *stays == column);
    let loaded = table.load_brief(rows.map(|(row, _)| *row), &[column])?;
    Ok(ids_of(table, &loaded, column).into_iter().flatten().collect())
}

/// Rows of one table that name such a record.
fn naming(table: &KnownTable<'_>, renamed: &Renamed) -> Result<Vec<Notice>, DataError> {
    let asked = REFERENCES.iter().filter_map(|(name, refers_to)| {
        let (record, ids) = renamed.iter().find(|(record, _)| record.as_str() == *refers_to)?;
        Some((table.schema.position(name)?, *name, record, ids))
    });
    let mut notices = Vec::new();
    for (column, name, record, ids) in asked {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        let key = table.contract.key.columns().iter().chain(&table.schema.primary);
        let asked: Vec<usize> = key.copied().chain([column]).collect();
        let mut overruled = Overruled::default();
        for window in table.rows.windows() {
            let loaded = table.load_brief(window, &asked)?;
            let says_nothing = overruled_of(table, &loaded, &mut overruled);
            let named = ids_of(table, &loaded, column).into_iter().zip(says_nothing);
            named
                .filter_map(|(id, says_nothing)| id.filter(|id| !says_nothing && ids.contains(id)))
                .for_each(|id| *counts.entry(id).or_default() += 1);
        }
        notices.extend(counts.into_iter().map(|(id, rows)| Notice::RenamedRecord {
            record: record.clone(),
            id: shorten_text(&id),
            table: table.schema.name.clone(),
            column: name,
            rows,
        }));
    }
    Ok(notices)
}

/// Which rows say nothing, because a data file has their key.
fn overruled_of(known: &KnownTable<'_>, loaded: &[PackageRow], overruled: &mut Overruled) -> Vec<bool> {
    let table = Table::new(known.schema, &known.contract, loaded);
    let is_overruled = |(row, loaded): (usize, &PackageRow)| {
        let wanted = wanted_key(&table, row);
        overruled.is(row_key(&wanted.key, wanted.primary), loaded.origin)
    };
    loaded.iter().enumerate().map(is_overruled).collect()
}

/// What rows have in a column, where they give it.
fn ids_of(known: &KnownTable<'_>, loaded: &[PackageRow], column: usize) -> Vec<Option<String>> {
    let table = Table::new(known.schema, &known.contract, loaded);
    let text = |row| match table.value_of(row, column)? {
        Value::Text(text) => Some(text.into_owned()),
        _ => None,
    };
    (0..loaded.len()).map(text).collect()
}
