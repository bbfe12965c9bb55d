//! The kept package: `backups/plugins/<slug>/<version>.zip` with its SHA-256 file. Prepared before the commit, so that
//! after it there is only a rename left that can fail.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::backup::{create, prepare_folder};
use super::premises::FILE_MODE;
use super::{Layout, StageError, premises};
use crate::base::fs::{self as base, Attempt, FsError, Owner};
use crate::base::hash::sha256_reader;
use crate::model::{GestorRoot, Sha256Digest, Slug, Version};

/// The content of a `.sha256` file: `<hex>  <name>`.
pub fn checksum_line(digest: Sha256Digest, version: Version) -> String {
    format!("{digest}  {version}.zip\n")
}

/// Puts the package, which was hashed by this handle, and its SHA-256 file beside their final places. It is linked where
/// that is possible and its name ([`Layout::package`]) still leads to it, else copied. Gives what was put there.
pub fn prepare(
    layout: &Layout,
    package: &File,
    version: Version,
    digest: Sha256Digest,
    owner: Owner,
) -> Result<File, StageError> {
    let folders = premises::kept_owner(layout.root())?;
    // Who may look into the folder may read what is in it.
    let owner = owner.shown_to(folders);
    prepare_folder(&layout.root().backups(), &layout.kept(), folders)?;
    let made = if link(layout, package, owner)? {
        let cloned = package.try_clone();
        cloned.map_err(|fault| FsError::new(Attempt::Read, layout.package(), fault))?
    } else {
        copy(layout, package, owner)?
    };
    let path = layout.kept_checksum_partial();
    create(&path, owner)?
        .write_all(checksum_line(digest, version).as_bytes())
        .map_err(|fault| FsError::new(Attempt::Write, &path, fault))?;
    Ok(made)
}

/// Whether the package that was put beside its final place still stands there.
///
/// # Errors
/// [`FsError::Swapped`].
pub fn check(layout: &Layout, made: &File) -> Result<(), StageError> {
    Ok(base::check_same(&layout.kept_partial(), made)?)
}

/// The kept package of a version, open, and its path; `None` when there is none.
///
/// # Errors
/// When somebody else can have put it there.
pub fn find(root: &GestorRoot, slug: &Slug, version: Version) -> Result<Option<(PathBuf, File)>, StageError> {
    trusted(root, slug, root.kept_package(slug, version))
}

/// The kept package of a version with a SHA-256, open, and its path: under the name of its version, or under that with
/// its first digits.
///
/// # Errors
/// When somebody else can have put it there.
pub fn find_package(
    root: &GestorRoot,
    slug: &Slug,
    version: Version,
    wanted: Sha256Digest,
) -> Result<Option<(PathBuf, File)>, StageError> {
    let path = root.kept_package(slug, version);
    for path in [hashed_name(&path, wanted), path] {
        let Some((path, file)) = trusted(root, slug, path)? else {
            continue;
        };
        let read = sha256_reader(base::from_start(&file));
        let (digest, _) = read.map_err(|fault| FsError::new(Attempt::Read, &path, fault))?;
        if digest == wanted {
            return Ok(Some((path, file)));
        }
    }
    Ok(None)
}

/// Where the kept package of a version with a SHA-256 stands, that is kept: where another of its version came, it has a
/// name with its first digits.
pub fn place(root: &GestorRoot, slug: &Slug, version: Version, sha256: Sha256Digest) -> PathBuf {
    let path = root.kept_package(slug, version);
    let hashed = hashed_name(&path, sha256);
    if fs::symlink_metadata(&hashed).is_ok() {
        hashed
    } else {
        path
    }
}

pub(super) fn trusted(root: &GestorRoot, slug: &Slug, path: PathBuf) -> Result<Option<(PathBuf, File)>, StageError> {
    let owner = premises::owner(root)?;
    let above = premises::kept_owner(root)?;
    let folders = [root.kept(slug).parent().map(ToOwned::to_owned), Some(root.kept(slug))];
    for folder in folders.into_iter().flatten() {
        if !base::trusted_folder(&folder, above)? {
            return Ok(None);
        }
    }
    let found = base::open_trusted_in(&path, owner, above, false)?;
    Ok(found.map(|file| (path, file)))
}

/// What the name of the file with a checksum has at its end, after that of the package.
pub(super) const CHECKSUM: &str = ".sha256";
/// A file with a checksum is no longer.
const CHECKSUM_BYTES: u64 = 4096;

/// A package that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptPackage {
    /// Its file.
    pub path: PathBuf,
    /// The version that its name says.
    pub version: String,
    /// The SHA-256 that stands beside it; nothing where none does.
    pub sha256: Option<String>,
    /// Its size.
    pub bytes: u64,
}

/// The kept packages of a plugin, by name. Nothing of them is trusted: they are only told of.
pub fn list(root: &GestorRoot, slug: &Slug) -> Result<Vec<KeptPackage>, FsError> {
    let folder = root.kept(slug);
    let names = match base::file_names(&folder) {
        Err(fault) if fault.is_absent() => return Ok(Vec::new()),
        names => names?,
    };
    let mut found: Vec<KeptPackage> = names
        .iter()
        .filter_map(|name| kept_package(&folder.join(name)))
        .collect();
    found.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(found)
}

/// The version that the name of a package says, alone or with what tells it from another package of it.
fn version_of(name: &str) -> Option<&str> {
    let name = name.strip_suffix(".zip")?;
    let version = name.split_once('+').map_or(name, |(version, _)| version);
    version.parse::<Version>().ok().map(|_| version)
}

/// Whether a name is that of a kept package.
pub(super) fn is_package(name: &str) -> bool {
    version_of(name).is_some()
}

/// A regular file with the name of a version, or of one with another package.
fn kept_package(path: &Path) -> Option<KeptPackage> {
    let version = version_of(path.file_name()?.to_str()?)?;
    let found = base::open_to_read(path, u64::MAX).ok()?.metadata().ok()?;
    let line = base::read_small(&checksum_of(path), CHECKSUM_BYTES).ok();
    let line = line.and_then(|line| String::from_utf8(line).ok());
    let digest = line.as_deref().and_then(|line| line.split_whitespace().next());
    Some(KeptPackage {
        version: version.to_owned(),
        sha256: digest
            .filter(|text| text.parse::<Sha256Digest>().is_ok())
            .map(str::to_owned),
        bytes: found.len(),
        path: path.to_owned(),
    })
}

/// Gives a package the name of its version. Packages of one version may differ: none is lost, the one that stands there
/// is renamed to `<version>+<first 8 digits of its SHA-256>.zip`. Can be repeated.
pub(super) fn publish_package(from: &Path, to: &Path) -> Result<(), FsError> {
    let published = make_way(from, to).and_then(|()| base::rename_over(from, to));
    if published.as_ref().is_err_and(|fault| !fault.is_absent()) {
        // What stands there cannot be moved.
        let own = hashed_name(to, digest(from)?);
        write_checksum(&own, digest(from)?)?;
        base::remove_file(&checksum_of(from))?;
        return base::rename_over(from, &own);
    }
    published
}

fn make_way(from: &Path, to: &Path) -> Result<(), FsError> {
    if fs::symlink_metadata(to).is_err_and(|fault| fault.kind() == io::ErrorKind::NotFound) {
        return Ok(());
    }
    let found = digest(to)?;
    if found == digest(from)? {
        return Ok(());
    }
    let other = hashed_name(to, found);
    write_checksum(&other, found)?;
    match base::rename_no_replace(to, &other) {
        Err(FsError::Exists { .. }) if digest(&other)? == found => Ok(()),
        done => done,
    }
}

/// More bytes than any package has; a larger file is not read through, and counts as one that cannot be moved.
const LIMIT: u64 = 8 << 30;

fn digest(path: &Path) -> Result<Sha256Digest, FsError> {
    let file = base::open_to_read(path, LIMIT)?;
    let found = sha256_reader(file).map_err(|fault| FsError::new(Attempt::Read, path, fault))?;
    Ok(found.0)
}

fn hashed_name(path: &Path, digest: Sha256Digest) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let digits: String = digest.to_string().chars().take(8).collect();
    path.with_file_name(format!("{stem}+{digits}.zip"))
}

pub(super) fn checksum_of(package: &Path) -> PathBuf {
    let mut path = package.as_os_str().to_owned();
    path.push(CHECKSUM);
    path.into()
}

fn write_checksum(package: &Path, digest: Sha256Digest) -> Result<(), FsError> {
    let folder = package.parent().unwrap_or(package);
    let name = package.file_name().unwrap_or_default().to_string_lossy();
    let path = checksum_of(package);
    let mut file = base::replace_file(&path, Some(Owner::of(folder)?), FILE_MODE)?;
    writeln!(file, "{digest}  {name}").map_err(|fault| FsError::new(Attempt::Write, &path, fault))
}

/// A link costs nothing. A package with another name already might be somebody's own file: that one is copied.
fn link(layout: &Layout, file: &File, owner: Owner) -> Result<bool, StageError> {
    let (package, path) = (layout.package(), layout.kept_partial());
    let found = file
        .metadata()
        .map_err(|fault| FsError::new(Attempt::Read, &package, fault))?;
    if found.nlink() != 1 {
        return Ok(false);
    }
    base::remove_file(&path)?;
    match base::link_file(file, &package, &path) {
        Ok(()) => owner
            .hand_over(file, FILE_MODE, &package)
            .map(|()| true)
            .map_err(Into::into),
        // Another file has its name by now: ours is copied.
        Err(FsError::Io { .. } | FsError::Swapped { .. }) => Ok(false),
        Err(fault) => Err(fault.into()),
    }
}

fn copy(layout: &Layout, package: &File, owner: Owner) -> Result<File, StageError> {
    let path = layout.kept_partial();
    let mut to = create(&path, owner)?;
    io::copy(&mut base::from_start(package), &mut to).map_err(|fault| FsError::new(Attempt::Write, &path, fault))?;
    Ok(to)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::base::hash::sha256;
    use crate::stage::Place;

    #[test]
    fn another_package_of_the_version_keeps_a_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let (from, to) = (path(".partial.zip"), path("1.0.0.zip"));
        fs::write(&to, "first").unwrap();
        for text in ["first", "second", "first", "second"] {
            fs::write(&from, text).unwrap();
            publish_package(&from, &to).unwrap();
            assert_eq!(fs::read_to_string(&to).unwrap(), text);
        }
        let other = hashed_name(&to, sha256(b"first"));
        assert_eq!(fs::read_to_string(&other).unwrap(), "first");
        let line = fs::read_to_string(checksum_of(&other)).unwrap();
        let name = other.file_name().unwrap().to_string_lossy();
        assert_eq!(line, format!("{}  {name}\n", sha256(b"first")));
        // What cannot be moved away stays.
        fs::remove_file(&to).unwrap();
        fs::create_dir(&to).unwrap();
        fs::write(&from, "third").unwrap();
        publish_package(&from, &to).unwrap();
        assert_eq!(fs::read_to_string(hashed_name(&to, sha256(b"third"))).unwrap(), "third");
        assert!(to.is_dir() && !from.exists());
    }

    #[test]
    fn a_package_is_published_once_and_never_over_another() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let names = || fs::read_dir(folder.path()).unwrap().count();
        let (from, to) = (path(".partial.zip"), path("1.0.0.zip"));
        for _ in 0..2 {
            fs::write(&from, "first").unwrap();
            publish_package(&from, &to).unwrap();
            assert_eq!((fs::read_to_string(&to).unwrap().as_str(), names()), ("first", 1));
        }
        // Another file has the name that the one that stands there would take.
        let taken = hashed_name(&to, sha256(b"first"));
        fs::write(&taken, "else").unwrap();
        fs::write(&from, "second").unwrap();
        publish_package(&from, &to).unwrap();
        let read = |path: &Path| fs::read_to_string(path).unwrap();
        let own = hashed_name(&to, sha256(b"second"));
        assert_eq!([read(&to), read(&taken), read(&own)], ["first", "else", "second"]);
    }

    #[test]
    fn a_kept_package_is_found_where_no_stranger_can_have_put_it() {
        let folder = tempfile::tempdir().unwrap();
        let (root, slug) = (GestorRoot::new(folder.path()), Slug::normalize("p").unwrap());
        let version = "1.0.0".parse().unwrap();
        let path = root.kept_package(&slug, version);
        fs::create_dir(root.plugins()).unwrap();
        assert!(find(&root, &slug, version).unwrap().is_none());
        fs::create_dir_all(root.kept(&slug)).unwrap();
        assert!(find(&root, &slug, version).unwrap().is_none());
        fs::write(&path, "package").unwrap();
        assert_eq!(find(&root, &slug, version).unwrap().unwrap().0, path);
        fs::set_permissions(root.kept(&slug), fs::Permissions::from_mode(0o777)).unwrap();
        assert!(find(&root, &slug, version).is_err());
    }

    #[test]
    fn a_package_is_linked_or_copied_and_nobodys_file_is_touched() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::new(
            GestorRoot::new(folder.path()),
            Slug::normalize("p").unwrap(),
            Place::Temp,
        );
        fs::create_dir_all(layout.staging()).unwrap();
        fs::write(layout.package(), "zip").unwrap();
        fs::set_permissions(layout.package(), fs::Permissions::from_mode(0o600)).unwrap();
        let owner = Owner::of(folder.path()).unwrap();
        let (version, digest) = ("1.2.3".parse().unwrap(), sha256(b"zip"));
        let package = base::open_to_read(&layout.package(), 9).unwrap();
        let made = prepare(&layout, &package, version, digest, owner).unwrap();
        check(&layout, &made).unwrap();
        assert_eq!(fs::metadata(layout.package()).unwrap().nlink(), 2);
        assert_eq!(
            fs::read_to_string(layout.kept_checksum_partial()).unwrap(),
            format!("{digest}  1.2.3.zip\n")
        );
        fs::remove_file(layout.kept_partial()).unwrap();
        let upload = folder.path().join("upload.zip");
        fs::hard_link(layout.package(), &upload).unwrap();
        fs::set_permissions(&upload, fs::Permissions::from_mode(0o600)).unwrap();
        prepare(&layout, &package, version, digest, owner).unwrap();
        assert_eq!(fs::metadata(&upload).unwrap().nlink(), 2);
        assert_eq!(fs::metadata(&upload).unwrap().mode() & 0o777, 0o600);
        assert_eq!(fs::read(layout.kept_partial()).unwrap(), b"zip");
        // What was hashed is kept, whatever has its name by now.
        fs::remove_file(&upload).unwrap();
        for foreign in [None, Some("evil")] {
            fs::remove_file(layout.package()).unwrap();
            fs::write(layout.package(), foreign.unwrap_or_default()).unwrap();
            let made = prepare(&layout, &package, version, digest, owner).unwrap();
            assert_eq!(fs::read(layout.kept_partial()).unwrap(), b"zip");
            check(&layout, &made).unwrap();
            fs::remove_file(layout.kept_partial()).unwrap();
            fs::write(layout.kept_partial(), "zip").unwrap();
            assert!(check(&layout, &made).is_err());
        }
    }
}
