//! Samples of what is told of signed indices.

use super::parts::*;
use super::{Sample, samples};

/// Everything that is told of them.
pub(super) fn all() -> Vec<Sample> {
    samples!(crate::base::tuf::TufError as TufError:
        Malformed TufError::Malformed { file: text(11), reason: said(12) };
        Threshold TufError::Threshold { file: text(11), needed: 12, found: 13 };
        Version TufError::Version { file: text(11), expected: 12, found: 13 };
        Rollback TufError::Rollback { file: text(11), known: 12, found: 13 };
        Withheld TufError::Withheld { file: text(11) };
        Expired TufError::Expired { file: text(11), since: text(12) };
        Length TufError::Length { file: text(11), expected: 12, found: 13 };
        TooLong TufError::TooLong { file: text(11), limit: 12 };
        Hash TufError::Hash { file: text(11), expected: text(12), found: text(13) };
        NoHash TufError::NoHash { file: text(11) };
        Missing TufError::Missing { file: text(11) };
        TooManyRoots TufError::TooManyRoots { limit: 11 };
        TooManyDelegations TufError::TooManyDelegations { limit: 11, path: text(12) };)
}
