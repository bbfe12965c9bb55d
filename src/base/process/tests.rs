//! Programs that do not want to end, that leave others behind, that write without end: what becomes of them.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::{Account, Captured, Ended, Ending, Program, Stop, run};

const LONG: Duration = Duration::from_secs(20);

fn program(text: &str) -> Program {
    Program {
        path: PathBuf::from("/bin/sh"),
        arguments: ["-c", text].map(OsString::from).to_vec(),
        folder: PathBuf::from("/"),
        environment: vec![("PATH".to_owned(), "/usr/bin:/bin".into())],
        account: None,
    }
}

fn ran(text: &str, time: Duration) -> Ending {
    run(&program(text), time, &mut || true).unwrap()
}

fn said(output: &Captured) -> String {
    output.text(&str::to_owned, &|bytes| format!("[{bytes}]"))
}

/// Processes that run with this text in their command line.
fn alive(mark: &str) -> Vec<String> {
    let all = fs::read_dir("/proc").unwrap().flatten();
    let found = all.filter_map(|entry| {
        let line = fs::read(entry.path().join("cmdline")).ok()?;
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        let is_dead = fs::read_to_string(entry.path().join("stat")).ok()?.contains(") Z ");
        (line.contains(mark) && !is_dead).then_some(line)
    });
    found.collect()
}

#[test]
fn it_ends_with_its_code_and_what_it_wrote() {
    for (text, ended, output) in [
        ("echo out; echo err >&2; echo out", Ended::Code(0), "out\nerr\nout\n"),
        ("exit 3", Ended::Code(3), ""),
        ("kill -SEGV $$", Ended::Signal(11), ""),
        ("cat; pwd", Ended::Code(0), "/\n"),
        ("umask", Ended::Code(0), "0022\n"),
    ] {
        let ending = ran(text, LONG);
        assert_eq!((ending.ended, ending.stopped), (ended, None), "{text}");
        assert_eq!(said(&ending.output), output, "{text}");
        assert!(!ending.left_over);
    }
}

#[test]
fn it_has_nothing_but_what_it_is_given() {
    let held = fs::File::open("/proc/self/status").unwrap();
    let open = nix::fcntl::fcntl(&held, nix::fcntl::FcntlArg::F_SETFD(nix::fcntl::FdFlag::empty()));
    open.unwrap();
    let ending = ran(
        "env | grep -v ^PWD= | grep -v ^_=; ls /proc/$$/fd; grep -E 'SigBlk|SigIgn' /proc/self/status",
        LONG,
    );
    let text = said(&ending.output);
    assert!(text.starts_with("PATH=/usr/bin:/bin\n0\n1\n2\nSig"), "{text}");
    for line in text.lines().filter(|line| line.starts_with("Sig")) {
        assert!(line.ends_with("\t0000000000000000"), "{line}");
    }
}

#[test]
fn what_is_ignored_here_is_not_ignored_there() {
    // This process's own: a test harness has no use for it.
    #[expect(unsafe_code, reason = "a signal is ignored")]
    // SAFETY: no handler is set.
    let before = unsafe {
        let ignored = nix::sys::signal::SigHandler::SigIgn;
        nix::sys::signal::signal(nix::sys::signal::Signal::SIGUSR2, ignored).unwrap()
    };
    let ending = ran("kill -USR2 $$; echo alive", LONG);
    #[expect(unsafe_code, reason = "as before")]
    // SAFETY: what it was.
    unsafe {
        nix::sys::signal::signal(nix::sys::signal::Signal::SIGUSR2, before).unwrap();
    }
    assert_eq!(ending.ended, Ended::Signal(12));
}

#[test]
fn one_that_hears_is_asked_to_end() {
    let begun = Instant::now();
    let ending = ran(
        "trap 'echo bye; exit 7' TERM; while :; do :; done",
        Duration::from_millis(300),
    );
    assert_eq!((ending.ended, ending.stopped), (Ended::Code(7), Some(Stop::Time)));
    assert_eq!(said(&ending.output), "bye\n");
    assert!(begun.elapsed() < Duration::from_secs(4));
}

#[test]
fn one_that_does_not_hear_is_killed_with_all_that_it_left() {
    let begun = Instant::now();
    let text = "trap '' TERM; (trap '' TERM; sleep 61.25) & setsid sh -c 'sleep 62.25 & sleep 63.25' & sleep 64.25; sleep 65.25";
    let ending = ran(text, Duration::from_millis(400));
    assert_eq!((ending.ended, ending.stopped), (Ended::Signal(9), Some(Stop::Time)));
    assert!(begun.elapsed() > Duration::from_secs(5) && begun.elapsed() < Duration::from_secs(9));
    for mark in ["61.25", "62.25", "63.25", "64.25", "65.25"] {
        assert_eq!(alive(&format!("sleep {mark}")).len(), 0, "{mark}");
    }
    assert!(!ending.left_over);
}

#[test]
fn one_that_stands_still_ends_as_well() {
    let ending = ran("kill -STOP $$", Duration::from_millis(200));
    assert_eq!((ending.ended, ending.stopped), (Ended::Signal(15), Some(Stop::Time)));
}

#[test]
fn what_it_leaves_when_it_ends_is_killed_and_holds_nobody_up() {
    let begun = Instant::now();
    let ending = ran("setsid sleep 71.5 & (sleep 72.5 &) ; sleep 0.2; echo done", LONG);
    assert_eq!(
        (ending.ended, said(&ending.output).as_str()),
        (Ended::Code(0), "done\n")
    );
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    assert_eq!(alive("sleep 71.5").len() + alive("sleep 72.5").len(), 0);
}

#[test]
fn one_that_closes_its_output_lives_on_to_the_end_of_its_time() {
    let ending = ran("echo x; exec >&- 2>&-; sleep 60", Duration::from_millis(500));
    assert_eq!(
        (ending.stopped, said(&ending.output).as_str()),
        (Some(Stop::Time), "x\n")
    );
}

#[test]
fn however_much_it_writes_little_is_kept() {
    let ending = ran("head -c 100000000 /dev/zero | tr '\\0' x; echo end", LONG);
    assert_eq!(ending.ended, Ended::Code(0));
    let text = said(&ending.output);
    assert!(
        text.len() <= Captured::MOST && text.ends_with("xend\n"),
        "{}",
        text.len()
    );
    let ending = ran("yes", Duration::from_millis(300));
    assert_eq!(ending.stopped, Some(Stop::Time));
    assert!(said(&ending.output).len() <= Captured::MOST);
}

#[test]
fn nobody_wants_it_any_more() {
    let mut looks = 0;
    let mut is_wanted = || {
        looks += 1;
        looks < 3
    };
    let ending = run(&program("sleep 60"), LONG, &mut is_wanted).unwrap();
    assert_eq!(
        (ending.ended, ending.stopped),
        (Ended::Signal(15), Some(Stop::Unwanted))
    );
}

#[test]
fn what_cannot_be_started_says_so() {
    for path in ["/nowhere/program", "/etc", "/etc/passwd"] {
        let absent = Program {
            path: PathBuf::from(path),
            ..program("")
        };
        assert!(run(&absent, LONG, &mut || true).is_err(), "{path}");
    }
    let nowhere = Program {
        folder: PathBuf::from("/nowhere"),
        ..program("true")
    };
    assert!(run(&nowhere, LONG, &mut || true).is_err());
}

/// Kills its supervisor: it goes with it, and nobody waits for ever.
#[test]
fn without_its_supervisor_it_is_gone() {
    let begun = Instant::now();
    let ending = ran("kill -KILL $PPID; sleep 81.5", LONG);
    assert_eq!(ending.ended, Ended::Unknown);
    assert!(begun.elapsed() < Duration::from_secs(5));
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(alive("kill -KILL $PPID").len(), 0);
}

/// Only root becomes somebody else: without it this test could show nothing.
#[test]
fn it_runs_as_whom_it_is_to() {
    assert!(nix::unistd::Uid::effective().is_root(), "as root only");
    let user = nix::unistd::User::from_name("www-data").unwrap().unwrap();
    let account = Account::to_become(user.uid.as_raw(), user.gid.as_raw()).unwrap();
    let given = Program {
        account: Some(account.unwrap()),
        ..program("id -un; id -Gn; cat /proc/self/status | grep ^Uid; kill -0 1 || echo no")
    };
    let text = said(&run(&given, LONG, &mut || true).unwrap().output);
    let uid = user.uid.as_raw();
    assert!(text.starts_with("www-data\nwww-data\n"), "{text}");
    assert!(text.contains(&format!("Uid:\t{uid}\t{uid}\t{uid}\t{uid}\n")), "{text}");
    assert!(text.ends_with("no\n"), "{text}");
    // Also what it left in a session of its own is ended.
    let given = Program {
        arguments: ["-c", "setsid sleep 91.5 & sleep 0.2"].map(OsString::from).to_vec(),
        ..given
    };
    assert!(!run(&given, LONG, &mut || true).unwrap().left_over);
    assert_eq!(alive("sleep 91.5").len(), 0);
    // A folder that bears root's group makes nobody a member of it.
    assert_eq!(Account::to_become(user.uid.as_raw(), 0).unwrap(), given.account);
    let unknown = Account::to_become(4_000_000, 0).unwrap().unwrap();
    assert_eq!((unknown.group, unknown.groups), (4_000_000, vec![4_000_000]));
    assert_eq!(Account::to_become(0, 0).unwrap(), None);
    assert!(Path::new("/proc/self").exists());
}
