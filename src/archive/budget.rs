//! Limits on what an archive claims (SPEC §8). Decides only. What is claimed bounds what is real: unpacking stops at
//! the first byte beyond a member's announced size.

use super::error::shown;
use super::{ArchiveError, phrases};
use crate::config::Limits;
use crate::model::Phrase;

/// Paths longer than this cannot be opened on Linux.
pub(super) const PATH_BYTES: usize = 4095;

/// Counts what members claim.
#[derive(Debug)]
pub(super) struct Budget<'a> {
    limits: &'a Limits,
    total: u64,
    packed: u64,
    names: u64,
}

impl<'a> Budget<'a> {
    pub(super) fn new(limits: &'a Limits) -> Self {
        Self {
            limits,
            total: 0,
            packed: 0,
            names: 0,
        }
    }

    /// Counts what is kept of a name: as it stands in the archive, decoded, and in the form by which names are compared.
    pub(super) fn name(&mut self, bytes: u64) -> Result<(), ArchiveError> {
        let limit = self.limits.entries.saturating_mul(768).max(1 << 20);
        self.names = self.names.saturating_add(bytes);
        if self.names > limit {
            return Err(ArchiveError::NamesTooLong { limit });
        }
        Ok(())
    }

    /// Judges how many files and folders there are; those too that only stand in the names of others are made.
    pub(super) fn count(&self, found: u64) -> Result<(), ArchiveError> {
        let limit = self.limits.entries;
        if found > limit {
            return Err(ArchiveError::TooManyEntries { found, limit });
        }
        Ok(())
    }

    /// Counts a member.
    pub(super) fn member(&mut self, name: &str, size: u64, packed: u64) -> Result<(), ArchiveError> {
        if size > self.limits.entry_bytes {
            return Err(ArchiveError::EntryTooLarge {
                member: shown(name),
                bytes: size,
                limit: self.limits.entry_bytes,
            });
        }
        self.ratio(|| Phrase::of_others(shown(name)), size, packed)?;
        self.total = self.total.saturating_add(size);
        self.packed = self.packed.saturating_add(packed);
        if self.total > self.limits.total_bytes {
            return Err(ArchiveError::TotalTooLarge {
                bytes: self.total,
                limit: self.limits.total_bytes,
            });
        }
        Ok(())
    }

    /// Judges the sum, when all members are counted.
    pub(super) fn finish(&self) -> Result<(), ArchiveError> {
        self.ratio(|| phrases::THE_PACKAGE, self.total, self.packed)
    }

    fn ratio(&self, member: impl FnOnce() -> Phrase, size: u64, packed: u64) -> Result<(), ArchiveError> {
        let limit = self.limits.ratio;
        if size > self.limits.ratio_from && size > packed.saturating_mul(limit) {
            return Err(ArchiveError::Ratio {
                member: member(),
                limit,
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_are_limited() {
        let limits = Limits {
            entries: 10,
            total_bytes: 1000,
            entry_bytes: 600,
            ratio: 10,
            ratio_from: 100,
            ..Limits::default()
        };
        let rule = |members: &[(u64, u64)]| {
            let mut budget = Budget::new(&limits);
            let counted = members
                .iter()
                .try_for_each(|(size, packed)| budget.member("x", *size, *packed));
            counted.and_then(|()| budget.finish()).map_err(|error| error.rule())
        };
        assert_eq!(rule(&[(600, 60), (400, 40)]), Ok(()));
        assert_eq!(rule(&[(601, 601)]), Err("ZIP_ENTRY_TOO_LARGE"));
        assert_eq!(rule(&[(600, 60), (401, 401)]), Err("ZIP_TOTAL_TOO_LARGE"));
        assert_eq!(rule(&[(u64::MAX, 1)]), Err("ZIP_ENTRY_TOO_LARGE"));
        assert_eq!(rule(&[(101, 10)]), Err("ZIP_RATIO"));
        assert_eq!(rule(&[(100, 1)]), Ok(()));
        assert_eq!(rule(&[(90, 1), (90, 1)]), Err("ZIP_RATIO"));
        let mut names = Budget::new(&limits);
        assert!(names.name(1 << 19).is_ok() && names.name(1 << 19).is_ok() && names.name(1).is_err());
        let many = Limits {
            entries: 10_000,
            ..limits
        };
        assert!(Budget::new(&many).name(7_680_000).is_ok() && Budget::new(&many).name(7_680_001).is_err());
    }
}
