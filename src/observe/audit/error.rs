//! Why the log could not be written or read, and what stands in it that should not.

use std::path::PathBuf;

use super::Difference;
use crate::base::db::DbError;
use crate::base::fs::FsError;

/// What can go wrong with the log.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// A file.
    #[error("the audit log: {0}")]
    Files(#[from] FsError),
    /// The table of checkpoints.
    #[error("the checkpoints of the audit log (gestor_plugins_auditoria): {0}")]
    Database(#[from] DbError),
    /// What was there before cannot be told any more, so nothing is written after it.
    #[error(
        "the audit log: {path} does not begin with what stood before it, and there is neither a head nor a checkpoint: move {folder} away to begin a new log, and keep it: it is evidence",
        path = path.display(), folder = folder.display()
    )]
    NoBeginning {
        /// The segment.
        path: PathBuf,
        /// Its folder.
        folder: PathBuf,
    },
    /// It is not what was written.
    #[error(
        "the audit log is not what was written: {0}. Compare it with a copy (syslog and the table gestor_plugins_auditoria hold sizes and roots); find out who wrote below backups/plugins/_auditoria/"
    )]
    Differs(Difference),
    /// The server's id is none.
    #[error("{} holds no id of a server (32 hexadecimal digits): put back what stood in it, or remove it to begin a new log", path.display())]
    ServerId {
        /// The file.
        path: PathBuf,
    },
}
