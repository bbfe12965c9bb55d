//! The commands that are about a gestor: each reads its options, calls one operation of the catalogue, and shows the report.
//!
//! Deciding: `commands` (which there are), `arguments` and `help` (their options), `given` (from options to parameters),
//! `report_text`, `look_text`, `run_text`, `value`, `spelling` (from reports to lines). Reading and writing: `place` (the
//! gestor, its domain and its database, with `domain` and `identity`), `secret` (standard input), `progress` (the terminal),
//! `migrations` and `digest` (PHP), `drop_in` and `installer` (the installer's own files), `parts` and `run`.

mod arguments;
mod commands;
mod digest;
mod domain;
pub(super) mod drop_in;
mod given;
mod help;
mod identity;
mod installer;
mod look_text;
mod migrations;
mod parts;
mod place;
mod progress;
mod report_text;
mod run;
mod run_text;
mod secret;
mod spelling;
mod value;

pub use installer::InstallerFault;
pub use migrations::HostFault;

pub(super) use arguments::{commands, of_gestor, php_option, wants_json};
pub(super) use commands::SiteCommand;
pub(super) use given::{bytes, php, text};
pub(super) use installer::own_files;
pub(super) use migrations::{find as find_php, read_settings};
pub(super) use place::{Place, root};
pub(super) use run::run;
pub(super) use value::{flag, list, said, word};
