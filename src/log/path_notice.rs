//! Why paths are named. Values only.

/// What is the matter with files that are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathNotice {
    /// They stand where data or migrations do, and are neither.
    DataIgnored,
    /// Data files that are links or special files.
    NoFile,
    /// A package cannot hold them.
    LeftOut,
    /// Folders that an undone swap does not remove, because somebody wrote to them.
    KeptAside,
    /// They were written while the tree was being replaced.
    LateChanges,
}
