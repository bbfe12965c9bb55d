//! The Update Framework 1.0, the client's half: which files of a repository are the ones that its owners signed, and
//! that they are no older than those seen before. Reads through [`Remote`], remembers through [`Store`], takes the time
//! as an argument; must not know what the files are for.
//!
//! | file | what it owns |
//! | --- | --- |
//! | `client` | the order of things: roots, timestamp, snapshot, targets, each stored as soon as it is believed |
//! | `rules` | what a new file may not do to the one before it: go back, leave out, have ended |
//! | `search` | the way through delegated roles to one target |
//! | `document` | a signed file: its bytes taken apart, its signatures counted |
//! | `roles` | what stands in each kind of file |
//! | `web` | a repository on a web server |
//! | `key`, `canonical`, `digests`, `pattern`, `name` | public keys; the bytes that are signed; lengths and hashes; paths of a delegation; names of files |

mod canonical;
mod client;
#[cfg(test)]
mod client_tests;
mod digests;
mod document;
mod error;
mod key;
mod messages;
mod name;
mod pattern;
mod roles;
mod rules;
mod search;
mod store;
mod web;

pub use canonical::canonical;
pub use client::{Client, root_of};
pub use digests::FileFacts;
pub use document::{Document, Verified};
pub use error::{Trouble, TufError};
pub use key::PublicKey;
pub use name::{encoded, place_of};
pub use roles::{KeyNames, KeySet, MetaFile, Role, Root, Snapshot, Targets, Timestamp};
pub use store::{Answer, Kept, Limits, Remote, Store};
pub use web::WebFolder;
