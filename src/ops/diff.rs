//! `plugin_diff`: what installing a package would change. A dry run: it changes nothing, and leaves nothing behind.

use super::conversation::{Caller, Outcome};
use super::install;
use crate::base::clock::Clock;
use crate::config::{InstallParameters, Settings};

/// Shows it. The report is that of an installation.
pub(super) fn diff(call: &InstallParameters, settings: &Settings, caller: &Caller, clock: &dyn Clock) -> Outcome {
    let call = InstallParameters {
        dry_run: true,
        ..call.clone()
    };
    install::diff(&call, settings, caller, clock)
}
