//! What an archive was unpacked to. Values only.

use crate::base::fs::FileTime;
use crate::model::Sha256Digest;

/// What was unpacked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Extracted {
    /// The files, sorted by path.
    pub files: Vec<ExtractedFile>,
    /// Folders that were made.
    pub folders: u64,
    /// Bytes written.
    pub bytes: u64,
}

/// A file that was unpacked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtractedFile {
    /// Path below the destination.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// CRC-32 of its bytes.
    pub crc32: u32,
    /// Whether it is executable.
    pub is_executable: bool,
    /// SHA-256 of its bytes.
    pub sha256: Sha256Digest,
    /// Where it is a file of an earlier tree that got a second name: when.
    pub taken: Option<FileTime>,
}
