//! The files of an operation: whatever stands in the installed folder, every byte of it is in the new tree or in the
//! backup, or nothing changed. Mounts, links, leftovers, folders as packages.

mod folder;
mod place;
mod plugin;
mod replaced;
mod tree;

use plugin::{SLUG, dry_run, installed, package};
