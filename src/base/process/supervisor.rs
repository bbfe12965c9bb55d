//! What happens between fork and exec, and the process that stays there. It shares the memory of a program with threads as
//! it was at the fork, so it calls nothing that could wait for one of them: only system calls, and no allocation.
//!
//! Ours holds the writing end of a pipe (`control`): a byte in it asks the program to end, its closing ends everything. The
//! kernel closes it when we die, however that is; where a child of ours has a copy of it, the kernel's signal at our death
//! says the same. What became of the program goes into another pipe (`result`).
#![expect(unsafe_code, reason = "system calls between fork and exec")]

use std::io;
use std::mem::{MaybeUninit, zeroed};
use std::os::fd::RawFd;
use std::ptr;

use nix::libc::{self, c_int, pid_t};

use super::Account;

/// What asks the program to end.
pub(super) const TERMINATE: u8 = b'T';

/// For so many milliseconds what is left of a program is killed; then it is told that something could not be.
const KILLING: i64 = 5_000;
/// So many signals there are.
const SIGNALS: libc::c_long = 64;
/// Between two looks at what still stands.
const PAUSE: i64 = 2;

/// What the supervisor is given.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    /// The reading end of the pipe that we hold.
    pub(super) control: RawFd,
    /// Where it says how the program ended.
    pub(super) result: RawFd,
    /// Our process.
    pub(super) host: u32,
    /// As whom both run.
    pub(super) account: Option<Account>,
}

/// How the program ended, as it stands in the pipe: the status of `wait`, and whether something of it could not be ended.
pub(super) const RESULT: usize = 8;

/// Called in the child of a fork: gives in the process that becomes the program, and never in the one that supervises it.
pub(super) fn divide(plan: &Plan) -> io::Result<()> {
    reset_signals();
    // SAFETY: system calls on values of our own.
    unsafe {
        libc::setsid();
        libc::umask(0o022);
    }
    if let Some(account) = &plan.account {
        become_user(account)?;
    }
    // SAFETY: as above. The mask comes before the fork, so that neither misses a signal of the other.
    let (parent, child) = unsafe {
        libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
        // After the user has changed, which would undo it.
        libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGCHLD, 0, 0, 0);
        set_mask(libc::SIG_BLOCK, &full());
        (libc::getpid(), libc::fork())
    };
    match child {
        -1 => Err(io::Error::last_os_error()),
        0 => {
            prepare_program(parent);
            Ok(())
        }
        program => supervise(plan, program),
    }
}

/// What our host ignores or handles is not the program's. The C library would refuse the signals that are its own.
fn reset_signals() {
    // All zero, and more than any kernel's action has: no handler, no flags, an empty mask.
    let action = [0_u64; 8];
    for signal in 1..=SIGNALS {
        // SAFETY: the kernel reads its part of the action; signals that take none refuse.
        unsafe {
            libc::syscall(
                libc::SYS_rt_sigaction,
                signal,
                action.as_ptr(),
                ptr::null_mut::<u64>(),
                SIGNALS / 8,
            );
        }
    }
}

/// Groups first: afterwards nobody may change them.
fn become_user(account: &Account) -> io::Result<()> {
    // SAFETY: the list stands in memory that was made before the fork.
    let failed = unsafe {
        libc::setgroups(account.groups.len(), account.groups.as_ptr()) != 0
            || libc::setgid(account.group) != 0
            || libc::setuid(account.user) != 0
    };
    if failed {
        Err(io::Error::last_os_error())
    } else {
        Ok(())
    }
}

/// The last before exec: a group of its own, its death when the supervisor dies, no handle but its three, all signals.
fn prepare_program(supervisor: pid_t) {
    // SAFETY: system calls on values of our own.
    unsafe {
        libc::setpgid(0, 0);
        libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL, 0, 0, 0);
        if libc::getppid() != supervisor {
            libc::_exit(1);
        }
        // How exec went is told through a handle that closes by itself, as all do then.
        if close_range(3, u32::MAX, libc::CLOSE_RANGE_CLOEXEC) != 0 {
            for handle in 3..most_handles() {
                libc::fcntl(handle, libc::F_SETFD, libc::FD_CLOEXEC);
            }
        }
        let mut none = MaybeUninit::uninit();
        libc::sigemptyset(none.as_mut_ptr());
        set_mask(libc::SIG_SETMASK, &none.assume_init());
    }
}

/// Waits until the program has ended, or is to; then ends all that is left of it.
fn supervise(plan: &Plan, program: pid_t) -> ! {
    // SAFETY: system calls on values of our own; the handler does nothing.
    unsafe {
        libc::setpgid(program, program);
        keep_only(plan.control, plan.result);
        let mut action: libc::sigaction = zeroed();
        action.sa_sigaction = noticed as extern "C" fn(c_int) as libc::sighandler_t;
        libc::sigaction(libc::SIGCHLD, &raw const action, ptr::null_mut());
    }
    while !has_ended(program) && goes_on(plan, program) {}
    let (status, is_all) = end_all(program);
    let mut told = [0_u8; RESULT];
    told[..4].copy_from_slice(&status.to_ne_bytes());
    told[4] = u8::from(!is_all);
    // SAFETY: as many bytes as there are.
    unsafe {
        libc::write(plan.result, told.as_ptr().cast(), RESULT);
        libc::_exit(0)
    }
}

extern "C" fn noticed(_: c_int) {}

/// Whether the program has ended. It is not forgotten yet, so that its number stays its own; what else has ended is.
fn has_ended(program: pid_t) -> bool {
    loop {
        // SAFETY: the kernel fills what it is given.
        let ended = unsafe {
            let mut info: libc::siginfo_t = zeroed();
            let how = libc::WEXITED | libc::WNOHANG | libc::WNOWAIT;
            if libc::waitid(libc::P_ALL, 0, &raw mut info, how) != 0 {
                return errno() == libc::ECHILD;
            }
            info.si_pid()
        };
        if ended == 0 || ended == program {
            return ended == program;
        }
        // SAFETY: of a process that has ended.
        unsafe { libc::waitpid(ended, ptr::null_mut(), libc::WNOHANG) };
    }
}

/// Waits for a word of ours, or for the end of a process, also of ours. Gives whether the program may go on.
fn goes_on(plan: &Plan, program: pid_t) -> bool {
    let mut waited = libc::pollfd {
        fd: plan.control,
        events: libc::POLLIN,
        revents: 0,
    };
    let mut mask = full();
    // SAFETY: one handle; the mask lets only the end of a process through while it waits.
    unsafe {
        libc::sigdelset(&raw mut mask, libc::SIGCHLD);
        if libc::getppid().unsigned_abs() != plan.host {
            return false;
        }
        if libc::ppoll(&raw mut waited, 1, ptr::null(), &raw const mask) <= 0 {
            return true;
        }
        let mut word = 0_u8;
        if libc::read(plan.control, (&raw mut word).cast(), 1) != 1 {
            return false;
        }
        if word == TERMINATE {
            libc::kill(-program, libc::SIGTERM);
            // One that stands still could not hear it.
            libc::kill(-program, libc::SIGCONT);
        }
    }
    true
}

/// Kills the program's group and every process that became ours, until there is none. Gives how the program ended, and
/// whether nothing is left.
fn end_all(program: pid_t) -> (c_int, bool) {
    let begun = milliseconds();
    let (mut status, mut is_reaped) = (0, false);
    loop {
        if !is_reaped {
            // SAFETY: its number is its own as long as it is not forgotten.
            unsafe { libc::kill(-program, libc::SIGKILL) };
        }
        kill_children();
        loop {
            let mut found = 0;
            // SAFETY: the kernel fills what it is given.
            let ended = unsafe { libc::waitpid(-1, &raw mut found, libc::WNOHANG) };
            if ended == program {
                (status, is_reaped) = (found, true);
            }
            if ended < 0 && errno() == libc::ECHILD {
                return (status, true);
            }
            if ended <= 0 {
                break;
            }
        }
        if milliseconds() - begun > KILLING {
            return (status, false);
        }
        let pause = libc::timespec {
            tv_sec: 0,
            tv_nsec: PAUSE * 1_000_000,
        };
        // SAFETY: a value of our own.
        unsafe { libc::nanosleep(&raw const pause, ptr::null_mut()) };
    }
}

/// Kills each child of this process: also those that have a session of their own.
fn kill_children() {
    let mut list = [0_u8; 4096];
    // SAFETY: a name that ends in NUL, and as many bytes as there are.
    let length = unsafe {
        let file = libc::open(c"/proc/thread-self/children".as_ptr(), libc::O_RDONLY | libc::O_CLOEXEC);
        if file < 0 {
            return;
        }
        let length = libc::read(file, list.as_mut_ptr().cast(), list.len());
        libc::close(file);
        usize::try_from(length).unwrap_or(0)
    };
    let mut number: pid_t = 0;
    for byte in &list[..length] {
        if byte.is_ascii_digit() {
            number = number.wrapping_mul(10).wrapping_add(pid_t::from(byte - b'0'));
        } else {
            if number > 1 {
                // SAFETY: a child's number is its own until it is waited for, and only this process does.
                unsafe { libc::kill(number, libc::SIGKILL) };
            }
            number = 0;
        }
    }
}

/// Closes all handles but these two; the first three lead nowhere.
unsafe fn keep_only(one: RawFd, other: RawFd) {
    let (low, high) = (one.min(other), one.max(other));
    // SAFETY: nothing in this process uses any other handle.
    unsafe {
        let nowhere = libc::open(c"/dev/null".as_ptr(), libc::O_RDWR);
        for handle in 0..3 {
            if nowhere < 0 || libc::dup2(nowhere, handle) < 0 {
                libc::close(handle);
            }
        }
        let ranges = [(3, low - 1), (low + 1, high - 1), (high + 1, c_int::MAX)];
        for (first, last) in ranges.into_iter().filter(|(first, last)| first <= last) {
            if close_range(first.unsigned_abs(), last.unsigned_abs(), 0) != 0 {
                for handle in first..=last.min(most_handles()) {
                    libc::close(handle);
                }
            }
        }
    }
}

/// A kernel before 5.9 has no such call, one before 5.11 not all that it does.
unsafe fn close_range(first: u32, last: u32, flags: libc::c_uint) -> libc::c_long {
    // SAFETY: numbers only.
    unsafe { libc::syscall(libc::SYS_close_range, first, last, flags) }
}

/// One more than the highest handle that there can be.
fn most_handles() -> c_int {
    // SAFETY: the kernel fills what it is given.
    let most = unsafe {
        let mut limit: libc::rlimit = zeroed();
        libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit);
        limit.rlim_cur
    };
    c_int::try_from(most.min(1 << 20)).unwrap_or(1 << 20)
}

fn full() -> libc::sigset_t {
    let mut all = MaybeUninit::uninit();
    // SAFETY: filled by the call.
    unsafe {
        libc::sigfillset(all.as_mut_ptr());
        all.assume_init()
    }
}

unsafe fn set_mask(how: c_int, mask: &libc::sigset_t) {
    // SAFETY: this process has one thread.
    unsafe { libc::sigprocmask(how, mask, ptr::null_mut()) };
}

fn errno() -> c_int {
    // SAFETY: the thread's own.
    unsafe { *libc::__errno_location() }
}

fn milliseconds() -> i64 {
    // SAFETY: the kernel fills what it is given.
    unsafe {
        let mut now: libc::timespec = zeroed();
        libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut now);
        now.tv_sec * 1_000 + now.tv_nsec / 1_000_000
    }
}
