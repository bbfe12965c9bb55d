//! Broken machines: each is made of real parts, and named with what to do.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use gestor_plugins::outcome::ExitCode;
use serde_json::Value;

use super::{Said, Site, shop};
use crate::support::child;
use crate::support::mariadb::OwnServer;
use crate::support::scene::{Kind, Scene};

/// A program in the place of PHP: the real one, with more options before those that it is given.
fn php(site: &Site, options: &str, instead: &str) -> PathBuf {
    let path = site.gestor.root().join("wrapped-php");
    fs::write(&path, format!("#!/bin/sh\n{instead}\nexec php {options} \"$@\"\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

/// Answers as a PHP that loads an extension of some version does.
fn with_extension(version: &str) -> String {
    format!(
        "case \"$1\" in -r) echo; echo '{{\"extension\":\"{version}\",\"ffi\":false,\"pdo\":true,\"cache\":false,\"stale\":false}}'; exit 0;; esac"
    )
}

/// Whether a report names something, with what it is, where it is and what to do.
#[track_caller]
fn assert_names(said: &Said, name: &str, place: &str, level: &str) {
    let report = said.json();
    let found = report["achados"]
        .as_array()
        .unwrap()
        .iter()
        .find(|found| found["nome"] == name && found["onde"].as_str().unwrap().contains(place));
    let found = found.unwrap_or_else(|| panic!("{name} at {place}: {report:#}"));
    assert_eq!(found["nivel"], level, "{name}");
    for key in ["oque", "fazer"] {
        assert!(found[key].as_str().unwrap().len() > 10, "{name}: {found}");
    }
    let code = if level == "erro" {
        ExitCode::Drift.number()
    } else {
        said.code
    };
    assert_eq!((said.code, report["codigo"].as_i64()), (code, Some(i64::from(code))));
}

fn names(said: &Said) -> Vec<String> {
    let report = said.json();
    let found = report["achados"].as_array().unwrap().iter();
    found.map(|found| found["nome"].as_str().unwrap().to_owned()).collect()
}

fn doctor(site: &Site, more: &[&str]) -> Said {
    site.run(&[&["doctor", "--json"], more].concat())
}

/// A gestor that lacks nothing, and the PHP that it is looked at with.
fn healthy() -> (Site, String) {
    let site = Site::new();
    site.put_php();
    let php = php(&site, "", &with_extension(env!("CARGO_PKG_VERSION")));
    (site, php.to_str().unwrap().to_owned())
}

#[test]
fn what_is_in_order_ends_with_zero() {
    let (site, php) = healthy();
    let said = doctor(&site, &["--php", &php]).expect(ExitCode::Ok);
    // The disk, the server and its settings are this machine's.
    let found = names(&said);
    let of_machine = [
        "disco_quase_cheio",
        "banco_nao_estrito",
        "drop_in_de_outra_versao",
        "pacote_pequeno",
    ];
    assert!(
        found.iter().all(|name| of_machine.contains(&name.as_str())),
        "{found:?}"
    );
    let text = site.run(&["doctor", "--php", &php]).expect(ExitCode::Ok);
    assert!(!text.out.is_empty() && text.err.is_empty(), "{}", text.out);
}

#[test]
fn a_php_that_cannot_work_is_named() {
    let site = Site::new();
    site.put_php();
    let look = |options: &str, instead: &str| doctor(&site, &["--php", php(&site, options, instead).to_str().unwrap()]);
    assert_names(&doctor(&site, &["--php=/nowhere/php"]), "php_ausente", "php", "erro");
    assert_names(&look("-n", ""), "extensao_e_ffi_ausentes", "wrapped-php", "erro");
    assert_names(
        &look("", &with_extension("0.0.9")),
        "extensao_de_outra_versao",
        "wrapped-php",
        "erro",
    );
    assert_names(&look("-n", ""), "php_sem_pdo_mysql", "wrapped-php", "erro");
    assert_names(
        &look(
            "-d opcache.enable=1 -d opcache.enable_cli=1 -d opcache.validate_timestamps=0",
            "",
        ),
        "opcache_sem_validacao",
        "wrapped-php",
        "aviso",
    );
    site.put("bibliotecas/plugins-native/libgestor_plugins.so.0", "");
    assert_names(&look("-d ffi.enable=1", ""), "extensao_ausente", "wrapped-php", "aviso");
    assert_names(
        &look("", "case \"$1\" in -r) echo 'PHP Fatal error: no'; exit 255;; esac"),
        "php_quebrado",
        "wrapped-php",
        "erro",
    );
    site.put("config.php", "<?php this is broken");
    assert_names(&look("", ""), "config_invalido", "config.php", "erro");
    site.put("config.php", "<?php throw new Exception('no domain');");
    let said = look("", &with_extension(env!("CARGO_PKG_VERSION")));
    assert_names(&said, "config_interrompe", "config.php", "erro");
    assert!(said.out.contains("no domain"), "{}", said.out);
}

#[test]
fn files_that_are_not_as_they_should_be_are_named() {
    let (site, php) = healthy();
    let look = || doctor(&site, &["--php", &php]);
    let shared = "bibliotecas/plugins-installer.php";
    let ours = fs::read_to_string(site.gestor.root().join(shared)).unwrap();
    site.put(shared, "<?php // the gestor's own\n");
    assert_names(&look(), "drop_in_revertido", shared, "erro");
    site.put(shared, &ours);
    let own = site.gestor.root().join("bibliotecas/plugins-native/program.php");
    fs::rename(&own, own.with_extension("gone")).unwrap();
    assert_names(&look(), "drop_in_ausente", "program.php", "erro");
    fs::rename(own.with_extension("gone"), &own).unwrap();
    let trust = site.gestor.root().join("autenticacoes/a.example/plugins");
    fs::create_dir(&trust).unwrap();
    site.put("autenticacoes/a.example/plugins/politica.json", "{}");
    fs::set_permissions(trust.join("politica.json"), fs::Permissions::from_mode(0o666)).unwrap();
    assert_names(&look(), "confianca_insegura", "a.example/plugins", "erro");
    fs::remove_dir_all(&trust).unwrap();
    let told = Said::of(
        &site
            .command(&["doctor", "--json", "--php", &php])
            .env("GESTOR_PLUGINS_ADOCAO", "x")
            .output()
            .unwrap(),
    );
    assert_names(&told, "configuracao_errada", "GESTOR_PLUGINS_ADOCAO", "aviso");
    assert!(nix::unistd::geteuid().is_root(), "run these tests as root");
    std::os::unix::fs::chown(site.gestor.root().join("backups"), Some(33), Some(33)).unwrap();
    assert_names(&look(), "dono_diferente", "backups", "erro");
    let root = site.gestor.root();
    fs::set_permissions(root, fs::Permissions::from_mode(0o755)).unwrap();
    std::os::unix::fs::chown(root.join("plugins"), Some(33), Some(33)).unwrap();
    // It becomes the owner of plugins/, who may not write where root alone may.
    assert_names(&look(), "pasta_nao_gravavel", "temp", "erro");
}

#[test]
fn a_database_that_cannot_work_is_named() {
    let (site, php) = healthy();
    let look = |more: &[&str]| doctor(&site, &[&["--php", php.as_str()], more].concat());
    assert_names(
        &look(&["--db-socket=/nowhere.sock"]),
        "banco_inacessivel",
        "/nowhere.sock",
        "erro",
    );
    assert_names(&look(&["--dominio=other"]), "dominio_invalido", "autenticacoes", "erro");
    let database = &site.gestor.database;
    let user = format!("few_{}", database.name());
    database.run(&format!(
        "CREATE USER {user}@localhost; GRANT SELECT, INSERT, UPDATE, DELETE ON {}.* TO {user}@localhost",
        database.name()
    ));
    let said = look(&["--db-user", &user]);
    assert_names(&said, "direitos_do_banco", database.name(), "erro");
    assert!(said.out.contains("CREATE, ALTER, DROP, INDEX"), "{}", said.out);
    database.run(&format!("DROP USER {user}@localhost"));
}

#[test]
fn a_server_that_is_set_badly_is_named() {
    let server = OwnServer::start(&["--sql-mode=", "--max-allowed-packet=1M", "--read-only=1"]);
    let (site, php) = healthy();
    let said = doctor(
        &site,
        &[
            "--php",
            &php,
            "--db-socket",
            server.socket.to_str().unwrap(),
            "--db-name=mysql",
        ],
    );
    for (name, level) in [
        ("banco_nao_estrito", "aviso"),
        ("pacote_pequeno", "aviso"),
        ("banco_somente_leitura", "erro"),
    ] {
        assert_names(&said, name, "mysql@", level);
    }
}

#[test]
fn an_operation_that_was_killed_is_named_and_so_is_one_that_runs() {
    let scene = Scene::new(Kind::Update);
    scene.reset();
    child::start(&scene.call(), Some("rows:kill")).wait().unwrap();
    let socket = scene.gestor.database.socket().to_str().unwrap().to_owned();
    let look = || {
        let mut command = std::process::Command::new(super::PROGRAM);
        command
            .env_clear()
            .env("GESTOR_PLUGINS_LANG", "en")
            .args(["doctor", "--json", "--gestor"])
            .arg(scene.gestor.root());
        command.args([
            "--db-user=root",
            "--db-socket",
            &socket,
            "--db-name",
            scene.gestor.database.name(),
        ]);
        Said::of(&command.output().unwrap())
    };
    let said = look();
    assert_names(&said, "operacao_interrompida", crate::support::scene::SLUG, "erro");
    assert!(said.out.contains("gestor-plugins recover"));
    scene.settle("doctor");
    assert!(!names(&look()).contains(&"operacao_interrompida".to_owned()));

    let site = Site::new();
    let mut large = shop("1.0.0");
    for number in 0..4000 {
        large = large.file(&format!("modules/loja/f{number}.php"), "<?php ".repeat(50));
    }
    let zip = site.zip(&large, "1.zip");
    let mut child = site
        .command(&["install", "loja", "--quiet", "--arquivo", zip.to_str().unwrap()])
        .spawn()
        .unwrap();
    let pid = child.id().to_string();
    let seen = (0..400).any(|_| {
        let said = doctor(&site, &["--php=/nowhere"]);
        let report: Value = said.json();
        let found = report["achados"].as_array().unwrap().clone();
        let running = found.iter().find(|found| found["nome"] == "operacao_em_execucao");
        running.is_some_and(|found| found["oque"].as_str().unwrap().contains(&pid))
    });
    child.wait().unwrap();
    assert!(seen, "nobody saw that {pid} runs");
}
