//! Which release and which file of it. Pure: what GitHub answered, in; a choice, out.

use std::cmp::Ordering;

use serde::Deserialize;

use crate::model::{Sha256Digest, Slug};

/// The package of a release.
pub(super) const PACKAGE: &str = "gestor-plugin.zip";
/// Its checksum.
pub(super) const CHECKSUM: &str = "gestor-plugin.zip.sha256";

/// A release as the API shows it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Release {
    #[serde(rename = "tag_name")]
    pub(super) tag: String,
    #[serde(default)]
    draft: bool,
    #[serde(default)]
    prerelease: bool,
    #[serde(default, rename = "published_at")]
    published: Option<String>,
    #[serde(default)]
    assets: Vec<Asset>,
}

/// A file of a release.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Asset {
    pub(super) id: u64,
    pub(super) name: String,
    #[serde(default)]
    state: Option<String>,
    #[serde(default)]
    digest: Option<String>,
}

impl Asset {
    /// GitHub's own SHA-256 of it, where the API gives one.
    pub(super) fn sha256(&self) -> Option<Sha256Digest> {
        self.digest.as_deref()?.strip_prefix("sha256:")?.parse().ok()
    }
}

impl Release {
    /// A file by its name, when it was uploaded completely.
    pub(super) fn asset(&self, name: &str) -> Option<&Asset> {
        let complete = |asset: &&Asset| asset.state.as_deref().is_none_or(|state| state == "uploaded");
        self.assets.iter().filter(complete).find(|asset| asset.name == name)
    }

    /// A file by its number.
    pub(super) fn asset_by_id(&self, id: u64) -> Option<&Asset> {
        self.assets.iter().find(|asset| asset.id == id)
    }
}

/// The release of a tag, be it a draft or prerelease (GitHub shows drafts in its list only); the newest one when the
/// reference is a branch or absent; none when the reference names another version.
pub(super) fn choose(releases: Vec<Release>, reference: Option<&str>, slug: &Slug) -> Option<Release> {
    if let Some(found) = releases.iter().find(|release| Some(release.tag.as_str()) == reference) {
        return Some(found.clone());
    }
    match reference {
        Some(version) if names_a_version(version) => None,
        _ => newest(releases, slug),
    }
}

/// The newest release of a plugin; drafts and prereleases do not count. Among tags `plugin-<slug>-v…` the highest
/// version wins (a fix of an old line may be published after a newer one); among other tags `plugin-…`, whose versions
/// cannot be compared, the one published last.
fn newest(releases: Vec<Release>, slug: &Slug) -> Option<Release> {
    let public = |release: &Release| !release.draft && !release.prerelease;
    let candidates: Vec<Release> = releases.into_iter().filter(public).collect();
    let prefix = format!("plugin-{slug}-v");
    let own = |release: &Release| Some(TagVersion::of(release.tag.strip_prefix(&prefix)?));
    let best = candidates.iter().filter_map(|release| Some((own(release)?, release)));
    let best = best.max_by(|(a, x), (b, y)| a.cmp(b).then_with(|| x.published.cmp(&y.published)));
    if let Some((_, release)) = best {
        return Some(release.clone());
    }
    let any = candidates
        .into_iter()
        .filter(|release| release.tag.starts_with("plugin-"));
    // Of two with the same time the first in GitHub's list is the newer one; `max_by` would take the last.
    any.reduce(|best, next| if next.published > best.published { next } else { best })
}

/// Whether a reference names a version and not a branch: another release must never be installed in its place.
pub(super) fn names_a_version(reference: &str) -> bool {
    let bare = reference.strip_prefix('v').unwrap_or(reference);
    let is_commit = (7..=40).contains(&reference.len()) && reference.bytes().all(|byte| byte.is_ascii_hexdigit());
    reference.starts_with("plugin-")
        || is_commit
        || (bare.starts_with(|c: char| c.is_ascii_digit()) && bare.contains('.'))
}

/// The version in a tag: numbers, then what follows a `-`. A final version is newer than its candidates.
#[derive(Debug, Clone, PartialEq, Eq)]
struct TagVersion {
    numbers: Vec<u64>,
    candidate: Option<String>,
}

impl TagVersion {
    fn of(text: &str) -> Option<Self> {
        let text = text.split('+').next().unwrap_or(text);
        let (numbers, candidate) = match text.split_once('-') {
            Some((numbers, candidate)) => (numbers, Some(candidate.to_owned())),
            None => (text, None),
        };
        // `plugin-x-v2-v1.0.0` is version 1.0.0 of the plugin `x-v2`, not a candidate of version 2 of `x`.
        if candidate.as_deref().is_some_and(starts_a_version) {
            return None;
        }
        let numbers = numbers
            .split('.')
            .map(|part| part.parse().ok())
            .collect::<Option<Vec<u64>>>()?;
        Some(Self { numbers, candidate })
    }
}

fn starts_a_version(text: &str) -> bool {
    text.strip_prefix('v')
        .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

impl Ord for TagVersion {
    fn cmp(&self, other: &Self) -> Ordering {
        let length = self.numbers.len().max(other.numbers.len());
        let part = |version: &Self, at: usize| version.numbers.get(at).copied().unwrap_or_default();
        let numbers = (0..length).map(|at| part(self, at).cmp(&part(other, at)));
        let by_number = numbers.fold(Ordering::Equal, Ordering::then);
        by_number.then_with(|| match (&self.candidate, &other.candidate) {
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (mine, theirs) => mine.cmp(theirs),
        })
    }
}

impl PartialOrd for TagVersion {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release(tag: &str, published: &str) -> Release {
        Release {
            tag: tag.to_owned(),
            draft: tag.contains("draft"),
            prerelease: tag.contains("beta"),
            published: Some(published.to_owned()),
            assets: Vec::new(),
        }
    }

    #[test]
    fn the_newest_release_is_chosen() {
        for (tags, expected) in [
            (
                &["plugin-x-v1.9.0", "plugin-x-v1.10.0", "plugin-x-v1.2.0"][..],
                "plugin-x-v1.10.0",
            ),
            (
                &["plugin-x-v1.0.0-rc1", "plugin-x-v1.0.0", "plugin-x-v1.0.0-rc2"],
                "plugin-x-v1.0.0",
            ),
            (&["plugin-x-v1.0", "plugin-x-v1.0.1"], "plugin-x-v1.0.1"),
            (&["plugin-x-v2.0.0-rc1", "plugin-x-v1.0.0"], "plugin-x-v2.0.0-rc1"),
            (
                &["plugin-x-v2.0.0-draft", "plugin-x-v3.0.0-beta", "plugin-x-v1.0.0"],
                "plugin-x-v1.0.0",
            ),
            (
                &["plugin-xy-v9.0.0", "plugin-x-v1.0.0", "gestor-v5.0.0"],
                "plugin-x-v1.0.0",
            ),
            (&["plugin-x-vnext", "plugin-x-v0.0.1"], "plugin-x-v0.0.1"),
            (&["plugin-x-vnext"], "plugin-x-vnext"),
            (&["plugin-x-v1.0.0", "plugin-x-v2-v5.0.0"], "plugin-x-v1.0.0"),
            (&["gestor-v5.0.0", "plugin-1", "plugin-v2"], "plugin-v2"),
            (&["gestor-v5.0.0"], ""),
            (&[], ""),
        ] {
            let list = tags
                .iter()
                .enumerate()
                .map(|(at, tag)| release(tag, &format!("2026-01-0{}", at + 1)));
            let found = newest(list.collect(), &Slug::normalize("x").unwrap());
            assert_eq!(found.map(|found| found.tag).unwrap_or_default(), expected, "{tags:?}");
        }
        let same = vec![
            release("plugin-b", "2026"),
            release("plugin-a", "2026"),
            release("plugin-c", "2025"),
        ];
        assert_eq!(newest(same, &Slug::normalize("x").unwrap()).unwrap().tag, "plugin-b");
    }

    #[test]
    fn a_tag_is_never_replaced_by_another_version() {
        let slug = Slug::normalize("x").unwrap();
        let list = || {
            vec![
                release("plugin-x-v1.0.0", "2026"),
                release("plugin-x-v2.0.0-draft", "2026"),
            ]
        };
        for (reference, expected) in [
            (None, "plugin-x-v1.0.0"),
            (Some("main"), "plugin-x-v1.0.0"),
            (Some("plugin-x-v2.0.0-draft"), "plugin-x-v2.0.0-draft"),
            (Some("plugin-x-v9.0.0"), ""),
            (Some("v1.0.0"), ""),
        ] {
            let found = choose(list(), reference, &slug).map(|found| found.tag);
            assert_eq!(found.unwrap_or_default(), expected, "{reference:?}");
        }
    }

    #[test]
    fn assets_are_read() {
        let text = r#"{"tag_name":"t","published_at":null,"extra":1,"assets":[
            {"id":1,"name":"gestor-plugin.zip","state":"starter"},
            {"id":2,"name":"gestor-plugin.zip","state":"uploaded","digest":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
            {"id":3,"name":"gestor-plugin.zip.sha256","digest":null}]}"#;
        let release: Release = serde_json::from_str(text).unwrap();
        let package = release.asset(PACKAGE).unwrap();
        assert_eq!(package.id, 2);
        assert!(package.sha256().is_some());
        assert_eq!(release.asset(CHECKSUM).unwrap().sha256(), None);
        assert_eq!(release.asset("GESTOR-PLUGIN.ZIP"), None);
        assert_eq!(release.asset_by_id(3).unwrap().name, CHECKSUM);
        assert_eq!(release.asset_by_id(4), None);
    }

    #[test]
    fn branches_are_told_from_versions() {
        for (text, expected) in [
            ("plugin-x-v1.0.0", true),
            ("v1.0.0", true),
            ("1.2", true),
            ("0123abc", true),
            ("main", false),
            ("develop", false),
            ("v", false),
            ("feature/1.0", false),
        ] {
            assert_eq!(names_a_version(text), expected, "{text}");
        }
    }
}
