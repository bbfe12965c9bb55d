//! Which plugins go together (SPEC 2 §7): what each needs, whether those that are installed have it, which versions make a
//! set, why none do, and in which order they come about.
//!
//! Pure: it is asked with everything that is known, and must not read a package, a folder or a database.

mod answer;
mod check;
mod explain;
mod lock_file;
mod messages;
mod order;
mod problem;
mod proof;
mod provider;
mod sentences;
mod solve;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod trial_tests;

pub use answer::Unusable;
pub use check::{Lack, Member, Set};
pub use explain::{Explanation, Fact};
pub use lock_file::{LOCK_BYTES, LockFault, LockFile, Locked, LockedDependency, LockedOrigin, LockedPlugin};
pub use order::{Cycle, order};
pub use problem::{Candidate, Problem, Reason, Standing, Wish};
pub use solve::{NoSet, Solution, solve};
