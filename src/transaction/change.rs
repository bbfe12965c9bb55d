//! What should be: for each plugin of a set, its target. Values only; the driver brings it about.

use std::fs::File;
use std::path::PathBuf;

use super::change_record::ChangeRecord;
use super::contract::Contract;
use super::participants::RowRules;
use super::removed::Removed;
use super::schema_back::SchemaBack;
use super::scripts::WantedScripts;
use crate::archive::BackupForm;
use crate::config::Removal;
use crate::data::AdoptedRow;
use crate::model::{Sha256Digest, Slug};
use crate::package::{Inspected, LocatedPackage, PackageRows};
use crate::registry::{Metadata, Record};

/// What becomes of one plugin.
pub struct Change<'p> {
    /// The plugin.
    pub slug: &'p Slug,
    /// What should be.
    pub after: Target<'p>,
    /// What is done about rows that are not simply the plugin's own.
    pub rules: &'p RowRules<'p>,
    /// What is told and remembered of it.
    pub account: ChangeRecord<'p>,
    /// What is taken away of the schema once it is committed.
    pub contract: Contract<'p>,
}

/// What should be of a plugin.
pub enum Target<'p> {
    /// A package is installed: its tree, its migrations, its rows, its record.
    Present(Arrival<'p>),
    /// Rows alone are brought up to date; tree and record stay.
    Rows(&'p PackageRows),
    /// The plugin goes: its tree, its rows, its record.
    Absent(Departure<'p>),
    /// The plugin comes back as it went.
    Returning(Return<'p>),
}

/// How a plugin goes.
#[derive(Debug, Clone, Copy)]
pub struct Departure<'p> {
    /// How much of it goes.
    pub removal: Removal,
    /// Users may be left without a profile.
    pub force: bool,
    /// Other databases use its tree, which stays.
    pub keeps_tree: bool,
    /// It was paused before: what its packages brought, as the archive of that holds it.
    pub paused: Option<&'p Paused>,
    /// Rows as they were before the plugin adopted them, where a release set them aside that recorded no base.
    pub adopted: &'p [AdoptedRow],
    /// The plugins that may inherit rows of tables without owners. Their locks are held.
    pub heirs: &'p [Slug],
    /// Tables that are taken away with it, after the commit.
    pub dropped: &'p [String],
}

/// What the archive of a plugin that is paused tells of it.
#[derive(Debug)]
pub struct Paused {
    /// The archive's name.
    pub archive: String,
    /// What its packages brought, as it was recorded.
    pub base: Vec<Record>,
    /// Its row in `plugins`.
    pub row: Option<Record>,
}

/// How a plugin comes back.
pub struct Return<'p> {
    /// What went, the first archive first.
    pub archives: Vec<Removed>,
    /// Its tree; nothing where that stands there, because other databases use it.
    pub tree: Option<&'p OldTree>,
    /// The package that it is made of.
    pub package: Option<Sha256Digest>,
    /// Its package with the migrations that it has, where they can run.
    pub migrations: Option<Box<LocatedPackage>>,
    /// What was taken away of its schema, and comes back with them.
    pub schema: Option<Box<SchemaBack>>,
    /// Rows whose keys others have are left.
    pub skips: bool,
    /// It was paused.
    pub enables: bool,
}

/// Where a tree comes back from.
pub enum OldTree {
    /// Its backup.
    Backup {
        /// Where it stands.
        path: PathBuf,
        /// Open.
        file: File,
        /// Its form.
        form: BackupForm,
    },
    /// The package that it was made of.
    Package(Box<LocatedPackage>),
}

/// What comes of a package.
pub struct Arrival<'p> {
    /// The package, in the staging folder.
    pub package: &'p Inspected,
    /// Its rows.
    pub rows: &'p PackageRows,
    /// Its migrations run.
    pub migrates: bool,
    /// What is recorded of it.
    pub metadata: Metadata<'p>,
    /// What went when it was uninstalled and is taken back, the first archive first.
    pub taken_back: Vec<Removed>,
    /// Its scripts, where they run.
    pub scripts: Option<WantedScripts<'p>>,
}

impl<'p> Change<'p> {
    /// The package that comes, where one does.
    pub fn arrival(&self) -> Option<&Arrival<'p>> {
        match &self.after {
            Target::Present(arrival) => Some(arrival),
            Target::Rows(_) | Target::Absent(_) | Target::Returning(_) => None,
        }
    }

    /// The rows that come, where the plugin stays.
    pub fn rows(&self) -> Option<&'p PackageRows> {
        match &self.after {
            Target::Present(arrival) => Some(arrival.rows),
            Target::Rows(rows) => Some(rows),
            Target::Absent(_) | Target::Returning(_) => None,
        }
    }

    /// How the plugin goes, where it does.
    pub fn departure(&self) -> Option<Departure<'p>> {
        match self.after {
            Target::Absent(departure) => Some(departure),
            Target::Present(_) | Target::Rows(_) | Target::Returning(_) => None,
        }
    }

    /// How the plugin comes back, where it does.
    pub fn returning(&self) -> Option<&Return<'p>> {
        match &self.after {
            Target::Returning(back) => Some(back),
            Target::Present(_) | Target::Rows(_) | Target::Absent(_) => None,
        }
    }

    /// Archives of which rows are taken back before those of a package come.
    pub(super) fn taken_back_mut(&mut self) -> Option<&mut Vec<Removed>> {
        match &mut self.after {
            Target::Present(arrival) => Some(&mut arrival.taken_back),
            Target::Rows(_) | Target::Absent(_) | Target::Returning(_) => None,
        }
    }

    /// The same, to read its archives.
    pub(super) fn returning_mut(&mut self) -> Option<&mut Return<'p>> {
        match &mut self.after {
            Target::Returning(back) => Some(back),
            Target::Present(_) | Target::Rows(_) | Target::Absent(_) => None,
        }
    }

    /// Whether the plugin's tree is replaced, or goes.
    pub(super) fn moves_tree(&self) -> bool {
        match &self.after {
            Target::Present(_) => true,
            Target::Rows(_) => false,
            Target::Absent(departure) => !departure.keeps_tree,
            Target::Returning(back) => back.tree.is_some(),
        }
    }

    /// Whether migrations are to be asked for.
    pub(super) fn migrates(&self) -> bool {
        let returns = self.returning().is_some_and(|back| back.migrations.is_some());
        returns || self.arrival().is_some_and(|arrival| arrival.migrates)
    }
}
