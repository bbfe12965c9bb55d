//! What should be: for each plugin of a set, its target. Values only; the driver brings it about.

use super::account::Account;
use super::contract::Contract;
use super::participants::RowRules;
use crate::model::Slug;
use crate::package::{Inspected, PackageRows};
use crate::registry::Metadata;

/// What becomes of one plugin.
pub struct Change<'p> {
    /// The plugin.
    pub slug: &'p Slug,
    /// What should be.
    pub after: Target<'p>,
    /// What is done about rows that are not simply the plugin's own.
    pub rules: &'p RowRules<'p>,
    /// What is told and remembered of it.
    pub account: Account<'p>,
    /// What is taken away of the schema once it is committed.
    pub contract: Contract<'p>,
}

/// What should be of a plugin.
pub enum Target<'p> {
    /// A package is installed: its tree, its migrations, its rows, its record.
    Present(Arrival<'p>),
    /// Rows alone are brought up to date; tree and record stay.
    Rows(&'p PackageRows),
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
}

impl<'p> Change<'p> {
    /// The package that comes, where one does.
    pub fn arrival(&self) -> Option<&Arrival<'p>> {
        match &self.after {
            Target::Present(arrival) => Some(arrival),
            Target::Rows(_) => None,
        }
    }

    /// Its rows.
    pub fn rows(&self) -> &'p PackageRows {
        match &self.after {
            Target::Present(arrival) => arrival.rows,
            Target::Rows(rows) => rows,
        }
    }

    /// Whether migrations are to be asked for.
    pub(super) fn migrates(&self) -> bool {
        self.arrival().is_some_and(|arrival| arrival.migrates)
    }
}
