//! The files of a change: the new tree and the backup of the old one, put together on a thread of their own while the
//! operation's thread does something else (SPEC §5.7, §5.11, §5.17); then the swap.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::thread::{Builder, ScopedJoinHandle, Thread, current, park_timeout, scope, sleep};
use std::time::Duration;

use chrono::{DateTime, FixedOffset};

use super::super::change_record::ChangeRecord;
use super::super::run::Run;
use super::super::{Context, TransactionError, TransactionReporter};
use super::new_tree::{Job, Prepared, Shared, Source, build};
use super::old_tree;
use super::recorded::Recorded;
use crate::base::fs::{self as base, Stamp, TreeId, remove_shared, stamping_clock};
use crate::base::hash::sha256_reader;
use crate::base::panic;
use crate::log::{Cancelled, Progress, Step};
use crate::stage::{self, FileFacts, Layout, StageError, TreeFacts, swap};

/// Each tree that was put together, with its place in the set.
type Built = Result<Vec<(usize, Prepared)>, TransactionError>;

const TELL_EVERY: Duration = Duration::from_millis(50);

/// Puts the trees together while `beside` runs on this thread. Both have ended when this returns.
pub(in crate::transaction) fn prepare(
    runs: &mut [Run<'_>],
    cx: &mut Context<'_>,
    beside: impl FnOnce(&mut [Run<'_>], &mut Context<'_>) -> Result<(), TransactionError>,
) -> Result<(), TransactionError> {
    let now = cx.reporter.clock().now();
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
        let built = wait(thread, &shared, cx.reporter);
        if done.is_ok() && built.is_err() {
            let at = shared.at.load(Ordering::Relaxed);
            cx.reporter.turn_to(jobs.get(at).map(|job| job.layout.slug()));
        }
        done.and(built)
    })?;
    for (run, prepared) in built {
        match prepared {
            Prepared::New(ready) => runs[run].ready = Some(*ready),
            Prepared::Stands(standing) => runs[run].standing = Some(standing),
        }
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
            (None, None) => Source::Nothing(run.snapshot.stamp().to_owned()),
        };
        let (layout, with_db) = (run.layout.clone(), run.change.migrates());
        let owner = stage::owner(layout.root());
        // What goes is read, and packed as it is; what comes back is made of what was kept of it alone.
        let recorded = run.change.arrival().and_then(|_| recorded(&run.change.account));
        Some(owner.map(|owner| Job {
            run: at,
            layout,
            owner,
            source,
            with_db,
            recorded,
            now,
        }))
    });
    moved.collect()
}

/// The package of which the tree should be made; of what another installer left nothing is known.
fn recorded(account: &ChangeRecord<'_>) -> Option<Recorded> {
    let recorded = Recorded::of(account.version.as_deref(), account.checksum.as_deref());
    recorded.filter(|_| account.external.is_none())
}

/// Tells how far the trees are until they are done, and stops them when nobody wants them any more.
fn wait(thread: ScopedJoinHandle<'_, Built>, shared: &Shared, reporter: &dyn TransactionReporter) -> Built {
    let mut told = Ok(());
    while !thread.is_finished() {
        park_timeout(TELL_EVERY);
        if told.is_ok() {
            told = tell(shared, reporter);
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
    // However fast it was: a tree was backed up.
    if shared.state().0 == Step::Backup {
        tell(shared, reporter)?;
    }
    built
}

fn tell(shared: &Shared, reporter: &dyn TransactionReporter) -> Result<(), Cancelled> {
    let (step, done, of) = shared.state();
    let unit = "arquivos";
    reporter.progress(Progress { step, done, of, unit })
}

fn build_all(jobs: &[Job<'_>], shared: &Shared, waiting: &Thread) -> Built {
    let one = |(at, job): (usize, &Job<'_>)| {
        shared.at.store(at, Ordering::Relaxed);
        Ok((job.run, build(job, shared)?))
    };
    let built = jobs.iter().enumerate().map(one).collect();
    waiting.unpark();
    built
}

/// Announces the swap, once everything that it needs stands ready on the disk.
pub(in crate::transaction) fn announce(run: &mut Run<'_>) -> Result<(), TransactionError> {
    let layout = &run.layout;
    let version = run.change.arrival().map(|arrival| arrival.package.manifest.version);
    let Some(ready) = &run.ready else {
        let keeps = |version| Ok(run.journal.announce_kept(layout, version)?);
        return version.map_or(Ok(()), keeps);
    };
    if let Some(built) = ready.built {
        run.journal.note_built(built);
    }
    let backup = ready.backup.made();
    match &ready.tree {
        Some(tree) => {
            // The tree is known by the handle through which it was built, whatever stands at its path.
            let tree = TreeId::of_open(tree, &layout.tree())?;
            run.journal.announce_swap(layout, tree, backup, version)?;
        }
        None => run.journal.announce_departure(layout, backup)?,
    }
    Ok(run.journal.check_found(&run.layout, ready.found)?)
}

/// Puts the package beside the place where it is kept.
pub(in crate::transaction) fn keep_package(run: &mut Run<'_>) -> Result<(), TransactionError> {
    let Some(arrival) = run.change.arrival() else {
        return Ok(());
    };
    let (owner, package) = (stage::owner(run.layout.root())?, arrival.package);
    let (version, package) = (package.manifest.version, package.located.verified());
    run.kept = Some(stage::kept::prepare(
        &run.layout,
        package.file(),
        version,
        package.sha256(),
        owner,
    )?);
    Ok(())
}

/// Step 14: the swap, and what was written to the old tree since its backup. Then backup and package must still be those
/// that were made.
pub(in crate::transaction) fn apply(run: &mut Run<'_>, cx: &Context<'_>) -> Result<(), TransactionError> {
    let owner = stage::owner(run.layout.root())?;
    if let Some(ready) = run.ready.as_mut() {
        ready.brought = stamping_clock().ok();
        let mechanism = if run.change.departure().is_some() {
            swap::depart(&run.layout, &mut run.journal)?
        } else {
            Some(swap::perform(&run.layout, &mut run.journal)?)
        };
        if let Some(mechanism) = mechanism {
            old_tree::keep_late_changes(run, owner, mechanism, cx)?;
        }
    }
    if let Some(ready) = &run.ready {
        ready.backup.check(&run.layout)?;
    }
    let kept = run.kept.as_ref();
    Ok(kept.map_or(Ok(()), |kept| stage::kept::check(&run.layout, kept))?)
}

/// Committed: takes the old tree away, of which files live on in the new one. What is known of those counts from then on.
pub(in crate::transaction) fn part(run: &mut Run<'_>) {
    let Some(ready) = run.ready.as_mut() else { return };
    let (linked, brought) = (&ready.linked, ready.brought);
    let shared = |path: &Path| linked.get(path).copied();
    // What is not removed now is removed with the rest, and then nothing is known of it.
    let parted = match &ready.replaced {
        Some(old) if !linked.is_empty() => remove_shared(old, &run.layout.installed(), &shared).unwrap_or_default(),
        _ => Vec::new(),
    };
    let parted: HashMap<PathBuf, Stamp> = parted.into_iter().collect();
    let Some(facts) = ready.facts.as_mut() else { return };
    let is_linked = |path: &String| linked.contains_key(Path::new(path));
    facts.files.retain(|path, known| {
        if !is_linked(path) {
            return true;
        }
        let stamp = parted.get(Path::new(path));
        known.stamp = stamp.copied().unwrap_or(known.stamp);
        stamp.is_some()
    });
    let is_known = |known: &FileFacts| brought.is_some_and(|brought| known.stamp.changed < brought);
    let young = facts
        .files
        .iter()
        .filter(|(path, known)| !is_linked(path) && !is_known(known));
    ready.young = young.map(|(path, _)| path.clone()).collect();
}

/// The last of all: what the next operation need not read.
pub(in crate::transaction) fn note(run: &mut Run<'_>) {
    let Some(ready) = run.ready.as_mut() else { return };
    // Without it the next operation reads everything.
    let _ = match ready.facts.as_mut().filter(|facts| is_past_stamps(facts)) {
        Some(facts) => {
            for path in &ready.young {
                if !facts
                    .files
                    .get(path)
                    .is_some_and(|known| holds(&run.layout, path, known))
                {
                    facts.files.remove(path);
                }
            }
            facts.write(&run.layout)
        }
        None => TreeFacts::forget(&run.layout),
    };
}

/// Times that the clock is looked at, a millisecond apart: it ticks within ten.
const LOOKS: u32 = 16;

/// Waits until the clock of stamps is past all that are known: who writes to a file from then on gives it another one. That
/// is so nearly always by now.
fn is_past_stamps(facts: &TreeFacts) -> bool {
    let newest = facts.files.values().map(|known| known.stamp.changed).max();
    for _ in 0..LOOKS {
        if stamping_clock().is_ok_and(|now| newest.is_none_or(|newest| newest < now)) {
            return true;
        }
        sleep(Duration::from_millis(1));
    }
    false
}

/// Whether a file of the installed tree holds what was unpacked. It was made in the tick of the swap: its stamp alone does
/// not tell that nobody wrote to it.
fn holds(layout: &Layout, path: &str, known: &FileFacts) -> bool {
    let Ok(file) = base::open_to_read(&layout.installed().join(path), known.stamp.size) else {
        return false;
    };
    let is_same = sha256_reader(&file).is_ok_and(|(digest, _)| digest == known.sha256);
    is_same && Stamp::of_open(&file).is_ok_and(|stamp| stamp == known.stamp)
}
