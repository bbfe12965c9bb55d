//! Callers that cancel, and callers that vanish, at every event of an operation.

use gestor_plugins::config::Argument;
use gestor_plugins::log::{Progress, Step};
use gestor_plugins::ops::{Answer, Call, Event};
use gestor_plugins::outcome::ExitCode;

use crate::support::operation::{Ended, Host, called, run};
use crate::support::scene::{Kind, Scene, state};

fn call(scene: &Scene) -> Call {
    called("install", Argument::from(&scene.call()), &crate::support::english())
}

/// Keeps the steps of events, and cancels at the first event of one of them.
#[derive(Default)]
struct Impatient {
    seen: Vec<Step>,
    cancels_at: Option<Step>,
}

impl Host for Impatient {
    fn progress(&mut self, progress: &Progress) -> bool {
        self.seen.push(progress.step);
        self.cancels_at != Some(progress.step)
    }
}

fn cancelled(scene: &Scene, at: Option<Step>) -> (Ended, Vec<Step>) {
    let mut host = Impatient {
        cancels_at: at,
        ..Impatient::default()
    };
    (run(call(scene), crate::support::english(), &mut host), host.seen)
}

#[test]
fn cancelling_changes_nothing_before_the_commit_and_is_too_late_after() {
    for kind in [Kind::First, Kind::Update] {
        let scene = Scene::new(kind);
        scene.reset();
        let (ended, mut all) = cancelled(&scene, None);
        ended.expect(ExitCode::Ok);
        let (mut before, mut after) = (0, 0);
        all.dedup();
        for step in &all {
            scene.reset();
            let (ended, seen) = cancelled(&scene, Some(*step));
            let what = format!("{kind:?} cancelled at {step:?}");
            let too_late = *step == Step::Finish;
            let expected = if too_late { ExitCode::Ok } else { ExitCode::Cancelled };
            assert_eq!(ended.code, expected, "{what}: {}", ended.report["erros"]);
            let expected = if too_late { &scene.new } else { &scene.old };
            assert_eq!(&state(&scene.gestor), expected, "{what}");
            assert!(
                too_late || seen.last() == Some(step),
                "{what}: events after it, {seen:?}"
            );
            *(if too_late { &mut after } else { &mut before }) += 1;
            assert_eq!(scene.settle(&what), too_late, "{what}");
        }
        println!("{kind:?}: cancelled at {before} steps before the commit and {after} after it");
        assert!(before >= 6 && after == 1, "{all:?}");
    }
}

#[test]
fn a_caller_that_vanishes_leaves_the_old_or_the_new() {
    for kind in [Kind::First, Kind::Update] {
        let scene = Scene::new(kind);
        scene.reset();
        let all = cancelled(&scene, None).1.len();
        for after in 0..=all {
            scene.reset();
            let mut operation = call(&scene).start(crate::support::english(), true).unwrap();
            let mut last = None;
            for _ in 0..after {
                match operation.next_event() {
                    Event::Progress(progress) => last = Some(progress.step),
                    Event::Done(_) => break,
                    Event::Migrate(_) => {
                        operation.answer(Answer::Migrated(Vec::new()));
                        continue;
                    }
                }
                operation.answer(Answer::Continue);
            }
            drop(operation);
            let what = format!("{kind:?}, the caller vanished after {after} events, {last:?}");
            let found = state(&scene.gestor);
            assert!(found == scene.old || found == scene.new, "{what}");
            if last == Some(Step::Finish) {
                assert_eq!(found, scene.new, "{what}");
            }
            let is_new = found == scene.new;
            assert_eq!(scene.settle(&what), is_new, "{what}");
        }
    }
}
