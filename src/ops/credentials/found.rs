//! The credential of a plugin, while its package is fetched: what the call says, else what is recorded of the plugin.

use super::keys::Keys;
use super::messages;
use crate::base::db::Database;
use crate::base::net::{Address, Credential};
use crate::config::{OriginKind, Settings, Site};
use crate::log::{Audited, Message, Reporter};
use crate::model::{Phrase, Secret, Slug};
use crate::ops::Error;
use crate::outcome::ExitCode;
use crate::registry;
use crate::source::{Credentials, FaultClass, FoundCredential, NoCredential, SourceError};
use crate::vault::store::StoredCredential;
use crate::vault::{Alias, Reference, VaultError, for_server, of_environment, open, store};

/// Characters that the column `origem_token_ref` takes.
const REFERENCE: usize = 255;

/// Gives a plugin its credential.
pub(in crate::ops) struct PluginCredentials<'a> {
    pub(in crate::ops) site: &'a Site,
    pub(in crate::ops) settings: &'a Settings,
    pub(in crate::ops) database: &'a mut Database,
    /// The plugin of which something may be recorded.
    pub(in crate::ops) slug: Option<&'a Slug>,
    pub(in crate::ops) reporter: &'a dyn Reporter,
}

impl Credentials for PluginCredentials<'_> {
    fn credential(
        &mut self,
        given: Option<&Secret>,
        server: &Address,
    ) -> Result<Option<FoundCredential>, NoCredential> {
        self.find(given, server).map_err(|fault| no_credential(&fault))
    }

    fn for_address(
        &mut self,
        given: Option<&Secret>,
        address: &Address,
    ) -> Result<Option<FoundCredential>, NoCredential> {
        let given = given.filter(|given| !given.expose().trim().is_empty());
        let found = match given {
            Some(given) => self.find_for_address(given, address),
            None => self.find_recorded_for_address(address),
        };
        found.map_err(|fault| no_credential(&fault))
    }
}

fn no_credential(fault: &Error) -> NoCredential {
    NoCredential {
        class: match fault.exit_code() {
            ExitCode::Credential => FaultClass::Credential,
            ExitCode::Sync => FaultClass::Database,
            ExitCode::Move => FaultClass::Move,
            _ => FaultClass::Params,
        },
        said: Phrase::of(fault),
    }
}

impl PluginCredentials<'_> {
    /// The credential that a name means, for a server that is not GitHub's.
    pub(in crate::ops) fn of_name(&mut self, name: &str, server: &Address) -> Result<Option<Credential>, Error> {
        let found = self.find_for_address(&Secret::new(name), server)?;
        Ok(found.map(|found| found.credential))
    }

    fn find(&mut self, given: Option<&Secret>, server: &Address) -> Result<Option<FoundCredential>, Error> {
        let Some(given) = given else {
            return self.find_recorded(server);
        };
        match Reference::parse(given)? {
            Reference::Literal(token) => token_for(&token, server, None, None),
            Reference::Environment(name) => {
                let token = of_environment(&name, &self.settings.tokens)?;
                token_for(&token, server, None, Some(format!("env:{name}")))
            }
            Reference::Credential(alias) => {
                let stored = store::find(self.database, &alias)?;
                let stored = stored.ok_or(VaultError::Unknown { alias })?;
                self.use_stored(&stored, server).map(Some)
            }
            Reference::Name(name) => self.named(&name, server),
        }
    }

    /// What the plugin's last call used. A variable of the environment that is gone since is told and not insisted on, nor is a
    /// credential of another server, from which the plugin came then: a public repository needs none.
    fn find_recorded(&mut self, server: &Address) -> Result<Option<FoundCredential>, Error> {
        let Some(slug) = self.slug else { return Ok(None) };
        let state = registry::read_state(self.database, slug)?;
        let Some(reference) = state.and_then(|state| state.token) else {
            return Ok(None);
        };
        match self.find(Some(&Secret::new(reference)), server) {
            Err(Error::Vault(fault @ (VaultError::NoVariable { .. } | VaultError::OtherServer { .. }))) => {
                self.reporter.message(Message::warning(&fault));
                Ok(None)
            }
            found => found,
        }
    }

    /// A variable of the environment is sent as a bearer token, and not recorded: nothing in it says whose it is.
    fn find_for_address(&mut self, given: &Secret, address: &Address) -> Result<Option<FoundCredential>, Error> {
        let variable = match Reference::parse(given)? {
            Reference::Literal(_) => {
                let told = messages::not_sent(&address.server());
                self.reporter.message(Message::Warning(told));
                return Ok(None);
            }
            Reference::Credential(_) => return self.find(Some(given), address),
            Reference::Environment(name) => of_environment(&name, &self.settings.tokens)?,
            Reference::Name(name) => match of_environment(&name, &self.settings.tokens) {
                Ok(token) => token,
                Err(_) => return self.named(&name, address),
            },
        };
        Ok(Some(FoundCredential {
            credential: Credential::bearer(&variable, address.clone()).map_err(SourceError::Net)?,
            name: None,
            reference: None,
        }))
    }

    /// The credential with which the plugin came from the same server.
    fn find_recorded_for_address(&mut self, address: &Address) -> Result<Option<FoundCredential>, Error> {
        let Some(slug) = self.slug else { return Ok(None) };
        let origin = registry::recorded_origin(self.database, slug)?;
        let came = origin.reference.and_then(|text| Address::parse(&text).ok());
        let is_same = came.is_some_and(|came| came.server() == address.server());
        if !is_same || origin.kind.as_deref() != Some(OriginKind::Url.word()) {
            return Ok(None);
        }
        let state = registry::read_state(self.database, slug)?;
        let recorded = state.and_then(|state| state.token).map(Secret::new);
        match recorded {
            Some(recorded) if matches!(Reference::parse(&recorded)?, Reference::Credential(_)) => {
                match self.find(Some(&recorded), address) {
                    Err(Error::Vault(VaultError::OtherServer { .. })) => Ok(None),
                    found => found,
                }
            }
            _ => Ok(None),
        }
    }

    /// The environment as ever, else a credential of that name.
    fn named(&mut self, name: &str, server: &Address) -> Result<Option<FoundCredential>, Error> {
        let fault = match of_environment(name, &self.settings.tokens) {
            Ok(token) => return token_for(&token, server, Some(name.to_owned()), Some(format!("env:{name}"))),
            Err(fault) => fault,
        };
        let stored = match Alias::new(name) {
            Ok(alias) => store::find(self.database, &alias)?,
            Err(_) => None,
        };
        let stored = stored.ok_or(fault)?;
        self.use_stored(&stored, server).map(Some)
    }

    fn use_stored(&self, stored: &StoredCredential, server: &Address) -> Result<FoundCredential, Error> {
        let ring = Keys { site: self.site }.ring()?;
        let contents = open(stored, ring.as_ref())?;
        let credential = for_server(stored, &contents, server)?;
        let told = messages::used(&stored.alias, &server.server());
        self.reporter.message(Message::Told(told));
        self.reporter.audit(Audited {
            action: "credencial.uso",
            resource: stored.alias.clone(),
            about: vec![("servidor", server.server())],
        });
        Ok(FoundCredential {
            credential,
            name: None,
            reference: Some(format!("cred:{}", stored.alias)),
        })
    }
}

/// A token that is not ours to keep: it goes to whom it is meant for.
fn token_for(
    token: &Secret,
    server: &Address,
    name: Option<String>,
    reference: Option<String>,
) -> Result<Option<FoundCredential>, Error> {
    let credential = Credential::token(token, server.clone()).map_err(SourceError::Net)?;
    let reference = reference.filter(|reference| reference.chars().count() <= REFERENCE);
    Ok(Some(FoundCredential {
        credential,
        name,
        reference,
    }))
}
