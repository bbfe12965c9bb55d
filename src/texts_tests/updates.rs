//! A sample of each variant of what is told of updates that come by themselves.

use super::parts::*;
use super::{Sample, samples};
use crate::base::db::DbError;
use crate::updates::{Reason, Sign, UpdateError, WindowFault};

pub(super) fn all() -> Vec<Sample> {
    let mut samples = samples!(UpdateError as UpdateError:
        Word UpdateError::Word { key: text(11), found: text(12), allowed: crate::model::Phrase::of_words("w13") };
        Unknown UpdateError::Unknown { key: text(11) };
        Window UpdateError::Window(WindowFault { given: text(11) });
        Policy UpdateError::Policy { fault: Box::new(UpdateError::NoProbe) };
        NoProbe UpdateError::NoProbe;
        RolledBack UpdateError::RolledBack { count: 11 };
        AnotherRuns UpdateError::AnotherRuns;
        Database UpdateError::Database(DbError::Deadlock);
        Unreadable UpdateError::Unreadable { table: "t11", column: "c12", plugin: "p13".into() };);
    samples.push(Sample::of("WindowFault", &WindowFault { given: text(11) }));
    samples.extend(samples!(Sign as Sign:
        Silent Sign::Silent { url: text(11) };
        Status Sign::Status { url: text(11), status: 512, before: 213 };
        Elsewhere Sign::Elsewhere { url: text(11), path: text(12), before: text(13) };
        Empty Sign::Empty { url: text(11), length: 12, before: 13 };));
    samples.extend(reasons());
    samples.extend(waiting());
    samples
}

fn reasons() -> Vec<Sample> {
    let version = || text(11);
    samples!(Reason as Reason:
        Manual Reason::Manual { version: version() };
        Notify Reason::Notify { version: version() };
        Level Reason::Level { version: version(), wanted: text(12), allowed: text(13) };
        Preview Reason::Preview { version: version() };
        Skipped Reason::Skipped { version: version() };
        Snoozed Reason::Snoozed { version: version(), until: text(12) };
        Withdrawn Reason::Withdrawn { version: version() };
        Revoked Reason::Revoked { version: version() };
        Left Reason::Left { version: version() };
        NoDigest Reason::NoDigest { version: version() };
        NoDate Reason::NoDate { version: version() };
        Stale Reason::Stale { text: text(11) };
        Unheard Reason::Unheard { text: text(11), at: text(12) };
        NoSource Reason::NoSource;
        OtherSigner Reason::OtherSigner { version: version() };
        AsksMore Reason::AsksMore { version: version() };
        NotWell Reason::NotWell { version: version(), status: text(12) };
        Repository Reason::Repository { version: version() };
        NoProbe Reason::NoProbe;
        Rehearsed Reason::Rehearsed { version: version(), code: 12, text: text(13) };
        NotKept Reason::NotKept { version: version(), installed: text(12) };
        Conflicts Reason::Conflicts { version: version(), count: 12 };
        Drift Reason::Drift { version: version(), count: 12 };
        Epoch Reason::Epoch { version: version() };
        NoWayBack Reason::NoWayBack { version: version(), migration: text(12) };
        NeedsPhp Reason::NeedsPhp { version: version() };
        Young Reason::Young { version: version(), at: text(12) };
        Closed Reason::Closed { version: version(), at: text(12) };
        Waits Reason::Waits { version: version() };
        Due Reason::Due { version: version() };
        Busy Reason::Busy { version: version(), code: 15 };
        Failed Reason::Failed { version: version(), code: 13, at: Some(text(12)) };
        Watched Reason::Watched { version: version(), until: text(12) };
        Reverted Reason::Reverted { version: version(), text: text(12) };
        NotReverted Reason::NotReverted { version: version(), code: 34 };)
}

/// What has no end in sight.
fn waiting() -> Vec<Sample> {
    let failed = Reason::Failed {
        version: text(11),
        code: 13,
        at: None,
    };
    vec![Sample::of("Reason::Failed", &failed)]
}
