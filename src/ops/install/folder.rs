//! A folder as a package (SPEC §11): the plugin's root is found first, then listed within the limits of a package, then
//! packed. What a package cannot hold is told by name; our own staging and backups are never read.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::Installation;
use super::package::create;
use crate::archive::{PackOptions, PackageFolder, Part, join_archives, list_package, pack_zip};
use crate::base::fs::{FileId, Inventory, ItemKind};
use crate::log::{Message, PathNotice, Reporter};
use crate::manifest;
use crate::ops::Error;
use crate::package::{VerifiedPackage, find_root, is_left_out};
use crate::registry::Installed;
use crate::stage::Layout;
use crate::transaction::is_data;

impl Installation<'_> {
    /// Packs a folder into staging as if it were a package. The installed folder usually has no `db/`: what of it is not
    /// there comes from the kept package.
    pub(super) fn pack_into_staging(
        &self,
        layout: &Layout,
        folder: &Path,
        installed: &Installed,
    ) -> Result<File, Error> {
        let own = self.own_folders(layout);
        let root = find_root(folder, &own, |tree| manifest::locate(tree, self.slug))?;
        let listed = self.list_root(&root, &own)?;
        let file = create(&layout.package())?;
        let is_installed = FileId::of(&root).is_some_and(|id| Some(id) == FileId::of(&layout.installed()));
        // The kept package of what is installed, where it stands.
        let blacklist = self.blacklist();
        let kept = if is_installed {
            let (version, sha256) = (installed.version.as_deref(), installed.checksum.as_deref());
            self.kept(&blacklist).find(version, sha256)?
        } else {
            None
        };
        if let Some(kept) = kept {
            self.join(layout, &listed.inventory, &kept, &file)?;
        } else {
            pack_zip(&listed.inventory, &file, PackOptions::default())?;
        }
        Ok(file)
    }

    fn list_root(&self, root: &Path, own: &[FileId]) -> Result<PackageFolder, Error> {
        let avoided = Mutex::new(Vec::new());
        let wanted = |path: &Path, id: FileId| {
            let is_own = own.contains(&id);
            if is_own {
                avoided
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(path.to_owned());
            }
            !is_own && !is_left_out(path)
        };
        let listed = list_package(root, &self.call.site.limits, &wanted)?;
        let mut paths = avoided.into_inner().unwrap_or_else(PoisonError::into_inner);
        paths.extend(listed.left_out.iter().cloned());
        paths.sort_unstable();
        if !paths.is_empty() {
            let paths = paths.iter().map(|path| path.to_string_lossy().into_owned()).collect();
            let what = PathNotice::LeftOut;
            self.reporter.message(Message::Paths { what, paths });
        }
        Ok(listed)
    }

    /// Files from the folder, and of `db/` what the folder does not have from the kept package.
    fn join(&self, layout: &Layout, inventory: &Inventory, kept: &VerifiedPackage, file: &File) -> Result<(), Error> {
        let path = layout.staging().join("installed.zip");
        let packed = create(&path)?;
        pack_zip(inventory, &packed, PackOptions::default())?;
        let kept_root = self.open(kept)?.locate(self.slug)?;
        let own = own_units(inventory);
        let all = |_: &str| true;
        let here: BTreeSet<&str> = inventory.items().iter().filter_map(|item| item.path.to_str()).collect();
        let missing =
            |path: &str| is_data(path) && !path.ends_with('/') && !own.contains(unit(path)) && !here.contains(path);
        let files = Part {
            path: &path,
            file: &packed,
            prefix: "",
            wanted: &all,
        };
        let data = Part {
            path: kept.path(),
            file: kept.file(),
            prefix: kept_root.prefix(),
            wanted: &missing,
        };
        join_archives(file, &[files, data])?;
        Ok(())
    }

    /// Folders that hold what we make ourselves, known under any path.
    fn own_folders(&self, layout: &Layout) -> Vec<FileId> {
        let root = &self.call.site.root;
        let folders = [
            root.work(),
            layout.near_folder(),
            layout.backups(),
            root.backups().join("plugins"),
        ];
        folders.iter().filter_map(|folder| FileId::of(folder)).collect()
    }
}

/// `db/data`, `db/migrations`, …: what comes from one place as a whole.
fn unit(path: &str) -> &str {
    let end = path.match_indices('/').nth(1).map_or(path.len(), |(at, _)| at);
    &path[..end]
}

/// The parts of `db/` in which a folder has files of its own; a hidden one (`.gitkeep`) only keeps the folder.
fn own_units(inventory: &Inventory) -> BTreeSet<&str> {
    let files = inventory.items().iter().filter(|item| item.kind == ItemKind::File);
    let paths = files.filter_map(|item| item.path.to_str());
    let is_hidden = |path: &&str| path.rsplit('/').next().is_some_and(|name| name.starts_with('.'));
    paths
        .filter(|path| is_data(path) && !is_hidden(path))
        .map(unit)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_db_are_told_apart() {
        for (path, of) in [
            ("db/data/x/y.json", "db/data"),
            ("db/data", "db/data"),
            ("db/seed.sql", "db/seed.sql"),
            ("db", "db"),
        ] {
            assert_eq!(unit(path), of);
        }
    }
}
