//! `reparar`: the package that is installed is put back as it is kept: its tree, migrations that are not applied, and with
//! `estrito` its rows, as `reprocessar` does. The log of migrations is made anew, as the history tells them. Hooks without a module go; the gestor registers those that there are.

use super::PluginOverview;
use super::findings::Findings;
use crate::base::db::Database;
use crate::base::fs::is_folder;
use crate::config::{InstallParameters, Settings, VerifyParameters};
use crate::model::Slug;
use crate::ops::index_words::IndexWords;
use crate::ops::install::{self, Repair};
use crate::ops::reporter::OperationReporter;
use crate::ops::{Error, PluginRefusal, made};
use crate::outcome::Report;
use crate::package::KeptPackages;
use crate::registry;

/// Repairs what was found.
pub(super) fn repair(
    (call, settings, words): (&VerifyParameters, &Settings, &IndexWords<'_>),
    (slug, known, findings): (&Slug, &PluginOverview, &Findings),
    kept: &KeptPackages<'_>,
    (database, reporter): (&mut Database, &OperationReporter<'_>),
) -> Result<(), Error> {
    if let Some(lost) = made::lost_log(database, slug)? {
        registry::note_migrations(database, &lost.table, &lost.migrations)?;
    }
    if findings.wants_package(call.strict) {
        let package = kept.open(known.version(), known.sha256())?;
        let package = package.ok_or_else(|| PluginRefusal::NotKept {
            slug: slug.to_string(),
            version: known.version().unwrap_or_default().to_owned(),
        })?;
        let installed = known.installed.as_ref();
        let parameters = InstallParameters::of_repair(
            call,
            settings,
            (slug.as_str(), known.sha256()),
            package.path().to_owned(),
        );
        let repair = Repair {
            rows: call.strict && findings.linhas.count() > 0,
            migrations: findings.migrations().next().is_some(),
            origin: installed.and_then(|row| row.origin.clone()),
            is_whole: installed.is_none_or(|row| row.checksum.is_some() || row.version.is_none()),
        };
        let mut report = Report::new(slug.as_str());
        install::repair(&parameters, settings, (slug, &repair, words), reporter, &mut report)?;
    }
    for hook in &registry::hooks(database, slug)? {
        if !is_folder(&call.site.root.installed(slug).join("modules").join(&hook.module)) {
            registry::remove_hook(database, slug, hook)?;
        }
    }
    Ok(())
}
