//! Whether this database may say how an interrupted run ended, and what it says. One tree may be shared by the databases
//! of several domains: only the one whose transaction it was knows.

use super::domains::domains_of;
use super::{Context, TransactionError, messages};
use crate::base::db::Database;
use crate::model::{DatabaseIdentity, GestorRoot, Phrase, Slug};
use crate::outcome::ExecutionStatus;
use crate::registry;
use crate::stage::{Journal, Phase, bases};

/// Why an interrupted run stays as it is.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum InterruptedError {
    /// It ran with another database.
    #[error(
        "an interrupted run of this plugin, begun {begun}, belongs to the database {owner}, and this call came with {here:?}: nothing was decided or touched. Run plugin_recover, or install again, with the settings of that database{}; only if it is gone for good, check plugins/<id>, move {journal} out of the gestor (delete nothing: it may hold the only copy of the earlier folder) and install with `reprocessar`",
        domain.as_ref().map(|domain| format!(" (domain {domain})")).unwrap_or_default()
    )]
    OtherDatabase {
        /// When.
        begun: String,
        /// Its name.
        owner: Phrase,
        /// The domain whose settings name that database.
        domain: Option<String>,
        /// The database that was asked.
        here: String,
        /// The folder with the journal.
        journal: String,
    },
    /// The database no longer holds what it would have to say.
    #[error(
        "an interrupted run of this plugin, begun {begun}, waits for what the database {here:?} says, and the tables gestor_plugins_* that would say it are gone: nothing was decided or touched. Restore them from a dump of that time; if there is none, check plugins/<id>, move {journal} out of the gestor (delete nothing: it may hold the only copy of the earlier folder) and install with `reprocessar`"
    )]
    TablesGone {
        /// When.
        begun: String,
        /// The database that was asked.
        here: String,
        /// The folder with the journal.
        journal: String,
    },
    /// An earlier release did not note the database, and nothing here says that it was this one.
    #[error(
        "an interrupted run of this plugin, begun {begun} by an earlier release, does not say which database it used, and nothing in {here:?} tells that it was this one: nothing was decided or touched. If there are other domains, run plugin_recover with their settings; else check plugins/<id>, move {journal} out of the gestor (delete nothing: it may hold the only copy of the earlier folder) and install with `reprocessar`"
    )]
    Unknown {
        /// When.
        begun: String,
        /// The database that was asked.
        here: String,
        /// The folder with the journal.
        journal: String,
    },
}

/// What is known of an interrupted run and of the database that is asked about it.
#[derive(Debug, Clone, Copy)]
struct Facts<'a> {
    named: Option<&'a DatabaseIdentity>,
    here: Option<&'a DatabaseIdentity>,
    /// Name of the database that is asked.
    asked: &'a str,
    /// Whether the operation's row stands; none without the table.
    recorded: Option<bool>,
    /// The swap was announced: before that no run commits.
    announced: bool,
    /// The plugin's row says that an operation runs.
    is_running: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Committed,
    NotCommitted,
    OtherDatabase,
    TablesGone,
    Unknown,
}

/// Decides. A journal of an earlier release names no database: it is believed only where the database has its row, or
/// the status of its run, or where it cannot have committed anywhere.
fn judge(facts: Facts<'_>) -> Verdict {
    let Some(named) = facts.named else {
        return match (facts.recorded, facts.announced) {
            (Some(true), _) => Verdict::Committed,
            (_, false) => Verdict::NotCommitted,
            (Some(false), true) if facts.is_running => Verdict::NotCommitted,
            _ => Verdict::Unknown,
        };
    };
    if !named.name.eq_ignore_ascii_case(facts.asked) {
        return Verdict::OtherDatabase;
    }
    match (facts.here, facts.recorded) {
        (Some(here), _) if here.identity != named.identity => Verdict::OtherDatabase,
        (Some(_), Some(true)) => Verdict::Committed,
        (Some(_), Some(false)) => Verdict::NotCommitted,
        (None, _) | (_, None) => Verdict::TablesGone,
    }
}

/// Whether an interrupted run committed. Only under its locks.
pub(super) fn was_committed(cx: &mut Context<'_>, slug: &Slug, journal: &Journal) -> Result<bool, TransactionError> {
    let asked = cx.session.database.name().to_owned();
    let database = &mut cx.session.database;
    let here = registry::identify(database)?;
    let recorded = registry::was_committed(database, journal.operation())?;
    let facts = Facts {
        named: journal.database(),
        here: here.as_ref(),
        asked: &asked,
        recorded,
        announced: journal.phase() == Phase::SwapAnnounced,
        is_running: journal.database().is_none() && is_running(database, slug)?,
    };
    let begun = journal.begun().to_owned();
    let verdict = judge(facts);
    let here = asked;
    let folder = cx.site.root.staging(slug).display().to_string();
    Err(match verdict {
        Verdict::Committed => return Ok(true),
        Verdict::NotCommitted => return Ok(false),
        Verdict::OtherDatabase => other_database(cx.site.root, journal, here, folder),
        Verdict::TablesGone => InterruptedError::TablesGone {
            begun,
            here,
            journal: folder,
        },
        Verdict::Unknown => InterruptedError::Unknown {
            begun,
            here,
            journal: folder,
        },
    }
    .into())
}

fn other_database(root: &GestorRoot, journal: &Journal, here: String, folder: String) -> InterruptedError {
    let name = journal.database().map(|named| named.name.clone()).unwrap_or_default();
    let owner = messages::owner_of_run(&name, name == here);
    InterruptedError::OtherDatabase {
        begun: journal.begun().to_owned(),
        owner,
        domain: domain_of(root, journal),
        here,
        journal: folder,
    }
}

/// The domains whose settings name the database of a run; where none does any more, those that did when it was noted.
fn domain_of(root: &GestorRoot, journal: &Journal) -> Option<String> {
    let named = journal.database()?;
    let mut domains = domains_of(root, &named.name);
    if domains.is_empty() {
        domains = bases::read(root).0.domains_of(&named.identity).to_vec();
    }
    (!domains.is_empty()).then(|| domains.join(", "))
}

fn is_running(database: &mut Database, slug: &Slug) -> Result<bool, TransactionError> {
    let found = registry::read(database, slug)?;
    let status = found.and_then(|row| ExecutionStatus::from_word(&row.status));
    Ok(status.is_some_and(ExecutionStatus::is_running))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::hash::sha256;

    #[test]
    fn only_the_database_of_a_run_says_how_it_ended() {
        let [a, b] = ["a", "b"].map(|name| DatabaseIdentity::new(name.to_owned(), sha256(name.as_bytes())));
        let (a, b) = (Some(&a), Some(&b));
        for (named, here, recorded, announced, is_running, expected) in [
            (a, a, Some(true), true, false, Verdict::Committed),
            (a, a, Some(false), true, false, Verdict::NotCommitted),
            (a, a, Some(false), false, false, Verdict::NotCommitted),
            (a, b, Some(false), true, true, Verdict::OtherDatabase),
            (a, b, None, false, false, Verdict::OtherDatabase),
            (a, None, None, true, false, Verdict::TablesGone),
            (a, a, None, true, false, Verdict::TablesGone),
            (b, None, None, true, false, Verdict::OtherDatabase),
            (a, None, Some(false), true, false, Verdict::TablesGone),
            // Of an earlier release.
            (None, b, Some(true), true, false, Verdict::Committed),
            (None, b, Some(false), true, true, Verdict::NotCommitted),
            (None, b, Some(false), true, false, Verdict::Unknown),
            (None, None, None, true, true, Verdict::Unknown),
            (None, None, None, false, false, Verdict::NotCommitted),
        ] {
            let facts = Facts {
                named,
                here,
                asked: here.map_or("a", |here| &here.name),
                recorded,
                announced,
                is_running,
            };
            assert_eq!(judge(facts), expected, "{facts:?}");
        }
    }
}
