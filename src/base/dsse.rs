//! Envelopes of signed bytes, DSSE 1.0: what is signed, and how it is written down. Strict: nothing unknown, nothing twice.
//! Must not know who signs, nor what the bytes mean.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use serde_json::json;

use super::json::{JsonFault, JsonType, Part};

/// An envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// What the bytes are.
    pub payload_type: String,
    /// The bytes that are signed.
    pub payload: Vec<u8>,
    /// Who signed them.
    pub signatures: Vec<Signature>,
}

/// One signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// A hint of the key, which proves nothing.
    pub key: Option<String>,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Certificates in DER, the signer's first; none where the envelope carries none.
    pub certificates: Vec<Vec<u8>>,
}

/// How much of an envelope is read.
#[derive(Debug, Clone, Copy)]
pub struct EnvelopeLimits {
    /// Signatures.
    pub signatures: usize,
    /// Certificates of one.
    pub certificates: usize,
}

/// Why bytes are no envelope.
#[derive(Debug, thiserror::Error)]
pub enum EnvelopeFault {
    /// No JSON, or too much of it.
    #[error(transparent)]
    Json(#[from] JsonFault),
    /// A key that does not belong there, is not there, or stands there twice.
    #[error("`{key}` is missing, unknown or stands twice")]
    Key {
        /// Which.
        key: String,
    },
    /// A value of another kind.
    #[error("`{key}` is not what it should be")]
    Value {
        /// Of which key.
        key: &'static str,
    },
}

/// The bytes that are signed: type and payload, each after its length.
pub fn signed_bytes(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let mut bytes = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len()).into_bytes();
    bytes.extend_from_slice(payload);
    bytes
}

impl Envelope {
    /// Reads an envelope.
    ///
    /// # Errors
    /// [`EnvelopeFault`], with the place where it is known.
    pub fn read(bytes: &[u8], limits: EnvelopeLimits) -> Result<Self, EnvelopeFault> {
        let whole = Part::read(bytes)?;
        let [payload_type, payload, signatures] = fields(&whole, ["payloadType", "payload", "signatures"])?;
        let (Some(payload_type), Some(payload), Some(signatures)) = (payload_type, payload, signatures) else {
            let key = "payloadType, payload, signatures".to_owned();
            return Err(EnvelopeFault::Key { key });
        };
        let signatures = items(&signatures, "signatures", limits.signatures)?;
        if signatures.is_empty() {
            return Err(EnvelopeFault::Value { key: "signatures" });
        }
        let read = |part: &Part<'_>| signature(part, limits.certificates);
        Ok(Self {
            payload_type: text(&payload_type, "payloadType")?,
            payload: decoded(&payload, "payload")?,
            signatures: signatures.iter().map(read).collect::<Result<_, _>>()?,
        })
    }

    /// The envelope as it is written down.
    pub fn to_json(&self) -> String {
        let signature = |signature: &Signature| {
            let certificates = signature.certificates.iter().map(|bytes| STANDARD.encode(bytes));
            json!({
                "keyid": signature.key,
                "sig": STANDARD.encode(&signature.bytes),
                "cert": certificates.collect::<Vec<_>>(),
            })
        };
        let envelope = json!({
            "payloadType": self.payload_type,
            "payload": STANDARD.encode(&self.payload),
            "signatures": self.signatures.iter().map(signature).collect::<Vec<_>>(),
        });
        envelope.to_string()
    }
}

fn signature(part: &Part<'_>, most: usize) -> Result<Signature, EnvelopeFault> {
    let [key, bytes, certificates] = fields(part, ["keyid", "sig", "cert"])?;
    let bytes = bytes.ok_or_else(|| EnvelopeFault::Key { key: "sig".to_owned() })?;
    let certificates = certificates.map_or(Ok(Vec::new()), |part| {
        let certificates = items(&part, "cert", most)?;
        certificates.iter().map(|part| decoded(part, "cert")).collect()
    })?;
    let key = key.filter(|part| part.kind() != JsonType::Null);
    Ok(Signature {
        key: key.map(|part| text(&part, "keyid")).transpose()?,
        bytes: decoded(&bytes, "sig")?,
        certificates,
    })
}

/// The values of an object of which no key is unknown and none stands twice.
fn fields<'a, const N: usize>(part: &Part<'a>, names: [&str; N]) -> Result<[Option<Part<'a>>; N], EnvelopeFault> {
    let mut found = [None; N];
    for (key, value) in part.entries(N)? {
        let place = names.iter().position(|name| *name == key);
        match place.and_then(|place| found.get_mut(place)) {
            Some(empty @ None) => *empty = Some(value),
            _ => return Err(EnvelopeFault::Key { key }),
        }
    }
    Ok(found)
}

fn items<'a>(part: &Part<'a>, key: &'static str, most: usize) -> Result<Vec<Part<'a>>, EnvelopeFault> {
    if part.kind() == JsonType::List {
        Ok(part.items(most)?)
    } else {
        Err(EnvelopeFault::Value { key })
    }
}

fn text(part: &Part<'_>, key: &'static str) -> Result<String, EnvelopeFault> {
    if part.kind() == JsonType::Text {
        Ok(part.text()?)
    } else {
        Err(EnvelopeFault::Value { key })
    }
}

/// Bytes in either alphabet of base64, as the standard wants it.
fn decoded(part: &Part<'_>, key: &'static str) -> Result<Vec<u8>, EnvelopeFault> {
    let text = text(part, key)?;
    let bytes = STANDARD.decode(&text).or_else(|_| URL_SAFE.decode(&text));
    bytes.map_err(|_| EnvelopeFault::Value { key })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::base::mutation::spoiled;

    const LIMITS: EnvelopeLimits = EnvelopeLimits {
        signatures: 2,
        certificates: 2,
    };

    #[test]
    fn what_is_signed_is_what_the_standard_says() {
        // The standard's own example.
        assert_eq!(
            signed_bytes("http://example.com/HelloWorld", b"hello world"),
            b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
        );
        assert_eq!(signed_bytes("é", b""), "DSSEv1 2 é 0 ".as_bytes());
    }

    #[test]
    fn only_what_belongs_into_an_envelope_is_read() {
        let good = r#"{"payloadType":"t","payload":"aGk=","signatures":[{"keyid":"k","sig":"-_8=","cert":["AA=="]}]}"#;
        let read = Envelope::read(good.as_bytes(), LIMITS).unwrap();
        assert_eq!(
            (read.payload.as_slice(), read.signatures[0].bytes.as_slice()),
            (&b"hi"[..], &[0xfb, 0xff][..])
        );
        assert_eq!(Envelope::read(read.to_json().as_bytes(), LIMITS).unwrap(), read);
        for (from, to) in [
            (r#""payloadType":"t","#, ""),
            (r#""payloadType":"t","#, r#""payloadType":"t","payloadType":"t","#),
            (r#""payloadType":"t""#, r#""payloadType":1"#),
            (r#""sig":"-_8=","#, ""),
            (r#""keyid":"k""#, r#""keyid":"k","keyid":"k""#),
            (r#""keyid":"k""#, r#""alg":"none""#),
            (r#""keyid":"k""#, r#""keyid":{}"#),
            ("aGk=", "aGk"),
            ("aGk=", "aGk=\\n"),
            ("aGk=", "aGl="),
            (r#"["AA=="]"#, r#""AA==""#),
            (r#"["AA=="]"#, r#"["AA==","AA==","AA=="]"#),
            (r#"[{"keyid""#, r#"[[],{"keyid""#),
            ("}]}", "}]}{}"),
        ] {
            let spoiled = good.replacen(from, to, 1);
            assert_ne!(spoiled, good);
            assert!(Envelope::read(spoiled.as_bytes(), LIMITS).is_err(), "{spoiled}");
        }
        let none = r#"{"payloadType":"t","payload":"","signatures":[]}"#;
        assert!(Envelope::read(none.as_bytes(), LIMITS).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(bytes in spoiled(&[
            r#"{"payloadType":"t","payload":"aGk=","signatures":[{"keyid":"k","sig":"-_8=","cert":["AA=="]}]}"#
        ])) {
            if let Ok(read) = Envelope::read(&bytes, LIMITS) {
                prop_assert_eq!(Envelope::read(read.to_json().as_bytes(), LIMITS).unwrap(), read);
            }
        }
    }
}
