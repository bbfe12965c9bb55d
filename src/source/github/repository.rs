//! Addresses of a repository: on the API and on the web. Pure.

use super::super::SourceError;
use crate::base::net::{Address, NetError};

use crate::config::{DEFAULT_GITHUB_API as API, DEFAULT_GITHUB_WEB as WEB};

/// A repository whose names were checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Repository {
    owner: String,
    name: String,
    pub(super) api: Address,
    pub(super) web: Address,
}

impl Repository {
    pub(super) fn new(owner: &str, name: &str, api: Option<&str>, web: Option<&str>) -> Result<Self, SourceError> {
        let name = name.strip_suffix(".git").unwrap_or(name);
        for given in [owner, name] {
            if !is_name(given) {
                let given = crate::log::redact(&given.chars().take(120).collect::<String>());
                return Err(SourceError::Repository { given });
            }
        }
        Ok(Self {
            owner: owner.to_owned(),
            name: name.to_owned(),
            api: base(api, API)?,
            web: base(web, WEB)?,
        })
    }

    /// `owner/repo`.
    pub(super) fn path(&self) -> String {
        format!("{}/{}", self.owner, self.name)
    }

    /// Its page.
    pub(super) fn page(&self) -> Address {
        self.web.with_path(&[&self.owner, &self.name])
    }

    /// The first page of the list of releases.
    pub(super) fn releases(&self) -> Address {
        self.on_api(&["releases"]).with_query("per_page=100")
    }

    /// The release of a tag.
    pub(super) fn release_of(&self, tag: &str) -> Address {
        self.on_api(&["releases", "tags", tag])
    }

    /// An asset, by its number.
    pub(super) fn asset(&self, id: u64) -> Address {
        self.on_api(&["releases", "assets", &id.to_string()])
    }

    /// An asset on the web, by its name.
    pub(super) fn download(&self, tag: &str, asset: &str) -> Address {
        self.page().with_path(&["releases", "download", tag, asset])
    }

    /// The source of a tag or branch; of the default branch without one.
    pub(super) fn zipball(&self, reference: Option<&str>) -> Address {
        let parts = reference.into_iter().flat_map(|reference| reference.split('/'));
        self.on_api(&["zipball"]).with_path(&parts.collect::<Vec<_>>())
    }

    /// What an address of a release's file on this repository's web page names: tag and file.
    pub(super) fn web_asset(&self, address: &Address) -> Option<(String, String)> {
        let mut parts = strip(&self.page(), address)?.into_iter();
        let fixed = (parts.next()?, parts.next()?);
        let found = (parts.next()?, parts.next()?);
        (fixed == ("releases".to_owned(), "download".to_owned()) && parts.next().is_none()).then_some(found)
    }

    /// The number of an asset that an address of the API names.
    pub(super) fn api_asset(&self, address: &Address) -> Option<u64> {
        match strip(&self.on_api(&["releases", "assets"]), address)?.as_slice() {
            [id] => id.parse().ok(),
            _ => None,
        }
    }

    fn on_api(&self, parts: &[&str]) -> Address {
        self.api.with_path(&["repos", &self.owner, &self.name]).with_path(parts)
    }
}

/// What an address has behind another one on the same server. GitHub takes names in any case.
fn strip(base: &Address, address: &Address) -> Option<Vec<String>> {
    let (base_parts, parts) = (base.path_parts(), address.path_parts());
    let starts = parts.len() > base_parts.len()
        && parts
            .iter()
            .zip(&base_parts)
            .all(|(part, base)| part.eq_ignore_ascii_case(base));
    (base.same_origin(address) && starts).then(|| parts[base_parts.len()..].to_vec())
}

fn base(given: Option<&str>, default: &str) -> Result<Address, NetError> {
    Address::parse(given.unwrap_or(default))
}

fn is_name(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    !text.is_empty() && text.len() <= 100 && text.chars().all(allowed) && !text.chars().all(|c| c == '.')
}

/// Whether a text can be a tag or branch.
pub(super) fn is_reference(text: &str) -> bool {
    let forbidden =
        |c: char| c.is_whitespace() || c.is_control() || matches!(c, '~' | '^' | ':' | '?' | '*' | '[' | '\\');
    let parts_are_named = text.split('/').all(|part| !part.is_empty() && part != ".");
    text.len() <= 250 && parts_are_named && !text.contains("..") && !text.starts_with('-') && !text.contains(forbidden)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repository() -> Repository {
        Repository::new("o", "r.git", Some("https://git.org/api/v3"), Some("https://git.org/")).unwrap()
    }

    #[test]
    fn addresses_are_built() {
        let made = repository();
        for (address, expected) in [
            (made.page(), "https://git.org/o/r"),
            (made.releases(), "https://git.org/api/v3/repos/o/r/releases"),
            (
                made.release_of("a/b"),
                "https://git.org/api/v3/repos/o/r/releases/tags/a%2Fb",
            ),
            (made.asset(7), "https://git.org/api/v3/repos/o/r/releases/assets/7"),
            (
                made.download("v1", "x.zip"),
                "https://git.org/o/r/releases/download/v1/x.zip",
            ),
            (
                made.zipball(Some("a/b")),
                "https://git.org/api/v3/repos/o/r/zipball/a/b",
            ),
            (made.zipball(None), "https://git.org/api/v3/repos/o/r/zipball"),
        ] {
            assert_eq!(address.to_string(), expected);
        }
        let tag = made.download("a/b", "x.zip");
        assert_eq!(made.web_asset(&tag), Some(("a/b".to_owned(), "x.zip".to_owned())));
        assert_eq!(made.web_asset(&made.page()), None);
        for other in [
            &["releases", "tag", "v1", "x.zip"][..],
            &["releases", "download", "v1", "a", "x.zip"],
        ] {
            assert_eq!(made.web_asset(&made.page().with_path(other)), None, "{other:?}");
        }
        assert_eq!(made.path(), "o/r");
        assert_eq!(made.api_asset(&made.asset(7)), Some(7));
        assert_eq!(made.api_asset(&made.releases()), None);
        let plain = Repository::new("o", "r", None, None).unwrap();
        assert_eq!(plain.page().to_string(), "https://github.com/o/r");
        assert_eq!(plain.api_asset(&made.asset(7)), None);
    }

    #[test]
    fn names_and_references_are_checked() {
        for wrong in ["", "..", ".", "a/b", "a b", "é", "a?b", "a%2Fb", &"a".repeat(101)] {
            assert!(Repository::new(wrong, "r", None, None).is_err(), "{wrong:?}");
            assert!(Repository::new("o", wrong, None, None).is_err(), "{wrong:?}");
        }
        for (text, passes) in [
            ("main", true),
            ("feature/x", true),
            ("plugin-x-v1.0.0", true),
            ("versão", true),
            ("a/../b", false),
            ("/a", false),
            ("a/", false),
            ("-a", false),
            ("a b", false),
            ("a\nb", false),
            ("a\u{7f}b", false),
            ("a~1", false),
            ("a:b", false),
            ("a[b", false),
            ("", false),
        ] {
            assert_eq!(is_reference(text), passes, "{text:?}");
        }
    }
}
