//! Files and folders of this machine: `upload`, `arquivo`, `local_path`. Owns the copy into staging, which is hashed
//! while it is made: nobody can change the package after that.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::reach::allow;
use super::{Expectation, OfferedBy, Package, SourceError, checksum_file};
use crate::base::fs::{FsError, from_start, open_named, read_all, real_path, replace_file};
use crate::base::hash::sha256_reader;
use crate::config::{InstallParameters, Origin};
use crate::log::{Progress, Reporter, Step};
use crate::model::Sha256Digest;

/// Reading and hashing are fastest with pieces that fit the processor's cache.
const PIECE: usize = 256 * 1024;
const CHECKSUM_LIMIT: u64 = 1 << 20;

/// What a local path is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Located {
    /// A file.
    File(PathBuf),
    /// A folder.
    Folder(PathBuf),
}

/// Looks at `local_path`.
pub(super) fn locate(parameters: &InstallParameters, given: &Path) -> Result<Located, SourceError> {
    let key = "local_path";
    let path = find(parameters, given, key)?;
    let found = path.metadata().map_err(|source| unreadable(key, &path, source))?;
    if found.is_file() {
        return Ok(Located::File(path));
    }
    if !found.is_dir() {
        return Err(SourceError::NotAFile { key, path });
    }
    path.read_dir().map_err(|source| unreadable(key, &path, source))?;
    if parameters.sha256.is_some() || parameters.sha256_url.is_some() {
        return Err(SourceError::FolderChecksum { path });
    }
    // Links may have changed since the path was looked at. From here on none is followed, so this path is the folder.
    let real = path.canonicalize().map_err(|source| unreadable(key, &path, source))?;
    allow(parameters, key, &real)?;
    Ok(Located::Folder(real))
}

/// Finds a path: as it was given, below the gestor, below its uploads (a row stores the bare name of an upload).
/// What `open_basedir` keeps out is not looked at.
pub(super) fn find(parameters: &InstallParameters, given: &Path, key: &'static str) -> Result<PathBuf, SourceError> {
    let root = &parameters.site.root;
    let uploads = root.uploads();
    let places = [given.to_owned(), root.as_path().join(given), uploads.join(given)];
    let mut denied = None;
    let mut outside = None;
    for place in places {
        if let Err(fault) = allow(parameters, key, &place) {
            outside.get_or_insert(fault);
            continue;
        }
        match place.metadata() {
            Ok(_) => return Ok(place),
            Err(source) if source.kind() == io::ErrorKind::PermissionDenied => {
                denied.get_or_insert((place, source));
            }
            Err(_) => {}
        }
    }
    let absent = || SourceError::NotFound {
        key,
        path: given.to_owned(),
    };
    Err(match denied {
        Some((place, source)) => unreadable(key, &place, source),
        None => outside.unwrap_or_else(absent),
    })
}

/// The same of what was opened, wherever the path that it was opened by leads now. Where nobody can tell where it stands,
/// it stands outside.
fn allow_open(parameters: &InstallParameters, key: &'static str, path: &Path, file: File) -> Result<File, SourceError> {
    if parameters.site.reach.folders.is_some() {
        let real = real_path(&file, path).unwrap_or_else(|| PathBuf::from("/"));
        allow(parameters, key, &real)?;
    }
    Ok(file)
}

/// Opens what a call names. Never waits at a pipe, and looks at what was opened, not at what stood there before.
fn open(parameters: &InstallParameters, key: &'static str, path: &Path, limit: u64) -> Result<File, SourceError> {
    match open_named(path, limit) {
        Ok(file) => allow_open(parameters, key, path, file),
        Err(fault) if fault.is_absent() => Err(SourceError::NotFound {
            key,
            path: path.to_owned(),
        }),
        Err(FsError::NotAFile { path }) => Err(SourceError::NotAFile { key, path }),
        Err(FsError::TooLarge { path, limit }) => Err(SourceError::TooLarge { path, limit }),
        Err(fault) => Err(unreadable(key, path, fault.into())),
    }
}

/// The package that a call names on this machine, open where it stands; nothing where it names none, or a folder. Good for
/// one question only: which plugin it holds. To be installed it must be fetched.
pub fn open_local(parameters: &InstallParameters) -> Result<Option<File>, SourceError> {
    let Some((key, given)) = parameters.local_file() else {
        return Ok(None);
    };
    let path = match &parameters.origin {
        Origin::LocalPath(_) => match locate(parameters, given)? {
            Located::File(path) => path,
            Located::Folder(_) => return Ok(None),
        },
        _ => find(parameters, given, key)?,
    };
    open(parameters, key, &path, parameters.site.limits.package_bytes).map(Some)
}

/// Path and SHA-256 of a ZIP of this machine where it stands, if nothing is offered that it would have to be compared
/// with. Good for one question only: whether it is the installed package. To be installed it must be fetched.
pub fn peek(parameters: &InstallParameters) -> Option<(PathBuf, Sha256Digest)> {
    let (path, key) = match &parameters.origin {
        Origin::Upload(file) | Origin::File(file) => (find(parameters, file.as_deref()?, "arquivo").ok()?, "arquivo"),
        Origin::LocalPath(path) => match locate(parameters, path.as_deref()?).ok()? {
            Located::File(path) => (path, "local_path"),
            Located::Folder(_) => return None,
        },
        Origin::Github(_) | Origin::Url(_) | Origin::Index(_) => return None,
    };
    if parameters.sha256.is_some() || parameters.sha256_url.is_some() || neighbour(&path).symlink_metadata().is_ok() {
        return None;
    }
    let file = open(parameters, key, &path, parameters.site.limits.package_bytes).ok()?;
    let (digest, _) = sha256_reader(from_start(&file)).ok()?;
    Some((path, digest))
}

/// Copies a ZIP into staging and hashes it, in one pass.
pub(super) fn fetch(
    parameters: &InstallParameters,
    source: &Path,
    key: &'static str,
    target: &Path,
    reporter: &dyn Reporter,
) -> Result<(Package, Expectation), SourceError> {
    let name = source.file_name().map(|name| name.to_string_lossy().into_owned());
    let mut expectation = Expectation::when_offered();
    expectation.offer_of_call(parameters.sha256.as_deref(), name.as_deref())?;
    let from = open(parameters, key, source, u64::MAX)?;
    let copy = Copy {
        source,
        key,
        target,
        limit: parameters.site.limits.package_bytes,
        reporter,
    };
    let (file, sha256, length) = copy.run(from)?;
    offer_neighbour(parameters, source, name.as_deref(), &mut expectation)?;
    let package = Package {
        path: target.to_owned(),
        file: Arc::new(file),
        sha256,
        length,
        origin_text: source.to_string_lossy().into_owned(),
        resolved_tag: None,
        credential_name: None,
        credential_reference: None,
    };
    Ok((package, expectation))
}

/// A `<package>.sha256` beside the package is an offer.
fn offer_neighbour(
    parameters: &InstallParameters,
    source: &Path,
    name: Option<&str>,
    expectation: &mut Expectation,
) -> Result<(), SourceError> {
    let path = neighbour(source);
    // One that is no file is none; a link that leads out of what PHP lets the script read is refused.
    if path.symlink_metadata().is_err() {
        return Ok(());
    }
    allow(parameters, "sha256", &path)?;
    let file = match open(parameters, "sha256", &path, CHECKSUM_LIMIT) {
        Err(SourceError::NotFound { .. } | SourceError::NotAFile { .. }) => return Ok(()),
        opened => opened?,
    };
    let read = read_all(file, &path, CHECKSUM_LIMIT);
    let bytes = read.map_err(|fault| unreadable("sha256", &path, fault.into()))?;
    let origin = path.display().to_string();
    let parsed = checksum_file::parse(&bytes, name);
    let digest = parsed.map_err(|source| SourceError::ChecksumFile {
        origin: origin.clone(),
        source,
    })?;
    expectation.offer(OfferedBy::File(origin), digest);
    Ok(())
}

fn neighbour(source: &Path) -> PathBuf {
    let mut path = source.as_os_str().to_owned();
    path.push(".sha256");
    PathBuf::from(path)
}

struct Copy<'a> {
    source: &'a Path,
    key: &'static str,
    target: &'a Path,
    limit: u64,
    reporter: &'a dyn Reporter,
}

impl Copy<'_> {
    fn run(&self, mut from: File) -> Result<(File, Sha256Digest, u64), SourceError> {
        let of = from.metadata().map(|found| found.len()).unwrap_or_default();
        let to = replace_file(self.target, None, 0o600);
        let mut to = to.map_err(|fault| self.staging(fault.into()))?;
        let (mut hasher, mut done) = (Sha256::new(), 0);
        let mut buffer = vec![0; PIECE];
        loop {
            self.reporter.progress(Progress {
                step: Step::Fetch,
                done,
                of,
                unit: "bytes",
            })?;
            let count = match from.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => count,
                Err(fault) if fault.kind() == io::ErrorKind::Interrupted => continue,
                Err(fault) => return Err(unreadable(self.key, self.source, fault)),
            };
            done += count as u64;
            // Counted while reading: a file that grows under our hands ends here too.
            if done > self.limit {
                let (path, limit) = (self.source.to_owned(), self.limit);
                return Err(SourceError::TooLarge { path, limit });
            }
            hasher.update(&buffer[..count]);
            to.write_all(&buffer[..count]).map_err(|source| self.staging(source))?;
        }
        Ok((to, Sha256Digest::new(hasher.finalize().into()), done))
    }

    fn staging(&self, source: io::Error) -> SourceError {
        let path = self.target.to_owned();
        SourceError::Staging { path, source }
    }
}

fn unreadable(key: &'static str, path: &Path, source: io::Error) -> SourceError {
    let path = path.to_owned();
    SourceError::Unreadable { key, path, source }
}
