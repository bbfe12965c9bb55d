//! The audit log (SPEC 3 §7): a record a line, in files that only grow; a Merkle tree over the lines shows what was changed.
//!
//! Owns the folder `backups/plugins/_auditoria/` and the server's id. Must not decide what is recorded: whoever calls does.
//!
//! | in the folder of a server | what |
//! | --- | --- |
//! | `<first number>.jsonl` | a segment: lines of records. From the second on the first line is a record that says size, root and peaks of all before it |
//! | `cabeca` | the head: size and peaks, and how far the segment is written. Locked while somebody writes |
//! | `pontos.jsonl` | checkpoints: size, root and peaks, at the end of operations and segments, and each quarter of an hour |
//! | `<number>-<digits>.partida` | the rest of a line that was not written to its end, as it was found |
//!
//! Pure: `record`, `head`, `point`, `difference`, `verify`, `retain`, `filter`. Files: `place`, `segment`, `log`, `writing` with `recover`, `purge`,
//! `check`, `counted`, `export`. The table of checkpoints: [`table`].

mod check;
mod counted;
mod difference;
#[cfg(test)]
mod edit_tests;
mod error;
mod export;
mod filter;
mod gather;
mod head;
#[cfg(test)]
mod kill_tests;
#[cfg(test)]
mod law_tests;
mod log;
mod messages;
mod place;
mod point;
mod purge;
#[cfg(test)]
mod purge_tests;
mod record;
mod recover;
mod retain;
mod segment;
pub mod table;
mod verify;
mod writing;

pub use check::{check, check_nobodys};
pub use counted::{Counted, count};
pub use difference::{Difference, Source};
pub use error::AuditError;
pub use export::{Format, export, list};
pub use filter::Filter;
pub use gather::Gathered;
pub use log::Log;
pub use place::Place;
pub use point::Point;
pub use purge::Purge;
pub use record::{OWN, Record};
pub use retain::Limits;
pub use verify::Checked;
pub use writing::{Appended, Purpose};
