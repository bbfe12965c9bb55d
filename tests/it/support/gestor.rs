//! The smallest gestor: the folders of a live one around a fresh database.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use gestor_plugins::base::hash::sha256;
use gestor_plugins::config::Argument;
use gestor_plugins::model::{GestorRoot, Slug};
use serde_json::Value;
use tempfile::TempDir;

use super::mariadb::Database;
use super::operation::{Ended, install};
use super::package::Package;
use super::{argument, fixture, text_argument};

/// A gestor without `db/`, as a live one is.
pub(crate) struct Gestor {
    /// Its database.
    pub(crate) database: Database,
    folder: TempDir,
}

impl Gestor {
    /// Empty tables, no plugin.
    pub(crate) fn new() -> Self {
        Self::with(Database::new())
    }

    /// The same, around a database that may be another gestor's too.
    pub(crate) fn with(database: Database) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let made = Self { database, folder };
        made.put_folders();
        made
    }

    /// Creates its folders.
    pub(crate) fn put_folders(&self) {
        for name in [
            "bibliotecas",
            "controladores",
            "modulos",
            "plugins",
            "logs",
            "temp",
            "backups",
            "contents",
        ] {
            fs::create_dir_all(self.root().join(name)).unwrap();
        }
        fs::write(self.root().join("config.php"), "<?php\n").unwrap();
    }

    /// The folder with `config.php`.
    pub(crate) fn root(&self) -> &Path {
        self.folder.path()
    }

    /// The paths below it.
    pub(crate) fn paths(&self) -> GestorRoot {
        GestorRoot::new(self.root())
    }

    /// Puts the gestor's own `db/data/` there: its contracts, and data files by name.
    pub(crate) fn put_core_data(&self, files: &BTreeMap<String, Value>) {
        let folder = self.paths().core_data();
        fs::create_dir_all(&folder).unwrap();
        fs::copy(
            fixture("core-data/schema-metadata.json"),
            folder.join("schema-metadata.json"),
        )
        .unwrap();
        for (name, rows) in files {
            fs::write(folder.join(format!("{name}Data.json")), rows.to_string()).unwrap();
        }
    }

    /// What an installation of a ZIP needs to be told.
    pub(crate) fn call(&self, archive: &Path, slug: &str, more: &[(&str, Argument)]) -> Argument {
        let always = [
            ("slug", text_argument(slug)),
            ("origem_tipo", text_argument("upload")),
            ("arquivo", text_argument(archive.to_str().unwrap())),
            ("raiz", text_argument(self.root().to_str().unwrap())),
            ("db", self.database.argument()),
            ("gestor_versao", text_argument("2.9.43")),
            ("lang", text_argument("en")),
            ("migracoes", Argument::Callable),
        ];
        argument(always.into_iter().chain(more.iter().cloned()))
    }

    /// Installs a package under its own id.
    pub(crate) fn install(&self, package: &Package, more: &[(&str, Argument)]) -> Ended {
        self.install_as(package, &package.id(), more)
    }

    /// Installs a package under a given slug.
    pub(crate) fn install_as(&self, package: &Package, slug: &str, more: &[(&str, Argument)]) -> Ended {
        let outside = tempfile::tempdir().unwrap();
        let archive = outside.path().join("package.zip");
        package.write(&archive);
        install(self.call(&archive, slug, more))
    }

    /// The operator's log; empty when there is none.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.paths().log()).unwrap_or_default()
    }

    /// Folders below `temp/plugins/`: none may be left by an operation.
    pub(crate) fn leftovers(&self) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(self.paths().work()) else {
            return Vec::new();
        };
        entries
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.is_dir())
            .collect()
    }

    /// The installed tree of a plugin.
    pub(crate) fn tree(&self, slug: &str) -> BTreeMap<String, String> {
        tree(&self.paths().installed(&Slug::normalize(slug).unwrap()))
    }
}

/// Every file and folder below a folder by relative path, with mode and SHA-256: equal maps mean equal trees. The audit log is
/// left out: what was refused is recorded there, and that is all that it changes.
pub(crate) fn tree(top: &Path) -> BTreeMap<String, String> {
    let is_audit = |entry: &walkdir::DirEntry| entry.file_name() == "_auditoria" || entry.file_name() == "servidor.id";
    walkdir::WalkDir::new(top)
        .min_depth(1)
        .into_iter()
        .filter_entry(|entry| !is_audit(entry))
        .filter_map(Result::ok)
        .map(|entry| {
            let name = entry.path().strip_prefix(top).unwrap().to_string_lossy().into_owned();
            let mode = entry.metadata().unwrap().permissions().mode() & 0o7777;
            let content = if entry.file_type().is_dir() {
                "folder".to_owned()
            } else if entry.file_type().is_symlink() {
                format!("link to {}", fs::read_link(entry.path()).unwrap().display())
            } else {
                sha256(&fs::read(entry.path()).unwrap()).to_string()
            };
            (name, format!("{mode:o} {content}"))
        })
        .collect()
}
