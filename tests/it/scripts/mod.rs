//! Post-installation scripts (SPEC 2 §8), with a real PHP: which run and when, what they are given, what becomes of those
//! that do not end well, and of what they leave.

mod ends;
mod given;
mod killed;
mod left;
mod when;

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use gestor_plugins::config::{Argument, Settings};
use gestor_plugins::model::Slug;
use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use crate::support::english;
use crate::support::gestor::Gestor;
use crate::support::operation::{Ended, Host, Quiet, called, run};
use crate::support::package::Package;

const SLUG: &str = "p1";

/// The PHP of this machine; without one these tests could show nothing.
fn php() -> PathBuf {
    let found = ["/usr/bin/php", "/usr/local/bin/php"].into_iter().map(PathBuf::from);
    found
        .into_iter()
        .find(|path| path.is_file())
        .expect("PHP's command line program")
}

/// A package with scripts, each its name and its PHP.
fn package(version: &str, scripts: &[(&str, &str)]) -> Package {
    let names: Vec<&str> = scripts.iter().map(|(name, _)| *name).collect();
    package_of(version, &json!(names), scripts)
}

/// The same, with what the manifest says of them.
fn package_of(version: &str, said: &Value, files: &[(&str, &str)]) -> Package {
    let manifest = json!({"id": SLUG, "name": "P", "version": version, "post_installation_scripts": said});
    let row = json!({"language": "pt-br", "modulo": "m", "id": "x-a", "valor": version, "tipo": "string", "grupo": null, "descricao": null});
    let made = Package::with_manifest(&manifest).data("Variaveis", &json!([row]));
    files
        .iter()
        .fold(made, |made, (name, text)| made.file(name, format!("<?php {text}")))
}

/// A script that says that it ran, to a file beside the log.
fn says(word: &str) -> String {
    format!("file_put_contents(getenv('GESTOR_ROOT') . '/logs/said.txt', '{word}' . \"\\n\", FILE_APPEND);")
}

/// A gestor, and what it is called with.
struct Site {
    gestor: Gestor,
    folder: tempfile::TempDir,
}

impl Site {
    fn new() -> Self {
        Self {
            gestor: Gestor::new(),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn written(&self, package: &Package) -> PathBuf {
        let count = fs::read_dir(self.folder.path()).unwrap().count();
        let path = self.folder.path().join(format!("{count}.zip"));
        package.write(&path);
        path
    }

    /// Any call about the plugin.
    fn call(&self, more: &Value) -> Value {
        let mut call = json!({"slug": SLUG, "raiz": self.gestor.root(), "lang": "en", "db": {
            "socket": self.gestor.database.socket(), "nome": self.gestor.database.name(), "usuario": "root",
        }});
        let more = more.as_object().cloned().unwrap_or_default();
        call.as_object_mut().unwrap().extend(more);
        call
    }

    fn settings() -> Settings {
        Settings {
            own_php: Some(php()),
            ..english()
        }
    }

    fn go(&self, word: &str, more: &Value, settings: Settings, host: &mut dyn Host) -> Ended {
        let call = Argument::from(&self.call(more));
        run(called(word, call, &settings), settings, host)
    }

    fn install_with(&self, package: &Package, more: &Value, host: &mut dyn Host) -> Ended {
        let mut call = json!({"arquivo": self.written(package), "scripts": "executar"});
        call.as_object_mut()
            .unwrap()
            .extend(more.as_object().cloned().unwrap_or_default());
        self.go("install", &call, Self::settings(), host)
    }

    /// Installs a package whose scripts may run.
    fn install(&self, package: &Package) -> Ended {
        self.install_with(package, &json!({}), &mut Quiet)
    }

    /// Runs what is left.
    fn run_left(&self) -> Ended {
        self.go(
            "recover",
            &json!({"scripts_pendentes": true}),
            Self::settings(),
            &mut Quiet,
        )
    }

    fn said(&self) -> String {
        fs::read_to_string(self.gestor.root().join("logs/said.txt")).unwrap_or_default()
    }

    fn installed(&self) -> PathBuf {
        self.gestor.paths().installed(&Slug::normalize(SLUG).unwrap())
    }

    /// What is left: each script and how far it came.
    fn pending(&self) -> String {
        let text = self
            .gestor
            .database
            .value("SELECT pendencias FROM gestor_plugins_estado WHERE slug = 'p1'");
        let left: Value = text.map_or(Value::Null, |text| serde_json::from_str(&text).unwrap());
        let steps = left.as_array().cloned().unwrap_or_default();
        let all = steps
            .iter()
            .flat_map(|step| step["scripts"].as_array().cloned().unwrap_or_default());
        let one = |script: Value| {
            format!(
                "{} {}",
                script["script"].as_str().unwrap(),
                script["situacao"].as_str().unwrap()
            )
        };
        all.map(one).collect::<Vec<_>>().join(", ")
    }

    /// The last operation in the history: code, and what its scripts wrote.
    fn history(&self) -> (String, String) {
        let sql = |column: &str| format!("SELECT {column} FROM gestor_plugins_historico ORDER BY id DESC LIMIT 1");
        let value = |column: &str| self.gestor.database.value(&sql(column)).unwrap_or_default();
        (value("codigo"), value("saida"))
    }
}

/// Names and codes of the scripts in a report.
fn told(report: &Value) -> String {
    let all = report["scripts"].as_array().cloned().unwrap_or_default();
    let one = |script: &Value| format!("{} {}", script["nome"].as_str().unwrap(), script["codigo"]);
    all.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn output(report: &Value, at: usize) -> &str {
    report["scripts"][at]["saida"].as_str().unwrap()
}

/// Processes with a text in their command line; a moment is left to those that have just been killed.
fn alive(mark: &str) -> usize {
    let until = Instant::now() + Duration::from_secs(2);
    loop {
        let all = fs::read_dir("/proc").unwrap().flatten();
        let is_meant = |entry: &fs::DirEntry| {
            let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
            String::from_utf8_lossy(&line).contains(mark)
        };
        let count = all.filter(is_meant).count();
        if count == 0 || Instant::now() > until {
            return count;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_plugin_stays_installed_whose_script_fails() {
    let site = Site::new();
    let ended = site.install(&package(
        "1.0.0",
        &[
            ("s/a.php", &says("a")),
            ("s/b.php", "echo \"OLA\\n\"; exit(3);"),
            ("s/c.php", &says("c")),
        ],
    ));
    let ended = ended.expect(ExitCode::Script);
    assert_eq!(ended.report["confirmado"], true);
    assert_eq!(told(&ended.report), "s/a.php 0, s/b.php 3");
    assert_eq!((site.said().as_str(), output(&ended.report, 1)), ("a\n", "OLA\n"));
    assert_eq!(site.pending(), "s/b.php falhou, s/c.php espera");
    let fault = ended.report["erros"][0].as_str().unwrap();
    assert!(
        fault.contains("s/b.php ended with code 3") && fault.contains("Left to be run: s/b.php, s/c.php."),
        "{fault}"
    );
    let (code, saida) = site.history();
    assert_eq!((code.as_str(), saida.as_str()), ("36", "== s/b.php\nOLA\n"));
    assert!(
        site.gestor.log().contains("output of s/b.php: OLA"),
        "{}",
        site.gestor.log()
    );
    assert_eq!(site.gestor.database.count("plugins", "versao_instalada = '1.0.0'"), 1);
    assert_eq!(site.gestor.leftovers(), Vec::<PathBuf>::new());
}

/// Says stop once a script has run for a moment.
fn ends_host() -> impl Host {
    struct Stops(u32);
    impl Host for Stops {
        fn progress(&mut self, progress: &gestor_plugins::log::Progress) -> bool {
            self.0 += u32::from(progress.step == gestor_plugins::log::Step::Scripts);
            self.0 < 3
        }
    }
    Stops(0)
}
