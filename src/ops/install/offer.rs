//! What an installation is to the boundaries.

use super::install;
use crate::config::InstallParameters;
use crate::config::parameter::{ROOT, SLUG};
use crate::model::Phrase;
use crate::ops::definition::{Definition, Effect, Gives, request};

/// What it is to those who offer it.
pub(in crate::ops) static DEFINITION: Definition = Definition {
    word: "install",
    function: "plugin_install",
    options: &[],
    takes: InstallParameters::TAKES,
    requires: &[SLUG, ROOT],
    gives: Gives::Code,
    reports: &["PluginInstallReport"],
    summary: Phrase::new(
        "Instala ou atualiza um plugin, tudo ou nada.",
        "Installs or updates a plugin, all or nothing.",
    ),
    read: |given, settings| Ok(Box::new(InstallParameters::read(given, settings)?)),
};

request!(InstallParameters, install, |call| Effect::unless_dry(call.dry_run));
