//! Where a body goes: memory for small answers, a file with a running SHA-256 for packages. Owns what is needed to go
//! on after a cut.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use reqwest::header::HeaderValue;
use sha2::{Digest, Sha256};

use super::NetError;
use super::body_kind::HEAD;
use crate::base::fs::replace_file;
use crate::model::Sha256Digest;

enum Target {
    Memory(Vec<u8>),
    File {
        path: PathBuf,
        file: Arc<File>,
        hasher: Sha256,
    },
}

/// Takes a body, piece by piece.
pub(super) struct Sink {
    target: Target,
    received: u64,
    head: Vec<u8>,
    validator: Option<HeaderValue>,
    /// Bytes in all, where the server told.
    pub(super) total: Option<u64>,
}

impl Sink {
    /// Keeps the body in memory.
    pub(super) fn memory() -> Self {
        Self::new(Target::Memory(Vec::new()))
    }

    /// Writes the body to a file of this user alone; what stood there is replaced.
    /// Gives the file as well, for whoever reads what was taken.
    pub(super) fn file(path: &Path) -> Result<(Self, Arc<File>), NetError> {
        let opened = replace_file(path, None, 0o600);
        let file = opened.map_err(|fault| file_fault(path, fault.into()))?;
        let (path, hasher, file) = (path.to_owned(), Sha256::new(), Arc::new(file));
        let shared = Arc::clone(&file);
        Ok((Self::new(Target::File { path, file, hasher }), shared))
    }

    fn new(target: Target) -> Self {
        Self {
            target,
            received: 0,
            head: Vec::with_capacity(HEAD),
            validator: None,
            total: None,
        }
    }

    /// Bytes taken so far.
    pub(super) fn received(&self) -> u64 {
        self.received
    }

    /// The first bytes, up to [`HEAD`].
    pub(super) fn head(&self) -> &[u8] {
        &self.head
    }

    /// The header that makes a server go on only with the same body; `None` when the body must come from the start.
    pub(super) fn resume(&self) -> Option<&HeaderValue> {
        self.validator.as_ref().filter(|_| self.received > 0)
    }

    /// Remembers by what a server knows this body again. Bodies in memory are small: they start over.
    pub(super) fn remember(&mut self, validator: Option<HeaderValue>) {
        if matches!(self.target, Target::File { .. }) {
            self.validator = validator;
        }
    }

    /// Throws away what was taken.
    pub(super) fn restart(&mut self) -> Result<(), NetError> {
        self.received = 0;
        self.head.clear();
        self.validator = None;
        self.total = None;
        match &mut self.target {
            Target::Memory(bytes) => bytes.clear(),
            Target::File { path, file, hasher } => {
                hasher.reset();
                let rewound = file.set_len(0).and_then(|()| file.seek(SeekFrom::Start(0)));
                rewound.map_err(|source| file_fault(path, source))?;
            }
        }
        Ok(())
    }

    /// Takes the next piece.
    pub(super) fn take(&mut self, piece: &[u8]) -> Result<(), NetError> {
        let wanted = (HEAD - self.head.len()).min(piece.len());
        self.head.extend_from_slice(&piece[..wanted]);
        match &mut self.target {
            Target::Memory(bytes) => bytes.extend_from_slice(piece),
            Target::File { path, file, hasher } => {
                file.write_all(piece).map_err(|source| file_fault(path, source))?;
                hasher.update(piece);
            }
        }
        self.received += piece.len() as u64;
        Ok(())
    }

    /// The body, when it was kept in memory.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        match self.target {
            Target::Memory(bytes) => bytes,
            Target::File { .. } => Vec::new(),
        }
    }

    /// SHA-256 and length of the whole body.
    pub(super) fn into_digest(self) -> (Sha256Digest, u64) {
        let hasher = match self.target {
            Target::Memory(bytes) => Sha256::new_with_prefix(bytes),
            Target::File { hasher, .. } => hasher,
        };
        (Sha256Digest::new(hasher.finalize().into()), self.received)
    }
}

fn file_fault(path: &Path, source: io::Error) -> NetError {
    NetError::File {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::hash::sha256;

    #[test]
    fn a_restarted_file_holds_the_second_body_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("package.zip");
        let (mut sink, file) = Sink::file(&path).unwrap();
        sink.take(b"a longer first body").unwrap();
        sink.remember(Some(HeaderValue::from_static("\"1\"")));
        assert!(sink.resume().is_some());
        sink.restart().unwrap();
        assert!(sink.resume().is_none());
        sink.take(b"se").unwrap();
        sink.take(b"cond").unwrap();
        assert_eq!(sink.head(), b"second");
        assert_eq!(sink.into_digest(), (sha256(b"second"), 6));
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut crate::base::fs::from_start(&file), &mut bytes).unwrap();
        assert_eq!(bytes, b"second", "by its handle");
        assert_eq!(std::fs::read(&path).unwrap(), b"second");
    }
}
