//! A plugin that is installed anew after it was uninstalled, and takes back what users had made of its rows.

use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use crate::support::child;
use crate::support::gestor::Gestor;
use crate::support::operation::Ended;
use crate::support::package::Package;

const SLUG: &str = "comes-anew";

/// Three variables, a page, a module with a permission.
fn package(version: &str) -> Package {
    let variables = ["x-a", "x-b", "x-c"]
        .map(|id| json!({"id": id, "language": "pt-br", "modulo": "m", "valor": format!("{id} {version}")}));
    let page = json!({"id": "x-page", "language": "pt-br", "nome": "Page", "caminho": "x-page/", "tipo": "system", "modulo": "m",
        "html": format!("<p>{version}</p>"), "css": "", "status": "A"});
    Package::new(SLUG, version)
        .data("Variaveis", &json!(variables))
        .data("Paginas", &json!([page]))
        .data(
            "Modulos",
            &json!([{"id": "x-m", "nome": "X", "language": "pt-br", "modulo_grupo_id": "g"}]),
        )
}

fn install(gestor: &Gestor, version: &str, more: &Value) -> Ended {
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("p.zip");
    package(version).write(&archive);
    let mut call = child::call(gestor, &archive, SLUG, false);
    call.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    child::install(&call, None)
}

fn uninstall(gestor: &Gestor, mode: &str) {
    let call = child::about(gestor, SLUG, &json!({"modo": mode}));
    child::other("uninstall", &call, None).expect(ExitCode::Ok);
}

/// Edited by users: a variable, the page; one is deleted, a profile may use the module.
fn edited() -> Gestor {
    let gestor = Gestor::new();
    install(&gestor, "1.0.0", &json!({})).expect(ExitCode::Ok);
    gestor.database.run(
        "UPDATE variaveis SET valor = 'user' WHERE id = 'x-a'; DELETE FROM variaveis WHERE id = 'x-c'; \
         UPDATE paginas SET html = '<p>user</p>', user_modified = 1 WHERE id = 'x-page'; \
         INSERT INTO usuarios_perfis_modulos (perfil, modulo) VALUES ('editors', 'x-m')",
    );
    gestor
}

/// What users see of it.
fn seen(gestor: &Gestor) -> Vec<Vec<Option<String>>> {
    let rows = "SELECT id, valor FROM variaveis WHERE plugin = 'comes-anew' UNION ALL SELECT id, html FROM paginas WHERE \
                plugin = 'comes-anew' UNION ALL SELECT perfil, modulo FROM usuarios_perfis_modulos ORDER BY 1";
    gestor.database.rows(rows)
}

#[test]
fn an_installation_takes_back_what_users_had_made() {
    for mode in ["remover", "expurgar"] {
        let updated = edited();
        install(&updated, "1.1.0", &json!({})).expect(ExitCode::Ok);
        let gestor = edited();
        uninstall(&gestor, mode);
        let ended = install(&gestor, "1.1.0", &json!({"recuperar": true})).expect(ExitCode::Ok);
        // As if it had been updated, and never gone.
        assert_eq!(seen(&gestor), seen(&updated), "{mode}: {}", ended.report);
        let value = gestor.database.value("SELECT valor FROM variaveis WHERE id = 'x-a'");
        assert_eq!(value.as_deref(), Some("user"));
        let value = gestor.database.value("SELECT valor FROM variaveis WHERE id = 'x-b'");
        assert_eq!(value.as_deref(), Some("x-b 1.1.0"));
        let verified = child::other("verify", &child::about(&gestor, SLUG, &json!({})), None).expect(ExitCode::Ok);
        let of_updated = child::other("verify", &child::about(&updated, SLUG, &json!({})), None);
        assert_eq!(verified.report["linhas"], of_updated.report["linhas"], "{mode}");
        // And on it goes.
        install(&gestor, "1.2.0", &json!({})).expect(ExitCode::Ok);
        let value = gestor.database.value("SELECT valor FROM variaveis WHERE id = 'x-a'");
        assert_eq!(value.as_deref(), Some("user"));
    }
}

#[test]
fn without_it_the_archive_is_told_of_and_nothing_is_taken() {
    let gestor = edited();
    uninstall(&gestor, "remover");
    for dry_run in [true, false] {
        let ended = install(&gestor, "1.1.0", &json!({"dry_run": dry_run})).expect(ExitCode::Ok);
        let told = ended.report["avisos"].to_string();
        assert!(told.contains("removido-") && told.contains("recuperar=sim"), "{told}");
    }
    assert_eq!(gestor.database.count("variaveis", "valor = 'x-a 1.1.0'"), 1);
    let told = install(&gestor, "1.2.0", &json!({})).expect(ExitCode::Ok).report["avisos"].to_string();
    assert!(!told.contains("recuperar"), "{told}");
}

#[test]
fn there_must_be_something_to_take_back() {
    let gestor = Gestor::new();
    let never = install(&gestor, "1.0.0", &json!({"recuperar": true}));
    assert_ne!(never.code, ExitCode::Ok, "{}", never.report);
    assert_eq!(gestor.database.count("variaveis", "1"), 0);
    install(&gestor, "1.0.0", &json!({})).expect(ExitCode::Ok);
    let standing = install(&gestor, "1.1.0", &json!({"recuperar": true}));
    assert_ne!(standing.code, ExitCode::Ok, "{}", standing.report);
    assert_eq!(gestor.database.count("variaveis", "valor LIKE '% 1.0.0'"), 3);
}
