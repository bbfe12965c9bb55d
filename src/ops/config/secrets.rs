//! Secrets among settings: they are kept as credentials that are sent to nobody, and only a mark stands in the variable.

use std::collections::BTreeSet;

use super::ground::{Ground, counting};
use crate::base::db::Database;
use crate::base::fs::random_bytes;
use crate::base::hash::sha256_of_parts;
use crate::config::CredentialType;
use crate::model::Secret;
use crate::ops::Error;
use crate::settings::Field;
use crate::settings::store::StoredVariable;
use crate::vault::{Alias, Contents, KeyRing, VaultError, open, seal, store};

/// Before the alias, in the variable.
const MARK: &str = "cred:";
/// What aliases of settings begin with.
const BEGINNING: &str = "config";
/// Characters of the plugin's name in an alias, for people; the digest tells plugins apart.
const NAME: usize = 36;
/// Digits of the digest.
const DIGITS: usize = 16;

/// The credential of a setting, by the name of its variable.
pub(super) fn alias(ground: &Ground, id: &str) -> Result<Alias, Error> {
    let slug = ground.slug.as_str();
    let digest = sha256_of_parts(&[slug.as_bytes(), b"\0", id.as_bytes()]).to_string();
    let (name, digits): (String, String) = (slug.chars().take(NAME).collect(), digest.chars().take(DIGITS).collect());
    Ok(Alias::new(&format!("{BEGINNING}.{name}.{digits}"))?)
}

/// What stands in the variable of a secret that is kept.
pub(super) fn mark(alias: &Alias) -> String {
    format!("{MARK}{alias}")
}

/// Whether a text is the mark of a setting, under a name that it has or had.
pub(super) fn is_mark(ground: &Ground, field: &Field, text: &str) -> bool {
    let mut names = std::iter::once(&field.id).chain(&field.renamed_from);
    names.any(|name| alias(ground, name).is_ok_and(|alias| text == mark(&alias)))
}

/// The secrets that are kept, by the names of their variables: the mark stands there, and its credential too.
pub(super) fn kept(
    database: &mut Database,
    ground: &Ground,
    rows: &[StoredVariable],
) -> Result<BTreeSet<String>, Error> {
    let mut kept = BTreeSet::new();
    for field in ground.schema.form().fields.iter().filter(|field| field.is_secret) {
        if find(database, ground, (field, rows))?.is_some() {
            kept.insert(field.id.clone());
        }
    }
    Ok(kept)
}

/// A secret that is kept, to be judged with the other settings. One that does not open counts as missing: it has to be given
/// again.
pub(super) fn opened(
    database: &mut Database,
    ground: &Ground,
    (field, rows): (&Field, &[StoredVariable]),
    ring: Option<&KeyRing>,
) -> Result<Option<Secret>, Error> {
    let stored = find(database, ground, (field, rows))?;
    let opened = stored.and_then(|stored| open(&stored, ring).ok());
    Ok(opened.map(|contents| contents.secret))
}

fn find(
    database: &mut Database,
    ground: &Ground,
    (field, rows): (&Field, &[StoredVariable]),
) -> Result<Option<store::StoredCredential>, Error> {
    let text = counting(field, rows, &ground.language).and_then(|row| row.text.as_deref());
    // One that was stored under a name that the setting had keeps the credential of that name.
    for name in std::iter::once(&field.id).chain(&field.renamed_from) {
        let alias = alias(ground, name)?;
        if text == Some(mark(&alias).as_str()) {
            return Ok(store::find(database, &alias)?);
        }
    }
    Ok(None)
}

/// A secret as it is kept.
pub(super) fn contents(secret: &Secret, now: String) -> Result<Contents, VaultError> {
    Contents::new(secret, CredentialType::PluginSetting, None, now)
}

/// Takes the credentials of a setting away, inside the transaction.
pub(super) fn forget(database: &mut Database, ground: &Ground, field: &Field) -> Result<(), Error> {
    for name in std::iter::once(&field.id).chain(&field.renamed_from) {
        store::remove(database, &alias(ground, name)?)?;
    }
    Ok(())
}

/// Keeps a secret, inside the transaction.
pub(super) fn keep(
    database: &mut Database,
    alias: &Alias,
    contents: &Contents,
    ring: &KeyRing,
) -> Result<(), VaultError> {
    let kind = CredentialType::PluginSetting.word();
    store::put_within(database, (alias, kind), &mut |about| {
        let nonce = random_bytes().map_err(VaultError::Random)?;
        seal(ring, nonce, about, contents).ok_or(VaultError::NotSealed)
    })?;
    Ok(())
}
