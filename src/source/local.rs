//! Files and folders of this machine: `upload`, `arquivo`, `local_path`. Owns the copy into staging, which is hashed
//! while it is made: nobody can change the package after that.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use nix::fcntl::OFlag;
use sha2::{Digest, Sha256};

use super::reach::allow;
use super::{Expectation, OfferedBy, Package, SourceError, checksum_file, remote};
use crate::base::fs::replace_file;
use crate::base::hash::sha256_file;
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
    let real = path.canonicalize().map_err(|source| unreadable(key, &path, source))?;
    Ok(Located::Folder(real))
}

/// Finds a path: as it was given, below the gestor, below its uploads (a row stores the bare name of an upload).
/// What `open_basedir` keeps out is not looked at.
pub(super) fn find(parameters: &InstallParameters, given: &Path, key: &'static str) -> Result<PathBuf, SourceError> {
    let root = &parameters.root;
    let uploads = root.as_path().join("contents").join("plugins");
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

/// SHA-256 and path of a ZIP of this machine where it stands, if nothing is offered that it would have to be compared
/// with. Good for one question only: whether it is the installed package. To be installed it must be fetched.
pub fn peek(parameters: &InstallParameters) -> Option<(Sha256Digest, PathBuf)> {
    let path = match parameters.origin {
        Origin::Upload | Origin::File => find(parameters, parameters.file.as_deref()?, "arquivo").ok()?,
        Origin::LocalPath => match locate(parameters, parameters.local_path.as_deref()?).ok()? {
            Located::File(path) => path,
            Located::Folder(_) => return None,
        },
        Origin::GithubPublic | Origin::GithubPrivate | Origin::Url => return None,
    };
    let is_offered = parameters.sha256.is_some() || parameters.sha256_url.is_some() || neighbour(&path).exists();
    let is_small = path
        .metadata()
        .is_ok_and(|found| found.is_file() && found.len() <= parameters.limits.package_bytes);
    (!is_offered && is_small)
        .then(|| sha256_file(&path).ok())?
        .map(|(digest, _)| (digest, path))
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
    remote::offer_parameter(parameters, name.as_deref(), &mut expectation)?;
    let copy = Copy {
        source,
        key,
        target,
        limit: parameters.limits.package_bytes,
        reporter,
    };
    let (sha256, length) = copy.run()?;
    offer_neighbour(parameters, source, name.as_deref(), &mut expectation)?;
    let package = Package {
        path: target.to_owned(),
        sha256,
        length,
        origin_text: source.to_string_lossy().into_owned(),
        resolved_tag: None,
        stored_reference: None,
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
    if !path.is_file() {
        return Ok(());
    }
    let mut bytes = Vec::new();
    let read = File::open(&path).and_then(|file| file.take(CHECKSUM_LIMIT).read_to_end(&mut bytes));
    read.map_err(|source| unreadable("sha256", &path, source))?;
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
    fn run(&self) -> Result<(Sha256Digest, u64), SourceError> {
        let mut from = self.open()?;
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
        Ok((Sha256Digest::new(hasher.finalize().into()), done))
    }

    /// Opens the source. Never waits at a pipe, and looks at what was opened, not at what stood there before.
    #[expect(clippy::disallowed_methods, reason = "it is only read")]
    fn open(&self) -> Result<File, SourceError> {
        let (key, path) = (self.key, self.source);
        let opened = OpenOptions::new()
            .read(true)
            .custom_flags(OFlag::O_NONBLOCK.bits())
            .open(path);
        let file = opened.map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => SourceError::NotFound {
                key,
                path: path.to_owned(),
            },
            _ => unreadable(key, path, source),
        })?;
        let found = file.metadata().map_err(|source| unreadable(key, path, source))?;
        if found.is_file() {
            Ok(file)
        } else {
            Err(SourceError::NotAFile {
                key,
                path: path.to_owned(),
            })
        }
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
