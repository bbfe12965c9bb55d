//! The signature of a package: its envelope, whether one of its signatures was made of these bytes, and what was signed.
//! Decides only; whom to believe is asked of the chain.

use super::certificate::{Certificate, PackageKey};
use super::chain::INTERMEDIATES;
use super::reason::{Reason, cut};
use super::statement::{MAX_BYTES, PAYLOAD_TYPE, Statement};
use crate::base::dsse::{Envelope, EnvelopeLimits, signed_bytes};
use crate::model::Phrase;

/// Signatures of an envelope.
const SIGNATURES: usize = 8;

/// An envelope of which every part was read.
pub(super) struct Signed {
    /// What was signed.
    pub(super) statement: Statement,
    /// By whom: for each signature its certificates, the signer's first; or why it is none.
    pub(super) signers: Vec<Result<Vec<Certificate>, Reason>>,
}

/// How much of an envelope is read.
pub(super) const LIMITS: EnvelopeLimits = EnvelopeLimits {
    signatures: SIGNATURES,
    certificates: 1 + INTERMEDIATES,
};

impl Signed {
    /// Reads the file of a signature, and checks every signature in it.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Reason> {
        if bytes.len() as u64 > MAX_BYTES {
            return Err(Reason::TooLarge { limit: MAX_BYTES });
        }
        let envelope = Envelope::read(bytes, LIMITS).map_err(|fault| Reason::Envelope {
            fault: Phrase::of(&fault),
        })?;
        if envelope.payload_type != PAYLOAD_TYPE {
            let found = cut(&envelope.payload_type);
            return Err(Reason::PayloadType { found });
        }
        let statement = Statement::read(&envelope.payload).map_err(|fault| Reason::Statement { fault: cut(&fault) })?;
        let bytes = signed_bytes(&envelope.payload_type, &envelope.payload);
        let signer = |signature: &crate::base::dsse::Signature| {
            let chain: Option<Vec<_>> = signature
                .certificates
                .iter()
                .map(|der| Certificate::read(der))
                .collect();
            let chain = chain.filter(|chain| !chain.is_empty()).ok_or(Reason::Certificate)?;
            let key: &PackageKey = chain[0].key.as_ref().ok_or(Reason::Key)?;
            if key.verify(&bytes, &signature.bytes) {
                Ok(chain)
            } else {
                Err(Reason::Signature)
            }
        };
        Ok(Self {
            signers: envelope.signatures.iter().map(signer).collect(),
            statement,
        })
    }
}
