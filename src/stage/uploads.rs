//! Packages that were given to the gestor's page of plugins: `contents/plugins/*.zip`. They are the site's, so each counts
//! as a package only by its SHA-256.

use std::fs::File;
use std::path::PathBuf;

use crate::base::fs::{from_start, open_to_read};
use crate::base::hash::sha256_reader;
use crate::model::{GestorRoot, Sha256Digest};

/// How many are looked at, the last by name first: a page of the gestor leaves there what it was given.
const MOST: usize = 200;

/// The upload with a SHA-256, open, and its path. What cannot be read is none.
pub fn find_upload(root: &GestorRoot, wanted: Sha256Digest, limit: u64) -> Option<(PathBuf, File)> {
    // A deployment may keep `contents/` elsewhere.
    let folder = root.uploads().canonicalize().ok()?;
    let entries = folder.read_dir().ok()?.filter_map(Result::ok).map(|entry| entry.path());
    let is_package = |path: &PathBuf| path.extension().is_some_and(|end| end.eq_ignore_ascii_case("zip"));
    let mut paths: Vec<PathBuf> = entries.filter(is_package).collect();
    paths.sort_unstable();
    paths.into_iter().rev().take(MOST).find_map(|path| {
        let file = open_to_read(&path, limit).ok()?;
        let (digest, _) = sha256_reader(from_start(&file)).ok()?;
        (digest == wanted).then_some((path, file))
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn an_upload_is_known_by_its_bytes_alone() {
        let top = tempfile::tempdir().unwrap();
        let root = GestorRoot::new(top.path().canonicalize().unwrap());
        let wanted = sha256_reader(&b"package"[..]).unwrap().0;
        assert!(find_upload(&root, wanted, 100).is_none(), "there is no such folder");
        let folder = root.uploads();
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("b.zip"), "another").unwrap();
        std::fs::write(folder.join("a.txt"), "package").unwrap();
        std::fs::write(top.path().join("outside.zip"), "package").unwrap();
        symlink(top.path().join("outside.zip"), folder.join("c.zip")).unwrap();
        std::fs::create_dir(folder.join("d.zip")).unwrap();
        assert!(
            find_upload(&root, wanted, 100).is_none(),
            "neither another kind nor a link"
        );
        std::fs::write(folder.join("a.ZIP"), "package").unwrap();
        let (path, _) = find_upload(&root, wanted, 100).unwrap();
        assert_eq!(path, folder.join("a.ZIP"));
        assert!(
            find_upload(&root, wanted, 3).is_none(),
            "it is larger than a package may be"
        );
    }
}
