//! The schema of an installed plugin, read from its folder.

use std::path::Path;

use crate::base::fs::{FsError, open_to_read, read_all};

/// Where a schema stands below a plugin's root.
pub const SCHEMA_FILE: &str = "config/schema.json";
/// Bytes of it at most.
pub const MOST_BYTES: usize = 256 << 10;

/// The text of the schema below a plugin's root; nothing where it has none. A larger one is told when it is read as a schema.
///
/// # Errors
/// The disk, and links: nothing outside of the plugin is read.
pub fn read_file(root: &Path) -> Result<Option<Vec<u8>>, FsError> {
    let path = root.join(SCHEMA_FILE);
    let most = u64::try_from(MOST_BYTES).unwrap_or(u64::MAX).saturating_mul(4);
    match open_to_read(&path, most) {
        Ok(file) => read_all(file, &path, most).map(Some),
        Err(fault) if fault.is_absent() => Ok(None),
        Err(fault) => Err(fault),
    }
}
