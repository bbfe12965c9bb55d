//! The plugin whose files these tests look at, and a gestor that has it.

use gestor_plugins::config::Argument;

use crate::support::gestor::Gestor;
use crate::support::package::Package;

pub(super) const SLUG: &str = "p";

pub(super) fn package(version: &str) -> Package {
    Package::new(SLUG, version).file("modules/m/m.php", format!("<?php // {version}"))
}

/// A gestor with version 1.0.0.
pub(super) fn installed() -> Gestor {
    let gestor = Gestor::new();
    assert_eq!(gestor.install(&package("1.0.0"), &[]).code.number(), 0);
    gestor
}

pub(super) fn dry_run() -> (&'static str, Argument) {
    ("dry_run", Argument::Bool(true))
}
