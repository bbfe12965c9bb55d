//! What a new file may not do to the one before it. Pure.

use chrono::{DateTime, FixedOffset};

use super::TufError;
use super::document::{Document, Verified};
use super::name::encoded;
use super::roles::{Role, Root, Snapshot, Timestamp};

/// The root after another one: the next version, signed by enough keys of both.
pub(super) fn next_root(before: &Verified<Root>, file: &str, bytes: &[u8]) -> Result<Verified<Root>, TufError> {
    let document = Document::read(file, bytes)?;
    let root: Verified<Root> = document.verified(&before.role.keys_of(Root::TYPE))?;
    document.check(&root.role.keys_of(Root::TYPE))?;
    same_version(file, before.version + 1, root.version)?;
    Ok(root)
}

/// Whether a root took keys away from those who say what is new: what they signed may have been a thief's then.
pub(super) fn took_keys(before: &Root, after: &Root) -> bool {
    [Timestamp::TYPE, Snapshot::TYPE].iter().any(|role| {
        let (before, after) = (before.keys_of(role), after.keys_of(role));
        !before.keys().is_subset(&after.keys())
    })
}

/// A timestamp after another one; the same version is no news.
pub(super) fn newer_timestamp(known: &Verified<Timestamp>, new: &Verified<Timestamp>) -> Result<(), TufError> {
    not_before("timestamp.json", known.version, new.version)?;
    match (known.role.snapshot(), new.role.snapshot()) {
        (Some(known), Some(new)) => not_before("snapshot.json", known.version, new.version),
        _ => Ok(()),
    }
}

/// A snapshot after another one: every role still there, none of them older.
pub(super) fn newer_snapshot(known: &Snapshot, new: &Snapshot) -> Result<(), TufError> {
    for (file, known) in &known.meta {
        match new.meta.get(file) {
            Some(new) => not_before(&encoded(file), known.version, new.version)?,
            None => return Err(TufError::Withheld { file: encoded(file) }),
        }
    }
    Ok(())
}

/// Whether a file's time is over.
pub(super) fn not_ended<T>(file: &str, found: &Verified<T>, now: DateTime<FixedOffset>) -> Result<(), TufError> {
    if found.expires > now {
        return Ok(());
    }
    Err(TufError::Expired {
        file: file.to_owned(),
        since: found
            .expires
            .with_timezone(now.offset())
            .format("%Y-%m-%d %H:%M:%S %:z")
            .to_string(),
    })
}

pub(super) fn same_version(file: &str, expected: u64, found: u64) -> Result<(), TufError> {
    let file = file.to_owned();
    if expected == found {
        return Ok(());
    }
    Err(TufError::Version { file, expected, found })
}

fn not_before(file: &str, known: u64, found: u64) -> Result<(), TufError> {
    if found >= known {
        return Ok(());
    }
    Err(TufError::Rollback {
        file: file.to_owned(),
        known,
        found,
    })
}
