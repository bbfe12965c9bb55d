//! Archives that must be refused, each with its rule, and odd ones that must pass.

use std::ops::ControlFlow;
use std::os::fd::AsFd;

use super::raw_zip::{Entry, RawZip, field, file_of, unicode_path};
use super::{Archive, ArchiveError, Blacklist, Extracted};
use crate::base::file_tree::FileTree;
use crate::config::Limits;

fn open(zip: &RawZip) -> Result<Archive, ArchiveError> {
    Archive::open(zip.file(), &Limits::default(), &Blacklist::default())
}

/// Opens and unpacks into a new folder; what is refused leaves the folder empty.
fn unpack(zip: &RawZip) -> Result<Extracted, &'static str> {
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
fn refused(zip: &RawZip, rule: &str) {
    assert_eq!(unpack(zip).map(|_| "accepted"), Err(rule));
}

#[track_caller]
fn accepted(zip: &RawZip, names: &[&str]) {
    let extracted = unpack(zip).unwrap();
    let found: Vec<&str> = extracted.files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(found, names);
}

fn plain() -> Vec<Entry> {
    vec![
        Entry::file("manifest.json", b"{\"id\": \"x\"}"),
        Entry::folder("modules/"),
        Entry::stored("modules/a.php", b"<?php return 1;"),
    ]
}

const PLAIN: [&str; 2] = ["manifest.json", "modules/a.php"];

fn with(entry: Entry) -> RawZip {
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
fn streamed_members_pass_in_all_four_forms() {
    for form in [12, 16, 20, 24] {
        accepted(
            &with(Entry::file("s.txt", b"streamed").streamed(form)),
            &["manifest.json", "modules/a.php", "s.txt"],
        );
        accepted(
            &with(Entry::stored("s.txt", b"").streamed(form)),
            &["manifest.json", "modules/a.php", "s.txt"],
        );
        let kept = with(
            Entry::file("s", b"streamed")
                .streamed(form)
                .local(|header| header.size = 8),
        );
        accepted(&kept, &["manifest.json", "modules/a.php", "s"]);
    }
    // Java deflates folders: two bytes that unpack to none.
    let folder = Entry::folder("d/").both(|header| (header.method, header.packed) = (8, 2));
    accepted(
        &with(
            Entry {
                data: vec![3, 0],
                ..folder
            }
            .streamed(16),
        ),
        &PLAIN,
    );
}

#[test]
fn descriptors_must_fit() {
    for form in [12, 16, 20, 24] {
        for at in 0..form {
            let mut entry = Entry::file("s.txt", b"streamed").streamed(form);
            entry.after[at] ^= 1;
            refused(&with(entry), "ZIP_DATA_DESCRIPTOR");
        }
    }
    let missing = Entry {
        after: vec![],
        ..Entry::file("s", b"streamed").streamed(16)
    };
    refused(&with(missing), "ZIP_DATA_DESCRIPTOR");
    let mut long = Entry::file("s", b"streamed").streamed(16);
    long.after.push(0);
    refused(&with(long), "ZIP_DATA_DESCRIPTOR");
    let local_wrong = Entry::file("s", b"streamed")
        .streamed(16)
        .local(|header| header.size = 9);
    refused(&with(local_wrong), "ZIP_LOCAL_MISMATCH");
    let flag_only_listed = Entry::file("s", b"x").central(|header| header.flags |= 8);
    refused(&with(flag_only_listed), "ZIP_LOCAL_MISMATCH");
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
            after: vec![0; 70_000],
            ..base.clone()
        },
        "ZIP_NO_END_RECORD",
    );
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
    let found = unpack(&RawZip::of([Entry::stored("a", b"x"), far]));
    assert!(
        matches!(found, Err("ZIP_GAP" | "ZIP_LOCAL_HEADER" | "ZIP_OVERLAP")),
        "{found:?}"
    );
}

#[test]
fn local_headers_must_agree() {
    let entry = || Entry::file("abc.txt", b"content");
    for (rule, entry) in [
        (
            "ZIP_LOCAL_MISMATCH",
            entry().local(|header| header.name = b"abd.txt".to_vec()),
        ),
        (
            "ZIP_LOCAL_MISMATCH",
            entry().local(|header| header.name = b"abc.tx".to_vec()),
        ),
        ("ZIP_LOCAL_MISMATCH", entry().local(|header| header.name = vec![])),
        ("ZIP_LOCAL_MISMATCH", entry().local(|header| header.method = 0)),
        ("ZIP_LOCAL_MISMATCH", entry().local(|header| header.flags = 1)),
        ("ZIP_LOCAL_MISMATCH", entry().local(|header| header.crc32 ^= 1)),
        ("ZIP_LOCAL_MISMATCH", entry().local(|header| header.size += 1)),
        ("ZIP_LOCAL_MISMATCH", entry().local(|header| header.packed += 1)),
        ("ZIP_LOCAL_MISMATCH", entry().local(|header| header.packed = 0)),
        ("ZIP_LOCAL_MISMATCH", entry().local(|header| header.time += 1)),
        (
            "ZIP_LOCAL_HEADER",
            entry().local(|header| header.signature = b"PK\x03\x05".to_vec()),
        ),
        ("ZIP_OVERLAP", entry().central(|header| header.offset = Some(51))),
    ] {
        let found = unpack(&with(entry.clone())).map(|_| ());
        assert_eq!(found, Err(rule), "{entry:?}");
    }
}

#[test]
fn extra_data_must_be_whole_and_is_not_compared() {
    let entry = || Entry::file("a", b"x");
    let times = field(0x5455, &[3, 0, 0, 0, 0]);
    accepted(
        &with(entry().local(|header| header.extra = times.clone())),
        &["a", "manifest.json", "modules/a.php"],
    );
    refused(&with(entry().both(|header| header.extra = vec![1])), "ZIP_EXTRA_FIELD");
    refused(
        &with(entry().local(|header| header.extra = vec![0, 0, 0])),
        "ZIP_EXTRA_FIELD",
    );
    refused(
        &with(entry().central(|header| header.extra = vec![0x55, 0x54, 9, 0, 1])),
        "ZIP_EXTRA_FIELD",
    );
}

#[test]
fn unicode_names_replace_and_must_agree() {
    let raw: &[u8] = b"n\x81me.txt";
    let up = |header: &mut super::raw_zip::Header| header.extra = unicode_path(raw, "nüme.txt".as_bytes());
    accepted(&RawZip::of([Entry::file(raw, b"x").both(up)]), &["nüme.txt"]);
    let stale = |header: &mut super::raw_zip::Header| header.extra = unicode_path(b"other", b"../evil");
    accepted(&RawZip::of([Entry::file(raw, b"x").both(stale)]), &["nüme.txt"]);
    let evil = |header: &mut super::raw_zip::Header| header.extra = unicode_path(raw, b"../evil");
    refused(&RawZip::of([Entry::file(raw, b"x").both(evil)]), "ZIP_PARENT_PATH");
    refused(&RawZip::of([Entry::file(raw, b"x").central(evil)]), "ZIP_PARENT_PATH");
    let other = |header: &mut super::raw_zip::Header| header.extra = unicode_path(raw, b"other");
    refused(
        &RawZip::of([Entry::file(raw, b"x").central(other)]),
        "ZIP_LOCAL_MISMATCH",
    );
    refused(&RawZip::of([Entry::file(raw, b"x").local(other)]), "ZIP_LOCAL_MISMATCH");
    let broken = |header: &mut super::raw_zip::Header| header.extra = unicode_path(raw, b"\xff");
    refused(&RawZip::of([Entry::file(raw, b"x").both(broken)]), "ZIP_NAME_ENCODING");
    let own = |header: &mut super::raw_zip::Header| {
        header.name = b"../own".to_vec();
        header.extra = unicode_path(b"../own", b"safe");
    };
    refused(&RawZip::of([Entry::file("x", b"x").both(own)]), "ZIP_PARENT_PATH");
}

#[test]
fn names_are_decoded_and_checked() {
    accepted(&RawZip::of([Entry::file(b"caf\x82", b"x")]), &["café"]);
    accepted(
        &RawZip::of([Entry::file("café", b"x").both(|header| header.flags |= 1 << 11)]),
        &["café"],
    );
    accepted(
        &RawZip::of([Entry::folder("./"), Entry::file("./a//b", b"x")]),
        &["a/b"],
    );
    let dos = Entry::file("café", b"x").both(|header| (header.made_by, header.attributes) = (20, 0x20));
    accepted(&RawZip::of([dos]), &["caf├⌐"]);
    let utf8 = |name: &[u8]| Entry::file(name, b"x").both(|header| header.flags |= 1 << 11);
    refused(&with(utf8(b"caf\x82")), "ZIP_NAME_ENCODING");
    refused(
        &with(utf8("é".as_bytes()).local(|header| header.flags = 0)),
        "ZIP_LOCAL_MISMATCH",
    );
    for (name, rule) in [
        ("../../etc/passwd", "ZIP_PARENT_PATH"),
        ("a/../../b", "ZIP_PARENT_PATH"),
        ("/etc/passwd", "ZIP_ABSOLUTE_PATH"),
        ("C:/x", "ZIP_DRIVE_PATH"),
        ("..\\x", "ZIP_BACKSLASH"),
        ("a\0.php", "ZIP_CONTROL_CHARACTER"),
        ("", "ZIP_EMPTY_NAME"),
        (".", "ZIP_FOLDER_DATA"),
        ("sub/.env", "ZIP_BLACKLISTED"),
        (".git/config", "ZIP_BLACKLISTED"),
        ("manifest.json", "ZIP_DUPLICATE_NAME"),
        ("Manifest.json", "ZIP_NAME_COLLISION"),
        ("MODULES/b", "ZIP_NAME_COLLISION"),
        ("./manifest.json", "ZIP_DUPLICATE_NAME"),
        ("manifest.json/x", "ZIP_FILE_AND_FOLDER"),
        ("modules", "ZIP_FILE_AND_FOLDER"),
    ] {
        assert_eq!(
            unpack(&with(Entry::file(name, b"x"))).map(|_| ()),
            Err(rule),
            "{name:?}"
        );
    }
}

#[test]
fn only_files_and_folders() {
    let mode = |mode: u32| Entry::stored("x", b"/etc/passwd").both(|header| header.attributes = mode << 16);
    refused(&with(mode(0o120_777)), "ZIP_SYMLINK");
    refused(&with(mode(0o020_644)), "ZIP_SPECIAL_FILE");
    refused(&with(mode(0o040_755)), "ZIP_KIND_MISMATCH");
    refused(&with(mode(0o120_777).both(|header| header.made_by = 20)), "ZIP_SYMLINK");
    let hard = field(0x000d, &[&[0; 12][..], b"target"].concat());
    refused(
        &with(Entry::file("x", b"").central(|header| header.extra = hard.clone())),
        "ZIP_HARD_LINK",
    );
    refused(&with(Entry::stored("d/", b"hidden")), "ZIP_FOLDER_DATA");
    let full = Entry {
        data: b"junk".to_vec(),
        ..Entry::folder("d/")
    }
    .both(|header| header.packed = 4);
    refused(&with(full), "ZIP_SIZE_MISMATCH");
}

#[test]
fn encryption_and_other_methods() {
    for flag in [1, 1 << 6, 1 << 13] {
        refused(
            &with(Entry::file("x", b"x").both(|header| header.flags |= flag)),
            "ZIP_ENCRYPTED",
        );
    }
    for method in [1, 9, 12, 14, 93, 99] {
        refused(
            &with(Entry::file("x", b"x").both(|header| header.method = method)),
            "ZIP_METHOD",
        );
    }
    refused(
        &with(Entry::file("x", b"x").both(|header| header.flags |= 1 << 5)),
        "ZIP_METHOD",
    );
}

#[test]
fn content_is_checked() {
    let crc = Entry::file("x", b"content").both(|header| header.crc32 ^= 1);
    refused(&with(crc), "ZIP_CRC_MISMATCH");
    refused(
        &with(Entry::file("x", b"content").both(|header| header.size -= 1)),
        "ZIP_SIZE_MISMATCH",
    );
    refused(
        &with(Entry::file("x", b"content").both(|header| header.size += 1)),
        "ZIP_SIZE_MISMATCH",
    );
    refused(
        &with(Entry::stored("x", b"content").both(|header| header.size += 1)),
        "ZIP_SIZE_MISMATCH",
    );
    let mut trailing = Entry::file("x", b"content");
    trailing.data.push(0);
    refused(&with(trailing.both(|header| header.packed += 1)), "ZIP_CORRUPT_DATA");
    let mut cut = Entry::file("x", b"content");
    cut.data.pop();
    refused(&with(cut.both(|header| header.packed -= 1)), "ZIP_CORRUPT_DATA");
    let rubbish = Entry {
        data: vec![0xff; 9],
        ..Entry::file("x", b"content")
    };
    refused(&with(rubbish.both(|header| header.packed = 9)), "ZIP_CORRUPT_DATA");
}

fn zip64_end(entries: u64, size: u64, offset: u64, at: u64) -> Vec<u8> {
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
fn zip64_sizes_must_say_the_same() {
    let wide = |values: &[u64]| {
        field(
            1,
            &values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<_>>(),
        )
    };
    let entry = || Entry::stored("x", b"0123456789");
    let marked =
        entry().both(|header| (header.size, header.packed, header.extra) = (u32::MAX, u32::MAX, wide(&[10, 10])));
    accepted(&with(marked.clone()), &["manifest.json", "modules/a.php", "x"]);
    let both = entry().both(|header| header.extra = wide(&[10, 10]));
    accepted(&with(both), &["manifest.json", "modules/a.php", "x"]);
    refused(
        &with(entry().both(|header| header.extra = wide(&[10, 11]))),
        "ZIP_ZIP64_MISMATCH",
    );
    refused(
        &with(marked.clone().local(|header| header.extra = wide(&[10, 9]))),
        "ZIP_LOCAL_MISMATCH",
    );
    refused(
        &with(marked.clone().local(|header| header.extra = vec![])),
        "ZIP_ZIP64_MISMATCH",
    );
    refused(
        &with(marked.clone().central(|header| header.extra = wide(&[10]))),
        "ZIP_ZIP64_MISMATCH",
    );
    let huge = marked.both(|header| header.extra = wide(&[1 << 40, 1 << 40]));
    refused(&with(huge), "ZIP_ENTRY_TOO_LARGE");
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
fn a_root_composer_file_is_only_reported() {
    let archive = open(&RawZip::of([
        Entry::file("p/composer.json", b"{}"),
        Entry::file("p/a/composer.json", b"{}"),
    ]));
    let archive = archive.unwrap();
    assert_eq!(archive.warnings("p").len(), 1);
    assert_eq!(archive.warnings("").len(), 0);
}
