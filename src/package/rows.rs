//! The rows that a package brings: of its data files, its legacy file and its modules' descriptors. The one way in which
//! they are read, whoever wants to know them. What is to be told of them is given back.

use std::ops::ControlFlow;
use std::path::Path;

use super::{LocatedPackage, PackageError};
use crate::base::file_tree::FileTree;
use crate::base::fs::FolderTree;
use crate::base::listed::Listed;
use crate::config::Limits;
use crate::data::{DataFileError, Fault, FaultKind, TableRows, Tables, may_lack_owner, parse_data_rows, table_of_file};
use crate::log::Cancelled;
use crate::model::{PackageRow, Phrase, TableName};
use crate::resources::{
    KnownDigests, PackageContents, ResourceError, ResourceWarning, Resources, fill_checksums, read_legacy, read_modules,
};

/// Rows that are read before they are set aside.
const BATCH: usize = 128;
/// ... or have this many bytes of text.
const BATCH_BYTES: usize = 1 << 20;

/// Hears how many rows are read, and may stop the work.
pub type Watch<'w> = dyn Fn(u64) -> Result<(), Cancelled> + 'w;

/// How rows are read.
#[derive(Clone, Copy)]
pub struct RowReading<'r> {
    /// Limits of packages.
    pub limits: &'r Limits,
    /// Where many rows spill to; memory where nothing is named.
    pub spill: Option<&'r Path>,
    /// Hears of every batch.
    pub watch: &'r Watch<'r>,
}

/// The rows of a package, and what there is to tell of them.
pub struct ReadRows {
    /// By table.
    pub tables: Vec<TableRows>,
    /// Tables that have a data file.
    pub data_tables: Vec<String>,
    /// They come from a legacy file.
    pub legacy: bool,
    /// What should be known of descriptors.
    pub warnings: Vec<Listed<ResourceWarning>>,
}

/// Adds to the rows of a table what stands elsewhere in the package.
type Fill<'f> = dyn FnMut(&TableName, &mut [PackageRow]) -> Result<(), PackageError> + 'f;

impl LocatedPackage {
    /// All its rows.
    ///
    /// # Errors
    /// All faults of data files and descriptors at once; else what stops reading: a damaged archive, the disk, the caller.
    pub fn read_rows(&self, reading: &RowReading<'_>) -> Result<ReadRows, PackageError> {
        reading.package(self.tree(), self.contents())
    }

    /// The rows of its data files for tables whose rows may have no owner, as they stand there.
    ///
    /// # Errors
    /// As [`Self::read_rows`].
    pub fn rows_without_owner(&self, reading: &RowReading<'_>) -> Result<Vec<TableRows>, PackageError> {
        let mut paths = self.contents().data_files.clone();
        paths.retain(|path| table_of_file(path).is_ok_and(|table| may_lack_owner(&table)));
        reading.data_files(self.tree(), &paths)
    }
}

impl RowReading<'_> {
    fn package(&self, tree: &dyn FileTree, contents: &PackageContents) -> Result<ReadRows, PackageError> {
        let mut tables = Tables::new(self.spill);
        let mut known = KnownDigests::default();
        let mut fill = |table: &TableName, found: &mut [PackageRow]| {
            let filled = fill_checksums(tree, &contents.modules, table.as_str(), found, &mut known);
            filled.map(drop).map_err(of_resources)
        };
        let data = self.read_files(tree, &contents.data_files, &mut tables, &mut fill)?;
        let data_tables = tables.names().map(ToString::to_string).collect();
        let left = Limits {
            rows: self.limits.rows.saturating_sub(tables.count()),
            ..*self.limits
        };
        let legacy = contents.legacy.as_deref().filter(|_| contents.data_files.is_empty());
        let of_legacy = legacy.map(|path| read_legacy(tree, &contents.modules, path, &left));
        let of_modules = read_modules(tree, &contents.modules, &left, &mut || (self.watch)(0).is_ok());
        let (found, resources) = sort(of_legacy.into_iter().chain([of_modules]))?;
        if !data.is_empty() || !resources.is_empty() {
            return Err(PackageError::Contents { data, resources });
        }
        let mut warnings = Vec::new();
        for Resources { rows, warnings: told } in found {
            warnings.push(told);
            for (kind, rows) in rows {
                let table = TableName::new(kind.table()).map_err(|fault| PackageError::Internal(Phrase::of(&fault)))?;
                tables.add(&table, &rows)?;
            }
        }
        Ok(ReadRows {
            tables: tables.finish()?,
            data_tables,
            legacy: legacy.is_some(),
            warnings,
        })
    }

    /// The rows of the data files of a folder that is no package, as they stand there.
    ///
    /// # Errors
    /// As [`LocatedPackage::read_rows`].
    pub fn folder(&self, folder: &FolderTree, paths: &[String]) -> Result<Vec<TableRows>, PackageError> {
        self.data_files(folder, paths)
    }

    fn data_files(&self, tree: &dyn FileTree, paths: &[String]) -> Result<Vec<TableRows>, PackageError> {
        let mut tables = Tables::new(self.spill);
        let data = self.read_files(tree, paths, &mut tables, &mut |_, _| Ok(()))?;
        if !data.is_empty() {
            let resources = Vec::new();
            return Err(PackageError::Contents { data, resources });
        }
        Ok(tables.finish()?)
    }

    /// Reads data files into tables. What is wrong with the files themselves is the answer.
    fn read_files(
        &self,
        tree: &dyn FileTree,
        paths: &[String],
        tables: &mut Tables,
        fill: &mut Fill<'_>,
    ) -> Result<Vec<Fault>, PackageError> {
        if let Some(first) = paths.first().filter(|_| paths.len() as u64 > self.limits.tables) {
            let (found, limit) = (paths.len() as u64, self.limits.tables);
            let kind = FaultKind::TooManyFiles { found, limit };
            return Ok(vec![Fault::of_file(&first.as_str().into(), kind)]);
        }
        let (mut faults, mut read) = (Vec::new(), 0);
        for path in paths {
            let table = table_of_file(path).map_err(|fault| faults.push(fault)).ok();
            if let Some(table) = &table {
                tables.open(table);
            }
            let reader = tree.open(path).map_err(|fault| PackageError::unreadable(path, fault))?;
            let Some(reader) = reader else { continue };
            let left = Limits {
                rows: self.limits.rows.saturating_sub(tables.count()),
                ..*self.limits
            };
            let (mut batch, mut kept) = (Batch::default(), Ok(()));
            let mut keep = |batch: &mut Batch| -> Result<(), PackageError> {
                if let Some(table) = &table {
                    fill(table, &mut batch.rows)?;
                    tables.add(table, &batch.rows)?;
                }
                read += batch.rows.len() as u64;
                batch.clear();
                Ok((self.watch)(read)?)
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
                Err(DataFileError::Unreadable(fault)) => return Err(PackageError::unreadable(path, fault)),
                Err(DataFileError::Stopped) => return Err(Cancelled.into()),
            }
        }
        Ok(faults)
    }
}

/// What was read, and what is wrong with it.
fn sort(
    read: impl Iterator<Item = Result<Resources, ResourceError>>,
) -> Result<(Vec<Resources>, Vec<ResourceError>), PackageError> {
    let (mut found, mut wrong) = (Vec::new(), Vec::new());
    for read in read {
        match read {
            Ok(resources) => found.push(resources),
            Err(fault @ ResourceError::Faults { .. }) => wrong.push(fault),
            Err(fault) => return Err(of_resources(fault)),
        }
    }
    Ok((found, wrong))
}

/// A file that cannot be read is the archive's or the disk's fault, not its author's.
fn of_resources(fault: ResourceError) -> PackageError {
    match fault {
        ResourceError::Unreadable { path, source } => PackageError::unreadable(&path, source),
        ResourceError::Stopped => Cancelled.into(),
        fault @ ResourceError::Faults { .. } => PackageError::Contents {
            data: Vec::new(),
            resources: vec![fault],
        },
    }
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
