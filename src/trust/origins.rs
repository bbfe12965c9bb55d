//! Where a package comes from, in the words of a policy. Decides only.

use std::collections::BTreeSet;

use crate::base::net::Address;
use crate::config::Origin;

/// Words that stand for a whole kind of origins.
const KINDS: [&str; 3] = ["upload", "local_path", "url"];
/// What the others begin with.
const NAMED: [&str; 3] = ["repo:", "host:", "indice:"];

/// The words by which a policy may mean where a package comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origins {
    keys: BTreeSet<String>,
    is_folder: bool,
}

impl Origins {
    /// Of a call; `is_folder` where it names a folder, which is packed here; `brought`: where the package was found, which for
    /// an index begins with its name.
    pub fn of(origin: &Origin, is_folder: bool, brought: &str) -> Self {
        let mut keys = BTreeSet::new();
        let mut add = |key: String| keys.insert(key.to_ascii_lowercase());
        match origin {
            Origin::Upload(_) | Origin::File(_) => drop(add("upload".to_owned())),
            Origin::LocalPath(_) => drop(add("local_path".to_owned())),
            Origin::Url(of) => {
                add("url".to_owned());
                if let Some(host) = of.url.as_deref().and_then(host) {
                    add(format!("host:{host}"));
                }
            }
            Origin::Index(_) => {
                let name = brought.split(':').next().unwrap_or_default();
                add(format!("indice:{name}"));
            }
            Origin::Github(github) => {
                let (owner, name) = (github.owner.as_deref(), github.repository.as_deref());
                let (owner, name) = (owner.unwrap_or_default().trim(), name.unwrap_or_default().trim());
                // As a clone's address has it.
                let name = name.strip_suffix(".git").unwrap_or(name);
                add(format!("repo:{owner}/{name}"));
                let host = github.download_url.as_deref().and_then(host);
                add(format!("host:{}", host.as_deref().unwrap_or("github.com")));
            }
        }
        Self { keys, is_folder }
    }

    /// Whether a word of a policy means it.
    pub(super) fn names(&self, key: &str) -> bool {
        self.keys.contains(&settled(key))
    }

    /// Whether it is a folder that is packed here.
    pub(super) fn is_folder(&self) -> bool {
        self.is_folder
    }

    /// Whether a policy may say a word.
    pub(super) fn is_key(key: &str) -> bool {
        KINDS.contains(&key)
            || NAMED
                .iter()
                .any(|start| key.strip_prefix(start).is_some_and(|name| !name.is_empty()))
    }

    #[cfg(test)]
    pub(super) fn of_keys(keys: &[&str]) -> Self {
        Self {
            keys: keys.iter().map(|key| (*key).to_owned()).collect(),
            is_folder: false,
        }
    }

    #[cfg(test)]
    pub(super) fn folder() -> Self {
        Self {
            is_folder: true,
            ..Self::of_keys(&["local_path"])
        }
    }
}

/// The host of an address, as whoever asks it finds it; a dot at its end says nothing.
fn host(url: &str) -> Option<String> {
    let host = Address::parse(url).ok()?.host();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    Some(bare.trim_end_matches('.').to_owned()).filter(|host| !host.is_empty())
}

/// A word of a policy, written as the words of an origin are.
fn settled(key: &str) -> String {
    let named = key
        .strip_prefix("host:")
        .and_then(|name| host(&format!("https://{name}")).or_else(|| host(&format!("https://[{name}]"))));
    named.map_or_else(|| key.to_ascii_lowercase(), |name| format!("host:{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{GithubOrigin, IndexOrigin, UrlOrigin};

    #[test]
    fn origins_are_named_as_a_policy_names_them() {
        let url = Origins::of(
            &Origin::Url(UrlOrigin {
                url: Some("https://u:p@Files.Example:8443/a/b.zip?x".to_owned()),
                credential: None,
            }),
            false,
            "",
        );
        let index = Origin::Index(IndexOrigin {
            index: None,
            range: None,
        });
        let index = Origins::of(&index, false, "main:shop");
        assert!(index.names("indice:main") && !index.names("indice:shop"));
        assert!(url.names("url") && url.names("host:files.example") && !url.names("upload"));
        for (key, is_key) in [
            ("url", true),
            ("repo:acme/shop", true),
            ("host:x", true),
            ("indice:main", true),
            ("repo:", false),
            ("github", false),
            ("", false),
        ] {
            assert_eq!(Origins::is_key(key), is_key, "{key}");
        }
        assert_eq!(host("https://[::1]:80/x").as_deref(), Some("::1"));
        assert_eq!(host("nonsense"), None);
    }

    #[test]
    fn a_repository_is_named_however_it_is_written() {
        for (owner, name) in [("acme", "shop"), (" Acme ", " shop\n"), ("acme", "Shop.git ")] {
            let found = Origins::of(
                &Origin::Github(GithubOrigin {
                    is_private: false,
                    owner: Some(owner.to_owned()),
                    repository: Some(name.to_owned()),
                    reference: None,
                    credential: None,
                    download_url: None,
                }),
                false,
                "",
            );
            assert!(
                found.names("repo:Acme/shop") && found.names("host:github.com"),
                "{found:?}"
            );
        }
    }

    #[test]
    fn a_host_is_named_however_its_address_is_written() {
        for (url, key) in [
            ("https://evil.example\\@files.example/a.zip", "host:evil.example"),
            ("https://evil.example./a.zip", "host:evil.example"),
            ("https://EVIL%2Eexample/a.zip", "host:Evil.Example."),
            (" https:evil.example/a.zip", "host:evil.example"),
            ("https:\\\\evil.example\\a.zip", "host:evil.example"),
            ("https://ex\u{e4}mple.com/a.zip", "host:ex\u{e4}mple.com"),
            ("https://xn--exmple-cua.com/a.zip", "host:ex\u{e4}mple.com"),
            ("https://[0:0::1]/a.zip", "host:::1"),
            ("https://[::1]/a.zip", "host:[::1]"),
            ("https://0x7f.1/a.zip", "host:127.0.0.1"),
            ("https://files.example@evil.example/", "host:evil.example"),
        ] {
            let found = Origins::of(
                &Origin::Url(UrlOrigin {
                    url: Some(url.to_owned()),
                    credential: None,
                }),
                false,
                "",
            );
            assert!(found.names(key), "{url}: {found:?}");
            assert!(!found.names("host:files.example"), "{url}: {found:?}");
        }
    }
}
