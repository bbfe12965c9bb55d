//! What is counted of archives, what verifying finds in them, and what is told of their files.

use std::ops::ControlFlow;

use super::hostile_tests::{open, plain};
use super::raw_zip::{Entry, RawZip, unicode_path};
use super::{Archive, Blacklist};
use crate::config::Limits;

#[test]
fn folders_that_only_stand_in_names_are_counted() {
    let deep = |at: usize| Entry::stored(format!("{at:05}/{}x", "a/".repeat(8)), b"");
    let limits = Limits {
        entries: 100,
        ..Limits::default()
    };
    let opened = |count: usize| {
        let zip = RawZip::of((0..count).map(deep));
        Archive::open(zip.file(), &limits, &Blacklist::default())
            .map(drop)
            .map_err(|error| error.rule())
    };
    assert_eq!((opened(10), opened(11)), (Ok(()), Err("ZIP_TOO_MANY_ENTRIES")));
}

#[test]
fn all_forms_of_names_are_counted() {
    // A letter that is eighteen in the form by which names are compared.
    let named = |at: usize, letter: &str, count: usize| {
        let (raw, unicode) = (
            format!("{at:05}{}", "_".repeat(count)),
            format!("{at:05}{}", letter.repeat(count)),
        );
        let raw = raw.into_bytes();
        Entry::stored(&raw, b"").both(|header| header.extra = unicode_path(&raw, unicode.as_bytes()))
    };
    let opened = |letter: &str, count: usize| {
        let limits = Limits {
            entries: 2_000,
            ..Limits::default()
        };
        let zip = RawZip::of((0..1_900).map(|at| named(at, letter, count)));
        Archive::open(zip.file(), &limits, &Blacklist::default())
            .map(drop)
            .map_err(|error| error.rule())
    };
    assert_eq!(opened("é", 40), Ok(()));
    assert_eq!(opened("\u{fdfa}", 40), Err("ZIP_NAMES_TOO_LONG"));
}

#[test]
fn verifying_finds_what_unpacking_would() {
    let mut zip = RawZip::of(plain());
    assert!(open(&zip).unwrap().verify(&|_, _| ControlFlow::Continue(())).is_ok());
    zip.entries.push(Entry::stored(".DS_Store", b"xyz"));
    zip.entries.last_mut().unwrap().data[1] ^= 1;
    let found = open(&zip).unwrap().verify(&|_, _| ControlFlow::Continue(()));
    assert_eq!(found.map_err(|error| error.rule()), Err("ZIP_CRC_MISMATCH"));
    let stopped = open(&zip).unwrap().verify(&|_, _| ControlFlow::Break(()));
    assert!(stopped.is_err());
}

#[test]
fn files_beside_the_plugin_are_told() {
    let zip = RawZip::of([
        Entry::stored("p/manifest.json", b"{}"),
        Entry::stored("LEIA.txt", b"x"),
        Entry::stored("q/a", b"x"),
    ]);
    let told: Vec<String> = open(&zip)
        .unwrap()
        .warnings("p/")
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("2 files stand outside the plugin's folder \"p\"") && told[0].contains("LEIA.txt"));
    assert!(open(&zip).unwrap().warnings("").is_empty());
}
