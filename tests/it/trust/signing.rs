//! A package is signed, and judged.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use gestor_plugins::outcome::ExitCode;

use super::{ask, judged, signed, verdict};
use crate::support::authority::{ED25519, Openssl, Order, RSA_3072, TrustedFolder};
use crate::support::package::Package;

fn package() -> Package {
    Package::new("acme-shop", "1.2.3")
        .file("bin/run", "#!/bin/sh\n")
        .file("db/migrations/20260101000000_first.php", "<?php")
}

#[test]
fn a_package_is_signed_with_either_kind_of_key() {
    let openssl = Openssl::new();
    for key in [ED25519, RSA_3072] {
        let order = Order {
            key,
            ..Order::default()
        };
        let (root, other) = (openssl.root(order), openssl.root(order));
        let between = openssl.issue(
            &root,
            Order {
                extensions: crate::support::authority::AUTHORITY,
                ..order
            },
        );
        let author = openssl.issue(&between, order);
        let path = signed(&openssl, &package(), &author, "p");
        let sum = fs::read_to_string(openssl.path("p.zip.sha256")).unwrap();
        assert!(sum.ends_with("  p.zip\n"), "{sum}");
        let ended = judged(openssl.path("").as_path(), &path, &TrustedFolder::of(&[&root])).expect(ExitCode::Ok);
        assert_eq!(verdict(&ended), ("valida".to_owned(), String::new()));
        assert_eq!(ended.report["assinatura"]["desenvolvedor"], "acme");
        assert_eq!(ended.report["versao"], "1.2.3");
        let stranger = judged(openssl.path("").as_path(), &path, &TrustedFolder::of(&[&other])).expect(ExitCode::Ok);
        assert_eq!(verdict(&stranger).0, "desconhecida");
    }
}

#[test]
fn a_key_that_stays_where_it_is_signs_what_was_prepared() {
    let openssl = Openssl::new();
    let root = openssl.root(Order::default());
    let author = openssl.issue(
        &root,
        Order {
            key: RSA_3072,
            ..Order::default()
        },
    );
    let folder = openssl.path("source");
    fs::create_dir(&folder).unwrap();
    fs::write(
        folder.join("manifest.json"),
        r#"{"id":"acme-shop","name":"x","version":"2.0.0"}"#,
    )
    .unwrap();
    fs::write(folder.join("run"), "x".repeat(500)).unwrap();
    fs::set_permissions(folder.join("run"), fs::Permissions::from_mode(0o755)).unwrap();
    let output = openssl.path("hsm.zip");
    let always = [
        ("pasta", folder.to_str().unwrap()),
        ("certificados", author.certificates.to_str().unwrap()),
        ("saida", output.to_str().unwrap()),
    ];
    let with = |more: &[(&str, &str)]| ask("sign", openssl.path("").as_path(), &[&always[..], more].concat());
    let prepared = with(&[("preparar", "yes")]).expect(ExitCode::Ok);
    let bytes = prepared.report["preparado"].as_str().unwrap().to_owned();
    let signature = openssl.path("hsm.sig");
    let sign = |padding: &[&str]| {
        let done = Command::new("openssl")
            .args([
                "dgst",
                "-sha256",
                "-sign",
                author.key.to_str().unwrap(),
                "-out",
                signature.to_str().unwrap(),
            ])
            .args(padding)
            .arg(&bytes)
            .status();
        assert!(done.unwrap().success());
    };
    sign(&[]);
    with(&[("anexar", signature.to_str().unwrap())]).expect(ExitCode::ParamsOrFile);
    sign(&["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32"]);
    with(&[("anexar", signature.to_str().unwrap())]).expect(ExitCode::Ok);
    let trust = TrustedFolder::of(&[&root]);
    let ended = judged(openssl.path("").as_path(), &output, &trust).expect(ExitCode::Ok);
    assert_eq!(verdict(&ended).0, "valida");
    // The folder has it too; what changes after it was prepared is noticed.
    assert!(folder.join("assinatura.json").exists());
    fs::write(folder.join("run"), "y".repeat(500)).unwrap();
    with(&[("anexar", signature.to_str().unwrap())]).expect(ExitCode::Signature);
}

#[test]
fn a_fresh_key_is_nobody_elses_and_replaces_none() {
    let openssl = Openssl::new();
    let path = openssl.path("fresh.key");
    let make = || {
        ask(
            "sign",
            openssl.path("").as_path(),
            &[("gerar_chave", "yes"), ("chave", path.to_str().unwrap())],
        )
    };
    make().expect(ExitCode::Ok);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let read = Command::new("openssl")
        .args(["pkey", "-noout", "-in", path.to_str().unwrap()])
        .status();
    assert!(read.unwrap().success());
    make().expect(ExitCode::Move);
}
