//! Lists of releases, each asked for once for all plugins of its repository, when that is due, and never more often than its
//! server likes.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::Run;
use crate::base::db::Database;
use crate::base::net::{Client, Exchange, NetError};
use crate::model::{Bilingual, Lang};
use crate::ops::{Error, update_messages as messages};
use crate::source::{ReleaseList, SourceError, is_release_list, list_client};
use crate::updates::{LONGEST_WAIT, Listing, Reason, listing_wait, read_listing, save_listing, source_wait};

/// Questions that are left to others who ask the same server.
const SPARED: u32 = 10;
/// How long a server is left alone that does not say how long.
const PAUSE: TimeDelta = TimeDelta::hours(1);

/// What was asked in a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct ListCounts {
    /// Questions.
    pub(super) asked: u32,
    /// Of them those that nothing was new to.
    pub(super) unchanged: u32,
    /// Of them those that failed.
    pub(super) failed: u32,
}

/// The lists of a run.
pub(super) struct Listings<'a> {
    run: &'a Run<'a>,
    client: Client,
    /// What is known, by key.
    known: BTreeMap<String, Result<Vec<u8>, Reason>>,
    /// Servers that are not asked any more, and until when.
    spared: BTreeMap<String, DateTime<Utc>>,
    counts: ListCounts,
}

impl<'a> Listings<'a> {
    pub(super) fn of(run: &'a Run<'a>) -> Result<Self, Error> {
        Ok(Self {
            run,
            client: list_client(run.settings).map_err(SourceError::Net)?,
            known: BTreeMap::new(),
            spared: BTreeMap::new(),
            counts: ListCounts::default(),
        })
    }

    pub(super) fn counts(&self) -> ListCounts {
        self.counts
    }

    /// The list of a repository, asked for where that is due.
    pub(super) fn list(
        &mut self,
        database: &mut Database,
        list: &ReleaseList,
    ) -> Result<&Result<Vec<u8>, Reason>, Error> {
        let key = list.key();
        if !self.known.contains_key(&key) {
            let found = self.read(database, list, &key)?;
            self.known.insert(key.clone(), found);
        }
        Ok(&self.known[&key])
    }

    fn read(
        &mut self,
        database: &mut Database,
        list: &ReleaseList,
        key: &str,
    ) -> Result<Result<Vec<u8>, Reason>, Error> {
        let now = self.run.now().to_utc();
        let mut listing = read_listing(database, key)?.unwrap_or_default();
        listing.url = list.url();
        let is_due = listing.next.is_none_or(|next| next <= now);
        // Whoever is in a hurry does not pass over what a server asked for.
        let is_hurried = self.run.call.now && listing.failures == 0 && !is_spent(&listing, now);
        if !is_due && !is_hurried {
            return Ok(known(listing, self.run.call.site.lang));
        }
        if let Some(until) = self.spared.get(&list.server()).filter(|until| **until > now) {
            (listing.left, listing.resets, listing.next) = (Some(0), Some(*until), Some(*until));
            save_listing(database, key, &listing)?;
            return Ok(known(listing, self.run.call.site.lang));
        }
        self.counts.asked += 1;
        let tag = listing.etag.clone().filter(|_| listing.body.is_some());
        let answered = match list.ask(&self.client, tag.as_deref(), self.run.reporter) {
            Err(NetError::Cancelled(fault)) => return Err(fault.into()),
            answered => answered,
        };
        let failed = self.take(&mut listing, answered, (list, key), now);
        save_listing(database, key, &listing)?;
        Ok(failed.map_or_else(|| known(listing, self.run.call.site.lang), Err))
    }

    /// Takes an answer in; why it is none, where it is none.
    fn take(
        &mut self,
        listing: &mut Listing,
        answered: Result<Exchange, NetError>,
        (list, key): (&ReleaseList, &str),
        now: DateTime<Utc>,
    ) -> Option<Reason> {
        let lang = self.run.call.site.lang;
        let (text, wait) = match answered {
            Err(fault) => (fault.text(lang), None),
            Ok(answer) => {
                self.spare(listing, &answer, list, now);
                match answer.status {
                    304 => {
                        self.counts.unchanged += 1;
                        listing.failures = 0;
                        listing.fetched = Some(now);
                        listing.next = Some(later(listing, now + listing_wait(key)));
                        return None;
                    }
                    200 if !answer.is_cut && is_release_list(&answer.bytes) => {
                        listing.failures = 0;
                        listing.fetched = Some(now);
                        listing.etag = answer.tag;
                        listing.body = Some(answer.bytes);
                        listing.next = Some(later(listing, now + listing_wait(key)));
                        return None;
                    }
                    status => (messages::no_list(status).text(lang), answer.wait),
                }
            }
        };
        self.counts.failed += 1;
        listing.failures = listing.failures.saturating_add(1);
        let asked = wait.map_or(TimeDelta::zero(), |wait| {
            TimeDelta::from_std(wait).unwrap_or(LONGEST_WAIT)
        });
        let next = now + source_wait(listing.failures).max(asked.min(LONGEST_WAIT));
        listing.next = Some(later(listing, next));
        Some(unheard(&text, listing))
    }

    /// What is left of the server's patience is left to others.
    fn spare(&mut self, listing: &mut Listing, answer: &Exchange, list: &ReleaseList, now: DateTime<Utc>) {
        listing.left = answer.left;
        let resets = answer.resets.and_then(|resets| DateTime::from_timestamp(resets, 0));
        listing.resets = resets.map(|resets| resets.min(now + LONGEST_WAIT));
        if listing.left.is_some_and(|left| left < SPARED) {
            let until = listing.resets.filter(|resets| *resets > now).unwrap_or(now + PAUSE);
            listing.resets = Some(until);
            self.spared.insert(list.server(), until);
        }
    }
}

/// Whether nothing is left of the server's patience.
fn is_spent(listing: &Listing, now: DateTime<Utc>) -> bool {
    listing.left.is_some_and(|left| left < SPARED) && listing.resets.is_some_and(|resets| resets > now)
}

/// When it is asked for again: not before its server answers more.
fn later(listing: &Listing, next: DateTime<Utc>) -> DateTime<Utc> {
    let resets = listing
        .resets
        .filter(|_| listing.left.is_some_and(|left| left < SPARED));
    resets.map_or(next, |resets| next.max(resets))
}

/// What is there. A list that could not be had again is not gone by: what it does not have any more was perhaps withdrawn.
fn known(listing: Listing, lang: Lang) -> Result<Vec<u8>, Reason> {
    if listing.failures > 0 {
        return Err(unheard(&messages::LIST_FAILED.text(lang), &listing));
    }
    match listing.body {
        Some(body) => Ok(body),
        None => Err(unheard(&messages::NO_LIST_YET.text(lang), &listing)),
    }
}

fn unheard(text: &str, listing: &Listing) -> Reason {
    let at = listing.next.map(|next| next.format("%Y-%m-%d %H:%M UTC").to_string());
    Reason::Unheard {
        text: text.to_owned(),
        at: at.unwrap_or_default(),
    }
}
