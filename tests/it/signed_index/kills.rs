//! Whoever stores what is believed, or publishes it, is killed at every point: what is left is an earlier state, and the
//! next one goes on. Several at once do not harm each other.

use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use super::{Publisher, Site, refused};
use crate::support::child;
use crate::support::github::Reply;
use crate::support::package::Package;

fn refreshing(site: &Site) -> Value {
    json!({"operacao": "index", "acao": "atualizar", "confianca": site.trust(), "raiz": site.gestor.root(), "lang": "en",
        "db": {"socket": site.gestor.database.socket(), "nome": site.gestor.database.name(), "usuario": "root"}})
}

#[test]
fn a_refresh_that_is_killed_after_any_role_is_gone_on_with() {
    let publisher = Publisher::new();
    publisher.package(&Package::new("p", "1.0.0"), &json!({}));
    publisher.act(&json!({"acao": "assinar-raiz"})).expect(ExitCode::Ok);
    // Operators know the first root.
    std::fs::copy(
        publisher.folder().join("1.root.json"),
        publisher.folder().join("root.json"),
    )
    .unwrap();
    for (killed, role) in [(1, "root.2"), (2, "timestamp"), (3, "snapshot"), (4, "targets")] {
        let site = Site::knowing(&publisher);
        let status = child::start(&refreshing(&site), Some(&format!("index_kept:kill:{killed}")))
            .wait()
            .unwrap();
        assert!(!status.success());
        assert!(site.remembered(role).is_some(), "{role} is stored at once");
        let roles = site
            .gestor
            .database
            .value("SELECT COUNT(*) FROM gestor_plugins_indices");
        assert_eq!(roles, Some(killed.to_string()), "and nothing after it");
        site.refresh().expect(ExitCode::Ok);
        site.install("p", &json!({})).expect(ExitCode::Ok);
        // What was seen before the kill counts.
        if killed >= 2 {
            let old = publisher.forged("timestamp.json", &[publisher.key("timestamp")], |said| {
                said["version"] = json!(1);
            });
            publisher.answer("timestamp.json", Reply::ok(old));
            refused(&site.refresh(), ExitCode::Signature, "goes back");
            publisher.show();
        }
    }
}

#[test]
fn several_that_refresh_at_once_end_well() {
    let publisher = Publisher::new();
    publisher.package(&Package::new("p", "1.0.0"), &json!({}));
    let site = Site::knowing(&publisher);
    let children: Vec<_> = (0..4).map(|_| child::start(&refreshing(&site), None)).collect();
    for mut child in children {
        assert_eq!(child.wait().unwrap().code(), Some(0));
    }
    assert_eq!(
        site.gestor
            .database
            .value("SELECT COUNT(*) FROM gestor_plugins_indices")
            .as_deref(),
        Some("5"),
        "three roles, and what belongs together of them"
    );
    // One that holds the lock and dies leaves it to the next.
    publisher.act(&json!({"acao": "renovar"})).expect(ExitCode::Ok);
    let mut held = child::start(&refreshing(&site), Some("index_kept:wait:1"));
    while site.remembered("timestamp").as_deref() != Some("3") {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let mut next = child::start(&refreshing(&site), None);
    std::thread::sleep(std::time::Duration::from_millis(1500));
    assert!(next.try_wait().unwrap().is_none(), "it waits");
    held.kill().unwrap();
    held.wait().unwrap();
    assert_eq!(next.wait().unwrap().code(), Some(0));
}

#[test]
fn publishing_that_is_killed_at_any_file_leaves_what_was_there() {
    let publisher = Publisher::new();
    publisher.package(&Package::new("p", "1.0.0"), &json!({}));
    let site = Site::knowing(&publisher);
    site.refresh().expect(ExitCode::Ok);
    let path = publisher.folder().with_file_name("package.zip");
    for killed in 1..=10 {
        let version = format!("1.0.{killed}");
        Package::new("p", &version).write(&path);
        let bytes = std::fs::read(&path).unwrap();
        let place = format!("/p/{version}.zip");
        publisher.server.on(&place, [Reply::ok(bytes)]);
        let publish = json!({"acao": "publicar", "arquivo": path, "url": publisher.server.url(&place)});
        let mut call = json!({"operacao": "index_publish", "raiz": publisher.folder(), "lang": "en",
            "pasta_publicada": publisher.folder(), "pasta_chaves": publisher.keys()});
        call.as_object_mut()
            .unwrap()
            .extend(publish.as_object().unwrap().clone());
        let status = child::start(&call, Some(&format!("index_written:kill:{killed}")))
            .wait()
            .unwrap();
        publisher.show();
        // Five files are written, each with a point before and behind its name.
        assert_eq!(status.success(), killed > 10, "{killed}");
        site.refresh().expect(ExitCode::Ok);
        Site::knowing(&publisher).refresh().expect(ExitCode::Ok);
        publisher.act(&publish).expect(ExitCode::Ok);
        site.refresh().expect(ExitCode::Ok);
        site.install("p", &json!({})).expect(ExitCode::Ok);
        assert_eq!(site.version("p"), Some(version));
    }
}
