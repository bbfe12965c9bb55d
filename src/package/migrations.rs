//! The migrations of a package, by their files: versions, texts, and unpacking them alone.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::ops::ControlFlow;
use std::os::fd::AsFd;

use super::PackageError;
use crate::archive::Archive;
use crate::base::file_tree::FileTree;
use crate::migrate::Migration;
use crate::resources::PackageContents;

/// The versions of a package's migrations.
pub fn migration_versions(contents: &PackageContents) -> BTreeSet<String> {
    let migrations = contents.migrations.iter().filter_map(|path| Migration::of_path(path));
    migrations.map(|migration| migration.versao).collect()
}

/// The texts of migrations, of those alone that are named where any are.
pub fn migration_texts(
    tree: &dyn FileTree,
    contents: &PackageContents,
    named: Option<&[Migration]>,
) -> Result<Vec<String>, PackageError> {
    let is_wanted = |path: &&String| {
        let version = Migration::of_path(path).map(|migration| migration.versao);
        named.is_none_or(|named| named.iter().any(|known| Some(&known.versao) == version.as_ref()))
    };
    let mut texts = Vec::new();
    for path in contents.migrations.iter().filter(is_wanted) {
        let bytes = tree.read(path).map_err(|fault| PackageError::unreadable(path, fault))?;
        texts.push(String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned());
    }
    Ok(texts)
}

/// The texts of all migrations, by their versions.
pub fn texts_by_version(
    tree: &dyn FileTree,
    contents: &PackageContents,
) -> Result<BTreeMap<String, String>, PackageError> {
    let known = contents.migrations.iter();
    let known = known.filter_map(|path| Migration::of_path(path));
    let text = |migration: Migration| {
        let texts = migration_texts(tree, contents, Some(std::slice::from_ref(&migration)))?;
        Ok((migration.versao, texts.join("\n")))
    };
    known.map(text).collect()
}

/// Unpacks the migrations alone, into an open folder, of an archive that was verified or is known by its SHA-256.
pub fn unpack_migrations(archive: &Archive, prefix: &str, folder: &File) -> Result<(), PackageError> {
    let skip = |path: &str| !path.starts_with("db/migrations") && path != "db";
    let go_on = |_, _| ControlFlow::Continue(());
    Ok(archive
        .extract_verified(folder.as_fd(), prefix, &skip, &go_on)
        .map(drop)?)
}
