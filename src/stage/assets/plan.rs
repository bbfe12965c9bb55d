//! What becomes of the files that a plugin publishes: what is brought, what goes, what stays. Looks; must not change
//! anything.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use super::holders::Holders;
use super::look::{Found, Place, Standing};
use super::planned::{AssetPlan, PlannedUnit, Wanted, WantedAssets};
use super::record::{AssetRecord, Published, folders_of_others, other_with};
use super::warning::AssetWarning;
use crate::base::fs::{self as base, Attempt, FsError, Owner};
use crate::base::hash::sha256_reader;
use crate::model::{GestorRoot, Sha256Digest, Slug};
use crate::stage::{StageError, premises};

/// Plans. Nothing is wanted where the plugin goes.
pub fn plan(
    root: &GestorRoot,
    slug: &Slug,
    wanted: Option<&WantedAssets<'_>>,
    holders: &Holders,
) -> Result<AssetPlan, StageError> {
    let site = premises::owner(root)?;
    let before = AssetRecord::read(root, slug, site);
    if before == AssetRecord::default() && wanted.is_none_or(|wanted| wanted.assets.is_empty()) {
        return Ok(AssetPlan::default());
    }
    let owner = premises::assets_owner(root)?;
    let mut planning = Planning {
        place: Place {
            root,
            owner,
            record: &before,
            slug,
            holders,
        },
        site,
        plan: AssetPlan {
            wants: wanted.is_some_and(|wanted| !wanted.assets.is_empty()),
            ..AssetPlan::default()
        },
    };
    if let Some(wanted) = wanted {
        planning.arrive(wanted)?;
    }
    planning.leave(wanted)?;
    let mut plan = planning.plan;
    plan.before = before;
    Ok(plan)
}

/// The units of what is wanted, each with its files.
fn units(wanted: &WantedAssets<'_>) -> Result<BTreeMap<String, Vec<Wanted>>, StageError> {
    let mut units: BTreeMap<String, Vec<Wanted>> = BTreeMap::new();
    for asset in &wanted.assets {
        let path = &asset.source;
        let read = |fault| FsError::new(Attempt::Read, path, fault);
        let Some(reader) = wanted.tree.open(path).map_err(read)? else {
            continue;
        };
        let (sha256, _) = sha256_reader(reader).map_err(read)?;
        let asset = asset.clone();
        let unit = units.entry(asset.unit().to_owned()).or_default();
        unit.push(Wanted { asset, sha256 });
    }
    Ok(units)
}

/// A plan in the making.
struct Planning<'p> {
    place: Place<'p>,
    site: Owner,
    plan: AssetPlan,
}

impl Planning<'_> {
    fn arrive(&mut self, wanted: &WantedAssets<'_>) -> Result<(), StageError> {
        let before = self.place.record;
        self.plan.next.atual.clone_from(&wanted.version);
        self.plan.next.anterior = match before.atual.as_str() {
            "" => None,
            same if same == wanted.version => before.anterior.clone(),
            other => Some(other.to_owned()),
        };
        for (unit, files) in units(wanted)? {
            self.tell_versions(&files);
            self.bring(unit, files, &wanted.version)?;
        }
        Ok(())
    }

    fn bring(&mut self, unit: String, files: Vec<Wanted>, version: &str) -> Result<(), StageError> {
        let is_folder = files.iter().any(|file| file.asset.folder.is_some());
        let is_ours = is_folder || self.place.record.has(&unit);
        let (slug, holders) = (self.place.slug, self.place.holders);
        if let Some(plugin) = holders.holder(slug, &unit) {
            let (target, plugin) = (unit, plugin.to_string());
            self.refuse(AssetWarning::OfPlugin { target, plugin }, &files);
            return Ok(());
        }
        let brings = match self.place.look(&unit, is_folder)? {
            Standing::Foreign(why) => {
                self.refuse(why, &files);
                return Ok(());
            }
            Standing::Free => {
                if let Some(why) = self.place.answers_elsewhere(&unit).filter(|_| !is_ours || is_folder) {
                    self.refuse(why, &files);
                    return Ok(());
                }
                let missing = files.iter().map(|file| file.asset.target.clone());
                self.plan.damage.missing.extend(missing);
                Some(false)
            }
            // Another one of the set gives it up: what that one's users wrote to it, it keeps.
            Standing::Files(_) if !is_ours && holders.gives_up(slug, &unit) => Some(true),
            Standing::Files(found) => {
                let is_same = holds(&found, &files);
                if !is_ours {
                    self.refuse(self.taken(unit, is_same), &files);
                    return Ok(());
                }
                self.compare(found, &files);
                (!is_same).then_some(true)
            }
        };
        self.note(&files, version);
        if let Some(replaces) = brings {
            self.make_way(&unit);
            let (path, brings) = (unit, files);
            self.plan.units.push(PlannedUnit { path, brings, replaces });
        }
        Ok(())
    }

    /// Whose a file is that stands there and is not ours: also where it holds what ours would, for somebody put it there.
    fn taken(&self, target: String, is_same: bool) -> AssetWarning {
        let path = self.place.absolute(&target);
        match other_with(self.place.root, self.place.slug, self.site, &target) {
            Some(plugin) => AssetWarning::OfPlugin {
                target,
                plugin: plugin.to_string(),
            },
            None if is_same => AssetWarning::Alike { target, path },
            None => AssetWarning::Taken { target, path },
        }
    }

    /// Not published. What was, and cannot be reached any more, is missed, and stays recorded: it is wanted still.
    fn refuse(&mut self, why: AssetWarning, files: &[Wanted]) {
        for file in files {
            let target = &file.asset.target;
            if let Some(known) = self.place.record.arquivos.get(target) {
                self.plan.next.arquivos.insert(target.clone(), known.clone());
                self.plan.damage.missing.push(target.clone());
            }
        }
        self.plan.warnings.push(why);
    }

    /// What stands there and what should.
    fn compare(&mut self, found: Found, files: &[Wanted]) {
        let Found {
            files: mut found,
            others,
        } = found;
        for file in files {
            let target = &file.asset.target;
            match found.remove(target) {
                None => self.plan.damage.missing.push(target.clone()),
                Some(digest) if digest == file.sha256 => {}
                Some(digest) => {
                    self.keep_altered(target, digest);
                    self.plan.damage.altered.push(target.clone());
                }
            }
        }
        for (target, digest) in found {
            self.keep_altered(&target, digest);
            self.plan.damage.extra.push(target);
        }
        let shown = others.iter().map(|path| path.to_string_lossy().into_owned());
        self.plan.damage.extra.extend(shown);
        self.plan.altered.extend(others);
    }

    fn keep_altered(&mut self, target: &str, digest: Sha256Digest) {
        if !self.place.record.knows(target, digest) {
            self.plan.altered.insert(target.into());
        }
    }

    fn note(&mut self, files: &[Wanted], version: &str) {
        let noted = files.iter().map(|file| {
            let published = Published {
                sha256: file.sha256.to_string(),
                versao: version.to_owned(),
                marca: file.asset.version.clone(),
                pasta: file.asset.folder,
                sai: false,
            };
            (file.asset.target.clone(), published)
        });
        self.plan.next.arquivos.extend(noted);
    }

    /// The folders that are missing on the way to a unit.
    fn make_way(&mut self, unit: &str) {
        let above = unit.match_indices('/').map(|(at, _)| &unit[..at]);
        for folder in [""].into_iter().chain(above) {
            let is_missing = fs::symlink_metadata(self.place.absolute(folder)).is_err();
            if is_missing && !self.plan.created.iter().any(|made| made == folder) {
                self.plan.created.push(folder.to_owned());
            }
        }
    }

    /// A script or style that changed under an address that browsers keep.
    fn tell_versions(&mut self, files: &[Wanted]) {
        for file in files.iter().filter(|file| file.asset.folder.is_none()) {
            let Some(before) = self.place.record.arquivos.get(&file.asset.target) else {
                continue;
            };
            if before.sha256 != file.sha256.to_string() && before.marca == file.asset.version {
                self.plan.warnings.push(AssetWarning::SameVersion {
                    target: file.asset.target.clone(),
                    version: file.asset.version.clone().unwrap_or_else(|| "-".to_owned()),
                });
            }
        }
    }

    /// What was published and is no longer wanted goes, but for the folder of the version before.
    fn leave(&mut self, wanted: Option<&WantedAssets<'_>>) -> Result<(), StageError> {
        for (unit, files) in self.place.record.units() {
            if self.plan.next.has(&unit) {
                continue;
            }
            let is_folder = files.iter().any(|(_, file)| file.pasta.is_some());
            let found = match self.place.look(&unit, is_folder)? {
                Standing::Files(found) => found,
                // What stands there cannot be reached. It is not forgotten.
                Standing::Foreign(AssetWarning::NoWay { .. }) => {
                    self.carry(&files);
                    continue;
                }
                Standing::Foreign(_) | Standing::Free => continue,
            };
            if files.iter().all(|(_, file)| file.sai) {
                let standing = |(path, _): &&(&String, &Published)| found.files.contains_key(*path);
                let left: Vec<_> = files.iter().filter(standing).copied().collect();
                self.plan
                    .damage
                    .extra
                    .extend(left.iter().map(|(path, _)| (*path).clone()));
                self.carry(&left);
                continue;
            }
            let version = self.plan.next.anterior.as_deref();
            if is_folder && wanted.is_some() && files.iter().all(|(_, file)| Some(file.versao.as_str()) == version) {
                let kept = files.iter().map(|(path, file)| ((*path).clone(), (*file).clone()));
                self.plan.next.arquivos.extend(kept);
                continue;
            }
            self.check_may_go(&unit, is_folder)?;
            self.go(unit, is_folder, found);
        }
        self.settle_folders();
        Ok(())
    }

    /// What is to go already, and stands: it is tried again.
    fn carry(&mut self, files: &[(&String, &Published)]) {
        let carried = files.iter().map(|(path, file)| {
            let file = Published {
                sai: true,
                ..(*file).clone()
            };
            ((*path).clone(), file)
        });
        self.plan.next.arquivos.extend(carried);
    }

    /// It goes, and is recorded until it is gone.
    fn go(&mut self, unit: String, is_folder: bool, found: Found) {
        for (target, digest) in found.files {
            self.keep_altered(&target, digest);
            let going = Published {
                sha256: digest.to_string(),
                versao: self.place.record.atual.clone(),
                marca: None,
                pasta: is_folder.then_some(unit.len()),
                sai: true,
            };
            self.plan.next.arquivos.insert(target, going);
        }
        self.plan.altered.extend(found.others);
        self.plan.units.push(PlannedUnit {
            path: unit,
            brings: Vec::new(),
            replaces: true,
        });
    }

    /// It goes after the commit, where nothing may fail any more.
    fn check_may_go(&self, unit: &str, is_folder: bool) -> Result<(), StageError> {
        let path = self.place.absolute(unit);
        let above = path.parent().unwrap_or(&path);
        // A folder is written to when it gets another one above it.
        let folders = [Some(above), is_folder.then_some(path.as_path())];
        let Some(folder) = folders.into_iter().flatten().find(|folder| !base::may_write(folder)) else {
            return Ok(());
        };
        let refused = FsError::new(Attempt::Write, folder, nix::errno::Errno::EACCES);
        Err(self.place.owner.not_ours_at(folder, refused).into())
    }

    /// Folders that were made for files and still have some. One that another plugin made for its files, and that has some of
    /// ours, is that of both: whoever goes last takes it away.
    fn settle_folders(&mut self) {
        let shared = folders_of_others(self.place.root, self.place.slug, self.site);
        let plan = &mut self.plan;
        let made = self.place.record.pastas.iter().chain(&plan.created).chain(&shared);
        let made: BTreeSet<String> = made.cloned().collect();
        plan.next.pastas = made.into_iter().collect();
        plan.forget_folders();
    }
}

/// Whether what stands is what is wanted, and nothing else.
fn holds(found: &Found, files: &[Wanted]) -> bool {
    let is_as = |file: &Wanted| found.files.get(&file.asset.target) == Some(&file.sha256);
    found.others.is_empty() && found.files.len() == files.len() && files.iter().all(is_as)
}
