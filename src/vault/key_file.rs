//! The key ring's file, `chaves` in the trust folder: read where only those can have written it whom the site believes, made
//! whole where there is none. Owns what it is like on the disk.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::{KeyPlace, KeyRing, VaultError, fresh_line};
use crate::base::fs::{
    self as base, BelievedFolder, FsError, Owner, followed, is_folder, random_bytes, read_all, settled_path,
};
use crate::base::memory::SecretInUse;
use crate::model::Secret;

/// Its name.
pub const NAME: &str = "chaves";
/// Bytes of it, and then some.
const LIMIT: u64 = 64 << 10;
/// What it may be: its owner's alone, and the group's where the site shares its files with one.
const MODE: u32 = 0o600;
/// Of the trust folder, where it is made.
const FOLDER_MODE: u32 = 0o750;

/// Reads it; nothing where there is none. Permissions that let strangers read it are taken back.
///
/// # Errors
/// [`VaultError::KeyFile`] where a stranger may have written it, [`VaultError::Key`] for what is no key.
pub fn read(folder: &Path, owner: Owner) -> Result<Option<KeyRing>, VaultError> {
    let Some(believed) = unless_absent(BelievedFolder::open(folder, owner))? else {
        return Ok(None);
    };
    let path = believed.path().join(NAME);
    let opened = believed.file(NAME, LIMIT).map_err(|fault| told(&path, owner, fault));
    let Some((file, _)) = unless_absent(opened)? else {
        return Ok(None);
    };
    owner.close_to_strangers(&file, MODE);
    let _in_use = SecretInUse::new();
    let bytes = read_all(file, &path, LIMIT).map_err(VaultError::KeyFile)?;
    let place = KeyPlace::File(path);
    let text = match String::from_utf8(bytes) {
        Ok(text) => Secret::new(text),
        Err(fault) => {
            // It has no key, and is not told.
            drop(zeroize::Zeroizing::new(fault.into_bytes()));
            return Err(VaultError::NoKeys { place });
        }
    };
    KeyRing::parse(&text, &place).map(Some)
}

/// Reads it, and makes it where there is none; the path where this call made it. Of two that make it at once one does, and both
/// have its key.
///
/// # Errors
/// As [`read`]; [`VaultError::NotMade`] where it cannot be made.
pub fn read_or_make(folder: &Path, owner: Owner) -> Result<(KeyRing, Option<PathBuf>), VaultError> {
    if let Some(ring) = read(folder, owner)? {
        return Ok((ring, None));
    }
    let folder = &settled(folder);
    let above = folder.parent().unwrap_or(folder);
    if !is_folder(folder) {
        // Nobody else may put his own in the place of what is made there.
        unless_absent(BelievedFolder::open(above, owner))?;
    }
    let path = folder.join(NAME);
    let is_made = match make(folder, owner) {
        Err(FsError::Exists { .. }) => false,
        made => {
            let place = if is_folder(folder) { folder } else { above };
            made.map_err(|source| VaultError::NotMade {
                path: path.clone(),
                source: told(place, owner, source),
            })?;
            true
        }
    };
    let place = KeyPlace::File(path.clone());
    let ring = read(folder, owner)?.ok_or(VaultError::NoKeys { place })?;
    Ok((ring, is_made.then_some(path)))
}

/// Where a folder really stands, or will: domains may be kept elsewhere and named by a link.
fn settled(folder: &Path) -> PathBuf {
    if is_folder(folder) {
        return followed(folder);
    }
    settled_path(folder).unwrap_or_else(|_| folder.to_owned())
}

/// A fault of permissions told with whose that is and should be.
fn told(place: &Path, owner: Owner, fault: FsError) -> FsError {
    if fault.is_permission() {
        owner.not_ours_at(place, fault)
    } else {
        fault
    }
}

fn make(folder: &Path, owner: Owner) -> Result<(), FsError> {
    let line = fresh_line(&mut || random_bytes().map_err(VaultError::Random));
    let line = line.map_err(|fault| match fault {
        VaultError::Random(fault) => fault,
        other => FsError::new(base::Attempt::Create, folder, std::io::Error::other(other.to_string())),
    })?;
    match base::make_folder(folder, Some(owner), FOLDER_MODE) {
        Ok(_) => base::fsync_dir(folder.parent().unwrap_or(folder))?,
        Err(FsError::Exists { .. }) => {}
        Err(fault) => return Err(fault),
    }
    base::write_new(&folder.join(NAME), (Some(owner), MODE), |mut file| {
        let written = file
            .write_all(line.expose().as_bytes())
            .and_then(|()| file.write_all(b"\n"));
        written.map_err(|fault| FsError::new(base::Attempt::Write, folder, fault))
    })
}

fn unless_absent<T>(opened: Result<T, FsError>) -> Result<Option<T>, VaultError> {
    match opened {
        Err(fault) if fault.is_absent() => Ok(None),
        opened => opened.map(Some).map_err(VaultError::KeyFile),
    }
}
