//! Parameters of `plugin_credentials` (SPEC 3 §2). Checks shapes; what they mean is decided in `ops` and `vault`.

use super::choices::{said, word};
use super::parameter::{
    ACTION, ALIAS, CREDENTIAL_TYPE, DATABASE, ERASE_LITERAL, KEYS, LANG, ROOT, SECRET, SENT_TO, SLUG, TRUST,
};
use super::{Argument, CallError, Given, Parameter, Settings, Site, messages};
use crate::model::Secret;

/// What is done with credentials (`acao`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CredentialAction {
    /// They are named (`listar`).
    List,
    /// One is stored (`gravar`).
    Store,
    /// One is removed (`remover`).
    Remove,
    /// All are sealed anew under the first key (`rotacionar`).
    Rotate,
    /// Each is opened (`conferir`).
    Check,
    /// Literal tokens of the table `plugins` become credentials (`importar`).
    Import,
    /// A fresh key is printed (`chave`).
    Key,
}

impl CredentialAction {
    const WORDS: [(&'static str, Self); 7] = [
        ("listar", Self::List),
        ("gravar", Self::Store),
        ("remover", Self::Remove),
        ("rotacionar", Self::Rotate),
        ("conferir", Self::Check),
        ("importar", Self::Import),
        ("chave", Self::Key),
    ];

    /// Reads `acao`.
    pub fn from_word(key: &str, value: &str) -> Result<Self, CallError> {
        word(key, value, &Self::WORDS)
    }

    /// The word that is said for it.
    pub fn word(self) -> &'static str {
        said(&self, &Self::WORDS)
    }
}

/// How a credential is sent (`tipo`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CredentialType {
    /// As GitHub takes it: `Authorization: token …`.
    GithubToken,
    /// `Authorization: Bearer …`.
    HttpBearer,
    /// `Authorization: Basic …`, of `user:password`.
    HttpBasic,
    /// A key of the site: it signs, and is sent nowhere.
    SiteKey,
    /// A secret among a plugin's settings, which is sent nowhere. It is stored with them (SPEC 6 §5).
    PluginSetting,
}

impl CredentialType {
    const WORDS: [(&'static str, Self); 4] = [
        ("github_token", Self::GithubToken),
        ("http_bearer", Self::HttpBearer),
        ("http_basic", Self::HttpBasic),
        ("site_key", Self::SiteKey),
    ];
    /// The word of what nobody stores by name.
    const SETTING: &'static str = "plugin_config";

    /// Reads `tipo`.
    pub fn from_word(key: &str, value: &str) -> Result<Self, CallError> {
        word(key, value, &Self::WORDS)
    }

    /// The type that is stored under a word.
    pub fn stored(word: &str) -> Option<Self> {
        let known = Self::WORDS.into_iter().chain([(Self::SETTING, Self::PluginSetting)]);
        let mut found = known.filter(|(known, _)| *known == word);
        found.next().map(|(_, found)| found)
    }

    /// The word as it is stored.
    pub fn word(self) -> &'static str {
        match self {
            Self::PluginSetting => Self::SETTING,
            named => said(&named, &Self::WORDS),
        }
    }

    /// Whether it is sent to a server.
    pub fn is_sent(self) -> bool {
        !matches!(self, Self::SiteKey | Self::PluginSetting)
    }
}

/// Parameters of `plugin_credentials`.
#[derive(Debug, Clone, PartialEq)]
pub struct CredentialsParameters {
    /// What is done.
    pub action: CredentialAction,
    /// The credential.
    pub alias: Option<String>,
    /// How it is sent; that of a GitHub token where nobody says.
    pub kind: CredentialType,
    /// The secret itself.
    pub secret: Option<Secret>,
    /// Where it is sent: scheme, host and port.
    pub origin: Option<String>,
    /// The plugin whose token is imported; all of them when absent.
    pub slug: Option<String>,
    /// Literal tokens are taken out of the table `plugins`.
    pub erases: bool,
    /// The gestor.
    pub site: Site,
}

impl CredentialsParameters {
    /// What it takes.
    pub const TAKES: &'static [Parameter] = &[
        ACTION,
        ALIAS,
        CREDENTIAL_TYPE,
        SECRET,
        SENT_TO,
        SLUG,
        ERASE_LITERAL,
        TRUST,
        KEYS,
        ROOT,
        DATABASE,
        LANG,
    ];

    /// Reads a call. What it gave as a secret is overwritten where it stood.
    pub fn read(argument: Argument, settings: &Settings) -> Result<Self, CallError> {
        let mut given = Given::new(argument, Self::TAKES)?;
        let read = Self::of(&given, settings);
        given.forget(&[SECRET, KEYS]);
        read
    }

    fn of(given: &Given, settings: &Settings) -> Result<Self, CallError> {
        let action = given.text(&ACTION)?.ok_or(CallError::Missing {
            key: ACTION.name,
            hint: messages::CREDENTIAL_ACTION,
        })?;
        Ok(Self {
            action: CredentialAction::from_word(ACTION.name, &action)?,
            alias: given.text(&ALIAS)?,
            kind: given.choice(&CREDENTIAL_TYPE, CredentialType::from_word, CredentialType::GithubToken)?,
            secret: given.text(&SECRET)?.map(Secret::new),
            origin: given.text(&SENT_TO)?,
            slug: given.text(&SLUG)?,
            erases: given.flag(&ERASE_LITERAL)?,
            site: Site::read(given, settings, 0)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(more: &[(&str, &str)]) -> Result<CredentialsParameters, CallError> {
        let call = [("raiz", "/g")].iter().chain(more);
        let bytes = |text: &str| Argument::Bytes(text.as_bytes().to_vec());
        let call = call.map(|(key, value)| ((*key).to_owned(), bytes(value))).collect();
        CredentialsParameters::read(Argument::Map(call), &Settings::default())
    }

    #[test]
    fn a_secret_is_in_no_text_of_a_call() {
        let call = read(&[
            ("acao", "gravar"),
            ("alias", "a"),
            ("segredo", "t0p"),
            ("chaves", "k3y"),
        ])
        .unwrap();
        assert_eq!(
            (call.action, call.kind),
            (CredentialAction::Store, CredentialType::GithubToken)
        );
        assert_eq!(call.secret.as_ref().map(Secret::expose), Some("t0p"));
        assert_eq!(call.site.keys.as_ref().map(Secret::expose), Some("k3y"));
        let shown = format!("{call:?}");
        assert!(!shown.contains("t0p") && !shown.contains("k3y"), "{shown}");
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (call, expected) in [
            (vec![], "`acao` is missing"),
            (vec![("acao", "x")], "listar, gravar"),
            (vec![("acao", "gravar"), ("tipo", "x")], "github_token"),
        ] {
            let fault = read(&call).unwrap_err().to_string();
            assert!(fault.contains(expected), "{fault}");
        }
        for (word, _) in CredentialType::WORDS {
            assert_eq!(CredentialType::stored(word).map(CredentialType::word), Some(word));
        }
    }
}
