//! Where a rule begins and ends: the last value that passes beside the first that does not, and each part of a condition
//! by itself.

use std::os::unix::fs::FileExt;

use super::end_record;
use super::hostile_tests::{PLAIN, accepted, open, plain, refused, with, zip64_end};
use super::raw_zip::{Entry, RawZip, file_of};
use super::{Archive, ArchiveError, Blacklist};
use crate::config::Limits;
use crate::model::Bilingual;

fn open_within(zip: &RawZip, limits: Limits) -> Result<Archive, ArchiveError> {
    Archive::open(zip.file(), &limits, &Blacklist::default())
}

#[test]
fn comments_of_members_are_passed_over_and_are_text_where_they_say_so() {
    let commented = |comment: &[u8], flags: u16| {
        with(
            Entry::file("a", b"x")
                .both(|header| header.flags |= flags)
                .central(|header| {
                    header.comment = comment.to_vec();
                }),
        )
    };
    let names = ["a", "manifest.json", "modules/a.php"];
    accepted(&commented("ação".as_bytes(), 1 << 11), &names);
    accepted(&commented(b"\xff", 0), &names);
    refused(&commented(b"\xff", 1 << 11), "ZIP_NAME_ENCODING");
}

#[test]
fn a_folder_has_neither_size_nor_crc() {
    refused(
        &with(Entry::folder("d/").both(|header| header.crc32 = 1)),
        "ZIP_FOLDER_DATA",
    );
    let sized = Entry::stored("d/", b"x").both(|header| header.crc32 = 0);
    refused(&with(sized), "ZIP_FOLDER_DATA");
}

#[test]
fn the_limits_themselves_pass() {
    let zip = RawZip::of(plain());
    let bytes = zip.bytes().len() as u64;
    for (entries, package_bytes, rule) in [
        (3, bytes, None),
        (2, bytes, Some("ZIP_TOO_MANY_ENTRIES")),
        (3, bytes - 1, Some("ZIP_PACKAGE_TOO_LARGE")),
    ] {
        let limits = Limits {
            entries,
            package_bytes,
            ..Limits::default()
        };
        let fault = open_within(&zip, limits).err();
        assert_eq!(fault.map(|fault| fault.rule()), rule, "{entries} {package_bytes}");
    }
}

#[test]
fn a_directory_that_ends_within_an_entry_is_corrupt() {
    let entries = |stray: &[u8]| {
        let mut zip = RawZip::of(plain());
        let whole = zip.bytes();
        let size = u32::from_le_bytes(whole[whole.len() - 10..whole.len() - 6].try_into().unwrap());
        zip.end.size = Some(size + u32::try_from(stray.len()).unwrap());
        zip.end.entries = Some(4);
        zip.after_directory = stray.to_vec();
        zip
    };
    refused(&entries(&[0; 3]), "ZIP_DIRECTORY_CORRUPT");
    let mut cut = [b"PK\x01\x02".to_vec(), vec![0; 42]].concat();
    cut[28] = 10;
    refused(&entries(&cut), "ZIP_DIRECTORY_CORRUPT");
    // A whole entry may be the last thing.
    refused(
        &RawZip::of([Entry::file("a", b"x"), Entry::file("", b"x")]),
        "ZIP_EMPTY_NAME",
    );
    let mut few = RawZip::of(plain());
    few.end.entries = Some(2);
    let fault = open(&few).unwrap_err();
    assert!(
        matches!(fault, ArchiveError::EntryCount { expected: 2, found: 3 }),
        "{fault}"
    );
}

#[test]
fn zeros_behind_a_large_archive_are_passed_over() {
    let mut zip = with(Entry::stored("big", &vec![1; 100_000]));
    zip.after = vec![0; 1 << 20];
    accepted(&zip, &["big", "manifest.json", "modules/a.php"]);
    // Nothing but zeros has no end.
    let fault = end_record::read(&file_of(&[0; 9000]), 9000).unwrap_err();
    assert_eq!(fault.rule(), "ZIP_NO_END_RECORD");
}

#[test]
fn every_field_of_a_zip64_end_is_checked() {
    let changed = |zip64| RawZip {
        zip64: Some(zip64),
        ..RawZip::of(plain())
    };
    let locator = 56;
    assert_eq!(&zip64_end(0, 0, 0, 0)[locator..][..4], b"PK\x06\x07");
    for (rule, zip64) in [
        (
            "ZIP_MULTI_DISK",
            (|a, b, c, at| altered(zip64_end(a, b, c, at), 56 + 4, 1)) as super::raw_zip::MakeZip64,
        ),
        ("ZIP_MULTI_DISK", |a, b, c, at| {
            altered(zip64_end(a, b, c, at), 56 + 16, 2)
        }),
        ("ZIP_ZIP64_MISMATCH", |a, b, c, at| {
            altered(zip64_end(a, b, c, at), 0, b'Q')
        }),
        ("ZIP_ZIP64_MISMATCH", |a, b, c, at| {
            altered(zip64_end(a, b, c, at), 4, 45)
        }),
    ] {
        refused(&changed(zip64), rule);
    }
    // Some programs count no disks.
    accepted(
        &changed(|a, b, c, at| altered(zip64_end(a, b, c, at), 56 + 16, 0)),
        &PLAIN,
    );
}

fn altered(mut bytes: Vec<u8>, at: usize, value: u8) -> Vec<u8> {
    bytes[at] = value;
    bytes
}

#[test]
fn a_header_without_data_may_count_its_descriptor_as_extra_data() {
    for (content, rule) in [(&b""[..], None), (b"x", Some("ZIP_DATA_DESCRIPTOR"))] {
        let mut entry = Entry::stored("a", content).streamed(16);
        let after = entry.after.split_off(3);
        let tail = std::mem::replace(&mut entry.after, after);
        let zip = with(entry.local(|header| header.extra = tail));
        match rule {
            None => accepted(&zip, &["a", "manifest.json", "modules/a.php"]),
            Some(rule) => refused(&zip, rule),
        }
    }
    let mut broken = Entry::stored("a", b"").streamed(16);
    broken.after[5] ^= 1;
    refused(&with(broken), "ZIP_DATA_DESCRIPTOR");
}

#[test]
fn a_member_tells_what_the_directory_says() {
    let content = b"#!/bin/sh\n";
    let zip = RawZip::of([
        Entry::file("run", content).both(|header| header.attributes = 0o100_755 << 16),
        Entry::folder("d/"),
    ]);
    let archive = open(&zip).unwrap();
    let [file, folder] = archive.members() else {
        panic!("{:?}", archive.members());
    };
    assert_eq!(
        (file.name(), file.size(), file.crc32()),
        ("run", 10, crc32fast::hash(content))
    );
    assert!(file.is_executable() && !file.is_folder());
    assert!(folder.is_folder() && !folder.is_executable());
}

#[test]
fn a_list_that_is_whole_has_no_more() {
    for (count, pt, en) in [
        (1, "\"é0\"; ", "\"é0\"; "),
        (5, "\"é4\"; ", "\"é4\"; "),
        (6, "\"é4\" e mais 1; ", "\"é4\" and 1 more; "),
    ] {
        let names = (0..count).map(|at| Entry::file([b"\x82", &[b'0' + at][..]].concat(), b"x"));
        let told = open(&RawZip::of(names)).unwrap().warnings("").pop().unwrap();
        assert!(told.to_string().contains(en), "{told}");
        assert!(told.portuguese().contains(pt), "{}", told.portuguese());
    }
}

#[test]
fn what_a_read_meets_at_the_end_of_the_file_is_told() {
    let file = file_of(b"PK\x03\x04");
    file.write_at(b"x", 9).unwrap();
    let fault = super::window::read_exact(&file, &mut [0; 4], 8).unwrap_err();
    assert_eq!(fault.rule(), "ZIP_TRUNCATED");
    let whole: std::sync::Arc<[u8]> = b"PK\x03\x04".as_slice().into();
    for at in [1, 4, 5, u64::MAX] {
        let fault = super::window::read_exact(&whole, &mut [0; 4], at).unwrap_err();
        assert_eq!(fault.rule(), "ZIP_TRUNCATED", "{at}");
    }
    let mut found = [0; 3];
    super::window::read_exact(&whole, &mut found, 1).unwrap();
    assert_eq!(&found, b"K\x03\x04");
}
