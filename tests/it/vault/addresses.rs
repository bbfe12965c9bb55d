//! `cred_ref` of a package that lies at an address: what is sent, to which server, and what is recorded of it.

use std::fs;

use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use super::site::{Site, TOKEN, said};
use crate::support::github::{Reply, Server};
use crate::support::operation::Ended;
use crate::support::package::Package;

/// A server that has a package, and its SHA-256 beside it.
fn server(site: &Site, version: &str) -> Server {
    let server = Server::http();
    show(site, &server, version);
    server
}

fn show(site: &Site, server: &Server, version: &str) {
    let path = site.gestor.root().join("publish.zip");
    Package::new("agenda", version).write(&path);
    let bytes = fs::read(&path).unwrap();
    fs::remove_file(&path).unwrap();
    let sum = gestor_plugins::base::hash::sha256(&bytes).to_string();
    server
        .on("/p.zip", [Reply::ok(bytes)])
        .on("/p.zip.sha256", [Reply::ok(sum)]);
}

fn install(site: &Site, server: &Server, more: &Value) -> Ended {
    let mut call = json!({"slug": "agenda", "origem_tipo": "url", "url": server.url("/p.zip"), "reprocessar": true});
    call.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    site.call("install", &call)
}

fn sent(server: &Server) -> Vec<Option<String>> {
    let asked = server.asked();
    asked
        .iter()
        .map(|asked| asked.header("authorization").map(str::to_owned))
        .collect()
}

fn store(site: &Site, kind: &str, secret: &str, server: &Server) {
    let call = json!({"alias": "acme", "segredo": secret, "tipo": kind, "origem": server.url("")});
    site.credentials("gravar", &call).expect(ExitCode::Ok);
}

#[test]
fn a_credential_goes_to_the_server_of_the_address() {
    let site = Site::new().with_tokens(&[("PLUGIN_TOKEN_OTHER", "t0p-of-environment")]);
    let server = server(&site, "1.0.0");
    let with_sum = json!({"sha256_url": server.url("/p.zip.sha256")});
    for (kind, secret, header) in [
        ("http_bearer", "t0p", "Bearer t0p"),
        (
            "http_basic",
            "Aladdin:open sesame",
            "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
        ),
    ] {
        store(&site, kind, secret, &server);
        for name in ["cred:acme", "acme"] {
            let before = sent(&server).len();
            let mut call = with_sum.clone();
            call["cred_ref"] = json!(name);
            install(&site, &server, &call).expect(ExitCode::Ok);
            let after = sent(&server).split_off(before);
            assert_eq!(
                after,
                [Some(header.to_owned()), Some(header.to_owned())],
                "{kind} {name}"
            );
        }
        assert_eq!(
            site.recorded("gestor_plugins_estado", "origem_token_ref", "slug")
                .as_deref(),
            Some("cred:acme")
        );
    }
    // The next calls find it, those that update all as well; nothing of it is where the admin page looks for tokens.
    show(&site, &server, "1.1.0");
    site.call("update_all", &json!({})).expect(ExitCode::Ok);
    assert_eq!(
        site.recorded("plugins", "versao_instalada", "id").as_deref(),
        Some("1.1.0")
    );
    assert!(sent(&server).iter().all(Option::is_some));
    assert_eq!(site.recorded("plugins", "origem_credencial_ref", "id"), None);
    // A variable, which says of no server that it is its own, is sent and not recorded.
    for name in ["env:OTHER", "other"] {
        install(&site, &server, &json!({"cred_ref": name})).expect(ExitCode::Ok);
        assert_eq!(
            sent(&server).pop().flatten().as_deref(),
            Some("Bearer t0p-of-environment")
        );
        let recorded = site.recorded("gestor_plugins_estado", "origem_token_ref", "slug");
        assert_eq!(recorded.as_deref(), Some("cred:acme"));
    }
    assert!(!site.gestor.log().contains("t0p"), "{}", site.gestor.log());
}

#[test]
fn a_credential_goes_to_no_other_server() {
    let site = Site::new().with_tokens(&[("PLUGIN_TOKEN_OTHER", "t0p-of-environment")]);
    let (own, other) = (server(&site, "1.0.0"), server(&site, "1.0.0"));
    store(&site, "http_bearer", "t0p", &own);
    let refused = install(&site, &other, &json!({"cred_ref": "cred:acme"})).expect(ExitCode::ParamsOrFile);
    assert!(said(&refused).contains("is not sent to"), "{}", said(&refused));
    assert!(other.asked().is_empty());
    let refused = install(&site, &own, &json!({"cred_ref": "cred:nobody"})).expect(ExitCode::ParamsOrFile);
    assert!(said(&refused).contains("no credential nobody"), "{}", said(&refused));
    // After a redirect it is not sent any more, nor on the way back.
    own.on("/p.zip", [Reply::redirect(302, &other.url("/p.zip"))]);
    for name in ["cred:acme", "env:OTHER"] {
        install(
            &site,
            &own,
            &json!({"cred_ref": name, "sha256_url": other.url("/p.zip.sha256")}),
        )
        .expect(ExitCode::Ok);
        assert!(sent(&own).pop().flatten().is_some());
    }
    other.on("/p.zip", [Reply::redirect(302, &own.url("/back.zip"))]);
    install(&site, &own, &json!({"cred_ref": "cred:acme"})).expect(ExitCode::Download);
    assert_eq!(sent(&own).pop().flatten(), None);
    assert!(sent(&other).iter().all(Option::is_none));
    // A token of GitHub's form is GitHub's.
    show(&site, &own, "1.0.0");
    let told = install(&site, &own, &json!({"cred_ref": TOKEN})).expect(ExitCode::Ok);
    assert!(
        told.report["avisos"].to_string().contains("was not sent to"),
        "{}",
        told.report
    );
    assert_eq!(sent(&own).pop().flatten(), None);
}

#[test]
fn what_is_recorded_of_one_origin_is_not_sent_to_another() {
    let site = Site::new().with_tokens(&[("PLUGIN_TOKEN_ACME", "ghp_of_environment")]);
    site.publish("1.0.0");
    site.install(&json!({"cred_ref": "env:ACME"})).expect(ExitCode::Ok);
    let own = server(&site, "1.0.1");
    for _ in 0..2 {
        install(&site, &own, &json!({})).expect(ExitCode::Ok);
        assert_eq!(sent(&own).pop().flatten(), None);
    }
    // What is recorded of the address is for its server alone.
    store(&site, "http_bearer", "t0p", &own);
    install(&site, &own, &json!({"cred_ref": "cred:acme"})).expect(ExitCode::Ok);
    let other = server(&site, "1.0.1");
    install(&site, &other, &json!({})).expect(ExitCode::Ok);
    assert_eq!(sent(&other).pop().flatten(), None);
    let before = site.sent().len();
    let ended = site.install(&json!({"forcar": true})).expect(ExitCode::ParamsOrFile);
    assert!(said(&ended).contains("needs a token"), "{}", said(&ended));
    assert_eq!(site.sent().len(), before);
}

#[test]
fn a_recorded_credential_that_is_for_another_server_by_now_is_left_out() {
    let site = Site::new();
    let (first, second) = (server(&site, "1.0.0"), server(&site, "1.0.0"));
    store(&site, "http_bearer", "t0p", &first);
    install(&site, &first, &json!({"cred_ref": "cred:acme"})).expect(ExitCode::Ok);
    assert_eq!(sent(&first).pop().flatten().as_deref(), Some("Bearer t0p"));
    store(&site, "http_bearer", "t0p", &second);
    // The plugin did not come from there, so that nobody has said that it is meant.
    install(&site, &second, &json!({"dry_run": true})).expect(ExitCode::Ok);
    assert!(sent(&second).iter().all(Option::is_none));
    install(&site, &first, &json!({})).expect(ExitCode::Ok);
    assert_eq!(sent(&first).pop().flatten(), None);
}
