//! A walk of a tree by folder handles, on several threads, that never follows a link and never enters a mount. Owns the order and the threads;
//! what is done with each folder is the visitor's.

use std::ffi::{CStr, CString, OsStr};
use std::fs::File;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use nix::dir::{Dir, Type};
use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag, OpenHow, ResolveFlag, openat, openat2};
use nix::sys::stat::{Mode, SFlag, fstat, fstatat};

use super::{Attempt, FsError};

/// Threads of a walk: the kernel does most of the work, and two of it at once is what a small server has.
const THREADS: usize = 2;

const FOLDER: OFlag = OFlag::O_RDONLY
    .union(OFlag::O_DIRECTORY)
    .union(OFlag::O_NOFOLLOW)
    .union(OFlag::O_CLOEXEC);

/// What is done on a walk. Called from several threads.
pub(super) trait Visitor: Sync {
    /// A folder was opened. Gets what stands in it and is no folder. The folders in it come afterwards.
    fn enter(&self, folder: &Folder, others: &[Entry]) -> Result<(), FsError>;

    /// Whether a folder in this one is entered at all.
    fn wants(&self, _folder: &Folder, _name: &CString) -> bool {
        true
    }

    /// All that stands in a folder has been dealt with.
    fn leave(&self, _folder: &Folder) -> Result<(), FsError> {
        Ok(())
    }
}

/// A name in a folder that is no folder itself.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) name: CString,
    /// An ordinary file; else a link, a socket, a device.
    pub(super) is_file: bool,
}

/// A folder of the walk.
#[derive(Debug)]
pub(super) struct Folder {
    parent: Option<Arc<Folder>>,
    /// In the parent; of the root, its path.
    name: CString,
    pub(super) handle: OwnedFd,
    /// Folders in it that are not left yet, and itself.
    open: AtomicUsize,
}

impl Folder {
    /// The folder above, and the name in it; `None` for the root.
    pub(super) fn place(&self) -> Option<(&Folder, &CString)> {
        self.parent.as_ref().map(|parent| (parent.as_ref(), &self.name))
    }

    /// The path, made only when somebody asks.
    pub(super) fn path(&self) -> PathBuf {
        self.parent
            .as_ref()
            .map_or_else(PathBuf::new, |parent| parent.path())
            .join(as_path(&self.name))
    }

    /// The path below the root; empty for the root.
    pub(super) fn relative_path(&self) -> PathBuf {
        self.place().map_or_else(PathBuf::new, |(parent, name)| {
            parent.relative_path().join(as_path(name))
        })
    }

    /// An error about something in this folder.
    pub(super) fn fault(&self, attempt: Attempt, name: &CStr, fault: Errno) -> FsError {
        FsError::new(attempt, self.path().join(as_path(name)), fault)
    }
}

/// A name as a path.
pub(super) fn as_path(name: &CStr) -> &Path {
    Path::new(OsStr::from_bytes(name.to_bytes()))
}

/// Visits a folder and all below it; links are not followed, the root included. The first fault ends the walk.
pub(super) fn walk(root: &Path, visitor: &impl Visitor) -> Result<(), FsError> {
    walk_open(&super::open_folder(root)?, root, visitor)
}

/// The same of a folder that is open already, whatever stands under its path now.
pub(super) fn walk_open(open: &File, root: &Path, visitor: &impl Visitor) -> Result<(), FsError> {
    let read = |fault| FsError::new(Attempt::Read, root, fault);
    let handle = open.try_clone().map_err(read)?.into();
    let name = CString::new(root.as_os_str().as_bytes())
        .map_err(|fault| FsError::new(Attempt::Read, root, std::io::Error::from(fault)))?;
    let walk = Walk {
        visitor,
        state: Mutex::new(State {
            tasks: vec![Task {
                parent: Err(handle),
                name,
            }],
            busy: 0,
            fault: None,
        }),
        changed: Condvar::new(),
    };
    walk.step();
    // What has no folders needs no second thread.
    let threads = if walk.lock().tasks.is_empty() { 1 } else { THREADS };
    std::thread::scope(|scope| {
        for _ in 1..threads {
            // Without a second thread the first does it all.
            let _ = std::thread::Builder::new()
                .name("gestor-plugins-walk".to_owned())
                .spawn_scoped(scope, || walk.work());
        }
        walk.work();
    });
    let state = walk.state.into_inner().unwrap_or_else(PoisonError::into_inner);
    state.fault.map_or(Ok(()), Err)
}

/// A folder to visit. Opened only when its turn has come, so that few handles are open at once.
struct Task {
    /// The folder that holds it; of the root, its own handle.
    parent: Result<Arc<Folder>, OwnedFd>,
    name: CString,
}

struct State {
    tasks: Vec<Task>,
    busy: usize,
    fault: Option<FsError>,
}

struct Walk<'visitor, V: Visitor> {
    visitor: &'visitor V,
    state: Mutex<State>,
    changed: Condvar,
}

impl<V: Visitor> Walk<'_, V> {
    fn work(&self) {
        while self.step() {}
    }

    /// Visits a folder; `false` when there is none left.
    fn step(&self) -> bool {
        let Some(task) = self.next() else { return false };
        let done = self.visit(task);
        let mut state = self.lock();
        state.busy -= 1;
        match done {
            Ok(tasks) => state.tasks.extend(tasks),
            Err(fault) => {
                state.tasks.clear();
                state.fault.get_or_insert(fault);
            }
        }
        drop(state);
        self.changed.notify_all();
        true
    }

    /// The newest task first, so that the walk goes deep and closes handles early.
    fn next(&self) -> Option<Task> {
        let mut state = self.lock();
        loop {
            if state.fault.is_some() {
                return None;
            }
            if let Some(task) = state.tasks.pop() {
                state.busy += 1;
                return Some(task);
            }
            if state.busy == 0 {
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn visit(&self, task: Task) -> Result<Vec<Task>, FsError> {
        let (folder, mut listing) = open(task)?;
        let mut names = list(&folder, &mut listing)?;
        drop(listing);
        self.visitor.enter(&folder, &names.others)?;
        names.folders.retain(|name| self.visitor.wants(&folder, name));
        folder.open.fetch_add(names.folders.len(), Ordering::AcqRel);
        let folder = Arc::new(folder);
        let parent = || Ok(Arc::clone(&folder));
        let tasks = names
            .folders
            .into_iter()
            .map(|name| Task { parent: parent(), name })
            .collect();
        self.leave(&folder)?;
        Ok(tasks)
    }

    /// Leaves a folder, and those above it of which it was the last.
    fn leave(&self, folder: &Folder) -> Result<(), FsError> {
        let mut folder = Some(folder);
        while let Some(left) = folder {
            if left.open.fetch_sub(1, Ordering::AcqRel) > 1 {
                break;
            }
            self.visitor.leave(left)?;
            folder = left.parent.as_deref();
        }
        Ok(())
    }
}

/// Opens a folder twice: one handle to work below, one that is read and closed at once.
fn open(task: Task) -> Result<(Folder, Dir), FsError> {
    let Task { parent, name } = task;
    let parent = match parent {
        Ok(parent) => parent,
        Err(root) => return listed(None, name, root),
    };
    let path = || parent.path().join(as_path(&name));
    let handle = match open_on_this_mount(&parent.handle, &name) {
        Ok(handle) => handle,
        Err(Errno::EXDEV) => return Err(FsError::Mounted { path: path() }),
        Err(fault) => return Err(FsError::new(Attempt::Read, path(), fault)),
    };
    listed(Some(parent), name, handle)
}

fn listed(parent: Option<Arc<Folder>>, name: CString, handle: OwnedFd) -> Result<(Folder, Dir), FsError> {
    let path = || {
        let above = parent.as_ref().map_or_else(PathBuf::new, |parent| parent.path());
        above.join(as_path(&name))
    };
    let listing = handle
        .try_clone()
        .and_then(|copy| Dir::from_fd(copy).map_err(Into::into))
        .map_err(|fault| FsError::new(Attempt::Read, path(), fault))?;
    let folder = Folder {
        parent,
        name,
        handle,
        open: AtomicUsize::new(1),
    };
    Ok((folder, listing))
}

/// Opens a folder in another unless something is mounted there: `EXDEV` then. Kernels before 5.6, and sandboxes that do
/// not know the call, see only what has another device number.
fn open_on_this_mount(above: &OwnedFd, name: &CString) -> nix::Result<OwnedFd> {
    let how = OpenHow::new().flags(FOLDER).resolve(ResolveFlag::RESOLVE_NO_XDEV);
    match openat2(above, name.as_c_str(), how) {
        Err(Errno::ENOSYS | Errno::EPERM | Errno::EINVAL | Errno::E2BIG) => {}
        done => return done,
    }
    let handle = openat(above, name.as_c_str(), FOLDER, Mode::empty())?;
    if fstat(&handle)?.st_dev == fstat(above)?.st_dev {
        Ok(handle)
    } else {
        Err(Errno::EXDEV)
    }
}

#[derive(Default)]
struct Names {
    folders: Vec<CString>,
    others: Vec<Entry>,
}

fn list(folder: &Folder, listing: &mut Dir) -> Result<Names, FsError> {
    let mut names = Names::default();
    for entry in listing.iter() {
        let entry = entry.map_err(|fault| FsError::new(Attempt::Read, folder.path(), fault))?;
        let name = entry.file_name().to_owned();
        if matches!(name.as_bytes(), b"." | b"..") {
            continue;
        }
        match entry.file_type().map_or_else(|| ask_type(folder, &name), Ok)? {
            Type::Directory => names.folders.push(name),
            kind => names.others.push(Entry {
                name,
                is_file: kind == Type::File,
            }),
        }
    }
    Ok(names)
}

/// For file systems that do not tell types in listings. What is neither folder nor file need not be told apart.
fn ask_type(folder: &Folder, name: &CString) -> Result<Type, FsError> {
    let found = fstatat(&folder.handle, name.as_c_str(), AtFlags::AT_SYMLINK_NOFOLLOW)
        .map_err(|fault| folder.fault(Attempt::Read, name, fault))?;
    let kind = SFlag::from_bits_truncate(found.st_mode & SFlag::S_IFMT.bits());
    Ok(match kind {
        SFlag::S_IFDIR => Type::Directory,
        SFlag::S_IFREG => Type::File,
        _ => Type::Symlink,
    })
}
