//! `plugin_export`: what the database has as one file, a lock file and the packages that it names (SPEC 2 §10), for
//! `plugin_install_many` of another site. Holds no lock: packages never change, and each is held against its SHA-256.

use std::path::Path;
use std::time::Instant;

use serde_json::json;

use super::caller::{Caller, Outcome};
use super::definition::{CommandOption, Definition, Effect, Gives, Request};
use super::look;
use super::reporter::OperationReporter;
use crate::archive::Blacklist;
use crate::base::clock::Clock;
use crate::base::db::Database;
use crate::config::parameter::{ROOT, SET};
use crate::config::{ExportParameters, Settings, Site};
use crate::dependencies::{LockFile, Locked};
use crate::log::{Message, Reporter as _};
use crate::model::{Phrase, Slug};
use crate::ops::Error;
use crate::package::{KeptPackages, SetError, VerifiedPackage, write_set};
use crate::transaction::lock_file_of;

/// What it is to those who offer it.
pub(super) static DEFINITION: Definition = Definition {
    word: "export",
    function: "plugin_export",
    options: &[CommandOption {
        name: "exportar",
        implies: &[],
        help: Phrase::new(
            "gravar os plugins deste banco num conjunto, para outro site: --exportar=<conjunto.zip>, com o arquivo de bloqueio e os pacotes",
            "write the plugins of this database to a set, for another site: --exportar=<set.zip>, with the lock file and the packages",
        ),
    }],
    takes: ExportParameters::TAKES,
    requires: &[ROOT, SET],
    gives: Gives::Code,
    reports: &["PluginExportReport"],
    summary: Phrase::new(
        "Grava num arquivo novo os plugins instalados e ativos: o que plugins.lock.json diz, e o pacote de cada um. Nada de dados do site, nem credenciais. plugin_install_many() com `conjunto` os instala em outro site.",
        "Writes the plugins that are installed and active to a new file: what plugins.lock.json says, and the package of each. No data of the site, no credentials. plugin_install_many() with `conjunto` installs them on another site.",
    ),
    read: |given, settings| Ok(Box::new(ExportParameters::read(given, settings)?)),
};

impl Request for ExportParameters {
    fn site(&self) -> &Site {
        &self.site
    }

    fn site_mut(&mut self) -> &mut Site {
        &mut self.site
    }

    fn paths(&self) -> Vec<(&'static str, &Path)> {
        vec![(SET.name, &self.file)]
    }

    fn effect(&self) -> Effect {
        Effect::Changes
    }

    fn carry_out(&self, settings: &Settings, caller: &Caller, clock: &dyn Clock) -> Outcome {
        export(self, settings, caller, clock)
    }
}

fn export(call: &ExportParameters, settings: &Settings, caller: &Caller, clock: &dyn Clock) -> Outcome {
    let started = Instant::now();
    let reporter = OperationReporter::new(caller, clock, "", call.site.lang);
    let mut exported = Vec::new();
    let ended = gathered(call, settings, &reporter).and_then(|(lock, packages)| {
        write_set(&call.file, &lock, &packages)?;
        exported = packages;
        Ok(())
    });
    let shown = |(one, package): &(Locked, VerifiedPackage)| {
        json!({
            "slug": one.slug.as_str(),
            "versao": one.version.to_string(),
            "sha256": one.sha256.to_string(),
            "bytes": package.length().unwrap_or_default(),
        })
    };
    let mut report = look::one("conjunto", ended.is_ok().then(|| call.file.display().to_string()));
    report.insert("plugins".to_owned(), exported.iter().map(shown).collect());
    look::answer(report, ended, &reporter, started)
}

/// What goes into the set.
type Gathered = (LockFile, Vec<(Locked, VerifiedPackage)>);

/// The lock file, and the kept package of each plugin that it names.
fn gathered(call: &ExportParameters, settings: &Settings, reporter: &OperationReporter<'_>) -> Result<Gathered, Error> {
    let mut database = look::connect(&call.site.root, call.site.database.as_ref())?;
    let lock = lock_file_of(&mut database, call.site.gestor_version.as_deref())?;
    let locked = lock.locked().map_err(|source| SetError::Lock {
        path: call.file.clone(),
        source,
    })?;
    for left in left_out(&mut database, &locked)? {
        reporter.message(Message::Warning(not_exported(&left)));
    }
    let blacklist = Blacklist::from_settings(settings.blacklist.as_deref());
    let (mut packages, mut missing) = (Vec::new(), Vec::new());
    for one in locked {
        let kept = KeptPackages::of(&call.site, &one.slug, &blacklist);
        match kept.find_package_or_upload(one.version, one.sha256)? {
            Some(package) => packages.push((one, package)),
            None => missing.push(format!("{} {}", one.slug, one.version)),
        }
    }
    if missing.is_empty() {
        return Ok((lock, packages));
    }
    Err(SetError::NotKept { plugins: missing }.into())
}

/// Plugins that the database knows and the lock file does not name: paused ones, and those that we did not install.
fn left_out(database: &mut Database, locked: &[Locked]) -> Result<Vec<Slug>, Error> {
    let is_left = |slug: &Slug| locked.iter().all(|one| one.slug != *slug);
    let known = look::plugins(database)?.into_iter().map(|(slug, _)| slug);
    Ok(known.filter(is_left).collect())
}

/// A plugin that a set does not have.
fn not_exported(slug: &Slug) -> Phrase {
    Phrase::made(
        format!("{slug} não está no conjunto: está pausado, ou não se sabe de que pacote foi instalado"),
        format!("{slug} is not in the set: it is paused, or it is not known of which package it was installed"),
    )
}
