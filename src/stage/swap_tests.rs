//! The swap itself, on a real folder: undone and finished, with what the site does meanwhile, and what is left without a
//! journal. Kills at every step stand in `tests`.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use chrono::DateTime;

use super::swap::Mechanism;
use super::tests::{World, prepared, slug, tree_of};
use super::*;
use crate::base::fs::{FsError, Owner, TreeId};

#[test]
fn the_real_swap_is_undone_and_finished() {
    for (update, mechanism) in [(true, Mechanism::Exchange), (false, Mechanism::FirstRename)] {
        for committed in [false, true] {
            let world = World::new(Place::Temp, update);
            let before = world.snapshot();
            let (layout, mut journal) = prepared(&world);
            assert!(matches!(
                open(&layout, Owner::of(&layout.plugins()).unwrap()),
                Err(StageError::JournalStands { .. })
            ));
            assert_eq!(pending(layout.root()).unwrap(), [slug()]);
            journal.announce_swap(&layout, tree_of(&layout), None, None).unwrap();
            assert_eq!(swap::perform(&layout, &mut journal).unwrap(), mechanism);
            assert_eq!(
                fs::read_to_string(layout.installed().join("manifest.json")).unwrap(),
                "new"
            );
            let end = if committed { finish } else { undo };
            end(&journal, &layout).unwrap();
            end(&journal, &layout).unwrap();
            clear(layout.root(), layout.slug()).unwrap();
            assert!(pending(layout.root()).unwrap().is_empty());
            assert_eq!(world.snapshot() == before, !committed);
        }
    }
}

#[test]
fn what_the_site_writes_into_the_new_tree_outlives_an_undo() {
    for (update, name) in [(true, "upload"), (false, "upload"), (true, "manifest.json")] {
        let world = World::new(Place::Temp, update);
        let (layout, mut journal) = prepared(&world);
        journal.announce_swap(&layout, tree_of(&layout), None, None).unwrap();
        swap::perform(&layout, &mut journal).unwrap();
        fs::write(layout.installed().join(name), "precious").unwrap();
        let read = Journal::read(layout.root(), &slug()).unwrap().unwrap();
        let kept = undo(&read, &layout).unwrap().kept;
        assert!(undo(&read, &layout).unwrap().kept.is_empty());
        clear(layout.root(), &slug()).unwrap();
        assert_eq!(kept, [layout.undone_tree()]);
        assert_eq!(fs::read_to_string(kept[0].join(name)).unwrap(), "precious");
        assert_eq!(layout.installed().exists(), update);
    }
}

#[test]
fn a_folder_that_is_not_the_one_of_the_backup_is_not_replaced() {
    let world = World::new(Place::Temp, false);
    let (layout, mut journal) = prepared(&world);
    fs::create_dir(layout.installed()).unwrap();
    fs::write(layout.installed().join("upload"), "precious").unwrap();
    journal.announce_swap(&layout, tree_of(&layout), None, None).unwrap();
    let fault = journal.check_found(&layout, None).unwrap_err();
    assert!(matches!(fault, StageError::TreeReplaced { .. }));
    journal
        .check_found(&layout, TreeId::of(&layout.installed()).unwrap())
        .unwrap();
    // Another one after the announcement.
    fs::rename(layout.installed(), world.folder.path().join("away")).unwrap();
    fs::create_dir(layout.installed()).unwrap();
    fs::write(layout.installed().join("upload"), "other").unwrap();
    let fault = swap::perform(&layout, &mut journal).unwrap_err();
    assert!(matches!(fault, StageError::TreeReplaced { .. }), "{fault}");
    assert_eq!(undo(&journal, &layout).unwrap().kept, [] as [std::path::PathBuf; 0]);
    assert_eq!(fs::read_to_string(layout.installed().join("upload")).unwrap(), "other");
}

#[test]
fn a_folder_made_anew_between_two_renames_is_kept_beside() {
    for committed in [false, true] {
        let world = World::new(Place::Temp, true);
        let (layout, mut journal) = prepared(&world);
        journal.announce_swap(&layout, tree_of(&layout), None, None).unwrap();
        fs::rename(layout.installed(), layout.old_tree()).unwrap();
        fs::create_dir_all(layout.installed().join("cache")).unwrap();
        let end = if committed { finish } else { undo };
        let kept = end(&journal, &layout).unwrap().kept;
        assert_eq!(kept, [layout.undone_tree()]);
        assert!(kept[0].join("cache").exists());
        let manifest = fs::read_to_string(layout.installed().join("manifest.json")).unwrap();
        assert_eq!(manifest, if committed { "new" } else { "old" });
    }
}

#[test]
fn the_only_copies_outlive_a_journal_that_was_removed() {
    let now = DateTime::parse_from_rfc3339("2026-01-02T03:04:05-03:00").unwrap();
    for (path, is_whole) in [
        ("temp/plugins/p/tree", true),
        ("temp/plugins/p/old", false),
        ("plugins/.staging/p/tree", true),
        ("plugins/.staging/p/old", false),
    ] {
        let world = World::new(Place::Temp, true);
        let root = world.root();
        fs::create_dir_all(root.as_path().join(path)).unwrap();
        fs::write(root.as_path().join(path).join("upload"), "precious").unwrap();
        fs::write(root.as_path().join("plugins/_backups/.p.partial.zip"), "PK").unwrap();
        let rescued = rescue(&root, &slug(), now, |_| is_whole).unwrap();
        clear(&root, &slug()).unwrap();
        let upload = root.as_path().join("plugins/_backups/p-desfeita/upload");
        assert_eq!(fs::read_to_string(upload).unwrap(), "precious");
        assert_eq!(rescued.kept.len(), 1);
        let name = is_whole.then(|| root.as_path().join("plugins/_backups/p-20260102-030405-2.zip"));
        assert_eq!(rescued.backup, name);
        assert!(name.is_none_or(|name| name.exists()));
        assert!(!root.as_path().join("plugins/_backups/.p.partial.zip").exists());
    }
}

#[test]
fn leftovers_without_a_journal_go() {
    let world = World::new(Place::Plugins, true);
    let before = world.snapshot();
    let root = world.root();
    for path in ["temp/plugins/p/tree/a", "plugins/.staging/p/tree"] {
        fs::create_dir_all(root.as_path().join(path)).unwrap();
    }
    fs::write(root.as_path().join("temp/plugins/p/journal.json.partial"), "{").unwrap();
    fs::write(root.as_path().join("plugins/_backups/.p.partial.zip"), "half").unwrap();
    fs::write(root.as_path().join("backups/plugins/p/.partial.zip"), "half").unwrap();
    assert_eq!(pending(&root).unwrap(), [slug()]);
    clear(&root, &slug()).unwrap();
    assert_eq!(world.snapshot(), before);
    let outside = root.as_path().join("logs/kept");
    fs::write(&outside, "x").unwrap();
    std::os::unix::fs::symlink(root.as_path().join("logs"), root.as_path().join("temp/plugins/p")).unwrap();
    let owner = Owner::of(&root.plugins()).unwrap();
    let layout = Layout::new(root.clone(), slug(), Place::Temp);
    let fault = open(&layout, owner).unwrap_err();
    assert!(matches!(fault, StageError::Fs(FsError::Link { .. })), "{fault}");
    assert!(outside.exists());
    fs::remove_file(root.as_path().join("temp/plugins/p")).unwrap();
    open(&layout, owner).unwrap();
    let mode = fs::metadata(root.as_path().join("temp/plugins/p"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o700);
}
