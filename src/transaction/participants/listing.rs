//! The files of a tree as they are recorded: deflated lines of SHA-256, size and path, by which a later look tells what
//! changed (SPEC 2 §1).

use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::DeflateEncoder;

use crate::archive::Extracted;
use crate::base::fs::{Attempt, FsError, open_to_read};
use crate::base::hash::sha256_reader;

use super::compare::is_data;

/// Reads the files of a new tree once more, while the rows are written.
pub(super) fn list(tree: &Path, extracted: &Extracted) -> Result<Vec<u8>, FsError> {
    let mut files: Vec<&str> = extracted.files.iter().map(|file| file.path.as_str()).collect();
    files.retain(|path| !is_data(path));
    files.sort_unstable();
    let failed = |fault| FsError::new(Attempt::Read, tree, fault);
    let mut lines = DeflateEncoder::new(Vec::new(), Compression::default());
    for file in files {
        let path = tree.join(file);
        let hashed = sha256_reader(open_to_read(&path, u64::MAX)?);
        let (digest, size) = hashed.map_err(|fault| FsError::new(Attempt::Read, &path, fault))?;
        writeln!(lines, "{digest} {size} {file}").map_err(failed)?;
    }
    lines.finish().map_err(failed)
}
