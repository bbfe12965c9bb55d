//! Sets are killed for real, at every named point of each of their plugins and at drawn moments: a batch of an update and a
//! first installation, and a cascade of removals. Each plugin is recovered alone, and all of them end alike: the whole set is
//! old, or the whole set is new.
//!
//! `GESTOR_PLUGINS_SET_KILLS=1000` draws as many kills of each kind; without it a short run is done.

use std::path::PathBuf;
use std::time::Instant;

use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use super::snapshot::{Depth, Look, Snapshot, look_without};
use super::{assert_same, at_each_pass};
use crate::support::child;
use crate::support::draw::Draw;
use crate::support::gestor::Gestor;
use crate::support::operation::Ended;
use crate::support::package::Package;
use crate::support::sql_migrations::migration;
use crate::support::told;

/// What is done with a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// `low` is updated, `fresh` comes.
    Batch,
    /// `top`, `mid` and `low` go, with all that bears their names.
    Cascade,
}

/// Points, in order, and whether the set has committed there.
const POINTS: [(&str, bool); 17] = [
    ("obtained", false),
    ("inspected", false),
    ("promised", false),
    ("journal", false),
    ("migrate", false),
    ("archived", false),
    ("applied", false),
    ("assets", false),
    ("rows", false),
    ("one_announced", false),
    ("announced", false),
    ("one_swapped", false),
    ("swapped", false),
    ("committed", true),
    ("closed", true),
    ("contracted", true),
    ("noted", true),
];

/// What the batch's migrations make: a run that is killed leaves it, and the next one finds it.
const MADE: [&str; 4] = ["s_low_two", "s_fresh", "phinxlog_low", "phinxlog_fresh"];

impl Kind {
    const ALL: [Self; 2] = [Self::Batch, Self::Cascade];

    fn plugins(self) -> &'static [&'static str] {
        match self {
            Self::Batch => &["fresh", "low"],
            Self::Cascade => &["low", "mid", "top"],
        }
    }

    fn passes(self, point: &str) -> bool {
        match point {
            "obtained" | "inspected" | "migrate" => self == Self::Batch,
            "archived" | "contracted" => self == Self::Cascade,
            _ => true,
        }
    }

    fn without(self) -> &'static [&'static str] {
        match self {
            Self::Batch => &MADE,
            Self::Cascade => &[],
        }
    }
}

fn package(slug: &str, version: &str, needs: &Value, migrations: &[(&str, &str)]) -> Package {
    let manifest = json!({"id": slug, "name": slug, "version": version, "dependencies": needs});
    let page = |n: u32| json!({"id": format!("{slug}-{n}"), "language": "en", "nome": version, "caminho": format!("{slug}-{n}/"), "html": "<p>"});
    let pages: Vec<Value> = (0..10).map(page).collect();
    let mut package = Package::with_manifest(&manifest)
        .data("Paginas", &json!(pages))
        .file("v.txt", version)
        .file(&format!("assets/{version}/logo.svg"), format!("<svg>{version}</svg>"));
    for (name, table) in migrations {
        let up = format!("CREATE TABLE IF NOT EXISTS {table} (id INT PRIMARY KEY)");
        let text = migration(&up, Some(&format!("DROP TABLE {table}")));
        package = package.file(&format!("db/migrations/{name}.php"), text);
    }
    package
}

/// A site before, and what it looks like before and after.
struct Scene {
    kind: Kind,
    gestor: Gestor,
    packages: tempfile::TempDir,
    snapshot: Snapshot,
    old: Look,
    /// Without clocks, and without numbers.
    new: [Look; 2],
}

impl Scene {
    fn new(kind: Kind) -> Self {
        let (gestor, packages) = (Gestor::new(), tempfile::tempdir().unwrap());
        std::fs::create_dir(gestor.root().join("assets")).unwrap();
        let one = ("20260101000000_one", "s_low_one");
        let installed = [
            package("low", "1.0.0", &json!({}), &[one]),
            package("mid", "1.0.0", &json!({"low": "^1"}), &[]),
            package("top", "1.0.0", &json!({"mid": "*"}), &[("20260103000000_top", "s_top")]),
        ];
        for package in &installed {
            let path = packages.path().join(format!("{}.zip", package.id()));
            package.write(&path);
            let call = child::call(&gestor, &path, &package.id(), false);
            child::with_sql("install", &call, None).expect(ExitCode::Ok);
        }
        for package in [
            package("low", "1.1.0", &json!({}), &[one, ("20260102000000_two", "s_low_two")]),
            package(
                "fresh",
                "1.0.0",
                &json!({"low": "^1.1"}),
                &[("20260104000000_fresh", "s_fresh")],
            ),
        ] {
            package.write(&packages.path().join(format!("next-{}.zip", package.id())));
        }
        let snapshot = Snapshot::of(&gestor);
        let nothing = Look::new();
        let mut scene = Self {
            kind,
            gestor,
            packages,
            snapshot,
            old: nothing.clone(),
            new: [nothing.clone(), nothing],
        };
        scene.old = scene.look(Depth::Whole);
        scene.go(None).expect(ExitCode::Ok);
        scene.new = [Depth::Made, Depth::Tried].map(|depth| scene.look(depth));
        scene.snapshot.put_back(&scene.gestor);
        assert_same(&scene.look(Depth::Whole), &scene.old, "as it was put back");
        scene
    }

    fn look(&self, depth: Depth) -> Look {
        look_without(&self.gestor, depth, self.kind.without())
    }

    fn call(&self) -> (&'static str, Value) {
        let mut call = child::about(&self.gestor, "low", &json!({"migracoes": true}));
        let Kind::Batch = self.kind else {
            call["modo"] = "expurgar".into();
            call["cascata"] = true.into();
            return ("uninstall", call);
        };
        let file = |slug: &str| json!({"arquivo": self.packages.path().join(format!("next-{slug}.zip"))});
        call.as_object_mut().unwrap().remove("slug");
        call["pacotes"] = json!([file("fresh"), file("low")]);
        ("batch", call)
    }

    fn go(&self, fail_point: Option<String>) -> Ended {
        let (word, call) = self.call();
        child::with_sql(word, &call, fail_point)
    }

    fn start(&self, plan: Option<&str>) -> std::process::Child {
        let (word, mut call) = self.call();
        call["operacao"] = word.into();
        call["anfitriao"] = "sql".into();
        child::start(&call, plan)
    }

    /// Recovers each plugin by itself, in one order or the other, looks, and says whether the set is new.
    fn settle(&self, what: &str, backwards: bool) -> bool {
        let gestor = &self.gestor;
        let mut plugins = self.kind.plugins().to_vec();
        if backwards {
            plugins.reverse();
        }
        for slug in plugins {
            let call = child::about(gestor, slug, &json!({"migracoes": true}));
            let ended = child::with_sql("recover", &call, None);
            assert_eq!(ended.code, ExitCode::Ok, "{what}: recovery of {slug}: {}", ended.report);
        }
        assert_eq!(gestor.leftovers(), Vec::<PathBuf>::new(), "{what}");
        assert_eq!(gestor.database.count("gestor_plugins_operacoes", "1"), 0, "{what}");
        assert_eq!(
            gestor.database.count("gestor_plugins_historico", "codigo IS NULL"),
            0,
            "{what}"
        );
        let running = "status_execucao IN ('instalando', 'atualizando', 'desinstalando')";
        assert_eq!(gestor.database.count("plugins", running), 0, "{what}");
        let is_new = match self.kind {
            Kind::Batch => gestor.database.count("plugins", "versao_instalada = '1.1.0'") == 1,
            Kind::Cascade => gestor.database.count("paginas", "plugin = 'low'") == 0,
        };
        if is_new {
            assert_same(
                &copied_once(self.look(Depth::Made)),
                &copied_once(self.new[0].clone()),
                what,
            );
        } else {
            assert_same(&self.look(Depth::Whole), &self.old, what);
        }
        self.verify(what);
        is_new
    }

    /// What is recorded is what stands there.
    fn verify(&self, what: &str) {
        for slug in ["low", "mid", "top", "fresh"] {
            let is_here = format!("id = '{slug}' AND versao_instalada IS NOT NULL");
            if self.gestor.database.count("plugins", &is_here) == 0 {
                continue;
            }
            let mut call = child::about(&self.gestor, slug, &json!({}));
            call.as_object_mut().unwrap().remove("espera_lock");
            let ended = child::with_sql("verify", &call, None);
            assert_eq!(ended.code, ExitCode::Ok, "{what}: {slug}: {}", ended.report);
        }
    }

    fn try_again(&self, what: &str) {
        self.go(None).expect(ExitCode::Ok);
        let what = format!("{what}: the second try");
        assert_same(
            &copied_once(self.look(Depth::Tried)),
            &copied_once(self.new[1].clone()),
            &what,
        );
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        self.snapshot.drop_copy(&self.gestor);
    }
}

/// What is taken away of the schema in two goes is copied out twice.
fn copied_once(mut look: Look) -> Look {
    if let Some(files) = look.get_mut("files") {
        files.retain(|name| !name.contains("/esquema-"));
    }
    look
}

#[test]
fn a_set_is_killed_at_every_point() {
    for kind in Kind::ALL {
        let scene = Scene::new(kind);
        for (point, committed) in POINTS.into_iter().filter(|(point, _)| kind.passes(point)) {
            // Some are passed for each plugin.
            let name = format!("{kind:?} killed at {point}");
            at_each_pass((&name, point), |what, plan, time| {
                scene.snapshot.put_back(&scene.gestor);
                let ended = scene.start(Some(plan)).wait().unwrap();
                if ended.code().is_none() {
                    assert_eq!(scene.settle(what, time % 2 == 0), committed, "{what}");
                    if !committed {
                        scene.try_again(what);
                    }
                }
                ended
            });
        }
    }
}

#[test]
fn a_set_is_killed_at_drawn_times() {
    let kills: u32 = told("GESTOR_PLUGINS_SET_KILLS")
        .and_then(|text| text.parse().ok())
        .unwrap_or(8);
    let mut draw = Draw::of_process(0x5ea7_c0de_0000_0018);
    for kind in Kind::ALL {
        let scene = Scene::new(kind);
        let started = Instant::now();
        scene.start(None).wait().unwrap();
        let length = started.elapsed();
        let (mut old, mut new) = (0, 0);
        for round in 0..kills {
            scene.snapshot.put_back(&scene.gestor);
            let delay = length.mul_f64(draw.share() * 1.1);
            let mut child = scene.start(None);
            std::thread::sleep(delay);
            child.kill().unwrap();
            child.wait().unwrap();
            let what = format!("{kind:?} killed after {delay:?} (round {round})");
            if scene.settle(&what, round % 2 == 0) {
                new += 1;
            } else {
                old += 1;
            }
        }
        println!("{kind:?}: {kills} kills over 1.1 × {length:?}: old {old}, new {new}");
    }
}

#[test]
fn a_set_that_fails_at_a_point_is_as_it_was() {
    for kind in Kind::ALL {
        let scene = Scene::new(kind);
        for (point, _) in POINTS
            .into_iter()
            .filter(|(point, committed)| !committed && kind.passes(point))
        {
            for (action, time) in [("error", 1), ("error", 2), ("panic", 1)] {
                let whole = ["inspected", "journal", "assets", "rows", "announced", "swapped"];
                if time == 2 && whole.contains(&point) {
                    continue;
                }
                scene.snapshot.put_back(&scene.gestor);
                let what = format!("{kind:?}, {action} at {point}, time {time}");
                let ended = scene.go(Some(format!("{point}:{action}:{time}")));
                assert_eq!(ended.code, ExitCode::Internal, "{what}: {}", ended.report);
                assert_ne!(ended.report["confirmado"].as_bool(), Some(true), "{what}");
                assert_same(&scene.look(Depth::Whole), &scene.old, &what);
                assert!(!scene.settle(&what, false), "{what}");
            }
        }
    }
}

/// Locks are taken in one order, whatever the order of the call is: each waits for the other, and neither for ever.
#[test]
fn two_batches_in_opposite_order_end_both() {
    let (gestor, folder) = (Gestor::new(), tempfile::tempdir().unwrap());
    for round in 0..4 {
        let file = |slug: &str, version: &str| {
            let path = folder.path().join(format!("{slug}-{version}.zip"));
            package(slug, version, &json!({}), &[]).write(&path);
            json!({"arquivo": path})
        };
        let batch = |version: &str, order: [&str; 2]| {
            let packages = order.map(|slug| file(slug, version));
            let mut call = child::about(
                &gestor,
                "",
                &json!({"pacotes": packages, "forcar": true, "operacao": "batch"}),
            );
            call.as_object_mut().unwrap().remove("slug");
            child::start(&call, None)
        };
        let versions = [format!("1.{round}.0"), format!("1.{round}.1")];
        let mut children = [batch(&versions[0], ["one", "two"]), batch(&versions[1], ["two", "one"])];
        let codes = children.each_mut().map(|child| child.wait().unwrap().code());
        assert_eq!(codes, [Some(0), Some(0)], "round {round}");
        let sql = "SELECT COUNT(DISTINCT versao_instalada) FROM plugins";
        assert_eq!(
            gestor.database.value(sql).as_deref(),
            Some("1"),
            "round {round}: a mixture"
        );
    }
}
