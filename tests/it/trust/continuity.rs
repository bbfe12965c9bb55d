//! Who signed stays who signs, whatever became of what was noted of it.

use gestor_plugins::config::Argument;
use gestor_plugins::outcome::ExitCode;
use serde_json::Value;

use super::pipeline::{Site, package};
use super::{signed, verdict};
use crate::support::authority::{Holder, Order};
use crate::support::operation::{Ended, Quiet, called, run};
use crate::support::{argument, english, text_argument};

const OTHER: &str = "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=codeSigning\n\
                     subjectAltName=URI:urn:gestor-plugins:dev:other,URI:urn:gestor-plugins:plugin:*\n";
const DRY: &[(&str, &str)] = &[("dry_run", "yes")];

fn other(site: &Site) -> Holder {
    let order = Order {
        extensions: OTHER,
        ..Order::default()
    };
    site.openssl.issue(&site.root, order)
}

fn uninstall(site: &Site) -> Ended {
    let call = argument([
        ("slug", text_argument("acme-shop")),
        ("raiz", text_argument(site.gestor.root().to_str().unwrap())),
        ("db", site.gestor.database.argument()),
        ("lang", text_argument("en")),
        ("migracoes", Argument::Callable),
    ]);
    run(called("uninstall", call, &english()), english(), &mut Quiet).expect(ExitCode::Ok)
}

#[test]
fn whoever_writes_to_the_database_does_not_change_the_signer() {
    for harm in [
        "UPDATE gestor_plugins_versoes SET desenvolvedor = 'other'",
        "UPDATE gestor_plugins_versoes SET desenvolvedor = NULL, veredito = 'ausente'",
        "DELETE FROM gestor_plugins_versoes",
        "UPDATE plugins SET checksum_pacote = NULL",
        "UPDATE plugins SET checksum_pacote = SHA2('x', 256)",
    ] {
        let site = Site::new();
        let unsigned = site.openssl.path("unsigned.zip");
        package("2.0.0").write(&unsigned);
        let others = signed(&site.openssl, &package("2.0.0"), &other(&site), "others");
        site.install(&site.signed(&package("1.0.0"), "first"), &[])
            .expect(ExitCode::Ok);
        site.gestor.database.run(harm);
        for path in [&unsigned, &others] {
            let ended = site.install(path, DRY);
            assert_eq!(ended.code, ExitCode::Signature, "{harm}: {}", ended.report);
        }
        let own = site.signed(&package("2.0.0"), "own");
        site.install(&own, DRY).expect(ExitCode::Ok);
    }
}

#[test]
fn what_nobody_looked_at_is_no_reason_to_forget_who_signed_it() {
    let site = Site::new();
    let first = site.signed(&package("1.0.0"), "first");
    site.install(&first, &[]).expect(ExitCode::Ok);
    site.trust
        .put("politica.json", r#"{"padrao":{"assinatura":"desligada"}}"#);
    let ended = site.install(&first, &[("reprocessar", "yes")]).expect(ExitCode::Ok);
    assert_eq!(verdict(&ended).0, "nao_conferida");
    let noted = site
        .gestor
        .database
        .value("SELECT CONCAT_WS(' ', veredito, desenvolvedor, LENGTH(chave)) FROM gestor_plugins_versoes");
    assert_eq!(noted.as_deref(), Some("valida acme 64"));
}

#[test]
fn another_signer_of_a_plugin_that_was_uninstalled_is_told() {
    let site = Site::new();
    let first = site.signed(&package("1.0.0"), "first");
    site.install(&first, &[]).expect(ExitCode::Ok);
    uninstall(&site);
    let unsigned = site.openssl.path("unsigned.zip");
    package("2.0.0").write(&unsigned);
    let others = signed(&site.openssl, &package("2.0.0"), &other(&site), "others");
    let warns = |ended: &Ended| {
        let warned = ended.report["avisos"].as_array().unwrap();
        warned
            .iter()
            .filter_map(Value::as_str)
            .any(|text| text.contains("was of acme"))
    };
    for (path, is_told) in [(&unsigned, true), (&others, true), (&first, false)] {
        let ended = site.install(path, DRY).expect(ExitCode::Ok);
        assert_eq!(warns(&ended), is_told, "{}", ended.report);
    }
}
