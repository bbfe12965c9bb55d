//! A change on its way: what it promised, what it has made, and what its report says so far.

use std::fs::File;
use std::path::PathBuf;

use super::participants::{Ready, Standing, moment};
use super::{Change, Context, TransactionError};
use crate::data::Plan;
use crate::migrate::Migration;
use crate::model::DatabaseIdentity;
use crate::outcome::Report;
use crate::stage::{Aside, Journal, Layout, Promises, kept_owner};

/// One change of a transaction.
pub struct Run<'p> {
    /// What should be.
    pub(super) change: Change<'p>,
    pub(super) report: &'p mut Report,
    pub(super) layout: Layout,
    pub(super) journal: Journal,
    /// Where rows are kept before they are written over.
    pub(super) aside: Aside,
    /// Where the migrations of the package stand.
    pub(super) migrations: PathBuf,
    /// Those that this run applied.
    pub(super) migrated: Vec<Migration>,
    /// What stands ready for the swap.
    pub(super) ready: Option<Ready>,
    /// The installed tree stays, because it is what the new one would be.
    pub(super) standing: Option<Standing>,
    /// The package, once it was put beside the place where it is kept.
    pub(super) kept: Option<File>,
    /// What is written to the tables.
    pub(super) plan: Plan,
    /// Its number in the history.
    pub(super) history: u64,
    /// When it began, UTC.
    pub(super) began: String,
}

impl<'p> Run<'p> {
    /// Promises the change: its journal is written and synced before anything that it names is done. The staging folder
    /// is open, our own tables are there.
    pub fn promise(
        change: Change<'p>,
        layout: Layout,
        database: DatabaseIdentity,
        report: &'p mut Report,
        cx: &Context<'_>,
    ) -> Result<Self, TransactionError> {
        let now = cx.observer.clock().now();
        let aside = Aside::begin(layout.kept(), now, kept_owner(layout.root())?);
        let package = change.arrival().map(|arrival| arrival.package.sha256);
        let promises = Promises {
            set_aside: Some(aside.stamp().to_owned()),
            rows_only: package.is_none(),
        };
        let journal = Journal::new(&layout, now.to_rfc3339(), promises)?.naming(package, database);
        journal.write(&layout)?;
        let migrations = layout.container().join("db").join("migrations");
        Ok(Self {
            change,
            report,
            layout,
            journal,
            aside,
            migrations,
            migrated: Vec::new(),
            ready: None,
            standing: None,
            kept: None,
            plan: Plan::default(),
            history: 0,
            began: moment(now),
        })
    }
}
