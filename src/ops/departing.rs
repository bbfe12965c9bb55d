//! What a plugin that goes was, and what is left of it when it is gone.

use std::collections::BTreeMap;
use std::path::Path;

use super::known::{RecordState, RecordedPlugin};
use super::passage::Passage;
use super::purge::{Purge, standing_logs};
use super::reporter::OperationReporter;
use crate::archive::ArchiveError;
use crate::base::fs::Inventory;
use crate::base::json::bytes_of;
use crate::config::Removal;
use crate::data::{self, AdoptedRow, TableRows};
use crate::log::{Message, Reporter};
use crate::migrate::{MigrateError, Pending};
use crate::model::{Phrase, Slug, TableName};
use crate::ops::{Error, RemovalRefusal, messages};
use crate::outcome::{Leftovers, Report};
use crate::package::{KeptPackages, RowReading};
use crate::registry::{self, Installed};
use crate::stage::{assets, removed};
use crate::transaction::{self, BaseSource, Context, Departure, Paused, Removed, TransactionError};

/// What the archive of a plugin that is paused tells; nothing where it is not paused. `force`: it goes without it as well.
///
/// # Errors
/// [`RemovalRefusal::NoArchive`], [`RemovalRefusal::ArchiveDamaged`].
pub(super) fn paused(passage: &Passage<'_>, known: &RecordedPlugin, force: bool) -> Result<Option<Paused>, Error> {
    let state = known.state.as_ref().filter(|state| state.is_paused());
    let Some(state) = state else { return Ok(None) };
    let archive = state.removed_archive.clone().unwrap_or_default();
    match read_paused(passage, &archive) {
        Err(fault) if force => {
            let told = messages::without_archive(&Phrase::of(&fault));
            passage.reporter.message(Message::Warning(told));
            // It is named all the same: what it held is missing to whoever restores the plugin.
            let (base, row) = (Vec::new(), Some(registry::Record::new()));
            Ok(Some(Paused { archive, base, row }))
        }
        read => read.map(Some),
    }
}

fn read_paused(passage: &Passage<'_>, name: &str) -> Result<Paused, Error> {
    let slug = || passage.slug.to_string();
    let found = removed::open(passage.root(), passage.slug, name)?;
    let (path, file) = found.ok_or_else(|| RemovalRefusal::NoArchive { slug: slug() })?;
    let shown = path.display().to_string();
    let read = Removed::read(path, file).and_then(|mut removed| {
        let (base, row) = (removed.records("base")?, removed.records("plugins")?);
        let archive = name.to_owned();
        let row = row.into_iter().next();
        Ok(Paused { archive, base, row })
    });
    read.map_err(|fault| damaged(slug(), shown, fault))
}

/// An archive that cannot be read, and what can be done without it.
pub(super) fn damaged(slug: String, archive: String, fault: TransactionError) -> Error {
    let reason = match fault {
        TransactionError::Archive(ArchiveError::Cancelled) | TransactionError::Cancelled(_) => return fault.into(),
        fault => Phrase::of(&fault),
    };
    RemovalRefusal::ArchiveDamaged { slug, archive, reason }.into()
}

/// Where what the plugin's packages brought is known from. `has_base`: something of that is recorded.
///
/// # Errors
/// [`RemovalRefusal::Unrecorded`] where nobody knows: then no row may be deleted.
pub(super) fn base_source(
    kept: &KeptPackages<'_>,
    (known, has_base): (&RecordedPlugin, bool),
    installed: &Installed,
    reporter: &OperationReporter<'_>,
) -> Result<BaseSource, Error> {
    let is_ours = matches!(known.standing, RecordState::Ours | RecordState::Replaced);
    if has_base && is_ours {
        return Ok(BaseSource::Recorded);
    }
    match rows_of(kept, known, installed, reporter)? {
        Some(rows) => Ok(BaseSource::Package(rows)),
        // Recorded, by calls that left rows out: what else bears its name was made in use, and stays.
        None if is_ours || (has_base && known.standing == RecordState::Unrecorded) => Ok(BaseSource::Recorded),
        None => Err(RemovalRefusal::Unrecorded {
            slug: kept.slug.to_string(),
            version: known.version(installed).unwrap_or_default(),
        }
        .into()),
    }
}

/// The rows of the package that the plugin's row names, where it is kept or stands among the uploads.
fn rows_of(
    kept: &KeptPackages<'_>,
    known: &RecordedPlugin,
    installed: &Installed,
    reporter: &OperationReporter<'_>,
) -> Result<Option<Vec<TableRows>>, Error> {
    let reading = RowReading {
        limits: kept.limits,
        spill: None,
        watch: &|rows| reporter.reading(rows),
    };
    let (version, sha256) = (known.version(installed), known.checksum(installed));
    Ok(kept.rows_of(version.as_deref(), sha256.as_deref(), &reading)?)
}

/// Rows as they were before the plugin adopted them, of the files in which each operation set them aside.
pub(super) fn adopted(passage: &Passage<'_>) -> Result<Vec<AdoptedRow>, Error> {
    let mut rows = Vec::new();
    for (path, text) in removed::adopted(passage.root(), passage.slug)? {
        match serde_json::from_slice::<BTreeMap<String, Vec<registry::Record>>>(&text) {
            Ok(tables) => rows.extend(tables.into_iter().flat_map(|(name, records)| {
                let name = TableName::new(&name).ok();
                let table = name.into_iter().flat_map(move |name| {
                    let records = records.clone().into_iter();
                    records.map(move |record| (name.clone(), values(record)))
                });
                table.collect::<Vec<_>>()
            })),
            Err(_) => passage.reporter.message(Message::Warning(messages::not_adopted(&path))),
        }
    }
    Ok(rows)
}

fn values(record: registry::Record) -> BTreeMap<String, Option<Vec<u8>>> {
    record
        .into_iter()
        .map(|(name, value)| (name, bytes_of(&value)))
        .collect()
}

/// Takes away all by which a plugin that is gone could come back. What cannot be taken away is left to be done.
///
/// # Errors
/// [`RemovalRefusal::NotForgotten`] where something of it stands there still.
pub(super) fn forget(cx: &mut Context<'_>, slug: &Slug, report: &mut Report) -> Result<(), Error> {
    let left = transaction::forget_now(cx, slug)?;
    let is_gone = |path: &String| left.iter().all(|found| found != Path::new(path));
    report.removido = report.removido.take().filter(|path| !is_gone(path));
    report.backup = report.backup.take().filter(|path| !is_gone(path));
    let state = registry::read_state(&mut cx.session.database, slug)?;
    let pending = Pending::read(state.and_then(|state| state.pending).as_deref());
    report.pendencias = pending.values();
    report.pendencias.extend(assets::pending(cx.site.root, slug));
    if left.is_empty() {
        let (reason, left) = (messages::NEEDS_PACKAGES, pending.shown().join(", "));
        return if left.is_empty() {
            Ok(())
        } else {
            Err(MigrateError::NotUndone { reason, left }.into())
        };
    }
    let left = left.iter().map(|path| path.display().to_string()).collect::<Vec<_>>();
    Err(RemovalRefusal::NotForgotten {
        slug: slug.to_string(),
        left: left.join(", "),
    }
    .into())
}

/// What is left of a plugin that is gone, counted and named.
///
/// # Errors
/// [`RemovalRefusal::LeftBehind`] where everything was to go and something is left. What is done stays done.
pub(super) fn prove(
    cx: &mut Context<'_>,
    (slug, departure): (&Slug, Departure<'_>),
    purge: &Purge,
    report: &mut Report,
) -> Result<(), Error> {
    let database = &mut cx.session.database;
    let counted: u64 = data::count_rows(database, slug)?.values().sum();
    let tree = cx.site.root.installed(slug);
    // What other databases use is no leftover of this one.
    let files = if departure.keeps_tree {
        0
    } else {
        let standing = Inventory::of(&tree).map_or(0, |found| found.items().len());
        let published = assets::left(cx.site.root, slug).len();
        (standing + published) as u64
    };
    let mut tables = standing_logs(database, slug)?;
    tables.extend(purge.left(database)?);
    let found = Leftovers {
        linhas: counted.saturating_sub(report.do_projeto),
        arquivos: files,
        tabelas: tables,
    };
    let is_clean = found == Leftovers::default() && report.pendencias.is_empty();
    report.sobras = Some(found);
    if departure.removal == Removal::Purge && !is_clean {
        let slug = slug.to_string();
        return Err(RemovalRefusal::LeftBehind { slug }.into());
    }
    Ok(())
}
