//! A folder that is to be packed as a package: the limits of a package hold while it is listed, so that a wrong folder is
//! refused and not packed for hours. Decides what has no place in a package.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::ArchiveError;
use super::budget::PATH_BYTES;
use super::error::shown_bytes;
use super::pack::unreadable;
use crate::base::fs::{Choice, FileId, Inventory, Item, ItemKind};
use crate::config::Limits;

/// What a folder gives to a package.
#[derive(Debug)]
pub struct PackageFolder {
    /// The files and folders of the package.
    pub inventory: Inventory,
    /// What no package may hold and is left out: links and special files. Paths below the folder, sorted.
    pub left_out: Vec<PathBuf>,
}

/// Lists a folder that is to become a package. `wanted` decides by path below the folder and by identity.
///
/// # Errors
/// The rule of an archive that its package would break: its limits, and names that no package may have.
pub fn list_package(
    folder: &Path,
    limits: &Limits,
    wanted: &(dyn Fn(&Path, FileId) -> bool + Sync),
) -> Result<PackageFolder, ArchiveError> {
    let admission = Admission {
        limits,
        wanted,
        state: Mutex::default(),
    };
    let listed = Inventory::with_choice(folder, &admission);
    let mut state = admission.state.into_inner().unwrap_or_else(PoisonError::into_inner);
    if let Some(fault) = state.fault {
        return Err(fault);
    }
    let mut inventory = listed.map_err(unreadable)?;
    inventory.retain(|item| has_place(item.kind));
    state.left_out.sort_unstable();
    Ok(PackageFolder {
        inventory,
        left_out: state.left_out,
    })
}

fn has_place(kind: ItemKind) -> bool {
    matches!(kind, ItemKind::File | ItemKind::Folder)
}

#[derive(Default)]
struct State {
    entries: u64,
    bytes: u64,
    left_out: Vec<PathBuf>,
    fault: Option<ArchiveError>,
}

struct Admission<'a> {
    limits: &'a Limits,
    wanted: &'a (dyn Fn(&Path, FileId) -> bool + Sync),
    state: Mutex<State>,
}

impl Choice for Admission<'_> {
    fn wants(&self, path: &Path, id: FileId) -> bool {
        (self.wanted)(path, id)
    }

    fn admit(&self, item: &Item) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if !has_place(item.kind) {
            state.left_out.push(item.path.clone());
            return true;
        }
        match judge_name(item, self.limits).and_then(|()| count(&mut state, item, self.limits)) {
            Ok(()) => true,
            Err(fault) => {
                state.fault.get_or_insert(fault);
                false
            }
        }
    }
}

fn judge_name(item: &Item, limits: &Limits) -> Result<(), ArchiveError> {
    let bytes = item.path.as_os_str().as_bytes();
    let member = || shown_bytes(bytes);
    let Some(path) = item.path.to_str() else {
        return Err(ArchiveError::NameEncoding {
            member: member(),
            what: super::phrases::ITS_NAME,
        });
    };
    if path.contains('\\') {
        return Err(ArchiveError::Backslash { member: member() });
    }
    if path.contains(char::is_control) {
        return Err(ArchiveError::ControlCharacter { member: member() });
    }
    let longest = path.split('/').map(str::len).max().unwrap_or(0) as u64;
    let too_long = |bytes, limit| ArchiveError::NameTooLong {
        member: member(),
        bytes,
        limit,
    };
    if longest > limits.name_bytes {
        return Err(too_long(longest, limits.name_bytes));
    }
    if path.len() >= PATH_BYTES {
        return Err(too_long(path.len() as u64, PATH_BYTES as u64));
    }
    Ok(())
}

fn count(state: &mut State, item: &Item, limits: &Limits) -> Result<(), ArchiveError> {
    let member = || shown_bytes(item.path.as_os_str().as_bytes());
    let parts = item.path.components().count() as u64;
    let depth = if item.kind == ItemKind::Folder {
        parts
    } else {
        parts - 1
    };
    state.entries += 1;
    state.bytes = state.bytes.saturating_add(item.size);
    if depth > limits.depth {
        return Err(ArchiveError::TooDeep {
            member: member(),
            depth,
            limit: limits.depth,
        });
    }
    if state.entries > limits.entries {
        return Err(ArchiveError::TooManyEntries {
            found: state.entries,
            limit: limits.entries,
        });
    }
    if item.size > limits.entry_bytes {
        return Err(ArchiveError::EntryTooLarge {
            member: member(),
            bytes: item.size,
            limit: limits.entry_bytes,
        });
    }
    if state.bytes > limits.total_bytes {
        return Err(ArchiveError::TotalTooLarge {
            bytes: state.bytes,
            limit: limits.total_bytes,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    fn list(folder: &Path, limits: &Limits) -> Result<PackageFolder, ArchiveError> {
        list_package(folder, limits, &|_, _| true)
    }

    #[test]
    fn limits_hold_while_the_folder_is_listed() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("a/b/c")).unwrap();
        fs::write(folder.path().join("a/b/c/long-name"), "12345").unwrap();
        fs::write(folder.path().join("other"), "12345").unwrap();
        for (key, tight, enough, rule) in [
            ("entradas", 4, 5, "ZIP_TOO_MANY_ENTRIES"),
            ("bytes_total", 9, 10, "ZIP_TOTAL_TOO_LARGE"),
            ("bytes_entrada", 4, 5, "ZIP_ENTRY_TOO_LARGE"),
            ("profundidade", 2, 3, "ZIP_TOO_DEEP"),
            ("bytes_nome", 8, 9, "ZIP_NAME_TOO_LONG"),
        ] {
            let limits = |value| {
                let mut limits = Limits::default();
                limits.set(key, value).unwrap();
                limits
            };
            let fault = list(folder.path(), &limits(tight)).unwrap_err();
            assert!(fault.to_string().starts_with(rule), "{key}: {fault}");
            assert_eq!(list(folder.path(), &limits(enough)).unwrap().inventory.items().len(), 5);
        }
    }

    #[test]
    fn names_of_no_package_are_refused_and_links_are_named() {
        for (name, rule) in [
            (&b"\xff"[..], "ZIP_NAME_ENCODING"),
            (b"a\\b", "ZIP_BACKSLASH"),
            (b"a\tb", "ZIP_CONTROL_CHARACTER"),
        ] {
            let folder = tempfile::tempdir().unwrap();
            fs::write(folder.path().join(OsStr::from_bytes(name)), "x").unwrap();
            let fault = list(folder.path(), &Limits::default()).unwrap_err();
            assert!(fault.to_string().starts_with(rule), "{fault}");
        }
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("a")).unwrap();
        symlink("/etc/passwd", folder.path().join("a/link")).unwrap();
        symlink("/etc", folder.path().join("folder")).unwrap();
        let found = list(folder.path(), &Limits::default()).unwrap();
        assert_eq!(found.left_out, ["a/link", "folder"].map(PathBuf::from));
        assert_eq!(found.inventory.items().len(), 1);
    }
}
