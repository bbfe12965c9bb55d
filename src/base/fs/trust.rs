//! Whom we believe: a file or folder that somebody else could have written is not read, obeyed or removed.

use std::fs::File;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag};
use nix::sys::stat::{FileStat, SFlag, fstat, fstatat};
use nix::unistd::{AccessFlags, Uid, UnlinkatFlags, User, faccessat, unlinkat};

use super::advice::{Advice, give, give_all, make_mutable, permit};
use super::messages::why;
use super::way::{Way, kind};
use super::{Attempt, FsError, Owner};
use crate::model::Phrase;

/// What stands under a path, with the folder that holds it.
pub(super) struct PathStat {
    pub(super) itself: FileStat,
    pub(super) above: FileStat,
}

impl Owner {
    /// Why something is not to be believed; nothing when only the owner, root, this process and, where the site shares
    /// its files with a group, that group can have written it.
    pub(super) fn distrust(self, found: &PathStat) -> Option<Phrase> {
        let itself = &found.itself;
        let is_of_group = self.group_may_write() && itself.st_gid == self.gid();
        if let Some(why) = self.stranger(found) {
            return Some(why);
        }
        if itself.st_mode & 0o002 != 0 {
            return Some(why::EVERYBODY_MAY_WRITE);
        }
        (itself.st_mode & 0o020 != 0 && !is_of_group).then_some(why::ITS_GROUP_MAY_WRITE)
    }

    /// Whose something is, where it is nobody's whom we believe.
    fn stranger(self, PathStat { itself, above }: &PathStat) -> Option<Phrase> {
        let uid = itself.st_uid;
        let is_of_group = self.group_may_write() && itself.st_gid == self.gid();
        // A file can have got the group without its maker being of it only where everybody may put files.
        let is_known = self.believes(uid) || (is_of_group && above.st_mode & 0o002 == 0);
        (!is_known).then(|| why::belongs_to(&user_name(uid)))
    }

    /// The fault of something that is not to be believed.
    pub(super) fn untrusted(self, path: &Path, why: Phrase, found: &PathStat) -> FsError {
        let itself = &found.itself;
        let mut commands = Vec::new();
        let mut is_of_group = itself.st_gid == self.gid();
        if self.stranger(found).is_some() {
            commands.push(give(&self.user_and_group(), path));
            is_of_group = true;
        }
        let (all, group) = (
            0o002,
            if self.group_may_write() && is_of_group {
                0
            } else {
                0o020
            },
        );
        commands.extend(match (itself.st_mode & all, itself.st_mode & group) {
            (0, 0) => None,
            (0, _) => Some(permit("g-w", path)),
            (_, 0) => Some(permit("o-w", path)),
            _ => Some(permit("g-w,o-w", path)),
        });
        FsError::Untrusted {
            path: path.to_owned(),
            why,
            advice: Advice::Claim(commands),
        }
    }

    /// The fault of something that nobody of the site makes.
    pub(super) fn strange(path: &Path, why: Phrase) -> FsError {
        FsError::Untrusted {
            path: path.to_owned(),
            why,
            advice: Advice::Remove,
        }
    }

    /// The fault of something that stands and that this process may not use.
    pub(super) fn not_ours(self, path: &Path, found: &FileStat) -> FsError {
        let (process, owner) = (Owner::process_user(), self.user_and_group());
        let advice = if !self.has(found) {
            Advice::AsRoot(vec![give_all(&owner, path)])
        } else if found.st_uid == Owner::process_uid() {
            Advice::AsRoot(vec![permit("-R u+rwX", path)])
        } else {
            // Whose it is, it should be.
            Advice::Another {
                user: user_name(found.st_uid),
                commands: vec![give_all(&Owner::process_user_and_group(), path)],
            }
        };
        FsError::NotOurs {
            path: path.to_owned(),
            found: user_name(found.st_uid),
            process,
            advice,
        }
    }

    /// A fault of permissions about something in a folder, told with whose that folder is and should be; or that nobody may.
    pub fn not_ours_at(self, top: &Path, fault: FsError) -> FsError {
        if let Some(path) = immutable(&fault) {
            let advice = Advice::AsRoot(vec![make_mutable(&path)]);
            return FsError::Immutable { path, advice };
        }
        match super::way::facts(top) {
            Ok(Some(found)) => self.not_ours(top, &found),
            _ => fault,
        }
    }
}

/// What nobody may change, where that is why something failed. The system says so of what is immutable; of what is
/// append-only it says nothing, but refuses it to its owner and to root as well.
fn immutable(fault: &FsError) -> Option<PathBuf> {
    if !fault.is_forbidden() {
        return None;
    }
    let path = fault.path();
    let is_immutable = |path: &&Path| {
        let way = Way::to(path, Attempt::Read).ok();
        way.is_some_and(|way| {
            let asked = faccessat(&way.folder, way.name(), AccessFlags::W_OK, AtFlags::AT_EACCESS);
            asked == Err(Errno::EPERM)
        })
    };
    let found = [Some(path), path.parent()].into_iter().flatten().find(is_immutable);
    let process = Owner::process_uid();
    let is_own = || {
        let found = super::way::facts(path).ok().flatten();
        process == 0 || found.is_some_and(|found| found.st_uid == process)
    };
    found.or_else(|| is_own().then_some(path)).map(Path::to_owned)
}

fn user_name(uid: u32) -> String {
    let user = User::from_uid(Uid::from_raw(uid)).ok().flatten();
    user.map_or_else(|| format!("uid {uid}"), |user| user.name)
}

/// Looks at one of a site's own folders, which an administrator made: nobody else may put another in the place of what
/// stands in it. `known` are the users to whom such a folder may belong, besides root and this process.
///
/// # Errors
/// [`FsError::Untrusted`].
pub fn check_top(path: &Path, known: &[u32], owner: Owner) -> Result<(), FsError> {
    let Some(found) = super::way::facts(path)?.filter(|found| kind(found) == SFlag::S_IFDIR) else {
        return Ok(());
    };
    let refuse = |why: Phrase, command: String| {
        Err(FsError::Untrusted {
            path: path.to_owned(),
            why,
            advice: Advice::Claim(vec![command]),
        })
    };
    if !owner.believes(found.st_uid) && !known.contains(&found.st_uid) {
        let why = why::belongs_to(&user_name(found.st_uid));
        return refuse(why, give(&owner.user_and_group(), path));
    }
    if found.st_mode & 0o002 != 0 && found.st_mode & STICKY == 0 {
        return refuse(why::EVERYBODY_MAY_RENAME, permit("o-w", path));
    }
    Ok(())
}

/// Of a folder in which everybody may rename only what is his own.
const STICKY: u32 = 0o1000;

/// An empty folder may be what a process of root left that was killed before it could give it away. Whoever may remove
/// it does, and nothing is lost. Gives whether it is gone.
pub(super) fn take_away_empty(way: &Way) -> bool {
    unlinkat(&way.folder, way.name(), UnlinkatFlags::RemoveDir).is_ok()
}

/// Whether a folder stands under a path that only those can have filled whom we believe.
///
/// # Errors
/// [`FsError::Untrusted`] when somebody else made it, [`FsError::Link`] for a link; [`FsError::NotOurs`] when this process may not
/// look into it.
pub fn trusted_folder(path: &Path, owner: Owner) -> Result<bool, FsError> {
    let way = match Way::to(path, Attempt::Read) {
        Err(fault) if fault.is_absent() => return Ok(false),
        way => way?,
    };
    let Some(found) = look(&way, path)? else {
        return Ok(false);
    };
    if kind(&found.itself) == SFlag::S_IFLNK {
        return Err(FsError::Link { path: path.to_owned() });
    }
    if let Some(why) = owner.distrust(&found) {
        return Err(owner.untrusted(path, why, &found));
    }
    if kind(&found.itself) != SFlag::S_IFDIR {
        return Ok(false);
    }
    match way.open(OFlag::O_RDONLY | OFlag::O_DIRECTORY, 0, path, Attempt::Read) {
        Err(fault) if fault.is_permission() && take_away_empty(&way) => Ok(false),
        Err(fault) if fault.is_permission() => Err(owner.not_ours(path, &found.itself)),
        opened => opened.map(|_| true),
    }
}

/// Opens a file that only those can have written whom we believe; `None` when there is none. The folder that holds it
/// must be believed as well.
///
/// # Errors
/// As [`trusted_folder`]; also for a file with a second name, where `single` is wanted.
pub fn open_trusted(path: &Path, owner: Owner, single: bool) -> Result<Option<File>, FsError> {
    open_trusted_in(path, owner, owner, single)
}

/// The same where the folder that holds it may be another's: of `above`.
pub fn open_trusted_in(path: &Path, owner: Owner, above: Owner, single: bool) -> Result<Option<File>, FsError> {
    let way = match Way::to(path, Attempt::Read) {
        Err(fault) if fault.is_absent() => return Ok(None),
        way => way?,
    };
    let Some(listed) = look(&way, path)? else {
        return Ok(None);
    };
    let folder = folder_of(&way, path)?;
    if let Some(why) = above.distrust(&folder) {
        return Err(above.untrusted(path.parent().unwrap_or(path), why, &folder));
    }
    if kind(&listed.itself) == SFlag::S_IFLNK {
        return Err(FsError::Link { path: path.to_owned() });
    }
    if kind(&listed.itself) != SFlag::S_IFREG {
        return Err(Owner::strange(path, why::NO_ORDINARY_FILE));
    }
    let flags = OFlag::O_RDONLY | OFlag::O_NONBLOCK;
    let file = match way.open(flags, 0, path, Attempt::Read) {
        Err(fault) if fault.is_absent() => return Ok(None),
        Err(fault) if fault.is_permission() => return Err(owner.not_ours(path, &listed.itself)),
        opened => opened?,
    };
    let found = check_file(&file, &way, path, owner, single)?;
    match owner.distrust(&found) {
        Some(why) => Err(owner.untrusted(path, why, &found)),
        None => Ok(Some(file)),
    }
}

/// Whether an open file is one, and nobody's but the site's. Others may have written to it.
pub(super) fn check_file(file: &File, way: &Way, path: &Path, owner: Owner, single: bool) -> Result<PathStat, FsError> {
    let read = |fault| FsError::new(Attempt::Read, path, fault);
    let (itself, above) = (fstat(file).map_err(read)?, fstat(&way.folder).map_err(read)?);
    if kind(&itself) != SFlag::S_IFREG {
        return Err(Owner::strange(path, why::NO_ORDINARY_FILE));
    }
    if single && itself.st_nlink > 1 {
        return Err(Owner::strange(path, why::HAS_ANOTHER_NAME));
    }
    let found = PathStat { itself, above };
    match owner.stranger(&found) {
        Some(why) => Err(owner.untrusted(path, why, &found)),
        None => Ok(found),
    }
}

/// What stands under a name and the folder that holds it; `None` when nothing stands there.
pub(super) fn look(way: &Way, path: &Path) -> Result<Option<PathStat>, FsError> {
    let read = |fault| FsError::new(Attempt::Read, path, fault);
    match way.facts() {
        Ok(itself) => {
            let above = fstat(&way.folder).map_err(read)?;
            Ok(Some(PathStat { itself, above }))
        }
        Err(Errno::ENOENT | Errno::ENOTDIR) => Ok(None),
        Err(fault) => Err(read(fault)),
    }
}

/// The folder that holds something, and the one above that.
fn folder_of(way: &Way, path: &Path) -> Result<PathStat, FsError> {
    let read = |fault| FsError::new(Attempt::Read, path, fault);
    Ok(PathStat {
        itself: fstat(&way.folder).map_err(read)?,
        above: fstatat(&way.folder, c"..", AtFlags::AT_SYMLINK_NOFOLLOW).map_err(read)?,
    })
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt, chown, symlink};

    use nix::unistd::geteuid;

    use super::*;

    const SITE: u32 = 33;
    const STRANGER: u32 = 65534;

    fn set(path: &Path, user: u32, group: u32, mode: u32) {
        chown(path, Some(user), Some(group)).unwrap();
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }

    /// Only root gives files away: without it these tests could show nothing.
    fn site(mode: u32) -> (tempfile::TempDir, Owner) {
        assert!(geteuid().is_root(), "run these tests as root");
        let folder = tempfile::tempdir().unwrap();
        set(folder.path(), SITE, SITE, mode);
        let owner = Owner::of(folder.path()).unwrap();
        (folder, owner)
    }

    #[test]
    fn only_what_the_site_can_have_written_is_believed() {
        for (site_mode, user, group, mode, expected) in [
            (0o755, SITE, SITE, 0o600, ""),
            (0o755, 0, 0, 0o644, ""),
            (0o755, STRANGER, SITE, 0o600, "belongs to nobody"),
            (0o755, SITE, SITE, 0o620, "its group may write"),
            (0o755, SITE, SITE, 0o602, "everybody may write"),
            (0o2775, SITE, SITE, 0o660, ""),
            (0o2775, STRANGER, SITE, 0o660, ""),
            (0o2775, STRANGER, STRANGER, 0o600, "belongs to nobody"),
            (0o2775, SITE, STRANGER, 0o660, "its group may write"),
            (0o2775, 0, 0, 0o602, "everybody may write"),
        ] {
            let (folder, owner) = site(site_mode);
            let path = folder.path().join("f");
            fs::write(&path, "x").unwrap();
            set(&path, user, group, mode);
            let told = open_trusted(&path, owner, true).map_or_else(|fault| fault.to_string(), |_| String::new());
            let fits = if expected.is_empty() {
                told.is_empty()
            } else {
                told.contains(expected)
            };
            assert!(fits, "{site_mode:o} {user}:{group} {mode:o}: {told}");
            fs::remove_file(&path).unwrap();
            fs::create_dir(&path).unwrap();
            set(&path, user, group, mode);
            assert_eq!(trusted_folder(&path, owner).is_ok(), expected.is_empty());
        }
    }

    #[test]
    fn links_pipes_and_second_names_are_not_believed() {
        let (folder, owner) = site(0o755);
        let (path, victim) = (folder.path().join("f"), folder.path().join("victim"));
        assert!(open_trusted(&path, owner, true).unwrap().is_none());
        assert!(!trusted_folder(&path, owner).unwrap());
        fs::write(&victim, "x").unwrap();
        symlink(&victim, &path).unwrap();
        assert!(open_trusted(&path, owner, true).is_err() && trusted_folder(&path, owner).is_err());
        fs::remove_file(&path).unwrap();
        fs::hard_link(&victim, &path).unwrap();
        assert!(
            open_trusted(&path, owner, true)
                .unwrap_err()
                .to_string()
                .contains("hard link")
        );
        assert!(open_trusted(&path, owner, false).unwrap().is_some());
        fs::remove_file(&path).unwrap();
        nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRUSR).unwrap();
        assert!(
            open_trusted(&path, owner, true)
                .unwrap_err()
                .to_string()
                .contains("no ordinary file")
        );
    }

    #[test]
    fn a_file_in_a_folder_of_a_stranger_is_not_believed() {
        let (folder, owner) = site(0o755);
        let path = folder.path().join("below/f");
        fs::create_dir(folder.path().join("below")).unwrap();
        fs::write(&path, "x").unwrap();
        for (user, mode) in [(STRANGER, 0o755), (SITE, 0o777)] {
            set(&folder.path().join("below"), user, user, mode);
            let fault = open_trusted(&path, owner, true).unwrap_err();
            assert!(fault.path().ends_with("below"), "{fault}");
        }
    }
}
