//! Whether a signer's certificate leads to a root that the operator put there: signatures and constraints by webpki, the rest
//! by what stands in the certificates. Decides from values.

use rustls::pki_types::{CertificateDer, SignatureVerificationAlgorithm, UnixTime};
use webpki::{EndEntityCert, Error, KeyUsage, anchor_from_trusted_cert, ring};

use super::certificate::Certificate;
use super::reason::Reason;
use super::time;

/// The purpose of code signing, in DER.
const CODE_SIGNING: &[u8] = &[43, 6, 1, 5, 5, 7, 3, 3];
/// Certificates that may stand between the signer's and a root.
pub(super) const INTERMEDIATES: usize = 2;

/// How certificates may be signed.
static ALGORITHMS: &[&dyn SignatureVerificationAlgorithm] = &[
    ring::RSA_PKCS1_2048_8192_SHA256,
    ring::RSA_PKCS1_2048_8192_SHA384,
    ring::RSA_PKCS1_2048_8192_SHA512,
    ring::RSA_PSS_2048_8192_SHA256_LEGACY_KEY,
    ring::RSA_PSS_2048_8192_SHA384_LEGACY_KEY,
    ring::RSA_PSS_2048_8192_SHA512_LEGACY_KEY,
    ring::ECDSA_P256_SHA256,
    ring::ECDSA_P256_SHA384,
    ring::ECDSA_P384_SHA256,
    ring::ECDSA_P384_SHA384,
    ring::ED25519,
];

/// A certificate that the operator put among the roots.
#[derive(Debug, Clone)]
pub(super) struct Root {
    /// The name of its file.
    pub(super) file: String,
    /// The certificate.
    pub(super) certificate: Certificate,
}

/// How far a chain goes.
#[derive(Debug)]
pub(super) enum Chain {
    /// To a root, and every certificate of it counts now, until then.
    Whole(u64),
    /// To a root, and every one of its certificates counted from the first of these moments to the second. Seconds since 1970.
    Once(u64, u64),
    /// To none.
    None(Reason),
}

/// Follows the chain of a signer's certificate.
pub(super) fn follow(signer: &Certificate, between: &[Certificate], roots: &[&Root], now: u64) -> Chain {
    if !signer.is_for_packages {
        return Chain::None(Reason::Purpose);
    }
    if roots.is_empty() {
        return Chain::None(Reason::NoRoots);
    }
    let (mut once, mut why) = (None, Error::UnknownIssuer);
    let mut until = None;
    for root in roots {
        match to_root(signer, between, root, now) {
            Ok(found) if (found.from..=found.until).contains(&now) => until = until.max(Some(found.until)),
            Ok(found) => once = Some(later(once, found)),
            Err(fault) => why = telling(why, fault),
        }
    }
    match (until, once) {
        (Some(until), _) => Chain::Whole(until),
        (None, Some(span)) => Chain::Once(span.from, span.until),
        (None, None) => Chain::None(Reason::of_chain(&why)),
    }
}

/// The time in which every certificate of a chain counts.
#[derive(Debug, Clone, Copy)]
struct Span {
    from: u64,
    until: u64,
}

fn later(one: Option<Span>, other: Span) -> Span {
    one.filter(|one| one.until > other.until).unwrap_or(other)
}

/// Of two faults the one that tells more than that the root is another.
fn telling(one: Error, other: Error) -> Error {
    if one == Error::UnknownIssuer { other } else { one }
}

/// The chain to one root: as it counts now, else as it counted at a moment when all of its certificates did.
fn to_root(signer: &Certificate, between: &[Certificate], root: &Root, now: u64) -> Result<Span, Error> {
    let first = path(signer, between, root, now);
    let Err(Error::CertExpired { .. } | Error::CertNotValidYet { .. }) = first else {
        return first;
    };
    // A moment in which all of these counted is one at which the last of them began to.
    let all = || between.iter().chain([signer, &root.certificate]);
    let mut moments: Vec<u64> = all().map(|certificate| certificate.not_before).collect();
    moments.sort_unstable();
    moments.dedup();
    let tried = moments
        .into_iter()
        .rev()
        .map(|moment| path(signer, between, root, moment));
    tried.fold(
        first,
        |found, tried| if found.is_ok() { found } else { tried.or(found) },
    )
}

fn path(signer: &Certificate, between: &[Certificate], root: &Root, at: u64) -> Result<Span, Error> {
    // Of a root webpki looks at its name and key alone.
    let Some(authority) = root.certificate.authority.filter(|_| root.certificate.may_certify) else {
        return Err(Error::EndEntityUsedAsCa);
    };
    let leaf = CertificateDer::from(signer.der.as_slice());
    let others: Vec<_> = between
        .iter()
        .map(|one| CertificateDer::from(one.der.as_slice()))
        .collect();
    let anchor = CertificateDer::from(root.certificate.der.as_slice());
    let anchors = [anchor_from_trusted_cert(&anchor)?];
    let end = EndEntityCert::try_from(&leaf)?;
    let moment = UnixTime::since_unix_epoch(std::time::Duration::from_secs(at));
    let usage = KeyUsage::required_if_present(CODE_SIGNING);
    let way = end.verify_for_usage(ALGORITHMS, &anchors, &others, moment, usage, None, None)?;
    let mut span = narrowed(Span::of(signer), &root.certificate);
    if authority
        .most
        .is_some_and(|most| way.intermediate_certificates().count() > usize::from(most))
    {
        return Err(Error::PathLenConstraintViolated);
    }
    for link in way.intermediate_certificates() {
        let known = between.iter().find(|one| one.der == *link.der());
        let Some(known) = known.filter(|known| known.may_certify) else {
            return Err(Error::EndEntityUsedAsCa);
        };
        span = narrowed(span, known);
    }
    Ok(span)
}

impl Span {
    fn of(certificate: &Certificate) -> Self {
        Self {
            from: certificate.not_before,
            until: certificate.not_after,
        }
    }
}

fn narrowed(span: Span, by: &Certificate) -> Span {
    Span {
        from: span.from.max(by.not_before),
        until: span.until.min(by.not_after),
    }
}

/// What a chain that does not count now is: one that has ended, or one that has not begun.
pub(super) fn outside(from: u64, until: u64, now: u64) -> Reason {
    if now < from {
        Reason::NotYet {
            from: time::of_seconds(from),
        }
    } else {
        Reason::Ended {
            until: time::of_seconds(until),
        }
    }
}
