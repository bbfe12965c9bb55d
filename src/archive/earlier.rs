//! Files of an archive that was unpacked before, which a new archive brings again: they get a second name instead of being
//! made once more. A file is the same where its packed bytes are, and where it stands as it was unpacked: the caller says
//! which do. Nothing of the earlier tree is changed.

use std::os::fd::BorrowedFd;

use nix::fcntl::AtFlags;
use nix::sys::stat::{FileStat, fstatat};
use nix::unistd::{UnlinkatFlags, linkat, unlinkat};

use super::folders::{OpenFolders, split};
use super::window::Window;
use super::{Archive, ArchiveTree, Member};
use crate::base::fs::{FileTime, Item, Stamp};
use crate::model::Sha256Digest;

/// Bytes that a read of an archive fetches.
const AHEAD: usize = 256 << 10;
/// Bytes that are compared at once.
const PIECE: u64 = 64 << 10;

/// An archive that was unpacked before, and the tree that it was unpacked to.
#[derive(Clone, Copy)]
pub struct Earlier<'e> {
    /// Its files. Whoever unpacked it has checked them.
    pub files: &'e ArchiveTree,
    /// The tree.
    pub folder: BorrowedFd<'e>,
    /// What is known of a file that stands there as it was unpacked, for the one to whom a new one would be given; nothing
    /// of any other.
    pub standing: &'e (dyn Fn(&str) -> Option<EarlierFile> + Sync),
}

/// A file that stands as it was unpacked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EarlierFile {
    /// By which that is known.
    pub stamp: Stamp,
    /// Of its bytes.
    pub sha256: Sha256Digest,
    /// Whether it may be executed.
    pub is_executable: bool,
}

/// An archive that holds files which are to be packed.
#[derive(Clone, Copy)]
pub struct PackedEarlier<'e> {
    /// Its files, which were checked.
    pub files: &'e ArchiveTree,
    /// Whether what was listed stands as it was unpacked from there.
    pub stands: &'e (dyn Fn(&Item) -> bool + Sync),
}

impl<'e> PackedEarlier<'e> {
    /// The member that holds the bytes of something that was listed.
    pub(super) fn find(self, item: &Item) -> Option<(&'e Archive, &'e Member)> {
        let member = self.files.member(item.path.to_str()?)?;
        let is_it = member.size == item.size && (self.stands)(item);
        is_it.then_some((self.files.archive(), member))
    }
}

/// A file that got a second name.
pub(super) struct Taken {
    pub(super) sha256: Sha256Digest,
    /// When: its last change.
    pub(super) changed: FileTime,
}

/// Takes files over, for one thread.
pub(super) struct Takeover<'e> {
    earlier: Earlier<'e>,
    folders: OpenFolders<'e>,
    ours: Window,
    theirs: Window,
}

impl<'e> Takeover<'e> {
    pub(super) fn new(earlier: Earlier<'e>) -> Self {
        Self {
            earlier,
            folders: OpenFolders::new(earlier.folder),
            ours: Window::new(AHEAD),
            theirs: Window::new(AHEAD),
        }
    }

    /// What is known of the file that a member would become, where it stands there already.
    pub(super) fn find(&mut self, archive: &Archive, member: &Member, path: &str) -> Option<EarlierFile> {
        let standing = (self.earlier.standing)(path)?;
        let before = self.earlier.files.member(path)?;
        // What is not as it was signed is unpacked, and told of then.
        let is_signed = member.sha256.is_none_or(|sha256| sha256 == standing.sha256);
        let is_same = is_signed && standing.is_executable == member.is_executable && standing.stamp.size == member.size;
        (is_same && self.is_twin(archive, member, before)).then_some(standing)
    }

    /// Whether two members are packed alike: then they are unpacked alike.
    fn is_twin(&mut self, archive: &Archive, one: &Member, other: &Member) -> bool {
        let facts = |member: &Member| (member.is_deflated, member.size, member.packed, member.crc32);
        if facts(one) != facts(other) {
            return false;
        }
        let before = self.earlier.files.archive();
        let mut at = 0;
        while at < one.packed {
            let count = usize::try_from(PIECE.min(one.packed - at)).unwrap_or(0);
            let ours = self.ours.read(&*archive.file, one.data_at + at, count, archive.length);
            let theirs = self
                .theirs
                .read(&*before.file, other.data_at + at, count, before.length);
            // What cannot be read is unpacked, and told of then.
            if !matches!((ours, theirs), (Ok(ours), Ok(theirs)) if ours == theirs) {
                return false;
            }
            at += count as u64;
        }
        true
    }

    /// Gives the file a second name in an open folder. Nothing where it is not what it was, or the system does not give it
    /// one; then there is no such name either.
    pub(super) fn take(&mut self, standing: EarlierFile, path: &str, folder: BorrowedFd<'_>) -> Option<Taken> {
        let (above, name) = split(path);
        let from = self.folders.get(above).ok()?;
        let look = |folder: BorrowedFd<'_>| fstatat(folder, name, AtFlags::AT_SYMLINK_NOFOLLOW).ok();
        let before = look(from)?;
        if Stamp::of(&before) != standing.stamp || before.st_nlink != 1 {
            return None;
        }
        linkat(from, name, folder, name, AtFlags::empty()).ok()?;
        let is_it = |found: &FileStat| {
            let (stamp, of) = (Stamp::of(found), |found: &FileStat| {
                (found.st_mode, found.st_uid, found.st_gid)
            });
            stamp.is_but_for_names(standing.stamp) && found.st_nlink == 2 && of(found) == of(&before)
        };
        let taken = look(folder).filter(is_it).map(|found| Taken {
            sha256: standing.sha256,
            changed: Stamp::of(&found).changed,
        });
        if taken.is_none() {
            let _ = unlinkat(folder, name, UnlinkatFlags::NoRemoveDir);
        }
        taken
    }
}
