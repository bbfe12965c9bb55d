//! The native program on a gestor: it finds the database by the domain's settings.

use std::fs;
use std::process::{Command, Output};

use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use super::{World, plugin};

const PROGRAM: &str = env!("CARGO_BIN_EXE_gestor-plugins");

fn run(world: &World, more: &[&str]) -> Output {
    Command::new(PROGRAM)
        .env_clear()
        .env("GESTOR_PLUGINS_LANG", "en")
        .env("GESTOR_PLUGINS_GITHUB_API", world.github.url(""))
        .env("GESTOR_PLUGINS_GITHUB_WEB", world.github.url("/web"))
        .args(["agendar", "--gestor"])
        .arg(world.gestor.root())
        .args(["--endereco", &world.pages.url])
        .args(more)
        .output()
        .unwrap()
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
    let domain = |name: &str, database: &str| {
        let folder = world.gestor.root().join("autenticacoes").join(name);
        fs::create_dir_all(&folder).unwrap();
        let socket = world.gestor.database.socket().display();
        let settings = format!("DB_HOST={socket}\nDB_DATABASE=\"{database}\" # ours\nDB_USERNAME=root\nDB_PASSWORD=\n");
        fs::write(folder.join(".env"), settings).unwrap();
    };
    domain("a.example", world.gestor.database.name());
    let ended = run(&world, &[]);
    let told = text(&ended.stdout);
    assert_eq!(ended.status.code(), Some(0), "{told} {}", text(&ended.stderr));
    assert!(
        told.contains("loja 1.0.0 disponivel: version 1.1.0 is there, and the policy is `manual`"),
        "{told}"
    );
    // Of two domains one has to be said.
    domain("b.example", "nowhere");
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
