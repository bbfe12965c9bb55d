//! A tree of files that can be read by path, wherever it stands: in an archive that is not unpacked, or in a folder.

use std::io::{self, Read};

/// Files by relative path, with `/` between parts, without a leading `/`.
pub trait FileTree: Sync {
    /// The paths of all files (not folders), sorted.
    fn paths(&self) -> &[String];

    /// Opens a file for reading; `None` when there is no such file.
    fn open(&self, path: &str) -> io::Result<Option<Box<dyn Read + Send + '_>>>;

    /// Whether there is such a file.
    fn contains(&self, path: &str) -> bool {
        self.paths().binary_search_by(|found| found.as_str().cmp(path)).is_ok()
    }

    /// Bytes of a file, where the tree knows them without reading it.
    fn size(&self, path: &str) -> Option<u64> {
        let _ = path;
        None
    }

    /// A file's bytes; `None` when there is no such file.
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        let Some(mut reader) = self.open(path)? else {
            return Ok(None);
        };
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes)?;
        Ok(Some(bytes))
    }
}

/// Files in memory, for tests and for rows that have no tree.
#[derive(Debug, Clone, Default)]
pub struct MemoryTree {
    paths: Vec<String>,
    contents: Vec<Vec<u8>>,
}

impl MemoryTree {
    /// A tree of the given files.
    pub fn new(files: impl IntoIterator<Item = (String, Vec<u8>)>) -> Self {
        let mut files: Vec<_> = files.into_iter().collect();
        files.sort();
        let (paths, contents) = files.into_iter().unzip();
        Self { paths, contents }
    }

    /// A tree of texts by path.
    pub fn of_texts(files: &[(&str, &str)]) -> Self {
        let files = files
            .iter()
            .map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec()));
        Self::new(files)
    }
}

impl FileTree for MemoryTree {
    fn paths(&self) -> &[String] {
        &self.paths
    }

    fn size(&self, path: &str) -> Option<u64> {
        let found = self.paths.binary_search_by(|found| found.as_str().cmp(path)).ok()?;
        Some(self.contents[found].len() as u64)
    }

    fn open(&self, path: &str) -> io::Result<Option<Box<dyn Read + Send + '_>>> {
        let found = self.paths.binary_search_by(|found| found.as_str().cmp(path)).ok();
        Ok(found.map(|at| Box::new(self.contents[at].as_slice()) as Box<dyn Read + Send + '_>))
    }
}
