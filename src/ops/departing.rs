//! What a plugin that goes was, and what is left of it when it is gone.

use super::kept_rows::KeptPackages;
use super::known::{Known, Standing};
use super::reporter::Narrator;
use crate::base::db::Database;
use crate::base::fs::Inventory;
use crate::config::{Removal, Settings, UninstallParameters};
use crate::data;
use crate::model::{Sha256Digest, Slug, Version};
use crate::ops::{Error, PluginRefusal};
use crate::outcome::{ExecutionStatus, Leftovers, Report};
use crate::registry::{self, Installed, RegistryError};
use crate::stage;
use crate::transaction::{BaseSource, Context};

/// Installed is what our own table says; where it says nothing, what the row in `plugins` says.
pub(super) fn is_installed(known: &Known, installed: &Installed) -> bool {
    match &known.state {
        Some(state) => state.point.is_some(),
        None => installed.version.is_some(),
    }
}

/// Where it is known from which rows the plugin's packages brought. `has_base`: something of that is recorded.
///
/// # Errors
/// [`PluginRefusal::Unrecorded`] where nobody knows: then no row may be deleted.
pub(super) fn base_source(
    (call, settings): (&UninstallParameters, &Settings),
    slug: &Slug,
    (known, has_base): (&Known, bool),
    installed: &Installed,
    narrator: &Narrator<'_>,
) -> Result<BaseSource, Error> {
    let is_recorded = match known.standing {
        Standing::Ours | Standing::Replaced => true,
        Standing::Unrecorded => has_base,
        Standing::External => false,
    };
    if is_recorded {
        return Ok(BaseSource::Recorded);
    }
    let version = installed.version.clone().unwrap_or_default();
    let unrecorded = || PluginRefusal::Unrecorded {
        slug: slug.to_string(),
        version: version.clone(),
    };
    let checksum = installed.checksum.as_deref();
    let checksum = checksum.and_then(|text| text.parse::<Sha256Digest>().ok());
    let number = version.parse::<Version>().ok();
    let (number, checksum) = number.zip(checksum).ok_or_else(unrecorded)?;
    stage::kept::find_package(&call.root, slug, number, checksum)?.ok_or_else(unrecorded)?;
    let kept = KeptPackages {
        root: &call.root,
        slug,
        limits: &call.limits,
        settings,
        narrator,
    };
    let rows = kept.rows(&version)?.ok_or_else(unrecorded)?;
    Ok(BaseSource::Package(rows))
}

/// A status that says that the plugin is being uninstalled says that this failed; another one stays.
pub(super) fn clear_status(database: &mut Database, slug: &Slug, before: &Installed) -> Result<(), RegistryError> {
    let found = registry::read(database, slug)?.unwrap_or_default();
    if found.status == ExecutionStatus::Uninstalling.word() && before.is_known() {
        registry::mark_failed(database, slug)?;
    }
    Ok(())
}

/// What is left of a plugin that is gone, counted and named.
///
/// # Errors
/// [`PluginRefusal::LeftBehind`] where everything was to go and something is left. What is done stays done.
pub(super) fn prove(cx: &mut Context<'_>, (slug, removal): (&Slug, Removal), report: &mut Report) -> Result<(), Error> {
    let database = &mut cx.session.database;
    let counted: u64 = data::count_rows(database, slug)?.values().sum();
    let tree = cx.site.root.installed(slug);
    let files = Inventory::of(&tree).map_or(0, |found| found.items().len() as u64);
    let kept = report.restantes.iter().filter(|row| row.motivo == "projeto").count() as u64;
    let found = Leftovers {
        linhas: counted.saturating_sub(kept),
        arquivos: files,
        tabelas: registry::migration_log(database, slug)?.into_iter().collect(),
    };
    let is_clean = found == Leftovers::default();
    report.sobras = Some(found);
    if removal == Removal::Purge && !is_clean {
        let slug = slug.to_string();
        return Err(PluginRefusal::LeftBehind { slug }.into());
    }
    Ok(())
}
