//! Installs plugins of the Conn2Flow gestor: fast, all or nothing, and with an account of what was done.
//!
//! # The house
//!
//! Dependencies point down only; `tests/it/architecture.rs` reads the `use` lines and fails on any other edge.
//!
//! | layer | modules | what it does |
//! | --- | --- | --- |
//! | boundaries | `php` (feature `php`), [`ffi`] | translate in, call [`ops`], translate out |
//! | operations | [`ops`] | what a call wants, which status, which code; `ops/install` gathers what [`transaction`] brings about |
//! | | `ops/error`, `ops/exit_code` | everything that can end an operation, one variant a room; the one match that gives each its code |
//! | assemblies | | what brings rooms together without being an operation |
//! | | [`transaction`] | the steps of every change of a set of plugins, what is undone, and recovery |
//! | | [`package`] | a package as a whole: verified, opened, the plugin located in it, its rows |
//! | rooms | | one capability each; deciding is pure, one file does the I/O |
//! | | [`source`] | where a package comes from, and the check of its SHA-256 |
//! | | [`archive`] | what an archive may be; unpacking and packing |
//! | | [`manifest`] | where the plugin's root is, what it is called, which gestor it wants, what it needs |
//! | | [`dependencies`] | which plugins go together: what each needs, and whether it is there |
//! | | [`resources`] | modules, descriptors, HTML and CSS, checksums |
//! | | [`data`] | which rows a package brings, which rows of the site they mean, what is written |
//! | | [`history`] | what was done to each plugin, failed operations too |
//! | | [`ledger`] | what packages last brought to each row, as digests |
//! | | [`stage`] | the files of an operation: staging, backup, swap, kept package, journal |
//! | | [`migrate`] | what running migrations needs; PHP does it |
//! | | [`registry`] | the plugin's row and our own tables |
//! | base | [`base`], [`log`] | would serve a program that never heard of plugins |
//! | words | [`model`], [`outcome`], [`config`] | no I/O |
//!
//! # What is on disk, and who owns it
//!
//! Every path comes from [`model::GestorRoot`].
//!
//! | below the gestor | what | owner |
//! | --- | --- | --- |
//! | `plugins/<slug>/` | the installed tree, without `db/` | [`stage`], replaced in one step |
//! | `plugins/.instalado/<slug>` | SHA-256 of the package that the tree is made of | [`stage`] |
//! | `plugins/.instalado/<slug>.assets` | which files of `assets/` are the plugin's | [`stage`] |
//! | `assets/<module>/…`, `assets/<slug>/<module>/…`, `assets/plugins/<slug>/<version>/…` | files that the gestor serves | [`stage`], by what [`resources`] says |
//! | `assets/.plugins/<slug>/` | private: what is published next, or was; gone after each operation | [`stage`] |
//! | `plugins/_backups/<slug>-assets/` | published files that somebody wrote to, before they were replaced or removed | [`stage`] |
//! | `plugins/_backups/<slug>-<time>.{zip,tar.gz}` | the tree that an update replaced | [`stage`] |
//! | `plugins/.staging/<slug>/` | the new tree, where `temp/` is on another file system | [`stage`] |
//! | `temp/plugins/<slug>/` | private staging and the journal; gone after each operation | [`stage`] |
//! | `temp/plugins/.<slug>.dry/` | private folder of a dry run; gone after it | [`stage`] |
//! | `{temp/plugins,plugins/.staging}/.leftover-<slug>-<n>` | what could not be removed | [`stage`] |
//! | `temp/plugins/<slug>.lock` | the process lock | [`transaction`] |
//! | `temp/plugins/<slug>.{progress,cancel}` | how far the operation is that holds it, and which one is to stop; gone after it | [`stage`] |
//! | `temp/plugins/<slug>.arvore` | by what files of the installed tree are known to be untouched; can be lost at any time | [`stage`] |
//! | `backups/plugins/<slug>/<version>.zip` | the kept package, with its `.sha256` | [`stage`] |
//! | `backups/plugins/bases.json` | the databases that use `plugins/`, and each plugin's point in them | [`stage`], written by [`transaction`] |
//! | `temp/plugins/.bases.lock` | the lock of that list | [`stage`] |
//! | `backups/plugins/<slug>/{adotados,orfaos-*}-<time>.json` | rows set aside | [`stage`], filled by [`data`] |
//! | `backups/plugins/<slug>/removido-<time>.zip` | what left the database with an uninstalled plugin | [`stage`], filled by [`transaction`] |
//! | `backups/plugins/<slug>/esquema-<time>.jsonl.gz` | what stood in tables and columns that were taken away | [`transaction`] |
//! | `logs/plugins/installer.log` | the operator's log | [`log`] |
//! | `db/data/` | the gestor's contracts and core rows, where it still has them: read only | [`data`] |
//!
//! # What is in the database, and who owns it
//!
//! | table | what | owner |
//! | --- | --- | --- |
//! | `plugins` | one row a plugin: version, checksum, manifest, status | [`registry`] |
//! | `gestor_plugins_esquema` | one row: which database this is, and which library may write our tables | [`registry`] |
//! | `gestor_plugins_operacoes` | a row from the commit of an operation until its journal is closed | [`registry`] |
//! | `gestor_plugins_estado` | a row a plugin: its current point, and what its row in `plugins` has no place for | [`registry`] |
//! | `gestor_plugins_conflitos` | what waits for a decision, and what was decided | [`registry`] |
//! | `gestor_plugins_guardados` | values that gave way | [`registry`] |
//! | `gestor_plugins_ajustes` | the site's settings | [`registry`] |
//! | `gestor_plugins_historico` | a row an operation | [`history`] |
//! | `gestor_plugins_base` | what packages last brought to each row, as digests | [`ledger`] |
//! | the gestor's own tables | the plugin's rows, by their `plugin` column | [`data`] |
//! | `phinxlog_<slug>` | applied migrations | the migrations' runner in PHP |

#![cfg_attr(
    test,
    allow(
        clippy::disallowed_methods,
        reason = "tests put things in the way that the house would not make"
    )
)]

pub mod archive;
pub mod base;
pub mod config;
pub mod data;
pub mod dependencies;

pub mod ffi;
pub mod history;
pub mod ledger;
pub mod log;
pub mod manifest;
pub mod migrate;
pub mod model;
pub mod ops;
pub mod outcome;
pub mod package;
#[cfg(feature = "php")]
pub mod php;
pub mod registry;
pub mod resources;
pub mod source;
pub mod stage;
#[cfg(test)]
mod texts_tests;
pub mod transaction;

pub use ops::Error;
