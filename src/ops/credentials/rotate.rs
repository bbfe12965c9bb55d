//! All credentials under the first key. Row by row, each in one statement that writes only what was read: it can be killed, and
//! repeated, at any time.

use serde_json::{Map, Value};

use super::listing::Unreadable;
use super::{Work, messages};
use crate::base::db::Database;
use crate::base::failpoint;
use crate::base::fs::random_bytes;
use crate::base::panic;
use crate::log::{Message, Reporter};
use crate::ops::Error;
use crate::vault::store::StoredCredential;
use crate::vault::{Alias, Envelope, KeyRing, VaultError, open, seal, store};

/// Others may write to the same row in between.
const TRIES: usize = 4;

/// What became of a row.
enum Rotated {
    Anew,
    Already,
    Gone,
}

impl Work<'_> {
    pub(super) fn rotate(&self, database: &mut Database, found: &mut Map<String, Value>) -> Result<(), Error> {
        let stored = store::list(database)?;
        let ring = if stored.is_empty() { None } else { self.keys.ring()? };
        let (mut anew, mut already, mut unreadable) = (0usize, 0usize, Unreadable::default());
        for one in stored {
            match rotate_one(database, one, ring.as_ref()) {
                Ok(Rotated::Anew) => anew += 1,
                Ok(Rotated::Already) => already += 1,
                Ok(Rotated::Gone) => {}
                Err(Error::Vault(fault @ (VaultError::KeyMissing { .. } | VaultError::Altered { .. }))) => {
                    unreadable.note(&fault);
                    self.reporter.message(Message::warning(&fault));
                }
                Err(fault) => return Err(fault),
            }
        }
        found.insert("rotacionadas".to_owned(), anew.into());
        found.insert("ja_atuais".to_owned(), already.into());
        found.insert("chaves_ausentes".to_owned(), unreadable.missing());
        if let Some(ring) = &ring {
            found.insert("chave_id".to_owned(), ring.first().0.as_str().into());
            let told = messages::rotated(anew, ring.first().0.as_str());
            self.reporter.message(Message::Told(told));
        }
        unreadable.end()
    }
}

fn rotate_one(database: &mut Database, mut stored: StoredCredential, ring: Option<&KeyRing>) -> Result<Rotated, Error> {
    for _ in 0..TRIES {
        // Also what is under the first key already: an altered row is told of.
        let contents = open(&stored, ring)?;
        let first = ring.map(|ring| ring.first().0);
        if Envelope::parse(&stored.sealed).as_ref().map(Envelope::key) == first {
            return Ok(Rotated::Already);
        }
        let Some(ring) = ring else { return Ok(Rotated::Already) };
        let nonce = random_bytes().map_err(VaultError::Random)?;
        let sealed = seal(ring, nonce, stored.about(), &contents).ok_or(VaultError::NotSealed)?;
        if failpoint::reach("sealed") {
            return Err(Error::internal(panic::internal("fail point sealed")));
        }
        let is_written = store::replace(database, &stored, &sealed)?;
        if failpoint::reach("rotated") {
            return Err(Error::internal(panic::internal("fail point rotated")));
        }
        if is_written {
            return Ok(Rotated::Anew);
        }
        // Stored again, rotated by another one, or removed.
        match store::find(database, &Alias::new(&stored.alias)?)? {
            Some(again) => stored = again,
            None => return Ok(Rotated::Gone),
        }
    }
    let alias = Alias::new(&stored.alias)?;
    Err(VaultError::Busy { alias }.into())
}
