//! What an attacker may try who has the network, the server, or a key: each with the code and the text that an operator
//! gets, and nothing of it believed.

use gestor_plugins::outcome::ExitCode;
use serde_json::json;
use std::time::Duration;

use super::{Publisher, Site, meta, public, refused, signed};
use crate::support::github::{Manner, Reply};
use crate::support::package::Package;

/// An index with a plugin that a site has seen.
fn seen() -> (Publisher, Site) {
    let publisher = Publisher::new();
    publisher.package(&Package::new("p", "1.0.0"), &json!({}));
    let site = Site::knowing(&publisher);
    site.refresh().expect(ExitCode::Ok);
    (publisher, site)
}

#[test]
fn an_old_timestamp_is_refused() {
    let (publisher, site) = seen();
    let old = publisher.read("timestamp.json");
    publisher.act(&json!({"acao": "renovar"})).expect(ExitCode::Ok);
    site.refresh().expect(ExitCode::Ok);
    publisher.answer("timestamp.json", Reply::ok(old));
    refused(
        &site.refresh(),
        ExitCode::Signature,
        "goes back to version 2, and 3 was seen",
    );
    refused(
        &site.install("p", &json!({"versao": "^7"})),
        ExitCode::ParamsOrFile,
        "^7",
    );
    assert_eq!(site.remembered("timestamp").as_deref(), Some("3"));
    // Another site, which has seen nothing, cannot know.
    Site::knowing(&publisher).refresh().expect(ExitCode::Ok);
}

#[test]
fn an_old_snapshot_is_refused_even_with_the_key_of_the_timestamp() {
    let (publisher, site) = seen();
    let old = publisher.read("1.snapshot.json");
    let forged = publisher.forged("timestamp.json", &[publisher.key("timestamp")], |said| {
        said["version"] = json!(9);
        said["meta"]["snapshot.json"] = meta(1, &old);
    });
    publisher.answer("timestamp.json", Reply::ok(forged));
    refused(
        &site.refresh(),
        ExitCode::Signature,
        "snapshot.json goes back to version 1",
    );
    assert_eq!(site.remembered("timestamp").as_deref(), Some("2"));
}

#[test]
fn old_targets_are_refused_even_with_the_keys_that_stand_on_the_server() {
    let (publisher, site) = seen();
    let online = [publisher.key("snapshot"), publisher.key("timestamp")];
    let old = publisher.read("1.targets.json");
    let snapshot = publisher.forged("2.snapshot.json", &online[..1], |said| {
        said["version"] = json!(9);
        said["meta"]["targets.json"] = meta(1, &old);
    });
    let timestamp = publisher.forged("timestamp.json", &online[1..], |said| {
        said["version"] = json!(9);
        said["meta"]["snapshot.json"] = meta(9, &snapshot);
    });
    publisher.answer("9.snapshot.json", Reply::ok(snapshot));
    publisher.answer("timestamp.json", Reply::ok(timestamp));
    refused(
        &site.refresh(),
        ExitCode::Signature,
        "targets.json goes back to version 1",
    );
    assert_eq!(
        (
            site.remembered("snapshot").as_deref(),
            site.remembered("targets").as_deref()
        ),
        (Some("2"), Some("2"))
    );
}

#[test]
fn targets_that_are_withheld_or_mixed_are_refused() {
    let (publisher, site) = seen();
    publisher.package(&Package::new("q", "1.0.0"), &json!({}));
    // Files of two states: the announced version with the bytes of another one.
    publisher.answer("3.targets.json", Reply::ok(publisher.read("2.targets.json")));
    refused(&site.refresh(), ExitCode::Signature, "3.targets.json has");
    publisher.answer("3.snapshot.json", Reply::ok(publisher.read("2.snapshot.json")));
    let site = Site::knowing(&publisher);
    refused(&site.refresh(), ExitCode::Signature, "3.snapshot.json has");
    assert_eq!(site.remembered("snapshot"), None);
    // The file of a plugin is exchanged for that of another.
    publisher.show();
    let site = Site::knowing(&publisher);
    let of = |name: &str| {
        let names = std::fs::read_dir(publisher.folder()).unwrap();
        let mut names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.find(|found| found.ends_with(name)).unwrap()
    };
    publisher.answer(&of("plugin.q.json"), Reply::ok(publisher.read(&of("plugin.p.json"))));
    refused(&site.install("q", &json!({})), ExitCode::Signature, "plugin.q.json");
}

#[test]
fn a_root_that_the_old_keys_did_not_sign_is_refused() {
    let (publisher, site) = seen();
    let thief = Publisher::new();
    let (name, key) = public(&thief.key("root"));
    // His own key in place of ours, signed by him alone; then with our threshold lowered to nothing.
    let forged = publisher.forged("1.root.json", &[thief.key("root")], |said| {
        said["version"] = json!(2);
        said["keys"][&name] = key.clone();
        for role in ["root", "targets", "snapshot", "timestamp"] {
            said["roles"][role]["keyids"] = json!([name]);
        }
    });
    publisher.answer("2.root.json", Reply::ok(forged));
    refused(
        &site.refresh(),
        ExitCode::Signature,
        "2.root.json is signed by 0 of the 1 keys",
    );
    let lowered = publisher.forged("1.root.json", &[publisher.key("root")], |said| {
        said["version"] = json!(2);
        said["roles"]["timestamp"]["threshold"] = json!(0);
    });
    publisher.answer("2.root.json", Reply::ok(lowered));
    refused(&site.refresh(), ExitCode::Signature, "needs no signature");
    // A threshold of two is not reached by one key under two names.
    let doubled = publisher.forged("1.root.json", &[publisher.key("root")], |said| {
        said["version"] = json!(2);
        let (own, key) = public(&publisher.key("timestamp"));
        said["keys"]["twin"] = key;
        said["roles"]["timestamp"] = json!({"keyids": [own, "twin"], "threshold": 2});
    });
    publisher.answer("2.root.json", Reply::ok(doubled));
    let mut twice: serde_json::Value = serde_json::from_slice(&publisher.read("timestamp.json")).unwrap();
    let signature = twice["signatures"][0]["sig"].clone();
    twice["signatures"]
        .as_array_mut()
        .unwrap()
        .push(json!({"keyid": "twin", "sig": signature}));
    publisher.answer("timestamp.json", Reply::ok(twice.to_string()));
    refused(
        &site.refresh(),
        ExitCode::Signature,
        "timestamp.json is signed by 1 of the 2 keys",
    );
    assert_eq!(
        site.remembered("root.2").as_deref(),
        Some("2"),
        "that root itself is good"
    );
}

#[test]
fn what_a_removed_key_signed_is_refused() {
    let (publisher, site) = seen();
    let old = publisher.key("timestamp").with_extension("old");
    std::fs::copy(publisher.key("timestamp"), &old).unwrap();
    std::fs::rename(publisher.key("timestamp"), old.with_extension("gone")).unwrap();
    let thief = Publisher::new();
    std::fs::copy(thief.key("timestamp"), publisher.key("timestamp")).unwrap();
    publisher.act(&json!({"acao": "assinar-raiz"})).expect(ExitCode::Ok);
    site.refresh().expect(ExitCode::Ok);
    assert_eq!(site.remembered("root.2").as_deref(), Some("2"));
    let listed = site.audit().expect(ExitCode::Ok);
    let records = listed.report["registros"].as_array().unwrap();
    let roots: Vec<_> = records
        .iter()
        .filter(|record| record["acao"] == "indice.raiz")
        .collect();
    let last = roots.last().unwrap();
    assert_eq!(
        (&last["recurso"], &last["ctx"]["versao"]),
        (&json!("acme"), &json!("2"))
    );
    let forged = publisher.forged("timestamp.json", &[old], |said| said["version"] = json!(99));
    publisher.answer("timestamp.json", Reply::ok(forged));
    refused(
        &site.refresh(),
        ExitCode::Signature,
        "timestamp.json is signed by 0 of the 1 keys",
    );
}

#[test]
fn whoever_writes_the_table_makes_nothing_believed() {
    let (publisher, site) = seen();
    let thief = Publisher::new();
    thief.package(&Package::new("p", "6.6.6"), &json!({}));
    let row = |role: &str, file: &str| {
        let bytes = gestor_plugins::base::json::hex(&thief.read(file));
        site.gestor.database.run(&format!(
            "UPDATE gestor_plugins_indices SET bytes=0x{bytes} WHERE papel='{role}'"
        ));
    };
    row("timestamp", "timestamp.json");
    row("snapshot", "2.snapshot.json");
    row("targets", "2.targets.json");
    let bytes = gestor_plugins::base::json::hex(&thief.read("1.root.json"));
    site.gestor.database.run(&format!(
        "INSERT INTO gestor_plugins_indices VALUES ('acme','root.2',2,'2099-01-01',0x{bytes},'2026-01-01')"
    ));
    // A moment ago, so that the server would not be asked.
    site.install("p", &json!({})).expect(ExitCode::Ok);
    assert_eq!(site.version("p").as_deref(), Some("1.0.0"));
    // A table that is gone costs the memory of old states, and nothing else.
    site.gestor.database.run("DROP TABLE gestor_plugins_indices");
    site.refresh().expect(ExitCode::Ok);
    let _ = publisher;
}

#[test]
fn files_without_end_or_of_another_length_are_not_read_on() {
    let (publisher, site) = seen();
    let timestamp = publisher.read("timestamp.json");
    publisher.answer("timestamp.json", Reply::ok(vec![b' '; 20_000]));
    refused(&site.refresh(), ExitCode::Signature, "more than 16384 bytes");
    publisher.answer("timestamp.json", Reply::ok(vec![b' '; 20_000]).manner(Manner::Unsized));
    refused(&site.refresh(), ExitCode::Signature, "more than 16384 bytes");
    publisher.answer("timestamp.json", Reply::ok(timestamp));
    publisher.answer("2.root.json", Reply::ok(vec![b'['; 600 << 10]));
    refused(&site.refresh(), ExitCode::Signature, "more than 524288 bytes");
    publisher.answer("2.root.json", Reply::ok(vec![b'['; 100 << 10]));
    refused(&site.refresh(), ExitCode::Signature, "2.root.json is no signed file");
    publisher.answer("2.root.json", Reply::new(404, ""));
    publisher.act(&json!({"acao": "renovar"})).expect(ExitCode::Ok);
    let snapshot = publisher.read("3.snapshot.json");
    publisher.answer("3.snapshot.json", Reply::ok([snapshot.clone(), vec![b' ']].concat()));
    refused(&site.refresh(), ExitCode::Signature, "3.snapshot.json has more than");
    publisher.answer("3.snapshot.json", Reply::ok(snapshot[..snapshot.len() - 1].to_vec()));
    refused(&site.refresh(), ExitCode::Signature, "bytes where");
}

#[test]
fn a_file_that_is_announced_to_be_huge_is_not_asked_for() {
    let (publisher, _) = seen();
    for (file, bytes) in publisher.announce(10, |said| {
        said["targets"]["plugin.p.json"]["length"] = json!((32 << 20) + 1);
    }) {
        publisher.answer(&file, Reply::ok(bytes));
    }
    let site = Site::knowing(&publisher);
    refused(
        &site.install("p", &json!({})),
        ExitCode::Signature,
        "plugin.p.json has more than 33554432 bytes",
    );
}

#[test]
fn a_slow_server_holds_nobody_up_for_long() {
    let (publisher, site) = seen();
    let started = std::time::Instant::now();
    publisher.answer(
        "timestamp.json",
        Reply::ok("").manner(Manner::Silent(Duration::from_mins(1))),
    );
    let ended = site.refresh().expect(ExitCode::Ok);
    assert_eq!(ended.report["indices"][0]["situacao"], "tolerancia");
    // One that trickles: no byte comes too late, and the whole never ends.
    let online = [publisher.key("snapshot"), publisher.key("timestamp")];
    let snapshot = publisher.forged("2.snapshot.json", &online[..1], |said| {
        said["version"] = json!(9);
        said["meta"]["targets.json"] = json!({"version": 9, "length": 2_000_000});
    });
    let timestamp = publisher.forged("timestamp.json", &online[1..], |said| {
        said["version"] = json!(9);
        said["meta"]["snapshot.json"] = meta(9, &snapshot);
    });
    publisher.answer("9.snapshot.json", Reply::ok(snapshot));
    publisher.answer("timestamp.json", Reply::ok(timestamp));
    publisher.answer(
        "9.targets.json",
        Reply::ok("").manner(Manner::Drip(Duration::from_millis(50))),
    );
    let ended = site.refresh().expect(ExitCode::Ok);
    assert!(
        ended.report["avisos"].to_string().contains("after 3 s"),
        "{}",
        ended.report
    );
    refused(&Site::knowing(&publisher).refresh(), ExitCode::Download, "after 3 s");
    assert!(started.elapsed() < Duration::from_secs(30));
}

#[test]
fn a_million_targets_are_refused_before_they_take_memory() {
    let (publisher, site) = seen();
    let many = (0..1_000_000).map(|number| format!("\"{number:x}\":0"));
    let many = many.collect::<Vec<_>>().join(",");
    let mut text = format!("{{\"signatures\":[],\"signed\":{{\"targets\":{{{many},");
    text.truncate((8 << 20) - 10);
    text.truncate(text.rfind(',').unwrap());
    text.push_str("}}}");
    let online = [publisher.key("snapshot"), publisher.key("timestamp")];
    let snapshot = publisher.forged("2.snapshot.json", &online[..1], |said| {
        said["version"] = json!(9);
        said["meta"]["targets.json"] = meta(9, text.as_bytes());
    });
    let timestamp = publisher.forged("timestamp.json", &online[1..], |said| {
        said["version"] = json!(9);
        said["meta"]["snapshot.json"] = meta(9, &snapshot);
    });
    publisher.answer("9.targets.json", Reply::ok(text));
    publisher.answer("9.snapshot.json", Reply::ok(snapshot));
    publisher.answer("timestamp.json", Reply::ok(timestamp));
    refused(&site.refresh(), ExitCode::Signature, "more than 500000 values");
}

#[test]
fn a_delegated_role_is_asked_and_takes_no_name_of_ours() {
    let (publisher, _) = seen();
    let team = Publisher::new();
    let (name, key) = public(&team.key("targets"));
    let file = json!({"formato": 1, "id": "team", "nome": "Team", "versoes": []}).to_string();
    let role = |called: &str| {
        json!({"keys": {&name: key}, "roles": [
            {"name": called, "keyids": [name], "threshold": 1, "terminating": false, "paths": ["plugin.t*.json"]}]})
    };
    let publish = |called: &str, version: u64| {
        let said = json!({"_type": "targets", "spec_version": "1.0.31", "version": 1, "expires": "2099-01-01T00:00:00Z",
            "targets": {"plugin.team.json": {"length": file.len(), "hashes": {"sha256": gestor_plugins::base::hash::sha256(file.as_bytes()).to_string()}}}});
        let delegated = signed(&said, &[team.key("targets")]);
        let targets = publisher.forged("2.targets.json", &[publisher.key("targets")], |said| {
            said["version"] = json!(version);
            said["delegations"] = role(called);
        });
        let snapshot = publisher.forged("2.snapshot.json", &[publisher.key("snapshot")], |said| {
            said["version"] = json!(version);
            said["meta"]["targets.json"] = meta(version, &targets);
            said["meta"][format!("{called}.json")] = meta(1, &delegated);
        });
        let timestamp = publisher.forged("timestamp.json", &[publisher.key("timestamp")], |said| {
            said["version"] = json!(version);
            said["meta"]["snapshot.json"] = meta(version, &snapshot);
        });
        publisher.answer(&format!("1.{called}.json"), Reply::ok(delegated));
        publisher.answer(&format!("{version}.targets.json"), Reply::ok(targets));
        publisher.answer(&format!("{version}.snapshot.json"), Reply::ok(snapshot));
        publisher.answer("timestamp.json", Reply::ok(timestamp));
        let digest = gestor_plugins::base::hash::sha256(file.as_bytes());
        publisher.answer(&format!("{digest}.plugin.team.json"), Reply::ok(file.clone()));
    };
    publish("team", 10);
    let site = Site::knowing(&publisher);
    refused(
        &site.install("team", &json!({})),
        ExitCode::ParamsOrFile,
        "in no version",
    );
    assert_eq!(site.remembered("d/team").as_deref(), Some("1"));
    // Whoever knows the other one would miss it.
    publish("root", 11);
    refused(
        &Site::knowing(&publisher).refresh(),
        ExitCode::Signature,
        "a delegated role is called",
    );
}
