//! Installs plugins of the Conn2Flow gestor: fast, all or nothing, and with an account of what was done.
//!
//! # The house
//!
//! Dependencies point down only; `tests/it/architecture.rs` reads the `use` lines and fails on any other edge.
//!
//! | layer | modules | what it does |
//! | --- | --- | --- |
//! | boundaries | `php` (feature `php`), `ffi` | translate in, call [`ops`], translate out |
//! | operations | [`ops`] | what comes next, what to undo, which status |
//! | rooms | [`data`], [`migrate`] | one capability each; deciding is pure, one file does the I/O |
//! | base | [`base`], [`log`] | would serve a program that never heard of plugins |
//! | words | [`model`], [`outcome`], [`config`] | no I/O |

pub mod base;
pub mod config;
pub mod data;
pub mod log;
pub mod migrate;
pub mod model;
pub mod ops;
pub mod outcome;
