//! Whatever somebody does to a log that is written is named.

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::law_tests::{SMALL, Written, now, record};
use super::segment::{self, numbers};
use super::table::TableRow;
use super::*;

fn copy(from: &Path, to: &Path) {
    let _ = fs::remove_dir_all(to);
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

/// The records that a difference points to.
fn range(difference: &Difference) -> (u64, u64) {
    match difference {
        Difference::Changed { from, to, .. }
        | Difference::Missing { from, to }
        | Difference::Unforgotten { from, to, .. } => (*from, *to),
        Difference::Line { expected, .. } | Difference::Segment { expected, .. } => (*expected, *expected),
        Difference::Beginning { first } => (*first, *first),
        Difference::Head
        | Difference::Nobodys { .. }
        | Difference::Point { .. }
        | Difference::Row { .. }
        | Difference::NoRow { .. } => (1, u64::MAX),
    }
}

#[test]
fn each_of_a_thousand_edits_is_named() {
    let mut written = Written::new(SMALL);
    written.fill(400, 300);
    let (path, kept) = (written.path(), written.folder.path().join("kept"));
    copy(&path, &kept);
    let segments = numbers(&path).unwrap();
    let mut runner = TestRunner::new(Config::with_cases(1000));
    let edits = (0..segments.len(), any::<prop::sample::Index>(), 0..7u8, 1..=255u8);
    let law = |(place, at, kind, by): (usize, prop::sample::Index, u8, u8)| {
        let first = segments[place];
        let file = segment::path(&path, first);
        let before = fs::read(&file).unwrap();
        let mut after = before.clone();
        let at = at.index(before.len());
        let lines: Vec<&[u8]> = before.split_inclusive(|byte| *byte == b'\n').collect();
        let mut line = memchr::memchr_iter(b'\n', &before[..at]).count();
        match kind {
            0 | 1 => after[at] ^= by,
            2 => after.insert(at, by),
            3 => drop(after.remove(at)),
            // A record goes.
            4 => after = [&lines[..line], &lines[line + 1..]].concat().concat(),
            // One comes again.
            5 => after = [&lines[..=line], &lines[line..]].concat().concat(),
            // Two change places.
            _ => {
                let other = (line + usize::from(by)) % lines.len();
                prop_assume!(other != line);
                let mut lines = lines.clone();
                lines.swap(line, other);
                after = lines.concat();
                line = line.min(other);
            }
        }
        prop_assume!(after != before);
        fs::write(&file, &after).unwrap();
        let found = written.check();
        fs::write(&file, &before).unwrap();
        let difference = found.expect_err("an edit is named");
        let (from, to) = range(&difference);
        let record = first + line as u64;
        let most = if kind >= 4 {
            first + lines.len() as u64
        } else {
            record + 1
        };
        prop_assert!(
            from <= most && record <= to.saturating_add(most - record),
            "{}: {}",
            record,
            difference
        );
        Ok(())
    };
    runner.run(&edits, law).unwrap();
    assert!(written.check().is_ok());
}

/// The end of a file may be the beginning of a line whose writer was killed, so whatever is put there without an end is none.
#[test]
fn each_of_a_thousand_edits_of_checkpoints_is_named() {
    let mut written = Written::new(SMALL);
    written.fill(2500, 300);
    let path = segment::points_path(&written.path());
    let before = fs::read(&path).unwrap();
    let rows: Vec<_> = segment::points_after(&written.path(), 0).unwrap();
    let rows: Vec<_> = rows.iter().map(TableRow::of).collect();
    assert!(
        numbers(&written.path()).unwrap()[0] > 1 && rows.len() > 10,
        "some of it has gone"
    );
    assert!(written.check_with(&rows).is_ok());
    let lines: Vec<&[u8]> = before.split_inclusive(|byte| *byte == b'\n').collect();
    let mut runner = TestRunner::new(Config::with_cases(1000));
    let law = |(at, other, kind, by): (prop::sample::Index, prop::sample::Index, u8, u8)| {
        let (mut after, mut table) = (before.clone(), rows.clone());
        let (place, line, row) = (at.index(before.len()), at.index(lines.len()), at.index(rows.len()));
        match kind {
            0 => after[place] ^= by,
            1 => after.insert(place, by),
            2 => drop(after.remove(place)),
            3 => after = [&lines[..line], &lines[line + 1..]].concat().concat(),
            4 => after = [&lines[..=line], &lines[line..]].concat().concat(),
            5 => {
                let mut lines = lines.clone();
                let other = other.index(lines.len());
                lines.swap(line, other);
                after = lines.concat();
            }
            6 => after.truncate(place),
            // The last row may be one that could not be written.
            7 => drop(table.remove(at.index(rows.len() - 1))),
            8 => table[at.index(rows.len() - 1)].size ^= 1 << (by % 63),
            9 => table[row].root = None,
            10 => table[row].at.replace_range(18..19, &((by % 10).to_string())),
            _ => table[row].root = rows[other.index(rows.len())].root,
        }
        prop_assume!(after != before || table != rows);
        fs::write(&path, &after).unwrap();
        let found = written.check_with(&table);
        fs::write(&path, &before).unwrap();
        prop_assert!(found.is_err(), "{}: {:?}", kind, found);
        Ok(())
    };
    let edits = (
        any::<prop::sample::Index>(),
        any::<prop::sample::Index>(),
        0..12u8,
        1..=255u8,
    );
    runner.run(&edits, law).unwrap();
    assert!(written.check_with(&rows).is_ok());
}

#[test]
fn what_is_taken_away_is_named() {
    let mut written = Written::new(SMALL);
    let points = written.fill(600, 300);
    let table: Vec<_> = points.iter().map(TableRow::of).collect();
    let (path, kept) = (written.path(), written.folder.path().join("kept"));
    copy(&path, &kept);
    let segments = numbers(&path).unwrap();
    assert!(segments.len() >= 4);
    let named = |done: &dyn Fn()| {
        done();
        let found = written.check_with(&table).expect_err("it is named");
        copy(&kept, &path);
        found
    };
    let last = *segments.last().unwrap();
    for (place, first) in segments.iter().enumerate() {
        let gone = named(&|| fs::remove_file(segment::path(&path, *first)).unwrap());
        let next = segments.get(place + 1).copied();
        match next {
            Some(next) => assert_eq!(
                gone,
                Difference::Missing {
                    from: *first,
                    to: next - 1
                }
            ),
            None => assert!(
                matches!(gone, Difference::Missing { from, .. } if from == *first),
                "{gone}"
            ),
        }
    }
    // The end of the log with all that speaks of it but the table.
    let cut = named(&|| {
        fs::remove_file(segment::path(&path, last)).unwrap();
        fs::remove_file(segment::points_path(&path)).unwrap();
        fs::remove_file(segment::head_path(&path)).unwrap();
        // Whoever writes next begins a new head.
        let mut log = Log::open(written.place.clone(), SMALL).unwrap();
        log.append(&[record(1, 1)], Purpose::Allowed, now()).unwrap();
    });
    assert!(
        matches!(cut, Difference::Missing { .. } | Difference::Changed { .. }),
        "{cut}"
    );
    let all = named(&|| fs::remove_dir_all(&path).unwrap());
    assert_eq!(
        all,
        Difference::Missing {
            from: 1,
            to: table.last().unwrap().size
        }
    );
    let head = named(&|| fs::remove_file(segment::head_path(&path)).unwrap());
    assert_eq!(head, Difference::Head);
    let point = named(&|| fs::remove_file(segment::points_path(&path)).unwrap());
    assert!(matches!(point, Difference::Point { .. }));
    written.check_with(&table).unwrap();
}
