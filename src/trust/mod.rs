//! Whether a package is believed: what its author signed, by whom the author is vouched for, what the site's operator asks
//! for, and what was withdrawn (SPEC 3 §3). Deciding is pure: `statement` (what is signed), `envelope` (the signature),
//! `certificate`, `chain`, `scope` (whose it is, and of what), `revocation`, `policy`, `verdict`, `judgement`; `author` makes signatures.
//! `folder` reads the trust folder, `seen` the table of versions that were seen. Must not open packages.

mod author;
mod certificate;
mod chain;
mod envelope;
mod error;
mod folder;
mod judgement;
mod messages;
mod origins;
mod policy;
mod reason;
mod revocation;
mod scope;
mod seen;
mod statement;
mod time;
mod verdict;

#[cfg(test)]
mod fault_tests;
#[cfg(test)]
mod law_tests;
#[cfg(test)]
mod wycheproof_tests;

pub use author::{Prepared, SigningKey, attach, fresh_key, prepare, sign};
pub use error::TrustError;
pub use folder::{TrustFolder, digest};
pub use judgement::{Believed, Evidence, FoundFile, Judgement, Package, judge, only_revoked};
pub use messages::{
    not_its_key, noted, other_bytes_seen, signed_at, signer_before, signer_changed, told, verdict_line,
};
pub use origins::Origins;
pub use policy::{Answer, Asked, Policy, answer};
pub use reason::Reason;
pub use revocation::{Revocation, Revocations};
pub use scope::Signer;
pub use seen::{SeenVersion, evidence, last_signer, note, other_bytes, signer_of, verdicts};
pub use statement::{FILE_NAME, MAX_BYTES, StatedFile, Statement};
pub use verdict::Verdict;
