//! Where the root of a plugin is in a folder. Reads only.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::PackageError;
use crate::base::file_tree::MemoryTree;
use crate::base::fs::{Attempt, FileId, FsError, folder_names, open_to_read};
use crate::manifest::{self, ManifestError};

/// Folders of a developer's working copy that belong to no package.
const LEFT_OUT: [&str; 2] = [".git", "node_modules"];

/// Whether a path is such a folder.
pub fn is_left_out(path: &Path) -> bool {
    path.file_name()
        .is_some_and(|name| LEFT_OUT.iter().any(|left| name == *left))
}

/// The folder of the shallowest manifest. Level by level, so that a folder without one is refused at once, whatever it
/// holds.
pub fn find_root(
    folder: &Path,
    own: &[FileId],
    locate: impl Fn(&MemoryTree) -> Result<manifest::PluginRoot, ManifestError>,
) -> Result<PathBuf, PackageError> {
    // Our own folders hold trees of plugins, and none is a package.
    let is_own = FileId::of(folder).is_some_and(|id| own.contains(&id));
    let mut level = if is_own { Vec::new() } else { vec![String::new()] };
    for _ in 0..=manifest::MAX_DEPTH {
        let mut manifests = Vec::new();
        for below in &level {
            let path = folder.join(below).join(manifest::FILE_NAME);
            if fs::symlink_metadata(&path).is_ok_and(|found| found.is_file()) {
                manifests.push((format!("{below}{}", manifest::FILE_NAME), read_manifest(&path)?));
            }
        }
        if !manifests.is_empty() {
            return Ok(folder.join(locate(&MemoryTree::new(manifests))?.prefix));
        }
        level = level.iter().flat_map(|below| folders_in(folder, below, own)).collect();
    }
    Err(ManifestError::Missing.into())
}

fn read_manifest(path: &Path) -> Result<Vec<u8>, FsError> {
    let limit = manifest::MAX_BYTES as u64;
    let mut bytes = Vec::new();
    // One byte more: whoever reads the manifest says that it is too large.
    open_to_read(path, u64::MAX)?
        .take(limit + 1)
        .read_to_end(&mut bytes)
        .map_err(|fault| FsError::new(Attempt::Read, path, fault))?;
    Ok(bytes)
}

/// What cannot be read holds no manifest that we could find; if it belongs to the plugin, packing tells.
fn folders_in(folder: &Path, below: &str, own: &[FileId]) -> Vec<String> {
    let place = folder.join(below);
    let names = folder_names(&place).unwrap_or_default().into_iter();
    let wanted = names.filter(|name| {
        !LEFT_OUT.contains(&name.as_str()) && !FileId::of(&place.join(name)).is_some_and(|id| own.contains(&id))
    });
    wanted.map(|name| format!("{below}{name}/")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Slug;

    #[test]
    fn the_root_is_found_without_a_walk_of_everything() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = temporary.path().canonicalize().unwrap();
        let folder = folder.as_path();
        let slug = Slug::normalize("p").unwrap();
        let find = |own: &[FileId]| find_root(folder, own, |tree| manifest::locate(tree, &slug));
        let put = |path: &str| {
            fs::create_dir_all(folder.join(path)).unwrap();
            fs::write(folder.join(path).join("manifest.json"), r#"{"id":"p"}"#).unwrap();
        };
        put("1/2/3/4");
        put("node_modules");
        assert!(matches!(find(&[]), Err(PackageError::Manifest(ManifestError::Missing))));
        put("a/b");
        assert_eq!(find(&[]).unwrap(), folder.join("a/b/"));
        let own = FileId::of(&folder.join("a")).unwrap();
        assert!(find(&[own]).is_err());
        put("");
        let itself = FileId::of(folder).unwrap();
        assert!(find(&[itself]).is_err());
        assert_eq!(find(&[own]).unwrap(), folder);
    }
}
