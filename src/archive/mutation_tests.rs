//! A bounded fuzz run that needs no special compiler: honest archives with bits flipped, bytes cut and pieces moved.
//! Nothing may panic, and a change in one place never gives other names or other bytes: it is refused, or it changed
//! nothing that counts.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::ops::ControlFlow;
use std::os::fd::AsFd;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use proptest::prelude::*;

use super::raw_zip::{Entry, RawZip, field, file_of, unicode_path};
use super::{Archive, ArchiveError, Blacklist, Unpackers};
use crate::base::file_tree::FileTree;
use crate::config::Limits;

type Content = BTreeMap<String, Option<Vec<u8>>>;

fn limits() -> Limits {
    Limits {
        total_bytes: 1 << 20,
        ..Limits::default()
    }
}

/// Names (with `None` for folders) and bytes of an archive that is whole.
fn content(file: &File) -> Result<Content, ArchiveError> {
    let archive = Archive::open(file.try_clone().unwrap(), &limits(), &Blacklist::default())?;
    let nowhere = File::open("/").unwrap();
    archive.extract(nowhere.as_fd(), "", &|_| true, &|_, _| ControlFlow::Continue(()))?;
    let tree = archive.tree("");
    let members = archive.members().iter().map(|member| {
        let bytes = (!member.is_folder()).then(|| tree.read(member.name()).unwrap().unwrap());
        (member.name().to_owned(), bytes)
    });
    Ok(members.collect())
}

fn samples() -> Vec<RawZip> {
    let utf8 = |entry: Entry| entry.both(|header| header.flags |= 1 << 11);
    let up = |name: &'static [u8], real: &'static str| {
        Entry::file(name, b"u").both(|header| header.extra = unicode_path(name, real.as_bytes()))
    };
    let sizes = [7_u64.to_le_bytes(), 7_u64.to_le_bytes()].concat();
    let wide = Entry::stored("w", b"0123456")
        .both(|header| (header.size, header.packed, header.extra) = (u32::MAX, u32::MAX, field(1, &sizes)));
    vec![
        RawZip::of([
            Entry::file("manifest.json", b"{\"id\":\"x\",\"nome\":\"x\",\"versao\":\"1.0.0\"}"),
            Entry::folder("d/"),
            utf8(Entry::stored("d/ção", b"stored")),
            up(b"n\x81.txt", "nü.txt"),
            wide,
        ]),
        RawZip {
            comment: b"note".to_vec(),
            ..RawZip::of([
                Entry::file("a", b"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa").streamed(16),
                Entry::stored("b", b"bb").streamed(12),
                Entry::file("c", b"").streamed(24),
                Entry::folder("e/").streamed(20),
            ])
        },
    ]
}

#[test]
fn no_single_bit_changes_what_is_read() {
    let mut refused = 0;
    for sample in samples() {
        let bytes = sample.bytes();
        let file = file_of(&bytes);
        let expected = content(&file).unwrap();
        for (at, byte) in bytes.iter().enumerate() {
            for bit in 0..8 {
                file.write_all_at(&[byte ^ 1 << bit], at as u64).unwrap();
                match content(&file) {
                    Ok(found) => assert_eq!(found, expected, "bit {bit} of byte {at}"),
                    Err(error) => refused += usize::from(error.is_refusal()),
                }
            }
            file.write_all_at(&[*byte], at as u64).unwrap();
        }
    }
    assert!(refused > 1000, "{refused}");
}

/// The same by the way that indices are read: the whole of a small file at once, unpacked with what the last one left.
fn content_at_once(file: &File, unpackers: &Arc<Unpackers>) -> Result<Content, ArchiveError> {
    let length = file.metadata().unwrap().len();
    let opened = (file.try_clone().unwrap(), length);
    let archive = Archive::open_some(opened, &limits(), &Blacklist::default(), &|_| true)?;
    let tree = archive.tree_with("", unpackers);
    let mut found = Content::new();
    for member in archive.members() {
        let mut bytes = Vec::new();
        if !member.is_folder() {
            let read = tree.open(member.name()).unwrap().unwrap().read_to_end(&mut bytes);
            read.map_err(|fault| fault.downcast::<ArchiveError>().unwrap())?;
        }
        found.insert(member.name().to_owned(), (!member.is_folder()).then_some(bytes));
    }
    Ok(found)
}

#[test]
fn what_is_read_at_once_is_judged_as_what_is_read_piece_by_piece() {
    let unpackers = Arc::default();
    let judged = |found: Result<Content, ArchiveError>| found.map_err(|error| error.rule());
    let mut refused = 0;
    for sample in samples() {
        let mut bytes = sample.bytes();
        for at in 0..bytes.len() {
            for changed in [bytes[at] ^ 1, bytes[at] ^ 0x80] {
                let before = std::mem::replace(&mut bytes[at], changed);
                let file = file_of(&bytes);
                let found = judged(content_at_once(&file, &unpackers));
                refused += usize::from(found.is_err());
                assert_eq!(found, judged(content(&file)), "byte {at}");
                bytes[at] = before;
            }
            let file = file_of(&bytes[..at]);
            assert_eq!(
                judged(content_at_once(&file, &unpackers)),
                judged(content(&file)),
                "{at} bytes"
            );
        }
    }
    assert!(refused > 300, "{refused}");
}

#[test]
fn nothing_cut_off_passes() {
    for sample in samples() {
        let bytes = sample.bytes();
        for length in 0..bytes.len() {
            let found = content(&file_of(&bytes[..length]));
            assert!(found.unwrap_err().is_refusal(), "cut at {length}");
            let found = content(&file_of(&bytes[bytes.len() - length..]));
            assert!(found.is_err(), "begun late by {length}");
        }
    }
}

#[test]
fn nothing_put_in_passes() {
    for sample in samples() {
        let bytes = sample.bytes();
        let expected = content(&file_of(&bytes)).unwrap();
        for at in 0..=bytes.len() {
            let (before, after) = bytes.split_at(at);
            for inserted in [&[0][..], b"PK\x05\x06", &bytes[..30]] {
                if let Ok(found) = content(&file_of(&[before, inserted, after].concat())) {
                    assert_eq!(found, expected, "{inserted:?} at {at}");
                }
            }
        }
    }
}

#[derive(Debug, Clone)]
enum Change {
    Set(usize, u8),
    Cut(usize, usize),
    Copy(usize, usize, usize),
    Number(usize, u32),
}

fn change() -> impl Strategy<Value = Change> {
    let number = prop_oneof![
        Just(0),
        Just(1),
        Just(0xffff),
        Just(u32::MAX),
        Just(0x7fff_ffff),
        any::<u32>()
    ];
    prop_oneof![
        (any::<usize>(), any::<u8>()).prop_map(|(at, byte)| Change::Set(at, byte)),
        (any::<usize>(), 1_usize..40).prop_map(|(at, length)| Change::Cut(at, length)),
        (any::<usize>(), any::<usize>(), 1_usize..80).prop_map(|(from, to, length)| Change::Copy(from, to, length)),
        (any::<usize>(), number).prop_map(|(at, number)| Change::Number(at, number)),
    ]
}

fn apply(bytes: &mut Vec<u8>, change: &Change) {
    let length = bytes.len().max(1);
    match *change {
        _ if bytes.is_empty() => {}
        Change::Set(at, byte) => bytes[at % length] = byte,
        Change::Cut(at, count) => drop(bytes.drain(at % length..(at % length + count).min(length))),
        Change::Copy(from, to, count) => {
            let piece = bytes[from % length..(from % length + count).min(length)].to_vec();
            let to = to % length;
            bytes.splice(to..to, piece);
        }
        Change::Number(at, number) => {
            for (byte, new) in bytes.iter_mut().skip(at % length).zip(number.to_le_bytes()) {
                *byte = new;
            }
        }
    }
}

proptest! {
    #[test]
    fn any_changes_are_survived(which in 0_usize..2, changes in proptest::collection::vec(change(), 1..6)) {
        let mut bytes = samples()[which].bytes();
        for change in &changes {
apply(&mut bytes, change);
}
        if let Ok(found) = content(&file_of(&bytes)) {
            for name in found.keys() {
                prop_assert!(!name.starts_with('/') && !name.split('/').any(|part| part == ".."));
            }
        }
    }

    #[test]
    fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let whole = [b"PK\x03\x04", &bytes[..], b"PK\x05\x06", &[0; 18]].concat();
        prop_assert!(content(&file_of(&whole)).is_err());
    }
}
