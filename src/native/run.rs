//! From arguments to the end of the one command that they ask for.

use std::ffi::OsString;
use std::process::ExitCode as ProcessCode;

use clap::ArgMatches;

use super::ending::{Ending, Wanted, tell_text};
use super::error::NativeFault;
use super::site::{self, SiteCommand};
use super::surroundings::Surroundings;
use super::wrong_words::WrongWords;
use super::{arguments, author, doctor, manual};
use crate::model::Bilingual;

/// The program. Its status is the exit code of the operation.
pub fn main(words: impl IntoIterator<Item = OsString>) -> ProcessCode {
    let words: Vec<OsString> = words.into_iter().collect();
    let around = Surroundings::read();
    let lang = around.lang();
    let found = match arguments::command(lang).try_get_matches_from(&words) {
        Ok(found) => found,
        Err(told) if !told.use_stderr() => {
            return tell_text(&told.render().to_string());
        }
        Err(told) => {
            let wanted = if site::wants_json(&words) {
                Wanted::Json
            } else {
                Wanted::Lines
            };
            let text = WrongWords::of(&told).text(lang);
            return Ending::of_wrong_call("", &text).tell(wanted, around.has_colours());
        }
    };
    let ending = dispatch(&found, &around).unwrap_or_else(|fault| Ending::of_wrong_call("", &fault.text(lang)));
    ending.tell(wanted(&found), around.has_colours())
}

/// Each family of commands knows its own.
fn dispatch(found: &ArgMatches, around: &Surroundings) -> Result<Ending, NativeFault> {
    if let Some(ending) = author::carry_out(found, &around.settings) {
        return Ok(ending);
    }
    let Some((name, found)) = found.subcommand() else {
        return Ok(Ending::of_wrong_call("", &WrongWords::NoCommand.text(around.lang())));
    };
    if let Some(command) = SiteCommand::by_name(name) {
        return site::run(command, found, around);
    }
    if name == "doctor" {
        return doctor::run(found, around);
    }
    if let Some(ending) = manual::run(name, found, arguments::command(around.lang())) {
        return Ok(ending);
    }
    let unknown = WrongWords::Command { found: name.to_owned() };
    Ok(Ending::of_wrong_call("", &unknown.text(around.lang())))
}

/// What the command asks to be shown; not every one has both options.
fn wanted(found: &ArgMatches) -> Wanted {
    let says = |name: &str| {
        let found = found.subcommand().map(|(_, found)| found);
        found.and_then(|found| found.try_get_one::<bool>(name).ok().flatten()) == Some(&true)
    };
    if says("json") {
        Wanted::Json
    } else if says("quiet") {
        Wanted::Nothing
    } else {
        Wanted::Lines
    }
}
