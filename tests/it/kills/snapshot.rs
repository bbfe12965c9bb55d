//! A whole gestor, rows and files, as it was at a moment: kept beside it, and put back as often as a test wants.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::gestor::{Gestor, tree};

/// Folders that operations write to.
const FOLDERS: [&str; 6] = ["plugins", "temp", "backups", "logs", "contents", "assets"];

/// What stood there.
pub(super) struct Snapshot {
    folder: tempfile::TempDir,
    /// The tables: how each is made, its rows, and its next number.
    tables: BTreeMap<String, Table>,
    database: String,
}

struct Table {
    made: String,
    next: Option<String>,
    rows: Vec<Vec<Option<String>>>,
}

impl Snapshot {
    /// Of a gestor as it stands.
    pub(super) fn of(gestor: &Gestor) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in FOLDERS {
            copy(&gestor.root().join(name), &folder.path().join(name));
        }
        let database = format!("{}_old", gestor.database.name());
        gestor.database.run(&format!(
            "DROP DATABASE IF EXISTS {database}; CREATE DATABASE {database}"
        ));
        let numbers = numbers(gestor);
        let mut tables = BTreeMap::new();
        for name in gestor.database.tables() {
            gestor.database.run(&format!(
                "CREATE TABLE {database}.`{name}` LIKE `{name}`; INSERT INTO {database}.`{name}` SELECT * FROM `{name}`"
            ));
            let table = Table {
                made: made(gestor, &name),
                next: numbers.get(&name).cloned(),
                rows: rows(gestor, &name),
            };
            tables.insert(name, table);
        }
        Self {
            folder,
            tables,
            database,
        }
    }

    /// Puts everything back.
    pub(super) fn put_back(&self, gestor: &Gestor) {
        for name in FOLDERS {
            // The folder itself stays: the list of databases knows it by its number.
            for entry in fs::read_dir(gestor.root().join(name)).unwrap().map(Result::unwrap) {
                remove(&entry.path());
            }
            for entry in fs::read_dir(self.folder.path().join(name)).unwrap().map(Result::unwrap) {
                copy(&entry.path(), &gestor.root().join(name).join(entry.file_name()));
            }
        }
        let database = &gestor.database;
        for name in database.tables() {
            if !self.tables.contains_key(&name) {
                database.run(&format!("DROP TABLE `{name}`"));
            }
        }
        let standing = database.tables();
        for (name, table) in &self.tables {
            let old = format!("{}.`{name}`", self.database);
            if !standing.contains(name) || made(gestor, name) != table.made {
                database.run(&format!(
                    "DROP TABLE IF EXISTS `{name}`; CREATE TABLE `{name}` LIKE {old}; INSERT INTO `{name}` SELECT * FROM {old}"
                ));
            } else if rows(gestor, name) != table.rows {
                database.run(&format!(
                    "DELETE FROM `{name}`; INSERT INTO `{name}` SELECT * FROM {old}"
                ));
            }
        }
        let now = numbers(gestor);
        for (name, table) in &self.tables {
            if let Some(next) = table.next.as_ref().filter(|next| now.get(name) != Some(*next)) {
                database.run(&format!("ALTER TABLE `{name}` AUTO_INCREMENT = {next}"));
            }
        }
    }

    /// Away with the copy of the tables.
    pub(super) fn drop_copy(&self, gestor: &Gestor) {
        gestor
            .database
            .run(&format!("DROP DATABASE IF EXISTS {}", self.database));
    }
}

fn rows(gestor: &Gestor, table: &str) -> Vec<Vec<Option<String>>> {
    gestor.database.rows(&format!("SELECT * FROM `{table}`"))
}

/// How a table is made; its next number is told by itself.
fn made(gestor: &Gestor, table: &str) -> String {
    let rows = gestor.database.rows(&format!("SHOW CREATE TABLE `{table}`"));
    let text = rows[0][1].clone().unwrap();
    let words = text.split(' ').filter(|word| !word.starts_with("AUTO_INCREMENT="));
    words.collect::<Vec<_>>().join(" ")
}

/// The next number of each table that counts.
fn numbers(gestor: &Gestor) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for name in gestor.database.tables() {
        let rows = gestor.database.rows(&format!("SHOW CREATE TABLE `{name}`"));
        let text = rows[0][1].clone().unwrap();
        let counts = text.contains("AUTO_INCREMENT");
        let word = text.split(' ').find_map(|word| word.strip_prefix("AUTO_INCREMENT="));
        if counts {
            found.insert(name, word.unwrap_or("1").to_owned());
        }
    }
    found
}

fn copy(from: &Path, to: &Path) {
    let status = Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap();
    assert!(status.success(), "{} was not copied", from.display());
}

fn remove(path: &Path) {
    if path.is_dir() && !path.is_symlink() {
        fs::remove_dir_all(path).unwrap();
    } else {
        fs::remove_file(path).unwrap();
    }
}

/// How much of a site is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    /// All of it: nothing may have been touched.
    Whole,
    /// Without clocks: what an operation makes when it is not broken off.
    Made,
    /// Without numbers that are given once, either: what it makes at a second try.
    Tried,
}

/// Rows, files and schema of a site.
pub(super) type Look = BTreeMap<String, Vec<String>>;

/// Columns of times, and of what is told of a run.
const CLOCKS: [&str; 15] = [
    "data_modificacao",
    "data_criacao",
    "data_instalacao",
    "data_ultima_atualizacao",
    "atualizado_em",
    "criado_em",
    "resolvido_em",
    "removido_arquivo",
    "ultimo_log",
    "contador",
    "status_execucao",
    "integridade_em",
    "verificacao",
    "vista_em",
    "instalada_em",
];
/// Our tables whose content is all numbers and times, or says what was tried as well.
const TOLD: [&str; 6] = [
    "gestor_plugins_auditoria",
    "gestor_plugins_contadores",
    "gestor_plugins_eventos",
    "gestor_plugins_historico",
    "gestor_plugins_operacoes",
    "gestor_plugins_esquema",
];
/// Columns of numbers that a second try makes anew.
const NUMBERS: [&str; 5] = ["ponto", "ponto_anterior", "historico", "posto", "id_plugins"];

/// What the plugin's migrations make. A run that is killed leaves it, as far as it had come: it takes nothing away, and the
/// next one finds it.
const MADE_BY_MIGRATIONS: [&str; 4] = ["phinxlog_comes_and_goes", "k_one", "k_two", "k_extra"];

/// Looks at a site.
pub(super) fn look(gestor: &Gestor, depth: Depth) -> Look {
    look_without(gestor, depth, &[])
}

/// The same without what migrations made.
pub(super) fn look_unmigrated(gestor: &Gestor, depth: Depth) -> Look {
    look_without(gestor, depth, &MADE_BY_MIGRATIONS)
}

/// The same without some tables.
pub(super) fn look_without(gestor: &Gestor, depth: Depth, without: &[&str]) -> Look {
    let mut look = Look::new();
    for (table, mut columns) in columns(gestor) {
        columns.retain(|(name, _)| !without.contains(&name.as_str()));
        if without.contains(&table.as_str()) {
            continue;
        }
        if TOLD.contains(&table.as_str()) || (depth == Depth::Tried && table == "gestor_plugins_base") {
            continue;
        }
        let names: Vec<String> = columns.iter().map(|(name, _)| name.clone()).collect();
        look.insert(format!("schema {table}"), names);
        let wanted = columns.iter().filter(|(name, extra)| match depth {
            Depth::Whole => !(is_told_of(&table, name)),
            Depth::Made => !CLOCKS.contains(&name.as_str()),
            Depth::Tried => {
                !CLOCKS.contains(&name.as_str())
                    && !NUMBERS.contains(&name.as_str())
                    && !extra.to_lowercase().contains("auto_increment")
            }
        });
        let shown = wanted.map(|(name, _)| match name.as_str() {
            "pausado_em" | "removido_em" if depth != Depth::Whole => format!("`{name}` IS NULL"),
            _ => format!("HEX(`{name}`)"),
        });
        let shown: Vec<String> = shown.collect();
        let rows = gestor
            .database
            .rows(&format!("SELECT {} FROM `{table}`", shown.join(", ")));
        let mut rows: Vec<String> = rows.iter().map(|row| format!("{row:?}")).collect();
        rows.sort();
        look.insert(format!("rows {table}"), rows);
    }
    look.insert("files".to_owned(), files(gestor, depth));
    look
}

/// The columns of all tables, each with what the server makes of it.
fn columns(gestor: &Gestor) -> BTreeMap<String, Vec<(String, String)>> {
    let rows = gestor.database.rows(
        "SELECT TABLE_NAME, COLUMN_NAME, EXTRA FROM information_schema.COLUMNS WHERE TABLE_SCHEMA=DATABASE() \
         ORDER BY TABLE_NAME, ORDINAL_POSITION",
    );
    let mut tables = BTreeMap::<String, Vec<(String, String)>>::new();
    for row in rows {
        let [table, column, extra] = [0, 1, 2].map(|at| row[at].clone().unwrap_or_default());
        tables.entry(table).or_default().push((column, extra));
    }
    tables
}

/// A run that failed or was killed says so in these.
fn is_told_of(table: &str, column: &str) -> bool {
    matches!(table, "plugins" | "gestor_plugins_estado")
        && matches!(
            column,
            "status_execucao"
                | "contador"
                | "ultimo_log"
                | "atualizado_em"
                | "data_modificacao"
                | "data_ultima_atualizacao"
        )
}

/// All files but logs and the list of databases, which counts operations. Of those that have a time in their names there is
/// only how many of a kind.
fn files(gestor: &Gestor, depth: Depth) -> Vec<String> {
    let mut found = Vec::new();
    for top in ["plugins", "backups", "contents", "temp", "assets"] {
        for (name, what) in tree(&gestor.root().join(top)) {
            let path = PathBuf::from(top).join(&name);
            let is_lock = name.strip_suffix(".lock").is_some() || name.ends_with("bases.json");
            // What is known of the tree's files only spares reading them; where it is there, a kept package is the backup.
            let is_spared = name.strip_suffix(".arvore").is_some() || name.starts_with("_backups/");
            // Where there is nothing kept, a folder for it is nothing.
            let is_nothing = what.ends_with("folder") && top != "plugins";
            if is_lock || is_spared || is_nothing || name == "_backups" || name == ".instalado" {
                continue;
            }
            let stamped = ["removido-", "esquema-", "adotados-", "orfaos-", "_backups/"]
                .iter()
                .any(|word| name.contains(word));
            found.push(match depth {
                Depth::Whole => format!("{} {what}", path.display()),
                _ if stamped => kind(&path),
                _ => format!("{} {what}", path.display()),
            });
        }
    }
    found.sort();
    found
}

fn kind(path: &Path) -> String {
    let text = path.display().to_string();
    let mut kind: String = text.chars().filter(|found| !found.is_ascii_digit()).collect();
    // The second of one second has a number more.
    while kind.contains("--") {
        kind = kind.replace("--", "-");
    }
    kind
}
