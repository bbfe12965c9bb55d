//! A sample of each variant of each type that is told, room by room.

use std::io;
use std::path::PathBuf;

use super::{Sample, samples};
use crate::base::db::DbError;
use crate::base::fs::FsError;
use crate::base::json::Position;
use crate::base::listed::Listed;
use crate::data::{Conflict, ConflictReason, Fault, FaultKind, RowPlace};
use crate::model::{Phrase, TableName};

fn text(number: u32) -> String {
    format!("v{number}")
}

fn path(number: u32) -> PathBuf {
    PathBuf::from(format!("/p{number}"))
}

fn said(number: u32) -> Phrase {
    Phrase::of_others(format!("w{number}"))
}

fn system(number: u32) -> io::Error {
    io::Error::other(format!("io{number}"))
}

fn at() -> Position {
    Position { line: 71, column: 72 }
}

fn json() -> serde_json::Error {
    serde_json::from_str::<bool>("{").unwrap_err()
}

fn http() -> reqwest::Error {
    reqwest::Proxy::all("http://[no host").unwrap_err()
}

fn table() -> TableName {
    TableName::new("tabela81").unwrap()
}

fn place() -> RowPlace {
    RowPlace {
        number: 82,
        key: "id=k83".to_owned(),
    }
}

fn fault() -> Fault {
    Fault::of_file(&"f84".into(), FaultKind::TooManyRows { limit: 85 })
}

fn conflict() -> Conflict {
    Conflict {
        source: "f86".into(),
        place: place(),
        table: table(),
        reason: ConflictReason::Shared,
    }
}

/// Everything that is told.
pub(super) fn all() -> Vec<Sample> {
    let rooms = [
        words(),
        files(),
        network(),
        database(),
        calls(),
        archives(),
        sources(),
        manifests(),
        resources(),
        data(),
        data_faults(),
        stages(),
        tables(),
        operations(),
        boundaries(),
    ];
    rooms.into_iter().flatten().collect()
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
    let kinds = samples!(crate::base::json::Kind as Kind:
        Null Kind::Null; Bool Kind::Bool; Number Kind::Number; Text Kind::Text; List Kind::List; Object Kind::Object;);
    // JSON's own word is the same in every language.
    samples.extend(kinds.into_iter().filter(|sample| sample.name != "Kind::Null"));
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
    let codes = [28, 122, 30, 13, 18, 24];
    for attempt in attempts {
        samples.push(Sample::of("FsError::Io", &FsError::new(attempt, path(11), system(12))));
    }
    for code in codes {
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
        AccessDenied DbError::AccessDenied { place: text(11), code: 1045, message: text(13) };
        UnknownLogin DbError::UnknownLogin { place: text(11), plugin: text(12) };
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

#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn archives() -> Vec<Sample> {
    let m = || text(11);
    let mut samples = samples!(crate::archive::ArchiveError as ArchiveError:
        PackageTooLarge ArchiveError::PackageTooLarge { bytes: 11, limit: 12 };
        NotZip ArchiveError::NotZip { found: said(11) };
        NoEndRecord ArchiveError::NoEndRecord;
        TrailingBytes ArchiveError::TrailingBytes { expected: 11, found: 12 };
        TwoEndRecords ArchiveError::TwoEndRecords { first: 11, second: 12 };
        LeadingBytes ArchiveError::LeadingBytes { bytes: 11 };
        MultiDisk ArchiveError::MultiDisk;
        Zip64Mismatch ArchiveError::Zip64Mismatch { place: said(11), what: said(12) };
        DirectoryBounds ArchiveError::DirectoryBounds { expected: 11, found: 12 };
        DirectoryCorrupt ArchiveError::DirectoryCorrupt { at: 11, what: said(12) };
        EntryCount ArchiveError::EntryCount { expected: 11, found: 12 };
        TooManyEntries ArchiveError::TooManyEntries { found: 11, limit: 12 };
        NamesTooLong ArchiveError::NamesTooLong { limit: 11 };
        ExtraField ArchiveError::ExtraField { member: m(), what: said(12) };
        NameEncoding ArchiveError::NameEncoding { member: m(), what: said(12) };
        EmptyName ArchiveError::EmptyName;
        AbsolutePath ArchiveError::AbsolutePath { member: m() };
        DrivePath ArchiveError::DrivePath { member: m() };
        ParentPath ArchiveError::ParentPath { member: m() };
        DotsOnly ArchiveError::DotsOnly { member: m() };
        UnicodeName ArchiveError::UnicodeName { member: m(), unicode: text(12) };
        Backslash ArchiveError::Backslash { member: m() };
        ControlCharacter ArchiveError::ControlCharacter { member: m() };
        NameTooLong ArchiveError::NameTooLong { member: m(), bytes: 12, limit: 13 };
        TooDeep ArchiveError::TooDeep { member: m(), depth: 12, limit: 13 };
        DuplicateName ArchiveError::DuplicateName { member: m() };
        NameCollision ArchiveError::NameCollision { member: m(), other: text(12) };
        FileAndFolder ArchiveError::FileAndFolder { member: m() };
        Symlink ArchiveError::Symlink { member: m() };
        HardLink ArchiveError::HardLink { member: m() };
        SpecialFile ArchiveError::SpecialFile { member: m() };
        KindMismatch ArchiveError::KindMismatch { member: m() };
        FolderData ArchiveError::FolderData { member: m() };
        Encrypted ArchiveError::Encrypted { member: m() };
        Method ArchiveError::Method { member: m(), method: 12 };
        LocalHeader ArchiveError::LocalHeader { member: m(), at: 12 };
        LocalMismatch ArchiveError::LocalMismatch { member: m(), field: said(12), central: text(13), local: text(14) };
        DataDescriptor ArchiveError::DataDescriptor { member: m() };
        Overlap ArchiveError::Overlap { member: m() };
        Gap ArchiveError::Gap { member: m(), bytes: 12 };
        EntryTooLarge ArchiveError::EntryTooLarge { member: m(), bytes: 12, limit: 13 };
        TotalTooLarge ArchiveError::TotalTooLarge { bytes: 11, limit: 12 };
        Ratio ArchiveError::Ratio { member: said(11), limit: 12 };
        SizeMismatch ArchiveError::SizeMismatch { member: m(), expected: 12 };
        CrcMismatch ArchiveError::CrcMismatch { member: m(), expected: 0x1234_5678, found: 0x2345_6789 };
        CorruptData ArchiveError::CorruptData { member: m(), what: said(12) };
        Blacklisted ArchiveError::Blacklisted { member: m(), pattern: text(12) };
        Truncated ArchiveError::Truncated { at: 11 };
        ReadFailed ArchiveError::ReadFailed { at: 11, source: system(12) };
        WriteFailed ArchiveError::WriteFailed { path: text(11), source: system(12) };
        NoThread ArchiveError::NoThread { source: system(11) };
        Cancelled ArchiveError::Cancelled;
        PackRead ArchiveError::PackRead { path: path(11), source: system(12) };
        PackWrite ArchiveError::PackWrite { at: 11, source: system(12) };);
    for sample in &mut samples {
        // Decimal in `Debug`, hexadecimal in texts.
        if sample.name == "ArchiveError::CrcMismatch" {
            sample.debug.clear();
        }
    }
    samples.extend(samples!(crate::archive::ArchiveWarning as ArchiveWarning:
        RootComposer ArchiveWarning::RootComposer { member: m() };
        Outside ArchiveWarning::Outside { prefix: text(11), members: vec![text(12)], count: 13 };
        Litter ArchiveWarning::Litter { members: vec![text(11)], count: 12 };
        GuessedNames ArchiveWarning::GuessedNames { members: vec![text(11)], count: 12 };));
    samples
}

fn sources() -> Vec<Sample> {
    use crate::base::hash::sha256;
    use crate::source::{ChecksumFileError, OfferedBy};
    let mut samples = samples!(crate::source::SourceError as SourceError:
        Missing SourceError::Missing { origin: "o11", key: "k12", hint: said(13) };
        Outside SourceError::Outside(crate::config::CallError::Missing { key: "k11", hint: said(12) });
        NotFound SourceError::NotFound { key: "k11", path: path(12) };
        InStaging SourceError::InStaging { key: "k11", path: path(12) };
        NotAFile SourceError::NotAFile { key: "k11", path: path(12) };
        Unreadable SourceError::Unreadable { key: "k11", path: path(12), source: system(13) };
        FolderChecksum SourceError::FolderChecksum { path: path(11) };
        TooLarge SourceError::TooLarge { path: path(11), limit: 12 };
        Staging SourceError::Staging { path: path(11), source: system(12) };
        Repository SourceError::Repository { given: text(11) };
        Reference SourceError::Reference { given: text(11) };
        CredentialMissing SourceError::CredentialMissing;
        CredentialUnknown SourceError::CredentialUnknown { variable: text(11) };
        Net SourceError::Net(crate::base::net::NetError::Token);
        Answer SourceError::Answer { url: text(11), line: 12, column: 13 };
        NoRelease SourceError::NoRelease { repository: text(11), wanted: said(12) };
        NoAsset SourceError::NoAsset { repository: text(11), tag: text(12), asset: "a13" };
        ChecksumParameter SourceError::ChecksumParameter { source: ChecksumFileError::Empty };
        ChecksumFile SourceError::ChecksumFile { origin: text(11), source: ChecksumFileError::Empty };
        ChecksumAbsent SourceError::ChecksumAbsent { origin: text(11) };
        ChecksumRequired SourceError::ChecksumRequired { repository: text(11), tag: text(12), asset: "a13" };
        ChecksumUnoffered SourceError::ChecksumUnoffered { path: path(11) };
        ChecksumDiffers SourceError::ChecksumDiffers { offered_by: OfferedBy::Parameter, expected: sha256(b"a"), found: sha256(b"b") };
        Cancelled SourceError::Cancelled(crate::log::Cancelled););
    samples.push(Sample::of("OfferedBy::Parameter", &OfferedBy::Parameter));
    samples.push(Sample::of("OfferedBy::Api", &OfferedBy::Api));
    for sample in &mut samples {
        // Bytes in `Debug`, hexadecimal in texts.
        if sample.name == "SourceError::ChecksumDiffers" {
            sample.debug.clear();
        }
    }
    samples
}

fn manifests() -> Vec<Sample> {
    use crate::base::json::Kind;
    use crate::model::VersionError;
    let mut samples = samples!(crate::manifest::ManifestError as ManifestError:
        Missing ManifestError::Missing;
        Ambiguous ManifestError::Ambiguous { slug: text(11), candidates: vec![(text(12), Some(text(13))), (text(14), None)] };
        TooLarge ManifestError::TooLarge { path: text(11), limit: 12 };
        Unreadable ManifestError::Unreadable { path: text(11), source: system(12) };
        Faults ManifestError::Faults { path: text(11), faults: vec![crate::manifest::ManifestFault::Missing { key: "k12", example: text(13) }] };);
    samples.extend(samples!(crate::manifest::ManifestFault as ManifestFault:
        Json ManifestFault::Json(crate::base::json::JsonFault::TooMany { at: at(), limit: 11 });
        NotAnObject ManifestFault::NotAnObject { at: at(), found: Kind::List };
        Missing ManifestFault::Missing { key: "k11", example: text(12) };
        WrongType ManifestFault::WrongType { at: at(), key: text(11), found: Kind::List };
        TooLong ManifestFault::TooLong { at: at(), key: text(11), length: 12, limit: 13 };
        ControlCharacter ManifestFault::ControlCharacter { at: at(), key: text(11) };
        Version ManifestFault::Version { at: at(), key: text(11), source: VersionError { given: text(12) } };
        OtherPlugin ManifestFault::OtherPlugin { at: at(), id: text(11), slug: text(12) };));
    samples.extend(samples!(crate::manifest::ManifestWarning as ManifestWarning:
        KnownOtherId ManifestWarning::KnownOtherId { path: text(11), id: text(12), slug: text(13) };
        NormalizedId ManifestWarning::NormalizedId { path: text(11), id: text(12), slug: text(13) };
        Compatibility ManifestWarning::Compatibility { path: text(11), at: at(), key: text(12), found: text(13) };));
    samples
}

fn resources() -> Vec<Sample> {
    use crate::base::json::{JsonFault, Kind};
    let mut samples = samples!(crate::resources::ResourceError as ResourceError:
        Unreadable ResourceError::Unreadable { path: text(11), source: system(12) };
        Stopped ResourceError::Stopped;
        Faults ResourceError::Faults { faults: vec![crate::resources::ResourceFault::TooLarge { path: text(11), bytes: 12, limit: 13 }], more: 14 };);
    samples.extend(samples!(crate::resources::ResourceFault as ResourceFault:
        Json ResourceFault::Json { path: text(11), source: JsonFault::TooMany { at: at(), limit: 12 } };
        WrongShape ResourceFault::WrongShape { path: text(11), at: at(), place: said(12), expected: said(13), found: Kind::List };
        MissingId ResourceFault::MissingId { path: text(11), at: at(), place: text(12), number: 13 };
        NameTooLong ResourceFault::NameTooLong { path: text(11), at: at(), what: said(12), name: text(13) };
        TooMany ResourceFault::TooMany { path: text(11), what: said(12), limit: 13, key: "k14" };
        TooLarge ResourceFault::TooLarge { path: text(11), bytes: 12, limit: 13 };
        NotUtf8 ResourceFault::NotUtf8 { path: text(11), at: at() };));
    samples.extend(samples!(crate::resources::ResourceWarning as ResourceWarning:
        UnknownSection ResourceWarning::UnknownSection { path: text(11), place: text(12) };));
    samples
}

fn data() -> Vec<Sample> {
    use crate::data::RefusedRow;
    let refused = || RefusedRow {
        source_file: text(11),
        place: place(),
        table: table(),
        column: Some((text(12), text(13))),
        circle: vec![table()],
        fault: DbError::Deadlock,
    };
    let mut samples = samples!(crate::data::DataError as DataError:
        Faults DataError::Faults(Listed::from(vec![fault()]));
        Conflicts DataError::Conflicts(Listed::from(vec![conflict()]));
        RowRefused DataError::RowRefused(Box::new(refused()));
        TableRefused DataError::TableRefused { table: table(), why: said(11), fault: DbError::Deadlock };
        NoPrimaryKey DataError::NoPrimaryKey { table: table() };
        ChangedMeanwhile DataError::ChangedMeanwhile { table: table() };
        ProfileInUse DataError::ProfileInUse { profiles: vec![text(11)] };
        GestorFile DataError::GestorFile { path: path(11), source: system(12) };
        Rows DataError::Rows(system(11));
        Export DataError::Export(system(11));
        Database DataError::Database(DbError::Deadlock);
        Cancelled DataError::Cancelled(crate::log::Cancelled););
    samples.push(Sample::of("RefusedRow", &refused()));
    samples.push(Sample::of("RowPlace", &place()));
    samples.push(Sample::of("Fault", &fault()));
    samples.push(Sample::of("Conflict", &conflict()));
    samples.extend(samples!(crate::data::DataFileError as DataFileError:
        Fault DataFileError::Fault(fault());
        Unreadable DataFileError::Unreadable(system(11));
        Stopped DataFileError::Stopped;));
    samples
}

fn data_faults() -> Vec<Sample> {
    let mut samples = samples!(FaultKind as FaultKind:
        InvalidTable FaultKind::InvalidTable { name: text(11) };
        ForbiddenTable FaultKind::ForbiddenTable { table: table() };
        NotJson FaultKind::NotJson { line: 11, column: 12, reason: said(13) };
        WrongShape FaultKind::WrongShape { line: 11, column: 12, expected: said(13) };
        TooManyRows FaultKind::TooManyRows { limit: 11 };
        TooManyColumns FaultKind::TooManyColumns { line: 11, limit: 12 };
        NameTooLong FaultKind::NameTooLong { line: 11, name: text(12) };
        RowTooLong FaultKind::RowTooLong { line: 11, limit: 12 };
        TooManyFiles FaultKind::TooManyFiles { found: 11, limit: 12 };
        MissingKey FaultKind::MissingKey { table: table(), column: text(11) };
        MissingColumn FaultKind::MissingColumn { table: table(), column: text(11) };
        Misfit FaultKind::Misfit { table: table(), column: text(11), value: text(12), expected: said(13) };
        TooLong FaultKind::TooLong { table: table(), bytes: 11, limit: 12 };);
    samples.extend(samples!(ConflictReason as ConflictReason:
        Core ConflictReason::Core;
        Unowned ConflictReason::Unowned;
        Project ConflictReason::Project;
        Ambiguous ConflictReason::Ambiguous { candidates: vec![said(11), said(12)] };
        Unique ConflictReason::Unique { index: text(11), owner: said(12), identity: text(13) };
        Followed ConflictReason::Followed { index: text(11), identity: text(12), foreign_key: text(13) };
        Shared ConflictReason::Shared;
        BothChanged ConflictReason::BothChanged { columns: vec![text(11)] };
        Duplicate ConflictReason::Duplicate { first: said(11) };));
    samples.extend(samples!(crate::data::Notice as Notice:
        UnknownTable Notice::UnknownTable { table: table(), rows: 11 };
        View Notice::View { table: table(), rows: 11 };
        UnknownColumn Notice::UnknownColumn { table: table(), column: text(11), rows: 12 };
        SeveralOwnRows Notice::SeveralOwnRows { table: table(), place: place(), candidates: vec![said(11)] };
        Blank Notice::Blank { table: table(), source: "s11".into(), place: place() };
        ManagerUser Notice::ManagerUser { place: place() };
        PathTaken Notice::PathTaken { path: text(11), place: place(), other: text(12) };
        ProjectRow Notice::ProjectRow { table: table(), place: place() };
        Damage Notice::Damage { table: table(), gone: 11, of: 12 };
        NotTransactional Notice::NotTransactional { table: table() };
        Skipped Notice::Skipped(conflict());
        Contracts Notice::Contracts { reason: said(11) };
        PathsNotChecked Notice::PathsNotChecked;));
    samples
}

fn stages() -> Vec<Sample> {
    samples!(crate::stage::StageError as StageError:
        Fs StageError::Fs(FsError::Exists { path: path(11) });
        NotAFolder StageError::NotAFolder { path: path(11), what: said(12) };
        JournalUnreadable StageError::JournalUnreadable { path: path(11), source: json() };
        JournalNewer StageError::JournalNewer { path: path(11), found: 12, known: 13 };
        JournalForeign StageError::JournalForeign { path: path(11), what: said(12) };
        JournalStands StageError::JournalStands { path: path(11) };
        TreeMissing StageError::TreeMissing { path: path(11) };
        TreeReplaced StageError::TreeReplaced { path: path(11) };
        Unrecognized StageError::Unrecognized { installed: path(11), staging: path(12) };
        TreeLost StageError::TreeLost { installed: path(11), backup: path(12), staging: path(13) };)
}

fn tables() -> Vec<Sample> {
    use crate::migrate::Migration;
    let mut samples = samples!(crate::registry::RegistryError as RegistryError:
        NoTable RegistryError::NoTable { database: text(11) };
        Database RegistryError::Database(DbError::Deadlock);
        Unreadable RegistryError::Unreadable { table: "t11", column: "c12", reason: said(13) };
        NewerSchema RegistryError::NewerSchema { database: text(11), wanted: 12, known: 13 };
        NoRight RegistryError::NoRight { database: text(11), sql: text(12), source: DbError::Deadlock };
        SchemaBusy RegistryError::SchemaBusy { seconds: 11 };
        Stopped RegistryError::Stopped;
        Random RegistryError::Random(FsError::Exists { path: path(11) }););
    let applied: Vec<Migration> = Vec::new();
    samples.extend(samples!(crate::migrate::MigrateError as MigrateError:
        NoRunner MigrateError::NoRunner { folder: path(11) };
        Failed MigrateError::Failed { reason: said(11), applied };
        CallerGone MigrateError::CallerGone;));
    samples
}

fn operations() -> Vec<Sample> {
    use crate::ops::{Contradiction, data_table};
    let version = |text: &str| text.parse().unwrap();
    let mut samples = samples!(crate::transaction::SessionError as SessionError:
        NoDatabase SessionError::NoDatabase;
        NoGestor SessionError::NoGestor { root: path(11) };
        Busy SessionError::Busy { slug: text(11), holder: said(12) };
        Stopped SessionError::Stopped;
        Files SessionError::Files(FsError::Exists { path: path(11) });
        Premises SessionError::Premises(crate::stage::StageError::JournalStands { path: path(11) });
        Database SessionError::Database(DbError::Deadlock););
    samples.extend(samples!(crate::transaction::CommitError as CommitError:
        Refused CommitError::Refused { source: DbError::Deadlock };
        Unknown CommitError::Unknown { reason: said(11) };));
    samples.extend(samples!(crate::transaction::InterruptedError as InterruptedError:
        OtherDatabase InterruptedError::OtherDatabase { begun: text(11), owner: said(12), domain: Some(text(13)), here: text(14), journal: text(15) };
        TablesGone InterruptedError::TablesGone { begun: text(11), here: text(12), journal: text(13) };
        Unknown InterruptedError::Unknown { begun: text(11), here: text(12), journal: text(13) };));
    samples.extend(transactions());
    samples.extend(memories());
    samples.extend(samples!(crate::package::PackageError as PackageError:
        Files PackageError::Files(FsError::Exists { path: path(11) });
        Archive PackageError::Archive(crate::archive::ArchiveError::EmptyName);
        Manifest PackageError::Manifest(crate::manifest::ManifestError::Missing);));
    samples.extend(samples!(crate::ops::VersionRefusal as VersionRefusal:
        Older VersionRefusal::Older { package: version("1.2.3"), installed: version("1.2.4") };
        Incompatible VersionRefusal::Incompatible { package: version("1.2.3"), wanted: text(11), gestor: text(12) };));
    samples.extend(samples!(crate::ops::PluginRefusal as PluginRefusal:
        NotInstalled PluginRefusal::NotInstalled { slug: text(11) };
        UnknownConflict PluginRefusal::UnknownConflict { slug: text(11), id: 12 };
        WholeRow PluginRefusal::WholeRow { id: 11, table: text(12), shown: text(13) };
        CoreRow PluginRefusal::CoreRow { id: 11, table: text(12), shown: text(13) };
        Misfit PluginRefusal::Misfit { id: 11, column: text(12), expected: said(13) };
        NotKept PluginRefusal::NotKept { slug: text(11), version: text(12) };
        NotInPackage PluginRefusal::NotInPackage { id: 11, version: text(12) };
        Unrecorded PluginRefusal::Unrecorded { slug: text(11), version: text(12) };
        OwnTables PluginRefusal::OwnTables { slug: text(11), table: text(12) };
        LeftBehind PluginRefusal::LeftBehind { slug: text(11) };
        Drift PluginRefusal::Drift { slug: text(11), findings: 12 };));
    samples.extend(samples!(crate::ops::StartError as StartError:
        Nested StartError::Nested;
        Thread StartError::Thread(system(11));));
    samples.extend(samples!(crate::ops::MarkRefusal as Refusal:
        Unknown Refusal::Unknown { slug: text(11) };
        Transition Refusal::Transition { slug: text(11), from: "f12", to: "t13" };));
    samples.push(Sample::of("Contradiction", &Contradiction::sample()));
    samples.push(Sample::of(
        "NotADataFile",
        &data_table("x11.json".as_ref()).unwrap_err(),
    ));
    samples.extend(errors());
    samples
}

fn memories() -> Vec<Sample> {
    use crate::history::HistoryError;
    use crate::ledger::{FormatFault, LedgerError};
    let mut samples = samples!(HistoryError as HistoryError:
        Database HistoryError::Database(DbError::Deadlock);
        Unreadable HistoryError::Unreadable { column: "c11" };);
    samples.extend(samples!(LedgerError as LedgerError:
        Database LedgerError::Database(DbError::Deadlock);
        Foreign LedgerError::Foreign { column: "c11", found: text(12) };
        Compress LedgerError::Compress { table: text(11), source: system(12) };));
    samples.extend(samples!(FormatFault as FormatFault:
        Deflate FormatFault::Deflate;
        Magic FormatFault::Magic;
        Newer FormatFault::Newer { found: 11, known: 12 };
        Length FormatFault::Length;
        Content FormatFault::Content { what: "w11" };
        Parts FormatFault::Parts { what: "w11" };));
    let unreadable = crate::ledger::Unreadable {
        table: text(11),
        fault: FormatFault::Newer { found: 12, known: 13 },
    };
    samples.push(Sample::of("Unreadable", &unreadable));
    samples
}

fn transactions() -> Vec<Sample> {
    use crate::transaction::{CommitError, InterruptedError, SessionError};
    samples!(crate::transaction::TransactionError as TransactionError:
        Session TransactionError::Session(SessionError::Stopped);
        Archive TransactionError::Archive(crate::archive::ArchiveError::EmptyName);
        Data TransactionError::Data(crate::data::DataError::NoPrimaryKey { table: table() });
        Migrate TransactionError::Migrate(crate::migrate::MigrateError::CallerGone);
        Stage TransactionError::Stage(crate::stage::StageError::JournalStands { path: path(11) });
        Files TransactionError::Files(FsError::Exists { path: path(11) });
        Database TransactionError::Database(DbError::Deadlock);
        Registry TransactionError::Registry(crate::registry::RegistryError::Stopped);
        Ledger TransactionError::Ledger(crate::ledger::LedgerError::Foreign { column: "c11", found: text(12) });
        History TransactionError::History(crate::history::HistoryError::Unreadable { column: "c11" });
        Commit TransactionError::Commit(CommitError::Unknown { reason: said(11) });
        Interrupted TransactionError::Interrupted(InterruptedError::Unknown { begun: text(11), here: text(12), journal: text(13) });
        Cancelled TransactionError::Cancelled(crate::log::Cancelled);
        Internal TransactionError::Internal(Phrase::new("erro", "error"));)
}

fn errors() -> Vec<Sample> {
    use crate::ops;
    let files = || FsError::Exists { path: path(11) };
    samples!(crate::Error as Error:
        Call Error::Call(crate::config::CallError::Missing { key: "k11", hint: said(12) });
        Slug Error::Slug(crate::model::SlugError::Missing);
        Switches Error::Switches(ops::Contradiction::sample());
        Session Error::Session(crate::transaction::SessionError::Stopped);
        Source Error::Source(crate::source::SourceError::CredentialMissing);
        Archive Error::Archive(crate::archive::ArchiveError::EmptyName);
        Manifest Error::Manifest(crate::manifest::ManifestError::Missing);
        Version Error::Version(ops::VersionRefusal::Incompatible { package: "1.2.3".parse().unwrap(), wanted: text(11), gestor: text(12) });
        Contents Error::Contents { data: vec![fault()], resources: vec![crate::resources::ResourceError::Stopped] };
        Data Error::Data(crate::data::DataError::NoPrimaryKey { table: table() });
        Migrate Error::Migrate(crate::migrate::MigrateError::CallerGone);
        Stage Error::Stage(crate::stage::StageError::JournalStands { path: path(11) });
        Files Error::Files(files());
        Database Error::Database(DbError::Deadlock);
        Registry Error::Registry(crate::registry::RegistryError::Stopped);
        Ledger Error::Ledger(crate::ledger::LedgerError::Foreign { column: "c11", found: text(12) });
        History Error::History(crate::history::HistoryError::Unreadable { column: "c11" });
        Plugin Error::Plugin(ops::PluginRefusal::NotInstalled { slug: text(11) });
        Commit Error::Commit(crate::transaction::CommitError::Unknown { reason: said(11) });
        Interrupted Error::Interrupted(crate::transaction::InterruptedError::Unknown { begun: text(11), here: text(12), journal: text(13) });
        Cancelled Error::Cancelled(crate::log::Cancelled);
        Internal Error::Internal(Phrase::new("erro", "error"));)
}

fn boundaries() -> Vec<Sample> {
    samples!(crate::ffi::Refusal as Refusal:
        Null Refusal::Null("n11");
        Utf8 Refusal::Utf8("n11");
        Json Refusal::Json { what: "n11", fault: json() };
        Operation Refusal::Operation;
        NoQuestion Refusal::NoQuestion;
        Answer Refusal::Answer;
        Table Refusal::Table(crate::ops::data_table("x11.json".as_ref()).unwrap_err());
        Call Refusal::Call(crate::config::CallError::Missing { key: "k11", hint: said(12) });
        Start Refusal::Start(crate::ops::StartError::Nested);
        Panic Refusal::Panic;)
}
