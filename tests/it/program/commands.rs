//! The operations, one command each.

use std::io::Write as _;
use std::process::Stdio;

use gestor_plugins::outcome::ExitCode;
use serde_json::json;

use super::{Said, Site, shop};

#[test]
fn a_plugin_lives_and_dies_by_the_program() {
    let site = Site::new();
    let told = site.install(&shop("1.0.0"), "with spaces 1.zip").expect(ExitCode::Ok);
    assert!(told.out.starts_with("loja 1.0.0: 0 OK\n"), "{}", told.out);
    assert!(told.out.contains("  paginas: 1 new\n"), "{}", told.out);
    // No terminal: no bar, no colours.
    assert!(!told.out.contains('\x1b') && !told.err.contains('\r'), "{}", told.err);
    let told = site.install(&shop("1.1.0"), "2.zip").expect(ExitCode::Ok);
    assert!(told.out.starts_with("loja 1.0.0 → 1.1.0: 0 OK\n"), "{}", told.out);
    let listed = site.run(&["list", "--json"]).expect(ExitCode::Ok).json();
    assert_eq!(listed["plugins"][0]["versao"], json!("1.1.0"), "{listed:#}");
    let told = site.run(&["history", "loja", "--limite=1"]).expect(ExitCode::Ok);
    assert!(
        told.out.contains("versao_para=1.1.0") && !told.out.contains("versao_para=1.0.0"),
        "{}",
        told.out
    );
    site.run(&["verify", "loja"]).expect(ExitCode::Ok);
    let told = site.run(&["rollback", "--plugin=loja"]).expect(ExitCode::Ok);
    assert!(told.out.contains("1.1.0 → 1.0.0"), "{}", told.out);
    site.run(&["disable", "loja"]).expect(ExitCode::Ok);
    site.run(&["enable", "loja"]).expect(ExitCode::Ok);
    site.run(&["uninstall", "loja", "--dry-run"]).expect(ExitCode::Ok);
    site.run(&["uninstall", "loja"]).expect(ExitCode::Ok);
    site.run(&["restore", "loja"]).expect(ExitCode::Ok);
    site.run(&["conflicts", "loja"]).expect(ExitCode::Ok);
    site.run(&["prune", "--dry-run"]).expect(ExitCode::Ok);
    site.run(&["recover"]).expect(ExitCode::Ok);
    site.run(&["running"]).expect(ExitCode::Ok);
    let metrics = site.run(&["metrics", "--formato=openmetrics"]).expect(ExitCode::Ok);
    assert!(metrics.out.ends_with("# EOF\n"), "{}", metrics.out);
    let audit = site.run(&["audit", "verify"]).expect(ExitCode::Ok);
    assert!(audit.out.contains("tamanho="), "{}", audit.out);
    site.run(&["update-all", "--dry-run", "--quiet"]);
    site.run(&["uninstall", "loja", "--modo=expurgar"]).expect(ExitCode::Ok);
    assert_eq!(site.gestor.database.count("paginas", "1"), 0);
}

#[test]
fn conflicts_are_decided_and_differences_shown() {
    let site = Site::new();
    site.install(&shop("1.0.0"), "1.zip").expect(ExitCode::Ok);
    site.gestor.database.run("UPDATE paginas SET html='mine'");
    let second = site.zip(&shop("1.1.0"), "2.zip");
    let told = site
        .run(&["diff", "loja", "--arquivo", second.to_str().unwrap()])
        .expect(ExitCode::Ok);
    assert!(
        told.out.contains("(dry run: nothing was changed)") && told.out.contains("  campos: "),
        "{}",
        told.out
    );
    site.install(&shop("1.1.0"), "2.zip").expect(ExitCode::Ok);
    let told = site.run(&["conflicts", "loja"]).expect(ExitCode::Ok);
    assert!(
        told.out.contains("coluna=html") && told.out.contains("meu=mine"),
        "{}",
        told.out
    );
    site.run(&[
        "resolve",
        "loja",
        "--conflito=todos",
        "--escolha=valor",
        "--valor=-third",
    ])
    .expect(ExitCode::Ok);
    assert_eq!(
        site.gestor.database.value("SELECT html FROM paginas").as_deref(),
        Some("-third")
    );
}

#[test]
fn several_packages_are_installed_together_or_none() {
    let site = Site::new();
    let path = |name: &str| {
        site.zip(
            &super::Package::needing(name, "1.0.0", &json!({})),
            &format!("{name}.zip"),
        )
    };
    let (one, two) = (path("one"), path("two"));
    let words = [
        "batch",
        "--arquivo",
        one.to_str().unwrap(),
        "--arquivo",
        two.to_str().unwrap(),
    ];
    let told = site.run(&words).expect(ExitCode::Ok);
    assert!(
        told.out.contains("one 1.0.0: 0 OK") && told.out.contains("two 1.0.0: 0 OK"),
        "{}",
        told.out
    );
    let set = one.with_file_name("set.zip");
    site.run(&["export", set.to_str().unwrap()]).expect(ExitCode::Ok);
    let other = Site::new();
    other
        .run(&["batch", "--importar", set.to_str().unwrap()])
        .expect(ExitCode::Ok);
    assert_eq!(other.gestor.database.count("plugins", "1"), 2);
}

/// A secret is read from standard input; no argument takes one.
#[test]
fn a_secret_is_on_no_command_line() {
    let site = Site::new();
    let mut child = site
        .command(&[
            "credentials",
            "gravar",
            "--alias=gh",
            "--origem=https://api.github.com",
            "--json",
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"t0p-secret\n").unwrap();
    let said = Said::of(&child.wait_with_output().unwrap()).expect(ExitCode::Ok);
    assert!(!said.out.contains("t0p"), "{}", said.out);
    let told = site.run(&["credenciais", "listar"]).expect(ExitCode::Ok);
    assert!(
        told.out.contains("alias=gh") && !told.out.contains("t0p"),
        "{}",
        told.out
    );
    let told = site
        .run(&["credentials", "gravar", "--segredo=x"])
        .expect(ExitCode::ParamsOrFile);
    assert!(told.err.contains("unexpected argument `--segredo`"), "{}", told.err);
}

/// The database by options: the password comes from a file or the environment.
#[test]
fn the_database_may_be_said() {
    let site = Site::new();
    let database = &site.gestor.database;
    let user = format!("pw_{}", database.name());
    database.run(&format!(
        "CREATE USER {user}@localhost IDENTIFIED BY 'p w'; GRANT ALL ON {}.* TO {user}@localhost",
        database.name()
    ));
    std::fs::remove_dir_all(site.gestor.root().join("autenticacoes")).unwrap();
    let file = site.zip(&shop("1.0.0"), "password");
    std::fs::write(&file, "p w\n").unwrap();
    let socket = database.socket().to_str().unwrap().to_owned();
    let words = [
        "list",
        "--db-socket",
        &socket,
        "--db-name",
        database.name(),
        "--db-user",
        &user,
    ];
    site.run(&[&words[..], &["--db-password-file", file.to_str().unwrap()]].concat())
        .expect(ExitCode::Ok);
    let with = site
        .command(&words)
        .env("GESTOR_PLUGINS_DB_PASSWORD", "p w")
        .output()
        .unwrap();
    Said::of(&with).expect(ExitCode::Ok);
    site.run(&words).expect(ExitCode::Sync);
    let told = site.run(&["list"]).expect(ExitCode::ParamsOrFile);
    assert!(told.err.contains("autenticacoes"), "{}", told.err);
    database.run(&format!("DROP USER {user}@localhost"));
}
