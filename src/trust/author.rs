//! Makes signatures, for authors: with a key of theirs, or from a signature that a device made elsewhere. Decides from
//! values; files are for others.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::rsa::KeyPair as RsaKeyPair;
use ring::signature::{Ed25519KeyPair, KeyPair as _, RSA_PSS_SHA256};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject;
use x509_cert::der::asn1::{BitStringRef, Null};
use x509_cert::der::pem::LineEnding;
use x509_cert::der::{Encode as _, EncodePem as _};
use x509_cert::spki::{AlgorithmIdentifier, SubjectPublicKeyInfo};
use zeroize::{Zeroize as _, Zeroizing};

use super::certificate::{Certificate, EDWARDS_25519, PackageKey, RSA};
use super::chain::INTERMEDIATES;
use super::folder::certificates;
use super::messages;
use super::reason::Reason;
use super::scope::Signer;
use super::statement::{MAX_BYTES, PAYLOAD_TYPE, Statement};
use crate::base::dsse::{Envelope, Signature, signed_bytes};
use crate::base::json::hex;
use crate::model::Phrase;

/// A private key that signs packages.
pub enum SigningKey {
    /// RSASSA-PSS with SHA-256 and a salt of 32 bytes.
    Rsa(Box<RsaKeyPair>),
    /// Ed25519.
    Ed25519(Box<Ed25519KeyPair>),
}

/// The certificates of an author, which sign packages.
pub struct Prepared {
    chain: Vec<Certificate>,
    signer: Signer,
}

impl SigningKey {
    /// Reads a PKCS#8 key in PEM form; nothing where it is none that signs packages.
    pub fn read(pem: &[u8]) -> Option<Self> {
        let key = PrivatePkcs8KeyDer::from_pem_slice(pem).ok()?;
        let bytes = key.secret_pkcs8_der();
        if let Ok(pair) = RsaKeyPair::from_pkcs8(bytes) {
            let is_strong = (384..=512).contains(&pair.public().modulus_len());
            return is_strong.then(|| Self::Rsa(Box::new(pair)));
        }
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(bytes).ok()?;
        Some(Self::Ed25519(Box::new(pair)))
    }

    /// Its public half, a `SubjectPublicKeyInfo`, in DER and in PEM form; nothing where it cannot be written so.
    pub fn public(&self) -> Option<(Vec<u8>, String)> {
        let (oid, parameters, key) = match self {
            Self::Rsa(pair) => (RSA, Some(Null), pair.public().as_ref()),
            Self::Ed25519(pair) => (EDWARDS_25519, None, pair.public_key().as_ref()),
        };
        let info = SubjectPublicKeyInfo {
            algorithm: AlgorithmIdentifier { oid, parameters },
            subject_public_key: BitStringRef::from_bytes(key).ok()?,
        };
        Some((info.to_der().ok()?, info.to_pem(LineEnding::LF).ok()?))
    }

    /// What kind of key it is.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Rsa(_) => "RSA",
            Self::Ed25519(_) => "Ed25519",
        }
    }

    /// Signs; nothing where the system gives no random bytes.
    fn sign(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PSS_SHA256, &SystemRandom::new(), bytes, &mut signature)
                    .ok()?;
                Some(signature)
            }
            Self::Ed25519(pair) => Some(pair.sign(bytes).as_ref().to_vec()),
        }
    }
}

/// A fresh Ed25519 key in PEM form, and its public half in hexadecimal digits; nothing where the system gives no random
/// bytes.
pub fn fresh_key() -> Option<(Zeroizing<String>, String)> {
    // The form that openssl reads as well: without the public half.
    const HEAD: [u8; 16] = [
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
    ];
    let mut seed = Zeroizing::new([0_u8; 32]);
    ring::rand::SecureRandom::fill(&SystemRandom::new(), seed.as_mut()).ok()?;
    let pair = Ed25519KeyPair::from_seed_unchecked(seed.as_ref()).ok()?;
    let mut der = HEAD.to_vec();
    der.extend_from_slice(seed.as_ref());
    let mut text = STANDARD.encode(&der);
    der.zeroize();
    let pem = Zeroizing::new(format!(
        "-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n"
    ));
    text.zeroize();
    Some((pem, hex(pair.public_key().as_ref())))
}

/// Reads the certificates of an author in PEM form, the author's own first. A root that comes along is left out.
///
/// # Errors
/// Why they sign no package.
pub fn prepare(pem: &[u8]) -> Result<Prepared, Phrase> {
    let mut chain = certificates(pem).map_err(|_| messages::no_certificate())?;
    let is_own = |one: &Certificate| x509_is_self_signed(&one.der);
    if let Some(place) = chain.iter().skip(1).position(is_own) {
        chain.remove(place + 1);
    }
    let own = chain.first().ok_or_else(messages::no_certificate)?;
    if chain.len() > 1 + INTERMEDIATES {
        return Err(messages::chain_too_long(INTERMEDIATES));
    }
    let because = |reason: Reason| Phrase::of(&reason);
    if own.key.is_none() {
        return Err(because(Reason::Key));
    }
    if !own.is_for_packages {
        return Err(because(Reason::Purpose));
    }
    let signer = own.signer.clone().ok_or_else(|| because(Reason::NoName))?;
    Ok(Prepared { chain, signer })
}

fn x509_is_self_signed(der: &[u8]) -> bool {
    use x509_cert::der::Decode as _;
    let read = x509_cert::Certificate::from_der(der);
    read.is_ok_and(|read| read.tbs_certificate().issuer() == read.tbs_certificate().subject())
}

impl Prepared {
    /// Whose they are.
    pub fn developer(&self) -> &str {
        &self.signer.developer
    }

    /// Whether they may sign a plugin.
    pub fn covers(&self, slug: &crate::model::Slug) -> bool {
        self.signer.covers(slug)
    }

    fn key(&self) -> Option<&PackageKey> {
        self.chain.first()?.key.as_ref()
    }

    /// The bytes that are signed of a statement.
    pub fn bytes(statement: &Statement) -> Vec<u8> {
        signed_bytes(PAYLOAD_TYPE, &statement.to_bytes())
    }

    /// The statement of bytes that were to be signed.
    pub fn statement(bytes: &[u8]) -> Option<Statement> {
        let payload = payload_of(bytes)?;
        Statement::read(payload).ok()
    }

    fn envelope(&self, payload: Vec<u8>, signature: Vec<u8>) -> Option<String> {
        let signed = signed_bytes(PAYLOAD_TYPE, &payload);
        if !self.key()?.verify(&signed, &signature) {
            return None;
        }
        let envelope = Envelope {
            payload_type: PAYLOAD_TYPE.to_owned(),
            payload,
            signatures: vec![Signature {
                key: self.chain.first().map(|own| own.key_digest.to_string()),
                bytes: signature,
                certificates: self.chain.iter().map(|one| one.der.clone()).collect(),
            }],
        };
        Some(envelope.to_json()).filter(|text| text.len() as u64 <= MAX_BYTES)
    }
}

/// The payload of bytes that are signed.
fn payload_of(bytes: &[u8]) -> Option<&[u8]> {
    let head = format!("DSSEv1 {} {PAYLOAD_TYPE} ", PAYLOAD_TYPE.len());
    let rest = bytes.strip_prefix(head.as_bytes())?;
    let space = rest.iter().position(|byte| *byte == b' ')?;
    let length: usize = std::str::from_utf8(&rest[..space]).ok()?.parse().ok()?;
    Some(&rest[space + 1..]).filter(|payload| payload.len() == length)
}

/// The file of a signature; nothing where the key is not the certificate's.
pub fn sign(statement: &Statement, key: &SigningKey, prepared: &Prepared) -> Option<String> {
    let payload = statement.to_bytes();
    let signature = key.sign(&signed_bytes(PAYLOAD_TYPE, &payload))?;
    prepared.envelope(payload, signature)
}

/// The same, of a signature that was made elsewhere of bytes that were prepared.
pub fn attach(bytes: &[u8], signature: &[u8], prepared: &Prepared) -> Option<String> {
    prepared.envelope(payload_of(bytes)?.to_vec(), signature.to_vec())
}
