//! An archive of what the database held: files of our own making, written one behind the other and read back. Rules for
//! packages do not apply.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use zip::read::ZipFile;
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::{ArchiveError, phrases};
use crate::base::hash::{Hasher, sha256_reader};
use crate::model::Sha256Digest;

/// An archive that is being written: what is written goes to the member that was begun last.
pub struct RecordWriter<'f> {
    zip: ZipWriter<BufWriter<&'f File>>,
    open: Option<(String, Hasher)>,
    members: Vec<(String, Sha256Digest)>,
}

/// What was written: names of members, and the SHA-256 of each.
pub type WrittenRecords = Vec<(String, Sha256Digest)>;

impl<'f> RecordWriter<'f> {
    /// Into an empty file that is open for reading and writing.
    pub fn new(file: &'f File) -> Self {
        Self {
            zip: ZipWriter::new(BufWriter::new(file)),
            open: None,
            members: Vec::new(),
        }
    }

    /// Begins a member.
    pub fn begin(&mut self, name: &str) -> Result<(), ArchiveError> {
        self.begin_as(name, CompressionMethod::Deflated)
    }

    /// Begins a member that is compressed already.
    pub fn begin_stored(&mut self, name: &str) -> Result<(), ArchiveError> {
        self.begin_as(name, CompressionMethod::Stored)
    }

    fn begin_as(&mut self, name: &str, method: CompressionMethod) -> Result<(), ArchiveError> {
        self.end();
        let options = SimpleFileOptions::default().compression_method(method).large_file(true);
        self.zip.start_file(name, options).map_err(unwritten)?;
        self.open = Some((name.to_owned(), Hasher::default()));
        Ok(())
    }

    fn end(&mut self) {
        if let Some((name, hasher)) = self.open.take() {
            self.members.push((name, hasher.finish()));
        }
    }

    /// Ends the archive.
    pub fn finish(mut self) -> Result<WrittenRecords, ArchiveError> {
        self.end();
        let mut out = self.zip.finish().map_err(unwritten)?;
        out.flush().map_err(|fault| unwritten(ZipError::Io(fault)))?;
        Ok(self.members)
    }
}

impl Write for RecordWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.zip.write(bytes)?;
        if let Some((_, hasher)) = &mut self.open {
            hasher.update(&bytes[..written]);
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.zip.flush()
    }
}

/// An archive that is read again.
#[derive(Debug)]
pub struct RecordReader {
    path: PathBuf,
    zip: ZipArchive<BufReader<File>>,
}

impl RecordReader {
    /// Opens it.
    pub fn open(path: &Path, file: File) -> Result<Self, ArchiveError> {
        let zip = ZipArchive::new(BufReader::new(file)).map_err(|fault| unreadable(path, into_io(fault)))?;
        let path = path.to_owned();
        Ok(Self { path, zip })
    }

    /// What is the matter with what stands in it.
    pub fn damaged(&self, why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> ArchiveError {
        unreadable(&self.path, io::Error::new(io::ErrorKind::InvalidData, why))
    }

    /// The names of its members.
    pub fn names(&self) -> Vec<String> {
        let names = self.zip.file_names();
        names.filter_map(|name| Some(name.ok()?.into_owned())).collect()
    }

    /// Whether it has a member.
    pub fn has(&self, name: &str) -> bool {
        self.zip.index_for_name(name).is_some()
    }

    /// A member that is short.
    pub fn text(&mut self, name: &str) -> Result<String, ArchiveError> {
        let path = &self.path;
        let mut member = member(&mut self.zip, path, name)?;
        let mut text = String::new();
        let read = member.read_to_string(&mut text);
        read.map(|_| text).map_err(|fault| unreadable(path, fault))
    }

    /// Copies a member, to its end, where its checksum is compared. Whether it has no more bytes than `most`; of a longer one
    /// that many are copied.
    pub fn copy(&mut self, name: &str, most: u64, target: &mut dyn Write) -> Result<bool, ArchiveError> {
        let path = &self.path;
        let unreadable = |fault| unreadable(path, fault);
        let mut bounded = member(&mut self.zip, path, name)?.take(most);
        io::copy(&mut bounded, target).map_err(unreadable)?;
        let more = bounded.into_inner().read(&mut [0]).map_err(unreadable)?;
        Ok(more == 0)
    }

    /// Gives the lines of a member, to its end, where its checksum is compared; none of one that is not there.
    pub fn lines<E: From<ArchiveError>>(
        &mut self,
        name: &str,
        take: &mut dyn FnMut(&str) -> Result<(), E>,
    ) -> Result<(), E> {
        let path = &self.path;
        let member = match self.zip.by_name(name) {
            Err(ZipError::FileNotFound) => return Ok(()),
            member => member.map_err(|fault| unreadable(path, into_io(fault)))?,
        };
        for line in BufReader::new(member).lines() {
            let line = line.map_err(|fault| unreadable(path, fault))?;
            if !line.is_empty() {
                take(&line)?;
            }
        }
        Ok(())
    }

    /// Reads every member to its end.
    pub fn verify(&mut self) -> Result<(), ArchiveError> {
        for place in 0..self.zip.len() {
            let read = self.zip.by_index(place).map_err(into_io);
            let read = read.and_then(|mut member| io::copy(&mut member, &mut io::sink()));
            read.map_err(|fault| unreadable(&self.path, fault))?;
        }
        Ok(())
    }
}

/// A member that must be there.
fn member<'z>(
    zip: &'z mut ZipArchive<BufReader<File>>,
    path: &Path,
    name: &str,
) -> Result<ZipFile<'z, BufReader<File>>, ArchiveError> {
    zip.by_name(name).map_err(|fault| match fault {
        ZipError::FileNotFound => {
            let why = io::Error::new(io::ErrorKind::InvalidData, phrases::no_member(name));
            unreadable(path, why)
        }
        fault => unreadable(path, into_io(fault)),
    })
}

fn unreadable(path: &Path, source: io::Error) -> ArchiveError {
    ArchiveError::KeptUnreadable(path.to_owned(), source)
}

/// Reads an archive back: every member is there, and is what was written.
pub fn verify_records(path: &Path, file: &File, written: &WrittenRecords) -> Result<(), ArchiveError> {
    let unreadable = |source| unreadable(path, source);
    let copy = file.try_clone().map_err(unreadable)?;
    let mut zip = ZipArchive::new(BufReader::new(copy)).map_err(|fault| unreadable(into_io(fault)))?;
    for (name, digest) in written {
        let member = zip.by_name(name).map_err(|fault| unreadable(into_io(fault)))?;
        let (found, _) = sha256_reader(member).map_err(unreadable)?;
        if found != *digest {
            return Err(unreadable(io::Error::from(io::ErrorKind::InvalidData)));
        }
    }
    Ok(())
}

fn unwritten(fault: ZipError) -> ArchiveError {
    ArchiveError::PackWrite {
        at: 0,
        source: into_io(fault),
    }
}

fn into_io(fault: ZipError) -> io::Error {
    match fault {
        ZipError::Io(fault) => fault,
        other => io::Error::other(other),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Seek, SeekFrom};

    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let mut file = tempfile::tempfile().unwrap();
        let mut writer = RecordWriter::new(&file);
        writer.begin("linhas/a.jsonl").unwrap();
        writer.write_all(b"{}\n").unwrap();
        writer.begin("estado.json").unwrap();
        writer.write_all(&vec![7; 100_000]).unwrap();
        let written = writer.finish().unwrap();
        assert_eq!(written.len(), 2);
        let path = Path::new("removido.zip");
        verify_records(path, &file, &written).unwrap();
        let mut reader = RecordReader::open(path, file.try_clone().unwrap()).unwrap();
        reader.verify().unwrap();
        let mut lines = Vec::new();
        let mut take = |line: &str| -> Result<(), ArchiveError> {
            lines.push(line.to_owned());
            Ok(())
        };
        reader.lines("linhas/a.jsonl", &mut take).unwrap();
        reader.lines("linhas/none.jsonl", &mut take).unwrap();
        assert_eq!(lines, ["{}"]);
        assert_eq!(reader.text("estado.json").unwrap().len(), 100_000);
        assert!(reader.text("none").is_err());
        // Behind the header, its name and its sizes.
        file.seek(SeekFrom::Start(64)).unwrap();
        file.write_all(&[0xff; 8]).unwrap();
        assert!(verify_records(path, &file, &written).is_err());
        assert!(reader.verify().is_err());
    }
}
