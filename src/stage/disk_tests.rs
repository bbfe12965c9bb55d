//! Disks as they are: another file system, a full one, a read-only one, the image of a container. What needs a mount is
//! skipped, with a word, where the user may not mount.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;

use chrono::DateTime;

use super::swap::Mechanism;
use super::tests::{World, collect, package_of, prepared, prepared_at, slug, tree_of};
use super::*;
use crate::base::fs::{FsError, Owner, SmallDisk};
use crate::base::hash::sha256;
use crate::model::GestorRoot;

#[test]
fn a_temp_on_another_file_system_stages_beside_the_plugins() {
    let disk = SmallDisk::mount("1m");
    let world = World::new(Place::Plugins, true);
    let temp = world.folder.path().join("temp");
    fs::remove_dir_all(&temp).unwrap();
    std::os::unix::fs::symlink(disk.path(), &temp).unwrap();
    let (layout, mut journal) = prepared_at(&settle(&world.root()));
    assert_eq!(layout.place(), Place::Plugins);
    fs::write(layout.package(), "package").unwrap();
    let owner = Owner::of(&layout.plugins()).unwrap();
    let version = "2.0.0".parse().unwrap();
    kept::prepare(&layout, &package_of(&layout), version, sha256(b"package"), owner).unwrap();
    journal
        .announce_swap(&layout, tree_of(&layout), None, Some(version))
        .unwrap();
    swap::perform(&layout, &mut journal).unwrap();
    finish(&journal, &layout).unwrap();
    clear(layout.root(), layout.slug()).unwrap();
    assert_eq!(
        fs::read_to_string(layout.installed().join("manifest.json")).unwrap(),
        "new"
    );
    assert_eq!(fs::read_to_string(layout.kept_package(version)).unwrap(), "package");
    assert!(!layout.near_folder().exists());
    assert_eq!(fs::read_dir(disk.path().join("plugins")).unwrap().count(), 0);
}

#[test]
fn a_folder_of_a_containers_image_is_replaced_and_put_back() {
    let world = World::new(Place::Temp, true);
    let before = world.snapshot();
    let layers = tempfile::tempdir().unwrap();
    let [upper, work, merged] = ["upper", "work", "merged"].map(|name| layers.path().join(name));
    for folder in [&upper, &work, &merged] {
        fs::create_dir(folder).unwrap();
    }
    let (lower, upper, work) = (world.folder.path().display(), upper.display(), work.display());
    let options = format!("lowerdir={lower},upperdir={upper},workdir={work},redirect_dir=off");
    let mut mount = std::process::Command::new("mount");
    mount.args(["-t", "overlay", "-o", &options, "overlay"]).arg(&merged);
    let mounted = mount.output().is_ok_and(|output| output.status.success());
    assert!(
        mounted,
        "run as root, on a kernel with overlayfs: this test mounts an overlay"
    );
    let root = GestorRoot::new(&merged);
    let run = |committed: bool| {
        let owner = Owner::of(&root.plugins()).unwrap();
        let layout = layout(&root, &slug(), owner).unwrap();
        open(&layout, owner).unwrap();
        let mut journal = Journal::new(&layout, "2026".to_owned(), Promises::default()).unwrap();
        journal.write(&layout).unwrap();
        drop(create_tree(&layout, owner).unwrap());
        fs::write(layout.tree().join("manifest.json"), "new").unwrap();
        journal.announce_swap(&layout, tree_of(&layout), None, None).unwrap();
        let mechanism = swap::perform(&layout, &mut journal);
        let read = Journal::read(&root, &slug()).unwrap().unwrap();
        let ended = if committed {
            finish(&read, &layout)
        } else {
            undo(&read, &layout)
        };
        clear(&root, &slug()).unwrap();
        let mut after = BTreeMap::new();
        collect(&merged, "", &mut after);
        (mechanism, ended, after)
    };
    let (undone, finished) = (run(false), run(true));
    let unmounted = std::process::Command::new("umount").arg(&merged).status();
    assert!(unmounted.unwrap().success());
    assert_eq!((undone.0.unwrap(), undone.2), (Mechanism::Copy, before));
    undone.1.unwrap();
    // What was put back is no longer the image's own folder.
    assert_eq!(finished.0.unwrap(), Mechanism::Exchange);
    finished.1.unwrap();
    assert_eq!(finished.2["/plugins/p/manifest.json"], "644 new");
    assert!(!finished.2.contains_key("/plugins/p/gone.txt"));
}

#[test]
fn a_full_disk_leaves_everything_as_it_was() {
    let disk = SmallDisk::mount("256k");
    let world = World::new(Place::Temp, true);
    let before = world.snapshot();
    let copied = std::process::Command::new("cp")
        .args(["-a", &format!("{}/.", world.folder.path().display())])
        .arg(disk.path())
        .status();
    assert!(copied.unwrap().success());
    let root = GestorRoot::new(disk.path());
    let owner = Owner::of(&root.plugins()).unwrap();
    let layout = layout(&root, &slug(), owner).unwrap();
    open(&layout, owner).unwrap();
    fs::write(layout.package(), "package").unwrap();
    let mut journal = Journal::new(&layout, "2026".to_owned(), Promises::default()).unwrap();
    journal.write(&layout).unwrap();
    drop(create_tree(&layout, owner).unwrap());
    let filler = fs::write(layout.tree().join("big"), vec![1; 1 << 20]).unwrap_err();
    assert_eq!(filler.kind(), std::io::ErrorKind::StorageFull);
    let now = DateTime::parse_from_rfc3339("2026-01-02T03:04:05-03:00").unwrap();
    let pack = |file: &mut fs::File| file.write_all(&[1; 100]);
    assert!(matches!(
        backup::prepare(&layout, now, owner, "zip", pack, |_, ()| Ok(())),
        Err(StepError::Callback(_) | StepError::Stage(_))
    ));
    let fault = kept::prepare(
        &layout,
        &package_of(&layout),
        "2.0.0".parse().unwrap(),
        sha256(b""),
        owner,
    )
    .unwrap_err();
    assert!(
        matches!(&fault, StageError::Fs(fault) if fault.is_no_space()),
        "{fault}"
    );
    let fault = journal
        .announce_swap(&layout, tree_of(&layout), None, None)
        .unwrap_err();
    assert!(
        matches!(&fault, StageError::Fs(fault) if fault.is_no_space()),
        "{fault}"
    );
    let journal = Journal::read(&root, &slug()).unwrap().unwrap();
    assert_eq!(journal.phase(), Phase::Started);
    undo(&journal, &layout).unwrap();
    clear(&root, &slug()).unwrap();
    let mut after = BTreeMap::new();
    collect(disk.path(), "", &mut after);
    assert_eq!(after, before);
}

#[test]
fn a_folder_that_takes_nothing_is_named() {
    let world = World::new(Place::Temp, true);
    let (layout, mut journal) = prepared(&world);
    let mounted = std::process::Command::new("mount")
        .args(["--bind", "-o", "ro"])
        .args([layout.plugins(), layout.plugins()])
        .output()
        .is_ok_and(|output| output.status.success());
    assert!(mounted, "run as root: this test mounts");
    // A bind mount is another mount of the same file system: the choice of the place must see that.
    let owner = Owner::of(&layout.plugins()).unwrap();
    let place = super::layout(layout.root(), &slug(), owner).map(|layout| layout.place());
    let announced = journal.announce_swap(&layout, tree_of(&layout), None, None);
    let fault = swap::perform(&layout, &mut journal).unwrap_err();
    let undone = undo(&journal, &layout);
    let backup = backup::prepare::<(), FsError>(
        &layout,
        DateTime::parse_from_rfc3339("2026-01-02T03:04:05-03:00").unwrap(),
        owner,
        "zip",
        |_| Ok(()),
        |_, ()| Ok(()),
    );
    let unmounted = std::process::Command::new("umount").arg(layout.plugins()).status();
    assert!(unmounted.unwrap().success());
    assert_eq!(place.unwrap(), Place::Plugins);
    announced.unwrap();
    undone.unwrap();
    let text = fault.to_string();
    assert!(
        matches!(&fault, StageError::Fs(fault) if fault.is_cross_device() || fault.is_read_only()),
        "{text}"
    );
    assert!(text.contains("plugins/p"), "{text}");
    let text = backup.unwrap_err().to_string();
    assert!(
        text.contains("_backups/.p.partial.zip") && text.contains("read-only"),
        "{text}"
    );
}
