//! The files of an archive as a tree that is read in place, without unpacking it to disk.

use std::io::{self, Read};
use std::sync::Arc;

use super::open::below;
use super::reader::{MemberReader, into_io};
use super::unpack::Unpackers;
use super::{Archive, Member};
use crate::base::file_tree::FileTree;

/// Bytes that a read of the archive fetches: files that are read one after the other mostly lie so.
const AHEAD: usize = 256 << 10;
/// No more than this is set aside for a file on its word alone.
const TRUSTED: u64 = 1 << 20;

/// The files below a folder of an archive. Size and CRC of each are checked when it is read to its end.
pub struct ArchiveTree {
    archive: Archive,
    /// Paths below the prefix, sorted, and with each the member's place.
    paths: Vec<String>,
    places: Vec<usize>,
    idle: Arc<Unpackers>,
}

impl Archive {
    /// The files below `prefix` (a folder of the archive, or empty), to be read in place.
    pub fn tree(&self, prefix: &str) -> ArchiveTree {
        ArchiveTree::new(self.clone(), prefix)
    }

    /// The same, read with what was used for another archive before.
    pub fn tree_with(&self, prefix: &str, idle: &Arc<Unpackers>) -> ArchiveTree {
        ArchiveTree {
            idle: Arc::clone(idle),
            ..self.tree(prefix)
        }
    }
}

impl ArchiveTree {
    pub(super) fn new(archive: Archive, prefix: &str) -> Self {
        let files = archive
            .members()
            .iter()
            .enumerate()
            .filter(|(_, member)| !member.is_folder);
        let mut found: Vec<(String, usize)> = files
            .filter_map(|(place, member)| Some((below(&member.name, prefix)?.to_owned(), place)))
            .collect();
        found.sort();
        let (paths, places) = found.into_iter().unzip();
        Self {
            archive,
            paths,
            places,
            idle: Arc::default(),
        }
    }

    /// The member of a path; `None` when there is no such file.
    pub fn member(&self, path: &str) -> Option<&Member> {
        let at = self.paths.binary_search_by(|found| found.as_str().cmp(path)).ok()?;
        self.archive.members.get(self.places[at])
    }

    /// The archive.
    pub(super) fn archive(&self) -> &Archive {
        &self.archive
    }
}

impl std::fmt::Debug for ArchiveTree {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ArchiveTree")
            .field("files", &self.paths.len())
            .finish_non_exhaustive()
    }
}

impl FileTree for ArchiveTree {
    fn paths(&self) -> &[String] {
        &self.paths
    }

    fn size(&self, path: &str) -> Option<u64> {
        self.member(path).map(Member::size)
    }

    fn open(&self, path: &str) -> io::Result<Option<Box<dyn Read + Send + '_>>> {
        Ok(self.member(path).map(|member| {
            let reader = MemberReader::new(&self.archive, member, &self.idle);
            Box::new(reader) as Box<dyn Read + Send>
        }))
    }

    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        let Some(member) = self.member(path) else {
            return Ok(None);
        };
        let mut bytes = Vec::with_capacity(usize::try_from(member.size.min(TRUSTED)).unwrap_or(0));
        let mut unpacker = self.idle.take(self.archive.length, AHEAD);
        let result = unpacker.unpack(self.archive.source(), member, |piece| {
            bytes.extend_from_slice(piece);
            Ok(())
        });
        self.idle.give_back(unpacker);
        result.map_err(into_io)?;
        Ok(Some(bytes))
    }
}
