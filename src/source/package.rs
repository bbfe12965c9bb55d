//! A package in staging, before and after its check. Only [`verify`] turns one into the other.

use std::fmt;
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use super::{SourceError, checksum_file};
use crate::model::Sha256Digest;

/// A package in staging, hashed, not checked.
#[derive(Debug, Clone)]
pub struct Package {
    /// The ZIP in staging, for people.
    pub path: PathBuf,
    /// The ZIP itself, open since it was hashed: another file may have its path by now.
    pub file: Arc<File>,
    /// SHA-256 of what was written there.
    pub sha256: Sha256Digest,
    /// Its length in bytes.
    pub length: u64,
    /// Where it came from: a path, a URL without secrets, or `owner/repo`. What `origem_referencia` becomes when the
    /// call gives no `referencia`.
    pub origin_text: String,
    /// The tag (or branch) that it is, for `origem_branch_tag`.
    pub resolved_tag: Option<String>,
    /// What may be written to `origem_credencial_ref`; never a token.
    pub credential_name: Option<String>,
    /// By what the token is found again that it was fetched with.
    pub credential_reference: Option<String>,
}

/// Who offered a SHA-256.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OfferedBy {
    /// The parameter `sha256`.
    Parameter,
    /// A checksum file, by path or address.
    File(String),
    /// GitHub's own digest of the asset.
    Api,
    /// A signed index: `<index>:<plugin>`.
    Index(String),
}

impl fmt::Display for OfferedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Parameter => f.write_str("the parameter `sha256`"),
            Self::File(origin) => f.write_str(origin),
            Self::Api => f.write_str("GitHub"),
            Self::Index(reference) => write!(f, "the signed index ({reference})"),
        }
    }
}

/// What is known about a package's SHA-256 beforehand. Every value that was offered must hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Expectation {
    required: bool,
    offers: Vec<(OfferedBy, Sha256Digest)>,
}

impl Expectation {
    /// Whatever is offered must hold; nothing need be offered.
    pub fn when_offered() -> Self {
        Self::default()
    }

    /// A value from parameter or file must be offered (private repositories).
    pub fn required() -> Self {
        let required = true;
        Self {
            required,
            ..Self::default()
        }
    }

    /// Adds a value.
    pub fn offer(&mut self, by: OfferedBy, digest: Sha256Digest) {
        self.offers.push((by, digest));
    }

    /// Adds what a call says in its parameter `sha256`, where it says anything: digits, or a line as checksum files have it.
    pub fn offer_of_call(&mut self, said: Option<&str>, name: Option<&str>) -> Result<(), SourceError> {
        if let Some(text) = said {
            let digest = checksum_file::parse(text.as_bytes(), name);
            let digest = digest.map_err(|source| SourceError::ChecksumParameter { source })?;
            self.offer(OfferedBy::Parameter, digest);
        }
        Ok(())
    }

    /// Whether every value that was offered is this one.
    ///
    /// # Errors
    /// [`SourceError::ChecksumDiffers`].
    pub fn hold(&self, found: Sha256Digest) -> Result<(), SourceError> {
        let other = self.offers.iter().find(|(_, expected)| *expected != found);
        other.map_or(Ok(()), |(by, expected)| {
            Err(SourceError::ChecksumDiffers {
                offered_by: by.clone(),
                expected: *expected,
                found,
            })
        })
    }

    /// The values, in the order they were offered.
    pub fn offers(&self) -> &[(OfferedBy, Sha256Digest)] {
        &self.offers
    }
}

/// A package whose SHA-256 was checked as far as one was offered. Nothing else may be unpacked.
#[derive(Debug, Clone)]
pub struct Verified {
    package: Package,
    checked: bool,
}

impl Verified {
    /// The package.
    pub fn package(&self) -> &Package {
        &self.package
    }

    /// Whether there was a SHA-256 to check against.
    pub fn was_checked(&self) -> bool {
        self.checked
    }
}

/// Checks a package against every SHA-256 that was offered for it.
pub fn verify(package: Package, expectation: &Expectation) -> Result<Verified, SourceError> {
    // GitHub's digest is taken from the very file that was fetched: it cannot stand in for the publisher's word.
    let has_word = expectation.offers.iter().any(|(by, _)| *by != OfferedBy::Api);
    if expectation.required && !has_word {
        return Err(SourceError::ChecksumUnoffered { path: package.path });
    }
    expectation.hold(package.sha256)?;
    let checked = !expectation.offers.is_empty();
    Ok(Verified { package, checked })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package() -> Package {
        Package {
            path: "package.zip".into(),
            file: Arc::new(tempfile::tempfile().unwrap()),
            sha256: Sha256Digest::new([7; 32]),
            length: 1,
            origin_text: String::new(),
            resolved_tag: None,
            credential_name: None,
            credential_reference: None,
        }
    }

    #[test]
    fn every_offer_must_hold() {
        use OfferedBy::{Api, File, Parameter};
        let (good, bad) = (Sha256Digest::new([7; 32]), Sha256Digest::new([8; 32]));
        let file = || File("x.sha256".to_owned());
        for (required, offers, passes) in [
            (false, vec![], true),
            (true, vec![], false),
            (true, vec![(Api, good)], false),
            (true, vec![(Parameter, good)], true),
            (true, vec![(file(), good), (Api, good)], true),
            (false, vec![(Api, good)], true),
            (false, vec![(Api, bad)], false),
            (false, vec![(Parameter, good), (file(), bad)], false),
            (true, vec![(file(), good), (Api, bad)], false),
        ] {
            let mut expectation = if required {
                Expectation::required()
            } else {
                Expectation::when_offered()
            };
            for (by, digest) in &offers {
                expectation.offer(by.clone(), *digest);
            }
            assert_eq!(expectation.offers(), offers);
            let found = verify(package(), &expectation).map(|verified| verified.was_checked());
            let expected = passes.then_some(!offers.is_empty());
            assert_eq!(found.ok(), expected, "{required} {offers:?}");
        }
    }

    #[test]
    fn a_fault_says_who_offered_the_digest() {
        for (by, name) in [
            (OfferedBy::Parameter, "the parameter `sha256` says"),
            (OfferedBy::File("x.sha256".to_owned()), "x.sha256 says"),
            (OfferedBy::Api, "GitHub says"),
        ] {
            let mut expectation = Expectation::required();
            expectation.offer(OfferedBy::Parameter, Sha256Digest::new([7; 32]));
            expectation.offer(by, Sha256Digest::new([8; 32]));
            let text = verify(package(), &expectation).unwrap_err().to_string();
            assert!(text.contains(name), "{text}");
        }
    }
}
