//! Where things stand below a gestor. Owns every path that we touch; must not touch one.

use std::path::{Path, PathBuf};

use super::{Slug, Version};

/// The folder of a gestor (the one with `config.php`), and every path that we use below it (SPEC §2, §5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GestorRoot(PathBuf);

impl GestorRoot {
    /// Takes the gestor's folder; that it exists is for the caller to check.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self(root.into())
    }

    /// The folder itself.
    pub fn as_path(&self) -> &Path {
        &self.0
    }

    /// `plugins/`: its owner is the owner of all installed files.
    pub fn plugins(&self) -> PathBuf {
        self.0.join("plugins")
    }

    /// `plugins/<slug>/`: the installed tree.
    pub fn installed(&self, slug: &Slug) -> PathBuf {
        self.plugins().join(slug.as_str())
    }

    /// `plugins/_backups/`: ZIP files of replaced trees.
    pub fn tree_backups(&self) -> PathBuf {
        self.plugins().join("_backups")
    }

    /// `plugins/.staging/<slug>/`: the staged tree where `temp/` is on another file system. The leading dot keeps it
    /// out of the gestor's scan of `plugins/*/modules`.
    pub fn near_staging(&self, slug: &Slug) -> PathBuf {
        self.plugins().join(".staging").join(slug.as_str())
    }

    /// `plugins/.instalado/<slug>`: the SHA-256 of the package that the installed tree is made of.
    pub fn marker(&self, slug: &Slug) -> PathBuf {
        self.plugins().join(".instalado").join(slug.as_str())
    }

    /// `temp/plugins/`: staging folders and lock files.
    pub fn work(&self) -> PathBuf {
        self.0.join("temp").join("plugins")
    }

    /// `temp/plugins/<slug>/`: private staging; holds the journal.
    pub fn staging(&self, slug: &Slug) -> PathBuf {
        self.work().join(slug.as_str())
    }

    /// `temp/plugins/<slug>.lock`: the file of the process lock.
    pub fn lock_file(&self, slug: &Slug) -> PathBuf {
        self.work().join(format!("{slug}.lock"))
    }

    /// `backups/plugins/<slug>/`: kept packages, and rows that an operation set aside.
    pub fn kept(&self, slug: &Slug) -> PathBuf {
        self.0.join("backups").join("plugins").join(slug.as_str())
    }

    /// `backups/plugins/<slug>/<version>.zip`: the kept package of one version.
    pub fn kept_package(&self, slug: &Slug, version: Version) -> PathBuf {
        self.kept(slug).join(format!("{version}.zip"))
    }

    /// `logs/plugins/installer.log`.
    pub fn log(&self) -> PathBuf {
        self.0.join("logs").join("plugins").join("installer.log")
    }

    /// `db/data/`: the gestor's own data files and contracts, where it still has them.
    pub fn core_data(&self) -> PathBuf {
        self.0.join("db").join("data")
    }
}
