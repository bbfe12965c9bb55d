//! Where the archive of a plugin that went stands, and the backup of its tree: by the stamp that both names have. Opens
//! them; what stands in them is for others to say.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::kept::trusted;
use super::{StageError, premises};
use crate::base::fs as base;
use crate::model::{GestorRoot, Slug};

/// What the name of such an archive begins with.
pub const KIND: &str = "removido";
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

/// The name of that backup.
pub fn backup_name(slug: &Slug, stamp: &str, ending: &str) -> String {
    format!("{slug}-{stamp}.{ending}")
}

/// Whether a backup has the stamp already.
pub(super) fn is_taken(backups: &Path, slug: &Slug, stamp: &str) -> bool {
    let stands = |ending: &&str| std::fs::symlink_metadata(backups.join(backup_name(slug, stamp, ending))).is_ok();
    BACKUP_ENDINGS.iter().any(|ending| stands(&ending))
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
        for name in ["1.0.0.zip", "adotados-1.json", "removido-1.json", "xremovido-1.zip"] {
            assert_eq!(stamp_of(name), None, "{name}");
        }
    }
}
