//! Where the files of one operation stand. Pure: owns names and the choice of the staging place; must not touch a file.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::model::{GestorRoot, Slug, Version};

/// Name of a journal that is closed, until the database has been told: it holds the number of the operation.
pub(super) const CLOSED: &str = "closed.json";

/// Where the new tree is put together. It must be on the file system of `plugins/`, or it could not be renamed there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// In `temp/plugins/<slug>/`.
    Temp,
    /// In `plugins/.staging/<slug>/`, because `temp/` is on another file system, or another user's.
    Plugins,
}

impl Place {
    /// Chooses by two facts: whether `temp/plugins/` and `plugins/` are on one file system, and whether they belong to
    /// one user: what another can rename must not become code.
    pub fn choose(same_file_system: bool, same_owner: bool) -> Self {
        if same_file_system && same_owner {
            Self::Temp
        } else {
            Self::Plugins
        }
    }
}

/// All paths of an operation on one plugin. What is put together carries a name that depends on the plugin alone, so
/// that leftovers are found even without a journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    root: GestorRoot,
    slug: Slug,
    place: Place,
    /// Of a dry run, which must not touch what an interrupted operation left in the staging folder.
    is_dry: bool,
}

impl Layout {
    /// The paths of an operation.
    pub fn new(root: GestorRoot, slug: Slug, place: Place) -> Self {
        Self {
            root,
            slug,
            place,
            is_dry: false,
        }
    }

    /// The paths of a dry run: a private folder of its own, and the rest to look at.
    pub fn of_dry_run(root: GestorRoot, slug: Slug) -> Self {
        Self {
            is_dry: true,
            ..Self::new(root, slug, Place::Temp)
        }
    }

    /// The gestor.
    pub fn root(&self) -> &GestorRoot {
        &self.root
    }

    /// The plugin.
    pub fn slug(&self) -> &Slug {
        &self.slug
    }

    /// Where the new tree is put together.
    pub fn place(&self) -> Place {
        self.place
    }

    /// `temp/plugins/<slug>/`, private: the journal and the package.
    pub fn staging(&self) -> PathBuf {
        if self.is_dry {
            self.root.work().join(format!(".{}.dry", self.slug))
        } else {
            self.root.staging(&self.slug)
        }
    }

    /// The journal; a dry run has none.
    pub fn journal(&self) -> PathBuf {
        self.root.journal(&self.slug)
    }

    /// The package, while it is worked on.
    pub fn package(&self) -> PathBuf {
        self.staging().join("package.zip")
    }

    /// `plugins/.staging/`, holding the near containers of all plugins; an empty one is removed.
    pub fn near_folder(&self) -> PathBuf {
        self.root.plugins().join(".staging")
    }

    /// `plugins/.staging/<slug>/`, private.
    pub fn near_container(&self) -> PathBuf {
        self.root.near_staging(&self.slug)
    }

    /// The private folder that holds [`Layout::tree`] and [`Layout::old_tree`].
    pub fn container(&self) -> PathBuf {
        match self.place {
            Place::Temp => self.staging(),
            Place::Plugins => self.near_container(),
        }
    }

    /// The new tree until the swap; after an exchange, the old one.
    pub fn tree(&self) -> PathBuf {
        self.container().join("tree")
    }

    /// The old tree where the file system knows no exchange.
    pub fn old_tree(&self) -> PathBuf {
        self.container().join("old")
    }

    /// `plugins/<slug>/`.
    pub fn installed(&self) -> PathBuf {
        self.root.installed(&self.slug)
    }

    /// `plugins/.instalado/<slug>`: SHA-256 of the package that the installed tree is made of.
    pub fn marker(&self) -> PathBuf {
        self.root.marker(&self.slug)
    }

    /// `temp/plugins/<slug>.arvore`: by what files of the installed tree are known to be untouched.
    pub fn tree_facts(&self) -> PathBuf {
        self.root.tree_facts(&self.slug)
    }

    /// `plugins/`.
    pub fn plugins(&self) -> PathBuf {
        self.root.plugins()
    }

    /// `plugins/_backups/`.
    pub fn backups(&self) -> PathBuf {
        self.root.tree_backups()
    }

    /// For a folder that somebody has written to and that does not belong: a name, to which a number is added while it
    /// is taken.
    pub fn undone_tree(&self) -> PathBuf {
        self.backups().join(format!("{}-desfeita", self.slug))
    }

    /// Something in `assets/`.
    pub fn asset(&self, target: &str) -> PathBuf {
        let assets = self.root.assets();
        if target.is_empty() { assets } else { assets.join(target) }
    }

    /// `assets/.plugins/<slug>/`, private: the place for it where `assets/` is on a file system of its own.
    pub fn assets_staging(&self) -> PathBuf {
        self.root.assets_staging(&self.slug)
    }

    /// Where what is published is put together, where that is possible: nothing is served from there.
    pub fn assets_apart(&self) -> PathBuf {
        self.container().join("published")
    }

    /// `plugins/.instalado/<slug>.assets`.
    pub fn assets_record(&self) -> PathBuf {
        self.root.assets_record(&self.slug)
    }

    /// The same until the commit.
    pub fn assets_record_partial(&self) -> PathBuf {
        self.container().join("assets.json")
    }

    /// Published files that somebody wrote to, until the commit.
    pub fn assets_aside(&self) -> PathBuf {
        self.container().join("assets")
    }

    /// ... and where they are kept: a name, to which a number is added while it is taken.
    pub fn kept_assets(&self) -> PathBuf {
        self.backups().join(format!("{}-assets", self.slug))
    }

    /// The backup until the commit.
    pub fn backup_partial(&self) -> PathBuf {
        self.backups().join(format!(".{}.partial.zip", self.slug))
    }

    /// `backups/plugins/<slug>/`.
    pub fn kept(&self) -> PathBuf {
        self.root.kept(&self.slug)
    }

    /// The kept package until the commit.
    pub fn kept_partial(&self) -> PathBuf {
        self.kept().join(".partial.zip")
    }

    /// Its SHA-256 file until the commit.
    pub fn kept_checksum_partial(&self) -> PathBuf {
        self.kept().join(".partial.zip.sha256")
    }

    /// The kept package of a version.
    pub fn kept_package(&self, version: Version) -> PathBuf {
        self.root.kept_package(&self.slug, version)
    }

    /// The SHA-256 file beside a kept package.
    pub fn kept_checksum(&self, version: Version) -> PathBuf {
        self.kept().join(format!("{version}.zip.sha256"))
    }

    /// A path as the journal names it: below the gestor, so that the gestor may be reached by another path later.
    pub fn relative(&self, path: &Path) -> PathBuf {
        self.root.relative(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_put_together_looks_like_a_plugin() {
        let slug = Slug::normalize("p").unwrap();
        for (same, owner, place, tree) in [
            (true, true, Place::Temp, "/g/temp/plugins/p/tree"),
            (false, true, Place::Plugins, "/g/plugins/.staging/p/tree"),
            (true, false, Place::Plugins, "/g/plugins/.staging/p/tree"),
        ] {
            assert_eq!(Place::choose(same, owner), place);
            let layout = Layout::new(GestorRoot::new("/g"), slug.clone(), place);
            assert_eq!(layout.tree(), Path::new(tree));
            assert_eq!(layout.old_tree().parent(), layout.tree().parent());
            assert_eq!(layout.journal(), Path::new("/g/temp/plugins/p/journal.json"));
            assert_eq!(layout.relative(&layout.installed()), Path::new("plugins/p"));
            assert_eq!(layout.marker(), Path::new("/g/plugins/.instalado/p"));
            assert_eq!(
                layout.kept_checksum("1.2.3".parse().unwrap()),
                Path::new("/g/backups/plugins/p/1.2.3.zip.sha256")
            );
            for path in [layout.tree(), layout.old_tree(), layout.backup_partial()] {
                let below = layout.relative(&path);
                let name = below.iter().nth(1).and_then(|name| name.to_str()).unwrap();
                let hidden = name.starts_with(['.', '_']);
                assert!(!below.starts_with("plugins") || hidden, "{below:?}");
            }
        }
    }
}
