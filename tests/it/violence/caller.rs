//! Callers that cancel, and callers that vanish, at every event of an operation.

use gestor_plugins::config::{Argument, InstallParameters, Settings};
use gestor_plugins::log::{Progress, Step};
use gestor_plugins::ops::{Answer, Call, Event, Operation};
use gestor_plugins::outcome::ExitCode;

use crate::support::operation::{Ended, Host, run};
use crate::support::scene::{Kind, Scene, state};

fn call(scene: &Scene) -> Call {
    let parameters = InstallParameters::read(Argument::from(&scene.call()), &Settings::default()).unwrap();
    Call::Install(Box::new(parameters))
}

/// Counts events, and cancels at one of them.
#[derive(Default)]
struct Impatient {
    seen: Vec<Step>,
    cancels_at: Option<usize>,
}

impl Host for Impatient {
    fn progress(&mut self, progress: &Progress) -> bool {
        self.seen.push(progress.step);
        self.cancels_at != Some(self.seen.len() - 1)
    }
}

fn cancelled(scene: &Scene, at: Option<usize>) -> (Ended, Vec<Step>) {
    let mut host = Impatient {
        cancels_at: at,
        ..Impatient::default()
    };
    (run(call(scene), Settings::default(), &mut host), host.seen)
}

#[test]
fn cancelling_changes_nothing_before_the_commit_and_is_too_late_after() {
    for kind in [Kind::First, Kind::Update] {
        let scene = Scene::new(kind);
        scene.reset();
        let (ended, all) = cancelled(&scene, None);
        ended.expect(ExitCode::Ok);
        assert!(all.contains(&Step::Finish), "{all:?}");
        let (mut before, mut after) = (0, 0);
        // How many events fall into one step depends on the clock: until an operation ends before the event.
        for at in 0..500 {
            scene.reset();
            let (ended, seen) = cancelled(&scene, Some(at));
            let Some(step) = seen.get(at) else { break };
            let what = format!("{kind:?} cancelled at event {at}, {step:?}");
            let too_late = *step == Step::Finish;
            let expected = if too_late { ExitCode::Ok } else { ExitCode::Cancelled };
            assert_eq!(ended.code, expected, "{what}: {}", ended.report["erros"]);
            let expected = if too_late { &scene.new } else { &scene.old };
            assert_eq!(&state(&scene.gestor), expected, "{what}");
            assert!(too_late || seen.len() == at + 1, "{what}: events after it, {seen:?}");
            *(if too_late { &mut after } else { &mut before }) += 1;
            assert_eq!(scene.settle(&what), too_late, "{what}");
        }
        println!("{kind:?}: cancelled at {before} events before the commit and {after} after it");
        assert!(before >= 6 && after >= 1, "{all:?}");
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
            let mut operation = Operation::start(call(&scene), Settings::default(), true).unwrap();
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
