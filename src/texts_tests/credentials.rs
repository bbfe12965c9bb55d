//! A sample of each variant of what is told of credentials.

use super::parts::*;
use super::{Sample, samples};
use crate::base::db::DbError;
use crate::base::fs::FsError;
use crate::config::CredentialType;
use crate::model::Secret;
use crate::vault::{Alias, KeyFault, KeyId, KeyPlace, KeyRing};

fn alias() -> Alias {
    Alias::new("a21").unwrap()
}

fn key() -> KeyId {
    let line = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    let ring = KeyRing::parse(&Secret::new(line), &KeyPlace::Given).unwrap();
    ring.first().0.clone()
}

pub(super) fn all() -> Vec<Sample> {
    let mut samples = samples!(crate::vault::VaultError as VaultError:
        Alias VaultError::Alias { given: text(11) };
        Secret VaultError::Secret { kind: CredentialType::HttpBasic, most: 12 };
        Unknown VaultError::Unknown { alias: alias() };
        NoVariable VaultError::NoVariable { variable: text(11) };
        KeyMissing VaultError::KeyMissing { alias: text(11), key: key() };
        Altered VaultError::Altered { alias: text(11) };
        OtherServer VaultError::OtherServer { alias: text(11), bound: text(12), wanted: text(13) };
        NotSent VaultError::NotSent { alias: text(11), kind: text(12) };
        Key VaultError::Key { place: KeyPlace::File(path(11)), line: 12, fault: KeyFault::Length(13) };
        NoKeys VaultError::NoKeys { place: KeyPlace::File(path(11)) };
        TooManyKeys VaultError::TooManyKeys { place: KeyPlace::File(path(11)), most: 12 };
        KeyFile VaultError::KeyFile(FsError::Link { path: path(11) });
        NotMade VaultError::NotMade { path: path(11), source: FsError::Link { path: path(12) } };
        NotAllOpen VaultError::NotAllOpen { missing: vec![(key(), 12)], altered: 13 };
        NoServer VaultError::NoServer { kind: CredentialType::HttpBearer };
        Random VaultError::Random(FsError::Link { path: path(11) });
        Busy VaultError::Busy { alias: alias() };
        NotSealed VaultError::NotSealed;
        Database VaultError::Database(DbError::Deadlock);
        Unreadable VaultError::Unreadable { column: "c11" };);
    samples.extend(samples!(KeyPlace as KeyPlace:
        File KeyPlace::File(path(11));
        Given KeyPlace::Given;));
    samples.extend(samples!(KeyFault as KeyFault:
        NotBase64 KeyFault::NotBase64;
        Length KeyFault::Length(11);
        NotDrawn KeyFault::NotDrawn;));
    samples.extend(samples!(crate::ops::TrustFolderRefusal as TrustFolderRefusal:
        Several TrustFolderRefusal::Several { domains: text(11) };
        Absent TrustFolderRefusal::Absent { path: path(11) };
        Unread TrustFolderRefusal::Unread { settings: "/s/autenticacoes/x/.env".into() };
        NoDomain TrustFolderRefusal::NoDomain { database: text(11) };));
    samples
}
