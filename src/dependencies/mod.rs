//! Which plugins go together (SPEC 2 §7): what each needs, which versions make a set, in which order, or why there is none.
//!
//! Pure: it is asked with everything that is known, and must not read a package, a folder or a database.

mod answer;
mod check;
mod explain;
mod order;
mod problem;
mod solve;

pub use answer::{Cycle, Unusable};
pub use check::{Lack, Member, Set};
pub use explain::Explanation;
pub use problem::{Candidate, Node, Problem};
pub use solve::{NoSet, Solution, solve};

#[cfg(test)]
mod tests;
