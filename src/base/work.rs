//! For tests: that work grows with what there is to do. Work is this thread's processor time, so that a busy machine makes
//! no difference.

use std::time::Duration;

fn worked() -> Duration {
    Duration::from(nix::time::clock_gettime(nix::time::ClockId::CLOCK_THREAD_CPUTIME_ID).unwrap())
}

/// Four times as much takes four times the work, or a little more; where each looks at all, sixteen times. `many` should be
/// enough to be measured.
pub(crate) fn grows_with(work: impl Fn(usize), many: usize) {
    let time = |count: usize| {
        let start = worked();
        work(count);
        worked().saturating_sub(start)
    };
    let best = |count: usize| time(count).min(time(count)).min(time(count));
    let (few, many) = (best(many / 4), best(many));
    // What takes next to nothing is not measured well.
    assert!(many < few * 8 + Duration::from_millis(5), "{few:?}, then {many:?}");
}
