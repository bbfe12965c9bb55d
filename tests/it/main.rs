//! Tests that need more than one room: whole operations against a private MariaDB, and the rules of the house. One
//! binary, a file per subject; `support` holds what they share.

mod architecture;
mod support;
