//! The files of a change: the new tree and the backup of the old one, put together on a thread of their own while the
//! operation's thread does something else (SPEC §5.7, §5.11, §5.17); then the swap.

use std::fs::File;
use std::ops::ControlFlow;
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{Builder, ScopedJoinHandle, Thread, current, park_timeout, scope};
use std::time::Duration;

use chrono::{DateTime, FixedOffset};

use super::super::run::Run;
use super::super::{Context, Observer, OldTree, TransactionError};
use super::compare::{Fingerprint, compare, fingerprint_of, is_data};
use super::listing;
use super::old_tree;
use super::ready::Ready;
use crate::archive::{ArchiveError, Extracted, unpack_backup};
use crate::base::fs::{Owner, Ownership, TreeId, chown_tree};
use crate::base::panic;
use crate::log::{Cancelled, Progress, Step};
use crate::package::LocatedPackage;
use crate::stage::{self, Layout, StageError, swap};

/// A tree to put together, or one that goes and is backed up.
struct Job<'p> {
    /// Its place in the set.
    run: usize,
    layout: Layout,
    owner: Owner,
    /// What the new tree is made of.
    source: Source<'p>,
    with_db: bool,
    now: DateTime<FixedOffset>,
}

/// What a tree is made of.
enum Source<'p> {
    Package(&'p LocatedPackage),
    Back(&'p OldTree),
    /// There is none: the plugin goes. Its backup has the stamp of what else is kept of it.
    Nothing(String),
}

/// What the working thread and the operation's thread tell each other.
#[derive(Default)]
struct Shared {
    stop: AtomicBool,
    done: AtomicU64,
    of: AtomicU64,
}

/// Each tree that was put together, with its place in the set.
type Built = Result<Vec<(usize, Ready)>, TransactionError>;

const TELL_EVERY: Duration = Duration::from_millis(50);

/// Puts the trees together while `beside` runs on this thread. Both have ended when this returns.
pub(in crate::transaction) fn prepare(
    runs: &mut [Run<'_>],
    cx: &mut Context<'_>,
    beside: impl FnOnce(&mut [Run<'_>], &mut Context<'_>) -> Result<(), TransactionError>,
) -> Result<(), TransactionError> {
    let now = cx.observer.clock().now();
    let jobs = jobs(runs, now)?;
    if jobs.is_empty() {
        return beside(runs, cx);
    }
    let (shared, waiting) = (Shared::default(), current());
    let built = scope(|scope| {
        let work = || build_all(&jobs, &shared, &waiting);
        let Ok(thread) = Builder::new().spawn_scoped(scope, work) else {
            // The system refused the thread: one after the other, then.
            beside(runs, cx)?;
            return work();
        };
        let done = beside(runs, cx);
        if done.is_err() {
            shared.stop.store(true, Ordering::Relaxed);
        }
        let built = wait(thread, &shared, cx.observer);
        done.and(built)
    })?;
    for (run, ready) in built {
        runs[run].ready = Some(ready);
    }
    Ok(())
}

fn jobs<'p>(runs: &[Run<'p>], now: DateTime<FixedOffset>) -> Result<Vec<Job<'p>>, StageError> {
    let moved = runs.iter().enumerate().filter_map(|(at, run)| {
        if !run.change.moves_tree() {
            return None;
        }
        let back = run.change.returning().and_then(|back| back.tree);
        let source = match (run.change.arrival(), back) {
            (Some(arrival), _) => Source::Package(&arrival.package.located),
            (None, Some(old)) => Source::Back(old),
            (None, None) => Source::Nothing(run.aside.stamp().to_owned()),
        };
        let (layout, with_db) = (run.layout.clone(), run.change.migrates());
        let owner = stage::owner(layout.root());
        Some(owner.map(|owner| Job {
            run: at,
            layout,
            owner,
            source,
            with_db,
            now,
        }))
    });
    moved.collect()
}

/// Tells how far the trees are until they are done, and stops them when nobody wants them any more.
fn wait(thread: ScopedJoinHandle<'_, Built>, shared: &Shared, observer: &dyn Observer) -> Built {
    let mut told = Ok(());
    while !thread.is_finished() {
        park_timeout(TELL_EVERY);
        if told.is_ok() {
            told = tell(shared, observer);
        }
        if told.is_err() {
            shared.stop.store(true, Ordering::Relaxed);
        }
    }
    let built = thread.join().unwrap_or_else(|payload| {
        let text = panic::text(payload.as_ref());
        Err(TransactionError::Internal(text))
    });
    told?;
    built
}

fn tell(shared: &Shared, observer: &dyn Observer) -> Result<(), Cancelled> {
    observer.progress(Progress {
        step: Step::Extract,
        done: shared.done.load(Ordering::Relaxed),
        of: shared.of.load(Ordering::Relaxed),
        unit: "arquivos",
    })
}

fn build_all(jobs: &[Job<'_>], shared: &Shared, waiting: &Thread) -> Built {
    let built = jobs.iter().map(|job| Ok((job.run, build(job, shared)?))).collect();
    waiting.unpark();
    built
}

fn build(job: &Job<'_>, shared: &Shared) -> Result<Ready, TransactionError> {
    let package = match &job.source {
        Source::Package(package) => *package,
        Source::Back(old) => return bring_back(job, old, shared),
        Source::Nothing(_) => {
            stage::create_container(&job.layout, job.owner)?;
            return back_up(job, shared, None);
        }
    };
    let tree = stage::create_tree(&job.layout, job.owner)?;
    let extracted = extract(job, package, &tree, shared)?;
    let listing = listing::list(&job.layout.tree(), &extracted)?;
    let ownership = chown_tree(&tree, &job.layout.tree(), job.owner)?;
    let new = extracted.files.into_iter().filter(|file| !is_data(&file.path));
    let new = new.map(|file| (file.path.into_bytes().into_boxed_slice(), (file.size, file.crc32)));
    let made = Made {
        tree,
        listing,
        ownership,
        new: new.collect(),
    };
    back_up(job, shared, Some(made))
}

/// The tree of a plugin that comes back. Which files its package brought is known already.
fn bring_back(job: &Job<'_>, old: &OldTree, shared: &Shared) -> Result<Ready, TransactionError> {
    let tree = stage::create_tree(&job.layout, job.owner)?;
    match old {
        OldTree::Backup { path, file, form } => unpack_backup(path, file, *form, &job.layout.tree())?,
        OldTree::Package(kept) => {
            extract(job, kept, &tree, shared)?;
        }
    }
    let ownership = chown_tree(&tree, &job.layout.tree(), job.owner)?;
    let made = Made {
        new: fingerprint_of(&job.layout.tree())?,
        tree,
        listing: Vec::new(),
        ownership,
    };
    back_up(job, shared, Some(made))
}

/// A tree that was put together.
struct Made {
    tree: File,
    listing: Vec<u8>,
    ownership: Ownership,
    new: Fingerprint,
}

/// The backup of the tree that goes, and what comes in its place.
fn back_up(job: &Job<'_>, shared: &Shared, made: Option<Made>) -> Result<Ready, TransactionError> {
    if shared.stop.load(Ordering::Relaxed) {
        return Err(Cancelled.into());
    }
    let (mut old, mut backup, mut before) = (None, None, Fingerprint::new());
    let found_tree = TreeId::of(&job.layout.installed())?;
    if found_tree.is_some() {
        let inventory = old_tree::list(&job.layout.installed())?;
        let stamp = match &job.source {
            Source::Nothing(stamp) => Some(stamp.as_str()),
            Source::Package(_) | Source::Back(_) => None,
        };
        let (prepared, found) = old_tree::back_up(&job.layout, job.owner, (job.now, stamp), &inventory)?;
        (old, backup, before) = (Some(inventory), Some(prepared), found);
    }
    let nothing = Fingerprint::new();
    let change = compare(&before, made.as_ref().map_or(&nothing, |made| &made.new));
    let (counts, php) = (change.counts(), change.php());
    let (tree, listing, ownership) = made.map_or((None, Vec::new(), Ownership::MayNot), |made| {
        (Some(made.tree), made.listing, made.ownership)
    });
    Ok(Ready {
        tree,
        kept: None,
        found: found_tree,
        old,
        backup,
        ownership,
        counts,
        listing,
        php,
    })
}

fn extract(job: &Job<'_>, package: &LocatedPackage, tree: &File, shared: &Shared) -> Result<Extracted, ArchiveError> {
    // Migrations run from the staged tree; nothing else below `db/` is ever installed.
    let skip = |path: &str| !job.with_db && is_data(path);
    let progress = |done: u64, of: u64| {
        shared.done.store(done, Ordering::Relaxed);
        shared.of.store(of, Ordering::Relaxed);
        if shared.stop.load(Ordering::Relaxed) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    let archive = package.archive();
    archive.extract(tree.as_fd(), package.prefix(), &skip, &progress)
}

/// Announces the swap, once everything that it needs stands ready on the disk.
pub(in crate::transaction) fn announce(run: &mut Run<'_>) -> Result<(), TransactionError> {
    let Some(ready) = &run.ready else { return Ok(()) };
    let (layout, backup) = (&run.layout, ready.backup.as_ref());
    match (run.change.arrival(), &ready.tree) {
        (Some(arrival), Some(tree)) => {
            let version = arrival.package.manifest.version;
            // The tree is known by the handle through which it was built, whatever stands at its path.
            let tree = TreeId::of_open(tree, &layout.tree())?;
            run.journal.announce_swap(layout, tree, backup, Some(version))?;
        }
        (None, Some(tree)) => {
            let tree = TreeId::of_open(tree, &layout.tree())?;
            run.journal.announce_swap(layout, tree, backup, None)?;
        }
        (_, None) => run.journal.announce_departure(layout, backup)?,
    }
    Ok(run.journal.check_found(&run.layout, ready.found)?)
}

/// Puts the package beside the place where it is kept.
pub(in crate::transaction) fn keep_package(run: &mut Run<'_>) -> Result<(), TransactionError> {
    let (Some(arrival), Some(ready)) = (run.change.arrival(), run.ready.as_mut()) else {
        return Ok(());
    };
    let (owner, package) = (stage::owner(run.layout.root())?, arrival.package);
    let (version, package) = (package.manifest.version, package.located.verified());
    let kept = stage::kept::prepare(&run.layout, package.file(), version, package.sha256(), owner)?;
    ready.kept = Some(kept);
    Ok(())
}

/// Step 14: the swap, and what was written to the old tree since its backup. Then backup and package must still be those
/// that were made.
pub(in crate::transaction) fn apply(run: &mut Run<'_>, cx: &Context<'_>) -> Result<(), TransactionError> {
    if run.ready.is_none() {
        return Ok(());
    }
    let owner = stage::owner(run.layout.root())?;
    let mechanism = if run.change.departure().is_some() {
        swap::depart(&run.layout, &mut run.journal)?
    } else {
        Some(swap::perform(&run.layout, &mut run.journal)?)
    };
    if let Some(mechanism) = mechanism {
        old_tree::keep_late_changes(run, owner, mechanism, cx)?;
    }
    let Some(ready) = &run.ready else { return Ok(()) };
    let backup = ready.backup.as_ref();
    backup.map_or(Ok(()), |backup| backup.check(&run.layout))?;
    let kept = ready.kept.as_ref();
    Ok(kept.map_or(Ok(()), |kept| stage::kept::check(&run.layout, kept))?)
}
