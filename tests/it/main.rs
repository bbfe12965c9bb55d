//! Integration tests: one binary, a file for each operation or room, support beside them.
#![expect(
    clippy::unwrap_used,
    reason = "a test that meets a fault of its own scaffolding shall stop there"
)]

mod source;
mod support;
