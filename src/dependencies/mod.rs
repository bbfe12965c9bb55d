//! Which plugins go together (SPEC 2 §7): what each needs, whether those that are installed have it, and in which order they
//! come about.
//!
//! Pure: it is asked with everything that is known, and must not read a package, a folder or a database.

mod check;
mod order;

pub use check::{Lack, Member, Set};
pub use order::{Cycle, order};
