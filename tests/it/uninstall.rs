//! A plugin that goes: all of it or nothing, also when the process is killed; what stays and what is given back; and that
//! nothing is left of one that is purged.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use crate::support::child;
use crate::support::gestor::Gestor;
use crate::support::operation::Ended;
use crate::support::package::Package;
use crate::support::scene::{SLUG, State, recover, state};

/// Points of an uninstallation, in order; the commit lies between `swapped` and `committed`.
const POINTS: [(&str, bool); 8] = [
    ("journal", false),
    ("archived", false),
    ("applied", false),
    ("rows", false),
    ("announced", false),
    ("swapped", false),
    ("committed", true),
    ("closed", true),
];

/// A gestor with a page of nobody's that the plugin adopts.
fn gestor() -> Gestor {
    let gestor = Gestor::new();
    gestor.database.run(
        "INSERT INTO paginas (id, nome, language, plugin, html, caminho, data_modificacao) VALUES \
         ('k-site', 'Old', 'en', '', 'SITE', 'z', '2025-01-02 03:04:05')",
    );
    gestor
}

fn install(gestor: &Gestor, version: &str) {
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("p.zip");
    let page =
        |id: &str| json!({"id": id, "nome": "N", "language": "en", "html": version, "caminho": format!("{id}/")});
    let module = json!({"id": "k-m", "nome": "N", "titulo": "T", "modulo_grupo_id": "g", "icone": "i", "language": "en", "status": "A", "versao": 1});
    Package::new(SLUG, version)
        .data("Paginas", &json!([page("k-1"), page("k-2"), page("k-site")]))
        .data("Modulos", &json!([module]))
        .data(
            "UsuariosPerfisModulos",
            &json!([{"perfil": "administradores", "modulo": "k-m"}]),
        )
        .file("modules/m/m.php", "<?php\n")
        .write(&archive);
    let mut call = child::call(gestor, &archive, SLUG, false);
    call["adocao"] = json!("sempre");
    child::install(&call, None).expect(ExitCode::Ok);
}

fn call(gestor: &Gestor, mode: &str) -> Value {
    child::about(gestor, SLUG, &json!({"modo": mode}))
}

fn uninstall(gestor: &Gestor, mode: &str, fail_point: Option<&str>) -> Ended {
    child::other("uninstall", &call(gestor, mode), fail_point.map(str::to_owned))
}

/// All rows of the gestor's own tables that a plugin's rows are in.
fn dump(gestor: &Gestor) -> Vec<Vec<Vec<Option<String>>>> {
    ["paginas", "modulos", "usuarios_perfis_modulos", "plugins", "hooks"]
        .map(|table| gestor.database.rows(&format!("SELECT * FROM {table} ORDER BY 1")))
        .into()
}

/// The archives of what went.
fn archives(gestor: &Gestor) -> Vec<PathBuf> {
    let names = state(gestor)
        .kept
        .into_iter()
        .filter(|name| name.starts_with("removido-"));
    names
        .map(|name| gestor.root().join("backups/plugins").join(SLUG).join(name))
        .collect()
}

/// Without what the history and the clock say.
fn compared(mut state: State) -> State {
    state.kept.retain(|name| {
        name.strip_suffix(".zip")
            .is_some_and(|stem| !stem.starts_with("removido-"))
    });
    state
}

#[test]
fn nothing_is_left_of_what_is_purged() {
    let gestor = gestor();
    let before = dump(&gestor);
    install(&gestor, "1.0.0");
    install(&gestor, "1.1.0");
    assert_ne!(dump(&gestor), before);
    gestor.database.run(
        "UPDATE paginas SET html = 'USER', user_modified = 1 WHERE id = 'k-1'; \
         DELETE FROM paginas WHERE id = 'k-2'; \
         INSERT INTO paginas (id, nome, language, plugin) VALUES ('k-run', 'R', 'en', 'killed'); \
         INSERT INTO usuarios_perfis_modulos (perfil, modulo) VALUES ('editores', 'k-m'); \
         INSERT INTO hooks (modulo, plugin, namespace, evento, callback) VALUES ('m', 'killed', 'p', 'e', 'f')",
    );
    let ended = uninstall(&gestor, "expurgar", None).expect(ExitCode::Ok);
    assert_eq!(dump(&gestor), before);
    assert!(gestor.tree(SLUG).is_empty());
    assert_eq!(
        ended.report["sobras"],
        json!({"linhas": 0, "arquivos": 0, "tabelas": []})
    );
    assert_eq!(ended.report["tabelas"]["paginas"]["removidos"], 2);
    assert_eq!(ended.report["tabelas"]["paginas"]["devolvidos"], 1);
    for table in ["estado", "base", "guardados", "conflitos"] {
        let table = format!("gestor_plugins_{table}");
        assert_eq!(gestor.database.count(&table, "slug = 'killed'"), 0, "{table}");
    }
    assert_eq!(
        gestor
            .database
            .count("gestor_plugins_historico", "acao = 'desinstalar' AND codigo = 0"),
        1
    );
    assert_eq!(uninstall(&gestor, "expurgar", None).code, ExitCode::NotInstalled);
}

#[test]
fn what_goes_stands_in_the_archive() {
    let gestor = gestor();
    install(&gestor, "1.0.0");
    gestor.database.run(
        "UPDATE paginas SET html = 'USER' WHERE id IN ('k-1', 'k-site'); \
         INSERT INTO paginas (id, nome, language, plugin) VALUES ('k-run', 'R', 'en', 'killed')",
    );
    let ended = uninstall(&gestor, "remover", None).expect(ExitCode::Ok);
    let left = "SELECT id, plugin, html, nome, data_modificacao FROM paginas ORDER BY id";
    let found = gestor.database.rows(left);
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!(found[0][..2], [Some("k-run".to_owned()), Some("killed".to_owned())]);
    let given_back = ["k-site", "", "USER", "Old"].map(|text| Some(text.to_owned()));
    assert_eq!(found[1][..4], given_back, "an edited field stays, the others go back");
    assert_eq!(
        ended.report["restantes"],
        json!([{"tabela": "paginas", "linha": "en, , k-run", "motivo": "execucao"}])
    );
    let [archive] = &archives(&gestor)[..] else {
        panic!("{:?}", state(&gestor).kept);
    };
    assert_eq!(ended.report["removido"], json!(archive));
    let mut zip = zip::ZipArchive::new(File::open(archive).unwrap()).unwrap();
    let mut read = |name: &str| {
        let mut text = String::new();
        zip.by_name(name).unwrap().read_to_string(&mut text).unwrap();
        text
    };
    let pages = read("linhas/paginas.jsonl");
    assert_eq!(pages.lines().count(), 3, "{pages}");
    assert!(
        pages.contains("USER") && pages.contains("k-2") && !pages.contains("k-run"),
        "{pages}"
    );
    assert!(read("base.jsonl").contains("paginas"));
    assert!(read("estado.jsonl").contains("killed"));
    assert_eq!(read("guardados.jsonl").lines().count(), 1);
    install(&gestor, "1.0.0");
    assert_eq!(gestor.database.count("paginas", "plugin = 'killed'"), 4);
}

#[test]
fn an_uninstallation_that_is_killed_is_whole_or_nothing() {
    for mode in ["remover", "expurgar"] {
        for (point, committed) in POINTS {
            let what = format!("{mode} killed at {point}");
            let gestor = gestor();
            install(&gestor, "1.0.0");
            let old = (compared(state(&gestor)), dump_without_times(&gestor));
            let status = child::start(&with_operation(&gestor, mode), Some(&format!("{point}:kill")))
                .wait()
                .unwrap();
            assert!(status.code().is_none(), "{what}: not killed: {status}");
            assert_eq!(recover(&gestor).code, ExitCode::Ok, "{what}");
            let found = (compared(state(&gestor)), dump_without_times(&gestor));
            assert_eq!(found == old, !committed, "{what}: {found:#?}");
            assert_eq!(archives(&gestor).len(), usize::from(committed), "{what}");
            if committed {
                assert!(gestor.tree(SLUG).is_empty(), "{what}");
                assert_eq!(gestor.database.count("paginas", "plugin = 'killed'"), 0, "{what}");
                assert_eq!(
                    gestor.database.count("gestor_plugins_base", "slug = 'killed'"),
                    0,
                    "{what}"
                );
            }
            assert_eq!(gestor.leftovers(), Vec::<PathBuf>::new(), "{what}");
            assert_eq!(gestor.database.count("gestor_plugins_operacoes", "1"), 0, "{what}");
            assert_eq!(
                gestor.database.count("plugins", "status_execucao = 'desinstalando'"),
                0,
                "{what}"
            );
            if !committed {
                uninstall(&gestor, mode, None).expect(ExitCode::Ok);
                assert!(gestor.tree(SLUG).is_empty(), "{what}");
            }
        }
    }
}

#[test]
fn an_uninstallation_that_fails_changes_nothing() {
    for mode in ["remover", "expurgar"] {
        for (point, _) in POINTS.into_iter().filter(|(_, committed)| !committed) {
            for action in ["error", "panic"] {
                let what = format!("{mode} {action} at {point}");
                let gestor = gestor();
                install(&gestor, "1.0.0");
                let old = (compared(state(&gestor)), dump_without_times(&gestor));
                let ended = uninstall(&gestor, mode, Some(&format!("{point}:{action}")));
                assert_eq!(ended.code, ExitCode::Internal, "{what}");
                assert_eq!((compared(state(&gestor)), dump_without_times(&gestor)), old, "{what}");
                assert_eq!(archives(&gestor), Vec::<PathBuf>::new(), "{what}");
                assert_eq!(gestor.leftovers(), Vec::<PathBuf>::new(), "{what}");
                assert_eq!(
                    gestor
                        .database
                        .count("gestor_plugins_historico", "acao = 'desinstalar' AND codigo = 99"),
                    1,
                    "{what}"
                );
            }
        }
    }
}

#[test]
fn a_dry_run_leaves_no_trace() {
    let gestor = gestor();
    install(&gestor, "1.0.0");
    let old = (state(&gestor), dump(&gestor));
    for mode in ["remover", "expurgar"] {
        let mut call = call(&gestor, mode);
        call["dry_run"] = json!(true);
        let ended = child::other("uninstall", &call, None).expect(ExitCode::Ok);
        assert_eq!(ended.report["tabelas"]["paginas"]["removidos"], 2);
        assert_eq!((state(&gestor), dump(&gestor)), old);
    }
}

#[test]
fn a_profile_in_use_stands_against_it() {
    let gestor = gestor();
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("p.zip");
    Package::new(SLUG, "1.0.0")
        .data(
            "UsuariosPerfis",
            &json!([{"id": "k-p", "nome": "N", "language": "en", "status": "A", "versao": 1}]),
        )
        .write(&archive);
    child::install(&child::call(&gestor, &archive, SLUG, false), None).expect(ExitCode::Ok);
    gestor.database.run(
        "INSERT INTO usuarios (id, nome, id_usuarios_perfis) SELECT 'u', 'U', id_usuarios_perfis FROM usuarios_perfis \
         WHERE id = 'k-p'",
    );
    let ended = uninstall(&gestor, "remover", None);
    assert_eq!(ended.code, ExitCode::Sync, "{}", ended.report);
    assert_eq!(gestor.database.count("usuarios_perfis", "id = 'k-p'"), 1);
    let mut call = call(&gestor, "remover");
    call["forcar"] = json!(true);
    child::other("uninstall", &call, None).expect(ExitCode::Ok);
    assert_eq!(gestor.database.count("usuarios_perfis", "id = 'k-p'"), 0);
}

fn with_operation(gestor: &Gestor, mode: &str) -> Value {
    let mut call = call(gestor, mode);
    call["operacao"] = json!("uninstall");
    call
}

/// A failure is told in the plugin's row, with its time.
fn dump_without_times(gestor: &Gestor) -> Vec<Vec<Vec<Option<String>>>> {
    let plugins = "SELECT id, versao_instalada, checksum_pacote, manifest_json FROM plugins ORDER BY 1";
    let mut tables: Vec<_> = ["paginas", "modulos", "usuarios_perfis_modulos"]
        .map(|table| gestor.database.rows(&format!("SELECT * FROM {table} ORDER BY 1")))
        .into();
    tables.push(gestor.database.rows(plugins));
    tables
}
