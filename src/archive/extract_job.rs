//! The work of unpacking, on all cores: members in the order of their bytes, cut into shares that threads take.

use std::ops::{ControlFlow, Range};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread;

use nix::errno::Errno;
use nix::fcntl::{OFlag, openat};

use super::earlier::{Earlier, Takeover};
use super::extracted::{Extracted, ExtractedFile};
use super::folders::{self, FolderEntryType, Like, OpenFolders, Written, write_failed};
use super::targets::{Folder, Target, Task};
use super::unpack::Unpacker;
use super::{Archive, ArchiveError, Member};
use crate::base::fs::FileTime;
use crate::model::Sha256Digest;

/// Bytes that a read of the archive fetches.
const AHEAD: usize = 512 << 10;
/// A thread takes members until they have this many bytes, packed, ...
const SHARE_BYTES: u64 = 256 << 10;
/// ... or are this many.
const SHARE_MEMBERS: usize = 64;

/// Hears how many members are done, and of how many; may stop the work.
pub(super) type Progress<'p> = dyn Fn(u64, u64) -> ControlFlow<()> + Sync + 'p;

pub(super) fn threads() -> usize {
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
pub(super) struct Job<'a> {
    archive: &'a Archive,
    destination: BorrowedFd<'a>,
    earlier: Option<Earlier<'a>>,
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
    pub(super) fn new(
        archive: &'a Archive,
        destination: BorrowedFd<'a>,
        tasks: Vec<Task<'a>>,
        folders: Vec<Folder<'a>>,
        progress: &'a Progress<'a>,
    ) -> Result<Self, ArchiveError> {
        Ok(Self {
            archive,
            destination,
            earlier: None,
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

    /// The same beside an earlier tree.
    pub(super) fn beside(self, earlier: Option<Earlier<'a>>) -> Self {
        Self { earlier, ..self }
    }

    /// Works all shares off. Gives the files made, and what went wrong.
    pub(super) fn work(&self, threads: usize) -> (Vec<Made>, Option<ArchiveError>) {
        let threads = threads.min(self.shares.len()).max(1);
        let ended = thread::scope(|scope| {
            // This thread works too, and alone where the system refuses others.
            let start = |_| thread::Builder::new().spawn_scoped(scope, || Worker::new(self).run());
            let workers: Vec<_> = (1..threads).map_while(|number| start(number).ok()).collect();
            let own = Worker::new(self).run();
            let others = workers.into_iter().map(thread::ScopedJoinHandle::join);
            others.chain([Ok(own)]).collect::<Vec<_>>()
        });
        let (mut all, mut fault) = (Vec::new(), None);
        for worker in ended {
            let (made, failed) = worker.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            all.extend(made);
            // "Cancelled" is also what the other threads say when one has found something.
            fault = match (fault, failed) {
                (None | Some(ArchiveError::Cancelled), Some(found)) => Some(found),
                (earlier, _) => earlier,
            };
        }
        (all, fault)
    }

    /// What is on disk because of us.
    pub(super) fn written(&self, files: &[Made]) -> Written {
        let path = |made: &Made| match self.tasks[made.task].target {
            Target::File(path, _) => Some(path.to_owned()),
            _ => None,
        };
        let made = self.folders.iter().filter(|folder| folder.made.get() == Some(&Ok(())));
        Written {
            folders: made.map(|folder| folder.path.to_owned()).collect(),
            files: files.iter().filter_map(path).collect(),
        }
    }

    fn next_share(&self) -> Option<Range<usize>> {
        let at = self.next.fetch_add(1, Ordering::Relaxed);
        self.shares.get(at).cloned()
    }

    pub(super) fn result(&self, made: &[Made]) -> Extracted {
        let file = |made: &Made| {
            let task = &self.tasks[made.task];
            let Target::File(path, _) = task.target else {
                return None;
            };
            Some(ExtractedFile {
                path: path.to_owned(),
                size: task.member.size,
                crc32: task.member.crc32,
                is_executable: task.member.is_executable,
                sha256: made.sha256?,
                taken: made.taken,
            })
        };
        let mut files: Vec<ExtractedFile> = made.iter().filter_map(file).collect();
        files.sort_unstable_by(|one, other| one.path.cmp(&other.path));
        Extracted {
            bytes: files.iter().map(|file| file.size).sum(),
            folders: self.folders.len() as u64,
            files,
        }
    }
}

/// A file that was made.
pub(super) struct Made {
    /// By which of the tasks.
    task: usize,
    /// Of its bytes, once they are all there.
    sha256: Option<Sha256Digest>,
    /// Where it is one of the earlier tree: when it got its name here.
    taken: Option<FileTime>,
}

/// One thread.
struct Worker<'a> {
    job: &'a Job<'a>,
    unpacker: Unpacker,
    folders: OpenFolders<'a>,
    takeover: Option<Takeover<'a>>,
    /// The files that this thread made.
    made: Vec<Made>,
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
            takeover: job.earlier.map(Takeover::new),
            made: Vec::new(),
            restores_mode: [None; 3],
        }
    }

    fn run(mut self) -> (Vec<Made>, Option<ArchiveError>) {
        while let Some(share) = self.job.next_share() {
            if let Err(error) = self.share(share) {
                self.job.is_stopped.store(true, Ordering::Relaxed);
                return (self.made, Some(error));
            }
        }
        (self.made, None)
    }

    fn share(&mut self, tasks: Range<usize>) -> Result<(), ArchiveError> {
        let count = tasks.len() as u64;
        for at in tasks {
            if self.job.is_stopped.load(Ordering::Relaxed) {
                return Err(ArchiveError::Cancelled);
            }
            self.task(at)?;
        }
        let done = self.job.done.fetch_add(count, Ordering::Relaxed) + count;
        match (self.job.progress)(done, self.job.tasks.len() as u64) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(ArchiveError::Cancelled),
        }
    }

    fn task(&mut self, at: usize) -> Result<(), ArchiveError> {
        let job = self.job;
        let (file, task) = (&*job.archive.file, &job.tasks[at]);
        match task.target {
            Target::Nowhere => self.unpacker.unpack(file, task.member, |_| Ok(())),
            Target::Folder(place) => {
                self.make(place)
                    .map_err(|errno| write_failed(job.folders[place].path, errno))?;
                self.unpacker.unpack(file, task.member, |_| Ok(()))
            }
            Target::File(path, folder) => {
                if self.take_over(at, path, folder)? {
                    return Ok(());
                }
                self.write(at, path, folder)
            }
        }
    }

    /// Gives a file of the earlier tree a name here, where it is the same.
    fn take_over(&mut self, at: usize, path: &str, folder: Option<usize>) -> Result<bool, ArchiveError> {
        let (job, Some(takeover)) = (self.job, &mut self.takeover) else {
            return Ok(false);
        };
        let Some(standing) = takeover.find(job.archive, job.tasks[at].member, path) else {
            return Ok(false);
        };
        if let Some(place) = folder {
            self.make(place).map_err(|errno| write_failed(path, errno))?;
        }
        let folder = self.folders.get(folders::split(path).0);
        let folder = folder.map_err(|errno| write_failed(path, errno))?;
        let taken = self
            .takeover
            .as_mut()
            .and_then(|takeover| takeover.take(standing, path, folder));
        self.made.extend(taken.iter().map(|taken| Made {
            task: at,
            sha256: Some(taken.sha256),
            taken: Some(taken.changed),
        }));
        Ok(taken.is_some())
    }

    fn write(&mut self, at: usize, path: &str, folder: Option<usize>) -> Result<(), ArchiveError> {
        let job = self.job;
        let handle = self
            .create(at, path, folder)
            .map_err(|errno| write_failed(path, errno))?;
        let member = job.tasks[at].member;
        let sha256 = self.unpacker.unpack_hashed(&*job.archive.file, member, |piece| {
            if job.is_stopped.load(Ordering::Relaxed) {
                return Err(ArchiveError::Cancelled);
            }
            write_all(handle.as_fd(), piece).map_err(|errno| write_failed(path, errno))
        })?;
        if let Some(made) = self.made.last_mut() {
            made.sha256 = sha256;
        }
        Ok(())
    }

    /// A new file: never one that stands there, never through a link.
    fn create(&mut self, at: usize, path: &str, folder: Option<usize>) -> Result<OwnedFd, Errno> {
        let member: &Member = self.job.tasks[at].member;
        if let Some(place) = folder {
            self.make(place)?;
        }
        let (folder, name) = folders::split(path);
        let kind = if member.is_executable {
            FolderEntryType::Program
        } else {
            FolderEntryType::File
        };
        let mode = self.job.like.mode(kind);
        let flags = OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_EXCL | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
        let handle = openat(self.folders.get(folder)?, name, flags, mode)?;
        self.made.push(Made {
            task: at,
            sha256: None,
            taken: None,
        });
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
            folders::make(
                self.folders.get(above)?,
                name,
                self.job.like.mode(FolderEntryType::Folder),
            )
        }))?;
        if is_ours && self.restores_mode[2].unwrap_or(true) {
            let handle = self.folders.get(folder.path)?;
            self.restores_mode[2] = Some(self.job.like.restore(handle, FolderEntryType::Folder)?);
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
