//! Whether the scripts of a package run, by which PHP, and what they must be when they do (SPEC 2 §8). Before anything is
//! changed.

use std::collections::BTreeMap;

use super::Installation;
use super::before::Before;
use crate::base::file_tree::FileTree;
use crate::base::hash;
use crate::config::{Origin, ScriptRules, Scripts, Settings, Site};
use crate::history::Action;
use crate::log::{Message, Reporter};
use crate::model::Secret;
use crate::ops::Error;
use crate::outcome::ReportedScript;
use crate::package::{Inspected, PackageError};
use crate::scripts::{PendingScript, PendingScripts, Php, not_run, read, still_left, struck_out};
use crate::stage;
use crate::transaction::WantedScripts;

/// Scripts that will run.
pub(super) struct AdmittedScripts {
    php: Php,
    scripts: Vec<PendingScript>,
}

impl AdmittedScripts {
    /// As a transaction wants them.
    pub(super) fn wanted(&self) -> WantedScripts<'_> {
        WantedScripts {
            php: &self.php,
            scripts: self.scripts.clone(),
        }
    }

    /// As a dry run shows them.
    pub(super) fn shown(&self) -> Vec<ReportedScript> {
        let one = |script: &PendingScript| ReportedScript {
            nome: script.script.clone(),
            codigo: None,
            ms: 0,
            saida: String::new(),
        };
        self.scripts.iter().map(one).collect()
    }
}

impl Installation<'_> {
    /// Tells of scripts that are left of what is installed, where it stays as it is.
    pub(super) fn tell_left(&self, before: &Before) {
        if let Some(left) = left(before) {
            self.reporter.message(Message::Warning(still_left(&left.shown())));
        }
    }

    /// The scripts that will run; those that will not are told of.
    ///
    /// # Errors
    /// There is no PHP that could run them.
    pub(super) fn admit_scripts(&self, before: &Before, package: &Inspected) -> Result<Option<AdmittedScripts>, Error> {
        let entries = &package.manifest.scripts;
        let sha256 = package.located.sha256().to_string();
        let left = left(before).filter(|_| before.installed.checksum.as_ref() != Some(&sha256));
        if let Some(left) = left {
            self.reporter.message(Message::Warning(struck_out(&left.shown())));
        }
        let action = self.action(&before.installed, Some(&sha256));
        let may_run = match action {
            Action::Install | Action::Update => {
                let rules = &self.call.scripts;
                rules.scripts == Scripts::Run || (package.runs_scripts && !rules.is_declined)
            }
            Action::Reprocess => self.call.scripts.is_asked,
            // What goes back, or is put back, has run them before.
            _ => return Ok(None),
        };
        if entries.is_empty() {
            return Ok(None);
        }
        let parts = self.call.parts;
        if !may_run || parts.only_migrations || parts.only_resources {
            let names = entries.iter().map(|entry| entry.script.path.as_str());
            self.reporter.message(Message::Warning(not_run(names)));
            return Ok(None);
        }
        let mut digests = BTreeMap::new();
        let mut scripts = Vec::with_capacity(entries.len());
        for entry in entries {
            let path = entry.script.path.as_str();
            if !digests.contains_key(path) {
                digests.insert(path, digest(package, path)?);
            }
            let sha256 = digests.get(path).cloned().unwrap_or_default();
            scripts.push(PendingScript::new(&entry.script, sha256));
        }
        let mut secrets = self.settings.tokens.iter().map(|(_, token)| token.clone()).collect();
        if let Origin::Github(github) = &self.call.origin {
            Vec::extend(&mut secrets, github.credential.clone());
        }
        let php = php(&self.call.site, &self.call.scripts, self.settings, secrets)?;
        Ok(Some(AdmittedScripts { php, scripts }))
    }
}

/// What is left of the scripts of what is installed.
fn left(before: &Before) -> Option<PendingScripts> {
    let state = before.known.state.as_ref();
    read(state.and_then(|state| state.pending.as_deref()))
}

fn digest(package: &Inspected, path: &str) -> Result<String, Error> {
    let read = package.located.tree().read(path);
    let bytes = read.map_err(|fault| PackageError::unreadable(path, fault))?;
    Ok(hash::sha256(&bytes.unwrap_or_default()).to_string())
}

/// The PHP that runs the scripts of a site. `secrets`: what nobody is to read in what they write, besides the database's
/// password.
pub(in crate::ops) fn php(
    site: &Site,
    rules: &ScriptRules,
    settings: &Settings,
    mut secrets: Vec<Secret>,
) -> Result<Php, Error> {
    secrets.extend(site.database.as_ref().map(|database| database.password.clone()));
    let owner = stage::owner(&site.root)?;
    let said = rules.php.as_deref().or(settings.own_php.as_deref());
    let reach = site.reach.folders.is_some().then(|| site.reach.text());
    let environment = settings.script_environment.clone();
    Ok(Php::find(
        said,
        environment,
        (reach, secrets),
        (owner.uid(), owner.gid()),
    )?)
}
