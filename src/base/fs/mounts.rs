//! Mounts in a folder: what stands there belongs to another volume, and is never packed, moved or emptied with the
//! folder. Reads the system's table; where there is none, the walk itself stops at what it can see.

use std::ffi::OsString;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use super::{Attempt, FsError};

const TABLE: &str = "/proc/self/mountinfo";

/// Whether the folder itself counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// A mount at the folder is refused as well: it is to be renamed or removed.
    Itself,
    /// Only what is below: the folder is read.
    Below,
}

/// Refuses a folder with a mount in it, files over which one was mounted included.
///
/// # Errors
/// [`FsError::Mounted`] names the first one. A folder that is not there has none.
pub fn refuse_mounts(folder: &Path, reach: Reach) -> Result<(), FsError> {
    let real = match folder.canonicalize() {
        Ok(real) => real,
        Err(fault) if matches!(fault.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(()),
        Err(fault) => return Err(FsError::new(Attempt::Read, folder, fault)),
    };
    #[expect(clippy::disallowed_methods, reason = "the kernel's own file")]
    let table = fs::read(TABLE).unwrap_or_default();
    let found = points(&table)
        .filter(|point| point.starts_with(&real) && (reach == Reach::Itself || *point != real))
        .min();
    match found {
        None => Ok(()),
        Some(path) => Err(FsError::Mounted { path }),
    }
}

/// The mount points of a table: the fifth field of each line.
fn points(table: &[u8]) -> impl Iterator<Item = PathBuf> + '_ {
    table
        .split(|byte| *byte == b'\n')
        .filter_map(|line| line.split(|byte| *byte == b' ').nth(4))
        .map(|field| PathBuf::from(OsString::from_vec(unescape(field))))
}

/// Blanks, line ends and backslashes stand as three octal digits.
fn unescape(field: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((first, after)) = rest.split_first() {
        let escaped = (*first == b'\\').then(|| after.get(..3).and_then(octal)).flatten();
        plain.push(escaped.unwrap_or(*first));
        rest = if escaped.is_some() { &after[3..] } else { after };
    }
    plain
}

fn octal(digits: &[u8]) -> Option<u8> {
    let text = std::str::from_utf8(digits).ok()?;
    u8::from_str_radix(text, 8).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mount_points_are_read_whatever_they_are_called() {
        let table = b"22 1 8:1 / / rw - ext4 /dev/sda1 rw\n\
            40 22 8:1 /x /a\\040b/c\\134d\\011 rw,relatime shared:1 - ext4 /dev/sda1 rw\n\
            41 22 0:5 / /\xff\\01 rw - tmpfs none rw\n\
            short line\n";
        let found: Vec<Vec<u8>> = points(table).map(|path| path.into_os_string().into_vec()).collect();
        assert_eq!(found, [&b"/"[..], b"/a b/c\\d\t", b"/\xff\\01"]);
    }

    #[test]
    fn a_mount_below_is_named_and_a_neighbour_is_not() {
        refuse_mounts(Path::new("/no-such-folder"), Reach::Itself).unwrap();
        let folder = tempfile::tempdir().unwrap();
        refuse_mounts(folder.path(), Reach::Itself).unwrap();
        refuse_mounts(Path::new("/proc/self/fd"), Reach::Itself).unwrap();
        refuse_mounts(Path::new("/proc"), Reach::Below).unwrap_or_default();
        let fault = refuse_mounts(Path::new("/proc"), Reach::Itself).unwrap_err();
        assert!(fault.to_string().contains("/proc is a mount point"), "{fault}");
        assert!(refuse_mounts(Path::new("/"), Reach::Below).is_err());
    }
}
