//! A signed file: its bytes taken apart once, so that what is read is what was signed; its signatures counted.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, FixedOffset};
use serde::Deserialize;
use serde_json::Value;

use super::canonical::canonical;
use super::roles::{KeySet, Role, is_version};
use super::{TufError, messages};
use crate::base::json::unhex;
use crate::model::Phrase;

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
        if !is_version(head.version) {
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::roles::{Root, Snapshot, Targets, Timestamp};
    use super::*;

    fn file(signed: &Value) -> Vec<u8> {
        json!({"signatures": [{"keyid": "a", "sig": "00"}], "signed": signed})
            .to_string()
            .into_bytes()
    }

    fn targets(change: impl FnOnce(&mut Value)) -> Result<Verified<Targets>, TufError> {
        let mut said = json!({"_type": "targets", "spec_version": "1.0.31", "version": 1, "expires": "2099-01-01T00:00:00Z",
            "targets": {}, "delegations": {"keys": {}, "roles": [
                {"name": "d", "keyids": [], "threshold": 1, "terminating": false, "paths": ["*"]}]}});
        change(&mut said);
        Document::read("f", &file(&said))?.as_role()
    }

    #[test]
    fn a_file_of_another_shape_is_refused() {
        assert!(targets(|_| {}).is_ok());
        for change in [
            (&|said: &mut Value| said["_type"] = json!("snapshot")) as &dyn Fn(&mut Value),
            &|said| said["spec_version"] = json!("2.0.0"),
            &|said| said["spec_version"] = json!("10.0"),
            &|said| said["version"] = json!(0),
            &|said| said["version"] = json!(u64::MAX),
            &|said| said["version"] = json!(1.5),
            &|said| said["expires"] = json!("tomorrow"),
            &|said| said["targets"] = json!({"f": {"length": -1, "hashes": {}}}),
            &|said| said["delegations"]["roles"][0]["name"] = json!("timestamp"),
            &|said| said["delegations"]["roles"][0]["threshold"] = json!(0),
            &|said| said["delegations"]["roles"][0]["path_hash_prefixes"] = json!(["a"]),
            &|said| said["delegations"]["roles"][0]["paths"] = Value::Null,
        ] {
            let fault = targets(change).err();
            assert!(matches!(fault, Some(TufError::Malformed { .. })), "{fault:?}");
        }
        let twice = json!({"signatures": [{"keyid": "a", "sig": ""}, {"keyid": "a", "sig": ""}], "signed": {}});
        assert!(Document::read("f", twice.to_string().as_bytes()).is_err());
        let many = format!("{{\"signatures\":[],\"signed\":[{}0]}}", "0,".repeat(VALUES));
        assert!(Document::read("f", many.as_bytes()).is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), at in any::<usize>(), with in any::<u8>()) {
            let _ = Document::read("f", &bytes);
            let said = json!({"_type": "root", "spec_version": "1.0.31", "version": 1, "expires": "2099-01-01T00:00:00Z",
                "keys": {"a": {"keytype": "ed25519", "scheme": "ed25519", "keyval": {"public": "00"}}},
                "roles": {"root": {"keyids": ["a"], "threshold": 1}}, "meta": {"snapshot.json": {"version": 1}}});
            let mut changed = file(&said);
            let length = changed.len();
            changed[at % length] = with;
            if let Ok(document) = Document::read("f", &changed) {
                let _ = document.as_role::<Root>().map(|root| document.check(&root.role.keys_of("root")));
                let _ = (document.as_role::<Timestamp>(), document.as_role::<Snapshot>(), document.as_role::<Targets>());
            }
        }
    }
}
