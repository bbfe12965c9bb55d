//! A sample of each variant of what is told of signatures.

use super::parts::*;
use super::{Sample, samples};
use crate::base::db::DbError;
use crate::base::fs::FsError;
use crate::trust::{Reason, Verdict};

/// Of the audit log.
pub(super) fn audit() -> Vec<Sample> {
    use crate::observe::audit::{AuditError, Source};
    let mut samples = samples!(AuditError as AuditError:
        Files AuditError::Files(crate::base::fs::FsError::Exists { path: path(11) });
        Database AuditError::Database(crate::base::db::DbError::Deadlock);
        NoBeginning AuditError::NoBeginning { path: path(11), folder: path(12) };
        Differs AuditError::Differs(crate::observe::audit::Difference::Head);
        ServerId AuditError::ServerId { path: path(11) };);
    samples.extend(samples!(crate::observe::audit::Difference as Difference:
        Changed Difference::Changed { from: 11, to: 12, told_by: Source::Table };
        Missing Difference::Missing { from: 11, to: 12 };
        Line Difference::Line { segment: 11, line: 12, expected: 13, found: Some(14) };
        Line Difference::Line { segment: 11, line: 12, expected: 13, found: None };
        Segment Difference::Segment { first: 11, expected: 12 };
        Beginning Difference::Beginning { first: 11 };
        Nobodys Difference::Nobodys { server: "abc".to_owned() };
        Head Difference::Head;
        Point Difference::Point { line: 11 };
        Row Difference::Row { size: 11 };
        NoRow Difference::NoRow { size: 11 };
        Unforgotten Difference::Unforgotten { from: 1, to: 40, size: 11 };));
    samples
}

pub(super) fn all() -> Vec<Sample> {
    let mut samples = samples!(crate::base::dsse::EnvelopeFault as EnvelopeFault:
        Json EnvelopeFault::Json(crate::base::json::JsonFault::TooMany { at: at(), limit: 73 });
        Key EnvelopeFault::Key { key: text(11) };
        Value EnvelopeFault::Value { key: "k11" };);
    samples.extend(errors());
    samples.extend(reasons());
    samples
}

fn errors() -> Vec<Sample> {
    samples!(crate::trust::TrustError as TrustError:
        Folder TrustError::Folder(FsError::Exists { path: path(11) });
        Settings TrustError::Settings { path: path(11), fault: text(12) };
        Refused TrustError::Refused { verdict: Verdict::Differs, reason: Reason::Other { path: text(11) } };
        OtherSigner TrustError::OtherSigner { installed: text(11), before: text(12), found: Some(text(13)) };
        OtherBytes TrustError::OtherBytes { version: text(11), before: text(12) };
        Key TrustError::Key { path: path(11) };
        Certificates TrustError::Certificates { path: path(11), reason: said(12) };
        Attached TrustError::Attached { signature: path(11), prepared: path(12) };
        NoRandom TrustError::NoRandom;
        Database TrustError::Database(DbError::Deadlock);)
}

fn reasons() -> Vec<Sample> {
    samples!(crate::trust::Reason as Reason:
        None Reason::None;
        Envelope Reason::Envelope { fault: said(11) };
        TooLarge Reason::TooLarge { limit: 71 };
        PayloadType Reason::PayloadType { found: text(11) };
        Statement Reason::Statement { fault: text(11) };
        Certificate Reason::Certificate;
        Key Reason::Key;
        Signature Reason::Signature;
        Purpose Reason::Purpose;
        NoRoots Reason::NoRoots;
        NoChain Reason::NoChain { fault: said(11) };
        Ended Reason::Ended { until: text(11) };
        NotYet Reason::NotYet { from: text(11) };
        Missing Reason::Missing { path: text(11) };
        Extra Reason::Extra { path: text(11) };
        Other Reason::Other { path: text(11) };
        OtherPlugin Reason::OtherPlugin { signed: text(11) };
        OtherVersion Reason::OtherVersion { signed: text(11), found: text(12) };
        NoName Reason::NoName;
        OtherDeveloper Reason::OtherDeveloper { said: text(11), certified: text(12) };
        NotCovered Reason::NotCovered { developer: text(11) };
        NotNamed Reason::NotNamed { developer: text(11) };
        Revoked Reason::Revoked { by: Some(text(13)), id: text(11), text: said(12) };
        NotChecked Reason::NotChecked;)
}
