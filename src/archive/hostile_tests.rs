//! Archives that must be refused as a whole, each with its rule, and odd ones that must pass: end records, directory,
//! gaps and overlaps, bombs. Members are in `hostile_member_tests`.

use std::ops::ControlFlow;
use std::os::fd::AsFd;

use super::raw_zip::{Entry, RawZip, file_of};
use super::{Archive, ArchiveError, Blacklist, Extracted};
use crate::base::file_tree::FileTree;
use crate::config::Limits;

pub(super) fn open(zip: &RawZip) -> Result<Archive, ArchiveError> {
    Archive::open(zip.file(), &Limits::default(), &Blacklist::default())
}

/// Opens and unpacks into a new folder; what is refused leaves the folder empty.
pub(super) fn unpack(zip: &RawZip) -> Result<Extracted, &'static str> {
    let folder = tempfile::tempdir().unwrap();
    let handle = std::fs::File::open(folder.path()).unwrap();
    let result = open(zip)
        .and_then(|archive| archive.extract(handle.as_fd(), "", &|_| false, &|_, _| ControlFlow::Continue(())));
    if result.is_err() {
        assert_eq!(
            std::fs::read_dir(folder.path()).unwrap().count(),
            0,
            "something was left"
        );
    }
    result.map_err(|error| error.rule())
}

#[track_caller]
pub(super) fn refused(zip: &RawZip, rule: &str) {
    assert_eq!(unpack(zip).map(|_| "accepted"), Err(rule));
}

#[track_caller]
pub(super) fn accepted(zip: &RawZip, names: &[&str]) {
    let extracted = unpack(zip).unwrap();
    let found: Vec<&str> = extracted.files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(found, names);
}

pub(super) fn plain() -> Vec<Entry> {
    vec![
        Entry::file("manifest.json", b"{\"id\": \"x\"}"),
        Entry::folder("modules/"),
        Entry::stored("modules/a.php", b"<?php return 1;"),
    ]
}

pub(super) const PLAIN: [&str; 2] = ["manifest.json", "modules/a.php"];

pub(super) fn with(entry: Entry) -> RawZip {
    let mut entries = plain();
    entries.insert(1, entry);
    RawZip::of(entries)
}

#[test]
fn plain_archives_pass() {
    accepted(&RawZip::of(plain()), &PLAIN);
    accepted(&RawZip::of([]), &[]);
    let comment = RawZip {
        comment: b"made by hand".to_vec(),
        ..RawZip::of(plain())
    };
    accepted(&comment, &PLAIN);
}

#[test]
fn directory_order_does_not_matter() {
    let mut zip = RawZip::of(plain());
    let lengths: Vec<usize> = zip
        .entries
        .iter()
        .map(|entry| 30 + entry.local.name.len() + entry.data.len())
        .collect();
    let mut at = 0;
    for (entry, length) in zip.entries.iter_mut().zip(lengths) {
        entry.central.offset = Some(u32::try_from(at).unwrap());
        at += length;
    }
    let last = zip.entries[2].central.clone();
    zip.entries[2].central = std::mem::replace(&mut zip.entries[0].central, last);
    accepted(&zip, &PLAIN);
}

#[test]
fn end_records_must_be_unique_and_last() {
    let base = RawZip::of(plain());
    refused(
        &RawZip {
            after: b"\n".to_vec(),
            ..base.clone()
        },
        "ZIP_TRAILING_BYTES",
    );
    refused(
        &RawZip {
            after: [vec![0; 70_000], vec![1]].concat(),
            ..base.clone()
        },
        "ZIP_NO_END_RECORD",
    );
    for zeros in [1, 9658, 70_000, 1 << 20] {
        let padded = RawZip {
            comment: b"note".to_vec(),
            after: vec![0; zeros],
            ..base.clone()
        };
        accepted(&padded, &PLAIN);
    }
    let hidden = RawZip {
        comment: RawZip::of([]).bytes(),
        ..base.clone()
    };
    refused(&hidden, "ZIP_TWO_END_RECORDS");
    let mut short = base.clone();
    short.end.comment_length = Some(1);
    refused(&short, "ZIP_TRAILING_BYTES");
    let mut bytes = base.bytes();
    bytes.truncate(bytes.len() - 1);
    let cut = Archive::open(file_of(&bytes), &Limits::default(), &Blacklist::default());
    assert_eq!(cut.unwrap_err().rule(), "ZIP_NO_END_RECORD");
    // A whole archive stored inside another is no second end record.
    accepted(&RawZip::of([Entry::stored("in.zip", &base.bytes())]), &["in.zip"]);
}

#[test]
fn two_archives_in_one_file_are_refused() {
    let (first, second) = (RawZip::of(plain()).bytes(), RawZip::of(plain()).bytes());
    let joined = [first.clone(), second].concat();
    let open = |bytes: &[u8]| Archive::open(file_of(bytes), &Limits::default(), &Blacklist::default());
    assert_eq!(open(&joined).unwrap_err().rule(), "ZIP_DIRECTORY_BOUNDS");
    // The same with offsets put right.
    let shifted = RawZip {
        before: first,
        ..RawZip::of(plain())
    };
    refused(&shifted, "ZIP_LEADING_BYTES");
    refused(
        &RawZip {
            before: b"MZ program".to_vec(),
            ..RawZip::of(plain())
        },
        "ZIP_NOT_ZIP",
    );
    refused(
        &RawZip {
            before: b"PK\x03\x04".to_vec(),
            ..RawZip::of([])
        },
        "ZIP_LEADING_BYTES",
    );
}

#[test]
fn counts_and_places_of_the_directory_must_be_true() {
    let base = RawZip::of(plain());
    for (rule, change) in [
        (
            "ZIP_ENTRY_COUNT",
            (|end| end.entries = Some(2)) as fn(&mut super::raw_zip::End),
        ),
        ("ZIP_ENTRY_COUNT", |end| end.entries = Some(4)),
        ("ZIP_ENTRY_COUNT", |end| end.entries = Some(0)),
        ("ZIP_MULTI_DISK", |end| end.entries_here = Some(2)),
        ("ZIP_MULTI_DISK", |end| end.disk = Some(1)),
        ("ZIP_DIRECTORY_BOUNDS", |end| end.size = Some(1)),
        ("ZIP_DIRECTORY_BOUNDS", |end| end.size = Some(u32::MAX)),
        ("ZIP_DIRECTORY_BOUNDS", |end| end.offset = Some(0)),
        ("ZIP_TOO_MANY_ENTRIES", |end| end.entries = Some(u16::MAX)),
    ] {
        let mut zip = base.clone();
        change(&mut zip.end);
        refused(&zip, rule);
    }
    refused(
        &RawZip {
            after_directory: vec![0; 3],
            ..base.clone()
        },
        "ZIP_DIRECTORY_BOUNDS",
    );
    let damaged = with(Entry::file("a", b"x").central(|header| header.signature = b"PK\x01\x03".to_vec()));
    refused(&damaged, "ZIP_DIRECTORY_CORRUPT");
    refused(
        &with(Entry::file("a", b"x").central(|header| header.disk = 1)),
        "ZIP_MULTI_DISK",
    );
}

#[test]
fn every_byte_belongs_to_a_member() {
    let base = RawZip::of(plain());
    refused(
        &RawZip {
            before_directory: vec![0; 5],
            ..base.clone()
        },
        "ZIP_GAP",
    );
    refused(
        &with(Entry {
            after: vec![0],
            ..Entry::file("a", b"x")
        }),
        "ZIP_GAP",
    );
    let unlisted = Entry {
        is_listed: false,
        ..Entry::file("hidden.php", b"<?php")
    };
    refused(&with(unlisted.clone()), "ZIP_GAP");
    refused(
        &RawZip::of([unlisted.clone(), Entry::file("a", b"x")]),
        "ZIP_LEADING_BYTES",
    );
    refused(&RawZip::of([Entry::file("a", b"x"), unlisted]), "ZIP_GAP");
}

#[test]
fn members_must_not_share_bytes() {
    let one = Entry::stored("a", b"0123456789");
    let twin = Entry {
        is_present: false,
        ..Entry::stored("b", b"0123456789").central(|header| header.offset = Some(0))
    };
    refused(&RawZip::of([one, twin]), "ZIP_OVERLAP");
    let long = Entry::stored("a", b"0123456789").both(|header| (header.size, header.packed) = (60, 60));
    refused(&RawZip::of([long, Entry::stored("b", b"x")]), "ZIP_OVERLAP");
    let outside = Entry::stored("a", b"x").both(|header| (header.size, header.packed) = (1 << 20, 1 << 20));
    refused(&RawZip::of([outside]), "ZIP_OVERLAP");
    let far = Entry::stored("b", b"x").central(|header| header.offset = Some(1 << 30));
    refused(&RawZip::of([Entry::stored("a", b"x"), far.clone()]), "ZIP_LOCAL_HEADER");
    // One so small that even a whole data descriptor would not fit behind its first member.
    let last = far.central(|header| header.offset = Some(u32::MAX - 4095));
    refused(&RawZip::of([Entry::stored("a", b""), last.clone()]), "ZIP_LOCAL_HEADER");
    refused(&RawZip::of([last]), "ZIP_LOCAL_HEADER");
}

pub(super) fn zip64_end(entries: u64, size: u64, offset: u64, at: u64) -> Vec<u8> {
    let mut bytes = b"PK\x06\x06".to_vec();
    bytes.extend(44_u64.to_le_bytes());
    bytes.extend([45, 3, 45, 0]);
    bytes.extend([0; 8]);
    for value in [entries, entries, size, offset] {
        bytes.extend(value.to_le_bytes());
    }
    bytes.extend(b"PK\x06\x07");
    bytes.extend([0; 4]);
    bytes.extend(at.to_le_bytes());
    bytes.extend(1_u32.to_le_bytes());
    bytes
}

#[test]
fn zip64_records_must_say_the_same() {
    let base = RawZip {
        zip64: Some(zip64_end),
        ..RawZip::of(plain())
    };
    accepted(&base, &PLAIN);
    let mut marked = base.clone();
    marked.end = super::raw_zip::End {
        entries: Some(u16::MAX),
        size: Some(u32::MAX),
        offset: Some(u32::MAX),
        ..Default::default()
    };
    accepted(&marked, &PLAIN);
    let mut differs = base.clone();
    differs.end.entries = Some(2);
    refused(&differs, "ZIP_ZIP64_MISMATCH");
    let wrong_place = RawZip {
        zip64: Some(|a, b, c, at| zip64_end(a, b, c, at - 1)),
        ..base.clone()
    };
    refused(&wrong_place, "ZIP_ZIP64_MISMATCH");
    let locator_only = RawZip {
        zip64: Some(|a, b, c, at| zip64_end(a, b, c, at)[56..].to_vec()),
        ..base.clone()
    };
    refused(&locator_only, "ZIP_ZIP64_MISMATCH");
    let no_locator = RawZip {
        zip64: Some(|a, b, c, at| zip64_end(a, b, c, at)[..56].to_vec()),
        ..base.clone()
    };
    refused(&no_locator, "ZIP_DIRECTORY_BOUNDS");
    let count = RawZip {
        zip64: Some(|a, b, c, at| zip64_end(a + 1, b, c, at)),
        ..marked.clone()
    };
    refused(&count, "ZIP_ENTRY_COUNT");
    let many = RawZip {
        zip64: Some(|_, b, c, at| zip64_end(u64::MAX, b, c, at)),
        ..marked
    };
    refused(&many, "ZIP_TOO_MANY_ENTRIES");
}

#[test]
fn bombs_are_stopped() {
    let zeros = vec![0; 20 << 20];
    refused(&with(Entry::file("bomb", &zeros)), "ZIP_RATIO");
    let liar = Entry::file("bomb", &zeros).both(|header| header.size = 1000);
    refused(&with(liar), "ZIP_SIZE_MISMATCH");
    let claim = Entry::file("bomb", b"x").both(|header| header.size = u32::MAX - 1);
    refused(&with(claim), "ZIP_ENTRY_TOO_LARGE");
    let spread = (0..30).map(|at| Entry::file(format!("b{at}"), &zeros[..1 << 20]));
    refused(&RawZip::of(spread), "ZIP_RATIO");
    let small = Limits {
        total_bytes: 15,
        ..Limits::default()
    };
    let opened = Archive::open(RawZip::of(plain()).file(), &small, &Blacklist::default());
    assert_eq!(opened.unwrap_err().rule(), "ZIP_TOTAL_TOO_LARGE");
}

#[test]
fn a_tree_is_read_in_place() {
    let content: Vec<u8> = (0..=255).cycle().take(300_000).collect();
    let entries = [
        Entry::file("p/manifest.json", b"{}"),
        Entry::file("p/b", &content),
        Entry::stored("q", &content),
    ];
    let archive = open(&RawZip::of(entries)).unwrap();
    let tree = archive.tree("p");
    assert_eq!(tree.paths(), ["b", "manifest.json"]);
    assert_eq!((tree.size("b"), tree.size("q")), (Some(300_000), None));
    assert_eq!(tree.read("b").unwrap().unwrap(), content);
    let mut streamed = Vec::new();
    tree.open("b").unwrap().unwrap().read_to_end(&mut streamed).unwrap();
    assert_eq!(streamed, content);
    assert!(tree.read("q").unwrap().is_none() && tree.open("p/b").unwrap().is_none());
    assert_eq!(archive.tree("").read("q").unwrap().unwrap(), content);
    let damaged = Entry::file("p/b", &content).both(|header| header.crc32 ^= 1);
    let tree = open(&RawZip::of([damaged])).unwrap().tree("p");
    assert!(tree.read("b").unwrap_err().to_string().starts_with("ZIP_CRC_MISMATCH"));
    assert!(tree.open("b").unwrap().unwrap().read_to_end(&mut streamed).is_err());
}

#[test]
fn what_systems_leave_in_folders_is_left_out() {
    let zip = RawZip::of([
        Entry::file("p/manifest.json", b"{}"),
        Entry::folder("__MACOSX/"),
        Entry::file("__MACOSX/p/._manifest.json", b"x"),
        Entry::file("p/.DS_Store", b"x"),
        Entry::file("p/assets/Thumbs.db", b"x"),
        Entry::file("p/desktop.ini", b"x"),
        Entry::file("p/__MACOSX/._a", b"x"),
    ]);
    accepted(&zip, &["p/manifest.json"]);
    let archive = open(&zip).unwrap();
    assert_eq!(archive.tree("p").paths(), ["manifest.json"]);
    assert_eq!(archive.members().len(), 1);
    let told = archive.warnings("p").pop().unwrap().to_string();
    assert!(
        told.starts_with("5 files") && told.contains("\"p/.DS_Store\""),
        "{told}"
    );
    // They are checked all the same.
    let mut damaged = zip;
    damaged.entries[3] = Entry::file("p/.DS_Store", b"x").both(|header| header.crc32 ^= 1);
    refused(&damaged, "ZIP_CRC_MISMATCH");
}

#[test]
fn names_that_were_guessed_are_told() {
    let names: [&[u8]; 4] = [b"p/espa\x87o", "p/é".as_bytes(), b"other/\x82", b"p/plain"];
    let archive = open(&RawZip::of(names.map(|name| Entry::file(name, b"x")))).unwrap();
    let told = archive.warnings("p").pop().unwrap().to_string();
    assert!(told.starts_with("1 names") && told.contains("\"p/espaço\""), "{told}");
    let many = (0..9).map(|at| Entry::file([b"\x82", &[b'0' + at][..]].concat(), b"x"));
    let told = open(&RawZip::of(many)).unwrap().warnings("")[0].to_string();
    assert!(told.contains("\"é4\" and 4 more"), "{told}");
}

#[test]
fn a_root_composer_file_is_only_reported() {
    let archive = open(&RawZip::of([
        Entry::file("p/composer.json", b"{}"),
        Entry::file("p/a/composer.json", b"{}"),
    ]));
    let archive = archive.unwrap();
    assert_eq!(archive.warnings("p").len(), 1);
    assert_eq!(archive.warnings("").len(), 0);
}
