//! Another installer was here: the gestor's own wrote a later version over ours, or said that it did. What it wrote is no
//! user's, and what users did since stays.

use std::fs;

use gestor_plugins::base::hash::sha256;
use gestor_plugins::outcome::ExitCode;
use serde_json::json;

use crate::support::gestor::Gestor;
use crate::support::package::Package;

fn package(version: &str) -> Package {
    let module = |id: &str| {
        json!({"id": id, "language": "pt-br", "nome": id, "titulo": format!("title {version}"), "icone": "calendar",
            "modulo_grupo_id": "g", "status": "A"})
    };
    let page = |id: &str| {
        json!({"id": id, "language": "pt-br", "nome": id, "caminho": format!("{id}/"), "tipo": "page", "modulo": "a",
            "opcao": format!("option {version}"), "html": format!("<p>{id}</p>"), "status": "A"})
    };
    // Version 3 takes back what 2 changed.
    let word = if version == "2.0.0" { "two" } else { "other" };
    let variable = json!({"id": "word", "language": "pt-br", "modulo": "a", "valor": word, "tipo": "string"});
    let grant = |module: &str| json!({"perfil": "administradores", "modulo": module});
    Package::new("p1", version)
        .data("Modulos", &json!([module("a"), module("b")]))
        .data("Paginas", &json!([page("one"), page("two"), page("three")]))
        .data("Variaveis", &json!([variable]))
        .data("UsuariosPerfisModulos", &json!([grant("a"), grant("b")]))
}

/// What the other installer leaves: its word in `plugins`, perhaps its rows, perhaps its package.
struct Other {
    writes: bool,
    leaves_package: bool,
}

/// A site with version 1 by us, 2 by the other one, what a user did then, and 3 by us; gives what was warned of.
fn site(other: &Other) -> (Gestor, String) {
    let gestor = Gestor::new();
    gestor.install(&package("1.0.0"), &[]).expect(ExitCode::Ok);
    let uploads = gestor.root().join("contents/plugins");
    fs::create_dir_all(&uploads).unwrap();
    let file = uploads.join("p1-2.zip");
    package("2.0.0").write(&file);
    let checksum = sha256(&fs::read(&file).unwrap());
    if !other.leaves_package {
        fs::remove_file(&file).unwrap();
    }
    let run = |sql: &str| gestor.database.run(sql);
    run(&format!(
        "UPDATE plugins SET versao_instalada = '2.0.0', checksum_pacote = '{checksum}' WHERE id = 'p1'"
    ));
    if other.writes {
        run("UPDATE modulos SET titulo = 'title 2.0.0' WHERE plugin = 'p1'");
        run("UPDATE paginas SET opcao = 'option 2.0.0' WHERE plugin = 'p1'");
        run("UPDATE variaveis SET valor = 'two' WHERE plugin = 'p1'");
    }
    run("UPDATE modulos SET icone = 'paw' WHERE id = 'a' AND plugin = 'p1'");
    run("UPDATE modulos SET titulo = 'mine' WHERE id = 'b' AND plugin = 'p1'");
    run("UPDATE paginas SET status = 'I' WHERE id = 'two' AND plugin = 'p1'");
    run("UPDATE paginas SET id = 'my-three' WHERE id = 'three' AND plugin = 'p1'");
    run("DELETE FROM usuarios_perfis_modulos WHERE modulo = 'b'");
    let ended = gestor.install(&package("3.0.0"), &[]).expect(ExitCode::Ok);
    let warnings = ended.report["avisos"].to_string();
    (gestor, warnings)
}

/// What every case has in common; `both` is what became of the title that user and packages changed.
#[track_caller]
fn assert_merged(gestor: &Gestor, both: &str, is_package_known: bool) {
    let value = |sql: &str| gestor.database.value(sql).unwrap_or_default();
    assert_eq!(
        value("SELECT icone FROM modulos WHERE id = 'a' AND plugin = 'p1'"),
        if is_package_known { "paw" } else { "calendar" }
    );
    assert_eq!(
        value("SELECT titulo FROM modulos WHERE id = 'a' AND plugin = 'p1'"),
        "title 3.0.0"
    );
    assert_eq!(
        value("SELECT titulo FROM modulos WHERE id = 'b' AND plugin = 'p1'"),
        both
    );
    assert_eq!(
        value("SELECT status FROM paginas WHERE id = 'two' AND plugin = 'p1'"),
        if is_package_known { "I" } else { "A" }
    );
    // Where nobody knows whose a value is, it gives way and is saved.
    for text in ["paw", "mine"] {
        let saved = gestor
            .database
            .count("gestor_plugins_guardados", &format!("valores LIKE '%{text}%'"));
        assert_eq!(saved, u64::from(!is_package_known), "{text}");
    }
    for id in ["one", "two", "my-three"] {
        let option = format!("SELECT opcao FROM paginas WHERE id = '{id}' AND plugin = 'p1'");
        assert_eq!(value(&option), "option 3.0.0", "{id}");
    }
    assert_eq!(
        gestor.database.count("paginas", "plugin = 'p1'"),
        3,
        "a renamed page came twice"
    );
    assert_eq!(gestor.database.count("usuarios_perfis_modulos", "modulo = 'b'"), 0);
    assert_eq!(gestor.database.count("usuarios_perfis_modulos", "modulo = 'a'"), 1);
    assert_eq!(gestor.database.count("gestor_plugins_historico", "acao = 'externa'"), 1);
}

#[test]
fn what_another_installer_wrote_is_no_users() {
    let (gestor, warnings) = site(&Other {
        writes: true,
        leaves_package: true,
    });
    assert_merged(&gestor, "mine", true);
    assert!(warnings.contains("2.0.0"), "{warnings}");
    assert_eq!(
        gestor.database.count("gestor_plugins_conflitos", "coluna = 'titulo'"),
        1
    );
    let word = gestor.database.value("SELECT valor FROM variaveis WHERE plugin = 'p1'");
    assert_eq!(word.as_deref(), Some("other"));
    // From here on it is ours again.
    let ended = gestor.install(&package("4.0.0"), &[]).expect(ExitCode::Ok);
    assert_eq!(
        gestor.database.count("gestor_plugins_historico", "acao = 'externa'"),
        1,
        "{}",
        ended.report
    );
    assert_eq!(
        gestor
            .database
            .value("SELECT icone FROM modulos WHERE id = 'a' AND plugin = 'p1'")
            .as_deref(),
        Some("paw")
    );
}

#[test]
fn without_its_package_what_differs_gives_way_and_is_saved() {
    let (gestor, warnings) = site(&Other {
        writes: true,
        leaves_package: false,
    });
    assert_merged(&gestor, "title 3.0.0", false);
    assert!(warnings.contains("2.0.0"), "{warnings}");
    assert_eq!(
        gestor.database.count("gestor_plugins_conflitos", "coluna = 'titulo'"),
        0
    );
}

/// The gestor's own installer says "ok" also where its rows did not come.
#[test]
fn rows_that_it_only_said_to_have_written_are_no_users_either() {
    for leaves_package in [true, false] {
        let (gestor, _) = site(&Other {
            writes: false,
            leaves_package,
        });
        assert_merged(
            &gestor,
            if leaves_package { "mine" } else { "title 3.0.0" },
            leaves_package,
        );
    }
}
