//! The kept package: `backups/plugins/<slug>/<version>.zip` with its SHA-256 file. Prepared before the commit, so that
//! after it there is only a rename left that can fail.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use super::backup::{FILE_MODE, create, prepare_folder};
use super::{Layout, StageError};
use crate::base::fs::{self as base, Attempt, FsError, Owner};
use crate::model::{Sha256Digest, Version};

/// The content of a `.sha256` file: `<hex>  <name>`.
pub fn checksum_line(digest: Sha256Digest, version: Version) -> String {
    format!("{digest}  {version}.zip\n")
}

/// Puts the staged package ([`Layout::package`]) and its SHA-256 file beside their final places. It is linked where that
/// is possible, else copied.
pub fn prepare(layout: &Layout, version: Version, digest: Sha256Digest, owner: Owner) -> Result<(), StageError> {
    prepare_folder(&layout.kept(), owner)?;
    if !link(layout, owner)? {
        copy(layout, owner)?;
    }
    let path = layout.kept_checksum_partial();
    create(&path, owner)?
        .write_all(checksum_line(digest, version).as_bytes())
        .map_err(|fault| FsError::new(Attempt::Write, &path, fault).into())
}

/// A link costs nothing. A package with another name already might be somebody's own file: that one is copied.
fn link(layout: &Layout, owner: Owner) -> Result<bool, StageError> {
    let (package, path) = (layout.package(), layout.kept_partial());
    let read = |fault| FsError::new(Attempt::Read, &package, fault);
    let found = fs::symlink_metadata(&package).map_err(read)?;
    if !found.is_file() || found.nlink() > 1 {
        return Ok(false);
    }
    base::remove_file(&path)?;
    if fs::hard_link(&package, &path).is_err() {
        return Ok(false);
    }
    let file = File::open(&path).map_err(|fault| FsError::new(Attempt::Read, &path, fault))?;
    file.set_permissions(fs::Permissions::from_mode(FILE_MODE))
        .map_err(|fault| FsError::new(Attempt::ChangeMode, &path, fault))?;
    owner.give(&file, &path)?;
    Ok(true)
}

fn copy(layout: &Layout, owner: Owner) -> Result<(), StageError> {
    let (package, path) = (layout.package(), layout.kept_partial());
    let mut from = File::open(&package).map_err(|fault| FsError::new(Attempt::Read, &package, fault))?;
    let mut to = create(&path, owner)?;
    io::copy(&mut from, &mut to).map_err(|fault| FsError::new(Attempt::Write, &path, fault))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::hash::sha256;
    use crate::model::{GestorRoot, Slug};
    use crate::stage::Place;

    #[test]
    fn a_package_is_linked_or_copied_and_nobodys_file_is_touched() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::new(
            GestorRoot::new(folder.path()),
            Slug::normalize("p").unwrap(),
            Place::Temp,
        );
        fs::create_dir_all(layout.staging()).unwrap();
        fs::write(layout.package(), "zip").unwrap();
        fs::set_permissions(layout.package(), fs::Permissions::from_mode(0o600)).unwrap();
        let owner = Owner::of(folder.path()).unwrap();
        let (version, digest) = ("1.2.3".parse().unwrap(), sha256(b"zip"));
        prepare(&layout, version, digest, owner).unwrap();
        assert_eq!(fs::metadata(layout.package()).unwrap().nlink(), 2);
        assert_eq!(
            fs::read_to_string(layout.kept_checksum_partial()).unwrap(),
            format!("{digest}  1.2.3.zip\n")
        );
        fs::remove_file(layout.kept_partial()).unwrap();
        let upload = folder.path().join("upload.zip");
        fs::hard_link(layout.package(), &upload).unwrap();
        fs::set_permissions(&upload, fs::Permissions::from_mode(0o600)).unwrap();
        prepare(&layout, version, digest, owner).unwrap();
        assert_eq!(fs::metadata(&upload).unwrap().nlink(), 2);
        assert_eq!(fs::metadata(&upload).unwrap().mode() & 0o777, 0o600);
        assert_eq!(fs::read(layout.kept_partial()).unwrap(), b"zip");
        fs::remove_file(layout.package()).unwrap();
        assert!(prepare(&layout, version, digest, owner).is_err());
    }
}
