//! What a site remembers of an index: between two files of a server, after somebody wrote to the table, on disk.

use std::fs::{self, File};
use std::time::{Duration, SystemTime};

use gestor_plugins::base::json::hex;
use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use super::{Publisher, Site, meta, public, refused};
use crate::support::github::Reply;
use crate::support::package::Package;

fn seen() -> (Publisher, Site) {
    let publisher = Publisher::new();
    publisher.package(&Package::new("p", "1.0.0"), &json!({}));
    let site = Site::knowing(&publisher);
    site.refresh().expect(ExitCode::Ok);
    (publisher, site)
}

/// The server has no more than a part of what is new.
fn half(publisher: &Publisher, missing: &str) {
    publisher.answer(missing, Reply::new(404, ""));
}

#[test]
fn what_was_whole_is_gone_on_with_where_what_is_new_is_not_all_there() {
    for missing in ["3.snapshot.json", "3.targets.json"] {
        let (publisher, site) = seen();
        publisher.package(&Package::new("p", "1.1.0"), &json!({}));
        half(&publisher, missing);
        for _ in 0..2 {
            let ended = site.refresh().expect(ExitCode::Ok);
            assert_eq!(ended.report["indices"][0]["situacao"], "tolerancia", "{missing}");
            assert!(ended.report["avisos"].to_string().contains(missing), "{}", ended.report);
        }
        assert_eq!(site.remembered("timestamp").as_deref(), Some("3"), "it was believed");
        // Nor is the server to be reached any more.
        publisher.answer("2.root.json", Reply::new(500, ""));
        site.install("p", &json!({})).expect(ExitCode::Ok);
        assert_eq!(site.version("p").as_deref(), Some("1.0.0"));
        // What was seen counts all the same.
        publisher.answer("2.root.json", Reply::new(404, ""));
        let old = publisher.forged("timestamp.json", &[publisher.key("timestamp")], |said| {
            said["version"] = json!(2);
        });
        publisher.answer("timestamp.json", Reply::ok(old));
        refused(
            &site.refresh(),
            ExitCode::Signature,
            "goes back to version 2, and 3 was seen",
        );
        publisher.show();
        let ended = site.refresh().expect(ExitCode::Ok);
        assert_eq!(ended.report["indices"][0]["situacao"], "atual");
        site.install("p", &json!({})).expect(ExitCode::Ok);
        assert_eq!(site.version("p").as_deref(), Some("1.1.0"));
        // Whoever has seen nothing has nothing to go on with.
        half(&publisher, missing);
        Site::knowing(&publisher).refresh().expect(ExitCode::Download);
    }
}

#[test]
fn an_old_state_that_somebody_put_into_the_table_is_not_taken_for_the_news_of_a_moment_ago() {
    let (publisher, site) = seen();
    let old = ["timestamp.json", "2.snapshot.json", "2.targets.json"].map(|file| publisher.read(file));
    publisher.package(&Package::new("p", "1.1.0"), &json!({}));
    site.refresh().expect(ExitCode::Ok);
    let asked = publisher.server.paths().len();
    site.install("p", &json!({"dry_run": true})).expect(ExitCode::Ok);
    let paths = publisher.server.paths();
    assert!(
        paths[asked..].iter().all(|path| !path.contains("timestamp")),
        "{paths:?}"
    );
    for (role, bytes) in ["timestamp", "snapshot", "targets"].iter().zip(&old) {
        let (bytes, like) = (hex(bytes), format!("{role}%"));
        site.gestor.database.run(&format!(
            "UPDATE gestor_plugins_indices SET bytes=0x{bytes}, obtido_em=UTC_TIMESTAMP() WHERE papel LIKE '{like}'"
        ));
    }
    site.install("p", &json!({})).expect(ExitCode::Ok);
    assert_eq!(site.version("p").as_deref(), Some("1.1.0"));
}

#[test]
fn a_time_that_no_table_has_and_a_version_that_no_file_has_harm_nobody() {
    let (publisher, site) = seen();
    let forge = |change: &dyn Fn(&mut Value)| {
        let forged = publisher.forged("timestamp.json", &[publisher.key("timestamp")], |said| {
            said["version"] = json!(3);
            change(said);
        });
        publisher.answer("timestamp.json", Reply::ok(forged));
        site.refresh()
    };
    // A leap second that never was would be one all the same.
    forge(&|said| said["expires"] = json!("2098-12-31T23:59:60Z")).expect(ExitCode::Ok);
    for version in [0, i64::MAX.unsigned_abs() + 1, u64::MAX] {
        let ended = forge(&|said| {
            said["version"] = json!(4);
            said["meta"]["snapshot.json"] = json!({"version": version});
        });
        refused(&ended, ExitCode::Signature, &format!("{version} is no version"));
    }
    assert_eq!(site.remembered("timestamp").as_deref(), Some("3"));
}

#[test]
fn a_delegated_role_that_has_ended_is_no_forgery() {
    let (publisher, _) = seen();
    let (name, key) = public(&publisher.key("targets"));
    let role = json!({"keys": {&name: key}, "roles": [
        {"name": "team", "keyids": [name], "threshold": 1, "terminating": false, "paths": ["plugin.t*.json"]}]});
    let said = json!({"_type": "targets", "spec_version": "1.0.31", "version": 1, "expires": "2026-01-01T00:00:00Z", "targets": {}});
    let team = super::signed(&said, &[publisher.key("targets")]);
    let [targets, (snapshot, _), (timestamp, _)] = publisher.announce(10, |said| said["delegations"] = role);
    let with_team = publisher.forged("2.snapshot.json", &[publisher.key("snapshot")], |said| {
        said["version"] = json!(10);
        said["meta"]["targets.json"] = meta(10, &targets.1);
        said["meta"]["team.json"] = meta(1, &team);
    });
    let announced = publisher.forged("timestamp.json", &[publisher.key("timestamp")], |said| {
        said["version"] = json!(10);
        said["meta"]["snapshot.json"] = meta(10, &with_team);
    });
    for (file, bytes) in [
        targets,
        (snapshot, with_team),
        (timestamp, announced),
        ("1.team.json".to_owned(), team),
    ] {
        publisher.answer(&file, Reply::ok(bytes));
    }
    let site = Site::knowing(&publisher);
    site.refresh().expect(ExitCode::Ok);
    refused(&site.install("tea", &json!({})), ExitCode::Stale, "team.json ended on");
    // A snapshot without it hides what the team published.
    for (file, bytes) in publisher.announce(11, |_| ()) {
        publisher.answer(&file, Reply::ok(bytes));
    }
    refused(
        &site.refresh(),
        ExitCode::Signature,
        "team.json is missing from the snapshot",
    );
    Site::knowing(&publisher).refresh().expect(ExitCode::Ok);
}

#[test]
fn a_site_that_was_away_for_as_many_roots_as_are_gone_through_follows() {
    let (publisher, site) = seen();
    let root = |version: u64| {
        let next = publisher.forged("1.root.json", &[publisher.key("root")], |said| {
            said["version"] = json!(version);
        });
        publisher.answer(&format!("{version}.root.json"), Reply::ok(next));
    };
    (2..=257).for_each(root);
    site.refresh().expect(ExitCode::Ok);
    assert_eq!(site.remembered("root.257").as_deref(), Some("257"));
    let site = Site::knowing(&publisher);
    root(258);
    refused(&site.refresh(), ExitCode::Signature, "more than 256 roots");
}

#[test]
fn what_is_not_of_the_index_any_more_goes_and_all_goes_with_the_index() {
    let (publisher, site) = seen();
    site.install("p", &json!({})).expect(ExitCode::Ok);
    let folder = site.gestor.paths().indices().join("acme");
    let files = || {
        let names = fs::read_dir(&folder).unwrap();
        let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.len() == 64).collect::<Vec<_>>()
    };
    let old = files();
    assert_eq!(old.len(), 1);
    publisher.package(&Package::new("p", "1.1.0"), &json!({}));
    site.refresh().expect(ExitCode::Ok);
    site.install("p", &json!({})).expect(ExitCode::Ok);
    assert_eq!(files().len(), 2, "another process may be reading it");
    for name in files() {
        let file = File::options().write(true).open(folder.join(name)).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_hours(8 * 24))
            .unwrap();
    }
    site.refresh().expect(ExitCode::Ok);
    let left = files();
    assert_eq!(left.len(), 1);
    assert_ne!(left, old);
    // Where what was seen cannot be forgotten, the index stays known.
    let away = json!({"acao": "remover", "nome": "acme", "db": {"socket": "/nowhere", "nome": "x", "usuario": "root"}});
    site.run("index", &away).expect(ExitCode::Sync);
    assert!(folder.exists());
    site.refresh().expect(ExitCode::Ok);
    site.run("index", &json!({"acao": "remover", "nome": "acme"}))
        .expect(ExitCode::Ok);
    assert!(!folder.exists());
    let rows = site
        .gestor
        .database
        .value("SELECT COUNT(*) FROM gestor_plugins_indices");
    assert_eq!(rows.as_deref(), Some("0"));
}

#[test]
fn what_is_secret_in_an_address_is_not_shown() {
    let publisher = Publisher::new();
    let site = Site::new();
    fs::create_dir_all(site.gestor.root().join("autenticacoes/site")).unwrap();
    let root = publisher.read("root.json");
    let add = json!({"acao": "adicionar", "nome": "acme", "url": "https://user:hidden@example.org/i/?sig=hidden",
        "raiz_indice": publisher.folder().join("root.json"), "sha256": gestor_plugins::base::hash::sha256(&root).to_string()});
    let added = site.run("index", &add).expect(ExitCode::Ok);
    let listed = site.run("index", &json!({"acao": "listar"})).expect(ExitCode::Ok);
    for ended in [added, listed] {
        let text = ended.report.to_string();
        assert!(
            text.contains("https://example.org/i/") && !text.contains("hidden"),
            "{text}"
        );
    }
}
