//! Several servers, one database; runs at the same time; runs that are killed.

use std::sync::Barrier;
use std::thread;

use gestor_plugins::outcome::ExitCode;
use serde_json::json;

use super::{World, plugin, stands, version_of};
use crate::support::gestor::Gestor;

fn due(world: &World) {
    world.install("loja", "1.0.0");
    world
        .policy("loja", &json!({"politica": "automatica"}))
        .expect(ExitCode::Ok);
    world.release(&plugin("loja", "1.1.0"), "loja", "1.1.0");
    world.run(&json!({"agora": true})).expect(ExitCode::Ok);
    world.clock.goes(73 * 60);
}

#[test]
fn two_schedulers_never_apply_twice() {
    for _ in 0..3 {
        let world = World::new();
        due(&world);
        let gestor = &world.gestor;
        let barrier = Barrier::new(2);
        let runs: Vec<_> = thread::scope(|scope| {
            let runs: Vec<_> = (0..2)
                .map(|_| {
                    let (barrier, settings, clock) = (&barrier, world.settings(), world.clock.clone());
                    let given = crate::looks::call(
                        gestor,
                        &json!({"lang": "en", "endereco": world.pages.url, "gestor_versao": "2.9.43"}),
                    );
                    scope.spawn(move || {
                        let read = crate::support::operation::called("update_run", given, &settings);
                        barrier.wait();
                        crate::support::operation::run_by(clock, read, settings, &mut crate::support::operation::Quiet)
                    })
                })
                .collect();
            runs.into_iter().map(|run| run.join().unwrap()).collect()
        });
        let applied: usize = runs
            .iter()
            .map(|run| run.report["aplicadas"].as_array().unwrap().len())
            .sum();
        assert_eq!(applied, 1);
        assert_eq!(world.version("loja"), "1.1.0");
        let updates = "SELECT COUNT(*) FROM gestor_plugins_historico WHERE acao='atualizar'";
        assert_eq!(gestor.database.value(updates).as_deref(), Some("1"));
    }
}

#[test]
fn a_server_that_is_behind_is_brought_the_same_bytes() {
    let world = World::new();
    let other = Gestor::with(world.gestor.database.another());
    due(&world);
    // The other server has nothing of it yet.
    let run = world.run_on(&other, &json!({"so_verificar": true})).report;
    assert_eq!(run["repostos"], json!([]), "a check changes nothing");
    world
        .policy("loja", &json!({"politica": "manual"}))
        .expect(ExitCode::Ok);
    let run = world.run_on(&other, &json!({})).expect(ExitCode::Ok).report;
    assert_eq!(run["repostos"][0]["como"], json!("trazido"), "{run:#}");
    assert_eq!(version_of(other.root(), "loja"), "1.0.0");
    // One updates, the other follows, whatever the policy is.
    world
        .policy("loja", &json!({"politica": "automatica"}))
        .expect(ExitCode::Ok);
    world.run(&json!({"agora": true})).expect(ExitCode::Ok);
    world.run(&json!({})).expect(ExitCode::Ok);
    assert_eq!(world.version("loja"), "1.1.0");
    world
        .policy("loja", &json!({"politica": "manual"}))
        .expect(ExitCode::Ok);
    world.run_on(&other, &json!({})).expect(ExitCode::Ok);
    assert_eq!(version_of(other.root(), "loja"), "1.1.0");
    let points =
        "SELECT COUNT(*) FROM gestor_plugins_historico WHERE versao_de='1.0.0' AND versao_para='1.1.0' AND codigo=0";
    assert_eq!(world.gestor.database.value(points).as_deref(), Some("1"));
}

#[test]
fn a_run_that_was_killed_is_judged_by_what_is_there() {
    for is_committed in [false, true] {
        let world = World::new();
        due(&world);
        // What a killed run leaves: the row says that somebody installs.
        let database = &world.gestor.database;
        database.run(
            "UPDATE gestor_plugins_atualizacoes SET estado='aplicando', aplicando_em='2026-12-04 04:00:00', servidor='x'",
        );
        if is_committed {
            let from = json!({"slug": "loja", "origem_tipo": "github_publico", "owner": "o", "repo": "r",
                "ref": "plugin-loja-v1.1.0", "referencia": "o/r"});
            world.call("install", &from).expect(ExitCode::Ok);
        }
        world
            .clock
            .set(chrono::DateTime::parse_from_rfc3339("2026-12-04T01:05:00-03:00").unwrap());
        world.run(&json!({})).expect(ExitCode::Ok);
        assert_eq!(world.state("loja").0, "aplicando", "somebody may still be at it");
        world.clock.goes(10);
        world.run(&json!({})).expect(ExitCode::Ok);
        if is_committed {
            stands(&world, "loja", "observando", "observacao");
        } else {
            stands(&world, "loja", "falhou", "falhou");
            world.clock.goes(61);
            world.run(&json!({})).expect(ExitCode::Ok);
            assert_eq!(world.version("loja"), "1.1.0");
        }
    }
}
