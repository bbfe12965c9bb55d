//! Synchronizing data with a private MariaDB: the rules of SPEC §6 one by one, and laws that hold for any package.

mod connection;
mod finding;
mod laws;
mod many;
mod merge;
mod merge_choice;
mod merge_laws;
mod reference;
mod refused;
mod renamed;
mod rules;
mod site;

pub(crate) use site::settings;
