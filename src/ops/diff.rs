//! `plugin_diff`: what installing a package would change. A dry run: it changes nothing, and leaves nothing behind.

use super::caller::{Caller, Outcome};
use super::definition::{CommandOption, Definition, Effect, Gives, request};
use super::install;
use crate::base::clock::Clock;
use crate::config::parameter::{ROOT, SLUG};
use crate::config::{InstallParameters, Settings};
use crate::model::Phrase;

/// What it is to those who offer it.
pub(super) static DEFINITION: Definition = Definition {
    word: "diff",
    function: "plugin_diff",
    options: &[CommandOption {
        name: "diff",
        implies: &[],
        help: Phrase::new(
            "o que instalar um pacote mudaria, sem alterar nada (com --origem_tipo=…)",
            "what installing a package would change, changing nothing (with --origem_tipo=…)",
        ),
    }],
    takes: InstallParameters::TAKES,
    requires: &[SLUG, ROOT],
    gives: Gives::Code,
    reports: &["PluginInstallReport"],
    summary: Phrase::new(
        "O que instalar um pacote mudaria; recebe o que plugin_install() recebe, e não altera nada.",
        "What installing a package would change; takes what plugin_install() takes, and changes nothing.",
    ),
    read: |given, settings| Ok(Box::new(Diff(InstallParameters::read(given, settings)?))),
};

/// A call of it: what an installation is told.
#[derive(Debug)]
struct Diff(InstallParameters);

request!(Diff.0, diff, |_| Effect::Trial);

/// Shows it. The report is that of an installation.
fn diff(Diff(call): &Diff, settings: &Settings, caller: &Caller, clock: &dyn Clock) -> Outcome {
    let call = InstallParameters {
        dry_run: true,
        ..call.clone()
    };
    install::diff(&call, settings, caller, clock)
}
