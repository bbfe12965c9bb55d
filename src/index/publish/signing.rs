//! A signed file from what it says. Pure.

use serde_json::{Value, json};

use super::keys::SigningKey;
use crate::base::tuf::canonical;

/// The bytes of a file, signed by these keys.
pub(super) fn signed(said: &Value, keys: &[&SigningKey]) -> Vec<u8> {
    // What is said here holds no fraction.
    let message = canonical(said).unwrap_or_default();
    let mut signatures: Vec<Value> = Vec::new();
    for key in keys {
        let id = key.id();
        if signatures.iter().all(|known| known["keyid"] != id.as_str()) {
            signatures.push(json!({"keyid": id, "sig": key.sign(&message)}));
        }
    }
    let mut bytes = serde_json::to_vec_pretty(&json!({"signatures": signatures, "signed": said})).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}
