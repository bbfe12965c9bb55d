//! Plugins come from an index: the version that is meant, its dependencies, updates.

use std::fs;

use gestor_plugins::outcome::ExitCode;
use serde_json::json;

use super::{Publisher, Site, refused};
use crate::support::github::Reply;
use crate::support::package::Package;

#[test]
fn a_plugin_comes_from_an_index_and_is_updated_from_it() {
    let publisher = Publisher::new();
    let site = Site::knowing(&publisher);
    publisher.package(&Package::new("shop", "1.0.0"), &json!({"resumo": "Uma loja"}));
    let first = site.install("shop", &json!({})).expect(ExitCode::Ok);
    assert_eq!(first.report["origem"], "acme:shop");
    let row = site
        .gestor
        .database
        .value("SELECT CONCAT(origem_tipo, ' ', origem_referencia) FROM plugins");
    assert_eq!(row.as_deref(), Some("indice acme:shop"));
    let asked = publisher.server.paths().len();
    let again = site.install("shop", &json!({})).expect(ExitCode::Ok);
    assert_eq!(again.report["inalterado"], true);
    assert_eq!(
        publisher.server.paths().len(),
        asked,
        "its server was asked a moment ago, the package is installed"
    );
    publisher.package(&Package::new("shop", "1.1.0").file("a.txt", "new"), &json!({}));
    site.refresh().expect(ExitCode::Ok);
    site.run("update_all", &json!({})).expect(ExitCode::Ok);
    assert_eq!(site.version("shop").as_deref(), Some("1.1.0"));
    let found = site
        .run("index", &json!({"acao": "buscar", "buscar": "LOJA"}))
        .expect(ExitCode::Ok);
    assert_eq!(found.report["encontrados"][0]["versao"], "1.1.0");
    // Files of the index are fetched once, and verified at each read.
    let folder = site.gestor.root().join("temp/plugins/_indices/acme");
    for entry in fs::read_dir(&folder).unwrap() {
        fs::write(entry.unwrap().path(), "{}").unwrap();
    }
    site.run("index", &json!({"acao": "buscar", "buscar": "loja"}))
        .expect(ExitCode::Ok);
}

#[test]
fn the_version_that_is_wanted_comes() {
    let publisher = Publisher::new();
    let site = Site::knowing(&publisher);
    for version in ["1.0.0", "1.2.0", "2.0.0"] {
        publisher.package(&Package::new("p", version).file("v", version), &json!({}));
    }
    publisher.package(&Package::new("p", "3.0.0"), &json!({"canal": "previa"}));
    site.install("p", &json!({"versao": "^1", "dry_run": true}))
        .expect(ExitCode::Ok);
    assert_eq!(site.version("p"), None);
    assert!(
        site.gestor
            .database
            .tables()
            .iter()
            .all(|table| table != "gestor_plugins_indices"),
        "a dry run leaves no trace"
    );
    assert!(!site.gestor.root().join("temp/plugins/_indices").exists());
    site.install("p", &json!({"versao": "^1"})).expect(ExitCode::Ok);
    assert_eq!(site.version("p").as_deref(), Some("1.2.0"));
    publisher
        .act(&json!({"acao": "publicar", "slug": "p", "versao": "2.0.0", "retirada": "apaga dados"}))
        .expect(ExitCode::Ok);
    site.refresh().expect(ExitCode::Ok);
    site.install("p", &json!({})).expect(ExitCode::Ok);
    assert_eq!(site.version("p").as_deref(), Some("1.2.0"));
    refused(
        &site.install("p", &json!({"versao": "2.0.0"})),
        ExitCode::ParamsOrFile,
        "apaga dados",
    );
    refused(
        &site.install("p", &json!({"versao": "^9"})),
        ExitCode::ParamsOrFile,
        "^9",
    );
    refused(&site.install("q", &json!({})), ExitCode::ParamsOrFile, "acme");
    refused(
        &site.install("p", &json!({"indice": "other"})),
        ExitCode::ParamsOrFile,
        "other",
    );
    site.install("p", &json!({"versao": "3.0.0"})).expect(ExitCode::Ok);
    assert_eq!(site.version("p").as_deref(), Some("3.0.0"));
}

#[test]
fn what_is_needed_comes_along_and_nothing_else_is_read() {
    let publisher = Publisher::new();
    let site = Site::knowing(&publisher);
    publisher.package(&Package::needing("base", "1.0.0", &json!({})), &json!({}));
    publisher.package(&Package::needing("base", "2.0.0", &json!({})), &json!({}));
    publisher.package(&Package::needing("middle", "1.0.0", &json!({"base": "^1"})), &json!({}));
    publisher.package(&Package::needing("top", "1.0.0", &json!({"middle": ">=1"})), &json!({}));
    publisher.package(&Package::new("stranger", "1.0.0"), &json!({}));
    site.install("top", &json!({})).expect(ExitCode::Dependency);
    site.install("top", &json!({"com_dependencias": true}))
        .expect(ExitCode::Ok);
    let versions = site
        .gestor
        .database
        .value("SELECT GROUP_CONCAT(CONCAT(id, versao_instalada) ORDER BY id) FROM plugins");
    assert_eq!(versions.as_deref(), Some("base1.0.0,middle1.0.0,top1.0.0"));
    let read = publisher.server.paths();
    assert!(read.iter().all(|path| !path.contains("plugin.stranger")), "{read:?}");
}

#[test]
fn a_plugin_comes_from_the_first_index_that_has_it_and_from_no_other() {
    let (ours, theirs) = (Publisher::new(), Publisher::new());
    let site = Site::knowing(&ours);
    site.add("public", &theirs).expect(ExitCode::Ok);
    ours.package(&Package::new("inner", "1.0.0"), &json!({}));
    theirs.package(&Package::new("inner", "9.0.0"), &json!({}));
    theirs.package(&Package::new("outer", "1.0.0"), &json!({}));
    site.install("inner", &json!({})).expect(ExitCode::Ok);
    assert_eq!(
        site.version("inner").as_deref(),
        Some("1.0.0"),
        "the higher version of the second one is another's"
    );
    site.install("outer", &json!({})).expect(ExitCode::Ok);
    // One that cannot be asked is not passed over.
    let other = Site::knowing(&ours);
    other.add("public", &theirs).expect(ExitCode::Ok);
    ours.answer("timestamp.json", Reply::new(500, ""));
    refused(
        &other.install("inner", &json!({})),
        ExitCode::Download,
        "timestamp.json",
    );
    other
        .install("inner", &json!({"indice": "public"}))
        .expect(ExitCode::Ok);
}

#[test]
fn what_another_index_does_not_have_is_nothing_to_tell() {
    let (publisher, another) = (Publisher::new(), Publisher::new());
    publisher.package(&Package::new("p", "1.0.0"), &json!({}));
    let site = Site::knowing(&publisher);
    site.install("p", &json!({})).expect(ExitCode::Ok);
    site.add("aaa", &another).expect(ExitCode::Ok);
    let found = site.run("verify", &json!({"slug": "p"})).expect(ExitCode::Ok);
    assert_eq!(found.report["avisos"], json!([]));
}

#[test]
fn the_package_is_the_one_that_the_index_pins() {
    let publisher = Publisher::new();
    let site = Site::knowing(&publisher);
    let path = publisher.package(&Package::new("p", "1.0.0"), &json!({}));
    let bytes = fs::read(path).unwrap();
    let place = publisher.server.url("");
    let on_server = |reply: Reply| {
        let name = format!("/p/{}.zip", gestor_plugins::base::hash::sha256(&bytes));
        publisher.server.on(&name, [reply]);
    };
    let mut other = bytes.clone();
    other[40] ^= 1;
    on_server(Reply::ok(other));
    refused(&site.install("p", &json!({})), ExitCode::Checksum, "acme:p");
    on_server(Reply::ok([bytes.clone(), vec![0]].concat()));
    refused(&site.install("p", &json!({})), ExitCode::Checksum, "and more came from");
    on_server(Reply::ok(bytes[..bytes.len() - 1].to_vec()));
    refused(&site.install("p", &json!({})), ExitCode::Checksum, "bytes");
    assert_eq!(site.version("p"), None);
    // It may lie anywhere: a redirect leads to it as well.
    publisher.server.on("/elsewhere.zip", [Reply::ok(bytes.clone())]);
    on_server(Reply::redirect(302, &format!("{place}/elsewhere.zip")));
    site.install("p", &json!({})).expect(ExitCode::Ok);
}

#[test]
fn one_address_is_as_good_as_the_other() {
    let publisher = Publisher::new();
    let site = Site::knowing(&publisher);
    let path = publisher.package(&Package::new("p", "1.0.0"), &json!({}));
    let bytes = fs::read(&path).unwrap();
    publisher.server.on("/mirror.zip", [Reply::ok(bytes)]);
    let urls = format!(
        "{},{}",
        publisher.server.url("/gone.zip"),
        publisher.server.url("/mirror.zip")
    );
    publisher
        .act(&json!({"acao": "publicar", "arquivo": path, "url": urls}))
        .expect(ExitCode::Ok);
    let ended = site.install("p", &json!({})).expect(ExitCode::Ok);
    assert!(
        ended.report["avisos"].to_string().contains("gone.zip"),
        "{}",
        ended.report
    );
}

#[test]
fn an_index_that_cannot_be_asked_brings_nothing_along_and_one_that_lies_stops_all() {
    let publisher = Publisher::new();
    publisher.package(&Package::needing("base", "1.0.0", &json!({})), &json!({}));
    let site = Site::knowing(&publisher);
    let top = publisher.folder().with_file_name("top.zip");
    Package::needing("top", "1.0.0", &json!({"base": "^1"})).write(&top);
    let install = || {
        let call = json!({"slug": "top", "origem_tipo": "upload", "arquivo": top, "gestor_versao": "2.9.43",
            "com_dependencias": true});
        site.run("install", &call)
    };
    for (reply, text) in [(Reply::new(500, ""), "500"), (Reply::new(404, ""), "not there")] {
        publisher.answer("timestamp.json", reply);
        // What took long to fail is not asked again for a minute.
        site.wait();
        let ended = install().expect(ExitCode::Dependency);
        assert!(ended.report["avisos"].to_string().contains(text), "{}", ended.report);
    }
    publisher.answer("timestamp.json", Reply::ok("{}"));
    site.wait();
    refused(&install(), ExitCode::Signature, "timestamp.json is no signed file");
    publisher.show();
    install().expect(ExitCode::Ok);
}

#[test]
fn a_call_that_names_no_trust_believes_no_index() {
    let publisher = Publisher::new();
    let site = Site::knowing(&publisher);
    refused(
        &site.install("p", &json!({"confianca": "/nowhere/at/all"})),
        ExitCode::ParamsOrFile,
        "/nowhere/at/all is no folder",
    );
    let read = crate::support::operation::called(
        "install",
        crate::looks::call(&site.gestor, &json!({"slug": "p", "origem_tipo": "indice"})),
        &site.settings,
    );
    let ended = crate::support::operation::run(read, site.settings.clone(), &mut crate::support::operation::Quiet);
    refused(&ended, ExitCode::ParamsOrFile, "confianca");
}
