//! How RPM treats configuration files, as rows: its own tests (`tests/rpmconfig.at`, `tests/rpmconfig2.at`), read from its
//! repository and converted while the test runs. `GESTOR_TEST_RPM` names that repository's git folder.
//!
//! The file is a row; a link is its JSON column; a file that two packages bring is a row of a table without owners.
//! `%config` is `fusao=pacote`, `noreplace` is `fusao=minha`. `.rpmorig` is what an adoption replaced, `.rpmsave` a user's
//! value that gave way, `.rpmnew` the package's value that waits. Erasing is uninstalling, with `remover` and with
//! `expurgar`: an adopted row that is given back is `.rpmorig`, a row that went the `.rpmsave`, out of the archive. Left
//! out: what counts how often RPM touches a file, ghosts, and what makes a file another kind of thing
//! (`tests/rpmconfig3.at`).
//!
//! Differences are stated: `noreplace` over a file that nobody owns leaves the file, where we adopt the row; and erasing
//! takes away a file that stood there with the package's content before it was installed, where we give the row back.

use std::cell::Cell;
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;
use std::process::Command;

use gestor_plugins::config::Argument;
use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use crate::foreign_rpm_script::{Built, Check, checks};
use crate::support::child;
use crate::support::gestor::Gestor;
use crate::support::package::Package;
use crate::support::{text_argument, told};

/// The state of the repository that the numbers below are of.
const COMMIT: &str = "a8f0192";
const ID: &str = "my.conf";

/// A gestor whose one row is the file.
struct Machine<'c> {
    check: &'c Check,
    gestor: Gestor,
    /// The file is a link.
    link: bool,
    /// Two packages bring it.
    shared: bool,
    /// How packages are erased.
    mode: &'static str,
    /// One was.
    erased: Cell<bool>,
}

impl<'c> Machine<'c> {
    fn new(check: &'c Check, mode: &'static str) -> Self {
        let gestor = Gestor::new();
        gestor.database.run("ALTER TABLE widgets ADD COLUMN fields_schema LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin CHECK (JSON_VALID(fields_schema))");
        Self {
            check,
            gestor,
            link: check.built.iter().any(|built| built.link),
            shared: check.built.iter().any(|built| !built.subpackage.is_empty()),
            mode,
            erased: Cell::new(false),
        }
    }

    fn table(&self) -> &'static str {
        if self.shared { "widgets" } else { "forms" }
    }

    fn column(&self) -> &'static str {
        if self.link { "fields_schema" } else { "name" }
    }

    /// A value as it is stored, and as the shell shows it.
    fn stored(&self, value: &str) -> String {
        if self.link {
            json!({"link": value}).to_string()
        } else {
            value.to_owned()
        }
    }

    fn shown(&self, stored: &str) -> String {
        if !self.link {
            return stored.to_owned();
        }
        let value: Value = serde_json::from_str(stored).unwrap();
        value["link"].as_str().unwrap().to_owned()
    }

    fn upgrade(&self, package: &str, forced: bool) {
        let name = package.rsplit('/').next().unwrap().trim_end_matches("-1.noarch.rpm");
        let (name, version) = name.rsplit_once('-').unwrap();
        let subpackage = name.strip_prefix("configtest").unwrap().trim_start_matches('-');
        let is_it = |built: &&Built| built.subpackage == subpackage && built.version == version;
        let built = self.check.built.iter().find(is_it).expect(package);
        let mut row = json!({"id": ID, "language": "pt-br", "name": "a link"});
        row[self.column()] = if self.link {
            json!({"link": built.data})
        } else {
            json!(built.data)
        };
        let data = if self.shared {
            row["icon"] = json!("i");
            row["tabela"] = json!("t");
            "Widgets"
        } else {
            "Forms"
        };
        let slug = slug(subpackage);
        let package = Package::new(&slug, &format!("{version}.0")).data(data, &json!([row]));
        let merge = if built.noreplace { "minha" } else { "pacote" };
        let more = [("fusao", text_argument(merge)), ("forcar", Argument::Bool(forced))];
        self.gestor.install_as(&package, &slug, &more).expect(ExitCode::Ok);
    }

    fn erase(&self, package: &str) {
        let slug = slug(package.strip_prefix("configtest").unwrap().trim_start_matches('-'));
        let database = &self.gestor.database;
        let call = json!({
            "slug": slug, "modo": self.mode, "raiz": self.gestor.root(), "lang": "en",
            "db": {"socket": database.socket(), "nome": database.name(), "usuario": "root"},
        });
        child::other("uninstall", &call, None).expect(ExitCode::Ok);
        self.erased.set(true);
    }

    /// The row as it stands in the archive of what went with a package.
    fn archived(&self) -> Option<String> {
        let kept = self.gestor.root().join("backups/plugins");
        let folders = fs::read_dir(kept)
            .unwrap()
            .filter_map(|entry| fs::read_dir(entry.unwrap().path()).ok());
        let mut files = folders.flatten().map(|entry| entry.unwrap().path());
        let archive = files.find(|path| path.file_name().unwrap().to_string_lossy().starts_with("removido-"))?;
        let mut zip = zip::ZipArchive::new(File::open(archive).unwrap()).unwrap();
        let mut text = String::new();
        let mut member = zip.by_name(&format!("linhas/{}.jsonl", self.table())).ok()?;
        member.read_to_string(&mut text).unwrap();
        let row: Value = serde_json::from_str(text.lines().next()?).unwrap();
        let value = found(&row, self.column()).unwrap_or_else(|| panic!("{row}"));
        Some(value.as_str().unwrap().to_owned())
    }

    fn write(&self, value: &str) {
        let (table, column, value) = (self.table(), self.column(), self.stored(value));
        if self.gestor.database.count(table, "1") == 0 {
            let (more, values) = if self.shared {
                (", icon, tabela", ", 'i', 't'")
            } else {
                ("", "")
            };
            let name = if self.link { "name, " } else { "" };
            let called = if self.link { "'a link', " } else { "" };
            self.gestor.database.run(&format!(
                "INSERT INTO {table} (id, language, {name}{column}{more}) VALUES ('{ID}', 'pt-br', {called}'{value}'{values})"
            ));
        } else {
            self.gestor
                .database
                .run(&format!("UPDATE {table} SET {column} = '{value}'"));
        }
    }

    /// What stands in the file, or in what was kept beside it.
    fn read(&self, ending: &str) -> Option<String> {
        let database = &self.gestor.database;
        let column = self.column();
        let saved = |reason: &str| {
            let found = database.value(&format!(
                "SELECT valores FROM gestor_plugins_guardados WHERE motivo = '{reason}' ORDER BY id DESC LIMIT 1"
            ))?;
            let values: Value = serde_json::from_str(&found).unwrap();
            values[column].as_str().map(str::to_owned)
        };
        let found = match ending {
            "" => self.read_row(),
            ".rpmorig" if self.erased.get() => self.read_row(),
            ".rpmorig" => saved("adotada"),
            ".rpmsave" if self.erased.get() => self.archived(),
            ".rpmsave" => saved("substituida"),
            ".rpmnew" => database.value(&format!(
                "SELECT pacote FROM gestor_plugins_conflitos WHERE coluna = '{column}' AND resolvido_em IS NULL"
            )),
            other => panic!("{other}"),
        };
        found.map(|stored| self.shown(&stored))
    }

    fn read_row(&self) -> Option<String> {
        let sql = format!("SELECT {} FROM {}", self.column(), self.table());
        self.gestor.database.value(&sql)
    }

    /// Runs the script; gives what it prints.
    fn run(&self) -> Vec<String> {
        let mut printed = Vec::new();
        for line in &self.check.script {
            let words: Vec<&str> = line.split(' ').collect();
            let ending = |word: &str| {
                word.trim_matches('"')
                    .trim_start_matches("${cf}")
                    .trim_matches('"')
                    .to_owned()
            };
            match words.as_slice() {
                ["RPMDB_RESET"] => {}
                [first, ..] if first.starts_with("cf=") => {}
                ["rm", ..] => {
                    self.gestor.database.run(&format!("DELETE FROM {}", self.table()));
                }
                ["echo", value, ">", _] | ["ln", "-s" | "-sf", value, _] => self.write(value.trim_matches('"')),
                ["cat" | "readlink", place] => {
                    let ending = ending(place);
                    printed.push(self.read(&ending).unwrap_or_else(|| format!("nothing in {ID}{ending}")));
                }
                ["test", "!", "-f" | "-L" | "-e", place] => {
                    if let Some(found) = self.read(&ending(place)) {
                        printed.push(format!("{found} in {ID}{}", ending(place)));
                    }
                }
                ["runroot", "rpm", "-e", packages @ ..] => packages.iter().for_each(|package| self.erase(package)),
                ["runroot", "rpm", "-U", packages @ ..] => {
                    let forced = packages.contains(&"--oldpackage");
                    let packages = packages.iter().filter(|word| word.starts_with("/build/"));
                    packages.for_each(|package| self.upgrade(package, forced));
                }
                _ => panic!("nobody knows: {line}"),
            }
        }
        printed
    }
}

fn slug(subpackage: &str) -> String {
    format!("configtest{}", subpackage.to_lowercase())
}

/// What stands under a name, however deep.
fn found<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    match value {
        Value::Object(object) => {
            let within = || object.values().find_map(|value| found(value, name));
            object.get(name).or_else(within)
        }
        _ => None,
    }
}

fn source(repository: &Path, name: &str) -> String {
    let shown = Command::new("git")
        .arg("--git-dir")
        .arg(repository)
        .args(["show", &format!("{COMMIT}:tests/{name}")])
        .output()
        .unwrap();
    assert!(shown.status.success(), "{}", String::from_utf8_lossy(&shown.stderr));
    String::from_utf8(shown.stdout).unwrap()
}

#[test]
#[ignore = "needs RPM's repository: GESTOR_TEST_RPM=<git folder> cargo test --test it -- --ignored rows_are_treated_as_rpm_treats_files"]
fn rows_are_treated_as_rpm_treats_files() {
    let repository = told("GESTOR_TEST_RPM").expect("GESTOR_TEST_RPM names the git folder of RPM's repository");
    let all: Vec<Check> = ["rpmconfig.at", "rpmconfig2.at"]
        .iter()
        .flat_map(|name| checks(&source(Path::new(&repository), name)))
        .collect();
    assert_eq!(all.len(), 44);
    for mode in ["remover", "expurgar"] {
        let mut differing = Vec::new();
        for check in &all {
            let printed = Machine::new(check, mode).run();
            if printed != check.printed {
                let Check {
                    group,
                    script,
                    printed: expected,
                    ..
                } = check;
                differing.push((
                    check,
                    format!("{group}: {script:#?}\nexpected {expected:?}, found {printed:?}"),
                ));
            }
        }
        // Those that are stated above.
        let stated = |check: &Check| {
            let begins = |line: &str| check.script.iter().any(|one| one.starts_with(line));
            let is_adopted = check.group.starts_with("config(noreplace) file") && begins("echo \"otherstuff\"");
            let is_given_back = begins("runroot rpm -e") && (begins("echo \"foo\"") || begins("ln -s \"foo\""));
            is_adopted || is_given_back
        };
        let (known, faults): (Vec<_>, Vec<_>) = differing.into_iter().partition(|(check, _)| stated(check));
        let faults: Vec<String> = faults.into_iter().map(|(_, fault)| fault).collect();
        assert!(
            faults.is_empty(),
            "{mode}: {} differ\n{}",
            faults.len(),
            faults.join("\n\n")
        );
        assert_eq!(known.len(), 3, "{mode}: the differences that are stated");
    }
}
