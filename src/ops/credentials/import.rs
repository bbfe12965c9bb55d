//! Literal tokens of the table `plugins` become credentials. The gestor's own page keeps tokens there, and reads them there;
//! ours are found by what is noted of each plugin.

use serde_json::{Map, Value, json};

use super::{Work, listing, messages};
use crate::base::db::Database;
use crate::base::hash::sha256;
use crate::config::CredentialType;
use crate::log::{Message, Reporter};
use crate::model::{Secret, Slug};
use crate::ops::{Error, PluginRefusal, look};
use crate::registry::{self, Feature};
use crate::transaction::{Session, SiteAccess, TransactionReporter};
use crate::vault::{Alias, Contents, VaultError, is_literal, open, store};

/// Characters of a plugin's name that an alias takes as they are.
const NAME: usize = 50;
/// Digits of a digest that stand for the rest.
const DIGITS: usize = 8;
/// Aliases that are tried of one plugin.
const TRIES: u32 = 100;

/// What became of a plugin's token.
struct Imported {
    alias: Alias,
    is_new: bool,
    /// The credential holds what stands in the table.
    is_same: bool,
}

impl Work<'_> {
    pub(super) fn import(&self, database: &mut Database, found: &mut Map<String, Value>) -> Result<(), Error> {
        let mut imported = Vec::new();
        let (mut erased_any, mut first_fault) = (false, None);
        for slug in self.wanted(database)? {
            let recorded = registry::recorded_origin(database, &slug)?.credential;
            let Some(literal) = recorded.filter(|text| is_literal(text.expose())) else {
                continue;
            };
            let one = match self.import_one(&slug, &literal) {
                Ok(one) => one,
                // The others' tokens are not kept from them.
                Err(fault) => {
                    let told = messages::not_imported(slug.as_str(), &fault);
                    self.reporter.message(Message::Warning(told));
                    first_fault = first_fault.or(Some(fault));
                    continue;
                }
            };
            let mut erased = false;
            if self.call.erases && one.is_same {
                erased = registry::erase_credential(database, &slug, &literal)? > 0;
            }
            erased_any |= erased;
            imported.push(json!({
                "slug": slug.as_str(),
                "alias": one.alias.as_str(),
                "nova": one.is_new,
                "igual": one.is_same,
                "apagado": erased,
            }));
        }
        if erased_any {
            self.reporter.message(Message::Warning(messages::ERASED));
        }
        found.insert("importadas".to_owned(), imported.into());
        first_fault.map_or(Ok(()), Err)
    }

    /// The plugin that the call names, or all of the table.
    fn wanted(&self, database: &mut Database) -> Result<Vec<Slug>, Error> {
        let all: Vec<Slug> = look::plugins(database)?.into_iter().map(|(slug, _)| slug).collect();
        let Some(named) = self.call.slug.as_deref() else {
            return Ok(all);
        };
        let named = Slug::normalize(named)?;
        if all.contains(&named) {
            return Ok(vec![named]);
        }
        let slug = named.to_string();
        Err(PluginRefusal::NotInstalled { slug }.into())
    }

    /// Under the plugin's lock: an operation on it would write over what is noted here.
    fn import_one(&self, slug: &Slug, literal: &Secret) -> Result<Imported, Error> {
        let site = SiteAccess::of(&self.call.site);
        let mut session = Session::open(site, &[slug], self.reporter)?;
        let database = &mut session.database;
        registry::prepare(database, &|| self.reporter.is_wanted())?;
        registry::prepare_for(database, Feature::Credentials, &|| self.reporter.is_wanted())?;
        let contents = Contents::new(literal, CredentialType::GithubToken, Some(self.github()?), self.now())?;
        let recorded = registry::read_state(database, slug)?.and_then(|state| state.token);
        let recorded = recorded.and_then(|token| Alias::new(token.strip_prefix("cred:")?).ok());
        if let Some(alias) = &recorded
            && let Some(held) = self.held(database, alias)?
        {
            let is_same = held.secret == contents.secret;
            if !is_same {
                let told = messages::other_token(slug.as_str(), alias);
                self.reporter.message(Message::Warning(told));
            }
            return Ok(Imported {
                alias: alias.clone(),
                is_new: false,
                is_same,
            });
        }
        let (alias, is_new) = self.free_alias(database, slug, (&contents, recorded.as_ref()))?;
        if is_new {
            self.put(database, (&alias, CredentialType::GithubToken), &contents)?;
        }
        registry::note_token(database, slug, &format!("cred:{alias}"))?;
        self.reporter
            .message(Message::Told(messages::imported(slug.as_str(), &alias)));
        Ok(Imported {
            alias,
            is_new,
            is_same: true,
        })
    }

    /// What a credential holds, where it opens.
    fn held(&self, database: &mut Database, alias: &Alias) -> Result<Option<Contents>, Error> {
        let Some(stored) = store::find(database, alias)? else {
            return Ok(None);
        };
        match open(&stored, self.keys.ring()?.as_ref()) {
            Err(VaultError::KeyMissing { .. } | VaultError::Altered { .. }) => Ok(None),
            opened => Ok(Some(opened?)),
        }
    }

    /// An alias that has this token already, or that nobody has, or the plugin alone; and whether it is to be stored.
    fn free_alias(
        &self,
        database: &mut Database,
        slug: &Slug,
        (contents, recorded): (&Contents, Option<&Alias>),
    ) -> Result<(Alias, bool), Error> {
        for number in 1..=TRIES {
            let alias = alias_of(slug, number)?;
            if store::find(database, &alias)?.is_none() {
                return Ok((alias, true));
            }
            let held = self.held(database, &alias)?;
            if held.is_some_and(|held| held.secret == contents.secret && held.origin == contents.origin) {
                return Ok((alias, false));
            }
            if recorded == Some(&alias) && listing::users(database, &alias)? == [slug.as_str()] {
                return Ok((alias, true));
            }
        }
        let alias = alias_of(slug, 1)?;
        Err(VaultError::Busy { alias }.into())
    }
}

/// The alias of a plugin's token: its name; what is too long for one is cut, and told apart by a digest.
fn alias_of(slug: &Slug, number: u32) -> Result<Alias, VaultError> {
    let name = slug.as_str();
    let short = if name.len() <= NAME {
        name.to_owned()
    } else {
        let digest = sha256(name.as_bytes()).to_string();
        format!("{}-{}", &name[..NAME], &digest[..DIGITS])
    };
    Alias::new(&if number == 1 {
        short
    } else {
        format!("{short}-{number}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_plugin_has_an_alias() {
        let long = "p".repeat(90);
        for (name, number, expected) in [
            ("agenda", 1, "agenda".to_owned()),
            ("agenda", 2, "agenda-2".to_owned()),
            ("a_b-c", 100, "a_b-c-100".to_owned()),
        ] {
            let slug = Slug::normalize(name).unwrap();
            assert_eq!(alias_of(&slug, number).unwrap().as_str(), expected);
        }
        let (one, other) = (Slug::normalize(&long).unwrap(), Slug::normalize(&long[1..]).unwrap());
        let [one, other] = [one, other].map(|slug| alias_of(&slug, TRIES).unwrap());
        assert!(one != other && one.as_str().len() <= 64);
    }
}
