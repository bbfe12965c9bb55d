//! The lock file (SPEC 2 §7): which plugins a database has, to the byte of their packages. Owns its form; must not know where
//! it stands.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::model::{Release, Sha256Digest, Slug, Version};

/// The form that is written, and the only one that is read.
const FORMAT: u32 = 1;
/// Plugins of a lock file that are read.
const MOST: usize = 10_000;
/// Bytes of a lock file.
pub const LOCK_BYTES: u64 = 16 << 20;

/// What a database has.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LockFile {
    formato: u32,
    /// The database, by its identity.
    pub base: Option<String>,
    /// The gestor's version, where it was known.
    pub gestor: Option<String>,
    /// The plugins, by name.
    pub plugins: Vec<LockedPlugin>,
}

/// A plugin that is installed and active.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LockedPlugin {
    /// Its id.
    pub slug: String,
    /// Its version.
    pub versao: String,
    /// SHA-256 of its package.
    pub sha256: String,
    /// Where that came from.
    #[serde(default)]
    pub origem: LockedOrigin,
    /// What it needs.
    #[serde(default)]
    pub dependencias: Vec<LockedDependency>,
}

/// Where a package came from. Never a credential.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LockedOrigin {
    /// `origem_tipo`
    pub tipo: Option<String>,
    /// `origem_referencia`
    pub referencia: Option<String>,
}

/// Something that a plugin needs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LockedDependency {
    /// What.
    pub id: String,
    /// In which versions.
    pub faixa: String,
    /// Whether it may be absent.
    #[serde(default)]
    pub opcional: bool,
}

/// Why a text is no lock file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LockFault {
    /// It is no JSON of this form.
    #[error("it is no lock file ({reason}): give one that `backups/plugins/plugins.lock.json` was copied to")]
    NotOne {
        /// What the reader says.
        reason: String,
    },
    /// It is of another form.
    #[error("its `formato` is {found}, and this library reads {FORMAT}: update the library, or make the file anew")]
    Format {
        /// Its form.
        found: u32,
    },
    /// It names more plugins than any gestor has.
    #[error("it names more than {MOST} plugins")]
    TooMany,
    /// An entry that cannot be meant.
    #[error("`plugins.{at}` ({slug}): {key} is not what it must be; or the plugin stands there twice")]
    Entry {
        /// Its place.
        at: usize,
        /// The plugin, as it stands there.
        slug: String,
        /// What of it.
        key: &'static str,
    },
}

/// A plugin of a lock file, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locked {
    /// The plugin.
    pub slug: Slug,
    /// Its version.
    pub version: Version,
    /// SHA-256 of its package.
    pub sha256: Sha256Digest,
}

impl LockFile {
    /// What a database has.
    pub fn new(base: Option<String>, gestor: Option<String>, mut plugins: Vec<LockedPlugin>) -> Self {
        plugins.sort_by(|one, other| one.slug.cmp(&other.slug));
        Self {
            formato: FORMAT,
            base,
            gestor,
            plugins,
        }
    }

    /// Reads one.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(bytes: &[u8]) -> Result<Self, LockFault> {
        let read: Self = serde_json::from_slice(bytes).map_err(|fault| LockFault::NotOne {
            reason: fault.to_string().chars().take(200).collect(),
        })?;
        match read.formato {
            FORMAT if read.plugins.len() > MOST => Err(LockFault::TooMany),
            FORMAT => Ok(read),
            found => Err(LockFault::Format { found }),
        }
    }

    /// As it is written: the same for the same.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }

    /// Its plugins, each of which can be meant.
    ///
    /// # Errors
    /// [`LockFault::Entry`].
    pub fn locked(&self) -> Result<Vec<Locked>, LockFault> {
        let mut seen = BTreeSet::new();
        let read = |(at, plugin): (usize, &LockedPlugin)| {
            let fault = |key| LockFault::Entry {
                at,
                slug: plugin.slug.chars().filter(|c| !c.is_control()).take(90).collect(),
                key,
            };
            let slug = Slug::normalize(&plugin.slug).ok();
            // An id that would have to be changed to be one is another plugin's, or nobody's.
            let slug = slug.filter(|slug| slug.as_str() == plugin.slug && seen.insert(slug.clone()));
            Ok(Locked {
                slug: slug.ok_or_else(|| fault("slug"))?,
                version: plugin.versao.parse().map_err(|_| fault("versao"))?,
                sha256: plugin.sha256.parse().map_err(|_| fault("sha256"))?,
            })
        };
        self.plugins.iter().enumerate().map(read).collect()
    }

    /// Whether it was written for another gestor than this one.
    pub fn is_of_another_gestor(&self, here: Option<&str>) -> bool {
        let release = |text: Option<&str>| text.and_then(Release::leading);
        matches!((release(self.gestor.as_deref()), release(here)), (Some(there), Some(here)) if there != here)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plugin(slug: &str, version: &str, sha256: &str) -> LockedPlugin {
        LockedPlugin {
            slug: slug.to_owned(),
            versao: version.to_owned(),
            sha256: sha256.to_owned(),
            ..LockedPlugin::default()
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let digest = "0f".repeat(32);
        let written = LockFile::new(
            None,
            Some("2.9.43".to_owned()),
            vec![plugin("b", "1.0.0", &digest), plugin("a", "2.0.0", &digest)],
        );
        let read = LockFile::parse(&written.to_bytes()).unwrap();
        assert_eq!(read, written);
        let locked = read.locked().unwrap();
        assert_eq!(
            (locked[0].slug.as_str(), locked[1].version.to_string().as_str()),
            ("a", "1.0.0")
        );
        assert!(read.is_of_another_gestor(Some("3.0.0")) && !read.is_of_another_gestor(Some("2.9.43-x")));
        assert!(!read.is_of_another_gestor(None));
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        let deep = "[".repeat(100_000);
        let form = |plugins: &str| format!(r#"{{"formato": 1, "base": null, "gestor": null, "plugins": {plugins}}}"#);
        for text in [
            "",
            "[]",
            "{",
            "null",
            r#"{"formato": 2, "plugins": []}"#,
            &deep,
            &form("{}"),
            &form(r#"[{"slug": 1}]"#),
        ] {
            assert!(LockFile::parse(text.as_bytes()).is_err(), "{text:.60}");
        }
        let digest = "0f".repeat(32);
        for (plugins, key) in [
            (vec![plugin("A B", "1.0.0", &digest)], "slug"),
            (vec![plugin("../x", "1.0.0", &digest)], "slug"),
            (vec![plugin("_a", "1.0.0", &digest)], "slug"),
            (
                vec![plugin("a", "1.0.0", &digest), plugin("a", "1.0.0", &digest)],
                "slug",
            ),
            (vec![plugin("a", "../1", &digest)], "versao"),
            (vec![plugin("a", "1.0.0", "0f")], "sha256"),
        ] {
            let fault = LockFile::new(None, None, plugins).locked().unwrap_err();
            assert!(fault.to_string().contains(key), "{fault}");
        }
    }
}
