//! The keys under which credentials are sealed: the first seals, all open. Pure; where they stand is said by who reads them.

use std::fmt;
use std::path::PathBuf;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use zeroize::Zeroizing;

use super::VaultError;
use crate::base::aead::{KEY_BYTES, Key};
use crate::base::hash::sha256_of_parts;
use crate::model::Secret;

/// What a key's name is made of, before the key.
const NAMED_FOR: &[u8] = b"gestor-plugins/credencial";
/// Digits of that name.
const DIGITS: usize = 16;
/// A key with fewer different bytes was not drawn: it is a word, or a pattern.
const DISTINCT: usize = 16;
/// Keys that a ring holds at most.
const MOST: usize = 64;

/// Base64 as programs write it; the signs at its end may be missing.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The name of a key: 16 hexadecimal digits of a digest, by which a sealed row says which key it wants.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyId(String);

impl KeyId {
    fn of(key: &Key) -> Self {
        let digest = sha256_of_parts(&[NAMED_FOR, key.expose()]).to_string();
        Self(digest.chars().take(DIGITS).collect())
    }

    /// Reads one of a sealed row.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let is_digit = |c: u8| c.is_ascii_digit() || (b'a'..=b'f').contains(&c);
        (text.len() == DIGITS && text.bytes().all(is_digit)).then(|| Self(text.to_owned()))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where keys stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyPlace {
    /// The file of the trust folder.
    File(PathBuf),
    /// The parameter `chaves`, or the environment.
    Given,
}

/// What is wrong with a line that should be a key. It is never shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyFault {
    /// No base64: a passphrase, perhaps.
    NotBase64,
    /// Another length.
    Length(usize),
    /// Too few different bytes.
    NotDrawn,
}

/// Keys, at least one.
#[derive(Debug, Clone)]
pub struct KeyRing {
    first: (KeyId, Key),
    rest: Vec<(KeyId, Key)>,
}

impl KeyRing {
    /// Reads keys: one a line, or with commas between. Empty lines and those that begin with `#` do not count.
    ///
    /// # Errors
    /// [`VaultError::Key`] for the first line that is no key, [`VaultError::NoKeys`] where there is none.
    pub fn parse(text: &Secret, place: &KeyPlace) -> Result<Self, VaultError> {
        let mut keys: Vec<(KeyId, Key)> = Vec::new();
        let text = text.expose().trim_start_matches('\u{feff}');
        let lines = text.split('\n').enumerate();
        let parts = lines.flat_map(|(line, text)| text.split(',').map(move |part| (line + 1, part.trim())));
        for (line, part) in parts.filter(|(_, part)| !part.is_empty() && !part.starts_with('#')) {
            let place = || place.clone();
            let key = key(part).map_err(|fault| VaultError::Key {
                place: place(),
                line,
                fault,
            })?;
            let id = KeyId::of(&key);
            if keys.len() >= MOST {
                return Err(VaultError::TooManyKeys {
                    place: place(),
                    most: MOST,
                });
            }
            if keys.iter().all(|(known, _)| *known != id) {
                keys.push((id, key));
            }
        }
        let mut keys = keys.into_iter();
        let first = keys.next().ok_or_else(|| VaultError::NoKeys { place: place.clone() })?;
        let rest = keys.collect();
        Ok(Self { first, rest })
    }

    /// The key that seals, and its name.
    pub fn first(&self) -> (&KeyId, &Key) {
        (&self.first.0, &self.first.1)
    }

    /// The key of a name.
    pub fn key(&self, id: &KeyId) -> Option<&Key> {
        let mut all = std::iter::once(&self.first).chain(&self.rest);
        all.find(|(known, _)| known == id).map(|(_, key)| key)
    }
}

fn key(text: &str) -> Result<Key, KeyFault> {
    let bytes = Zeroizing::new(BASE64.decode(text).map_err(|_| KeyFault::NotBase64)?);
    let Ok(bytes) = <[u8; KEY_BYTES]>::try_from(bytes.as_slice()) else {
        return Err(KeyFault::Length(bytes.len()));
    };
    let mut seen = [false; 256];
    for byte in bytes {
        seen[usize::from(byte)] = true;
    }
    if seen.iter().filter(|seen| **seen).count() < DISTINCT {
        return Err(KeyFault::NotDrawn);
    }
    Ok(Key::new(bytes))
}

/// A line of a key ring, of bytes that were drawn for it. Drawn bytes of which too few differ are worth another draw, which
/// nobody will ever see.
pub fn fresh_line(draw: &mut dyn FnMut() -> Result<[u8; KEY_BYTES], VaultError>) -> Result<Secret, VaultError> {
    loop {
        let bytes = Zeroizing::new(draw()?);
        let line = Secret::new(BASE64.encode(bytes.as_slice()));
        if key(line.expose()).is_ok() {
            return Ok(line);
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    fn line(from: u8) -> String {
        let bytes: Vec<u8> = (0..32).map(|at| from.wrapping_add(at)).collect();
        BASE64.encode(bytes)
    }

    pub(crate) fn ring(froms: &[u8]) -> KeyRing {
        let lines: Vec<String> = froms.iter().map(|from| line(*from)).collect();
        KeyRing::parse(&Secret::new(lines.join("\n")), &KeyPlace::Given).unwrap()
    }

    fn refused(text: &str) -> VaultError {
        KeyRing::parse(&Secret::new(text), &KeyPlace::Given).unwrap_err()
    }

    #[test]
    fn the_first_seals_and_all_open() {
        let (one, two) = (line(1), line(2));
        let bare = two.trim_end_matches('=');
        for text in [
            format!("{one}\n{two}\n"),
            format!("{one},{bare}"),
            format!("# new\r\n {one} \r\n\r\n{two}"),
            format!("{one}\n{one}\n{bare}"),
            format!("\u{feff}{one}\n{two}"),
        ] {
            let ring = KeyRing::parse(&Secret::new(text), &KeyPlace::Given).unwrap();
            let [first, second] = [1, 2].map(ring_id);
            assert_eq!(ring.first().0, &first);
            assert!(ring.key(&first).is_some() && ring.key(&second).is_some());
            assert!(ring.key(&ring_id(3)).is_none() && ring.rest.len() == 1);
        }
    }

    fn ring_id(from: u8) -> KeyId {
        ring(&[from]).first().0.clone()
    }

    #[test]
    fn what_nobody_drew_is_no_key_and_is_not_shown() {
        let long = BASE64.encode([7; 33]);
        let same = BASE64.encode([7; 32]);
        let good = line(1);
        for (text, line, fault) in [
            ("correct horse battery staple", 1, KeyFault::NotBase64),
            ("hunter2hunter2hunter2hunter2hunter2hunter22=", 1, KeyFault::NotBase64),
            ("c2VjcmV0", 1, KeyFault::Length(6)),
            (long.as_str(), 1, KeyFault::Length(33)),
            (format!("{good}\n\n{same}").as_str(), 3, KeyFault::NotDrawn),
        ] {
            let found = refused(text);
            let VaultError::Key {
                line: at, fault: why, ..
            } = &found
            else {
                panic!("{found}")
            };
            // Where the signs at the end are not those of base64 either, the length may be told first.
            assert!(
                (*at, *why) == (line, fault) || fault == KeyFault::NotBase64,
                "{text}: {found:?}"
            );
            assert!(!found.to_string().contains(&text[..6]), "{found}");
        }
        assert!(matches!(refused(" \n# nothing\n"), VaultError::NoKeys { .. }));
        let many: Vec<String> = (0..=MOST).map(|from| self::line(u8::try_from(from).unwrap())).collect();
        assert!(matches!(refused(&many.join(",")), VaultError::TooManyKeys { .. }));
    }

    #[test]
    fn a_name_is_of_its_key_and_hides_it() {
        let ring = ring(&[1]);
        let (id, key) = ring.first();
        assert_eq!(id.as_str().len(), DIGITS);
        assert_eq!(KeyId::parse(id.as_str()).as_ref(), Some(id));
        for wrong in ["", "0123", "0123456789ABCDEF", "0123456789abcdeg", "0123456789abcdef0"] {
            assert!(KeyId::parse(wrong).is_none(), "{wrong}");
        }
        assert_ne!(format!("{}", sha256_of_parts(&[key.expose()]))[..16], *id.as_str());
        assert!(!format!("{ring:?}").contains("1, 2, 3"));
    }

    #[test]
    fn a_fresh_line_is_a_key() {
        let mut draws = [[7; 32], std::array::from_fn(|at| u8::try_from(at).unwrap())].into_iter();
        let line = fresh_line(&mut || Ok(draws.next().unwrap())).unwrap();
        assert!(KeyRing::parse(&line, &KeyPlace::Given).is_ok());
        assert_eq!(line.expose().len(), 44);
    }
}
