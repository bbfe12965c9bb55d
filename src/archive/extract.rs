//! Unpacks an archive below an open folder, on all cores. What was written is removed again when anything fails.

use std::ops::ControlFlow;
use std::os::fd::{AsFd, BorrowedFd};

use super::earlier::Earlier;
use super::extract_job::{Job, Progress, threads};
use super::extracted::Extracted;
use super::targets::{Target, Task, plan};
use super::{Archive, ArchiveError};

/// Where an archive is unpacked to.
#[derive(Clone, Copy)]
struct Destination<'d> {
    folder: BorrowedFd<'d>,
    /// What is below this is unpacked.
    prefix: &'d str,
    /// What is left out.
    skip: &'d dyn Fn(&str) -> bool,
    earlier: Option<Earlier<'d>>,
}

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
        self.extract_beside(destination, prefix, skip, progress, None)
    }

    /// The same, where files of an earlier tree that it brings again get a second name.
    pub fn extract_beside(
        &self,
        folder: BorrowedFd<'_>,
        prefix: &str,
        skip: &dyn Fn(&str) -> bool,
        progress: &(dyn Fn(u64, u64) -> ControlFlow<()> + Sync),
        earlier: Option<Earlier<'_>>,
    ) -> Result<Extracted, ArchiveError> {
        let to = Destination {
            folder,
            prefix,
            skip,
            earlier,
        };
        run(self, to, progress, Rest::IsRead)
    }

    /// The same of an archive that was [verified](Self::verify): what is not unpacked is not read once more.
    pub fn extract_verified(
        &self,
        destination: BorrowedFd<'_>,
        prefix: &str,
        skip: &dyn Fn(&str) -> bool,
        progress: &(dyn Fn(u64, u64) -> ControlFlow<()> + Sync),
    ) -> Result<Extracted, ArchiveError> {
        let to = Destination {
            folder: destination,
            prefix,
            skip,
            earlier: None,
        };
        run(self, to, progress, Rest::IsVerified)
    }

    /// Reads every member, the ones left out too, and writes nothing: whether unpacking would find damage.
    pub fn verify(&self, progress: &(dyn Fn(u64, u64) -> ControlFlow<()> + Sync)) -> Result<(), ArchiveError> {
        verify(self, progress)
    }
}

fn run(archive: &Archive, to: Destination<'_>, progress: &Progress<'_>, rest: Rest) -> Result<Extracted, ArchiveError> {
    let (mut tasks, folders) = plan(archive, to.prefix, to.skip);
    if rest == Rest::IsVerified {
        tasks.retain(|task| !matches!(task.target, Target::Nowhere));
    }
    let job = Job::new(archive, to.folder, tasks, folders, progress)?.beside(to.earlier);
    let (made, fault) = job.work(threads());
    match fault {
        None => Ok(job.result(&made)),
        Some(error) => {
            job.written(&made).remove(to.folder);
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
