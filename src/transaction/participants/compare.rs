//! What a swap changes: the old tree against the new one, by size and content. Deciding is pure.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use crate::archive::Packed;
use crate::base::fs::{Attempt, FsError, Inventory, Item, ItemKind};
use crate::outcome::FileCounts;

/// Size and CRC-32 of every file of a tree, by path in the bytes of the file system.
pub type Fingerprint = BTreeMap<Box<[u8]>, (u64, u32)>;

/// The installed tree has no `db/`.
pub fn is_data(path: &str) -> bool {
    path == "db" || path.starts_with("db/")
}

/// What was packed.
pub(super) fn fingerprint(packed: &Packed) -> Fingerprint {
    let files = packed.members.iter().filter(|member| !member.is_folder());
    files
        .map(|member| (member.name.clone(), (member.size, member.crc32)))
        .collect()
}

/// What stands in a folder: a link's content is where it leads.
pub(super) fn fingerprint_of(folder: &Path) -> Result<Fingerprint, FsError> {
    let inventory = Inventory::of(folder)?;
    let failed = |item: &Item, fault| FsError::new(Attempt::Read, inventory.place(item), fault);
    let mut found = Fingerprint::new();
    for item in inventory.items().iter().filter(|item| item.kind != ItemKind::Folder) {
        let print = match item.kind {
            ItemKind::File => crc32(inventory.open(item).map_err(|fault| failed(item, fault))?),
            ItemKind::Link => inventory
                .read_link(item)
                .map(|leads| (leads.len() as u64, crc32fast::hash(&leads))),
            _ => Ok((0, 0)),
        };
        let name = item.member_name().into_owned().into_boxed_slice();
        found.insert(name, print.map_err(|fault| failed(item, fault))?);
    }
    Ok(found)
}

fn crc32(file: File) -> io::Result<(u64, u32)> {
    let (mut file, mut hasher, mut size) = (BufReader::new(file), crc32fast::Hasher::new(), 0);
    loop {
        let piece = file.fill_buf()?;
        if piece.is_empty() {
            return Ok((size, hasher.finalize()));
        }
        hasher.update(piece);
        let length = piece.len();
        size += length as u64;
        file.consume(length);
    }
}

/// What a swap changes, by path in the bytes of the file system.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TreeChange {
    /// Files that were not there.
    pub added: Vec<Box<[u8]>>,
    /// Files with other content.
    pub changed: Vec<Box<[u8]>>,
    /// Files that are gone.
    pub removed: Vec<Box<[u8]>>,
}

impl TreeChange {
    /// How many they are.
    pub fn counts(&self) -> FileCounts {
        FileCounts {
            novos: self.added.len() as u64,
            alterados: self.changed.len() as u64,
            removidos: self.removed.len() as u64,
        }
    }

    /// The PHP files among them. A new file may have been looked for, and its absence remembered, before. PHP knows no
    /// file by a name that is no text in a report.
    pub fn php(&self) -> Vec<String> {
        let all = self.added.iter().chain(&self.changed).chain(&self.removed);
        all.filter_map(|path| php_file(path)).collect()
    }
}

/// What is new, other, and gone.
pub fn compare(old: &Fingerprint, new: &Fingerprint) -> TreeChange {
    let added = new.keys().filter(|path| !old.contains_key(*path));
    let changed = new
        .iter()
        .filter(|(path, print)| old.get(*path).is_some_and(|found| found != *print));
    let removed = old.keys().filter(|path| !new.contains_key(*path));
    TreeChange {
        added: added.cloned().collect(),
        changed: changed.map(|(path, _)| path.clone()).collect(),
        removed: removed.cloned().collect(),
    }
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
        let change = compare(&old, &new);
        let (counts, php) = (change.counts(), change.php());
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
