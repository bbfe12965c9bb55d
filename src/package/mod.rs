//! A package as a whole: opened, its manifest read, its rows. Knows nothing of what becomes of it.

mod error;
mod folder_root;
mod messages;
mod opened;

pub use error::PackageError;
pub use folder_root::{LEFT_OUT, find_root};
pub use opened::{Inspected, PackageRows, open};
