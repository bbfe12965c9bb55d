//! Where a plugin comes back from: whether it went by our hands, its archives, the backup of its tree.

use super::departing::damaged;
use super::failure_history;
use super::known::RecordedPlugin;
use super::passage::Passage;
use super::reporter::OperationReporter;
use crate::archive::BackupForm;
use crate::base::db::Database;
use crate::history::{self, Action};
use crate::log::{Message, Reporter};
use crate::migrate::{self, MigrationRecord, standing};
use crate::model::{GestorRoot, Sha256Digest, Slug};
use crate::ops::{Error, RemovalRefusal, messages};
use crate::package::{KeptPackages, LocatedPackage};
use crate::registry::{self, Installed};
use crate::stage::removed;
use crate::transaction::{Context, Life, OldTree, Removed, SchemaBack};

/// Some table knows the plugin, or did: a plugin that was purged is known by its history alone.
pub(super) fn has_been_here(database: &mut Database, slug: &Slug) -> Result<bool, Error> {
    Ok(failure_history::is_known(database, slug)? || history::last(database, slug)?.is_some())
}

/// The archives of what went, the one that was made first before the one that followed it.
///
/// # Errors
/// [`RemovalRefusal::StillInstalled`], [`RemovalRefusal::Paused`], [`RemovalRefusal::NotPaused`],
/// [`RemovalRefusal::NotRemoved`], [`RemovalRefusal::NoArchive`], [`RemovalRefusal::ArchiveDamaged`].
pub(super) fn archives(
    cx: &mut Context<'_>,
    (root, plugin): (&GestorRoot, &Slug),
    (known, installed): (&RecordedPlugin, &Installed),
    enables: bool,
) -> Result<Vec<Removed>, Error> {
    let slug = plugin.to_string();
    let state = known.state.as_ref();
    let is_paused = known.is_paused();
    match (is_paused, enables) {
        (true, false) => return Err(RemovalRefusal::Paused { slug }.into()),
        (false, true) => return Err(RemovalRefusal::NotPaused { slug }.into()),
        _ if known.is_installed(installed) => {
            return Err(RemovalRefusal::StillInstalled { slug }.into());
        }
        _ => {}
    }
    let purged = history::last(&mut cx.session.database, plugin)?;
    let purged = purged.filter(|entry| entry.acao == Action::Uninstall.word());
    let recorded = state.and_then(|state| state.removed_archive.clone());
    if !is_paused && recorded.is_none() && purged.is_none() {
        return Err(RemovalRefusal::NotRemoved { slug }.into());
    }
    let is_named = recorded.is_some();
    let names = match recorded {
        Some(name) => vec![name],
        None => removed::names(root, plugin)?,
    };
    let origin = registry::origin(&mut cx.session.database)?;
    let wanted = Wanted {
        is_named,
        number: purged.map(|entry| entry.id),
        origin,
    };
    let newest = find((root, plugin), &names, &wanted)?.ok_or(RemovalRefusal::NoArchive { slug: slug.clone() })?;
    let mut archives = vec![newest];
    while let Some(name) = archives[0].about.anterior.clone() {
        let earlier = open((root, plugin), &name)?.ok_or(RemovalRefusal::NoArchive { slug: slug.clone() })?;
        archives.insert(0, earlier);
    }
    // What is damaged is found before anything is touched.
    for archive in &mut archives {
        let shown = archive.path.display().to_string();
        archive
            .verify()
            .map_err(|fault| damaged(slug.clone(), shown, fault.into()))?;
    }
    Ok(archives)
}

/// What was taken away of the plugin's schema, and where it stands; nothing where it went without that.
///
/// # Errors
/// [`RemovalRefusal::SchemaGone`] where it is not known any more, or nobody can bring it back.
pub(super) fn schema(
    cx: &mut Context<'_>,
    passage: &Passage<'_>,
    archives: &[Removed],
    package: Option<&LocatedPackage>,
) -> Result<Option<SchemaBack>, Error> {
    let Some(gone) = archives.last().filter(|archive| archive.about.esquema) else {
        return Ok(None);
    };
    let (root, slug, of) = (passage.root(), passage.slug, gone.about.historico);
    let is_gone = || RemovalRefusal::SchemaGone { slug: slug.to_string() };
    let package = package.ok_or_else(is_gone)?;
    let database = &mut cx.session.database;
    let told = history::told_migrations(database, slug)?;
    let own = told.iter().find(|told| told.id == of);
    let names = own
        .map(|own| MigrationRecord::read(&own.text).copies)
        .unwrap_or_default();
    let mut record = MigrationRecord::default();
    let records = Life::until(told, of).into_records();
    let standing = standing(records.iter().map(|(id, record)| (*id, record)));
    let brought = package.migration_versions();
    for (id, known) in &records {
        let here = standing.iter().filter(|found| found.history == *id);
        let applied: Vec<String> = here
            .filter(|found| brought.contains(&found.migration.versao))
            .map(|found| found.migration.shown())
            .collect();
        if !applied.is_empty() {
            record.include(&MigrationRecord {
                applied,
                ..known.clone()
            });
        }
    }
    let stands = migrate::read_schema(database)?;
    let is_missing = record
        .facts
        .created_tables
        .iter()
        .any(|table| !stands.tables.contains_key(table));
    if names.is_empty() && is_missing {
        return Err(is_gone().into());
    }
    let mut copies = Vec::new();
    for name in names {
        copies.push(removed::open_copy(root, slug, &name)?.ok_or_else(is_gone)?);
    }
    Ok(Some(SchemaBack { record, copies }))
}

/// Which archive is looked for.
struct Wanted {
    /// Our own table names it.
    is_named: bool,
    /// The history's number of the operation that made it.
    number: Option<u64>,
    /// The database that it is of.
    origin: Option<Sha256Digest>,
}

/// The newest of these archives that is wanted.
fn find(place: (&GestorRoot, &Slug), names: &[String], wanted: &Wanted) -> Result<Option<Removed>, Error> {
    for name in names {
        let Some(found) = open(place, name)? else { continue };
        let is_it = Some(found.about.historico) == wanted.number && found.is_of(wanted.origin);
        if wanted.is_named || is_it {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

fn open((root, slug): (&GestorRoot, &Slug), name: &str) -> Result<Option<Removed>, Error> {
    let Some((path, file)) = removed::open(root, slug, name)? else {
        return Ok(None);
    };
    let shown = path.display().to_string();
    let found = Removed::read(path, file).map_err(|fault| damaged(slug.to_string(), shown, fault))?;
    Ok(Some(found).filter(|found| found.about.slug == slug.as_str()))
}

/// The tree that went: its backup, else what the kept package brings.
///
/// # Errors
/// [`RemovalRefusal::NoTree`].
pub(super) fn old_tree(
    kept: &KeptPackages<'_>,
    archives: &[Removed],
    reporter: &OperationReporter<'_>,
) -> Result<OldTree, Error> {
    for archive in archives {
        let name = archive.path.file_name().map(|name| name.to_string_lossy().into_owned());
        let stamp = name.as_deref().and_then(removed::stamp_of);
        let found = stamp
            .map(|stamp| removed::backup(kept.root, kept.slug, stamp))
            .transpose()?;
        if let Some((path, file, ending)) = found.flatten() {
            let form = BackupForm::of_ending(ending);
            return Ok(OldTree::Backup { path, file, form });
        }
    }
    let about = &archives[0].about;
    let version = about.versao.as_deref();
    let package = match about.checksum.as_deref() {
        Some(sha256) => kept.open(version, Some(sha256))?,
        None => None,
    };
    let slug = kept.slug.to_string();
    let package = package.ok_or(RemovalRefusal::NoTree { slug })?;
    reporter.message(Message::Warning(messages::tree_of_package(package.path())));
    Ok(OldTree::Package(Box::new(package)))
}
