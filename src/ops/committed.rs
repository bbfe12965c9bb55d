//! Carries changes out, and does what follows each commit: of each plugin, whichever operation it was. What goes wrong then is
//! a warning.

use super::events;
use crate::archive::Blacklist;
use crate::config::{Pruning as When, Site};
use crate::log::Message;
use crate::model::Slug;
use crate::package::KeptPackages;
use crate::transaction::{self, Context, Pruning, Run, TransactionError, prune};

/// Carries out changes that are promised, all or none ([`transaction::carry_out`]).
pub(super) fn carry_out(runs: &mut [Run<'_>], cx: &mut Context<'_>, site: &Site) -> Result<(), TransactionError> {
    let ended = transaction::carry_out(runs, cx);
    if is_committed(&ended) {
        let failed = cx.reporter.turn_to(None);
        for slug in runs.iter().map(Run::slug) {
            cx.reporter.turn_to(Some(slug));
            follow(cx, site, slug);
        }
        cx.reporter.turn_to(None);
        events::committed(cx, site, runs);
        cx.reporter.turn_to(failed.as_ref());
    }
    ended
}

/// What was changed is there to stay.
pub(super) fn is_committed(ended: &Result<(), TransactionError>) -> bool {
    ended.as_ref().map_or_else(TransactionError::is_committed, |()| true)
}

/// What follows the commit of a plugin.
pub(super) fn follow(cx: &mut Context<'_>, site: &Site, slug: &Slug) {
    if site.retention.pruning != When::Automatic {
        return;
    }
    let blacklist = Blacklist::from_settings(site.blacklist.as_deref());
    let pruning = Pruning {
        policy: &site.retention,
        aliens: false,
        dry_run: false,
        is_asked_for: false,
    };
    if let Err(fault) = prune(cx, &KeptPackages::of(site, slug, &blacklist), pruning) {
        cx.reporter.message(Message::warning(&fault));
    }
}
