//! Checks a ZIP and unpacks it into an empty folder, as an installation does: for measuring that part by itself.
//!
//! `cargo run --release --example unpack -- ARCHIVE FOLDER`

#![allow(clippy::disallowed_methods, reason = "a tool opens what it is told to")]

use std::error::Error;
use std::fs::File;
use std::ops::ControlFlow;
use std::os::fd::AsFd;

use gestor_plugins::archive::{Archive, Blacklist};
use gestor_plugins::config::Limits;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [archive, folder] = arguments.as_slice() else {
        return Err("usage: unpack ARCHIVE FOLDER".into());
    };
    let archive = Archive::open(File::open(archive)?, &Limits::default(), &Blacklist::default())?;
    let folder = File::open(folder)?;
    archive.extract(folder.as_fd(), "", &|_| false, &|_, _| ControlFlow::Continue(()))?;
    Ok(())
}
