//! What becomes of the files that a plugin publishes: what is brought, what goes, what stays. Looks; must not change
//! anything.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use super::look::{Found, Place, Standing};
use super::record::{AssetRecord, Published, other_with};
use super::warning::AssetWarning;
use crate::base::file_tree::FileTree;
use crate::base::fs::{self as base, Attempt, FsError, Owner};
use crate::base::hash::sha256_reader;
use crate::model::{Asset, GestorRoot, Sha256Digest, Slug};
use crate::stage::{StageError, premises};

/// What a plugin is to publish.
pub struct WantedAssets<'t> {
    /// The version of the plugin.
    pub version: String,
    /// Where its files stand.
    pub tree: &'t dyn FileTree,
    /// Which of them, and where to.
    pub assets: Vec<Asset>,
}

/// A file that is to be published, and what it holds.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) asset: Asset,
    pub(super) sha256: Sha256Digest,
}

/// A file, or a folder that is published as a whole.
#[derive(Debug)]
pub(super) struct PlannedUnit {
    /// Below `assets/`.
    pub(super) path: String,
    /// What it will hold; nothing where it goes.
    pub(super) brings: Vec<Wanted>,
    /// Something of ours stands there.
    pub(super) replaces: bool,
}

/// What becomes of the published files of a plugin.
#[derive(Debug, Default)]
pub struct AssetPlan {
    pub(super) units: Vec<PlannedUnit>,
    /// Files of ours that somebody wrote to, and whatever he put among ours: kept elsewhere before it goes. Below `assets/`.
    pub(super) altered: BTreeSet<PathBuf>,
    /// What is recorded from then on.
    pub(super) next: AssetRecord,
    /// What was recorded before.
    pub(super) before: AssetRecord,
    /// Folders that are made for it, the outermost first; `''` is `assets/` itself.
    pub(super) created: Vec<String>,
    /// What is not as it should be of what is published already.
    pub damage: AssetDamage,
    /// What is to be told.
    pub warnings: Vec<AssetWarning>,
}

/// Published files that are not as they were published, by path below `assets/`.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct AssetDamage {
    /// Nothing stands there.
    pub missing: Vec<String>,
    /// Something else is in them.
    pub altered: Vec<String>,
    /// Somebody put them among the plugin's.
    pub extra: Vec<String>,
}

impl AssetPlan {
    /// `assets/` itself is made.
    pub fn makes_the_folder_itself(&self) -> bool {
        self.created.iter().any(String::is_empty)
    }

    /// Neither files nor the record change.
    pub fn changes_nothing(&self) -> bool {
        self.units.is_empty() && self.next == self.before
    }
}

/// Plans. Nothing is wanted where the plugin goes.
pub fn plan(root: &GestorRoot, slug: &Slug, wanted: Option<&WantedAssets<'_>>) -> Result<AssetPlan, StageError> {
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
        },
        slug,
        site,
        plan: AssetPlan::default(),
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
    slug: &'p Slug,
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
            Standing::Files(found) => {
                let is_same = holds(&found, &files);
                let is_others = || other_with(self.place.root, self.slug, self.site, &unit).is_some();
                if !is_ours && (!is_same || is_others()) {
                    let (target, path) = (unit.clone(), self.place.absolute(&unit));
                    self.refuse(AssetWarning::Taken { target, path }, &files);
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
        self.settle_folders(wanted);
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

    /// Folders that were made for files and still have some.
    fn settle_folders(&mut self, wanted: Option<&WantedAssets<'_>>) {
        let plan = &mut self.plan;
        // That none of what is wanted could be published is recorded as well.
        if plan.next.arquivos.is_empty() && wanted.is_none_or(|wanted| wanted.assets.is_empty()) {
            plan.next = AssetRecord::default();
            return;
        }
        let made = self.place.record.pastas.iter().chain(&plan.created).cloned();
        let next = &plan.next;
        let mut made: Vec<String> = made
            .filter(|folder| (folder.is_empty() && !next.arquivos.is_empty()) || next.has(folder))
            .collect();
        made.sort();
        made.dedup();
        plan.next.pastas = made;
    }
}

/// Whether what stands is what is wanted, and nothing else.
fn holds(found: &Found, files: &[Wanted]) -> bool {
    let is_as = |file: &Wanted| found.files.get(&file.asset.target) == Some(&file.sha256);
    found.others.is_empty() && found.files.len() == files.len() && files.iter().all(is_as)
}
