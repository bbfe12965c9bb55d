//! A folder of packages as an index of what could be installed: only the manifest of each is read. What is damaged, hostile
//! or a stranger's is left out and told. Reads only.

use std::collections::BTreeMap;
use std::fs::File;
use std::num::NonZero;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use super::IndexError;
use crate::archive::{Archive, Blacklist, Unpackers, is_litter};
use crate::base::fs::{Attempt, BelievedFolder, FsError, Stamp, from_start};
use crate::base::hash::sha256_reader;
use crate::config::Limits;
use crate::manifest::{self, FILE_NAME, ManifestText};
use crate::model::{Component, Dependency, KnownRanges, Release, Sha256Digest, Slug};

/// Packages of a folder that is an index.
const MOST: usize = 100_000;
/// Files that are read at once.
const READERS: usize = 8;

/// A folder, and the names of the files that are looked at in it.
#[derive(Debug)]
struct Listing {
    folder: BelievedFolder,
    names: Vec<String>,
}

/// A package that is offered.
#[derive(Debug, Clone)]
pub struct OfferedPackage {
    listing: Arc<Listing>,
    /// Of its name.
    place: usize,
    /// The plugin.
    pub slug: Slug,
    /// Its version.
    pub release: Release,
    /// What it needs; `compatibility` is a need of the gestor.
    pub dependencies: Vec<Dependency>,
    bytes: u64,
}

/// A file of the folder that is no package that could be offered.
#[derive(Debug)]
pub struct LeftOut {
    /// Its file.
    pub path: PathBuf,
    /// Why.
    pub reason: IndexError,
}

/// What a folder offers.
#[derive(Debug, Default)]
pub struct PackageIndex {
    /// By plugin and version.
    pub offered: BTreeMap<Slug, BTreeMap<Release, OfferedPackage>>,
    /// What it does not.
    pub left_out: Vec<LeftOut>,
}

/// How packages are opened.
#[derive(Clone, Copy)]
pub struct Opening<'o> {
    /// Limits of archives.
    pub limits: &'o Limits,
    /// What no package may hold.
    pub blacklist: &'o Blacklist,
}

impl PackageIndex {
    /// Reads those files of a folder that are wanted, by name.
    ///
    /// # Errors
    /// The folder cannot be read, or holds too many. What is wrong with a file never is one.
    pub fn read(
        folder: BelievedFolder,
        is_wanted: &dyn Fn(&str) -> bool,
        opening: Opening<'_>,
    ) -> Result<Self, IndexError> {
        let mut names = folder.names(".zip", MOST)?;
        names.retain(|name| is_wanted(name));
        if names.len() > MOST {
            return Err(IndexError::TooMany {
                folder: folder.path().to_owned(),
                limit: MOST,
            });
        }
        let listing = Arc::new(Listing { folder, names });
        let mut index = Self::default();
        let mut twice = Vec::new();
        for (place, read) in read_all(&listing, opening) {
            match read {
                Ok(package) => index.add(package, &mut twice),
                Err(reason) => index.left_out.push(LeftOut {
                    path: listing.path(place),
                    reason: *reason,
                }),
            }
        }
        index.settle(twice);
        Ok(index)
    }

    fn add(&mut self, package: OfferedPackage, twice: &mut Vec<OfferedPackage>) {
        let versions = self.offered.entry(package.slug.clone()).or_default();
        match versions.get(&package.release) {
            Some(_) => twice.push(package),
            None => {
                versions.insert(package.release, package);
            }
        }
    }

    /// Of two files that say that they are the same version one is as good as the other where their bytes are the same. Where
    /// they are not, nobody knows which of them is meant: neither is offered.
    fn settle(&mut self, twice: Vec<OfferedPackage>) {
        let mut digests: BTreeMap<usize, Option<Sha256Digest>> = BTreeMap::new();
        let mut disputed = BTreeMap::new();
        for other in twice {
            let versions = self.offered.get(&other.slug);
            let Some(first) = versions.and_then(|versions| versions.get(&other.release)) else {
                continue;
            };
            let mut digest = |package: &OfferedPackage| {
                let known = digests.entry(package.place);
                *known.or_insert_with(|| package.digest().ok())
            };
            let is_same =
                first.bytes == other.bytes && digest(first).is_some_and(|found| Some(found) == digest(&other));
            if !is_same {
                let first = first.path();
                let key = (other.slug.clone(), other.release);
                disputed.entry(key).or_insert(first.clone());
                self.left_out.push(LeftOut {
                    path: other.path(),
                    reason: IndexError::OtherBytes { other: first },
                });
            }
        }
        for ((slug, release), path) in disputed {
            if let Some(versions) = self.offered.get_mut(&slug) {
                versions.remove(&release);
            }
            let mut others = self.left_out.iter();
            let other = others
                .find_map(|left| match &left.reason {
                    IndexError::OtherBytes { other } if *other == path => Some(left.path.clone()),
                    _ => None,
                })
                .unwrap_or_default();
            let reason = IndexError::OtherBytes { other };
            self.left_out.push(LeftOut { path, reason });
        }
    }
}

impl Listing {
    fn path(&self, place: usize) -> PathBuf {
        self.folder.path().join(&self.names[place])
    }
}

/// Reads all of them, in the order of their names.
fn read_all(
    listing: &Arc<Listing>,
    opening: Opening<'_>,
) -> impl Iterator<Item = (usize, Result<OfferedPackage, Box<IndexError>>)> {
    let count = listing.names.len();
    let (next, found) = (AtomicUsize::new(0), Mutex::new(Vec::with_capacity(count)));
    let read = || {
        let mut reader = Reader::new(opening);
        let at = || Some(next.fetch_add(1, Ordering::Relaxed)).filter(|place| *place < count);
        while let Some(place) = at() {
            let read = reader.read(listing, place).map_err(Box::new);
            if let Ok(mut found) = found.lock() {
                found.push((place, read));
            }
        }
    };
    let readers = std::thread::available_parallelism().map_or(1, NonZero::get);
    std::thread::scope(|scope| {
        for _ in 1..readers.min(READERS).min(count / 16 + 1) {
            // Without another thread this one reads all.
            let _ = std::thread::Builder::new().spawn_scoped(scope, read);
        }
        read();
    });
    let mut found = found.into_inner().unwrap_or_default();
    found.sort_unstable_by_key(|(place, _)| *place);
    found.into_iter()
}

/// Reads packages, one after the other, with what the last one left.
struct Reader<'o> {
    opening: Opening<'o>,
    unpackers: Arc<Unpackers>,
    ranges: KnownRanges,
}

impl<'o> Reader<'o> {
    fn new(opening: Opening<'o>) -> Self {
        Self {
            opening,
            unpackers: Arc::default(),
            ranges: KnownRanges::default(),
        }
    }

    fn read(&mut self, listing: &Arc<Listing>, place: usize) -> Result<OfferedPackage, IndexError> {
        let name = &listing.names[place];
        let (file, stamp) = listing.folder.file(name, self.opening.limits.package_bytes)?;
        self.described(file, (listing, place, stamp.size))
    }

    /// What a file says that it is.
    fn described(
        &mut self,
        file: File,
        (listing, place, bytes): (&Arc<Listing>, usize, u64),
    ) -> Result<OfferedPackage, IndexError> {
        let is_manifest = |name: &str| name.rsplit('/').next() == Some(FILE_NAME) && !is_litter(name, false);
        let (limits, blacklist) = (self.opening.limits, self.opening.blacklist);
        let archive = Archive::open_some((file, bytes), limits, blacklist, &is_manifest)?;
        let (root, text) = manifest::sole_text(&archive.tree_with("", &self.unpackers))?;
        let text = ManifestText::read(&text, &root.manifest_path)?;
        let slug = Slug::normalize(&text.id()?)?;
        let manifest = text.manifest(&slug, None, &mut self.ranges)?;
        let mut dependencies = manifest.dependencies;
        dependencies.extend(manifest.compatibility.map(|wanted| Dependency {
            on: Component::Gestor,
            range: wanted.range().unwrap_or_else(|| self.ranges.any()),
            optional: false,
        }));
        dependencies.shrink_to_fit();
        Ok(OfferedPackage {
            listing: Arc::clone(listing),
            place,
            slug,
            release: manifest.version.into(),
            dependencies,
            bytes,
        })
    }
}

impl OfferedPackage {
    /// Its file.
    pub fn path(&self) -> PathBuf {
        self.listing.path(self.place)
    }

    fn open(&self, limit: u64) -> Result<(File, Stamp), FsError> {
        self.listing.folder.file(&self.listing.names[self.place], limit)
    }

    fn digest(&self) -> Result<Sha256Digest, IndexError> {
        let (file, _) = self.open(u64::MAX)?;
        let (digest, _) = sha256_reader(file).map_err(|fault| FsError::new(Attempt::Read, self.path(), fault))?;
        Ok(digest)
    }

    /// The SHA-256 of its file, which still says what it said when it was offered: whoever is given that installs nothing
    /// else.
    ///
    /// # Errors
    /// [`IndexError::Exchanged`] where the file was.
    pub fn verify(&self, opening: Opening<'_>) -> Result<Sha256Digest, IndexError> {
        let (file, stamp) = self.open(opening.limits.package_bytes)?;
        let read = |fault| FsError::new(Attempt::Read, self.path(), fault);
        let same = file.try_clone().map_err(read)?;
        let now = Reader::new(opening).described(same, (&self.listing, self.place, stamp.size))?;
        let is_it = now.slug == self.slug && now.release == self.release && now.dependencies == self.dependencies;
        if !is_it {
            return Err(IndexError::Exchanged { path: self.path() });
        }
        let (digest, _) = sha256_reader(from_start(&file)).map_err(read)?;
        Ok(digest)
    }
}
