//! `origem_tipo=indice`: a package that a signed index pins, from wherever it lies. Its SHA-256 and its length are the
//! index's; one address is as good as the other.

use std::path::Path;

use super::fetch::check;
use super::remote::Remote;
use super::url::package_name;
use super::{Expectation, OfferedBy, Package, SourceError, Verified};
use crate::base::fs::remove_file;
use crate::base::net::{Address, Credential, NetError};
use crate::config::{InstallParameters, Settings};
use crate::log::{Message, Reporter};
use crate::model::Sha256Digest;

/// A package as an index says that it is.
#[derive(Debug, Clone)]
pub struct PinnedPackage {
    /// Where it is.
    pub urls: Vec<String>,
    /// Its SHA-256.
    pub sha256: Sha256Digest,
    /// Its length.
    pub size: u64,
    /// `<index>:<plugin>`.
    pub reference: String,
    /// What the server of the index wants; sent to that server alone.
    pub credential: Option<Credential>,
}

/// Brings it to `target`, a path in staging. When it fails, nothing is left there.
pub fn fetch_pinned(
    parameters: &InstallParameters,
    settings: &Settings,
    target: &Path,
    pinned: &PinnedPackage,
    reporter: &dyn Reporter,
) -> Result<Verified, SourceError> {
    let remote = Remote::new(parameters, settings, target.to_owned(), reporter)?.at_most(pinned.size);
    let fetched = from_any(&remote, parameters, pinned);
    if fetched.is_err() {
        // The first fault is the one to tell; staging is removed as a whole anyway.
        let _ = remove_file(target);
    }
    fetched
}

/// From the first address that has it.
fn from_any(
    remote: &Remote<'_>,
    parameters: &InstallParameters,
    pinned: &PinnedPackage,
) -> Result<Verified, SourceError> {
    let mut last = None;
    for (at, url) in pinned.urls.iter().enumerate() {
        match from_one(remote, parameters, pinned, url) {
            Err(fault @ (SourceError::Cancelled(_) | SourceError::Net(NetError::Cancelled(_)))) => return Err(fault),
            Err(fault) => {
                if at + 1 < pinned.urls.len() {
                    remote.reporter.message(Message::warning(&fault));
                }
                last = Some(fault);
            }
            found => return found,
        }
    }
    let nowhere = || SourceError::Missing {
        origin: "indice",
        key: "urls",
        hint: super::messages::AN_ADDRESS,
    };
    Err(last.unwrap_or_else(nowhere))
}

/// A limit of the site's that is lower keeps its own words.
fn too_long(fault: NetError, pinned: &PinnedPackage) -> SourceError {
    match fault {
        NetError::TooLarge { url, limit } if limit == pinned.size => SourceError::LongerThanSaid {
            offered_by: OfferedBy::Index(pinned.reference.clone()),
            expected: limit,
            url,
        },
        other => other.into(),
    }
}

fn from_one(
    remote: &Remote<'_>,
    parameters: &InstallParameters,
    pinned: &PinnedPackage,
    url: &str,
) -> Result<Verified, SourceError> {
    let address = Address::parse(url)?;
    let package = remote.package(&address, pinned.credential.as_ref());
    let (path, download) = package.map_err(|fault| too_long(fault, pinned))?;
    if download.length != pinned.size {
        return Err(SourceError::LengthDiffers {
            offered_by: OfferedBy::Index(pinned.reference.clone()),
            expected: pinned.size,
            found: download.length,
        });
    }
    let mut expectation = Expectation::required();
    expectation.offer(OfferedBy::Index(pinned.reference.clone()), pinned.sha256);
    remote.offers_of_call(parameters, None, package_name(&address).as_deref(), &mut expectation)?;
    let package = Package {
        path,
        file: download.file,
        sha256: download.sha256,
        length: download.length,
        origin_text: pinned.reference.clone(),
        resolved_tag: None,
        credential_name: None,
        credential_reference: None,
    };
    check(package, &expectation, remote.reporter)
}
