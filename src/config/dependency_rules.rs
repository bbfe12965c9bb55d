//! What a call says of plugins that it does not name and that are needed (SPEC 2 §7). Checks shapes; which ones come along is
//! decided in `dependencies`.

use std::path::PathBuf;

use super::parameter::{INDEX, RAISE_DEPENDENCIES, WITH_DEPENDENCIES};
use super::setting::absolute_folder;
use super::{CallError, Given, IndexOrigin, InstallParameters, Origin, PartSwitches, Settings};
use crate::model::VersionRange;

/// Whether plugins that are needed come along, and where from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DependencyRules {
    /// They do.
    pub come: bool,
    /// Those that are installed may rise to a version that fits.
    pub rise: bool,
    /// A folder of packages from which they come, beside the kept ones.
    pub index: Option<PathBuf>,
}

impl DependencyRules {
    pub(super) fn read(given: &Given, settings: &Settings) -> Result<Self, CallError> {
        let index = given.path(&INDEX)?;
        let index = index.map(|path| absolute_folder(INDEX.name, path)).transpose()?;
        Ok(Self {
            come: given.flag(&WITH_DEPENDENCIES)?,
            rise: given.flag(&RAISE_DEPENDENCIES)?,
            index: index.or_else(|| settings.index.clone()),
        })
    }
}

impl InstallParameters {
    /// The call that installs a plugin along with this one: from a file whose SHA-256 is known, whole, and with nothing that was
    /// allowed to this one alone.
    #[must_use]
    pub fn of_required(&self, slug: &str, path: PathBuf, sha256: String) -> Self {
        let mut site = self.site.clone();
        site.signature.changes_signer = false;
        Self {
            site,
            slug: slug.to_owned(),
            origin: Origin::LocalPath(Some(path)),
            sha256_url: None,
            sha256: Some(sha256),
            stored_reference: None,
            reprocess: false,
            takes_back: false,
            parts: PartSwitches::default(),
            force: false,
            ignores_dependencies: false,
            held_limits: Vec::new(),
            ..self.clone()
        }
    }
    /// The same from a signed index, which pins the package.
    #[must_use]
    pub fn of_indexed(&self, slug: &str, index: &str, version: VersionRange) -> Self {
        Self {
            origin: Origin::Index(IndexOrigin {
                index: Some(index.to_owned()),
                range: Some(version),
            }),
            sha256: None,
            ..self.of_required(slug, PathBuf::new(), String::new())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Argument;

    #[test]
    fn a_folder_is_named_whole_by_a_call_or_by_the_machine() {
        let read = |index: &str, settings: &Settings| {
            let call = serde_json::json!({"raiz": "/g", "slug": "p", "com_dependencias": true, "pasta_indice": index});
            InstallParameters::read(Argument::from(&call), settings).map(|read| read.dependency_rules)
        };
        let machine = Settings::resolve(&|key| (key == "pasta_indice").then(|| "/machine".to_owned()), &[]);
        assert_eq!(read("", &machine).unwrap().index, Some("/machine".into()));
        assert_eq!(read("/call", &machine).unwrap().index, Some("/call".into()));
        assert!(
            read("index", &machine)
                .unwrap_err()
                .to_string()
                .contains("pasta_indice")
        );
        let wrong = Settings::resolve(&|key| (key == "pasta_indice").then(|| "index".to_owned()), &[]);
        assert!(wrong.index.is_none() && wrong.faults.len() == 1);
    }
}
