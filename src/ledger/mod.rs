//! The base: what a plugin's packages last brought to each row, as digests, so that an update can tell a user's change
//! from the package's own (SPEC 2 §1).
//!
//! Owns the entries, the words of a merge's conflicts and set-aside values, the bytes that they are kept as, and `gestor_plugins_base`; must not decide what becomes of a row
//! (see `data`), nor begin or end a transaction.

mod entry;
mod error;
mod format;
mod messages;
mod record;
mod store;

pub use entry::{
    Base, BaseColumn, Entry, EntryOrigin, FieldDigest, FieldDigests, KindClass, PrimaryKey, RowDigest, RowKey,
    TableBase,
};
pub use error::{FormatFault, LedgerError};
pub use format::{decode, encode, inflate};
pub use record::{MergeConflict, MergeReason, SavedReason, SavedRow, Waiting};
pub use store::{ReadBase, Unreadable, forget, read, read_of_others, sharing, tables, write};
