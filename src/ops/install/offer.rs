//! What an installation is to the boundaries.

use super::install;
use crate::base::clock::Clock;
use crate::config::parameter::{ROOT, SLUG};
use crate::config::{InstallParameters, Settings, Site};
use crate::model::Phrase;
use crate::ops::conversation::{Caller, Outcome};
use crate::ops::definition::{Definition, Gives, Request};

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

impl Request for InstallParameters {
    fn site(&self) -> &Site {
        &self.site
    }

    fn site_mut(&mut self) -> &mut Site {
        &mut self.site
    }

    fn slug(&self) -> Option<&str> {
        Some(&self.slug)
    }

    fn carry_out(&self, settings: &Settings, caller: &Caller, clock: &dyn Clock) -> Outcome {
        install(self, settings, caller, clock)
    }
}
