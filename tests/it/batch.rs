//! Several installations as one transition: all of them come about, in the order of what they need, or none.

use std::path::PathBuf;

use gestor_plugins::config::{Argument, BatchParameters};
use gestor_plugins::log::{Progress, Step};
use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::english;
use crate::support::gestor::Gestor;
use crate::support::operation::{Ended, Host, Quiet, called, run};
use crate::support::package::Package;

/// A gestor, and a folder for packages.
struct Site {
    gestor: Gestor,
    folder: TempDir,
}

impl Site {
    fn new() -> Self {
        let (gestor, folder) = (Gestor::new(), tempfile::tempdir().unwrap());
        Self { gestor, folder }
    }

    fn write(&self, package: &Package) -> PathBuf {
        let path = self.folder.path().join(format!(
            "{}-{}.zip",
            package.id(),
            std::fs::read_dir(self.folder.path()).unwrap().count()
        ));
        package.write(&path);
        path
    }

    fn call(&self, packages: &[Value], more: &Value) -> Value {
        let mut call = json!({"pacotes": packages, "raiz": self.gestor.root(), "lang": "en", "db": {
            "socket": self.gestor.database.socket(), "nome": self.gestor.database.name(), "usuario": "root",
        }});
        let more = more.as_object().cloned().unwrap_or_default();
        call.as_object_mut().unwrap().extend(more);
        call
    }

    /// Installs them, each known by its file alone.
    fn batch(&self, packages: &[&Package], more: &Value) -> Ended {
        self.batch_with(packages, more, &mut Quiet)
    }

    fn batch_with(&self, packages: &[&Package], more: &Value, host: &mut dyn Host) -> Ended {
        let files: Vec<Value> = packages.iter().map(|one| json!({"arquivo": self.write(one)})).collect();
        batch_of(&self.call(&files, more), host)
    }

    /// What is installed: plugin and version.
    fn versions(&self) -> String {
        let sql = "SELECT GROUP_CONCAT(CONCAT(id, ' ', versao_instalada) ORDER BY id) FROM plugins WHERE versao_instalada IS NOT NULL";
        self.gestor.database.value(sql).unwrap_or_default()
    }

    /// Rows and trees, without what a failed operation tells of itself.
    fn everything(&self) -> (Vec<String>, Vec<String>) {
        let rows = self
            .gestor
            .database
            .dump(&["gestor_plugins_historico", "gestor_plugins_estado", "plugins"]);
        let trees = ["a", "b", "c"].map(|slug| format!("{:?}", self.gestor.tree(slug)));
        (rows, trees.to_vec())
    }

    /// Action, code and whether it is of a batch, of each entry of the history.
    fn history(&self) -> Vec<String> {
        let sql = "SELECT CONCAT_WS(' ', slug, acao, codigo, confirmado, COUNT(lote)) FROM gestor_plugins_historico GROUP BY id ORDER BY id";
        let rows = self.gestor.database.rows(sql);
        rows.into_iter()
            .filter_map(|row| row.into_iter().next().flatten())
            .collect()
    }
}

fn batch_of(call: &Value, host: &mut dyn Host) -> Ended {
    run(called("batch", Argument::from(call), &english()), english(), host)
}

fn codes(report: &Value) -> Vec<(String, i64)> {
    let plugins = report["plugins"].as_array().unwrap().iter();
    plugins
        .map(|one| {
            (
                one["slug"].as_str().unwrap().to_owned(),
                one["codigo"].as_i64().unwrap(),
            )
        })
        .collect()
}

fn coded(codes: [(&str, i64); 3]) -> Vec<(String, i64)> {
    codes.map(|(slug, code)| (slug.to_owned(), code)).to_vec()
}

#[test]
fn all_come_about_in_the_order_of_what_they_need() {
    let site = Site::new();
    let a = Package::page_needing("a", "1.0.0", &json!({"b": "*"}));
    let (b, c) = (
        Package::page_needing("b", "1.0.0", &json!({"c": "^1"})),
        Package::page_needing("c", "1.0.0", &json!({})),
    );
    let done = site
        .batch(&[&a, &b, &c], &json!({"ator": "who"}))
        .expect(ExitCode::Ok)
        .report;
    assert_eq!(
        codes(&done),
        coded([("a", 0), ("b", 0), ("c", 0)]),
        "as they were named"
    );
    assert_eq!((&done["confirmado"], &done["dry_run"]), (&json!(true), &json!(false)));
    let order = "SELECT GROUP_CONCAT(plugin ORDER BY id_paginas) FROM paginas";
    assert_eq!(site.gestor.database.value(order).as_deref(), Some("c,b,a"));
    assert_eq!(site.versions(), "a 1.0.0,b 1.0.0,c 1.0.0");
    assert_eq!(
        site.history(),
        ["c instalar 0 1 1", "b instalar 0 1 1", "a instalar 0 1 1"]
    );
    let one = "COUNT(DISTINCT lote) = 1 AND COUNT(*) = 3 AND MIN(ator) = 'who'";
    let lote = format!("SELECT IF({one}, MIN(lote), NULL) FROM gestor_plugins_historico");
    assert_eq!(site.gestor.database.value(&lote).as_deref(), done["lote"].as_str());
    for slug in ["a", "b", "c"] {
        let log = site.gestor.log();
        let mut lines = log.lines().filter(|line| line.contains(&format!("[PLUGIN:{slug}]")));
        assert!(lines.any(|line| line.contains("1.0.0")), "{slug}: {log}");
        let told = format!("SELECT ultimo_log FROM gestor_plugins_estado WHERE slug='{slug}'");
        let told = site.gestor.database.value(&told).unwrap();
        let others = ["a", "b", "c"].iter().filter(|other| **other != slug);
        let others = others.filter(|other| told.contains(&format!("/{other}/"))).count();
        assert!(!told.is_empty() && others == 0, "{slug}: {told}");
    }
    for one in done["plugins"].as_array().unwrap() {
        assert_eq!(one["tabelas"]["paginas"]["inseridos"], 1, "{one}");
        assert_eq!(one["arquivos"]["novos"].as_u64(), Some(3), "{one}");
    }
    assert_eq!(site.gestor.leftovers(), Vec::<PathBuf>::new());
}

#[test]
fn what_is_refused_one_by_one_goes_as_one() {
    let site = Site::new();
    let first = [
        Package::page_needing("a", "1.2.0", &json!({})),
        Package::page_needing("b", "1.0.0", &json!({"a": "^1"})),
    ];
    site.batch(&[&first[0], &first[1]], &json!({})).expect(ExitCode::Ok);
    let next = [
        Package::page_needing("a", "2.0.0", &json!({})),
        Package::page_needing("b", "2.0.0", &json!({"a": "^2"})),
    ];
    for (package, slug) in next.iter().zip(["a", "b"]) {
        site.gestor.install_as(package, slug, &[]).expect(ExitCode::Dependency);
    }
    site.batch(&[&next[1], &next[0]], &json!({"dry_run": true}))
        .expect(ExitCode::Ok);
    assert_eq!(site.versions(), "a 1.2.0,b 1.0.0");
    let c = Package::page_needing("c", "1.0.0", &json!({}));
    site.batch(&[&next[1], &c], &json!({})).expect(ExitCode::Dependency);
    assert_eq!(site.versions(), "a 1.2.0,b 1.0.0");
    site.batch(&[&next[1], &next[0]], &json!({})).expect(ExitCode::Ok);
    assert_eq!(site.versions(), "a 2.0.0,b 2.0.0");
    let again = site
        .batch(&[&next[1], &next[0], &c], &json!({}))
        .expect(ExitCode::Ok)
        .report;
    let same: Vec<_> = again["plugins"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["inalterado"])
        .collect();
    assert_eq!(same, [true, true, false]);
    let entries = site.history();
    assert_eq!(
        entries.last().map(String::as_str),
        Some("c instalar 0 1 1"),
        "{entries:?}"
    );
    let idle = site
        .batch(&[&next[1], &next[0]], &json!({}))
        .expect(ExitCode::Ok)
        .report;
    assert_eq!(
        (&idle["confirmado"], site.history().len()),
        (&json!(false), entries.len())
    );
}

#[test]
fn one_that_fails_leaves_all_as_they_were() {
    let site = Site::new();
    let first = [
        Package::page_needing("a", "1.0.0", &json!({})),
        Package::page_needing("c", "1.0.0", &json!({})),
    ];
    site.batch(&[&first[0], &first[1]], &json!({})).expect(ExitCode::Ok);
    site.gestor
        .database
        .run("ALTER TABLE paginas ADD CONSTRAINT no_b CHECK (id <> 'b')");
    let before = site.everything();
    let (a, b) = (
        Package::page_needing("a", "1.1.0", &json!({})),
        Package::page_needing("b", "1.0.0", &json!({"a": "*"})),
    );
    let ended = site.batch(&[&a, &b, &first[1]], &json!({}));
    let report = ended.expect(ExitCode::Sync).report;
    assert_eq!(site.everything(), before);
    assert_eq!(codes(&report), coded([("a", 14), ("b", 14), ("c", 0)]));
    let told = |at: usize| {
        report["plugins"][at]["erros"][0]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    assert!(told(1).contains("no_b"), "{report}");
    assert!(
        told(0).contains("b, in the same batch") && told(0).contains("no_b"),
        "{report}"
    );
    assert!(report["erros"][0].as_str().unwrap().starts_with("b: "), "{report}");
    assert_eq!(
        (&report["confirmado"], &report["plugins"][2]["inalterado"]),
        (&json!(false), &json!(true))
    );
    assert_eq!(site.history()[2..], ["a atualizar 14 0 1"]);
    let status = "SELECT status_execucao FROM plugins WHERE id = 'a'";
    assert_eq!(site.gestor.database.value(status).as_deref(), Some("erro"));
    site.gestor.database.run("ALTER TABLE paginas DROP CONSTRAINT no_b");
    site.batch(&[&a, &b], &json!({})).expect(ExitCode::Ok);
    assert_eq!(site.versions(), "a 1.1.0,b 1.0.0,c 1.0.0");
}

#[test]
fn a_package_that_cannot_be_read_stops_the_others() {
    let site = Site::new();
    let a = site.write(&Package::page_needing("a", "1.0.0", &json!({})));
    let broken = site.folder.path().join("broken.zip");
    std::fs::write(&broken, "no zip").unwrap();
    for (named, code) in [
        (json!({"arquivo": broken}), 21),
        (json!({"arquivo": broken, "slug": "b"}), 21),
    ] {
        let call = site.call(&[json!({"arquivo": a}), named], &json!({}));
        let ended = batch_of(&call, &mut Quiet);
        assert_eq!(ended.code.number(), code, "{}", ended.report);
        assert!(ended.report["plugins"][1]["erros"][0].is_string(), "{}", ended.report);
        assert_eq!((site.versions(), site.gestor.leftovers()), (String::new(), Vec::new()));
    }
}

#[test]
fn a_cycle_is_named_and_nothing_is_installed() {
    let site = Site::new();
    let a = Package::page_needing("a", "1.2.0", &json!({"b": "*"}));
    let b = Package::page_needing("b", "2.0.0", &json!({"a": "*"}));
    for (lang, words) in [("en", "need each other"), ("pt-br", "precisam uns dos outros")] {
        let ended = site
            .batch(&[&b, &a], &json!({"lang": lang}))
            .expect(ExitCode::Dependency);
        let told = ended.report["erros"].to_string();
        assert!(told.contains("a 1.2.0 → b 2.0.0 → a") && told.contains(words), "{told}");
        assert_eq!(site.versions(), "");
    }
    let passed = site
        .batch(&[&b, &a], &json!({"ignorar_dependencias": true}))
        .expect(ExitCode::Ok);
    assert!(
        passed.report["avisos"].to_string().contains("a 1.2.0 → b 2.0.0 → a"),
        "{}",
        passed.report
    );
    assert_eq!(site.versions(), "a 1.2.0,b 2.0.0");
}

#[test]
fn a_dry_run_shows_each_and_leaves_no_trace() {
    let site = Site::new();
    let a = Package::page_needing("a", "1.0.0", &json!({"b": "*"}));
    let b = Package::page_needing("b", "1.0.0", &json!({}));
    let before = (site.everything(), site.gestor.database.tables());
    let shown = site
        .batch(&[&a, &b], &json!({"dry_run": true}))
        .expect(ExitCode::Ok)
        .report;
    for one in shown["plugins"].as_array().unwrap() {
        assert_eq!(
            (&one["dry_run"], &one["tabelas"]["paginas"]["inseridos"]),
            (&json!(true), &json!(1)),
            "{one}"
        );
    }
    assert_eq!((&shown["lote"], &shown["confirmado"]), (&json!(null), &json!(false)));
    site.batch(&[&a], &json!({"dry_run": true}))
        .expect(ExitCode::Dependency);
    assert_eq!((site.everything(), site.gestor.database.tables()), before);
    assert!(!site.gestor.root().join("logs/plugins").exists() && !site.gestor.root().join("temp/plugins").exists());
}

#[test]
fn each_plugin_is_named_once_and_known() {
    let site = Site::new();
    let a = Package::page_needing("a", "1.0.0", &json!({}));
    let twice = site.batch(&[&a, &Package::page_needing("a", "1.1.0", &json!({}))], &json!({}));
    let told = twice.expect(ExitCode::ParamsOrFile).report["erros"][0].to_string();
    assert!(
        told.contains("`pacotes`") && told.contains("each plugin once"),
        "{told}"
    );
    let unnamed = Package::with_manifest(&json!({"name": "x", "version": "1.0.0"}));
    let file = site.folder.path().join("unnamed.zip");
    unnamed.write(&file);
    let call = site.call(&[json!({"arquivo": file})], &json!({}));
    let told = batch_of(&call, &mut Quiet).expect(ExitCode::Validate).report["erros"][0].to_string();
    assert!(told.contains("no `id`"), "{told}");
    let call = site.call(
        &[json!({"origem_tipo": "url", "url": "https://example.org/x.zip"})],
        &json!({}),
    );
    batch_of(&call, &mut Quiet).expect(ExitCode::ParamsOrFile);
    // The id is looked for where the plugin would be, and normalized.
    let odd =
        Package::with_manifest(&json!({"id": "My Plugin", "name": "x", "version": "1.0.0"})).wrapped_in("repo-main/");
    let file = site.folder.path().join("odd.zip");
    odd.write(&file);
    let call = site.call(&[json!({"origem_tipo": "local_path", "local_path": file})], &json!({}));
    let done = batch_of(&call, &mut Quiet).expect(ExitCode::Ok).report;
    assert_eq!(done["plugins"][0]["slug"], "my-plugin");
    for call in [
        site.call(&[], &json!({})),
        site.call(&[json!({"arquivo": "x", "raiz": "/"})], &json!({})),
    ] {
        BatchParameters::read(Argument::from(&call), &english()).unwrap_err();
    }
}

#[test]
fn migrations_with_a_class_of_one_name_do_not_go_together() {
    let site = Site::new();
    let with = |slug: &str, class: &str| {
        let text = format!("<?php\nfinal class {class} extends AbstractMigration {{}}\n");
        Package::page_needing(slug, "1.0.0", &json!({})).file("db/migrations/20260101000000_create_it.php", text)
    };
    let before = site.everything();
    let ended = site.batch(
        &[&with("a", "CreateIt"), &with("b", "createit")],
        &json!({"migracoes": true}),
    );
    let told = ended.expect(ExitCode::Migrate).report["erros"][0].to_string();
    assert!(told.contains("createit") && told.contains("of b and of a"), "{told}");
    assert_eq!(site.everything(), before);
    site.batch(
        &[&with("a", "CreateA"), &with("b", "CreateB")],
        &json!({"migracoes": true}),
    )
    .expect(ExitCode::Ok);
}

/// Says stop at a step.
struct Stops(Step);

impl Host for Stops {
    fn progress(&mut self, progress: &Progress) -> bool {
        progress.step != self.0
    }
}

#[test]
fn one_word_stops_all_of_them() {
    let site = Site::new();
    let first = Package::page_needing("a", "1.0.0", &json!({}));
    site.batch(&[&first], &json!({})).expect(ExitCode::Ok);
    let before = site.everything();
    let (a, b) = (
        Package::page_needing("a", "1.1.0", &json!({})),
        Package::page_needing("b", "1.0.0", &json!({})),
    );
    for step in [Step::Inspect, Step::Sync, Step::Commit] {
        let ended = site.batch_with(&[&a, &b], &json!({}), &mut Stops(step));
        let report = ended.expect(ExitCode::Cancelled).report;
        assert_eq!(
            (site.everything(), &report["confirmado"]),
            (before.clone(), &json!(false)),
            "{step:?}"
        );
        assert_eq!(site.gestor.leftovers(), Vec::<PathBuf>::new());
    }
}
