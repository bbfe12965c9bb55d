//! What is counted and told of signatures: that one was refused, that the signer changed, that what is installed was withdrawn.

use std::path::PathBuf;

use gestor_plugins::config::Argument;
use gestor_plugins::outcome::ExitCode;

use super::installed::{ask, plain, verify};
use super::pipeline::Site;
use super::{changed, signed};
use crate::events::{counts, of};
use crate::support::authority::Order;
use crate::support::operation::{Quiet, called, run};
use crate::support::package::Package;
use crate::support::{argument, english, text_argument};

const SLUG: &str = "acme-shop";

fn rows(site: &Site, event: &str) -> Vec<[String; 2]> {
    let sql = format!("SELECT versao, detalhe FROM gestor_plugins_eventos WHERE evento = '{event}' ORDER BY id");
    let rows = site.gestor.database.rows(&sql).into_iter();
    rows.map(|row| [0, 1].map(|at| row[at].clone().unwrap_or_default()))
        .collect()
}

#[test]
fn a_signature_that_is_refused_and_a_signer_that_changes_are_told() {
    let site = Site::new();
    site.install(&site.signed(&plain("1.0.0"), "p"), &[])
        .expect(ExitCode::Ok);
    let names = "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=codeSigning\n\
                 subjectAltName=URI:urn:gestor-plugins:dev:other,URI:urn:gestor-plugins:plugin:*\n";
    let order = Order {
        extensions: names,
        ..Order::default()
    };
    let other = site.openssl.issue(&site.root, order);
    let others = signed(&site.openssl, &plain("2.0.0"), &other, "others");
    site.install(&others, &[]).expect(ExitCode::Signature);
    let refused = rows(&site, "signature_refused");
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0][0], "2.0.0");
    assert!(
        refused[0][1].contains("\"codigo\":23") && refused[0][1].contains("was signed by acme"),
        "{refused:?}"
    );
    assert_eq!(rows(&site, "signer_changed").len(), 0);
    site.install(&others, &[("trocar_assinante", "yes")])
        .expect(ExitCode::Ok);
    let changed = rows(&site, "signer_changed");
    assert_eq!(changed.len(), 1);
    assert_eq!(changed[0], ["2.0.0", r#"{"de":"acme","para":"other"}"#]);
    // The same developer again is no change, and going back is none either.
    let again = signed(&site.openssl, &plain("2.1.0"), &other, "again");
    site.install(&again, &[]).expect(ExitCode::Ok);
    ask(&site, "rollback", &[("slug", SLUG), ("version", "1.0.0")]).expect(ExitCode::Ok);
    let expected = [
        ("install_success", 1),
        ("install_fail", 1),
        ("signature_refused", 1),
        ("update_changed", 2),
        ("signer_changed", 1),
        ("rollback_exec", 1),
    ];
    assert_eq!(counts(&site.gestor, SLUG), of(&expected));
}

#[test]
fn of_a_batch_only_the_one_that_is_refused_is_told() {
    let site = Site::new();
    site.install(&site.signed(&plain("1.0.0"), "p"), &[])
        .expect(ExitCode::Ok);
    let sign = |package: Package, name: &str| signed(&site.openssl, &package, &site.author, name);
    let one = sign(Package::new("acme-one", "1.0.0"), "one");
    let two = sign(Package::new("acme-two", "1.0.0").file("x.php", "<?php // x"), "two");
    let two = changed(&site.openssl, &two, "x.php", |_| b"<?php // y".to_vec());
    let package = |path: &PathBuf| {
        let path = text_argument(path.to_str().unwrap());
        argument([("origem_tipo", text_argument("upload")), ("arquivo", path)])
    };
    let mut entries = vec![
        ("raiz", text_argument(site.gestor.root().to_str().unwrap())),
        ("db", site.gestor.database.argument()),
        ("pacotes", Argument::List(vec![package(&one), package(&two)])),
    ];
    entries.extend(site.with(&[]));
    run(called("batch", argument(entries), &english()), english(), &mut Quiet).expect(ExitCode::Signature);
    let told = site
        .gestor
        .database
        .rows("SELECT slug FROM gestor_plugins_eventos WHERE evento = 'signature_refused'");
    assert_eq!(told, [vec![Some("acme-two".to_owned())]]);
    assert_eq!(counts(&site.gestor, "acme-one"), of(&[("install_fail", 1)]));
    assert_eq!(
        counts(&site.gestor, "acme-two"),
        of(&[("install_fail", 1), ("signature_refused", 1)])
    );
}

#[test]
fn what_was_withdrawn_is_told_once_of_each_version() {
    let site = Site::new();
    site.install(&site.signed(&plain("1.0.0"), "p"), &[])
        .expect(ExitCode::Ok);
    site.trust.put(
        "revogados.json",
        r#"{"formato":1,"itens":[{"id":"GP-9","plugin":"acme-shop","versoes":"<1.1.0","motivo":"malware"}]}"#,
    );
    for _ in 0..2 {
        ask(&site, "list", &[]).expect(ExitCode::Ok);
        verify(&site, &[]).expect(ExitCode::Drift);
    }
    let told = rows(&site, "revoked_installed");
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0][0] == "1.0.0" && told[0][1].contains("GP-9"), "{told:?}");
    assert_eq!(counts(&site.gestor, SLUG)["revoked_installed"], 1);
    // Another version that was withdrawn is told of by itself.
    site.trust.put("revogados.json", r#"{"formato":1,"itens":[]}"#);
    site.install(&site.signed(&plain("1.2.0"), "q"), &[])
        .expect(ExitCode::Ok);
    site.trust.put(
        "revogados.json",
        r#"{"formato":1,"itens":[{"id":"GP-10","plugin":"acme-shop","versoes":"1.2.0","motivo":"malware"}]}"#,
    );
    ask(&site, "list", &[]).expect(ExitCode::Ok);
    assert_eq!(rows(&site, "revoked_installed").len(), 2);
}
