//! A change on its way: what it promised, what it has made, and what its report says so far.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::PathBuf;

use super::counted::success_of;
use super::participants::{Ready, Revival, TreesOnDisk, moment};
use super::{Change, Context, Target, TransactionError};
use crate::data::{Absence, Plan};
use crate::migrate::{Migration, RunnerLog, SchemaFacts};
use crate::model::{DatabaseIdentity, Slug};
use crate::observe::Event;
use crate::outcome::Report;
use crate::stage::{Journal, Layout, Promises, Snapshot, kept_owner};

/// One change of a transaction.
pub struct Run<'p> {
    /// What should be.
    pub(super) change: Change<'p>,
    pub(super) report: &'p mut Report,
    pub(super) layout: Layout,
    pub(super) journal: Journal,
    /// Where rows are kept before they are written over.
    pub(super) snapshot: Snapshot,
    /// Where the migrations of the package stand.
    pub(super) migrations: PathBuf,
    /// Those of them that have not run.
    pub(super) waiting: Vec<Migration>,
    /// Those that this run applied.
    pub(super) migrated: Vec<Migration>,
    /// Where they are logged.
    pub(super) log: RunnerLog,
    /// What they made of the schema.
    pub(super) facts: SchemaFacts,
    /// The columns of the tables that they made.
    pub(super) tables: BTreeMap<String, Vec<String>>,
    /// That log, where their runner has noted them in it.
    pub(super) noted: Option<String>,
    /// Something is left to be done once it is committed.
    pub(super) is_pending: bool,
    /// ... and brought tables or columns back.
    pub(super) is_grown: bool,
    /// What failed after the commit.
    pub(super) failed: Option<TransactionError>,
    /// What stands ready for the swap.
    pub(super) ready: Option<Ready>,
    /// The installed tree stays, because it is what the new one would be.
    pub(super) standing: Option<TreesOnDisk>,
    /// The package, once it was put beside the place where it is kept.
    pub(super) kept: Option<File>,
    /// What is written to the tables.
    pub(super) plan: Plan,
    /// What becomes of the rows of a plugin that goes.
    pub(super) absence: Absence,
    /// What became of the rows of a plugin that comes back.
    pub(super) revival: Revival,
    /// Its number in the history.
    pub(super) history: u64,
    /// When it began, UTC.
    pub(super) began: String,
}

impl<'p> Run<'p> {
    /// The plugin.
    pub fn slug(&self) -> &'p Slug {
        self.change.slug
    }

    /// As what it is counted, and the version that is there then; some changes are not counted.
    pub fn counted(&self) -> Option<(Event, Option<String>)> {
        let event = success_of(self.change.account.action)?;
        let arrival = self.change.arrival();
        Some((
            event,
            arrival.map(|arrival| arrival.package.manifest.version.to_string()),
        ))
    }

    /// What was taken away of the schema after the commit brought tables or columns back.
    pub fn has_brought_back(&self) -> bool {
        self.is_grown
    }

    /// What of it failed after the commit, where the transaction has not given that itself: it gives the first of a set.
    pub fn take_failure(&mut self) -> Option<TransactionError> {
        self.failed.take()
    }

    /// Promises the change: its journal is written and synced before anything that it names is done. The staging folder
    /// is open, our own tables are there.
    pub fn promise(
        change: Change<'p>,
        layout: Layout,
        database: DatabaseIdentity,
        report: &'p mut Report,
        cx: &Context<'_>,
    ) -> Result<Self, TransactionError> {
        let now = cx.reporter.clock().now();
        let owner = kept_owner(layout.root())?;
        let snapshot = if change.departure().is_some() {
            Snapshot::begin_with_backup(layout.kept(), now, owner, &layout)
        } else {
            Snapshot::begin(layout.kept(), now, owner)
        };
        let arriving = change.arrival().map(|arrival| arrival.package.located.sha256());
        let package = arriving.or_else(|| change.returning().filter(|back| back.tree.is_some())?.package);
        let promises = Promises {
            set_aside: Some(snapshot.stamp().to_owned()),
            rows_only: matches!(change.after, Target::Rows(_)),
        };
        let journal = Journal::new(&layout, now.to_rfc3339(), promises)?.naming(package, database);
        journal.write(&layout)?;
        let migrations = layout.container().join("db").join("migrations");
        Ok(Self {
            change,
            report,
            layout,
            journal,
            snapshot,
            migrations,
            waiting: Vec::new(),
            migrated: Vec::new(),
            log: RunnerLog::default(),
            facts: SchemaFacts::default(),
            tables: BTreeMap::new(),
            noted: None,
            is_pending: false,
            is_grown: false,
            failed: None,
            ready: None,
            standing: None,
            kept: None,
            plan: Plan::default(),
            absence: Absence::default(),
            revival: Revival::default(),
            history: 0,
            began: moment(now),
        })
    }
}
