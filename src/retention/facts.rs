//! What is kept of one plugin, and what of it must stay. Values only. Times are seconds since 1970.

use std::collections::BTreeSet;

/// A file that is kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeptFile {
    /// Its name.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// When it was written.
    pub written: i64,
    /// An operation of the history made it.
    pub is_named: bool,
    /// Something needs it, whatever the policy says.
    pub is_needed: bool,
    /// Another database of the folder made it or needs it, or nobody can say that none does.
    pub is_others: bool,
}

/// A kept package.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeptPackage {
    /// The file.
    pub file: KeptFile,
    /// Its SHA-256, as it stands beside it.
    pub sha256: Option<String>,
    /// Migrations that are applied and that it has; nothing where that is not known.
    pub applied: Option<BTreeSet<String>>,
}

/// An archive of what uninstalling took away.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeptArchive {
    /// The file.
    pub file: KeptFile,
    /// The archive without which nothing comes back out of it.
    pub earlier: Option<String>,
    /// SHA-256 of the packages of what comes back out of it; nothing where that is not known.
    pub packages: Option<BTreeSet<String>>,
    /// Copies of tables that come back with it.
    pub copies: BTreeSet<String>,
}

/// A row of the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PastOperation {
    /// Its number.
    pub id: u64,
    /// When it began.
    pub began: i64,
    /// Something needs it: a point that is kept, what migrations made, who was here.
    pub is_needed: bool,
}

/// What is kept of one plugin.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    /// The time.
    pub now: i64,
    /// Packages.
    pub packages: Vec<KeptPackage>,
    /// Backups of its tree.
    pub backups: Vec<KeptFile>,
    /// Archives of what uninstalling took away.
    pub archives: Vec<KeptArchive>,
    /// Copies of tables that were taken away.
    pub copies: Vec<KeptFile>,
    /// Checksums whose package is gone.
    pub checksums: Vec<KeptFile>,
    /// Its history.
    pub history: Vec<PastOperation>,
}
