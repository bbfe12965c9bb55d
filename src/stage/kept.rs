//! The kept package: `backups/plugins/<slug>/<version>.zip` with its SHA-256 file. Prepared before the commit, so that
//! after it there is only a rename left that can fail.

use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use super::backup::{FILE_MODE, create, prepare_folder};
use super::{Layout, StageError, premises};
use crate::base::fs::{self as base, Attempt, FsError, Owner};
use crate::model::{GestorRoot, Sha256Digest, Slug, Version};

/// The content of a `.sha256` file: `<hex>  <name>`.
pub fn checksum_line(digest: Sha256Digest, version: Version) -> String {
    format!("{digest}  {version}.zip\n")
}

/// Puts the staged package ([`Layout::package`]) and its SHA-256 file beside their final places. It is linked where that
/// is possible, else copied.
pub fn prepare(layout: &Layout, version: Version, digest: Sha256Digest, owner: Owner) -> Result<(), StageError> {
    prepare_folder(&layout.root().backups(), &layout.kept(), owner)?;
    if !link(layout, owner)? {
        copy(layout, owner)?;
    }
    let path = layout.kept_checksum_partial();
    create(&path, owner)?
        .write_all(checksum_line(digest, version).as_bytes())
        .map_err(|fault| FsError::new(Attempt::Write, &path, fault).into())
}

/// The kept package of a version; `None` when there is none.
///
/// # Errors
/// When somebody else can have put it there.
pub fn find(root: &GestorRoot, slug: &Slug, version: Version) -> Result<Option<PathBuf>, StageError> {
    let (owner, path) = (premises::owner(root)?, root.kept_package(slug, version));
    let folders = [root.kept(slug).parent().map(ToOwned::to_owned), Some(root.kept(slug))];
    for folder in folders.into_iter().flatten() {
        if !base::trusted_folder(&folder, owner)? {
            return Ok(None);
        }
    }
    Ok(base::open_trusted(&path, owner, false)?.map(|_| path))
}

/// A link costs nothing. A package with another name already might be somebody's own file: that one is copied.
fn link(layout: &Layout, owner: Owner) -> Result<bool, StageError> {
    let (package, path) = (layout.package(), layout.kept_partial());
    let Some(file) = base::open_trusted(&package, owner, false)? else {
        return Err(absent(&package).into());
    };
    let found = file
        .metadata()
        .map_err(|fault| FsError::new(Attempt::Read, &package, fault))?;
    if found.nlink() > 1 {
        return Ok(false);
    }
    owner.hand_over(&file, FILE_MODE, &package)?;
    base::remove_file(&path)?;
    match base::link_file(&file, &package, &path) {
        Ok(()) => Ok(true),
        Err(FsError::Io { .. }) => Ok(false),
        Err(fault) => Err(fault.into()),
    }
}

fn copy(layout: &Layout, owner: Owner) -> Result<(), StageError> {
    let (package, path) = (layout.package(), layout.kept_partial());
    let Some(mut from) = base::open_trusted(&package, owner, false)? else {
        return Err(absent(&package).into());
    };
    let mut to = create(&path, owner)?;
    io::copy(&mut from, &mut to).map_err(|fault| FsError::new(Attempt::Write, &path, fault))?;
    Ok(())
}

fn absent(path: &std::path::Path) -> FsError {
    FsError::new(Attempt::Read, path, io::Error::from(io::ErrorKind::NotFound))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::base::hash::sha256;
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
