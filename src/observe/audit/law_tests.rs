//! Laws of the log: whatever is done to it is named, whatever it does itself is not.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, FixedOffset, TimeDelta};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;

use super::place::tests::place;
use super::segment::{self, numbers};
use super::*;

fn now() -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339("2026-03-01T10:00:00+00:00").unwrap()
}

const ALL: Limits = Limits { days: 0, bytes: 0 };
/// Segments of 64 KiB.
const SMALL: Limits = Limits {
    days: 0,
    bytes: 512 << 10,
};

fn record(number: usize, bytes: usize) -> Record {
    let mut record = Record::new("read", "request");
    record.plugin = Some("acme-shop".to_owned());
    record.resource = Some(format!("row {number}"));
    record.is_allowed = number % 5 != 0;
    record.context.insert("x".to_owned(), json!("y".repeat(bytes)));
    record
}

struct Written {
    folder: tempfile::TempDir,
    place: Place,
    log: Log,
    server: String,
}

impl Written {
    fn new(limits: Limits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = place(folder.path());
        let log = Log::open(place.clone(), limits).unwrap();
        let server = place.server().unwrap().unwrap();
        Self {
            folder,
            place,
            log,
            server,
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("plugins/_auditoria").join(&self.server)
    }

    fn check(&self) -> Result<Checked, Difference> {
        self.check_with(&[])
    }

    fn check_with(&self, table: &[(u64, crate::model::Sha256Digest)]) -> Result<Checked, Difference> {
        check(&self.place, &self.server, table).map_err(|fault| match fault {
            AuditError::Differs(difference) => difference,
            other => panic!("{other}"),
        })
    }

    /// So many records, ten a batch, with a checkpoint after each tenth batch.
    fn fill(&mut self, count: usize, bytes: usize) -> Vec<Point> {
        let mut points = Vec::new();
        for batch in 0..count.div_ceil(10) {
            let records: Vec<_> = (batch * 10..count.min(batch * 10 + 10))
                .map(|number| record(number, bytes))
                .collect();
            let purpose = if batch % 10 == 9 {
                Purpose::End
            } else {
                Purpose::Allowed
            };
            points.extend(self.log.append(&records, purpose, now()).unwrap().points);
        }
        points
    }
}

fn copy(from: &Path, to: &Path) {
    let _ = fs::remove_dir_all(to);
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

#[test]
fn what_was_written_is_what_is_there() {
    let mut written = Written::new(SMALL);
    let points = written.fill(800, 400);
    let checked = written.check().unwrap();
    assert!(checked.segments > 4, "{checked:?}");
    // Each segment but the first has a line about what stood before.
    assert_eq!((checked.first, checked.size), (1, 800 + checked.segments - 1));
    let table: Vec<_> = points.iter().map(|point| (point.size(), point.root)).collect();
    assert!(table.len() >= 8);
    assert_eq!(written.check_with(&table).unwrap().points, 2 * table.len() as u64);
    // The next one, who opens it anew, goes on.
    written.log = Log::open(written.place.clone(), SMALL).unwrap();
    written.fill(20, 10);
    assert!(written.check_with(&table).unwrap().size > checked.size);
    let found = list(&written.place, &written.server, &Filter::default(), 3).unwrap();
    assert_eq!(found.len(), 3);
    assert_eq!(found[2]["n"], written.check().unwrap().size);
    let mut lines = Vec::new();
    let refused = Filter {
        only_refused: true,
        ..Filter::default()
    };
    let count = export((&written.place, &written.server), &refused, Format::Table, &mut lines)
        .unwrap()
        .unwrap();
    assert_eq!(count, 164);
    assert_eq!(String::from_utf8(lines).unwrap().lines().count(), 165);
}

#[test]
fn however_batches_are_cut_the_root_is_the_same() {
    let mut runner = TestRunner::new(Config::with_cases(24));
    let whole = {
        let mut written = Written::new(ALL);
        let records: Vec<_> = (0..60).map(|number| record(number, 10)).collect();
        written.log.append(&records, Purpose::Allowed, now()).unwrap();
        written.check().unwrap().root
    };
    let law = |cuts: Vec<usize>| {
        let mut written = Written::new(ALL);
        let records: Vec<_> = (0..60).map(|number| record(number, 10)).collect();
        let mut cuts: Vec<_> = cuts.into_iter().chain([0, 60]).collect();
        cuts.sort_unstable();
        for pair in cuts.windows(2) {
            let purpose = [Purpose::Allowed, Purpose::Refused][pair[0] % 2];
            written.log.append(&records[pair[0]..pair[1]], purpose, now()).unwrap();
            if pair[0] % 3 == 0 {
                written.log = Log::open(written.place.clone(), ALL).unwrap();
            }
        }
        prop_assert_eq!(written.check().unwrap().root, whole);
        Ok(())
    };
    runner.run(&prop::collection::vec(0usize..60, 0..6), law).unwrap();
}

/// The records that a difference points to.
fn range(difference: &Difference) -> (u64, u64) {
    match difference {
        Difference::Changed { from, to, .. } | Difference::Missing { from, to } => (*from, *to),
        Difference::Line { expected, .. } | Difference::Segment { expected, .. } => (*expected, *expected),
        Difference::Beginning { first } => (*first, *first),
        Difference::Head | Difference::Point { .. } => (1, u64::MAX),
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
    let edits = (0..segments.len(), any::<prop::sample::Index>(), 0..6u8, 1..=255u8);
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

#[test]
fn what_is_taken_away_is_named() {
    let mut written = Written::new(SMALL);
    let points = written.fill(600, 300);
    let table: Vec<_> = points.iter().map(|point| (point.size(), point.root)).collect();
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
            to: table.last().unwrap().0
        }
    );
    let head = named(&|| fs::remove_file(segment::head_path(&path)).unwrap());
    assert_eq!(head, Difference::Head);
    let point = named(&|| fs::remove_file(segment::points_path(&path)).unwrap());
    assert!(matches!(point, Difference::Point { .. }));
    let forged = named(&|| {
        let text = fs::read_to_string(segment::points_path(&path)).unwrap();
        fs::write(
            segment::points_path(&path),
            text.replacen("\"tamanho\":1", "\"tamanho\":2", 1),
        )
        .unwrap();
    });
    assert!(
        matches!(
            forged,
            Difference::Changed {
                told_by: Source::Points,
                ..
            }
        ),
        "{forged}"
    );
    let mut wrong = table.clone();
    wrong[1].1 = crate::base::merkle::leaf(b"x");
    assert!(matches!(
        written.check_with(&wrong),
        Err(Difference::Changed {
            told_by: Source::Table,
            ..
        })
    ));
    written.check_with(&table).unwrap();
}

#[test]
fn a_legal_purge_is_never_named_and_an_illegal_one_is() {
    let mut written = Written::new(SMALL);
    let mut table: Vec<(u64, crate::model::Sha256Digest)> = Vec::new();
    let mut purges = 0;
    for day in 0..40 {
        let records: Vec<_> = (0..80).map(|number| record(number, 300)).collect();
        let at = now() + TimeDelta::days(day);
        let appended = written.log.append(&records, Purpose::End, at).unwrap();
        table.extend(appended.points.iter().map(|point| (point.size(), point.root)));
        purges += u64::from(appended.purged.is_some());
        let checked = written.check_with(&table).unwrap();
        assert_eq!(checked.first > 1, purges > 0);
    }
    assert!(purges > 3, "{purges}");
    let numbers = numbers(&written.path()).unwrap();
    let bytes: u64 = numbers
        .iter()
        .map(|first| fs::metadata(segment::path(&written.path(), *first)).unwrap().len())
        .sum();
    assert!(bytes <= SMALL.bytes + (64 << 10), "{bytes}");
    // By age.
    written.log = Log::open(written.place.clone(), Limits { days: 10, bytes: 0 }).unwrap();
    let at = now() + TimeDelta::days(60);
    let old = written.log.append(&[record(1, 1)], Purpose::End, at).unwrap();
    assert!(old.purged.is_some());
    written.check_with(&table).unwrap();
    let first = segment::numbers(&written.path()).unwrap()[0];
    fs::remove_file(segment::path(&written.path(), first)).unwrap();
    assert!(written.check_with(&table).is_err());
}

#[test]
fn what_a_killed_writer_left_is_taken_in_or_set_aside() {
    let mut written = Written::new(ALL);
    written.fill(30, 10);
    let path = segment::path(&written.path(), 1);
    let head = segment::head_path(&written.path());
    let before = fs::read(&head).unwrap();
    written.fill(10, 10);
    // Killed before the head was written.
    fs::write(&head, &before).unwrap();
    assert_eq!(written.check().unwrap().size, 40);
    written.log.append(&[record(1, 1)], Purpose::Refused, now()).unwrap();
    assert_eq!(written.check().unwrap().size, 41);
    // In the middle of a line.
    let whole = fs::read(&path).unwrap();
    fs::write(&path, [&whole[..], b"{\"n\":42,\"em\":\"20"].concat()).unwrap();
    assert_eq!(written.check().unwrap().size, 41);
    written.log.append(&[record(2, 1)], Purpose::Allowed, now()).unwrap();
    let found = list(&written.place, &written.server, &Filter::default(), 2).unwrap();
    assert_eq!(found[0]["acao"], "auditoria.linha_partida");
    let aside = found[0]["ctx"]["arquivo"].as_str().unwrap();
    assert_eq!(fs::read(written.path().join(aside)).unwrap(), b"{\"n\":42,\"em\":\"20");
    assert_eq!(written.check().unwrap().size, 43);
    // The head is gone, or torn: it is made anew, and that is told.
    for torn in [&b""[..], b"gpa1 torn\n"] {
        fs::write(&head, torn).unwrap();
        written.log.append(&[record(3, 1)], Purpose::Allowed, now()).unwrap();
    }
    fs::remove_file(&head).unwrap();
    written.log.append(&[record(3, 1)], Purpose::End, now()).unwrap();
    let found = list(&written.place, &written.server, &Filter::default(), 9).unwrap();
    let heads = found
        .iter()
        .filter(|record| record["acao"] == "auditoria.cabeca_refeita");
    assert_eq!(heads.count(), 3);
    assert_eq!(written.check().unwrap().size, 49);
}

#[test]
fn lines_that_are_lost_are_recorded_and_named() {
    let mut written = Written::new(ALL);
    written.fill(100, 10);
    let path = segment::path(&written.path(), 1);
    let whole = fs::read(&path).unwrap();
    let cut = memchr::memchr_iter(b'\n', &whole).nth(89).unwrap() + 1;
    fs::write(&path, &whole[..cut]).unwrap();
    written.log.append(&[record(1, 1)], Purpose::Allowed, now()).unwrap();
    let found = list(&written.place, &written.server, &Filter::default(), 2).unwrap();
    assert_eq!(
        (found[0]["acao"].as_str(), found[0]["n"].as_u64()),
        (Some("auditoria.linhas_perdidas"), Some(102))
    );
    assert_eq!(written.check(), Err(Difference::Missing { from: 91, to: 100 }));
    // With the head as well: a checkpoint knows how many there were.
    let mut written = Written::new(ALL);
    written.fill(100, 10);
    fs::write(segment::path(&written.path(), 1), &whole[..cut]).unwrap();
    fs::remove_file(segment::head_path(&written.path())).unwrap();
    written.log.append(&[record(1, 1)], Purpose::Allowed, now()).unwrap();
    assert_eq!(written.check(), Err(Difference::Missing { from: 91, to: 100 }));
}

#[test]
fn a_full_disk_takes_nothing_in_part() {
    let disk = crate::base::fs::SmallDisk::mount("300k");
    let place = place(disk.path());
    let mut log = Log::open(place.clone(), ALL).unwrap();
    let server = place.server().unwrap().unwrap();
    let mut written = 0;
    let records: Vec<_> = (0..10).map(|number| record(number, 3000)).collect();
    let fault = loop {
        match log.append(&records, Purpose::Refused, now()) {
            Ok(_) => written += 10,
            Err(fault) => break fault,
        }
    };
    assert!(fault.to_string().contains("No space left"), "{fault}");
    assert_eq!(check(&place, &server, &[]).unwrap().size, written);
    assert!(log.append(&[record(1, 10)], Purpose::Allowed, now()).is_ok());
    assert_eq!(check(&place, &server, &[]).unwrap().size, written + 1);
}
