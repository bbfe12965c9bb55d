//! A gestor's folder with settings, what is told to it, and a repository for it to fetch from.

use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};

use gestor_plugins::base::hash::sha256;
use gestor_plugins::base::net::{Address, Credential};
use gestor_plugins::config::{Argument, InstallParameters, Settings};
use gestor_plugins::log::{Cancelled, Message, Progress, Reporter, text};
use gestor_plugins::model::Phrase;
use gestor_plugins::model::{Lang, Secret, Slug};
use gestor_plugins::source::{
    Credentials, FaultClass, Fetched, FoundCredential, NoCredential, Package, SourceError, fetch,
};
use gestor_plugins::vault::{Reference, of_environment};

use crate::support::github::{Reply, Server};

pub(super) const TOKEN: &str = "ghp_ThisIsTheSecretOfTheTest0123456789";

/// Keeps what is told.
#[derive(Default)]
pub(super) struct Told {
    pub(super) messages: RefCell<Vec<Message>>,
    pub(super) progress: RefCell<Vec<Progress>>,
    pub(super) cancel_at: Option<usize>,
}

impl Reporter for Told {
    fn progress(&self, progress: Progress) -> Result<(), Cancelled> {
        self.progress.borrow_mut().push(progress);
        match self.cancel_at {
            Some(count) if self.progress.borrow().len() >= count => Err(Cancelled),
            _ => Ok(()),
        }
    }

    fn message(&self, message: Message) {
        self.messages.borrow_mut().push(message);
    }
}

impl Told {
    pub(super) fn lines(&self) -> Vec<String> {
        let line = |message: &Message| format!("{} {}", message.tag().word(), text(message, "x", Lang::En));
        self.messages.borrow().iter().map(line).collect()
    }
}

/// The tokens that a call can name where there is no database.
struct OfCall<'a>(&'a Settings);

impl Credentials for OfCall<'_> {
    fn credential(
        &mut self,
        given: Option<&Secret>,
        server: &Address,
    ) -> Result<Option<FoundCredential>, NoCredential> {
        let Some(given) = given else { return Ok(None) };
        let (token, name) = match Reference::parse(given).unwrap() {
            Reference::Literal(token) => (token, None),
            Reference::Name(name) => match of_environment(&name, &self.0.tokens) {
                Ok(token) => (token, Some(name)),
                Err(fault) => {
                    return Err(NoCredential {
                        class: FaultClass::Params,
                        said: Phrase::of(&fault),
                    });
                }
            },
            other => panic!("{other:?}"),
        };
        Ok(Some(FoundCredential {
            credential: Credential::token(&token, server.clone()).unwrap(),
            name,
            reference: None,
        }))
    }

    fn for_address(
        &mut self,
        _given: Option<&Secret>,
        _address: &Address,
    ) -> Result<Option<FoundCredential>, NoCredential> {
        Ok(None)
    }
}

/// A gestor's folder, its staging, and the settings of a call.
pub(super) struct Site {
    pub(super) folder: tempfile::TempDir,
    pub(super) settings: Settings,
    pub(super) told: Told,
}

impl Site {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("staging")).unwrap();
        let settings = Settings {
            tokens: vec![("PLUGIN_TOKEN_SITE".to_owned(), Secret::new(TOKEN))],
            http_total: 20,
            ..crate::support::english()
        };
        let told = Told::default();
        Self { folder, settings, told }
    }

    pub(super) fn of(server: &Server) -> Self {
        let mut site = Self::new();
        site.settings.github_api = Some(server.url("/api"));
        site.settings.github_web = Some(server.url(""));
        site
    }

    pub(super) fn root(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn staged(&self) -> PathBuf {
        self.root().join("staging/package.zip")
    }

    pub(super) fn fetch(&self, pairs: &[(&str, &str)]) -> Result<Fetched, SourceError> {
        let text = |value: &str| Argument::Bytes(value.as_bytes().to_vec());
        let mut entries = vec![("raiz".to_owned(), text(self.root().to_str().unwrap()))];
        entries.extend(pairs.iter().map(|(key, value)| ((*key).to_owned(), text(value))));
        let parameters = InstallParameters::read(Argument::Map(entries), &self.settings).unwrap();
        let slug = Slug::normalize("x").unwrap();
        let fetched = fetch(
            &parameters,
            &self.settings,
            (&self.staged(), &slug),
            &mut OfCall(&self.settings),
            &self.told,
        );
        if fetched.is_err() {
            assert_eq!(
                fs::read_dir(self.root().join("staging")).unwrap().count(),
                0,
                "a failure leaves nothing"
            );
        }
        fetched
    }

    pub(super) fn package(&self, pairs: &[(&str, &str)]) -> Package {
        match self.fetch(pairs) {
            Ok(Fetched::Package(verified)) => verified.package().clone(),
            other => panic!("expected a package, found {other:?}; {:#?}", self.told.lines()),
        }
    }

    pub(super) fn refusal(&self, pairs: &[(&str, &str)]) -> (FaultClass, String) {
        let error = self.fetch(pairs).unwrap_err();
        (error.class(), error.to_string())
    }

    /// Fails with this class, and with a text that holds these words.
    pub(super) fn refuses(&self, pairs: &[(&str, &str)], class: FaultClass, words: &[&str]) {
        let (found, text) = self.refusal(pairs);
        assert_eq!(found, class, "{text}");
        for word in words {
            assert!(text.contains(word), "{word:?} is not in: {text}");
        }
    }
}

pub(super) fn zip(length: usize) -> Vec<u8> {
    let mut bytes = b"PK\x03\x04".to_vec();
    let mut state = 1u32;
    while bytes.len() < length {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        bytes.extend_from_slice(&state.to_be_bytes());
    }
    bytes.truncate(length);
    bytes
}

pub(super) const PRIVATE: [(&str, &str); 4] = [
    ("origem_tipo", "github_privado"),
    ("owner", "o"),
    ("repo", "r"),
    ("cred_ref", "site"),
];
pub(super) const PUBLIC: [(&str, &str); 3] = [("origem_tipo", "github_publico"), ("owner", "o"), ("repo", "r")];

pub(super) fn with<'a>(base: &[(&'a str, &'a str)], more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    base.iter().chain(more).copied().collect()
}

pub(super) fn release(tag: &str, assets: &[(u64, &str)]) -> String {
    let assets = assets
        .iter()
        .map(|(id, name)| format!(r#"{{"id":{id},"name":"{name}","state":"uploaded"}}"#));
    let assets = assets.collect::<Vec<_>>().join(",");
    format!(
        r#"{{"tag_name":"{tag}","draft":false,"prerelease":false,"published_at":"2026-01-01T00:00:00Z","assets":[{assets}]}}"#
    )
}

pub(super) const BOTH: [(u64, &str); 2] = [(7, "gestor-plugin.zip"), (8, "gestor-plugin.zip.sha256")];
pub(super) const LIST: &str = "/api/repos/o/r/releases?per_page=100";

/// A private repository: list, package and checksum on the API, the package behind a redirect to another server.
pub(super) fn private_repository(api: &Server, storage: &Server, package: &[u8]) {
    let list = format!("[{}]", release("plugin-x-v1.0.0", &BOTH));
    let sum = format!("{}  gestor-plugin.zip\n", sha256(package));
    api.on(LIST, [Reply::ok(list)])
        .on(
            "/api/repos/o/r/releases/assets/7",
            [Reply::redirect(302, &storage.url("/file?sig=ghs_signed"))],
        )
        .on("/api/repos/o/r/releases/assets/8", [Reply::ok(sum)]);
    storage.on("/file?sig=ghs_signed", [Reply::ok(package).header("ETag", "\"1\"")]);
}
