//! Operations that run are seen by others, who may ask them to stop (SPEC 5 §2).

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use gestor_plugins::config::Argument;
use gestor_plugins::log::{Progress, Step};
use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use crate::support::operation::{Ended, Host, Quiet, called, run};
use crate::support::scene::{Kind, SLUG, Scene, state};
use crate::support::{child, english};

/// Longer than an operation goes without looking whether it is to stop.
const LOOK: Duration = Duration::from_millis(120);

/// Asks from a thread of its own, as another process would: this one may be serving an operation.
fn ask(word: &'static str, root: &Path, more: &Value) -> Ended {
    let mut call = json!({"raiz": root, "lang": "en"});
    call.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let asked = std::thread::spawn(move || run(called(word, Argument::from(&call), &english()), english(), &mut Quiet));
    asked.join().unwrap()
}

fn running(root: &Path) -> Vec<Value> {
    let told = ask("running", root, &json!({})).expect(ExitCode::Ok);
    told.report["execucoes"].as_array().unwrap().clone()
}

fn cancel(root: &Path, slug: &str) -> Ended {
    ask("cancel", root, &json!({"slug": slug}))
}

fn install(scene: &Scene, more: &[(&str, Value)], host: &mut dyn Host) -> Ended {
    let mut call = scene.call();
    for (key, value) in more {
        call[*key] = value.clone();
    }
    run(called("install", Argument::from(&call), &english()), english(), host)
}

/// Does something at the first event of a step.
struct At<'a> {
    step: Step,
    act: &'a mut dyn FnMut(),
    is_done: bool,
}

impl<'a> At<'a> {
    fn new(step: Step, act: &'a mut dyn FnMut()) -> Self {
        let is_done = false;
        Self { step, act, is_done }
    }
}

impl Host for At<'_> {
    fn progress(&mut self, progress: &Progress) -> bool {
        if progress.step == self.step && !self.is_done {
            self.is_done = true;
            (self.act)();
        }
        true
    }
}

fn files_of(scene: &Scene) -> Vec<String> {
    let names = std::fs::read_dir(scene.gestor.paths().work()).into_iter().flatten();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names
        .filter(|name| name.ends_with(".progress") || name.ends_with(".cancel"))
        .collect()
}

#[test]
fn each_step_is_seen_while_it_runs_and_nothing_stays() {
    struct Looking(std::path::PathBuf, Vec<String>);
    impl Host for Looking {
        fn progress(&mut self, progress: &Progress) -> bool {
            let found = running(&self.0);
            // The locks are not taken yet.
            if found.is_empty() && progress.step == Step::Prepare {
                return true;
            }
            let [one] = found.as_slice() else { panic!("{found:?}") };
            assert_eq!(one["slug"], SLUG);
            assert_eq!(one["situacao"], "executando");
            assert_eq!(one["acao"], "install");
            assert_eq!(one["ator"], "me");
            assert_eq!(one["processo"], std::process::id());
            assert_eq!(one["confirmada"], progress.step == Step::Finish, "{:?}", progress.step);
            let file = self.0.join(format!("temp/plugins/{SLUG}.progress"));
            assert_eq!(std::fs::metadata(file).unwrap().permissions().mode() & 0o7777, 0o640);
            let step = one["etapa"].as_str().unwrap().to_owned();
            if self.1.last() != Some(&step) {
                self.1.push(step);
            }
            assert_eq!(one["etapa"], progress.step.name());
            true
        }
    }
    let scene = Scene::new(Kind::Update);
    scene.reset();
    let mut host = Looking(scene.gestor.root().to_owned(), Vec::new());
    install(&scene, &[("ator", json!("me"))], &mut host).expect(ExitCode::Ok);
    assert!(host.1.len() >= 6, "{:?}", host.1);
    assert_eq!(files_of(&scene), Vec::<String>::new());
    assert_eq!(running(scene.gestor.root()), Vec::<Value>::new());
    cancel(scene.gestor.root(), SLUG).expect(ExitCode::ParamsOrFile);
}

#[test]
fn a_dry_run_is_not_shown() {
    let scene = Scene::new(Kind::Update);
    scene.reset();
    let mut seen = Vec::new();
    let root = scene.gestor.root().to_owned();
    let mut look = || seen.extend(running(&root).into_iter().map(|one| one["operacao"].clone()));
    install(&scene, &[("dry_run", json!(true))], &mut At::new(Step::Plan, &mut look)).expect(ExitCode::Ok);
    assert_eq!(seen, [Value::Null], "its lock is held, and that is all");
    assert_eq!(files_of(&scene), Vec::<String>::new());
}

#[test]
fn it_is_stopped_before_the_commit_and_not_after() {
    let scene = Scene::new(Kind::Update);
    let root = scene.gestor.root().to_owned();
    for (step, stops) in [
        (Step::Fetch, true),
        (Step::Extract, true),
        (Step::Plan, true),
        (Step::Commit, true),
        (Step::Finish, false),
    ] {
        scene.reset();
        let mut asked = Vec::new();
        let mut stop = || {
            asked.push(cancel(&root, SLUG));
            std::thread::sleep(LOOK);
        };
        let ended = install(&scene, &[], &mut At::new(step, &mut stop));
        let [asked] = asked.as_slice() else { panic!("{step:?}") };
        if stops {
            assert_eq!(asked.code, ExitCode::Ok, "{step:?}: {}", asked.report);
            assert_eq!(ended.code, ExitCode::Cancelled, "{step:?}: {}", ended.report["erros"]);
            assert!(state(&scene.gestor) == scene.old, "{step:?}");
        } else {
            assert_eq!(asked.code, ExitCode::Validate, "{step:?}: {}", asked.report);
            assert!(asked.report.to_string().contains("has committed"), "{}", asked.report);
            assert_eq!(ended.code, ExitCode::Ok, "{step:?}: {}", ended.report["erros"]);
            assert!(state(&scene.gestor) == scene.new, "{step:?}");
        }
        assert_eq!(files_of(&scene), Vec::<String>::new(), "{step:?}");
    }
}

#[test]
fn only_the_operation_that_is_named_is_stopped() {
    let scene = Scene::new(Kind::Update);
    scene.reset();
    let root = scene.gestor.root().to_owned();
    let mut stop = || {
        let other = ask("cancel", &root, &json!({"slug": SLUG, "operacao": "0"}));
        assert!(
            other
                .expect(ExitCode::ParamsOrFile)
                .report
                .to_string()
                .contains("not 0")
        );
        std::thread::sleep(LOOK);
    };
    install(&scene, &[], &mut At::new(Step::Plan, &mut stop)).expect(ExitCode::Ok);
}

#[test]
fn one_that_was_killed_is_told_as_interrupted_until_it_is_recovered() {
    let scene = Scene::new(Kind::Update);
    scene.reset();
    let root = scene.gestor.root();
    let status = child::start(&scene.call(), Some("swapped:kill")).wait().unwrap();
    assert!(!status.success());
    let told = ask("running", root, &json!({"slug": SLUG})).expect(ExitCode::Ok);
    assert_eq!(told.report["execucoes"][0]["situacao"], "interrompida");
    assert_eq!(told.report["execucoes"][0]["etapa"], "confirmar");
    assert!(told.report["avisos"][0].as_str().unwrap().contains("--recover"));
    let refused = cancel(root, SLUG).expect(ExitCode::Validate);
    assert!(refused.report.to_string().contains("was interrupted"));
    assert!(!scene.settle("killed"));
    assert_eq!(running(root), Vec::<Value>::new());
    assert_eq!(files_of(&scene), Vec::<String>::new());
}

#[test]
fn two_at_once_are_told_apart() {
    let scene = Scene::new(Kind::Update);
    scene.reset();
    let root = scene.gestor.root().to_owned();
    let other = crate::support::scene::package("2.0.0", "other");
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("other.zip");
    other.write(&archive);
    let call = {
        let mut call = child::call(&scene.gestor, &archive, "other", false);
        call["slug"] = json!("killed-too");
        call
    };
    // The second one is another plugin by its name only, and so is refused once its package is looked at: until then both
    // run.
    let mut both = Vec::new();
    let mut look = || {
        let mut within = || {
            both = running(&root);
            cancel(&root, "killed-too").expect(ExitCode::Ok);
            std::thread::sleep(LOOK);
        };
        let ended = std::thread::scope(|scope| {
            let second = scope.spawn(|| {
                let call = called("install", Argument::from(&call), &english());
                run(call, english(), &mut At::new(Step::Fetch, &mut within)).code
            });
            second.join().unwrap()
        });
        assert_eq!(ended, ExitCode::Cancelled);
    };
    install(&scene, &[], &mut At::new(Step::Plan, &mut look)).expect(ExitCode::Ok);
    let slugs: Vec<_> = both.iter().map(|one| one["slug"].as_str().unwrap()).collect();
    assert_eq!(slugs, [SLUG, "killed-too"]);
    assert_ne!(both[0]["operacao"], both[1]["operacao"]);
    assert!(state(&scene.gestor) == scene.new);
}
