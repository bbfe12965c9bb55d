//! An index is published: in steps, by machines that have different keys, and after whatever went wrong.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use gestor_plugins::base::hash::sha256;
use gestor_plugins::outcome::ExitCode;
use serde_json::json;

use super::{Publisher, Site, refused};
use crate::support::github::Reply;
use crate::support::package::Package;

#[test]
fn what_is_published_is_looked_at_first() {
    let publisher = Publisher::new();
    let begun = publisher.act(&json!({"acao": "iniciar"}));
    refused(&begun, ExitCode::ParamsOrFile, "holds an index already");
    let path = publisher.package(&Package::new("p", "1.0.0"), &json!({}));
    let url = publisher.server.url("/x.zip");
    let publish = |more: serde_json::Value| {
        let mut call = json!({"acao": "publicar", "arquivo": path, "url": url});
        call.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        publisher.act(&call)
    };
    let before = publisher.read("timestamp.json");
    refused(
        &publish(json!({"sha256": "0".repeat(64)})),
        ExitCode::Checksum,
        "the SHA-256 of the package differs",
    );
    refused(
        &publish(json!({"canal": "beta"})),
        ExitCode::ParamsOrFile,
        "estavel, previa",
    );
    refused(
        &publish(json!({"url": "http://example.org/x.zip"})),
        ExitCode::Validate,
        "not encrypted",
    );
    Package::new("p", "1.0.0").file("other", "bytes").write(&path);
    refused(&publish(json!({})), ExitCode::ParamsOrFile, "with other bytes");
    fs::write(&path, "no zip").unwrap();
    publish(json!({})).expect(ExitCode::ZipInvalid);
    refused(
        &publisher.act(&json!({"acao": "publicar", "slug": "p", "versao": "7.0.0", "retirada": "x"})),
        ExitCode::ParamsOrFile,
        "no version 7.0.0",
    );
    assert_eq!(publisher.read("timestamp.json"), before, "nothing was published");
    // From its address, with its hash.
    let package = Package::new("q", "1.0.0");
    package.write(&path);
    let bytes = fs::read(&path).unwrap();
    publisher.server.on("/x.zip", [Reply::ok(bytes.clone())]);
    publish(json!({"arquivo": null, "sha256": sha256(&bytes).to_string()})).expect(ExitCode::Ok);
    let left = fs::read_dir(publisher.folder()).unwrap();
    assert!(
        left.map(|entry| entry.unwrap().file_name())
            .all(|name| !name.to_string_lossy().contains("partial"))
    );
    assert_eq!(
        fs::metadata(publisher.folder().join("timestamp.json"))
            .unwrap()
            .permissions()
            .mode()
            & 0o777,
        0o644
    );
}

#[test]
fn keys_may_stand_on_different_machines() {
    let publisher = Publisher::new();
    let site = Site::knowing(&publisher);
    let elsewhere = tempfile::tempdir().unwrap();
    let carry = |roles: &[&str], away: bool| {
        for role in roles {
            let (here, there) = (publisher.key(role), elsewhere.path().join(role));
            if away {
                fs::rename(here, there).unwrap();
            } else {
                fs::rename(there, here).unwrap();
            }
        }
    };
    // The machine that signs targets has no network, and no keys of the server.
    carry(&["snapshot", "timestamp"], true);
    publisher.package(&Package::new("p", "1.0.0"), &json!({}));
    publisher.package(&Package::new("q", "1.0.0"), &json!({}));
    refused(
        &publisher.act(&json!({"acao": "renovar"})),
        ExitCode::ParamsOrFile,
        "snapshot.pem",
    );
    refused(&site.install("p", &json!({})), ExitCode::ParamsOrFile, "acme");
    carry(&["snapshot", "timestamp"], false);
    carry(&["root", "targets"], true);
    publisher.act(&json!({"acao": "renovar"})).expect(ExitCode::Ok);
    refused(
        &publisher.act(&json!({"acao": "publicar", "slug": "p", "versao": "1.0.0", "retirada": "x"})),
        ExitCode::ParamsOrFile,
        "targets.pem",
    );
    site.refresh().expect(ExitCode::Ok);
    for slug in ["p", "q"] {
        site.install(slug, &json!({})).expect(ExitCode::Ok);
    }
}

#[test]
fn a_root_gets_new_keys_and_sites_follow() {
    let publisher = Publisher::new();
    publisher.package(&Package::new("p", "1.0.0"), &json!({}));
    let site = Site::knowing(&publisher);
    site.refresh().expect(ExitCode::Ok);
    let other = Publisher::new();
    for round in 2..5 {
        for role in ["targets", "snapshot", "timestamp"] {
            fs::copy(other.key(role), publisher.key(role)).unwrap();
        }
        fs::copy(Publisher::new().key("root"), publisher.keys().join("root.nova.pem")).unwrap();
        let signed = publisher.act(&json!({"acao": "assinar-raiz"})).expect(ExitCode::Ok);
        assert_eq!(signed.report["publicado"]["raiz"], round);
        assert!(!publisher.keys().join("root.nova.pem").exists());
    }
    site.refresh().expect(ExitCode::Ok);
    site.install("p", &json!({})).expect(ExitCode::Ok);
    let late = Site::knowing(&publisher);
    late.refresh().expect(ExitCode::Ok);
    // A key that no root names signs nothing.
    fs::copy(Publisher::new().key("targets"), publisher.key("targets")).unwrap();
    refused(
        &publisher.act(&json!({"acao": "publicar", "slug": "p", "versao": "1.0.0", "retirada": "x"})),
        ExitCode::ParamsOrFile,
        "not one that the index's root names",
    );
}

#[test]
fn a_root_that_was_signed_and_nothing_after_it_is_gone_on_with() {
    let publisher = Publisher::new();
    publisher.package(&Package::new("p", "1.0.0"), &json!({}));
    let site = Site::knowing(&publisher);
    let (timestamp, snapshot) = (publisher.read("timestamp.json"), publisher.read("2.snapshot.json"));
    let other = Publisher::new();
    for role in ["targets", "snapshot", "timestamp"] {
        fs::copy(other.key(role), publisher.key(role)).unwrap();
    }
    publisher.act(&json!({"acao": "assinar-raiz"})).expect(ExitCode::Ok);
    // As if it had been killed before snapshot and timestamp stood there.
    fs::write(publisher.folder().join("timestamp.json"), timestamp).unwrap();
    fs::write(publisher.folder().join("2.snapshot.json"), snapshot).unwrap();
    fs::remove_file(publisher.folder().join("3.snapshot.json")).unwrap();
    publisher.act(&json!({"acao": "renovar"})).expect(ExitCode::Ok);
    site.refresh().expect(ExitCode::Ok);
    site.install("p", &json!({})).expect(ExitCode::Ok);
}

#[test]
fn an_index_that_was_changed_by_others_is_not_signed() {
    let publisher = Publisher::new();
    publisher.package(&Package::new("p", "1.0.0"), &json!({}));
    let path = publisher.folder().join("2.targets.json");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("plugin.p.json", "plugin.x.json")).unwrap();
    publisher.act(&json!({"acao": "renovar"})).expect(ExitCode::Signature);
    fs::write(&path, text).unwrap();
    publisher.act(&json!({"acao": "renovar"})).expect(ExitCode::Ok);
    fs::remove_file(publisher.folder().join("1.root.json")).unwrap();
    refused(
        &publisher.act(&json!({"acao": "renovar"})),
        ExitCode::ParamsOrFile,
        "holds no index",
    );
}

#[test]
fn what_is_revoked_is_published_and_verified() {
    let publisher = Publisher::new();
    let site = Site::knowing(&publisher);
    let path = publisher.folder().with_file_name("list.json");
    for (list, text) in [
        (r#"{"formato": 1}"#, "`itens`"),
        (
            r#"{"formato": 1, "itens": [{"plugin": "p", "versoes": "a b"}]}"#,
            "itens[0]",
        ),
    ] {
        fs::write(&path, list).unwrap();
        refused(
            &publisher.act(&json!({"acao": "publicar", "revogados": path})),
            ExitCode::Validate,
            text,
        );
    }
    fs::write(&path, r#"{"formato": 1, "itens": []}"#).unwrap();
    assert_eq!(site.refresh().report["indices"][0]["revogados"], false);
    publisher
        .act(&json!({"acao": "publicar", "revogados": path}))
        .expect(ExitCode::Ok);
    assert_eq!(
        site.refresh().expect(ExitCode::Ok).report["indices"][0]["revogados"],
        true
    );
}

#[test]
fn an_index_is_known_by_what_its_publisher_said_by_another_way() {
    let publisher = Publisher::new();
    let site = Site::knowing(&publisher);
    refused(&site.add("acme", &publisher), ExitCode::ParamsOrFile, "already");
    refused(
        &site.add("../acme", &publisher),
        ExitCode::ParamsOrFile,
        "no name of an index",
    );
    let root = publisher.folder().join("root.json");
    let add = |more: serde_json::Value| {
        let mut call = json!({"acao": "adicionar", "nome": "other", "url": publisher.server.url("/i"), "raiz_indice": root,
            "sha256": sha256(&fs::read(&root).unwrap()).to_string()});
        call.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        site.run("index", &call)
    };
    refused(
        &add(json!({"sha256": "0".repeat(64)})),
        ExitCode::Checksum,
        "ask the publisher",
    );
    refused(
        &add(json!({"url": "http://example.org/"})),
        ExitCode::ParamsOrFile,
        "not encrypted",
    );
    let other = publisher.folder().join("timestamp.json");
    refused(
        &add(json!({"raiz_indice": other, "sha256": sha256(&fs::read(&other).unwrap()).to_string()})),
        ExitCode::Signature,
        "root.json is no signed file",
    );
    refused(
        &add(json!({"raiz_indice": "/nowhere"})),
        ExitCode::ParamsOrFile,
        "/nowhere",
    );
    add(json!({"prioridade": 5})).expect(ExitCode::Ok);
    let listed = site.run("index", &json!({"acao": "listar"})).expect(ExitCode::Ok);
    let names: Vec<_> = listed.report["indices"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["nome"].clone())
        .collect();
    assert_eq!(names, ["other", "acme"]);
    site.refresh().expect(ExitCode::Ok);
    site.run("index", &json!({"acao": "remover", "nome": "acme"}))
        .expect(ExitCode::Ok);
    assert_eq!(site.remembered("timestamp"), None);
    refused(
        &site.run("index", &json!({"acao": "remover", "nome": "acme"})),
        ExitCode::ParamsOrFile,
        "knows no index",
    );
}
