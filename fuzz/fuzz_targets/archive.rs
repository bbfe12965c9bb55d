//! Any bytes as an archive: inspected, and what passes is unpacked into a folder of its own.
#![no_main]

use std::fs::File;
use std::io::Write;
use std::ops::ControlFlow;
use std::os::fd::AsFd;

use gestor_plugins::archive::{Archive, Blacklist};
use gestor_plugins::config::Limits;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits { total_bytes: 1 << 20, ..Limits::default() };
    let mut file = tempfile::tempfile().expect("a temporary file");
    file.write_all(bytes).expect("room for the input");
    let Ok(archive) = Archive::open(file, &limits, &Blacklist::default()) else {
        return;
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let handle = File::open(folder.path()).expect("the folder");
    let unpacked = archive.extract(handle.as_fd(), "", &|_| false, &|_, _| ControlFlow::Continue(()));
    let left = std::fs::read_dir(folder.path()).expect("the folder").count();
    assert!(unpacked.is_ok() || left == 0, "a refused archive left something");
});
