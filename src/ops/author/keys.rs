//! The public half of a key that signs packages.

use std::path::Path;

use crate::author::AuthorError;
use crate::base::fs::read_small;
use crate::base::hash::sha256;
use crate::model::Sha256Digest;
use crate::ops::Error;
use crate::trust::SigningKey;

/// Bytes of a file with a key.
const SMALL: u64 = 256 << 10;

/// The public half of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    /// Of its `SubjectPublicKeyInfo`: what a gestor and lists of what is revoked know it by.
    pub sha256: Sha256Digest,
    /// Its kind.
    pub kind: &'static str,
    /// As others read it.
    pub pem: String,
}

/// The public half of the private key in a file.
///
/// # Errors
/// [`AuthorError::NoKey`]; the file cannot be read.
pub fn public_key(path: &Path) -> Result<PublicKey, Error> {
    let pem = zeroize::Zeroizing::new(read_small(path, SMALL)?);
    let public = SigningKey::read(&pem).and_then(|key| {
        let (der, pem) = key.public()?;
        let (sha256, kind) = (sha256(&der), key.kind());
        Some(PublicKey { sha256, kind, pem })
    });
    Ok(public.ok_or_else(|| AuthorError::NoKey { path: path.to_owned() })?)
}
