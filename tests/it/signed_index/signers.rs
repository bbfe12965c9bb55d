//! Who signed a package: looked at before it is published, said by the index, and held to where it is installed.

use std::fs;

use gestor_plugins::base::hash::sha256;
use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use super::{Publisher, Site, refused};
use crate::support::authority::{Holder, Openssl, Order, TrustedFolder};
use crate::support::github::{Reply, Server};
use crate::support::package::Package;
use crate::trust::{changed, signed};

/// What an index says of a version is changed.
type Say<'c> = &'c dyn Fn(&mut Value);
/// A file of a package is changed.
type Change<'c> = &'c dyn Fn(Vec<u8>) -> Vec<u8>;

fn package() -> Package {
    Package::new("acme-shop", "1.2.3").file("bin/run", "#!/bin/sh\n")
}

fn author(openssl: &Openssl) -> (Holder, Holder) {
    let root = openssl.root(Order::default());
    let author = openssl.issue(&root, Order::default());
    (root, author)
}

/// The index says something else of the plugin, as only its publisher can.
fn say(publisher: &Publisher, version: u64, change: impl FnOnce(&mut Value)) {
    let name = "plugin.acme-shop.json";
    let mut entry = publisher.target(2, name);
    change(&mut entry["versoes"][0]);
    let bytes = entry.to_string();
    let digest = sha256(bytes.as_bytes()).to_string();
    let facts = json!({"length": bytes.len(), "hashes": {"sha256": digest}});
    for (file, bytes) in publisher.announce(version, |said| said["targets"][name] = facts) {
        publisher.answer(&file, Reply::ok(bytes));
    }
    publisher.answer(&format!("{digest}.{name}"), Reply::ok(bytes));
}

/// The operator asks for signatures so strictly.
fn ask(site: &Site, level: &str) {
    let policy = json!({"padrao": {"assinatura": level}}).to_string();
    fs::write(site.trust().join("politica.json"), policy).unwrap();
}

#[test]
fn a_signed_package_is_published_with_its_signer_and_comes_from_nobody_else() {
    let openssl = Openssl::new();
    let (root, author) = author(&openssl);
    let path = signed(&openssl, &package(), &author, "p");
    let publisher = Publisher::new();
    let ended = publisher.publish(&path, &json!({})).expect(ExitCode::Ok);
    assert_eq!(ended.report["assinatura"]["veredito"], "desconhecida");
    assert_eq!(
        ended.report["avisos"],
        json!([]),
        "nobody is believed there, so nothing is said of whom to believe"
    );
    let known = &publisher.target(2, "plugin.acme-shop.json")["versoes"][0]["assinante"];
    assert_eq!(known["desenvolvedor"], "acme");
    assert_eq!(known["chave"], ended.report["assinatura"]["chave"]);
    // Whom the publisher believes is told.
    let trust = TrustedFolder::of(&[&root]);
    let ended = publisher
        .publish(&path, &json!({"confianca": trust.path()}))
        .expect(ExitCode::Ok);
    assert_eq!(ended.report["assinatura"]["veredito"], "valida");
    // Of a signer whom nobody vouches for, though others are believed, that is told.
    let others = TrustedFolder::of(&[&openssl.root(Order::default())]);
    let ended = publisher
        .publish(&path, &json!({"confianca": others.path()}))
        .expect(ExitCode::Ok);
    assert_ne!(ended.report["avisos"], json!([]));
    let site = Site::knowing(&publisher);
    site.install("acme-shop", &json!({})).expect(ExitCode::Ok);
    assert_eq!(site.version("acme-shop").as_deref(), Some("1.2.3"));
    // Whoever asks for no signatures gets what the index names all the same.
    let site = Site::knowing(&publisher);
    ask(&site, "desligada");
    site.install("acme-shop", &json!({})).expect(ExitCode::Ok);
    let say_so: [(Say<'_>, &str); 3] = [
        (
            &|said| said["assinante"]["desenvolvedor"] = json!("other"),
            "signed by other",
        ),
        (
            &|said| said["assinante"]["chave"] = json!("0".repeat(64)),
            "was signed by acme (key",
        ),
        (&|said| said["assinante"]["chave"] = json!("x"), "expected 64"),
    ];
    for (at, (change, text)) in say_so.into_iter().enumerate() {
        say(&publisher, 10 + at as u64, change);
        let site = Site::knowing(&publisher);
        let code = if at == 2 {
            ExitCode::Validate
        } else {
            ExitCode::Signature
        };
        for level in ["desligada", "avisar"] {
            ask(&site, level);
            refused(&site.install("acme-shop", &json!({})), code, text);
        }
        assert_eq!(site.version("acme-shop"), None);
    }
}

#[test]
fn an_unsigned_package_where_the_index_names_a_signer_is_refused() {
    let publisher = Publisher::new();
    publisher.package(&package(), &json!({}));
    let entry = publisher.target(2, "plugin.acme-shop.json");
    assert_eq!(entry["versoes"][0].get("assinante"), None);
    Site::knowing(&publisher)
        .install("acme-shop", &json!({}))
        .expect(ExitCode::Ok);
    say(&publisher, 10, |said| {
        said["assinante"] = json!({"desenvolvedor": "acme", "chave": "0".repeat(64)});
    });
    for level in ["desligada", "avisar"] {
        let site = Site::knowing(&publisher);
        ask(&site, level);
        refused(
            &site.install("acme-shop", &json!({})),
            ExitCode::Signature,
            "has no signature that holds",
        );
    }
}

#[test]
fn what_is_not_as_the_named_signer_signed_it_is_refused_whatever_is_asked_for() {
    let openssl = Openssl::new();
    let (_, author) = author(&openssl);
    let path = signed(&openssl, &package(), &author, "p");
    let publisher = Publisher::new();
    publisher.publish(&path, &json!({})).expect(ExitCode::Ok);
    let bytes = fs::read(changed(&openssl, &path, "-bin/run", |bytes| bytes)).unwrap();
    say(&publisher, 10, |said| {
        said["sha256"] = json!(sha256(&bytes).to_string());
        said["tamanho"] = json!(bytes.len());
        said["urls"] = json!([publisher.server.url("/changed.zip")]);
    });
    publisher.server.on("/changed.zip", [Reply::ok(bytes)]);
    for level in ["desligada", "avisar"] {
        let site = Site::knowing(&publisher);
        ask(&site, level);
        site.install("acme-shop", &json!({})).expect(ExitCode::Signature);
        assert_eq!(site.version("acme-shop"), None);
    }
}

#[test]
fn a_signature_that_does_not_hold_is_not_published() {
    let openssl = Openssl::new();
    let (root, author) = author(&openssl);
    let path = signed(&openssl, &package(), &author, "p");
    let publisher = Publisher::new();
    let before = publisher.read("timestamp.json");
    let reversed = |bytes: Vec<u8>| bytes.into_iter().rev().collect::<Vec<u8>>();
    let other = |bytes: Vec<u8>| {
        let mut envelope: Value = serde_json::from_slice(&bytes).unwrap();
        let signature = envelope["signatures"][0]["sig"].as_str().unwrap();
        let first = if signature.starts_with('A') { "B" } else { "A" };
        envelope["signatures"][0]["sig"] = json!(format!("{first}{}", &signature[1..]));
        envelope.to_string().into_bytes()
    };
    let cases: [(&str, Change<'_>, &str); 6] = [
        ("bin/run", &reversed, "bin/run\\\" is not as it was signed"),
        ("-bin/run", &reversed, "bin/run was signed and is not in the package"),
        ("+bin/more", &reversed, "bin/more is in the package and was not signed"),
        (
            "*manifest.json",
            &|bytes| bytes,
            "manifest.json is not as it was signed",
        ),
        ("assinatura.json", &|_| b"{}".to_vec(), "assinatura.json is no envelope"),
        ("assinatura.json", &other, "the signature was not made of this list"),
    ];
    for (what, change, text) in cases {
        let changed = changed(&openssl, &path, what, change);
        refused(&publisher.publish(&changed, &json!({})), ExitCode::Signature, text);
    }
    // A version that the publisher's own list withdraws.
    let trust = TrustedFolder::of(&[&root]);
    let list = json!({"formato": 1, "itens": [{"plugin": "acme-shop", "versoes": "1.2.3"}]});
    fs::write(trust.path().join("revogados.json"), list.to_string()).unwrap();
    refused(
        &publisher.publish(&path, &json!({"confianca": trust.path()})),
        ExitCode::Signature,
        "it was revoked",
    );
    assert_eq!(publisher.read("timestamp.json"), before, "nothing was published");
    publisher.publish(&path, &json!({})).expect(ExitCode::Ok);
}

#[test]
fn a_package_is_the_version_that_the_index_calls_it() {
    let publisher = Publisher::new();
    publisher.package(&package(), &json!({}));
    say(&publisher, 10, |said| said["versao"] = json!("1.9.0"));
    let site = Site::knowing(&publisher);
    refused(
        &site.install("acme-shop", &json!({"versao": "^1.5"})),
        ExitCode::Validate,
        "version 1.9.0 of the plugin acme-shop, and its manifest says 1.2.3",
    );
    assert_eq!(site.version("acme-shop"), None);
}

#[test]
fn a_version_whose_bytes_changed_is_told_and_refused_where_signatures_are_required() {
    let openssl = Openssl::new();
    let (root, author) = author(&openssl);
    let (site, server) = (Site::new(), Server::http());
    fs::create_dir_all(site.trust().join("raizes")).unwrap();
    fs::copy(&root.certificates, site.trust().join("raizes/0.pem")).unwrap();
    let serve = |text: &str| {
        let path = signed(&openssl, &package().file("more.txt", text), &author, text);
        let bytes = fs::read(path).unwrap();
        let digest = sha256(&bytes).to_string();
        server.on("/p.zip", [Reply::ok(bytes)]);
        digest
    };
    let install = |level: &str, is_dry: bool| {
        let call = json!({"slug": "acme-shop", "origem_tipo": "url", "url": server.url("/p.zip"), "assinatura": level,
            "dry_run": is_dry});
        site.run("install", &call)
    };
    let first = serve("one");
    install("exigir", false).expect(ExitCode::Ok);
    serve("two");
    refused(&install("exigir", false), ExitCode::Checksum, &first);
    let told = install("avisar", true).expect(ExitCode::Ok);
    assert!(told.report["avisos"].to_string().contains(&first), "{}", told.report);
}
