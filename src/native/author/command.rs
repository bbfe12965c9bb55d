//! From what was said to the one command of an author that it asks for.

use clap::ArgMatches;

use super::{called, judged, new};
use crate::config::Settings;
use crate::native::ending::Ending;

/// Carries out a command of an author; nothing where it is none.
pub(in crate::native) fn carry_out(found: &ArgMatches, settings: &Settings) -> Option<Ending> {
    let (name, found) = found.subcommand()?;
    match name {
        "new" => Some(new::new(found, settings)),
        "validate" => Some(judged::validate(found, settings)),
        "pack" => Some(judged::pack(found, settings)),
        "sign" => Some(called::sign(found, settings)),
        "keys" => called::keys(found, settings),
        "check" => Some(called::check(found, settings)),
        "index" => called::index(found, settings),
        _ => None,
    }
}
