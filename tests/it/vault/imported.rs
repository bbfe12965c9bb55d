//! Tokens that the gestor's own page keeps become credentials.

use gestor_plugins::outcome::ExitCode;
use serde_json::json;

use super::site::{KEY, Site, TOKEN, said};

/// A row as the admin page makes it.
fn put_row(site: &Site, slug: &str, token: &str, version: Option<&str>) {
    let version = version.map_or("NULL".to_owned(), |version| format!("'{version}'"));
    site.gestor.database.run(&format!(
        "INSERT INTO plugins (nome, id, origem_tipo, origem_referencia, origem_credencial_ref, versao_instalada, status) \
         VALUES ('{slug}', '{slug}', 'github_privado', 'o/r', '{token}', {version}, 'A')"
    ));
}

#[test]
fn literal_tokens_are_copied_once_and_erased_where_that_is_asked() {
    let site = Site::new();
    put_row(&site, "agenda", TOKEN, None);
    put_row(&site, "other", TOKEN, None);
    put_row(&site, "named", "ACME", None);
    let imported = site.credentials("importar", &json!({})).expect(ExitCode::Ok);
    let found = |ended: &crate::support::operation::Ended| ended.report["importadas"].clone();
    assert_eq!(
        found(&imported),
        json!([
            {"slug": "agenda", "alias": "agenda", "nova": true, "igual": true, "apagado": false},
            {"slug": "other", "alias": "other", "nova": true, "igual": true, "apagado": false},
        ])
    );
    assert_eq!(
        site.recorded("gestor_plugins_estado", "origem_token_ref", "slug")
            .as_deref(),
        Some("cred:agenda")
    );
    assert_eq!(
        site.recorded("plugins", "origem_credencial_ref", "id").as_deref(),
        Some(TOKEN)
    );
    let again = site
        .credentials("importar", &json!({"slug": "agenda"}))
        .expect(ExitCode::Ok);
    assert_eq!(found(&again)[0]["nova"], false);
    // A token that was stored since counts; the older one in the table is neither copied over it nor lost.
    site.store("agenda", "ghp_newer");
    let other = site.credentials("importar", &json!({"slug": "agenda", "apagar_literal": true}));
    let other = other.expect(ExitCode::Ok);
    assert_eq!(
        (&found(&other)[0]["igual"], &found(&other)[0]["apagado"]),
        (&json!(false), &json!(false))
    );
    assert!(other.report["avisos"].to_string().contains("neither copied nor erased"));
    assert_eq!(
        site.recorded("plugins", "origem_credencial_ref", "id").as_deref(),
        Some(TOKEN)
    );
    let erased = site
        .credentials("importar", &json!({"apagar_literal": true}))
        .expect(ExitCode::Ok);
    assert_eq!(found(&erased)[1]["apagado"], true);
    assert!(erased.report["avisos"].to_string().contains("own page of plugins"));
    let left = site
        .gestor
        .database
        .value("SELECT origem_credencial_ref FROM plugins WHERE id = 'other'");
    assert_eq!(left, None);
    let kept = site
        .gestor
        .database
        .value("SELECT origem_credencial_ref FROM plugins WHERE id = 'named'");
    assert_eq!(kept.as_deref(), Some("ACME"));
}

#[test]
fn a_token_that_is_none_keeps_no_other_from_being_imported() {
    let site = Site::new();
    put_row(&site, "agenda", "ghp_two words", None);
    put_row(&site, "other", TOKEN, None);
    let ended = site.credentials("importar", &json!({"apagar_literal": true}));
    let ended = ended.expect(ExitCode::ParamsOrFile);
    assert_eq!(ended.report["importadas"][0]["slug"], "other", "{}", ended.report);
    let warned = ended.report["avisos"].to_string();
    assert!(
        warned.contains("plugin agenda was neither copied nor erased"),
        "{warned}"
    );
    assert!(!ended.report.to_string().contains("two words"), "{}", ended.report);
    assert_eq!(
        site.recorded("plugins", "origem_credencial_ref", "id").as_deref(),
        Some("ghp_two words")
    );
}

#[test]
fn an_imported_token_installs_and_updates_without_being_said() {
    let site = Site::new();
    put_row(&site, "agenda", TOKEN, None);
    site.credentials("importar", &json!({"apagar_literal": true}))
        .expect(ExitCode::Ok);
    for version in ["1.0.0", "1.1.0"] {
        site.publish(version);
        // As the admin page calls: it has no reference any more.
        site.install(&json!({"cred_ref": null, "referencia": "o/r"}))
            .expect(ExitCode::Ok);
        assert_eq!(
            site.recorded("plugins", "versao_instalada", "id").as_deref(),
            Some(version)
        );
    }
    assert_eq!(site.sent().pop().flatten(), Some(format!("token {TOKEN}")));
}

/// Of such a plugin we have recorded nothing, but for its token.
#[test]
fn a_plugin_of_another_installer_stays_installed() {
    let site = Site::new();
    put_row(&site, "agenda", TOKEN, Some("0.9.0"));
    site.credentials("importar", &json!({})).expect(ExitCode::Ok);
    let listed = site.call("list", &json!({})).expect(ExitCode::Ok);
    assert_eq!(listed.report["plugins"][0]["versao"], "0.9.0");
    site.publish("1.0.0");
    let updated = site.call("update_all", &json!({})).expect(ExitCode::Ok);
    assert_eq!(updated.report["plugins"][0]["versao"], "1.0.0");
    let entry = site
        .gestor
        .database
        .value("SELECT linha_antes FROM gestor_plugins_estado WHERE slug = 'agenda'");
    let entry = entry.unwrap();
    assert!(entry.contains("0.9.0") && !entry.contains(TOKEN), "{entry}");
}

#[test]
fn nobody_elses_credential_is_written_over() {
    let site = Site::new();
    site.store("agenda", "ghp_of_somebody");
    put_row(&site, "agenda", TOKEN, None);
    let imported = site.credentials("importar", &json!({})).expect(ExitCode::Ok);
    assert_eq!(imported.report["importadas"][0]["alias"], "agenda-2");
    // The plugin's own, whose key is lost: its token is there still.
    site.gestor
        .database
        .run("DELETE FROM plugins_credenciais WHERE alias = 'agenda-2'");
    site.credentials("gravar", &json!({"alias": "agenda-2", "segredo": "x", "chaves": KEY}))
        .expect(ExitCode::Ok);
    let again = site.credentials("importar", &json!({})).expect(ExitCode::Ok);
    assert_eq!(
        again.report["importadas"][0],
        json!({"slug": "agenda", "alias": "agenda-2", "nova": true, "igual": true, "apagado": false})
    );
    site.credentials("conferir", &json!({})).expect(ExitCode::Ok);
    let unknown = site
        .credentials("importar", &json!({"slug": "nobody"}))
        .expect(ExitCode::NotInstalled);
    assert!(said(&unknown).contains("nobody"));
}
