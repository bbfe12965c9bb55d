//! Packages from elsewhere, while an index cannot be had, has ended, shows what is not its own, or time went back.

use std::fs;
use std::time::Duration;

use chrono::TimeDelta;
use gestor_plugins::base::clock::{Clock as _, SystemClock};
use gestor_plugins::base::json::hex;
use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use super::judging::{ALWAYS, Scene, withdrawn};
use super::{Publisher, Site, refused};
use crate::looks::call;
use crate::support::github::{Manner, Reply};
use crate::support::operation::{Ended, Quiet, called, run};

/// What is told of an index of which nothing is remembered.
const FORGOTTEN: &str = "this site does not remember what it withdraws";

/// What the site remembers of the index ended some days ago, and nothing newer can be had.
fn ended(scene: &Scene, days: i64) {
    let then = (SystemClock.now() - TimeDelta::days(days)).to_utc();
    let timestamp = scene
        .publisher
        .forged("timestamp.json", &[scene.publisher.key("timestamp")], |said| {
            said["expires"] = json!(then.format("%Y-%m-%dT%H:%M:%SZ").to_string());
        });
    scene.publisher.answer("timestamp.json", Reply::new(503, ""));
    let sql = format!(
        "UPDATE gestor_plugins_indices SET bytes = UNHEX('{}') WHERE papel = 'timestamp'",
        hex(&timestamp)
    );
    scene.site.gestor.database.run(&sql);
    scene.site.wait();
}

fn warnings(ended: &Ended) -> String {
    ended.report["avisos"].to_string()
}

fn grace(site: &Site, days: u32) {
    let policy = json!({"tolerancia_offline_dias": days}).to_string();
    fs::write(site.trust().join("politica.json"), policy).unwrap();
}

#[test]
fn an_index_that_is_too_old_warns_and_refuses_where_signatures_are_required() {
    let scene = Scene::new();
    let (site, path) = (&scene.site, scene.signed("1.0.0", ALWAYS));
    let install = |level: &str| site.upload(&path, &json!({"assinatura": level, "dry_run": true}));
    scene.publisher.withdraw(&json!([{"id": "GP-2", "plugin": "other"}]));
    site.refresh().expect(ExitCode::Ok);
    ended(&scene, 6);
    for level in ["avisar", "exigir"] {
        let told = warnings(&install(level).expect(ExitCode::Ok));
        assert!(told.contains("7 days of grace"), "{level}: {told}");
    }
    ended(&scene, 8);
    let told = warnings(&install("avisar").expect(ExitCode::Ok));
    assert!(told.contains("ended more than 7 days ago"), "{told}");
    refused(&install("exigir"), ExitCode::Stale, "ended more than 7 days ago");
    site.install("acme-shop", &json!({})).expect(ExitCode::Stale);
    // The operator says how long.
    grace(site, 30);
    let told = warnings(&install("exigir").expect(ExitCode::Ok));
    assert!(told.contains("30 days of grace"), "{told}");
    grace(site, 0);
    ended(&scene, 1);
    refused(&install("exigir"), ExitCode::Stale, "more than 0 days ago");
    // Whoever does not look is told nothing.
    fs::write(
        site.trust().join("politica.json"),
        r#"{"padrao":{"assinatura":"desligada"}}"#,
    )
    .unwrap();
    let told = site.upload(&path, &json!({"dry_run": true})).expect(ExitCode::Ok);
    assert!(!warnings(&told).contains("index acme"), "{}", told.report);
}

#[test]
fn what_was_withdrawn_stays_so_however_old_the_word_is() {
    let scene = Scene::new();
    let (site, path) = (&scene.site, scene.unsigned("1.0.0"));
    scene.publisher.withdraw(&withdrawn());
    site.refresh().expect(ExitCode::Ok);
    ended(&scene, 400);
    refused(
        &site.upload(&path, &json!({})),
        ExitCode::Signature,
        "the index acme withdrew it (GP-1)",
    );
    // Whoever lets a new timestamp through and nothing else makes nobody forget.
    scene.publisher.withdraw(&json!([]));
    let snapshot = scene.publisher.read("timestamp.json");
    let snapshot: Value = serde_json::from_slice(&snapshot).unwrap();
    let version = &snapshot["signed"]["meta"]["snapshot.json"]["version"];
    scene
        .publisher
        .answer(&format!("{version}.snapshot.json"), Reply::new(503, ""));
    site.wait();
    refused(
        &site.upload(&path, &json!({})),
        ExitCode::Signature,
        "the index acme withdrew it (GP-1)",
    );
    scene.publisher.show();
    site.wait();
    site.upload(&path, &json!({})).expect(ExitCode::Ok);
}

#[test]
fn what_is_remembered_counts_however_old_it_is_and_only_where_the_index_signed_it() {
    let scene = Scene::new();
    let (site, path) = (&scene.site, scene.unsigned("1.0.0"));
    scene.publisher.withdraw(&withdrawn());
    site.refresh().expect(ExitCode::Ok);
    let put = |targets: &[u8]| {
        let sql = format!(
            "UPDATE gestor_plugins_indices SET bytes = UNHEX('{}') WHERE papel = 'targets'",
            hex(targets)
        );
        site.gestor.database.run(&sql);
        site.wait();
    };
    let version = site.remembered("targets").unwrap();
    let ended = scene.publisher.forged(
        &format!("{version}.targets.json"),
        &[scene.publisher.key("targets")],
        |said| {
            said["expires"] = json!("2020-01-01T00:00:00Z");
        },
    );
    for file in ["timestamp.json", &format!("{version}.targets.json")] {
        scene.publisher.answer(file, Reply::new(503, ""));
    }
    put(&ended);
    let install = || site.upload(&path, &json!({"dry_run": true}));
    refused(&install(), ExitCode::Signature, "the index acme withdrew it (GP-1)");
    // Without the list itself nobody knows what it said.
    for file in fs::read_dir(site.gestor.paths().indices().join("acme")).unwrap() {
        fs::remove_file(file.unwrap().path()).unwrap();
    }
    let list = || warnings(&site.run("list", &json!({})).expect(ExitCode::Ok));
    let listed = list();
    assert!(listed.contains(FORGOTTEN), "{listed}");
    // Whoever writes the table makes it forget, which is told, and says nothing in its place.
    put(&Publisher::new().read("1.targets.json"));
    let told = warnings(&install().expect(ExitCode::Ok));
    assert!(told.contains("503"), "{told}");
    let listed = list();
    assert!(listed.contains(FORGOTTEN), "{listed}");
}

#[test]
fn an_index_that_was_never_reached_warns_and_refuses_where_signatures_are_required() {
    let publisher = Publisher::new();
    publisher.answer("timestamp.json", Reply::new(503, ""));
    let site = Site::knowing(&publisher);
    let path = publisher.folder().with_file_name("p.zip");
    crate::support::package::Package::new("acme-shop", "1.0.0").write(&path);
    let strict = json!({"assinatura": "exigir"});
    refused(&site.upload(&path, &strict), ExitCode::Stale, "503");
    let told = warnings(&site.upload(&path, &json!({})).expect(ExitCode::Ok));
    assert!(told.contains("503") && told.contains("or there is nothing"), "{told}");
    let listed = site.run("list", &json!({})).expect(ExitCode::Ok);
    assert!(warnings(&listed).contains(FORGOTTEN), "{}", listed.report);
    // The plugin itself is not there: that is another code.
    site.install("acme-shop", &json!({})).expect(ExitCode::Download);
    // Nor is one reached that is not whole.
    publisher.answer("timestamp.json", Reply::new(404, ""));
    let site = Site::knowing(&publisher);
    refused(&site.upload(&path, &strict), ExitCode::Stale, "not there");
    let told = warnings(&site.upload(&path, &json!({})).expect(ExitCode::Ok));
    assert!(told.contains("timestamp.json"), "{told}");
}

#[test]
fn what_is_not_the_indexs_own_is_refused() {
    let scene = Scene::new();
    let (site, path) = (&scene.site, scene.unsigned("1.0.0"));
    site.refresh().expect(ExitCode::Ok);
    let thief = Publisher::new();
    scene
        .publisher
        .answer("timestamp.json", Reply::ok(thief.read("timestamp.json")));
    site.wait();
    refused(
        &site.upload(&path, &json!({})),
        ExitCode::Signature,
        "index acme: timestamp.json is signed by 0 of the 1 keys",
    );
    assert!(site.gestor.tree("acme-shop").is_empty());
    scene.publisher.show();
    site.upload(&path, &json!({})).expect(ExitCode::Ok);
    // What comes back comes in as any other does.
    let uninstall = call(&site.gestor, &json!({"slug": "acme-shop"}));
    run(
        called("uninstall", uninstall, &site.settings),
        site.settings.clone(),
        &mut Quiet,
    )
    .expect(ExitCode::Ok);
    scene
        .publisher
        .answer("timestamp.json", Reply::ok(thief.read("timestamp.json")));
    site.wait();
    let back = site.run("restore", &json!({"slug": "acme-shop"}));
    refused(&back, ExitCode::Signature, "signed by 0 of the 1 keys");
}

#[test]
fn time_does_not_go_back_for_an_index() {
    let scene = Scene::new();
    let (site, path) = (
        &scene.site,
        scene.signed("1.0.0", ("20200101000000Z", "20210101000000Z")),
    );
    scene.publish(&path, "2020-12-31T00:00:00Z");
    site.refresh().expect(ExitCode::Ok);
    let later = |hours: i64| {
        let then = (SystemClock.now() + TimeDelta::hours(hours)).to_utc();
        let sql = format!(
            "UPDATE gestor_plugins_indices SET obtido_em = '{}'",
            then.format("%Y-%m-%d %H:%M:%S")
        );
        site.gestor.database.run(&sql);
        then.format("%H:%M:%S").to_string()
    };
    let install = |more: &Value| site.upload(&path, more);
    let strict = json!({"assinatura": "exigir", "dry_run": true});
    install(&strict).expect(ExitCode::Ok);
    // By what clock somebody noted that it could not be reached is no matter.
    let failed = "INSERT INTO gestor_plugins_indices VALUES \
                  ('acme', 'falha', 0, '2099-01-01', '[]', UTC_TIMESTAMP() + INTERVAL 1 DAY)";
    site.gestor.database.run(failed);
    install(&strict).expect(ExitCode::Ok);
    site.gestor
        .database
        .run("DELETE FROM gestor_plugins_indices WHERE papel = 'falha'");
    // The clocks of several machines differ.
    later(1);
    install(&strict).expect(ExitCode::Ok);
    let newest = later(3);
    refused(&install(&strict), ExitCode::Signature, "nor does a fresh index say");
    let told = warnings(&install(&json!({"dry_run": true})).expect(ExitCode::Ok));
    let newest = &newest[..5];
    assert!(
        told.contains("the clock of this machine shows") && told.contains(newest),
        "{told} lacks {newest}"
    );
    // What has ended by the later time has ended.
    later(24 * 20);
    refused(&install(&strict), ExitCode::Stale, "the clock of this machine shows");
    site.install("acme-shop", &json!({})).expect(ExitCode::Stale);
    install(&json!({"dry_run": true})).expect(ExitCode::Ok);
    // Nobody asks it away.
    site.refresh().expect(ExitCode::Stale);
    later(-1);
    install(&strict).expect(ExitCode::Ok);
}

#[test]
fn a_trust_folder_that_is_named_has_to_be_there() {
    let scene = Scene::new();
    let (site, path) = (&scene.site, scene.unsigned("1.0.0"));
    let gone = json!({"confianca": "/nowhere/at/all", "assinatura": "exigir"});
    for ended in [
        site.upload(&path, &gone),
        site.run("signature", &json!({"arquivo": path, "confianca": "/nowhere/at/all"})),
        site.run("index", &json!({"acao": "listar", "confianca": "/nowhere/at/all"})),
    ] {
        refused(&ended, ExitCode::ParamsOrFile, "/nowhere/at/all is no folder");
    }
    site.upload(&path, &json!({"confianca": null})).expect(ExitCode::Ok);
    let gone = site.run("verify", &json!({"slug": "acme-shop", "confianca": "/nowhere/at/all"}));
    refused(&gone, ExitCode::ParamsOrFile, "/nowhere/at/all is no folder");
}

#[test]
fn a_server_that_takes_long_to_say_nothing_is_not_waited_for_each_time() {
    let scene = Scene::new();
    let (site, path) = (&scene.site, scene.unsigned("1.0.0"));
    let silent = Reply::new(200, "").manner(Manner::Silent(Duration::from_secs(20)));
    scene.publisher.answer("timestamp.json", silent);
    let asked = || {
        let paths = scene.publisher.server.paths();
        paths.iter().filter(|path| path.ends_with("timestamp.json")).count()
    };
    let first = warnings(&site.upload(&path, &json!({})).expect(ExitCode::Ok));
    let times = asked();
    assert!(times > 0);
    let second = warnings(&site.upload(&scene.unsigned("1.0.1"), &json!({})).expect(ExitCode::Ok));
    assert_eq!((asked(), second), (times, first));
    site.install("acme-shop", &json!({})).expect(ExitCode::Download);
    site.upload(&path, &json!({"assinatura": "exigir", "forcar": true}))
        .expect(ExitCode::Stale);
    assert_eq!(asked(), times);
    // Whoever asks by hand asks, and once it answers nothing is left of it.
    scene.publisher.show();
    site.refresh().expect(ExitCode::Ok);
    let rows = "SELECT COUNT(*) FROM gestor_plugins_indices WHERE papel = 'falha'";
    assert_eq!(site.gestor.database.value(rows).as_deref(), Some("0"));
    let told = site.upload(&scene.unsigned("1.0.2"), &json!({})).expect(ExitCode::Ok);
    assert!(!warnings(&told).contains("timestamp.json"), "{}", told.report);
}
