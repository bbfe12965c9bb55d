//! The rules by which archives are refused (SPEC §8): the stable name of each, and its reason.

use super::ArchiveError;

/// Every rule by which an archive is refused, with its reason; the README lists them.
pub const RULES: &[(&str, &str)] = &[
    ("ZIP_PACKAGE_TOO_LARGE", "the file is larger than `bytes_pacote`"),
    (
        "ZIP_NOT_ZIP",
        "the first bytes are not those of a ZIP, whatever the name says",
    ),
    ("ZIP_NO_END_RECORD", "without an end record nothing else can be trusted"),
    (
        "ZIP_TRAILING_BYTES",
        "programs search the end record from the end and would disagree",
    ),
    ("ZIP_TWO_END_RECORDS", "programs would choose different directories"),
    (
        "ZIP_LEADING_BYTES",
        "a program that reads from the start would see other members",
    ),
    ("ZIP_MULTI_DISK", "a part of a split archive is no archive"),
    ("ZIP_ZIP64_MISMATCH", "programs with and without zip64 would disagree"),
    (
        "ZIP_DIRECTORY_BOUNDS",
        "bytes between directory and end record, or a shifted directory",
    ),
    ("ZIP_DIRECTORY_CORRUPT", "a header of the directory is damaged"),
    ("ZIP_ENTRY_COUNT", "members that some programs list and others do not"),
    (
        "ZIP_TOO_MANY_ENTRIES",
        "more files and folders than `entradas`, with the folders that only stand in names",
    ),
    ("ZIP_NAMES_TOO_LONG", "names alone would fill the memory"),
    (
        "ZIP_EXTRA_FIELD",
        "extra data runs past its end, or a field that decides stands twice or is of an unknown version",
    ),
    ("ZIP_NAME_ENCODING", "text is marked as UTF-8 and is not"),
    ("ZIP_EMPTY_NAME", "a member without a name"),
    ("ZIP_ABSOLUTE_PATH", "a name that begins with `/`"),
    ("ZIP_DRIVE_PATH", "a name that begins with a drive letter"),
    ("ZIP_PARENT_PATH", "a name with `..` leads out of the plugin's folder"),
    ("ZIP_DOTS_ONLY", "some systems drop such a part of a name"),
    (
        "ZIP_UNICODE_NAME",
        "two names for one member: programs would write different files",
    ),
    (
        "ZIP_BACKSLASH",
        "a folder separator on some systems and a letter on others",
    ),
    (
        "ZIP_CONTROL_CHARACTER",
        "NUL and control characters cut or disguise names",
    ),
    (
        "ZIP_NAME_TOO_LONG",
        "a part of a name is longer than `bytes_nome`, or a path than 4,095 bytes",
    ),
    ("ZIP_TOO_DEEP", "more folders below each other than `profundidade`"),
    ("ZIP_DUPLICATE_NAME", "which of the two counts depends on the program"),
    (
        "ZIP_NAME_COLLISION",
        "names that are one on file systems that ignore case or Unicode form",
    ),
    ("ZIP_FILE_AND_FOLDER", "one name for a file and a folder"),
    ("ZIP_SYMLINK", "a link could lead anywhere"),
    ("ZIP_HARD_LINK", "a link could lead anywhere"),
    ("ZIP_SPECIAL_FILE", "devices, pipes and sockets"),
    ("ZIP_KIND_MISMATCH", "a folder by its attributes and a file by its name"),
    ("ZIP_FOLDER_DATA", "content that most programs would not show"),
    ("ZIP_ENCRYPTED", "we have no password"),
    ("ZIP_METHOD", "only stored and deflate are unpacked"),
    ("ZIP_LOCAL_HEADER", "the directory points to something else"),
    (
        "ZIP_LOCAL_MISMATCH",
        "programs that read the directory and those that read from the start would disagree",
    ),
    (
        "ZIP_DATA_DESCRIPTOR",
        "the same, for members whose sizes stand behind their data",
    ),
    ("ZIP_OVERLAP", "members that share bytes: the mark of a bomb"),
    ("ZIP_GAP", "bytes that belong to no member can hide one"),
    ("ZIP_ENTRY_TOO_LARGE", "a member larger than `bytes_entrada`"),
    ("ZIP_TOTAL_TOO_LARGE", "all members together larger than `bytes_total`"),
    ("ZIP_RATIO", "packed more tightly than `razao`: the mark of a bomb"),
    ("ZIP_SIZE_MISMATCH", "more or fewer bytes than announced"),
    ("ZIP_CRC_MISMATCH", "a damaged member"),
    ("ZIP_CORRUPT_DATA", "a damaged member, or bytes hidden behind its data"),
    ("ZIP_BLACKLISTED", "names that a package must not bring (`blacklist`)"),
    ("ZIP_TRUNCATED", "something is said to stand behind the end of the file"),
];

impl ArchiveError {
    /// Whether the archive itself is at fault (exit code 21), and not the machine or the caller.
    pub fn is_refusal(&self) -> bool {
        self.rule().starts_with("ZIP_")
    }

    /// The stable name of the rule, as it stands in the log.
    pub fn rule(&self) -> &'static str {
        match self {
            Self::PackageTooLarge { .. } => "ZIP_PACKAGE_TOO_LARGE",
            Self::NotZip { .. } => "ZIP_NOT_ZIP",
            Self::NoEndRecord => "ZIP_NO_END_RECORD",
            Self::TrailingBytes { .. } => "ZIP_TRAILING_BYTES",
            Self::TwoEndRecords { .. } => "ZIP_TWO_END_RECORDS",
            Self::LeadingBytes { .. } => "ZIP_LEADING_BYTES",
            Self::MultiDisk => "ZIP_MULTI_DISK",
            Self::Zip64Mismatch { .. } => "ZIP_ZIP64_MISMATCH",
            Self::DirectoryBounds { .. } => "ZIP_DIRECTORY_BOUNDS",
            Self::DirectoryCorrupt { .. } => "ZIP_DIRECTORY_CORRUPT",
            Self::EntryCount { .. } => "ZIP_ENTRY_COUNT",
            Self::TooManyEntries { .. } => "ZIP_TOO_MANY_ENTRIES",
            Self::NamesTooLong { .. } => "ZIP_NAMES_TOO_LONG",
            Self::ExtraField { .. } => "ZIP_EXTRA_FIELD",
            Self::NameEncoding { .. } => "ZIP_NAME_ENCODING",
            Self::EmptyName => "ZIP_EMPTY_NAME",
            Self::AbsolutePath { .. } => "ZIP_ABSOLUTE_PATH",
            Self::DrivePath { .. } => "ZIP_DRIVE_PATH",
            Self::ParentPath { .. } => "ZIP_PARENT_PATH",
            Self::DotsOnly { .. } => "ZIP_DOTS_ONLY",
            Self::UnicodeName { .. } => "ZIP_UNICODE_NAME",
            Self::Backslash { .. } => "ZIP_BACKSLASH",
            Self::ControlCharacter { .. } => "ZIP_CONTROL_CHARACTER",
            Self::NameTooLong { .. } => "ZIP_NAME_TOO_LONG",
            Self::TooDeep { .. } => "ZIP_TOO_DEEP",
            Self::DuplicateName { .. } => "ZIP_DUPLICATE_NAME",
            Self::NameCollision { .. } => "ZIP_NAME_COLLISION",
            Self::FileAndFolder { .. } => "ZIP_FILE_AND_FOLDER",
            Self::Symlink { .. } => "ZIP_SYMLINK",
            Self::HardLink { .. } => "ZIP_HARD_LINK",
            Self::SpecialFile { .. } => "ZIP_SPECIAL_FILE",
            Self::KindMismatch { .. } => "ZIP_KIND_MISMATCH",
            Self::FolderData { .. } => "ZIP_FOLDER_DATA",
            Self::Encrypted { .. } => "ZIP_ENCRYPTED",
            Self::Method { .. } => "ZIP_METHOD",
            Self::LocalHeader { .. } => "ZIP_LOCAL_HEADER",
            Self::LocalMismatch { .. } => "ZIP_LOCAL_MISMATCH",
            Self::DataDescriptor { .. } => "ZIP_DATA_DESCRIPTOR",
            Self::Overlap { .. } => "ZIP_OVERLAP",
            Self::Gap { .. } => "ZIP_GAP",
            Self::EntryTooLarge { .. } => "ZIP_ENTRY_TOO_LARGE",
            Self::TotalTooLarge { .. } => "ZIP_TOTAL_TOO_LARGE",
            Self::Ratio { .. } => "ZIP_RATIO",
            Self::SizeMismatch { .. } => "ZIP_SIZE_MISMATCH",
            Self::CrcMismatch { .. } => "ZIP_CRC_MISMATCH",
            Self::CorruptData { .. } => "ZIP_CORRUPT_DATA",
            Self::NotAsSigned(..) => "SIGNED_BYTES",
            Self::Blacklisted { .. } => "ZIP_BLACKLISTED",
            Self::Truncated { .. } => "ZIP_TRUNCATED",
            Self::ReadFailed { .. } => "ARCHIVE_READ",
            Self::WriteFailed { .. } => "ARCHIVE_WRITE",
            Self::NoThread(..) => "ARCHIVE_THREAD",
            Self::Cancelled => "CANCELLED",
            Self::PackRead { .. } => "PACK_READ",
            Self::KeptUnreadable(..) => "KEPT_UNREADABLE",
            Self::PackWrite { .. } => "PACK_WRITE",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_listed_once() {
        let names: std::collections::BTreeSet<_> = RULES.iter().map(|(name, _)| name).collect();
        assert_eq!(names.len(), RULES.len());
        // Every name that the match above gives to a refusal stands in the list.
        let source = include_str!("rules.rs");
        let given = source
            .split("=> \"ZIP_")
            .skip(1)
            .filter_map(|rest| rest.split('"').next());
        let given: Vec<String> = given
            .map(|name| format!("ZIP_{name}"))
            .filter(|name| name != "ZIP_")
            .collect();
        assert_eq!(given.len(), RULES.len());
        assert!(given.iter().all(|name| names.contains(&name.as_str())), "{given:?}");
    }
}
