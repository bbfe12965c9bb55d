//! The native program, as an operator calls it: through the real binary, on a gestor's folder and a real database.

mod commands;
mod doctor;
mod migrations;
mod rescue;
mod words;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use gestor_plugins::outcome::ExitCode;
use serde_json::Value;

use crate::support::gestor::Gestor;
use crate::support::package::Package;

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_gestor-plugins");

/// A gestor with one domain, and a folder for packages.
pub(crate) struct Site {
    pub(crate) gestor: Gestor,
    packages: tempfile::TempDir,
}

/// What the program said.
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    pub(crate) fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Self {
            code: output.status.code().unwrap_or(-1),
            out: text(&output.stdout),
            err: text(&output.stderr),
        }
    }

    #[track_caller]
    pub(crate) fn expect(self, code: ExitCode) -> Self {
        assert_eq!(self.code, code.number(), "{}\n{}", self.out, self.err);
        self
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|fault| panic!("{fault}: {} {}", self.out, self.err))
    }
}

impl Site {
    pub(crate) fn new() -> Self {
        let site = Self {
            gestor: Gestor::new(),
            packages: tempfile::tempdir().unwrap(),
        };
        let settings = format!(
            "DB_HOST={}\nDB_DATABASE={}\nDB_USERNAME=root\nDB_PASSWORD=\n",
            site.gestor.database.socket().display(),
            site.gestor.database.name()
        );
        site.put("autenticacoes/a.example/.env", &settings);
        site
    }

    /// Writes a file below the gestor.
    pub(crate) fn put(&self, name: &str, text: &str) {
        let path = self.gestor.root().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Puts the installer's PHP files there, and a Phinx.
    pub(crate) fn put_php(&self) {
        put_php(self.gestor.root());
    }

    /// A ZIP of a package.
    pub(crate) fn zip(&self, package: &Package, name: &str) -> PathBuf {
        let path = self.packages.path().join(name);
        package.write(&path);
        path
    }

    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        let path = std::env::var("PATH").unwrap_or_default();
        command.env_clear().env("GESTOR_PLUGINS_LANG", "en").env("PATH", path);
        command.args(words).arg("--gestor").arg(self.gestor.root());
        command
    }

    pub(crate) fn run(&self, words: &[&str]) -> Said {
        Said::of(&self.command(words).output().unwrap())
    }

    pub(crate) fn install(&self, package: &Package, name: &str) -> Said {
        let zip = self.zip(package, name);
        self.run(&["install", &package.id(), "--arquivo", zip.to_str().unwrap()])
    }
}

/// Puts the installer's PHP files into a gestor, and a Phinx.
pub(crate) fn put_php(root: &Path) {
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    copy(&project.join("php/gestor"), root);
    copy(&project.join("tests/php/support/vendor"), &root.join("vendor"));
}

pub(crate) fn copy(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from).into_iter().map(Result::unwrap) {
        let target = to.join(entry.path().strip_prefix(from).unwrap());
        if entry.file_type().is_dir() {
            fs::create_dir_all(target).unwrap();
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// A package with a page and a module.
pub(crate) fn shop(version: &str) -> Package {
    let page = serde_json::json!({"id": "loja", "language": "en", "nome": version, "caminho": "loja/", "html": format!("<p>{version}")});
    Package::new("loja", version)
        .data("Paginas", &serde_json::json!([page]))
        .file("modules/loja/loja.php", format!("<?php // {version}\n"))
}
