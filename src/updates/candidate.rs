//! A version that a source offers. Values only.

use chrono::{DateTime, Utc};

use super::policy::Channel;
use crate::model::{Sha256Digest, Version};

/// A version that a source offers.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "they are what is said of a version, each on its own"
)]
pub struct Candidate {
    /// Its version.
    pub version: Version,
    /// The SHA-256 of its package, where the source says it.
    pub sha256: Option<Sha256Digest>,
    /// Its source says the SHA-256 in a file of its own: a rehearsal learns it.
    pub has_checksum: bool,
    /// The release that it is of, where it is of one.
    pub tag: Option<String>,
    /// Since when its bytes are there: the later of when it was published and when its file was changed last.
    pub published: Option<DateTime<Utc>>,
    /// Whom it is for.
    pub channel: Channel,
    /// Nobody should install it any more.
    pub is_withdrawn: bool,
    /// It was revoked, by its version, its bytes or whose it is.
    pub is_revoked: bool,
    /// The index says that it mends a fault of the installed version. A package cannot say that of itself.
    pub mends: bool,
    /// Another developer signed it than signed what is installed, as far as the source says that.
    pub is_of_another: bool,
    /// It asks more of the site than what is installed does.
    pub asks_more: bool,
}

impl Candidate {
    /// One of which nothing is known but its version.
    pub fn of(version: Version) -> Self {
        Self {
            version,
            sha256: None,
            has_checksum: false,
            tag: None,
            published: None,
            channel: Channel::Stable,
            is_withdrawn: false,
            is_revoked: false,
            mends: false,
            is_of_another: false,
            asks_more: false,
        }
    }

    /// Whether anybody may have it.
    pub fn stands(&self) -> bool {
        !self.is_withdrawn && !self.is_revoked
    }
}

/// What is newer than a version, the newest first.
pub fn newest_first(candidates: &[Candidate], than: Version) -> Vec<&Candidate> {
    let mut newer: Vec<_> = candidates.iter().filter(|found| found.version > than).collect();
    newer.sort_by_key(|found| std::cmp::Reverse(found.version));
    newer
}
