//! The messages of an operation. Values only; texts are made in `format`.

use super::{Fetching, PathNotice};
use crate::model::{Bilingual, Phrase};
use crate::outcome::{ExitCode, TableCounts};

/// How grave a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Detail of single rows, with `--debug` only.
    Debug,
    /// What happened.
    Info,
    /// What an operator should know.
    Warning,
    /// Why it failed.
    Error,
}

/// The tag of a line, by which an administrator finds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tag {
    /// `[ok]`
    Ok,
    /// `[info]`
    Info,
    /// `[warn]`
    Warn,
    /// `[erro]`
    Error,
    /// `[DOWNLOAD]`
    Download,
    /// `[CHECKSUM]`
    Checksum,
    /// `[DISCOVERY]`
    Discovery,
}

/// A line for the operator's log. Texts in both languages stand in `format`; a room adds a variant for each thing
/// that it has to say.
#[derive(Debug, Clone, PartialEq)]
pub enum Message {
    /// An operation begins.
    Started {
        /// `origem_tipo`.
        origin: String,
        /// Path, URL or `owner/repo`.
        reference: String,
    },
    /// The package is the installed one.
    Unchanged,
    /// The package's SHA-256.
    PackageHash {
        /// Hexadecimal.
        sha256: String,
    },
    /// Where the package comes from, and whether it is the right one.
    Fetching(Fetching),
    /// Both versions are known.
    VersionFound {
        /// Installed before, where one was.
        previous: Option<String>,
        /// Of the package.
        version: String,
    },
    /// The ZIP of the replaced tree stands.
    BackupCreated {
        /// Its path.
        path: String,
    },
    /// The replaced tree held what a kept package brings, and nothing else: that package is its backup.
    BackupIsPackage {
        /// Its path.
        path: String,
    },
    /// Migrations ran.
    Migrated {
        /// Their names.
        names: Vec<String>,
    },
    /// Migrations of this call were rolled back.
    MigrationsRolledBack {
        /// Their names.
        names: Vec<String>,
    },
    /// Several data files were found.
    DataFilesDetected {
        /// Their tables.
        tables: Vec<String>,
    },
    /// One table's rows.
    TableSynchronized {
        /// Its name.
        table: String,
        /// Its counts.
        counts: TableCounts,
    },
    /// All tables' rows.
    DataSynchronized {
        /// Sum of all tables.
        counts: TableCounts,
        /// The legacy `Data.json` was the source.
        legacy: bool,
    },
    /// Rows that came from module descriptors.
    ModulesSynchronized {
        /// Number of modules.
        modules: usize,
        /// Sum of their rows.
        counts: TableCounts,
    },
    /// The package has neither data files nor descriptors nor a legacy file.
    NoData,
    /// The server broke the transaction off for another one's sake; it is run again.
    TransactionRetried {
        /// Why.
        reason: Phrase,
    },
    /// The content that adoption replaces is kept.
    AdoptedKept {
        /// The file.
        path: String,
    },
    /// What goes with a plugin is kept.
    RemovedKept {
        /// Where.
        path: String,
    },
    /// Rows that the package no longer brings were written to a file.
    OrphansExported {
        /// The file.
        path: String,
    },
    /// The installed tree has no `db/`.
    DataFolderRemoved,
    /// Files belong to the owner of `plugins/`.
    OwnershipSet {
        /// User.
        user: String,
        /// Group.
        group: String,
    },
    /// This process may not change owners.
    OwnershipSkipped {
        /// The user that it runs as.
        user: String,
    },
    /// The package is kept.
    PackageKept {
        /// Its path.
        path: String,
    },
    /// What a killed run left was finished or undone.
    Recovered {
        /// The killed run had committed.
        committed: bool,
    },
    /// Files that an operator should know by name.
    Paths {
        /// What is the matter with them.
        what: PathNotice,
        /// All of them; a line names the first few.
        paths: Vec<String>,
    },
    /// Something of ours could not be removed and stands.
    Leftover {
        /// Where.
        path: String,
        /// Why.
        reason: Phrase,
    },
    /// An interrupted run waits to be finished or undone.
    RunWaits {
        /// When it began.
        begun: String,
        /// The database that knows how it ended, where that is noted.
        database: Option<String>,
    },
    /// An operation on the plugin has not ended, and whoever looks sees what was before it, or half of it.
    RunGoesOn {
        /// When it began.
        begun: String,
        /// The process and its machine, where that is known.
        holder: Option<(u32, String)>,
    },
    /// The installed tree is not of the package that the database names.
    TreeDiffers {
        /// Version of the tree.
        found: Option<String>,
        /// Version that the database names.
        recorded: Option<String>,
        /// The database.
        database: String,
    },
    /// The server may forget what it committed when its machine dies.
    WeakCommits {
        /// The settings, as `name=value`.
        settings: String,
    },
    /// What a script wrote, or a part of it.
    ScriptOutput {
        /// The script.
        script: String,
        /// Its words.
        output: String,
    },
    /// A dry run ended.
    DryRun,
    /// The call wanted a limit wider than the machine allows.
    LimitHeld {
        /// Its key.
        key: String,
        /// What the call said.
        asked: u64,
        /// What counts.
        allowed: u64,
    },
    /// A setting of the machine is wrong, and its default counts.
    SettingIgnored {
        /// Its name.
        name: String,
        /// What was said.
        found: String,
        /// What may be said.
        allowed: Phrase,
        /// What counts.
        default: String,
    },
    /// Anything that was done, worded by its room.
    Told(Phrase),
    /// Anything that an operator should know, worded by its room.
    Warning(Phrase),
    /// Why it failed, worded by its room.
    Error(Phrase),
    /// More warnings than log and report list.
    MoreWarnings {
        /// How many.
        count: usize,
    },
    /// More errors than the log lists.
    MoreErrors {
        /// How many.
        count: usize,
    },
    /// One call has written as much as it may.
    LogFull {
        /// Bytes.
        bytes: usize,
    },
    /// What is neither done nor odd.
    Noted(Phrase),
    /// A detail, with `--debug` only.
    Debug(Phrase),
    /// The operation ended.
    Finished {
        /// How.
        code: ExitCode,
        /// Milliseconds in all.
        milliseconds: u64,
    },
}

impl Message {
    /// What a room warns of.
    pub fn warning(said: &(impl Bilingual + ?Sized)) -> Self {
        Self::Warning(Phrase::of(said))
    }

    /// Why something failed, as its room says it.
    pub fn error(said: &(impl Bilingual + ?Sized)) -> Self {
        Self::Error(Phrase::of(said))
    }

    /// The tag of the line.
    pub fn tag(&self) -> Tag {
        match self {
            Self::Fetching(told) => told.tag(),
            Self::PackageHash { .. } => Tag::Checksum,
            Self::Warning(_)
            | Self::Paths { .. }
            | Self::Leftover { .. }
            | Self::NoData
            | Self::LimitHeld { .. }
            | Self::SettingIgnored { .. }
            | Self::MoreWarnings { .. }
            | Self::LogFull { .. }
            | Self::RunWaits { .. }
            | Self::RunGoesOn { .. }
            | Self::TreeDiffers { .. }
            | Self::WeakCommits { .. } => Tag::Warn,
            Self::Error(_) | Self::MoreErrors { .. } => Tag::Error,
            Self::Finished { code, .. } if *code != ExitCode::Ok => Tag::Error,
            Self::Started { .. }
            | Self::VersionFound { .. }
            | Self::OwnershipSkipped { .. }
            | Self::TransactionRetried { .. }
            | Self::ScriptOutput { .. }
            | Self::Noted(_)
            | Self::Debug(_) => Tag::Info,
            _ => Tag::Ok,
        }
    }

    /// Whether it stands among the warnings of the report as well. What is to be known of a server stands in the log
    /// alone.
    pub fn is_warning(&self) -> bool {
        self.level() == Level::Warning && !matches!(self, Self::Fetching(_) | Self::WeakCommits { .. })
    }

    /// Whether it says how an operation ends: such lines are few, and always written.
    pub fn tells_end(&self) -> bool {
        self.level() == Level::Error || matches!(self, Self::Finished { .. } | Self::MoreWarnings { .. })
    }

    /// How grave the line is.
    pub fn level(&self) -> Level {
        match self {
            Self::Fetching(told) => told.level(),
            Self::Debug(_) => Level::Debug,
            _ => match self.tag() {
                Tag::Warn => Level::Warning,
                Tag::Error => Level::Error,
                _ => Level::Info,
            },
        }
    }
}
