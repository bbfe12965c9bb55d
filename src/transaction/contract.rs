//! What is taken away of the schema after a commit (SPEC 2 §3, §5): migrations are undone, tables and columns dropped. Their
//! content is copied out first. What is to be done stands in the plugin's state from the transaction on, and is struck out
//! as it is done; what is left is done by the next operation, or by recovery.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

use super::{Context, TransactionError, messages};
use crate::base::db::Database;
use crate::base::failpoint;
use crate::base::fs::{Attempt, FsError};
use crate::history;
use crate::log::{Message, Step};
use crate::migrate::{
    self, Contraction, Copied, MigrateError, Migration, MigrationAction, MigrationCall, MigrationRecord, Pending,
    PendingStep, Schema, UndoneMigrations,
};
use crate::model::{Bilingual, Phrase, Slug};
use crate::package::{KeptPackages, unpack_migrations};
use crate::registry::{self, State};
use crate::stage::{self, Aside, Layout};

/// What a change takes away of the schema once it is committed.
#[derive(Default)]
pub struct Contract<'p> {
    /// Where the files of migrations are found; without it nothing is taken away now.
    pub kept: Option<&'p KeptPackages<'p>>,
    /// In the order in which it is done.
    pub steps: Vec<Contraction>,
}

impl Contract<'_> {
    /// Something is taken away of the schema.
    pub(super) fn is_of_schema(&self) -> bool {
        self.steps.iter().any(|step| *step != Contraction::Forget)
    }
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Contracted {
    /// Migrations that were undone.
    pub undone: Vec<String>,
    /// What is left, as a report shows it.
    pub left: Vec<Value>,
    /// Tables or columns came back.
    pub brought_back: bool,
    /// What failed, with the operation that wanted it.
    pub failures: Vec<(u64, MigrateError)>,
}

/// Does what is left of a plugin. Only under its locks, outside a transaction.
///
/// # Errors
/// What kept it from beginning; a step that fails is told in what is given.
pub fn contract(cx: &mut Context<'_>, kept: &KeptPackages<'_>) -> Result<Contracted, TransactionError> {
    let state = registry::read_state(&mut cx.session.database, kept.slug)?;
    let is_purged = state.as_ref().is_some_and(State::is_purged);
    let pending = Pending::read(state.and_then(|state| state.pending).as_deref());
    let mut work = Work {
        kept,
        is_purged,
        done: Contracted::default(),
        pending,
    };
    if work.pending.is_of_schema() {
        let observer = cx.observer;
        observer.begin(Step::Migrate)?;
        registry::take_schema(&mut cx.session.database, &|| observer.is_wanted())?;
        let ended = work.all(cx);
        let released = registry::release_schema(&mut cx.session.database);
        ended?;
        released?;
    }
    if !work.pending.is_to_forget() {
        work.done.left = work.pending.values();
    }
    Ok(work.done)
}

/// What is left of a plugin, inside a transaction. Of one that was purged nothing but the history stands in our own tables
/// once that is nothing.
pub(super) fn write_left(
    database: &mut Database,
    (slug, is_purged): (&Slug, bool),
    pending: &Pending,
) -> Result<(), TransactionError> {
    match pending.text() {
        None if is_purged => Ok(registry::forget_all(database, slug)?),
        text => Ok(registry::write_pending(database, slug, text.as_deref())?),
    }
}

struct Work<'k> {
    kept: &'k KeptPackages<'k>,
    is_purged: bool,
    pending: Pending,
    done: Contracted,
}

/// Why a step was not done, and what of it was.
struct Failed {
    reason: Phrase,
    done: Vec<Migration>,
}

impl Failed {
    fn of(fault: &dyn Bilingual) -> Self {
        Self {
            reason: Phrase::of(fault),
            done: Vec::new(),
        }
    }
}

impl Work<'_> {
    /// What the newest operation wants comes first. A step that fails keeps those of its own operation that come after it.
    fn all(&mut self, cx: &mut Context<'_>) -> Result<(), TransactionError> {
        let before = migrate::read_schema(&mut cx.session.database)?;
        self.copy_out(cx, &before)?;
        let operations: BTreeSet<u64> = self.pending.steps.iter().map(|step| step.of).collect();
        for of in operations.into_iter().rev() {
            if let Err(failed) = self.operation(cx, of) {
                let left = self.pending.steps.iter().filter(|step| step.of == of);
                let left = left
                    .flat_map(|step| shown_contraction(&step.what))
                    .collect::<Vec<_>>()
                    .join(", ");
                let reason = failed.reason;
                self.done.failures.push((of, MigrateError::NotUndone { reason, left }));
            }
        }
        let after = migrate::read_schema(&mut cx.session.database)?;
        self.done.brought_back = migrate::has_grown(&before, &after);
        Ok(())
    }

    /// Nothing is taken away before it is copied out, to the disk.
    fn copy_out(&self, cx: &mut Context<'_>, schema: &Schema) -> Result<(), TransactionError> {
        let copied = self.copied(cx, schema)?;
        if copied.is_empty() {
            return Ok(());
        }
        let layout = Layout::of_dry_run(self.kept.root.clone(), self.kept.slug.clone());
        let owner = stage::kept_owner(layout.root())?;
        let aside = Aside::begin(layout.kept(), cx.observer.clock().now(), owner);
        let database = &mut cx.session.database;
        let path = aside.write_as("esquema", "jsonl.gz", |out| {
            let mut out = GzEncoder::new(out, Compression::default());
            let failed = |fault| FsError::new(Attempt::Write, layout.kept(), fault);
            migrate::copy_out(database, schema, &copied, &mut |line| {
                out.write_all(line).map_err(failed).map_err(TransactionError::from)
            })?;
            out.finish().map(drop).map_err(failed).map_err(TransactionError::from)
        })?;
        self.note_copy(cx, &path)?;
        let told = messages::schema_kept(&path);
        cx.observer.message(Message::Told(told));
        Ok(())
    }

    /// The operations whose steps are done now say where it stands.
    fn note_copy(&self, cx: &mut Context<'_>, path: &Path) -> Result<(), TransactionError> {
        let Some(name) = path.file_name().map(|name| name.to_string_lossy().into_owned()) else {
            return Ok(());
        };
        let database = &mut cx.session.database;
        let told = history::told_migrations(database, self.kept.slug)?;
        for of in self.pending.steps.iter().map(|step| step.of).collect::<BTreeSet<_>>() {
            let known = told.iter().find(|told| told.id == of);
            let mut record = known.map_or_else(MigrationRecord::default, |told| MigrationRecord::read(&told.text));
            record.copies.push(name.clone());
            history::write_migrations(database, of, &record.text())?;
        }
        Ok(())
    }

    fn copied(&self, cx: &mut Context<'_>, schema: &Schema) -> Result<Copied, TransactionError> {
        let told = history::told_migrations(&mut cx.session.database, self.kept.slug)?;
        let (mut tables, mut columns) = (Vec::new(), Vec::new());
        for step in &self.pending.steps {
            match &step.what {
                Contraction::Undo(undo) => {
                    for told in told.iter().filter(|told| told.id == undo.history) {
                        let facts = MigrationRecord::read(&told.text).facts;
                        tables.extend(facts.created_tables);
                        columns.extend(facts.created_columns);
                    }
                }
                Contraction::DropTable { tabela } => tables.push(tabela.clone()),
                Contraction::DropColumn(column) => columns.push(column.clone()),
                Contraction::Forget => {}
            }
        }
        Ok(Copied::of(schema, &tables, &columns))
    }

    fn operation(&mut self, cx: &mut Context<'_>, of: u64) -> Result<(), Failed> {
        let steps = self.pending.steps.iter().filter(|step| step.of == of);
        let steps: Vec<Contraction> = steps.map(|step| step.what.clone()).collect();
        // A plugin that is purged keeps nothing that its migrations made, undone or not.
        let drops = steps.iter().any(|step| matches!(step, Contraction::DropTable { .. }));
        for step in &steps {
            let Contraction::Undo(undo) = step else { continue };
            if let Err(failed) = self.undo(cx, of, undo) {
                if drops {
                    let told = messages::dropped_instead(&undo.migracoes, &failed.reason);
                    cx.observer.message(Message::Warning(told));
                } else if !self.is_gone(cx, of, undo).map_err(|fault| Failed::of(&fault))? {
                    return Err(failed);
                }
            }
        }
        self.drop_all(cx, &steps)?;
        self.strike_dropped(cx, of).map_err(|fault| Failed::of(&fault))
    }

    fn write_left(&self, database: &mut Database) -> Result<(), TransactionError> {
        database.begin()?;
        write_left(database, (self.kept.slug, self.is_purged), &self.pending)?;
        Ok(database.commit()?)
    }

    /// Migrations that could not be undone, and of which nothing is left.
    fn strike_dropped(&mut self, cx: &mut Context<'_>, of: u64) -> Result<(), TransactionError> {
        let steps = self.pending.steps.len();
        let is_undo = |step: &PendingStep| step.of == of && matches!(step.what, Contraction::Undo(_));
        self.pending.steps.retain(|step| !is_undo(step));
        if self.pending.steps.len() < steps {
            self.write_left(&mut cx.session.database)?;
        }
        Ok(())
    }

    /// A run was killed after it had undone all of it, and before its runner could note that: nothing is left that the
    /// migrations had made, and undoing them once more fails. It is noted now.
    fn is_gone(&mut self, cx: &mut Context<'_>, of: u64, undo: &UndoneMigrations) -> Result<bool, TransactionError> {
        let database = &mut cx.session.database;
        let told = history::told_migrations(database, self.kept.slug)?;
        let told = told.iter().find(|told| told.id == undo.history);
        let facts = told
            .map(|told| MigrationRecord::read(&told.text).facts)
            .unwrap_or_default();
        let schema = migrate::read_schema(database)?;
        let (tables, columns) = (&facts.created_tables, &facts.created_columns);
        let made_nothing = tables.is_empty() && columns.is_empty();
        if made_nothing || !facts.renamed.is_empty() || !Copied::of(&schema, tables, columns).is_empty() {
            return Ok(false);
        }
        let versions: Vec<&str> = undo.migracoes.iter().map(|known| known.versao.as_str()).collect();
        registry::unapply(database, self.kept.slug, &versions)?;
        self.strike(cx, of, &undo.migracoes)?;
        Ok(true)
    }

    fn undo(&mut self, cx: &mut Context<'_>, of: u64, undo: &UndoneMigrations) -> Result<(), Failed> {
        let (done, failed) = match self.run_down(cx, undo) {
            Ok(done) => (done, None),
            Err(failed) => (failed.done.clone(), Some(failed)),
        };
        self.strike(cx, of, &done).map_err(|fault| Failed::of(&fault))?;
        failpoint::reach("contracted");
        let is_done = |migration: &Migration| done.iter().any(|known| known.versao == migration.versao);
        match failed {
            Some(failed) => Err(failed),
            None if undo.migracoes.iter().all(is_done) => Ok(()),
            None => Err(Failed::of(&messages::NOT_ALL_UNDONE)),
        }
    }

    /// From the files of the package that brought them.
    fn run_down(&self, cx: &Context<'_>, undo: &UndoneMigrations) -> Result<Vec<Migration>, Failed> {
        let opened = self.kept.open(undo.versao.as_deref(), undo.sha256.as_deref());
        let package = opened.map_err(|fault| Failed::of(&fault))?;
        let package = package.ok_or_else(|| Failed::of(&messages::not_kept(undo.versao.as_deref())))?;
        let call = MigrationCall::new(MigrationAction::Rollback, self.kept.slug, PathBuf::new());
        let ran = with_migrations(cx, self.kept, &package, call.of(&undo.migracoes));
        ran.map_err(|fault| match fault {
            TransactionError::Migrate(MigrateError::Failed { reason, applied }) => Failed { reason, done: applied },
            other => Failed::of(&other),
        })
    }

    /// What is done stands in the history of the operation that wanted it, and is left no more.
    fn strike(&mut self, cx: &mut Context<'_>, of: u64, done: &[Migration]) -> Result<(), TransactionError> {
        if done.is_empty() {
            return Ok(());
        }
        let database = &mut cx.session.database;
        let told = history::told_migrations(database, self.kept.slug)?;
        let told = told.iter().find(|told| told.id == of);
        let mut record = told.map_or_else(MigrationRecord::default, |told| MigrationRecord::read(&told.text));
        let names: Vec<String> = done.iter().map(Migration::shown).collect();
        record.undone.extend(names.iter().cloned());
        self.pending.undone(done);
        database.begin()?;
        history::write_migrations(database, of, &record.text())?;
        write_left(database, (self.kept.slug, self.is_purged), &self.pending)?;
        database.commit()?;
        cx.observer
            .message(Message::MigrationsRolledBack { names: names.clone() });
        self.done.undone.extend(names);
        Ok(())
    }

    /// Tables may refer to each other: as long as one can be dropped, the others are tried again.
    fn drop_all(&mut self, cx: &mut Context<'_>, steps: &[Contraction]) -> Result<(), Failed> {
        let is_drop = |step: &&Contraction| !matches!(step, Contraction::Undo(_) | Contraction::Forget);
        let mut left: Vec<&Contraction> = steps.iter().filter(is_drop).collect();
        while !left.is_empty() {
            let (mut failed, mut still) = (None, Vec::new());
            let before = left.len();
            for step in left {
                match self.drop_one(cx, step) {
                    Ok(()) => {}
                    Err(fault) => {
                        failed = failed.or(Some(fault));
                        still.push(step);
                    }
                }
            }
            left = still;
            if let Some(fault) = failed.filter(|_| left.len() == before) {
                return Err(Failed::of(&fault));
            }
        }
        Ok(())
    }

    fn drop_one(&mut self, cx: &mut Context<'_>, step: &Contraction) -> Result<(), TransactionError> {
        let database = &mut cx.session.database;
        match step {
            Contraction::Undo(_) | Contraction::Forget => return Ok(()),
            Contraction::DropTable { tabela } => migrate::drop_table(database, tabela)?,
            Contraction::DropColumn(column) => migrate::drop_column(database, column)?,
        }
        self.pending.steps.retain(|known| known.what != *step);
        self.write_left(database)?;
        failpoint::reach("contracted");
        Ok(())
    }
}

/// A step in words.
pub(super) fn shown_contraction(what: &Contraction) -> Vec<String> {
    match what {
        Contraction::Undo(undo) => undo.migracoes.iter().map(Migration::shown).collect(),
        Contraction::DropTable { tabela } => vec![tabela.clone()],
        Contraction::DropColumn(column) => vec![format!("{}.{}", column.tabela, column.coluna)],
        Contraction::Forget => Vec::new(),
    }
}

/// Calls the runner with the migrations of a kept package, which are unpacked for it alone.
pub(super) fn with_migrations(
    cx: &Context<'_>,
    kept: &KeptPackages<'_>,
    package: &crate::package::KeptPackage,
    mut call: MigrationCall,
) -> Result<Vec<Migration>, TransactionError> {
    let layout = Layout::of_dry_run(kept.root.clone(), kept.slug.clone());
    let folder = stage::open_dry_run(&layout, stage::owner(kept.root)?)?;
    let unpacked = unpack_migrations(&package.archive, &package.prefix, &folder);
    call.pasta = layout.staging().join("db").join("migrations");
    let ran = unpacked
        .map_err(TransactionError::from)
        .and_then(|()| Ok(cx.observer.run(call)?));
    let closed = stage::close_dry_run(&layout);
    let ran = ran?;
    closed?;
    Ok(ran)
}
