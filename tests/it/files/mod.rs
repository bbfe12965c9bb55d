//! The files of an operation: whatever stands in the installed folder, every byte of it is in the new tree or in the
//! backup, or nothing changed. Mounts, links, leftovers, folders as packages.

mod folder;
mod in_common;
mod place;
mod plugin;
mod replaced;
mod tree;
mod untouched;

use plugin::{SLUG, dry_run, installed, package};
