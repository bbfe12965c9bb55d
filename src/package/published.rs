//! A package as it is described where it is published: looked at as an installation looks at it, from outside to inside.

use std::fs::File;

use super::IndexError;
use crate::archive::{Archive, Blacklist};
use crate::base::file_tree::FileTree as _;
use crate::config::Limits;
use crate::manifest::{self, Manifest};
use crate::model::Slug;
use crate::resources::PackageContents;

/// What a package says of itself.
#[derive(Debug, Clone)]
pub struct Described {
    /// The plugin.
    pub slug: Slug,
    /// Its manifest.
    pub manifest: Manifest,
    /// Whether it brings migrations.
    pub migrates: bool,
}

/// Looks at every header, and reads the manifest.
///
/// # Errors
/// What is wrong with the package, or its plugin's name.
pub fn describe(file: File, limits: &Limits, blacklist: &Blacklist) -> Result<Described, IndexError> {
    let archive = Archive::open(file, limits, blacklist)?;
    let (root, text, id) = manifest::sole(&archive.tree(""))?;
    let slug = Slug::normalize(&id)?;
    let manifest = manifest::parse(&text, &root.manifest_path, &slug, None)?;
    let tree = archive.tree(&root.prefix);
    manifest::check_scripts(&manifest, &root.manifest_path, &tree)?;
    let migrates = PackageContents::of(tree.paths()).has_migrations();
    Ok(Described {
        slug,
        manifest,
        migrates,
    })
}
