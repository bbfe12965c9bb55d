//! Each template, untouched: it validates clean, is packed twice to the same bytes, installs, updates to a version with one
//! change, goes back, and is purged to nothing.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use gestor_plugins::config::Argument;
use gestor_plugins::migrate::{Migration, MigrationAction, MigrationCall};
use gestor_plugins::outcome::ExitCode;
use serde_json::Value;
use tempfile::TempDir;

use super::program;
use crate::support::gestor::Gestor;
use crate::support::mariadb::Database;
use crate::support::operation::{Host, called, install_with, run};
use crate::support::{argument, english, text_argument};

const ID: &str = "minha-loja";

/// Makes and drops the table of the template `modulo`, as Phinx does what its migration says.
struct Phinx<'d> {
    database: &'d Database,
    applied: Vec<Migration>,
}

impl Host for Phinx<'_> {
    fn migrate(&mut self, call: &MigrationCall) -> Result<Vec<Migration>, String> {
        let log = &call.registro.tabela;
        let files = fs::read_dir(&call.pasta).unwrap().map(|entry| entry.unwrap().path());
        let all: Vec<Migration> = files
            .filter_map(|path| Migration::of_path(path.to_str().unwrap()))
            .collect();
        let waiting: Vec<Migration> = all
            .iter()
            .filter(|known| !self.applied.contains(known))
            .cloned()
            .collect();
        let run = |sql: &str| self.database.run(sql);
        Ok(match call.acao {
            MigrationAction::Pending => waiting,
            MigrationAction::Migrate => {
                run(&format!(
                    "CREATE TABLE IF NOT EXISTS `{log}` (version BIGINT PRIMARY KEY)"
                ));
                for one in &waiting {
                    run(
                        "CREATE TABLE minha_loja (id_minha_loja INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, \
                         nome VARCHAR(255) NOT NULL, id VARCHAR(255) NOT NULL, KEY (id))",
                    );
                    run(&format!("INSERT INTO `{log}` VALUES ({})", one.versao));
                }
                self.applied.extend(waiting.clone());
                waiting
            }
            MigrationAction::Rollback => {
                let done = call.migracoes.clone();
                for one in &done {
                    run("DROP TABLE minha_loja");
                    run(&format!("DELETE FROM `{log}` WHERE version={}", one.versao));
                }
                self.applied.retain(|known| !done.contains(known));
                done
            }
            MigrationAction::Reversible => call.migracoes.clone(),
        })
    }
}

fn made(folder: &Path, template: &str) {
    let words = [
        "new",
        "loja",
        "--id",
        ID,
        "--name",
        "Minha \"loja\" & cia",
        "--author",
        "Ana",
        "--description",
        "Vende.",
    ];
    program(folder, &[&words[..], &["--template", template]].concat()).expect(ExitCode::Ok);
}

/// Where browsers find its script and its style.
fn served(gestor: &Gestor) -> [PathBuf; 2] {
    ["minha-loja/minha-loja/js.js", "minha-loja/css.css"].map(|name| gestor.root().join("assets").join(name))
}

fn golden(template: &str) {
    let folder = tempfile::tempdir().unwrap();
    made(folder.path(), template);
    let run_here = |words: &[&str]| program(folder.path(), words).expect(ExitCode::Ok);
    let told = run_here(&["validate", "loja", "--json", "--deny=tudo"]);
    assert!(told.found().is_empty(), "{template}: {}", told.output);
    run_here(&["pack", "loja", "--out=1.zip"]);
    run_here(&["pack", "loja", "--out=again.zip"]);
    let read = |name: &str| fs::read(folder.path().join(name)).unwrap();
    assert!(read("1.zip") == read("again.zip"));
    let manifest = folder.path().join("loja/manifest.json");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replace("0.1.0", "0.2.0")).unwrap();
    fs::write(folder.path().join("loja/README.md"), "One change.\n").unwrap();
    run_here(&["validate", "loja", "--against=1.zip", "--deny=tudo"]);
    run_here(&["pack", "loja", "--out=2.zip"]);

    let gestor = Gestor::new();
    let empty = gestor.database.dump(&[]);
    let mut phinx = Phinx {
        database: &gestor.database,
        applied: Vec::new(),
    };
    for (package, version) in [("1.zip", "0.1.0"), ("2.zip", "0.2.0")] {
        let call = gestor.call(&folder.path().join(package), ID, &[]);
        let ended = install_with(call, &mut phinx).expect(ExitCode::Ok);
        assert_eq!(ended.report["versao"], version);
        assert!(
            version != "0.1.0" || ended.total("inseridos") >= 2,
            "{:#}",
            ended.report
        );
    }
    assert!(gestor.tree(ID).contains_key("README.md"));
    let served = served(&gestor);
    assert!(
        served.iter().all(|path| path.is_file() == (template == "modulo")),
        "{template}"
    );
    let call = |more: &[(&str, Argument)]| {
        let always = [
            ("slug", text_argument(ID)),
            ("raiz", text_argument(gestor.root().to_str().unwrap())),
            ("db", gestor.database.argument()),
            ("lang", text_argument("en")),
            ("migracoes", Argument::Callable),
        ];
        argument(always.into_iter().chain(more.iter().cloned()))
    };
    let settings = english();
    let back = called("rollback", call(&[]), &settings);
    let back = run(back, settings.clone(), &mut phinx).expect(ExitCode::Ok);
    assert_eq!(back.report["versao"], "0.1.0", "{:#}", back.report);
    let gone = called("uninstall", call(&[("modo", text_argument("expurgar"))]), &settings);
    run(gone, settings, &mut phinx).expect(ExitCode::Ok);
    let is_ours = |line: &String| {
        !line.contains("gestor_plugins_") && !line.contains("plugins_credenciais") && !line.contains("phinxlog_")
    };
    let ours = |lines: Vec<String>| lines.into_iter().filter(is_ours).collect::<Vec<_>>();
    assert_eq!(ours(gestor.database.dump(&[])), ours(empty), "{template}");
    assert!(gestor.tree(ID).is_empty());
    assert!(!served.iter().any(|path| path.exists()), "{template}");
}

#[test]
fn minimo_lives_its_whole_life() {
    golden("minimo");
}

#[test]
fn paginas_lives_its_whole_life() {
    golden("paginas");
}

#[test]
fn modulo_lives_its_whole_life() {
    golden("modulo");
}

#[test]
fn the_authors_side_of_a_template_takes_less_than_a_second() {
    for template in ["minimo", "paginas", "modulo"] {
        let folder = tempfile::tempdir().unwrap();
        let started = Instant::now();
        made(folder.path(), template);
        program(folder.path(), &["validate", "loja"]).expect(ExitCode::Ok);
        program(folder.path(), &["pack", "loja"]).expect(ExitCode::Ok);
        println!("{template}: {:?}", started.elapsed());
        assert!(started.elapsed() < Duration::from_secs(if cfg!(debug_assertions) { 5 } else { 1 }));
    }
}

/// The tests of a new plugin pass, and fail as its README says; its PHP compiles.
#[test]
fn a_new_plugins_own_tests_pass_and_can_fail() {
    let php = |folder: &TempDir, words: &[&str]| {
        Command::new(words[0])
            .args(&words[1..])
            .current_dir(folder.path().join("loja"))
            .output()
    };
    for template in ["minimo", "paginas", "modulo"] {
        let folder = tempfile::tempdir().unwrap();
        made(folder.path(), template);
        for entry in walkdir::WalkDir::new(folder.path()).into_iter().map(Result::unwrap) {
            if entry.path().extension().is_some_and(|extension| extension == "php") {
                let output = php(&folder, &["php", "-l", entry.path().to_str().unwrap()]).unwrap();
                assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
            }
        }
        let output = php(&folder, &["phpunit"]).unwrap();
        assert!(
            output.status.success(),
            "{template}: {}",
            String::from_utf8_lossy(&output.stdout)
        );
        let name = if template == "modulo" {
            "ModulosData"
        } else {
            "PaginasData"
        };
        let path = folder.path().join(format!("loja/db/data/{name}.json"));
        let mut rows: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        rows.as_array_mut().unwrap().retain(|row| row["language"] != "en");
        fs::write(&path, rows.to_string()).unwrap();
        let output = php(&folder, &["phpunit"]).unwrap();
        assert!(!output.status.success() && String::from_utf8_lossy(&output.stdout).contains(": en"));
    }
}

#[test]
fn what_cannot_begin_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let run_here = |words: &[&str]| program(folder.path(), words);
    let listed = run_here(&["new", "--list"]).expect(ExitCode::Ok).output;
    assert_eq!(listed.lines().count(), 3, "{listed}");
    for words in [
        &["new", "a"][..],
        &["new", "a", "--id=A b", "--name=x"],
        &["new", "a", "--id=a", "--name=x", "--template=y"],
        &["new", "a", "--id=a", "--name=x", "--depends=b:no range at all"],
        &["new", "a", "--id=a", "--name=x", "--depends=a"],
        &["new", "a", "--id=a", "--name=x", "--permission=tudo"],
        &["new", "none/a", "--id=a", "--name=x"],
    ] {
        let told = run_here(words);
        assert!(told.code != 0 && !told.errors.is_empty(), "{words:?}: {}", told.output);
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    let wished = [
        "new",
        "a",
        "--id=a",
        "--name=x",
        "--depends=b:^1.2",
        "--permission=rede=a.org:443",
    ];
    run_here(&wished).expect(ExitCode::Ok);
    assert_ne!(run_here(&wished).code, 0);
    run_here(&["validate", "a"]).expect(ExitCode::Ok);
    fs::create_dir(folder.path().join("empty")).unwrap();
    run_here(&["new", "empty", "--id=e", "--name=e"]).expect(ExitCode::Ok);
}

/// What somebody wrote is shown as it was written: the gestor replaces nothing of it in the page.
#[test]
fn a_text_with_marks_is_shown_as_text() {
    let folder = tempfile::tempdir().unwrap();
    let words = ["new", "loja", "--id", ID, "--name", "L", "--template", "modulo"];
    program(folder.path(), &words).expect(ExitCode::Ok);
    let text = "<b>\"it's\" & @[[pagina#url-raiz]]@ #texto# #TEXTO# {{x}} [[y]] $1";
    let script = format!(
        "$_GESTOR = []; function gestor_incluir_bibliotecas() {{ $shown = minha_loja_como_texto($GLOBALS['argv'][1]); \
         $page = str_ireplace('#texto#', 'GONE', str_ireplace('#nome#', $shown, 'a #nome# b')); \
         echo json_encode([$page, html_entity_decode($page, ENT_QUOTES)]); exit; }} require 'loja/modules/{ID}/{ID}.php';"
    );
    let mut command = Command::new("php");
    command
        .args(["-n", "-r", &script, "--", text])
        .current_dir(folder.path());
    let said = command.output().unwrap();
    let said: Value = serde_json::from_slice(&said.stdout).unwrap_or_else(|fault| panic!("{fault}: {said:?}"));
    let shown = said[0].as_str().unwrap();
    for mark in ["@[[", "#texto#", "{{", "<b>", "GONE"] {
        assert!(!shown.contains(mark), "{mark}: {shown}");
    }
    assert_eq!(said[1], format!("a {text} b"));
}
