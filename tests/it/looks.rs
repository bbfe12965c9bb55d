//! What is installed, told: list, history, verify, diff. See also `conflicts`.

use gestor_plugins::config::Argument;
use gestor_plugins::ledger::{MergeConflict, MergeReason, Waiting};
use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use crate::conflicts::{conflicts, name, resolve, with_conflict};
use crate::support::english;
use crate::support::gestor::Gestor;
use crate::support::operation::{Ended, Quiet, called, run};
use crate::support::package::Package;

pub(crate) fn package(version: &str) -> Package {
    let rows = json!([{"id": "p", "language": "en", "nome": version, "caminho": "p/", "html": "<p>"}]);
    Package::new("told", version)
        .data("Paginas", &rows)
        .file("modules/m/m.php", format!("<?php // {version}"))
}

pub(crate) fn call(gestor: &Gestor, more: &Value) -> Argument {
    let mut call = json!({"raiz": gestor.root(), "db": {
        "socket": gestor.database.socket(), "nome": gestor.database.name(), "usuario": "root",
    }});
    call.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    Argument::from(&call)
}

fn list(gestor: &Gestor) -> Ended {
    let read = called("list", call(gestor, &json!({})), &english());
    run(read, english(), &mut Quiet)
}

pub(crate) fn history(gestor: &Gestor) -> Ended {
    let read = called("history", call(gestor, &json!({"slug": "told"})), &english());
    run(read, english(), &mut Quiet)
}

pub(crate) fn verify(gestor: &Gestor, more: &Value) -> Ended {
    let read = called("verify", call(gestor, more), &english());
    run(read, english(), &mut Quiet)
}

#[test]
fn readers_make_nothing() {
    let gestor = Gestor::new();
    list(&gestor).expect(ExitCode::Ok);
    history(&gestor).expect(ExitCode::Ok);
    conflicts(&gestor).expect(ExitCode::Ok);
    verify(&gestor, &json!({"slug": "told"})).expect(ExitCode::NotInstalled);
    verify(&gestor, &json!({"todos": true})).expect(ExitCode::Ok);
    let ours = gestor
        .database
        .tables()
        .into_iter()
        .filter(|name| name.starts_with("gestor_plugins_"));
    assert_eq!(ours.count(), 0);
    gestor.install(&package("1.0.0"), &[]).expect(ExitCode::Ok);
    let listed = list(&gestor).expect(ExitCode::Ok).report["plugins"][0].clone();
    assert_eq!((&listed["slug"], &listed["versao"]), (&json!("told"), &json!("1.0.0")));
    assert_eq!(listed["guardadas"][0]["versao"], "1.0.0");
}

#[test]
fn damage_is_found() {
    let gestor = Gestor::new();
    gestor.install(&package("1.0.0"), &[]).expect(ExitCode::Ok);
    verify(&gestor, &json!({"slug": "told"})).expect(ExitCode::Ok);
    let tree = gestor.root().join("plugins/told");
    std::fs::write(tree.join("modules/m/m.php"), "<?php // other").unwrap();
    std::fs::write(tree.join("extra.php"), "<?php").unwrap();
    std::fs::remove_file(tree.join("manifest.json")).unwrap();
    let found = verify(&gestor, &json!({"slug": "told"})).expect(ExitCode::Drift);
    let files = json!({
        "faltando": ["manifest.json"], "alterados": ["modules/m/m.php"], "extras": ["extra.php"],
    });
    assert_eq!(found.report["arquivos"], files);
    let all = verify(&gestor, &json!({"todos": true})).expect(ExitCode::Drift);
    assert_eq!(all.report["verificados"][0]["codigo"], 33);
    let again = gestor.root().join("backups/plugins/told/1.0.0.zip");
    std::fs::write(&again, "no zip").unwrap();
    let found = verify(&gestor, &json!({"slug": "told"}));
    assert_ne!(found.code, ExitCode::Ok);
}

#[test]
fn a_diff_changes_nothing() {
    let gestor = Gestor::new();
    gestor.install(&package("1.0.0"), &[]).expect(ExitCode::Ok);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("p.zip");
    package("1.1.0").write(&file);
    let more = json!({"slug": "told", "origem_tipo": "upload", "arquivo": file});
    let read = called("diff", call(&gestor, &more), &english());
    let shown = run(read, english(), &mut Quiet).expect(ExitCode::Ok);
    assert_eq!(
        (&shown.report["versao"], &shown.report["dry_run"]),
        (&json!("1.1.0"), &json!(true))
    );
    assert_eq!(name(&gestor).as_deref(), Some("1.0.0"));
}

#[test]
fn what_is_damaged_is_put_back() {
    let gestor = Gestor::new();
    gestor.install(&package("1.0.0"), &[]).expect(ExitCode::Ok);
    let before = gestor.tree("told");
    let origin = "SELECT CONCAT_WS(' ', origem_tipo, origem_referencia, checksum_pacote) FROM plugins WHERE id='told'";
    let origin_before = gestor.database.value(origin);
    gestor.database.run("UPDATE paginas SET nome='USER' WHERE id='p'");
    let point = "SELECT CONCAT_WS(' ', ponto, ponto_anterior) FROM gestor_plugins_estado WHERE slug='told'";
    let point_before = gestor.database.value(point);
    std::fs::remove_dir_all(gestor.root().join("plugins")).unwrap();
    verify(&gestor, &json!({"slug": "told"})).expect(ExitCode::Drift);
    let repaired = verify(&gestor, &json!({"slug": "told", "reparar": true, "ator": "me"})).expect(ExitCode::Ok);
    assert_eq!(repaired.report["arquivos"]["faltando"], json!([]));
    assert_eq!(gestor.tree("told"), before);
    // Where it came from, its point and what users did stay.
    assert_eq!(gestor.database.value(origin), origin_before);
    assert_eq!(gestor.database.value(point), point_before);
    assert_eq!(name(&gestor).as_deref(), Some("USER"));
    let last = &history(&gestor).report["historico"][0];
    assert_eq!((&last["acao"], &last["ator"]), (&json!("reparar"), &json!("me")));
    let noted = "SELECT integridade_em IS NOT NULL FROM gestor_plugins_estado WHERE slug='told' AND JSON_EXTRACT(verificacao, '$.danos') = 0";
    assert_eq!(gestor.database.value(noted).as_deref(), Some("1"));
    // With `estrito` rows are repaired, and what users wrote is kept aside.
    verify(&gestor, &json!({"slug": "told", "estrito": true})).expect(ExitCode::Drift);
    verify(&gestor, &json!({"slug": "told", "estrito": true, "reparar": true})).expect(ExitCode::Ok);
    assert_eq!(name(&gestor).as_deref(), Some("1.0.0"));
    assert_eq!(
        gestor
            .database
            .count("gestor_plugins_guardados", "valores LIKE '%USER%'"),
        1
    );
    verify(&gestor, &json!({"todos": true, "estrito": true})).expect(ExitCode::Ok);
}

#[test]
fn the_history_of_a_refused_package_says_its_version() {
    let gestor = Gestor::new();
    gestor.install(&package("1.0.0"), &[]).expect(ExitCode::Ok);
    let manifest = json!({"id": "told", "name": "told", "version": "1.1.0", "compatibility": {"min": "99.0.0"}});
    let refused = gestor.install(&Package::with_manifest(&manifest), &[]);
    refused.expect(ExitCode::Incompatible);
    let last = &history(&gestor).report["historico"][0];
    let told = ["codigo", "versao_de", "versao_para"].map(|name| &last[name]);
    assert_eq!(told, [&json!(31), &json!("1.0.0"), &json!("1.1.0")]);
}

#[test]
fn a_package_that_is_not_kept_repairs_nothing() {
    let gestor = Gestor::new();
    gestor.install(&package("1.0.0"), &[]).expect(ExitCode::Ok);
    let kept = gestor.root().join("backups/plugins/told/1.0.0.zip");
    // Of the same version, but another one.
    package("1.0.0").file("other.txt", "x").write(&kept);
    std::fs::write(gestor.root().join("plugins/told/extra.php"), "<?php").unwrap();
    let found = verify(&gestor, &json!({"slug": "told"})).expect(ExitCode::Drift);
    assert_eq!(found.report["guardados"][0]["motivo"], "ausente");
    assert_eq!(found.report["guardados"][1]["motivo"], "alterado");
    verify(&gestor, &json!({"slug": "told", "reparar": true})).expect(ExitCode::Irreversible);
    assert!(gestor.root().join("plugins/told/extra.php").exists());
}

#[test]
fn every_kind_of_damage_is_named() {
    let gestor = Gestor::new();
    let manifest =
        json!({"id": "told", "name": "told", "version": "1.0.0", "compatibility": {"min": "2.0.0", "max": "2.9.99"}});
    let brought = Package::with_manifest(&manifest)
        .file("modules/m/m.php", "<?php")
        .file("db/migrations/20250101000000_make_it.php", "<?php")
        .file("db/migrations/20250102000000_and_that.php", "<?php");
    gestor
        .install(&brought, &[("migracoes", Argument::Callable)])
        .expect(ExitCode::Ok);
    verify(&gestor, &json!({"slug": "told", "gestor_versao": "2.9.43"})).expect(ExitCode::Ok);
    let log = "CREATE TABLE phinxlog_told (version BIGINT NOT NULL PRIMARY KEY, migration_name VARCHAR(100))";
    gestor.database.run(log);
    gestor
        .database
        .run("INSERT INTO phinxlog_told VALUES (20250101000000, 'MakeIt')");
    gestor.database.run(
        "INSERT INTO hooks (modulo, plugin, namespace, evento, callback) VALUES ('m','told','x','e','f'), ('gone','told','x','e','f')",
    );
    let found = verify(&gestor, &json!({"slug": "told", "gestor_versao": "3.0.0"})).expect(ExitCode::Drift);
    assert_eq!(
        found.report["esquema"],
        json!([{"migracao": "20250102000000", "nome": "and_that", "motivo": "pendente"}])
    );
    assert_eq!(
        found.report["ganchos"],
        json!([{"modulo": "gone", "evento": "e", "callback": "f"}])
    );
    assert_eq!(found.report["dependencias"][0]["encontrado"], "3.0.0");
    // Once applied, and not any more.
    let applied = r#"UPDATE gestor_plugins_historico SET migracoes='{"aplicadas":["20250102000000 AndThat"]}'"#;
    gestor.database.run(applied);
    let found = verify(&gestor, &json!({"slug": "told"})).expect(ExitCode::Drift);
    assert_eq!(found.report["esquema"][0]["motivo"], "desfeita");
    gestor
        .database
        .run("INSERT INTO phinxlog_told VALUES (20250102000000, 'AndThat')");
    verify(&gestor, &json!({"slug": "told", "reparar": true})).expect(ExitCode::Ok);
    assert_eq!(gestor.database.count("hooks", "plugin='told'"), 1);
}

#[test]
fn a_renamed_record_is_told_and_still_found() {
    let gestor = Gestor::new();
    gestor.install(&package("1.0.0"), &[]).expect(ExitCode::Ok);
    gestor
        .database
        .run("UPDATE plugins SET id='other-name' WHERE id='told'");
    let listed = list(&gestor).expect(ExitCode::Ok).report["plugins"].clone();
    assert_eq!(listed.as_array().unwrap().len(), 1);
    assert_eq!(
        (&listed[0]["slug"], &listed[0]["contradicoes"]),
        (&json!("told"), &json!(["id"]))
    );
    let found = verify(&gestor, &json!({"todos": true})).expect(ExitCode::Drift);
    assert_eq!(found.report["verificados"][0]["contradicoes"], json!(["id"]));
    gestor.database.run("UPDATE plugins SET id='told'");
    verify(&gestor, &json!({"slug": "told"})).expect(ExitCode::Ok);
    let manifest = gestor.root().join("plugins/told/manifest.json");
    let text = std::fs::read_to_string(&manifest).unwrap().replace("1.0.0", "1.0.1");
    std::fs::write(&manifest, text).unwrap();
    let found = verify(&gestor, &json!({"slug": "told"})).expect(ExitCode::Drift);
    assert_eq!(found.report["contradicoes"], json!(["versao"]));
    gestor.database.run("DELETE FROM plugins");
    let found = list(&gestor).expect(ExitCode::Ok).report["plugins"][0].clone();
    assert_eq!(
        (&found["slug"], &found["contradicoes"]),
        (&json!("told"), &json!(["registro"]))
    );
}

#[test]
fn hooks_of_strangers_are_told_and_removed() {
    let gestor = Gestor::new();
    gestor
        .database
        .run("INSERT INTO hooks (modulo, plugin, namespace, evento, callback) VALUES ('m','stranger','x','e','f')");
    let found = verify(&gestor, &json!({"todos": true})).expect(ExitCode::Drift);
    assert_eq!(found.report["ganchos"], json!(["stranger"]));
    verify(&gestor, &json!({"todos": true, "reparar": true})).expect(ExitCode::Ok);
    assert_eq!(gestor.database.count("hooks", "1=1"), 0);
}

#[test]
fn a_diff_names_what_would_change() {
    let gestor = Gestor::new();
    gestor.install(&package("1.0.0"), &[]).expect(ExitCode::Ok);
    let mine = format!("UPDATE paginas SET caminho='{}'", "é".repeat(240));
    gestor.database.run(&mine);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("p.zip");
    let rows = json!([
        {"id": "p", "language": "en", "nome": "1.1.0", "caminho": "q/", "html": "<p>"},
        {"id": "new", "language": "en", "nome": "N", "caminho": "new/", "html": "<p>"},
    ]);
    Package::new("told", "1.1.0")
        .data("Paginas", &rows)
        .file("modules/m/m.php", "<?php // 1.1.0")
        .file("added.txt", "x")
        .write(&file);
    let more = json!({"slug": "told", "origem_tipo": "upload", "arquivo": file});
    let read = called("diff", call(&gestor, &more), &english());
    let shown = run(read, english(), &mut Quiet).expect(ExitCode::Ok);
    let found = &shown.report["diferencas"];
    let version = json!({"chave": "version", "antes": "1.0.0", "depois": "1.1.0"});
    assert_eq!(found["manifest"], json!([version]));
    let files = json!({"novos": ["added.txt"], "alterados": ["manifest.json", "modules/m/m.php"], "removidos": []});
    assert_eq!(found["arquivos"], files);
    let come = found["linhas"].as_array().unwrap();
    assert_eq!((come.len(), &come[0]["acao"]), (1, &json!("inserir")));
    let field = |column: &str| {
        let fields = found["campos"].as_array().unwrap().iter();
        fields
            .filter(|field| field["coluna"] == column)
            .cloned()
            .collect::<Vec<_>>()
    };
    let name = &field("nome")[0];
    assert_eq!(
        (&name["base"], &name["meu"], &name["pacote"], &name["motivo"]),
        (&json!("1.0.0"), &json!("1.0.0"), &json!("1.1.0"), &Value::Null)
    );
    let path = &field("caminho")[0];
    assert_eq!(
        (&path["base"], &path["pacote"], &path["motivo"]),
        (&json!("p/"), &json!("q/"), &json!("ambos"))
    );
    assert_eq!(path["meu"].as_str().unwrap().chars().count(), 200);
}

#[test]
fn refusals_are_told_in_the_history() {
    let gestor = with_conflict(&|conflict| MergeConflict {
        reason: MergeReason::Core,
        column: String::new(),
        theirs: Waiting::Elsewhere,
        ..conflict
    });
    let last = || history(&gestor).report["historico"][0].clone();
    let decide = json!({"slug": "told", "conflito": "todos", "escolha": "pacote", "ator": "me"});
    resolve(&gestor, &decide).expect(ExitCode::Sync);
    let told = last();
    assert_eq!(
        (&told["acao"], &told["codigo"], &told["ator"], &told["confirmado"]),
        (&json!("resolver"), &json!(14), &json!("me"), &json!(false))
    );
    // An older version is refused before anything is done.
    gestor
        .install(&package("0.9.0"), &[])
        .expect(ExitCode::AlreadyInstalled);
    let told = last();
    assert_eq!((&told["codigo"], &told["versao_de"]), (&json!(32), &json!("1.0.0")));
    let count = || gestor.database.count("gestor_plugins_historico", "1=1");
    let before = count();
    // What is wrong with the call is not told, nor is a name that no table knows.
    let wrong = json!({"slug": "told", "conflito": "99", "escolha": "minha"});
    resolve(&gestor, &wrong).expect(ExitCode::ParamsOrFile);
    let unknown = json!({"slug": "unknown", "conflito": "todos", "escolha": "minha"});
    resolve(&gestor, &unknown).expect(ExitCode::NotInstalled);
    gestor
        .install_as(&package("1.0.0"), "unknown", &[])
        .expect(ExitCode::Validate);
    assert_eq!(count(), before);
    // A known one that is not installed is.
    gestor
        .database
        .run("INSERT INTO plugins (id, nome) VALUES ('known', 'K')");
    let known = json!({"slug": "known", "conflito": "todos", "escolha": "minha"});
    resolve(&gestor, &known).expect(ExitCode::NotInstalled);
    assert_eq!(count(), before + 1);
}

#[test]
fn a_history_that_cannot_be_written_is_a_warning() {
    let gestor = Gestor::new();
    gestor.install(&package("1.0.0"), &[]).expect(ExitCode::Ok);
    gestor
        .database
        .run("ALTER TABLE gestor_plugins_historico DROP COLUMN parametros");
    let refused = gestor
        .install(&package("0.9.0"), &[])
        .expect(ExitCode::AlreadyInstalled);
    let warnings = refused.report["avisos"].to_string();
    assert!(warnings.contains("not written to the plugin's history"), "{warnings}");
}
