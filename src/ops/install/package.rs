//! The package of an installation: obtained into staging, then inspected from outside (archive) to inside (manifest).

use std::fs::File;
use std::ops::ControlFlow;
use std::path::Path;

use super::rows::PackageRows;
use super::{Installation, story};
use crate::Error;
use crate::archive::{Archive, ArchiveTree, Blacklist, check_magic};
use crate::base::file_tree::FileTree;
use crate::base::fs::{Attempt, FsError, replace_file};
use crate::base::hash::sha256_file;
use crate::log::{Message, Reporter, Step};
use crate::manifest::{self, Manifest};
use crate::model::Sha256Digest;
use crate::ops::policy::{VersionFacts, admit_version};
use crate::outcome::Report;
use crate::registry::Installed;
use crate::resources::PackageContents;
use crate::source::{self, Fetched};
use crate::stage::Layout;

/// A package in staging. Its SHA-256 has been compared with whatever was offered.
pub(super) struct Obtained {
    pub(super) sha256: Sha256Digest,
    pub(super) origin: String,
    pub(super) tag: Option<String>,
    /// Name of the credential that it was fetched with; a literal token is never stored.
    pub(super) credential: Option<String>,
}

/// A package of which every header, the manifest and the version have been looked at.
pub(super) struct Inspected {
    pub(super) sha256: Sha256Digest,
    pub(super) archive: Archive,
    pub(super) prefix: String,
    pub(super) tree: ArchiveTree,
    pub(super) manifest: Manifest,
    pub(super) contents: PackageContents,
    pub(super) tag: Option<String>,
    /// What is recorded as `origem_referencia`.
    pub(super) reference: String,
    /// What is recorded as `origem_credencial_ref`.
    pub(super) credential: Option<String>,
}

/// Characters that the column `origem_referencia` takes.
const REFERENCE_LENGTH: usize = 255;

impl Installation<'_> {
    /// Steps 4 and 5.
    pub(super) fn obtain(&self, layout: &Layout, installed: &Installed) -> Result<Obtained, Error> {
        let fetched = source::fetch(self.call, self.settings, &layout.staging(), self.slug, self.narrator)?;
        match fetched {
            Fetched::Package(verified) => {
                let package = verified.package();
                Ok(Obtained {
                    sha256: package.sha256,
                    origin: package.origin_text.clone(),
                    tag: package.resolved_tag.clone(),
                    credential: package.stored_reference.clone(),
                })
            }
            Fetched::Folder(folder) => self.pack(layout, &folder, installed),
        }
    }

    /// The package where it stands, if it is on this machine and is the installed one: then nothing has to be copied.
    pub(super) fn peek(&self, installed: &Installed) -> Option<Obtained> {
        if installed.checksum.is_none() || self.call.reprocess {
            return None;
        }
        let (sha256, path) = source::peek(self.call)?;
        let found = Obtained {
            sha256,
            origin: path.to_string_lossy().into_owned(),
            tag: None,
            credential: None,
        };
        self.is_unchanged(installed, &found).then_some(found)
    }

    fn pack(&self, layout: &Layout, folder: &Path, installed: &Installed) -> Result<Obtained, Error> {
        self.pack_into_staging(layout, folder, installed)?;
        let path = layout.package();
        let (sha256, _) = sha256_file(&path).map_err(|fault| FsError::new(Attempt::Read, &path, fault))?;
        Ok(Obtained {
            sha256,
            origin: folder.display().to_string(),
            tag: None,
            credential: None,
        })
    }

    pub(super) fn open(&self, path: &Path) -> Result<Archive, Error> {
        let file = File::open(path).map_err(|fault| FsError::new(Attempt::Read, path, fault))?;
        check_magic(&file, &self.call.limits)?;
        let blacklist = Blacklist::from_settings(self.settings.blacklist.as_deref());
        Ok(Archive::open(file, &self.call.limits, &blacklist)?)
    }

    /// Steps 7 to 9: what the package is, and the rows that it brings.
    pub(super) fn examine(
        &self,
        layout: &Layout,
        obtained: Obtained,
        installed: &Installed,
        report: &mut Report,
    ) -> Result<(Inspected, PackageRows), Error> {
        self.narrator.begin(Step::Inspect)?;
        let archive = self.open(&layout.package())?;
        let examined = self
            .examine_contents(archive.clone(), obtained, installed, report)
            .map_err(|fault| self.blame(&archive, fault))?;
        if self.call.dry_run {
            // An installation reads all of it as it unpacks.
            archive.verify(&|_, _| ControlFlow::Continue(()))?;
        }
        Ok(examined)
    }

    fn examine_contents(
        &self,
        archive: Archive,
        obtained: Obtained,
        installed: &Installed,
        report: &mut Report,
    ) -> Result<(Inspected, PackageRows), Error> {
        let package = self.inspect(archive, obtained, installed)?;
        story::inspected(report, self.narrator, &package);
        let rows = self.read_rows(&package, installed.version.as_deref())?;
        Ok((package, rows))
    }

    /// Whose fault it is that a package cannot be installed. What a damaged one says is not its author's word: damage
    /// counts before anything that is wrong with its contents, wherever either stands.
    pub(super) fn blame(&self, archive: &Archive, fault: Error) -> Error {
        let is_of_contents = matches!(
            fault,
            Error::Manifest(_) | Error::Version(_) | Error::Contents { .. } | Error::Data(_)
        );
        if !is_of_contents || !self.narrator.is_wanted() {
            return fault;
        }
        match archive.verify(&|_, _| ControlFlow::Continue(())) {
            Ok(()) => fault,
            Err(damage) => damage.into(),
        }
    }

    /// Steps 7 (the check) and 8.
    fn inspect(&self, archive: Archive, obtained: Obtained, installed: &Installed) -> Result<Inspected, Error> {
        let whole = archive.tree("");
        let root = manifest::locate(&whole, self.slug)?;
        let bytes = manifest::read(&whole, &root)?;
        let manifest = manifest::parse(&bytes, &root.manifest_path, self.slug, installed.manifest.as_deref())?;
        let warn = |text: String| self.narrator.message(Message::Warning(text));
        archive
            .warnings(&root.prefix)
            .iter()
            .for_each(|warning| warn(warning.to_string()));
        manifest.warnings.iter().for_each(|warning| warn(warning.to_string()));
        self.admit(&manifest, installed)?;
        let tree = archive.tree(&root.prefix);
        let contents = PackageContents::of(tree.paths());
        let Obtained {
            sha256,
            tag,
            origin,
            credential,
        } = obtained;
        let reference = self
            .call
            .stored_reference
            .clone()
            .unwrap_or_else(|| crate::log::redact(&origin));
        let reference = reference.chars().take(REFERENCE_LENGTH).collect();
        Ok(Inspected {
            sha256,
            archive,
            prefix: root.prefix,
            tree,
            manifest,
            contents,
            tag,
            reference,
            credential,
        })
    }

    fn admit(&self, manifest: &Manifest, installed: &Installed) -> Result<(), Error> {
        let gestor = self.call.gestor_version.as_deref();
        let excluded = gestor
            .zip(manifest.compatibility.as_ref())
            .filter(|(gestor, wanted)| !wanted.admits(gestor));
        let facts = VersionFacts {
            package: manifest.version,
            installed: installed.version.as_deref().and_then(|text| text.parse().ok()),
            excluded: excluded.map(|(gestor, wanted)| (wanted.to_string(), gestor.to_owned())),
            force: self.call.force,
            reprocess: self.call.reprocess,
        };
        for passed in admit_version(facts)? {
            self.narrator.message(Message::Warning(passed.to_string()));
        }
        Ok(())
    }
}

pub(super) fn create(path: &Path) -> Result<File, FsError> {
    replace_file(path, None, 0o600)
}
