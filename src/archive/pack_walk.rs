//! Finds what there is to pack in a folder: files and folders in a fixed order; links and special files are left out.

use std::fs;
use std::path::{Path, PathBuf};

use super::ArchiveError;
use super::pack_record::Record;

/// Something that was not packed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// Path below the folder (lossy where it is no UTF-8).
    pub path: String,
    /// Why.
    pub reason: SkipReason,
}

/// Why something was not packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SkipReason {
    /// A symbolic link.
    Link,
    /// A device, pipe or socket.
    Special,
    /// A name that an archive cannot hold: no UTF-8, a backslash, a control character, too long.
    Name,
}

/// A file or folder to pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// Path below the folder; with a `/` at the end for a folder.
    pub(super) name: String,
}

/// What a folder holds.
#[derive(Debug, Default)]
pub(super) struct Walk {
    pub(super) found: Vec<Found>,
    pub(super) skipped: Vec<Skipped>,
}

/// Walks a folder. `exclude` is asked for every path; nothing below an excluded folder is looked at.
pub(super) fn walk(folder: &Path, exclude: &dyn Fn(&str) -> bool) -> Result<Walk, ArchiveError> {
    let mut walk = Walk::default();
    let mut waiting = vec![String::new()];
    while let Some(below) = waiting.pop() {
        walk.read_folder(folder, &below, exclude, &mut waiting)?;
    }
    walk.found.sort_unstable_by(|one, other| one.name.cmp(&other.name));
    walk.skipped.sort_unstable_by(|one, other| one.path.cmp(&other.path));
    Ok(walk)
}

impl Walk {
    fn read_folder(
        &mut self,
        folder: &Path,
        below: &str,
        exclude: &dyn Fn(&str) -> bool,
        waiting: &mut Vec<String>,
    ) -> Result<(), ArchiveError> {
        let place = folder.join(below);
        let fault = |source| ArchiveError::PackRead {
            path: place.clone(),
            source,
        };
        for entry in fs::read_dir(&place).map_err(fault)? {
            let entry = entry.map_err(fault)?;
            let name = entry.file_name();
            let path = format!("{below}{}", name.to_string_lossy());
            if exclude(&path) {
                continue;
            }
            let kind = entry.file_type().map_err(|source| ArchiveError::PackRead {
                path: entry.path(),
                source,
            })?;
            let reason = match () {
                () if kind.is_symlink() => Some(SkipReason::Link),
                () if !kind.is_dir() && !kind.is_file() => Some(SkipReason::Special),
                () if name.to_str().is_none() || !is_packable(&path) => Some(SkipReason::Name),
                () => None,
            };
            if let Some(reason) = reason {
                self.skipped.push(Skipped { path, reason });
            } else if kind.is_dir() {
                waiting.push(format!("{path}/"));
                self.found.push(Found {
                    name: format!("{path}/"),
                });
            } else {
                self.found.push(Found { name: path });
            }
        }
        Ok(())
    }
}

fn is_packable(path: &str) -> bool {
    path.len() < Record::LONGEST_NAME && !path.contains('\\') && !path.contains(char::is_control)
}

/// Where a found thing stands.
pub(super) fn place(folder: &Path, name: &str) -> PathBuf {
    folder.join(name)
}
