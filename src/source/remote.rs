//! What GitHub and plain URLs have in common: the client, a download into staging, a checksum file. Owns the log lines
//! of a download.

use std::path::PathBuf;
use std::time::Duration;

use super::{Expectation, OfferedBy, SourceError, checksum_file};
use crate::base::net::{Address, BodyKind, Client, ClientSettings, Credential, Download, NetError, Page, Request};
use crate::config::{InstallParameters, Settings};
use crate::log::{Fetching, Reporter};
use crate::model::Sha256Digest;

const USER_AGENT: &str = "Conn2Flow-Plugin-Manager/1.0";
const CHECKSUM_LIMIT: u64 = 1 << 20;
const PAGE_LIMIT: u64 = 32 << 20;
/// Any content, as it is.
pub(super) const OCTETS: &str = "application/octet-stream";
/// GitHub's lists.
pub(super) const GITHUB_JSON: &str = "application/vnd.github+json";

/// Fetches over the network into one file of staging.
pub(super) struct Remote<'a> {
    client: Client,
    target: PathBuf,
    limit: u64,
    pub(super) reporter: &'a dyn Reporter,
}

impl<'a> Remote<'a> {
    pub(super) fn new(
        parameters: &InstallParameters,
        settings: &Settings,
        target: PathBuf,
        reporter: &'a dyn Reporter,
    ) -> Result<Self, SourceError> {
        if let Some(file) = &settings.ca_file {
            super::reach::allow(parameters, "gestor_plugins.ca_file", file)?;
        }
        Ok(Self {
            client: Client::new(client_settings(settings))?,
            target,
            limit: parameters.site.limits.package_bytes,
            reporter,
        })
    }

    /// The same for a package of at most so many bytes.
    pub(super) fn at_most(mut self, bytes: u64) -> Self {
        self.limit = self.limit.min(bytes);
        self
    }

    /// Downloads the package.
    pub(super) fn package(
        &self,
        address: &Address,
        credential: Option<&Credential>,
    ) -> Result<(PathBuf, Download), NetError> {
        self.reporter.message(Fetching::PackageDownloading.into());
        let request = Request {
            address: address.clone(),
            accept: OCTETS,
            credential,
            limit: self.limit,
            kind: BodyKind::Zip,
        };
        let download = self.client.download(&request, &self.target, self.reporter)?;
        self.reporter
            .message(Fetching::DownloadCompleted { bytes: download.length }.into());
        self.reporter.message(
            Fetching::PackageSaved {
                path: self.target.display().to_string(),
            }
            .into(),
        );
        Ok((self.target.clone(), download))
    }

    /// Fetches a checksum file about the package called `name`; `None` when there is no such file.
    pub(super) fn checksum(
        &self,
        address: &Address,
        credential: Option<&Credential>,
        name: Option<&str>,
    ) -> Result<Option<Sha256Digest>, SourceError> {
        self.reporter.message(Fetching::ChecksumDownloading.into());
        let page = match self.read(address, OCTETS, credential, CHECKSUM_LIMIT) {
            Err(NetError::NotFound { .. }) => return Ok(None),
            found => found?,
        };
        let parsed = checksum_file::parse(&page.bytes, name);
        let origin = address.to_string();
        parsed
            .map(Some)
            .map_err(|source| SourceError::ChecksumFile { origin, source })
    }

    /// Reads a page of the API.
    pub(super) fn page(&self, address: &Address, credential: Option<&Credential>) -> Result<Page, NetError> {
        self.read(address, GITHUB_JSON, credential, PAGE_LIMIT)
    }

    fn read(
        &self,
        address: &Address,
        accept: &'static str,
        credential: Option<&Credential>,
        limit: u64,
    ) -> Result<Page, NetError> {
        let address = address.clone();
        let kind = BodyKind::Any;
        let request = Request {
            address,
            accept,
            credential,
            limit,
            kind,
        };
        self.client.read(&request, self.reporter)
    }

    /// Adds what the call offers: `sha256`, and the file at `sha256_url`, which must be there when it is named.
    pub(super) fn offers_of_call(
        &self,
        parameters: &InstallParameters,
        credential: Option<&Credential>,
        name: Option<&str>,
        expectation: &mut Expectation,
    ) -> Result<(), SourceError> {
        expectation.offer_of_call(parameters.sha256.as_deref(), name)?;
        if let Some(text) = &parameters.sha256_url {
            let address = Address::parse(text)?;
            let origin = address.to_string();
            let digest = self.checksum(&address, credential, name)?;
            let digest = digest.ok_or_else(|| SourceError::ChecksumAbsent { origin: origin.clone() })?;
            expectation.offer(OfferedBy::File(origin), digest);
        }
        Ok(())
    }
}

/// How a server is asked, as the machine says it.
pub fn client_settings(settings: &Settings) -> ClientSettings {
    let mut made = ClientSettings::new(USER_AGENT);
    if settings.http_idle > 0 {
        made.idle = Duration::from_secs(settings.http_idle);
    }
    if settings.http_total > 0 {
        made.total = Duration::from_secs(settings.http_total);
    }
    made.ca_file.clone_from(&settings.ca_file);
    made.proxies.clone_from(&settings.proxies);
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_that_are_not_set_stay_those_of_the_client() {
        let usual = ClientSettings::new(USER_AGENT);
        let of = |http_idle, http_total| {
            let made = client_settings(&Settings {
                http_idle,
                http_total,
                ..Settings::default()
            });
            (made.idle, made.total)
        };
        assert_eq!(of(0, 0), (usual.idle, usual.total));
        assert_eq!(of(3, 4), (Duration::from_secs(3), Duration::from_secs(4)));
    }
}
