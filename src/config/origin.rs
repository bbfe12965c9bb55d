//! Where a package comes from, with what each kind of origin says of it. Checks shapes; what must be there is asked where it
//! is needed.

use std::path::PathBuf;

use super::choices::{said, word};
use super::parameter::{
    CREDENTIAL, DOWNLOAD_URL, FILE, LOCAL_PATH, ORIGIN, OWNER, REFERENCE, REPOSITORY, SIGNED_INDEX, URL,
    WANTED_VERSIONS,
};
use super::{CallError, Given};
use crate::model::{Phrase, Secret, VersionRange};

/// The kinds of origins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OriginKind {
    /// A ZIP that was uploaded (`upload`).
    Upload,
    /// The same, as the admin page names it (`arquivo`).
    File,
    /// A ZIP or folder of this machine.
    LocalPath,
    /// A public GitHub repository.
    GithubPublic,
    /// A private GitHub repository.
    GithubPrivate,
    /// Any https URL.
    Url,
    /// A signed index.
    Index,
}

impl OriginKind {
    const WORDS: [(&'static str, Self); 7] = [
        ("upload", Self::Upload),
        ("arquivo", Self::File),
        ("local_path", Self::LocalPath),
        ("github_publico", Self::GithubPublic),
        ("github_privado", Self::GithubPrivate),
        ("url", Self::Url),
        ("indice", Self::Index),
    ];

    /// Reads `origem_tipo`.
    pub fn from_word(key: &str, value: &str) -> Result<Self, CallError> {
        word(key, value, &Self::WORDS)
    }

    /// The word as it is stored.
    pub fn word(self) -> &'static str {
        said(&self, &Self::WORDS)
    }
}

/// Where a package comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum Origin {
    /// A ZIP that was uploaded.
    Upload(Option<PathBuf>),
    /// The same, as the admin page names it.
    File(Option<PathBuf>),
    /// A ZIP or folder of this machine.
    LocalPath(Option<PathBuf>),
    /// A GitHub repository.
    Github(GithubOrigin),
    /// Any https URL.
    Url(UrlOrigin),
    /// A signed index.
    Index(IndexOrigin),
}

/// An address as a call names it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct UrlOrigin {
    /// The address.
    pub url: Option<String>,
    /// Name of the credential that its server wants.
    pub credential: Option<Secret>,
}

/// What a call says of a signed index.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IndexOrigin {
    /// Its name here; the first that has the plugin, where none is said.
    pub index: Option<String>,
    /// The versions that are wanted; the newest that fits, where none are said.
    pub range: Option<VersionRange>,
}

impl IndexOrigin {
    fn read(given: &Given) -> Result<Self, CallError> {
        let range = given.text(&WANTED_VERSIONS)?;
        let range = range.map(|text| {
            text.parse::<VersionRange>().map_err(|fault| CallError::WrongValue {
                key: WANTED_VERSIONS.name.to_owned(),
                found: fault.given,
                allowed: Phrase::of_others("^1.2, ~1.2.3, >=1.0 <3, 1.x, *"),
            })
        });
        Ok(Self {
            index: given.text(&SIGNED_INDEX)?,
            range: range.transpose()?,
        })
    }
}

/// A GitHub repository as a call names it.
#[derive(Debug, Clone, PartialEq)]
pub struct GithubOrigin {
    /// Only a token reads it.
    pub is_private: bool,
    /// Its owner.
    pub owner: Option<String>,
    /// Its name.
    pub repository: Option<String>,
    /// Tag or branch.
    pub reference: Option<String>,
    /// Name of a token, or a literal one.
    pub credential: Option<Secret>,
    /// Replaces discovery.
    pub download_url: Option<String>,
}

impl Origin {
    /// Reads what the kind that is given says; what the others say does not count.
    pub(super) fn read(given: &Given) -> Result<Self, CallError> {
        let (file, local_path) = (given.path(&FILE)?, given.path(&LOCAL_PATH)?);
        let (url, download_url) = (given.text(&URL)?, given.text(&DOWNLOAD_URL)?);
        let index = IndexOrigin::read(given)?;
        let github = GithubOrigin {
            is_private: false,
            owner: given.text(&OWNER)?,
            repository: given.text(&REPOSITORY)?,
            reference: given.text(&REFERENCE)?,
            credential: given.text(&CREDENTIAL)?.map(Secret::new),
            download_url: download_url.clone(),
        };
        Ok(
            match given.choice(&ORIGIN, OriginKind::from_word, OriginKind::Upload)? {
                OriginKind::Upload => Self::Upload(file),
                OriginKind::File => Self::File(file),
                OriginKind::LocalPath => Self::LocalPath(local_path),
                OriginKind::GithubPublic => Self::Github(github),
                OriginKind::GithubPrivate => Self::Github(GithubOrigin {
                    is_private: true,
                    ..github
                }),
                OriginKind::Url => Self::Url(UrlOrigin {
                    url: url.or(download_url),
                    credential: github.credential,
                }),
                OriginKind::Index => Self::Index(index),
            },
        )
    }

    /// Which kind it is.
    pub fn kind(&self) -> OriginKind {
        match self {
            Self::Upload(_) => OriginKind::Upload,
            Self::File(_) => OriginKind::File,
            Self::LocalPath(_) => OriginKind::LocalPath,
            Self::Github(repository) if repository.is_private => OriginKind::GithubPrivate,
            Self::Github(_) => OriginKind::GithubPublic,
            Self::Url(_) => OriginKind::Url,
            Self::Index(_) => OriginKind::Index,
        }
    }

    /// The word as it is stored.
    pub fn word(&self) -> &'static str {
        self.kind().word()
    }

    /// Whether the package is downloaded.
    pub fn is_remote(&self) -> bool {
        matches!(self, Self::Github(_) | Self::Url(_) | Self::Index(_))
    }
}
