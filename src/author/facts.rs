//! What lints are told of a package besides its files and rows.

use super::LintRules;
use crate::base::file_tree::FileTree;

/// A package, as far as lints look at it.
#[derive(Clone, Copy)]
pub struct PackageFacts<'p> {
    /// Its files, below the plugin's root.
    pub tree: &'p dyn FileTree,
    /// Paths of its migrations.
    pub migrations: &'p [String],
    /// What is looked for, and how it weighs.
    pub rules: &'p LintRules,
}

impl PackageFacts<'_> {
    /// A file's bytes; nothing where it cannot be read, which the installer says.
    pub(super) fn read(&self, path: &str) -> Vec<u8> {
        self.tree.read(path).ok().flatten().unwrap_or_default()
    }
}
