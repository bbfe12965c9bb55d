//! A kill at every step: an operation on a real folder is stopped after each of its steps, recovered (also with a second
//! kill during recovery), and must have left exactly the old or exactly the new state, and nothing else.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use chrono::DateTime;

use super::swap::Mechanism;
use super::*;
use crate::base::fs::{Owner, TreeId, chown_tree};
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
            fs::create_dir(layout.old_tree()).unwrap();
            self.step()?;
            fs::remove_dir(layout.old_tree()).unwrap();
            swap::prepare_copy(&layout, &mut journal).unwrap();
            self.step()?;
        }
        self.apply(&swap::plan(&layout, mechanism))?;
        self.committed = true;
        self.step()?;
        let standing = TreesOnDisk::of(&layout).unwrap();
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
        let standing = TreesOnDisk::of(&layout).unwrap();
        self.apply(&decide(&journal, &layout, &standing, true).unwrap())?;
        clear(&self.root(), &slug()).unwrap();
        self.step()
    }

    fn recover(&mut self) -> Result<(), Killed> {
        if let Some(journal) = Journal::read(&self.root(), &slug()).unwrap() {
            let layout = journal.layout(&self.root(), &slug());
            let standing = TreesOnDisk::of(&layout).unwrap();
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

/// The tree that stands where one was built.
pub(super) fn tree_of(layout: &Layout) -> TreeId {
    TreeId::of(&layout.tree()).unwrap().unwrap()
}

/// The package in staging, open.
pub(super) fn package_of(layout: &Layout) -> fs::File {
    fs::File::open(layout.package()).unwrap()
}
