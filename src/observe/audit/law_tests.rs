//! Laws of the log: whatever is done to it is named, whatever it does itself is not.

use std::fs;
use std::path::PathBuf;

use chrono::{DateTime, FixedOffset};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;

use super::place::tests::place;
use super::segment::{self, numbers};
use super::table::TableRow;
use super::*;

pub(super) fn now() -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339("2026-03-01T10:00:00+00:00").unwrap()
}

pub(super) const ALL: Limits = Limits { days: 0, bytes: 0 };
/// Segments of 64 KiB.
pub(super) const SMALL: Limits = Limits {
    days: 0,
    bytes: 512 << 10,
};

pub(super) fn record(number: usize, bytes: usize) -> Record {
    let mut record = Record::new("read", "request");
    record.plugin = Some("acme-shop".to_owned());
    record.resource = Some(format!("row {number}"));
    record.is_allowed = !number.is_multiple_of(5);
    record.context.insert("x".to_owned(), json!("y".repeat(bytes)));
    record
}

pub(super) struct Written {
    pub(super) folder: tempfile::TempDir,
    pub(super) place: Place,
    pub(super) log: Log,
    pub(super) server: String,
}

impl Written {
    pub(super) fn new(limits: Limits) -> Self {
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

    pub(super) fn path(&self) -> PathBuf {
        self.folder.path().join("plugins/_auditoria").join(&self.server)
    }

    pub(super) fn check(&self) -> Result<Checked, Difference> {
        self.check_with(&[])
    }

    pub(super) fn check_with(&self, table: &[TableRow]) -> Result<Checked, Difference> {
        check(&self.place, &self.server, table).map_err(|fault| match fault {
            AuditError::Differs(difference) => difference,
            other => panic!("{other}"),
        })
    }

    /// So many records, ten a batch, with a checkpoint after each tenth batch.
    pub(super) fn fill(&mut self, count: usize, bytes: usize) -> Vec<Point> {
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
            if purpose == Purpose::End {
                self.purge(now(), &mut points);
            }
        }
        points
    }

    /// What is due goes, as an operation lets it go; of the table's points the old ones. Whether something went.
    pub(super) fn purge(&mut self, at: DateTime<FixedOffset>, points: &mut Vec<Point>) -> bool {
        let check = |written: &Self, points: &[Point]| {
            let table: Vec<_> = points.iter().map(TableRow::of).collect();
            written.check_with(&table).unwrap()
        };
        let Some(purge) = self.log.record_purge(at).unwrap() else {
            return false;
        };
        // Whoever is killed here or there has left nothing that is named.
        check(self, points);
        let last = points.iter().rposition(|point| point.size() <= purge.size);
        points.drain(..last.unwrap_or(0));
        check(self, points);
        self.log.remove(&purge).unwrap();
        check(self, points);
        true
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
    let table: Vec<_> = points.iter().map(TableRow::of).collect();
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
    let count = export(
        (&written.place, &written.server),
        (&refused, None),
        Format::Table,
        &mut lines,
    )
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

#[test]
fn a_checkpoint_that_the_head_does_not_know_yet_is_taken_in_and_a_cut_one_stays_named() {
    let mut written = Written::new(ALL);
    written.fill(100, 10);
    let head = segment::head_path(&written.path());
    let points = segment::points_path(&written.path());
    for number in 0..3 {
        // Killed between both.
        written.log.append(&[record(number, 1)], Purpose::End, now()).unwrap();
        let mut killed = super::head::Head::decode(&fs::read(&head).unwrap()).unwrap();
        let known = segment::points(&written.path()).unwrap().unwrap().points;
        killed.chain = known.last().unwrap().before;
        fs::write(&head, killed.encode()).unwrap();
        written.check().unwrap();
    }
    written.log.append(&[record(3, 1)], Purpose::End, now()).unwrap();
    written.check().unwrap();
    // Somebody takes the last one away; whoever writes next hides nothing of that.
    let text = fs::read_to_string(&points).unwrap();
    let cut = text.trim_end().rfind('\n').unwrap() + 1;
    fs::write(&points, &text[..cut]).unwrap();
    let line = text.lines().count();
    assert_eq!(written.check(), Err(Difference::Point { line }));
    written.log.append(&[record(4, 1)], Purpose::End, now()).unwrap();
    assert_eq!(written.check(), Err(Difference::Point { line }));
}

#[test]
fn what_was_refused_is_counted_whatever_happens_to_the_head() {
    let mut written = Written::new(SMALL);
    written.fill(1500, 300);
    let count = |written: &Written| count(&written.place, &written.server).unwrap().unwrap();
    let before = count(&written);
    assert_eq!(
        (before.refused, before.allowed + before.refused),
        (300, written.check().unwrap().size)
    );
    fs::remove_file(segment::head_path(&written.path())).unwrap();
    assert_eq!(super::count(&written.place, &written.server).unwrap(), None);
    written.log.append(&[record(5, 1)], Purpose::Refused, now()).unwrap();
    // One record says that the head was made anew.
    let after = count(&written);
    assert_eq!((after.refused, after.allowed), (301, before.allowed + 1));
}

#[test]
fn a_refusal_at_a_segments_end_leaves_its_checkpoint_to_the_next() {
    let mut written = Written::new(SMALL);
    let mut segments = 1;
    let mut ends = 0;
    for number in 0..200 {
        let appended = written.log.append(&[record(5, 3000)], Purpose::Refused, now()).unwrap();
        let now_there = numbers(&written.path()).unwrap().len();
        let is_end = now_there > segments;
        segments = now_there;
        if is_end {
            ends += 1;
            assert!(appended.points.is_empty(), "{number}");
            let next = written.log.append(&[record(5, 10)], Purpose::Refused, now()).unwrap();
            assert_eq!((next.points.len(), next.points[0].size()), (1, next.last), "{number}");
        }
        written.check().unwrap();
    }
    assert!(ends > 4, "{ends}");
}

#[test]
fn a_log_that_no_id_names_is_named() {
    let mut written = Written::new(ALL);
    written.fill(10, 10);
    let nobodys = |written: &Written| {
        Err(Difference::Nobodys {
            server: written.server.clone(),
        })
    };
    let told = |checked: Result<(), AuditError>| match checked {
        Err(AuditError::Differs(difference)) => Err(difference),
        other => other.map_err(|fault| panic!("{fault}")),
    };
    // The id is another one, which has no log; or there is none.
    let other = "0".repeat(written.server.len());
    assert_eq!(told(check(&written.place, &other, &[]).map(drop)), nobodys(&written));
    fs::remove_file(&written.place.server).unwrap();
    assert_eq!(told(check_nobodys(&written.place)), nobodys(&written));
    fs::remove_dir_all(&written.place.folder).unwrap();
    assert_eq!(told(check_nobodys(&written.place)), Ok(()));
}

#[test]
fn links_are_neither_followed_nor_written_to() {
    let mut written = Written::new(ALL);
    written.fill(10, 10);
    let outside = written.folder.path().join("outside");
    for file in [
        segment::path(&written.path(), 1),
        segment::head_path(&written.path()),
        segment::points_path(&written.path()),
    ] {
        let kept = fs::read(&file).unwrap_or_default();
        for is_hard in [false, true] {
            fs::write(&outside, &kept).unwrap();
            let _ = fs::remove_file(&file);
            if is_hard {
                fs::hard_link(&outside, &file).unwrap();
            } else {
                std::os::unix::fs::symlink(&outside, &file).unwrap();
            }
            let mut log = Log::open(written.place.clone(), ALL).unwrap();
            let done = log.append(&[record(1, 1)], Purpose::End, now());
            let is_refused = done.map_or(true, |appended| appended.unpointed.is_some());
            assert!(is_refused, "{} {is_hard}", file.display());
            assert_eq!(fs::read(&outside).unwrap(), kept, "{} {is_hard}", file.display());
        }
        fs::remove_file(&file).unwrap();
        if !kept.is_empty() {
            fs::write(&file, &kept).unwrap();
        }
    }
    // The whole folder.
    let aside = written.folder.path().join("aside");
    fs::rename(written.path(), &aside).unwrap();
    std::os::unix::fs::symlink(&aside, written.path()).unwrap();
    assert!(Log::open(written.place.clone(), ALL).is_err());
    assert!(check(&written.place, &written.server, &[]).is_err());
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
