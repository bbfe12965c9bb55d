//! Merging with what users changed, at the level of rows (SPEC 2 §2): the cases of `tests/scenarios/merge/`, one transaction
//! a step as an operation writes it, and the second run of each that must write nothing.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;

use gestor_plugins::base::db::Database as Connection;
use gestor_plugins::config::{Adoption, RowPolicy};
use gestor_plugins::data::{
    self, DataError, MergeRules, Merging, Plan, RecordedConflict, Request, TableRows, Trust, read_contracts,
};
use gestor_plugins::ledger::{self, Base, SavedRow};
use gestor_plugins::log::Silent;
use gestor_plugins::model::TableName;
use gestor_plugins::registry::{self, Closing, Feature};
use serde_json::{Map, Value};

use super::site::{Site, rows};
use crate::data::merge_choice::{Choice, check_counts, choice};
use crate::support::mariadb::Text;

/// What an operation did.
pub(super) struct Done {
    pub(super) plan: Plan,
    pub(super) parts: usize,
    history: u64,
}

impl Site {
    /// Merges a package as an operation does, in one transaction.
    pub(super) fn merge(
        &mut self,
        package: &Value,
        version: &str,
        history: u64,
        choice: Choice,
    ) -> Result<Done, DataError> {
        let connection = &mut self.connection;
        registry::prepare(connection, &|| true).unwrap();
        registry::prepare_for(connection, Feature::Records, &|| true).unwrap();
        connection.begin()?;
        let before = ledger::read(connection, &self.slug).unwrap();
        assert_eq!(before.unreadable, []);
        let tables = with_remembered(rows(package), &before.base);
        let request = Request {
            slug: &self.slug,
            tables: &tables,
            policy: RowPolicy {
                adoption: self.adoption,
                conflicts: self.conflicts,
                orphans: choice.orphans,
            },
            contracts: &self.contracts,
            core: &self.core,
            previous: None,
        };
        let standing = standing(connection, &self.slug);
        let merging = Merging {
            base: (!before.is_empty()).then_some(&before.base),
            trust: Trust::Recorded,
            rules: choice.rules,
            history,
            standing: &standing,
            returned: &[],
        };
        let written = write(connection, &request, merging, (version, &before));
        match written {
            Ok(_) => connection.commit()?,
            Err(_) => connection.rollback()?,
        }
        written
    }
}

/// Tables of which the package brings nothing any more, without rows.
fn with_remembered(mut tables: Vec<TableRows>, base: &Base) -> Vec<TableRows> {
    let brought: Vec<TableName> = tables.iter().map(|rows| rows.table.clone()).collect();
    let gone = base.keys().filter(|table| !brought.contains(table));
    tables.extend(TableRows::collect(gone.map(|table| (table.clone(), Vec::new()))).unwrap());
    tables
}

fn standing(connection: &mut Connection, slug: &gestor_plugins::model::Slug) -> Vec<RecordedConflict> {
    let known = registry::read_conflicts(connection, slug).unwrap();
    let conflicts = known.into_iter().map(|known| RecordedConflict {
        table: TableName::new(&known.table).unwrap(),
        key: known.key,
        column: known.column,
        reason: known.reason,
        is_open: known.is_open,
        since: known.history,
    });
    conflicts.collect()
}

fn write(
    connection: &mut Connection,
    request: &Request<'_>,
    merging: Merging<'_>,
    (version, before): (&str, &ledger::ReadBase),
) -> Result<Done, DataError> {
    let history = merging.history;
    let mut plan = data::plan_merged(connection, request, Some(merging), &Silent)?;
    let slug = request.slug;
    let others = ledger::read_of_others(connection, slug, &data::shared_tables(&plan)).unwrap();
    data::spare_shared(&mut plan, &|table, key| {
        let bases = others.iter().filter_map(|(_, base)| base.get(table));
        let mut entries = bases.filter_map(|base| Some(&base.entries[base.find(key)?]));
        entries.any(ledger::Entry::is_alive)
    });
    data::spare_parents(connection, &mut plan)?;
    plan.check(request.policy.conflicts)?;
    data::save_values(connection, &plan, &mut |connection, row: SavedRow| {
        registry::save(connection, slug, history, [&row]).unwrap();
        Ok::<(), DataError>(())
    })?;
    data::apply_left(connection, &plan)?;
    data::apply_merged(connection, &plan, request, Some(merging), &Silent)?;
    let merges = || {
        plan.tables
            .iter()
            .filter_map(|table| Some((&table.schema.name, table.merge.as_ref()?)))
    };
    let closed: Vec<_> = merges()
        .flat_map(|(table, merge)| {
            merge
                .closed
                .iter()
                .map(move |(key, column)| (table.as_str(), key, column.as_str()))
        })
        .collect();
    registry::close_conflicts(connection, slug, Closing::Gone, closed).unwrap();
    let conflicts = merges().flat_map(|(_, merge)| &merge.conflicts);
    registry::record_conflicts(connection, slug, (version, history), conflicts).unwrap();
    let base = data::complete_base(connection, &mut plan, request)?;
    assert!(
        base.values()
            .flat_map(|table| &table.entries)
            .all(|entry| entry.deleted || !entry.identity.is_empty()),
        "an entry has no primary key"
    );
    let parts = ledger::write(connection, slug, before, &base).unwrap();
    Ok(Done { plan, parts, history })
}

/// One case.
struct Story {
    site: Site,
    name: String,
    folder: tempfile::TempDir,
    history: u64,
}

impl Story {
    fn step(&mut self, number: usize, step: &Map<String, Value>) {
        let texts = |key: &str| step.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
        let name = format!("{}, step {number}", self.name);
        self.core_data(step);
        for sql in texts("sql_before") {
            self.site.database.run(sql.as_str().unwrap());
        }
        let package = &step["package"];
        let version = package["manifest"]["version"].as_str().unwrap().to_owned();
        let empty = Map::new();
        let choice = choice(step.get("params").and_then(Value::as_object).unwrap_or(&empty));
        let data = package
            .get("data")
            .cloned()
            .unwrap_or_else(|| Value::Object(Map::new()));
        if step.get("params").is_some_and(|params| params["adocao"] == "sempre") {
            self.site.adoption = Adoption::Always;
        }
        self.history += 1;
        let done = self.site.merge(&data, &version, self.history, choice);
        let exit = step.get("exit").and_then(Value::as_i64).unwrap_or(0);
        let log = match &done {
            Ok(done) => {
                assert_eq!(exit, 0, "{name}");
                assert_eq!(done.history, self.history);
                check_counts(&name, &done.plan, step.get("tabelas"));
                done.plan
                    .notices
                    .iter()
                    .map(|notice| format!("[warn] {notice}"))
                    .collect::<Vec<_>>()
                    .join("\n")
            }
            Err(fault) => {
                assert_eq!(exit, 14, "{name}: {fault}");
                fault.to_string()
            }
        };
        for text in texts("log_contains") {
            assert!(log.contains(text.as_str().unwrap()), "{name}: {text} is not in {log:?}");
        }
        self.rows(&name, &texts("rows"));
        self.ours(&name, step);
        if done.is_ok() && !choice.rules.repair {
            self.again(&name, &data, &version, choice);
        }
    }

    /// The same once more writes nothing, not even in the base.
    fn again(&mut self, name: &str, data: &Value, version: &str, choice: Choice) {
        let before = self.site.database.dump(&[]);
        let again = Choice {
            rules: MergeRules::default(),
            ..choice
        };
        let done = self.site.merge(data, version, self.history + 1000, again).unwrap();
        assert_eq!((done.plan.writes(), done.parts), (0, 0), "{name}, again");
        assert_eq!(self.site.database.dump(&[]), before, "{name}, again");
    }

    fn core_data(&mut self, step: &Map<String, Value>) {
        for (path, text) in step
            .get("files_before")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            let Some(text) = text.as_str() else { continue };
            let path = self.folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let core = self.folder.path().join("db/data");
        if core.is_dir() {
            self.site.contracts = read_contracts(&core).unwrap();
            self.site.core = data::CoreKeys::read(Some("2.9.43"), &core).unwrap();
        }
    }

    fn rows(&self, name: &str, queries: &[Value]) {
        for query in queries {
            let expected: Vec<&Map<String, Value>> = query["rows"]
                .as_array()
                .unwrap()
                .iter()
                .filter_map(Value::as_object)
                .collect();
            let columns: Vec<&String> = expected.first().map(|row| row.keys().collect()).unwrap_or_default();
            let listed: Vec<String> = columns.iter().map(|column| format!("`{column}`")).collect();
            let listed = if listed.is_empty() {
                "1".to_owned()
            } else {
                listed.join(",")
            };
            let (table, condition) = (query["table"].as_str().unwrap(), query["where"].as_str().unwrap());
            if table == "plugins" {
                continue;
            }
            let mut left = self
                .site
                .database
                .rows(&format!("SELECT {listed} FROM {table} WHERE {condition}"));
            assert_eq!(left.len(), expected.len(), "{name}: rows of {query}: {left:?}");
            for row in &expected {
                let matches = |found: &Vec<Text>| {
                    let mut pairs = columns.iter().zip(found);
                    pairs.all(|(column, found)| row.get(*column).is_none_or(|value| as_text(value) == *found))
                };
                let at = left.iter().position(matches);
                let at = at.unwrap_or_else(|| panic!("{name}: no row {row:?} among {left:?}"));
                left.remove(at);
            }
        }
    }

    fn ours(&self, name: &str, step: &Map<String, Value>) {
        if let Some(expected) = step.get("conflicts").and_then(Value::as_array) {
            let sql = "SELECT tabela, coluna, motivo, linha FROM gestor_plugins_conflitos WHERE resolvido_em IS NULL";
            let mut left = self.site.database.rows(sql);
            assert_eq!(left.len(), expected.len(), "{name}: conflicts {left:?}");
            for conflict in expected {
                let says = |found: &Vec<Text>, at: usize, key: &str| {
                    let text = found[at].clone().unwrap_or_default();
                    conflict.get(key).is_none_or(|value| {
                        as_text(value).is_some_and(|part| match key {
                            "linha" => text.contains(&part),
                            _ => text == part,
                        })
                    })
                };
                let keys = ["tabela", "coluna", "motivo", "linha"];
                let at = left
                    .iter()
                    .position(|found| keys.iter().enumerate().all(|(at, key)| says(found, at, key)));
                let at = at.unwrap_or_else(|| panic!("{name}: no conflict {conflict} among {left:?}"));
                left.remove(at);
            }
        }
        if let Some(expected) = step.get("saved").and_then(Value::as_object) {
            let mut saved: BTreeMap<String, u64> = BTreeMap::new();
            for row in self.site.database.rows("SELECT motivo FROM gestor_plugins_guardados") {
                *saved.entry(row[0].clone().unwrap_or_default()).or_default() += 1;
            }
            assert_eq!(
                serde_json::to_value(saved).unwrap(),
                Value::Object(expected.clone()),
                "{name}: saved"
            );
        }
        for (sql, expected) in step.get("sql_after").and_then(Value::as_object).into_iter().flatten() {
            let shown = |cell: &Text| cell.clone().unwrap_or_else(|| "NULL".to_owned());
            let rows = self.site.database.rows(sql);
            let lines: Vec<String> = rows
                .iter()
                .map(|row| row.iter().map(shown).collect::<Vec<_>>().join("\t"))
                .collect();
            assert_eq!(Some(lines.join("\n").as_str()), expected.as_str(), "{name}: {sql}");
        }
    }
}

fn as_text(value: &Value) -> Text {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

fn play(path: &Path) {
    let case: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let site = Site::new();
    for (table, rows) in case["given"]
        .get("rows")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        site.given(table, rows);
    }
    let core = case.get("core_data").and_then(Value::as_object);
    let mut story = Story {
        site,
        name: case["name"].as_str().unwrap().to_owned(),
        folder: tempfile::tempdir().unwrap(),
        history: 0,
    };
    let core = core.into_iter().flatten();
    let files = core.map(|(name, rows)| (format!("db/data/{name}Data.json"), Value::from(rows.to_string())));
    story.core_data(&Map::from_iter([(
        "files_before".to_owned(),
        Value::Object(files.collect()),
    )]));
    for (number, step) in case["steps"].as_array().unwrap().iter().enumerate() {
        story.step(number + 1, step.as_object().unwrap());
    }
}

#[test]
fn the_cases() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios/merge");
    let mut paths: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    assert!(paths.len() > 40);
    let mut failed = HashMap::new();
    for path in paths {
        let played = std::panic::catch_unwind(|| play(&path));
        if let Err(panic) = played {
            let text = panic.downcast_ref::<String>().cloned().unwrap_or_default();
            failed.insert(path.file_name().unwrap().to_owned(), text);
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}
