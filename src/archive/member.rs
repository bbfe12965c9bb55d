//! A member of an inspected archive. Values only.

use crate::model::Sha256Digest;

/// A file or folder of an archive that passed inspection.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Member {
    pub(super) name: Box<str>,
    pub(super) is_folder: bool,
    pub(super) is_executable: bool,
    /// The bytes of its name are no UTF-8 and nothing says what else they are.
    pub(super) is_guessed: bool,
    pub(super) is_deflated: bool,
    pub(super) crc32: u32,
    pub(super) size: u64,
    pub(super) packed: u64,
    /// Where the packed data begins.
    pub(super) data_at: u64,
    /// What its bytes have to be, where somebody signed them.
    pub(super) sha256: Option<Sha256Digest>,
}

impl Member {
    /// Relative path, parts separated by `/`, without a `/` at the end.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it is a folder.
    pub fn is_folder(&self) -> bool {
        self.is_folder
    }

    /// Whether it is executable in the archive.
    pub fn is_executable(&self) -> bool {
        self.is_executable
    }

    /// Bytes, unpacked. Announced; checked whenever it is read.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// CRC-32 of the unpacked bytes. Announced; checked whenever it is read.
    pub fn crc32(&self) -> u32 {
        self.crc32
    }
}
