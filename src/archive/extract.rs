//! Unpacks an archive below an open folder, on all cores. What was written is removed again when anything fails.

use std::collections::BTreeSet;
use std::ops::{ControlFlow, Range};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread;

use nix::errno::Errno;
use nix::fcntl::{OFlag, openat};
use nix::sys::stat::Mode;

use super::folders::{self, OpenFolders, Written, write_failed};
use super::open::below;
use super::unpack::Unpacker;
use super::{Archive, ArchiveError, Member};

/// Bytes that a read of the archive fetches.
const AHEAD: usize = 512 << 10;
/// A thread takes members until they have this many bytes, packed, ...
const SHARE_BYTES: u64 = 256 << 10;
/// ... or are this many.
const SHARE_MEMBERS: usize = 64;
/// Folders from which making them on several threads pays.
const MANY_FOLDERS: usize = 64;

/// What was unpacked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Extracted {
    /// The files, sorted by path.
    pub files: Vec<ExtractedFile>,
    /// Folders that were made.
    pub folders: u64,
    /// Bytes written.
    pub bytes: u64,
}

/// A file that was unpacked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtractedFile {
    /// Path below the destination.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// CRC-32 of its bytes.
    pub crc32: u32,
    /// Whether it is executable.
    pub is_executable: bool,
}

/// A member and where it goes; those left out are only checked.
struct Task<'a> {
    member: &'a Member,
    path: Option<&'a str>,
}

pub(super) fn run(
    archive: &Archive,
    destination: BorrowedFd<'_>,
    prefix: &str,
    skip: &dyn Fn(&str) -> bool,
    progress: &(dyn Fn(u64, u64) -> ControlFlow<()> + Sync),
) -> Result<Extracted, ArchiveError> {
    let (tasks, folders) = plan(archive, prefix, skip);
    let threads = thread::available_parallelism().map_or(1, usize::from).min(8);
    let mut written = Written::default();
    let job = Job {
        archive,
        destination,
        shares: shares(&tasks),
        tasks,
        next: AtomicUsize::new(0),
        is_stopped: AtomicBool::new(false),
        done: AtomicU64::new(0),
        progress,
    };
    let worked =
        make_folders(destination, &folders, threads, &mut written).and_then(|()| job.work(threads, &mut written));
    match worked {
        Ok(()) => Ok(job.result(folders.len() as u64)),
        Err(error) => {
            written.remove(destination);
            Err(error)
        }
    }
}

/// Which members go where, in the order of their bytes, and every folder that is needed.
fn plan<'a>(archive: &'a Archive, prefix: &str, skip: &dyn Fn(&str) -> bool) -> (Vec<Task<'a>>, Vec<&'a str>) {
    let mut skipped_folders = SkippedFolders { skip, last: None };
    let (mut tasks, mut folders) = (Vec::with_capacity(archive.members.len()), BTreeSet::new());
    for member in archive.members.iter() {
        let path = below(&member.name, prefix).filter(|path| !skipped_folders.is_skipped(path));
        if let Some(path) = path {
            let folder = if member.is_folder { path } else { folders::split(path).0 };
            add_with_parents(&mut folders, folder);
        }
        tasks.push(Task {
            member,
            path: path.filter(|_| !member.is_folder),
        });
    }
    tasks.sort_by_key(|task| task.member.data_at);
    (tasks, folders.into_iter().collect())
}

fn add_with_parents<'a>(folders: &mut BTreeSet<&'a str>, folder: &'a str) {
    let mut folder = folder;
    while !folder.is_empty() && folders.insert(folder) {
        folder = folders::split(folder).0;
    }
}

/// Asks the caller about each folder of a path, from the top; remembers the answer for the last folder.
struct SkippedFolders<'a> {
    skip: &'a dyn Fn(&str) -> bool,
    last: Option<(String, bool)>,
}

impl SkippedFolders<'_> {
    fn is_skipped(&mut self, path: &str) -> bool {
        let folder = folders::split(path).0;
        let known = self
            .last
            .as_ref()
            .filter(|(last, _)| last == folder)
            .map(|(_, skipped)| *skipped);
        let in_skipped = known.unwrap_or_else(|| {
            let ends = folder.match_indices('/').map(|(at, _)| at).chain([folder.len()]);
            ends.filter(|end| *end > 0).any(|end| (self.skip)(&folder[..end]))
        });
        self.last = Some((folder.to_owned(), in_skipped));
        in_skipped || (self.skip)(path)
    }
}

/// Cuts the tasks into pieces of work for one thread.
fn shares(tasks: &[Task<'_>]) -> Vec<Range<usize>> {
    let (mut shares, mut start, mut bytes) = (Vec::new(), 0, 0);
    for (at, task) in tasks.iter().enumerate() {
        bytes += task.member.packed;
        if bytes >= SHARE_BYTES || at + 1 - start >= SHARE_MEMBERS || at + 1 == tasks.len() {
            shares.push(start..at + 1);
            (start, bytes) = (at + 1, 0);
        }
    }
    shares
}

/// Makes all folders, level by level so that each finds the one above it.
fn make_folders(
    root: BorrowedFd<'_>,
    sorted: &[&str],
    threads: usize,
    written: &mut Written,
) -> Result<(), ArchiveError> {
    let depth = |folder: &str| folder.matches('/').count();
    let deepest = sorted.iter().map(|folder| depth(folder)).max().unwrap_or(0);
    for level in 0..=deepest {
        let folders: Vec<&str> = sorted.iter().copied().filter(|folder| depth(folder) == level).collect();
        let share = if folders.len() < MANY_FOLDERS {
            folders.len()
        } else {
            folders.len().div_ceil(threads)
        };
        let made = thread::scope(|scope| {
            let parts = folders.chunks(share.max(1));
            let makers: Vec<_> = parts.map(|part| scope.spawn(move || make_part(root, part))).collect();
            makers
                .into_iter()
                .map(thread::ScopedJoinHandle::join)
                .collect::<Vec<_>>()
        });
        let mut fault = None;
        for part in made {
            let (names, failed) = part.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            written.folders.extend(names);
            fault = fault.or(failed);
        }
        if let Some(fault) = fault {
            return Err(fault);
        }
    }
    Ok(())
}

/// Makes folders of one level. Gives the ones made, and why it stopped before the end.
fn make_part(root: BorrowedFd<'_>, part: &[&str]) -> (Vec<String>, Option<ArchiveError>) {
    let (mut open, mut made) = (OpenFolders::new(root), Vec::with_capacity(part.len()));
    let mut restores = true;
    for folder in part {
        let (above, name) = folders::split(folder);
        let result = open.get(above).and_then(|above| folders::make(above, name));
        if let Err(errno) = result {
            return (made, Some(write_failed(folder, errno)));
        }
        made.push((*folder).to_owned());
        // The umask is the same for all: where the first came out right, so do the others.
        if restores {
            match open
                .get(folder)
                .and_then(|handle| folders::restore_mode(handle, folders::folder_mode()))
            {
                Ok(did) => restores = did,
                Err(errno) => return (made, Some(write_failed(folder, errno))),
            }
        }
    }
    (made, None)
}

/// What the threads share.
struct Job<'a> {
    archive: &'a Archive,
    destination: BorrowedFd<'a>,
    tasks: Vec<Task<'a>>,
    shares: Vec<Range<usize>>,
    /// The next share that nobody has taken.
    next: AtomicUsize,
    is_stopped: AtomicBool,
    done: AtomicU64,
    progress: &'a (dyn Fn(u64, u64) -> ControlFlow<()> + Sync),
}

impl Job<'_> {
    fn work(&self, threads: usize, written: &mut Written) -> Result<(), ArchiveError> {
        let threads = threads.min(self.shares.len()).max(1);
        let ended = thread::scope(|scope| {
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(|| Worker::new(self).run())).collect();
            workers
                .into_iter()
                .map(thread::ScopedJoinHandle::join)
                .collect::<Vec<_>>()
        });
        let mut fault = None;
        for worker in ended {
            let (files, failed) = worker.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            written.files.extend(files);
            // "Stopped" is what the other threads say when one has found something.
            fault = match (fault, failed) {
                (None | Some(ArchiveError::Cancelled), Some(found)) => Some(found),
                (earlier, _) => earlier,
            };
        }
        fault.map_or(Ok(()), Err)
    }

    fn next_share(&self) -> Option<&[Task<'_>]> {
        let at = self.next.fetch_add(1, Ordering::Relaxed);
        self.shares.get(at).map(|share| &self.tasks[share.clone()])
    }

    fn result(&self, folders: u64) -> Extracted {
        let written = self.tasks.iter().filter_map(|task| Some((task.path?, task.member)));
        let mut files: Vec<ExtractedFile> = written
            .map(|(path, member)| ExtractedFile {
                path: path.to_owned(),
                size: member.size,
                crc32: member.crc32,
                is_executable: member.is_executable,
            })
            .collect();
        files.sort_unstable_by(|one, other| one.path.cmp(&other.path));
        Extracted {
            bytes: files.iter().map(|file| file.size).sum(),
            folders,
            files,
        }
    }
}

/// One thread.
struct Worker<'a> {
    job: &'a Job<'a>,
    unpacker: Unpacker,
    folders: OpenFolders<'a>,
    /// Paths of the files that this thread made.
    made: Vec<String>,
    /// Whether new files do not come out with the mode that they should have.
    restores_mode: [Option<bool>; 2],
}

impl<'a> Worker<'a> {
    fn new(job: &'a Job<'a>) -> Self {
        Self {
            job,
            unpacker: Unpacker::new(job.archive.length, AHEAD),
            folders: OpenFolders::new(job.destination),
            made: Vec::new(),
            restores_mode: [None; 2],
        }
    }

    fn run(mut self) -> (Vec<String>, Option<ArchiveError>) {
        while let Some(share) = self.job.next_share() {
            if let Err(error) = self.share(share) {
                self.job.is_stopped.store(true, Ordering::Relaxed);
                return (self.made, Some(error));
            }
        }
        (self.made, None)
    }

    fn share(&mut self, tasks: &[Task<'_>]) -> Result<(), ArchiveError> {
        for task in tasks {
            if self.job.is_stopped.load(Ordering::Relaxed) {
                return Err(ArchiveError::Cancelled);
            }
            match task.path {
                Some(path) => self.write(task.member, path)?,
                None => self.unpacker.unpack(&self.job.archive.file, task.member, |_| Ok(()))?,
            }
        }
        let count = tasks.len() as u64;
        let done = self.job.done.fetch_add(count, Ordering::Relaxed) + count;
        match (self.job.progress)(done, self.job.tasks.len() as u64) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(ArchiveError::Cancelled),
        }
    }

    fn write(&mut self, member: &Member, path: &str) -> Result<(), ArchiveError> {
        let handle = self.create(member, path).map_err(|errno| write_failed(path, errno))?;
        let stopped = &self.job.is_stopped;
        self.unpacker.unpack(&self.job.archive.file, member, |piece| {
            if stopped.load(Ordering::Relaxed) {
                return Err(ArchiveError::Cancelled);
            }
            write_all(handle.as_fd(), piece).map_err(|errno| write_failed(path, errno))
        })
    }

    /// A new file: never one that stands there, never through a link.
    fn create(&mut self, member: &Member, path: &str) -> Result<OwnedFd, Errno> {
        let (folder, name) = folders::split(path);
        let mode = Mode::from_bits_truncate(if member.is_executable { 0o755 } else { 0o644 });
        let flags = OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_EXCL | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
        let handle = openat(self.folders.get(folder)?, name, flags, mode)?;
        self.made.push(path.to_owned());
        let restores = &mut self.restores_mode[usize::from(member.is_executable)];
        if restores.unwrap_or(true) {
            *restores = Some(folders::restore_mode(handle.as_fd(), mode)?);
        }
        Ok(handle)
    }
}

fn write_all(handle: BorrowedFd<'_>, mut bytes: &[u8]) -> Result<(), Errno> {
    while !bytes.is_empty() {
        match nix::unistd::write(handle, bytes) {
            Ok(0) => return Err(Errno::EIO),
            Ok(count) => bytes = &bytes[count..],
            Err(Errno::EINTR) => {}
            Err(errno) => return Err(errno),
        }
    }
    Ok(())
}
