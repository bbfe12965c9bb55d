//! The tree of a package, put together beside the installed one, and the backup of that one (SPEC §5.7, §5.11, §5.17). Runs
//! on a thread of its own; owns what is made, and must not decide whether it is brought.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::ops::ControlFlow;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use chrono::{DateTime, FixedOffset};

use super::super::{OldTree, TransactionError};
use super::compare::{Fingerprint, compare, fingerprint_of, is_data};
use super::earlier::EarlierTree;
use super::ready::{Backup, Ready, TreesOnDisk};
use super::recorded::Recorded;
use super::{listing, old_tree};
use crate::archive::{Archive, ArchiveError, Earlier, Extracted, ExtractedFile, unpack_backup};
use crate::base::fs::{
    Attempt, FsError, Inventory, Item, Owner, Ownership, Stamp, TreeId, chown_tree, remove_tree, settle_tree,
};
use crate::log::{Cancelled, Step};
use crate::package::LocatedPackage;
use crate::stage::{self, Built, FileFacts, Layout, TreeFacts};

/// A tree to put together, or one that goes and is backed up.
pub(super) struct Job<'p> {
    /// Its place in the set.
    pub(super) run: usize,
    pub(super) layout: Layout,
    pub(super) owner: Owner,
    /// What the new tree is made of.
    pub(super) source: Source<'p>,
    pub(super) with_db: bool,
    /// The package of which the installed tree was made.
    pub(super) recorded: Option<Recorded>,
    pub(super) now: DateTime<FixedOffset>,
}

/// What a tree is made of.
pub(super) enum Source<'p> {
    Package(&'p LocatedPackage),
    Back(&'p OldTree),
    /// There is none: the plugin goes. Its backup has the stamp of what else is kept of it.
    Nothing(String),
}

/// What the working thread and the operation's thread tell each other.
#[derive(Default)]
pub(super) struct Shared {
    pub(super) stop: AtomicBool,
    /// A tree is packed, not unpacked.
    packs: AtomicBool,
    done: AtomicU64,
    of: AtomicU64,
    /// Which of them is worked on.
    pub(super) at: AtomicUsize,
}

impl Shared {
    /// How far the work is: what is done, how much of it, of how much.
    pub(super) fn state(&self) -> (Step, u64, u64) {
        let packs = self.packs.load(Ordering::Relaxed);
        let step = if packs { Step::Backup } else { Step::Extract };
        (step, self.done.load(Ordering::Relaxed), self.of.load(Ordering::Relaxed))
    }

    fn begin(&self, packs: bool, of: usize) {
        self.packs.store(packs, Ordering::Relaxed);
        self.done.store(0, Ordering::Relaxed);
        self.of.store(of as u64, Ordering::Relaxed);
    }

    fn check(&self) -> Result<(), Cancelled> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(Cancelled);
        }
        Ok(())
    }
}

/// What was made of a job.
pub(super) enum Prepared {
    /// A tree stands ready for the swap.
    New(Box<Ready>),
    /// The installed tree is what the new one would be.
    Stands(TreesOnDisk),
}

/// Files that have a second name in the old tree.
type Linked = HashMap<PathBuf, Stamp>;

/// The installed tree as it was found.
struct ExistingTree {
    tree: Option<TreeId>,
    inventory: Option<Inventory>,
    known: Option<EarlierTree>,
}

impl ExistingTree {
    fn of(job: &Job<'_>) -> Result<Self, TransactionError> {
        let installed = job.layout.installed();
        let tree = TreeId::of(&installed)?;
        let inventory = tree.map(|_| old_tree::list(&installed)).transpose()?;
        let known = inventory
            .as_ref()
            .and_then(|tree| EarlierTree::find(&job.layout, job.owner, job.recorded.as_ref()?, tree));
        Ok(Self { tree, inventory, known })
    }

    /// The tree and what is known of it.
    fn earlier(&self) -> Option<(&EarlierTree, &Inventory)> {
        self.known.as_ref().zip(self.inventory.as_ref())
    }
}

/// Puts the tree together and backs the old one up; neither where the old one is what the new one would be.
pub(super) fn build(job: &Job<'_>, shared: &Shared) -> Result<Prepared, TransactionError> {
    shared.begin(false, 0);
    let mut found = ExistingTree::of(job)?;
    let made = match &job.source {
        Source::Package(package) => match standing(job, package, &found, shared)? {
            Some(standing) => return Ok(Prepared::Stands(standing)),
            None => unpack(job, package, &found, shared)?,
        },
        Source::Back(old) => bring_back(job, old, shared)?,
        Source::Nothing(_) => {
            stage::create_container(&job.layout, job.owner)?;
            Made::nothing()
        }
    };
    shared.check()?;
    let (backup, before) = back_up(job, &found, shared)?;
    if let Some(old) = &mut found.inventory {
        old.note_changed(|path| made.linked.get(path).map(|stamp| stamp.changed));
    }
    let change = compare(&before, &made.new);
    Ok(Prepared::New(Box::new(Ready {
        found: found.tree,
        old: found.inventory,
        backup,
        ownership: made.ownership,
        counts: change.counts(),
        listing: made.listing,
        php: change.php(),
        built: made.built,
        facts: made.facts,
        linked: made.linked,
        brought: None,
        young: Vec::new(),
        replaced: None,
        tree: made.tree,
    })))
}

/// The installed tree, where it is what the new one would be.
fn standing(
    job: &Job<'_>,
    package: &LocatedPackage,
    found: &ExistingTree,
    shared: &Shared,
) -> Result<Option<TreesOnDisk>, TransactionError> {
    let Some((known, tree)) = found.earlier() else {
        return Ok(None);
    };
    if job.with_db || !known.is_as_new(tree, package.sha256(), job.owner) {
        return Ok(None);
    }
    shared.begin(true, tree.items().len());
    let listing = listed(known.listing(), job)?;
    let backup = known.package();
    Ok(Some(TreesOnDisk { listing, backup }))
}

/// A tree that was put together.
struct Made {
    tree: Option<File>,
    ownership: Ownership,
    /// What stands in it.
    new: Fingerprint,
    listing: Vec<u8>,
    built: Option<Built>,
    facts: Option<TreeFacts>,
    linked: Linked,
}

impl Made {
    /// No tree.
    fn nothing() -> Self {
        Self {
            tree: None,
            ownership: Ownership::MayNot,
            new: Fingerprint::new(),
            listing: Vec::new(),
            built: None,
            facts: None,
            linked: Linked::new(),
        }
    }
}

/// The tree of a package; files that the old one has already are taken over.
fn unpack(
    job: &Job<'_>,
    package: &LocatedPackage,
    found: &ExistingTree,
    shared: &Shared,
) -> Result<Made, TransactionError> {
    // Migrations run in the new tree, and may write to what stands in it: no file of the old one may be that.
    let earlier = found.earlier().filter(|_| !job.with_db);
    let made = unpack_beside(job, package, earlier, shared);
    // Owner or mode of one of those was changed since: nothing is put right through its second name.
    if earlier.is_some() && matches!(made, Err(TransactionError::Files(FsError::HardLinked { .. }))) {
        remove_tree(&job.layout.tree())?;
        return unpack_beside(job, package, None, shared);
    }
    made
}

fn unpack_beside(
    job: &Job<'_>,
    package: &LocatedPackage,
    earlier: Option<(&EarlierTree, &Inventory)>,
    shared: &Shared,
) -> Result<Made, TransactionError> {
    let tree = stage::create_tree(&job.layout, job.owner)?;
    let archive = (package.archive(), package.prefix());
    let extracted = extract(job, archive, &tree, earlier, shared)?;
    let listing = listed(listing::list(&extracted.files), job)?;
    let (ownership, items) = settle_tree(&tree, &job.layout.tree(), job.owner)?;
    let id = TreeId::of_open(&tree, &job.layout.tree())?;
    let (files, linked) = facts(&extracted.files, &items);
    Ok(Made {
        tree: Some(tree),
        ownership,
        new: fingerprint(extracted.files),
        listing,
        // Migrations are taken out of it, and run in it.
        built: (!job.with_db).then(|| Built::of_items(&items)),
        facts: Some(TreeFacts {
            package: package.sha256(),
            tree: id,
            files,
        }),
        linked,
    })
}

/// The tree of a plugin that comes back. Which files its package brought is recorded already; nothing is taken over, and
/// of its files nothing is known until they are read.
fn bring_back(job: &Job<'_>, old: &OldTree, shared: &Shared) -> Result<Made, TransactionError> {
    let tree = stage::create_tree(&job.layout, job.owner)?;
    match old {
        OldTree::Backup { path, file, form } => unpack_backup(path, file, *form, &job.layout.tree())?,
        OldTree::Package(kept) => {
            extract(job, (kept.archive(), kept.prefix()), &tree, None, shared)?;
        }
    }
    Ok(Made {
        ownership: chown_tree(&tree, &job.layout.tree(), job.owner)?,
        new: fingerprint_of(&job.layout.tree())?,
        tree: Some(tree),
        ..Made::nothing()
    })
}

fn listed(lines: std::io::Result<Vec<u8>>, job: &Job<'_>) -> Result<Vec<u8>, FsError> {
    lines.map_err(|fault| FsError::new(Attempt::Read, job.layout.tree(), fault))
}

fn extract(
    job: &Job<'_>,
    (archive, prefix): (&Archive, &str),
    tree: &File,
    earlier: Option<(&EarlierTree, &Inventory)>,
    shared: &Shared,
) -> Result<Extracted, ArchiveError> {
    // Migrations run from the staged tree; nothing else below `db/` is ever installed.
    let skip = |path: &str| !job.with_db && is_data(path);
    let progress = |done: u64, of: u64| {
        shared.done.store(done, Ordering::Relaxed);
        shared.of.store(of, Ordering::Relaxed);
        match shared.check() {
            Ok(()) => ControlFlow::Continue(()),
            Err(Cancelled) => ControlFlow::Break(()),
        }
    };
    let standing = |path: &str| earlier.and_then(|(known, _)| known.shareable(path));
    let earlier = earlier.map(|(known, tree)| Earlier {
        files: known.files(),
        folder: tree.handle().as_fd(),
        standing: &standing,
    });
    archive.extract_beside(tree.as_fd(), prefix, &skip, &progress, earlier)
}

/// What is known of the files of the new tree, and which of them have a second name in the old one. `files` by path.
fn facts(files: &[ExtractedFile], items: &[Item]) -> (BTreeMap<String, FileFacts>, Linked) {
    let mut items: Vec<&Item> = items.iter().collect();
    items.sort_unstable_by(|one, other| one.path.as_os_str().cmp(other.path.as_os_str()));
    let mut items = items.into_iter().peekable();
    let (mut known, mut linked) = (Vec::with_capacity(files.len()), HashMap::new());
    for file in files.iter().filter(|file| !is_data(&file.path)) {
        let path = Path::new(&file.path);
        while items.next_if(|item| item.path.as_os_str() < path.as_os_str()).is_some() {}
        let Some(item) = items.next_if(|item| item.path == path) else {
            continue;
        };
        let (stamp, sha256) = (Stamp::of_any(item), file.sha256);
        known.push((file.path.clone(), FileFacts { stamp, sha256 }));
        if let Some(changed) = file.taken {
            // What was done to it since it was taken over is seen after the swap.
            linked.insert(path.to_owned(), Stamp { changed, ..stamp });
        }
    }
    // Made at once of what is sorted, the map has no gaps.
    (known.into_iter().collect(), linked)
}

/// The backup of the old tree, and what stands in it. The kept package is one, where the tree holds nothing else and
/// another takes its place: of a plugin that goes the backup is an archive of its own, which bringing it back reads.
fn back_up(job: &Job<'_>, found: &ExistingTree, shared: &Shared) -> Result<(Backup, Fingerprint), TransactionError> {
    let Some(tree) = &found.inventory else {
        return Ok((Backup::None, Fingerprint::new()));
    };
    shared.begin(true, tree.items().len());
    let (known, stamp) = match &job.source {
        Source::Package(_) => (found.known.as_ref(), None),
        Source::Back(_) => (None, None),
        Source::Nothing(stamp) => (None, Some(stamp.as_str())),
    };
    if let Some(known) = known.filter(|known| known.is_whole(tree)) {
        return Ok((Backup::Kept(known.package()), known.fingerprint()));
    }
    let place = old_tree::BackupName {
        layout: &job.layout,
        owner: job.owner,
        now: job.now,
        stamp,
    };
    let (made, before) = old_tree::back_up(place, tree, known)?;
    Ok((Backup::Made(made), before))
}

fn fingerprint(files: Vec<ExtractedFile>) -> Fingerprint {
    let installed = files.into_iter().filter(|file| !is_data(&file.path));
    let print = |file: ExtractedFile| (file.path.into_bytes().into_boxed_slice(), (file.size, file.crc32));
    installed.map(print).collect()
}
