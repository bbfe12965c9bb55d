//! Makes one archive of members of several, without unpacking them: an installed folder is packed without its `db/`,
//! which only the kept package still has (SPEC §11).

use std::fs::File;
use std::io::{self, BufReader, BufWriter};
use std::path::Path;

use zip::result::ZipError;
use zip::{ZipArchive, ZipWriter};

use super::ArchiveError;

/// An archive that lends members: those below a prefix that are wanted.
pub struct Part<'a> {
    /// Where the archive stands, for people.
    pub path: &'a Path,
    /// The archive.
    pub file: &'a File,
    /// A folder of it with a `/` at its end, or nothing.
    pub prefix: &'a str,
    /// Decides by the path below the prefix.
    pub wanted: &'a dyn Fn(&str) -> bool,
}

/// Copies the wanted members of all parts, as they are packed, into an empty file. Gives their number.
pub fn join_archives(target: &File, parts: &[Part<'_>]) -> Result<u64, ArchiveError> {
    let unwritten = |fault| ArchiveError::PackWrite {
        at: 0,
        source: into_io(fault),
    };
    let mut writer = ZipWriter::new(BufWriter::new(target));
    let mut count = 0;
    for part in parts {
        let unreadable = |fault| ArchiveError::PackRead {
            path: part.path.to_owned(),
            source: into_io(fault),
        };
        let file = part.file.try_clone().map_err(|fault| unreadable(ZipError::Io(fault)))?;
        let mut source = ZipArchive::new(BufReader::new(file)).map_err(unreadable)?;
        for place in 0..source.len() {
            let member = source.by_index_raw(place).map_err(unreadable)?;
            let name = member.name().map_err(unreadable)?.into_owned();
            if let Some(path) = name.strip_prefix(part.prefix).filter(|path| (part.wanted)(path)) {
                writer.raw_copy_file_rename(member, path).map_err(unwritten)?;
                count += 1;
            }
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

    fn create(path: &Path) -> File {
        File::options()
            .read(true)
            .write(true)
            .create_new(true)
            .open(path)
            .unwrap()
    }

    #[test]
    fn what_was_joined_is_read_by_the_strict_reader() {
        let folder = tempfile::tempdir().unwrap();
        let pack = |name: &str, files: &[&str]| {
            let root = folder.path().join(name);
            for file in files {
                std::fs::create_dir_all(root.join(file).parent().unwrap()).unwrap();
                std::fs::write(root.join(file), format!("{file} {}", "x".repeat(500))).unwrap();
            }
            let path = folder.path().join(format!("{name}.zip"));
            let file = create(&path);
            pack_folder(&root, &file, PackOptions::default()).unwrap();
            (path, file)
        };
        let installed = pack("installed", &["manifest.json", "modules/a.php"]);
        let kept = pack(
            "kept",
            &["wrap/manifest.json", "wrap/db/data/PaginasData.json", "wrap/other"],
        );
        let path = folder.path().join("joined.zip");
        let all = Part {
            path: &installed.0,
            file: &installed.1,
            prefix: "",
            wanted: &|_| true,
        };
        let data = Part {
            path: &kept.0,
            file: &kept.1,
            prefix: "wrap/",
            wanted: &|path| path.starts_with("db/"),
        };
        assert!(join_archives(&create(&path), &[all, data]).unwrap() >= 3);
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
