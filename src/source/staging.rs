//! Refuses sources that stand in our own staging: it is cleared before anything is read, and they would be deleted.

use std::path::Path;

use super::{SourceError, local};
use crate::base::fs::FileId;
use crate::config::parameter::{FILE, LOCAL_PATH};
use crate::config::{InstallParameters, Origin};
use crate::model::GestorRoot;

/// Looks at the path that a call names. One that leads nowhere is told when it is fetched.
pub fn refuse_staging(parameters: &InstallParameters) -> Result<(), SourceError> {
    let (given, key) = match &parameters.origin {
        Origin::Upload(file) | Origin::File(file) => (file.as_deref(), FILE.name),
        Origin::LocalPath(path) => (path.as_deref(), LOCAL_PATH.name),
        Origin::Github(_) | Origin::Url(_) | Origin::Index(_) => return Ok(()),
    };
    match given.and_then(|given| local::find(parameters, given, key).ok()) {
        Some(path) => refuse_folder_in_staging(&parameters.site.root, &path, key),
        None => Ok(()),
    }
}

/// Looks at a path: at every folder on the way, with links followed and `..` resolved.
pub fn refuse_folder_in_staging(root: &GestorRoot, path: &Path, key: &'static str) -> Result<(), SourceError> {
    let areas = [root.work(), root.plugins().join(".staging")];
    let areas: Vec<FileId> = areas.iter().filter_map(|area| FileId::of(area)).collect();
    let stands_in = |place: &Path| {
        let parent = place.parent().and_then(FileId::of);
        // Files beside the staging folders are not cleared.
        place.is_dir() && parent.is_some_and(|parent| areas.contains(&parent))
    };
    let leads_through = path
        .ancestors()
        .filter_map(|way| way.canonicalize().ok())
        .any(|real| real.ancestors().any(stands_in) || is_unfinished(root, &real));
    if leads_through {
        let path = path.to_owned();
        return Err(SourceError::InStaging { key, path });
    }
    Ok(())
}

/// Backups and kept packages until they have their names.
fn is_unfinished(root: &GestorRoot, real: &Path) -> bool {
    let name = real.file_name().unwrap_or_default().to_string_lossy();
    let parent = real.parent();
    let is_in = |folder: &Path| FileId::of(folder).is_some_and(|id| parent.and_then(FileId::of) == Some(id));
    let is_partial = name.starts_with('.') && name.contains("partial.zip");
    let is_kept = || {
        let above = parent.and_then(Path::parent).and_then(FileId::of);
        above.is_some() && above == FileId::of(&root.as_path().join("backups").join("plugins"))
    };
    is_partial && (is_in(&root.tree_backups()) || is_kept())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::config::{Argument, Settings};

    #[test]
    fn every_way_into_staging_is_refused_and_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path();
        let root = GestorRoot::new(top.join("g"));
        for path in [
            "temp/plugins/p/x",
            "temp/plugins/other",
            "plugins/.staging/p",
            "plugins/_backups",
            "backups/plugins/p",
            "contents",
        ] {
            fs::create_dir_all(top.join("g").join(path)).unwrap();
        }
        for path in [
            "temp/plugins/p/a.zip",
            "temp/plugins/free.zip",
            "contents/a.zip",
            "plugins/_backups/.p.partial.zip",
            "plugins/_backups/p-1.zip",
            "backups/plugins/p/.partial.zip",
            "backups/plugins/p/1.0.0.zip",
            "plugins/_backups/partial.zip",
            "plugins/_backups/.p.zip",
            "contents/.p.partial.zip",
        ] {
            fs::write(top.join("g").join(path), "x").unwrap();
        }
        symlink("g/temp/plugins/p/x", top.join("folder-link")).unwrap();
        symlink("g/temp/plugins/p/a.zip", top.join("link.zip")).unwrap();
        symlink(top.join("g/contents/a.zip"), top.join("g/temp/plugins/p/out.zip")).unwrap();
        symlink("g", top.join("other-name")).unwrap();
        for (path, refused) in [
            ("g/temp/plugins/p/a.zip", true),
            ("g/temp/plugins/p", true),
            ("g/temp/plugins/other", true),
            ("g/plugins/.staging/p", true),
            ("folder-link", true),
            ("link.zip", true),
            ("other-name/temp/plugins/p/a.zip", true),
            ("g/temp/plugins/p/out.zip", true),
            ("g/contents/../temp/plugins/p/a.zip", true),
            ("g/temp/plugins/p/../../../contents/a.zip", true),
            ("g/plugins/_backups/.p.partial.zip", true),
            ("g/backups/plugins/p/.partial.zip", true),
            ("g/backups/plugins/p/1.0.0.zip", false),
            ("g/plugins/_backups/partial.zip", false),
            ("g/plugins/_backups/.p.zip", false),
            ("g/contents/.p.partial.zip", false),
            ("g/plugins/_backups/p-1.zip", false),
            ("g/temp/plugins/free.zip", false),
            ("g/contents/a.zip", false),
            ("g/temp/plugins", false),
            ("g", false),
        ] {
            let found = refuse_folder_in_staging(&root, &top.join(path), "arquivo");
            assert_eq!(found.is_err(), refused, "{path}");
        }
    }

    #[test]
    fn the_path_that_a_call_names_is_looked_at() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("g");
        fs::create_dir_all(root.join("temp/plugins/p")).unwrap();
        fs::write(root.join("temp/plugins/p/a.zip"), "x").unwrap();
        fs::write(root.join("a.zip"), "x").unwrap();
        for (origin, key, file, refused) in [
            ("upload", "arquivo", "temp/plugins/p/a.zip", true),
            ("upload", "arquivo", "a.zip", false),
            ("upload", "arquivo", "absent.zip", false),
            ("local_path", "local_path", "temp/plugins/p", true),
            ("local_path", "local_path", "a.zip", false),
            ("url", "arquivo", "temp/plugins/p/a.zip", false),
        ] {
            let text = |text: &[u8]| Argument::Bytes(text.to_vec());
            let entries = [
                ("raiz", text(root.as_os_str().as_bytes())),
                ("origem_tipo", text(origin.as_bytes())),
                (key, text(file.as_bytes())),
            ];
            let entries = entries.map(|(key, value)| (key.to_owned(), value)).to_vec();
            let call = InstallParameters::read(Argument::Map(entries), &Settings::default()).unwrap();
            assert_eq!(refuse_staging(&call).is_err(), refused, "{origin} {file}");
        }
    }
}
