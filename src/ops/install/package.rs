//! The package of an installation: obtained into staging, then inspected from outside (archive) to inside (manifest).

use std::fs::{self, File, OpenOptions};
use std::path::Path;

use super::Installation;
use crate::Error;
use crate::archive::{Archive, ArchiveTree, Blacklist, PackOptions, append_members, check_magic, pack_folder};
use crate::base::file_tree::FileTree;
use crate::base::fs::{Attempt, FsError};
use crate::base::hash::sha256_file;
use crate::log::{Message, Reporter};
use crate::manifest::{self, Manifest};
use crate::model::{Sha256Digest, Version};
use crate::ops::policy::{VersionFacts, admit_version};
use crate::registry::Installed;
use crate::resources::PackageContents;
use crate::source::{self, CredentialRef, Fetched};
use crate::stage::Layout;

/// A package in staging. Its SHA-256 has been compared with whatever was offered.
pub(super) struct Obtained {
    pub(super) sha256: Sha256Digest,
    pub(super) origin: String,
    pub(super) tag: Option<String>,
    pub(super) stored_reference: Option<String>,
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
    pub(super) stored_reference: Option<String>,
    /// `cred_ref` where it is a name; a literal token is never stored.
    pub(super) credential: Option<String>,
}

/// Folders of a developer's working copy that belong to no package.
const LEFT_OUT: [&str; 2] = [".git", "node_modules"];

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
                    stored_reference: package.stored_reference.clone(),
                })
            }
            Fetched::Folder(folder) => self.pack(layout, &folder, None),
            Fetched::Installed(folder) => {
                let kept = installed
                    .version
                    .as_deref()
                    .and_then(|text| text.parse::<Version>().ok());
                let kept = kept
                    .map(|version| layout.kept_package(version))
                    .filter(|path| path.is_file());
                self.pack(layout, &folder, kept.as_deref())
            }
        }
    }

    /// Packs a folder as if it were a package. The installed folder has no `db/`: it comes from the kept package.
    fn pack(&self, layout: &Layout, folder: &Path, kept: Option<&Path>) -> Result<Obtained, Error> {
        let path = layout.package();
        let file = create(&path)?;
        let exclude = |path: &str| path.split('/').any(|part| LEFT_OUT.contains(&part));
        pack_folder(folder, &file, &exclude, PackOptions::default())?;
        if let Some(kept) = kept {
            let root = manifest::locate(&self.open(kept)?.tree(""), self.slug)?;
            append_members(&file, kept, &root.prefix, &|path| path.starts_with("db/"))?;
        }
        let (sha256, _) = sha256_file(&path).map_err(|fault| FsError::new(Attempt::Read, &path, fault))?;
        let origin = folder.display().to_string();
        let stored = self.call.stored_reference.clone().unwrap_or_else(|| origin.clone());
        Ok(Obtained {
            sha256,
            origin,
            tag: None,
            stored_reference: Some(stored),
        })
    }

    pub(super) fn open(&self, path: &Path) -> Result<Archive, Error> {
        let file = File::open(path).map_err(|fault| FsError::new(Attempt::Read, path, fault))?;
        check_magic(&file, &self.call.limits)?;
        let blacklist = Blacklist::from_settings(self.settings.blacklist.as_deref());
        Ok(Archive::open(file, &self.call.limits, &blacklist)?)
    }

    /// Steps 7 (the check) and 8.
    pub(super) fn inspect(
        &self,
        layout: &Layout,
        obtained: Obtained,
        installed: &Installed,
    ) -> Result<Inspected, Error> {
        let archive = self.open(&layout.package())?;
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
            stored_reference,
            ..
        } = obtained;
        Ok(Inspected {
            sha256,
            archive,
            prefix: root.prefix,
            tree,
            manifest,
            contents,
            tag,
            stored_reference,
            credential: self.credential_name(),
        })
    }

    fn credential_name(&self) -> Option<String> {
        let given = self.call.credential.as_ref()?;
        let resolved = CredentialRef::resolve(given, &self.settings.tokens).ok()?;
        resolved.stored_reference().map(str::to_owned)
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
    let _ = fs::remove_file(path);
    let opened = OpenOptions::new().read(true).write(true).create_new(true).open(path);
    opened.map_err(|fault| FsError::new(Attempt::Create, path, fault))
}
