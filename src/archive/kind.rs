//! What an entry is by its attributes: file, folder, or something that is refused (SPEC §8). Decides only.

use super::ArchiveError;
use super::error::shown;
use super::extra::ExtraFields;

const TYPE_MASK: u32 = 0o170_000;
const FOLDER: u32 = 0o040_000;
const REGULAR: u32 = 0o100_000;
const LINK: u32 = 0o120_000;
/// Socket, block device, character device, pipe.
const SPECIAL: [u32; 4] = [0o140_000, 0o060_000, 0o020_000, 0o010_000];
const DOS_FOLDER: u32 = 0x10;

/// Systems that an entry can be made on.
const UNIX: u8 = 3;
const MAC: u8 = 19;
/// Those whose lower attribute bits are those of MS-DOS: FAT, HPFS, NTFS, VFAT.
const DOS_LIKE: [u8; 4] = [0, 6, 10, 14];

/// Whether the system writes Unix modes and UTF-8.
pub(super) fn is_unix(system: u8) -> bool {
    system == UNIX || system == MAC
}

/// Checks that the attributes say what the name says. Programs look at different bits, so all must agree: the type in
/// the upper half counts whatever system made the entry.
pub(super) fn check(
    name: &str,
    is_folder: bool,
    system: u8,
    attributes: u32,
    extra: &ExtraFields<'_>,
) -> Result<(), ArchiveError> {
    let member = || shown(name);
    for kind in [
        (attributes >> 16) & TYPE_MASK,
        extra.asi_mode.map_or(0, u32::from) & TYPE_MASK,
    ] {
        match kind {
            LINK => return Err(ArchiveError::Symlink { member: member() }),
            kind if SPECIAL.contains(&kind) => return Err(ArchiveError::SpecialFile { member: member() }),
            FOLDER if !is_folder => return Err(ArchiveError::KindMismatch { member: member() }),
            _ => {}
        }
    }
    if extra.has_link_target {
        return Err(ArchiveError::HardLink { member: member() });
    }
    let is_dos_folder = attributes & DOS_FOLDER != 0 && DOS_LIKE.contains(&system);
    if is_dos_folder && !is_folder {
        return Err(ArchiveError::KindMismatch { member: member() });
    }
    Ok(())
}

/// Whether a file is to be executable.
pub(super) fn is_executable(system: u8, attributes: u32) -> bool {
    let mode = attributes >> 16;
    let says_mode = is_unix(system) || mode & TYPE_MASK == REGULAR;
    says_mode && mode & 0o111 != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_and_folders_pass() {
        let mode = |mode: u32| mode << 16;
        for (is_folder, system, attributes, expected) in [
            (false, UNIX, mode(0o100_644), Ok(())),
            (false, UNIX, mode(0o644), Ok(())),
            (false, 0, 0x20, Ok(())),
            (false, UNIX, 0, Ok(())),
            (true, UNIX, mode(0o040_755) | 0x10, Ok(())),
            (true, 0, 0x10, Ok(())),
            (true, UNIX, mode(0o100_644), Ok(())),
            (false, UNIX, 0x10, Ok(())),
            (false, 0, 0x10, Err("ZIP_KIND_MISMATCH")),
            (false, UNIX, mode(0o040_755), Err("ZIP_KIND_MISMATCH")),
            (false, UNIX, mode(0o120_777), Err("ZIP_SYMLINK")),
            (true, UNIX, mode(0o120_777), Err("ZIP_SYMLINK")),
            (false, 0, mode(0o120_777), Err("ZIP_SYMLINK")),
            (false, UNIX, mode(0o060_644), Err("ZIP_SPECIAL_FILE")),
            (false, UNIX, mode(0o020_644), Err("ZIP_SPECIAL_FILE")),
            (false, UNIX, mode(0o010_644), Err("ZIP_SPECIAL_FILE")),
            (false, UNIX, mode(0o140_644), Err("ZIP_SPECIAL_FILE")),
        ] {
            let found = check("x", is_folder, system, attributes, &ExtraFields::default());
            assert_eq!(
                found.map_err(|error| error.rule()),
                expected,
                "{is_folder} {system} {attributes:o}"
            );
        }
        let linked = ExtraFields {
            has_link_target: true,
            ..ExtraFields::default()
        };
        assert_eq!(check("x", false, UNIX, 0, &linked).unwrap_err().rule(), "ZIP_HARD_LINK");
        let asi = ExtraFields {
            asi_mode: Some(0o120_777),
            ..ExtraFields::default()
        };
        assert_eq!(check("x", false, UNIX, 0, &asi).unwrap_err().rule(), "ZIP_SYMLINK");
        assert!(is_executable(UNIX, mode(0o100_755)) && is_executable(UNIX, mode(0o100)));
        assert!(!is_executable(0, 0x20) && !is_executable(UNIX, mode(0o100_644)));
        assert!(is_executable(0, mode(0o100_755)));
        // Without a type, only systems that write modes mean one.
        for (system, expected) in [(UNIX, true), (MAC, true), (0, false), (10, false)] {
            assert_eq!(is_executable(system, mode(0o755)), expected, "{system}");
        }
    }
}
