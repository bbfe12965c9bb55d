//! The files that an author gets: a signed package, with its SHA-256 beside it. It appears under its name only when it is
//! whole. Must not know how it is signed.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{Seek as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::{LocatedPackage, PackageError};
use crate::archive::{PackOptions, Part, join_archives, pack_folder};
use crate::base::fs::{
    Attempt, FsError, folder_of, is_special, make_folder, nameless_file, remove_file, remove_tree, rename_over,
    replace_file, write_new, write_whole_as,
};
use crate::model::Sha256Digest;
use crate::trust::FILE_NAME;

/// What an author gives away, anybody may read.
const MODE: u32 = 0o644;
/// What is the author's alone.
const OWN_MODE: u32 = 0o600;

/// A package that is being made.
pub struct SignedOutput {
    path: PathBuf,
    partial: PathBuf,
    file: File,
}

impl SignedOutput {
    /// A path with more behind its name.
    pub fn beside(path: &Path, ending: &str) -> PathBuf {
        let mut name = path.as_os_str().to_owned();
        name.push(".");
        name.push(ending);
        name.into()
    }

    /// Writes a file whole, in place of what stood there.
    pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), PackageError> {
        Ok(write_whole_as(path, (None, MODE), bytes)?)
    }

    /// Writes a file for nobody else, where nothing stands yet.
    pub fn write_new(path: &Path, bytes: &[u8]) -> Result<(), PackageError> {
        let write = |mut file: &File| {
            let written = file.write_all(bytes);
            written.map_err(|fault| FsError::new(Attempt::Write, path, fault))
        };
        Ok(write_new(path, (None, OWN_MODE), write)?)
    }

    /// Begins a package.
    ///
    /// # Errors
    /// Where a folder, a device or a pipe has one of its names: these are not replaced.
    pub fn begin(path: &Path) -> Result<Self, PackageError> {
        for path in [path.to_owned(), Self::beside(path, "sha256")] {
            if is_special(&path) {
                return Err(FsError::Exists { path }.into());
            }
        }
        let partial = Self::beside(path, "partial");
        let file = replace_file(&partial, None, MODE)?;
        Ok(Self {
            path: path.to_owned(),
            partial,
            file,
        })
    }

    /// Packs a plugin and its signature.
    pub fn pack(&self, located: &LocatedPackage, text: &str) -> Result<(), PackageError> {
        let signature = self.signature(text)?;
        let plugin = Part {
            path: located.path(),
            file: located.verified().file(),
            prefix: located.prefix(),
            wanted: &|path| path != FILE_NAME && !path.is_empty(),
        };
        let signature = Part {
            path: &self.partial,
            file: &signature,
            prefix: "",
            wanted: &|path| path == FILE_NAME,
        };
        join_archives(&self.file, &[signature, plugin])?;
        Ok(())
    }

    /// An archive of the signature alone.
    fn signature(&self, text: &str) -> Result<File, PackageError> {
        let folder = Self::beside(&self.path, "signature");
        drop(make_folder(&folder, None, 0o700)?);
        let packed = nameless_file(folder_of(&self.path))
            .map_err(PackageError::from)
            .and_then(|file| {
                Self::write_whole(&folder.join(FILE_NAME), text.as_bytes())?;
                pack_folder(&folder, &file, PackOptions { level: 6 })?;
                Ok(file)
            });
        remove_tree(&folder)?;
        packed
    }

    /// The same file, from its start.
    pub fn reopened(&self) -> Result<File, PackageError> {
        let read = |fault| FsError::new(Attempt::Read, &self.partial, fault);
        let mut file = self.file.try_clone().map_err(read)?;
        file.rewind().map_err(read)?;
        Ok(file)
    }

    /// Gives it its name, and its SHA-256 beside it.
    pub fn publish(self, sha256: Sha256Digest) -> Result<(), PackageError> {
        self.file
            .sync_all()
            .map_err(|fault| FsError::new(Attempt::Write, &self.partial, fault))?;
        let mut line = checksum_line(sha256, self.path.file_name().unwrap_or_default());
        line.push(b'\n');
        rename_over(&self.partial, &self.path)?;
        Self::write_whole(&Self::beside(&self.path, "sha256"), &line)
    }
}

/// What sha256sum writes of a file, without the end of the line: a name that could be taken for two lines is escaped, and a `\`
/// in front says so.
pub fn checksum_line(sha256: Sha256Digest, name: &OsStr) -> Vec<u8> {
    let is_odd = name.as_bytes().iter().any(|byte| matches!(byte, b'\\' | b'\n' | b'\r'));
    let mut line = if is_odd { b"\\".to_vec() } else { Vec::new() };
    line.extend(format!("{sha256}  ").bytes());
    for byte in name.as_bytes() {
        match byte {
            b'\\' => line.extend(b"\\\\"),
            b'\n' => line.extend(b"\\n"),
            b'\r' => line.extend(b"\\r"),
            byte => line.push(*byte),
        }
    }
    line
}

impl Drop for SignedOutput {
    fn drop(&mut self) {
        // Gone where it got its name.
        let _ = remove_file(&self.partial);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_written_as_sha256sum_writes_it() {
        let folder = tempfile::tempdir().unwrap();
        for name in [
            "a.zip",
            "a b.zip",
            " a.zip",
            "a\nb.zip",
            "a\\b.zip",
            "a\rb.zip",
            "ação\\\n.zip",
        ] {
            std::fs::write(folder.path().join(name), name).unwrap();
            let mut command = std::process::Command::new("sha256sum");
            let said = command.arg("--").arg(name).current_dir(folder.path()).output().unwrap();
            let (digest, _) = crate::base::hash::sha256_reader(name.as_bytes()).unwrap();
            let line = [checksum_line(digest, OsStr::new(name)), b"\n".to_vec()].concat();
            assert_eq!(
                String::from_utf8_lossy(&line),
                String::from_utf8_lossy(&said.stdout),
                "{name:?}"
            );
            std::fs::write(folder.path().join("sums"), &line).unwrap();
            let mut command = std::process::Command::new("sha256sum");
            let checked = command
                .args(["-c", "sums"])
                .current_dir(folder.path())
                .output()
                .unwrap();
            assert!(checked.status.success(), "{name:?}");
        }
    }
}
