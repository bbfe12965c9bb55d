//! The steps in which the files of an operation are put in place, back, or away. Each is harmless when it has been done
//! already. Does the I/O; must not decide.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::StageError;
use super::assets;
use super::backup::next_name;
use super::built::Built;
use super::kept::publish_package;
use super::layout::CLOSED;
use super::premises::FOLDER_MODE;
use crate::base::fs::{self as base, Attempt, FsError, Owner};
use crate::model::{GestorRoot, Phrase, Slug};

/// One step. Paths are absolute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Exchange two folders at once; by two renames over a free name where the file system cannot.
    Exchange {
        /// Outside.
        one: PathBuf,
        /// In its place.
        other: PathBuf,
        /// A free name for what stands at `other`.
        spare: PathBuf,
    },
    /// Rename to a free name.
    Rename {
        /// From.
        from: PathBuf,
        /// To.
        to: PathBuf,
    },
    /// Give a package the name of its version. Another package of that name gets one of its own; where that cannot be
    /// done, this one does.
    PublishPackage {
        /// From.
        from: PathBuf,
        /// To.
        to: PathBuf,
    },
    /// Rename, replacing a file.
    Publish {
        /// From.
        from: PathBuf,
        /// To.
        to: PathBuf,
    },
    /// Rename to the wanted name, or the next free one like it.
    PublishBackup {
        /// From.
        from: PathBuf,
        /// To.
        to: PathBuf,
    },
    /// Remove a tree with all that is in it.
    RemoveTree(PathBuf),
    /// Remove a file or a tree of which nothing depends any more. What cannot be removed stays: clearing up is never a
    /// precondition.
    Discard(PathBuf),
    /// Rename a folder to the plugin's place. The site may make the folder anew at any moment: that one is kept.
    Bring {
        /// From.
        from: PathBuf,
        /// The plugin's place.
        to: PathBuf,
        /// Where a folder that stands there is kept.
        keep: PathBuf,
    },
    /// Rename a folder to the wanted name, or the next free one like it, for people to look at.
    Keep {
        /// From.
        from: PathBuf,
        /// To.
        to: PathBuf,
    },
    /// Discard a new tree that may have been the site's for a while; keep it if somebody wrote to it.
    DiscardBuilt {
        /// The tree.
        tree: PathBuf,
        /// What it held; unknown of an earlier release.
        built: Option<Built>,
        /// Where it is kept.
        to: PathBuf,
    },
    /// Remove a folder if it is empty.
    RemoveEmptyFolder(PathBuf),
    /// The same where nothing depends on it.
    DiscardEmptyFolder(PathBuf),
    /// Record what is published; where there is no new record it was recorded already.
    NoteAssets {
        /// The new record.
        from: PathBuf,
        /// Its place.
        to: PathBuf,
    },
    /// Take away what was published: aside at once where that is possible, so that nothing of it is served any more. What
    /// cannot be taken away stays recorded.
    Unpublish {
        /// Its address.
        from: PathBuf,
        /// A free name.
        aside: PathBuf,
    },
    /// Strike out of the record what is gone of that which was to go.
    SweepAssets {
        /// The gestor.
        root: GestorRoot,
        /// The plugin.
        slug: Slug,
    },
    /// Remove the record of what is published: nothing is, and nothing is left that is to go.
    ForgetAssets(PathBuf),
    /// Bring the names in a folder to the disk.
    SyncFolder(PathBuf),
    /// Note of which package the installed tree is made.
    Mark {
        /// The note.
        marker: PathBuf,
        /// SHA-256 of the package.
        package: String,
    },
    /// Give the journal the name of a closed one: from here on the operation is over for the files.
    CloseJournal(PathBuf),
}

/// What came of the steps.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StepsDone {
    /// Where the backup stands, if one was published.
    pub backup: Option<PathBuf>,
    /// Folders that were not removed because somebody wrote to them: where they are kept.
    pub kept: Vec<PathBuf>,
    /// What could not be kept or noted of an operation that committed.
    pub unpublished: Vec<Phrase>,
    /// Two renames stood in for an exchange.
    pub without_exchange: bool,
}

/// Does the steps in order; stops at the first fault. Deciding anew then gives what is left to do.
pub fn apply(actions: &[Action]) -> Result<StepsDone, StageError> {
    let mut applied = StepsDone::default();
    for action in actions {
        apply_one(action, &mut applied)?;
    }
    Ok(applied)
}

fn apply_one(action: &Action, applied: &mut StepsDone) -> Result<(), FsError> {
    match action {
        Action::Exchange { one, other, spare } => match base::exchange(one, other) {
            Err(FsError::Unsupported { .. }) => {
                applied.without_exchange = true;
                base::rename_no_replace(other, spare)?;
                base::rename_no_replace(one, other)
            }
            done => done,
        },
        Action::Rename { from, to } => base::rename_no_replace(from, to),
        // The operation has committed: what cannot be published is told, and does not keep it from ending.
        Action::PublishPackage { from, to } => {
            note(publish_package(from, to), applied);
            Ok(())
        }
        Action::Publish { from, to } => {
            note(base::rename_over(from, to), applied);
            Ok(())
        }
        Action::PublishBackup { from, to } => {
            applied.backup = Some(publish_backup(from, to)?);
            Ok(())
        }
        Action::RemoveTree(path) => base::remove_tree(path),
        Action::Discard(path) => {
            // It is told, and given a name of its own, when staging is cleared.
            let _ = base::remove_tree(path);
            Ok(())
        }
        Action::Bring { from, to, keep } => bring(from, to, keep, applied),
        Action::Keep { from, to } => keep(from, to, applied),
        Action::DiscardBuilt { tree, built, to } => discard_built(tree, *built, to, applied),
        Action::RemoveEmptyFolder(path) => base::remove_empty_folder(path),
        Action::DiscardEmptyFolder(path) => {
            let _ = base::remove_empty_folder(path);
            Ok(())
        }
        Action::NoteAssets { from, to } => {
            note(note_assets(from, to), applied);
            Ok(())
        }
        Action::Unpublish { from, aside } => {
            if base::rename_no_replace(from, aside).is_err() {
                let _ = base::remove_tree(from);
            }
            Ok(())
        }
        Action::SweepAssets { root, slug } => {
            // What still stands is told at the end of the operation.
            drop(assets::sweep(root, slug));
            Ok(())
        }
        Action::ForgetAssets(record) => {
            note(base::remove_file(record), applied);
            Ok(())
        }
        Action::SyncFolder(path) => sync(path),
        Action::Mark { marker, package } => {
            note(mark(marker, package), applied);
            Ok(())
        }
        Action::CloseJournal(path) => close_journal(path),
    }
}

fn note(done: Result<(), FsError>, applied: &mut StepsDone) {
    if let Err(fault) = done
        && !fault.is_absent()
    {
        applied.unpublished.push(Phrase::of(&fault));
    }
}

/// How often a folder that the site makes anew at once is set aside.
const TIMES: usize = 200;

fn bring(from: &Path, to: &Path, place: &Path, applied: &mut StepsDone) -> Result<(), FsError> {
    for _ in 0..TIMES {
        match base::rename_no_replace(from, to) {
            Err(FsError::Exists { .. }) => keep(to, place, applied)?,
            done => return done,
        }
    }
    base::rename_no_replace(from, to)
}

fn keep(from: &Path, to: &Path, applied: &mut StepsDone) -> Result<(), FsError> {
    // Files that it has in common with a tree that the site goes on working in: what is kept must not change with them.
    let _ = base::separate_files(from);
    let folder = to.parent().unwrap_or(to);
    let plugins = folder.parent().unwrap_or(folder);
    base::ensure_folders(plugins, folder, Some(Owner::of(plugins)?), FOLDER_MODE)?;
    let mut name = to.to_owned();
    for number in 2.. {
        match base::rename_no_replace(from, &name) {
            Ok(()) => break,
            Err(FsError::Exists { .. }) => {}
            Err(fault) if fault.is_absent() => return Ok(()),
            Err(fault) => return Err(fault),
        }
        let mut next = to.as_os_str().to_owned();
        next.push(format!("-{number}"));
        name = next.into();
    }
    applied.kept.push(name);
    Ok(())
}

/// What cannot be looked at is kept as well.
fn discard_built(tree: &Path, built: Option<Built>, to: &Path, applied: &mut StepsDone) -> Result<(), FsError> {
    if fs::symlink_metadata(tree).is_err_and(|fault| fault.kind() == ErrorKind::NotFound) {
        return Ok(());
    }
    let is_ours = built.is_some_and(|built| built.is_written_to(tree).is_ok_and(|written| !written));
    if !is_ours {
        return keep(tree, to, applied);
    }
    let _ = base::remove_tree(tree);
    Ok(())
}

/// A disk that has no room for the note must not keep a committed operation from ending: then there is none, and the
/// tree is known by its manifest alone. So it is where a stranger's note stands, which is not believed.
fn mark(marker: &Path, package: &str) -> Result<(), FsError> {
    let plugins = marker.ancestors().nth(2).unwrap_or(marker);
    let owner = Owner::of(plugins)?;
    if write_marker(plugins, marker, package, owner).is_ok() {
        return Ok(());
    }
    let removed = base::remove_file(marker);
    removed.or_else(|fault| match base::open_trusted(marker, owner, true) {
        Ok(Some(_)) => Err(fault),
        _ => Ok(()),
    })
}

fn write_marker(plugins: &Path, marker: &Path, package: &str, owner: Owner) -> Result<(), FsError> {
    let folder = marker.parent().unwrap_or(marker);
    base::ensure_folders(plugins, folder, Some(owner), 0o755)?;
    let partial = marker.with_file_name(format!(".{package}.partial"));
    let written = base::replace_file(&partial, Some(owner), 0o644).and_then(|mut file| {
        let written = writeln!(file, "{package}");
        written.map_err(|fault| FsError::new(Attempt::Write, marker, fault))?;
        base::rename_over(&partial, marker)
    });
    if written.is_err() {
        let _ = base::remove_file(&partial);
    }
    written
}

/// Where the new record is missing this was done already.
fn note_assets(from: &Path, to: &Path) -> Result<(), FsError> {
    if fs::symlink_metadata(from).is_err() {
        return Ok(());
    }
    let folder = to.parent().unwrap_or(to);
    let plugins = folder.parent().unwrap_or(folder);
    base::ensure_folders(plugins, folder, Some(Owner::of(plugins)?), 0o755)?;
    base::rename_over(from, to)
}

fn close_journal(path: &Path) -> Result<(), FsError> {
    match base::rename_over(path, &path.with_file_name(CLOSED)) {
        Err(fault) if fault.is_absent() => {}
        done => done?,
    }
    path.parent().map_or(Ok(()), sync)
}

/// A folder that is gone needs no sync.
fn sync(folder: &Path) -> Result<(), FsError> {
    if fs::symlink_metadata(folder).is_err() {
        return Ok(());
    }
    base::fsync_dir(folder)
}

fn publish_backup(from: &Path, to: &Path) -> Result<PathBuf, FsError> {
    let mut to = to.to_owned();
    loop {
        match base::rename_no_replace(from, &to) {
            Ok(()) => return Ok(to),
            Err(FsError::Exists { .. }) => to = next_name(&to),
            Err(fault) => return Err(fault),
        }
    }
}
