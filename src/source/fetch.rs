//! The one way in: from the parameters of a call to a checked package in staging.

use std::path::{Path, PathBuf};

use super::local::{self, Located};
use super::remote::Remote;
use super::{Credentials, Expectation, Package, SourceError, Verified, github, messages, url, verify};
use crate::base::fs::remove_file;
use crate::base::net::Address;
use crate::config::{InstallParameters, Origin, Settings};
use crate::log::{Fetching, Reporter};
use crate::model::Slug;

/// What a call led to.
#[derive(Debug, Clone)]
pub enum Fetched {
    /// A ZIP in staging, checked.
    Package(Verified),
    /// A folder, to be packed as if it were a package. Its real path.
    Folder(PathBuf),
}

/// Brings the package of a call to `target`, a path in staging, and checks its SHA-256 (SPEC §5.4, §5.5, §11). When it fails,
/// nothing is left there.
pub fn fetch(
    parameters: &InstallParameters,
    settings: &Settings,
    (target, slug): (&Path, &Slug),
    credentials: &mut dyn Credentials,
    reporter: &dyn Reporter,
) -> Result<Fetched, SourceError> {
    let fetched = fetch_to(parameters, settings, (target, slug), credentials, reporter);
    if fetched.is_err() {
        // The first fault is the one to tell; staging is removed as a whole anyway.
        let _ = remove_file(target);
    }
    fetched
}

fn fetch_to(
    parameters: &InstallParameters,
    settings: &Settings,
    (target, slug): (&Path, &Slug),
    credentials: &mut dyn Credentials,
    reporter: &dyn Reporter,
) -> Result<Fetched, SourceError> {
    let origin = &parameters.origin;
    let missing = |key, hint| SourceError::Missing {
        origin: origin.word(),
        key,
        hint,
    };
    let remote = || Remote::new(parameters, settings, target.to_owned(), reporter);
    let (package, expectation) = match origin {
        Origin::Upload(file) | Origin::File(file) => {
            let hint = messages::A_FILE;
            let given = file.as_deref().ok_or_else(|| missing("arquivo", hint))?;
            let path = local::find(parameters, given, "arquivo")?;
            local::fetch(parameters, &path, "arquivo", target, reporter)?
        }
        Origin::LocalPath(path) => {
            let hint = messages::A_FILE_OR_FOLDER;
            let given = path.as_deref().ok_or_else(|| missing("local_path", hint))?;
            match local::locate(parameters, given)? {
                Located::Folder(path) => return Ok(Fetched::Folder(path)),
                Located::File(path) => local::fetch(parameters, &path, "local_path", target, reporter)?,
            }
        }
        Origin::Github(repository) => {
            let plan = github::Plan::new(repository, settings, slug, credentials)?;
            github::fetch(&remote()?, parameters, &plan)?
        }
        Origin::Index(_) => {
            let hint = messages::A_PINNED_PACKAGE;
            return Err(missing("indice", hint));
        }
        Origin::Url(of) => {
            let text = of.url.as_deref();
            let address = Address::parse(text.ok_or_else(|| missing("url", messages::AN_ADDRESS))?)?;
            let found = credentials.for_address(of.credential.as_ref(), &address)?;
            url::fetch(&remote()?, parameters, &address, found)?
        }
    };
    check(package, &expectation, reporter).map(Fetched::Package)
}

/// Checks, and tells the log what was compared.
pub(super) fn check(
    package: Package,
    expectation: &Expectation,
    reporter: &dyn Reporter,
) -> Result<Verified, SourceError> {
    for (_, digest) in expectation.offers() {
        reporter.message(
            Fetching::ChecksumExpected {
                sha256: digest.to_string(),
            }
            .into(),
        );
    }
    if !expectation.offers().is_empty() {
        reporter.message(
            Fetching::ChecksumCalculated {
                sha256: package.sha256.to_string(),
            }
            .into(),
        );
    }
    let verified = verify(package, expectation)?;
    if verified.was_checked() {
        reporter.message(Fetching::ChecksumsMatch.into());
        reporter.message(Fetching::ChecksumVerified.into());
    }
    Ok(verified)
}
