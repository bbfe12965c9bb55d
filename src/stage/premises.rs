//! The premises of a gestor: where its folders really stand, whose they are, and how what we make there is made. Whoever
//! runs the call, what outlives it belongs to the site (SPEC §5.17):
//!
//! | what | whose |
//! | --- | --- |
//! | what comes to `plugins/`, or decides what does: trees, staging, journals, packages, backups | the owner of `plugins/` |
//! | what is shared: `temp/plugins/`, locks, the log, the folders of `backups/`, rows set aside | the owner of that one of the gestor's folders; the owner of `plugins/`, where that is root's |
//!
//! On most sites these are one user. Where an administrator keeps the code for himself and gives the web server `temp`,
//! `logs` and `backups` alone, both can work, and what the web server could have written never becomes code.
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

/// What is put together, or waits, is nobody's to look into.
pub(super) const PRIVATE_MODE: u32 = 0o700;

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

/// To whom the site's plugins belong: the owner of `plugins/`. While there is none, that of the gestor's folder, or, where
/// that is root's, that of `temp/`: who then makes `plugins/` makes it for the web server.
pub fn owner(root: &GestorRoot) -> Result<Owner, StageError> {
    match Owner::of(&root.plugins()) {
        Err(fault) if fault.is_absent() => {}
        found => return Ok(found?),
    }
    let gestor = Owner::of(root.as_path())?;
    let temp = Owner::of(&root.temp()).ok().filter(|_| gestor.uid() == 0);
    Ok(temp.filter(|temp| temp.uid() != 0).unwrap_or(gestor))
}

/// To whom belongs what is shared below one of the gestor's folders.
fn owner_below(root: &GestorRoot, top: &Path) -> Result<Owner, StageError> {
    let site = owner(root)?;
    match Owner::of(top) {
        Ok(found) => Ok(found.below(is_open_to_all(top), site)),
        Err(fault) if fault.is_absent() => Ok(site),
        Err(fault) => Err(fault.into()),
    }
}

fn is_open_to_all(folder: &Path) -> bool {
    fs::symlink_metadata(folder).is_ok_and(|found| found.mode() & 0o002 != 0)
}

/// To whom `temp/plugins/` and the locks belong.
pub fn work_owner(root: &GestorRoot) -> Result<Owner, StageError> {
    owner_below(root, &root.temp())
}

/// To whom the log belongs.
pub fn log_owner(root: &GestorRoot) -> Result<Owner, StageError> {
    owner_below(root, &root.logs())
}

/// To whom the folders of `backups/` and rows set aside belong.
pub fn kept_owner(root: &GestorRoot) -> Result<Owner, StageError> {
    owner_below(root, &root.backups())
}

/// To whom belongs what is published in `assets/`.
pub fn assets_owner(root: &GestorRoot) -> Result<Owner, StageError> {
    owner_below(root, &root.assets())
}

/// To whom belongs what we make in the folder of what a site believes: the owner of the domain's folder, in which it stands.
pub fn trust_owner(root: &GestorRoot, folder: &Path) -> Result<Owner, StageError> {
    // Domains may be kept elsewhere, and named by a link.
    owner_below(root, &base::followed(folder.parent().unwrap_or(folder)))
}

/// Refuses to publish where a stranger could put his own in the place of what is published.
///
/// # Errors
/// [`FsError::Untrusted`], with what to do about it.
pub(super) fn check_assets(root: &GestorRoot) -> Result<(), StageError> {
    let site = owner(root)?;
    let gestor = Owner::of(root.as_path())?;
    let mut known = vec![gestor.uid(), site.uid()];
    known.extend(web_user(root, gestor, site));
    Ok(base::check_top(&root.assets(), &known, site)?)
}

/// Refuses a gestor of which a folder could be filled by a stranger: he could put his own in the place of ours while we
/// work, and it would be installed.
///
/// # Errors
/// [`FsError::Untrusted`], with what to do about it.
pub fn check_premises(root: &GestorRoot) -> Result<(), StageError> {
    let site = owner(root)?;
    let gestor = Owner::of(root.as_path())?;
    let mut known = vec![gestor.uid(), site.uid()];
    known.extend(web_user(root, gestor, site));
    base::check_top(root.as_path(), &known, site)?;
    for top in [root.plugins(), root.temp(), root.logs(), root.backups()] {
        base::check_top(&top, &known, site)?;
    }
    Ok(())
}

/// The web server's user, where the site's code is not his: all of `temp`, `logs` and `backups` that are not root's
/// belong to him. That one of them alone is somebody's says so only where the code is root's.
fn web_user(root: &GestorRoot, gestor: Owner, site: Owner) -> Option<u32> {
    let tops = [root.temp(), root.logs(), root.backups()];
    let owners = tops.iter().filter_map(|top| Owner::of(top).ok()).map(Owner::uid);
    let owners: Vec<u32> = owners.filter(|uid| *uid != 0).collect();
    let enough = if gestor.uid() == 0 && site.uid() == 0 { 1 } else { 2 };
    let first = *owners.first()?;
    (owners.len() >= enough && owners.iter().all(|uid| *uid == first)).then_some(first)
}

/// Whether this process may bring something to `plugins/`. Where it may not, what others left there is theirs.
pub(super) fn may_write_plugins(root: &GestorRoot) -> bool {
    base::may_write(&root.plugins())
}

/// Refuses a process that could not bring anything to `plugins/`, before it begins.
///
/// # Errors
/// [`FsError::NotOurs`], with what to do about it.
pub fn check_writable(root: &GestorRoot) -> Result<(), StageError> {
    if may_write_plugins(root) {
        return Ok(());
    }
    let plugins = root.plugins();
    let refused = FsError::new(base::Attempt::Write, &plugins, nix::errno::Errno::EACCES);
    Err(owner(root)?.not_ours_at(&plugins, refused).into())
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
pub fn prepare_work(root: &GestorRoot) -> Result<(), StageError> {
    ensure(&root.temp(), &root.work(), work_owner(root)?, WORK_MODE)
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
    let kept = kept_owner(layout.root()).ok();
    let folders = [
        (&plugins, layout.backups(), Some(owner), FOLDER_MODE),
        (&plugins, layout.near_folder(), Some(owner), TOP_MODE),
        (&backups, layout.kept(), kept, FOLDER_MODE),
    ];
    for (top, folder, owner, mode) in folders {
        if owner.is_some() && fs::symlink_metadata(&folder).is_ok() {
            let _ = base::ensure_folders(top, &folder, owner, mode);
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
