//! `backups/plugins/bases.json`: a gestor has one `plugins/` and a database for each of its domains; this is which of them
//! use it, and with which package of each plugin (SPEC 2 §16). `list` is pure and decides; `file` reads and writes.
//!
//! The list is a help, not a record: whoever cannot read it, or may not believe it, goes on without.

mod file;
mod list;

pub use file::{BasesNotice, change, read};
pub use list::{Bases, Claims, Here, KnownBase, KnownPoint, Neighbour, Noted};
