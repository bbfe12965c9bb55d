//! What a call wants from GitHub, checked before anything is asked.

use super::super::{Credentials, FoundCredential, SourceError, messages};
use super::repository::{Repository, is_reference};
use crate::base::net::{Address, Credential};
use crate::config::{GithubOrigin, Origin, Settings};
use crate::model::Slug;

/// Repository, reference and token of a call.
#[derive(Debug, Clone)]
pub(in crate::source) struct Plan {
    pub(super) repository: Repository,
    pub(super) slug: Slug,
    pub(super) is_private: bool,
    pub(super) reference: Option<String>,
    pub(super) download: Option<Address>,
    pub(super) credential: Option<Credential>,
    pub(super) credential_name: Option<String>,
    pub(super) credential_reference: Option<String>,
}

impl Plan {
    /// Reads a call. A private repository needs a token; for a public one it only raises GitHub's rate limit.
    pub(in crate::source) fn new(
        origin: &GithubOrigin,
        settings: &Settings,
        slug: &Slug,
        credentials: &mut dyn Credentials,
    ) -> Result<Self, SourceError> {
        let word = Origin::Github(origin.clone()).word();
        let missing = |key, hint| SourceError::Missing {
            origin: word,
            key,
            hint,
        };
        let owner = origin.owner.as_deref();
        let owner = owner.ok_or_else(|| missing("owner", messages::AN_OWNER))?;
        let name = origin.repository.as_deref();
        let name = name.ok_or_else(|| missing("repo", messages::A_REPOSITORY))?;
        let (api, web) = (settings.github_api.as_deref(), settings.github_web.as_deref());
        let repository = Repository::new(owner.trim(), name.trim(), api, web)?;
        let download = origin.download_url.as_deref().map(Address::parse).transpose()?;
        let reference = origin.reference.as_deref().map(reference).transpose()?;
        let found = credential(origin, &repository, credentials)?;
        Ok(Self {
            credential_name: found.as_ref().and_then(|found| found.name.clone()),
            credential_reference: found.as_ref().and_then(|found| found.reference.clone()),
            credential: found.map(|found| found.credential),
            download,
            reference,
            slug: slug.clone(),
            repository,
            is_private: origin.is_private,
        })
    }
}

fn credential(
    origin: &GithubOrigin,
    repository: &Repository,
    credentials: &mut dyn Credentials,
) -> Result<Option<FoundCredential>, SourceError> {
    let given = origin.credential.as_ref();
    let given = given.filter(|given| !given.expose().trim().is_empty());
    let found = credentials.credential(given, &repository.api)?;
    if origin.is_private && found.is_none() {
        return Err(SourceError::CredentialMissing);
    }
    Ok(found)
}

fn reference(given: &str) -> Result<String, SourceError> {
    let text = given.trim();
    let bare = text
        .strip_prefix("refs/tags/")
        .or_else(|| text.strip_prefix("refs/heads/"))
        .unwrap_or(text);
    if is_reference(bare) {
        Ok(bare.to_owned())
    } else {
        let given = crate::log::redact(&text.chars().take(120).collect::<String>());
        Err(SourceError::Reference { given })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_lose_their_folder_and_are_checked() {
        for (given, expected) in [
            ("main", Some("main")),
            (" refs/tags/v1.0.0 ", Some("v1.0.0")),
            ("refs/heads/feature/x", Some("feature/x")),
            ("refs/tags/", None),
            ("a..b", None),
        ] {
            assert_eq!(reference(given).ok().as_deref(), expected, "{given:?}");
        }
        let long = format!("ghp_secret {}", "x".repeat(200));
        let text = reference(&long).unwrap_err().to_string();
        assert!(text.contains("*** xxx") && text.len() < 170, "{text}");
    }
}
