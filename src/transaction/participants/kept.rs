//! What rows hold before they are written over, and rows that are no longer brought: kept in files of their own, promised
//! in the journal by the stamp in their names.

use super::super::{TransactionError, TransactionReporter};
use crate::base::db::Database;
use crate::config::Orphans;
use crate::data::{self, Plan, Request};
use crate::log::Message;
use crate::stage::{self, Journal, Layout, Snapshot};

/// Sets rows aside before they are written over: the content that adoption replaces, and exported orphans.
pub(in crate::transaction) fn apply(
    snapshot: &Snapshot,
    database: &mut Database,
    plan: &Plan,
    request: &Request<'_>,
    reporter: &dyn TransactionReporter,
) -> Result<(), TransactionError> {
    if plan.adopts_content() {
        let path = snapshot.write("adotados", |out| {
            data::write_adopted(database, plan, out)
                .map_err(TransactionError::from)
                .map(drop)
        })?;
        reporter.message(Message::AdoptedKept {
            path: path.display().to_string(),
        });
    }
    if request.policy.orphans == Orphans::Export {
        for table in data::orphan_tables(plan) {
            let path = snapshot.write(&format!("orfaos-{table}"), |out| {
                let written = data::write_orphans(database, plan, table, request.slug, out);
                written.map_err(TransactionError::from).map(drop)
            })?;
            reporter.message(Message::OrphansExported {
                path: path.display().to_string(),
            });
        }
    }
    Ok(())
}

/// Without a commit what was kept is still in the database.
pub(in crate::transaction) fn undo(journal: &Journal, layout: &Layout) -> Result<(), TransactionError> {
    if let Some(stamp) = journal.promises().set_aside {
        let owner = stage::kept_owner(layout.root())?;
        Snapshot::of(layout.kept(), stamp, owner).remove()?;
    }
    Ok(())
}
