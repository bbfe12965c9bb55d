//! Starts a program with its supervisor, and speaks with both. The one place where a process is made.
#![expect(unsafe_code, reason = "what is to be done between fork and exec")]

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read, Seek as _, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::memfd::{MFdFlags, memfd_create};

use super::supervisor::{self, Plan, RESULT, TERMINATE};
use super::{Account, Captured};

/// Bytes that are read at a time, and before anything else is looked at.
const PIECE: usize = 64 << 10;
const PIECES: usize = 16;

/// A program, and all that it is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// Its file, by an absolute path.
    pub path: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// Where it runs.
    pub folder: PathBuf,
    /// All of its environment.
    pub environment: Vec<(String, OsString)>,
    /// As whom it runs, where that is somebody else.
    pub account: Option<Account>,
}

/// A program that runs. When this is dropped, it and all that it left are killed.
#[derive(Debug)]
pub(super) struct Running {
    supervisor: Child,
    control: Option<File>,
    result: File,
    output: Option<File>,
}

/// Files in place of a program's input and standard output.
#[derive(Debug, Default)]
pub(super) struct Streams {
    pub(super) input: Option<File>,
    pub(super) output: Option<File>,
}

impl Streams {
    /// Files of memory, without names: what it is told, and what it answers. Also the handle by which the answer is read.
    pub(super) fn conversation(told: &[u8]) -> io::Result<(Self, File)> {
        let mut input = memory()?;
        input.write_all(told)?;
        input.rewind()?;
        let answer = memory()?;
        let streams = Self {
            input: Some(input),
            output: Some(answer.try_clone()?),
        };
        Ok((streams, answer))
    }
}

fn memory() -> io::Result<File> {
    let made = memfd_create("conversation", MFdFlags::MFD_CLOEXEC).map_err(io::Error::from)?;
    above_three(made).map(File::from)
}

/// How a program ended, by the system's status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) status: ExitStatus,
    /// Something of it could not be ended.
    pub(super) left_over: bool,
}

/// What was found when it was waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Waited {
    /// It has not ended.
    Runs,
    /// It has; how, where that was told.
    Over(Option<Verdict>),
}

impl Running {
    /// Starts it. What it writes comes to us; its input is empty, and its standard output is read with its errors, where the
    /// streams say no other.
    pub(super) fn start(program: &Program, streams: Streams) -> io::Result<Self> {
        let (control_end, control) = pipe()?;
        let (result, result_end) = pipe()?;
        let (output, output_end) = pipe()?;
        fcntl(&output, FcntlArg::F_SETFL(OFlag::O_NONBLOCK)).map_err(io::Error::from)?;
        let plan = Plan {
            control: control_end.as_raw_fd(),
            result: result_end.as_raw_fd(),
            host: std::process::id(),
            account: program.account.clone(),
        };
        let mut command = Command::new(&program.path);
        command
            .args(&program.arguments)
            .current_dir(&program.folder)
            .env_clear()
            .envs(program.environment.iter().map(|(name, value)| (name, value)))
            .stdin(streams.input.map_or_else(Stdio::null, Stdio::from))
            .stdout(
                streams
                    .output
                    .map_or_else(|| output_end.try_clone().map(Stdio::from), |file| Ok(file.into()))?,
            )
            .stderr(output_end);
        // SAFETY: only system calls on what was made before the fork; see `supervisor`.
        unsafe { command.pre_exec(move || supervisor::divide(&plan)) };
        // Our ends of what the child has go with the command and this function.
        let supervisor = command.spawn()?;
        drop((command, control_end, result_end));
        Ok(Self {
            supervisor,
            control: Some(File::from(control)),
            result: File::from(result),
            output: Some(File::from(output)),
        })
    }

    /// Asks it to end: its whole group.
    pub(super) fn terminate(&mut self) {
        if let Some(control) = &mut self.control {
            // One that is gone needs no word.
            let _ = control.write_all(&[TERMINATE]);
        }
    }

    /// Kills it and all that it left.
    pub(super) fn kill(&mut self) {
        self.control = None;
    }

    /// Waits so long at most for what it writes, or for its end.
    pub(super) fn wait(&mut self, most: Duration, captured: &mut Captured) -> Waited {
        let timeout = PollTimeout::try_from(most).unwrap_or(PollTimeout::MAX);
        let mut waited = vec![PollFd::new(self.result.as_fd(), PollFlags::POLLIN)];
        waited.extend(
            self.output
                .as_ref()
                .map(|output| PollFd::new(output.as_fd(), PollFlags::POLLIN)),
        );
        let _ = poll(&mut waited, timeout);
        let is_over = waited[0].any().unwrap_or(false);
        let has_said = waited.get(1).and_then(PollFd::any).unwrap_or(false);
        if has_said {
            self.take(captured);
        }
        if !is_over {
            return Waited::Runs;
        }
        let verdict = self.verdict();
        // What it said last stands in the pipe. Who still holds that could write on for ever.
        self.take(captured);
        let _ = self.supervisor.wait();
        Waited::Over(verdict)
    }

    /// The supervisor does not answer: it goes, and with it the program.
    pub(super) fn give_up(&mut self) {
        let _ = self.supervisor.kill();
        let _ = self.supervisor.wait();
    }

    fn verdict(&mut self) -> Option<Verdict> {
        let mut told = [0_u8; RESULT];
        self.result.read_exact(&mut told).ok()?;
        let status = i32::from_ne_bytes([told[0], told[1], told[2], told[3]]);
        Some(Verdict {
            status: ExitStatus::from_raw(status),
            left_over: told[4] != 0,
        })
    }

    /// Takes what stands in the pipe, up to a bound.
    fn take(&mut self, captured: &mut Captured) {
        let mut piece = vec![0; PIECE];
        for _ in 0..PIECES {
            let Some(output) = &mut self.output else { return };
            match output.read(&mut piece) {
                Ok(0) => self.output = None,
                Ok(length) => captured.push(&piece[..length]),
                Err(fault) if fault.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return,
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
        // It ends by itself now; who does not wait leaves a dead process behind.
        let _ = self.supervisor.wait();
    }
}

/// Both ends of a pipe, closed in every program that is started. None of them is one of the first three handles, which the
/// program gets others of.
fn pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    let (reading, writing) = io::pipe()?;
    Ok((above_three(reading.into())?, above_three(writing.into())?))
}

fn above_three(handle: OwnedFd) -> io::Result<OwnedFd> {
    if handle.as_raw_fd() >= 3 {
        return Ok(handle);
    }
    // A copy never is one of the first three.
    handle.try_clone()
}
