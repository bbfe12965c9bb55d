//! A sealed secret as the table holds it: `gpc1.<key>.<base64url>`. Pure: key, nonce and row are given.
//!
//! Authenticated with it are the row's number, type and alias, and the key's name: a row that was moved, renamed or retyped by
//! SQL does not open.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{Contents, KeyId, KeyRing};
use crate::base::aead::{self, Associated, NONCE_BYTES};

/// This form.
const FORM: &str = "gpc1";
/// The table, which is authenticated as well.
pub(super) const TABLE: &str = "plugins_credenciais";

/// The row that a secret is sealed into, as it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct About<'a> {
    /// Its number.
    pub id: u64,
    /// Its type.
    pub kind: &'a str,
    /// Its alias.
    pub alias: &'a str,
}

impl About<'_> {
    fn associated(&self, key: &KeyId) -> Associated {
        let id = self.id.to_string();
        let fields = [FORM, TABLE, &id, self.kind, self.alias, key.as_str()];
        Associated::of(&fields.map(str::as_bytes))
    }
}

/// Why a sealed secret does not open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unopened {
    /// The key that it wants is in no key ring.
    KeyMissing(KeyId),
    /// It is not what was sealed into this row.
    Altered,
}

/// A sealed secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    key: KeyId,
    sealed: Vec<u8>,
}

impl Envelope {
    /// Reads one as it is stored.
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix(FORM)?.strip_prefix('.')?;
        let (key, sealed) = rest.split_once('.')?;
        Some(Self {
            key: KeyId::parse(key)?,
            sealed: URL_SAFE_NO_PAD.decode(sealed).ok()?,
        })
    }

    /// The key that it wants.
    pub fn key(&self) -> &KeyId {
        &self.key
    }

    /// Opens it as a row's.
    pub fn open(&self, ring: &KeyRing, about: About<'_>) -> Result<Contents, Unopened> {
        let key = ring.key(&self.key);
        let key = key.ok_or_else(|| Unopened::KeyMissing(self.key.clone()))?;
        let opened = aead::open(key, &about.associated(&self.key), &self.sealed);
        opened
            .and_then(|bytes| Contents::of_bytes(&bytes))
            .ok_or(Unopened::Altered)
    }
}

/// Seals a secret under the first key, as it is stored; nothing where it is longer than a cipher takes.
pub fn seal(ring: &KeyRing, nonce: [u8; NONCE_BYTES], about: About<'_>, contents: &Contents) -> Option<String> {
    let (id, key) = ring.first();
    let sealed = aead::seal(key, nonce, &about.associated(id), &contents.to_bytes()?)?;
    Some(format!("{FORM}.{id}.{}", URL_SAFE_NO_PAD.encode(sealed)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::key_ring::tests::ring;
    use super::*;
    use crate::model::Secret;

    fn contents(secret: &str) -> Contents {
        Contents {
            secret: Secret::new(secret),
            origin: Some("https://api.example".to_owned()),
            created: "2026".to_owned(),
        }
    }

    fn open(text: &str, keys: &[u8], about: About<'_>) -> Result<Contents, Unopened> {
        Envelope::parse(text).ok_or(Unopened::Altered)?.open(&ring(keys), about)
    }

    proptest! {
        /// The law of the table: nothing of a row can be changed but the secret is lost.
        #[test]
        fn a_row_opens_as_it_was_sealed_and_in_no_other_way(
            secret in "[ -~]{1,40}",
            id in 1u64..1 << 31,
            other_id: u64,
            (kind, other_kind) in ("[a-z_]{1,9}", "[a-z_]{0,9}"),
            (alias, other_alias) in ("[a-z0-9]{1,9}", "[a-z0-9]{0,9}"),
            (at, letter) in (any::<prop::sample::Index>(), "[ -~]"),
        ) {
            let about = About { id, kind: &kind, alias: &alias };
            let sealed = seal(&ring(&[1]), [9; NONCE_BYTES], about, &contents(&secret)).unwrap();
            prop_assert!(!sealed.contains(&secret) || secret.len() < 4);
            let opened = open(&sealed, &[1], about);
            prop_assert_eq!(opened, Ok(contents(&secret)));
            // A key that was put in front does not take the old one's rows away.
            prop_assert!(open(&sealed, &[2, 1], about).is_ok());
            let missing = open(&sealed, &[2], about);
            prop_assert!(matches!(missing, Err(Unopened::KeyMissing(id)) if id == *ring(&[1]).first().0));
            for changed in [
                About { id: other_id, ..about },
                About { kind: &other_kind, ..about },
                About { alias: &other_alias, ..about },
                // What moves from one field to the next.
                About { kind: &format!("{kind}{alias}"), alias: "", ..about },
            ] {
                prop_assert!(changed == about || open(&sealed, &[1], changed) == Err(Unopened::Altered));
            }
            let at = at.index(sealed.len());
            let changed = format!("{}{letter}{}", &sealed[..at], &sealed[at + 1..]);
            // The last sign of base64 has bits that say nothing, and those must be none.
            prop_assert!(changed == sealed || open(&changed, &[1], about).is_err());
            prop_assert!(open(&sealed[..at], &[1], about).is_err());
            // The name of another key of the ring.
            let (own, other) = (ring(&[1]), ring(&[2]));
            let renamed = sealed.replacen(own.first().0.as_str(), other.first().0.as_str(), 1);
            prop_assert_eq!(open(&renamed, &[1, 2], about), Err(Unopened::Altered));
        }
    }

    #[test]
    fn what_has_another_form_is_none() {
        let key = "0123456789abcdef";
        for text in [
            "",
            "gpc1",
            "gpc1.",
            "ghp_x",
            &format!("gpc2.{key}.AAAA"),
            &format!("gpc1.{key}.A=="),
            &format!("gpc1.{key}"),
        ] {
            assert!(Envelope::parse(text).is_none(), "{text}");
        }
        let empty = Envelope::parse(&format!("gpc1.{}.", ring(&[1]).first().0)).unwrap();
        let about = About {
            id: 1,
            kind: "k",
            alias: "a",
        };
        assert_eq!(empty.open(&ring(&[1]), about), Err(Unopened::Altered));
    }
}
