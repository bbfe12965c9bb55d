//! A file that old and new tree have in common is one file until the commit: whatever is done to it meanwhile reaches the
//! tree that it was meant for alone.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use gestor_plugins::log::{Progress, Step};
use gestor_plugins::outcome::ExitCode;

use super::SLUG;
use super::tree::{backup_content, content};
use super::untouched::{EDIT, EDITED, backup, edit, folder, inode, installed, package};
use crate::support::child;
use crate::support::gestor::Gestor;
use crate::support::operation::{Ended, Host, install_with};
use crate::support::package::Package;
use crate::support::scene::recover;

/// What somebody does to a gestor, ...
type GestorAct = fn(&Gestor);
/// ... and to a file.
type FileAct = fn(&Path);

/// Does something once the new tree stands ready.
struct Meddler<'a>(Option<Box<dyn FnOnce() + 'a>>);

impl Host for Meddler<'_> {
    fn progress(&mut self, progress: &Progress) -> bool {
        if progress.step == Step::Commit
            && let Some(act) = self.0.take()
        {
            act();
        }
        true
    }
}

fn update_while<'a>(gestor: &'a Gestor, package: &Package, act: impl FnOnce() + 'a) -> Ended {
    let outside = tempfile::tempdir().unwrap();
    let archive = outside.path().join("package.zip");
    package.write(&archive);
    install_with(gestor.call(&archive, SLUG, &[]), &mut Meddler(Some(Box::new(act)))).expect(ExitCode::Ok)
}

/// Version 1.1.0, killed or failed at a point.
fn stopped(gestor: &Gestor, plan: &str) -> tempfile::TempDir {
    let outside = tempfile::tempdir().unwrap();
    let archive = outside.path().join("package.zip");
    package("1.1.0").write(&archive);
    let status = child::start(&child::call(gestor, &archive, SLUG, false), Some(plan)).wait();
    assert!(!status.unwrap().success());
    outside
}

fn kept_aside(gestor: &Gestor) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(gestor.root().join("plugins/_backups")) else {
        return Vec::new();
    };
    entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect()
}

#[test]
fn what_is_written_to_the_old_tree_is_not_in_the_new_one() {
    let path = |gestor: &Gestor| folder(gestor).join(EDITED);
    let acts: [(&str, GestorAct); 3] = [
        ("written to", edit),
        ("a mode", |gestor| {
            fs::set_permissions(folder(gestor).join(EDITED), Permissions::from_mode(0o600)).unwrap();
        }),
        ("a second name", |gestor| {
            let outside = gestor.root().join("contents/outside.html");
            fs::hard_link(folder(gestor).join(EDITED), outside).unwrap();
        }),
    ];
    for (what, act) in acts {
        let gestor = installed();
        let before = inode(&path(&gestor));
        let mut old = content(&folder(&gestor));
        let ended = update_while(&gestor, &package("1.1.0"), || act(&gestor));
        assert_eq!(fs::read_to_string(path(&gestor)).unwrap(), "<p>the same</p>", "{what}");
        let found = fs::metadata(path(&gestor)).unwrap();
        assert_eq!((found.mode() & 0o777, found.nlink()), (0o644, 1), "{what}");
        assert_ne!(found.ino(), before, "{what}: a file of its own");
        if what == "written to" {
            old.insert(EDITED.as_bytes().to_vec(), [b"file ", EDIT.as_bytes()].concat());
        }
        assert_eq!(backup_content(backup(&ended).to_str().unwrap()), old, "{what}");
        assert!(
            ended.report["avisos"].to_string().contains(EDITED),
            "{what}: {}",
            ended.report
        );
        assert_eq!(gestor.leftovers(), [] as [PathBuf; 0]);
        // And all of it once more, of what is known now.
        update_while(&gestor, &package("1.2.0"), || ());
        assert_eq!(fs::read_to_string(path(&gestor)).unwrap(), "<p>the same</p>", "{what}");
    }
}

#[test]
fn what_is_written_to_the_new_tree_does_not_come_back_with_the_old_one() {
    let acts: [(&str, FileAct); 3] = [
        ("in place", |path| fs::write(path, "<p>the SAME</p>").unwrap()),
        ("a mode", |path| {
            fs::set_permissions(path, Permissions::from_mode(0o600)).unwrap();
        }),
        ("replaced", |path| {
            fs::write(path.with_extension("new"), EDIT).unwrap();
            fs::rename(path.with_extension("new"), path).unwrap();
        }),
    ];
    for (what, act) in acts {
        let gestor = installed();
        let (old, modes) = (content(&folder(&gestor)), gestor.tree(SLUG));
        let _outside = stopped(&gestor, "swapped:kill");
        let same = folder(&gestor).join("modules/m/same.php");
        assert_eq!(fs::metadata(&same).unwrap().nlink(), 2, "{what}: it is in both");
        std::thread::sleep(std::time::Duration::from_millis(20));
        act(&folder(&gestor).join(EDITED));
        assert_eq!(recover(&gestor).code, ExitCode::Ok);
        assert_eq!(content(&folder(&gestor)), old, "{what}: the old tree, as it was");
        assert_eq!(gestor.tree(SLUG), modes, "{what}");
        let [aside] = &kept_aside(&gestor)[..] else {
            panic!("{what}: {:?}", kept_aside(&gestor));
        };
        let expected = if what == "a mode" { "<p>the same</p>" } else { EDIT };
        assert_eq!(fs::read_to_string(aside.join(EDITED)).unwrap(), expected, "{what}");
        // What is kept aside is not changed by what is done to the site from now on.
        fs::write(&same, "<?php // later").unwrap();
        let kept = fs::read_to_string(aside.join("modules/m/same.php")).unwrap();
        assert_eq!(kept, "<?php // the same", "{what}");
        assert_eq!(fs::metadata(&same).unwrap().nlink(), 1, "{what}");
    }
}

#[test]
fn an_update_that_fails_leaves_every_file_with_one_name() {
    for plan in [
        "rows:error",
        "announced:error",
        "swapped:error",
        "rows:kill",
        "announced:kill",
        "swapped:kill",
    ] {
        let gestor = installed();
        let old = content(&folder(&gestor));
        let _outside = stopped(&gestor, plan);
        assert_eq!(recover(&gestor).code, ExitCode::Ok);
        assert_eq!(content(&folder(&gestor)), old, "{plan}");
        for name in ["README.txt", EDITED, "modules/m/same.php"] {
            let found = fs::metadata(folder(&gestor).join(name)).unwrap();
            assert_eq!((found.nlink(), found.mode() & 0o777), (1, 0o644), "{plan}: {name}");
        }
        assert_eq!(kept_aside(&gestor), [] as [PathBuf; 0], "{plan}");
        // Its files lost and got names: what is known of them is not believed, and an edit is found.
        edit(&gestor);
        let old = content(&folder(&gestor));
        let ended = update_while(&gestor, &package("1.1.0"), || ());
        assert_eq!(backup_content(backup(&ended).to_str().unwrap()), old, "{plan}");
    }
}

#[test]
fn a_tree_killed_after_the_commit_is_the_new_one_alone() {
    for plan in ["committed:kill", "closed:kill", "noted:kill"] {
        let gestor = installed();
        let _outside = stopped(&gestor, plan);
        fs::write(folder(&gestor).join(EDITED), "<p>written since</p>").unwrap();
        assert_eq!(recover(&gestor).code, ExitCode::Ok);
        let found = fs::metadata(folder(&gestor).join(EDITED)).unwrap();
        assert_eq!(found.nlink(), 1, "{plan}");
        let old = content(&folder(&gestor));
        assert_eq!(old[EDITED.as_bytes()], b"file <p>written since</p>", "{plan}");
        let ended = update_while(&gestor, &package("1.2.0"), || ());
        assert_eq!(backup_content(backup(&ended).to_str().unwrap()), old, "{plan}");
    }
}

#[test]
fn migrations_run_in_a_tree_of_its_own() {
    let with = |version: &str| package(version).file("db/migrations/20260101000000_one.php", "<?php\n");
    let gestor = Gestor::new();
    gestor.install(&with("1.0.0"), &[]).expect(ExitCode::Ok);
    let path = folder(&gestor).join(EDITED);
    let before = inode(&path);
    gestor.install(&with("1.1.0"), &[]).expect(ExitCode::Ok);
    assert_ne!(inode(&path), before, "a migration may write to it");
}
