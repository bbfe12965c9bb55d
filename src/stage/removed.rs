//! Where the archive of a plugin that went stands, and the backup of its tree: by the stamp that both names have. Opens
//! them; what stands in them is for others to say.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::kept::{self, trusted};
use super::{StageError, premises};
use crate::base::fs as base;
use crate::model::{GestorRoot, Slug};

/// What the name of such an archive begins with.
pub const KIND: &str = "removido";
/// How a copy of what was taken away of the schema begins and ends.
pub(super) const SCHEMA_COPY: (&str, &str) = ("esquema-", ".jsonl.gz");
/// Files in which operations set rows and tables aside before they changed or went; they name no database.
const COPIES: [(&str, &str); 3] = [SCHEMA_COPY, ("adotados-", ".json"), ("orfaos-", ".json")];
/// More bytes than such a file has.
const ADOPTED_BYTES: u64 = 1 << 30;
/// Endings that a backup may have.
pub const BACKUP_ENDINGS: [&str; 2] = ["zip", "tar.gz"];

/// The archive with a name, open; nothing where it is not there, or others can have put it there.
pub fn open(root: &GestorRoot, slug: &Slug, name: &str) -> Result<Option<(PathBuf, File)>, StageError> {
    // A name of ours leads nowhere else.
    if stamp_of(name).is_none() || name.contains('/') {
        return Ok(None);
    }
    trusted(root, slug, root.kept(slug).join(name))
}

/// A copy of what was taken away of the schema, open; nothing where it is not there, or others can have put it there.
pub fn open_copy(root: &GestorRoot, slug: &Slug, name: &str) -> Result<Option<(PathBuf, File)>, StageError> {
    if !name.starts_with("esquema-") || name.contains('/') {
        return Ok(None);
    }
    trusted(root, slug, root.kept(slug).join(name))
}

/// The names of all archives of a plugin, the newest first.
pub fn names(root: &GestorRoot, slug: &Slug) -> Result<Vec<String>, StageError> {
    let mut names = match base::file_names(&root.kept(slug)) {
        Err(fault) if fault.is_absent() => return Ok(Vec::new()),
        names => names?,
    };
    names.retain(|name| stamp_of(name).is_some());
    names.sort_unstable_by_key(|name| std::cmp::Reverse(order_of(name)));
    Ok(names)
}

/// The second archive of one second is newer than the first, and the tenth than the ninth.
fn order_of(name: &str) -> (String, u32) {
    let stamp = stamp_of(name).unwrap_or_default();
    let parts: Vec<&str> = stamp.splitn(3, '-').collect();
    let number = parts.get(2).and_then(|number| number.parse().ok()).unwrap_or(1);
    (parts[..parts.len().min(2)].join("-"), number)
}

/// What tells the files of the operation from those of others.
pub fn stamp_of(name: &str) -> Option<&str> {
    name.strip_prefix(KIND)?.strip_prefix('-')?.strip_suffix(".zip")
}

/// The backup of the tree that went with an archive, open, with its ending; nothing where there is none, or others can
/// have put it there.
pub fn backup(
    root: &GestorRoot,
    slug: &Slug,
    stamp: &str,
) -> Result<Option<(PathBuf, File, &'static str)>, StageError> {
    let owner = premises::owner(root)?;
    let folder = root.tree_backups();
    if !base::trusted_folder(&folder, owner)? {
        return Ok(None);
    }
    for ending in BACKUP_ENDINGS {
        let path = folder.join(backup_name(slug, stamp, ending));
        if let Some(file) = base::open_trusted(&path, owner, false)? {
            return Ok(Some((path, file, ending)));
        }
    }
    Ok(None)
}

/// Files in which operations set aside what rows held before the plugin adopted them, the oldest first. One that others can
/// have written is passed over.
pub fn adopted(root: &GestorRoot, slug: &Slug) -> Result<Vec<(PathBuf, Vec<u8>)>, StageError> {
    let mut names = match base::file_names(&root.kept(slug)) {
        Err(fault) if fault.is_absent() => return Ok(Vec::new()),
        names => names?,
    };
    names.retain(|name| name.starts_with("adotados-") && name.strip_suffix(".json").is_some());
    names.sort_unstable();
    let mut found = Vec::new();
    for name in names {
        if let Some((path, file)) = trusted(root, slug, root.kept(slug).join(name))? {
            let text = base::read_all(file, &path, ADOPTED_BYTES)?;
            found.push((path, text));
        }
    }
    Ok(found)
}

/// The name of that backup.
pub fn backup_name(slug: &Slug, stamp: &str, ending: &str) -> String {
    format!("{slug}-{stamp}.{ending}")
}

/// What is taken away of what is kept of a plugin.
#[derive(Debug)]
pub struct Forgotten {
    /// Its archives.
    pub archives: Vec<String>,
    /// Copies of what was taken away of its schema, that are known to be this database's; nothing where copies stay.
    pub copies: Option<Vec<String>>,
    /// SHA-256 of packages that stay.
    pub needed: Vec<String>,
    /// Other databases have the plugin, or could bring it back: of backups only those go that belong to the archives.
    pub is_shared: bool,
}

/// Removes archives of a plugin, kept packages, backups of its tree, and copies of rows and tables. Gives what could not be
/// removed.
pub fn forget(root: &GestorRoot, slug: &Slug, what: &Forgotten) -> Vec<(PathBuf, StageError)> {
    let (mut paths, mut faults) = (Vec::new(), Vec::new());
    paths.extend(what.archives.iter().map(|name| root.kept(slug).join(name)));
    if let Some(own) = &what.copies {
        let mut names = copies(root, slug);
        names.retain(|name| !what.is_shared || own.contains(name));
        paths.extend(names.iter().map(|name| root.kept(slug).join(name)));
    }
    match kept::list(root, slug) {
        Ok(packages) => {
            let is_needed = |sha256: &Option<String>| sha256.as_ref().is_some_and(|found| what.needed.contains(found));
            for package in packages.into_iter().filter(|package| !is_needed(&package.sha256)) {
                paths.extend([kept::checksum_of(&package.path), package.path]);
            }
        }
        Err(fault) => faults.push((root.kept(slug), fault.into())),
    }
    let backups = root.tree_backups();
    let found = base::file_names(&backups).unwrap_or_default();
    let of_archive = |name: &str, archive: &String| {
        let stamp = stamp_of(archive).unwrap_or_default();
        BACKUP_ENDINGS
            .iter()
            .any(|ending| name == backup_name(slug, stamp, ending))
    };
    let goes = |name: &&String| {
        if what.is_shared {
            what.archives.iter().any(|archive| of_archive(name, archive))
        } else {
            is_backup_of(name, slug)
        }
    };
    let own = found.iter().filter(goes);
    paths.extend(own.map(|name| backups.join(name)));
    let removed = paths.into_iter().filter_map(|path| match base::remove_file(&path) {
        Err(fault) if !fault.is_absent() => Some((path, fault.into())),
        _ => None,
    });
    faults.extend(removed);
    let _ = base::remove_empty_folder(&root.kept(slug));
    faults
}

fn copies(root: &GestorRoot, slug: &Slug) -> Vec<String> {
    let mut names = base::file_names(&root.kept(slug)).unwrap_or_default();
    names.retain(|name| {
        // What was cut short as well.
        let name = name.strip_suffix(".parte").unwrap_or(name);
        let is_of = |(start, end): &(&str, &str)| name.starts_with(start) && name.ends_with(end);
        COPIES.iter().any(is_of)
    });
    names
}

/// Whether such copies are there.
pub fn has_copies(root: &GestorRoot, slug: &Slug) -> bool {
    !copies(root, slug).is_empty()
}

/// Whether anything is kept of a plugin.
pub fn is_anything_kept(root: &GestorRoot, slug: &Slug) -> bool {
    let is_any = |names: Result<Vec<String>, _>, is_own: &dyn Fn(&String) -> bool| {
        names.is_ok_and(|names: Vec<String>| names.iter().any(is_own))
    };
    let kept = kept::list(root, slug).is_ok_and(|packages| !packages.is_empty());
    kept || has_copies(root, slug)
        || names(root, slug).is_ok_and(|names| !names.is_empty())
        || is_any(base::file_names(&root.tree_backups()), &|name| is_backup_of(name, slug))
}

/// Whether a name is that of a backup of the plugin's tree: another plugin's slug may begin with this one.
pub(super) fn is_backup_of(name: &str, slug: &Slug) -> bool {
    let rest = name.strip_prefix(slug.as_str()).and_then(|rest| rest.strip_prefix('-'));
    let Some((stamp, ending)) = rest.and_then(|rest| rest.split_once('.')) else {
        return false;
    };
    let parts: Vec<&str> = stamp.split('-').collect();
    let is_number = |part: &&str| part.bytes().all(|byte| byte.is_ascii_digit());
    let is_stamp = matches!(parts.as_slice(), [date, time, ..] if date.len() == 8 && time.len() == 6);
    BACKUP_ENDINGS.contains(&ending) && is_stamp && parts.len() <= 3 && parts.iter().all(is_number)
}

/// Whether a backup has the stamp already.
pub(super) fn is_taken(backups: &Path, slug: &Slug, stamp: &str) -> bool {
    let stands = |ending: &&str| std::fs::symlink_metadata(backups.join(backup_name(slug, stamp, ending))).is_ok();
    BACKUP_ENDINGS.iter().any(stands)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_archive_comes_first() {
        let mut names = [
            "removido-20260102-030405.zip",
            "removido-20260102-030405-2.zip",
            "removido-20260102-030405-10.zip",
            "removido-20260102-030404.zip",
        ];
        names.sort_unstable_by_key(|name| std::cmp::Reverse(order_of(name)));
        let stamps: Vec<Option<&str>> = names.iter().map(|name| stamp_of(name)).collect();
        assert_eq!(
            stamps,
            [
                Some("20260102-030405-10"),
                Some("20260102-030405-2"),
                Some("20260102-030405"),
                Some("20260102-030404")
            ]
        );
        let slug = Slug::normalize("a").unwrap();
        for (name, is_it) in [
            ("a-20260102-030405.zip", true),
            ("a-20260102-030405-2.tar.gz", true),
            ("a-b-20260102-030405.zip", false),
            ("a-20260102.zip", false),
            ("a-20260102-030405.txt", false),
            ("a-20260102-030405-2-3.zip", false),
        ] {
            assert_eq!(is_backup_of(name, &slug), is_it, "{name}");
        }
        for name in ["1.0.0.zip", "adotados-1.json", "removido-1.json", "xremovido-1.zip"] {
            assert_eq!(stamp_of(name), None, "{name}");
        }
    }
}
