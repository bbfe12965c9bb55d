//! A package that is open: every header of its archive has been looked at; then the plugin's root in it, and what is below
//! that. Only a [`VerifiedPackage`] is opened, and only what is open has a root.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::{PackageError, VerifiedPackage};
use crate::archive::{Archive, ArchiveTree, Blacklist};
use crate::base::file_tree::FileTree;
use crate::base::fs::{Attempt, FsError};
use crate::config::Limits;
use crate::manifest::{self, Manifest, PluginRoot};
use crate::model::{Sha256Digest, Slug};
use crate::resources::PackageContents;

/// A package of whose archive every header has been looked at.
#[derive(Debug, Clone)]
pub struct OpenedPackage {
    verified: VerifiedPackage,
    archive: Archive,
}

/// Opens a package by its handle and looks at every header.
pub fn open(verified: &VerifiedPackage, limits: &Limits, blacklist: &Blacklist) -> Result<OpenedPackage, PackageError> {
    let cloned = verified.file().try_clone();
    let file = cloned.map_err(|fault| FsError::new(Attempt::Read, verified.path(), fault))?;
    Ok(OpenedPackage {
        verified: verified.clone(),
        archive: Archive::open(file, limits, blacklist)?,
    })
}

/// The id of the plugin that a file holds, read before anything else is known of it: for its locks. The package itself is
/// verified and opened after that.
pub fn id_of(file: File, limits: &Limits, blacklist: &Blacklist) -> Result<String, PackageError> {
    let archive = Archive::open(file, limits, blacklist)?;
    Ok(manifest::named(&archive.tree(""))?)
}

impl OpenedPackage {
    /// Its archive.
    pub fn archive(&self) -> &Archive {
        &self.archive
    }

    /// The id of the plugin that it holds.
    pub fn id(&self) -> Result<String, PackageError> {
        Ok(manifest::named(&self.archive.tree(""))?)
    }

    /// Finds the plugin in it.
    pub fn locate(self, slug: &Slug) -> Result<LocatedPackage, PackageError> {
        let root = manifest::locate(&self.archive.tree(""), slug)?;
        let tree = self.archive.tree(&root.prefix);
        let contents = PackageContents::of(tree.paths());
        Ok(LocatedPackage {
            opened: self,
            root,
            tree,
            contents,
        })
    }
}

/// A package that is open, and of which is known where in it the plugin stands.
pub struct LocatedPackage {
    opened: OpenedPackage,
    root: PluginRoot,
    tree: ArchiveTree,
    contents: PackageContents,
}

impl LocatedPackage {
    /// The package itself.
    pub fn verified(&self) -> &VerifiedPackage {
        &self.opened.verified
    }

    /// Of the whole file.
    pub fn sha256(&self) -> Sha256Digest {
        self.verified().sha256()
    }

    /// Where it stood when it was opened, for people.
    pub fn path(&self) -> &Path {
        self.verified().path()
    }

    /// Its archive.
    pub fn archive(&self) -> &Archive {
        &self.opened.archive
    }

    /// The folder of the archive that is the plugin's root.
    pub fn prefix(&self) -> &str {
        &self.root.prefix
    }

    /// What is below it.
    pub fn tree(&self) -> &ArchiveTree {
        &self.tree
    }

    /// From here on its files have to have these SHA-256.
    pub(super) fn bind(&mut self, signed: &HashMap<&str, Sha256Digest>) {
        self.opened.archive = self.opened.archive.bound_to(&self.root.prefix, signed);
        self.tree = self.opened.archive.tree(&self.root.prefix);
    }

    /// Data files, descriptors, migrations.
    pub fn contents(&self) -> &PackageContents {
        &self.contents
    }

    /// A file below its root, no more than so many bytes of it and one more; nothing where there is none.
    pub fn read_file(&self, path: &str, most: u64) -> Result<Option<Vec<u8>>, PackageError> {
        let unreadable = |fault| PackageError::unreadable(path, fault);
        let Some(file) = self.tree.open(path).map_err(unreadable)? else {
            return Ok(None);
        };
        let mut bytes = Vec::new();
        let read = file.take(most.saturating_add(1)).read_to_end(&mut bytes);
        read.map_err(unreadable)?;
        Ok(Some(bytes))
    }

    /// Its manifest, of which every script is a file of the plugin; `installed` is that of what is installed now.
    pub fn read_manifest(&self, slug: &Slug, installed: Option<&str>) -> Result<Manifest, PackageError> {
        let bytes = manifest::read(&self.archive().tree(""), &self.root)?;
        let path = &self.root.manifest_path;
        let manifest = manifest::parse(&bytes, path, slug, installed)?;
        manifest::check_scripts(&manifest, path, &self.tree)?;
        Ok(manifest)
    }
}
