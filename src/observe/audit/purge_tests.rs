//! What is too old goes and is never named; what others let go is.

use std::fs;

use chrono::TimeDelta;

use super::law_tests::{SMALL, Written, now, record};
use super::segment::{self, numbers};
use super::table::TableRow;
use super::*;

#[test]
fn a_legal_purge_is_never_named_and_an_illegal_one_is() {
    let mut written = Written::new(SMALL);
    let mut points: Vec<Point> = Vec::new();
    let mut purges = 0;
    for day in 0..40 {
        let records: Vec<_> = (0..80).map(|number| record(number, 300)).collect();
        let at = now() + TimeDelta::days(day);
        points.extend(written.log.append(&records, Purpose::End, at).unwrap().points);
        purges += u64::from(written.purge(at, &mut points));
        assert_eq!(written.check().unwrap().first > 1, purges > 0);
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
    points.extend(written.log.append(&[record(1, 1)], Purpose::End, at).unwrap().points);
    assert!(written.purge(at, &mut points));
    let table: Vec<_> = points.iter().map(TableRow::of).collect();
    let first = segment::numbers(&written.path()).unwrap()[0];
    fs::remove_file(segment::path(&written.path(), first)).unwrap();
    assert!(written.check_with(&table).is_err());
}

/// Whoever can write the files alone may record a purge and take segments away; the table still knows them.
#[test]
fn a_purge_that_is_recorded_by_others_is_named() {
    let mut written = Written::new(SMALL);
    let records: Vec<_> = (0..10).map(|number| record(number, 3000)).collect();
    let points: Vec<_> = (0..40)
        .flat_map(|_| written.log.append(&records, Purpose::End, now()).unwrap().points)
        .collect();
    let table: Vec<_> = points.iter().map(TableRow::of).collect();
    let mut forger = Log::open(written.place.clone(), SMALL).unwrap();
    let purge = forger.record_purge(now()).unwrap().unwrap();
    written.check_with(&table).unwrap();
    forger.remove(&purge).unwrap();
    let found = written.check_with(&table).unwrap_err();
    assert!(
        matches!(found, Difference::Unforgotten { from: 1, to, size } if to == purge.size && size < to),
        "{found}"
    );
    assert!(written.check().is_ok(), "the files alone do not show it");
}
