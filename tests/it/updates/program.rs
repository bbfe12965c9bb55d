//! The native program on a gestor: it finds the database by the domain's settings.

use std::fs;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use chrono::{TimeDelta, Utc};
use gestor_plugins::outcome::ExitCode;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};

use super::{World, plugin};

const PROGRAM: &str = env!("CARGO_BIN_EXE_gestor-plugins");

fn run(world: &World, more: &[&str]) -> Output {
    command(world, more).output().unwrap()
}

fn command(world: &World, more: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command
        .env_clear()
        .env("GESTOR_PLUGINS_LANG", "en")
        .env("GESTOR_PLUGINS_GITHUB_API", world.github.url(""))
        .env("GESTOR_PLUGINS_GITHUB_WEB", world.github.url("/web"))
        .args(["agendar", "--gestor"])
        .arg(world.gestor.root())
        .args(["--endereco", &world.pages.url])
        .args(more);
    command
}

fn domain(world: &World, name: &str, database: &str) {
    let folder = world.gestor.root().join("autenticacoes").join(name);
    fs::create_dir_all(&folder).unwrap();
    let socket = world.gestor.database.socket().display();
    let settings = format!("DB_HOST={socket}\nDB_DATABASE=\"{database}\" # ours\nDB_USERNAME=root\nDB_PASSWORD=\n");
    fs::write(folder.join(".env"), settings).unwrap();
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn the_program_runs_on_a_gestor() {
    let world = World::new();
    world.install("loja", "1.0.0");
    world.release(&plugin("loja", "1.1.0"), "loja", "1.1.0");
    let missing = run(&world, &[]);
    assert_eq!(missing.status.code(), Some(ExitCode::ParamsOrFile.number()));
    assert!(text(&missing.stderr).contains("--dominio") || text(&missing.stderr).contains("autenticacoes"));
    domain(&world, "a.example", world.gestor.database.name());
    let ended = run(&world, &[]);
    let told = text(&ended.stdout);
    assert_eq!(ended.status.code(), Some(0), "{told} {}", text(&ended.stderr));
    assert!(
        told.contains("loja 1.0.0 disponivel: version 1.1.0 is there, and the policy is `manual`"),
        "{told}"
    );
    // Of two domains one has to be said.
    domain(&world, "b.example", "nowhere");
    let several = run(&world, &[]);
    assert_eq!(several.status.code(), Some(ExitCode::ParamsOrFile.number()));
    assert!(text(&several.stderr).contains("a.example, b.example"));
    let ended = run(&world, &["--dominio", "a.example", "--json", "--so-verificar"]);
    let report: Value = serde_json::from_slice(&ended.stdout).unwrap();
    assert_eq!(report["atualizacoes"][0]["estado"], json!("disponivel"), "{report:#}");
    let down = run(&world, &["--dominio", "b.example"]);
    assert_eq!(
        down.status.code(),
        Some(ExitCode::Sync.number()),
        "{}",
        text(&down.stderr)
    );
    let help = Command::new(PROGRAM).args(["agendar", "--help"]).output().unwrap();
    assert!(help.status.success() && text(&help.stdout).contains("--so-verificar"));
}

/// Whoever ends it while it watches the site does not wait; the next one goes on watching.
#[test]
fn a_run_that_watches_ends_at_once_where_it_is_told_to() {
    let world = World::new();
    world.clock.set(Utc::now().fixed_offset() - TimeDelta::hours(1));
    domain(&world, "a.example", world.gestor.database.name());
    world.install("loja", "1.0.0");
    let policy = json!({"politica": "automatica", "carencia_h": 0});
    world.policy("loja", &policy).expect(ExitCode::Ok);
    world.release(&plugin("loja", "1.1.0"), "loja", "1.1.0");
    let mut running = command(&world, &["--agora", "--json"])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let started = Instant::now();
    let state = || {
        world
            .gestor
            .database
            .value("SELECT estado FROM gestor_plugins_atualizacoes")
    };
    while state().as_deref() != Some("observando") {
        assert!(running.try_wait().unwrap().is_none() && started.elapsed() < Duration::from_mins(1));
        thread::sleep(Duration::from_millis(20));
    }
    thread::sleep(Duration::from_millis(300));
    let asked = Instant::now();
    kill(Pid::from_raw(i32::try_from(running.id()).unwrap()), Signal::SIGTERM).unwrap();
    let status = running.wait().unwrap();
    assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
    assert_eq!(status.code(), Some(ExitCode::Cancelled.number()));
    assert_eq!(
        (world.version("loja").as_str(), state().as_deref()),
        ("1.1.0", Some("observando"))
    );
}
