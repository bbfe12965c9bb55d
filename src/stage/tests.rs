//! A kill at every step: an operation on a real folder is stopped after each of its steps, recovered (also with a second
//! kill during recovery), and must have left exactly the old or exactly the new state, and nothing else.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use chrono::DateTime;

use super::swap::Mechanism;
use super::*;
use crate::base::fs::{FsError, Owner, TreeId, chown_tree};
use crate::base::hash::sha256;
use crate::model::{GestorRoot, Slug, Version};

struct Killed;

/// A gestor, and a database of which only the commit is of interest.
pub(super) struct World {
    pub(super) folder: tempfile::TempDir,
    place: Place,
    committed: bool,
    steps_left: usize,
}

impl World {
    /// Kills an operation after so many steps and its recovery after so many, and recovers.
    fn kill_and_recover(&mut self, [at, again_at]: [usize; 2], fails: impl FnOnce(&mut Self) -> bool) {
        self.steps_left = at;
        assert!(fails(self));
        self.steps_left = again_at;
        let _ = self.recover();
        self.steps_left = usize::MAX;
        assert!(self.recover().is_ok());
    }

    pub(super) fn new(place: Place, update: bool) -> Self {
        Self::within(&std::env::temp_dir(), place, update)
    }

    /// In memory where there is such a folder: thousands of syncs of a disk take long.
    fn in_memory(place: Place, update: bool) -> Self {
        let memory = Path::new("/dev/shm");
        let parent = if memory.is_dir() {
            memory.to_owned()
        } else {
            std::env::temp_dir()
        };
        Self::within(&parent, place, update)
    }

    fn within(parent: &Path, place: Place, update: bool) -> Self {
        let folder = tempfile::tempdir_in(parent).unwrap();
        let root = folder.path();
        for path in ["plugins/other", "temp/plugins", "logs"] {
            fs::create_dir_all(root.join(path)).unwrap();
        }
        fs::write(root.join("plugins/other/manifest.json"), "other").unwrap();
        if update {
            fs::create_dir_all(root.join("plugins/p/modules/empty")).unwrap();
            fs::create_dir_all(root.join("plugins/_backups")).unwrap();
            fs::create_dir_all(root.join("backups/plugins/p")).unwrap();
            fs::write(root.join("plugins/p/manifest.json"), "old").unwrap();
            fs::write(root.join("plugins/p/gone.txt"), "old").unwrap();
            fs::write(root.join("plugins/_backups/p-20260102-030405.zip"), "earlier").unwrap();
            fs::write(root.join("backups/plugins/p/2.0.0.zip"), "kept before").unwrap();
        }
        Self {
            folder,
            place,
            committed: false,
            steps_left: usize::MAX,
        }
    }

    pub(super) fn root(&self) -> GestorRoot {
        GestorRoot::new(self.folder.path())
    }

    fn step(&mut self) -> Result<(), Killed> {
        self.steps_left = self.steps_left.checked_sub(1).ok_or(Killed)?;
        Ok(())
    }

    fn apply(&mut self, actions: &[Action]) -> Result<(), Killed> {
        for action in actions {
            if let Action::RemoveTree(path) | Action::Discard(path) = action {
                half_remove(path);
                self.step()?;
            }
            apply(std::slice::from_ref(action)).unwrap();
            self.step()?;
        }
        Ok(())
    }

    fn operate(&mut self, mechanism: Mechanism) -> Result<(), Killed> {
        let layout = Layout::new(self.root(), slug(), self.place);
        let owner = Owner::of(&layout.plugins()).unwrap();
        let now = DateTime::parse_from_rfc3339("2026-01-02T03:04:05-03:00").unwrap();
        open(&layout, owner).unwrap();
        self.step()?;
        fs::write(layout.package(), "package").unwrap();
        self.step()?;
        let mut journal = Journal::new(&layout, now.to_rfc3339(), Promises::default()).unwrap();
        self.step()?;
        journal.write(&layout).unwrap();
        self.step()?;
        let built = create_tree(&layout, owner).unwrap();
        self.step()?;
        fs::write(layout.tree().join("manifest.json"), "new").unwrap();
        self.step()?;
        fs::create_dir_all(layout.tree().join("modules/m")).unwrap();
        chown_tree(&built, &layout.tree(), owner).unwrap();
        self.step()?;
        let backup = if layout.installed().exists() {
            let pack = |file: &mut fs::File| file.write_all(b"backup");
            Some(
                backup::prepare(&layout, now, owner, "zip", pack, |_, ()| Ok(()))
                    .unwrap()
                    .0,
            )
        } else {
            None
        };
        self.step()?;
        let version: Version = "2.0.0".parse().unwrap();
        kept::prepare(&layout, &package_of(&layout), version, sha256(b"package"), owner).unwrap();
        self.step()?;
        journal
            .announce_swap(&layout, tree_of(&layout), backup.as_ref(), Some(version))
            .unwrap();
        self.step()?;
        if mechanism == Mechanism::Copy {
            fs::create_dir(layout.aside()).unwrap();
            self.step()?;
            fs::remove_dir(layout.aside()).unwrap();
            swap::prepare_copy(&layout, &mut journal).unwrap();
            self.step()?;
        }
        self.apply(&swap::plan(&layout, mechanism))?;
        self.committed = true;
        self.step()?;
        let standing = Standing::of(&layout).unwrap();
        self.apply(&decide(&journal, &layout, &standing, true).unwrap())?;
        clear(&self.root(), &slug()).unwrap();
        self.step()
    }

    fn depart(&mut self, is_copied: bool) -> Result<(), Killed> {
        let layout = Layout::new(self.root(), slug(), self.place);
        let owner = Owner::of(&layout.plugins()).unwrap();
        let now = DateTime::parse_from_rfc3339("2026-01-02T03:04:05-03:00").unwrap();
        open(&layout, owner).unwrap();
        self.step()?;
        let mut journal = Journal::new(&layout, now.to_rfc3339(), Promises::default()).unwrap();
        journal.write(&layout).unwrap();
        self.step()?;
        create_container(&layout, owner).unwrap();
        self.step()?;
        let pack = |file: &mut fs::File| file.write_all(b"backup");
        let prepared = backup::prepare(&layout, now, owner, "zip", pack, |_, ()| Ok(()));
        self.step()?;
        journal.announce_departure(&layout, Some(&prepared.unwrap().0)).unwrap();
        self.step()?;
        if is_copied {
            swap::prepare_copy(&layout, &mut journal).unwrap();
            self.step()?;
            self.apply(&[Action::RemoveTree(layout.installed())])?;
        } else {
            swap::depart(&layout, &mut journal).unwrap();
            self.step()?;
        }
        self.committed = true;
        self.step()?;
        let standing = Standing::of(&layout).unwrap();
        self.apply(&decide(&journal, &layout, &standing, true).unwrap())?;
        clear(&self.root(), &slug()).unwrap();
        self.step()
    }

    fn recover(&mut self) -> Result<(), Killed> {
        if let Some(journal) = Journal::read(&self.root(), &slug()).unwrap() {
            let layout = journal.layout(&self.root(), &slug());
            let standing = Standing::of(&layout).unwrap();
            self.apply(&decide(&journal, &layout, &standing, self.committed).unwrap())?;
        }
        clear(&self.root(), &slug()).unwrap();
        Ok(())
    }

    /// Every path with its content, and for files their permissions.
    pub(super) fn snapshot(&self) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        collect(self.folder.path(), "", &mut found);
        found
    }
}

pub(super) fn collect(folder: &Path, above: &str, found: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{above}/{}", entry.file_name().to_string_lossy());
        if entry.file_type().unwrap().is_dir() {
            found.insert(name.clone(), "folder".to_owned());
            collect(&entry.path(), &name, found);
        } else {
            let mode = entry.metadata().unwrap().mode() & 0o777;
            found.insert(name, format!("{mode:o} {}", fs::read_to_string(entry.path()).unwrap()));
        }
    }
}

/// What a kill in the middle of a removal leaves.
fn half_remove(tree: &Path) {
    if let Some(Ok(entry)) = fs::read_dir(tree).ok().and_then(|mut listing| listing.next()) {
        let _ = fs::remove_file(entry.path()).or_else(|_| fs::remove_dir_all(entry.path()));
    }
}

pub(super) fn slug() -> Slug {
    Slug::normalize("p").unwrap()
}

const CASES: [(bool, Mechanism); 4] = [
    (false, Mechanism::FirstRename),
    (true, Mechanism::Exchange),
    (true, Mechanism::TwoRenames),
    (true, Mechanism::Copy),
];

fn case(place: Place, update: bool, mechanism: Mechanism) -> (usize, usize) {
    let old = World::in_memory(place, update).snapshot();
    let mut whole = World::in_memory(place, update);
    assert!(whole.operate(mechanism).is_ok());
    let steps = usize::MAX - whole.steps_left;
    let new = whole.snapshot();
    assert_eq!(new["/plugins/p/manifest.json"], "644 new");
    assert_eq!(new["/backups/plugins/p/2.0.0.zip"], "640 package");
    assert_eq!(new.contains_key("/plugins/_backups/p-20260102-030405-2.zip"), update);
    assert!(!new.contains_key("/temp/plugins/p") && !new.contains_key("/plugins/.staging"));
    let (mut olds, mut news) = (0, 0);
    for killed_at in 0..steps {
        for killed_again_at in (0..24).chain([usize::MAX]) {
            let mut world = World::in_memory(place, update);
            world.kill_and_recover([killed_at, killed_again_at], |world| world.operate(mechanism).is_err());
            let expected = if world.committed { &new } else { &old };
            let at = format!("{place:?} {mechanism:?} killed at {killed_at}, again at {killed_again_at}");
            assert_eq!(&world.snapshot(), expected, "{at}");
            *if world.committed { &mut news } else { &mut olds } += 1;
            if killed_again_at == usize::MAX {
                world.committed = false;
                let next = if update || expected == &new {
                    Mechanism::Exchange
                } else {
                    mechanism
                };
                assert!(world.operate(next).is_ok(), "{at}: the next operation");
                assert_eq!(world.snapshot()["/plugins/p/manifest.json"], "644 new");
            }
        }
    }
    (olds, news)
}

#[test]
fn a_kill_at_every_step_leaves_the_old_or_the_new_state() {
    for place in [Place::Temp, Place::Plugins] {
        for (update, mechanism) in CASES {
            let (olds, news) = case(place, update, mechanism);
            println!("{place:?} {mechanism:?}: {olds} times old, {news} times new");
            assert!(olds > 0 && news > 0);
        }
    }
}

#[test]
fn a_kill_at_every_step_of_a_departure_leaves_all_or_nothing() {
    for (place, is_copied) in [(Place::Temp, false), (Place::Plugins, false), (Place::Temp, true)] {
        let world = || {
            let world = World::in_memory(place, true);
            let marker = world.root().marker(&slug());
            fs::create_dir_all(marker.parent().unwrap()).unwrap();
            fs::write(marker, "of the old tree").unwrap();
            world
        };
        let old = world().snapshot();
        let mut whole = world();
        assert!(whole.depart(is_copied).is_ok());
        let steps = usize::MAX - whole.steps_left;
        let new = whole.snapshot();
        assert!(!new.contains_key("/plugins/p") && !new.contains_key("/plugins/.instalado/p"));
        assert!(new.contains_key("/plugins/_backups/p-20260102-030405-2.zip"), "{new:?}");
        assert!(!new.contains_key("/temp/plugins/p") && !new.contains_key("/plugins/.staging"));
        for killed_at in 0..steps {
            for killed_again_at in (0..16).chain([usize::MAX]) {
                let mut world = world();
                world.kill_and_recover([killed_at, killed_again_at], |world| world.depart(is_copied).is_err());
                let expected = if world.committed { &new } else { &old };
                let at = format!("{place:?} {is_copied} killed at {killed_at}, again at {killed_again_at}");
                assert_eq!(&world.snapshot(), expected, "{at}");
            }
        }
    }
}

/// A gestor with an installed plugin and an operation on it, up to before the swap.
pub(super) fn prepared(world: &World) -> (Layout, Journal) {
    prepared_at(&world.root())
}

pub(super) fn prepared_at(root: &GestorRoot) -> (Layout, Journal) {
    let owner = Owner::of(&root.plugins()).unwrap();
    let layout = layout(root, &slug(), owner).unwrap();
    open(&layout, owner).unwrap();
    let journal = Journal::new(&layout, "2026".to_owned(), Promises::default()).unwrap();
    journal.write(&layout).unwrap();
    drop(create_tree(&layout, owner).unwrap());
    fs::write(layout.tree().join("manifest.json"), "new").unwrap();
    (layout, journal)
}

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
        assert_eq!(kept, [layout.set_aside()]);
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
        fs::rename(layout.installed(), layout.aside()).unwrap();
        fs::create_dir_all(layout.installed().join("cache")).unwrap();
        let end = if committed { finish } else { undo };
        let kept = end(&journal, &layout).unwrap().kept;
        assert_eq!(kept, [layout.set_aside()]);
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

/// The tree that stands where one was built.
pub(super) fn tree_of(layout: &Layout) -> TreeId {
    TreeId::of(&layout.tree()).unwrap().unwrap()
}

/// The package in staging, open.
pub(super) fn package_of(layout: &Layout) -> fs::File {
    fs::File::open(layout.package()).unwrap()
}
