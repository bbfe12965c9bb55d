//! What the source of a plugin offers: its index, else the releases of its repository.

use chrono::DateTime;

use super::Run;
use super::calls::Origin;
use super::listings::Listings;
use super::subject::{Offers, Subject};
use crate::base::db::Database;
use crate::config::GithubOrigin;
use crate::index::{Age, IndexName, PluginEntry, VersionEntry};
use crate::model::{Bilingual, Release};
use crate::ops::Error;
use crate::ops::credentials::PluginCredentials;
use crate::ops::index_words::IndexWords;
use crate::ops::indices::{Indices, Reached};
use crate::source::{ReleaseList, offered};
use crate::trust::Revocations;
use crate::updates::{Candidate, Channel, Reason};

/// By what indices are reached, where the site knows any.
pub(super) struct Sources {
    reached: Reached,
}

/// The indices of a run, and what they and the operator revoked.
pub(super) struct OpenSources<'a> {
    indices: Indices<'a>,
    revocations: Revocations,
}

impl Sources {
    pub(super) fn of(run: &Run<'_>) -> Result<Option<Self>, Error> {
        let reached = Reached::any(&run.call.site, run.settings, run.reporter)?;
        Ok(reached.map(|reached| Self { reached }))
    }

    pub(super) fn open<'a>(&'a self, run: &'a Run<'_>) -> Result<OpenSources<'a>, Error> {
        let site = &run.call.site;
        let words = IndexWords::of(Some(&self.reached), site, run.reporter, true)?;
        let mut revocations = run.revocations.clone();
        revocations.join(words.revocations());
        let indices = Indices::new(&self.reached, site, run.reporter, true)?;
        Ok(OpenSources {
            indices: if run.call.now { indices.asking() } else { indices },
            revocations,
        })
    }
}

impl Run<'_> {
    /// What is offered of a plugin.
    pub(super) fn news(
        &self,
        subject: &Subject,
        indices: Option<&OpenSources<'_>>,
        (listings, database): (&mut Listings<'_>, &mut Database),
    ) -> Result<Offers, Error> {
        let revocations = indices.map_or(&self.revocations, |indices| &indices.revocations);
        let mut offers = match Origin::of(subject) {
            Origin::Nowhere => Err(Reason::NoSource),
            Origin::Index(name) => self.of_index(subject, &name, indices)?,
            Origin::Repository {
                owner,
                name,
                is_private,
            } => {
                let origin = GithubOrigin {
                    is_private,
                    owner: Some(owner),
                    repository: Some(name),
                    reference: None,
                    credential: subject.origin.credential.clone().filter(|_| is_private),
                    download_url: None,
                };
                self.of_repository(subject, &origin, (listings, database))?
            }
        };
        for candidate in offers.iter_mut().flatten() {
            let blocked = revocations.blocks(&subject.slug, candidate.version, candidate.sha256);
            candidate.is_revoked = blocked.is_some();
        }
        Ok(offers)
    }

    /// Nothing comes by itself from an index whose server has not just said so.
    fn of_index(&self, subject: &Subject, name: &str, indices: Option<&OpenSources<'_>>) -> Result<Offers, Error> {
        let lang = self.call.site.lang;
        let Some(indices) = indices else {
            return Ok(Err(Reason::NoSource));
        };
        let read = || -> Result<Result<Option<PluginEntry>, Reason>, Error> {
            let index = indices.indices.open(&name.parse::<IndexName>()?)?;
            match index.age() {
                Age::Fresh => Ok(Ok(index.plugin(&subject.slug)?)),
                Age::GoneOn { reason, .. } => Ok(Err(Reason::Stale {
                    text: reason.text(lang),
                })),
                Age::Remembered => Ok(Err(Reason::Stale { text: String::new() })),
            }
        };
        match read() {
            Ok(Ok(Some(entry))) => Ok(Ok(self.candidates(subject, &entry))),
            Ok(Ok(None)) => Ok(Ok(Vec::new())),
            Ok(Err(reason)) => Ok(Err(reason)),
            Err(Error::SignedIndex(fault)) => Ok(Err(Reason::Stale { text: fault.text(lang) })),
            Err(fault) => Err(fault),
        }
    }

    fn candidates(&self, subject: &Subject, entry: &PluginEntry) -> Vec<Candidate> {
        let gestor = self.call.site.gestor_version.as_deref().and_then(Release::leading);
        let installed = entry.versions.iter().find(|known| known.version == subject.installed);
        let fits = |version: &&VersionEntry| gestor.is_none_or(|gestor| version.admits_gestor(gestor));
        let candidate = |version: &VersionEntry| {
            let published = DateTime::parse_from_rfc3339(&version.published_at).ok();
            let signer = version.signer.as_ref().map(|signer| signer.desenvolvedor.as_str());
            let known = installed
                .map(|installed| installed.permissions.as_slice())
                .unwrap_or_default();
            Candidate {
                sha256: Some(version.sha256),
                published: published.map(|time| time.to_utc()),
                channel: match version.channel {
                    crate::index::Channel::Estavel => Channel::Stable,
                    crate::index::Channel::Previa => Channel::Preview,
                },
                is_withdrawn: version.withdrawn.is_some(),
                mends: version
                    .mends
                    .iter()
                    .any(|mended| *mended == subject.installed.to_string()),
                is_of_another: subject.signer.is_some() && signer.is_some() && signer != subject.signer.as_deref(),
                asks_more: version.permissions.iter().any(|asked| !known.contains(asked)),
                ..Candidate::of(version.version)
            }
        };
        entry.versions.iter().filter(fits).map(candidate).collect()
    }

    fn of_repository(
        &self,
        subject: &Subject,
        origin: &GithubOrigin,
        (listings, database): (&mut Listings<'_>, &mut Database),
    ) -> Result<Offers, Error> {
        let mut credentials = PluginCredentials {
            site: &self.call.site,
            settings: self.settings,
            database,
            slug: Some(&subject.slug),
            reporter: self.reporter,
        };
        let list = match ReleaseList::of(origin, self.settings, &subject.slug, &mut credentials) {
            Ok(list) => list,
            // One plugin's credential does not keep the others from their updates.
            Err(fault) => {
                return Ok(Err(Reason::Unheard {
                    text: fault.text(self.call.site.lang),
                    at: String::new(),
                }));
            }
        };
        let body = match listings.list(database, &list)? {
            Ok(body) => body,
            Err(reason) => return Ok(Err(reason.clone())),
        };
        let releases = offered(body, &subject.slug).unwrap_or_default();
        let candidate = |release: crate::source::OfferedRelease| Candidate {
            sha256: release.sha256,
            has_checksum: release.has_checksum,
            published: release.published,
            channel: if release.is_preview {
                Channel::Preview
            } else {
                Channel::Stable
            },
            tag: Some(release.tag),
            ..Candidate::of(release.version)
        };
        let mut candidates: Vec<_> = releases.into_iter().map(candidate).collect();
        for candidate in &mut candidates {
            subject.standing.complete(candidate);
        }
        Ok(Ok(candidates))
    }
}
