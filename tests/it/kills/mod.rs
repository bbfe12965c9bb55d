//! What goes back, goes away and comes back is killed for real, at every named point and at drawn moments: what is left is
//! exactly the old or the new state, rows, files and schema; nothing is taken away of the schema but after the commit; and
//! what is left to be done is done by recovery, or by whoever comes next.
//!
//! `GESTOR_PLUGINS_PASSAGE_KILLS=1000` draws as many kills, spread over the kinds of operations; without it a short run is
//! done. `GESTOR_PLUGINS_PASSAGE_SEED` repeats a run.

mod drawn;
mod sets;
mod site;
mod snapshot;
mod traces;

use std::path::PathBuf;
use std::process::ExitStatus;

use gestor_plugins::outcome::ExitCode;

use crate::support::child;
use crate::support::gestor::Gestor;
use site::{SLUG, Way, go, recover, verify};
use snapshot::{Depth, Look, Snapshot, look, look_unmigrated};

/// Points, in order, and whether the operation has committed there. Not every way passes all of them.
const POINTS: [(&str, bool); 14] = [
    ("inspected", false),
    ("journal", false),
    ("migrate", false),
    ("archived", false),
    ("applied", false),
    ("rows", false),
    ("assets", false),
    ("announced", false),
    ("asset", false),
    ("swapped", false),
    ("committed", true),
    ("closed", true),
    ("contracted", true),
    ("noted", true),
];

/// Whether a way passes a point.
fn passes(way: Way, point: &str) -> bool {
    match point {
        "inspected" => way == Way::Rollback,
        "migrate" => way == Way::RestorePurged,
        "archived" => way.goes(),
        "contracted" => way.contracts(),
        // One that goes takes away after the commit.
        "asset" => !way.goes(),
        _ => true,
    }
}

/// A site before a way, and what it looks like before and after.
pub(crate) struct Scene {
    way: Way,
    gestor: Gestor,
    snapshot: Snapshot,
    /// Before: all of it, and without clocks.
    old: [Look; 2],
    /// After: without clocks, and without numbers.
    new: [Look; 2],
    /// What verifying says before and after.
    verified: [ExitCode; 2],
}

impl Scene {
    fn new(way: Way) -> Self {
        let gestor = site::site(way);
        let snapshot = Snapshot::of(&gestor);
        let old = [Depth::Whole, Depth::Made].map(|depth| look(&gestor, depth));
        let before = verify(&gestor);
        go(&gestor, way, None).expect(ExitCode::Ok);
        let new = [Depth::Made, Depth::Tried].map(|depth| look(&gestor, depth));
        let verified = [before, verify(&gestor)];
        assert_ne!(old[1], new[0]);
        let scene = Self {
            way,
            gestor,
            snapshot,
            old,
            new,
            verified,
        };
        scene.reset();
        assert_same(&look(&scene.gestor, Depth::Whole), &scene.old[0], "as it was put back");
        scene
    }

    /// What must be as before where it did not happen.
    fn before(&self, depth: Depth) -> Look {
        if self.way == Way::RestorePurged {
            look_unmigrated(&self.gestor, depth)
        } else {
            look(&self.gestor, depth)
        }
    }

    fn reset(&self) {
        self.snapshot.put_back(&self.gestor);
    }

    /// Recovers, looks, and says whether it is the new state.
    fn settle(&self, what: &str, migrates_at_once: bool) -> bool {
        let gestor = &self.gestor;
        let code = recover(gestor, migrates_at_once).code;
        assert_eq!(code, ExitCode::Ok, "{what}: recovery");
        let pending = gestor.database.count("gestor_plugins_estado", "pendencias IS NOT NULL");
        let is_old = self.before(Depth::Whole) == self.old[0];
        let is_new = self.before(Depth::Made) != self.old[1];
        assert_eq!(gestor.leftovers(), Vec::<PathBuf>::new(), "{what}");
        assert_eq!(gestor.database.count("gestor_plugins_operacoes", "1"), 0, "{what}");
        assert_eq!(
            gestor.database.count("gestor_plugins_historico", "codigo IS NULL"),
            0,
            "{what}"
        );
        let running = "status_execucao IN ('instalando', 'atualizando', 'desinstalando')";
        assert_eq!(gestor.database.count("plugins", running), 0, "{what}");
        if !is_new {
            if !is_old {
                assert_same(&self.before(Depth::Whole), &self.old[0], what);
            }
            assert_eq!((pending, verify(gestor)), (0, self.verified[0]), "{what}");
            return false;
        }
        if migrates_at_once {
            assert_eq!(pending, 0, "{what}: nothing is left to be done");
        } else if pending > 0 {
            assert!(self.way.contracts(), "{what}");
            recover(gestor, true).expect(ExitCode::Ok);
            assert_eq!(
                gestor.database.count("gestor_plugins_estado", "pendencias IS NOT NULL"),
                0,
                "{what}"
            );
        }
        assert_same(
            &without_copies(look(gestor, Depth::Made)),
            &without_copies(self.new[0].clone()),
            what,
        );
        assert_eq!(verify(gestor), self.verified[1], "{what}");
        let told = format!(
            "acao = '{}' AND codigo = 0 AND confirmado = 1 AND id = (SELECT MAX(id) FROM gestor_plugins_historico)",
            self.way.action()
        );
        assert_eq!(
            gestor.database.count("gestor_plugins_historico", &told),
            1,
            "{what}: the history"
        );
        true
    }

    /// The same once more, where it did not happen.
    fn try_again(&self, what: &str) {
        go(&self.gestor, self.way, None).expect(ExitCode::Ok);
        let found = look(&self.gestor, Depth::Tried);
        assert_same(
            &without_copies(found),
            &without_copies(self.new[1].clone()),
            &format!("{what}: the second try"),
        );
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        self.snapshot.drop_copy(&self.gestor);
    }
}

/// What is taken away of the schema in two goes is copied out twice.
fn without_copies(mut look: Look) -> Look {
    if let Some(files) = look.get_mut("files") {
        files.retain(|name| !name.contains("/esquema-"));
    }
    look
}

/// A row as people read it: its values are digits.
fn readable(row: &str) -> String {
    let word = |word: &str| {
        let bytes = gestor_plugins::base::json::unhex(&word.to_lowercase());
        bytes.map_or_else(|| word.to_owned(), |bytes| String::from_utf8_lossy(&bytes).into_owned())
    };
    row.split('"').map(word).collect::<Vec<_>>().join("'")
}

#[track_caller]
fn assert_same(found: &Look, expected: &Look, what: &str) {
    let keys = found.keys().chain(expected.keys());
    for key in keys {
        let [found, expected] = [found, expected].map(|look| look.get(key).cloned().unwrap_or_default());
        let only = |these: &[String], those: &[String]| {
            let only = these.iter().filter(|row| !those.contains(row));
            only.map(|row| readable(row)).collect::<Vec<_>>()
        };
        let difference = (only(&found, &expected), only(&expected, &found));
        assert!(found == expected, "{what}: {key}: {difference:#?}");
    }
}

#[test]
fn killed_at_every_point() {
    for way in Way::ALL {
        let scene = Scene::new(way);
        for (point, committed) in POINTS.into_iter().filter(|(point, _)| passes(way, point)) {
            let name = format!("{way:?} killed at {point}");
            at_each_pass((&name, point), |what, plan, time| {
                scene.reset();
                let ended = child::start(&site::told(&scene.gestor, way), Some(plan))
                    .wait()
                    .unwrap();
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

/// Kills at a point that may be passed several times: at each of them, until it is passed no more. `kill`: with a name, the
/// plan and the number of the pass; it gives how the process ended.
fn at_each_pass((name, point): (&str, &str), kill: impl Fn(&str, &str, u32) -> ExitStatus) {
    for time in 1.. {
        let what = format!("{name}, time {time}");
        let ended = kill(&what, &format!("{point}:kill:{time}"), time);
        if ended.code().is_some() && time > 1 {
            break;
        }
        assert!(ended.code().is_none(), "{what}: not killed: {ended}");
    }
}

#[test]
fn what_fails_at_a_point_changes_nothing() {
    for way in Way::ALL {
        let scene = Scene::new(way);
        for (point, _) in POINTS
            .into_iter()
            .filter(|(point, committed)| !committed && passes(way, point))
        {
            for action in ["error", "panic"] {
                scene.reset();
                let what = format!("{way:?}, {action} at {point}");
                let ended = go(&scene.gestor, way, Some(&format!("{point}:{action}")));
                // There it is the disk that refuses.
                let code = match (point, action) {
                    ("asset", "error") => ExitCode::Move,
                    _ => ExitCode::Internal,
                };
                assert_eq!(ended.code, code, "{what}: {}", ended.report);
                assert_ne!(ended.report["confirmado"].as_bool(), Some(true), "{what}");
                assert_same(&scene.before(Depth::Whole), &scene.old[0], &what);
                // Migrations that ran were undone; their log is not the plugin's.
                let made = ["k_one", "k_two"].map(str::to_owned);
                let left = scene.gestor.database.tables();
                assert_eq!(
                    left.iter().any(|table| made.contains(table)),
                    scene.old[0].contains_key("rows k_one"),
                    "{what}"
                );
                assert!(!scene.settle(&what, true), "{what}");
            }
        }
    }
}

/// Rows, primary keys, dates of nobody's, the plugin's own tables, a column in another's, the tree.
#[test]
fn what_was_purged_comes_back_as_it_was() {
    let gestor = site::site(Way::Purge);
    let here = |gestor: &Gestor| {
        let mut found = look(gestor, Depth::Made);
        if let Some(files) = found.get_mut("files") {
            files.retain(|name| {
                // The files of the version before are not brought back, and so not recorded.
                let earlier = ["assets/plugins/comes-and-goes/1.0.0", "plugins/.instalado/"];
                !["backups/", "plugins/_backups"]
                    .iter()
                    .chain(&earlier)
                    .any(|kept| name.starts_with(kept))
            });
        }
        found
    };
    let before = here(&gestor);
    go(&gestor, Way::Purge, None).expect(ExitCode::Ok);
    assert_ne!(here(&gestor), before);
    go(&gestor, Way::RestorePurged, None).expect(ExitCode::Ok);
    assert_same(&here(&gestor), &before, "restored");
    // What its migrations made is known again: the next time nothing is left either.
    go(&gestor, Way::Purge, None).expect(ExitCode::Ok);
    let tables = gestor.database.tables();
    assert!(!tables.iter().any(|table| table.starts_with("k_")), "{tables:?}");
    // Somebody took the copy away.
    let kept = gestor.root().join("backups/plugins").join(SLUG);
    for entry in std::fs::read_dir(kept).unwrap().map(Result::unwrap) {
        if entry.file_name().to_string_lossy().starts_with("esquema-") {
            std::fs::remove_file(entry.path()).unwrap();
        }
    }
    go(&gestor, Way::RestorePurged, None).expect(ExitCode::Irreversible);
}

/// A purge that was killed after its commit, and recovered by a caller that cannot run migrations.
fn purge_killed_after_commit() -> Scene {
    let scene = Scene::new(Way::Purge);
    let call = site::told(&scene.gestor, Way::Purge);
    child::start(&call, Some("committed:kill")).wait().unwrap();
    recover(&scene.gestor, false).expect(ExitCode::Ok);
    scene
}

/// A purge that was killed after its commit has dropped nothing yet: nor is anything dropped when the plugin is back.
#[test]
fn what_was_still_to_be_dropped_stays_with_a_plugin_that_is_back() {
    let scene = purge_killed_after_commit();
    let gestor = &scene.gestor;
    go(gestor, Way::RestorePurged, None).expect(ExitCode::Ok);
    let rows = |look: &Look, table: &str| look.get(&format!("rows {table}")).cloned();
    let found = look(gestor, Depth::Made);
    for table in ["k_one", "k_two", "variaveis", "paginas", "gestor_plugins_estado"] {
        assert_eq!(rows(&found, table), rows(&scene.old[1], table), "{table}");
    }
    recover(gestor, true).expect(ExitCode::Ok);
    assert_eq!(look(gestor, Depth::Made), found);
}

/// ... and one that is installed anew is a new one: its row in `plugins` goes with it the next time.
#[test]
fn what_is_installed_after_a_purge_that_was_killed_is_a_new_plugin() {
    let scene = purge_killed_after_commit();
    let gestor = &scene.gestor;
    site::install_again(gestor);
    assert_eq!(gestor.database.count("plugins", "versao_instalada = '2.0.0'"), 1);
    go(gestor, Way::Purge, None).expect(ExitCode::Ok);
    assert_eq!(gestor.database.count("plugins", "1"), 0);
    assert_eq!(gestor.database.count("gestor_plugins_estado", "1"), 0);
}

/// A runner that was killed while it undid migrations left half of it, which cannot be undone a second time.
#[test]
fn what_is_purged_goes_though_its_migrations_cannot_be_undone() {
    let scene = Scene::new(Way::Purge);
    let call = site::told(&scene.gestor, Way::Purge);
    child::start(&call, Some("committed:kill")).wait().unwrap();
    scene.gestor.database.run("ALTER TABLE variaveis DROP COLUMN k_extra");
    assert!(scene.settle("half undone", true));
}
