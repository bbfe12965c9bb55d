//! Files and folders that outlive a call: made, given to the site's owner and opened up to the site's group through the
//! handle that made them. Neither the umask nor a link on the way has a say.

use std::fs::{self, File, Permissions};
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag};
use nix::sys::stat::{FileStat, Mode, SFlag, fchmod, fstat, mkdirat};
use nix::unistd::{AccessFlags, UnlinkatFlags, faccessat, geteuid, unlinkat};

use super::advice::{Advice, make};
use super::trust::{check_file, look, take_away_empty};
use super::way::{Way, kind};
use super::{Attempt, FsError, Owner};

/// Another process may remove an empty folder above in the very moment that one is made in it, or a lock file between
/// two looks at it.
const TRIES: usize = 64;

/// Makes a folder and opens it. It must be new, and the one above it must stand. `mode` is what a site without a group
/// of its own gets.
pub fn make_folder(path: &Path, owner: Option<Owner>, mode: u32) -> Result<File, FsError> {
    let way = Way::to(path, Attempt::Create)?;
    match mkdirat(&way.folder, way.name(), Mode::S_IRWXU) {
        Ok(()) => {}
        Err(Errno::EEXIST) => return Err(FsError::Exists { path: path.to_owned() }),
        Err(fault) => return Err(FsError::new(Attempt::Create, path, fault)),
    }
    let folder = open_made(&way, path)?;
    hand_over(
        &folder,
        owner,
        owner.map_or(mode, |owner| owner.folder_mode(mode)),
        path,
    )?;
    Ok(folder)
}

/// Opens a folder that was just made. An odd umask may have taken even the maker's own permissions from it.
fn open_made(way: &Way, path: &Path) -> Result<File, FsError> {
    let flags = OFlag::O_DIRECTORY;
    match way.open(flags | OFlag::O_RDONLY, 0, path, Attempt::Create) {
        Err(fault) if fault.is_permission() => {
            let handle = way.open(flags | OFlag::O_PATH, 0, path, Attempt::Create)?;
            let found = fstat(&handle).map_err(|fault| FsError::new(Attempt::Read, path, fault))?;
            if found.st_uid == geteuid().as_raw() && found.st_mode & 0o700 != 0o700 {
                permit_handle(&handle, path)?;
            }
            way.open(flags | OFlag::O_RDONLY, 0, path, Attempt::Create)
        }
        opened => opened,
    }
}

/// A handle made with `O_PATH` knows no `fchmod`; its name below /proc is the folder itself, whatever stands at its path.
#[expect(clippy::disallowed_methods, reason = "the path is the handle itself")]
fn permit_handle(handle: &File, path: &Path) -> Result<(), FsError> {
    let itself = format!("/proc/self/fd/{}", handle.as_raw_fd());
    fs::set_permissions(itself, Permissions::from_mode(0o700))
        .map_err(|fault| FsError::new(Attempt::ChangeMode, path, fault))
}

/// Takes every permission from a folder: nobody but root gets at what is in it.
pub fn close_folder(path: &Path) -> Result<(), FsError> {
    let folder = super::open_folder(path)?;
    fchmod(&folder, Mode::empty()).map_err(|fault| FsError::new(Attempt::ChangeMode, path, fault))
}

/// Opens a folder to its owner again.
pub fn open_folder_up(path: &Path) -> Result<(), FsError> {
    let way = Way::to(path, Attempt::ChangeMode)?;
    let handle = way.open(OFlag::O_DIRECTORY | OFlag::O_PATH, 0, path, Attempt::ChangeMode)?;
    permit_handle(&handle, path)
}

/// Whether this process may make something in a folder. What else may be wrong is told by who does it.
pub fn may_write(folder: &Path) -> bool {
    let access = AccessFlags::W_OK | AccessFlags::X_OK;
    let asked = Way::to(folder, Attempt::Read)
        .map(|way| faccessat(&way.folder, way.name(), access, AtFlags::AT_EACCESS) != Err(Errno::EACCES));
    asked.unwrap_or(true)
}

/// Makes the folders that are missing between `top` and `path`, `top` included. Those that stand below `top` must be
/// the site's; they are mended where root or an earlier release left them to root or to everybody.
///
/// # Errors
/// [`FsError::Untrusted`] for the folder of a stranger, [`FsError::NotOurs`] for one in which this process may not write.
pub fn ensure_folders(top: &Path, path: &Path, owner: Option<Owner>, mode: u32) -> Result<(), FsError> {
    let mut ways: Vec<_> = path.ancestors().take_while(|folder| folder.starts_with(top)).collect();
    ways.reverse();
    let ensure = || {
        ways.iter()
            .try_for_each(|folder| ensure_one(folder, *folder != top, owner, mode))
    };
    for _ in 0..TRIES {
        match ensure() {
            Err(fault) if fault.is_absent() => {}
            done => return done,
        }
    }
    ensure()
}

fn ensure_one(path: &Path, is_ours: bool, owner: Option<Owner>, mode: u32) -> Result<(), FsError> {
    match make_folder(path, owner, mode) {
        Err(FsError::Exists { .. }) => {}
        Err(fault) if !fault.is_permission() && !fault.is_read_only() => return Err(fault),
        Err(fault) => {
            // A system may look at the permissions first.
            let stands = super::way::facts(path).ok().flatten().is_some();
            return match (stands, owner) {
                (true, _) => standing(path, is_ours, owner, mode),
                (false, Some(owner)) if fault.is_permission() => Err(cannot_make(path, owner).unwrap_or(fault)),
                (false, _) => Err(fault),
            };
        }
        Ok(_) => return sync_above(path),
    }
    standing(path, is_ours, owner, mode)
}

/// Best effort: a name that is lost with the power is made again.
fn sync_above(path: &Path) -> Result<(), FsError> {
    path.parent().map_or(Ok(()), super::fsync_dir)
}

/// Nobody is told to give a folder away, with all that is in it, so that one can be made in it.
fn cannot_make(path: &Path, owner: Owner) -> Option<FsError> {
    let above = path.parent()?;
    let found = super::way::facts(above).ok().flatten()?;
    let (user, group) = owner.names();
    let advice = Advice::AsRoot(vec![make(&user, &group, path)]);
    match owner.not_ours(above, &found) {
        FsError::NotOurs {
            path, found, process, ..
        } => Some(FsError::NotOurs {
            path,
            found,
            process,
            advice,
        }),
        other => Some(other),
    }
}

fn cannot_write_above(path: &Path, owner: Owner) -> Option<FsError> {
    let above = path.parent()?;
    let found = super::way::facts(above).ok().flatten()?;
    Some(owner.not_ours(above, &found))
}

/// A folder of ours that stands already: believed, mended, and ours to write in.
fn standing(path: &Path, is_ours: bool, owner: Option<Owner>, mode: u32) -> Result<(), FsError> {
    let way = Way::to(path, Attempt::Read)?;
    let Some(owner) = owner.filter(|_| is_ours) else {
        return way
            .open(OFlag::O_PATH | OFlag::O_DIRECTORY, 0, path, Attempt::Create)
            .map(drop);
    };
    let Some(mut found) = look(&way, path)? else {
        return Err(FsError::new(Attempt::Read, path, Errno::ENOENT));
    };
    // Before anything else: what is said about a link would be done to what it leads to.
    if kind(&found.itself) == SFlag::S_IFLNK {
        return Err(FsError::Link { path: path.to_owned() });
    }
    if kind(&found.itself) == SFlag::S_IFDIR {
        found.itself = mend_folder(&way, found.itself, owner, mode, path)?;
    }
    if let Some(why) = owner.distrust(&found) {
        return Err(owner.untrusted(path, why, &found));
    }
    let access = AccessFlags::W_OK | AccessFlags::X_OK;
    match faccessat(&way.folder, way.name(), access, AtFlags::AT_EACCESS) {
        // Told as absent, it is made anew.
        Err(Errno::EACCES) if take_away_empty(&way) => Err(FsError::new(Attempt::Read, path, Errno::ENOENT)),
        Err(Errno::EACCES) => Err(owner.not_ours(path, &found.itself)),
        // What else is wrong is told by whatever is done next.
        _ => Ok(()),
    }
}

/// What a folder should be is set where this process may: root's becomes the site's, and nobody may write but the site.
fn mend_folder(way: &Way, found: FileStat, owner: Owner, mode: u32, path: &Path) -> Result<FileStat, FsError> {
    let me = geteuid();
    let is_known = found.st_uid == 0 || found.st_uid == owner.uid();
    let wanted = owner.mended_mode(found.st_mode & 0o7777, owner.folder_mode(mode));
    let wanted = if owner.is_left_to_root(&found) {
        owner.folder_mode(mode)
    } else {
        wanted
    };
    let is_right = wanted == found.st_mode & 0o7777 && !owner.is_left_to_root(&found);
    if is_right || !is_known || !(me.is_root() || me.as_raw() == found.st_uid) {
        return Ok(found);
    }
    let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY;
    let Ok(folder) = way.open(flags, 0, path, Attempt::Read) else {
        return Ok(found);
    };
    let read = |fault| FsError::new(Attempt::Read, path, fault);
    let itself = fstat(&folder).map_err(read)?;
    if (itself.st_ino, itself.st_dev, itself.st_uid) != (found.st_ino, found.st_dev, found.st_uid) {
        return Err(FsError::Swapped { path: path.to_owned() });
    }
    // Best effort: what could not be mended is judged as it is.
    if owner.is_left_to_root(&itself) {
        let _ = owner.give(&folder, path);
    }
    let _ = set_mode(&folder, wanted, path);
    fstat(&folder).map_err(read)
}

/// A new file of the site's owner, open for reading and writing. What stood there is replaced. `mode` is what a site
/// without a group of its own gets.
pub fn replace_file(path: &Path, owner: Option<Owner>, mode: u32) -> Result<File, FsError> {
    let way = Way::to(path, Attempt::Create)?;
    match unlinkat(&way.folder, way.name(), UnlinkatFlags::NoRemoveDir) {
        Ok(()) | Err(Errno::ENOENT) => {}
        // A read-only file system refuses even to remove what is not there.
        Err(fault) if way.facts().is_ok() => return Err(FsError::new(Attempt::Remove, path, fault)),
        Err(_) => {}
    }
    create(&way, path, owner, mode, OFlag::O_RDWR)
}

/// A file that no path leads to, readable by nobody else; a file system that cannot make one gets one that is removed at
/// once.
pub fn nameless_file(folder: &Path) -> Result<File, FsError> {
    let way = Way::to(folder, Attempt::Create)?;
    if let Ok(file) = way.open(OFlag::O_TMPFILE | OFlag::O_RDWR, 0o600, folder, Attempt::Create) {
        return Ok(file);
    }
    let path = folder.join(format!(".rows-{}", std::process::id()));
    let file = replace_file(&path, None, 0o600)?;
    super::remove_file(&path)?;
    Ok(file)
}

/// Opens a file of the site for use by several calls and processes, with `flags` for how; makes it where it is missing.
/// One that stands is believed or refused, and mended where root left it.
///
/// # Errors
/// [`FsError::Untrusted`] when it is a stranger's, no ordinary file, or has a second name; [`FsError::NotOurs`] when this
/// process may not write to it.
pub(super) fn open_shared(path: &Path, owner: Option<Owner>, mode: u32, flags: OFlag) -> Result<File, FsError> {
    let way = Way::to(path, Attempt::Create)?;
    for _ in 0..TRIES {
        match create(&way, path, owner, mode, flags) {
            Err(FsError::Exists { .. }) => {}
            Err(fault) if fault.is_permission() && way.facts().is_ok() => {}
            Err(fault) if fault.is_permission() => {
                return Err(owner.and_then(|owner| cannot_write_above(path, owner)).unwrap_or(fault));
            }
            done => return done,
        }
        match open_standing(&way, path, owner, mode, flags) {
            Err(fault) if fault.is_absent() => {}
            done => return done,
        }
    }
    Err(FsError::Swapped { path: path.to_owned() })
}

/// Opens the file under a name, to write lines to its end.
pub fn open_to_append(path: &Path, owner: Option<Owner>, mode: u32) -> Result<File, FsError> {
    open_shared(path, owner, mode, OFlag::O_WRONLY | OFlag::O_APPEND)
}

fn open_standing(way: &Way, path: &Path, owner: Option<Owner>, mode: u32, flags: OFlag) -> Result<File, FsError> {
    // Whoever opens a pipe would wait for its other end.
    let opened = way.open(flags | OFlag::O_NONBLOCK, 0, path, Attempt::Create);
    let Some(owner) = owner else { return opened };
    let file = match opened {
        // Nothing is in it, and root was killed before it could give it away.
        Err(fault) if fault.is_permission() && take_away_empty_file(way) => {
            return Err(FsError::new(Attempt::Read, path, Errno::ENOENT));
        }
        Err(fault) if fault.is_permission() => {
            return Err(way.facts().map_or(fault, |found| owner.not_ours(path, &found)));
        }
        opened => opened?,
    };
    // Nothing in it is obeyed: what an earlier release let everybody write to is taken back, not refused.
    let found = check_file(&file, way, path, owner, true)?.itself;
    let me = geteuid();
    let mut wanted = owner.mended_mode(found.st_mode & 0o7777, owner.file_mode(mode));
    if me.is_root() && owner.is_left_to_root(&found) {
        let _ = owner.give(&file, path);
        wanted = owner.file_mode(mode);
    }
    if wanted != found.st_mode & 0o7777 && (me.is_root() || me.as_raw() == found.st_uid) {
        let _ = set_mode(&file, wanted, path);
    }
    Ok(file)
}

/// An empty file of root's in a folder of ours: whoever holds a lock on it finds out by its name.
fn take_away_empty_file(way: &Way) -> bool {
    let is_empty = |found: FileStat| found.st_uid == 0 && found.st_size == 0 && kind(&found) == SFlag::S_IFREG;
    way.facts().is_ok_and(is_empty) && unlinkat(&way.folder, way.name(), UnlinkatFlags::NoRemoveDir).is_ok()
}

fn create(way: &Way, path: &Path, owner: Option<Owner>, mode: u32, flags: OFlag) -> Result<File, FsError> {
    let flags = flags | OFlag::O_CREAT | OFlag::O_EXCL;
    let opened = way.open(flags, 0o600, path, Attempt::Create);
    let file = opened.map_err(|fault| match fault {
        FsError::Io { source, .. } if source.kind() == std::io::ErrorKind::AlreadyExists => {
            FsError::Exists { path: path.to_owned() }
        }
        other => other,
    })?;
    hand_over(&file, owner, owner.map_or(mode, |owner| owner.file_mode(mode)), path)?;
    Ok(file)
}

impl Owner {
    /// Gives an open file to this owner and sets its mode, as if it were made for him.
    pub fn hand_over(self, file: &File, mode: u32, path: &Path) -> Result<(), FsError> {
        hand_over(file, Some(self), self.file_mode(mode), path)
    }
}

/// Gives away what this process has made, then sets its mode: a change of owner may take bits away.
fn hand_over(file: &File, owner: Option<Owner>, mode: u32, path: &Path) -> Result<(), FsError> {
    if let Some(owner) = owner {
        let found = fstat(file).map_err(|fault| FsError::new(Attempt::Read, path, fault))?;
        // Somebody may have put another folder of that name there since.
        if found.st_uid == geteuid().as_raw() {
            owner.give(file, path)?;
        }
    }
    match set_mode(file, mode, path) {
        // There are file systems that know no modes of single files.
        Err(fault) if fault.is_permission() => Ok(()),
        done => done,
    }
}

fn set_mode(file: impl AsFd, mode: u32, path: &Path) -> Result<(), FsError> {
    let fault = |fault| FsError::new(Attempt::ChangeMode, path, fault);
    if fstat(&file).map_err(fault)?.st_mode & 0o7777 == mode {
        return Ok(());
    }
    fchmod(file, Mode::from_bits_truncate(mode)).map_err(fault)
}
