//! A certificate: its key and what that may do, its dates, whose it says that it is. Reads what a chain does not look at.
//! Must not know which roots there are.

use ring::signature::{ED25519, RSA_PSS_2048_8192_SHA256, UnparsedPublicKey};
use x509_cert::Certificate as X509;
use x509_cert::der::asn1::{ObjectIdentifier, UintRef};
use x509_cert::der::{Decode, Encode, Reader, SliceReader};
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, KeyUsage, SubjectAltName};
use x509_cert::spki::SubjectPublicKeyInfoOwned;

use super::scope::Signer;
use crate::base::hash::sha256;
use crate::model::Sha256Digest;

pub(super) const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
pub(super) const EDWARDS_25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
const CODE_SIGNING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.3");
/// Bits of an RSA key that signs packages.
const RSA_BITS: std::ops::RangeInclusive<usize> = 3072..=8192;
/// The smallest exponent of one.
const EXPONENT: u64 = 65_537;

/// A certificate that was read.
#[derive(Debug, Clone)]
pub(super) struct Certificate {
    /// Its bytes.
    pub(super) der: Vec<u8>,
    /// Of its bytes.
    pub(super) digest: Sha256Digest,
    /// Of its public key with the key's kind.
    pub(super) key_digest: Sha256Digest,
    /// Its key, where it is one that signs packages.
    pub(super) key: Option<PackageKey>,
    /// Whose it says that it is, where it says that of us.
    pub(super) signer: Option<Signer>,
    /// Seconds since 1970.
    pub(super) not_before: u64,
    /// The same.
    pub(super) not_after: u64,
    /// It is for code signing, and for signatures.
    pub(super) is_for_packages: bool,
    /// Its key may sign certificates of authors, as far as it says anything of that.
    pub(super) may_certify: bool,
    /// What it lets stand below it, where it is an authority's.
    pub(super) authority: Option<Authority>,
}

/// What the certificate of an authority says of those below it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Authority {
    /// How many others may stand between it and the signer's; any number where it does not say.
    pub(super) most: Option<u8>,
}

/// A key that signs packages. Which algorithm it uses follows from its kind alone.
#[derive(Debug, Clone)]
pub(super) enum PackageKey {
    /// RSASSA-PSS with SHA-256 and a salt of 32 bytes; the key as PKCS#1.
    Rsa(Vec<u8>),
    /// Ed25519.
    Ed25519(Vec<u8>),
}

impl PackageKey {
    /// Whether bytes were signed with its other half.
    pub(super) fn verify(&self, signed: &[u8], signature: &[u8]) -> bool {
        let verified = match self {
            Self::Rsa(key) => UnparsedPublicKey::new(&RSA_PSS_2048_8192_SHA256, key).verify(signed, signature),
            Self::Ed25519(key) => UnparsedPublicKey::new(&ED25519, key).verify(signed, signature),
        };
        verified.is_ok()
    }
}

impl Certificate {
    /// Reads one; nothing where it is none.
    pub(super) fn read(der: &[u8]) -> Option<Self> {
        let whole = X509::from_der(der).ok()?;
        let inner = whole.tbs_certificate();
        let usage = inner.get_extension::<KeyUsage>().ok()?.map(|(_, usage)| usage);
        let purposes = inner.get_extension::<ExtendedKeyUsage>().ok()?;
        let names = inner.get_extension::<SubjectAltName>().ok()?;
        let names: Vec<&str> = names
            .iter()
            .flat_map(|(_, names)| &names.0)
            .filter_map(address)
            .collect();
        let purposes = purposes.map(|(_, purposes)| purposes.0.contains(&CODE_SIGNING));
        let limits = inner
            .get_extension::<BasicConstraints>()
            .ok()?
            .map(|(_, limits)| limits);
        let key = inner.subject_public_key_info();
        let validity = inner.validity();
        Some(Self {
            digest: sha256(der),
            key_digest: sha256(&key.to_der().ok()?),
            key: package_key(key),
            signer: Signer::of_names(names.into_iter()),
            not_before: validity.not_before.to_unix_duration().as_secs(),
            not_after: validity.not_after.to_unix_duration().as_secs(),
            is_for_packages: purposes == Some(true) && usage.is_some_and(|usage| usage.digital_signature()),
            may_certify: usage.is_none_or(|usage| usage.key_cert_sign()) && purposes != Some(false),
            authority: limits.filter(|limits| limits.ca).map(|limits| Authority {
                most: limits.path_len_constraint,
            }),
            der: der.to_vec(),
        })
    }
}

fn address(name: &GeneralName) -> Option<&str> {
    match name {
        GeneralName::UniformResourceIdentifier(address) => Some(address.as_str()),
        _ => None,
    }
}

fn package_key(key: &SubjectPublicKeyInfoOwned) -> Option<PackageKey> {
    let bytes = key.subject_public_key.as_bytes()?;
    match key.algorithm.oid {
        RSA => is_strong(bytes)?.then(|| PackageKey::Rsa(bytes.to_vec())),
        EDWARDS_25519 if bytes.len() == 32 => Some(PackageKey::Ed25519(bytes.to_vec())),
        _ => None,
    }
}

/// Whether an RSA key (PKCS#1) is of a size that signs packages.
fn is_strong(key: &[u8]) -> Option<bool> {
    let mut reader = SliceReader::new(key).ok()?;
    let (modulus, exponent) = reader
        .sequence(|inner| {
            let modulus = UintRef::decode(inner)?.as_bytes().to_vec();
            Ok::<_, x509_cert::der::Error>((modulus, UintRef::decode(inner)?.as_bytes().to_vec()))
        })
        .ok()?;
    let first = *modulus.first()?;
    let bits = modulus.len() * 8 - usize::try_from(first.leading_zeros()).ok()?;
    let wide = exponent.len() > 8;
    let exponent = exponent.iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
    Some(RSA_BITS.contains(&bits) && (wide || exponent >= EXPONENT))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn integer(mut bytes: Vec<u8>) -> Vec<u8> {
        if bytes[0] & 0x80 != 0 {
            bytes.insert(0, 0);
        }
        with_length(2, bytes)
    }

    fn with_length(tag: u8, bytes: Vec<u8>) -> Vec<u8> {
        let length = bytes.len();
        let mut made = vec![tag];
        if length < 128 {
            made.push(u8::try_from(length).unwrap());
        } else {
            made.push(0x82);
            made.extend(u16::try_from(length).unwrap().to_be_bytes());
        }
        made.extend(bytes);
        made
    }

    /// A key of so many bits with an exponent, as PKCS#1.
    fn key(bits: usize, exponent: &[u8]) -> Vec<u8> {
        let mut modulus = vec![0xff; bits.div_ceil(8)];
        modulus[0] >>= (8 - bits % 8) % 8;
        let inner = [integer(modulus), integer(exponent.to_vec())].concat();
        with_length(0x30, inner)
    }

    #[test]
    fn rsa_keys_have_a_size() {
        let usual = [1, 0, 1].as_slice();
        for (bits, exponent, is_one) in [
            (3071, usual, false),
            (3072, usual, true),
            (2048, usual, false),
            (4096, usual, true),
            (8192, usual, true),
            (8193, usual, false),
            (3072, [3].as_slice(), false),
            (3072, &[0xff, 0xff], false),
            (3072, &[1, 0, 3], true),
            (3072, &[1; 9], true),
        ] {
            assert_eq!(is_strong(&key(bits, exponent)), Some(is_one), "{bits} {exponent:?}");
        }
        let whole = key(3072, usual);
        for wrong in [b"".as_slice(), b"\x30\x00", &whole[..20]] {
            assert_eq!(is_strong(wrong), None);
        }
    }
}
