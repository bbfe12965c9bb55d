//! Unpacks an archive below an open folder, on all cores. What was written is removed again when anything fails.

use std::ops::{ControlFlow, Range};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread;

use nix::errno::Errno;
use nix::fcntl::{OFlag, openat};

use super::extracted::{Extracted, ExtractedFile};
use super::folders::{self, Kind, Like, OpenFolders, Written, write_failed};
use super::targets::{Folder, Target, Task, plan};
use super::unpack::Unpacker;
use super::{Archive, ArchiveError, Member};

/// Bytes that a read of the archive fetches.
const AHEAD: usize = 512 << 10;
/// A thread takes members until they have this many bytes, packed, ...
const SHARE_BYTES: u64 = 256 << 10;
/// ... or are this many.
const SHARE_MEMBERS: usize = 64;

/// Hears how many members are done, and of how many; may stop the work.
type Progress<'p> = dyn Fn(u64, u64) -> ControlFlow<()> + Sync + 'p;

/// What becomes of members that are not unpacked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rest {
    /// They are read, so that damage is found wherever it is.
    IsRead,
    /// [`Archive::verify`] has read them.
    IsVerified,
}

impl Archive {
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
        run(self, destination, prefix, skip, progress, Rest::IsRead)
    }

    /// The same of an archive that was [verified](Self::verify): what is not unpacked is not read once more.
    pub fn extract_verified(
        &self,
        destination: BorrowedFd<'_>,
        prefix: &str,
        skip: &dyn Fn(&str) -> bool,
        progress: &(dyn Fn(u64, u64) -> ControlFlow<()> + Sync),
    ) -> Result<Extracted, ArchiveError> {
        run(self, destination, prefix, skip, progress, Rest::IsVerified)
    }

    /// Reads every member, the ones left out too, and writes nothing: whether unpacking would find damage.
    pub fn verify(&self, progress: &(dyn Fn(u64, u64) -> ControlFlow<()> + Sync)) -> Result<(), ArchiveError> {
        verify(self, progress)
    }
}

fn run(
    archive: &Archive,
    destination: BorrowedFd<'_>,
    prefix: &str,
    skip: &dyn Fn(&str) -> bool,
    progress: &Progress<'_>,
    rest: Rest,
) -> Result<Extracted, ArchiveError> {
    let (mut tasks, folders) = plan(archive, prefix, skip);
    if rest == Rest::IsVerified {
        tasks.retain(|task| !matches!(task.target, Target::Nowhere));
    }
    let job = Job::new(archive, destination, tasks, folders, progress)?;
    let (files, fault) = job.work(threads());
    match fault {
        None => Ok(job.result()),
        Some(error) => {
            job.written(files).remove(destination);
            Err(error)
        }
    }
}

/// Reads every member as [`run`] does, and writes nothing.
fn verify(archive: &Archive, progress: &Progress<'_>) -> Result<(), ArchiveError> {
    let tasks = archive.members.iter().map(|member| Task {
        member,
        target: Target::Nowhere,
    });
    let mut tasks: Vec<Task<'_>> = tasks.collect();
    tasks.sort_by_key(|task| task.member.data_at);
    // Nothing goes to a destination.
    let job = Job::new(archive, archive.file.as_fd(), tasks, Vec::new(), progress)?;
    job.work(threads()).1.map_or(Ok(()), Err)
}

fn threads() -> usize {
    thread::available_parallelism().map_or(1, usize::from).min(8)
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

/// What the threads share.
struct Job<'a> {
    archive: &'a Archive,
    destination: BorrowedFd<'a>,
    like: Like,
    tasks: Vec<Task<'a>>,
    shares: Vec<Range<usize>>,
    folders: Vec<Folder<'a>>,
    /// The next share that nobody has taken.
    next: AtomicUsize,
    is_stopped: AtomicBool,
    done: AtomicU64,
    progress: &'a Progress<'a>,
}

impl<'a> Job<'a> {
    fn new(
        archive: &'a Archive,
        destination: BorrowedFd<'a>,
        tasks: Vec<Task<'a>>,
        folders: Vec<Folder<'a>>,
        progress: &'a Progress<'a>,
    ) -> Result<Self, ArchiveError> {
        Ok(Self {
            archive,
            destination,
            like: Like::of(destination).map_err(|fault| write_failed("", fault))?,
            shares: shares(&tasks),
            tasks,
            folders,
            next: AtomicUsize::new(0),
            is_stopped: AtomicBool::new(false),
            done: AtomicU64::new(0),
            progress,
        })
    }

    /// Works all shares off. Gives the files made, and what went wrong.
    fn work(&self, threads: usize) -> (Vec<String>, Option<ArchiveError>) {
        let threads = threads.min(self.shares.len()).max(1);
        let ended = thread::scope(|scope| {
            // This thread works too, and alone where the system refuses others.
            let start = |_| thread::Builder::new().spawn_scoped(scope, || Worker::new(self).run());
            let workers: Vec<_> = (1..threads).map_while(|number| start(number).ok()).collect();
            let own = Worker::new(self).run();
            let others = workers.into_iter().map(thread::ScopedJoinHandle::join);
            others.chain([Ok(own)]).collect::<Vec<_>>()
        });
        let (mut files, mut fault) = (Vec::new(), None);
        for worker in ended {
            let (made, failed) = worker.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            files.extend(made);
            // "Cancelled" is also what the other threads say when one has found something.
            fault = match (fault, failed) {
                (None | Some(ArchiveError::Cancelled), Some(found)) => Some(found),
                (earlier, _) => earlier,
            };
        }
        (files, fault)
    }

    /// What is on disk because of us.
    fn written(&self, files: Vec<String>) -> Written {
        let made = self.folders.iter().filter(|folder| folder.made.get() == Some(&Ok(())));
        Written {
            folders: made.map(|folder| folder.path.to_owned()).collect(),
            files,
        }
    }

    fn next_share(&self) -> Option<&[Task<'_>]> {
        let at = self.next.fetch_add(1, Ordering::Relaxed);
        self.shares.get(at).map(|share| &self.tasks[share.clone()])
    }

    fn result(&self) -> Extracted {
        let file = |task: &Task<'_>| match task.target {
            Target::File(path, _) => Some(ExtractedFile {
                path: path.to_owned(),
                size: task.member.size,
                crc32: task.member.crc32,
                is_executable: task.member.is_executable,
            }),
            _ => None,
        };
        let mut files: Vec<ExtractedFile> = self.tasks.iter().filter_map(file).collect();
        files.sort_unstable_by(|one, other| one.path.cmp(&other.path));
        Extracted {
            bytes: files.iter().map(|file| file.size).sum(),
            folders: self.folders.len() as u64,
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
    /// Whether what is new does not come out with the mode that it should have: files, programs, folders. The umask
    /// is the same for all: the first of each kind tells.
    restores_mode: [Option<bool>; 3],
}

impl<'a> Worker<'a> {
    fn new(job: &'a Job<'a>) -> Self {
        Self {
            job,
            unpacker: Unpacker::new(job.archive.length, AHEAD),
            folders: OpenFolders::new(job.destination),
            made: Vec::new(),
            restores_mode: [None; 3],
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
            self.task(task)?;
        }
        let count = tasks.len() as u64;
        let done = self.job.done.fetch_add(count, Ordering::Relaxed) + count;
        match (self.job.progress)(done, self.job.tasks.len() as u64) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(ArchiveError::Cancelled),
        }
    }

    fn task(&mut self, task: &Task<'_>) -> Result<(), ArchiveError> {
        let (file, member) = (&self.job.archive.file, task.member);
        match task.target {
            Target::Nowhere => self.unpacker.unpack(file, member, |_| Ok(())),
            Target::Folder(place) => {
                self.make(place)
                    .map_err(|errno| write_failed(self.job.folders[place].path, errno))?;
                self.unpacker.unpack(file, member, |_| Ok(()))
            }
            Target::File(path, folder) => self.write(member, path, folder),
        }
    }

    fn write(&mut self, member: &Member, path: &str, folder: Option<usize>) -> Result<(), ArchiveError> {
        let handle = self
            .create(member, path, folder)
            .map_err(|errno| write_failed(path, errno))?;
        let stopped = &self.job.is_stopped;
        self.unpacker.unpack(&self.job.archive.file, member, |piece| {
            if stopped.load(Ordering::Relaxed) {
                return Err(ArchiveError::Cancelled);
            }
            write_all(handle.as_fd(), piece).map_err(|errno| write_failed(path, errno))
        })
    }

    /// A new file: never one that stands there, never through a link.
    fn create(&mut self, member: &Member, path: &str, folder: Option<usize>) -> Result<OwnedFd, Errno> {
        if let Some(place) = folder {
            self.make(place)?;
        }
        let (folder, name) = folders::split(path);
        let kind = if member.is_executable {
            Kind::Program
        } else {
            Kind::File
        };
        let mode = self.job.like.mode(kind);
        let flags = OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_EXCL | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
        let handle = openat(self.folders.get(folder)?, name, flags, mode)?;
        self.made.push(path.to_owned());
        let restores = &mut self.restores_mode[usize::from(member.is_executable)];
        if restores.unwrap_or(true) {
            *restores = Some(self.job.like.restore(handle.as_fd(), kind)?);
        }
        Ok(handle)
    }

    /// Makes a folder, and first the one above it, unless somebody has.
    fn make(&mut self, place: usize) -> Result<(), Errno> {
        let folder = &self.job.folders[place];
        if let Some(made) = folder.made.get() {
            return *made;
        }
        if let Some(above) = folder.above {
            self.make(above)?;
        }
        let (above, name) = folders::split(folder.path);
        let mut is_ours = false;
        (*folder.made.get_or_init(|| {
            is_ours = true;
            folders::make(self.folders.get(above)?, name, self.job.like.mode(Kind::Folder))
        }))?;
        if is_ours && self.restores_mode[2].unwrap_or(true) {
            let handle = self.folders.get(folder.path)?;
            self.restores_mode[2] = Some(self.job.like.restore(handle, Kind::Folder)?);
        }
        Ok(())
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
