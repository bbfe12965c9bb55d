//! Which database a thing belongs to.

use serde::{Deserialize, Serialize};

use super::Sha256Digest;

/// A database as it is known again: by a random id that it keeps and by its name, so that a copy under another name, or a
/// dump that was loaded elsewhere, is another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatabaseIdentity {
    /// Its name, for people.
    pub name: String,
    /// SHA-256 of the random id and the name, hexadecimal.
    pub identity: String,
}

impl DatabaseIdentity {
    /// A database by its name and the digest of its id and its name.
    pub fn new(name: String, identity: Sha256Digest) -> Self {
        Self {
            name,
            identity: identity.to_string(),
        }
    }
}
