//! What credentials there are, whether they open, and who uses them. Nothing of a secret is told.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::Work;
use crate::base::db::Database;
use crate::config::CredentialAction;
use crate::log::{Message, Reporter};
use crate::ops::Error;
use crate::registry;
use crate::vault::store::StoredCredential;
use crate::vault::{Alias, Contents, Envelope, KeyId, KeyRing, VaultError, open, store};

/// Credentials that do not open, by why.
#[derive(Debug, Default)]
pub(super) struct Unreadable {
    missing: BTreeMap<KeyId, usize>,
    altered: usize,
}

impl Unreadable {
    /// Notes one.
    pub(super) fn note(&mut self, fault: &VaultError) {
        match fault {
            VaultError::KeyMissing { key, .. } => *self.missing.entry(key.clone()).or_default() += 1,
            _ => self.altered += 1,
        }
    }

    /// How many want which key that is missing.
    pub(super) fn missing(&self) -> Value {
        let missing = self
            .missing
            .iter()
            .map(|(key, count)| (key.to_string(), (*count).into()));
        Value::Object(missing.collect())
    }

    /// # Errors
    /// [`VaultError::NotAllOpen`] where there is any.
    pub(super) fn end(self) -> Result<(), Error> {
        let Self { missing, altered } = self;
        if missing.is_empty() && altered == 0 {
            return Ok(());
        }
        let missing = missing.into_iter().collect();
        Err(VaultError::NotAllOpen { missing, altered }.into())
    }
}

impl Work<'_> {
    /// Names them all; a check ends with an error where one does not open.
    pub(super) fn list(&self, database: &mut Database, found: &mut Map<String, Value>) -> Result<(), Error> {
        let stored = store::list(database)?;
        let ring = if stored.is_empty() { None } else { self.keys.ring()? };
        let users = all_users(database)?;
        let mut unreadable = Unreadable::default();
        let mut shown = Vec::with_capacity(stored.len());
        for one in &stored {
            let opened = open(one, ring.as_ref());
            if let Err(fault) = &opened {
                unreadable.note(fault);
                self.reporter.message(Message::warning(fault));
            }
            shown.push(show(
                one,
                &opened,
                users.get(&one.alias).map_or(&[], Vec::as_slice),
                ring.as_ref(),
            ));
        }
        found.insert("credenciais".to_owned(), shown.into());
        found.insert("chaves_ausentes".to_owned(), unreadable.missing());
        if self.call.action == CredentialAction::Check {
            unreadable.end()?;
        }
        Ok(())
    }
}

fn show(
    stored: &StoredCredential,
    opened: &Result<Contents, VaultError>,
    users: &[String],
    ring: Option<&KeyRing>,
) -> Value {
    let envelope = Envelope::parse(&stored.sealed);
    let key = envelope.as_ref().map(Envelope::key);
    let is_first = key.zip(ring).is_some_and(|(key, ring)| ring.first().0 == key);
    let standing = match opened {
        Ok(_) => "legivel",
        Err(VaultError::KeyMissing { .. }) => "chave_ausente",
        Err(_) => "alterada",
    };
    json!({
        "alias": stored.alias,
        "tipo": stored.kind,
        "origem": opened.as_ref().ok().and_then(|contents| contents.origin.clone()),
        "chave_id": key.map(KeyId::as_str),
        "chave_atual": is_first,
        "situacao": standing,
        "usada_por": users,
        "criada_em": stored.created_at,
        "atualizada_em": stored.updated_at,
    })
}

/// The plugins that use a credential without their call saying so.
pub(super) fn users(database: &mut Database, alias: &Alias) -> Result<Vec<String>, Error> {
    Ok(all_users(database)?.remove(alias.as_str()).unwrap_or_default())
}

fn all_users(database: &mut Database) -> Result<BTreeMap<String, Vec<String>>, Error> {
    let mut users: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for state in registry::read_states(database)? {
        let alias = state.token.as_deref().and_then(|token| token.strip_prefix("cred:"));
        if let Some(alias) = alias {
            users.entry(alias.to_owned()).or_default().push(state.slug);
        }
    }
    Ok(users)
}
