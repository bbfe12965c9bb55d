//! What can go wrong with the files of an operation. All of it is code 12.

use std::path::PathBuf;

use crate::base::fs::FsError;
use crate::model::Phrase;

/// A failure of staging, backup, swap or recovery.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// The system refused.
    #[error(transparent)]
    Fs(#[from] FsError),
    /// What stands at the plugin's place is no folder, and a swap would replace it.
    #[error(
        "{} is {what}, not a folder: an update would replace it. Put the plugin's folder itself there, or move it away, and try again", path.display()
    )]
    NotAFolder {
        /// The place.
        path: PathBuf,
        /// What stands there.
        what: Phrase,
    },
    /// The journal is no journal. A journal is written whole or not at all, so this one is not ours or was damaged.
    #[error(
        "the journal {} cannot be read ({source}): no program of ours wrote it like this. Compare the plugin's folder with its backup, then move the folder that holds the journal out of the gestor; delete nothing before the site is well: its `tree` or `old`, also in plugins/.staging, may be the only copy of the plugin's folder",
        path.display()
    )]
    JournalUnreadable {
        /// Its path.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// The journal was written by a newer release.
    #[error(
        "the journal {} has format {found}, this release knows {known}: finish with the newer release, which began the operation",
        path.display()
    )]
    JournalNewer {
        /// Its path.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// Ours.
        known: u32,
    },
    /// The journal names other paths than an operation on this plugin has.
    #[error(
        "the journal {} belongs to something else ({what}): nothing was touched. Find out who wrote it, then move the folder that holds it out of the gestor; delete nothing before the site is well: its `tree` or `old` may be the only copy of the plugin's folder",
        path.display()
    )]
    JournalForeign {
        /// Its path.
        path: PathBuf,
        /// What does not fit.
        what: Phrase,
    },
    /// An earlier operation was interrupted and not recovered yet.
    #[error("an interrupted operation left the journal {}: recover it first", path.display())]
    JournalStands {
        /// Its path.
        path: PathBuf,
    },
    /// There is nothing to put in place.
    #[error("the new tree {} is gone, or another stands in its place: another program removed it; nothing was replaced. Try again", path.display())]
    TreeMissing {
        /// Where it was.
        path: PathBuf,
    },
    /// The folder at the plugin's place is not the one of which the backup was made.
    #[error(
        "{} was made or replaced by another program (the site, or a migration) while the new files were put together: it is in no backup, so it was left as it is and nothing was replaced. Try again",
        path.display()
    )]
    TreeReplaced {
        /// The folder.
        path: PathBuf,
    },
    /// Somebody put a folder of the same name there while an operation was interrupted.
    #[error(
        "{} is neither the folder that the interrupted operation found nor the one that it brought: somebody replaced it. Check it; if it is right, move {} out of the gestor and try again; delete nothing before the site is well: its `tree` or `old`, also in plugins/.staging, may be the only copy of the earlier folder",
        installed.display(), staging.display()
    )]
    Unrecognized {
        /// The folder.
        installed: PathBuf,
        /// What to move away once all is well.
        staging: PathBuf,
    },
    /// Neither place holds the tree that belongs there.
    #[error(
        "the folder that belongs at {} is gone: somebody removed it after an operation was interrupted. Restore it (the earlier one may be at {}, in plugins/_backups, or in `tree` or `old` of plugins/.staging), move {} out of the gestor and try again",
        installed.display(), backup.display(), staging.display()
    )]
    TreeLost {
        /// Where it belongs.
        installed: PathBuf,
        /// Where a backup may be.
        backup: PathBuf,
        /// What to move away once all is well.
        staging: PathBuf,
    },
}

/// A failure of a step that calls back: ours, or the callback's.
#[derive(Debug, thiserror::Error)]
pub enum StepError<E> {
    /// Ours.
    #[error(transparent)]
    Stage(StageError),
    /// The callback's.
    #[error("{0}")]
    Callback(E),
}

impl<E> From<StageError> for StepError<E> {
    fn from(fault: StageError) -> Self {
        Self::Stage(fault)
    }
}

impl<E> From<FsError> for StepError<E> {
    fn from(fault: FsError) -> Self {
        Self::Stage(fault.into())
    }
}
