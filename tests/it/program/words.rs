//! Wrong calls, odd places, and readers that go away.

use std::fs::File;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use gestor_plugins::outcome::ExitCode;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::json;

use super::{PROGRAM, Said, Site, shop};
use crate::support::package::Package;
use crate::support::proxy::{Fate, Proxy, Rule};

fn run(words: &[&str]) -> Said {
    let mut command = Command::new(PROGRAM);
    Said::of(
        &command
            .env_clear()
            .env("GESTOR_PLUGINS_LANG", "en")
            .args(words)
            .output()
            .unwrap(),
    )
}

/// Whoever asks for JSON gets it, however wrong the call is.
#[test]
fn a_wrong_call_is_json_where_that_is_asked_for() {
    for words in [
        &["--json"][..],
        &["nonsense", "--json"],
        &["rollback", "--json"],
        &["list", "--json", "--nonsense"],
        &["list", "--json", "--gestor", "/nowhere at all"],
        &["install", "x", "--json", "--gestor=/"],
    ] {
        let said = run(words).expect(ExitCode::ParamsOrFile);
        let report = said.json();
        assert_eq!(report["codigo"], json!(10), "{words:?}");
        assert!(
            !report["erros"][0].as_str().unwrap().is_empty() && said.err.is_empty(),
            "{words:?} {}",
            said.err
        );
        let plain: Vec<_> = words.iter().copied().filter(|word| *word != "--json").collect();
        let said = run(&plain);
        assert!(said.out.is_empty() && !said.err.is_empty(), "{plain:?} {}", said.out);
    }
}

#[test]
fn help_and_version_need_no_gestor() {
    for words in [
        &["--help"][..],
        &["install", "--help"],
        &["agendar", "-h"],
        &["--version"],
    ] {
        let said = run(words).expect(ExitCode::Ok);
        assert!(!said.out.is_empty() && said.err.is_empty(), "{words:?}");
    }
    let mut command = Command::new(PROGRAM);
    let said = Said::of(&command.env_clear().args(["rollback", "--help"]).output().unwrap());
    assert!(
        said.out.contains("Uso: gestor-plugins rollback [OPÇÕES]"),
        "{}",
        said.out
    );
}

#[test]
fn a_reader_that_went_away_changes_nothing_of_what_was_done() {
    let site = Site::new();
    let zip = site.zip(&shop("1.0.0"), "1.zip");
    let mut command = site.command(&["install", "loja", "--arquivo", zip.to_str().unwrap()]);
    let full = File::options().write(true).open("/dev/full").unwrap();
    let said = Said::of(&command.stdout(full).stderr(Stdio::piped()).output().unwrap()).expect(ExitCode::Move);
    assert!(said.err.contains("No space"), "{}", said.err);
    assert!(!site.gestor.tree("loja").is_empty(), "it is done all the same");
    let mut child = site
        .command(&["list", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    Said::of(&child.wait_with_output().unwrap()).expect(ExitCode::Ok);
    let closed = Command::new("sh")
        .args(["-c", "exec \"$0\" list --gestor \"$1\" >&- 2>&- <&-", PROGRAM])
        .arg(site.gestor.root())
        .output()
        .unwrap();
    assert!(closed.status.success());
}

/// Who asked for an answer and got none, or half of one, is told so by the status.
#[test]
fn what_could_not_be_written_is_no_success() {
    let site = Site::new();
    let full = || Stdio::from(File::options().write(true).open("/dev/full").unwrap());
    let root = site.gestor.root().to_str().unwrap();
    for words in [
        &["list", "--gestor", root][..],
        &["list", "--json", "--gestor", root],
        &["validate", "--list"],
        &["--help"],
        &["--version"],
    ] {
        let mut command = Command::new(PROGRAM);
        let said = Said::of(&command.args(words).stdout(full()).output().unwrap()).expect(ExitCode::Move);
        assert!(said.err.contains("stdout: "), "{words:?}: {}", said.err);
    }
    // How it failed counts for more.
    let said = site.command(&["uninstall", "nobody"]).stdout(full()).output().unwrap();
    Said::of(&said).expect(ExitCode::NotInstalled);
}

/// Ctrl-C ends it as the library does: all of it is undone, and the code says so.
#[test]
fn a_signal_cancels_and_everything_is_undone() {
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        // On a busy machine an installation may have ended before the signal is sent.
        assert!((0..10).any(|_| was_cancelled_by(signal)), "{signal}");
    }
}

fn was_cancelled_by(signal: Signal) -> bool {
    let site = Site::new();
    let mut large = shop("1.0.0");
    for number in 0..3000 {
        large = large.file(&format!("modules/loja/f{number}.php"), "<?php ".repeat(50));
    }
    let before = site.gestor.database.dump(&[]);
    let zip = site.zip(&large, "1.zip");
    let mut command = site.command(&["install", "loja", "--json", "--arquivo", zip.to_str().unwrap()]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let work = site.gestor.root().join("temp/plugins/loja");
    let until = Instant::now() + Duration::from_secs(20);
    while !work.exists() && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(1));
    }
    kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), signal).unwrap();
    let said = Said::of(&child.wait_with_output().unwrap());
    if said.json()["codigo"] == json!(0) {
        assert!(!site.gestor.tree("loja").is_empty());
        return false;
    }
    let said = said.expect(ExitCode::Cancelled);
    assert_eq!(said.json()["codigo"], json!(ExitCode::Cancelled.number()));
    assert!(site.gestor.tree("loja").is_empty() && !work.exists());
    let own = |line: &&String| !line.starts_with("gestor_plugins_");
    let after = site.gestor.database.dump(&[]);
    assert_eq!(
        before.iter().filter(own).count(),
        after
            .iter()
            .filter(|line| own(line) && !line.starts_with("plugins "))
            .count()
    );
    true
}

/// Two at once: one waits or is refused, and both end.
#[test]
fn two_at_once_do_not_disturb_each_other() {
    let site = Site::new();
    let zips = ["1.0.0", "1.1.0"].map(|version| site.zip(&shop(version), &format!("{version}.zip")));
    let children = zips.map(|zip| {
        let mut command = site.command(&["install", "loja", "--arquivo", zip.to_str().unwrap()]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    });
    let codes = children.map(|child| Said::of(&child.wait_with_output().unwrap()).code);
    assert!(codes.contains(&0), "{codes:?}");
    let allowed = [0, ExitCode::Locked.number(), ExitCode::AlreadyInstalled.number()];
    assert!(codes.iter().all(|code| allowed.contains(code)), "{codes:?}");
    site.run(&["verify"]).expect(ExitCode::Ok);
}

#[test]
fn a_folder_of_any_name_will_do() {
    let site = Site::new();
    let odd = tempfile::Builder::new().prefix("a b'\"$ é\n").tempdir().unwrap();
    let target = odd.path().join("gestor");
    std::os::unix::fs::symlink(site.gestor.root(), &target).unwrap();
    let zip = odd.path().join("p k.zip");
    Package::new("odd", "1.0.0").write(&zip);
    let mut command = Command::new(PROGRAM);
    let command = command
        .env_clear()
        .env("GESTOR_PLUGINS_LANG", "en")
        .current_dir(odd.path());
    let said = Said::of(
        &command
            .args(["install", "odd", "--gestor=gestor", "--arquivo=p k.zip"])
            .output()
            .unwrap(),
    );
    said.expect(ExitCode::Ok);
}

/// The site's database by a socket that every user reaches: the server's own may stand where its owner alone looks.
fn open_to_all(site: &Site) -> Proxy {
    let rule = Rule {
        statement: "never sent",
        fate: Fate::Lost,
        then_closed: false,
    };
    let proxy = Proxy::to(site.gestor.database.socket(), rule);
    for path in [proxy.socket.parent().unwrap(), &proxy.socket] {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o777)).unwrap();
    }
    proxy
}

/// Started as root, nothing that it makes is root's; and who may not write is told.
#[test]
fn it_becomes_the_owner_of_the_sites_files() {
    assert!(nix::unistd::geteuid().is_root(), "run these tests as root");
    let site = Site::new();
    let owner = 33;
    let proxy = open_to_all(&site);
    let socket = format!("--db-socket={}", proxy.socket.display());
    for entry in walkdir::WalkDir::new(site.gestor.root())
        .into_iter()
        .map(Result::unwrap)
    {
        std::os::unix::fs::chown(entry.path(), Some(owner), Some(owner)).unwrap();
    }
    std::fs::set_permissions(site.gestor.root(), std::fs::Permissions::from_mode(0o755)).unwrap();
    site.gestor
        .database
        .run("CREATE USER IF NOT EXISTS plain@localhost; GRANT ALL ON `t%`.* TO plain@localhost");
    let zip = site.zip(&shop("1.0.0"), "1.zip");
    std::fs::set_permissions(zip.parent().unwrap(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let words = [
        "install",
        "loja",
        "--db-user=plain",
        &socket,
        "--arquivo",
        zip.to_str().unwrap(),
    ];
    site.run(&words).expect(ExitCode::Ok);
    for entry in walkdir::WalkDir::new(site.gestor.root())
        .into_iter()
        .map(Result::unwrap)
    {
        use std::os::unix::fs::MetadataExt as _;
        assert_eq!(entry.metadata().unwrap().uid(), owner, "{}", entry.path().display());
    }
    let mut command = Command::new("setpriv");
    let other = command
        .args([
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
            PROGRAM,
            "install",
            "loja",
            "--reprocessar",
            "--db-user=plain",
            &socket,
            "--arquivo",
        ])
        .arg(&zip)
        .arg("--gestor")
        .arg(site.gestor.root())
        .output()
        .unwrap();
    assert_eq!(
        other.status.code(),
        Some(ExitCode::Move.number()),
        "{}",
        Said::of(&other).err
    );
}

#[test]
fn shells_and_man_take_what_they_are_given() {
    for shell in ["bash", "zsh", "fish"] {
        let said = run(&["completion", shell]).expect(ExitCode::Ok);
        assert!(
            said.out.contains("rollback") && said.out.contains("db-socket"),
            "{shell}"
        );
    }
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("completion.bash");
    std::fs::write(&script, run(&["completion", "bash"]).out).unwrap();
    let line = "source \"$0\"; COMP_WORDS=(gestor-plugins roll); COMP_CWORD=1; _gestor__plugins gestor-plugins roll gestor-plugins; echo \"${COMPREPLY[@]}\"";
    let completed = Command::new("bash").args(["-c", line]).arg(&script).output().unwrap();
    assert_eq!(Said::of(&completed).out, "rollback\n");
    let page = folder.path().join("gestor-plugins.1");
    std::fs::write(&page, run(&["man"]).out).unwrap();
    let text = std::fs::read_to_string(&page).unwrap();
    assert!(
        text.contains("GESTOR\\-PLUGINS ROLLBACK") || text.contains("GESTOR-PLUGINS ROLLBACK"),
        "{text}"
    );
    run(&["completion", "tcsh"]).expect(ExitCode::ParamsOrFile);
}
