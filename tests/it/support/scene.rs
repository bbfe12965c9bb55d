//! A gestor, two versions of one plugin, and what the old and the new state look like: whatever is done to an operation,
//! afterwards it must be exactly one of the two.

use std::collections::BTreeMap;
use std::path::PathBuf;

use gestor_plugins::config::Argument;
use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use super::child;
use super::gestor::Gestor;
use super::mariadb::Database;
use super::operation::{Ended, Quiet, called, run};
use super::package::Package;
use super::{argument, text_argument};

/// Points of an installation at which it is killed, in order; the commit lies between `swapped` and `committed`.
pub(crate) const POINTS: [(&str, bool); 8] = [
    ("inspected", false),
    ("journal", false),
    ("migrate", false),
    ("rows", false),
    ("announced", false),
    ("swapped", false),
    ("committed", true),
    ("closed", true),
];

pub(crate) const SLUG: &str = "killed";

/// Which operation is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    First,
    Update,
    Reprocess,
}

pub(crate) fn package(version: &str, text: &str) -> Package {
    let pages: Vec<Value> = (0..40)
        .map(|n| json!({"id": format!("k-{n}"), "nome": "N", "language": "en", "html": format!("{text} {n}"), "caminho": format!("k-{n}/")}))
        .collect();
    let mut package = Package::new(SLUG, version)
        .data("Paginas", &json!(pages))
        .file("db/migrations/20260101000000_one.php", "<?php\n");
    for n in 0..30 {
        package = package.file(&format!("modules/m/f{n}.php"), format!("<?php // {text} {n}"));
    }
    package
}

/// A gestor, both packages, and what old and new look like.
pub(crate) struct Scene {
    pub(crate) gestor: Gestor,
    _folder: tempfile::TempDir,
    pub(crate) archives: [PathBuf; 2],
    pub(crate) kind: Kind,
    pub(crate) old: State,
    pub(crate) new: State,
}

#[derive(Debug, PartialEq, Eq, Clone)]
pub(crate) struct State {
    pub(crate) tree: BTreeMap<String, String>,
    pub(crate) rows: Vec<Vec<Option<String>>>,
    pub(crate) version: Option<String>,
    pub(crate) kept: Vec<String>,
}

impl Scene {
    pub(crate) fn new(kind: Kind) -> Self {
        Self::on(kind, Gestor::new())
    }

    /// The same in a gestor that a test has prepared.
    pub(crate) fn on(kind: Kind, gestor: Gestor) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let archives = ["1.0.0", "2.0.0"].map(|version| {
            let path = folder.path().join(format!("{version}.zip"));
            package(version, version).write(&path);
            path
        });
        let nothing = state(&gestor);
        let mut scene = Self {
            gestor,
            _folder: folder,
            archives,
            kind,
            old: nothing.clone(),
            new: nothing,
        };
        scene.reset();
        scene.old = state(&scene.gestor);
        scene.install().expect(ExitCode::Ok);
        scene.new = state(&scene.gestor);
        assert_eq!(scene.old == scene.new, kind == Kind::Reprocess);
        scene
    }

    pub(crate) fn call(&self) -> Value {
        let archive = &self.archives[usize::from(self.kind == Kind::Update)];
        child::call(&self.gestor, archive, SLUG, self.kind == Kind::Reprocess)
    }

    pub(crate) fn install(&self) -> Ended {
        child::install(&self.call(), None)
    }

    /// Back to the state before the operation: for a first installation there is nothing, else version 1.
    pub(crate) fn reset(&self) {
        if self.kind == Kind::First {
            self.gestor.database.run("DELETE FROM paginas; DELETE FROM plugins");
            let _ = std::fs::remove_dir_all(self.gestor.root().join("plugins").join(SLUG));
            let _ = std::fs::remove_dir_all(self.gestor.root().join("backups/plugins"));
        } else {
            let call = child::call(&self.gestor, &self.archives[0], SLUG, true);
            child::install(&call, None).expect(ExitCode::Ok);
            let _ = std::fs::remove_file(self.gestor.root().join("backups/plugins").join(SLUG).join("2.0.0.zip"));
            let _ = std::fs::remove_file(
                self.gestor
                    .root()
                    .join("backups/plugins")
                    .join(SLUG)
                    .join("2.0.0.zip.sha256"),
            );
        }
        let _ = std::fs::remove_dir_all(self.gestor.root().join("plugins/_backups"));
    }

    /// Recovers and looks; which side it ended on. `Reprocess` ends on both.
    #[track_caller]
    pub(crate) fn settle(&self, what: &str) -> bool {
        let recovered = recover(&self.gestor);
        assert_eq!(recovered.code, ExitCode::Ok, "{what}: {}", recovered.report);
        let found = state(&self.gestor);
        assert!(
            found == self.old || found == self.new,
            "{what}: neither old nor new: {found:#?}"
        );
        let status = self.gestor.database.value("SELECT status_execucao FROM plugins");
        assert!(
            !matches!(status.as_deref(), Some("instalando" | "atualizando")),
            "{what}: status {status:?}"
        );
        assert_eq!(self.gestor.leftovers(), Vec::<PathBuf>::new(), "{what}");
        assert!(!self.gestor.root().join("plugins/.staging").exists(), "{what}");
        assert_eq!(self.gestor.database.count("gestor_plugins_operacoes", "1"), 0, "{what}");
        let is_new = found == self.new;
        self.install().expect(ExitCode::Ok);
        assert_eq!(state(&self.gestor), self.new, "{what}: the next installation");
        is_new
    }
}

pub(crate) fn state(gestor: &Gestor) -> State {
    let kept = gestor.root().join("backups/plugins").join(SLUG);
    let mut names: Vec<String> = std::fs::read_dir(kept)
        .map(|found| {
            found
                .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
                .collect()
        })
        .unwrap_or_default();
    names.sort();
    State {
        tree: gestor.tree(SLUG),
        rows: gestor
            .database
            .rows("SELECT id, plugin, language, nome, html, caminho FROM paginas ORDER BY id"),
        version: gestor
            .database
            .value("SELECT CONCAT_WS(' ', versao_instalada, versao, checksum_pacote) FROM plugins"),
        kept: names,
    }
}

pub(crate) fn recover(gestor: &Gestor) -> Ended {
    recover_with(gestor, &gestor.database)
}

/// The same, asking another database.
pub(crate) fn recover_with(gestor: &Gestor, database: &Database) -> Ended {
    recover_in(gestor, database, "en")
}

/// The same in a language.
pub(crate) fn recover_in(gestor: &Gestor, database: &Database, lang: &str) -> Ended {
    let call = argument([
        ("raiz", text_argument(gestor.root().to_str().unwrap())),
        ("db", database.argument()),
        ("lang", text_argument(lang)),
        ("espera_lock", Argument::Int(20)),
    ]);
    let settings = crate::support::english();
    let parameters = called("recover", call, &settings);
    run(parameters, settings, &mut Quiet)
}
