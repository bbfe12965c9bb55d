//! What is known of the files of an installed tree: of each its SHA-256, and by what it is known to be untouched. Kept in
//! `temp/plugins/<slug>.arvore`, which is written last, and can be lost at any time. Owns that file; nothing in it is
//! believed but of the very tree, and of a file that is as it was then.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

use super::premises;
use super::{Layout, StageError};
use crate::base::fs::{self as base, Attempt, FileTime, FsError, Stamp, TreeId};
use crate::base::hash::{sha256, sha256_of_parts};
use crate::model::Sha256Digest;

/// What the file begins with: its name and its format.
const MAGIC: &[u8; 8] = b"arvore 1";
/// Bytes of the file, and then some: as many files as a package may have, with long names.
const LIMIT: u64 = 64 << 20;
/// Bytes of a SHA-256.
const DIGEST: usize = 32;

/// A file of the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileFacts {
    /// By what it is known to be untouched.
    pub stamp: Stamp,
    /// Of its bytes.
    pub sha256: Sha256Digest,
}

/// The files of a tree that was unpacked from a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeFacts {
    /// The package.
    pub package: Sha256Digest,
    /// The tree.
    pub tree: TreeId,
    /// Its files, by path.
    pub files: BTreeMap<String, FileFacts>,
}

impl TreeFacts {
    /// Of the tree that is installed, where it was unpacked from this package; nothing where nobody knows, or somebody else
    /// can have written it.
    pub fn read(layout: &Layout, package: Sha256Digest) -> Option<Self> {
        let root = layout.root();
        let (owner, above) = (premises::owner(root).ok()?, premises::work_owner(root).ok()?);
        let installed = layout.installed();
        let path = layout.tree_facts();
        if !base::keeps_stamps(&installed).ok()? {
            return None;
        }
        let file = base::open_trusted_in(&path, owner, above, true).ok()??;
        let facts = Self::parse(&base::read_all(file, &path, LIMIT).ok()?)?;
        let tree = TreeId::of(&installed).ok()?;
        (facts.package == package && Some(facts.tree) == tree).then_some(facts)
    }

    /// Writes it whole, or not at all. Not brought to the disk: what a power cut leaves of it is not believed.
    pub fn write(&self, layout: &Layout) -> Result<(), StageError> {
        let root = layout.root();
        let path = layout.tree_facts();
        if !base::keeps_stamps(&layout.installed())? {
            return Self::forget(layout);
        }
        let mut partial = path.clone().into_os_string();
        partial.push(".partial");
        let partial = PathBuf::from(partial);
        let mut file = base::replace_file(&partial, Some(premises::owner(root)?), 0o600)?;
        let written = file.write_all(&self.bytes());
        let written = written.map_err(|fault| FsError::new(Attempt::Write, &path, fault));
        let written = written.and_then(|()| base::rename_over(&partial, &path));
        if written.is_err() {
            // What stands there from before is not of this tree.
            let _ = base::remove_file(&partial);
        }
        Ok(written?)
    }

    /// Nothing is known any more.
    pub fn forget(layout: &Layout) -> Result<(), StageError> {
        Ok(base::remove_file(&layout.tree_facts())?)
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend(self.package.as_bytes());
        bytes.extend(self.tree.number().to_le_bytes());
        for (path, FileFacts { stamp, sha256 }) in &self.files {
            // A path of a package is shorter than this; another could not be told from what follows.
            let Ok(length) = u16::try_from(path.len()) else {
                continue;
            };
            bytes.extend(length.to_le_bytes());
            bytes.extend(path.as_bytes());
            bytes.extend(stamp.inode.to_le_bytes());
            bytes.extend(stamp.size.to_le_bytes());
            for (seconds, nanoseconds) in [stamp.modified, stamp.changed] {
                bytes.extend(seconds.to_le_bytes());
                bytes.extend(nanoseconds.to_le_bytes());
            }
            bytes.extend(sha256.as_bytes());
        }
        let sum = sha256(&bytes);
        bytes.extend(sum.as_bytes());
        bytes
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let (bytes, sum) = bytes.split_at_checked(bytes.len().checked_sub(DIGEST)?)?;
        if sha256_of_parts(&[bytes]).as_bytes() != sum {
            return None;
        }
        let mut rest = Reader(bytes);
        if rest.take(MAGIC.len())? != MAGIC {
            return None;
        }
        let (package, tree) = (rest.digest()?, TreeId::of_number(rest.number()?));
        let mut files = BTreeMap::new();
        while !rest.0.is_empty() {
            let length = u16::from_le_bytes(rest.take(2)?.try_into().ok()?);
            let path = std::str::from_utf8(rest.take(usize::from(length))?).ok()?;
            let stamp = Stamp {
                inode: rest.number()?,
                size: rest.number()?,
                modified: rest.time()?,
                changed: rest.time()?,
            };
            let sha256 = rest.digest()?;
            files.insert(path.to_owned(), FileFacts { stamp, sha256 });
        }
        Some(Self { package, tree, files })
    }
}

struct Reader<'b>(&'b [u8]);

impl<'b> Reader<'b> {
    fn take(&mut self, count: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.take(8)?.try_into().ok()?))
    }

    fn time(&mut self) -> Option<FileTime> {
        let mut part = || Some(i64::from_le_bytes(self.take(8)?.try_into().ok()?));
        Some((part()?, part()?))
    }

    fn digest(&mut self) -> Option<Sha256Digest> {
        Some(Sha256Digest::new(self.take(DIGEST)?.try_into().ok()?))
    }
}
