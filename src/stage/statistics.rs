//! `logs/plugins/estatisticas-<month>.json`: reads and replaces it, one process after the other. What stands in it is decided
//! by `observe`. Images of the gestor let everybody write to `logs/`: whoever reads it here believes only what he can check.

use std::path::Path;

use super::{StageError, list_file, premises};
use crate::base::fs::{self as base, Holder};
use crate::model::GestorRoot;

/// Bytes that a month has at most: a few hundred a plugin.
const LIMIT: u64 = 8 << 20;
/// Like the log beside it.
const FOLDER_MODE: u32 = 0o755;
const FILE_MODE: u32 = 0o644;

/// What stands there; nothing where that is no ordinary file of a sane size. A link is not followed.
pub fn read(root: &GestorRoot, month: &str) -> Option<Vec<u8>> {
    base::read_small(&root.statistics(month), LIMIT).ok()
}

/// Replaces it by what is made of what stands there, while nobody else does. `make` gives nothing where it stays, else the new
/// bytes, and whether what stands there was refused: it is set aside as `<name>.recusado` then, and so is a file that
/// cannot be read.
///
/// # Errors
/// Where the lock could not be had, or the file not be written.
pub fn update(
    root: &GestorRoot,
    month: &str,
    holder: &Holder,
    make: impl FnOnce(Option<&[u8]>) -> Option<(Vec<u8>, bool)>,
) -> Result<(), StageError> {
    let _lock = list_file::lock(root, &root.statistics_lock(), holder)?;
    let path = root.statistics(month);
    let found = base::read_small(&path, LIMIT);
    let is_file = path.symlink_metadata().is_ok_and(|found| found.is_file());
    let is_unreadable = found.is_err() && is_file;
    let Some((bytes, is_refused)) = make(found.ok().as_deref()) else {
        return Ok(());
    };
    let owner = premises::log_owner(root)?;
    let above = path.parent().unwrap_or(&path);
    premises::ensure(&root.logs(), above, owner, FOLDER_MODE)?;
    if is_refused || is_unreadable {
        let mut aside = path.as_os_str().to_owned();
        aside.push(".recusado");
        // What cannot be moved is replaced.
        let _ = base::rename_over(&path, Path::new(&aside));
    }
    Ok(base::write_whole_as(&path, (Some(owner), FILE_MODE), &bytes)?)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{MetadataExt, symlink};

    use super::*;

    #[test]
    fn a_month_is_replaced_whole_and_never_through_a_link() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("plugins")).unwrap();
        let root = GestorRoot::new(folder.path());
        let holder = Holder::this_process(String::new());
        let path = root.statistics("2026-11");
        let write = |text: &str, is_refused: bool| {
            let mut found = None;
            update(&root, "2026-11", &holder, |bytes| {
                found = bytes.map(<[u8]>::to_vec);
                Some((text.as_bytes().to_vec(), is_refused))
            })
            .unwrap();
            found
        };
        assert_eq!(write("one", false), None);
        assert_eq!(write("two", false).unwrap(), b"one");
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o644);
        update(&root, "2026-11", &holder, |_| None).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        write("three", true);
        assert_eq!(fs::read(path.with_extension("json.recusado")).unwrap(), b"two");
        // One that is too large to be one.
        let whole = fs::File::options().write(true).open(&path).unwrap();
        whole.set_len(LIMIT + 1).unwrap();
        assert_eq!(write("four", false), None);
        let aside = path.with_extension("json.recusado");
        assert_eq!(fs::metadata(&aside).unwrap().len(), LIMIT + 1);
        let target = folder.path().join("target");
        fs::write(&target, "target").unwrap();
        fs::remove_file(&path).unwrap();
        symlink(&target, &path).unwrap();
        assert_eq!(write("four", false), None, "what a link leads to is not read");
        assert_eq!(
            (fs::read(&path).unwrap(), fs::read(&target).unwrap()),
            (b"four".to_vec(), b"target".to_vec())
        );
    }
}
