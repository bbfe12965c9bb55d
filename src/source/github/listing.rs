//! The releases of a repository as one list, asked for once for all plugins of it, and only where it changed; and what of it
//! is of one plugin. When it is asked for is decided by others.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::super::remote::{GITHUB_JSON, client_settings};
use super::super::{Credentials, SourceError};
use super::plan::Plan;
use super::release::{CHECKSUM, PACKAGE};
use crate::base::hash::sha256;
use crate::base::net::{Address, BodyKind, Client, Credential, Exchange, NetError, Question, Request};
use crate::base::progress::Watcher;
use crate::config::{GithubOrigin, Settings};
use crate::model::{Sha256Digest, Slug, Version};

/// Bytes of a list.
const MOST: u64 = 16 << 20;
/// How long a list may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// The list of a repository, and who asks for it.
#[derive(Debug, Clone)]
pub struct ReleaseList {
    address: Address,
    credential: Option<Credential>,
    who: String,
}

/// A version of a plugin, as a release offers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferedRelease {
    /// Its version.
    pub version: Version,
    /// The release's tag.
    pub tag: String,
    /// The SHA-256 of its package, where GitHub says it.
    pub sha256: Option<Sha256Digest>,
    /// A file beside the package says it.
    pub has_checksum: bool,
    /// The later of when the release was published and when its package was uploaded last. When it was created is its
    /// author's word.
    pub published: Option<DateTime<Utc>>,
    /// It is a prerelease.
    pub is_preview: bool,
}

#[derive(Deserialize)]
struct Listed {
    tag_name: String,
    #[serde(default)]
    draft: bool,
    #[serde(default)]
    prerelease: bool,
    #[serde(default)]
    published_at: Option<String>,
    #[serde(default)]
    assets: Vec<ListedAsset>,
}

#[derive(Deserialize)]
struct ListedAsset {
    name: String,
    #[serde(default)]
    state: Option<String>,
    #[serde(default)]
    digest: Option<String>,
    #[serde(default)]
    updated_at: Option<String>,
}

impl ReleaseList {
    /// That of the repository of an origin.
    pub fn of(
        origin: &GithubOrigin,
        settings: &Settings,
        slug: &Slug,
        credentials: &mut dyn Credentials,
    ) -> Result<Self, SourceError> {
        let plan = Plan::new(origin, settings, slug, credentials)?;
        let name = plan.credential_name.or(plan.credential_reference);
        let who = match (&plan.credential, name) {
            (None, _) => String::new(),
            (Some(_), name) => name.unwrap_or_else(|| "-".to_owned()),
        };
        Ok(Self {
            address: plan.repository.releases(),
            credential: plan.credential,
            who,
        })
    }

    /// Where it is, without secrets.
    pub fn url(&self) -> String {
        self.address.to_string()
    }

    /// The server that is asked.
    pub fn server(&self) -> String {
        self.address.server()
    }

    /// By what it is remembered: its address and who asks, for what a server shows may depend on that.
    pub fn key(&self) -> String {
        sha256(format!("{}\n{}", self.address, self.who).as_bytes()).to_string()
    }

    /// Asks for it. `known`: the tag of the list that is there already.
    pub fn ask(&self, client: &Client, known: Option<&str>, watcher: &dyn Watcher) -> Result<Exchange, NetError> {
        let request = Request {
            address: self.address.clone(),
            accept: GITHUB_JSON,
            credential: self.credential.as_ref(),
            limit: MOST,
            kind: BodyKind::Any,
        };
        let question = known.map_or(Question::Plain, Question::Unless);
        client.exchange(&request, question, watcher)
    }
}

/// The HTTP client of lists.
pub fn list_client(settings: &Settings) -> Result<Client, NetError> {
    let mut made = client_settings(settings);
    made.total = made.total.min(PATIENCE);
    Client::new(made)
}

/// The versions of a plugin in a list; nothing where it is no list of releases. Only tags `plugin-<slug>-v<version>` say which
/// version they are of.
pub fn offered(list: &[u8], slug: &Slug) -> Option<Vec<OfferedRelease>> {
    let listed = releases(list)?;
    let prefix = format!("plugin-{slug}-v");
    let offered = listed.into_iter().filter(|release| !release.draft);
    let offered = offered.filter_map(|release| {
        let version = release.tag_name.strip_prefix(&prefix)?.parse().ok()?;
        let is_there = |asset: &&ListedAsset| asset.state.as_deref().is_none_or(|state| state == "uploaded");
        let asset = |name: &str| release.assets.iter().filter(is_there).find(|asset| asset.name == name);
        let package = asset(PACKAGE);
        let digest = package.and_then(|package| package.digest.as_deref()?.strip_prefix("sha256:")?.parse().ok());
        let changed = package.and_then(|package| time(package.updated_at.as_deref()));
        Some(OfferedRelease {
            version,
            sha256: digest,
            has_checksum: package.is_some() && asset(CHECKSUM).is_some(),
            published: time(release.published_at.as_deref())
                .map(|published| published.max(changed.unwrap_or(published))),
            is_preview: release.prerelease,
            tag: release.tag_name,
        })
    });
    Some(offered.collect())
}

/// Whether it is a list of releases, however short.
pub fn is_release_list(list: &[u8]) -> bool {
    releases(list).is_some()
}

/// The releases of a list. One that cannot be read costs nobody but itself; a list of such alone is none.
fn releases(list: &[u8]) -> Option<Vec<Listed>> {
    let all: Vec<serde_json::Value> = serde_json::from_slice(list).ok()?;
    let count = all.len();
    let read: Vec<Listed> = all
        .into_iter()
        .filter_map(|entry| Listed::deserialize(entry).ok())
        .collect();
    (count == 0 || !read.is_empty()).then_some(read)
}

fn time(text: Option<&str>) -> Option<DateTime<Utc>> {
    let read = DateTime::parse_from_rfc3339(text?).ok()?;
    Some(read.to_utc())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_list_says_which_versions_a_plugin_has() {
        let release = |tag: &str, published: &str, uploaded: &str| {
            json!({"tag_name": tag, "published_at": published, "prerelease": tag.ends_with("2.0.0"),
                "draft": tag.ends_with("9.0.0"), "created_at": "2020-01-01T00:00:00Z",
                "assets": [{"id": 1, "name": PACKAGE, "state": "uploaded", "digest": format!("sha256:{}", "a".repeat(64)),
                    "updated_at": uploaded}]})
        };
        let mut list = json!([
            release("plugin-loja-v1.1.0", "2026-01-02T00:00:00Z", "2026-01-05T00:00:00Z"),
            release("plugin-loja-v2.0.0", "2026-01-09T00:00:00Z", "2026-01-03T00:00:00Z"),
            release("plugin-loja-v9.0.0", "2026-01-09T00:00:00Z", "2026-01-03T00:00:00Z"),
            release("plugin-loja-vnext", "2026-01-09T00:00:00Z", "2026-01-03T00:00:00Z"),
            release("plugin-loja-x-v1.2.0", "2026-01-09T00:00:00Z", "2026-01-03T00:00:00Z"),
            release("gestor-v1.3.0", "2026-01-09T00:00:00Z", "2026-01-03T00:00:00Z"),
            {"tag_name": "plugin-loja-v1.0.1", "published_at": null}
        ]);
        list[4]["assets"][0]["state"] = json!("starter");
        let slug = Slug::normalize("loja").unwrap();
        let found = offered(list.to_string().as_bytes(), &slug).unwrap();
        let of = |at: usize| {
            let offer = &found[at];
            let published = offer.published.map(|time| time.format("%m-%d").to_string());
            (
                offer.version.to_string(),
                published.unwrap_or_default(),
                offer.sha256.is_some(),
                offer.is_preview,
            )
        };
        assert_eq!(of(0), ("1.1.0".to_owned(), "01-05".to_owned(), true, false));
        assert_eq!(of(1), ("2.0.0".to_owned(), "01-09".to_owned(), true, true));
        assert_eq!(of(2), ("1.0.1".to_owned(), String::new(), false, false));
        assert_eq!(found.len(), 3);
        let other = Slug::normalize("loja-x").unwrap();
        assert_eq!(
            offered(list.to_string().as_bytes(), &other).unwrap()[0].sha256,
            None,
            "it is not whole yet"
        );
        assert_eq!(offered(b"{\"message\":\"Not Found\"}", &slug), None);
    }
}
