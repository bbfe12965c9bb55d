//! The tables: counters add up whoever writes them at the same time, and of events only so many stay.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use gestor_plugins::base::db::Database;
use gestor_plugins::model::Slug;
use gestor_plugins::observe::{self, Event};
use gestor_plugins::registry::{self, Feature};

use super::connection;
use crate::support::draw::Draw;
use crate::support::gestor::Gestor;

const WRITERS: u64 = 8;
const EACH: u64 = 60;

fn prepared(gestor: &Gestor) -> Database {
    let mut database = Database::connect(&connection(gestor)).unwrap();
    registry::prepare(&mut database, &|| true).unwrap();
    registry::prepare_for(&mut database, Feature::Events, &|| true).unwrap();
    database
}

#[test]
fn counters_add_up_under_eight_writers() {
    let gestor = Gestor::new();
    let mut database = prepared(&gestor);
    let settings = connection(&gestor);
    let slugs = ["one", "two"].map(|name| Slug::normalize(name).unwrap());
    let events = [Event::InstallFail, Event::VerifyOk];
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (settings, slugs) = (&settings, &slugs);
            scope.spawn(move || {
                let mut database = Database::connect(settings).unwrap();
                for at in 0..EACH {
                    let slug = &slugs[usize::try_from((writer + at) % 2).unwrap()];
                    let spent = Duration::from_millis(at * 4_000);
                    // Half of them in a transaction, as an operation counts.
                    let is_within = writer % 2 == 0;
                    for event in events {
                        if is_within {
                            database.begin().unwrap();
                            observe::count_within(&mut database, slug, event, Some(spent)).unwrap();
                            database.commit().unwrap();
                        } else {
                            assert!(observe::count(&mut database, slug, event, Some(spent)).unwrap());
                        }
                    }
                }
            });
        }
    });
    let counters = observe::counters(&mut database).unwrap();
    assert_eq!(counters.len(), 4);
    for counter in counters.into_iter().map(Result::unwrap) {
        assert_eq!(counter.total, WRITERS * EACH / 2, "{counter:?}");
    }
    // Of each sixty 31 took two minutes or less.
    let within = gestor
        .database
        .value("SELECT SUM(b1 + b2 + b3 + b4 + b5 + b6) FROM gestor_plugins_contadores");
    assert_eq!(within, Some((31 * WRITERS * 2).to_string()));
    let milliseconds = gestor
        .database
        .value("SELECT SUM(soma_ms) FROM gestor_plugins_contadores");
    assert_eq!(
        milliseconds,
        Some((WRITERS * 2 * 4_000 * (EACH * (EACH - 1) / 2)).to_string())
    );
}

#[test]
fn what_is_not_there_is_empty_and_not_made() {
    let gestor = Gestor::new();
    let mut database = Database::connect(&connection(&gestor)).unwrap();
    let slug = Slug::normalize("one").unwrap();
    assert!(!observe::count(&mut database, &slug, Event::InstallFail, None).unwrap());
    assert!(observe::counters(&mut database).unwrap().is_empty());
    assert_eq!(observe::purge(&mut database, Utc::now()).unwrap(), 0);
    assert!(!observe::is_told(&mut database, &slug, Event::RevokedInstalled, None).unwrap());
    assert!(observe::count_within(&mut database, &slug, Event::InstallFail, None).is_err());
    assert!(
        gestor
            .database
            .tables()
            .iter()
            .all(|name| !name.starts_with("gestor_plugins_"))
    );
}

/// Whatever stands there: afterwards nothing is older than 400 days, no more than 50,000 rows stand there, and what went was
/// older than what stays.
#[test]
fn only_so_many_events_stay() {
    let gestor = Gestor::new();
    let mut database = prepared(&gestor);
    let now: DateTime<Utc> = "2026-11-27T12:00:00Z".parse().unwrap();
    let mut draw = Draw(11);
    for (old, fresh) in [
        (0, 0),
        (1, 3),
        (501, 2),
        (1_200, 0),
        (7, 50_000),
        (600, 50_900),
        (0, 50_001),
    ] {
        gestor.database.run("TRUNCATE TABLE gestor_plugins_eventos");
        put(&gestor, old, now - TimeDelta::days(400) - TimeDelta::milliseconds(1));
        put(&gestor, fresh, now - TimeDelta::days(400));
        // Rows that went in between leave gaps between the numbers.
        let gap = draw.below(3) * 1_000;
        gestor.database.run(&format!(
            "UPDATE gestor_plugins_eventos SET id = id + {gap} ORDER BY id DESC"
        ));
        let newest = gestor.database.value("SELECT MAX(id) FROM gestor_plugins_eventos");
        let removed = observe::purge(&mut database, now).unwrap();
        let stay = fresh.min(50_000);
        assert_eq!(removed, old + fresh - stay, "{old} {fresh}");
        assert_eq!(
            gestor.database.count("gestor_plugins_eventos", "1"),
            stay,
            "{old} {fresh}"
        );
        let spread = gestor
            .database
            .value("SELECT COALESCE(MAX(id) - MIN(id) + 1, 0) FROM gestor_plugins_eventos");
        assert_eq!(spread, Some(stay.to_string()), "{old} {fresh}: the newest stay");
        if stay > 0 {
            assert_eq!(
                gestor.database.value("SELECT MAX(id) FROM gestor_plugins_eventos"),
                newest
            );
        }
        assert_eq!(observe::purge(&mut database, now).unwrap(), 0, "and then nothing goes");
    }
    // Nobody waits until all of many have gone.
    gestor.database.run("TRUNCATE TABLE gestor_plugins_eventos");
    put(&gestor, 71_000, now);
    for (removed, stay) in [(10_000, 61_000), (10_000, 51_000), (1_000, 50_000), (0, 50_000)] {
        assert_eq!(observe::purge(&mut database, now).unwrap(), removed);
        assert_eq!(gestor.database.count("gestor_plugins_eventos", "1"), stay);
    }
}

/// So many rows of one time.
fn put(gestor: &Gestor, count: u64, at: DateTime<Utc>) {
    if count == 0 {
        return;
    }
    let at = at.format("%Y-%m-%d %H:%M:%S%.3f");
    gestor.database.run(&format!(
        "INSERT INTO gestor_plugins_eventos (em, slug, evento) WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 \
         FROM n WHERE i < 300) SELECT '{at}', 'one', 'verify_ok' FROM n AS a, n AS b LIMIT {count}"
    ));
}
