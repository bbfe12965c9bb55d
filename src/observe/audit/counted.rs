//! How many records there have ever been, without reading them.

use super::head::Head;
use super::segment::{self, PATIENCE};
use super::{AuditError, Place};
use crate::base::fs::{HeldFile, open_to_read};

/// Records of a log, those that have gone included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counted {
    /// Of what was let through.
    pub allowed: u64,
    /// Of what was refused.
    pub refused: u64,
}

/// Counts the records of a server; nothing where it has no log, or a head that is not whole.
pub fn count(place: &Place, server: &str) -> Result<Option<Counted>, AuditError> {
    let path = segment::head_path(&place.of(server));
    let file = match open_to_read(&path, u64::MAX) {
        Err(fault) if fault.is_absent() => return Ok(None),
        file => HeldFile::take(file?, &path, PATIENCE)?,
    };
    let head = Head::decode(&segment::head_bytes(&file, &path)?);
    Ok(head.map(|head| Counted {
        allowed: head.tree.size().saturating_sub(head.refused),
        refused: head.refused,
    }))
}
