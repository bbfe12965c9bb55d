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
//! | rooms | [`archive`], [`data`], [`manifest`], [`migrate`], [`registry`], [`resources`], [`source`], [`stage`] | one capability each; deciding is pure, one file does the I/O |
//! | rooms | [`data`], [`migrate`] | one capability each; deciding is pure, one file does the I/O |
//! | base | [`base`], [`log`] | would serve a program that never heard of plugins |
//! | words | [`model`], [`outcome`], [`config`] | no I/O |

pub mod archive;
pub mod base;
pub mod config;
pub mod data;
mod error;
pub mod ffi;
pub mod log;
pub mod manifest;
pub mod migrate;
pub mod model;
pub mod ops;
pub mod outcome;
#[cfg(feature = "php")]
pub mod php;
pub mod registry;
pub mod resources;
pub mod source;
pub mod stage;

pub use error::Error;
