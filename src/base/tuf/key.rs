//! Public keys of a repository and what they signed. Three kinds, each with its one scheme; a key of another kind is no
//! fault, it only counts for nothing.

use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, RSA_PSS_2048_8192_SHA256, UnparsedPublicKey, VerificationAlgorithm,
};
use rustls::pki_types::SubjectPublicKeyInfoDer;
use rustls::pki_types::pem::PemObject;
use serde_json::Value;
use x509_cert::der::Decode;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::spki::SubjectPublicKeyInfoRef;

use crate::base::json::unhex;

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const ELLIPTIC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Scheme {
    Ed25519,
    RsaPss,
    Ecdsa,
}

/// A public key. Two keys are one where their scheme and bytes are, by whatever names files call them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PublicKey {
    scheme: Scheme,
    bytes: Vec<u8>,
}

impl PublicKey {
    /// The key of `{"keytype", "scheme", "keyval": {"public"}}`; `None` where it is of no kind that we know, or broken.
    pub fn read(value: &Value) -> Option<Self> {
        let text = |name: &str| value.get(name).and_then(Value::as_str);
        let public = value.get("keyval")?.get("public")?.as_str()?;
        let (scheme, bytes) = match (text("keytype")?, text("scheme")?) {
            ("ed25519", "ed25519") => (Scheme::Ed25519, unhex(public).filter(|bytes| bytes.len() == 32)?),
            ("rsa", "rsassa-pss-sha256") => (Scheme::RsaPss, inner(public, RSA, None)?),
            // The second word is how files of an older time call it.
            ("ecdsa" | "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256") => {
                (Scheme::Ecdsa, inner(public, ELLIPTIC, Some(P256))?)
            }
            _ => return None,
        };
        Some(Self { scheme, bytes })
    }

    /// An Ed25519 key.
    pub fn ed25519(bytes: [u8; 32]) -> Self {
        Self {
            scheme: Scheme::Ed25519,
            bytes: bytes.to_vec(),
        }
    }

    /// Whether it signed a message.
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let algorithm: &dyn VerificationAlgorithm = match self.scheme {
            Scheme::Ed25519 => &ED25519,
            Scheme::RsaPss => &RSA_PSS_2048_8192_SHA256,
            Scheme::Ecdsa => &ECDSA_P256_SHA256_ASN1,
        };
        UnparsedPublicKey::new(algorithm, &self.bytes)
            .verify(message, signature)
            .is_ok()
    }
}

/// What stands inside a PEM public key of this algorithm, and on this curve.
fn inner(pem: &str, algorithm: ObjectIdentifier, curve: Option<ObjectIdentifier>) -> Option<Vec<u8>> {
    let der = SubjectPublicKeyInfoDer::from_pem_slice(pem.as_bytes()).ok()?;
    let info = SubjectPublicKeyInfoRef::from_der(&der).ok()?;
    if info.algorithm.oid != algorithm || (curve.is_some() && info.algorithm.parameters_oid().ok() != curve) {
        return None;
    }
    Some(info.subject_public_key.as_bytes()?.to_vec())
}
