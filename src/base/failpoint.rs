//! Points at which a test makes an operation fail, panic, wait or die. They do not exist in release builds.
//!
//! A plan is `point:action` or `point:action:n` (at the n-th time): `error`, `panic`, `kill`, `wait` (which stops
//! until the process is killed) or `pause` (which stops the process until it is told to go on by a signal). It belongs to one thread, so tests that run side by side do not meet.

#[cfg(debug_assertions)]
mod armed {
    use std::cell::RefCell;

    thread_local! {
        static PLAN: RefCell<Option<(String, String, u32)>> = const { RefCell::new(None) };
    }

    /// Sets the plan of this thread.
    pub fn arm(plan: Option<&str>) {
        let parsed = plan.map(|plan| {
            let mut parts = plan.split(':');
            let mut next = || parts.next().unwrap_or_default().to_owned();
            let (point, action, count) = (next(), next(), next());
            (point, action, count.parse().unwrap_or(1))
        });
        PLAN.with(|cell| *cell.borrow_mut() = parsed);
    }

    /// Whether this point fails now.
    ///
    /// # Panics
    /// When the plan says so.
    pub fn reach(point: &str) -> bool {
        let action = PLAN.with(|cell| {
            let mut plan = cell.borrow_mut();
            let (_, action, count) = plan.as_mut().filter(|(planned, ..)| planned == point)?;
            *count = count.saturating_sub(1);
            let action = (*count == 0).then(|| action.clone())?;
            *plan = None;
            Some(action)
        });
        match action.as_deref() {
            None => false,
            Some("panic") => panic!("fail point {point}"),
            Some("kill") => {
                let _ = nix::sys::signal::raise(nix::sys::signal::Signal::SIGKILL);
                true
            }
            Some("pause") => {
                let _ = nix::sys::signal::raise(nix::sys::signal::Signal::SIGSTOP);
                false
            }
            Some("wait") => loop {
                std::thread::park();
            },
            Some(_) => true,
        }
    }
}

#[cfg(debug_assertions)]
pub use armed::{arm, reach};

/// Sets the plan of this thread: nothing, in a release build.
#[cfg(not(debug_assertions))]
#[inline]
pub fn arm(_plan: Option<&str>) {}

/// Whether this point fails now: never, in a release build.
#[cfg(not(debug_assertions))]
#[inline]
pub fn reach(_point: &str) -> bool {
    false
}

#[cfg(all(test, debug_assertions))]
mod tests {
    use super::*;

    #[test]
    fn a_point_fails_at_its_time_and_once() {
        arm(Some("swap:error:2"));
        assert_eq!(
            [reach("other"), reach("swap"), reach("swap"), reach("swap")],
            [false, false, true, false]
        );
        arm(None);
        assert!(!reach("swap"));
    }
}
