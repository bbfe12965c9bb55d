//! Names rows that were refused or remarked upon, for people: by their place in the package and their key. Decides nothing.

use super::known_table::KnownTable;
use super::plan::Plan;
use super::settle::{Remark, Settled};
use crate::data::package::conflict::{Conflict, ConflictReason, Notice};
use crate::data::package::error::DataError;
use crate::data::package::fault::RowPlace;
use crate::data::package::phrases::first_row;

/// Puts names to rows that were refused or remarked upon.
pub(in crate::data) fn tell(known: &KnownTable<'_>, settled: &mut Settled, plan: &mut Plan) -> Result<(), DataError> {
    let table = &known.schema.name;
    let get = |row: usize| known.rows.get(row).map_err(DataError::Rows);
    let (refusals, remarks) = (
        std::mem::take(&mut settled.refusals),
        std::mem::take(&mut settled.remarks),
    );
    plan.conflicts.count_more(refusals.more());
    plan.notices.count_more(remarks.more());
    for refusal in refusals.into_kept() {
        if !plan.conflicts.has_room() {
            plan.conflicts.count_more(1);
            continue;
        }
        let mut reason = refusal.clash.reason;
        if let (ConflictReason::Duplicate { first }, Some(twin)) = (&mut reason, refusal.clash.twin) {
            *first = first_row(&get(twin)?, first);
        }
        plan.conflicts.push(Conflict::of(&get(refusal.row)?, table, reason));
    }
    for (row, remark) in remarks.into_kept() {
        if !plan.notices.has_room() {
            plan.notices.count_more(1);
            continue;
        }
        let row = get(row)?;
        let (table, place) = (table.clone(), RowPlace::of(&row));
        plan.notices.push(match remark {
            Remark::SeveralOwnRows(candidates) => Notice::SeveralOwnRows {
                table,
                place,
                candidates,
            },
            Remark::Blank => Notice::Blank {
                table,
                source: row.source,
                place,
            },
            Remark::Manager => Notice::ManagerUser { place },
            Remark::Project => Notice::ProjectRow { table, place },
        });
    }
    Ok(())
}
