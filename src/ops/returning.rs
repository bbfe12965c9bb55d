//! Where a plugin comes back from: whether it went by our hands, its archives, the backup of its tree.

use super::departing;
use super::passage::{Before, Passage};
use super::reporter::Narrator;
use crate::archive::BackupForm;
use crate::base::db::Database;
use crate::history::{self, Action};
use crate::log::{Message, Reporter};
use crate::model::Slug;
use crate::ops::{Error, PluginRefusal, messages};
use crate::package::KeptPackages;
use crate::registry;
use crate::stage::removed;
use crate::transaction::{Context, OldTree, Removed};

/// Some table knows the plugin, or did: a plugin that was purged is known by its history alone.
pub(super) fn has_been_here(database: &mut Database, slug: &Slug) -> Result<bool, Error> {
    let is_known = registry::read(database, slug)?.is_some() || registry::read_state(database, slug)?.is_some();
    Ok(is_known || history::last(database, slug)?.is_some())
}

/// The archives of what went, the one that was made first before the one that followed it.
///
/// # Errors
/// [`PluginRefusal::StillInstalled`], [`PluginRefusal::Paused`], [`PluginRefusal::NotPaused`],
/// [`PluginRefusal::NotRemoved`], [`PluginRefusal::NoArchive`].
pub(super) fn archives(
    cx: &mut Context<'_>,
    passage: &Passage<'_>,
    before: &Before,
    enables: bool,
) -> Result<Vec<Removed>, Error> {
    let slug = passage.slug.to_string();
    let state = before.known.state.as_ref();
    let is_paused = state.is_some_and(|state| state.paused_at.is_some());
    match (is_paused, enables) {
        (true, false) => return Err(PluginRefusal::Paused { slug }.into()),
        (false, true) => return Err(PluginRefusal::NotPaused { slug }.into()),
        _ if departing::is_installed(&before.known, &before.installed) => {
            return Err(PluginRefusal::StillInstalled { slug }.into());
        }
        _ => {}
    }
    let purged = history::last(&mut cx.session.database, passage.slug)?;
    let purged = purged.filter(|entry| entry.acao == Action::Uninstall.word());
    let named = state.and_then(|state| state.removed_archive.clone());
    if !is_paused && named.is_none() && purged.is_none() {
        return Err(PluginRefusal::NotRemoved { slug }.into());
    }
    let names = match named {
        Some(name) => vec![name],
        None => removed::names(passage.root, passage.slug)?,
    };
    let number = purged.map(|entry| entry.id);
    let newest = find(passage, &names, number)?.ok_or(PluginRefusal::NoArchive { slug: slug.clone() })?;
    let mut archives = vec![newest];
    while let Some(name) = archives[0].about.anterior.clone() {
        let earlier = open(passage, &name)?.ok_or(PluginRefusal::NoArchive { slug: slug.clone() })?;
        archives.insert(0, earlier);
    }
    Ok(archives)
}

/// The newest of these archives that there is; where the history tells which operation made it, that one.
fn find(passage: &Passage<'_>, names: &[String], number: Option<u64>) -> Result<Option<Removed>, Error> {
    for name in names {
        let Some(found) = open(passage, name)? else { continue };
        if names.len() == 1 || number.is_none_or(|number| found.about.historico == number) {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

fn open(passage: &Passage<'_>, name: &str) -> Result<Option<Removed>, Error> {
    let Some((path, file)) = removed::open(passage.root, passage.slug, name)? else {
        return Ok(None);
    };
    let found = Removed::read(path, file)?;
    Ok(Some(found).filter(|found| found.about.slug == passage.slug.as_str()))
}

/// The tree that went: its backup, else what the kept package brings.
///
/// # Errors
/// [`PluginRefusal::NoTree`].
pub(super) fn old_tree(
    kept: &KeptPackages<'_>,
    archives: &[Removed],
    narrator: &Narrator<'_>,
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
    let package = package.ok_or(PluginRefusal::NoTree { slug })?;
    narrator.message(Message::Warning(messages::tree_of_package(&package.path)));
    Ok(OldTree::Package(Box::new(package)))
}
