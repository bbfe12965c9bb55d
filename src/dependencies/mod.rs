//! Which plugins go together (SPEC 2 §7): what each needs, and whether those that are installed have it.
//!
//! Pure: it is asked with everything that is known, and must not read a package, a folder or a database.

mod check;

pub use check::{Lack, Member, Set};
