//! The new tree of an installation and the backup of the old one, put together on threads of their own while the
//! operation's thread does something else (SPEC §5.7, §5.11, §5.17).

use std::collections::BTreeMap;
use std::fs::File;
use std::ops::ControlFlow;
use std::os::fd::AsFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

use chrono::{DateTime, FixedOffset};

use super::package::Inspected;
use super::{Begun, Installation};
use crate::Error;
use crate::archive::{Archive, ArchiveError, Extracted, PackOptions, pack_folder, verify_packed};
use crate::base::fs::{Attempt, FsError, Owner, Ownership, chown_tree, remove_file};
use crate::log::{Progress, Reporter, Step};
use crate::ops::conversation::panic_text;
use crate::outcome::FileCounts;
use crate::stage::{self, Layout, PreparedBackup, StepError, backup};

/// What stands ready for the swap.
pub(super) struct Ready {
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

/// Unpacks the migrations alone, so that the caller can be asked about them: where an installation would have them.
pub(super) fn extract_migrations(layout: &Layout, package: &Inspected) -> Result<PathBuf, Error> {
    let folder = layout.staging();
    let handle = File::open(&folder).map_err(|fault| FsError::new(Attempt::Read, &folder, fault))?;
    let skip = |path: &str| !path.starts_with("db/migrations") && path != "db";
    let go_on = |_, _| ControlFlow::Continue(());
    package
        .archive
        .extract(handle.as_fd(), &package.prefix, &skip, &go_on)?;
    Ok(folder.join("db").join("migrations"))
}

/// What the swap would change, for a dry run: the old tree is read, the new one is known from its directory.
pub(super) fn compare_only(layout: &Layout, package: &Inspected) -> Result<FileCounts, Error> {
    let old = if layout.installed().is_dir() {
        fingerprint_folder(layout)?
    } else {
        BTreeMap::new()
    };
    let prefix = &package.prefix;
    let members = package.archive.members().iter().filter(|member| !member.is_folder());
    let new = members.filter_map(|member| {
        let path = member.name().strip_prefix(prefix.as_str())?;
        (!is_data(path)).then(|| (path.to_owned(), (member.size(), member.crc32())))
    });
    Ok(compare(&old, &new.collect()).0)
}

/// The installed tree has no `db/`.
fn is_data(path: &str) -> bool {
    path == "db" || path.starts_with("db/")
}

fn build(job: &Job<'_>) -> Result<Ready, Error> {
    let tree = stage::create_tree(job.layout, job.owner)?;
    let extracted = extract(job, &tree)?;
    let ownership = chown_tree(&job.layout.tree(), job.owner)?;
    if job.stop.load(Ordering::Relaxed) {
        return Err(crate::log::Cancelled.into());
    }
    let (backup, old) = if job.layout.installed().is_dir() {
        back_up(job).map(|(backup, old)| (Some(backup), old))?
    } else {
        (None, BTreeMap::new())
    };
    let new = extracted.files.into_iter().filter(|file| !is_data(&file.path));
    let (counts, php) = compare(&old, &new.map(|file| (file.path, (file.size, file.crc32))).collect());
    Ok(Ready {
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

/// Size and CRC-32 of every file of a tree, by path.
type Fingerprint = BTreeMap<String, (u64, u32)>;

fn back_up(job: &Job<'_>) -> Result<(PreparedBackup, Fingerprint), Error> {
    let installed = job.layout.installed();
    let pack = |file: &mut File| pack_folder(&installed, file, &|_| false, PackOptions::default());
    let mut found = BTreeMap::new();
    let prepared = backup::prepare(job.layout, job.now, job.owner, pack, |file, packed| {
        found = fingerprint(&verify_packed(file, packed)?);
        Ok(())
    });
    match prepared {
        Ok((backup, _)) => Ok((backup, found)),
        Err(StepError::Stage(fault)) => Err(fault.into()),
        Err(StepError::Callback(fault)) => Err(Error::Archive(fault)),
    }
}

fn fingerprint(archive: &Archive) -> Fingerprint {
    let files = archive.members().iter().filter(|member| !member.is_folder());
    files
        .map(|member| (member.name().to_owned(), (member.size(), member.crc32())))
        .collect()
}

fn fingerprint_folder(layout: &Layout) -> Result<Fingerprint, Error> {
    let path = layout.staging().join("old.zip");
    let file = super::package::create(&path)?;
    let packed = pack_folder(&layout.installed(), &file, &|_| false, PackOptions { level: 0 })?;
    let found = fingerprint(&verify_packed(&file, &packed)?);
    remove_file(&path)?;
    Ok(found)
}

/// What is new, other, and gone; and the PHP files among them.
fn compare(old: &Fingerprint, new: &Fingerprint) -> (FileCounts, Vec<String>) {
    let added = new.keys().filter(|path| !old.contains_key(*path)).collect::<Vec<_>>();
    let changed = new
        .iter()
        .filter(|(path, print)| old.get(*path).is_some_and(|found| found != *print));
    let changed = changed.map(|(path, _)| path).collect::<Vec<_>>();
    let removed = old.keys().filter(|path| !new.contains_key(*path)).collect::<Vec<_>>();
    let counts = FileCounts {
        novos: added.len() as u64,
        alterados: changed.len() as u64,
        removidos: removed.len() as u64,
    };
    let is_php = |path: &&&String| {
        Path::new(path)
            .extension()
            .is_some_and(|ending| ending.eq_ignore_ascii_case("php"))
    };
    // A new file may have been looked for, and its absence remembered, before.
    let php = added
        .iter()
        .chain(&changed)
        .chain(&removed)
        .filter(is_php)
        .map(|path| (*path).clone());
    (counts, php.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trees_are_compared_by_content() {
        let print = |files: &[(&str, u32)]| -> Fingerprint {
            files
                .iter()
                .map(|(path, crc)| ((*path).to_owned(), (1, *crc)))
                .collect()
        };
        let old = print(&[("a.php", 1), ("b", 1), ("c", 1), ("gone.PHP", 1)]);
        let new = print(&[("a.php", 2), ("b", 1), ("c", 2), ("d", 1)]);
        let (counts, php) = compare(&old, &new);
        assert_eq!((counts.novos, counts.alterados, counts.removidos), (1, 2, 1));
        assert_eq!(php, ["a.php", "gone.PHP"]);
    }

    #[test]
    fn data_is_what_stands_in_the_db_folder_of_the_root() {
        for (path, is) in [
            ("db", true),
            ("db/data/x", true),
            ("dbx/y", false),
            ("modules/db/x", false),
        ] {
            assert_eq!(is_data(path), is, "{path}");
        }
    }
}
