//! Files that are known to be untouched are not read, nor made anew; whatever was done to one is found.

use std::fs::{self, File, FileTimes};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

use gestor_plugins::base::fs::{Stamp, TreeId};
use gestor_plugins::config::Argument;
use gestor_plugins::model::{GestorRoot, Slug};
use gestor_plugins::outcome::ExitCode;
use gestor_plugins::stage::{Layout, Place, TreeFacts, installed_package};

use super::SLUG;
use super::tree::{backup_content, content};
use crate::support::gestor::Gestor;
use crate::support::operation::Ended;
use crate::support::package::Package;

const FILES: [&str; 6] = [
    "README.txt",
    "manifest.json",
    "modules/m/m.php",
    "modules/m/same.php",
    "resources/large.txt",
    "resources/same.html",
];

/// A package of which one file differs between versions.
pub(super) fn package(version: &str) -> Package {
    Package::new(SLUG, version)
        .file("modules/m/m.php", format!("<?php // {version}"))
        .file("modules/m/same.php", "<?php // the same")
        .file("resources/same.html", "<p>the same</p>")
        .file("resources/large.txt", "large ".repeat(100_000))
}

/// What is done to a gestor.
type Act<'a> = &'a dyn Fn(&Gestor);

fn slug() -> Slug {
    Slug::normalize(SLUG).unwrap()
}

fn layout(gestor: &Gestor) -> Layout {
    Layout::new(GestorRoot::new(gestor.root()), slug(), Place::Temp)
}

pub(super) fn folder(gestor: &Gestor) -> PathBuf {
    gestor.root().join("plugins").join(SLUG)
}

/// What is known of the installed tree.
fn facts(gestor: &Gestor) -> Option<TreeFacts> {
    TreeFacts::read(&layout(gestor), installed_package(&gestor.paths(), &slug())?)
}

/// Version 1.0.0, of which everything is known.
pub(super) fn installed() -> Gestor {
    let gestor = Gestor::new();
    gestor.install(&package("1.0.0"), &[]).expect(ExitCode::Ok);
    // Stamps are as fine as the system's clock ticks.
    std::thread::sleep(std::time::Duration::from_millis(20));
    assert_eq!(facts(&gestor).unwrap().files.len(), FILES.len());
    gestor
}

fn update(gestor: &Gestor) -> Ended {
    gestor.install(&package("1.1.0"), &[]).expect(ExitCode::Ok)
}

pub(super) fn backup(ended: &Ended) -> PathBuf {
    ended.report["backup"].as_str().unwrap().into()
}

fn kept(gestor: &Gestor, version: &str) -> PathBuf {
    gestor.root().join(format!("backups/plugins/{SLUG}/{version}.zip"))
}

pub(super) fn inode(path: &Path) -> u64 {
    fs::metadata(path).unwrap().ino()
}

/// Other bytes, of the same number, at the same time.
fn forge(path: &Path, content: &str) {
    let found = fs::metadata(path).unwrap();
    assert_eq!(found.len(), content.len() as u64);
    let mut file = File::options().write(true).open(path).unwrap();
    file.write_all(content.as_bytes()).unwrap();
    file.set_times(FileTimes::new().set_modified(found.modified().unwrap()))
        .unwrap();
    assert_eq!(
        fs::metadata(path).unwrap().modified().unwrap(),
        found.modified().unwrap()
    );
}

/// The edit that most of these tests make, and that it is in the backup, with everything else.
pub(super) const EDITED: &str = "resources/same.html";
pub(super) const EDIT: &str = "<p>the SAME</p>";

pub(super) fn edit(gestor: &Gestor) {
    forge(&folder(gestor).join(EDITED), EDIT);
}

fn assert_edit_is_kept(gestor: &Gestor, what: &str) {
    let old = content(&folder(gestor));
    let ended = update(gestor);
    assert_eq!(backup_content(backup(&ended).to_str().unwrap()), old, "{what}");
    assert_eq!(
        old[EDITED.as_bytes()],
        [b"file ", EDIT.as_bytes()].concat(),
        "{what}: it was edited"
    );
    let found = fs::read_to_string(folder(gestor).join(EDITED)).unwrap();
    assert_eq!(found, "<p>the same</p>", "{what}: the package brings it");
    assert!(facts(gestor).is_some(), "{what}");
}

#[test]
fn a_tree_that_holds_nothing_else_is_backed_up_by_its_package() {
    let gestor = installed();
    let inodes = |names: &[&str]| -> Vec<u64> { names.iter().map(|name| inode(&folder(&gestor).join(name))).collect() };
    let (same, before) = (["modules/m/same.php", "resources/large.txt", EDITED], inodes(&FILES));
    let taken = inodes(&same);
    let ended = update(&gestor);
    assert_eq!(backup(&ended), kept(&gestor, "1.0.0"));
    assert!(fs::read_dir(gestor.root().join("plugins/_backups")).is_err());
    assert_eq!(inodes(&same), taken, "the same files");
    assert_ne!(inodes(&FILES), before);
    for name in FILES {
        assert_eq!(fs::metadata(folder(&gestor).join(name)).unwrap().nlink(), 1, "{name}");
    }
    assert_eq!(ended.report["arquivos"]["alterados"], 2);
    let known = facts(&gestor).unwrap();
    assert_eq!(known.files.keys().collect::<Vec<_>>(), FILES);
    let of_file = fs::metadata(layout(&gestor).tree_facts()).unwrap();
    assert_eq!((of_file.mode() & 0o777, of_file.nlink()), (0o600, 1));
    // Once more, of files that had a second name for a while.
    let ended = gestor.install(&package("1.2.0"), &[]).expect(ExitCode::Ok);
    assert_eq!((backup(&ended), inodes(&same)), (kept(&gestor, "1.1.0"), taken));
    assert_eq!(gestor.leftovers(), [] as [PathBuf; 0]);
}

#[test]
fn a_package_of_the_same_version_leaves_the_backup_its_name() {
    let gestor = installed();
    let ended = gestor
        .install(&package("1.0.0").file("new.php", "<?php"), &[])
        .expect(ExitCode::Ok);
    let kept = backup(&ended);
    assert_ne!(kept, self::kept(&gestor, "1.0.0"));
    let content = backup_content(kept.to_str().unwrap());
    assert!(content.contains_key(EDITED.as_bytes()) && !content.contains_key(&b"new.php"[..]));
}

#[test]
fn a_tree_that_is_what_the_package_makes_stays() {
    let gestor = installed();
    let reprocess = [("reprocessar", Argument::Bool(true))];
    let before = inode(&folder(&gestor));
    let ended = gestor.install(&package("1.0.0"), &reprocess).expect(ExitCode::Ok);
    assert_eq!(
        (inode(&folder(&gestor)), backup(&ended)),
        (before, kept(&gestor, "1.0.0"))
    );
    for (what, change) in [
        ("an edit", &edit as Act<'_>),
        ("a file", &|gestor| {
            fs::write(folder(gestor).join("more"), "x").unwrap();
        }),
        ("an empty folder", &|gestor| {
            fs::create_dir(folder(gestor).join("empty")).unwrap();
        }),
        ("a mode", &|gestor| {
            fs::set_permissions(folder(gestor).join(EDITED), fs::Permissions::from_mode(0o600)).unwrap();
        }),
        ("a folder's mode", &|gestor| {
            fs::set_permissions(folder(gestor).join("modules"), fs::Permissions::from_mode(0o700)).unwrap();
        }),
        ("a missing file", &|gestor| {
            fs::remove_file(folder(gestor).join(EDITED)).unwrap();
        }),
    ] {
        let before = inode(&folder(&gestor));
        let clean = content(&folder(&gestor));
        change(&gestor);
        let old = content(&folder(&gestor));
        let ended = gestor.install(&package("1.0.0"), &reprocess).expect(ExitCode::Ok);
        assert_ne!(inode(&folder(&gestor)), before, "{what}");
        assert_eq!(content(&folder(&gestor)), clean, "{what} is put right");
        let mode = fs::metadata(folder(&gestor).join(EDITED)).unwrap().mode();
        assert_eq!(mode & 0o777, 0o644, "{what}");
        if what != "a folder's mode" {
            assert_eq!(backup_content(backup(&ended).to_str().unwrap()), old, "{what}");
        }
    }
}

#[test]
fn other_bytes_of_the_same_size_and_time_are_found() {
    let gestor = installed();
    edit(&gestor);
    assert_edit_is_kept(&gestor, "written in place");
    let gestor = installed();
    let (path, time) = (folder(&gestor).join(EDITED), |path: &Path| {
        fs::metadata(path).unwrap().modified().unwrap()
    });
    let (before, made) = (time(&path), folder(&gestor).join("new"));
    fs::write(&made, EDIT).unwrap();
    let file = File::options().write(true).open(&made).unwrap();
    file.set_times(FileTimes::new().set_modified(before)).unwrap();
    fs::rename(&made, &path).unwrap();
    assert_eq!(time(&path), before);
    assert_edit_is_kept(&gestor, "replaced by another file");
}

#[test]
fn the_backup_of_an_edited_tree_takes_the_rest_as_it_is_packed() {
    let gestor = installed();
    edit(&gestor);
    fs::create_dir(folder(&gestor).join("empty")).unwrap();
    fs::set_permissions(
        folder(&gestor).join("modules/m/same.php"),
        fs::Permissions::from_mode(0o755),
    )
    .unwrap();
    let old = content(&folder(&gestor));
    let ended = update(&gestor);
    assert!(backup(&ended).starts_with(gestor.root().join("plugins/_backups")));
    assert_eq!(backup_content(backup(&ended).to_str().unwrap()), old);
    let mode = fs::metadata(folder(&gestor).join("modules/m/same.php")).unwrap().mode();
    assert_eq!(mode & 0o777, 0o644);
}

/// What is known says of the edited file that it is untouched.
fn lie(gestor: &Gestor, change: impl FnOnce(&mut Stamp)) {
    let mut known = facts(gestor).unwrap();
    edit(gestor);
    let found = nix::sys::stat::stat(&folder(gestor).join(EDITED)).unwrap();
    let stamp = &mut known.files.get_mut(EDITED).unwrap().stamp;
    *stamp = Stamp::of(&found);
    change(stamp);
    known.write(&layout(gestor)).unwrap();
}

#[test]
fn what_is_known_is_believed_only_of_whom_it_may_be() {
    // Where everything fits it is believed: else the rest would show nothing.
    let gestor = installed();
    lie(&gestor, |_| {});
    assert_eq!(backup(&update(&gestor)), kept(&gestor, "1.0.0"));
    let path = |gestor: &Gestor| layout(gestor).tree_facts();
    let damage = |gestor: &Gestor, at: usize| {
        let mut bytes = fs::read(path(gestor)).unwrap();
        let place = at % bytes.len();
        bytes[place] ^= 1;
        fs::write(path(gestor), bytes).unwrap();
    };
    let cases: [(&str, Act<'_>); 9] = [
        ("another user's", &|gestor| {
            chown(path(gestor), Some(65534), Some(65534)).unwrap();
        }),
        ("written by all", &|gestor| {
            fs::set_permissions(path(gestor), fs::Permissions::from_mode(0o666)).unwrap();
        }),
        ("a link", &|gestor| {
            let elsewhere = gestor.root().join("elsewhere");
            fs::rename(path(gestor), &elsewhere).unwrap();
            std::os::unix::fs::symlink(&elsewhere, path(gestor)).unwrap();
        }),
        ("a second name", &|gestor| {
            fs::hard_link(path(gestor), gestor.root().join("elsewhere")).unwrap();
        }),
        ("damaged at its beginning", &|gestor| damage(gestor, 3)),
        ("damaged in the middle", &|gestor| damage(gestor, 200)),
        ("cut off", &|gestor| {
            let length = fs::metadata(path(gestor)).unwrap().len();
            File::options()
                .write(true)
                .open(path(gestor))
                .unwrap()
                .set_len(length - 40)
                .unwrap();
        }),
        ("empty", &|gestor| fs::write(path(gestor), "").unwrap()),
        ("of another package", &|gestor| {
            let mut known = facts(gestor).unwrap();
            known.package = gestor_plugins::base::hash::sha256(b"another");
            known.write(&layout(gestor)).unwrap();
        }),
    ];
    for (what, change) in cases {
        let gestor = installed();
        lie(&gestor, |_| {});
        change(&gestor);
        assert_edit_is_kept(&gestor, what);
    }
}

#[test]
fn what_is_known_of_another_tree_says_nothing() {
    let gestor = installed();
    lie(&gestor, |_| {});
    let (tree, copy) = (folder(&gestor), gestor.root().join("plugins/copy"));
    let before = TreeId::of(&tree).unwrap();
    gestor_plugins::base::fs::copy_tree(&tree, &copy).unwrap();
    gestor_plugins::base::fs::exchange(&tree, &copy).unwrap();
    assert_ne!(TreeId::of(&tree).unwrap(), before);
    assert_edit_is_kept(&gestor, "a copy of the tree");
}

#[test]
fn a_clock_that_was_set_back_proves_nothing() {
    let gestor = installed();
    // The stamp that is known is of a time that is still to come.
    lie(&gestor, |stamp| stamp.changed.0 += 86_400);
    assert_edit_is_kept(&gestor, "changed before the time that is known");
    let gestor = installed();
    lie(&gestor, |stamp| stamp.modified.0 += 86_400);
    assert_edit_is_kept(&gestor, "written before the time that is known");
}

#[test]
fn a_file_with_a_second_name_is_not_taken_over() {
    let gestor = installed();
    let (path, outside) = (
        folder(&gestor).join(EDITED),
        gestor.root().join("contents/outside.html"),
    );
    fs::hard_link(&path, &outside).unwrap();
    fs::hard_link(
        folder(&gestor).join("modules/m/same.php"),
        folder(&gestor).join("modules/m/twin.php"),
    )
    .unwrap();
    let old = content(&folder(&gestor));
    let ended = update(&gestor);
    assert_eq!(backup_content(backup(&ended).to_str().unwrap()), old);
    assert_ne!(inode(&path), inode(&outside));
    fs::write(&outside, "written to").unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "<p>the same</p>");
    assert!(!folder(&gestor).join("modules/m/twin.php").exists());
}

#[test]
fn killed_before_it_was_written_nothing_is_known() {
    let gestor = installed();
    let earlier = fs::read(layout(&gestor).tree_facts()).unwrap();
    update(&gestor);
    // As if the update had been killed with its last step before it.
    fs::write(layout(&gestor).tree_facts(), earlier).unwrap();
    assert!(facts(&gestor).is_none());
    edit(&gestor);
    let old = content(&folder(&gestor));
    let ended = gestor.install(&package("1.2.0"), &[]).expect(ExitCode::Ok);
    assert_eq!(backup_content(backup(&ended).to_str().unwrap()), old);
    assert_eq!(facts(&gestor).unwrap().files.len(), FILES.len());
}
