//! It happened or it did not: operations are killed for real, and what is left is exactly the old or the new state.
//!
//! `GESTOR_PLUGINS_KILLS=1000` runs as many drawn kills for each kind of operation; without it a short run is done.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Instant;

use gestor_plugins::config::{Argument, RecoverParameters, Settings};
use gestor_plugins::ops::Call;
use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use crate::support::child;
use crate::support::gestor::Gestor;
use crate::support::operation::{Ended, Quiet, run};
use crate::support::package::Package;
use crate::support::{argument, text_argument, told};

/// Not a test of its own: what a killed process runs.
#[test]
fn child_process() {
    child::obey();
}

/// Points of an installation at which it is killed, in order; the commit lies between `swapped` and `committed`.
const POINTS: [(&str, bool); 8] = [
    ("inspected", false),
    ("journal", false),
    ("migrate", false),
    ("rows", false),
    ("announced", false),
    ("swapped", false),
    ("committed", true),
    ("closed", true),
];

const SLUG: &str = "killed";

/// Which operation is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    First,
    Update,
    Reprocess,
}

fn package(version: &str, text: &str) -> Package {
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
struct Scene {
    gestor: Gestor,
    _folder: tempfile::TempDir,
    archives: [PathBuf; 2],
    kind: Kind,
    old: State,
    new: State,
}

#[derive(Debug, PartialEq, Eq, Clone)]
struct State {
    tree: BTreeMap<String, String>,
    rows: Vec<Vec<Option<String>>>,
    version: Option<String>,
    kept: Vec<String>,
}

impl Scene {
    fn new(kind: Kind) -> Self {
        let gestor = Gestor::new();
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

    fn call(&self) -> Value {
        let archive = &self.archives[usize::from(self.kind == Kind::Update)];
        child::call(&self.gestor, archive, SLUG, self.kind == Kind::Reprocess)
    }

    fn install(&self) -> Ended {
        child::install(&self.call(), None)
    }

    /// Back to the state before the operation: for a first installation there is nothing, else version 1.
    fn reset(&self) {
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
    fn settle(&self, what: &str) -> bool {
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

fn state(gestor: &Gestor) -> State {
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

fn recover(gestor: &Gestor) -> Ended {
    let call = argument([
        ("raiz", text_argument(gestor.root().to_str().unwrap())),
        ("db", gestor.database.argument()),
        ("lang", text_argument("en")),
        ("espera_lock", Argument::Int(20)),
    ]);
    let settings = Settings::default();
    let parameters = RecoverParameters::read(call, &settings).unwrap();
    run(Call::Recover(Box::new(parameters)), settings, &mut Quiet)
}

#[test]
fn killed_at_every_point() {
    for kind in [Kind::First, Kind::Update, Kind::Reprocess] {
        let scene = Scene::new(kind);
        for (point, committed) in POINTS {
            scene.reset();
            let status = child::start(&scene.call(), Some(&format!("{point}:kill")))
                .wait()
                .unwrap();
            assert!(status.code().is_none(), "{kind:?} was not killed at {point}: {status}");
            let is_new = scene.settle(&format!("{kind:?} killed at {point}"));
            if kind != Kind::Reprocess {
                assert_eq!(is_new, committed, "{kind:?} killed at {point}");
            }
        }
    }
}

#[test]
fn killed_at_drawn_times() {
    let kills: u32 = told("GESTOR_PLUGINS_KILLS")
        .and_then(|text| text.parse().ok())
        .unwrap_or(12);
    let mut random = 0x2545_f491_4f6c_dd1d_u64 ^ u64::from(std::process::id());
    for kind in [Kind::First, Kind::Update, Kind::Reprocess] {
        let scene = Scene::new(kind);
        scene.reset();
        let started = Instant::now();
        child::start(&scene.call(), None).wait().unwrap();
        let length = started.elapsed();
        let (mut old, mut new, mut ended) = (0, 0, 0);
        for round in 0..kills {
            scene.reset();
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let share = f64::from(u32::try_from(random >> 33).unwrap()) / f64::from(1_u32 << 31);
            let delay = length.mul_f64(share * 1.1);
            let mut child = child::start(&scene.call(), None);
            std::thread::sleep(delay);
            child.kill().unwrap();
            if child.wait().unwrap().success() {
                ended += 1;
            }
            if scene.settle(&format!("{kind:?} killed after {delay:?} (round {round})")) {
                new += 1;
            } else {
                old += 1;
            }
        }
        println!("{kind:?}: {kills} kills over 1.1 × {length:?}: old {old}, new {new} ({ended} had ended)");
    }
}

#[test]
fn every_step_that_fails_leaves_everything_as_it_was() {
    for kind in [Kind::First, Kind::Update] {
        let scene = Scene::new(kind);
        for (point, committed) in POINTS.into_iter().filter(|(_, committed)| !committed) {
            for action in ["error", "panic"] {
                scene.reset();
                let what = format!("{kind:?} {action} at {point}");
                let ended = child::install(&scene.call(), Some(format!("{point}:{action}")));
                assert_eq!(ended.code, ExitCode::Internal, "{what}");
                assert_eq!(state(&scene.gestor), scene.old, "{what}");
                assert!(!committed);
                let status = scene.gestor.database.value("SELECT status_execucao FROM plugins");
                let expected = (kind == Kind::Update).then_some("erro");
                assert_eq!(status.as_deref(), expected, "{what}");
                assert!(
                    scene.gestor.log().contains(&format!("fail point {point}")),
                    "{what}: the log tells why"
                );
                assert!(!scene.settle(&what), "{what}");
            }
        }
    }
}

#[test]
fn two_processes_at_once_are_one_after_the_other() {
    let rounds: u32 = told("GESTOR_PLUGINS_ROUNDS")
        .and_then(|text| text.parse().ok())
        .unwrap_or(6);
    let scene = Scene::new(Kind::Update);
    for round in 0..rounds {
        scene.reset();
        let mut hasty = child::call(&scene.gestor, &scene.archives[0], SLUG, true);
        hasty["espera_lock"] = json!(if round % 2 == 0 { 0 } else { 20 });
        let mut children = [child::start(&scene.call(), None), child::start(&hasty, None)];
        let codes = children.each_mut().map(|child| child.wait().unwrap().code().unwrap());
        assert!(
            codes.iter().all(|code| [0, 15].contains(code)) && codes.contains(&0),
            "round {round}: {codes:?}"
        );
        let found = state(&scene.gestor);
        let of_versions = |state: &State| (state.tree.clone(), state.rows.clone(), state.version.clone());
        // The rows' own version counter tells which of two equal contents came last.
        let mixed = of_versions(&found).0 != scene.old.tree && of_versions(&found).0 != scene.new.tree;
        assert!(!mixed, "round {round}: a mixture");
        let is_new = found.tree == scene.new.tree;
        let html = scene
            .gestor
            .database
            .value("SELECT html FROM paginas WHERE id = 'k-1'")
            .unwrap();
        assert_eq!(
            html,
            if is_new { "2.0.0 1" } else { "1.0.0 1" },
            "round {round}: tree and rows differ"
        );
        let version = scene
            .gestor
            .database
            .value("SELECT versao_instalada FROM plugins")
            .unwrap();
        assert_eq!(version, if is_new { "2.0.0" } else { "1.0.0" }, "round {round}");
    }
}
