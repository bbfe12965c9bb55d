//! Unpacks the backup of a tree: whatever stood in it, byte for byte. Rules for packages do not apply; nothing is written
//! beside the folder that is given.

use std::fs::File;
use std::io::{self, BufReader, Seek};
use std::path::{Component, Path, PathBuf};

use flate2::read::GzDecoder;
use zip::ZipArchive;

use super::{ArchiveError, BackupForm};
use crate::base::fs::{ensure_folders, replace_file};

/// What a folder may be done with until the tree is given to its owner.
const FOLDER: u32 = 0o755;
/// ... and a file of which the archive says nothing.
const FILE: u32 = 0o644;

/// Unpacks a backup into an empty private folder.
///
/// # Errors
/// A damaged archive, a name that leads out of the folder.
pub fn unpack_backup(path: &Path, file: &File, form: BackupForm, folder: &Path) -> Result<(), ArchiveError> {
    let mut file = file;
    let unpacked = file.rewind().and_then(|()| match form {
        BackupForm::Zip => unpack_zip(file, folder),
        BackupForm::TarGz => unpack_tar(file, folder),
    });
    unpacked.map_err(|source| ArchiveError::KeptUnreadable(path.to_owned(), source))
}

fn unpack_zip(file: &File, folder: &Path) -> io::Result<()> {
    let mut archive = ZipArchive::new(BufReader::new(file))?;
    for place in 0..archive.len() {
        let mut member = archive.by_index(place)?;
        let name = String::from_utf8_lossy(member.name_raw()).into_owned();
        let target = place_of(folder, Path::new(&name))?;
        let above = if member.is_dir() {
            Some(&*target)
        } else {
            target.parent()
        };
        if let Some(above) = above {
            ensure_folders(folder, above, None, FOLDER).map_err(io::Error::other)?;
        }
        if member.is_dir() {
            continue;
        }
        let mode = member.unix_mode().unwrap_or(FILE) & 0o777;
        let mut out = replace_file(&target, None, mode).map_err(io::Error::other)?;
        // To its end: there its CRC-32 is compared.
        io::copy(&mut member, &mut out)?;
    }
    Ok(())
}

fn unpack_tar(file: &File, folder: &Path) -> io::Result<()> {
    let mut archive = tar::Archive::new(GzDecoder::new(BufReader::new(file)));
    for entry in archive.entries()? {
        let mut entry = entry?;
        entry.set_preserve_mtime(true);
        // A link leads where it led; nothing is ever written through one.
        if !entry.unpack_in(folder)? {
            return Err(leads_out(&entry.path()?));
        }
    }
    // The rest, and with it the checksum of the whole.
    io::copy(&mut archive.into_inner(), &mut io::sink()).map(|_| ())
}

fn place_of(folder: &Path, name: &Path) -> io::Result<PathBuf> {
    let is_plain = name.components().all(|part| matches!(part, Component::Normal(_)));
    if is_plain {
        Ok(folder.join(name))
    } else {
        Err(leads_out(name))
    }
}

fn leads_out(name: &Path) -> io::Error {
    io::Error::other(super::phrases::leads_out(name))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;
    use crate::archive::{pack_backup, verify_backup};
    use crate::base::fs::Inventory;

    fn there_and_back(from: &Path) -> (BackupForm, tempfile::TempDir) {
        let inventory = Inventory::of(from).unwrap();
        let form = BackupForm::of(&inventory);
        let file = tempfile::tempfile().unwrap();
        let packed = pack_backup(&inventory, form, &file, None).unwrap();
        verify_backup(&file, form, &packed).unwrap();
        let to = tempfile::tempdir().unwrap();
        unpack_backup(Path::new("backup"), &file, form, to.path()).unwrap();
        (form, to)
    }

    fn make(folder: &Path) {
        fs::create_dir_all(folder.join("a/empty")).unwrap();
        fs::write(folder.join("a/á.php"), "<?php").unwrap();
        fs::write(folder.join("run"), "x".repeat(200_000)).unwrap();
        fs::set_permissions(folder.join("run"), fs::Permissions::from_mode(0o755)).unwrap();
    }

    #[test]
    fn a_tree_comes_out_as_it_went_in() {
        let from = tempfile::tempdir().unwrap();
        make(from.path());
        for expected in [BackupForm::Zip, BackupForm::TarGz] {
            let (form, to) = there_and_back(from.path());
            assert_eq!(form, expected);
            assert_eq!(fs::read(to.path().join("a/á.php")).unwrap(), b"<?php");
            assert!(to.path().join("a/empty").is_dir());
            let mode = |name: &str| fs::metadata(to.path().join(name)).unwrap().permissions().mode() & 0o111;
            assert_eq!((mode("run"), mode("a/á.php")), (0o111, 0));
            if form == BackupForm::TarGz {
                assert_eq!(fs::read_link(to.path().join("link")).unwrap(), Path::new("run"));
            }
            symlink("run", from.path().join("link")).unwrap_or_default();
        }
    }

    #[test]
    fn a_name_that_leads_out_is_refused() {
        let folder = Path::new("/f");
        for name in ["../a", "/a", "a/../../b", "./a"] {
            assert!(place_of(folder, Path::new(name)).is_err(), "{name}");
        }
        assert_eq!(place_of(folder, Path::new("a/b")).unwrap(), Path::new("/f/a/b"));
    }

    #[test]
    fn damage_is_found() {
        let from = tempfile::tempdir().unwrap();
        make(from.path());
        let inventory = Inventory::of(from.path()).unwrap();
        for form in [BackupForm::Zip, BackupForm::TarGz] {
            let file = tempfile::tempfile().unwrap();
            pack_backup(&inventory, form, &file, None).unwrap();
            let length = file.metadata().unwrap().len();
            file.set_len(length - 30).unwrap();
            let to = tempfile::tempdir().unwrap();
            assert!(
                unpack_backup(Path::new("b"), &file, form, to.path()).is_err(),
                "{form:?}"
            );
        }
    }
}
