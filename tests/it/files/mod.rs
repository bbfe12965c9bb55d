//! The files of an operation: whatever stands in the installed folder, every byte of it is in the new tree or in the
//! backup, or nothing changed. Mounts, links, leftovers, folders as packages.

mod folder;
mod in_common;
mod place;
mod replaced;
mod tree;
mod untouched;

use gestor_plugins::config::Argument;

use crate::support::gestor::Gestor;
use crate::support::package::Package;

const SLUG: &str = "p";

fn package(version: &str) -> Package {
    Package::new(SLUG, version).file("modules/m/m.php", format!("<?php // {version}"))
}

/// A gestor with version 1.0.0.
fn installed() -> Gestor {
    let gestor = Gestor::new();
    assert_eq!(gestor.install(&package("1.0.0"), &[]).code.number(), 0);
    gestor
}

fn dry_run() -> (&'static str, Argument) {
    ("dry_run", Argument::Bool(true))
}
