//! Killed or failed at every point, coming back and going are whole or nothing.

use std::path::PathBuf;

use gestor_plugins::outcome::ExitCode;
use serde_json::json;

use super::{call, done, gestor, install, package, run, site};
use crate::support::child;
use crate::support::gestor::Gestor;
use crate::support::scene::{SLUG, recover};

/// Points of an operation that brings a tree, and of one that takes it away; whether it has committed there.
const POINTS: [(&str, bool); 9] = [
    ("journal", false),
    ("archived", false),
    ("applied", false),
    ("rows", false),
    ("announced", false),
    ("swapped", false),
    ("committed", true),
    ("closed", true),
    ("noted", true),
];

/// An operation that is to be broken off, and what comes before it.
struct Passage {
    before: &'static [(&'static str, &'static str)],
    operation: &'static str,
}

impl Passage {
    fn brings(&self) -> bool {
        matches!(self.operation, "restore" | "enable")
    }

    fn begin(&self) -> Gestor {
        let gestor = gestor();
        install(&gestor, &package("1.0.0", 3));
        for (operation, mode) in self.before {
            let modes = if mode.is_empty() {
                json!({})
            } else {
                json!({"modo": mode})
            };
            done(&gestor, operation, &modes);
        }
        gestor
    }

    fn break_off(&self, (point, committed): (&str, bool), action: &str) {
        let what = format!("{:?}, {} {action} at {point}", self.before, self.operation);
        let gestor = self.begin();
        let old = site(&gestor);
        let status = || gestor.database.value("SELECT status_execucao FROM plugins");
        let status_before = status();
        let fail_point = format!("{point}:{action}");
        if action == "kill" {
            let mut killed = child::start(&call(&gestor, self.operation), Some(&fail_point));
            let ended = killed.wait().unwrap();
            assert!(ended.code().is_none(), "{what}: not killed: {ended}");
            assert_eq!(recover(&gestor).code, ExitCode::Ok, "{what}");
        } else {
            let ended = run(&gestor, self.operation, &json!({}), Some(&fail_point));
            assert_eq!(ended.code, ExitCode::Internal, "{what}: {}", ended.report);
        }
        let found = site(&gestor);
        assert_eq!(found == old, !committed, "{what}: {found:#?} {old:#?}");
        assert_eq!(gestor.leftovers(), Vec::<PathBuf>::new(), "{what}");
        assert_eq!(gestor.database.count("gestor_plugins_operacoes", "1"), 0, "{what}");
        if !committed {
            if self.operation == "enable" {
                assert_eq!(status(), status_before, "{what}");
            }
            done(&gestor, self.operation, &json!({}));
        }
        if self.brings() {
            assert_eq!(gestor.database.count("paginas", "plugin = 'killed'"), 4, "{what}");
        } else {
            assert!(gestor.tree(SLUG).is_empty(), "{what}");
        }
    }
}

const PASSAGES: [Passage; 5] = [
    Passage {
        before: &[("uninstall", "remover")],
        operation: "restore",
    },
    Passage {
        before: &[("uninstall", "expurgar")],
        operation: "restore",
    },
    Passage {
        before: &[],
        operation: "disable",
    },
    Passage {
        before: &[("disable", "")],
        operation: "enable",
    },
    Passage {
        before: &[("disable", "")],
        operation: "uninstall",
    },
];

#[test]
fn what_is_killed_or_fails_on_its_way_is_whole_or_nothing() {
    for passage in PASSAGES {
        // Only what goes is archived.
        let points = POINTS
            .iter()
            .filter(|(point, _)| !(*point == "archived" && passage.brings()));
        for point in points {
            passage.break_off(*point, "kill");
            if !point.1 {
                passage.break_off(*point, "error");
                passage.break_off(*point, "panic");
            }
        }
    }
}
