//! What a swap changes: the old tree against the new one, by size and content; and what a dry run shows.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::Installation;
use super::old_tree;
use super::package::Inspected;
use super::rows::PackageRows;
use crate::Error;
use crate::archive::Packed;
use crate::base::fs::{Attempt, FsError, Inventory, Item, ItemKind, TreeId};
use crate::ops::session::Session;
use crate::outcome::{FileCounts, Report};
use crate::stage::Layout;

/// Size and CRC-32 of every file of a tree, by path in the bytes of the file system.
pub(super) type Fingerprint = BTreeMap<Box<[u8]>, (u64, u32)>;

/// Content that no file of a package has: of links and special files, and of files that are other anyway.
const OTHER: (u64, u32) = (u64::MAX, 0);

/// The installed tree has no `db/`.
pub(super) fn is_data(path: &str) -> bool {
    path == "db" || path.starts_with("db/")
}

/// What was packed.
pub(super) fn fingerprint(packed: &Packed) -> Fingerprint {
    let files = packed.members.iter().filter(|member| !member.is_folder());
    files
        .map(|member| (member.name.clone(), (member.size, member.crc32)))
        .collect()
}

impl Installation<'_> {
    /// A dry run shows rows, files and pending migrations.
    pub(super) fn show_plan(
        &self,
        session: &mut Session,
        (layout, folder): (&Layout, &File),
        package: &Inspected,
        rows: &PackageRows,
        report: &mut Report,
    ) -> Result<(), Error> {
        report.arquivos = compare_only(layout, package)?;
        if self.parts.migrations && package.contents.has_migrations() {
            report.migracoes = self.pending_migrations(layout, folder, package)?;
        }
        if self.parts.rows {
            self.show_rows(session, rows, report)?;
        }
        Ok(())
    }
}

/// What the swap would change, for a dry run: the new tree is known from its directory, of the old one only those files
/// are read that may be equal.
fn compare_only(layout: &Layout, package: &Inspected) -> Result<FileCounts, Error> {
    let members = package.archive.members().iter().filter(|member| !member.is_folder());
    let new = members.filter_map(|member| {
        let path = member.name().strip_prefix(package.prefix.as_str())?;
        (!is_data(path)).then(|| (path.as_bytes().into(), (member.size(), member.crc32())))
    });
    let new: Fingerprint = new.collect();
    let mut old = Fingerprint::new();
    if TreeId::of(&layout.installed())?.is_some() {
        let inventory = old_tree::list(&layout.installed())?;
        for item in inventory.items().iter().filter(|item| item.kind != ItemKind::Folder) {
            let path: Box<[u8]> = item.path.as_os_str().as_bytes().into();
            let print = read_print(&inventory, item, new.get(&path))?;
            old.insert(path, print);
        }
    }
    Ok(compare(&old, &new).0)
}

fn read_print(inventory: &Inventory, item: &Item, new: Option<&(u64, u32)>) -> Result<(u64, u32), FsError> {
    let may_be_equal = item.kind == ItemKind::File && new.is_some_and(|(size, _)| *size == item.size);
    if !may_be_equal {
        return Ok(OTHER);
    }
    let mut hashing = Hashing(crc32fast::Hasher::new());
    let read = inventory
        .open(item)
        .and_then(|mut file| io::copy(&mut file, &mut hashing));
    let size = read.map_err(|fault| FsError::new(Attempt::Read, inventory.place(item), fault))?;
    Ok((size, hashing.0.finalize()))
}

struct Hashing(crc32fast::Hasher);

impl io::Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What is new, other, and gone; and the PHP files among them.
pub(super) fn compare(old: &Fingerprint, new: &Fingerprint) -> (FileCounts, Vec<String>) {
    let added = new.keys().filter(|path| !old.contains_key(*path)).collect::<Vec<_>>();
    let changed = new
        .iter()
        .filter(|(path, print)| old.get(*path).is_some_and(|found| found != *print));
    let changed = changed.map(|(path, _)| path).collect::<Vec<_>>();
    let removed = old.keys().filter(|path| !new.contains_key(*path)).collect::<Vec<_>>();
    let counts = FileCounts {
        novos: added.len() as u64,
        alterados: changed.len() as u64,
        removidos: removed.len() as u64,
    };
    // A new file may have been looked for, and its absence remembered, before. PHP knows no file by a name that is no
    // text in a report.
    let all = added.iter().chain(&changed).chain(&removed);
    let php = all.filter_map(|path| php_file(path)).collect();
    (counts, php)
}

fn php_file(path: &[u8]) -> Option<String> {
    let path = std::str::from_utf8(path).ok()?;
    let ending = Path::new(path).extension()?;
    ending.eq_ignore_ascii_case("php").then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trees_are_compared_by_content() {
        let print = |files: &[(&str, u32)]| -> Fingerprint {
            files
                .iter()
                .map(|(path, crc)| (path.as_bytes().into(), (1, *crc)))
                .collect()
        };
        let old = print(&[("a.php", 1), ("b", 1), ("c", 1), ("gone.PHP", 1)]);
        let new = print(&[("a.php", 2), ("b", 1), ("c", 2), ("d", 1)]);
        let (counts, php) = compare(&old, &new);
        assert_eq!((counts.novos, counts.alterados, counts.removidos), (1, 2, 1));
        assert_eq!(php, ["a.php", "gone.PHP"]);
    }

    #[test]
    fn data_is_what_stands_in_the_db_folder_of_the_root() {
        for (path, is) in [
            ("db", true),
            ("db/data/x", true),
            ("dbx/y", false),
            ("modules/db/x", false),
        ] {
            assert_eq!(is_data(path), is, "{path}");
        }
    }
}
