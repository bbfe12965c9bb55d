//! A plugin that comes back: out of its archive, exactly as it went; all of it or nothing, also when the process is killed.

mod broken_off;
mod known;

use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use crate::support::child;
use crate::support::draw::Draw;
use crate::support::gestor::Gestor;
use crate::support::operation::Ended;
use crate::support::package::Package;
use crate::support::scene::SLUG;

fn page(id: &str, text: &str) -> Value {
    json!({"id": id, "nome": "N", "language": "en", "html": text, "caminho": format!("{id}/")})
}

fn package(version: &str, pages: u64) -> Package {
    let mut rows: Vec<Value> = (0..pages).map(|n| page(&format!("k-{n}"), version)).collect();
    rows.push(page("k-site", version));
    let module = |language: &str| json!({"id": "k-m", "nome": "N", "titulo": "T", "modulo_grupo_id": "g", "icone": "i", "language": language, "status": "A", "versao": 1});
    let operation = json!({"id": "k-op", "nome": "O", "operacao": "k-op", "modulo_id": "k-m", "language": "en", "status": "A", "versao": 1});
    Package::new(SLUG, version)
        .data("Paginas", &json!(rows))
        .data("Modulos", &json!([module("en"), module("pt-br")]))
        .data("ModulosOperacoes", &json!([operation]))
        .data(
            "UsuariosPerfisModulos",
            &json!([{"perfil": "administradores", "modulo": "k-m"}]),
        )
        .data(
            "UsuariosPerfisModulosOperacoes",
            &json!([{"perfil": "administradores", "operacao": "k-op"}]),
        )
        .file("modules/m/m.php", format!("<?php // {version}"))
        .file("modules/m/data.bin", "\u{0}\u{1}")
}

/// A gestor with rows of its own, one of which the plugin adopts.
fn gestor() -> Gestor {
    let gestor = Gestor::new();
    gestor.database.run(
        "INSERT INTO paginas (id, nome, language, plugin, html, caminho, data_modificacao) VALUES \
         ('k-site', 'Old', 'en', '', 'SITE', 'z', '2025-01-02 03:04:05'), \
         ('s-other', 'Other', 'en', NULL, 'OTHER', 'o/', '2025-01-02 03:04:05'); \
         INSERT INTO usuarios_perfis_modulos (perfil, modulo) VALUES ('editores', 's-m')",
    );
    gestor
}

fn install(gestor: &Gestor, package: &Package) {
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("p.zip");
    package.write(&archive);
    let mut call = child::call(gestor, &archive, SLUG, false);
    call["adocao"] = json!("sempre");
    child::install(&call, None).expect(ExitCode::Ok);
}

/// What users do to a site.
fn edit(gestor: &Gestor, draw: &mut Draw) {
    let edits = [
        "UPDATE paginas SET html = 'USER', user_modified = 1, data_modificacao = '2025-05-05 05:05:05' WHERE id = 'k-0'",
        "UPDATE paginas SET nome = 'USER' WHERE id = 'k-site'",
        "UPDATE paginas SET status = 'I' WHERE id = 'k-1'",
        "DELETE FROM paginas WHERE id = 'k-2'",
        "UPDATE paginas SET id = 'k-renamed', caminho = 'renamed/' WHERE id = 'k-1'",
        "INSERT INTO paginas (id, nome, language, plugin, caminho) VALUES ('k-run', 'R', 'en', 'killed', 'run/')",
        "UPDATE modulos SET icone = 'user' WHERE id = 'k-m' AND language = 'en'",
        "DELETE FROM usuarios_perfis_modulos WHERE plugin = 'killed'",
        "INSERT INTO usuarios_perfis_modulos (perfil, modulo) VALUES ('editores', 'k-m')",
        "INSERT INTO hooks (modulo, plugin, namespace, evento, callback) VALUES ('m', 'killed', 'p', 'e', 'f')",
    ];
    for sql in edits {
        if draw.chance() {
            gestor.database.run(sql);
        }
    }
    if draw.chance() {
        std::fs::write(gestor.root().join("plugins").join(SLUG).join("site.txt"), "SITE").unwrap();
    }
}

fn call(gestor: &Gestor, operation: &str) -> Value {
    child::about(gestor, SLUG, &json!({"operacao": operation}))
}

fn run(gestor: &Gestor, operation: &str, more: &Value, fail_point: Option<&str>) -> Ended {
    let mut call = call(gestor, operation);
    let call = call.as_object_mut().unwrap();
    call.remove("operacao");
    call.extend(more.as_object().cloned().unwrap_or_default());
    child::other(operation, &json!(call), fail_point.map(str::to_owned))
}

fn done(gestor: &Gestor, operation: &str, more: &Value) -> Ended {
    run(gestor, operation, more, None).expect(ExitCode::Ok)
}

const OURS: [&str; 4] = [
    "gestor_plugins_esquema",
    "gestor_plugins_estado",
    "gestor_plugins_historico",
    "gestor_plugins_operacoes",
];

/// Everything of a site but the history, the counter, the clock and what a failure tells.
fn site(gestor: &Gestor) -> (Vec<String>, Vec<Vec<Option<String>>>, Value) {
    let mut without = OURS.to_vec();
    without.push("plugins");
    let tree = json!(gestor.tree(SLUG));
    let mut rows = gestor.database.rows(
        "SELECT id_plugins, id, nome, status, versao_instalada, checksum_pacote, manifest_json, data_instalacao FROM plugins",
    );
    if gestor.database.tables().contains(&"gestor_plugins_estado".to_owned()) {
        rows.extend(gestor.database.rows(
            "SELECT slug, id_plugins, ponto, ponto_anterior, removido_em IS NULL, pausado_em IS NULL, linha_antes, HEX(arquivos) \
             FROM gestor_plugins_estado",
        ));
    }
    (gestor.database.dump(&without), rows, tree)
}

/// The gestor's own tables alone.
fn own_tables(gestor: &Gestor) -> Vec<String> {
    let tables = gestor.database.tables();
    let ours = tables.iter().filter(|table| table.starts_with("gestor_plugins_"));
    gestor.database.dump(&ours.map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn restoring_undoes_uninstalling() {
    for seed in 0..8 {
        let mut draw = Draw(seed);
        let gestor = gestor();
        install(&gestor, &package("1.0.0", 4));
        edit(&gestor, &mut draw);
        if draw.chance() {
            install(&gestor, &package("1.1.0", 5));
            edit(&gestor, &mut draw);
        }
        let mode = if draw.chance() { "remover" } else { "expurgar" };
        let before = site(&gestor);
        let plugin = gestor.database.rows("SELECT * FROM plugins");
        done(&gestor, "uninstall", &json!({"modo": mode}));
        assert!(gestor.tree(SLUG).is_empty(), "{seed} {mode}");
        let ended = done(&gestor, "restore", &json!({}));
        assert_eq!(site(&gestor), before, "{seed} {mode}");
        assert_eq!(gestor.database.rows("SELECT * FROM plugins"), plugin, "{seed} {mode}");
        assert_eq!(ended.report["acao"], "restaurar");
        assert_eq!(ended.report["confirmado"], true);
        assert_eq!(
            done(&gestor, "uninstall", &json!({"modo": "expurgar"})).code,
            ExitCode::Ok
        );
    }
}

#[test]
fn enabling_undoes_disabling_whatever_was_saved_meanwhile() {
    for seed in 20..28 {
        let mut draw = Draw(seed);
        let gestor = gestor();
        install(&gestor, &package("1.0.0", 4));
        edit(&gestor, &mut draw);
        let before = site(&gestor);
        let plugin = gestor.database.rows("SELECT * FROM plugins");
        done(&gestor, "disable", &json!({}));
        assert_eq!(gestor.database.count("modulos", "id = 'k-m'"), 0, "{seed}");
        assert_eq!(
            gestor.database.count("usuarios_perfis_modulos", "modulo = 'k-m'"),
            0,
            "{seed}: also of nobody"
        );
        assert_eq!(
            gestor
                .database
                .count("plugins", "status_execucao = 'pausado' AND status = 'I'"),
            1
        );
        // The page of profiles drops what it does not know, and writes the rest anew.
        gestor.database.run(
            "CREATE TEMPORARY TABLE kept AS SELECT * FROM usuarios_perfis_modulos; DELETE FROM usuarios_perfis_modulos; \
             INSERT INTO usuarios_perfis_modulos SELECT * FROM kept; DROP TEMPORARY TABLE kept",
        );
        done(&gestor, "enable", &json!({}));
        assert_eq!(site(&gestor), before, "{seed}");
        assert_eq!(gestor.database.rows("SELECT * FROM plugins"), plugin, "{seed}");
    }
}

#[test]
fn purging_undoes_installing() {
    for seed in 40..46 {
        let mut draw = Draw(seed);
        let gestor = gestor();
        let before = (own_tables(&gestor), gestor.tree(SLUG));
        install(&gestor, &package("1.0.0", 4));
        if draw.chance() {
            done(&gestor, "disable", &json!({}));
            if draw.chance() {
                done(&gestor, "enable", &json!({}));
                install(&gestor, &package("1.1.0", 5));
            }
        }
        done(&gestor, "uninstall", &json!({"modo": "expurgar"}));
        assert_eq!((own_tables(&gestor), gestor.tree(SLUG)), before, "{seed}");
    }
}

#[test]
fn what_another_database_needs_stays() {
    let gestor = gestor();
    let other = crate::support::mariadb::Database::on(gestor.database.socket());
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("p.zip");
    package("1.0.0", 3).write(&archive);
    let in_other = json!({"db": {"socket": other.socket(), "nome": other.name(), "usuario": "root"}});
    let with = |more: Value| {
        let mut all = in_other.as_object().unwrap().clone();
        all.extend(more.as_object().unwrap().clone());
        json!(all)
    };
    install(&gestor, &package("1.0.0", 3));
    let mut call = child::call(&gestor, &archive, SLUG, false);
    call["db"]["nome"] = json!(other.name());
    child::install(&call, None).expect(ExitCode::Ok);
    let tree = gestor.tree(SLUG);
    let code = |operation: &str, more: &Value| run(&gestor, operation, more, None).code;
    assert_eq!(
        code("disable", &json!({})),
        ExitCode::Sync,
        "the other one uses the files"
    );
    assert_eq!(code("disable", &json!({"bases": "esta"})), ExitCode::Ok);
    assert_eq!(gestor.tree(SLUG), tree);
    assert_eq!(code("enable", &json!({})), ExitCode::Ok, "they stand there");
    assert_eq!(gestor.database.count("paginas", "plugin = 'killed'"), 4);
    assert_eq!(code("disable", &json!({"bases": "esta"})), ExitCode::Ok);
    assert_eq!(code("uninstall", &with(json!({"sem_retorno": true}))), ExitCode::Ok);
    assert!(gestor.tree(SLUG).is_empty());
    assert_eq!(
        code("restore", &with(json!({}))),
        ExitCode::Irreversible,
        "nothing was kept of it"
    );
    assert_eq!(
        code("enable", &json!({})),
        ExitCode::Ok,
        "out of the package that it needs"
    );
    assert_eq!(gestor.tree(SLUG), tree);
}

/// As a release left it that recorded nothing.
fn forget_all(gestor: &Gestor) {
    for table in gestor.database.tables() {
        if table.starts_with("gestor_plugins_") {
            gestor.database.run(&format!("DROP TABLE {table}"));
        }
    }
    std::fs::remove_file(gestor.root().join("backups/plugins/bases.json")).unwrap();
}

#[test]
fn a_plugin_of_a_release_that_recorded_nothing_gives_back_what_its_files_hold() {
    let gestor = gestor();
    install(&gestor, &package("1.0.0", 3));
    forget_all(&gestor);
    let ended = done(&gestor, "uninstall", &json!({}));
    assert_eq!(ended.report["tabelas"]["paginas"]["devolvidos"], 1, "{}", ended.report);
    let page = "SELECT html, nome, caminho, COALESCE(plugin, '') FROM paginas WHERE id = 'k-site'";
    let before = ["SITE", "Old", "z", ""].map(|text| Some(text.to_owned()));
    assert_eq!(gestor.database.rows(page), [before.to_vec()]);
    assert_eq!(gestor.database.count("paginas", "plugin = 'killed'"), 0);
    // Without its package nobody knows what it brought.
    install(&gestor, &package("1.0.0", 3));
    forget_all(&gestor);
    std::fs::remove_file(gestor.root().join("backups/plugins").join(SLUG).join("1.0.0.zip")).unwrap();
    let refused = run(&gestor, "uninstall", &json!({}), None);
    assert_eq!(refused.code, ExitCode::Irreversible, "{}", refused.report);
    assert_eq!(gestor.database.count("paginas", "plugin = 'killed'"), 4);
}

#[test]
fn what_cannot_be_is_refused_by_its_code() {
    let gestor = gestor();
    let code = |operation: &str| run(&gestor, operation, &json!({}), None).code;
    assert_eq!(code("restore"), ExitCode::NotInstalled);
    assert_eq!(code("enable"), ExitCode::NotInstalled);
    assert_eq!(code("disable"), ExitCode::NotInstalled);
    install(&gestor, &package("1.0.0", 2));
    assert_eq!(code("restore"), ExitCode::ParamsOrFile);
    assert_eq!(code("enable"), ExitCode::NotInstalled);
    assert_eq!(code("disable"), ExitCode::Ok);
    assert_eq!(code("disable"), ExitCode::ParamsOrFile);
    assert_eq!(code("restore"), ExitCode::ParamsOrFile);
    assert_eq!(
        gestor.database.count(
            "gestor_plugins_historico",
            "codigo = 10 AND acao IN ('pausar', 'restaurar')"
        ),
        3,
        "told, though the code is that of a wrong call"
    );
    let kept = gestor.root().join("backups/plugins").join(SLUG);
    let archive = std::fs::read_dir(&kept)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.file_name().unwrap().to_string_lossy().starts_with("removido-"))
        .unwrap();
    let bytes = std::fs::read(&archive).unwrap();
    std::fs::remove_file(&archive).unwrap();
    assert_eq!(code("enable"), ExitCode::Irreversible);
    assert_eq!(code("uninstall"), ExitCode::Irreversible, "nobody knows what it was");
    std::fs::write(&archive, &bytes[..bytes.len() / 2]).unwrap();
    assert_eq!(code("enable"), ExitCode::Move);
    std::fs::write(&archive, &bytes).unwrap();
    // Its files come out of the kept package where their backup is gone.
    std::fs::remove_dir_all(gestor.root().join("plugins/_backups")).unwrap();
    let package = kept.join("1.0.0.zip");
    std::fs::rename(&package, kept.join("away")).unwrap();
    assert_eq!(code("enable"), ExitCode::Irreversible);
    assert_eq!(
        gestor.database.value("SELECT status_execucao FROM plugins").as_deref(),
        Some("pausado")
    );
    std::fs::rename(kept.join("away"), &package).unwrap();
    let ended = done(&gestor, "enable", &json!({}));
    assert!(
        ended.report["avisos"].to_string().contains("1.0.0.zip"),
        "{}",
        ended.report
    );
    assert!(gestor.tree(SLUG).contains_key("modules/m/m.php"));
    assert!(!gestor.tree(SLUG).keys().any(|path| path.starts_with("db/")));
}

#[test]
fn what_happened_meanwhile_stays() {
    let gestor = gestor();
    install(&gestor, &package("1.0.0", 3));
    let number = gestor
        .database
        .value("SELECT id_paginas FROM paginas WHERE id = 'k-0'")
        .unwrap();
    done(&gestor, "uninstall", &json!({}));
    gestor.database.run(&format!(
        "UPDATE paginas SET html = 'LATER', nome = 'LATER' WHERE id = 'k-site'; \
         INSERT INTO paginas (id_paginas, id, nome, language) VALUES ({number}, 's-new', 'S', 'en')"
    ));
    let dry = done(&gestor, "restore", &json!({"dry_run": true}));
    assert_eq!(dry.report["tabelas"]["paginas"]["inseridos"], 3);
    assert_eq!(gestor.database.count("paginas", "plugin = 'killed'"), 0);
    done(&gestor, "restore", &json!({}));
    let page = "SELECT html, nome, plugin FROM paginas WHERE id = 'k-site'";
    let kept = ["LATER", "LATER", "killed"].map(|text| Some(text.to_owned()));
    assert_eq!(gestor.database.rows(page)[0], kept, "what was written since stays");
    assert_eq!(
        gestor
            .database
            .count("paginas", &format!("id_paginas = {number} AND id = 's-new'")),
        1
    );
    assert_eq!(
        gestor.database.count("paginas", "id = 'k-0' AND plugin = 'killed'"),
        1,
        "under another number"
    );
    // The base knows the row by its new number: it goes with the plugin.
    done(&gestor, "uninstall", &json!({}));
    assert_eq!(gestor.database.count("paginas", "plugin = 'killed'"), 0);
    assert_eq!(
        gestor.database.count("paginas", "id IN ('k-site', 's-new', 's-other')"),
        3
    );
}
