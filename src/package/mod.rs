//! A package as a whole, step by step, each a type that only the one before it leads to: [`VerifiedPackage`] (its bytes are
//! the ones that were meant), [`OpenedPackage`] (every header was looked at), [`LocatedPackage`] (where in it the plugin
//! stands), and from there its manifest, its rows, its migrations. Also those packages that are kept. Knows nothing of what
//! becomes of it.

mod error;
mod folder_root;
mod index;
mod index_error;
mod inspected;
mod kept;
mod messages;
mod migrations;
mod opened;
mod rows;
mod set;
mod signed;
mod signed_output;
mod verified;

pub use error::{PackageError, join_faults};
pub use folder_root::{find_root, is_left_out};
pub use index::{LeftOut, OfferedPackage, Opening, PackageIndex};
pub use index_error::IndexError;
pub use inspected::{Inspected, PackageRows};
pub use kept::KeptPackages;
pub use opened::{LocatedPackage, OpenedPackage, id_of, open};
pub use rows::{ReadRows, RowReading, Watch};
pub use set::{PackageSet, SetError, write_set};
pub use signed_output::{SignedOutput, checksum_line};
pub use verified::VerifiedPackage;
