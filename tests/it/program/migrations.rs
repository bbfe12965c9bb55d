//! Migrations and hooks through PHP, in a process of its own.

use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;
use std::time::{Duration, Instant};

use gestor_plugins::outcome::ExitCode;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::{Said, Site, shop};
use crate::support::gestor::tree;
use crate::support::package::Package;

fn with_migration(version: &str, body: &str) -> Package {
    let text = format!(
        "<?php\nfinal class CreateThings extends Phinx\\Migration\\AbstractMigration\n{{\n    public function up(): void {{ {body} }}\n    public function down(): void {{ $this->execute('DROP TABLE things'); }}\n}}\n"
    );
    shop(version).file("db/migrations/20260101000000_create_things.php", text)
}

const CREATE: &str = "echo 'made them'; $this->execute('CREATE TABLE things (id INT PRIMARY KEY)');";

fn has_things(site: &Site) -> bool {
    site.gestor.database.tables().contains(&"things".to_owned())
}

#[test]
fn migrations_run_in_a_php_of_their_own_and_are_undone_there() {
    let site = Site::new();
    site.put_php();
    site.install(&shop("1.0.0"), "1.zip").expect(ExitCode::Ok);
    let told = site
        .install(&with_migration("1.1.0", CREATE), "2.zip")
        .expect(ExitCode::Ok);
    assert!(
        told.out.contains("  migrations: 20260101000000 CreateThings"),
        "{}",
        told.out
    );
    assert!(has_things(&site));
    assert!(site.gestor.log().contains("made them"), "{}", site.gestor.log());
    site.run(&["rollback", "loja"]).expect(ExitCode::Ok);
    assert!(!has_things(&site));
}

/// Where there is no PHP, or it does not start, what needs it is refused before anything is changed, and the reason told.
#[test]
fn without_php_a_package_with_migrations_is_refused() {
    let site = Site::new();
    site.install(&shop("1.0.0"), "1.zip").expect(ExitCode::Ok);
    let zip = site.zip(&with_migration("1.1.0", CREATE), "2.zip");
    let zip = zip.to_str().unwrap();
    let plugin = site.gestor.tree("loja");
    let rows = || site.gestor.database.rows("SELECT * FROM paginas");
    let before = rows();
    let refused = |more: &[&str], told: &str| {
        let said = site
            .run(&[&["install", "loja", "--arquivo", zip], more].concat())
            .expect(ExitCode::Migrate);
        assert!(said.err.contains(told), "{told}: {}", said.err);
        assert_eq!((site.gestor.tree("loja"), rows()), (plugin.clone(), before.clone()));
        assert!(!has_things(&site));
    };
    refused(&[], "there is no ");
    site.put_php();
    refused(&["--php=/nowhere/php"], "/nowhere/php is no file that can be run");
    site.put("config.php", "<?php this is broken");
    refused(&[], "config.php: ");
    site.put("config.php", "<?php exit(3);");
    refused(&[], "config.php: the script ended (exit)");
    site.put("config.php", "<?php\n");
    std::fs::remove_dir_all(site.gestor.root().join("vendor")).unwrap();
    refused(&[], "Phinx was not found");
    site.run(&["install", "loja", "--no-migrations", "--arquivo", zip])
        .expect(ExitCode::Ok);
}

/// The second Ctrl-C does not wait for the migration that runs, and the end is that which was asked for.
#[test]
fn a_second_signal_ends_the_migration_and_is_no_failure() {
    let site = Site::new();
    site.put_php();
    site.install(&shop("1.0.0"), "1.zip").expect(ExitCode::Ok);
    let mark = site.gestor.root().join("begun");
    let wait = format!("touch({:?}); sleep(60);", mark.to_str().unwrap());
    let package = |body: &str| {
        let text = format!(
            "<?php\nfinal class WaitLong extends Phinx\\Migration\\AbstractMigration {{ public function up(): void {{ {body} }} public function down(): void {{}} }}\n"
        );
        with_migration("1.1.0", CREATE).file("db/migrations/20260101000001_wait_long.php", text)
    };
    let zip = site.zip(&package(&wait), "2.zip");
    let mut command = site.command(&["install", "loja", "--json", "--arquivo", zip.to_str().unwrap()]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let until = Instant::now() + Duration::from_mins(1);
    while !mark.exists() && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(10));
    }
    // Whoever looks meanwhile is not told that it was interrupted.
    for words in [&["list", "loja", "--json"][..], &["verify", "loja", "--json"]] {
        let told = site.run(words).out;
        assert!(
            told.contains("is running") && !told.contains("interrupted"),
            "{words:?}: {told}"
        );
        assert!(told.contains(&child.id().to_string()), "{told}");
    }
    for _ in 0..2 {
        kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), Signal::SIGINT).unwrap();
        // Two that are not told apart count once.
        std::thread::sleep(Duration::from_millis(300));
    }
    let said = Said::of(&child.wait_with_output().unwrap()).expect(ExitCode::Cancelled);
    assert!(said.out.contains("an end was asked for again"), "{}", said.out);
    assert_eq!(site.gestor.database.count("plugins", "versao_instalada = '1.0.0'"), 1);
    // The one before it is recorded, and does not run again.
    site.install(&package(""), "3.zip").expect(ExitCode::Ok);
    assert!(has_things(&site));
}

/// A migration that fails, ends its process or kills it undoes the operation.
#[test]
fn a_migration_that_fails_undoes_the_operation() {
    let site = Site::new();
    site.put_php();
    site.install(&shop("1.0.0"), "1.zip").expect(ExitCode::Ok);
    for (body, told) in [
        ("throw new \\RuntimeException('on purpose');", "on purpose"),
        ("exit(0);", "the script ended (exit)"),
        ("undefined_function();", "undefined_function"),
        ("posix_kill(getmypid(), 9);", "ended without an answer"),
        (
            "while (@ob_end_clean()); fwrite(STDOUT, 'noise'); throw new \\RuntimeException('late');",
            "late",
        ),
    ] {
        let said = site
            .install(&with_migration("1.1.0", body), "2.zip")
            .expect(ExitCode::Migrate);
        assert!(said.err.contains(told), "{told}: {}", said.err);
        assert!(tree(&site.gestor.root().join("plugins/loja")).values().len() > 1 && !has_things(&site));
        assert_eq!(
            site.gestor
                .database
                .value("SELECT versao_instalada FROM plugins")
                .as_deref(),
            Some("1.0.0")
        );
    }
    site.install(&with_migration("1.1.0", CREATE), "3.zip")
        .expect(ExitCode::Ok);
}

/// The password goes by a way that no list of processes shows, and stands in no text.
#[test]
fn the_password_is_shown_nowhere() {
    let site = Site::new();
    site.put_php();
    let database = &site.gestor.database;
    let user = format!("pm_{}", database.name());
    database.run(&format!(
        "CREATE USER {user}@localhost IDENTIFIED BY 'V3ryS3cret'; GRANT ALL ON {}.* TO {user}@localhost",
        database.name()
    ));
    let body = "file_put_contents(getcwd() . '/seen', file_get_contents('/proc/self/cmdline') . file_get_contents('/proc/self/environ')); echo 'V3ryS3cret'; fwrite(STDERR, 'V3ryS3cret'); posix_kill(getmypid(), 9);";
    let zip = site.zip(&with_migration("1.0.0", body), "1.zip");
    let words = [
        "install",
        "loja",
        "--json",
        "--db-user",
        &user,
        "--arquivo",
        zip.to_str().unwrap(),
    ];
    let said = Said::of(
        &site
            .command(&words)
            .env("GESTOR_PLUGINS_DB_PASSWORD", "V3ryS3cret")
            .output()
            .unwrap(),
    );
    let said = said.expect(ExitCode::Migrate);
    let seen = std::fs::read(site.gestor.root().join("seen")).unwrap();
    for text in [
        said.out,
        said.err,
        String::from_utf8_lossy(&seen).into_owned(),
        site.gestor.log(),
    ] {
        assert!(!text.contains("V3ryS3cret"), "{text}");
    }
    database.run(&format!("DROP USER {user}@localhost"));
}

/// The gestor finds the hooks of what is new; what goes wrong there is a warning.
#[test]
fn the_gestor_finds_hooks() {
    let site = Site::new();
    site.put_php();
    site.put("bibliotecas/banco.php", "<?php\n");
    site.put("bibliotecas/hooks.php", "<?php\n");
    let controller = "controladores/atualizacoes/atualizacoes-hooks.php";
    site.put(controller, "<?php function atualizacoes_hooks_sincronizar(array $o) { echo 'x'; file_put_contents(__DIR__ . '/called', json_encode($o)); }");
    site.install(&shop("1.0.0"), "1.zip").expect(ExitCode::Ok);
    assert!(site.gestor.root().join("controladores/atualizacoes/called").exists());
    site.put(
        controller,
        "<?php function atualizacoes_hooks_sincronizar(array $o) { throw new Exception('no hooks'); }",
    );
    let said = site.install(&shop("1.1.0"), "2.zip").expect(ExitCode::Ok);
    assert!(
        said.out.contains("  warning: hooks not synchronized: no hooks"),
        "{}",
        said.out
    );
    let php = site.gestor.root().join("php");
    std::fs::write(&php, "#!/bin/sh\nexit 1\n").unwrap();
    std::fs::set_permissions(&php, std::fs::Permissions::from_mode(0o755)).unwrap();
    let zip = site.zip(&shop("1.2.0"), "3.zip");
    let said = site.run(&[
        "install",
        "loja",
        "--php",
        php.to_str().unwrap(),
        "--arquivo",
        zip.to_str().unwrap(),
    ]);
    assert!(said.expect(ExitCode::Ok).out.contains("hooks not synchronized"));
}
