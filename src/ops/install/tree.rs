//! The new tree of an installation and the backup of the old one, put together on threads of their own while the
//! operation's thread does something else (SPEC §5.7, §5.11, §5.17).

use std::fs::File;
use std::ops::ControlFlow;
use std::os::fd::AsFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

use chrono::{DateTime, FixedOffset};

use super::compare::{Fingerprint, compare, is_data};
use super::old_tree;
use super::package::Inspected;
use super::{Begun, Installation};
use crate::Error;
use crate::archive::{ArchiveError, Extracted};
use crate::base::fs::{Attempt, FsError, Inventory, Owner, Ownership, TreeId, chown_tree};
use crate::log::{Progress, Reporter, Step};
use crate::ops::conversation::panic_text;
use crate::outcome::FileCounts;
use crate::stage::{self, Layout, PreparedBackup};

/// What stands ready for the swap.
pub(super) struct Ready {
    /// The old tree, when its backup was made.
    pub(super) found: Option<TreeId>,
    /// What stood in it then.
    pub(super) old: Option<Inventory>,
    pub(super) backup: Option<PreparedBackup>,
    pub(super) ownership: Ownership,
    pub(super) counts: FileCounts,
    /// PHP files that the swap changes, below the plugin's folder.
    pub(super) php: Vec<String>,
}

/// What the working threads need to know.
struct Job<'a> {
    layout: &'a Layout,
    owner: Owner,
    package: &'a Inspected,
    with_db: bool,
    now: DateTime<FixedOffset>,
    stop: &'a AtomicBool,
    done: &'a AtomicU64,
    of: &'a AtomicU64,
}

const TELL_EVERY: Duration = Duration::from_millis(50);

impl Installation<'_> {
    /// Puts the tree together while `beside` runs on this thread. Both have ended when this returns.
    pub(super) fn build_tree_beside(
        &self,
        begun: &mut Begun,
        owner: Owner,
        package: &Inspected,
        with_db: bool,
        beside: impl FnOnce(&mut Begun) -> Result<(), Error>,
    ) -> Result<Ready, Error> {
        let layout = begun.layout.clone();
        let (stop, done, of) = (AtomicBool::new(false), AtomicU64::new(0), AtomicU64::new(0));
        let now = self.narrator.clock().now();
        let job = Job {
            layout: &layout,
            owner,
            package,
            with_db,
            now,
            stop: &stop,
            done: &done,
            of: &of,
        };
        std::thread::scope(|scope| {
            let (sender, receiver) = sync_channel(1);
            let build_all = || {
                let built = catch_unwind(AssertUnwindSafe(|| build(&job)));
                built.unwrap_or_else(|panic| Err(Error::Internal(panic_text(panic.as_ref()))))
            };
            let beside_us = std::thread::Builder::new().spawn_scoped(scope, move || {
                // The receiver outlives this thread.
                let _ = sender.send(build_all());
            });
            let rows = catch_unwind(AssertUnwindSafe(|| beside(begun)))
                .unwrap_or_else(|panic| Err(Error::Internal(panic_text(panic.as_ref()))));
            let mut told = Ok(());
            if rows.is_err() {
                stop.store(true, Ordering::Relaxed);
            }
            if beside_us.is_err() {
                // The system refused the thread: one after the other, then.
                rows?;
                return build_all();
            }
            let built = loop {
                match receiver.recv_timeout(TELL_EVERY) {
                    Ok(built) => break built,
                    Err(RecvTimeoutError::Disconnected) => {
                        break Err(Error::Internal("a working thread ended without a word".to_owned()));
                    }
                    Err(RecvTimeoutError::Timeout) if told.is_ok() => {
                        let (done, of) = (done.load(Ordering::Relaxed), of.load(Ordering::Relaxed));
                        told = self.narrator.progress(Progress {
                            step: Step::Extract,
                            done,
                            of,
                            unit: "arquivos",
                        });
                        if told.is_err() {
                            stop.store(true, Ordering::Relaxed);
                        }
                    }
                    Err(RecvTimeoutError::Timeout) => {}
                }
            };
            rows?;
            told?;
            built
        })
    }
}

/// Unpacks the migrations alone, so that the caller can be asked about them: where an installation would have them. The
/// dry run has verified the package.
pub(super) fn extract_migrations(layout: &Layout, package: &Inspected) -> Result<PathBuf, Error> {
    let folder = layout.staging();
    let handle = File::open(&folder).map_err(|fault| FsError::new(Attempt::Read, &folder, fault))?;
    let skip = |path: &str| !path.starts_with("db/migrations") && path != "db";
    let go_on = |_, _| ControlFlow::Continue(());
    package
        .archive
        .extract_verified(handle.as_fd(), &package.prefix, &skip, &go_on)?;
    Ok(folder.join("db").join("migrations"))
}

fn build(job: &Job<'_>) -> Result<Ready, Error> {
    let tree = stage::create_tree(job.layout, job.owner)?;
    let extracted = extract(job, &tree)?;
    let ownership = chown_tree(&job.layout.tree(), job.owner)?;
    if job.stop.load(Ordering::Relaxed) {
        return Err(crate::log::Cancelled.into());
    }
    let (mut old, mut backup, mut before) = (None, None, Fingerprint::new());
    let found_tree = TreeId::of(&job.layout.installed())?;
    if found_tree.is_some() {
        let inventory = old_tree::list(&job.layout.installed())?;
        let (prepared, found) = old_tree::back_up(job.layout, job.owner, job.now, &inventory)?;
        (old, backup, before) = (Some(inventory), Some(prepared), found);
    }
    let new = extracted.files.into_iter().filter(|file| !is_data(&file.path));
    let new = new.map(|file| (file.path.into_bytes().into_boxed_slice(), (file.size, file.crc32)));
    let (counts, php) = compare(&before, &new.collect());
    Ok(Ready {
        found: found_tree,
        old,
        backup,
        ownership,
        counts,
        php,
    })
}

fn extract(job: &Job<'_>, tree: &File) -> Result<Extracted, ArchiveError> {
    // Migrations run from the staged tree; nothing else below `db/` is ever installed.
    let skip = |path: &str| !job.with_db && is_data(path);
    let progress = |done: u64, of: u64| {
        job.done.store(done, Ordering::Relaxed);
        job.of.store(of, Ordering::Relaxed);
        if job.stop.load(Ordering::Relaxed) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    job.package
        .archive
        .extract(tree.as_fd(), &job.package.prefix, &skip, &progress)
}
