//! A sample of each variant of what is told of rows, files in staging, our own tables and operations.

use super::parts::*;
use super::{Sample, credentials, samples};
use crate::base::db::DbError;
use crate::base::fs::FsError;
use crate::base::listed::Listed;
use crate::data::{ConflictReason, FaultKind};
use crate::model::Phrase;

pub(super) fn all() -> Vec<Sample> {
    let rooms = [
        data(),
        data_faults(),
        stages(),
        tables(),
        operations(),
        refusals(),
        boundaries(),
        credentials::all(),
    ];
    rooms.into_iter().flatten().collect()
}

fn data() -> Vec<Sample> {
    use crate::data::{DataError, HangingFate, HangingRows, RefusedRow};
    let hanging = |fate| HangingRows {
        table: text(11),
        key: text(12),
        rows: 13,
        fate,
    };
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
        RowsUnfit DataError::RowsUnfit { rows: vec![said(11)] };
        KeysTaken DataError::KeysTaken { rows: vec![text(11)] };
        TablesGone DataError::TablesGone { tables: vec![table()] };
        NotTransactional DataError::NotTransactional { tables: vec![table()] };
        RowsHang DataError::RowsHang { hanging: vec![hanging(HangingFate::Deleted)] };
        ProfileInUse DataError::ProfileInUse { profiles: vec![text(11)] };
        GestorFile DataError::GestorFile { path: path(11), source: system(12) };
        Rows DataError::Rows(system(11));
        Export DataError::Export(system(11));
        Database DataError::Database(DbError::Deadlock);
        Cancelled DataError::Cancelled(crate::log::Cancelled););
    samples.push(Sample::of("RefusedRow", &refused()));
    let fates = [
        HangingFate::Deleted,
        HangingFate::Emptied,
        HangingFate::Forbid,
        HangingFate::Unkept,
    ];
    samples.extend(fates.map(|fate| Sample::of("HangingRows", &hanging(fate))));
    let hanging = fates.map(hanging).into();
    samples.push(Sample::of("RowsHang", &DataError::RowsHang { hanging }));
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
        UndecidedColumn Notice::UndecidedColumn { table: table(), column: text(11), rows: 12 };
        UnknownColumn Notice::UnknownColumn { table: table(), column: text(11), rows: 12 };
        SeveralOwnRows Notice::SeveralOwnRows { table: table(), place: place(), candidates: vec![said(11)] };
        Blank Notice::Blank { table: table(), source: "s11".into(), place: place() };
        ManagerUser Notice::ManagerUser { place: place() };
        PathTaken Notice::PathTaken { path: text(11), place: place(), other: text(12) };
        RenamedRecord Notice::RenamedRecord { record: table(), id: text(11), table: table(), column: "modulo", rows: 12 };
        ProjectRow Notice::ProjectRow { table: table(), place: place() };
        Damage Notice::Damage { table: table(), gone: 11, of: 12 };
        Held Notice::Held { table: table(), by: text(11), rows: 12 };
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
        StateGone RegistryError::StateGone { slug: text(11) };
        SchemaBusy RegistryError::SchemaBusy { seconds: 11 };
        Stopped RegistryError::Stopped;
        Random RegistryError::Random(FsError::Exists { path: path(11) }););
    let applied: Vec<Migration> = Vec::new();
    samples.extend(samples!(crate::migrate::MigrateError as MigrateError:
        NoRunner MigrateError::NoRunner { folder: path(11) };
        Failed MigrateError::Failed { reason: said(11), applied };
        Ended MigrateError::Ended;
        NotUndone MigrateError::NotUndone { reason: said(11), left: text(12) };
        CallerGone MigrateError::CallerGone;));
    samples.extend(scripts());
    samples
}

fn scripts() -> Vec<Sample> {
    use crate::scripts::PhpFault;
    let mut samples = samples!(crate::scripts::ScriptError as ScriptError:
        Php ScriptError::Php { path: path(11), fault: PhpFault::NoProgram };
        Failed ScriptError::Failed { failed: said(11), left: text(12) };
        Interrupted ScriptError::Interrupted { begun: text(11), left: text(12) };
        NotNoted ScriptError::NotNoted { reason: said(11) };);
    samples.extend(samples!(crate::scripts::PhpFault as PhpFault:
        NotAbsolute PhpFault::NotAbsolute;
        NoProgram PhpFault::NoProgram;
        NotStarted PhpFault::NotStarted { reason: text(11) };
        Other PhpFault::Other { said: text(11) };));
    samples.extend(samples!(crate::scripts::ScriptFault as ScriptFault:
        Code ScriptFault::Code { code: 11 };
        Signal ScriptFault::Signal { signal: 11 };
        TimedOut ScriptFault::TimedOut { seconds: 11 };
        Stopped ScriptFault::Stopped;
        NoTime ScriptFault::NoTime { minutes: 11 };
        Absent ScriptFault::Absent;
        Changed ScriptFault::Changed;
        NotStarted ScriptFault::NotStarted { reason: text(11) };
        Lost ScriptFault::Lost;));
    samples
}

#[expect(clippy::too_many_lines, reason = "one line for each text")]
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
        Manifest PackageError::Manifest(crate::manifest::ManifestError::Missing);
        Stage PackageError::Stage(crate::stage::StageError::Fs(FsError::Exists { path: path(11) }));
        Contents PackageError::Contents { data: vec![fault()], resources: vec![crate::resources::ResourceError::Stopped] };
        Data PackageError::Data(crate::data::DataError::NoPrimaryKey { table: crate::model::TableName::new("c11").unwrap() });
        Cancelled PackageError::Cancelled(crate::log::Cancelled);
        Internal PackageError::Internal(Phrase::new("erro", "error"));));
    samples.extend(samples!(crate::package::IndexError as IndexError:
        Package IndexError::Package(crate::package::PackageError::Files(FsError::Exists { path: path(11) }));
        Slug IndexError::Slug(crate::model::SlugError::Missing);
        TooMany IndexError::TooMany { folder: path(11), limit: 12 };
        OtherBytes IndexError::OtherBytes { other: path(11) };
        Lock IndexError::Lock { path: path(11), source: crate::dependencies::LockFault::Format { found: 12 } };
        OtherPackage IndexError::OtherPackage { path: path(11), slug: text(12), version: text(13), wanted: text(14) };
        Exchanged IndexError::Exchanged { path: path(11) };));
    samples.extend(samples!(crate::package::SetError as SetError:
        NotOne SetError::NotOne { path: path(11), reason: crate::model::Phrase::of_others("12") };
        Lock SetError::Lock { path: path(11), source: crate::dependencies::LockFault::Format { found: 12 } };
        OtherPackage SetError::OtherPackage { path: path(11), member: text(12), wanted: crate::base::hash::sha256(b"13"), limit: 14 };
        NotKept SetError::NotKept { plugins: vec![text(11), text(12)] };
        Archive SetError::Archive(crate::archive::ArchiveError::KeptUnreadable(path(11), system(12)));
        Stage SetError::Stage(FsError::Exists { path: path(11) }.into());
        Fs SetError::Fs(FsError::Exists { path: path(11) });));
    samples.extend(samples!(crate::dependencies::LockFault as LockFault:
        NotOne LockFault::NotOne { reason: text(11) };
        Format LockFault::Format { found: 12 };
        TooMany LockFault::TooMany;
        Entry LockFault::Entry { at: 11, slug: text(12), key: "sha256" };));
    samples.extend(samples!(crate::ops::DependencyRefusal as DependencyRefusal:
        Gestor DependencyRefusal::Gestor { slug: slug(11), lacks: vec![lack(11)] };
        Lacks DependencyRefusal::Lacks { slug: slug(11), lacks: vec![lack(11)] };
        Dependants DependencyRefusal::Dependants { slug: slug(11), lacks: vec![lack(11)] };
        NoSet DependencyRefusal::NoSet { proof: Phrase::new("prova", "proof") };
        GivenUp DependencyRefusal::GivenUp;
        NotFound DependencyRefusal::NotFound { plugins: vec![text(11)] };
        Cycle DependencyRefusal::Cycle { cycle: crate::dependencies::Cycle { members: vec![(slug(11), None), (slug(12), None)] } };));
    samples.extend(samples!(crate::ops::VersionRefusal as VersionRefusal:
        Older VersionRefusal::Older { package: version("1.2.3"), installed: version("1.2.4") };
        Incompatible VersionRefusal::Incompatible { package: version("1.2.3"), wanted: text(11), gestor: text(12) };));
    samples.extend(samples!(crate::ops::PluginRefusal as PluginRefusal:
        NotInstalled PluginRefusal::NotInstalled { slug: text(11) };
        UnknownConflict PluginRefusal::UnknownConflict { slug: text(11), id: 12 };
        WholeRow PluginRefusal::WholeRow { id: 11, table: text(12), shown: text(13) };
        CoreRow PluginRefusal::CoreRow { id: 11, table: text(12), shown: text(13) };
        ForeignRow PluginRefusal::ForeignRow { id: 11, table: text(12), shown: text(13) };
        Misfit PluginRefusal::Misfit { id: 11, column: text(12), expected: said(13) };
        NotKept PluginRefusal::NotKept { slug: text(11), version: text(12) };
        NoPoint PluginRefusal::NoPoint { slug: text(11) };
        UnknownPoint PluginRefusal::UnknownPoint { slug: text(11), point: 12 };
        Epoch PluginRefusal::Epoch { slug: text(11), current: 12, target: 13 };
        NoWayBack PluginRefusal::NoWayBack { slug: text(11), migrations: said(12) };
        OfBatch PluginRefusal::OfBatch { slug: text(11), code: crate::outcome::ExitCode::Sync, reason: Phrase::new("motivo", "reason") };
        SameClass PluginRefusal::SameClass { slug: text(11), other: text(12), class: text(13) };
        HalfUndone PluginRefusal::HalfUndone { slug: text(11), missing: text(12) };
        NotInPackage PluginRefusal::NotInPackage { id: 11, version: text(12) };
        TreeShared PluginRefusal::TreeShared { slug: text(11), others: said(12) };
        UnknownBase PluginRefusal::UnknownBase { digits: text(11), known: said(12) };
        Removal PluginRefusal::Removal(crate::ops::RemovalRefusal::Paused { slug: text(11) });
        NothingRuns PluginRefusal::NothingRuns { slug: text(11) };
        AnotherRuns PluginRefusal::AnotherRuns { slug: text(11), running: text(12), asked: text(13) };
        WasInterrupted PluginRefusal::WasInterrupted { slug: text(11) };
        HasCommitted PluginRefusal::HasCommitted { slug: text(11) };
        Drift PluginRefusal::Drift { slug: text(11), findings: 12 };));
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
    samples.extend(samples!(crate::observe::ObserveError as ObserveError:
        Database ObserveError::Database(DbError::Deadlock);
        Counter ObserveError::Counter { plugin: "p11".into(), event: "e11".into(), column: "c11" };
        Unreadable ObserveError::Unreadable { column: "c11" };));
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
        Scripts TransactionError::Scripts(crate::scripts::ScriptError::NotNoted { reason: said(11) });
        Stage TransactionError::Stage(crate::stage::StageError::JournalStands { path: path(11) });
        Files TransactionError::Files(FsError::Exists { path: path(11) });
        Database TransactionError::Database(DbError::Deadlock);
        Registry TransactionError::Registry(crate::registry::RegistryError::Stopped);
        Ledger TransactionError::Ledger(crate::ledger::LedgerError::Foreign { column: "c11", found: text(12) });
        History TransactionError::History(crate::history::HistoryError::Unreadable { column: "c11" });
        Observe TransactionError::Observe(crate::observe::ObserveError::Unreadable { column: "c11" });
        Trust TransactionError::Trust(crate::trust::TrustError::NoRandom);
        Commit TransactionError::Commit(CommitError::Unknown { reason: said(11) });
        Interrupted TransactionError::Interrupted(InterruptedError::Unknown { begun: text(11), here: text(12), journal: text(13) });
        Cancelled TransactionError::Cancelled(crate::log::Cancelled);
        Internal TransactionError::Internal(Phrase::new("erro", "error"));)
}

fn errors() -> Vec<Sample> {
    use crate::ops;
    samples!(crate::Error as Error:
        Call Error::Call(crate::config::CallError::Missing { key: "k11", hint: said(12) });
        Slug Error::Slug(crate::model::SlugError::Missing);
        SignedIndex Error::SignedIndex(crate::index::IndexFault::NoTrust);
        Publish Error::Publish(crate::index::publish::PublishFault::NotBegun { folder: path(11) });
        Switches Error::Switches(ops::Contradiction::sample());
        Source Error::Source(crate::source::SourceError::CredentialMissing);
        Manifest Error::Manifest(crate::manifest::ManifestError::Missing);
        Update Error::Update(crate::updates::UpdateError::RolledBack { count: 11 });
        Vault Error::Vault(crate::vault::VaultError::NotSealed);
        Settings Error::Settings(crate::settings::SettingsError::None { slug: text(11) });
        Audit Error::Audit(crate::observe::audit::AuditError::ServerId { path: path(11) });
        Unrecorded Error::Unrecorded(crate::observe::audit::AuditError::ServerId { path: path(11) });
        Author Error::Author(crate::author::AuthorError::NoKey { path: path(11) });
        TrustFolder Error::TrustFolder(ops::TrustFolderRefusal::Several { domains: text(11) });
        Index Error::Index(crate::package::IndexError::Exchanged { path: path(11) });
        Set Error::Set(crate::package::SetError::NotKept { plugins: vec![text(11)] });
        SignedIndex Error::SignedIndex(crate::index::IndexFault::NoTrust);
        Publish Error::Publish(crate::index::publish::PublishFault::Begun { folder: path(11) });
        Dependencies Error::Dependencies(ops::DependencyRefusal::Lacks { slug: slug(11), lacks: vec![lack(11)] });
        Version Error::Version(ops::VersionRefusal::Incompatible { package: "1.2.3".parse().unwrap(), wanted: text(11), gestor: text(12) });
        Contents Error::Contents { data: vec![fault()], resources: vec![crate::resources::ResourceError::Stopped] };
        Plugin Error::Plugin(ops::PluginRefusal::NotInstalled { slug: text(11) });
        Transaction Error::Transaction(crate::transaction::TransactionError::Internal(Phrase::new("erro", "error")));)
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

fn refusals() -> Vec<Sample> {
    let mut samples = samples!(crate::ops::StartError as StartError:
        Nested StartError::Nested;
        Thread StartError::Thread(system(11)););
    samples.extend(samples!(crate::ops::RemovalRefusal as RemovalRefusal:
        Unrecorded RemovalRefusal::Unrecorded { slug: text(11), version: text(12) };
        OwnTables RemovalRefusal::OwnTables { slug: text(11), table: text(12) };
        Unfinished RemovalRefusal::Unfinished { slug: text(11), left: text(12) };
        NotForgotten RemovalRefusal::NotForgotten { slug: text(11), left: text(12) };
        ArchiveDamaged RemovalRefusal::ArchiveDamaged { slug: text(11), archive: text(12), reason: said(13) };
        LeftBehind RemovalRefusal::LeftBehind { slug: text(11) };
        StillServed RemovalRefusal::StillServed { slug: text(11), left: text(12) };
        Paused RemovalRefusal::Paused { slug: text(11) };
        NotPaused RemovalRefusal::NotPaused { slug: text(11) };
        StillInstalled RemovalRefusal::StillInstalled { slug: text(11) };
        NotRemoved RemovalRefusal::NotRemoved { slug: text(11) };
        NoArchive RemovalRefusal::NoArchive { slug: text(11) };
        SchemaLost RemovalRefusal::SchemaLost { slug: text(11), missing: text(12), log: text(13) };
        SchemaGone RemovalRefusal::SchemaGone { slug: text(11) };
        NoTree RemovalRefusal::NoTree { slug: text(11) };));
    samples
}
