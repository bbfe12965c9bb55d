//! Reading the rows of a package: what installing and synchronizing have in common.

use std::ops::ControlFlow;

use super::reporter::Narrator;
use crate::base::file_tree::FileTree;
use crate::config::Limits;
use crate::data::{DataFileError, Fault, FaultKind, Tables, parse_data_rows, table_of_file};
use crate::model::{PackageRow, TableName};
use crate::ops::Error;

/// Rows that are read before they are set aside.
const BATCH: usize = 128;
/// ... or have this many bytes of text.
const BATCH_BYTES: usize = 1 << 20;

/// Adds to the rows of a table what stands elsewhere in the package.
pub(super) type Fill<'f> = dyn FnMut(&TableName, &mut [PackageRow]) -> Result<(), Error> + 'f;

/// Reads data files into tables. `fill` adds to the rows of a table what their files say; `narrator` hears of every
/// batch and may stop the work.
///
/// # Errors
/// What is wrong with the files themselves is the answer; an error is what stops reading: a damaged archive, the disk,
/// the caller.
pub(super) fn read_data_files(
    tree: &dyn FileTree,
    paths: &[String],
    tables: &mut Tables,
    limits: &Limits,
    narrator: &Narrator<'_>,
    fill: &mut Fill<'_>,
) -> Result<Vec<Fault>, Error> {
    let mut faults = Vec::new();
    if let Some(first) = paths.first().filter(|_| paths.len() as u64 > limits.tables) {
        let (found, limit) = (paths.len() as u64, limits.tables);
        let kind = FaultKind::TooManyFiles { found, limit };
        return Ok(vec![Fault::of_file(&first.as_str().into(), kind)]);
    }
    let mut read = 0;
    for path in paths {
        let table = table_of_file(path).map_err(|fault| faults.push(fault)).ok();
        if let Some(table) = &table {
            tables.open(table);
        }
        let reader = tree.open(path).map_err(|fault| Error::unreadable(path, fault))?;
        let Some(reader) = reader else { continue };
        let left = Limits {
            rows: limits.rows.saturating_sub(tables.count()),
            ..*limits
        };
        let mut batch = Batch::default();
        let mut kept = Ok(());
        let mut keep = |batch: &mut Batch| -> Result<(), Error> {
            if let Some(table) = &table {
                fill(table, &mut batch.rows)?;
                tables.add(table, &batch.rows)?;
            }
            read += batch.rows.len() as u64;
            batch.clear();
            Ok(narrator.reading(read)?)
        };
        let parsed = parse_data_rows(reader, path, &left, &mut |row| {
            batch.push(row);
            if batch.is_full() {
                kept = keep(&mut batch);
            }
            if kept.is_ok() {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        });
        kept?;
        match parsed {
            Ok(()) => keep(&mut batch)?,
            Err(DataFileError::Fault(fault)) => faults.push(fault),
            Err(DataFileError::Unreadable(fault)) => return Err(Error::unreadable(path, fault)),
            Err(DataFileError::Stopped) => return Err(crate::log::Cancelled.into()),
        }
    }
    Ok(faults)
}

/// Rows that are kept together.
#[derive(Default)]
struct Batch {
    rows: Vec<PackageRow>,
    bytes: usize,
}

impl Batch {
    fn push(&mut self, row: PackageRow) {
        let bytes = row.fields.iter().map(|(_, field)| field.as_text().map_or(0, str::len));
        self.bytes += bytes.sum::<usize>();
        self.rows.push(row);
    }

    fn is_full(&self) -> bool {
        self.rows.len() >= BATCH || self.bytes >= BATCH_BYTES
    }

    fn clear(&mut self) {
        self.rows.clear();
        self.bytes = 0;
    }
}
