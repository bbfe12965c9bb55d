//! An archive that passed inspection. There is no other way to get at its members.

use std::collections::HashMap;
use std::fs::File;
use std::sync::Arc;

use super::blacklist::{Blacklist, is_litter};
use super::error::shown;
use super::window::{Source, read_exact};
use super::{ArchiveError, Member, directory, magic};
use crate::config::Limits;
use crate::model::Sha256Digest;

/// An inspected archive: every rule of SPEC §8 that can be judged without unpacking holds.
#[derive(Debug, Clone)]
pub struct Archive {
    pub(super) file: Arc<File>,
    /// All of it, where it was read at once.
    whole: Option<Arc<[u8]>>,
    /// What belongs to the package, in the order of the directory, then what is left out.
    pub(super) members: Arc<[Member]>,
    /// How many belong to the package.
    kept: usize,
    /// Bytes of the file.
    pub(super) length: u64,
}

/// Bytes of a file that is read at once when a member alone is wanted of it.
const SMALL: u64 = 64 << 10;

/// Something odd that does not stop an installation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ArchiveWarning {
    /// The plugin brings its own `composer.json`, which nobody will run.
    #[error("{member}: its dependencies are not installed, nobody runs composer here: pack what the plugin needs")]
    RootComposer {
        /// Its name in the archive.
        member: String,
    },
    /// Files of an operating system that are no part of the plugin.
    #[error("{count} files that a system left in the folder are not installed: {}", listed(members, *count))]
    Litter {
        /// The first ones.
        members: Vec<String>,
        /// How many there are.
        count: usize,
    },
    /// Files beside the plugin's root.
    #[error(
        "{count} files stand outside the plugin's folder {prefix} and are not installed: {}; put what the plugin needs \
         beside its manifest.json",
        listed(members, *count)
    )]
    Outside {
        /// The plugin's folder.
        prefix: String,
        /// The first ones.
        members: Vec<String>,
        /// How many there are.
        count: usize,
    },
    /// Names in an encoding that the archive does not name.
    #[error(
        "{count} names are not in UTF-8 and the ZIP does not say in what else, so they may be wrong; installed as {}; \
         make the ZIP with a program that writes UTF-8 names",
        listed(members, *count)
    )]
    GuessedNames {
        /// The first ones, as they are installed.
        members: Vec<String>,
        /// How many there are.
        count: usize,
    },
}

/// Names that a warning lists.
const LISTED: usize = 5;

fn listed(members: &[String], count: usize) -> String {
    let more = count - members.len();
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    format!("{}{more}", members.join(", "))
}

/// The first names of members, and how many they are; nothing where there are none.
fn first<'a>(members: impl Iterator<Item = &'a Member>) -> Option<(Vec<String>, usize)> {
    let (mut names, mut count) = (Vec::new(), 0);
    for member in members {
        count += 1;
        if names.len() < LISTED {
            names.push(shown(&member.name));
        }
    }
    (count > 0).then_some((names, count))
}

impl Archive {
    /// Inspects the whole file of a package. Nothing is unpacked. What systems leave in folders (`__MACOSX/`,
    /// `.DS_Store`, …) is inspected like the rest, and then no member of the package.
    pub fn open(file: File, limits: &Limits, blacklist: &Blacklist) -> Result<Self, ArchiveError> {
        let mut archive = Self::open_whole(file, limits, blacklist)?;
        let is_litter = |member: &Member| is_litter(&member.name, member.is_folder);
        if archive.members.iter().any(is_litter) {
            let (litter, kept): (Vec<_>, Vec<_>) = archive.members.iter().cloned().partition(is_litter);
            archive.kept = kept.len();
            archive.members = kept.into_iter().chain(litter).collect();
        }
        Ok(archive)
    }

    /// Looks at the directory, and at those members alone that are wanted, by name: good for reading these, not for
    /// installing anything. The caller knows that it is an ordinary file, of so many bytes, and of no more than a package
    /// may have.
    pub fn open_some(
        (file, length): (File, u64),
        limits: &Limits,
        blacklist: &Blacklist,
        is_wanted: &dyn Fn(&str) -> bool,
    ) -> Result<Self, ArchiveError> {
        let mut archive = Self {
            whole: read_small(&file, length)?,
            file: Arc::new(file),
            members: Arc::new([]),
            kept: 0,
            length,
        };
        magic::check_head(archive.source(), length)?;
        let members = directory::inspect_some(archive.source(), length, (limits, blacklist), is_wanted)?;
        archive.kept = members.len();
        archive.members = members.into();
        Ok(archive)
    }

    /// Where its bytes are read.
    pub(super) fn source(&self) -> &dyn Source {
        match &self.whole {
            Some(bytes) => bytes,
            None => &*self.file,
        }
    }

    /// Inspects an archive of our own making, of which nothing is left out.
    pub(super) fn open_whole(file: File, limits: &Limits, blacklist: &Blacklist) -> Result<Self, ArchiveError> {
        let length = magic::check_magic(&file, limits)?;
        let members = directory::inspect(&file, length, limits, blacklist)?;
        Ok(Self {
            file: Arc::new(file),
            whole: None,
            kept: members.len(),
            members: members.into(),
            length,
        })
    }

    /// The same archive, of whose files below `prefix` those that are named have to have these SHA-256: whoever reads one of
    /// them to its end is told where it has another. Of a path that is not there nothing is said.
    #[must_use]
    pub fn bound_to(&self, prefix: &str, signed: &HashMap<&str, Sha256Digest>) -> Self {
        let bound = self.members.iter().map(|member| {
            let path = below(&member.name, prefix).filter(|_| !member.is_folder);
            Member {
                sha256: path.and_then(|path| signed.get(path)).copied(),
                ..member.clone()
            }
        });
        Self {
            members: bound.collect(),
            ..self.clone()
        }
    }

    /// The members of the package, in the order of the directory.
    pub fn members(&self) -> &[Member] {
        &self.members[..self.kept]
    }

    /// The file itself, whatever has its name by now.
    pub fn file(&self) -> Arc<File> {
        Arc::clone(&self.file)
    }

    /// Whether a member, by its place, is left out.
    pub(super) fn is_left_out(&self, place: usize) -> bool {
        place >= self.kept
    }

    /// What is odd about the plugin whose root is the folder `prefix`.
    pub fn warnings(&self, prefix: &str) -> Vec<ArchiveWarning> {
        let composer = |member: &&Member| below(&member.name, prefix) == Some("composer.json");
        let found = self.members().iter().filter(composer);
        let composer = found.map(|member| ArchiveWarning::RootComposer {
            member: member.name.to_string(),
        });
        let litter = first(self.members[self.kept..].iter().filter(|member| !member.is_folder));
        let guessed = |member: &&Member| member.is_guessed && below(&member.name, prefix).is_some();
        let guessed = first(self.members().iter().filter(guessed));
        let is_outside = |member: &&Member| !member.is_folder && below(&member.name, prefix).is_none();
        let outside = first(self.members().iter().filter(is_outside));
        composer
            .chain(outside.map(|(members, count)| ArchiveWarning::Outside {
                prefix: shown(prefix.trim_matches('/')),
                members,
                count,
            }))
            .chain(litter.map(|(members, count)| ArchiveWarning::Litter { members, count }))
            .chain(guessed.map(|(members, count)| ArchiveWarning::GuessedNames { members, count }))
            .collect()
    }
}

/// The bytes of a small file, read in one go.
fn read_small(file: &File, length: u64) -> Result<Option<Arc<[u8]>>, ArchiveError> {
    if length > SMALL {
        return Ok(None);
    }
    let mut bytes = vec![0; usize::try_from(length).unwrap_or(0)];
    read_exact(file, &mut bytes, 0)?;
    Ok(Some(bytes.into()))
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
