//! Where things stand below a gestor. Owns every path that we touch; must not touch one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{Slug, Version};

/// The folder of a gestor (the one with `config.php`), and every path that we use below it (SPEC §2, §5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GestorRoot {
    root: PathBuf,
    /// Where its own folders stand, of those that stand elsewhere.
    tops: BTreeMap<&'static str, PathBuf>,
}

impl GestorRoot {
    /// Takes the gestor's folder; that it exists is for the caller to check.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self {
            root: root.into(),
            tops: BTreeMap::new(),
        }
    }

    /// Its folders that we use, `plugins` first. A deployment may keep them elsewhere.
    pub const TOPS: [&str; 5] = ["plugins", "temp", "logs", "backups", "assets"];

    /// The same gestor with one of its folders at another place.
    #[must_use]
    pub fn with_top(mut self, name: &'static str, folder: PathBuf) -> Self {
        self.tops.insert(name, folder);
        self
    }

    fn top(&self, name: &str) -> PathBuf {
        self.tops.get(name).cloned().unwrap_or_else(|| self.root.join(name))
    }

    /// A path as it is named below the gestor, wherever its folders stand.
    pub fn relative(&self, path: &Path) -> PathBuf {
        let below = |(name, folder): (&&str, &PathBuf)| Some(Path::new(name).join(path.strip_prefix(folder).ok()?));
        let found = self.tops.iter().find_map(below);
        found.unwrap_or_else(|| path.strip_prefix(&self.root).unwrap_or(path).to_owned())
    }

    /// The path of something that is named below the gestor.
    pub fn absolute(&self, relative: &Path) -> PathBuf {
        let below = |(name, folder): (&&str, &PathBuf)| Some(folder.join(relative.strip_prefix(name).ok()?));
        let found = self.tops.iter().find_map(below);
        found.unwrap_or_else(|| self.root.join(relative))
    }

    /// The folder itself.
    pub fn as_path(&self) -> &Path {
        &self.root
    }

    /// `autenticacoes/`: a folder for each domain, with the settings of its database.
    pub fn domains(&self) -> PathBuf {
        self.root.join("autenticacoes")
    }

    /// `autenticacoes/<domain>/plugins/`: what a site believes, and its key ring. Survives updates of the gestor.
    pub fn trust(&self, domain: &str) -> PathBuf {
        self.domains().join(domain).join("plugins")
    }

    /// `plugins/`: its owner is the owner of all installed files.
    pub fn plugins(&self) -> PathBuf {
        self.top("plugins")
    }

    /// `plugins/<slug>/`: the installed tree.
    pub fn installed(&self, slug: &Slug) -> PathBuf {
        self.plugins().join(slug.as_str())
    }

    /// `plugins/_backups/`: ZIP files of replaced trees.
    pub fn tree_backups(&self) -> PathBuf {
        self.plugins().join("_backups")
    }

    /// `plugins/.staging/<slug>/`: the staged tree where `temp/` is on another file system. The leading dot keeps it
    /// out of the gestor's scan of `plugins/*/modules`.
    pub fn near_staging(&self, slug: &Slug) -> PathBuf {
        self.plugins().join(".staging").join(slug.as_str())
    }

    /// `plugins/.instalado/<slug>`: the SHA-256 of the package that the installed tree is made of.
    pub fn marker(&self, slug: &Slug) -> PathBuf {
        self.plugins().join(".instalado").join(slug.as_str())
    }

    /// `plugins/.instalado/<slug>.assets`: what the plugin has published in `assets/`. No slug has a dot.
    pub fn assets_record(&self, slug: &Slug) -> PathBuf {
        self.plugins().join(".instalado").join(format!("{slug}.assets"))
    }

    /// `assets/`: what the gestor serves.
    pub fn assets(&self) -> PathBuf {
        self.top("assets")
    }

    /// `assets/.plugins/<slug>/`, private: what is published is put together here, on the file system of `assets/`.
    pub fn assets_staging(&self, slug: &Slug) -> PathBuf {
        self.assets().join(".plugins").join(slug.as_str())
    }

    /// `temp/`.
    pub fn temp(&self) -> PathBuf {
        self.top("temp")
    }

    /// `logs/`.
    pub fn logs(&self) -> PathBuf {
        self.top("logs")
    }

    /// `temp/plugins/`: staging folders and lock files.
    pub fn work(&self) -> PathBuf {
        self.temp().join("plugins")
    }

    /// `temp/plugins/<slug>/`: private staging; holds the journal.
    pub fn staging(&self, slug: &Slug) -> PathBuf {
        self.work().join(slug.as_str())
    }

    /// `temp/plugins/<slug>/journal.json`: what an operation has announced.
    pub fn journal(&self, slug: &Slug) -> PathBuf {
        self.staging(slug).join("journal.json")
    }

    /// `temp/plugins/<slug>.lock`: the file of the process lock.
    pub fn lock_file(&self, slug: &Slug) -> PathBuf {
        self.work().join(format!("{slug}.lock"))
    }

    /// `temp/plugins/<slug>.progress`: how far the operation that holds the lock is.
    pub fn progress_file(&self, slug: &Slug) -> PathBuf {
        self.work().join(format!("{slug}.progress"))
    }

    /// `temp/plugins/<slug>.cancel`: which operation is to stop.
    pub fn cancel_file(&self, slug: &Slug) -> PathBuf {
        self.work().join(format!("{slug}.cancel"))
    }

    /// `temp/plugins/<slug>.arvore`: by what files of the installed tree are known to be untouched.
    pub fn tree_facts(&self, slug: &Slug) -> PathBuf {
        self.work().join(format!("{slug}.arvore"))
    }

    /// `temp/plugins/_indices/`: files of signed indices, a folder each. No plugin is called like that.
    pub fn indices(&self) -> PathBuf {
        self.work().join("_indices")
    }

    /// `backups/`: the gestor's own folder for them.
    pub fn backups(&self) -> PathBuf {
        self.top("backups")
    }

    /// `backups/plugins/<slug>/`: kept packages, and rows that an operation set aside.
    pub fn kept(&self, slug: &Slug) -> PathBuf {
        self.backups().join("plugins").join(slug.as_str())
    }

    /// `backups/plugins/<slug>/<version>.zip`: the kept package of one version.
    pub fn kept_package(&self, slug: &Slug, version: Version) -> PathBuf {
        self.kept(slug).join(format!("{version}.zip"))
    }

    /// `backups/plugins/<slug>/.vigiadas/`: what the runner says of tables from before a migration takes something of them
    /// away, until that is in a copy.
    pub fn late_rows(&self, slug: &Slug) -> PathBuf {
        self.kept(slug).join(".vigiadas")
    }

    /// `contents/plugins/`: packages that were given to the gestor's page of plugins.
    pub fn uploads(&self) -> PathBuf {
        self.root.join("contents").join("plugins")
    }

    /// `backups/plugins/bases.json`: which databases use `plugins/`.
    pub fn bases(&self) -> PathBuf {
        self.backups().join("plugins").join("bases.json")
    }

    /// `backups/plugins/plugins.lock.json`: what is installed; that of another database of the tree has digits of its identity.
    pub fn plugins_lock(&self, digits: Option<&str>) -> PathBuf {
        let name = digits.map_or_else(
            || "plugins.lock.json".to_owned(),
            |digits| format!("plugins-{digits}.lock.json"),
        );
        self.backups().join("plugins").join(name)
    }

    /// `backups/plugins/servidor.id`: a random id of the machine with this tree.
    pub fn server_id(&self) -> PathBuf {
        self.backups().join("plugins").join("servidor.id")
    }

    /// `backups/plugins/_auditoria/`: audit logs, a folder for each server. No plugin is called like that.
    pub fn audit(&self) -> PathBuf {
        self.backups().join("plugins").join("_auditoria")
    }

    /// `temp/plugins/.plugins.lock`: who writes that file. No plugin is called like that.
    pub fn lock_file_lock(&self) -> PathBuf {
        self.work().join(".plugins.lock")
    }

    /// `temp/plugins/.bases.lock`: who changes that list. No plugin is called like that.
    pub fn bases_lock(&self) -> PathBuf {
        self.work().join(".bases.lock")
    }

    /// `logs/plugins/installer.log`.
    pub fn log(&self) -> PathBuf {
        self.logs().join("plugins").join("installer.log")
    }

    /// `logs/plugins/estatisticas-<month>.json`: what happened in a month, where the site counts that.
    pub fn statistics(&self, month: &str) -> PathBuf {
        self.logs().join("plugins").join(format!("estatisticas-{month}.json"))
    }

    /// `temp/plugins/.estatisticas.lock`: who writes those files. No plugin is called like that.
    pub fn statistics_lock(&self) -> PathBuf {
        self.work().join(".estatisticas.lock")
    }

    /// `db/data/`: the gestor's own data files and contracts, where it still has them.
    pub fn core_data(&self) -> PathBuf {
        self.root.join("db").join("data")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_that_stand_elsewhere_keep_their_names() {
        let root = GestorRoot::new("/g").with_top("temp", "/shared/temp".into());
        let slug = Slug::normalize("p").unwrap();
        for (path, relative) in [
            (root.staging(&slug), "temp/plugins/p"),
            (root.installed(&slug), "plugins/p"),
        ] {
            assert_eq!(root.relative(&path), Path::new(relative));
            assert_eq!(root.absolute(Path::new(relative)), path);
        }
        assert_eq!(root.work(), Path::new("/shared/temp/plugins"));
        assert_eq!(root.log(), Path::new("/g/logs/plugins/installer.log"));
    }
}
