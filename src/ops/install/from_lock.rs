//! What a lock file says, as packages of a batch (SPEC 2 §7): each from where a package with that SHA-256 stands, among the
//! kept ones, in the set that the lock file came with, or in the folder that the site names. What is taken out of a set goes
//! into a private folder; else it reads only.

use std::fs::File;
use std::path::{Path, PathBuf};

use crate::archive::Blacklist;
use crate::base::db::Database;
use crate::base::fs::{BelievedFolder, FsError, folder_of, read_all};
use crate::config::{BatchParameters, InstallParameters, PackageList, Settings};
use crate::dependencies::{LOCK_BYTES, LockFile, Locked};
use crate::model::{Phrase, Sha256Digest};
use crate::ops::known::RecordedPlugin;
use crate::ops::{DependencyRefusal, Error, confine, look, offer_messages, offers};
use crate::package::{IndexError, KeptPackages, Opening, PackageIndex, PackageSet};
use crate::stage::SetStaging;
use crate::{registry, stage};

/// What a lock file leads to.
#[derive(Default)]
pub(super) struct FromLock {
    pub(super) packages: Vec<InstallParameters>,
    /// What is to be told of it.
    pub(super) told: Vec<Phrase>,
    /// Where what came out of a set stands until the end.
    pub(super) staging: Option<SetStaging>,
}

/// Finds the package of each plugin that is not installed to the byte already.
///
/// # Errors
/// [`DependencyRefusal::NotFound`] where there is no package of a version, [`IndexError::OtherPackage`] where there is another
/// one alone.
pub(super) fn read((call, list): (&BatchParameters, &PackageList), settings: &Settings) -> Result<FromLock, Error> {
    let site = &call.site;
    let blacklist = Blacklist::from_settings(settings.blacklist.as_deref());
    let (path, file) = open(call, list)?;
    let (lock, set) = match list {
        PackageList::LockFile(_) => (read_lock(path, file)?, None),
        PackageList::Set(_) => {
            let set = PackageSet::open(path, file)?;
            (set.lock.clone(), Some((set, SetStaging::open(&site.root)?)))
        }
    };
    let of_file = |source| IndexError::Lock {
        path: path.to_owned(),
        source,
    };
    let locked = lock.locked().map_err(of_file)?;
    let mut found = FromLock::default();
    if lock.is_of_another_gestor(site.gestor_version.as_deref()) {
        let (there, here) = (lock.gestor.as_deref(), site.gestor_version.as_deref());
        found.told.push(offer_messages::other_gestor(there, here));
    }
    let mut database = look::connect(&site.root, site.database.as_ref())?;
    let mut shelves = Shelves {
        call,
        blacklist: &blacklist,
        set,
        index: None,
        missing: Vec::new(),
    };
    for one in &locked {
        if is_installed(&mut database, one)? {
            continue;
        }
        if let Some((path, sha256)) = shelves.find(one)? {
            let mut of_one = call.common.of_required(one.slug.as_str(), path, sha256.to_string());
            of_one.site.signature = call.common.site.signature;
            found.packages.push(InstallParameters {
                // What the call lets pass it lets pass for all that the file names.
                force: call.common.force,
                ignores_dependencies: call.common.ignores_dependencies,
                ..of_one
            });
        }
    }
    found.staging = shelves.set.map(|(_, staging)| staging);
    match shelves.missing {
        missing if missing.is_empty() => Ok(found),
        plugins => Err(DependencyRefusal::NotFound { plugins }.into()),
    }
}

/// The file: one that a stranger could have written would choose for us what is installed.
fn open<'l>(call: &BatchParameters, list: &'l PackageList) -> Result<(&'l Path, File), Error> {
    let (key, path) = list.named();
    confine::allow(&call.site.reach, key, path)?;
    let owner = stage::owner(&call.site.root)?;
    let above = folder_of(path);
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    // The site's own may be shared with a group as all that is kept.
    let own = call.site.root.backups().join("plugins");
    let folder = if above == own {
        BelievedFolder::open_here(own, stage::kept_owner(&call.site.root)?)?
    } else {
        BelievedFolder::open(above, owner)?
    };
    let most = match list {
        PackageList::LockFile(_) => LOCK_BYTES,
        PackageList::Set(_) => u64::MAX,
    };
    let (file, _) = folder.file(name, most)?;
    Ok((path, file))
}

fn read_lock(path: &Path, file: File) -> Result<LockFile, Error> {
    let bytes: Result<Vec<u8>, FsError> = read_all(file, path, LOCK_BYTES);
    Ok(LockFile::parse(&bytes?).map_err(|source| IndexError::Lock {
        path: path.to_owned(),
        source,
    })?)
}

/// It is installed, to the byte, and not paused.
fn is_installed(database: &mut Database, one: &Locked) -> Result<bool, Error> {
    let installed = registry::read(database, &one.slug)?.unwrap_or_default();
    let known = RecordedPlugin::read(database, &one.slug, &installed)?;
    let checksum = known.checksum(&installed);
    Ok(known.is_installed(&installed) && checksum.as_deref() == Some(one.sha256.to_string().as_str()))
}

/// Where packages stand.
struct Shelves<'c> {
    call: &'c BatchParameters,
    blacklist: &'c Blacklist,
    /// The set that the lock file came with, and where its packages go.
    set: Option<(PackageSet, SetStaging)>,
    index: Option<PackageIndex>,
    /// Plugins of which there is no package.
    missing: Vec<String>,
}

impl Shelves<'_> {
    /// The file of a package, with its SHA-256; nothing where it is missing.
    fn find(&mut self, one: &Locked) -> Result<Option<(PathBuf, Sha256Digest)>, Error> {
        let kept = KeptPackages::of(&self.call.site, &one.slug, self.blacklist);
        if let Some(package) = kept.find_package(one.version, one.sha256)? {
            return Ok(Some((package.path().to_owned(), one.sha256)));
        }
        if let Some((set, staging)) = &mut self.set
            && let Some(path) = set.take(one, staging, self.call.common.site.limits.package_bytes)?
        {
            return Ok(Some((path, one.sha256)));
        }
        let opening = Opening {
            limits: &self.call.site.limits,
            blacklist: self.blacklist,
        };
        let release = one.version.into();
        let offered = self
            .index(opening)?
            .and_then(|index| index.offered.get(&one.slug)?.get(&release));
        let other = match offered {
            Some(package) if package.verify(opening)? == one.sha256 => return Ok(Some((package.path(), one.sha256))),
            Some(package) => Some(package.path()),
            None => kept.find_other(one.version)?,
        };
        if let Some(path) = other {
            return Err(IndexError::OtherPackage {
                path,
                slug: one.slug.to_string(),
                version: one.version.to_string(),
                wanted: one.sha256.to_string(),
            }
            .into());
        }
        self.missing.push(format!("{} {}", one.slug, one.version));
        Ok(None)
    }

    fn index(&mut self, opening: Opening<'_>) -> Result<Option<&PackageIndex>, Error> {
        if let (None, Some(path)) = (&self.index, &self.call.common.dependency_rules.index) {
            let folder = offers::folder(&self.call.site, path)?;
            self.index = Some(PackageIndex::read(folder, &|_| true, opening)?);
        }
        Ok(self.index.as_ref())
    }
}
