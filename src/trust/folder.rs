//! Reads the trust folder: roots, policy, what was withdrawn. By handles; what a stranger could have written is refused.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::certificate::Certificate;
use super::chain::Root;
use super::error::TrustError;
use super::policy::{self, Policy};
use super::revocation::{self, Revocations};
use crate::base::fs::{BelievedFolder, FsError, Owner, folder_names, may_stand};
use crate::base::hash::Hasher;
use crate::model::Sha256Digest;

/// Files of roots.
const MOST_ROOTS: usize = 256;
/// Bytes of one.
const ROOT_BYTES: u64 = 256 << 10;
/// Said of a file that holds none.
const NO_CERTIFICATE: &str = "it holds no certificate in PEM form, or one that cannot be read";
const ROOTS: &str = "raizes";
const POLICY: &str = "politica.json";
const REVOKED: &str = "revogados.json";
const INDICES: &str = "indices";
/// Bytes of a file of an index.
const INDEX_BYTES: u64 = 1 << 20;

/// What is believed on a site.
#[derive(Debug, Default)]
pub struct TrustFolder {
    pub(super) roots: Vec<Root>,
    /// What the operator asks for.
    pub policy: Policy,
    /// What was withdrawn.
    pub revocations: Revocations,
}

impl TrustFolder {
    /// Reads it; nobody is believed where there is none.
    ///
    /// # Errors
    /// [`TrustError::Folder`], [`TrustError::Settings`].
    pub fn read(path: Option<&Path>, owner: Owner) -> Result<Self, TrustError> {
        let Some(folder) = opened(path, |path| BelievedFolder::open(path, owner))? else {
            return Ok(Self::default());
        };
        let policy = Settings::read(&folder, POLICY, policy::MAX_BYTES)?;
        let policy = policy
            .map(|file| file.parsed(Policy::read))
            .transpose()?
            .unwrap_or_default();
        let revoked = Settings::read(&folder, REVOKED, revocation::MAX_BYTES)?;
        let revocations = revoked.map(|file| file.parsed(Revocations::read)).transpose()?;
        let roots = roots(&folder, owner)?;
        let is_there = |name: &str| roots.iter().any(|root| root.file == name);
        if let Some(name) = policy.root_names().find(|name| !is_there(name)) {
            return Err(TrustError::Settings {
                path: folder.path().join(POLICY),
                fault: format!("`raizes` names {name:?}, and there is no such file in raizes/"),
            });
        }
        Ok(Self {
            roots,
            policy,
            revocations: revocations.unwrap_or_default(),
        })
    }

    /// Whether anybody is believed.
    pub fn believes(&self) -> bool {
        !self.roots.is_empty()
    }
}

/// SHA-256 of all that a trust folder says, for the record of an operation: roots, rules, what was withdrawn, indices. Not of the
/// key ring.
///
/// # Errors
/// [`TrustError::Folder`] where it is not believed, or cannot be read.
pub fn digest(path: &Path, owner: Owner) -> Result<Sha256Digest, TrustError> {
    let mut hasher = Hasher::default();
    let mut add = |folder: &BelievedFolder, place: &str, name: &str, limit: u64| -> Result<(), TrustError> {
        if let Some(file) = Settings::read(folder, name, limit)? {
            let name = format!("{place}{name}");
            for part in [name.as_bytes(), &file.bytes] {
                hasher.update(&(part.len() as u64).to_le_bytes());
                hasher.update(part);
            }
        }
        Ok(())
    };
    let Some(folder) = opened(Some(path), |path| BelievedFolder::open(path, owner))? else {
        return Ok(hasher.finish());
    };
    add(&folder, "", POLICY, policy::MAX_BYTES)?;
    add(&folder, "", REVOKED, revocation::MAX_BYTES)?;
    let below = |name: &str| {
        opened(Some(&folder.path().join(name)), |path| {
            BelievedFolder::open_here(path.to_owned(), owner)
        })
    };
    if let Some(roots) = below(ROOTS)? {
        for name in roots.names(".pem", MOST_ROOTS).map_err(TrustError::Folder)? {
            add(&roots, "raizes/", &name, ROOT_BYTES)?;
        }
    }
    let indices = match folder_names(&folder.path().join(INDICES)) {
        Err(fault) if fault.is_absent() => Vec::new(),
        names => names.map_err(TrustError::Folder)?,
    };
    for name in indices.into_iter().collect::<BTreeSet<_>>() {
        let place = format!("{INDICES}/{name}");
        if let Some(index) = below(&place)? {
            for file in ["indice.json", "root.json"] {
                add(&index, &format!("{place}/"), file, INDEX_BYTES)?;
            }
        }
    }
    Ok(hasher.finish())
}

/// A folder, where there is one.
fn opened(
    path: Option<&Path>,
    open: impl Fn(&Path) -> Result<BelievedFolder, FsError>,
) -> Result<Option<BelievedFolder>, TrustError> {
    let Some(path) = path else { return Ok(None) };
    match open(path) {
        // A link that leads nowhere is no folder that nobody made.
        Err(fault) if fault.is_absent() && !may_stand(path) => Ok(None),
        folder => folder.map(Some).map_err(TrustError::Folder),
    }
}

/// A file of the folder.
struct Settings {
    path: PathBuf,
    bytes: Vec<u8>,
}

impl Settings {
    fn read(folder: &BelievedFolder, name: &str, limit: u64) -> Result<Option<Self>, TrustError> {
        let path = folder.path().join(name);
        match folder.bytes(name, limit) {
            Err(fault) if fault.is_absent() => Ok(None),
            read => {
                let bytes = read.map_err(TrustError::Folder)?;
                Ok(Some(Self { path, bytes }))
            }
        }
    }

    fn parsed<T>(self, read: impl Fn(&[u8]) -> Result<T, String>) -> Result<T, TrustError> {
        let path = self.path;
        read(&self.bytes).map_err(|fault| TrustError::Settings { path, fault })
    }
}

fn roots(folder: &BelievedFolder, owner: Owner) -> Result<Vec<Root>, TrustError> {
    let path = folder.path().join(ROOTS);
    let Some(below) = opened(Some(&path), |path| BelievedFolder::open_here(path.to_owned(), owner))? else {
        return Ok(Vec::new());
    };
    let names = below.names(".pem", MOST_ROOTS).map_err(TrustError::Folder)?;
    if names.len() > MOST_ROOTS {
        let fault = format!("it holds more than {MOST_ROOTS} files");
        return Err(TrustError::Settings { path, fault });
    }
    let mut roots = Vec::new();
    for name in names {
        let Some(file) = Settings::read(&below, &name, ROOT_BYTES)? else {
            continue;
        };
        for certificate in file.parsed(certificates)? {
            let file = name.clone();
            roots.push(Root { file, certificate });
        }
    }
    Ok(roots)
}

/// Certificates in PEM form, at least one.
pub(super) fn certificates(bytes: &[u8]) -> Result<Vec<Certificate>, String> {
    let read = |der: Result<CertificateDer<'_>, _>| der.ok().and_then(|der| Certificate::read(&der));
    let found: Option<Vec<_>> = CertificateDer::pem_slice_iter(bytes).map(read).collect();
    found
        .filter(|found| !found.is_empty())
        .ok_or_else(|| NO_CERTIFICATE.to_owned())
}
