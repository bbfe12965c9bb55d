//! A package as a whole: opened, its manifest read, its rows. Knows nothing of what becomes of it.

mod opened;

pub use opened::{Inspected, PackageRows};
