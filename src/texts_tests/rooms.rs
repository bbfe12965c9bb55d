//! A sample of each variant of each type that is told, room by room; those of rows and operations are in `operations`.

use std::io;

use super::parts::*;
use super::{Sample, samples};
use super::{author, indices, operations, packages, program, settings, trust, updates};
use crate::base::db::DbError;
use crate::base::fs::FsError;

/// Everything that is told.
pub(super) fn all() -> Vec<Sample> {
    let rooms = [
        words(),
        files(),
        network(),
        database(),
        calls(),
        packages::archives(),
        packages::sources(),
        manifests(),
        resources(),
    ];
    rooms
        .into_iter()
        .flatten()
        .chain(author::all())
        .chain(operations::all())
        .chain(indices::all())
        .chain(trust::all())
        .chain(program::all())
        .chain(updates::all())
        .chain(settings::all())
        .chain(trust::audit())
        .collect()
}

fn words() -> Vec<Sample> {
    let mut samples = samples!(crate::model::SlugError as SlugError:
        Missing SlugError::Missing;
        Reserved SlugError::Reserved { given: text(11) };
        Invalid SlugError::Invalid { given: text(11) };);
    samples.push(Sample::of(
        "DigestError",
        &crate::model::DigestError { found: text(11) },
    ));
    samples.push(Sample::of(
        "VersionError",
        &crate::model::VersionError { given: text(11) },
    ));
    samples.push(Sample::of("RangeError", &crate::model::RangeError { given: text(11) }));
    for kind in ["table", "column"] {
        samples.push(Sample::of(
            "NameError",
            &crate::model::NameError { kind, given: text(11) },
        ));
    }
    samples.push(Sample::of("Cancelled", &crate::log::Cancelled));
    samples.push(Sample::of("Position", &at()));
    samples.extend(samples!(crate::base::json::JsonFault as JsonFault:
        NotUtf8 JsonFault::NotUtf8 { at: at(), source: String::from_utf8(vec![0xff]).unwrap_err().utf8_error() };
        TooMany JsonFault::TooMany { at: at(), limit: 73 };
        Syntax JsonFault::Syntax { at: at(), source: json() };));
    let kinds = samples!(crate::base::json::JsonType as JsonType:
        Null JsonType::Null; Bool JsonType::Bool; Number JsonType::Number; Text JsonType::Text; List JsonType::List; Object JsonType::Object;);
    // JSON's own word is the same in every language.
    samples.extend(kinds.into_iter().filter(|sample| sample.name != "JsonType::Null"));
    samples
}

fn files() -> Vec<Sample> {
    use crate::base::fs::{Advice, Attempt, Holder};
    let mut samples = samples!(FsError as FsError:
        Io FsError::new(Attempt::Write, path(11), system(12));
        Unsupported FsError::Unsupported { path: path(11) };
        Mounted FsError::Mounted { path: path(11) };
        Socket FsError::Socket { path: path(11) };
        Exists FsError::Exists { path: path(11) };
        Link FsError::Link { path: path(11) };
        Untrusted FsError::Untrusted { path: path(11), why: said(12), advice: Advice::Claim(vec![text(13), text(14)]) };
        Immutable FsError::Immutable { path: path(11), advice: Advice::AsRoot(vec![text(14)]) };
        NotOurs FsError::NotOurs { path: path(11), found: text(12), process: text(13), advice: Advice::AsRoot(vec![text(14)]) };
        NotAFile FsError::NotAFile { path: path(11) };
        TooLarge FsError::TooLarge { path: path(11), limit: 12 };
        HardLinked FsError::HardLinked { path: path(11), links: 12 };
        Swapped FsError::Swapped { path: path(11) };);
    samples.extend(samples!(Advice as Advice:
        Remove Advice::Remove;
        Claim Advice::Claim(vec![text(11), text(12)]);
        AsRoot Advice::AsRoot(vec![text(11), text(12)]);
        Another Advice::Another { user: text(11), commands: vec![text(12), text(13)] };));
    let attempts = [
        Attempt::Create,
        Attempt::Read,
        Attempt::Write,
        Attempt::Sync,
        Attempt::Rename,
        Attempt::Exchange,
        Attempt::Remove,
        Attempt::ChangeOwner,
        Attempt::ChangeMode,
        Attempt::Lock,
    ];
    for attempt in attempts {
        samples.push(Sample::of("FsError::Io", &FsError::new(attempt, path(11), system(12))));
    }
    for code in [28, 122, 30, 13, 1, 18, 24] {
        let fault = FsError::new(Attempt::Write, path(11), io::Error::from_raw_os_error(code));
        let sample = Sample::of("FsError::Io", &fault);
        assert!(
            sample.pt.contains("; ") && sample.en.contains("; "),
            "a hint for {code}: {}",
            sample.pt
        );
        samples.push(Sample {
            debug: String::new(),
            ..sample
        });
    }
    let holder = Holder {
        pid: 4711,
        host: text(12),
        since: text(13),
    };
    samples.push(Sample::of("Holder", &holder));
    samples.extend(samples!(crate::base::fs::LockError as LockError:
        Held LockError::Held { path: path(11), holder: Some(holder.clone()) };
        Held LockError::Held { path: path(11), holder: None };
        Stopped LockError::Stopped { path: path(11) };
        Fs LockError::Fs(FsError::Exists { path: path(11) });));
    samples
}

fn network() -> Vec<Sample> {
    let mut samples = samples!(crate::base::net::NetError as N:
        Address N::Address { text: text(11), reason: text(12) };
        Insecure N::Insecure { url: text(11) };
        InsecureRedirect N::InsecureRedirect { from: text(11), to: text(12) };
        RedirectTarget N::RedirectTarget { url: text(11) };
        TooManyRedirects N::TooManyRedirects { url: text(11), limit: 12 };
        AuthorityFile N::AuthorityFile { path: path(11), reason: said(12) };
        NoAuthorities N::NoAuthorities;
        Proxy N::Proxy { variable: text(11) };
        Token N::Token;
        Setup N::Setup { source: http() };
        Runtime N::Runtime { source: system(11) };
        Dns N::Dns { host: said(11), source: http() };
        ConnectionRefused N::ConnectionRefused { host: said(11) };
        Tls N::Tls { host: said(11), reason: text(12) };
        ConnectTimeout N::ConnectTimeout { host: said(11), seconds: 12 };
        Connect N::Connect { host: said(11), reason: text(12), source: http() };
        Truncated N::Truncated { url: text(11), received: 12, expected: Some(13) };
        Protocol N::Protocol { url: text(11), reason: text(12), source: http() };
        TooLarge N::TooLarge { url: text(11), limit: 12 };
        WrongType N::WrongType { url: text(11), found: said(12) };
        Encoded N::Encoded { url: text(11), encoding: text(12) };
        Idle N::Idle { url: text(11), seconds: 12, received: 13 };
        Total N::Total { url: text(11), seconds: 12, received: 13 };
        File N::File { path: path(11), source: system(12) };
        Cancelled N::Cancelled(crate::log::Cancelled);
        Unauthorized N::Unauthorized { url: text(11), with_token: true };
        Forbidden N::Forbidden { url: text(11), with_token: true };
        NotFound N::NotFound { url: text(11), with_token: true };
        RateLimited N::RateLimited { url: text(11), until: None, with_token: true };
        Status N::Status { url: text(11), status: 503 };
        Unauthorized N::Unauthorized { url: text(11), with_token: false };
        Forbidden N::Forbidden { url: text(11), with_token: false };
        NotFound N::NotFound { url: text(11), with_token: false };
        RateLimited N::RateLimited { url: text(11), until: None, with_token: false };
        Status N::Status { url: text(11), status: 418 };);
    samples.extend(samples!(crate::source::ChecksumFileError as ChecksumFileError:
        Empty ChecksumFileError::Empty;
        NotUnderstood ChecksumFileError::NotUnderstood { line: text(11) };
        OtherName ChecksumFileError::OtherName { found: text(11), expected: text(12) };
        Contradiction ChecksumFileError::Contradiction;));
    for sample in &mut samples {
        sample.name = sample
            .name
            .replacen("N::", "NetError::", usize::from(sample.name.starts_with("N::")));
    }
    samples
}

fn database() -> Vec<Sample> {
    samples!(DbError as DbError:
        Unreachable DbError::Unreachable { place: text(11), reason: said(12) };
        AccessDenied DbError::AccessDenied { place: text(11), code: 1045, message: text(13), is_open: true };
        UnknownLogin DbError::UnknownLogin { place: text(11), plugin: text(12) };
        EncryptionWanted DbError::EncryptionWanted { place: text(11), code: 3159, message: text(12) };
        NoEncryption DbError::NoEncryption { place: text(11) };
        Encryption DbError::Encryption { place: text(11), reason: said(12) };
        Authorities DbError::Authorities { path: path(11), reason: said(12) };
        NoAuthorities DbError::NoAuthorities;
        Lost DbError::Lost { reason: said(11) };
        Deadlock DbError::Deadlock;
        RecordChanged DbError::RecordChanged;
        TransactionEnded DbError::TransactionEnded;
        LockWait DbError::LockWait { table: said(11) };
        Interrupted DbError::Interrupted { code: 1317, message: text(12) };
        PacketTooLarge DbError::PacketTooLarge { limit: 11 };
        Refused DbError::Refused { code: 1062, state: text(12), message: text(13) };
        Protocol DbError::Protocol { reason: said(11) };
        Runtime DbError::Runtime(system(11));)
}

fn calls() -> Vec<Sample> {
    use crate::config::SettingFault;
    let mut samples = samples!(crate::config::CallError as CallError:
        UnknownKey CallError::UnknownKey { key: text(11), known: text(12) };
        WrongType CallError::WrongType { key: text(11), expected: "e12", found: "f13" };
        WrongValue CallError::WrongValue { key: text(11), found: text(12), allowed: said(13) };
        Outside CallError::Outside { key: "k11", path: path(12), allowed: text(13) };
        Missing CallError::Missing { key: "k11", hint: said(12) };);
    let fault = SettingFault {
        name: text(11),
        found: text(12),
        allowed: said(13),
        default: text(14),
    };
    samples.push(Sample::of("SettingFault", &fault));
    samples
}

fn manifests() -> Vec<Sample> {
    use crate::base::json::JsonType;
    use crate::model::VersionError;
    let mut samples = samples!(crate::manifest::ManifestError as ManifestError:
        Missing ManifestError::Missing;
        Ambiguous ManifestError::Ambiguous { slug: text(11), candidates: vec![(text(12), Some(text(13))), (text(14), None)] };
        Unnamed ManifestError::Unnamed { path: text(11) };
        TooLarge ManifestError::TooLarge { path: text(11), limit: 12 };
        Unreadable ManifestError::Unreadable { path: text(11), source: system(12) };
        Faults ManifestError::Faults { path: text(11), faults: vec![crate::manifest::ManifestFault::Missing { key: "k12", example: text(13) }] };);
    samples.extend(samples!(crate::manifest::ManifestFault as ManifestFault:
        Json ManifestFault::Json(crate::base::json::JsonFault::TooMany { at: at(), limit: 11 });
        NotAnObject ManifestFault::NotAnObject { at: at(), found: JsonType::List };
        Missing ManifestFault::Missing { key: "k11", example: text(12) };
        Epoch ManifestFault::Epoch { at: at(), key: text(11), found: JsonType::List };
        WrongType ManifestFault::WrongType { at: at(), key: text(11), found: JsonType::List };
        TooLong ManifestFault::TooLong { at: at(), key: text(11), length: 12, limit: 13 };
        ControlCharacter ManifestFault::ControlCharacter { at: at(), key: text(11) };
        Version ManifestFault::Version { at: at(), key: text(11), source: VersionError { given: text(12) } };
        Dependency ManifestFault::Dependency { at: at(), fault: crate::manifest::DependencyFault::Itself { id: text(11) } };
        Writable ManifestFault::Writable { at: at() };
        Script ManifestFault::Script { at: at(), key: text(11), fault: crate::manifest::ScriptFault::WithoutScript };
        ReservedId ManifestFault::ReservedId { at: at(), id: text(11) };
        OtherPlugin ManifestFault::OtherPlugin { at: at(), id: text(11), slug: text(12) };));
    samples.extend(samples!(crate::manifest::DependencyFault as DependencyFault:
        Form DependencyFault::Form { found: JsonType::Text };
        WithoutId DependencyFault::WithoutId;
        Id DependencyFault::Id { source: crate::model::SlugError::Reserved { given: text(11) } };
        RangeType DependencyFault::RangeType { id: text(11), found: JsonType::List };
        Range DependencyFault::Range { id: text(11), source: crate::model::RangeError { given: text(12) } };
        Itself DependencyFault::Itself { id: text(11) };
        Disjoint DependencyFault::Disjoint { id: text(11), first: text(12), second: text(13) };));
    samples.extend(samples!(crate::manifest::ScriptFault as ScriptFault:
        NoList ScriptFault::NoList { found: JsonType::Text };
        TooMany ScriptFault::TooMany { limit: 12 };
        Form ScriptFault::Form { found: JsonType::List };
        WithoutScript ScriptFault::WithoutScript;
        Outside ScriptFault::Outside { path: text(11) };
        NoPhp ScriptFault::NoPhp { path: text(11) };
        NotInstalled ScriptFault::NotInstalled { path: text(11) };
        Absent ScriptFault::Absent { path: text(11) };
        Timeout ScriptFault::Timeout { found: text(11) };
        OnError ScriptFault::OnError { found: text(11) };));
    samples.extend(samples!(crate::manifest::ManifestWarning as ManifestWarning:
        KnownOtherId ManifestWarning::KnownOtherId { path: text(11), id: text(12), slug: text(13) };
        NormalizedId ManifestWarning::NormalizedId { path: text(11), id: text(12), slug: text(13) };
        Compatibility ManifestWarning::Compatibility { path: text(11), at: at(), key: text(12), found: text(13) };));
    samples
}

fn resources() -> Vec<Sample> {
    use crate::base::json::{JsonFault, JsonType};
    let mut samples = samples!(crate::resources::ResourceError as ResourceError:
        Unreadable ResourceError::Unreadable { path: text(11), source: system(12) };
        Stopped ResourceError::Stopped;
        Faults ResourceError::Faults { faults: vec![crate::resources::ResourceFault::TooLarge { path: text(11), bytes: 12, limit: 13 }], more: 14 };);
    samples.extend(samples!(crate::resources::ResourceFault as ResourceFault:
        Json ResourceFault::Json { path: text(11), source: JsonFault::TooMany { at: at(), limit: 12 } };
        WrongShape ResourceFault::WrongShape { path: text(11), at: at(), place: said(12), expected: said(13), found: JsonType::List };
        MissingId ResourceFault::MissingId { path: text(11), at: at(), place: text(12), number: 13 };
        NameTooLong ResourceFault::NameTooLong { path: text(11), at: at(), what: said(12), name: text(13) };
        TooMany ResourceFault::TooMany { path: text(11), what: said(12), limit: 13, key: "k14" };
        TooLarge ResourceFault::TooLarge { path: text(11), bytes: 12, limit: 13 };
        AssetName ResourceFault::AssetName { path: text(11) };
        NotUtf8 ResourceFault::NotUtf8 { path: text(11), at: at() };));
    samples.extend(samples!(crate::resources::ResourceWarning as ResourceWarning:
        UnknownSection ResourceWarning::UnknownSection { path: text(11), place: text(12) };
        ServerScript ResourceWarning::ServerScript { path: text(11) };
        ModuleScript ResourceWarning::ModuleScript { path: text(11) };));
    samples.extend(samples!(crate::stage::assets::AssetWarning as AssetWarning:
        Taken AssetWarning::Taken { target: text(11), path: path(12) };
        Alike AssetWarning::Alike { target: text(11), path: path(12) };
        OfPlugin AssetWarning::OfPlugin { target: text(11), plugin: text(12) };
        NoWay AssetWarning::NoWay { target: text(11), reason: said(12) };
        SameVersion AssetWarning::SameVersion { target: text(11), version: text(12) };));
    samples
}
