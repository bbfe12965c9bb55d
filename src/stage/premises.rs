//! The premises of a gestor: where its folders really stand, whose they are, and how what we make there is made. What
//! outlives a call belongs to the owner and group of `plugins/` (SPEC §5.17), whoever runs the call.
//!
//! Of a gestor's folders `temp`, `logs`, `backups` and `plugins` may be links: deployments keep them outside a release.
//! Such a link is followed once, at the beginning, when root or this user made it; or when the owner of the gestor's
//! folder did, and it leads to a folder of his own or of the owner of `plugins/`, so that nobody can lead root to a
//! folder that he could not use himself. Below those four no link is followed at all ([`crate::base::fs`]).

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::{Layout, StageError};
use crate::base::fs::{self as base, FsError, LinkFacts, Owner};
use crate::model::GestorRoot;

/// Owner and group may read what is set aside: a plugin's folder may hold what others must not see.
pub(super) const FILE_MODE: u32 = 0o640;
pub(super) const FOLDER_MODE: u32 = 0o750;

/// Folders on the way to what is ours. Those that stand keep what an administrator gave them.
const TOP_MODE: u32 = 0o755;
/// Of `temp/plugins/`: whoever could open a lock file there could hold it.
const WORK_MODE: u32 = 0o750;

/// Whether a folder is that of a gestor: it has a `config.php`.
pub fn is_gestor(root: &GestorRoot) -> bool {
    root.as_path().join("config.php").is_file()
}

/// The gestor by its real path, with its folders where they really stand. What cannot be resolved, or may not be
/// followed, stays as it was given: using it fails.
pub fn settle(root: &GestorRoot) -> GestorRoot {
    let Ok(real) = root.as_path().canonicalize() else {
        return root.clone();
    };
    let mut settled = GestorRoot::new(&real);
    let site = fs::metadata(&real).map(|found| found.uid());
    // First the folder whose owner counts for the others.
    for name in GestorRoot::TOPS {
        let Ok(Some(link)) = base::read_link(&real.join(name)) else {
            continue;
        };
        let allowed = |target: &PathBuf| {
            site.as_ref()
                .is_ok_and(|site| may_follow(&link, target, *site, &settled))
        };
        if let Some(target) = real.join(&link.target).canonicalize().ok().filter(allowed) {
            settled = settled.with_top(name, target);
        }
    }
    settled
}

fn may_follow(link: &LinkFacts, target: &Path, site: u32, settled: &GestorRoot) -> bool {
    let of = |path: &Path| Owner::of(path).map(Owner::uid);
    link.uid == 0
        || link.uid == Owner::process_uid()
        || (link.uid == site
            && of(target).is_ok_and(|uid| uid == link.uid || of(&settled.plugins()).is_ok_and(|owner| owner == uid)))
}

/// To whom everything of the site belongs: the owner of `plugins/`; of the gestor's folder, while there is none.
pub fn owner(root: &GestorRoot) -> Result<Owner, StageError> {
    match Owner::of(&root.plugins()) {
        Err(fault) if fault.is_absent() => Ok(Owner::of(root.as_path())?),
        found => Ok(found?),
    }
}

/// Makes `plugins/` where a gestor has none: a fresh one, or one after a core update. Gives what was made, for an
/// operation that then fails.
pub fn prepare_plugins(root: &GestorRoot) -> Result<Option<PathBuf>, StageError> {
    let plugins = root.plugins();
    if plugins.is_dir() || !is_gestor(root) {
        return Ok(None);
    }
    base::ensure_folders(&plugins, &plugins, Some(owner(root)?), TOP_MODE)?;
    Ok(Some(plugins))
}

/// Makes `temp/plugins/` where it is missing, and mends it: the lock file stands there.
pub fn prepare_work(root: &GestorRoot, owner: Owner) -> Result<(), StageError> {
    let work = root.work();
    ensure(work.parent().unwrap_or(&work), &work, owner, WORK_MODE)
}

/// A folder of ours below one of the four (`top`), and those between them.
pub(super) fn ensure(top: &Path, folder: &Path, owner: Owner, mode: u32) -> Result<(), StageError> {
    base::ensure_folders(top, top, Some(owner), TOP_MODE)?;
    Ok(base::ensure_folders(top, folder, Some(owner), mode)?)
}

/// What an earlier release left to root becomes the site's when root runs, also where this operation does not need it:
/// the next one may be the web server's. Best effort; whoever needs a folder is told.
pub(super) fn mend(layout: &Layout, owner: Owner) {
    if Owner::process_uid() != 0 {
        return;
    }
    let (plugins, backups) = (layout.plugins(), layout.root().backups());
    let folders = [
        (&plugins, layout.backups(), FOLDER_MODE),
        (&plugins, layout.near_folder(), TOP_MODE),
        (&backups, layout.kept(), FOLDER_MODE),
    ];
    for (top, folder, mode) in folders {
        if fs::symlink_metadata(&folder).is_ok() {
            let _ = base::ensure_folders(top, &folder, Some(owner), mode);
        }
    }
}

/// A fault of permissions told with what to do about it: `top` is what has to be given to the site.
pub(super) fn explain(fault: FsError, top: &Path, owner: Owner) -> StageError {
    if fault.is_permission() {
        owner.not_ours_at(top, fault).into()
    } else {
        fault.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plugins_are_made_where_a_gestor_stands_and_nowhere_else() {
        let folder = tempfile::tempdir().unwrap();
        let root = GestorRoot::new(folder.path());
        assert_eq!(prepare_plugins(&root).unwrap(), None);
        assert!(!is_gestor(&root) && !root.plugins().exists());
        fs::write(folder.path().join("config.php"), "").unwrap();
        assert!(is_gestor(&root));
        assert_eq!(prepare_plugins(&root).unwrap(), Some(root.plugins()));
        assert_eq!(prepare_plugins(&root).unwrap(), None);
        assert_eq!(owner(&root).unwrap(), Owner::of(folder.path()).unwrap());
        assert!(Path::new(&root.plugins()).is_dir());
    }
}
