//! SHA-256 of bytes and files, streamed.

use std::io::{self, Read};

use sha2::{Digest, Sha256};

use crate::model::Sha256Digest;

const CHUNK: usize = 256 * 1024;

/// SHA-256 of bytes in memory.
pub fn sha256(bytes: &[u8]) -> Sha256Digest {
    Sha256Digest::new(Sha256::digest(bytes).into())
}

/// SHA-256 of several pieces, as if they were one.
pub fn sha256_of_parts(parts: &[&[u8]]) -> Sha256Digest {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    Sha256Digest::new(hasher.finalize().into())
}

/// SHA-256 of pieces as they come.
#[derive(Default)]
pub struct Hasher(Sha256);

impl Hasher {
    /// Adds a piece.
    pub fn add(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    /// Of all pieces.
    pub fn finish(self) -> Sha256Digest {
        Sha256Digest::new(self.0.finalize().into())
    }
}

/// SHA-256 of all that a reader gives, and how many bytes that was.
pub fn sha256_reader(reader: impl Read) -> io::Result<(Sha256Digest, u64)> {
    sha256_through(reader, &mut vec![0; CHUNK])
}

/// The same through a buffer of the caller's, for those who hash many small files.
pub fn sha256_through(mut reader: impl Read, buffer: &mut [u8]) -> io::Result<(Sha256Digest, u64)> {
    let mut hasher = Sha256::new();
    let mut length = 0;
    loop {
        match reader.read(buffer) {
            Ok(0) => return Ok((Sha256Digest::new(hasher.finalize().into()), length)),
            Ok(count) => {
                hasher.update(&buffer[..count]);
                length += count as u64;
            }
            Err(fault) if fault.kind() == io::ErrorKind::Interrupted => {}
            Err(fault) => return Err(fault),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streaming_gives_the_same_value() {
        let bytes: Vec<u8> = (0..=250u8).cycle().take(CHUNK * 2 + 17).collect();
        let (digest, length) = sha256_reader(bytes.as_slice()).unwrap();
        assert_eq!(digest, sha256(&bytes));
        assert_eq!(length, bytes.len() as u64);
        assert_eq!(
            sha256(b"abc").to_string(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
