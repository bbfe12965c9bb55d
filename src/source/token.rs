//! Where tokens come from, as this room asks for them. Who keeps them is another's business.

use super::{FaultClass, SourceError};
use crate::base::net::{Address, Credential};
use crate::model::{Phrase, Secret};

/// Gives the credentials of calls.
pub trait Credentials {
    /// The credential for what is sent to `server`. `given`: what the call says (`cred_ref`); where it says nothing, what is
    /// recorded of the plugin counts. Nothing where nobody says any.
    fn credential(&mut self, given: Option<&Secret>, server: &Address)
    -> Result<Option<FoundCredential>, NoCredential>;

    /// The same for any address, whose server is not GitHub's: what is meant for that is not sent there, and what is recorded
    /// counts only where the plugin came from the same server.
    fn for_address(
        &mut self,
        given: Option<&Secret>,
        address: &Address,
    ) -> Result<Option<FoundCredential>, NoCredential>;
}

/// A credential, bound to the server that it is for.
#[derive(Debug, Clone)]
pub struct FoundCredential {
    /// What is sent.
    pub credential: Credential,
    /// The name that may be written to `origem_credencial_ref`; never a token.
    pub name: Option<String>,
    /// The reference by which the plugin's next call finds it without saying it.
    pub reference: Option<String>,
}

/// Why there is none, in the words of who keeps them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoCredential {
    /// What kind of fault it is.
    pub class: FaultClass,
    /// What to tell.
    pub said: Phrase,
}

impl From<NoCredential> for SourceError {
    fn from(fault: NoCredential) -> Self {
        let NoCredential { class, said } = fault;
        Self::Credential { class, said }
    }
}
