//! Samples of what is told of archives, and of where they come from.

use super::parts::*;
use super::{Sample, samples};

#[expect(clippy::too_many_lines, reason = "a table of cases")]
pub(super) fn archives() -> Vec<Sample> {
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
        NotAsSigned ArchiveError::NotAsSigned(m());
        CrcMismatch ArchiveError::CrcMismatch { member: m(), expected: 0x1234_5678, found: 0x2345_6789 };
        CorruptData ArchiveError::CorruptData { member: m(), what: said(12) };
        Blacklisted ArchiveError::Blacklisted { member: m(), pattern: text(12) };
        Truncated ArchiveError::Truncated { at: 11 };
        ReadFailed ArchiveError::ReadFailed { at: 11, source: system(12) };
        WriteFailed ArchiveError::WriteFailed { path: text(11), source: system(12) };
        NoThread ArchiveError::NoThread(system(11));
        Cancelled ArchiveError::Cancelled;
        PackRead ArchiveError::PackRead { path: path(11), source: system(12) };
        KeptUnreadable ArchiveError::KeptUnreadable(path(11), system(12));
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

pub(super) fn sources() -> Vec<Sample> {
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
        Credential SourceError::Credential { class: crate::source::FaultClass::Credential, said: crate::model::Phrase::new("erro", "error") };
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
        LengthDiffers SourceError::LengthDiffers { offered_by: OfferedBy::Index(text(11)), expected: 12, found: 13 };
        LongerThanSaid SourceError::LongerThanSaid { offered_by: OfferedBy::Index(text(11)), expected: 12, url: text(13) };
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
