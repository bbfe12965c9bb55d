//! The package of an installation: obtained into staging, then inspected from outside (archive) to inside (manifest).

use std::fs::File;
use std::path::{Path, PathBuf};

use super::Installation;
use super::before::Before;
use super::pinned::{Meant, Pinned};
use super::signature::JudgedPackage;
use crate::archive::Blacklist;
use crate::base::db::Database;
use crate::base::file_tree::FileTree;
use crate::base::fs::{FsError, replace_file};
use crate::log::{Message, Reporter};
use crate::manifest::Manifest;
use crate::model::{Bilingual, Sha256Digest};
use crate::ops::credentials::PluginCredentials;
use crate::ops::policy::{VersionFacts, admit_version};
use crate::ops::{Error, config};
use crate::outcome::Report;
use crate::package::{self, Inspected, KeptPackages, OpenedPackage, PackageError, VerifiedPackage};
use crate::registry::Installed;
use crate::resources::{self, ResourceWarning};
use crate::source::{self, Fetched};
use crate::stage::Layout;
use crate::transaction::Context;

/// A package in staging. Its SHA-256 has been compared with whatever was offered.
pub(super) struct Obtained {
    pub(super) verified: VerifiedPackage,
    pub(super) origin: String,
    pub(super) tag: Option<String>,
    /// Name of the credential that it was fetched with; a literal token is never stored.
    pub(super) credential: Option<String>,
    /// By what that credential is found again.
    pub(super) credential_reference: Option<String>,
    /// It was packed here and now of a folder.
    pub(super) is_folder: bool,
    /// What the index says of it that it came from.
    pub(super) meant: Option<Meant>,
}

/// Characters that the column `origem_referencia` takes.
const REFERENCE_LENGTH: usize = 255;

impl Installation<'_> {
    /// Steps 4 and 5. `pinned`: what an index says of the package.
    pub(super) fn obtain(
        &self,
        database: &mut Database,
        layout: &Layout,
        installed: &Installed,
        pinned: Option<&Pinned>,
    ) -> Result<Obtained, Error> {
        let mut credentials = PluginCredentials {
            site: &self.call.site,
            settings: self.settings,
            database,
            slug: Some(self.slug),
            reporter: self.reporter,
        };
        let target = layout.package();
        let fetched = match pinned {
            Some(pinned) => {
                let package = &pinned.package;
                let verified = source::fetch_pinned(self.call, self.settings, &target, package, self.reporter)?;
                Fetched::Package(verified)
            }
            None => source::fetch(
                self.call,
                self.settings,
                (&target, self.slug),
                &mut credentials,
                self.reporter,
            )?,
        };
        match fetched {
            Fetched::Package(verified) => {
                let package = verified.package();
                Ok(Obtained {
                    verified: VerifiedPackage::fetched(&verified),
                    origin: package.origin_text.clone(),
                    tag: package.resolved_tag.clone(),
                    credential: package.credential_name.clone(),
                    credential_reference: package.credential_reference.clone(),
                    is_folder: false,
                    meant: pinned.map(|pinned| pinned.meant.clone()),
                })
            }
            Fetched::Folder(folder) => self.pack(layout, &folder, installed),
        }
    }

    /// Path and SHA-256 of the package where it stands, if it is on this machine and is the installed one: then nothing has
    /// to be copied. Nothing has to be fetched either of what an index pins.
    pub(super) fn peek(&self, installed: &Installed, pinned: Option<&Pinned>) -> Option<(PathBuf, Sha256Digest)> {
        if installed.checksum.is_none() || self.call.reprocess {
            return None;
        }
        let found = match pinned {
            Some(pinned) => (PathBuf::from(&pinned.package.reference), pinned.package.sha256),
            None => source::peek(self.call)?,
        };
        self.is_unchanged(installed, found.1).then_some(found)
    }

    fn pack(&self, layout: &Layout, folder: &Path, installed: &Installed) -> Result<Obtained, Error> {
        let file = self.pack_into_staging(layout, folder, installed)?;
        Ok(Obtained {
            verified: VerifiedPackage::packed(&layout.package(), file)?,
            origin: folder.display().to_string(),
            tag: None,
            credential: None,
            credential_reference: None,
            is_folder: true,
            meant: None,
        })
    }

    pub(super) fn open(&self, package: &VerifiedPackage) -> Result<OpenedPackage, Error> {
        Ok(package::open(package, &self.call.site.limits, &self.blacklist())?)
    }

    pub(super) fn blacklist(&self) -> Blacklist {
        Blacklist::from_settings(self.settings.blacklist.as_deref())
    }

    /// The packages of the plugin that are kept.
    pub(super) fn kept<'k>(&'k self, blacklist: &'k Blacklist) -> KeptPackages<'k> {
        KeptPackages::of(&self.call.site, self.slug, blacklist)
    }

    /// Steps 7 (the check) and 8.
    pub(super) fn inspect(
        &self,
        cx: &mut Context<'_>,
        before: &Before,
        (judged, obtained): (JudgedPackage, Obtained),
        report: &mut Report,
    ) -> Result<Inspected, Error> {
        let installed = &before.installed;
        let manifest = judged.located.read_manifest(self.slug, installed.manifest.as_deref())?;
        // Also where it is refused: the history says which version was wanted.
        report.versao = Some(manifest.version.to_string());
        let (located, signature) = self.admit_signature(cx, before, (judged, manifest.version), report)?;
        if let Some(meant) = &obtained.meant {
            meant.admit(self.slug, manifest.version, &signature.judgement)?;
        }
        let warn = |warning: &dyn Bilingual| self.reporter.message(Message::warning(warning));
        let odd = located.archive().warnings(located.prefix());
        for warning in &odd {
            warn(warning);
        }
        manifest.warnings.iter().for_each(|warning| warn(warning));
        config::check_package(&located)?;
        self.admit(&manifest, installed)?;
        for warning in &check_names(located.tree().paths())? {
            warn(warning);
        }
        let Obtained {
            tag,
            origin,
            credential,
            credential_reference,
            ..
        } = obtained;
        let reference = self
            .call
            .stored_reference
            .clone()
            .unwrap_or_else(|| crate::log::redact(&origin));
        let reference = reference.chars().take(REFERENCE_LENGTH).collect();
        Ok(Inspected {
            located,
            signature: signature.judgement,
            runs_scripts: signature.runs_scripts,
            manifest,
            tag,
            reference,
            credential,
            credential_reference,
        })
    }

    fn admit(&self, manifest: &Manifest, installed: &Installed) -> Result<(), Error> {
        let gestor = self.call.site.gestor_version.as_deref();
        let excluded = gestor
            .zip(manifest.compatibility.as_ref())
            .filter(|(gestor, wanted)| !wanted.admits(gestor));
        let facts = VersionFacts {
            package: manifest.version,
            // A way back leads to older versions.
            installed: (self.wanted.is_none().then_some(installed))
                .and_then(|installed| installed.version.as_deref()?.parse().ok()),
            excluded: excluded.map(|(gestor, wanted)| (wanted.to_string(), gestor.to_owned())),
            force: self.call.force,
            reprocess: self.call.reprocess,
        };
        for passed in admit_version(facts)? {
            self.reporter.message(Message::warning(&passed));
        }
        Ok(())
    }
}

/// Whether what is to be served may be.
fn check_names(paths: &[String]) -> Result<Vec<ResourceWarning>, Error> {
    let checked = resources::check_asset_names(paths);
    let faulty = |fault| PackageError::Contents {
        data: Vec::new(),
        resources: vec![fault],
    };
    Ok(checked.map_err(faulty)?)
}

pub(super) fn create(path: &Path) -> Result<File, FsError> {
    replace_file(path, None, 0o600)
}
