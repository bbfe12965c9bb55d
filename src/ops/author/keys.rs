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
    let key = SigningKey::read(&pem).ok_or_else(|| AuthorError::NoKey { path: path.to_owned() })?;
    let public = key.public();
    Ok(PublicKey {
        sha256: sha256(&public),
        kind: key.kind(),
        pem: trust_pem(&public),
    })
}

fn trust_pem(public: &[u8]) -> String {
    use base64::Engine as _;
    let text = base64::engine::general_purpose::STANDARD.encode(public);
    let lines: Vec<&str> = (0..text.len())
        .step_by(64)
        .map(|at| &text[at..(at + 64).min(text.len())])
        .collect();
    format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
        lines.join("\n")
    )
}
