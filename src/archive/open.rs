//! An archive that passed inspection. There is no other way to get at its members.

use std::fs::File;
use std::ops::ControlFlow;
use std::os::fd::BorrowedFd;
use std::sync::Arc;

use super::blacklist::Blacklist;
use super::{ArchiveError, ArchiveTree, Extracted, Member, directory, extract, magic};
use crate::config::Limits;

/// An inspected archive: every rule of SPEC §8 that can be judged without unpacking holds.
#[derive(Debug, Clone)]
pub struct Archive {
    pub(super) file: Arc<File>,
    pub(super) members: Arc<[Member]>,
    /// Bytes of the file.
    pub(super) length: u64,
}

/// Something odd that does not stop an installation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ArchiveWarning {
    /// The plugin brings its own `composer.json`, which nobody will run.
    #[error("{member}: its dependencies are not installed, nobody runs composer here: pack what the plugin needs")]
    RootComposer {
        /// Its name in the archive.
        member: String,
    },
}

impl Archive {
    /// Inspects the whole file. Nothing is unpacked.
    pub fn open(file: File, limits: &Limits, blacklist: &Blacklist) -> Result<Self, ArchiveError> {
        let length = magic::check_magic(&file, limits)?;
        let members = directory::inspect(&file, length, limits, blacklist)?;
        Ok(Self {
            file: Arc::new(file),
            members: members.into(),
            length,
        })
    }

    /// All members, in the order of the directory.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// The files below `prefix` (a folder of the archive, or empty), to be read in place.
    pub fn tree(&self, prefix: &str) -> ArchiveTree {
        ArchiveTree::new(self.clone(), prefix)
    }

    /// What is odd about the plugin whose root is the folder `prefix`.
    pub fn warnings(&self, prefix: &str) -> Vec<ArchiveWarning> {
        let composer = |member: &&Member| below(&member.name, prefix) == Some("composer.json");
        let found = self.members.iter().filter(composer);
        found
            .map(|member| ArchiveWarning::RootComposer {
                member: member.name.to_string(),
            })
            .collect()
    }

    /// Unpacks what is below `prefix`, except what `skip` names (paths below the prefix, of files and folders; nothing
    /// below a skipped folder is unpacked), into an open folder. Every member is checked, the ones left out too.
    /// `progress` hears the members done and their number, from several threads; it may stop the work. After a failure
    /// nothing of what was written is left.
    pub fn extract(
        &self,
        destination: BorrowedFd<'_>,
        prefix: &str,
        skip: &dyn Fn(&str) -> bool,
        progress: &(dyn Fn(u64, u64) -> ControlFlow<()> + Sync),
    ) -> Result<Extracted, ArchiveError> {
        extract::run(self, destination, prefix, skip, progress)
    }
}

/// A path below a prefix; `None` for what is not below it, and for the prefix itself.
pub(super) fn below<'a>(path: &'a str, prefix: &str) -> Option<&'a str> {
    let prefix = prefix.trim_matches('/');
    if prefix.is_empty() {
        return Some(path);
    }
    path.strip_prefix(prefix)?.strip_prefix('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_below_a_prefix() {
        for (path, prefix, expected) in [
            ("a/b", "", Some("a/b")),
            ("a/b", "a", Some("b")),
            ("a/b", "a/", Some("b")),
            ("ab/c", "a", None),
            ("a", "a", None),
        ] {
            assert_eq!(below(path, prefix), expected, "{path} {prefix}");
        }
    }
}
