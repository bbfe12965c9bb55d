//! `cascata`: the plugins that need one that goes, go with it, each before what it needs; all of them, or none.

use gestor_plugins::config::Argument;
use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use crate::support::english;
use crate::support::gestor::Gestor;
use crate::support::operation::{Ended, Quiet, called, run};
use crate::support::package::Package;

/// `low` is needed by `mid`, that by `top`; `wish` can do without; `free` needs nothing.
fn site() -> Gestor {
    let gestor = Gestor::new();
    for (slug, needs) in [
        ("low", json!({})),
        ("mid", json!({"low": "^1"})),
        ("top", json!({"mid": "*", "low": "*"})),
        ("wish", json!([{"id": "low", "opcional": true}])),
        ("free", json!({})),
    ] {
        let manifest = json!({"id": slug, "name": slug, "version": "1.0.0", "dependencies": needs});
        let page = json!({"id": slug, "language": "en", "nome": slug, "caminho": format!("{slug}/"), "html": "<p>"});
        let package = Package::with_manifest(&manifest).data("Paginas", &json!([page]));
        gestor.install_as(&package, slug, &[]).expect(ExitCode::Ok);
    }
    gestor
}

fn go(gestor: &Gestor, word: &str, slug: &str, more: &Value) -> Ended {
    let mut call = json!({"slug": slug, "raiz": gestor.root(), "lang": "en", "db": {
        "socket": gestor.database.socket(), "nome": gestor.database.name(), "usuario": "root",
    }});
    call.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    run(called(word, Argument::from(&call), &english()), english(), &mut Quiet)
}

fn here(gestor: &Gestor) -> String {
    let sql = "SELECT GROUP_CONCAT(id ORDER BY id) FROM plugins WHERE versao_instalada IS NOT NULL";
    gestor.database.value(sql).unwrap_or_default()
}

fn everything(gestor: &Gestor) -> (Vec<String>, Vec<String>) {
    let rows = gestor
        .database
        .dump(&["gestor_plugins_historico", "gestor_plugins_estado", "plugins"]);
    let trees = ["low", "mid", "top"].map(|slug| format!("{:?}", gestor.tree(slug)));
    (rows, trees.to_vec())
}

fn gone(report: &Value) -> Vec<&str> {
    let parts = report["plugins"].as_array().unwrap();
    parts.iter().map(|part| part["slug"].as_str().unwrap()).collect()
}

#[test]
fn dependants_go_first_and_all_are_told() {
    for mode in ["remover", "expurgar"] {
        let gestor = site();
        let refused = go(&gestor, "uninstall", "low", &json!({"modo": mode})).expect(ExitCode::Dependency);
        let told = refused.report["erros"][0].as_str().unwrap();
        assert!(
            told.contains("mid needs low") && told.contains("top needs low") && told.contains("`cascata`"),
            "{told}"
        );
        let before = everything(&gestor);
        let shown = go(
            &gestor,
            "uninstall",
            "low",
            &json!({"modo": mode, "cascata": true, "dry_run": true}),
        );
        let shown = shown.expect(ExitCode::Ok).report;
        assert_eq!((gone(&shown), everything(&gestor)), (vec!["top", "mid"], before));
        assert_eq!(shown["plugins"][0]["tabelas"]["paginas"]["removidos"], 1, "{shown}");
        let done = go(&gestor, "uninstall", "low", &json!({"modo": mode, "cascata": true})).expect(ExitCode::Ok);
        let done = done.report;
        assert_eq!((&done["slug"], gone(&done)), (&json!("low"), vec!["top", "mid"]));
        for part in done["plugins"].as_array().unwrap().iter().chain([&done]) {
            assert_eq!(
                (&part["confirmado"], &part["codigo"]),
                (&json!(true), &json!(0)),
                "{part}"
            );
            assert!(part["removido"].is_string() && part["sobras"]["linhas"] == 0, "{part}");
        }
        assert_eq!(here(&gestor), "free,wish");
        assert_eq!(gestor.database.count("paginas", "plugin IN ('low', 'mid', 'top')"), 0);
        for slug in ["low", "mid", "top"] {
            assert!(!gestor.root().join("plugins").join(slug).exists(), "{slug}");
        }
        let told = "SELECT GROUP_CONCAT(CONCAT_WS(' ', slug, codigo, confirmado) ORDER BY id) FROM gestor_plugins_historico WHERE lote IS NOT NULL";
        assert_eq!(gestor.database.value(told).as_deref(), Some("top 0 1,mid 0 1,low 0 1"));
        if mode == "expurgar" {
            assert_eq!(gestor.database.count("plugins", "id IN ('low', 'mid', 'top')"), 0);
        }
        // Each comes back by itself, in the order of what it needs.
        go(&gestor, "restore", "mid", &json!({})).expect(ExitCode::Dependency);
        for slug in ["low", "mid", "top"] {
            go(&gestor, "restore", slug, &json!({})).expect(ExitCode::Ok);
        }
        assert_eq!(here(&gestor), "free,low,mid,top,wish");
    }
}

#[test]
fn nobody_goes_along_where_nobody_needs_it() {
    let gestor = site();
    let alone = go(&gestor, "uninstall", "free", &json!({"cascata": true}))
        .expect(ExitCode::Ok)
        .report;
    assert!(alone.get("plugins").is_none(), "{alone}");
    let part = go(&gestor, "uninstall", "mid", &json!({"cascata": true}))
        .expect(ExitCode::Ok)
        .report;
    assert_eq!((gone(&part), here(&gestor)), (vec!["top"], "low,wish".to_owned()));
    go(&gestor, "uninstall", "nobody", &json!({"cascata": true})).expect(ExitCode::NotInstalled);
}

#[test]
fn a_pause_takes_them_along() {
    let gestor = site();
    let before = everything(&gestor);
    go(&gestor, "disable", "low", &json!({})).expect(ExitCode::Dependency);
    let done = go(&gestor, "disable", "low", &json!({"cascata": true}))
        .expect(ExitCode::Ok)
        .report;
    assert_eq!(gone(&done), ["top", "mid"]);
    assert_eq!(gestor.database.count("plugins", "status_execucao = 'pausado'"), 3);
    for slug in ["low", "mid", "top"] {
        go(&gestor, "enable", slug, &json!({})).expect(ExitCode::Ok);
    }
    assert_eq!(everything(&gestor), before);
}

#[test]
fn one_that_cannot_go_keeps_all() {
    let gestor = site();
    let before = everything(&gestor);
    gestor.database.run(
        "CREATE TRIGGER keeps BEFORE DELETE ON paginas FOR EACH ROW IF OLD.id = 'mid' THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'mid stays'; END IF",
    );
    let ended = go(
        &gestor,
        "uninstall",
        "low",
        &json!({"modo": "expurgar", "cascata": true}),
    );
    let report = ended.expect(ExitCode::Sync).report;
    assert_eq!(everything(&gestor), before);
    assert_eq!(report["confirmado"], false);
    let why = |part: &Value| part["erros"][0].as_str().unwrap().to_owned();
    assert!(why(&report["plugins"][1]).contains("mid stays"), "{report}");
    for part in [&report, &report["plugins"][0]] {
        assert!(why(part).contains("mid, in the same batch"), "{part}");
    }
    let told =
        "SELECT COUNT(*) FROM gestor_plugins_historico WHERE codigo = 14 AND confirmado = 0 AND lote IS NOT NULL";
    assert_eq!(gestor.database.value(told).as_deref(), Some("3"));
    gestor.database.run("DROP TRIGGER keeps");
    go(
        &gestor,
        "uninstall",
        "low",
        &json!({"modo": "expurgar", "cascata": true}),
    )
    .expect(ExitCode::Ok);
}

/// What stands in the record of a plugin that cannot be read; its package and its folder say it.
#[test]
fn a_record_that_cannot_be_read_is_looked_up_elsewhere() {
    for broken in [
        "'{broken'",
        "'[]'",
        "'{\"dependencies\": {\"low\": \">>1\"}}'",
        "NULL",
        "''",
    ] {
        let gestor = site();
        gestor
            .database
            .run(&format!("UPDATE plugins SET manifest_json = {broken} WHERE id = 'mid'"));
        let kept = gestor.root().join("backups/plugins/mid");
        let tree = gestor.root().join("plugins/mid/manifest.json");
        let stays = |what: &str| {
            let refused = go(&gestor, "uninstall", "low", &json!({})).expect(ExitCode::Dependency);
            assert!(
                refused.report["erros"].to_string().contains("mid needs low"),
                "{broken} {what}: {}",
                refused.report
            );
        };
        stays("both");
        let text = std::fs::read_to_string(&tree).unwrap();
        std::fs::write(&tree, "{").unwrap();
        stays("package");
        std::fs::write(&tree, text).unwrap();
        std::fs::remove_dir_all(&kept).unwrap();
        stays("tree");
        std::fs::remove_file(&tree).unwrap();
        // The others go with it; it is told of this one, unless nothing was ever recorded.
        let call = json!({"cascata": true, "dry_run": true});
        let ended = go(&gestor, "uninstall", "low", &call).expect(ExitCode::Ok);
        let is_told = ended.report["avisos"]
            .to_string()
            .contains("nobody knows what plugin mid needs");
        assert_eq!(is_told, broken.contains(['{', '[']), "{broken}: {}", ended.report);
    }
}
