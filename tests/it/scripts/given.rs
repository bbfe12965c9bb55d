//! What a script is given, and what it is not.

use std::fs;
use std::os::unix::fs::chown;

use gestor_plugins::config::{Reach, Settings};
use gestor_plugins::model::Secret;
use gestor_plugins::outcome::ExitCode;
use serde_json::json;

use super::{Quiet, Site, output, package};

#[test]
fn its_environment_is_exactly_the_list() {
    let site = Site::new();
    let text = "$all = getenv(); ksort($all); echo json_encode($all, JSON_UNESCAPED_SLASHES), \"\\n\", getcwd(), \"\\n\", ini_get('memory_limit'), \"\\n\", stream_get_contents(STDIN), '|', sprintf('%o', umask());";
    let settings = || Settings {
        script_environment: vec![("PATH", "/usr/bin:/bin".to_owned()), ("LANG", "pt_BR.UTF-8".to_owned())],
        tokens: vec![("PLUGIN_TOKEN_X".to_owned(), Secret::new("tok3n-of-mine"))],
        ..Site::settings()
    };
    for (version, from, action) in [("1.0.0", "", "instalar"), ("1.1.0", "1.0.0", "atualizar")] {
        let call = json!({"arquivo": site.written(&package(version, &[("s/a.php", text)])), "scripts": "executar"});
        let ended = site.go("install", &call, settings(), &mut Quiet).expect(ExitCode::Ok);
        let expected = json!({
            "GESTOR_ROOT": site.gestor.root(), "LANG": "pt_BR.UTF-8", "PATH": "/usr/bin:/bin", "PLUGIN_ACTION": action,
            "PLUGIN_SLUG": "p1", "PLUGIN_VERSION": version, "PLUGIN_VERSION_FROM": from, "TZ": ":/etc/localtime",
        });
        let mut lines = output(&ended.report, 0).lines();
        let found: serde_json::Value = serde_json::from_str(lines.next().unwrap()).unwrap();
        assert_eq!(found, expected);
        assert_eq!(lines.next().unwrap(), site.installed().to_str().unwrap());
        assert_eq!(lines.collect::<Vec<_>>(), ["256M", "|22"]);
    }
}

/// Neither our locks nor anything else of ours.
#[test]
fn it_has_no_handle_of_ours() {
    let site = Site::new();
    let text = "foreach (scandir('/proc/self/fd') as $fd) { $to = @readlink('/proc/self/fd/' . $fd); if ($fd > 2 && $to !== false) echo $fd, ' ', $to, \"\\n\"; }";
    let ended = site
        .install(&package("1.0.0", &[("s/a.php", text)]))
        .expect(ExitCode::Ok);
    let own = |line: &&str| !line.contains("/proc/") && !line.contains("s/a.php");
    let found: Vec<_> = output(&ended.report, 0).lines().filter(own).collect();
    assert_eq!(found, [""; 0]);
}

#[test]
fn it_reaches_the_database_by_the_gestors_own_configuration() {
    let site = Site::new();
    let config = format!(
        "<?php $_BANCO = ['tipo' => 'mysqli', 'host' => 'localhost', 'socket' => '{}', 'nome' => '{}', 'usuario' => 'root', 'senha' => ''];",
        site.gestor.database.socket().display(),
        site.gestor.database.name()
    );
    fs::write(site.gestor.root().join("config.php"), config).unwrap();
    let text = "require getenv('GESTOR_ROOT') . '/config.php'; $db = new PDO(\"mysql:unix_socket={$_BANCO['socket']};dbname={$_BANCO['nome']}\", $_BANCO['usuario'], $_BANCO['senha']); echo $db->query(\"select valor from variaveis where id = 'x-a'\")->fetchColumn(); $db->exec(\"update variaveis set descricao = 'by script' where id = 'x-a'\");";
    let ended = site
        .install(&package("1.0.0", &[("s/a.php", text)]))
        .expect(ExitCode::Ok);
    assert_eq!(output(&ended.report, 0), "1.0.0");
    assert_eq!(site.gestor.database.count("variaveis", "descricao = 'by script'"), 1);
}

/// Only root becomes somebody else: without it this test could show nothing.
#[test]
fn it_runs_as_the_owner_of_the_plugins() {
    assert!(nix::unistd::Uid::effective().is_root(), "as root only");
    let site = Site::new();
    let text = "foreach (file('/proc/self/status') as $line) if (preg_match('/^(Uid|Gid|Groups):/', $line)) echo trim($line), \"\\n\"; echo is_writable('/etc/passwd') ? 'root' : 'nobody';";
    let root = site.gestor.root();
    // The test's folder is private.
    std::process::Command::new("chmod")
        .arg("755")
        .arg(root)
        .status()
        .unwrap();
    fs::create_dir_all(site.gestor.paths().plugins()).unwrap();
    let ended = site
        .install(&package("1.0.0", &[("s/a.php", text)]))
        .expect(ExitCode::Ok);
    assert!(
        output(&ended.report, 0).ends_with("root"),
        "its owner is root: {}",
        ended.report
    );
    chown(site.gestor.paths().plugins(), Some(33), Some(33)).unwrap();
    let ended = site
        .install(&package("1.1.0", &[("s/a.php", text)]))
        .expect(ExitCode::Ok);
    assert_eq!(
        output(&ended.report, 0),
        "Uid:\t33\t33\t33\t33\nGid:\t33\t33\t33\t33\nGroups:\t33\nnobody"
    );
}

#[test]
fn a_secret_that_it_writes_is_not_told() {
    let site = Site::new();
    let mut call = site.call(&json!({}));
    let user = format!("'s{}'@'localhost'", std::process::id());
    site.gestor
        .database
        .run(&format!("CREATE USER {user} IDENTIFIED BY 's3cr3t/w\"ord'"));
    site.gestor.database.run(&format!("GRANT ALL ON *.* TO {user}"));
    call["db"]["usuario"] = json!(format!("s{}", std::process::id()));
    call["db"]["senha"] = json!("s3cr3t/w\"ord");
    let text = "echo 's3cr3t/w\"ord', \"\\n\", json_encode('s3cr3t/w\"ord'), \"\\n\", 'tok3n-of-mine ghp_0123456789abcdef', \"\\n\\x00\\xff\\x1b[31mred\";";
    call["arquivo"] = json!(site.written(&package("1.0.0", &[("s/a.php", text)])));
    call["scripts"] = json!("executar");
    let settings = Settings {
        tokens: vec![("PLUGIN_TOKEN_X".to_owned(), Secret::new("tok3n-of-mine"))],
        ..Site::settings()
    };
    let called = super::called("install", super::Argument::from(&call), &settings);
    let ended = super::run(called, settings, &mut Quiet);
    site.gestor.database.run(&format!("DROP USER {user}"));
    let ended = ended.expect(ExitCode::Ok);
    let everywhere = format!("{} {} {}", ended.report, site.history().1, site.gestor.log());
    for secret in ["s3cr3t", "tok3n-of", "ghp_"] {
        assert!(!everywhere.contains(secret), "{secret}: {everywhere}");
    }
    assert!(
        output(&ended.report, 0).starts_with("***\n\"***\"\n*** ***\n"),
        "{}",
        ended.report
    );
    assert!(!site.gestor.log().contains('\u{1b}'));
}

#[test]
fn open_basedir_of_the_caller_holds_for_it() {
    let site = Site::new();
    let root = site.gestor.root().to_owned();
    let settings = Settings {
        reach: Reach {
            folders: Some(vec![root, site.folder.path().to_owned()]),
            sockets: vec![site.gestor.database.socket().to_owned()],
        },
        ..Site::settings()
    };
    let text = "echo @file_get_contents('/etc/passwd') === false ? 'kept out' : 'in';";
    let call = json!({"arquivo": site.written(&package("1.0.0", &[("s/a.php", text)])), "scripts": "executar"});
    let ended = site.go("install", &call, settings, &mut Quiet).expect(ExitCode::Ok);
    assert_eq!(output(&ended.report, 0), "kept out");
}
