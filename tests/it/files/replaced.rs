//! What an update replaces.

use std::fs;
use std::os::unix::net::UnixListener;
use std::path::PathBuf;

use gestor_plugins::log::{Progress, Step};
use gestor_plugins::outcome::ExitCode;

use super::tree::{Content, Dice, backup_content, content};
use super::{SLUG, dry_run, installed, package};
use crate::support::gestor::Gestor;
use crate::support::mount::Mount;
use crate::support::operation::{Ended, Host, install_with};

fn folder(gestor: &Gestor) -> PathBuf {
    gestor.root().join("plugins").join(SLUG)
}

/// The law: all of the old tree is in the backup.
fn assert_kept(ended: &Ended, old: &Content) {
    let backup = ended.report["backup"].as_str().unwrap();
    let kept = backup_content(backup);
    for (path, what) in old {
        let name = String::from_utf8_lossy(path);
        assert!(kept.get(path) == Some(what), "{name:?} is not in {backup} as it was");
    }
    assert_eq!(kept.len(), old.len(), "{backup}");
}

#[test]
fn every_byte_of_any_tree_is_in_the_backup_or_nothing_changed() {
    let gestor = installed();
    let (mut zips, mut tars, mut refused) = (0, 0, 0);
    for seed in 0..48 {
        let mut dice = Dice::new(seed);
        dice.fill(&folder(&gestor), seed % 3 != 0);
        let mut mounted = None;
        if seed % 8 == 7 {
            let point = folder(&gestor).join("a volume\t\\here");
            fs::create_dir(&point).unwrap();
            mounted = Some((Mount::memory(&point, "1m"), point.clone()));
            fs::write(point.join("precious"), "x").unwrap();
        }
        let old = content(&folder(&gestor));
        let next = package(&format!("1.1.{seed}"));
        let shown = gestor.install(&next, &[dry_run()]);
        let ended = gestor.install(&next, &[]);
        assert_eq!(shown.code, ended.code, "seed {seed}: {}", ended.report);
        if mounted.is_some() {
            assert_eq!(ended.code, ExitCode::Move);
            assert!(ended.report["erros"][0].as_str().unwrap().contains("a volume"));
            assert_eq!(content(&folder(&gestor)), old, "seed {seed}");
            refused += 1;
        } else {
            let ended = ended.expect(ExitCode::Ok);
            assert_eq!(shown.report["arquivos"], ended.report["arquivos"], "seed {seed}");
            assert_kept(&ended, &old);
            assert_eq!(content(&folder(&gestor)).len(), 5, "seed {seed}");
            let is_tar = ended.report["backup"].as_str().unwrap().ends_with(".tar.gz");
            *if is_tar { &mut tars } else { &mut zips } += 1;
        }
        assert_eq!(gestor.leftovers(), [] as [PathBuf; 0], "seed {seed}");
        drop(mounted);
        let _ = fs::remove_dir(folder(&gestor).join("a volume\t\\here"));
    }
    println!("{zips} ZIPs, {tars} tars, {refused} refused");
    assert!(zips > 5 && tars > 5 && refused == 6);
}

#[test]
fn a_socket_is_refused_before_anything_is_replaced() {
    let gestor = installed();
    let _listener = UnixListener::bind(folder(&gestor).join("daemon.sock")).unwrap();
    let old = content(&folder(&gestor));
    for more in [&[dry_run()][..], &[]] {
        let ended = gestor.install(&package("1.1.0"), more).expect(ExitCode::Move);
        assert!(
            ended.report["erros"][0]
                .as_str()
                .unwrap()
                .contains("daemon.sock is a socket")
        );
        assert_eq!(content(&folder(&gestor)), old);
    }
}

#[test]
fn paths_longer_than_the_system_takes_are_kept() {
    let gestor = installed();
    // Folders are made from within, one below the other; a shell would lose its way.
    let make =
        "import os\nfor _ in range(24): os.mkdir('d' * 220); os.chdir('d' * 220)\nopen('file', 'w').write('deep\\n')";
    let status = std::process::Command::new("python3")
        .args(["-c", make])
        .current_dir(folder(&gestor))
        .status();
    assert!(status.unwrap().success());
    let ended = gestor.install(&package("1.1.0"), &[]).expect(ExitCode::Ok);
    let kept = backup_content(ended.report["backup"].as_str().unwrap());
    let deepest = kept.keys().max_by_key(|path| path.len()).unwrap();
    assert!(deepest.len() > 5000 && kept[deepest] == b"file deep\n");
    assert_eq!(gestor.leftovers(), [] as [PathBuf; 0]);
}

/// Writes to the old tree when the swap is near.
struct Writer<'a>(&'a Gestor, &'static str);

impl Host for Writer<'_> {
    fn progress(&mut self, progress: &Progress) -> bool {
        if progress.step == Step::Commit {
            fs::write(folder(self.0).join("visits.log"), "one, and two").unwrap();
            fs::write(folder(self.0).join(self.1), "late").unwrap();
        }
        true
    }
}

#[test]
fn what_is_written_during_an_update_is_in_the_backup_and_told() {
    for (name, ending) in [("upload.jpg", ".zip"), ("up\\load.jpg", ".tar.gz")] {
        let gestor = installed();
        fs::write(folder(&gestor).join("visits.log"), "one").unwrap();
        let outside = tempfile::tempdir().unwrap();
        let archive = outside.path().join("package.zip");
        package("1.1.0").write(&archive);
        let call = gestor.call(&archive, SLUG, &[]);
        let ended = install_with(call, &mut Writer(&gestor, name)).expect(ExitCode::Ok);
        let backup = ended.report["backup"].as_str().unwrap();
        assert!(backup.ends_with(ending), "{backup}");
        let kept = backup_content(backup);
        assert_eq!(kept[name.as_bytes()], b"file late");
        assert_eq!(kept[&b"visits.log"[..]], b"file one, and two");
        let told = ended.report["avisos"].to_string();
        assert!(told.contains("visits.log") && told.contains("load.jpg"), "{told}");
        assert!(!folder(&gestor).join(name).exists());
    }
}

/// Makes the folder of a first installation when the swap is near.
struct Newcomer<'a>(&'a Gestor);

impl Host for Newcomer<'_> {
    fn progress(&mut self, progress: &Progress) -> bool {
        if progress.step == Step::Commit {
            fs::create_dir_all(folder(self.0)).unwrap();
            fs::write(folder(self.0).join("photo"), "precious").unwrap();
        }
        true
    }
}

#[test]
fn a_folder_that_appears_during_a_first_installation_is_not_lost() {
    let gestor = Gestor::new();
    let outside = tempfile::tempdir().unwrap();
    let archive = outside.path().join("package.zip");
    package("1.1.0").write(&archive);
    let call = gestor.call(&archive, SLUG, &[]);
    install_with(call, &mut Newcomer(&gestor)).expect(ExitCode::Move);
    assert_eq!(fs::read(folder(&gestor).join("photo")).unwrap(), b"precious");
    let ended = gestor.install(&package("1.1.0"), &[]).expect(ExitCode::Ok);
    let kept = backup_content(ended.report["backup"].as_str().unwrap());
    assert_eq!(kept[&b"photo"[..]], b"file precious");
}

#[test]
fn an_ordinary_update_tells_of_no_changes() {
    let gestor = installed();
    let ended = gestor.install(&package("1.1.0"), &[]).expect(ExitCode::Ok);
    assert!(!ended.report["avisos"].to_string().contains("changed during"));
}
