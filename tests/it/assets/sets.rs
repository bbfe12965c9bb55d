//! Several plugins at once: what one by one is published, or told, is so together; what one gives up another takes at once.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use super::{gestor, text};
use crate::support::child;
use crate::support::gestor::{Gestor, tree};
use crate::support::operation::Ended;
use crate::support::package::Package;

/// A module's styles; nothing where it has none.
fn package(slug: &str, version: &str, css: Option<&str>) -> Package {
    let plain = Package::new(slug, version);
    match css {
        Some(css) => plain
            .file("modules/mod/mod.json", json!({"versao": version}).to_string())
            .file("modules/mod/mod.css", css),
        None => plain,
    }
}

fn call(gestor: &Gestor, folder: &Path, packages: &[&Package], more: &Value) -> Value {
    let paths = packages.iter().enumerate().map(|(number, package)| {
        let path = folder.join(format!("{number}.zip"));
        package.write(&path);
        json!({"arquivo": path})
    });
    let mut call = child::about(gestor, "a", more);
    call.as_object_mut().unwrap().remove("slug");
    call["pacotes"] = paths.collect();
    call
}

fn batch(gestor: &Gestor, packages: &[&Package], more: &Value) -> Ended {
    let folder = tempfile::tempdir().unwrap();
    child::other("batch", &call(gestor, folder.path(), packages, more), None)
}

fn told(report: &Value, slug: &str) -> String {
    let plugins = report["plugins"].as_array().unwrap();
    let one = plugins.iter().find(|one| one["slug"] == slug).unwrap();
    one["avisos"].to_string()
}

fn verified(gestor: &Gestor) {
    for slug in ["a", "b"] {
        child::other("verify", &child::about(gestor, slug, &json!({})), None).expect(ExitCode::Ok);
    }
}

fn uninstall(gestor: &Gestor, slug: &str) {
    child::other("uninstall", &child::about(gestor, slug, &json!({})), None).expect(ExitCode::Ok);
}

#[test]
fn the_first_has_the_address_and_the_other_is_told() {
    for other in ["B", "A"] {
        let gestor = gestor();
        let before = tree(&gestor.root().join("assets"));
        let (a, b) = (package("a", "1.0.0", Some("A")), package("b", "1.0.0", Some(other)));
        let dry = batch(&gestor, &[&a, &b], &json!({"dry_run": true}))
            .expect(ExitCode::Ok)
            .report;
        let real = batch(&gestor, &[&a, &b], &json!({})).expect(ExitCode::Ok).report;
        for report in [&dry, &real] {
            assert!(
                told(report, "b").contains("assets/mod/css.css was not published"),
                "{report}"
            );
            assert!(!told(report, "a").contains("not published"), "{report}");
        }
        assert_eq!(text(&gestor, "mod/css.css").unwrap(), "A");
        verified(&gestor);
        uninstall(&gestor, "b");
        assert_eq!(text(&gestor, "mod/css.css").unwrap(), "A");
        uninstall(&gestor, "a");
        assert_eq!(tree(&gestor.root().join("assets")), before);
    }
}

#[test]
fn what_one_gives_up_another_takes_in_whatever_order() {
    // Who gives, who takes, and what the taker's file holds: the same as that of the giver, or something else.
    for (giver, taker) in [("a", "b"), ("b", "a")] {
        for content in ["OLD", "NEW"] {
            let gestor = gestor();
            let before = tree(&gestor.root().join("assets"));
            gestor
                .install(&package(giver, "1.0.0", Some("OLD")), &[])
                .expect(ExitCode::Ok);
            gestor.install(&package(taker, "1.0.0", None), &[]).expect(ExitCode::Ok);
            let (gives, takes) = (package(giver, "1.1.0", None), package(taker, "1.1.0", Some(content)));
            let dry = batch(&gestor, &[&gives, &takes], &json!({"dry_run": true})).expect(ExitCode::Ok);
            let real = batch(&gestor, &[&gives, &takes], &json!({})).expect(ExitCode::Ok);
            for ended in [&dry, &real] {
                assert!(!ended.report.to_string().contains("not published"), "{}", ended.report);
            }
            assert_eq!(
                text(&gestor, "mod/css.css").as_deref(),
                Some(content),
                "{giver} {taker}"
            );
            verified(&gestor);
            uninstall(&gestor, giver);
            assert_eq!(
                text(&gestor, "mod/css.css").as_deref(),
                Some(content),
                "{giver} {taker}"
            );
            uninstall(&gestor, taker);
            assert_eq!(tree(&gestor.root().join("assets")), before, "{giver} {taker}");
        }
    }
}

#[test]
fn what_somebody_wrote_to_what_is_given_up_is_kept() {
    let gestor = gestor();
    gestor
        .install(&package("a", "1.0.0", Some("A")), &[])
        .expect(ExitCode::Ok);
    fs::write(gestor.root().join("assets/mod/css.css"), "MINE").unwrap();
    let packages = [package("a", "1.1.0", None), package("b", "1.0.0", Some("B"))];
    batch(&gestor, &[&packages[0], &packages[1]], &json!({})).expect(ExitCode::Ok);
    assert_eq!(text(&gestor, "mod/css.css").unwrap(), "B");
    let kept = gestor.root().join("plugins/_backups/a-assets/mod/css.css");
    assert_eq!(fs::read_to_string(kept).unwrap(), "MINE");
}

#[test]
fn who_has_it_and_wants_it_still_keeps_it() {
    let gestor = gestor();
    gestor
        .install(&package("b", "1.0.0", Some("B")), &[])
        .expect(ExitCode::Ok);
    let packages = [package("a", "1.0.0", Some("A")), package("b", "1.1.0", Some("B2"))];
    let ended = batch(&gestor, &[&packages[0], &packages[1]], &json!({})).expect(ExitCode::Ok);
    assert!(told(&ended.report, "a").contains("of the plugin b"), "{}", ended.report);
    assert_eq!(text(&gestor, "mod/css.css").unwrap(), "B2");
    verified(&gestor);
}

#[test]
fn a_set_that_fails_or_is_killed_gives_back_what_was_taken() {
    let served = |gestor: &Gestor| -> (BTreeMap<String, String>, Vec<Option<String>>) {
        let record =
            |slug: &str| fs::read_to_string(gestor.root().join(format!("plugins/.instalado/{slug}.assets"))).ok();
        (tree(&gestor.root().join("assets")), ["a", "b"].map(record).to_vec())
    };
    for (giver, taker) in [("a", "b"), ("b", "a")] {
        for (point, committed) in [
            ("announced:error", false),
            ("asset:kill", false),
            ("swapped:error", false),
            ("swapped:kill", false),
            ("committed:kill", true),
            ("closed:kill", true),
            ("closed:kill:2", true),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let gestor = gestor();
            gestor
                .install(&package(giver, "1.0.0", Some("OLD")), &[])
                .expect(ExitCode::Ok);
            let old = served(&gestor);
            let packages = [package(giver, "1.1.0", None), package(taker, "1.0.0", Some("OLD"))];
            let call = call(
                &gestor,
                folder.path(),
                &[&packages[0], &packages[1]],
                &json!({"operacao": "batch"}),
            );
            assert!(!child::start(&call, Some(point)).wait().unwrap().success(), "{point}");
            for slug in [giver, taker] {
                child::other("recover", &child::about(&gestor, slug, &json!({})), None).expect(ExitCode::Ok);
            }
            let now = served(&gestor);
            if committed {
                assert_eq!(text(&gestor, "mod/css.css").unwrap(), "OLD", "{point}");
                verified(&gestor);
                uninstall(&gestor, giver);
                assert_eq!(text(&gestor, "mod/css.css").unwrap(), "OLD", "{point}");
                uninstall(&gestor, taker);
                assert_eq!(text(&gestor, "mod/css.css"), None, "{point}");
            } else {
                assert_eq!(now, old, "{point}");
                child::other("verify", &child::about(&gestor, giver, &json!({})), None).expect(ExitCode::Ok);
            }
            assert!(gestor.leftovers().is_empty(), "{point}");
        }
    }
}

#[test]
fn twins_are_one_address() {
    let gestor = gestor();
    let of = |slug: &str, name: &str| {
        let file = format!("modules/mod/mod.{name}.css");
        package(slug, "1.0.0", None)
            .file("modules/mod/mod.json", "{}")
            .file(&file, slug)
    };
    let (composed, decomposed) = ("caf\u{e9}", "cafe\u{301}");
    gestor.install(&of("a", composed), &[]).expect(ExitCode::Ok);
    for name in [decomposed, "CAF\u{c9}"] {
        let ended = gestor.install(&of("b", name), &[]).expect(ExitCode::Ok);
        assert!(
            ended.report["avisos"].to_string().contains("was not published"),
            "{}",
            ended.report
        );
        assert_eq!(text(&gestor, &format!("mod/{name}.css")), None);
        uninstall(&gestor, "b");
    }
    uninstall(&gestor, "a");
    let ended = batch(&gestor, &[&of("a", composed), &of("b", decomposed)], &json!({})).expect(ExitCode::Ok);
    assert!(
        told(&ended.report, "b").contains("was not published"),
        "{}",
        ended.report
    );
}
