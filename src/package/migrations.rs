//! The migrations of a package, by their files: versions, texts, and unpacking them alone.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::ops::ControlFlow;
use std::os::fd::AsFd;

use super::{LocatedPackage, PackageError};
use crate::base::file_tree::FileTree;
use crate::migrate::Migration;

impl LocatedPackage {
    /// The versions of its migrations.
    pub fn migration_versions(&self) -> BTreeSet<String> {
        let paths = self.contents().migrations.iter();
        let migrations = paths.filter_map(|path| Migration::of_path(path));
        migrations.map(|migration| migration.versao).collect()
    }

    /// The texts of its migrations, of those alone that are named where any are.
    pub fn migration_texts(&self, named: Option<&[Migration]>) -> Result<Vec<String>, PackageError> {
        let is_wanted = |path: &&String| {
            let version = Migration::of_path(path).map(|migration| migration.versao);
            named.is_none_or(|named| named.iter().any(|known| Some(&known.versao) == version.as_ref()))
        };
        let mut texts = Vec::new();
        for path in self.contents().migrations.iter().filter(is_wanted) {
            let read = self.tree().read(path);
            let bytes = read.map_err(|fault| PackageError::unreadable(path, fault))?;
            texts.push(String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned());
        }
        Ok(texts)
    }

    /// The texts of all its migrations, by their versions.
    pub fn texts_by_version(&self) -> Result<BTreeMap<String, String>, PackageError> {
        let known = self.contents().migrations.iter();
        let known = known.filter_map(|path| Migration::of_path(path));
        let text = |migration: Migration| {
            let texts = self.migration_texts(Some(std::slice::from_ref(&migration)))?;
            Ok((migration.versao, texts.join("\n")))
        };
        known.map(text).collect()
    }

    /// Unpacks its migrations alone, into an open folder.
    pub fn unpack_migrations(&self, folder: &File) -> Result<(), PackageError> {
        let skip = |path: &str| !path.starts_with("db/migrations") && path != "db";
        let go_on = |_, _| ControlFlow::Continue(());
        let unpacked = self
            .archive()
            .extract_verified(folder.as_fd(), self.prefix(), &skip, &go_on);
        Ok(unpacked.map(drop)?)
    }
}
