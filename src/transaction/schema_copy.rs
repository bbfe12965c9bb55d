//! What is copied out before something of the schema is taken away: all that may go, as far as facts and texts tell, and
//! everything where they cannot tell (SPEC 2 §3). Nothing is taken away before its copy is on the disk.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;

use super::life::Life;
use super::{Context, TransactionError, schema_phrases};
use crate::base::clock::Clock;
use crate::base::fs::{Attempt, FsError};
use crate::base::hash::Hasher;
use crate::data;
use crate::history;
use crate::log::Message;
use crate::migrate::{
    self, Contraction, Copied, CopiedPart, Made, MigrationRecord, Pending, Reach, Schema, Shown, Taken,
    UndoneMigrations,
};
use crate::model::{GestorRoot, Slug, TableName};
use crate::package::KeptPackages;
use crate::registry;
use crate::stage::{self, Layout, Snapshot};

/// What is copied, and where it stands.
#[derive(Default)]
pub(super) struct SchemaCopy {
    pub(super) copied: Copied,
    pub(super) path: Option<PathBuf>,
    /// Whose steps it was made for.
    operations: BTreeSet<u64>,
    /// What each table said when it was copied, by the name of its part.
    pub(super) said: BTreeMap<String, CopiedPart>,
    /// Tables that nobody else wrote to from their last copy until they, or columns of them, went.
    pub(super) watched: BTreeSet<String>,
}

impl SchemaCopy {
    /// What of that which went was copied, but not watched until then.
    pub(super) fn unwatched(&self, gone: &Taken) -> Vec<String> {
        let is_late = |table: &String| !self.watched.contains(table);
        let tables = gone.tables.iter().filter(|table| is_late(table)).cloned();
        let columns = gone.columns.iter().filter(|column| is_late(&column.tabela));
        tables.chain(columns.map(Shown::shown)).collect()
    }
}

/// Copies a table or columns of one again that say something else than when they were copied, before they are dropped.
/// Nobody writes to the table meanwhile.
pub(super) fn copy_again(
    cx: &mut Context<'_>,
    kept: &KeptPackages<'_>,
    (schema, copy): (&Schema, &SchemaCopy),
    dropped: &Contraction,
) -> Result<Option<PathBuf>, TransactionError> {
    let mut again = Copied::default();
    let table = match dropped {
        Contraction::DropTable { tabela } => tabela,
        Contraction::DropColumn(column) => &column.tabela,
        Contraction::Undo(_) | Contraction::DropObject(_) | Contraction::Forget => return Ok(None),
    };
    if copy.copied.tables.contains(table) {
        again.table(schema, table);
    } else if let Some(columns) = copy.copied.columns.get(table) {
        again.columns.insert(table.clone(), columns.clone());
    }
    let database = &mut cx.session.database;
    // What a way back took away meanwhile is not there to be copied.
    let now = migrate::read_schema(database)?;
    let stands = now.tables.get(table) == schema.tables.get(table);
    if again.is_empty() || !stands {
        return Ok(None);
    }
    let mut hasher = Hasher::default();
    migrate::copy_out(database, schema, &again, &mut |line| {
        hasher.update(line);
        Ok::<(), TransactionError>(())
    })?;
    let said = again.part_name().and_then(|name| copy.said.get(&name));
    if said.is_some_and(|said| said.resumo == hasher.finish().to_string()) {
        return Ok(None);
    }
    let (path, _) = write(cx, kept, schema, &again)?;
    cx.reporter.message(Message::Told(schema_phrases::schema_kept(&path)));
    Ok(Some(path))
}

/// The operations for which the first copy was made name such a one as well: once no table is locked.
pub(super) fn note_again(
    cx: &mut Context<'_>,
    slug: &Slug,
    copy: &SchemaCopy,
    path: &Path,
) -> Result<(), TransactionError> {
    note(cx, slug, &copy.operations, path)
}

/// The operations whose steps are left name what a run had left that was killed at work on them.
pub(super) fn note_rescued(cx: &mut Context<'_>, slug: &Slug, path: &Path) -> Result<(), TransactionError> {
    let state = registry::read_state(&mut cx.session.database, slug)?;
    let left = Pending::read(state.and_then(|state| state.pending).as_deref());
    let operations = left.steps.iter().map(|step| step.of).collect();
    note(cx, slug, &operations, path)
}

/// Copies out what the steps that are left may take away.
pub(super) fn copy_out(
    cx: &mut Context<'_>,
    kept: &KeptPackages<'_>,
    pending: &Pending,
    schema: &Schema,
) -> Result<SchemaCopy, TransactionError> {
    let copied = what_may_go(cx, kept, pending, schema)?;
    if copied.is_empty() {
        return Ok(SchemaCopy::default());
    }
    let (path, said) = write(cx, kept, schema, &copied)?;
    let operations = pending.steps.iter().map(|step| step.of).collect();
    note(cx, kept.slug, &operations, &path)?;
    cx.reporter.message(Message::Told(schema_phrases::schema_kept(&path)));
    Ok(SchemaCopy {
        operations,
        copied,
        path: Some(path),
        said,
        watched: BTreeSet::new(),
    })
}

/// The operations for which it was made say where a copy stands, the newest last.
fn note(cx: &mut Context<'_>, slug: &Slug, operations: &BTreeSet<u64>, path: &Path) -> Result<(), TransactionError> {
    let Some(name) = path.file_name().map(|name| name.to_string_lossy().into_owned()) else {
        return Ok(());
    };
    let database = &mut cx.session.database;
    let told = history::told_migrations(database, slug)?;
    for told in told.iter().filter(|told| operations.contains(&told.id)) {
        let mut record = MigrationRecord::read(&told.text);
        record.copies.retain(|known| *known != name);
        record.copies.push(name.clone());
        history::write_migrations(database, told.id, &record.text())?;
    }
    Ok(())
}

fn what_may_go(
    cx: &mut Context<'_>,
    kept: &KeptPackages<'_>,
    pending: &Pending,
    schema: &Schema,
) -> Result<Copied, TransactionError> {
    let life = Life::read(&mut cx.session.database, kept.slug)?;
    let mut copied = Copied::default();
    for step in &pending.steps {
        match &step.what {
            Contraction::Undo(undo) => {
                for (_, record) in life.operations().iter().filter(|(told, _)| told.id == undo.history) {
                    copied.made(schema, &Made::of_facts(&record.facts));
                }
                for text in texts(kept, undo)? {
                    copied.reached(schema, &Reach::of(&text, schema), &is_open);
                }
            }
            Contraction::DropTable { tabela } => copied.table(schema, tabela),
            Contraction::DropColumn(column) => copied.column(schema, column),
            Contraction::DropObject(object) => copied.object(schema, object),
            Contraction::Forget => {}
        }
    }
    if !copied.is_empty() {
        copied.follow(schema, &migrate::read_consequences(&mut cx.session.database)?);
    }
    Ok(copied)
}

/// What a copy of everything takes in: no tokens, no sessions, nothing that no package may touch.
fn is_open(table: &str) -> bool {
    TableName::new(table).is_ok_and(|table| !data::is_forbidden(&table))
}

/// The texts of migrations that are to be undone; none where their package is not kept, for then they are not undone.
fn texts(kept: &KeptPackages<'_>, undo: &UndoneMigrations) -> Result<Vec<String>, TransactionError> {
    match kept.open(undo.versao.as_deref(), undo.sha256.as_deref()) {
        Ok(Some(package)) => Ok(package.migration_texts(Some(&undo.migracoes))?),
        // Nobody can run them, either.
        Ok(None) | Err(_) => Ok(Vec::new()),
    }
}

fn write(
    cx: &mut Context<'_>,
    kept: &KeptPackages<'_>,
    schema: &Schema,
    copied: &Copied,
) -> Result<(PathBuf, BTreeMap<String, CopiedPart>), TransactionError> {
    let clock = cx.reporter.clock();
    let database = &mut cx.session.database;
    let mut said = BTreeMap::new();
    let path = write_file((kept.root, kept.slug), clock, |put| {
        for part in copied.parts() {
            let reading = migrate::reading_of(database, &part)?;
            let mut hasher = Hasher::default();
            migrate::copy_out(database, schema, &part, &mut |line| {
                hasher.update(line);
                put(line)
            })?;
            if let (Some(name), Some((cabeca, consultas))) = (part.part_name(), reading) {
                let tabela = name.trim_end_matches('.').to_owned();
                let resumo = hasher.finish().to_string();
                let part = CopiedPart {
                    tabela,
                    cabeca,
                    resumo,
                    consultas,
                };
                said.insert(name, part);
            }
        }
        Ok(())
    })?;
    Ok((path, said))
}

/// Where lines of a copy go.
pub(super) type PutLine<'p> = &'p mut dyn FnMut(&[u8]) -> Result<(), TransactionError>;

/// A new file for a copy, with what is put into it.
pub(super) fn write_file(
    (root, slug): (&GestorRoot, &Slug),
    clock: &dyn Clock,
    fill: impl FnOnce(PutLine<'_>) -> Result<(), TransactionError>,
) -> Result<PathBuf, TransactionError> {
    let layout = Layout::of_dry_run(root.clone(), slug.clone());
    let owner = stage::kept_owner(root)?;
    let snapshot = Snapshot::begin(layout.kept(), clock.now(), owner);
    let path = snapshot.write_as("esquema", "jsonl.gz", |out| {
        let mut out = GzEncoder::new(out, Compression::default());
        let failed = |fault| FsError::new(Attempt::Write, layout.kept(), fault);
        fill(&mut |bytes| out.write_all(bytes).map_err(failed).map_err(TransactionError::from))?;
        out.finish().map(drop).map_err(failed).map_err(TransactionError::from)
    })?;
    Ok(stage::without_twin(root, slug, path)?)
}
