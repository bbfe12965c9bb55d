//! A site's database with one plugin to synchronize: packages from JSON, and what a synchronization did.

use gestor_plugins::base::db::{Database as Connection, push_binary};
use gestor_plugins::config::{Adoption, Conflicts, DatabaseSettings, Orphans, RecoverParameters, RowPolicy};
use gestor_plugins::data::{
    self, Contracts, CoreKeys, DataError, Plan, Request, RowsWritten, TableRows, parse_data_file, table_of_file,
};
use gestor_plugins::log::Silent;
use gestor_plugins::model::Slug;
use gestor_plugins::outcome::TableCounts;
use serde_json::Value;

use crate::support::mariadb::Database;
use crate::support::{argument, text_argument};

/// A database and how a plugin is synchronized with it.
pub(super) struct Site {
    pub(super) database: Database,
    pub(super) connection: Connection,
    pub(super) slug: Slug,
    pub(super) adoption: Adoption,
    pub(super) conflicts: Conflicts,
    pub(super) orphans: Orphans,
    pub(super) contracts: Contracts,
    pub(super) core: CoreKeys,
    pub(super) previous: Option<Vec<TableRows>>,
}

impl Site {
    /// An empty site of gestor 2.9.43, and plugin `p1`.
    pub(super) fn new() -> Self {
        let database = Database::new();
        let connection = Connection::connect(&settings(&database)).unwrap();
        let nowhere = std::path::Path::new("/nowhere");
        Self {
            database,
            connection,
            slug: Slug::normalize("p1").unwrap(),
            adoption: Adoption::default(),
            conflicts: Conflicts::default(),
            orphans: Orphans::default(),
            contracts: Contracts::new(None),
            core: CoreKeys::read(Some("2.9.43"), nowhere).unwrap(),
            previous: None,
        }
    }

    /// Makes a plan, writes it and commits; rolls back when something fails.
    pub(super) fn sync(&mut self, tables: &[TableRows]) -> Result<(Plan, RowsWritten), DataError> {
        self.run(tables, true)
    }

    /// Makes a plan and rolls back.
    pub(super) fn plan(&mut self, tables: &[TableRows]) -> Result<Plan, DataError> {
        self.run(tables, false).map(|(plan, _)| plan)
    }

    fn run(&mut self, tables: &[TableRows], write: bool) -> Result<(Plan, RowsWritten), DataError> {
        let request = Request {
            slug: &self.slug,
            tables,
            policy: self.policy(),
            contracts: &self.contracts,
            core: &self.core,
            previous: self.previous.as_deref(),
        };
        self.connection.begin()?;
        let planned = data::plan(&mut self.connection, &request, &Silent);
        let done = planned.and_then(|plan| {
            let applied = if write {
                data::apply(&mut self.connection, &plan, &request, &Silent)?
            } else {
                RowsWritten::default()
            };
            Ok((plan, applied))
        });
        if write && done.is_ok() {
            self.connection.commit()?;
        } else {
            self.connection.rollback()?;
        }
        done
    }

    fn policy(&self) -> RowPolicy {
        RowPolicy {
            adoption: self.adoption,
            conflicts: self.conflicts,
            orphans: self.orphans,
        }
    }

    /// Lengths of the statements that write what a package asks for, cut to about `limit` bytes.
    pub(super) fn statements(&mut self, tables: &[TableRows], limit: usize) -> Vec<usize> {
        let plan = self.plan(tables).unwrap();
        let request = Request {
            slug: &self.slug,
            tables,
            policy: self.policy(),
            contracts: &self.contracts,
            core: &self.core,
            previous: self.previous.as_deref(),
        };
        data::statements(&plan, &request, limit)
            .map(|statement| statement.unwrap().len())
            .collect()
    }

    /// The counts of one table after a synchronization.
    pub(super) fn counts(&mut self, package: &Value, table: &str) -> TableCounts {
        let (plan, _) = self.sync(&rows(package)).unwrap();
        plan.counts().get(table).copied().unwrap_or_default()
    }

    /// Inserts rows as a site has them.
    pub(super) fn given(&self, table: &str, rows: &Value) {
        for row in rows.as_array().unwrap() {
            let row = row.as_object().unwrap();
            let names: Vec<_> = row.keys().map(|name| format!("`{name}`")).collect();
            let values: Vec<_> = row.values().map(literal).collect();
            let statement = format!(
                "INSERT INTO `{table}` ({}) VALUES ({})",
                names.join(","),
                values.join(",")
            );
            self.database.run(&statement);
        }
    }
}

/// How to reach a test's database.
pub(crate) fn settings(database: &Database) -> DatabaseSettings {
    let call = argument([("raiz", text_argument("/nowhere")), ("db", database.argument())]);
    let read = RecoverParameters::read(call, &crate::support::english()).unwrap();
    read.site.database.unwrap()
}

fn literal(value: &Value) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::Bool(truth) => u8::from(*truth).to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => {
            let mut digits = Vec::new();
            push_binary(&mut digits, text.as_bytes());
            format!("_utf8mb4 {}", String::from_utf8(digits).unwrap())
        }
        other => panic!("{other}"),
    }
}

/// The rows of a package: `{"Paginas": [{…}], …}`.
pub(super) fn rows(package: &Value) -> Vec<TableRows> {
    let files = package.as_object().unwrap().iter().map(|(name, rows)| {
        let file = format!("db/data/{name}Data.json");
        let parsed = parse_data_file(rows.to_string().as_bytes(), &file).unwrap();
        (table_of_file(&file).unwrap(), parsed)
    });
    TableRows::collect(files).unwrap()
}

/// Counts in short: inserted, adopted, altered, equal, preserved, orphans, ignored.
pub(super) fn short(counts: TableCounts) -> [u64; 7] {
    [
        counts.inseridos,
        counts.adotados,
        counts.alterados,
        counts.iguais,
        counts.preservados,
        counts.orfaos,
        counts.ignorados,
    ]
}
