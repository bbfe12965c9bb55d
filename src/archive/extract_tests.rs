//! Unpacking to disk: what is left out, what is left behind, and what is never followed.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read as _;
use std::ops::ControlFlow;
use std::os::fd::AsFd;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use proptest::prelude::*;

use super::raw_zip::{Entry, RawZip};
use super::{Archive, ArchiveError, Blacklist, Extracted, PackOptions, pack_folder};
use crate::base::file_tree::FileTree as _;
use crate::config::Limits;

fn open(zip: &RawZip) -> Archive {
    Archive::open(zip.file(), &Limits::default(), &Blacklist::default()).unwrap()
}

fn extract(
    archive: &Archive,
    folder: &Path,
    prefix: &str,
    skip: &dyn Fn(&str) -> bool,
) -> Result<Extracted, ArchiveError> {
    let handle = File::open(folder).unwrap();
    archive.extract(handle.as_fd(), prefix, skip, &|_, _| ControlFlow::Continue(()))
}

fn sample() -> Archive {
    let program = Entry::file("p/bin/run", b"#!/bin/sh").both(|header| header.attributes = 0o100_755 << 16);
    open(&RawZip::of([
        Entry::file("p/manifest.json", b"{}"),
        program,
        Entry::folder("p/empty/"),
        Entry::file("p/db/data/x.json", b"[]"),
        Entry::folder("p/db/migrations/"),
        Entry::file("q/outside", b"o"),
    ]))
}

#[test]
fn only_what_is_wanted_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let extracted = extract(&sample(), folder.path(), "p/", &|path| path == "db").unwrap();
    let names: Vec<&str> = extracted.files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(names, ["bin/run", "manifest.json"]);
    assert_eq!((extracted.bytes, extracted.folders), (11, 2));
    assert!(folder.path().join("empty").is_dir() && !folder.path().join("db").exists());
    let mode = |name: &str| fs::metadata(folder.path().join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(
        (mode("bin"), mode("bin/run"), mode("manifest.json")),
        (0o755, 0o755, 0o644)
    );
}

#[test]
fn what_is_left_out_is_checked_too() {
    let damaged = Entry::file("q/x", b"x").both(|header| header.crc32 ^= 1);
    let archive = open(&RawZip::of([Entry::file("p/a", b"a"), damaged]));
    let folder = tempfile::tempdir().unwrap();
    let found = extract(&archive, folder.path(), "p", &|_| false).unwrap_err();
    assert_eq!(found.rule(), "ZIP_CRC_MISMATCH");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn nothing_is_overwritten_and_no_link_is_followed() {
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fs::write(folder.path().join("manifest.json"), "mine").unwrap();
    let failed = |prefix: &str| {
        extract(&sample(), folder.path(), prefix, &|_| false)
            .unwrap_err()
            .rule()
    };
    assert_eq!(failed("p"), "ARCHIVE_WRITE");
    assert_eq!(fs::read(folder.path().join("manifest.json")).unwrap(), b"mine");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    fs::remove_file(folder.path().join("manifest.json")).unwrap();
    symlink(elsewhere.path(), folder.path().join("bin")).unwrap();
    assert_eq!(failed("p"), "ARCHIVE_WRITE");
    symlink(elsewhere.path().join("new"), folder.path().join("outside")).unwrap();
    assert_eq!(failed("q"), "ARCHIVE_WRITE");
    assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn cancelling_leaves_nothing() {
    let entries = (0..2000).map(|at| Entry::stored(format!("d{}/f{at}", at % 7), b"x"));
    let archive = open(&RawZip::of(entries));
    let folder = tempfile::tempdir().unwrap();
    let handle = File::open(folder.path()).unwrap();
    let stop = |done: u64, of: u64| {
        assert_eq!(of, 2000);
        if done > 500 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    let found = archive.extract(handle.as_fd(), "", &|_| false, &stop).unwrap_err();
    assert_eq!(found.rule(), "CANCELLED");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_full_archive_of_many_members_is_unpacked() {
    let entries = (0..3000_u32).map(|at| Entry::file(format!("d{}/e{}/f{at}", at % 7, at % 11), &at.to_le_bytes()));
    let folder = tempfile::tempdir().unwrap();
    let extracted = extract(&open(&RawZip::of(entries)), folder.path(), "", &|_| false).unwrap();
    assert_eq!((extracted.files.len(), extracted.folders), (3000, 7 + 77));
    for at in 0..3000_u32 {
        let path = folder.path().join(format!("d{}/e{}/f{at}", at % 7, at % 11));
        assert_eq!(fs::read(path).unwrap(), at.to_le_bytes());
    }
}

fn read_tree(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = walkdir::WalkDir::new(folder)
        .min_depth(1)
        .into_iter()
        .map(Result::unwrap);
    let files = entries.filter(|entry| entry.file_type().is_file());
    let name = |path: &Path| path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
    files
        .map(|entry| (name(entry.path()), fs::read(entry.path()).unwrap()))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn packing_then_unpacking_changes_nothing(
        files in proptest::collection::btree_map(
            "[a-cé]{1,3}(/[d-f ]{1,2}x){0,3}\\.(txt|png)",
            (any::<u8>(), 0_usize..700_000, any::<bool>()),
            0..12,
        ),
        level in 0_u32..=9,
    ) {
        let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for (name, (seed, length, is_random)) in &files {
            let path = from.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            let mut state = u64::from(*seed) + 1;
            let mut next = || {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                if *is_random { state.to_be_bytes()[0] } else { *seed }
            };
            fs::write(path, (0..*length).map(|_| next()).collect::<Vec<u8>>()).unwrap();
        }
        let output = tempfile::tempfile().unwrap();
        pack_folder(from.path(), &output, PackOptions { level }).unwrap();
        let limits = Limits { ratio: u64::MAX, ..Limits::default() };
        let archive = Archive::open(output, &limits, &Blacklist::default()).unwrap();
        extract(&archive, to.path(), "", &|_| false).unwrap();
        prop_assert_eq!(read_tree(from.path()), read_tree(to.path()));
    }
}

/// What is not as it was signed is read to its end by nobody: not in place, not as a stream, not to disk, and not by who
/// only looks.
#[test]
fn nothing_is_read_that_is_not_as_it_was_signed() {
    let archive = sample();
    let right = crate::base::hash::sha256;
    for (path, bytes) in [
        ("bin/run", &b"#!/bin/sh"[..]),
        ("manifest.json", b"{}"),
        ("db/data/x.json", b"[]"),
    ] {
        for is_signed in [true, false] {
            let digest = if is_signed { right(bytes) } else { right(b"other") };
            let signed = std::collections::HashMap::from([(path, digest)]);
            let bound = archive.bound_to("p/", &signed);
            let folder = tempfile::tempdir().unwrap();
            let tree = bound.tree("p/");
            let mut streamed = Vec::new();
            let stream = tree.open(path).unwrap().unwrap().read_to_end(&mut streamed);
            let all = [
                tree.read(path).is_ok(),
                stream.is_ok(),
                bound.verify(&|_, _| ControlFlow::Continue(())).is_ok(),
                extract(&bound, folder.path(), "p/", &|path| path == "db").is_ok(),
            ];
            assert_eq!(all, [is_signed; 4], "{path}");
            assert_eq!(fs::read_dir(folder.path()).unwrap().count() > 0, is_signed, "{path}");
        }
    }
}
