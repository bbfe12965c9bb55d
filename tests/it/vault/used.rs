//! `cred_ref`: which token is sent, to whom, and what is recorded of it.

use gestor_plugins::outcome::ExitCode;
use serde_json::json;

use super::site::{PART, Site, TOKEN, said};
use crate::support::github::{Reply, Server};

#[test]
fn a_stored_credential_installs_and_the_next_call_finds_it_by_itself() {
    let site = Site::new();
    site.store("acme", TOKEN);
    site.publish("1.0.0");
    site.install(&json!({})).expect(ExitCode::ParamsOrFile);
    assert!(site.sent().is_empty());
    site.install(&json!({"cred_ref": "cred:acme"})).expect(ExitCode::Ok);
    let header = format!("token {TOKEN}");
    assert!(site.sent().iter().all(|sent| sent.as_deref() == Some(&header)));
    assert_eq!(
        site.recorded("gestor_plugins_estado", "origem_token_ref", "slug")
            .as_deref(),
        Some("cred:acme")
    );
    // The admin page takes what stands there for the token itself.
    assert_eq!(site.recorded("plugins", "origem_credencial_ref", "id"), None);
    assert!(
        site.gestor
            .log()
            .contains("[PLUGIN:agenda] [ok] credential acme used for http://127.0.0.1:")
    );
    for (version, word, call) in [
        (
            "1.1.0",
            "install",
            json!({"slug": "agenda", "origem_tipo": "github_privado", "owner": "o", "repo": "r"}),
        ),
        ("1.2.0", "update_all", json!({})),
    ] {
        site.publish(version);
        site.call(word, &call).expect(ExitCode::Ok);
        assert_eq!(
            site.recorded("plugins", "versao_instalada", "id").as_deref(),
            Some(version)
        );
    }
    let listed = site.credentials("listar", &json!({})).expect(ExitCode::Ok);
    assert_eq!(listed.report["credenciais"][0]["usada_por"], json!(["agenda"]));
    let removed = site
        .credentials("remover", &json!({"alias": "acme"}))
        .expect(ExitCode::Ok);
    assert!(removed.report["avisos"].to_string().contains("still used by: agenda"));
    site.publish("1.3.0");
    let lost = site.call("update_all", &json!({})).expect(ExitCode::ParamsOrFile);
    assert!(said(&lost).contains("no credential acme"), "{}", said(&lost));
}

#[test]
fn a_bare_name_is_the_environment_and_else_a_credential() {
    let site = Site::new().with_tokens(&[("PLUGIN_TOKEN_ACME", "ghp_of_environment")]);
    site.store("acme", "ghp_of_table");
    site.store("other", "ghp_of_other");
    site.publish("1.0.0");
    for (reference, sent, recorded, column) in [
        ("acme", "ghp_of_environment", "env:acme", Some("acme")),
        ("env:ACME", "ghp_of_environment", "env:ACME", Some("acme")),
        ("cred:acme", "ghp_of_table", "cred:acme", Some("acme")),
        ("other", "ghp_of_other", "cred:other", Some("acme")),
        ("ghp_literal", "ghp_literal", "cred:other", Some("acme")),
    ] {
        site.install(&json!({"cred_ref": reference, "reprocessar": true}))
            .expect(ExitCode::Ok);
        assert_eq!(
            site.sent().pop().flatten(),
            Some(format!("token {sent}")),
            "{reference}"
        );
        let found = site.recorded("gestor_plugins_estado", "origem_token_ref", "slug");
        assert_eq!(found.as_deref(), Some(recorded), "{reference}");
        assert_eq!(
            site.recorded("plugins", "origem_credencial_ref", "id").as_deref(),
            column,
            "{reference}"
        );
    }
    let before = site.sent().len();
    for (reference, expected) in [
        ("env:OTHER", "PLUGIN_TOKEN_OTHER"),
        ("cred:nobody", "no credential nobody"),
        ("nobody", "PLUGIN_TOKEN_NOBODY"),
        ("cred:No Body", "no name of a credential"),
    ] {
        let refused = site.install(&json!({"cred_ref": reference, "reprocessar": true}));
        let refused = refused.expect(ExitCode::ParamsOrFile);
        assert!(said(&refused).contains(expected), "{}", said(&refused));
    }
    assert_eq!(site.sent().len(), before);
}

#[test]
fn a_variable_that_is_gone_since_is_told_and_not_insisted_on() {
    let mut site = Site::new().with_tokens(&[("PLUGIN_TOKEN_ACME", "ghp_of_environment")]);
    site.publish("1.0.0");
    site.install(&json!({"cred_ref": "env:ACME"})).expect(ExitCode::Ok);
    site.settings.tokens.clear();
    let private = site
        .install(&json!({"reprocessar": true}))
        .expect(ExitCode::ParamsOrFile);
    assert!(said(&private).contains("needs a token"), "{}", said(&private));
    site.api.on(
        "/o/r/releases/download/plugin-agenda-v1.0.0/gestor-plugin.zip",
        [Reply::new(404, "")],
    );
    let public = site.install(&json!({"origem_tipo": "github_publico", "reprocessar": true}));
    let public = public.expect(ExitCode::Ok);
    assert!(public.report["avisos"].to_string().contains("PLUGIN_TOKEN_ACME"));
    assert_eq!(site.sent().pop().flatten(), None);
}

/// What does not open is not passed over for something else that would.
#[test]
fn nothing_else_is_tried_where_a_credential_does_not_open() {
    let site = Site::new().with_tokens(&[("PLUGIN_TOKEN_AGENDA", "ghp_of_environment")]);
    site.store("acme", TOKEN);
    site.publish("1.0.0");
    site.install(&json!({"cred_ref": "cred:acme"})).expect(ExitCode::Ok);
    let before = site.sent().len();
    std::fs::remove_file(site.ring()).unwrap();
    for call in [
        json!({"cred_ref": "cred:acme"}),
        json!({"cred_ref": "acme"}),
        json!({}),
        json!({"origem_tipo": "github_publico"}),
        json!({"origem_tipo": "github_publico", "dry_run": true}),
    ] {
        let refused = site.install(&call).expect(ExitCode::Credential);
        assert!(said(&refused).contains("key"), "{}", said(&refused));
    }
    assert_eq!(site.sent().len(), before);
    assert!(!site.ring().exists(), "a use makes no key ring");
}

#[test]
fn a_secret_is_sent_to_its_server_and_to_no_other() {
    let mut site = Site::new();
    let (other, storage) = (Server::http(), Server::http());
    site.store("acme", TOKEN);
    site.publish("1.0.0");
    // A redirect, and one back.
    site.api.on(
        "/api/repos/o/r/releases/assets/7",
        [Reply::redirect(302, &storage.url("/package"))],
    );
    storage.on("/package", [Reply::redirect(302, &site.api.url("/back"))]);
    let redirected = site.install(&json!({"cred_ref": "cred:acme"}));
    assert_eq!(redirected.code, ExitCode::Download, "{}", said(&redirected));
    assert!(
        storage
            .asked()
            .iter()
            .all(|asked| asked.header("authorization").is_none())
    );
    let back = site
        .api
        .asked()
        .into_iter()
        .find(|asked| asked.path == "/back")
        .unwrap();
    assert_eq!(back.header("authorization"), None);
    // A machine that is told of another GitHub.
    site.settings.github_api = Some(other.url("/api"));
    let refused = site
        .install(&json!({"cred_ref": "cred:acme"}))
        .expect(ExitCode::ParamsOrFile);
    assert!(said(&refused).contains("is not sent to"), "{}", said(&refused));
    assert!(other.asked().is_empty());
    let key = json!({"alias": "key", "segredo": TOKEN, "tipo": "site_key"});
    site.credentials("gravar", &key).expect(ExitCode::Ok);
    let refused = site
        .install(&json!({"cred_ref": "cred:key"}))
        .expect(ExitCode::ParamsOrFile);
    assert!(said(&refused).contains("site_key"), "{}", said(&refused));
    assert!(other.asked().is_empty() && !said(&refused).contains(PART));
}

#[test]
fn each_type_is_sent_in_its_own_way() {
    let site = Site::new();
    site.publish("1.0.0");
    let origin = site.api.url("");
    for (kind, secret, header) in [
        ("github_token", "t0p", "token t0p"),
        ("http_bearer", "t0p", "Bearer t0p"),
        (
            "http_basic",
            "Aladdin:open sesame",
            "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
        ),
    ] {
        let call = json!({"alias": "acme", "segredo": secret, "tipo": kind, "origem": origin});
        site.credentials("gravar", &call).expect(ExitCode::Ok);
        site.install(&json!({"cred_ref": "cred:acme", "reprocessar": true}))
            .expect(ExitCode::Ok);
        assert_eq!(site.sent().pop().flatten().as_deref(), Some(header));
    }
}
