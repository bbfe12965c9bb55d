//! What somebody tries who can hand in a package, or write beside the trust folder.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use super::pipeline::{Site, package};
use super::{changed, signed, verdict};
use crate::support::authority::Order;
use crate::support::package::Package;

/// A package with another text as its signature.
fn with_signature(site: &Site, path: &std::path::Path, text: impl Fn(Value) -> String) -> std::path::PathBuf {
    changed(&site.openssl, path, "assinatura.json", |bytes| {
        text(serde_json::from_slice(&bytes).unwrap()).into_bytes()
    })
}

#[test]
fn envelopes_that_are_too_much_are_none() {
    let site = Site::new();
    let good = site.signed(&package("1.0.0"), "good");
    let repeated = |times: usize| {
        move |mut envelope: Value| {
            let one = envelope["signatures"][0].clone();
            envelope["signatures"] = vec![one; times].into();
            envelope.to_string()
        }
    };
    let eight = with_signature(&site, &good, repeated(8));
    site.install(&eight, &[("assinatura", "exigir"), ("dry_run", "yes")])
        .expect(ExitCode::Ok);
    let nine = with_signature(&site, &good, repeated(9));
    assert_eq!(
        verdict(&site.install(&nine, &[]).expect(ExitCode::Signature)).0,
        "malformada"
    );
    let large = with_signature(&site, &good, |envelope| format!("{envelope}{}", " ".repeat(6 << 20)));
    let ended = site.install(&large, &[]).expect(ExitCode::Signature);
    assert!(
        verdict(&ended).1.contains("more than 6291456 bytes"),
        "{}",
        ended.report
    );
    let twice = with_signature(&site, &good, |envelope| {
        envelope
            .to_string()
            .replacen("\"payloadType\"", "\"payloadType\":\"x\",\"payloadType\"", 1)
    });
    assert_eq!(
        verdict(&site.install(&twice, &[]).expect(ExitCode::Signature)).0,
        "malformada"
    );
    let other = with_signature(&site, &good, |mut envelope| {
        envelope["payloadType"] = "application/vnd.in-toto+json".into();
        envelope.to_string()
    });
    assert_eq!(
        verdict(&site.install(&other, &[]).expect(ExitCode::Signature)).0,
        "malformada"
    );
}

#[test]
fn one_signature_that_is_believed_is_enough_and_a_withdrawn_one_is_not_hidden() {
    let site = Site::new();
    let good = site.signed(&package("1.0.0"), "good");
    let stranger = Site::new();
    let theirs = signed(&stranger.openssl, &package("1.0.0"), &stranger.author, "theirs");
    let envelope = |path: &std::path::Path| {
        let mut archive = zip::ZipArchive::new(fs::File::open(path).unwrap()).unwrap();
        let member = archive.by_name("assinatura.json").unwrap();
        serde_json::from_reader::<_, Value>(member).unwrap()
    };
    // Another's signature of the same bytes cannot be had: theirs is of another time and key. It is broken here.
    let broken = envelope(&theirs)["signatures"][0].clone();
    let both = with_signature(&site, &good, |mut envelope| {
        let own = envelope["signatures"][0].clone();
        envelope["signatures"] = json!([broken, own]);
        envelope.to_string()
    });
    let ended = site
        .install(&both, &[("assinatura", "exigir"), ("dry_run", "yes")])
        .expect(ExitCode::Ok);
    assert_eq!(verdict(&ended).0, "valida");
}

#[test]
fn a_signature_of_something_else_is_of_something_else() {
    let site = Site::new();
    let good = site.signed(&package("1.0.0"), "good");
    // The signature of another version, of the same files.
    let mut archive = zip::ZipArchive::new(fs::File::open(&good).unwrap()).unwrap();
    let text: Value = serde_json::from_reader(archive.by_name("assinatura.json").unwrap()).unwrap();
    let other = site.signed(&package("1.1.0"), "other");
    let moved = with_signature(&site, &other, |_| text.to_string());
    assert_eq!(
        verdict(&site.install(&moved, &[]).expect(ExitCode::Signature)).0,
        "difere"
    );
    // A statement that was changed is not what was signed.
    let forged = with_signature(&site, &good, |mut envelope| {
        let payload = STANDARD.decode(envelope["payload"].as_str().unwrap()).unwrap();
        let payload = String::from_utf8(payload).unwrap().replace("1.0.0", "9.0.0");
        envelope["payload"] = STANDARD.encode(payload).into();
        envelope.to_string()
    });
    assert_eq!(
        verdict(&site.install(&forged, &[]).expect(ExitCode::Signature)).0,
        "invalida"
    );
    // A developer of other plugins.
    let names = "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=codeSigning\n\
                 subjectAltName=URI:urn:gestor-plugins:dev:acme,URI:urn:gestor-plugins:plugin:other-*\n";
    let author = site.openssl.issue(
        &site.root,
        Order {
            extensions: names,
            ..Order::default()
        },
    );
    let theirs = signed(&site.openssl, &Package::new("other-shop", "1.0.0"), &author, "theirs");
    let mut archive = zip::ZipArchive::new(fs::File::open(&theirs).unwrap()).unwrap();
    let text: Value = serde_json::from_reader(archive.by_name("assinatura.json").unwrap()).unwrap();
    let moved = with_signature(&site, &good, |_| text.to_string());
    let ended = site.install(&moved, &[]).expect(ExitCode::Signature);
    assert!(
        ["difere", "fora_do_escopo"].contains(&verdict(&ended).0.as_str()),
        "{}",
        ended.report
    );
}

#[test]
fn two_signatures_and_names_that_look_alike_are_no_package() {
    let site = Site::new();
    let good = site.signed(&package("1.0.0").file("lib/\u{e9}.php", "<?php // e"), "good");
    let second = changed(&site.openssl, &good, "+ASSINATURA.json", |bytes| bytes);
    site.install(&second, &[]).expect(ExitCode::ZipInvalid);
    let decomposed = changed(&site.openssl, &good, "lib/\u{e9}.php>lib/e\u{301}.php", |bytes| bytes);
    assert_eq!(
        verdict(&site.install(&decomposed, &[]).expect(ExitCode::Signature)).0,
        "difere"
    );
    let nested = changed(&site.openssl, &good, "+lib/assinatura.json", |bytes| bytes);
    assert_eq!(
        verdict(&site.install(&nested, &[]).expect(ExitCode::Signature)).0,
        "difere"
    );
}

#[test]
fn a_trust_folder_that_others_may_write_to_is_not_believed() {
    let site = Site::new();
    let good = site.signed(&package("1.0.0"), "good");
    let (folder, roots) = (site.trust.path(), site.trust.path().join("raizes"));
    let dry = [("dry_run", "yes")];
    site.trust.put("politica.json", "{}");
    for (path, wrong) in [
        (folder.to_owned(), 0o777),
        (roots.clone(), 0o777),
        (roots.join("0.pem"), 0o666),
        (folder.join("politica.json"), 0o666),
    ] {
        let right = fs::metadata(&path).unwrap().permissions();
        fs::set_permissions(&path, Permissions::from_mode(wrong)).unwrap();
        let ended = site.install(&good, &dry);
        assert_eq!(
            ended.code,
            ExitCode::ParamsOrFile,
            "{}: {}",
            path.display(),
            ended.report
        );
        fs::set_permissions(&path, right).unwrap();
    }
    symlink(&site.root.certificates, roots.join("link.pem")).unwrap();
    site.install(&good, &dry).expect(ExitCode::ParamsOrFile);
    fs::remove_file(roots.join("link.pem")).unwrap();
    fs::write(
        roots.join("bad.pem"),
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    )
    .unwrap();
    site.install(&good, &dry).expect(ExitCode::ParamsOrFile);
    fs::remove_file(roots.join("bad.pem")).unwrap();
    fs::remove_file(roots.join("0.pem")).unwrap();
    let ended = site.install(&good, &dry).expect(ExitCode::Ok);
    assert_eq!(verdict(&ended).0, "desconhecida");
}
