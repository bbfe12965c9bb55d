//! Adds members of one archive to another without unpacking them: an installed folder is packed without its `db/`,
//! which only the kept package still has (SPEC §11).

use std::fs::File;
use std::io;
use std::path::Path;

use zip::result::ZipError;
use zip::{ZipArchive, ZipWriter};

use super::ArchiveError;

/// Appends all that stands below `prefix` of the archive `from` and is wanted, under its path below the prefix, to the
/// archive in `target`, which is open for reading and writing. Members are copied as they are packed.
pub fn append_members(
    target: &File,
    from: &Path,
    prefix: &str,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<u64, ArchiveError> {
    let unreadable = |source| ArchiveError::PackRead {
        path: from.to_owned(),
        source,
    };
    let file = File::open(from).map_err(unreadable)?;
    let mut source = ZipArchive::new(file).map_err(|fault| unreadable(into_io(fault)))?;
    let unwritten = |fault| ArchiveError::PackWrite {
        at: 0,
        source: into_io(fault),
    };
    let mut writer = ZipWriter::new_append(target).map_err(unwritten)?;
    let mut count = 0;
    for place in 0..source.len() {
        let member = source.by_index_raw(place).map_err(|fault| unreadable(into_io(fault)))?;
        let name = member.name().map_err(|fault| unreadable(into_io(fault)))?.into_owned();
        if let Some(path) = name.strip_prefix(prefix).filter(|path| wanted(path)) {
            writer.raw_copy_file_rename(member, path).map_err(unwritten)?;
            count += 1;
        }
    }
    writer.finish().map_err(unwritten)?;
    Ok(count)
}

fn into_io(fault: ZipError) -> io::Error {
    match fault {
        ZipError::Io(fault) => fault,
        other => io::Error::other(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::{Archive, Blacklist, PackOptions, pack_folder};
    use crate::base::file_tree::FileTree;
    use crate::config::Limits;

    #[test]
    fn what_was_appended_is_read_by_the_strict_reader() {
        let folder = tempfile::tempdir().unwrap();
        let pack = |name: &str, files: &[&str]| {
            let root = folder.path().join(name);
            for file in files {
                std::fs::create_dir_all(root.join(file).parent().unwrap()).unwrap();
                std::fs::write(root.join(file), format!("{file} {}", "x".repeat(500))).unwrap();
            }
            let path = folder.path().join(format!("{name}.zip"));
            let file = File::options()
                .read(true)
                .write(true)
                .create_new(true)
                .open(&path)
                .unwrap();
            pack_folder(&root, &file, &|_| false, PackOptions::default()).unwrap();
            (file, path)
        };
        let (target, path) = pack("installed", &["manifest.json", "modules/a.php"]);
        let (_, kept) = pack(
            "kept",
            &["wrap/manifest.json", "wrap/db/data/PaginasData.json", "wrap/other"],
        );
        let added = append_members(&target, &kept, "wrap/", &|path| path.starts_with("db/")).unwrap();
        assert!(added >= 1);
        let archive = Archive::open(File::open(path).unwrap(), &Limits::default(), &Blacklist::default()).unwrap();
        let tree = archive.tree("");
        assert_eq!(
            tree.paths(),
            ["db/data/PaginasData.json", "manifest.json", "modules/a.php"]
        );
        let text = tree.read("db/data/PaginasData.json").unwrap().unwrap();
        assert!(text.starts_with(b"wrap/db/data/PaginasData.json xxx"));
    }
}
