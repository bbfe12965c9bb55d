//! An index that ends, or that cannot be reached: gone on with for a while, then no more.

use std::cell::RefCell;
use std::rc::Rc;

use chrono::{DateTime, FixedOffset, TimeDelta};
use gestor_plugins::base::clock::{Clock as _, SystemClock};
use gestor_plugins::base::db::Database;
use gestor_plugins::base::fs::Owner;
use gestor_plugins::config::{Argument, LookParameters};
use gestor_plugins::index::{Access, Age, FILE, IndexFault, IndexFolder, SignedIndex, client};
use gestor_plugins::log::Silent;
use gestor_plugins::ops::Error;
use gestor_plugins::outcome::ExitCode;
use serde_json::json;

use super::{Publisher, Site, refused};
use crate::looks::call;
use crate::support::github::Reply;
use crate::support::package::Package;

/// How old the index is found to be at a time.
fn age(site: &Site, now: DateTime<FixedOffset>, grace: u32) -> Result<Age, IndexFault> {
    let owner = Owner::of(site.gestor.root()).unwrap();
    let known = IndexFolder::new(&site.trust(), owner).list().unwrap().remove(0);
    let web = client(&site.settings, Some(FILE)).unwrap();
    let parameters: Argument = call(&site.gestor, &json!({}));
    let look = LookParameters::read(parameters, &site.settings).unwrap();
    let access = Access {
        web: Some(&web),
        watcher: &Silent,
        database: Some(Rc::new(RefCell::new(
            Database::connect(look.site.database.as_ref().unwrap()).unwrap(),
        ))),
        folder: site.gestor.paths().indices(),
        owner,
        now,
        grace,
        keeps: true,
        roots: Rc::default(),
    };
    SignedIndex::open(&access, &known, None, true).map(|index| index.age().clone())
}

#[test]
fn what_has_ended_is_gone_on_with_for_the_grace_and_no_longer() {
    let publisher = Publisher::new();
    let site = Site::knowing(&publisher);
    site.refresh().expect(ExitCode::Ok);
    let now = SystemClock.now();
    let after = |days: i64| now + TimeDelta::days(days) + TimeDelta::hours(1);
    for is_reached in [true, false] {
        if !is_reached {
            publisher.answer("timestamp.json", Reply::new(503, ""));
        }
        // The timestamp is good for 7 days.
        match age(&site, after(6), 7) {
            Ok(Age::Fresh) => assert!(is_reached),
            Ok(Age::GoneOn { .. }) => assert!(!is_reached),
            other => panic!("{other:?}"),
        }
        for days in [7, 13] {
            assert!(
                matches!(age(&site, after(days), 7), Ok(Age::GoneOn { .. })),
                "{days} {is_reached}"
            );
        }
        for (days, grace) in [(14, 7), (7, 0), (8, 1), (400, 7)] {
            let fault = age(&site, after(days), grace).unwrap_err();
            assert!(matches!(fault, IndexFault::Stale { .. }), "{days} {grace}: {fault}");
            assert_eq!(Error::from(fault).exit_code(), ExitCode::Stale);
        }
    }
}

#[test]
fn an_old_state_is_shown_to_nobody_who_knows_a_newer_one() {
    let publisher = Publisher::new();
    publisher.package(&Package::new("p", "1.0.0"), &json!({}));
    let site = Site::knowing(&publisher);
    site.refresh().expect(ExitCode::Ok);
    let frozen = publisher.forged("timestamp.json", &[publisher.key("timestamp")], |said| {
        said["version"] = json!(50);
        said["expires"] = json!("2026-01-01T00:00:00Z");
    });
    publisher.answer("timestamp.json", Reply::ok(frozen));
    let ended = site.refresh().expect(ExitCode::Ok);
    assert_eq!(ended.report["indices"][0]["situacao"], "tolerancia");
    assert!(
        ended.report["avisos"].to_string().contains("timestamp.json ended on"),
        "{}",
        ended.report
    );
    assert_eq!(site.remembered("timestamp").as_deref(), Some("2"));
    site.install("p", &json!({})).expect(ExitCode::Ok);
    // Whoever knows nothing has nothing to go on with.
    refused(&Site::knowing(&publisher).refresh(), ExitCode::Stale, "ended on");
    let ended = publisher.forged("1.root.json", &[publisher.key("root")], |said| {
        said["version"] = json!(2);
        said["expires"] = json!("2026-01-01T00:00:00Z");
    });
    publisher.answer("2.root.json", Reply::ok(ended));
    refused(
        &Site::knowing(&publisher).refresh(),
        ExitCode::Stale,
        "root.json ended on",
    );
}

#[test]
fn a_server_that_is_gone_is_told_and_gone_on_without() {
    let publisher = Publisher::new();
    publisher.package(&Package::new("p", "1.0.0"), &json!({}));
    let site = Site::knowing(&publisher);
    refused(&site.install("q", &json!({})), ExitCode::ParamsOrFile, "acme");
    publisher.answer("timestamp.json", Reply::new(404, ""));
    let ended = site.refresh().expect(ExitCode::Ok);
    assert!(
        ended.report["avisos"].to_string().contains("timestamp.json"),
        "{}",
        ended.report
    );
    refused(
        &Site::knowing(&publisher).refresh(),
        ExitCode::Download,
        "timestamp.json is announced and not there",
    );
    for reply in [Reply::new(500, ""), Reply::redirect(302, "https://127.0.0.1:1/")] {
        publisher.answer("timestamp.json", reply);
        site.refresh().expect(ExitCode::Ok);
        Site::knowing(&publisher).refresh().expect(ExitCode::Download);
    }
}
