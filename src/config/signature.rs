//! What a call and the machine say of the signatures of packages: how strictly they are looked at. Decides nothing by it.

use super::choices::{said, word};
use super::parameter::{CHANGE_SIGNER, SIGNATURE};
use super::{CallError, Given, Settings};

/// How strictly signatures are looked at (`assinatura`), the strictest last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum SignatureLevel {
    /// They are not, but for what was withdrawn (`desligada`).
    Off,
    /// What cannot be right is refused, what nobody vouches for is told (`avisar`).
    #[default]
    Warn,
    /// Only what is signed by somebody who is believed is installed (`exigir`).
    Require,
}

impl SignatureLevel {
    const WORDS: [(&'static str, Self); 3] = [
        ("desligada", Self::Off),
        ("avisar", Self::Warn),
        ("exigir", Self::Require),
    ];

    /// Reads `assinatura`.
    pub fn from_word(key: &str, value: &str) -> Result<Self, CallError> {
        word(key, value, &Self::WORDS)
    }

    /// The word that is said for it.
    pub fn word(self) -> &'static str {
        said(&self, &Self::WORDS)
    }
}

/// What is said of signatures, by a call and by the machine. The stricter of both counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SignatureRules {
    /// By the call.
    pub call: Option<SignatureLevel>,
    /// By the machine.
    pub machine: Option<SignatureLevel>,
    /// Another developer may sign than signed what is installed.
    pub changes_signer: bool,
}

impl SignatureRules {
    /// Reads what a call says of them; what it does not take, the machine says alone.
    pub fn read(given: &Given, settings: &Settings) -> Result<Self, CallError> {
        let said = if given.takes(&SIGNATURE) {
            given.text(&SIGNATURE)?
        } else {
            None
        };
        let call = said.map(|said| SignatureLevel::from_word(SIGNATURE.name, &said));
        Ok(Self {
            call: call.transpose()?,
            machine: settings.signature,
            changes_signer: given.takes(&CHANGE_SIGNER) && given.flag(&CHANGE_SIGNER)?,
        })
    }
}
