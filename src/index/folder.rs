//! What an operator put into the trust folder: `indices/<name>/{root,indice}.json`. Trust in an index begins there, and
//! nothing but `adicionar` and `remover` writes there.

use std::path::{Path, PathBuf};

use super::{IndexFault, IndexName, IndexSettings};
use crate::base::fs::{
    BelievedFolder, FolderLock, FsError, Owner, ensure_folders, folder_names, is_folder, link_names, lock_folder,
    open_folder, remove_tree, rename_no_replace, write_whole,
};

/// Bytes of a root.
pub(super) const ROOT_BYTES: u64 = 512 << 10;
/// Bytes of the settings.
const SETTINGS_BYTES: u64 = 16 << 10;
const FOLDER_MODE: u32 = 0o755;
const ROOT: &str = "root.json";
const SETTINGS: &str = "indice.json";

/// The indices of a trust folder.
#[derive(Debug, Clone)]
pub struct IndexFolder {
    trust: PathBuf,
    owner: Owner,
}

/// An index that an operator knows.
#[derive(Debug, Clone)]
pub struct KnownIndex {
    /// What it is called here.
    pub name: IndexName,
    /// What is said of it.
    pub settings: IndexSettings,
    /// The root to begin with.
    pub root: Vec<u8>,
    /// Where that stands.
    pub path: PathBuf,
}

impl IndexFolder {
    /// Those below a trust folder. `owner` is the site's: what others could have written is refused.
    pub fn new(trust: &Path, owner: Owner) -> Self {
        Self {
            trust: trust.to_owned(),
            owner,
        }
    }

    fn top(&self) -> PathBuf {
        self.trust.join("indices")
    }

    /// All of them, by priority, then by name. A folder without any is none; one that is not as it should be is an error:
    /// a plugin must not come from the next index because the first one broke.
    pub fn list(&self) -> Result<Vec<KnownIndex>, IndexFault> {
        let names = match folder_names(&self.top()) {
            Err(fault) if fault.is_absent() => return Ok(Vec::new()),
            names => names.map_err(IndexFault::Folder)?,
        };
        let is_index = |name: &&String| !name.starts_with('.');
        let links = link_names(&self.top()).map_err(IndexFault::Folder)?;
        if let Some(link) = links.iter().find(is_index) {
            let path = self.top().join(link);
            return Err(IndexFault::Folder(FsError::Link { path }));
        }
        let names = names.iter().filter(is_index);
        let mut found = names
            .map(|name| self.read(&name.parse()?))
            .collect::<Result<Vec<_>, IndexFault>>()?;
        found.sort_by(|one, other| {
            let key = |known: &KnownIndex| (known.settings.prioridade, known.name.clone());
            key(one).cmp(&key(other))
        });
        Ok(found)
    }

    /// One of them.
    pub fn read(&self, name: &IndexName) -> Result<KnownIndex, IndexFault> {
        let path = self.top().join(name.as_str());
        let folder = match BelievedFolder::open(&path, self.owner) {
            Err(fault) if fault.is_absent() => {
                let name = name.to_string();
                return Err(IndexFault::Unknown { name });
            }
            folder => folder.map_err(IndexFault::Folder)?,
        };
        let read = |file: &str, limit: u64| folder.bytes(file, limit).map_err(IndexFault::Folder);
        let settings = read(SETTINGS, SETTINGS_BYTES)?;
        Ok(KnownIndex {
            settings: IndexSettings::parse(&path.join(SETTINGS), &settings)?,
            root: read(ROOT, ROOT_BYTES)?,
            path: path.join(ROOT),
            name: name.clone(),
        })
    }

    /// Adds one, whole or not at all.
    pub fn add(&self, name: &IndexName, settings: &IndexSettings, root: &[u8]) -> Result<PathBuf, IndexFault> {
        let top = self.top();
        let path = top.join(name.as_str());
        let parent = self.trust.parent().unwrap_or(&self.trust);
        ensure_folders(parent, &top, Some(self.owner), FOLDER_MODE).map_err(IndexFault::Folder)?;
        let _alone = self.lock(name)?;
        if is_folder(&path) {
            let name = name.to_string();
            return Err(IndexFault::Exists { name });
        }
        let text = serde_json::to_vec_pretty(settings).unwrap_or_default();
        let new = top.join(format!(".{name}.new"));
        let made = self
            .make(&new, &[(ROOT, root), (SETTINGS, &text)])
            .and_then(|()| rename_no_replace(&new, &path));
        if made.is_err() {
            // The first fault is the one to tell.
            let _ = remove_tree(&new);
        }
        made.map_err(IndexFault::Folder)?;
        Ok(path)
    }

    fn make(&self, new: &Path, files: &[(&str, &[u8])]) -> Result<(), FsError> {
        if is_folder(new) {
            // What a run left that was killed.
            remove_tree(new)?;
        }
        ensure_folders(&self.top(), new, Some(self.owner), FOLDER_MODE)?;
        for (name, bytes) in files {
            write_whole(&new.join(name), Some(self.owner), bytes)?;
        }
        Ok(())
    }

    /// Whether it is there.
    pub fn expect(&self, name: &IndexName) -> Result<PathBuf, IndexFault> {
        let path = self.top().join(name.as_str());
        if is_folder(&path) {
            return Ok(path);
        }
        let name = name.to_string();
        Err(IndexFault::Unknown { name })
    }

    /// Removes one, whole or not at all.
    pub fn remove(&self, name: &IndexName) -> Result<(), IndexFault> {
        self.expect(name)?;
        let _alone = self.lock(name)?;
        let path = self.expect(name)?;
        let gone = self.top().join(format!(".{name}.gone"));
        let removed = || -> Result<(), FsError> {
            if is_folder(&gone) {
                // What a run left that was killed.
                remove_tree(&gone)?;
            }
            rename_no_replace(&path, &gone)?;
            remove_tree(&gone)
        };
        removed().map_err(IndexFault::Folder)
    }

    /// Nobody else adds or removes one meanwhile.
    fn lock(&self, name: &IndexName) -> Result<FolderLock, IndexFault> {
        let top = self.top();
        let held = open_folder(&top).and_then(|open| lock_folder(open, &top));
        held.map_err(IndexFault::Folder)?.ok_or_else(|| IndexFault::Changing {
            index: name.to_string(),
            folder: top,
        })
    }
}

/// Whether a file is a root at all: signed by enough of the keys that it names.
pub fn root_of(path: &Path, bytes: &[u8]) -> Result<(), IndexFault> {
    let checked = crate::base::tuf::root_of(bytes);
    checked.map(|_| ()).map_err(|fault| IndexFault::Root {
        path: path.to_owned(),
        fault,
    })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn folder() -> (tempfile::TempDir, IndexFolder) {
        let top = tempfile::tempdir().unwrap();
        let owner = Owner::of(top.path()).unwrap();
        let made = IndexFolder::new(&top.path().join("trust"), owner);
        (top, made)
    }

    fn name(text: &str) -> IndexName {
        text.parse().unwrap()
    }

    #[test]
    fn an_index_is_added_read_and_removed() {
        let (_top, folder) = folder();
        assert!(folder.list().unwrap().is_empty());
        let of = |priority: i64| IndexSettings {
            prioridade: priority,
            ..IndexSettings::of("https://a.org/")
        };
        for (called, priority) in [("b", 1), ("a", 1), ("c", 0)] {
            folder.add(&name(called), &of(priority), b"{}").unwrap();
        }
        let listed = folder.list().unwrap();
        assert_eq!(
            listed.iter().map(|known| known.name.as_str()).collect::<Vec<_>>(),
            ["c", "a", "b"]
        );
        assert_eq!((listed[0].root.as_slice(), &listed[0].settings), (&b"{}"[..], &of(0)));
        assert!(matches!(
            folder.add(&name("a"), &of(0), b"{}"),
            Err(IndexFault::Exists { .. })
        ));
        folder.remove(&name("a")).unwrap();
        assert!(matches!(folder.remove(&name("a")), Err(IndexFault::Unknown { .. })));
        assert!(matches!(folder.read(&name("a")), Err(IndexFault::Unknown { .. })));
    }

    #[test]
    fn what_a_stranger_could_have_written_is_refused_and_so_is_a_link() {
        let (_top, folder) = folder();
        let path = folder
            .add(&name("a"), &IndexSettings::of("https://a.org/"), b"{}")
            .unwrap();
        for (file, mode) in [("root.json", 0o666), ("indice.json", 0o602)] {
            fs::set_permissions(path.join(file), fs::Permissions::from_mode(mode)).unwrap();
            assert!(
                matches!(folder.list(), Err(IndexFault::Folder(FsError::Untrusted { .. }))),
                "{file}"
            );
            fs::set_permissions(path.join(file), fs::Permissions::from_mode(0o600)).unwrap();
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o777)).unwrap();
        assert!(matches!(
            folder.list(),
            Err(IndexFault::Folder(FsError::Untrusted { .. }))
        ));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        let elsewhere = path.join("elsewhere");
        fs::rename(path.join("root.json"), &elsewhere).unwrap();
        symlink(&elsewhere, path.join("root.json")).unwrap();
        assert!(matches!(folder.list(), Err(IndexFault::Folder(FsError::Link { .. }))));
        fs::remove_file(path.join("root.json")).unwrap();
        assert!(matches!(folder.list(), Err(IndexFault::Folder(_))), "nothing there");
        // Nor is an index passed over that somebody put elsewhere: a plugin would come from the next one.
        let elsewhere = path.with_file_name(".elsewhere");
        fs::rename(&path, &elsewhere).unwrap();
        symlink(&elsewhere, &path).unwrap();
        assert!(matches!(folder.list(), Err(IndexFault::Folder(FsError::Link { .. }))));
        fs::remove_file(&path).unwrap();
        fs::rename(&elsewhere, &path).unwrap();
        // What a run left that was killed is no index, and in nobody's way.
        fs::rename(&path, path.with_file_name(".b.new")).unwrap();
        assert!(folder.list().unwrap().is_empty());
        folder
            .add(&name("b"), &IndexSettings::of("https://a.org/"), b"{}")
            .unwrap();
    }
}
