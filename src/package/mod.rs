//! A package as a whole: opened, its manifest read, its rows; also those that are kept. Knows nothing of what becomes of
//! it.

mod error;
mod folder_root;
mod kept;
mod messages;
mod migrations;
mod opened;
mod rows;

pub use error::{PackageError, join_faults};
pub use folder_root::{LEFT_OUT, find_root};
pub use kept::{KeptPackage, KeptPackages};
pub use migrations::{migration_texts, migration_versions, texts_by_version, unpack_migrations};
pub use opened::{Inspected, PackageRows, open};
pub use rows::{ReadRows, RowReading, Watch};
