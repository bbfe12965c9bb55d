//! What recovery decides and what a journal may say, case by case; whose a gestor's folders are, as root sees it.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::Path;

use super::tests::tree_of;
use super::*;
use crate::base::fs::{FsError, Owner, TreeId};
use crate::model::{DatabaseIdentity, GestorRoot, Sha256Digest, Slug};

fn layout_in(root: &Path, place: Place) -> Layout {
    let layout = Layout::new(GestorRoot::new(root), Slug::normalize("p").unwrap(), place);
    for folder in [layout.tree(), layout.plugins(), layout.staging()] {
        fs::create_dir_all(folder).unwrap();
    }
    layout
}

fn journal_of(layout: &Layout) -> Journal {
    Journal::new(layout, "2026".to_owned(), Promises::default()).unwrap()
}

/// One letter an action, folders to sync left out.
fn letters(actions: &[Action]) -> String {
    let letter = |action: &Action| match action {
        Action::DiscardBuilt { .. } => "B",
        Action::RemoveEmptyFolder(_) => "f",
        Action::Mark { .. } => "M",
        Action::Discard(path) if path.ends_with(".instalado/p") => "m",
        Action::Discard(_) => "d",
        Action::CloseJournal(_) => "J",
        Action::SyncFolder(_) => "",
        _ => "r",
    };
    actions.iter().map(letter).collect()
}

#[test]
fn an_operation_leaves_to_do_what_it_announced() {
    let folder = tempfile::tempdir().unwrap();
    let layout = layout_in(folder.path(), Place::Temp);
    let id = |number: u64| (number > 0).then(|| TreeId::fake(number));
    // New, old, what stands at the tree's place, what stands in plugins/; committed, package.
    for ((new, old, tree, installed), committed, package, expected) in [
        ((1, 2, 1, 2), false, false, "BdddddffffJ"),
        ((1, 2, 3, 2), false, false, "dddddffffJ"),
        ((1, 2, 0, 2), false, false, "BdddddffffJ"),
        ((1, 2, 1, 2), true, true, "rdddddMJ"),
        ((1, 2, 0, 1), true, false, "dddddJ"),
        ((0, 2, 0, 2), false, false, "dddddffffJ"),
        ((0, 2, 0, 2), true, false, "rdddddmdJ"),
        ((1, 2, 1, 2), false, true, "BdddddffffJ"),
    ] {
        let mut journal = journal_of(&layout);
        journal.trees = Some(crate::stage::Trees {
            new: id(new),
            old: id(old),
            copy: None,
        });
        journal.package = package.then(|| Sha256Digest::new([7; 32]).to_string());
        let standing = TreesOnDisk {
            installed: id(installed),
            tree: id(tree),
            ..TreesOnDisk::default()
        };
        let actions = decide(&journal, &layout, &standing, committed).unwrap();
        assert_eq!(
            letters(&actions),
            expected,
            "{new} {old} {tree} {installed} {committed}"
        );
        let syncs = actions.iter().filter(|action| matches!(action, Action::SyncFolder(_)));
        let moved = expected.starts_with('r');
        assert_eq!(syncs.count(), if moved { 3 } else { 0 }, "{expected}");
    }
    let near = layout_in(folder.path(), Place::Plugins);
    let actions = decide(&journal_of(&near), &near, &TreesOnDisk::default(), true).unwrap();
    assert_eq!(letters(&actions), "ddddddfJ");
}

#[test]
fn what_stands_is_seen_and_what_cannot_be_looked_at_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let layout = layout_in(folder.path(), Place::Temp);
    fs::create_dir_all(layout.backups()).unwrap();
    assert!(!TreesOnDisk::of(&layout).unwrap().backup_partial);
    fs::write(layout.backup_partial(), "x").unwrap();
    let standing = TreesOnDisk::of(&layout).unwrap();
    assert!(standing.backup_partial && !standing.kept_partial && !standing.kept_checksum_partial);
    fs::create_dir_all(layout.kept().parent().unwrap()).unwrap();
    fs::write(layout.kept(), "a file").unwrap();
    assert!(TreesOnDisk::of(&layout).is_err());
}

#[test]
fn a_journal_tells_what_it_was_told() {
    let folder = tempfile::tempdir().unwrap();
    let layout = layout_in(folder.path(), Place::Temp);
    let promises = Promises {
        set_aside: Some("stamp".to_owned()),
        rows_only: true,
    };
    let database = DatabaseIdentity::new("gestor".to_owned(), Sha256Digest::new([1; 32]));
    let journal = Journal::new(&layout, "2026".to_owned(), promises.clone()).unwrap();
    let journal = journal.naming(Some(Sha256Digest::new([2; 32])), database.clone());
    journal.write(&layout).unwrap();
    let (root, slug) = (layout.root(), layout.slug());
    let read = Journal::read(root, slug).unwrap().unwrap();
    assert_eq!((read.promises(), read.is_of_rows()), (promises, true));
    assert_eq!((read.begun(), read.database()), ("2026", Some(&database)));
    assert!(!journal_of(&layout).is_of_rows());
    assert_eq!(Journal::closed(root, slug).unwrap(), None);
    apply(&[Action::CloseJournal(layout.journal())]).unwrap();
    assert_eq!(
        Journal::closed(root, slug).unwrap().as_ref().map(Journal::operation),
        Some(journal.operation())
    );
    assert_eq!(Journal::read(root, slug).unwrap(), None);
    // Closed before: nothing is left to do.
    apply(&[Action::CloseJournal(layout.journal())]).unwrap();
}

#[test]
fn trees_that_were_announced_must_be_those_that_stand() {
    let folder = tempfile::tempdir().unwrap();
    let layout = layout_in(folder.path(), Place::Temp);
    let mut journal = journal_of(&layout);
    let stranger = TreeId::fake(1);
    let fault = journal.announce_swap(&layout, stranger, None, None).unwrap_err();
    assert!(matches!(fault, StageError::TreeMissing { .. }), "{fault}");
    let new = tree_of(&layout);
    journal.announce_swap(&layout, new, None, None).unwrap();
    let trees = journal.trees.unwrap();
    assert!(trees.knows(new) && !trees.knows(stranger));
    assert!(journal.check_brought(&layout).is_err());
    fs::rename(layout.tree(), layout.installed()).unwrap();
    journal.check_brought(&layout).unwrap();
    // And a departure names the one that goes.
    journal.announce_departure(&layout, None).unwrap();
    let read = Journal::read(layout.root(), layout.slug()).unwrap().unwrap();
    assert_eq!(read, journal);
    assert_eq!(read.trees.map(|trees| (trees.new, trees.old)), Some((None, Some(new))));
}

#[test]
fn a_backup_of_a_journal_has_a_plain_name() {
    let folder = tempfile::tempdir().unwrap();
    let layout = layout_in(folder.path(), Place::Temp);
    for (name, passes) in [
        ("p-20260101-000000.zip", true),
        ("", false),
        (".p.zip", false),
        ("a/b.zip", false),
        ("../p.zip", false),
    ] {
        let mut journal = journal_of(&layout);
        journal.backup = Some(name.to_owned());
        journal.write(&layout).unwrap();
        let read = Journal::read(layout.root(), layout.slug());
        assert_eq!(read.is_ok(), passes, "{name:?}");
    }
}

#[test]
fn a_note_says_which_package_is_installed_and_its_fault_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let layout = layout_in(folder.path(), Place::Temp);
    let (root, slug) = (layout.root(), layout.slug());
    let digest = Sha256Digest::new([7; 32]);
    let note = || Action::Mark {
        marker: layout.marker(),
        package: digest.to_string(),
    };
    assert_eq!(installed_package(root, slug), None);
    assert!(apply(&[note()]).unwrap().unpublished.is_empty());
    assert_eq!(installed_package(root, slug), Some(digest));
    // What cannot be replaced, and is none of ours, is no fault; it is not believed either.
    fs::remove_file(layout.marker()).unwrap();
    fs::create_dir(layout.marker()).unwrap();
    assert!(apply(&[note()]).unwrap().unpublished.is_empty());
    assert_eq!(installed_package(root, slug), None);
    fs::create_dir_all(layout.installed()).unwrap();
    assert_eq!(installed_text(root, slug, "manifest.json"), None);
    fs::write(layout.installed().join("manifest.json"), "{}").unwrap();
    assert_eq!(installed_text(root, slug, "manifest.json").as_deref(), Some("{}"));
}

#[test]
fn what_was_not_announced_as_built_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let layout = layout_in(folder.path(), Place::Temp);
    fs::write(layout.tree().join("a"), "x").unwrap();
    let built = built::Built::of(&layout.tree()).unwrap();
    let discard = |built| Action::DiscardBuilt {
        tree: layout.tree(),
        built,
        to: layout.undone_tree(),
    };
    let kept = apply(&[discard(None)]).unwrap().kept;
    assert_eq!(kept, [layout.undone_tree()]);
    assert!(layout.undone_tree().join("a").is_file() && !layout.tree().exists());
    // Nothing stands there: nothing to keep.
    assert!(apply(&[discard(Some(built))]).unwrap().kept.is_empty());
}

/// A gestor whose folders belong to `owners`: itself, `plugins/`, `temp/`, `logs/`, `backups/`. Only root can make one.
fn owned(root: &Path, owners: [u32; 5]) -> GestorRoot {
    let made = GestorRoot::new(root);
    let folders = [
        root.to_owned(),
        made.plugins(),
        made.temp(),
        made.logs(),
        made.backups(),
    ];
    for (folder, uid) in folders.iter().zip(owners) {
        fs::create_dir_all(folder).unwrap();
        chown(folder, Some(uid), Some(uid)).expect("the tests of owners need root");
    }
    made
}

#[test]
fn plugins_belong_to_their_owner_or_to_who_will_make_them() {
    let folder = tempfile::tempdir().unwrap();
    for (owners, with_plugins, without) in [
        ([0, 33, 34, 0, 0], 33, 34),
        ([0, 0, 0, 0, 0], 0, 0),
        ([1000, 33, 34, 0, 0], 33, 1000),
    ] {
        let root = owned(folder.path(), owners);
        assert_eq!(owner(&root).unwrap().uid(), with_plugins, "{owners:?}");
        fs::remove_dir(root.plugins()).unwrap();
        assert_eq!(owner(&root).unwrap().uid(), without, "{owners:?}");
    }
}

#[test]
fn the_web_servers_user_is_known_by_the_folders_that_he_was_given() {
    let folder = tempfile::tempdir().unwrap();
    // The gestor is refused where one of the four belongs to somebody else, and others may write it.
    for (owners, passes) in [
        ([0, 0, 33, 33, 33], true),
        ([0, 0, 33, 0, 0], true),
        ([0, 0, 33, 34, 33], false),
        ([1000, 1000, 33, 33, 33], true),
        ([1000, 1000, 33, 33, 0], true),
        ([1000, 1000, 33, 1000, 1000], false),
        ([1000, 1000, 33, 0, 0], false),
        ([1000, 1000, 1000, 1000, 1000], true),
        ([0, 33, 34, 0, 0], false),
    ] {
        let root = owned(folder.path(), owners);
        let found = check_premises(&root);
        assert_eq!(found.is_ok(), passes, "{owners:?}: {found:?}");
    }
}

#[test]
fn what_is_shared_belongs_to_the_folders_owner() {
    let folder = tempfile::tempdir().unwrap();
    let root = owned(folder.path(), [1000, 1000, 33, 0, 33]);
    let uids =
        |root: &GestorRoot| [work_owner(root), log_owner(root), kept_owner(root)].map(|owner| owner.unwrap().uid());
    assert_eq!(uids(&root), [33, 1000, 33]);
    let group = |root: &GestorRoot| {
        let made = root.temp().join("plugins/x");
        let _ = fs::remove_dir_all(root.work());
        prepare_work(root).unwrap();
        fs::create_dir_all(made).unwrap();
        std::os::unix::fs::MetadataExt::gid(&fs::metadata(root.work()).unwrap())
    };
    assert_eq!(group(&root), 33);
    // A folder that everybody may write says nothing of a group.
    fs::set_permissions(root.temp(), fs::Permissions::from_mode(0o1777)).unwrap();
    assert_eq!(group(&root), 1000);
    fs::remove_dir_all(root.logs()).unwrap();
    assert_eq!(uids(&root), [33, 1000, 33]);
}

#[test]
fn a_link_is_followed_where_its_maker_could_go_himself() {
    for (owners, link, target, followed) in [
        ([33, 33, 33, 33, 33], 0, 5, true),
        ([33, 33, 33, 33, 33], 33, 33, true),
        ([33, 33, 33, 33, 33], 33, 5, false),
        ([33, 33, 33, 33, 33], 5, 5, false),
        ([33, 34, 33, 33, 33], 33, 34, true),
        ([33, 34, 33, 33, 33], 34, 34, false),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let root = owned(&folder.path().join("g"), owners);
        let elsewhere = folder.path().join("elsewhere");
        fs::create_dir(&elsewhere).unwrap();
        chown(&elsewhere, Some(target), None).unwrap();
        fs::remove_dir(root.logs()).unwrap();
        std::os::unix::fs::symlink(&elsewhere, root.logs()).unwrap();
        std::os::unix::fs::lchown(root.logs(), Some(link), None).unwrap();
        let settled = settle(&root);
        let real = elsewhere.canonicalize().unwrap();
        assert_eq!(
            settled.logs() == real,
            followed,
            "{owners:?} {link} {target}: {:?}",
            settled.logs()
        );
    }
}

#[test]
fn a_place_below_a_file_is_a_fault_and_a_pipe_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let root = GestorRoot::new(folder.path());
    let slug = Slug::normalize("p").unwrap();
    fs::write(root.plugins(), "x").unwrap();
    let fault = check_place(&root, &slug).unwrap_err();
    assert!(matches!(fault, StageError::Fs(FsError::Io { .. })), "{fault:?}");
    fs::remove_file(root.plugins()).unwrap();
    fs::create_dir(root.plugins()).unwrap();
    nix::unistd::mkfifo(&root.installed(&slug), nix::sys::stat::Mode::S_IRWXU).unwrap();
    let text = check_place(&root, &slug).unwrap_err().to_string();
    assert!(text.contains("special file"), "{text}");
    assert!(check_writable(&root).is_ok() && Owner::process_uid() == 0);
}

#[test]
fn a_backup_is_announced_and_must_be_the_one_that_was_made() {
    let folder = tempfile::tempdir().unwrap();
    let layout = layout_in(folder.path(), Place::Temp);
    let now = chrono::DateTime::parse_from_rfc3339("2026-01-02T03:04:05Z").unwrap();
    let site = owner(layout.root()).unwrap();
    let (made, ()) = backup::prepare(
        &layout,
        now,
        site,
        "zip",
        |file| std::io::Write::write_all(file, b"backup"),
        |_, ()| Ok(()),
    )
    .unwrap();
    let mut journal = journal_of(&layout);
    journal.replace_backup(&layout, &made).unwrap();
    let read = Journal::read(layout.root(), layout.slug()).unwrap().unwrap();
    assert_eq!(read.backup.as_deref(), Some("p-20260102-030405.zip"));
    assert_eq!(made.path(&layout), layout.backups().join("p-20260102-030405.zip"));
    made.check(&layout).unwrap();
    fs::remove_file(layout.backup_partial()).unwrap();
    fs::write(layout.backup_partial(), "backup").unwrap();
    assert!(made.check(&layout).is_err());
}

#[test]
fn what_earlier_releases_left_to_root_becomes_the_sites() {
    let folder = tempfile::tempdir().unwrap();
    let root = owned(folder.path(), [1000, 1000, 1000, 1000, 33]);
    let layout = Layout::new(root.clone(), Slug::normalize("p").unwrap(), Place::Temp);
    fs::create_dir_all(layout.backups()).unwrap();
    fs::create_dir_all(layout.kept()).unwrap();
    premises::mend(&layout, owner(&root).unwrap());
    let uid = |path: &Path| Owner::of(path).unwrap().uid();
    assert_eq!((uid(&layout.backups()), uid(&layout.kept())), (1000, 33));
    assert!(!layout.near_folder().exists());
}

#[test]
fn leftovers_are_removed_for_the_folders_owner() {
    let folder = tempfile::tempdir().unwrap();
    let root = owned(folder.path(), [1000, 1000, 33, 1000, 1000]);
    let slug = Slug::normalize("p").unwrap();
    let near = root.plugins().join(".staging");
    for (parent, uid) in [(root.work(), 33), (near, 1000)] {
        let left = parent.join(".leftover-p-1");
        fs::create_dir_all(&left).unwrap();
        for path in [&parent, &left] {
            chown(path, Some(uid), Some(uid)).unwrap();
        }
        let standing = sweep(&root, &slug);
        assert!(standing.is_empty() && !left.exists(), "{standing:?}");
    }
}
