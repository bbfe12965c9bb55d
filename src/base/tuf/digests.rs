//! What a file has to be: its length and its hashes.

use std::collections::BTreeMap;

use serde::Deserialize;
use sha2::{Digest, Sha512};

use super::TufError;
use crate::base::hash::sha256;
use crate::base::json::hex;

/// Length and hashes of a target, as its role says them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct FileFacts {
    /// Bytes.
    pub length: u64,
    /// Hexadecimal digits by algorithm.
    pub hashes: BTreeMap<String, String>,
}

impl FileFacts {
    /// Whether bytes are that file.
    pub fn check(&self, file: &str, bytes: &[u8]) -> Result<(), TufError> {
        check(file, bytes, Some(self.length), Some(&self.hashes))
    }
}

/// Whether bytes are as long and have the hashes that were said; each algorithm that we know has to agree, and one has
/// to be known.
pub(super) fn check(
    file: &str,
    bytes: &[u8],
    length: Option<u64>,
    hashes: Option<&BTreeMap<String, String>>,
) -> Result<(), TufError> {
    let (file, found) = (file.to_owned(), bytes.len() as u64);
    if let Some(expected) = length.filter(|expected| *expected != found) {
        return Err(TufError::Length { file, expected, found });
    }
    let Some(hashes) = hashes else { return Ok(()) };
    let mut is_known = false;
    for (algorithm, expected) in hashes {
        let found = match algorithm.as_str() {
            "sha256" => sha256(bytes).to_string(),
            "sha512" => hex(&Sha512::digest(bytes)),
            _ => continue,
        };
        if !expected.eq_ignore_ascii_case(&found) {
            let expected = expected.chars().take(128).collect();
            return Err(TufError::Hash { file, expected, found });
        }
        is_known = true;
    }
    if is_known {
        Ok(())
    } else {
        Err(TufError::NoHash { file })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hashes(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs
            .iter()
            .map(|(name, digits)| ((*name).to_owned(), (*digits).to_owned()))
            .collect()
    }

    #[test]
    fn every_known_hash_has_to_agree() {
        let (short, long) = (sha256(b"abc").to_string(), hex(&Sha512::digest(b"abc")));
        let fault = |length, pairs: &[(&str, &str)]| check("f", b"abc", length, Some(&hashes(pairs))).unwrap_err();
        for pairs in [
            &[("sha256", short.as_str())][..],
            &[("sha512", &long)],
            &[("sha256", &short), ("md5", "x")],
        ] {
            assert!(check("f", b"abc", Some(3), Some(&hashes(pairs))).is_ok(), "{pairs:?}");
        }
        assert!(matches!(fault(Some(4), &[("sha256", &short)]), TufError::Length { .. }));
        assert!(matches!(
            fault(None, &[("sha256", &short), ("sha512", &short)]),
            TufError::Hash { .. }
        ));
        assert!(matches!(fault(None, &[("md5", "x")]), TufError::NoHash { .. }));
        assert!(matches!(fault(None, &[]), TufError::NoHash { .. }));
        assert!(check("f", b"abc", None, None).is_ok(), "a snapshot need not say any");
    }
}
