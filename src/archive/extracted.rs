//! What an archive was unpacked to. Values only.

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
}
