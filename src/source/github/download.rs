//! Fetches the package of a repository: from its release, else (public only) from the web and from the source of a tag.

use super::super::remote::Remote;
use super::super::{Expectation, OfferedBy, Package, SourceError, messages};
use super::plan::Plan;
use super::release::{Asset, CHECKSUM, PACKAGE, Release};
use super::{api, release};
use crate::base::net::{Address, NetError};
use crate::config::InstallParameters;
use crate::log::Fetching;

/// Downloads the package that a call means; tells what is expected of it.
pub(in crate::source) fn fetch(
    remote: &Remote,
    parameters: &InstallParameters,
    plan: &Plan,
) -> Result<(Package, Expectation), SourceError> {
    let job = Job {
        remote,
        parameters,
        plan,
    };
    match (&plan.download, plan.is_private) {
        (Some(address), true) => job.private_by_address(address),
        (Some(address), false) => job.public_by_address(address),
        (None, true) => {
            let release = api::discover(remote, plan)?.ok_or_else(|| job.no_release())?;
            let asset = job.package_asset(&release)?.clone();
            job.private(&release, &asset)
        }
        (None, false) => match api::discover(remote, plan)? {
            Some(release) => job.public(&release),
            None => job.without_release(),
        },
    }
}

struct Job<'a> {
    remote: &'a Remote<'a>,
    parameters: &'a InstallParameters,
    plan: &'a Plan,
}

impl Job<'_> {
    /// Package and checksum by the API of assets; a checksum must be there.
    fn private(&self, release: &Release, asset: &Asset) -> Result<(Package, Expectation), SourceError> {
        self.tell_asset(asset);
        self.tell(Fetching::PrivateRepository);
        let checksum = release.asset(&format!("{}.sha256", asset.name));
        let is_given = self.parameters.sha256.is_some() || self.parameters.sha256_url.is_some();
        if checksum.is_none() && !is_given {
            return Err(SourceError::ChecksumRequired {
                repository: self.repository(),
                tag: release.tag.clone(),
                asset: CHECKSUM,
            });
        }
        self.tell(Fetching::AssetAddresses);
        self.tell(Fetching::AssetDownloadStarted);
        let address = self.plan.repository.asset(asset.id);
        let package = self.package(&address, Some(&release.tag))?;
        let mut expectation = Expectation::required();
        if let Some(checksum) = checksum {
            self.offer_file(&self.plan.repository.asset(checksum.id), &asset.name, &mut expectation)?;
        }
        self.offer_rest(Some(asset), &asset.name, &mut expectation)?;
        Ok((package, expectation))
    }

    /// An address in place of discovery. The token goes to the API alone, so an address on the web is turned into the
    /// asset that it means; a checksum stands beside the package.
    fn private_by_address(&self, address: &Address) -> Result<(Package, Expectation), SourceError> {
        let repository = &self.plan.repository;
        let found = if let Some((tag, name)) = repository.web_asset(address) {
            let release = api::of_tag(self.remote, self.plan, &tag)?;
            release.and_then(|release| Some((release.asset(&name)?.clone(), release)))
        } else if let Some(id) = repository.api_asset(address) {
            let releases = api::all(self.remote, self.plan)?;
            releases
                .into_iter()
                .find_map(|release| Some((release.asset_by_id(id)?.clone(), release)))
        } else {
            None
        };
        if let Some((asset, release)) = found {
            return self.private(&release, &asset);
        }
        self.tell(Fetching::PrivateRepository);
        let package = self.package(address, self.plan.reference.as_deref())?;
        let mut expectation = Expectation::required();
        let name = address.file_name().unwrap_or_default();
        let is_given = self.parameters.sha256.is_some() || self.parameters.sha256_url.is_some();
        if !is_given {
            self.offer_file(&beside(address), &name, &mut expectation)?;
        }
        self.offer_rest(None, &name, &mut expectation)?;
        Ok((package, expectation))
    }

    /// A release of a public repository: its asset on the web, else by the API, else the source of the tag.
    fn public(&self, release: &Release) -> Result<(Package, Expectation), SourceError> {
        let repository = &self.plan.repository;
        let on_web = repository.download(&release.tag, PACKAGE);
        let asset = release.asset(PACKAGE);
        if let Some(asset) = asset {
            self.tell_asset(asset);
        }
        let package = match (self.package(&on_web, Some(&release.tag)), asset) {
            (Err(SourceError::Net(NetError::NotFound { .. })), Some(asset)) => {
                self.tell(Fetching::AssetDownloadStarted);
                self.package(&repository.asset(asset.id), Some(&release.tag))?
            }
            (Err(SourceError::Net(NetError::NotFound { .. })), None) => {
                return self.source_of(Some(self.plan.reference.as_deref().unwrap_or(&release.tag)));
            }
            (found, _) => found?,
        };
        let mut expectation = Expectation::when_offered();
        if let Some(checksum) = release.asset(CHECKSUM) {
            let by_api = repository.asset(checksum.id);
            if !self.offer_if_there(&beside(&on_web), PACKAGE, &mut expectation)? {
                self.offer_file(&by_api, PACKAGE, &mut expectation)?;
            }
        } else if asset.is_none() {
            self.offer_if_there(&beside(&on_web), PACKAGE, &mut expectation)?;
        }
        self.offer_rest(asset, PACKAGE, &mut expectation)?;
        Ok((package, expectation))
    }

    /// A public repository without a release that fits: the address that an asset of the tag would have, else source.
    fn without_release(&self) -> Result<(Package, Expectation), SourceError> {
        let Some(reference) = self.plan.reference.as_deref() else {
            return self.source_of(None);
        };
        let on_web = self.plan.repository.download(reference, PACKAGE);
        match self.package(&on_web, Some(reference)) {
            Err(SourceError::Net(NetError::NotFound { .. })) => self.source_of(Some(reference)),
            found => {
                let package = found?;
                let mut expectation = Expectation::when_offered();
                self.offer_if_there(&beside(&on_web), PACKAGE, &mut expectation)?;
                self.offer_rest(None, PACKAGE, &mut expectation)?;
                Ok((package, expectation))
            }
        }
    }

    /// An address in place of discovery, for a public repository.
    fn public_by_address(&self, address: &Address) -> Result<(Package, Expectation), SourceError> {
        let on_web = self.plan.repository.web_asset(address);
        let tag = on_web.as_ref().map(|(tag, _)| tag.as_str());
        let package = self.package(address, tag.or(self.plan.reference.as_deref()))?;
        let mut expectation = Expectation::when_offered();
        let name = address.file_name().unwrap_or_default();
        if on_web.is_some() {
            self.offer_if_there(&beside(address), &name, &mut expectation)?;
        }
        let name = if self.plan.repository.api_asset(address).is_some() {
            PACKAGE
        } else {
            &name
        };
        self.offer_rest(None, name, &mut expectation)?;
        Ok((package, expectation))
    }

    /// The source of a tag or branch, which GitHub packs anew each time: only the call itself can know its checksum.
    fn source_of(&self, reference: Option<&str>) -> Result<(Package, Expectation), SourceError> {
        let address = self.plan.repository.zipball(reference);
        let repository = self.repository();
        let named = reference.map(str::to_owned);
        self.tell(Fetching::RepositorySourceTaken {
            repository,
            reference: named,
        });
        let package = self.package(&address, reference)?;
        let mut expectation = Expectation::when_offered();
        self.remote
            .offers_of_call(self.parameters, self.plan.credential.as_ref(), None, &mut expectation)?;
        Ok((package, expectation))
    }

    fn package(&self, address: &Address, tag: Option<&str>) -> Result<Package, SourceError> {
        let (path, download) = self.remote.package(address, self.plan.credential.as_ref())?;
        Ok(Package {
            path,
            file: download.file,
            sha256: download.sha256,
            length: download.length,
            origin_text: self.plan.repository.path(),
            resolved_tag: tag.map(str::to_owned),
            credential_name: self.plan.credential_name.clone(),
            credential_reference: self.plan.credential_reference.clone(),
        })
    }

    /// A checksum file that must be there.
    fn offer_file(&self, address: &Address, name: &str, expectation: &mut Expectation) -> Result<(), SourceError> {
        if self.offer_if_there(address, name, expectation)? {
            return Ok(());
        }
        let origin = address.to_string();
        Err(SourceError::ChecksumAbsent { origin })
    }

    /// A checksum file that may be there.
    fn offer_if_there(
        &self,
        address: &Address,
        name: &str,
        expectation: &mut Expectation,
    ) -> Result<bool, SourceError> {
        let found = self
            .remote
            .checksum(address, self.plan.credential.as_ref(), Some(name))?;
        if let Some(digest) = found {
            expectation.offer(OfferedBy::File(address.to_string()), digest);
        }
        Ok(found.is_some())
    }

    /// What the call and GitHub itself offer.
    fn offer_rest(&self, asset: Option<&Asset>, name: &str, expectation: &mut Expectation) -> Result<(), SourceError> {
        let credential = self.plan.credential.as_ref();
        self.remote
            .offers_of_call(self.parameters, credential, Some(name), expectation)?;
        if let Some(digest) = asset.and_then(Asset::sha256) {
            expectation.offer(OfferedBy::Api, digest);
        }
        Ok(())
    }

    fn package_asset<'r>(&self, release: &'r Release) -> Result<&'r Asset, SourceError> {
        release.asset(PACKAGE).ok_or_else(|| SourceError::NoAsset {
            repository: self.repository(),
            tag: release.tag.clone(),
            asset: PACKAGE,
        })
    }

    fn no_release(&self) -> SourceError {
        let named = self
            .plan
            .reference
            .as_deref()
            .filter(|reference| release::names_a_version(reference));
        SourceError::NoRelease {
            repository: self.repository(),
            wanted: named.map_or_else(|| messages::of_plugin(self.plan.slug.as_str()), messages::with_tag),
        }
    }

    fn tell(&self, told: Fetching) {
        self.remote.reporter.message(told.into());
    }

    fn tell_asset(&self, asset: &Asset) {
        let (name, id) = (asset.name.clone(), asset.id);
        self.tell(Fetching::AssetFound { name, id });
    }

    fn repository(&self) -> String {
        self.plan.repository.page().to_string()
    }
}

/// The checksum file beside a package.
fn beside(address: &Address) -> Address {
    address.with_suffix(".sha256")
}
