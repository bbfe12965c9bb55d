//! A way back that is killed or fails at every point, and drawn edits before it.

use gestor_plugins::outcome::ExitCode;
use serde_json::json;

use super::{Site, package};
use crate::support::child;
use crate::support::draw::Draw;
use crate::support::told;

/// Points of a way back at which it is killed, in order, and whether it is committed there.
const POINTS: [(&str, bool); 10] = [
    ("inspected", false),
    ("journal", false),
    ("applied", false),
    ("rows", false),
    ("announced", false),
    ("swapped", false),
    ("committed", true),
    ("closed", true),
    ("contracted", true),
    ("noted", true),
];

#[test]
fn killed_at_every_point() {
    for (point, committed) in POINTS {
        let site = Site::new();
        let old_schema = site.state();
        site.install(1).expect(ExitCode::Ok);
        let old = site.state();
        let mut call = site.call(&json!({}));
        call["operacao"] = "rollback".into();
        let status = child::start(&call, Some(&format!("{point}:kill"))).wait().unwrap();
        assert!(status.code().is_none(), "not killed at {point}: {status}");
        site.recover(false).expect(ExitCode::Ok);
        let found = site.state();
        if committed {
            assert_eq!(
                (&found.tree, &found.plugin, found.rows.len()),
                (&old_schema.tree, &old_schema.plugin, old_schema.rows.len()),
                "{point}"
            );
            let is_left = !matches!(point, "contracted" | "noted");
            assert_eq!(site.pending().is_some(), is_left, "{point}: {:?}", site.pending());
            site.recover(true).expect(ExitCode::Ok);
            assert_eq!((site.state(), site.pending()), (old_schema, None), "{point}");
        } else {
            assert_eq!((found, site.pending()), (old, None), "{point}");
        }
        assert_eq!(
            site.gestor.database.count("gestor_plugins_operacoes", "1"),
            0,
            "{point}"
        );
        assert_eq!(site.gestor.leftovers(), Vec::<std::path::PathBuf>::new(), "{point}");
    }
}

/// The server cannot take back a change of the schema: a runner that was killed after it had made it, and before it had noted
/// that, leaves a migration that cannot be undone a second time.
#[test]
fn what_a_killed_run_had_undone_but_not_noted_is_noted() {
    let site = Site::new();
    let one = site.state();
    site.install(1).expect(ExitCode::Ok);
    let mut call = site.call(&json!({}));
    call["operacao"] = "rollback".into();
    child::start(&call, Some("committed:kill")).wait().unwrap();
    let database = &site.gestor.database;
    database.run("DROP TABLE x_agenda");
    site.recover(true).expect(ExitCode::Migrate);
    assert!(site.pending().is_some(), "half of it stands: somebody has to look");
    database.run("ALTER TABLE variaveis DROP COLUMN x_extra");
    site.recover(true).expect(ExitCode::Ok);
    assert_eq!((site.state(), site.pending()), (one, None));
}

#[test]
fn every_step_that_fails_leaves_everything_as_it_was() {
    let site = Site::new();
    site.install(1).expect(ExitCode::Ok);
    let old = site.state();
    for (point, _) in POINTS.into_iter().filter(|(_, committed)| !committed) {
        for action in ["error", "panic"] {
            let ended = site.rollback_at(&json!({}), Some(format!("{point}:{action}")));
            assert_eq!(ended.code, ExitCode::Internal, "{point} {action}");
            assert_eq!((site.state(), site.pending()), (old.clone(), None), "{point} {action}");
            assert_eq!(ended.report["confirmado"], json!(false), "{point} {action}");
        }
    }
    site.rollback(&json!({})).expect(ExitCode::Ok);
}

/// Rows of two versions and a user's edits, drawn: what nobody touched is as it was, and no edit is lost.
#[test]
fn drawn_edits_survive_or_are_saved() {
    let rounds: u32 = told("GESTOR_PLUGINS_ROUNDS")
        .and_then(|text| text.parse().ok())
        .unwrap_or(4);
    let mut draw = Draw::of_process(0x9e37_79b9_7f4a_7c15);
    for round in 0..rounds {
        let names: Vec<String> = (0..16).map(|at| format!("x-{at}")).collect();
        // Absent, or one of two values.
        let mut drawn = || -> Vec<u64> { names.iter().map(|_| draw.below(3)).collect() };
        let (one, two, edits) = (drawn(), drawn(), drawn());
        let of = |version: &str, values: &[u64]| {
            let texts: Vec<String> = values.iter().map(u64::to_string).collect();
            let rows = names
                .iter()
                .zip(values)
                .zip(&texts)
                .filter(|((_, value), _)| **value > 0);
            let rows: Vec<(&str, &str)> = rows.map(|((name, _), text)| (name.as_str(), text.as_str())).collect();
            package(version, &rows)
        };
        let site = Site::of([of("1.0.0", &one), of("2.0.0", &two)]);
        let edit = |phase: u64| {
            for (name, _) in names.iter().zip(&edits).filter(|(_, edited)| **edited == phase) {
                let sql = format!("UPDATE variaveis SET valor='USER {name}' WHERE id='{name}'");
                site.gestor.database.run(&sql);
            }
        };
        edit(1);
        site.install(1).expect(ExitCode::Ok);
        edit(2);
        site.rollback(&json!({})).expect(ExitCode::Ok);
        for (at, name) in names.iter().enumerate() {
            let drawn = (one[at], two[at], edits[at]);
            let was_there = one[at] > 0 || (two[at] > 0 && edits[at] == 2);
            let is_edited = was_there && (edits[at] == 2 || (edits[at] == 1 && one[at] > 0));
            let expected = match drawn {
                (0, ..) => None,
                _ if is_edited => Some(format!("USER {name}")),
                (value, ..) => Some(value.to_string()),
            };
            assert_eq!(site.value(name), expected, "round {round}: {name} {drawn:?}");
            if is_edited && one[at] == 0 {
                let condition = format!("motivo='removida' AND valores LIKE '%USER {name}\"%'");
                let saved = site.gestor.database.count("gestor_plugins_guardados", &condition);
                assert_eq!(saved, 1, "round {round}: {name} {drawn:?}");
            }
        }
    }
}
