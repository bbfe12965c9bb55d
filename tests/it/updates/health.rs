//! The site after an update: pages that die in every way take the update back; what was dead before does not.

use std::fs;
use std::sync::{Arc, Mutex};

use gestor_plugins::outcome::ExitCode;
use serde_json::json;

use super::{Answer, Pages, World, bytes_of, plugin, stands, version_of};
use crate::support::gestor::Gestor;
use crate::support::github::Reply;

/// A site whose page answers so once version 1.1.0 is there.
fn dying(answer: Answer) -> World {
    let gestor = Gestor::new();
    let root = gestor.root().to_owned();
    World::with(gestor, move |path| {
        if path == "/404" || version_of(&root, "loja") != "1.1.0" {
            return Answer::Page(200, 5_000);
        }
        answer.clone()
    })
}

/// Until the update is due.
fn ready(world: &World) {
    world.install("loja", "1.0.0");
    world
        .policy("loja", &json!({"politica": "automatica"}))
        .expect(ExitCode::Ok);
    world.release(&plugin("loja", "1.1.0"), "loja", "1.1.0");
    world.run(&json!({"agora": true})).expect(ExitCode::Ok);
    stands(world, "loja", "carencia", "carencia");
    world.clock.goes(72 * 60 + 1);
}

#[test]
fn a_page_that_dies_takes_the_update_back() {
    let other = Pages::answering(|_| Answer::Page(200, 5_000));
    let other: &'static str = Box::leak(other.url.into_boxed_str());
    for (answer, said) in [
        (Answer::Page(500, 5_000), "answers with status 500"),
        (Answer::Page(200, 499), "has 499 bytes"),
        (Answer::Leads("/404"), "leads to /404"),
        // Another server, with a page of the same path.
        (Answer::Leads(other), "leads to http://127.0.0.1:"),
        (Answer::Page(404, 5_000), "answers with status 404"),
        (Answer::Silence, "does not answer"),
    ] {
        let world = dying(answer.clone());
        ready(&world);
        let run = world.run(&json!({})).expect(ExitCode::RolledBack).report;
        assert_eq!(world.version("loja"), "1.0.0", "{answer:?}");
        let back = &run["revertidas"][0];
        assert_eq!(
            (&back["versao"], &back["codigo"]),
            (&json!("1.1.0"), &json!(0)),
            "{run:#}"
        );
        assert!(back["motivo"].as_str().unwrap().contains(said), "{back}");
        stands(&world, "loja", "revertida", "revertida");
        let database = &world.gestor.database;
        let events = "SELECT GROUP_CONCAT(evento ORDER BY id) FROM gestor_plugins_eventos WHERE evento IN ('update_available', 'health_fail')";
        assert_eq!(database.value(events).as_deref(), Some("update_available,health_fail"));
        // It never comes again by itself; a newer one does.
        world.clock.goes(24 * 60);
        world.run(&json!({"agora": true})).expect(ExitCode::Ok);
        assert_eq!(world.version("loja"), "1.0.0");
        stands(&world, "loja", "revertida", "revertida");
        world.release(&plugin("loja", "1.1.1"), "loja", "1.1.1");
        world.run(&json!({"agora": true})).expect(ExitCode::Ok);
        stands(&world, "loja", "carencia", "carencia");
    }
}

/// What somebody installs while the site is watched is theirs.
#[test]
fn what_was_installed_meanwhile_is_not_taken_back() {
    let is_dead = Arc::new(Mutex::new(false));
    let dead = Arc::clone(&is_dead);
    let world = World::with(Gestor::new(), move |_| {
        Answer::Page(if *dead.lock().unwrap() { 503 } else { 200 }, 5_000)
    });
    ready(&world);
    world.run(&json!({})).expect(ExitCode::Ok);
    stands(&world, "loja", "observando", "observacao");
    world.install("loja", "1.2.0");
    *is_dead.lock().unwrap() = true;
    for _ in 0..3 {
        world.clock.goes(5);
        world.run(&json!({})).expect(ExitCode::Ok);
    }
    assert_eq!(world.version("loja"), "1.2.0");
    stands(&world, "loja", "em_dia", "");
}

#[test]
fn a_page_that_dies_later_takes_the_update_back_after_two_looks() {
    let is_dead = Arc::new(Mutex::new(false));
    let dead = Arc::clone(&is_dead);
    let world = World::with(Gestor::new(), move |_| {
        if *dead.lock().unwrap() {
            Answer::Page(503, 10)
        } else {
            Answer::Page(200, 5_000)
        }
    });
    ready(&world);
    world.run(&json!({})).expect(ExitCode::Ok);
    stands(&world, "loja", "observando", "observacao");
    // One failure is none.
    *is_dead.lock().unwrap() = true;
    world.clock.goes(10);
    world.run(&json!({})).expect(ExitCode::Ok);
    *is_dead.lock().unwrap() = false;
    world.clock.goes(10);
    world.run(&json!({})).expect(ExitCode::Ok);
    assert_eq!(world.version("loja"), "1.1.0");
    *is_dead.lock().unwrap() = true;
    for code in [ExitCode::Ok, ExitCode::RolledBack] {
        world.clock.goes(5);
        world.run(&json!({})).expect(code);
    }
    assert_eq!(world.version("loja"), "1.0.0");
}

#[test]
fn a_site_that_stays_well_keeps_the_update() {
    let world = World::new();
    ready(&world);
    let run = world.run(&json!({})).expect(ExitCode::Ok).report;
    assert_eq!(run["aplicadas"][0]["versao"], json!("1.1.0"));
    assert_eq!(world.version("loja"), "1.1.0");
    stands(&world, "loja", "observando", "observacao");
    // One before, one to begin with, three after: the site was asked, and no more often than it should be.
    let asked = world.pages.asked.lock().unwrap().len();
    world.clock.goes(31);
    world.run(&json!({})).expect(ExitCode::Ok);
    stands(&world, "loja", "em_dia", "");
    assert!(world.pages.asked.lock().unwrap().len() > asked);
    let actor = "SELECT ator FROM gestor_plugins_historico WHERE acao='atualizar'";
    assert_eq!(world.gestor.database.value(actor).as_deref(), Some("agendar"));
}

#[test]
fn what_was_dead_before_tells_nothing() {
    let gestor = Gestor::new();
    let world = World::with(gestor, |path| match path {
        "/dead" => Answer::Page(500, 0),
        _ => Answer::Page(200, 5_000),
    });
    let trust = world.rules(&json!({"saude": [world.pages.url, format!("{}dead", world.pages.url)]}));
    world.install("loja", "1.0.0");
    let more = json!({"confianca": trust});
    world
        .policy("loja", &json!({"politica": "automatica", "confianca": trust}))
        .expect(ExitCode::Ok);
    world.release(&plugin("loja", "1.1.0"), "loja", "1.1.0");
    world.run(&more).expect(ExitCode::Ok);
    world.clock.goes(80 * 60);
    world.run(&more).expect(ExitCode::Ok);
    assert_eq!(world.version("loja"), "1.1.0");
    // A site that is dead as a whole is given nothing.
    let dead = World::with(Gestor::new(), |_| Answer::Page(500, 0));
    dead.install("loja", "1.0.0");
    let refused = dead.policy("loja", &json!({"politica": "automatica"}));
    assert_eq!(refused.code, ExitCode::ParamsOrFile);
    assert!(
        refused.report["erros"][0].as_str().unwrap().contains("2xx"),
        "{}",
        refused.report
    );
}

#[test]
fn what_cannot_be_taken_back_halts_everything() {
    let gestor = Gestor::new();
    let root = gestor.root().to_owned();
    let kept = root.join("backups/plugins/loja/1.0.0.zip");
    let world = World::with(gestor, move |_| {
        if version_of(&root, "loja") != "1.1.0" {
            return Answer::Page(200, 5_000);
        }
        let _ = fs::remove_file(&kept);
        Answer::Page(500, 5_000)
    });
    ready(&world);
    let run = world.run(&json!({})).expect(ExitCode::Irreversible).report;
    assert_eq!(run["revertidas"][0]["codigo"], json!(ExitCode::Irreversible.number()));
    stands(&world, "loja", "falhou", "nao_revertida");
    world.release(&plugin("loja", "1.1.1"), "loja", "1.1.1");
    world.clock.goes(100 * 60);
    world.run(&json!({"agora": true})).expect(ExitCode::Ok);
    world.clock.goes(100 * 60);
    world.run(&json!({"agora": true})).expect(ExitCode::Ok);
    stands(&world, "loja", "falhou", "nao_revertida");
    assert_eq!(world.version("loja"), "1.1.0");
}

#[test]
fn nothing_comes_without_something_to_go_back_to() {
    let world = World::new();
    world.install("loja", "1.0.0");
    world
        .policy("loja", &json!({"politica": "automatica"}))
        .expect(ExitCode::Ok);
    fs::remove_file(world.gestor.root().join("backups/plugins/loja/1.0.0.zip")).unwrap();
    world.release(&plugin("loja", "1.1.0"), "loja", "1.1.0");
    world.run(&json!({})).expect(ExitCode::Ok);
    stands(&world, "loja", "disponivel", "nao_guardada");
}

/// What an address holds for the server alone is shown to nobody else; two pages that look alike are told apart.
#[test]
fn secrets_of_addresses_are_not_shown() {
    let gestor = Gestor::new();
    let root = gestor.root().to_owned();
    let world = World::with(gestor, move |path| match path {
        "/?chave=s3gredo" if version_of(&root, "loja") == "1.1.0" => Answer::Page(500, 10),
        _ => Answer::Page(200, 5_000),
    });
    let with_user = world.pages.url.replace("http://", "http://ana:s3nha@");
    let trust =
        world.rules(&json!({"saude": [format!("{}?outra=1", world.pages.url), format!("{with_user}?chave=s3gredo")]}));
    world.install("loja", "1.0.0");
    let more = json!({"confianca": trust});
    world
        .policy("loja", &json!({"politica": "automatica", "confianca": trust}))
        .expect(ExitCode::Ok);
    world.release(&plugin("loja", "1.1.0"), "loja", "1.1.0");
    world.run(&more).expect(ExitCode::Ok);
    world.clock.goes(80 * 60);
    let run = world.run(&more).expect(ExitCode::RolledBack).report;
    assert_eq!(world.version("loja"), "1.0.0");
    let asked = world.pages.asked.lock().unwrap().clone();
    assert!(asked.iter().any(|path| path == "/?chave=s3gredo"));
    let database = &world.gestor.database;
    let rows = database
        .value("SELECT GROUP_CONCAT(CONCAT_WS(' ', motivo, saude)) FROM gestor_plugins_atualizacoes")
        .unwrap();
    let events = database
        .value("SELECT GROUP_CONCAT(detalhe) FROM gestor_plugins_eventos")
        .unwrap();
    let log = fs::read_to_string(world.gestor.root().join("logs/plugins/installer.log")).unwrap();
    for text in [run.to_string(), rows, events, log] {
        assert!(!text.contains("s3nha") && !text.contains("s3gredo"), "{text}");
    }
}

/// A policy that cannot be read keeps nobody from watching the site, nor from going back.
#[test]
fn a_policy_that_cannot_be_read_ends_no_watch() {
    let is_dead = Arc::new(Mutex::new(false));
    let dead = Arc::clone(&is_dead);
    let world = World::with(Gestor::new(), move |_| {
        Answer::Page(if *dead.lock().unwrap() { 503 } else { 200 }, 5_000)
    });
    ready(&world);
    world.run(&json!({})).expect(ExitCode::Ok);
    stands(&world, "loja", "observando", "observacao");
    let trust = world.rules(&json!({"plugins": {"loja": {"atualizacao": {"nivel": "tudo"}}}}));
    *is_dead.lock().unwrap() = true;
    for code in [ExitCode::Ok, ExitCode::RolledBack] {
        world.clock.goes(5);
        let run = world.run(&json!({"confianca": trust})).expect(code).report;
        assert!(run["avisos"].to_string().contains("politica.json"), "{run}");
    }
    assert_eq!(world.version("loja"), "1.0.0");
}

/// However many pages say nothing, a look at them takes no longer than some of them do.
#[test]
fn mute_pages_are_not_waited_for_one_after_the_other() {
    let gestor = Gestor::new();
    let root = gestor.root().to_owned();
    let world = World::with(gestor, move |_| {
        if version_of(&root, "loja") == "1.1.0" {
            Answer::Silence
        } else {
            Answer::Page(200, 5_000)
        }
    });
    let pages: Vec<_> = (0..20).map(|number| format!("{}{number}", world.pages.url)).collect();
    let trust = world.rules(&json!({"saude": pages}));
    let more = json!({"confianca": trust});
    world.install("loja", "1.0.0");
    world
        .policy("loja", &json!({"politica": "automatica", "confianca": trust}))
        .expect(ExitCode::Ok);
    world.release(&plugin("loja", "1.1.0"), "loja", "1.1.0");
    world.run(&more).expect(ExitCode::Ok);
    world.clock.goes(80 * 60);
    world.pages.asked.lock().unwrap().clear();
    world.run(&more).expect(ExitCode::RolledBack);
    // All of them twice before, and a few in each of two looks.
    let asked = world.pages.asked.lock().unwrap().len();
    assert!((42..60).contains(&asked), "{asked}");
}

/// One that is watched, on a page that dies when it is told to.
fn watched() -> (World, Arc<Mutex<bool>>) {
    let is_dead = Arc::new(Mutex::new(false));
    let dead = Arc::clone(&is_dead);
    let world = World::with(Gestor::new(), move |path| {
        let is_dead = *dead.lock().unwrap() && !path.starts_with("/well");
        Answer::Page(if is_dead { 503 } else { 200 }, 5_000)
    });
    ready(&world);
    world.run(&json!({})).expect(ExitCode::Ok);
    stands(&world, "loja", "observando", "observacao");
    (world, is_dead)
}

/// A policy that is none at all keeps nobody from watching the site either; that it is none is told.
#[test]
fn a_policy_that_is_none_ends_no_watch() {
    for policy in ["{broken", r#"{"aviso_email": "a b"}"#, r#"{"foo": 1}"#] {
        let (world, is_dead) = watched();
        let trust = world.rules(&json!({}));
        fs::write(trust.join("politica.json"), policy).unwrap();
        let run = || world.run(&json!({"confianca": trust}));
        world.clock.goes(5);
        run().expect(ExitCode::ParamsOrFile);
        *is_dead.lock().unwrap() = true;
        let mut told = String::new();
        for _ in 0..2 {
            world.clock.goes(5);
            told = run().expect(ExitCode::ParamsOrFile).report.to_string();
        }
        assert!(
            told.contains("politica.json") && told.contains("answers with status 503"),
            "{told}"
        );
        // What nobody can read lets nothing be installed, the version before neither.
        fs::write(trust.join("politica.json"), "{}").unwrap();
        run().expect(ExitCode::RolledBack);
        assert_eq!(world.version("loja"), "1.0.0", "{policy}");
    }
}

/// What stands in the way of one plugin keeps no other from being watched.
#[test]
fn what_is_wrong_with_one_plugin_ends_no_other_ones_watch() {
    let (world, is_dead) = watched();
    world.install("blog", "1.0.0");
    let folder = world.gestor.root().join("temp/plugins/blog");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("journal.json"), "garbage").unwrap();
    *is_dead.lock().unwrap() = true;
    for _ in 0..2 {
        world.clock.goes(5);
        let told = world.run(&json!({})).report;
        assert!(told.to_string().contains("blog"), "{told}");
    }
    assert_eq!(world.version("loja"), "1.0.0");
}

/// Garbage among what is remembered of pages is none; a page that is no longer named says nothing.
#[test]
fn pages_that_are_not_named_any_more_say_nothing() {
    let (world, is_dead) = watched();
    let trust = world.rules(&json!({"saude": [format!("{}well?x=1", world.pages.url)]}));
    *is_dead.lock().unwrap() = true;
    for _ in 0..3 {
        world.clock.goes(5);
        world.run(&json!({"confianca": trust})).expect(ExitCode::Ok);
    }
    assert_eq!(world.version("loja"), "1.1.0", "the page that died is not named");
    let garbage = "UPDATE gestor_plugins_atualizacoes SET estado = 'observando', saude = '{\"sondas\": [{\"url\": \"nope\", \"status\": 200, \
                   \"caminho\": \"/\", \"bytes\": 1, \"falhas\": 4294967295}]}'";
    world.gestor.database.run(garbage);
    world.run(&json!({})).expect(ExitCode::Ok);
}

/// A download that breaks off once the update has begun is tried again; a newer version is not kept from coming either.
#[test]
fn an_update_that_broke_off_is_tried_again() {
    let world = World::new();
    ready(&world);
    let place = "/web/o/r/releases/download/plugin-loja-v1.1.0/gestor-plugin.zip";
    let bytes = bytes_of(&plugin("loja", "1.1.0"));
    world.github.on(place, [Reply::ok(bytes.clone()), Reply::new(404, "")]);
    let run = world.run(&json!({})).expect(ExitCode::Ok).report;
    assert_eq!(
        run["aplicadas"][0]["codigo"],
        json!(ExitCode::Download.number()),
        "{run:#}"
    );
    assert_eq!(world.version("loja"), "1.0.0");
    world.github.on(place, [Reply::ok(bytes)]);
    world.clock.goes(15);
    world.run(&json!({})).expect(ExitCode::Ok);
    assert_eq!(world.version("loja"), "1.1.0");
}
