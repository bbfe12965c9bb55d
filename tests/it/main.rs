//! Tests that need more than one room: whole operations against a private MariaDB, and the rules of the house. One
//! binary, a file per subject; `support` holds what they share.

#![expect(clippy::unwrap_used, reason = "what a test needs and does not get fails the test")]
#![allow(
    clippy::disallowed_methods,
    reason = "tests put things in the way that the house would not make"
)]
#![expect(
    clippy::print_stdout,
    reason = "a test says what it counted, and what it could not do on this machine"
)]

mod another_installer;
mod architecture;
mod assets;
mod audit;
mod author;
mod bases;
mod batch;
mod cascade;
mod conflicts;
mod crash;
mod crash_edited;
mod data;
mod documents;
mod domains;
mod encryption;
mod events;
mod files;
mod foreign_resolvers;
mod foreign_rpm;
mod foreign_rpm_script;
mod foreign_semver;
mod hanging;
mod hostile_packages;
mod house_rules;
mod identity;
mod install;
mod killed_migrations;
mod kills;
mod lock_file;
mod locks;
mod looks;
mod needs;
mod overruled;
mod private_servers;
mod program;
mod prune;
mod prune_shared;
mod records;
mod reports;
mod required;
mod resolving;
mod restore;
mod restored_dumps;
mod rollback;
mod scenario_faults;
mod scenarios;
mod schema_taken;
mod scripts;
mod set;
mod sets;
mod settings;
mod signed_index;
mod source;
mod support;
mod taken_back;
mod trust;
mod uninstall;
mod update_all;
mod updates;
mod vault;
mod violence;
mod watching;
mod ways_out;
