//! What is taken away of the schema after a commit (SPEC 2 §3, §5): migrations are undone, tables and columns dropped. Their
//! content is copied out first. What is to be done stands in the plugin's state from the transaction on, and is struck out
//! as it is done; what is left is done by the next operation, or by recovery.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::Value;

use super::forget::finish_purge;
use super::giving_up::{self, Remains};
use super::late_rows;
use super::life::{Life, made_by, runner_log};
use super::schema_copy::{self, SchemaCopy};
use super::{Context, TransactionError, messages, schema_phrases};
use crate::base::failpoint;
use crate::history;
use crate::log::{Message, Step};
use crate::migrate::{
    self, Contraction, FactColumn, Made, MigrateError, Migration, MigrationAction, MigrationCall, Pending, PendingStep,
    Schema, Taken, UndoneMigrations,
};
use crate::model::Phrase;
use crate::outcome::ExitCode;
use crate::package::KeptPackages;
use crate::registry::{self, State};

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
        self.steps.iter().any(Contraction::is_of_schema)
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

/// Does what is left of a plugin. Only under its locks, outside a transaction. `gives_up`: what cannot be undone is only
/// dropped.
///
/// # Errors
/// What kept it from beginning; a step that fails is told in what is given.
pub fn contract(cx: &mut Context<'_>, kept: &KeptPackages<'_>, gives_up: bool) -> Result<Contracted, TransactionError> {
    let state = registry::read_state(&mut cx.session.database, kept.slug)?;
    let is_purged = state.as_ref().is_some_and(State::is_purged);
    let pending = Pending::read(state.and_then(|state| state.pending).as_deref());
    let wanted = of_schema(&pending);
    let mut work = Work {
        kept,
        gives_up,
        is_purged,
        done: Contracted::default(),
        pending,
        stood: Schema::default(),
        copy: SchemaCopy::default(),
    };
    if work.pending.is_of_schema() {
        let reporter = cx.reporter;
        reporter.begin(Step::Migrate)?;
        registry::take_schema(&mut cx.session.database, &|| reporter.is_wanted())?;
        migrate::be_quick(&mut cx.session.database, true)?;
        let ended = work.all(cx);
        let usual = migrate::be_quick(&mut cx.session.database, false);
        let released = registry::release_schema(&mut cx.session.database);
        ended?;
        usual?;
        released?;
    }
    if !work.pending.is_to_forget() {
        work.done.left = work.pending.values();
    }
    let left = of_schema(&work.pending);
    let code = u16::try_from(ExitCode::Migrate.number()).unwrap_or(u16::MAX);
    for of in wanted.difference(&left) {
        history::settle(&mut cx.session.database, *of, code)?;
    }
    if is_purged && work.pending.values().is_empty() {
        finish_purge(cx, kept.slug)?;
    }
    Ok(work.done)
}

/// The operations that still want something taken away of the schema.
fn of_schema(pending: &Pending) -> BTreeSet<u64> {
    let steps = pending.steps.iter().filter(|step| step.what.is_of_schema());
    steps.map(|step| step.of).collect()
}

struct Work<'k> {
    kept: &'k KeptPackages<'k>,
    gives_up: bool,
    is_purged: bool,
    pending: Pending,
    done: Contracted,
    /// What stood before anything was done, and what of it was copied out.
    stood: Schema,
    copy: SchemaCopy,
}

/// Why a step was not done, and what of it was.
#[derive(Clone)]
struct Failed {
    reason: Phrase,
    done: Vec<Migration>,
}

impl Failed {
    fn of(reason: Phrase) -> Self {
        Self {
            reason,
            done: Vec::new(),
        }
    }
}

/// Migrations that were undone before the one that failed are done.
impl From<TransactionError> for Failed {
    fn from(fault: TransactionError) -> Self {
        match fault {
            TransactionError::Migrate(MigrateError::Failed { reason, applied }) => Self { reason, done: applied },
            other => Self::of(Phrase::of(&other)),
        }
    }
}

impl Work<'_> {
    /// What the newest operation wants comes first. A step that fails keeps those of its own operation that come after it.
    fn all(&mut self, cx: &mut Context<'_>) -> Result<(), TransactionError> {
        self.stood = migrate::read_schema(&mut cx.session.database)?;
        self.copy = schema_copy::copy_out(cx, self.kept, &self.pending, &self.stood)?;
        let made = made_by(&mut cx.session.database, self.kept.slug)?;
        let mut last = self.stood.clone();
        for of in of_schema(&self.pending).into_iter().rev() {
            if let Err(failed) = self.operation(cx, of) {
                let left = self.pending.steps.iter().filter(|step| step.of == of);
                let left = left.flat_map(|step| step.what.shown()).collect::<Vec<_>>().join(", ");
                let reason = failed.reason;
                self.done.failures.push((of, MigrateError::NotUndone { reason, left }));
            }
            let now = migrate::read_schema(&mut cx.session.database)?;
            self.tell_gone(cx, of, &made, &now.gone_since(&last))?;
            last = now;
        }
        self.done.brought_back = migrate::has_grown(&self.stood, &last);
        Ok(())
    }

    /// What went with the steps of an operation stands in its history; what nobody saw the plugin make is told.
    fn tell_gone(&mut self, cx: &mut Context<'_>, of: u64, made: &Made, gone: &Taken) -> Result<(), TransactionError> {
        let strangers = made.strangers(gone);
        if !strangers.is_empty() {
            let told = schema_phrases::strangers_went(&strangers, self.copy.path.as_deref());
            cx.reporter.message(Message::Warning(told));
        }
        let lost = Made::default().strangers(&self.copy.copied.missing(gone));
        if !lost.is_empty() {
            let reason = schema_phrases::went_without_copy(&lost);
            let left = lost.join(", ");
            self.done.failures.push((of, MigrateError::NotUndone { reason, left }));
        }
        let late = self.copy.unwatched(gone);
        if !late.is_empty() {
            cx.reporter
                .message(Message::Warning(schema_phrases::went_unwatched(&late)));
        }
        let is_done = !of_schema(&self.pending).contains(&of);
        if gone.is_empty() && !is_done {
            return Ok(());
        }
        let database = &mut cx.session.database;
        let Some((told, mut record)) = Life::operation(database, self.kept.slug, of)? else {
            return Ok(());
        };
        record.taken.extend(gone.clone());
        record.ended = told.purges && is_done;
        Ok(history::write_migrations(database, of, &record.text())?)
    }

    fn operation(&mut self, cx: &mut Context<'_>, of: u64) -> Result<(), Failed> {
        for step in &self.steps_of(of) {
            let Contraction::Undo(undo) = step else { continue };
            let stood = giving_up::remains(cx, self.kept, undo)?;
            if let Err(failed) = self.undo(cx, of, undo) {
                self.settle_failed(cx, (of, undo), stood, &failed)?;
            }
        }
        self.drop_all(cx, &self.steps_of(of))
    }

    fn steps_of(&self, of: u64) -> Vec<Contraction> {
        let steps = self.pending.steps.iter().filter(|step| step.of == of);
        steps.map(|step| step.what.clone()).collect()
    }

    /// What is done about migrations that could not be undone: nothing is where they are undone all the same, for a run was
    /// killed before its runner could note that. Where it was killed in the midst, undoing them once more cannot end: a
    /// plugin that is purged goes all the same. Anything else is for the operator to look at.
    fn settle_failed(
        &mut self,
        cx: &mut Context<'_>,
        (of, undo): (u64, &UndoneMigrations),
        stood: Remains,
        failed: &Failed,
    ) -> Result<(), Failed> {
        let Some(left) = self.left_of(of, undo.history) else {
            return Ok(());
        };
        if giving_up::remains(cx, self.kept, &left)? == Remains::Nothing {
            giving_up::strike_out(&mut cx.session.database, self.kept.slug, &left.migracoes)?;
            return Ok(self.strike(cx, of, &left.migracoes, None)?);
        }
        let is_half = self.is_purged && stood == Remains::Part && !undo.failed;
        if self.gives_up || is_half {
            return self.give_up(cx, of, &left, failed);
        }
        self.pending.note_failure(of, undo.history);
        let text = self.pending.text();
        let noted = registry::write_pending(&mut cx.session.database, self.kept.slug, text.as_deref());
        noted.map_err(TransactionError::from)?;
        Err(failed.clone())
    }

    fn left_of(&self, of: u64, history: u64) -> Option<UndoneMigrations> {
        self.steps_of(of).into_iter().find_map(|step| match step {
            Contraction::Undo(undo) if undo.history == history => Some(undo),
            _ => None,
        })
    }

    /// What is still to be undone counts as undone, and what it is known to have made is to be dropped. Of a plugin that is
    /// purged that is to be done anyway.
    fn give_up(
        &mut self,
        cx: &mut Context<'_>,
        of: u64,
        undo: &UndoneMigrations,
        failed: &Failed,
    ) -> Result<(), Failed> {
        if !self.is_purged {
            let drops = giving_up::drops_of(cx, self.kept, undo)?;
            let drops = drops.ok_or_else(|| failed.clone())?;
            self.pending.add(drops.into_iter().map(|what| PendingStep { of, what }));
        }
        Ok(self.strike(cx, of, &undo.migracoes, Some(&failed.reason))?)
    }

    fn undo(&mut self, cx: &mut Context<'_>, of: u64, undo: &UndoneMigrations) -> Result<(), Failed> {
        let (done, failed) = match self.run_down(cx, undo) {
            Ok(done) => (done, None),
            Err(failed) => (failed.done.clone(), Some(failed)),
        };
        self.strike(cx, of, &done, None)?;
        failpoint::reach("contracted");
        let is_done = |migration: &Migration| done.iter().any(|known| known.versao == migration.versao);
        match failed {
            Some(failed) => Err(failed),
            None if undo.migracoes.iter().all(is_done) => Ok(()),
            None => Err(Failed::of(messages::NOT_ALL_UNDONE)),
        }
    }

    /// From the files of the package that brought them.
    fn run_down(&mut self, cx: &mut Context<'_>, undo: &UndoneMigrations) -> Result<Vec<Migration>, Failed> {
        let opened = self.kept.open(undo.versao.as_deref(), undo.sha256.as_deref());
        let package = opened.map_err(TransactionError::from)?;
        let package = package.ok_or_else(|| Failed::of(messages::not_kept(undo.versao.as_deref())))?;
        let log = runner_log(&mut cx.session.database, self.kept.slug)?;
        let call = MigrationCall::new(MigrationAction::Rollback, self.kept.slug, PathBuf::new(), log);
        let call = call.of(&undo.migracoes);
        Ok(late_rows::undo(cx, self.kept, &package, call, &mut self.copy)?)
    }

    /// What is done stands in the history of the operation that wanted it, and is left no more. `given_up`: why it is not
    /// done, and never will be.
    fn strike(
        &mut self,
        cx: &mut Context<'_>,
        of: u64,
        done: &[Migration],
        given_up: Option<&Phrase>,
    ) -> Result<(), TransactionError> {
        if done.is_empty() {
            return Ok(());
        }
        let database = &mut cx.session.database;
        let told = Life::operation(database, self.kept.slug, of)?;
        let mut record = told.map(|(_, record)| record).unwrap_or_default();
        let names: Vec<String> = done.iter().map(Migration::shown).collect();
        record.undone.extend(names.iter().cloned());
        self.pending.undone(done);
        database.begin()?;
        history::write_migrations(database, of, &record.text())?;
        registry::write_pending(database, self.kept.slug, self.pending.text().as_deref())?;
        if given_up.is_some() {
            giving_up::strike_out(database, self.kept.slug, done)?;
        }
        database.commit()?;
        let Some(reason) = given_up else {
            cx.reporter
                .message(Message::MigrationsRolledBack { names: names.clone() });
            self.done.undone.extend(names);
            return Ok(());
        };
        cx.reporter
            .message(Message::Warning(messages::given_up(&names, reason)));
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
                return Err(fault.into());
            }
        }
        Ok(())
    }

    fn drop_one(&mut self, cx: &mut Context<'_>, step: &Contraction) -> Result<(), TransactionError> {
        if let Contraction::DropTable { tabela: table } | Contraction::DropColumn(FactColumn { tabela: table, .. }) =
            step
            && migrate::lock_table(&mut cx.session.database, table)?
        {
            self.copy.watched.insert(table.clone());
        }
        let dropped = self.drop_locked(cx, step);
        let unlocked = migrate::unlock(&mut cx.session.database);
        let copied = dropped?;
        unlocked?;
        if let Some(path) = copied {
            schema_copy::note_again(cx, self.kept.slug, &self.copy, &path)?;
        }
        let database = &mut cx.session.database;
        self.pending.steps.retain(|known| known.what != *step);
        registry::write_pending(database, self.kept.slug, self.pending.text().as_deref())?;
        failpoint::reach("contracted");
        Ok(())
    }

    /// Nobody writes to a table between the copy of its last rows and the drop.
    fn drop_locked(&self, cx: &mut Context<'_>, step: &Contraction) -> Result<Option<PathBuf>, TransactionError> {
        let copied = schema_copy::copy_again(cx, self.kept, (&self.stood, &self.copy), step)?;
        let database = &mut cx.session.database;
        match step {
            Contraction::Undo(_) | Contraction::Forget => {}
            Contraction::DropTable { tabela } => migrate::drop_table(database, tabela)?,
            Contraction::DropColumn(column) => migrate::drop_column(database, column)?,
            Contraction::DropObject(object) => migrate::drop_object(database, object)?,
        }
        Ok(copied)
    }
}
