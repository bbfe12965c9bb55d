//! Lists of releases: one question a repository, nothing for what has not changed, and no more than a server likes.

use gestor_plugins::outcome::ExitCode;
use serde_json::json;

use super::{LIST, World, bytes_of, plugin, stands};
use crate::support::github::Reply;

#[test]
fn a_hundred_plugins_of_a_repository_are_one_question() {
    let world = World::new();
    let many = 100;
    for number in 0..many {
        world.install(&format!("p{number}"), "1.0.0");
    }
    let before = world.lists();
    let run = world.run(&json!({})).expect(ExitCode::Ok).report;
    assert_eq!(world.lists() - before, 1);
    assert_eq!(run["consultas"], json!({"feitas": 1, "inalteradas": 0, "falhas": 0}));
    assert_eq!(run["atualizacoes"].as_array().unwrap().len(), many);
    // Nothing is due, then it is, and nothing has changed.
    world.clock.goes(60);
    let run = world.run(&json!({})).expect(ExitCode::Ok).report;
    assert_eq!(run["consultas"]["feitas"], json!(0));
    world.clock.goes(7 * 60);
    let run = world.run(&json!({})).expect(ExitCode::Ok).report;
    assert_eq!(run["consultas"], json!({"feitas": 1, "inalteradas": 1, "falhas": 0}));
    world.release(&plugin("p7", "1.1.0"), "p7", "1.1.0");
    world.clock.goes(7 * 60);
    world.run(&json!({})).expect(ExitCode::Ok);
    stands(&world, "p7", "disponivel", "manual");
    stands(&world, "p8", "em_dia", "");
}

#[test]
fn a_server_that_wants_to_be_left_alone_is() {
    for (reply, minutes) in [
        (Reply::new(503, "").header("Retry-After", "7200"), 120),
        (Reply::new(500, ""), 15),
        (Reply::new(404, "{}"), 15),
        (Reply::ok("no list"), 15),
        (Reply::ok("[1, {\"tag_name\": 5}]"), 15),
        // No server is left alone for ever, whatever it asks for.
        (Reply::new(503, "").header("Retry-After", "9223372036854775"), 24 * 60),
        (
            Reply::new(403, "{}")
                .header("x-ratelimit-remaining", "0")
                .header("x-ratelimit-reset", "8000000000000"),
            24 * 60,
        ),
        (
            Reply::new(403, "{}")
                .header("x-ratelimit-remaining", "0")
                .header("x-ratelimit-reset", &resets(3 * 60)),
            180,
        ),
    ] {
        let world = World::new();
        world.install("loja", "1.0.0");
        world.github.on(LIST, [reply.clone()]);
        let asked = world.lists();
        let run = world.run(&json!({})).expect(ExitCode::Ok).report;
        assert_eq!(run["consultas"]["falhas"], json!(1), "{reply:?}");
        stands(&world, "loja", "em_dia", "sem_resposta");
        world.clock.goes(minutes - 1);
        world.run(&json!({"agora": true})).expect(ExitCode::Ok);
        assert_eq!(world.lists() - asked, 1, "{reply:?}");
        world.clock.goes(3);
        world.run(&json!({})).expect(ExitCode::Ok);
        assert_eq!(world.lists() - asked, 2, "{reply:?}");
    }
}

#[test]
fn a_digest_in_a_file_beside_the_package_counts() {
    let world = World::new();
    world.install("loja", "1.0.0");
    world
        .policy("loja", &json!({"politica": "automatica"}))
        .expect(ExitCode::Ok);
    world.has_files.set(true);
    world.release(&plugin("loja", "1.1.0"), "loja", "1.1.0");
    world.clock.goes(7 * 60);
    world.run(&json!({})).expect(ExitCode::Ok);
    stands(&world, "loja", "carencia", "carencia");
    let known = |world: &World| {
        let found = world
            .call("updates", &json!({"slug": "loja"}))
            .expect(ExitCode::Ok)
            .report;
        found["atualizacoes"][0]["sha256"].clone()
    };
    let first = known(&world);
    assert!(first.is_string());
    // It is not rehearsed again and again, and not forgotten.
    let asked = world.github.paths().len();
    world.clock.goes(60);
    world.run(&json!({})).expect(ExitCode::Ok);
    assert_eq!((world.github.paths().len(), known(&world)), (asked, first.clone()));
    // Other bytes are another package: it is rehearsed again, and waits again.
    world.clock.goes(70 * 60);
    let other = plugin("loja", "1.1.0").file("x.txt", "other");
    world.release(&other, "loja", "1.1.0");
    world.run(&json!({})).expect(ExitCode::Ok);
    stands(&world, "loja", "carencia", "carencia");
    let second = known(&world);
    assert_ne!(second, first);
    // Bytes that change behind everybody's back are not installed.
    let place = "/web/o/r/releases/download/plugin-loja-v1.1.0/gestor-plugin.zip";
    world.github.on(place, [Reply::ok("PK something else")]);
    world.clock.goes(73 * 60);
    world.run(&json!({})).expect(ExitCode::Ok);
    assert_eq!(world.version("loja"), "1.0.0");
    world.github.on(place, [Reply::ok(bytes_of(&other))]);
    world.clock.goes(8 * 60);
    world.run(&json!({"agora": true})).expect(ExitCode::Ok);
    assert_eq!(world.version("loja"), "1.1.0");
    let installed = std::fs::read_to_string(world.gestor.root().join("plugins/.instalado/loja")).unwrap();
    assert_eq!(installed.trim(), second.as_str().unwrap());
}

/// When a server answers again, so many minutes after the test began.
fn resets(minutes: i64) -> String {
    let begins = chrono::DateTime::parse_from_rfc3339("2026-12-01T00:00:00-03:00").unwrap();
    (begins.timestamp() + minutes * 60).to_string()
}

#[test]
fn the_last_questions_of_a_server_are_left_to_others() {
    let world = World::new();
    for slug in ["blog", "loja"] {
        world.install(slug, "1.0.0");
    }
    let list = Reply::ok("[]")
        .header("x-ratelimit-remaining", "9")
        .header("x-ratelimit-reset", &resets(8 * 60));
    world.github.on(LIST, [list.clone()]);
    world.github.on("/repos/o/other/releases?per_page=100", [list]);
    let database = &world.gestor.database;
    database.run("UPDATE plugins SET origem_referencia='o/other' WHERE id='blog'");
    let run = world.run(&json!({})).expect(ExitCode::Ok).report;
    assert_eq!(
        run["consultas"]["feitas"],
        json!(1),
        "the second repository of the server is spared"
    );
    // Six hours later one would be due; its server answers more after eight.
    world.clock.goes(7 * 60);
    let run = world.run(&json!({"agora": true})).expect(ExitCode::Ok).report;
    assert_eq!(run["consultas"]["feitas"], json!(0));
    world.clock.goes(61);
    let run = world.run(&json!({})).expect(ExitCode::Ok).report;
    assert_ne!(run["consultas"]["feitas"], json!(0));
}

#[test]
fn what_was_withdrawn_or_cannot_be_asked_for_does_not_come() {
    let world = World::new();
    world.install("loja", "1.0.0");
    world
        .policy("loja", &json!({"politica": "automatica"}))
        .expect(ExitCode::Ok);
    world.release(&plugin("loja", "1.1.0"), "loja", "1.1.0");
    world.run(&json!({})).expect(ExitCode::Ok);
    stands(&world, "loja", "carencia", "carencia");
    world.withdraw("loja", "1.1.0");
    world.clock.goes(100 * 60);
    world.run(&json!({})).expect(ExitCode::Ok);
    stands(&world, "loja", "em_dia", "");
    assert_eq!(world.version("loja"), "1.0.0");
    // It is there again, and the list cannot be had when it is due.
    world.release(&plugin("loja", "1.1.0"), "loja", "1.1.0");
    world.clock.goes(7 * 60);
    world.run(&json!({})).expect(ExitCode::Ok);
    world.github.on(LIST, [Reply::new(500, "")]);
    world.clock.goes(100 * 60);
    world.run(&json!({})).expect(ExitCode::Ok);
    stands(&world, "loja", "disponivel", "sem_resposta");
    assert_eq!(world.version("loja"), "1.0.0");
}

#[test]
fn other_bytes_of_a_version_begin_anew() {
    let world = World::new();
    world.install("loja", "1.0.0");
    world
        .policy("loja", &json!({"politica": "automatica"}))
        .expect(ExitCode::Ok);
    world.release(&plugin("loja", "1.1.0"), "loja", "1.1.0");
    world.run(&json!({})).expect(ExitCode::Ok);
    world.clock.goes(70 * 60);
    world.release(&plugin("loja", "1.1.0").file("more.txt", "x"), "loja", "1.1.0");
    world.run(&json!({})).expect(ExitCode::Ok);
    world.clock.goes(10 * 60);
    world.run(&json!({})).expect(ExitCode::Ok);
    stands(&world, "loja", "carencia", "carencia");
    assert_eq!(world.version("loja"), "1.0.0");
    world.clock.goes(70 * 60);
    world.run(&json!({})).expect(ExitCode::Ok);
    assert_eq!(world.version("loja"), "1.1.0");
}
