//! Samples of what is told of signed indices.

use super::parts::*;
use super::{Sample, samples};

/// Everything that is told of them.
pub(super) fn all() -> Vec<Sample> {
    let mut samples = of_repositories();
    samples.extend(of_indices());
    samples.extend(of_publishing());
    samples
}

fn of_indices() -> Vec<Sample> {
    use crate::base::net::NetError;
    use crate::base::tuf::TufError;
    let refused = || TufError::NoHash { file: text(31) };
    samples!(crate::index::IndexFault as IndexFault:
        Name IndexFault::Name { given: text(11) };
        NoTrust IndexFault::NoTrust;
        Unknown IndexFault::Unknown { name: text(11) };
        Exists IndexFault::Exists { name: text(11) };
        Folder IndexFault::Folder(crate::base::fs::FsError::Exists { path: path(11) });
        Settings IndexFault::Settings { path: path(11), source: json() };
        Root IndexFault::Root { path: path(11), fault: refused() };
        RootHash IndexFault::RootHash { path: path(11), expected: text(12), found: text(13) };
        Address IndexFault::Address(NetError::Insecure { url: text(11) });
        Refused IndexFault::Refused { index: text(11), fault: refused() };
        Unreachable IndexFault::Unreachable { index: text(11), source: NetError::Insecure { url: text(12) } };
        Silent IndexFault::Silent { index: text(11), reason: said(12) };
        Stale IndexFault::Stale { index: text(11), reason: said(12), days: 13 };
        Entry IndexFault::Entry { index: text(11), file: text(12), reason: said(13) };
        NoPlugin IndexFault::NoPlugin { slug: text(11), indices: said(12) };
        NoVersion IndexFault::NoVersion { index: text(11), slug: text(12), reason: said(13) };
        Busy IndexFault::Busy { index: text(11), seconds: 12 };
        Changing IndexFault::Changing { index: text(11), folder: path(12) };
        OtherVersion IndexFault::OtherVersion { index: text(11), slug: text(12), said: text(13), found: text(14) };
        OtherSigner IndexFault::OtherSigner { index: text(11), slug: text(12), version: text(13), wanted: said(14), found: said(15) };
        Database IndexFault::Database(crate::base::db::DbError::Deadlock);)
}

fn of_publishing() -> Vec<Sample> {
    samples!(crate::index::publish::PublishFault as PublishFault:
        Begun PublishFault::Begun { folder: path(11) };
        NotBegun PublishFault::NotBegun { folder: path(11) };
        Key PublishFault::Key { path: path(11), reason: said(12) };
        NotTheKey PublishFault::NotTheKey { role: "r11", path: path(12) };
        Keys PublishFault::Keys(crate::base::fs::FsError::Exists { path: path(11) });
        KeysShown PublishFault::KeysShown { keys: path(11), folder: path(12) };
        Threshold PublishFault::Threshold { role: "r11", needed: 12 };
        Delegates PublishFault::Delegates;
        Busy PublishFault::Busy { folder: path(11) };
        UnknownVersion PublishFault::UnknownVersion { slug: text(11), version: text(12) };
        OtherBytes PublishFault::OtherBytes { slug: text(11), version: text(12) };
        Entry PublishFault::Entry(crate::index::IndexFault::NoTrust);
        Revocations PublishFault::Revocations { path: path(11), reason: said(12) };
        Signed PublishFault::Signed(crate::base::tuf::TufError::NoHash { file: text(11) });
        Files PublishFault::Files(crate::base::fs::FsError::Exists { path: path(11) });)
}

fn of_repositories() -> Vec<Sample> {
    samples!(crate::base::tuf::TufError as TufError:
        Malformed TufError::Malformed { file: text(11), reason: said(12) };
        Threshold TufError::Threshold { file: text(11), needed: 12, found: 13 };
        Version TufError::Version { file: text(11), expected: 12, found: 13 };
        Rollback TufError::Rollback { file: text(11), known: 12, found: 13 };
        Withheld TufError::Withheld { file: text(11) };
        Expired TufError::Expired { file: text(11), since: text(12) };
        Length TufError::Length { file: text(11), expected: 12, found: 13 };
        TooLong TufError::TooLong { file: text(11), limit: 12 };
        Hash TufError::Hash { file: text(11), expected: text(12), found: text(13) };
        NoHash TufError::NoHash { file: text(11) };
        Missing TufError::Missing { file: text(11) };
        TooManyRoots TufError::TooManyRoots { limit: 11 };
        TooManyDelegations TufError::TooManyDelegations { limit: 11, path: text(12) };)
}
