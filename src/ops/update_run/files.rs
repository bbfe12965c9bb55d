//! What is gone of the files of this server is put back, and what another server has installed is brought here: the same
//! bytes that the database names, whatever the policy says. A core update may empty all trees; several servers share one
//! database.

use std::path::Path;

use super::Run;
use super::calls::{is_passing, text};
use super::subject::Subject;
use crate::archive::Blacklist;
use crate::base::db::Database;
use crate::base::fs::{FsError, file_names, folder_names, is_folder};
use crate::config::Argument;
use crate::log::{Message, Reporter};
use crate::model::Slug;
use crate::ops::caller::Outcome;
use crate::ops::look::{self, PluginOverview};
use crate::ops::{Error, install, recover, verify};
use crate::outcome::ExitCode;
use crate::package::KeptPackages;
use crate::registry;
use crate::stage;
use crate::stage::assets::AssetRecord;
use crate::transaction::Sharing;
use crate::updates::{Candidate, Standing};

/// How files came back, for the report.
const PUT_BACK: &str = "reposto";
const BROUGHT: &str = "trazido";
const RECOVERED: &str = "recuperado";

impl Run<'_> {
    /// Ends what killed operations left on this server: a site does not stand between two versions until a person comes.
    pub(super) fn end_interrupted(&self, wanted: Option<&Slug>) -> Result<(), Error> {
        for slug in stage::pending(&self.call.site.root)? {
            if wanted.is_some_and(|wanted| *wanted != slug) || !self.has_time() {
                continue;
            }
            // One that still runs is not waited for.
            let given = vec![("slug", text(slug.as_str())), ("espera_lock", Argument::Int(0))];
            let outcome = self.call(&recover::DEFINITION, given);
            if is_passing(outcome.code) {
                continue;
            }
            let is_back = outcome.code == ExitCode::Ok;
            self.account
                .borrow_mut()
                .note_put_back(&slug, RECOVERED, (is_back, &outcome));
        }
        Ok(())
    }

    /// Puts back what is gone; `wanted`: of that plugin alone.
    pub(super) fn put_files_back(&self, database: &mut Database, wanted: Option<&Slug>) -> Result<(), Error> {
        for (slug, _) in look::plugins(database)? {
            if wanted.is_some_and(|wanted| *wanted != slug) || !self.has_time() {
                continue;
            }
            let done = self.put_one_back(database, &slug);
            self.of_one(done)?;
        }
        Ok(())
    }

    fn put_one_back(&self, database: &mut Database, slug: &Slug) -> Result<(), Error> {
        let known = PluginOverview::read(database, &self.call.site.root, slug, self.reporter)?;
        if known.is_installed() && !known.is_paused() && self.lacks(database, slug, &known)? {
            self.put_back(database, slug, &known)?;
        }
        Ok(())
    }

    /// Whether the tree is gone, or files that it publishes, or it is of another package than the database says. What a dump
    /// from another day, or another database of the tree, explains is for a person to decide.
    fn lacks(&self, database: &mut Database, slug: &Slug, known: &PluginOverview) -> Result<bool, Error> {
        let root = &self.call.site.root;
        let Some(recorded) = known.installed.as_ref().and_then(|row| row.checksum.as_deref()) else {
            return Ok(false);
        };
        let standing = stage::installed_package(root, slug).map(|digest| digest.to_string());
        let is_gone = !has_files(&root.installed(slug));
        let is_other = standing.is_some_and(|standing| standing != recorded);
        if !is_gone && !is_other && self.has_assets(slug)? {
            return Ok(false);
        }
        let sharing = Sharing::read(database, root)?;
        let found = look::contradictions(&sharing, root, slug, known);
        let is_explained = |found: &String| found == "banco_restaurado" || found == "atrasada";
        Ok(!found.iter().any(is_explained))
    }

    /// Whether what it publishes is there.
    fn has_assets(&self, slug: &Slug) -> Result<bool, Error> {
        let root = &self.call.site.root;
        Ok(AssetRecord::read(root, slug, stage::owner(root)?).stands(root))
    }

    fn put_back(&self, database: &mut Database, slug: &Slug, known: &PluginOverview) -> Result<(), Error> {
        let blacklist = Blacklist::from_settings(self.settings.blacklist.as_deref());
        let kept = KeptPackages::of(&self.call.site, slug, &blacklist);
        let is_kept = kept.find(known.version(), known.sha256())?.is_some();
        let (outcome, how) = if is_kept {
            let given = vec![("slug", text(slug.as_str())), ("reparar", Argument::Bool(true))];
            (self.call(&verify::DEFINITION, given), PUT_BACK)
        } else {
            match self.fetch_again(database, slug, known)? {
                Some(outcome) => (outcome, BROUGHT),
                None => return Ok(()),
            }
        };
        let is_back = stage::installed_package(&self.call.site.root, slug).map(|digest| digest.to_string());
        let is_back = is_back.as_deref() == known.sha256()
            && has_files(&self.call.site.root.installed(slug))
            && self.has_assets(slug)?;
        if !is_back {
            let errors = outcome.report.get("erros").and_then(|errors| errors.get(0)?.as_str());
            let told = crate::ops::update_messages::not_put_back(slug, errors.unwrap_or_default());
            self.reporter.message(Message::Warning(told));
        }
        self.account.borrow_mut().note_put_back(slug, how, (is_back, &outcome));
        Ok(())
    }

    /// The very package that the database names, from where it came from.
    fn fetch_again(
        &self,
        database: &mut Database,
        slug: &Slug,
        known: &PluginOverview,
    ) -> Result<Option<Outcome>, Error> {
        let version = known.version().and_then(|text| text.parse().ok());
        let digest = known.sha256().and_then(|text| text.parse().ok());
        let (Some(version), Some(digest)) = (version, digest) else {
            return Ok(None);
        };
        let target = Candidate {
            sha256: Some(digest),
            tag: known.installed.as_ref().and_then(|row| row.tag.clone()),
            ..Candidate::of(version)
        };
        let mut origin = registry::recorded_origin(database, slug)?;
        if known.state.as_ref().is_some_and(|state| state.token.is_some()) {
            origin.credential = None;
        }
        let subject = Subject::bare(slug.clone(), version, (origin, Standing::default()));
        let given = Self::from_its_origin(&subject, &target);
        Ok(given.map(|given| self.call(&install::DEFINITION, given)))
    }
}

/// Whether a tree has anything in it.
fn has_files(tree: &Path) -> bool {
    let is_empty = |names: Result<Vec<String>, FsError>| names.is_ok_and(|names| names.is_empty());
    is_folder(tree) && !(is_empty(file_names(tree)) && is_empty(folder_names(tree)))
}
