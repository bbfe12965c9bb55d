//! Faults of archives. Owns their texts; the names of the rules are in `rules`. Decides nothing.

use std::io;
use std::path::PathBuf;

pub(super) use super::shown::{shown, shown_bytes};
use crate::model::Phrase;

/// Why an archive was refused, or could not be read, unpacked or made. Each text begins with the name of its rule.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The package itself is too big.
    #[error("{}: the package has {bytes} bytes and {limit} are allowed; make it smaller or raise the limit `bytes_pacote`", self.rule())]
    PackageTooLarge {
        /// Bytes of the package.
        bytes: u64,
        /// Bytes allowed.
        limit: u64,
    },
    /// The first bytes are not those of a ZIP.
    #[error("{}: the package is {found}, not a ZIP; send the plugin's ZIP file itself", self.rule())]
    NotZip {
        /// What the first bytes look like.
        found: Phrase,
    },
    /// There is no end record.
    #[error("{}: the ZIP has no end record, so it is cut off or damaged; download or send it again", self.rule())]
    NoEndRecord,
    /// Bytes follow the end record, or its comment is not as long as it says.
    #[error("{}: the end record announces a comment of {expected} bytes but {found} follow it; make the ZIP anew", self.rule())]
    TrailingBytes {
        /// Bytes announced.
        expected: u64,
        /// Bytes there.
        found: u64,
    },
    /// More than one end record could be meant.
    #[error("{}: two end records could be meant, at bytes {first} and {second}, so programs would read different files; make the ZIP anew", self.rule())]
    TwoEndRecords {
        /// Position of the earlier one.
        first: u64,
        /// Position of the later one.
        second: u64,
    },
    /// Bytes stand before the first member.
    #[error("{}: {bytes} bytes stand before the first member, so programs would read different files; make the ZIP anew", self.rule())]
    LeadingBytes {
        /// How many.
        bytes: u64,
    },
    /// The archive is one part of several.
    #[error("{}: the ZIP is one disk of several; join the parts into one file", self.rule())]
    MultiDisk,
    /// Zip64 records are missing, damaged, or say something else than the plain ones.
    #[error("{}: zip64 values of {place}: {what}; make the ZIP anew", self.rule())]
    Zip64Mismatch {
        /// The end record, or a member's name.
        place: Phrase,
        /// What is wrong.
        what: Phrase,
    },
    /// The directory is not where, or not as long as, the end record says.
    #[error("{}: the directory should end at byte {expected} but the end record puts its end at {found}; make the ZIP anew", self.rule())]
    DirectoryBounds {
        /// Where the end records begin.
        expected: u64,
        /// Where the directory ends by its own account.
        found: u64,
    },
    /// A header in the directory is damaged.
    #[error("{}: the directory is damaged at byte {at}: {what}; make the ZIP anew", self.rule())]
    DirectoryCorrupt {
        /// Where.
        at: u64,
        /// What is wrong.
        what: Phrase,
    },
    /// The directory has more or fewer entries than announced.
    #[error("{}: the end record announces {expected} entries but the directory has {found}; make the ZIP anew", self.rule())]
    EntryCount {
        /// Announced.
        expected: u64,
        /// Found (at least).
        found: u64,
    },
    /// Too many entries.
    #[error("{}: the ZIP has {found} files and folders, or more, and {limit} are allowed; leave out what the plugin does not need or raise the limit `entradas`", self.rule())]
    TooManyEntries {
        /// Entries announced, or files and folders found so far.
        found: u64,
        /// Entries allowed.
        limit: u64,
    },
    /// All names together are too long.
    #[error("{}: the names of all members have more than {limit} bytes together; shorten them or raise the limit `entradas`", self.rule())]
    NamesTooLong {
        /// Bytes allowed.
        limit: u64,
    },
    /// An extra field is damaged.
    #[error("{}: {member}: extra data is damaged: {what}; make the ZIP anew", self.rule())]
    ExtraField {
        /// The member.
        member: String,
        /// What is wrong.
        what: Phrase,
    },
    /// A name (or comment) is not UTF-8 although it says so.
    #[error("{}: {member}: {what} is marked as UTF-8 but is not; make the ZIP anew", self.rule())]
    NameEncoding {
        /// The member.
        member: String,
        /// Name or comment.
        what: Phrase,
    },
    /// A name without any letter.
    #[error("{}: a member has no name; make the ZIP anew", self.rule())]
    EmptyName,
    /// A name that begins with `/`.
    #[error("{}: {member}: the name is an absolute path; names must be relative to the plugin", self.rule())]
    AbsolutePath {
        /// The member.
        member: String,
    },
    /// A name that begins with a drive letter.
    #[error("{}: {member}: the name begins with a drive; names must be relative to the plugin", self.rule())]
    DrivePath {
        /// The member.
        member: String,
    },
    /// A name with a part `..`.
    #[error("{}: {member}: the name leads out of its folder with `..`; make the ZIP from inside the plugin's folder", self.rule())]
    ParentPath {
        /// The member.
        member: String,
    },
    /// A part of a name that is nothing but dots (and spaces).
    #[error("{}: {member}: a part of the name is made of dots alone; rename the file", self.rule())]
    DotsOnly {
        /// The member.
        member: String,
    },
    /// A Unicode name beside another one.
    #[error("{}: {member} has {unicode} as a second name, so programs would write different files; make the ZIP anew", self.rule())]
    UnicodeName {
        /// The member by its header.
        member: String,
        /// The other name.
        unicode: String,
    },
    /// A name with a backslash.
    #[error("{}: {member}: the name has a backslash; make the ZIP with a program that separates folders with `/`", self.rule())]
    Backslash {
        /// The member.
        member: String,
    },
    /// A name with NUL or another control character.
    #[error("{}: {member}: the name has a control character; rename the file", self.rule())]
    ControlCharacter {
        /// The member.
        member: String,
    },
    /// A part of a name is too long.
    #[error("{}: {member}: a part of the name has {bytes} bytes and {limit} are allowed; shorten it", self.rule())]
    NameTooLong {
        /// The member.
        member: String,
        /// Bytes of the part (or of the whole path, when that is too long).
        bytes: u64,
        /// Bytes allowed.
        limit: u64,
    },
    /// Too many folders below each other.
    #[error("{}: {member}: {depth} folders below each other and {limit} are allowed; make the tree flatter", self.rule())]
    TooDeep {
        /// The member.
        member: String,
        /// Folders of the name.
        depth: u64,
        /// Folders allowed.
        limit: u64,
    },
    /// The same name twice.
    #[error("{}: {member}: the name stands in the ZIP twice; make the ZIP anew", self.rule())]
    DuplicateName {
        /// The member.
        member: String,
    },
    /// Two names that differ only in case or Unicode form.
    #[error("{}: {member} and {other} differ only in upper and lower case or in Unicode form; rename one", self.rule())]
    NameCollision {
        /// The member.
        member: String,
        /// The name that came before.
        other: String,
    },
    /// One name for a file and a folder.
    #[error("{}: {member} is a file and a folder at once; rename one", self.rule())]
    FileAndFolder {
        /// The name.
        member: String,
    },
    /// A symbolic link.
    #[error("{}: {member} is a symbolic link; put the file itself into the ZIP", self.rule())]
    Symlink {
        /// The member.
        member: String,
    },
    /// A hard link.
    #[error("{}: {member} is a hard link; put the file itself into the ZIP", self.rule())]
    HardLink {
        /// The member.
        member: String,
    },
    /// A device, pipe or socket.
    #[error("{}: {member} is a device, pipe or socket; leave it out", self.rule())]
    SpecialFile {
        /// The member.
        member: String,
    },
    /// Name and attributes disagree on whether it is a folder.
    #[error("{}: {member} is a folder by its attributes but a file by its name; make the ZIP anew", self.rule())]
    KindMismatch {
        /// The member.
        member: String,
    },
    /// A folder with content.
    #[error("{}: {member} is a folder but has content; make the ZIP anew", self.rule())]
    FolderData {
        /// The member.
        member: String,
    },
    /// An encrypted member.
    #[error("{}: {member} is encrypted; make the ZIP without a password", self.rule())]
    Encrypted {
        /// The member.
        member: String,
    },
    /// A method that we do not unpack.
    #[error("{}: {member} is packed by method {method}; only stored (0) and deflate (8) are unpacked", self.rule())]
    Method {
        /// The member.
        member: String,
        /// The method's number (or 8 with an unsupported option).
        method: u16,
    },
    /// There is no local header where the directory points.
    #[error("{}: {member}: there is no local header at byte {at}; make the ZIP anew", self.rule())]
    LocalHeader {
        /// The member.
        member: String,
        /// Where it should be.
        at: u64,
    },
    /// Local header and directory disagree.
    #[error("{}: {member}: {field} is {central} in the directory but {local} in the local header; make the ZIP anew", self.rule())]
    LocalMismatch {
        /// The member.
        member: String,
        /// Which field.
        field: Phrase,
        /// Its value in the directory.
        central: String,
        /// Its value in the local header.
        local: String,
    },
    /// The data descriptor is missing or disagrees with the directory.
    #[error("{}: {member}: the data descriptor is missing or disagrees with the directory; make the ZIP anew", self.rule())]
    DataDescriptor {
        /// The member.
        member: String,
    },
    /// A member reaches into the next one.
    #[error("{}: {member} reaches into what follows it; make the ZIP anew", self.rule())]
    Overlap {
        /// The member.
        member: String,
    },
    /// Bytes that belong to no member.
    #[error("{}: {bytes} bytes after {member} belong to no member; make the ZIP anew", self.rule())]
    Gap {
        /// The member before them.
        member: String,
        /// How many.
        bytes: u64,
    },
    /// A member that is too big.
    #[error("{}: {member} has {bytes} bytes and {limit} are allowed; leave it out or raise the limit `bytes_entrada`", self.rule())]
    EntryTooLarge {
        /// The member.
        member: String,
        /// Its bytes, unpacked.
        bytes: u64,
        /// Bytes allowed.
        limit: u64,
    },
    /// All members together are too big.
    #[error("{}: the ZIP unpacks to {bytes} bytes or more and {limit} are allowed; make it smaller or raise the limit `bytes_total`", self.rule())]
    TotalTooLarge {
        /// Bytes counted so far.
        bytes: u64,
        /// Bytes allowed.
        limit: u64,
    },
    /// Packed more tightly than real files are.
    #[error("{}: {member} unpacks to more than {limit} times its size, as only a bomb does; raise the limit `razao` if it is honest", self.rule())]
    Ratio {
        /// The member, or the whole package.
        member: Phrase,
        /// Times allowed.
        limit: u64,
    },
    /// A member unpacks to more or fewer bytes than announced.
    #[error("{}: {member} does not unpack to the {expected} bytes that it announces; download or send the ZIP again", self.rule())]
    SizeMismatch {
        /// The member.
        member: String,
        /// Bytes announced.
        expected: u64,
    },
    /// A member's checksum differs.
    #[error("{}: {member}: CRC-32 is {found:08x} and should be {expected:08x}; download or send the ZIP again", self.rule())]
    CrcMismatch {
        /// The member.
        member: String,
        /// By the directory.
        expected: u32,
        /// Of the bytes.
        found: u32,
    },
    /// A member is not what its author signed.
    #[error("{rule}: {0} is not as it was signed: somebody has changed it; get the package from its author again", rule = self.rule())]
    NotAsSigned(String),
    /// A member's packed data is damaged.
    #[error("{}: {member}: packed data is damaged: {what}; download or send the ZIP again", self.rule())]
    CorruptData {
        /// The member.
        member: String,
        /// What is wrong.
        what: Phrase,
    },
    /// A name that packages must not bring.
    #[error("{}: {member}: packages must not bring `{pattern}`; leave it out", self.rule())]
    Blacklisted {
        /// The member.
        member: String,
        /// The pattern that it matches.
        pattern: String,
    },
    /// Something is said to stand where the file has ended.
    #[error("{}: the ZIP ends before byte {at}, where it should go on; download or send it again", self.rule())]
    Truncated {
        /// Where.
        at: u64,
    },
    /// Reading the archive failed.
    #[error("{}: the archive could not be read at byte {at}: {source}", self.rule())]
    ReadFailed {
        /// Where.
        at: u64,
        /// Why.
        source: io::Error,
    },
    /// Writing an unpacked file or folder failed.
    #[error("{}: {path} could not be written: {source}", self.rule())]
    WriteFailed {
        /// Path below the destination.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// The system refused a thread.
    #[error("{rule}: no thread could be started ({0}): the account or the machine has too many processes; end some or raise the limit (ulimit -u, pids.max)", rule = self.rule())]
    NoThread(io::Error),
    /// The caller said stop.
    #[error("{}: unpacking was cancelled", self.rule())]
    Cancelled,
    /// A file or folder to be packed could not be read.
    #[error("{}: {} could not be read for packing: {source}", self.rule(), path.display())]
    PackRead {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// An archive of our own making cannot be read.
    #[error("{rule}: {path}, which an operation has kept, cannot be read: {1}", rule = self.rule(), path = .0.display())]
    KeptUnreadable(PathBuf, io::Error),
    /// The packed archive could not be written.
    #[error("{}: the archive could not be written at byte {at}: {source}", self.rule())]
    PackWrite {
        /// Where.
        at: u64,
        /// Why.
        source: io::Error,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_begins_with_its_rule() {
        let error = ArchiveError::ParentPath {
            member: shown("../\u{1b}x"),
        };
        assert_eq!(error.to_string().split(':').next(), Some("ZIP_PARENT_PATH"));
        assert!(error.to_string().contains(r#""../\u{1b}x""#));
        assert!(error.is_refusal());
        assert!(!ArchiveError::Cancelled.is_refusal());
    }
}
