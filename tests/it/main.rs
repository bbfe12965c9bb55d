//! Tests that need more than one room: whole operations against a private MariaDB, and the rules of the house. One
//! binary, a file per subject; `support` holds what they share.

#![expect(clippy::unwrap_used, reason = "what a test needs and does not get fails the test")]

mod architecture;
mod crash;
mod install;
mod scenarios;
//! Integration tests: one binary, a file for each operation or room, support beside them.
#![expect(
    clippy::unwrap_used,
    reason = "a test that meets a fault of its own scaffolding shall stop there"
)]

mod source;
mod support;
