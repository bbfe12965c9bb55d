//! A package and its signature: what is thought of it, and from then on no file of it is read that is not as it was signed.

use std::collections::HashMap;
use std::io::Read as _;

use super::{LocatedPackage, PackageError};
use crate::base::file_tree::FileTree;
use crate::model::{Sha256Digest, Slug, Version};
use crate::trust::{self, Believed, Evidence, FILE_NAME, FoundFile, Judgement, MAX_BYTES, Package};

impl LocatedPackage {
    /// Judges its signature by what is announced of its files, and binds these to what was signed: whoever reads one of
    /// them to its end, to parse, unpack or load it, is told where it is another one. `evidence`: what shows how old it is.
    pub fn judge(
        &mut self,
        slug: &Slug,
        evidence: &Evidence,
        believed: Believed<'_>,
    ) -> Result<Judgement, PackageError> {
        let signature = self.signature()?;
        let files = self.found_files();
        let package = Package {
            slug,
            sha256: Some(self.sha256()),
            files: Some(&files),
            signature: signature.as_deref(),
            evidence,
        };
        let judgement = trust::judge(package, believed);
        self.bind_to(&judgement);
        Ok(judgement)
    }

    /// Only what was withdrawn counts of it.
    pub fn judge_unsigned(&self, slug: &Slug, believed: Believed<'_>) -> Judgement {
        trust::only_revoked(slug, self.sha256(), believed.folder)
    }

    /// What is thought of it once its version is known.
    pub fn judge_version(
        &self,
        judgement: Judgement,
        (slug, version): (&Slug, Version),
        believed: Believed<'_>,
    ) -> Judgement {
        judgement.of_version((slug, Some(self.sha256())), version, believed.folder)
    }

    /// Bytes of its signature; one more than it may have where it has more.
    fn signature(&self) -> Result<Option<Vec<u8>>, PackageError> {
        let read = |fault| PackageError::unreadable(FILE_NAME, fault);
        let Some(reader) = self.tree().open(FILE_NAME).map_err(read)? else {
            return Ok(None);
        };
        let mut bytes = Vec::new();
        reader.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(read)?;
        Ok(Some(bytes))
    }

    fn found_files(&self) -> Vec<FoundFile<'_>> {
        let found = |path: &String| {
            let member = self.tree().member(path);
            member.map(|member| (member.size(), member.is_executable()))
        };
        let paths = self.tree().paths().iter();
        paths
            .filter_map(|path| {
                let (size, is_executable) = found(path)?;
                Some(FoundFile {
                    path,
                    size,
                    is_executable,
                })
            })
            .collect()
    }

    fn bind_to(&mut self, judgement: &Judgement) {
        if let Some(files) = judgement.files() {
            let signed: HashMap<&str, Sha256Digest> =
                files.iter().map(|file| (file.path.as_str(), file.sha256)).collect();
            self.bind(&signed);
        }
    }
}
