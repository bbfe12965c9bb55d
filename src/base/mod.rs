//! What would serve a program that never heard of plugins: clock, hashing, files, network, database.

pub mod aead;
pub mod authorities;
pub mod clock;
pub mod db;
pub mod dsse;
pub mod failpoint;
pub mod file_tree;
pub mod fs;
pub mod hash;
pub mod json;
pub mod json_object;
pub mod letters;
pub mod listed;
pub mod lookup;
pub mod merkle;
mod messages;
#[cfg(test)]
pub(crate) mod mutation;
pub mod net;
pub mod panic;
pub mod process;
pub mod progress;
pub mod redact;
pub mod syslog;
pub mod tuf;
#[cfg(test)]
pub(crate) mod work;
