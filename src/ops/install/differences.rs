//! What a diff says besides a dry run: keys of the manifest, files by name, rows, and fields with the value before (the base),
//! the site's and the package's. Reads only.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

use super::Installation;
use crate::base::db::Database;
use crate::base::json::text_or_hex;
use crate::data::{self, CurrentRow, CurrentTable, NewValue, Plan, TablePlan, TableRows};
use crate::ledger::{Base, MergeConflict, RowKey, Waiting};
use crate::log::{Message, Reporter};
use crate::migrate::{Migration, has_way_back};
use crate::model::TableName;
use crate::ops::Error;
use crate::package::Inspected;
use crate::registry::Installed;
use crate::transaction::TreeChange;

/// Entries of one list that are shown.
const SHOWN: usize = 1_000;
/// Characters of a value that are shown.
const CHARACTERS: usize = 200;

/// What installing a package would change.
#[derive(Debug, Default, Serialize)]
struct Differences {
    manifest: Vec<Key>,
    arquivos: Files,
    linhas: Vec<Row>,
    campos: Vec<FieldDifference>,
    /// Post-installation scripts of the package, whether they run or not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    scripts: Vec<String>,
    /// Migrations of the package that are not applied and that nothing shows how to undo.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sem_volta: Vec<String>,
    /// Entries that are in no list.
    mais: usize,
}

/// A key of the manifest.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Key {
    chave: String,
    antes: Option<String>,
    depois: Option<String>,
}

#[derive(Debug, Default, Serialize)]
struct Files {
    novos: Vec<String>,
    alterados: Vec<String>,
    removidos: Vec<String>,
}

/// A row that comes, goes or becomes inactive.
#[derive(Debug, Serialize)]
struct Row {
    tabela: String,
    linha: String,
    acao: &'static str,
}

/// A field that changes, or in which site and package disagree.
#[derive(Debug, Serialize)]
struct FieldDifference {
    tabela: String,
    linha: String,
    coluna: String,
    /// Why the package's value waits; nothing where it is written.
    motivo: Option<&'static str>,
    base: Option<String>,
    meu: Option<String>,
    pacote: Option<String>,
}

impl Installation<'_> {
    /// Manifest and files.
    pub(super) fn differences(
        &self,
        database: &mut Database,
        installed: &Installed,
        (package, files, pending): (&Inspected, &TreeChange, &[String]),
        planned: Option<(&Plan, &[TableRows])>,
    ) -> Result<Value, Error> {
        let mut found = Differences {
            manifest: keys(installed.manifest.as_deref(), &package.manifest.raw),
            arquivos: Files {
                novos: names(&files.added),
                alterados: names(&files.changed),
                removidos: names(&files.removed),
            },
            scripts: package
                .manifest
                .scripts
                .iter()
                .map(|entry| entry.script.path.clone())
                .collect(),
            sem_volta: without_way_back(package, pending)?,
            ..Differences::default()
        };
        if let Some((plan, tables)) = planned {
            let before = self.rows_before(installed)?;
            self.fields(database, (plan, tables), &before, &mut found)?;
        }
        Ok(serde_json::to_value(&found).unwrap_or_default())
    }

    /// The rows of the package that is installed, where it is kept. One that cannot be read is told, and as good as none.
    fn rows_before(&self, installed: &Installed) -> Result<Vec<TableRows>, Error> {
        let blacklist = self.blacklist();
        let (version, sha256) = (installed.version.as_deref(), installed.checksum.as_deref());
        let Some(package) = self.kept(&blacklist).open(version, sha256)? else {
            return Ok(Vec::new());
        };
        let read = self.reading(|reading| package.read_rows(reading));
        Ok(read.map_or_else(
            |fault| {
                self.reporter.message(Message::warning(&fault));
                Vec::new()
            },
            |read| read.tables,
        ))
    }

    fn fields(
        &self,
        database: &mut Database,
        (plan, tables): (&Plan, &[TableRows]),
        before: &[TableRows],
        found: &mut Differences,
    ) -> Result<(), Error> {
        let contracts = data::read_contracts(&self.call.site.root.core_data())?;
        let wanted: Vec<&TableName> = plan.tables.iter().map(|table| &table.schema.name).collect();
        let standing = data::standing_tables(database, &contracts, &wanted, &Base::new())?;
        for table in &plan.tables {
            let Some(known) = standing.get(&table.schema.name) else {
                continue;
            };
            let theirs = &tables[table.source];
            let base = before.iter().find(|rows| rows.table == table.schema.name);
            let sides = Sides {
                table: known,
                plan: table,
                theirs,
                theirs_by_key: known.index(&theirs.rows)?,
                base: base
                    .map(|rows| Ok::<_, Error>((rows, known.index(&rows.rows)?)))
                    .transpose()?,
                owner: self.slug.as_str(),
            };
            sides.tell(database, found)?;
        }
        Ok(())
    }
}

/// Of migrations that are not applied, those whose texts show no way back.
fn without_way_back(package: &Inspected, pending: &[String]) -> Result<Vec<String>, Error> {
    let mut found = Vec::new();
    for name in pending {
        let migration = Migration::of_path(name).unwrap_or_else(|| Migration::of_shown(name));
        let texts = package.located.migration_texts(Some(&[migration]))?;
        if !texts.iter().all(|text| has_way_back(text)) {
            found.push(name.clone());
        }
    }
    Ok(found)
}

/// One table on all three sides.
struct Sides<'s> {
    table: &'s CurrentTable,
    plan: &'s TablePlan,
    theirs: &'s TableRows,
    theirs_by_key: BTreeMap<RowKey, usize>,
    base: Option<(&'s TableRows, BTreeMap<RowKey, usize>)>,
    owner: &'s str,
}

impl Sides<'_> {
    fn tell(&self, database: &mut Database, found: &mut Differences) -> Result<(), Error> {
        for place in &self.plan.inserts {
            let shown = || self.table.package_shown(&self.theirs.rows, *place);
            found.row(self.table.name(), "inserir", shown)?;
        }
        let Some(merge) = &self.plan.merge else {
            return self.tell_updates(database, found);
        };
        for (acao, rows) in [("remover", &merge.removes), ("inativar", &merge.inactivates)] {
            for (_, identity) in rows {
                let row = self.table.read(database, &[identity], false)?.pop().flatten();
                let shown = || Ok(row.map(|row| self.table.shown(&row)).unwrap_or_default());
                found.row(self.table.name(), acao, shown)?;
            }
        }
        self.tell_updates(database, found)?;
        merge
            .conflicts
            .iter()
            .try_for_each(|conflict| self.tell_conflict(database, conflict, found))
    }

    fn tell_updates(&self, database: &mut Database, found: &mut Differences) -> Result<(), Error> {
        for update in &self.plan.updates {
            if found.campos.len() + update.changes.len() > SHOWN {
                found.mais += update.changes.len();
                continue;
            }
            let Some(mine) = self.table.read(database, &[&update.identity], false)?.pop().flatten() else {
                continue;
            };
            for change in update.changes.iter() {
                let column = change.column;
                let theirs = match change.value {
                    NewValue::Field(_) => self.table.package_value(&self.theirs.rows, update.row, column)?,
                    NewValue::Owner => Some(self.owner.as_bytes().to_vec()),
                    NewValue::Number(number) => Some(number.to_string().into_bytes()),
                };
                found.campos.push(FieldDifference {
                    tabela: self.table.name().to_string(),
                    linha: self.table.shown(&mine),
                    coluna: self.table.column_name(column).to_owned(),
                    motivo: None,
                    base: self.base_of(&mine, column)?,
                    meu: shown(mine[column].clone()),
                    pacote: shown(theirs),
                });
            }
        }
        Ok(())
    }

    fn tell_conflict(
        &self,
        database: &mut Database,
        conflict: &MergeConflict,
        found: &mut Differences,
    ) -> Result<(), Error> {
        if found.campos.len() >= SHOWN {
            found.mais += 1;
            return Ok(());
        }
        let mine = if conflict.identity.is_empty() {
            None
        } else {
            self.table.read(database, &[&conflict.identity], false)?.pop().flatten()
        };
        let column = self.table.column(&conflict.column);
        let (mut base, mut meu, mut pacote) = (None, None, None);
        if let Some((mine, column)) = mine.zip(column) {
            base = self.base_of(&mine, column)?;
            meu = shown(mine[column].clone());
            pacote = match &conflict.theirs {
                Waiting::Text(text) => shown(Some(text.clone().into_bytes())),
                Waiting::Null => None,
                Waiting::Elsewhere => self.theirs_of(&mine, column)?,
            };
        }
        found.campos.push(FieldDifference {
            tabela: self.table.name().to_string(),
            linha: conflict.shown.clone(),
            coluna: conflict.column.clone(),
            motivo: Some(conflict.reason.word()),
            base,
            meu,
            pacote,
        });
        Ok(())
    }

    fn base_of(&self, mine: &CurrentRow, column: usize) -> Result<Option<String>, Error> {
        match &self.base {
            Some((rows, by_key)) => self.value(rows, by_key, mine, column),
            None => Ok(None),
        }
    }

    fn theirs_of(&self, mine: &CurrentRow, column: usize) -> Result<Option<String>, Error> {
        self.value(self.theirs, &self.theirs_by_key, mine, column)
    }

    fn value(
        &self,
        rows: &TableRows,
        by_key: &BTreeMap<RowKey, usize>,
        mine: &CurrentRow,
        column: usize,
    ) -> Result<Option<String>, Error> {
        let keys = self.table.keys(mine);
        let Some(place) = keys.iter().find_map(|key| by_key.get(key)) else {
            return Ok(None);
        };
        Ok(shown(self.table.package_value(&rows.rows, *place, column)?))
    }
}

impl Differences {
    fn row(
        &mut self,
        table: &TableName,
        acao: &'static str,
        shown: impl FnOnce() -> Result<String, crate::data::DataError>,
    ) -> Result<(), Error> {
        if self.linhas.len() >= SHOWN {
            self.mais += 1;
            return Ok(());
        }
        self.linhas.push(Row {
            tabela: table.to_string(),
            linha: cut(&shown()?),
            acao,
        });
        Ok(())
    }
}

/// A value, as far as it is shown.
fn shown(value: Option<Vec<u8>>) -> Option<String> {
    value.map(|value| match text_or_hex(value) {
        Value::String(text) => cut(&text),
        other => cut(&other.to_string()),
    })
}

fn cut(text: &str) -> String {
    text.chars().take(CHARACTERS).collect()
}

fn names(paths: &[Box<[u8]>]) -> Vec<String> {
    let names = paths.iter().map(|path| String::from_utf8_lossy(path).into_owned());
    names.collect()
}

/// Keys of two manifests whose values differ.
fn keys(before: Option<&str>, after: &str) -> Vec<Key> {
    let read = |text: &str| match serde_json::from_str(text) {
        Ok(Value::Object(keys)) => keys,
        _ => serde_json::Map::new(),
    };
    let (before, after) = (before.map(read).unwrap_or_default(), read(after));
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let differ = names.into_iter().filter(|name| before.get(*name) != after.get(*name));
    let text = |value: Option<&Value>| {
        value.map(|value| match value {
            Value::String(text) => cut(text),
            other => cut(&other.to_string()),
        })
    };
    differ
        .map(|name| Key {
            chave: cut(name),
            antes: text(before.get(name)),
            depois: text(after.get(name)),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manifests_are_compared_by_their_keys() {
        let before = r#"{"id":"p","version":"1.0.0","gone":[1]}"#;
        let after = r#"{"id":"p","version":"1.1.0","new":true}"#;
        let told: Vec<_> = keys(Some(before), after)
            .into_iter()
            .map(|key| (key.chave, key.antes, key.depois))
            .collect();
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            told,
            [
                ("gone".to_owned(), some("[1]"), None),
                ("new".to_owned(), None, some("true")),
                ("version".to_owned(), some("1.0.0"), some("1.1.0")),
            ]
        );
        assert_eq!(keys(None, before).len(), 3);
    }

    #[test]
    fn values_are_cut_by_characters() {
        let long = "é".repeat(CHARACTERS + 1);
        assert_eq!(shown(Some(long.into_bytes())).unwrap().chars().count(), CHARACTERS);
        assert_eq!(shown(None), None);
    }
}
