//! A signed file: its bytes taken apart once, so that what is read is what was signed; its signatures counted.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, FixedOffset};
use serde::Deserialize;
use serde_json::Value;

use super::canonical::canonical;
use super::roles::{KeySet, Role};
use super::{TufError, messages};
use crate::base::json::unhex;
use crate::model::Phrase;

/// The largest version: what a database counts to.
const HIGHEST: u64 = i64::MAX.unsigned_abs();
/// The most values in a file. One takes far more memory than its bytes, and nobody signed them yet.
const VALUES: usize = 500_000;

#[derive(Deserialize)]
struct Envelope {
    signed: Value,
    signatures: Vec<Signature>,
}

#[derive(Deserialize)]
struct Signature {
    keyid: String,
    sig: String,
}

#[derive(Deserialize)]
struct Head {
    #[serde(rename = "_type")]
    kind: String,
    spec_version: String,
    version: u64,
    expires: String,
}

/// A file that is not believed yet.
pub struct Document {
    file: String,
    signed: Value,
    message: Vec<u8>,
    signatures: BTreeMap<String, String>,
}

/// A file whose signatures were counted. Only [`Document::verified`] makes one.
#[derive(Debug, Clone)]
pub struct Verified<T> {
    /// Its version.
    pub version: u64,
    /// When it ends.
    pub expires: DateTime<FixedOffset>,
    /// What it says.
    pub role: T,
}

impl Document {
    /// Takes a file apart.
    pub fn read(file: &str, bytes: &[u8]) -> Result<Self, TufError> {
        let malformed = |reason: Phrase| TufError::Malformed {
            file: file.to_owned(),
            reason,
        };
        if memchr::memchr3_iter(b',', b'[', b'{', bytes).count() > VALUES {
            return Err(malformed(messages::too_many_values(VALUES)));
        }
        let envelope: Envelope = serde_json::from_slice(bytes).map_err(|fault| malformed(messages::said(&fault)))?;
        let message = canonical(&envelope.signed).ok_or_else(|| malformed(messages::FRACTION))?;
        let mut signatures = BTreeMap::new();
        for Signature { keyid, sig } in envelope.signatures {
            if signatures.contains_key(&keyid) {
                return Err(malformed(messages::signed_twice(&keyid)));
            }
            signatures.insert(keyid, sig);
        }
        Ok(Self {
            file: file.to_owned(),
            signed: envelope.signed,
            message,
            signatures,
        })
    }

    /// Whether enough keys of a role signed it. A key counts once, by whatever names it has; a signature that does not
    /// hold counts for nothing.
    pub fn check(&self, set: &KeySet) -> Result<(), TufError> {
        let signed = self.signatures.iter().filter_map(|(name, digits)| {
            let key = set.keys.get(name)?;
            key.verifies(&self.message, &unhex(digits)?).then_some(key)
        });
        let found = signed.collect::<BTreeSet<_>>().len();
        if found < usize::try_from(set.threshold).unwrap_or(usize::MAX) {
            return Err(TufError::Threshold {
                file: self.file.clone(),
                needed: set.threshold,
                found,
            });
        }
        Ok(())
    }

    /// The file as what it is, once enough keys of the role signed it.
    pub fn verified<T: Role>(&self, set: &KeySet) -> Result<Verified<T>, TufError> {
        self.check(set)?;
        self.as_role()
    }

    /// What the file says by itself: a root names the keys that have to sign it.
    pub(super) fn as_role<T: Role>(&self) -> Result<Verified<T>, TufError> {
        let malformed = |reason: Phrase| TufError::Malformed {
            file: self.file.clone(),
            reason,
        };
        let head = Head::deserialize(&self.signed).map_err(|fault| malformed(messages::said(&fault)))?;
        if head.kind != T::TYPE {
            return Err(malformed(messages::of_another_kind(&head.kind, T::TYPE)));
        }
        if head.spec_version.split('.').next() != Some("1") {
            return Err(malformed(messages::of_other_rules(&head.spec_version)));
        }
        if head.version == 0 || head.version > HIGHEST {
            return Err(malformed(messages::no_version(head.version)));
        }
        let expires = DateTime::parse_from_rfc3339(&head.expires).map_err(|fault| malformed(messages::said(&fault)))?;
        let role = T::deserialize(&self.signed).map_err(|fault| malformed(messages::said(&fault)))?;
        if let Some(fault) = role.fault() {
            return Err(malformed(fault));
        }
        Ok(Verified {
            version: head.version,
            expires,
            role,
        })
    }
}
