//! Authenticated encryption: AES-256-GCM. What is sealed opens under its key alone, and only together with the fields that it
//! was sealed with. Knows nothing of what is sealed.

use std::fmt;

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use zeroize::{Zeroize, Zeroizing};

use super::memory::SecretInUse;

/// Bytes of a key.
pub const KEY_BYTES: usize = 32;
/// Bytes of a nonce, which must be another one for everything that a key seals.
pub const NONCE_BYTES: usize = 12;
/// Bytes of the tag.
const TAG_BYTES: usize = 16;

/// A key. Never shown; its memory is overwritten when it goes, and so is what anything frees that was made of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Key(Zeroizing<[u8; KEY_BYTES]>, SecretInUse);

impl Key {
    /// Takes the bytes of a key.
    pub fn new(bytes: [u8; KEY_BYTES]) -> Self {
        Self(Zeroizing::new(bytes), SecretInUse::new())
    }

    /// Its bytes, for who stores it or names it by a digest.
    pub fn expose(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }

    fn cipher(&self) -> Option<LessSafeKey> {
        UnboundKey::new(&AES_256_GCM, self.0.as_slice())
            .ok()
            .map(LessSafeKey::new)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// What is authenticated with a text and not part of it: fields, each after its length (64 bits, little-endian), so that no
/// two lists of fields are the same bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Associated(Vec<u8>);

impl Associated {
    /// Of these fields, in this order.
    pub fn of(fields: &[&[u8]]) -> Self {
        let mut bytes = Vec::new();
        for field in fields {
            bytes.extend_from_slice(&(field.len() as u64).to_le_bytes());
            bytes.extend_from_slice(field);
        }
        Self(bytes)
    }
}

/// Seals a text: nonce, ciphertext, tag. Nothing where it is longer than the cipher takes (64 GiB).
pub fn seal(key: &Key, nonce: [u8; NONCE_BYTES], associated: &Associated, text: &[u8]) -> Option<Vec<u8>> {
    seal_with(key, nonce, &associated.0, text)
}

/// Opens what was sealed; nothing where a bit of it, of the fields or of the key is another one.
pub fn open(key: &Key, associated: &Associated, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    open_with(key, &associated.0, sealed)
}

fn seal_with(key: &Key, nonce: [u8; NONCE_BYTES], associated: &[u8], text: &[u8]) -> Option<Vec<u8>> {
    // Made as long as it will be: a text that moves leaves a copy behind.
    let mut sealed = Vec::with_capacity(NONCE_BYTES + text.len() + TAG_BYTES);
    sealed.extend_from_slice(&nonce);
    sealed.extend_from_slice(text);
    let (nonce, rest) = (Nonce::assume_unique_for_key(nonce), sealed.get_mut(NONCE_BYTES..)?);
    let made = key
        .cipher()?
        .seal_in_place_separate_tag(nonce, Aad::from(associated), rest);
    if let Ok(tag) = made {
        sealed.extend_from_slice(tag.as_ref());
        return Some(sealed);
    }
    sealed.zeroize();
    None
}

fn open_with(key: &Key, associated: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (nonce, rest) = sealed.split_first_chunk::<NONCE_BYTES>()?;
    let mut text = Zeroizing::new(rest.to_vec());
    let opened = key.cipher()?.open_in_place(
        Nonce::assume_unique_for_key(*nonce),
        Aad::from(associated),
        text.as_mut_slice(),
    );
    let length = opened.ok()?.len();
    text.truncate(length);
    Some(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Vector {
        tc_id: u32,
        comment: String,
        key: String,
        iv: String,
        aad: String,
        msg: String,
        ct: String,
        tag: String,
        result: String,
    }

    fn bytes(hex: &str) -> Vec<u8> {
        let digits = (0..hex.len()).step_by(2);
        digits
            .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
            .collect()
    }

    #[test]
    fn wycheproof_vectors_come_out_right() {
        let text = include_str!("../../tests/fixtures/wycheproof/aes_256_gcm.json");
        let vectors: Vec<Vector> = serde_json::from_str(text).unwrap();
        assert_eq!(vectors.len(), 66);
        for vector in vectors {
            let key = Key::new(bytes(&vector.key).try_into().unwrap());
            let (nonce, associated, text) = (bytes(&vector.iv), bytes(&vector.aad), bytes(&vector.msg));
            let sealed = [nonce.clone(), bytes(&vector.ct), bytes(&vector.tag)].concat();
            let name = format!("{} {}", vector.tc_id, vector.comment);
            let (made, opened) = (
                seal_with(&key, nonce.try_into().unwrap(), &associated, &text),
                open_with(&key, &associated, &sealed),
            );
            match vector.result.as_str() {
                "valid" => {
                    assert_eq!(made.as_deref(), Some(sealed.as_slice()), "{name}");
                    assert_eq!(opened.as_deref(), Some(&text), "{name}");
                }
                "invalid" => assert!(opened.is_none(), "{name}"),
                other => panic!("{name}: {other}"),
            }
        }
    }

    #[test]
    fn fields_keep_their_bounds() {
        for (one, other) in [
            (vec!["ab", "c"], vec!["a", "bc"]),
            (vec!["a", ""], vec!["a"]),
            (vec!["", "a"], vec!["a", ""]),
        ] {
            let of = |fields: &[&str]| {
                let fields: Vec<&[u8]> = fields.iter().map(|field| field.as_bytes()).collect();
                Associated::of(&fields)
            };
            assert_ne!(of(&one), of(&other), "{one:?}");
        }
        assert_eq!(format!("{:?}", Key::new([7; KEY_BYTES])), "***");
    }

    proptest! {
        #[test]
        fn what_is_sealed_opens_as_it_was_and_with_nothing_changed(
            key: [u8; KEY_BYTES],
            nonce: [u8; NONCE_BYTES],
            text in proptest::collection::vec(any::<u8>(), 0..100),
            (at, change) in (any::<prop::sample::Index>(), 1..=u8::MAX),
        ) {
            let (key, associated) = (Key::new(key), Associated::of(&[b"a", b"b"]));
            let mut sealed = seal(&key, nonce, &associated, &text).unwrap();
            let opened = open(&key, &associated, &sealed);
            prop_assert_eq!(opened.as_deref(), Some(&text));
            prop_assert!(open(&key, &Associated::of(&[b"ab"]), &sealed).is_none());
            prop_assert!(open(&key, &associated, &sealed[..sealed.len() - 1]).is_none());
            let at = at.index(sealed.len());
            sealed[at] ^= change;
            prop_assert!(open(&key, &associated, &sealed).is_none());
        }
    }
}
