//! A secret stands in the requests to its server, and sealed in one table: nowhere else.

use std::fs;

use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use super::site::{PART, Site, TOKEN};
use crate::support::github::{Reply, Server};

/// Everything that an operation leaves: files of the gestor, rows of the database.
fn everything(site: &Site) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in walkdir::WalkDir::new(site.gestor.root())
        .into_iter()
        .map(Result::unwrap)
    {
        let name = entry.path().display().to_string();
        if entry.file_type().is_file() {
            found.push((name.clone(), fs::read(entry.path()).unwrap()));
        }
        found.push((format!("the name {name}"), name.into_bytes()));
    }
    let rows = site.gestor.database.dump(&[]);
    found.extend(rows.into_iter().map(|row| (row.clone(), row.into_bytes())));
    found
}

fn holds(bytes: &[u8], part: &str) -> bool {
    bytes.windows(part.len()).any(|found| found == part.as_bytes())
}

/// Records the secret, and has everything told that is recorded or counted.
fn look_at_all(site: &Site) -> Vec<crate::support::operation::Ended> {
    let said = json!({"acao": "x", "recurso": TOKEN, "motivo": format!("no: {TOKEN}"), "ctx": {"x": [TOKEN]}});
    let calls = [
        ("audit_append", json!({"registros": [said]})),
        ("metrics", json!({})),
        ("metrics", json!({"formato": "openmetrics"})),
        ("statistics", json!({})),
        ("audit", json!({"acao": "listar"})),
        ("audit", json!({"acao": "conferir"})),
    ];
    let ended = calls
        .iter()
        .map(|(word, more)| site.call(word, more).expect(ExitCode::Ok));
    let events = site.gestor.database.count("gestor_plugins_eventos", "1");
    assert!(events > 0, "there were events to look at");
    ended.collect()
}

#[test]
fn a_secret_is_in_no_log_table_report_error_or_request_of_others() {
    let site = Site::new();
    let storage = Server::http();
    let mut told: Vec<Value> = Vec::new();
    let mut tell = |ended: crate::support::operation::Ended| {
        told.push(ended.report.clone());
        ended
    };
    tell(site.store("acme", TOKEN));
    site.publish("1.0.0");
    site.api.on(
        "/api/repos/o/r/releases/assets/7",
        [Reply::redirect(302, &storage.url("/package"))],
    );
    tell(site.install(&json!({"cred_ref": "cred:acme"}))).expect(ExitCode::Download);
    site.publish("1.0.0");
    tell(site.install(&json!({"cred_ref": "cred:acme", "debug": true}))).expect(ExitCode::Ok);
    for reply in [
        Reply::new(401, format!("Bad credentials {TOKEN}")),
        Reply::new(403, format!("{{\"message\":\"{TOKEN}\"}}")),
        Reply::ok(format!("[{{\"tag_name\":\"{TOKEN}\"}}]")),
        Reply::redirect(302, &format!("https://user:{TOKEN}@localhost:1/")),
    ] {
        site.api.on("/api/repos/o/r/releases?per_page=100", [reply]);
        let failed = tell(site.install(&json!({"reprocessar": true})));
        assert_ne!(failed.code, ExitCode::Ok);
    }
    for action in ["listar", "conferir", "rotacionar", "importar"] {
        tell(site.credentials(action, &json!({}))).expect(ExitCode::Ok);
    }
    site.gestor
        .database
        .run("UPDATE plugins_credenciais SET type = 'http_basic'");
    tell(site.credentials("conferir", &json!({}))).expect(ExitCode::Credential);
    tell(site.install(&json!({}))).expect(ExitCode::Credential);
    tell(site.credentials("remover", &json!({"alias": "acme"}))).expect(ExitCode::Ok);
    tell(site.call("history", &json!({"slug": "agenda"}))).expect(ExitCode::Ok);
    for ended in look_at_all(&site) {
        tell(ended);
    }
    let ring = fs::read_to_string(site.ring()).unwrap();
    for report in &told {
        let report = report.to_string();
        assert!(!report.contains(PART) && !report.contains(ring.trim()), "{report}");
    }
    for (name, bytes) in everything(&site) {
        assert!(!holds(&bytes, PART), "{name}");
        assert!(name.ends_with("/chaves") || !holds(&bytes, ring.trim()), "{name}");
    }
    assert!(!storage.asked().is_empty());
    assert!(
        storage
            .asked()
            .iter()
            .all(|asked| asked.header("authorization").is_none())
    );
    assert!(
        site.sent().iter().flatten().any(|sent| sent.contains(PART)),
        "it was sent where it belongs"
    );
}

/// Before it is removed the sealed secret stands in the table: not readable there, nor in what a dump has of it.
#[test]
fn the_table_holds_it_sealed() {
    let site = Site::new();
    site.store("acme", TOKEN);
    let sealed = site
        .gestor
        .database
        .value("SELECT encrypted_secret FROM plugins_credenciais")
        .unwrap();
    assert!(sealed.starts_with("gpc1.") && sealed.len() > 100);
    for (name, bytes) in everything(&site) {
        assert!(!holds(&bytes, PART), "{name}");
    }
    let same = site.store("acme", TOKEN);
    assert_eq!(same.code, ExitCode::Ok);
    let again = site
        .gestor
        .database
        .value("SELECT encrypted_secret FROM plugins_credenciais")
        .unwrap();
    assert_ne!(sealed, again, "the same secret is sealed another way each time");
}
