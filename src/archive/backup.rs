//! The archive of a replaced tree: whatever stands in it, byte for byte. Rules for packages do not apply. Owns the choice
//! of the form.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use super::earlier::PackedEarlier;
use super::pack::{fits_zip, pack_beside, verify_zip};
use super::{ArchiveError, PackOptions, Packed, pack_tar};
use crate::base::fs::Inventory;

/// The form of a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BackupForm {
    /// A ZIP.
    Zip,
    /// `.tar.gz`, where the tree holds what a ZIP cannot name.
    TarGz,
}

impl BackupForm {
    /// The form that can hold a tree.
    pub fn of(inventory: &Inventory) -> Self {
        if inventory.items().iter().all(fits_zip) {
            Self::Zip
        } else {
            Self::TarGz
        }
    }

    /// The form whose names have an ending.
    pub fn of_ending(ending: &str) -> Self {
        if ending == Self::TarGz.ending() {
            Self::TarGz
        } else {
            Self::Zip
        }
    }

    /// The ending of its name, without a dot before it.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Zip => "zip",
            Self::TarGz => "tar.gz",
        }
    }
}

/// Packs all that was listed into an empty file that is open for reading and writing. A ZIP takes files that an earlier
/// archive holds from there.
pub fn pack_backup(
    inventory: &Inventory,
    form: BackupForm,
    output: &File,
    earlier: Option<PackedEarlier<'_>>,
) -> Result<Packed, ArchiveError> {
    match form {
        BackupForm::Zip => pack_beside(inventory, output, PackOptions::default(), earlier),
        BackupForm::TarGz => pack_tar::pack(inventory, output, PackOptions::default()),
    }
}

/// Reads a backup back and compares it with what was packed.
pub fn verify_backup(file: &File, form: BackupForm, packed: &Packed) -> Result<(), ArchiveError> {
    match form {
        BackupForm::Zip => verify_zip(file, packed),
        BackupForm::TarGz => pack_tar::verify(file, packed),
    }
}

/// Whether a backup was written to its end. A ZIP is told by its end record, which is written last and leads to the
/// directory; of a `.tar.gz` every byte is read.
pub fn is_whole_backup(file: &mut File) -> bool {
    let mut magic = [0; 2];
    let read = file.rewind().and_then(|()| file.read_exact(&mut magic));
    if read.and_then(|()| file.rewind()).is_err() {
        return false;
    }
    if magic == [0x1f, 0x8b] {
        let mut packed = flate2::read::GzDecoder::new(file);
        return io::copy(&mut packed, &mut io::sink()).is_ok();
    }
    let mut end = [0; 22];
    let read = file.seek(SeekFrom::End(-22)).and_then(|_| file.read_exact(&mut end));
    read.is_ok() && end.starts_with(b"PK\x05\x06")
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::fs;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::{FileExt, symlink};
    use std::path::Path;

    use super::*;

    #[test]
    fn a_backup_that_was_cut_short_is_not_whole() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a"), "x".repeat(2000)).unwrap();
        for (form, ending) in [(BackupForm::Zip, "zip"), (BackupForm::TarGz, "tar.gz")] {
            assert_eq!(form.ending(), ending);
            let mut file = tempfile::tempfile().unwrap();
            pack_backup(&Inventory::of(folder.path()).unwrap(), form, &file, None).unwrap();
            assert!(is_whole_backup(&mut file), "{form:?}");
            let length = file.metadata().unwrap().len();
            for cut in [length - 1, length - 20, length / 2, 1, 0] {
                file.set_len(cut).unwrap();
                assert!(!is_whole_backup(&mut file), "{form:?} {cut}");
            }
        }
    }

    fn packed(folder: &Path) -> (File, BackupForm, Packed) {
        let inventory = Inventory::of(folder).unwrap();
        let form = BackupForm::of(&inventory);
        let file = tempfile::tempfile().unwrap();
        let packed = pack_backup(&inventory, form, &file, None).unwrap();
        verify_backup(&file, form, &packed).unwrap();
        (file, form, packed)
    }

    #[test]
    fn names_that_a_package_may_not_have_stay_in_a_zip() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["Cache.php", "cache.php", "C:x", "a\u{301}", "\u{e1}", "CON", " "] {
            fs::write(folder.path().join(name), name).unwrap();
        }
        let (_, form, packed) = packed(folder.path());
        assert_eq!((form, packed.members.len()), (BackupForm::Zip, 7));
    }

    #[test]
    fn what_a_zip_cannot_hold_goes_into_a_tar() {
        let long = [b'n'; 250];
        for name in [&b"\xff"[..], b"a\\b", b"a\nb", &long] {
            let folder = tempfile::tempdir().unwrap();
            fs::write(folder.path().join(OsStr::from_bytes(name)), "x").unwrap();
            let (_, form, packed) = packed(folder.path());
            assert_eq!(form == BackupForm::Zip, name == long);
            assert_eq!(*packed.members[0].name, *name);
        }
        let folder = tempfile::tempdir().unwrap();
        symlink("../x".repeat(60), folder.path().join("link")).unwrap();
        assert_eq!(packed(folder.path()).1, BackupForm::TarGz);
    }

    #[test]
    fn a_damaged_backup_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("file"), "x".repeat(2000)).unwrap();
        for with_link in [false, true] {
            if with_link {
                symlink("x", folder.path().join("link")).unwrap();
            }
            let (file, form, mut packed) = packed(folder.path());
            packed.members[0].crc32 ^= 1;
            assert!(verify_backup(&file, form, &packed).is_err());
            packed.members[0].crc32 ^= 1;
            let last = packed.members.pop().unwrap();
            assert!(verify_backup(&file, form, &packed).is_err());
            packed.members.push(last);
            let mut byte = [0];
            file.read_exact_at(&mut byte, 20).unwrap();
            file.write_all_at(&[byte[0] ^ 0x55], 20).unwrap();
            let at_end = file.metadata().unwrap().len() - 6;
            file.write_all_at(b"\x07", at_end).unwrap();
            assert!(verify_backup(&file, form, &packed).is_err(), "{form:?}");
        }
    }
}
