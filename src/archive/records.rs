//! An archive of what the database held: files of our own making, written one behind the other and read back. Rules for
//! packages do not apply.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Write};
use std::path::Path;

use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::ArchiveError;
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
        self.end();
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .large_file(true);
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

/// Reads an archive back: every member is there, and is what was written.
pub fn verify_records(path: &Path, file: &File, written: &WrittenRecords) -> Result<(), ArchiveError> {
    let unreadable = |source| ArchiveError::PackRead {
        path: path.to_owned(),
        source,
    };
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
        writer.write_all(&[7; 100_000]).unwrap();
        let written = writer.finish().unwrap();
        assert_eq!(written.len(), 2);
        let path = Path::new("removido.zip");
        verify_records(path, &file, &written).unwrap();
        // Behind the header, its name and its sizes.
        file.seek(SeekFrom::Start(64)).unwrap();
        file.write_all(&[0xff; 8]).unwrap();
        assert!(verify_records(path, &file, &written).is_err());
    }
}
