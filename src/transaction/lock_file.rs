//! The lock file (SPEC 2 §7): after each commit, what the database has is written to `backups/plugins/plugins.lock.json`, by
//! recovery as well. The list is never a reason to fail: what goes wrong is told.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::{Context, TransactionError, messages};
use crate::base::db::Database;
use crate::base::fs::Holder;
use crate::dependencies::{LOCK_BYTES, LockFile, LockedDependency, LockedOrigin, LockedPlugin};
use crate::history;
use crate::log::{Message, redact};
use crate::manifest;
use crate::model::{GestorRoot, Sha256Digest, Slug};
use crate::registry::{self, Listed, State};
use crate::stage::{bases, lock_file};

/// Digits of an identity by which the file of another database of the tree is named.
const DIGITS: usize = 8;

/// Writes it.
pub(super) fn write(cx: &mut Context<'_>) {
    let holder = Holder::this_process(cx.reporter.clock().now().to_rfc3339());
    let (root, gestor) = (cx.site.root, cx.site.gestor_version);
    let database = &mut cx.session.database;
    let written = lock_file::write::<TransactionError>(root, &holder, || made(database, root, gestor));
    if let Err(fault) = written {
        let told = messages::lock_not_written(&root.plugins_lock(None), &fault);
        cx.reporter.message(Message::Warning(told));
    }
}

/// What the database has.
///
/// # Errors
/// What the database says.
pub fn lock_file_of(database: &mut Database, gestor: Option<&str>) -> Result<LockFile, TransactionError> {
    let identity = registry::identify(database)?.map(|found| found.identity);
    Ok(LockFile::new(identity, gestor.map(str::to_owned), plugins(database)?))
}

/// The file of this database, and what stands in it.
fn made(
    database: &mut Database,
    root: &GestorRoot,
    gestor: Option<&str>,
) -> Result<(PathBuf, Vec<u8>), TransactionError> {
    let identity = registry::identify(database)?.map(|found| found.identity);
    let path = path(root, identity.as_deref());
    let before = lock_file::read(root, &path, LOCK_BYTES).and_then(|bytes| LockFile::parse(&bytes).ok());
    // Recovery is not told which gestor it is.
    let gestor = gestor
        .map(str::to_owned)
        .or_else(|| before.filter(|before| before.base == identity)?.gestor);
    let file = LockFile::new(identity, gestor, plugins(database)?);
    Ok((path, file.to_bytes()))
}

/// The plain name is that of the database that took it first; another one of the same tree has a file of its own.
fn path(root: &GestorRoot, identity: Option<&str>) -> PathBuf {
    let plain = root.plugins_lock(None);
    let Some(identity) = identity else { return plain };
    let first = lock_file::read(root, &plain, LOCK_BYTES)
        .and_then(|bytes| LockFile::parse(&bytes).ok())
        .and_then(|first| first.base);
    match first {
        Some(first) if first != identity && bases::read(root).0.knows(&first) => {
            let digits: String = identity.chars().take(DIGITS).collect();
            root.plugins_lock(Some(&digits))
        }
        _ => plain,
    }
}

/// What is installed and active, under the names by which we know it.
fn plugins(database: &mut Database) -> Result<Vec<LockedPlugin>, TransactionError> {
    let (rows, states) = (registry::list(database)?, registry::read_states(database)?);
    let mut found = BTreeMap::new();
    for row in &rows {
        let state = row.state(&states);
        let name = state.map_or(row.slug.as_str(), |state| state.slug.as_str());
        let Ok(slug) = Slug::normalize(name) else { continue };
        if let Some(plugin) = plugin(database, (&slug, row), state)? {
            found.entry(slug).or_insert(plugin);
        }
    }
    Ok(found.into_values().collect())
}

/// A plugin as its row tells of it: another installer may have exchanged it since our point. What was installed in part has
/// its package's digest in the history alone.
fn plugin(
    database: &mut Database,
    (slug, row): (&Slug, &Listed),
    state: Option<&State>,
) -> Result<Option<LockedPlugin>, TransactionError> {
    if state.is_some_and(|state| !state.is_untouched() && (state.is_paused() || state.point.is_none())) {
        return Ok(None);
    }
    let entry = match (&row.checksum, state.and_then(|state| state.point)) {
        (None, Some(point)) => history::entry(database, point)?,
        _ => None,
    };
    let (of_point, checksum) = entry.map_or((None, None), |entry| (entry.versao_para, entry.checksum));
    let version = row.version.clone().or(of_point);
    let checksum = row.checksum.clone().or(checksum);
    let Some((versao, sha256)) = version.zip(checksum.filter(|text| text.parse::<Sha256Digest>().is_ok())) else {
        return Ok(None);
    };
    let needs = row
        .manifest
        .as_deref()
        .map(|text| manifest::dependencies_of(text, slug).0);
    let needs = needs.into_iter().flatten().map(|need| LockedDependency {
        id: need.on.to_string(),
        faixa: need.range.to_string(),
        opcional: need.optional,
    });
    Ok(Some(LockedPlugin {
        slug: slug.to_string(),
        versao,
        sha256,
        origem: LockedOrigin {
            tipo: row.origin.clone(),
            referencia: row.reference.as_deref().map(redact),
        },
        dependencias: needs.collect(),
    }))
}
