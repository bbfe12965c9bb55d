//! The tree that stands here, compared with what the database says: whether a package is the installed one, and what is
//! said where tree and rows are of different packages.

use super::Installation;
use crate::log::{Message, Reporter};
use crate::manifest;
use crate::model::Sha256Digest;
use crate::ops::{Error, events};
use crate::outcome::{ExecutionStatus, Report};
use crate::registry::{self, Installed};
use crate::stage;
use crate::transaction::Session;

/// What the tree says of itself.
struct InstalledTree {
    manifest: String,
    package: Option<Sha256Digest>,
}

impl InstalledTree {
    /// By its manifest, and where we noted of which package it is made, by that. A tree that an earlier release put there
    /// has no note.
    fn is_of(&self, installed: &Installed) -> bool {
        let noted = self.package.map(|package| package.to_string());
        let is_noted = match (noted, &installed.checksum) {
            (Some(noted), Some(recorded)) => noted == *recorded,
            _ => true,
        };
        is_noted && Some(self.manifest.as_str()) == installed.manifest.as_deref()
    }

    fn version(&self) -> Option<String> {
        let manifest: serde_json::Value = serde_json::from_str(&self.manifest).ok()?;
        let version = manifest.get("version").or_else(|| manifest.get("versao"))?;
        version.as_str().map(str::to_owned)
    }
}

impl Installation<'_> {
    fn standing(&self) -> Option<InstalledTree> {
        let manifest = stage::installed_text(&self.call.site.root, self.slug, manifest::FILE_NAME)?;
        Some(InstalledTree {
            manifest: manifest.trim_start_matches('\u{feff}').to_owned(),
            package: stage::installed_package(&self.call.site.root, self.slug),
        })
    }

    /// Step 6. An installation that left a part out recorded no checksum, so the next plain call is never unchanged. Nor
    /// is one whose tree is of another package: several servers and several databases may share what the other is made of.
    pub(super) fn is_unchanged(&self, installed: &Installed, package: Sha256Digest) -> bool {
        let same = installed.checksum.as_deref() == Some(package.to_string().as_str());
        let is_whole = same && installed.version.is_some() && !self.call.reprocess;
        is_whole && self.standing().is_some_and(|tree| tree.is_of(installed))
    }

    /// A tree of another package than the rows is said: a database of another domain changed it, a dump was restored,
    /// the server lost its last commits. This call, if it succeeds, makes them one again.
    pub(super) fn tell_standing(&self, session: &Session, installed: &Installed, package: Sha256Digest) {
        let Some(tree) = self.standing() else { return };
        let differs = match installed.version {
            Some(_) => !tree.is_of(installed),
            // This database does not know the plugin, and the tree is another's.
            None => tree.package.is_some_and(|noted| noted != package),
        };
        if differs {
            self.reporter.message(Message::TreeDiffers {
                found: tree.version(),
                recorded: installed.version.clone(),
                database: session.database.name().to_owned(),
            });
        }
    }

    pub(super) fn leave_unchanged(
        &self,
        session: &mut Session,
        report: &mut Report,
        installed: &Installed,
    ) -> Result<(), Error> {
        report.inalterado = true;
        report.versao.clone_from(&installed.version);
        if !self.call.dry_run {
            let is_marked = !self.call.origin.is_remote() && installed.status == ExecutionStatus::Ok.word();
            if !is_marked {
                registry::set_status(&mut session.database, installed, ExecutionStatus::Ok)?;
            }
            stage::clear(&self.call.site.root, self.slug)?;
            if self.wanted.is_none() {
                let counted = (&self.call.site, self.slug);
                events::unchanged(&mut session.database, counted, installed, self.reporter);
            }
        }
        self.reporter.message(Message::Unchanged);
        Ok(())
    }
}
