//! What an operator wants, and what a person has to decide.

use std::fs;

use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use super::{World, plugin, stands};
use crate::support::github::{Reply, Server};
use crate::support::package::Package;

#[test]
fn what_is_wanted_is_said_told_and_taken_back() {
    let world = World::new();
    world.install("loja", "1.0.0");
    let set = json!({"politica": "auto", "nivel": "patch", "janela": "dom 02:00-05:00", "carencia_h": 24, "pular": "1.2.0",
        "pular_ate": "2026-12-24"});
    let shown = world.policy("loja", &set).expect(ExitCode::Ok).report["atualizacoes"][0].clone();
    for (key, value) in [
        ("politica", json!("automatica")),
        ("nivel", json!("patch")),
        ("janela", json!("dom 02:00-05:00")),
        ("carencia_h", json!(24)),
        ("pular", json!("1.2.0")),
        ("pular_ate", json!("2026-12-25T00:00:00Z")),
    ] {
        assert_eq!(shown[key], value, "{key}");
    }
    let shown = world
        .policy("loja", &json!({"politica": "padrao", "janela": "padrao"}))
        .expect(ExitCode::Ok)
        .report["atualizacoes"][0]
        .clone();
    assert_eq!(
        (&shown["politica"], &shown["janela"], &shown["nivel"]),
        (&json!("manual"), &Value::Null, &json!("patch"))
    );
    for (wrong, named) in [
        (json!({"politica": "sim"}), "automatica, avisar, manual"),
        (json!({"janela": "dom"}), "dom,sab 02:00-05:00"),
        (json!({"pular": "novo"}), "range of versions"),
    ] {
        let refused = world.policy("loja", &wrong);
        assert_eq!(refused.code, ExitCode::ParamsOrFile);
        assert!(
            refused.report["erros"][0].as_str().unwrap().contains(named),
            "{}",
            refused.report
        );
    }
    world
        .policy("nada", &json!({"nivel": "patch"}))
        .expect(ExitCode::NotInstalled);
}

/// What keeps version 1.1.0 from coming by itself.
fn held(world: &World, package: &Package, version: &str) -> String {
    world
        .policy("loja", &json!({"politica": "automatica"}))
        .expect(ExitCode::Ok);
    world.release(package, "loja", version);
    world.run(&json!({"agora": true})).expect(ExitCode::Ok);
    world.clock.goes(100 * 60);
    world.run(&json!({"agora": true})).expect(ExitCode::Ok);
    assert_eq!(world.version("loja"), "1.0.0");
    world.state("loja").1
}

#[test]
fn a_person_decides_what_cannot_be_taken_back() {
    let fresh = || {
        let world = World::new();
        world.install("loja", "1.0.0");
        world
    };
    assert_eq!(held(&fresh(), &plugin("loja", "2.0.0"), "2.0.0"), "nivel");
    let epoch = Package::with_manifest(&json!({"id": "loja", "name": "loja", "version": "1.1.0", "epoch": 1}));
    assert_eq!(held(&fresh(), &epoch.file("v.txt", "1.1.0"), "1.1.0"), "epoca");
    let asks = Package::with_manifest(&json!({"id": "loja", "name": "loja", "version": "1.1.0", "permissions": ["x"]}));
    assert_eq!(held(&fresh(), &asks.file("v.txt", "1.1.0"), "1.1.0"), "permissoes");
    let newer = json!({"id": "loja", "name": "loja", "version": "1.1.0", "compatibility": {"min": "9.0.0"}});
    let newer = Package::with_manifest(&newer).file("v.txt", "1.1.0");
    assert_eq!(held(&fresh(), &newer, "1.1.0"), "ensaio");
    let migrates = "<?php class A extends AbstractMigration { public function up() { $this->execute('x'); } }";
    let migrates = plugin("loja", "1.1.0").file("db/migrations/20260101000000_a.php", migrates);
    assert_eq!(held(&fresh(), &migrates, "1.1.0"), "migracao");
    let back = "<?php class A extends AbstractMigration { public function change() { $this->table('a')->create(); } }";
    let back = plugin("loja", "1.1.0").file("db/migrations/20260101000000_a.php", back);
    assert_eq!(held(&fresh(), &back, "1.1.0"), "sem_php");
    let world = fresh();
    fs::create_dir(world.gestor.root().join("plugins/loja/.git")).unwrap();
    assert_eq!(held(&world, &plugin("loja", "1.1.0"), "1.1.0"), "repositorio");
    let world = fresh();
    fs::write(world.gestor.root().join("plugins/loja/v.txt"), "1.0.0 ").unwrap();
    world
        .policy("loja", &json!({"politica": "automatica"}))
        .expect(ExitCode::Ok);
    world.release(&plugin("loja", "1.1.0"), "loja", "1.1.0");
    world.run(&json!({"agora": true})).expect(ExitCode::Ok);
    stands(&world, "loja", "disponivel", "deriva");
    let world = fresh();
    world.gestor.database.run("UPDATE plugins SET status_execucao='erro'");
    assert_eq!(held(&world, &plugin("loja", "1.1.0"), "1.1.0"), "status");
}

#[test]
fn what_somebody_went_back_from_does_not_come_again() {
    let world = World::new();
    world.install("loja", "1.0.0");
    world.install("loja", "1.1.0");
    world
        .policy("loja", &json!({"politica": "automatica"}))
        .expect(ExitCode::Ok);
    world.call("rollback", &json!({"slug": "loja"})).expect(ExitCode::Ok);
    assert_eq!(world.version("loja"), "1.0.0");
    world.clock.goes(100 * 60);
    world.run(&json!({})).expect(ExitCode::Ok);
    stands(&world, "loja", "pulada", "deixada");
    assert_eq!(world.version("loja"), "1.0.0");
    world.release(&plugin("loja", "1.1.1"), "loja", "1.1.1");
    world.run(&json!({"agora": true})).expect(ExitCode::Ok);
    stands(&world, "loja", "carencia", "carencia");
}

#[test]
fn rules_of_the_site_count_where_nothing_is_said_and_notices_go_out() {
    let world = World::new();
    let hook = Server::http();
    hook.on("/hook", [Reply::ok("")]);
    let rules = |said: Value| {
        world.rules(
            &json!({"plugins": {"lo*": {"atualizacao": said}, "*": {"atualizacao": {"politica": "avisar"}}},
            "aviso_url": hook.url("/hook")}),
        )
    };
    let trust = rules(json!({"politica": "automatica", "carencia_h": 1}));
    world.install("loja", "1.0.0");
    world.install("blog", "1.0.0");
    let more = json!({"confianca": trust, "agora": true});
    world.release(&plugin("loja", "1.1.0"), "loja", "1.1.0");
    world.release(&plugin("blog", "1.1.0"), "blog", "1.1.0");
    world.run(&more).expect(ExitCode::Ok);
    world.clock.goes(61);
    world.run(&more).expect(ExitCode::Ok);
    assert_eq!(
        (world.version("loja"), world.version("blog")),
        ("1.1.0".to_owned(), "1.0.0".to_owned())
    );
    let told: Vec<Value> = hook
        .asked()
        .iter()
        .flat_map(|asked| {
            serde_json::from_str::<Value>(&asked.body).unwrap()["eventos"]
                .as_array()
                .unwrap()
                .clone()
        })
        .map(|event| json!([event["evento"], event["plugin"], event["versao"]]))
        .collect();
    assert_eq!(
        told,
        [
            json!(["update_available", "blog", "1.1.0"]),
            json!(["update_available", "loja", "1.1.0"]),
            json!(["update_applied", "loja", "1.1.0"])
        ]
    );
    rules(json!({"politica": "talvez"}));
    let shown = world.call("updates", &json!({"confianca": trust}));
    assert_eq!(shown.code, ExitCode::ParamsOrFile);
    assert!(
        shown.report["erros"][0].as_str().unwrap().contains("politica.json"),
        "{}",
        shown.report
    );
}

/// A row that somebody broke by hand is of its plugin alone.
#[test]
fn a_row_that_cannot_be_read_ends_nobody_elses_updates() {
    let world = World::new();
    for slug in ["loja", "blog"] {
        world.install(slug, "1.0.0");
        world.policy(slug, &json!({"politica": "avisar"})).expect(ExitCode::Ok);
    }
    world
        .gestor
        .database
        .run("UPDATE gestor_plugins_atualizacoes SET politica = 'automatico' WHERE slug = 'blog'");
    world.release(&plugin("loja", "1.1.0"), "loja", "1.1.0");
    for word in ["run", "updates"] {
        let report = if word == "run" {
            world.run(&json!({"agora": true}))
        } else {
            world.call(word, &json!({}))
        };
        let report = report.expect(ExitCode::Ok).report;
        let plugins: Vec<_> = report["atualizacoes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| &one["slug"])
            .collect();
        assert_eq!(plugins, ["loja"], "{word}");
        let told = report["avisos"].to_string();
        assert!(told.contains("politica") && told.contains("row of blog"), "{told}");
    }
    stands(&world, "loja", "disponivel", "avisar");
    let one = world.call("updates", &json!({"slug": "blog"})).expect(ExitCode::Sync);
    assert!(one.report["erros"][0].as_str().unwrap().contains("row of blog"));
}
