//! Each use of a stored credential is recorded, and each refusal of one; the secret is in no record.

use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use super::site::{PART, Site, TOKEN};

fn records(site: &Site) -> Vec<Value> {
    let listed = site.call("audit", &json!({"acao": "listar"})).expect(ExitCode::Ok);
    assert!(!listed.report.to_string().contains(PART));
    listed.report["registros"].as_array().unwrap().clone()
}

#[test]
fn each_use_is_recorded_with_its_server() {
    let site = Site::new();
    site.store("acme", TOKEN);
    site.publish("1.0.0");
    site.install(&json!({"cred_ref": "cred:acme"})).expect(ExitCode::Ok);
    site.credentials("listar", &json!({})).expect(ExitCode::Ok);
    let found = records(&site);
    let actions: Vec<_> = found.iter().map(|record| record["acao"].as_str().unwrap()).collect();
    assert_eq!(actions, ["operacao.credentials", "credencial.uso", "operacao.install"]);
    assert_eq!(
        (&found[0]["recurso"], &found[0]["ctx"]["acao"]),
        (&json!("acme"), &json!("gravar"))
    );
    let used = &found[1];
    assert_eq!((&used["recurso"], &used["plugin"]), (&json!("acme"), &json!("agenda")));
    assert!(
        used["ctx"]["servidor"]
            .as_str()
            .unwrap()
            .starts_with("http://127.0.0.1:")
    );
    assert_eq!(used["pedido"], found[2]["pedido"]);
    assert_eq!(found[2]["ctx"]["confianca"].as_str().unwrap().len(), 64);
}

#[test]
fn a_credential_that_does_not_open_is_a_refusal() {
    let site = Site::new();
    site.store("acme", TOKEN);
    site.publish("1.0.0");
    std::fs::write(site.ring(), format!("{}\n", super::site::OTHER_KEY)).unwrap();
    site.install(&json!({"cred_ref": "cred:acme"}))
        .expect(ExitCode::Credential);
    let found = records(&site);
    let last = found.last().unwrap();
    assert_eq!(
        (&last["acao"], &last["permitido"]),
        (&json!("operacao.install"), &json!(false))
    );
    assert_eq!(last["ctx"]["codigo"], 17);
}
