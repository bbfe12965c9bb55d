//! Parameters of `plugin_index` and `plugin_index_publish` (SPEC 3 §4). Checks shapes; what they mean is decided in `ops`.

use std::path::PathBuf;

use super::choices::word;
use super::parameter::{
    ABSTRACT, ACTION, CHANNEL, CREDENTIAL, DATABASE, FILE, INDEX_NAME, INDEX_ROOT, KEY_FOLDER, KEYS, LANG, LIMITS,
    MENDED_VERSIONS, PRIORITY, PUBLISHED_FOLDER, REVOCATIONS, ROOT, SEARCH, SHA256, SLUG, TRUST, URL, WANTED_VERSIONS,
    WITHDRAWN,
};
use super::{Argument, CallError, Given, Parameter, Settings, Site, messages};

/// What is done with the indices that a site knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IndexAction {
    /// Show them (`listar`).
    List,
    /// Know one more (`adicionar`).
    Add(NewIndex),
    /// Ask their servers for what is new (`atualizar`); one of them, or all.
    Refresh(Option<String>),
    /// Know one no more (`remover`).
    Remove(String),
    /// Find plugins in them (`buscar`).
    Search(String),
}

/// An index as an operator brings it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewIndex {
    /// What it is called here.
    pub name: String,
    /// Where it is.
    pub url: String,
    /// Its root.
    pub root: PathBuf,
    /// The SHA-256 of that, as its publisher said by another way.
    pub sha256: String,
    /// Name of the credential that its server wants.
    pub credential: Option<String>,
    /// The lowest is asked first.
    pub priority: Option<u64>,
}

/// Parameters of `plugin_index`.
#[derive(Debug, Clone, PartialEq)]
pub struct IndexParameters {
    /// What is done.
    pub action: IndexAction,
    /// The gestor.
    pub site: Site,
}

#[derive(Clone, Copy)]
enum Word {
    List,
    Add,
    Refresh,
    Remove,
    Search,
}

const WORDS: [(&str, Word); 5] = [
    ("listar", Word::List),
    ("adicionar", Word::Add),
    ("atualizar", Word::Refresh),
    ("remover", Word::Remove),
    ("buscar", Word::Search),
];

impl IndexParameters {
    /// What it takes.
    pub const TAKES: &'static [Parameter] = &[
        ACTION, INDEX_NAME, URL, INDEX_ROOT, SHA256, CREDENTIAL, PRIORITY, SEARCH, TRUST, KEYS, ROOT, DATABASE, LANG,
    ];

    /// Reads a call.
    pub fn read(argument: Argument, settings: &Settings) -> Result<Self, CallError> {
        let given = Given::new(argument, Self::TAKES)?;
        let name = || given.wanted_text(&INDEX_NAME, messages::INDEX_NAME);
        let action = given.wanted_text(&ACTION, messages::INDEX_ACTION)?;
        let action = match word(ACTION.name, &action, &WORDS)? {
            Word::List => IndexAction::List,
            Word::Refresh => IndexAction::Refresh(given.text(&INDEX_NAME)?),
            Word::Remove => IndexAction::Remove(name()?),
            Word::Search => IndexAction::Search(given.wanted_text(&SEARCH, messages::SEARCHED)?),
            Word::Add => IndexAction::Add(NewIndex {
                name: name()?,
                url: given.wanted_text(&URL, messages::INDEX_ADDRESS)?,
                root: given.wanted_path(&INDEX_ROOT, messages::INDEX_ROOT)?,
                sha256: given.wanted_text(&SHA256, messages::INDEX_SHA256)?,
                credential: given.text(&CREDENTIAL)?,
                priority: given.count(&PRIORITY)?,
            }),
        };
        Ok(Self {
            action,
            site: Site::read(&given, settings, 0)?,
        })
    }
}

/// What is done with an index that is published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublishAction {
    /// Keys and the first, empty state (`iniciar`).
    Begin,
    /// A version of a plugin (`publicar`).
    Publish(Published),
    /// A version that should not be installed any more (`publicar` with `retirada`).
    Withdraw {
        /// The plugin.
        slug: String,
        /// Its version.
        version: String,
        /// Why.
        reason: String,
    },
    /// The list of what is revoked (`publicar` with `revogados`).
    Revoke(PathBuf),
    /// Snapshot and timestamp again, before they end (`renovar`).
    Renew,
    /// The root again: its keys stay, or new ones take their place (`assinar-raiz`).
    SignRoot,
}

/// A version that is published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// Its package on this machine; where there is none, it is fetched from its address.
    pub file: Option<PathBuf>,
    /// Where sites will fetch it from.
    pub urls: Vec<String>,
    /// The SHA-256 that it must have.
    pub sha256: Option<String>,
    /// `estavel` or `previa`.
    pub channel: Option<String>,
    /// Versions whose fault it mends.
    pub mends: Vec<String>,
    /// What the plugin is for.
    pub summary: Option<String>,
}

/// Parameters of `plugin_index_publish`.
#[derive(Debug, Clone, PartialEq)]
pub struct PublishParameters {
    /// What is done.
    pub action: PublishAction,
    /// The folder that is published.
    pub folder: PathBuf,
    /// The folder of private keys.
    pub keys: PathBuf,
    /// The gestor, for its language and limits; nothing is done with it.
    pub site: Site,
}

#[derive(Clone, Copy)]
enum PublishWord {
    Begin,
    Publish,
    Renew,
    SignRoot,
}

const PUBLISH_WORDS: [(&str, PublishWord); 4] = [
    ("iniciar", PublishWord::Begin),
    ("publicar", PublishWord::Publish),
    ("renovar", PublishWord::Renew),
    ("assinar-raiz", PublishWord::SignRoot),
];

fn parts(text: Option<String>) -> Vec<String> {
    let text = text.unwrap_or_default();
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts.map(str::to_owned).collect()
}

impl PublishParameters {
    /// What it takes.
    pub const TAKES: &'static [Parameter] = &[
        ACTION,
        PUBLISHED_FOLDER,
        KEY_FOLDER,
        FILE,
        URL,
        SHA256,
        CHANNEL,
        MENDED_VERSIONS,
        ABSTRACT,
        SLUG,
        WANTED_VERSIONS,
        WITHDRAWN,
        REVOCATIONS,
        TRUST,
        ROOT,
        DATABASE,
        LANG,
        LIMITS,
    ];

    /// Reads a call.
    pub fn read(argument: Argument, settings: &Settings) -> Result<Self, CallError> {
        let given = Given::new(argument, Self::TAKES)?;
        let mut limits = settings.limits;
        limits.tighten(given.value(&super::parameter::LIMITS))?;
        let action = given.wanted_text(&ACTION, messages::PUBLISH_ACTION)?;
        let action = match word(ACTION.name, &action, &PUBLISH_WORDS)? {
            PublishWord::Begin => PublishAction::Begin,
            PublishWord::Renew => PublishAction::Renew,
            PublishWord::SignRoot => PublishAction::SignRoot,
            PublishWord::Publish => published(&given)?,
        };
        Ok(Self {
            action,
            folder: given.wanted_path(&PUBLISHED_FOLDER, messages::PUBLISHED_FOLDER)?,
            keys: given.wanted_path(&KEY_FOLDER, messages::KEY_FOLDER)?,
            site: Site {
                limits,
                ..Site::read(&given, settings, 0)?
            },
        })
    }
}

fn published(given: &Given) -> Result<PublishAction, CallError> {
    if let Some(path) = given.path(&REVOCATIONS)? {
        return Ok(PublishAction::Revoke(path));
    }
    if let Some(reason) = given.text(&WITHDRAWN)? {
        return Ok(PublishAction::Withdraw {
            slug: given.wanted_text(&SLUG, messages::WITHDRAWN_PLUGIN)?,
            version: given.wanted_text(&WANTED_VERSIONS, messages::A_VERSION)?,
            reason,
        });
    }
    let published = Published {
        file: given.path(&FILE)?,
        urls: parts(given.text(&URL)?),
        sha256: given.text(&SHA256)?,
        channel: given.text(&CHANNEL)?,
        mends: parts(given.text(&MENDED_VERSIONS)?),
        summary: given.text(&ABSTRACT)?,
    };
    if published.urls.is_empty() {
        let (key, hint) = (URL.name, messages::PUBLISHED_ADDRESS);
        return Err(CallError::Missing { key, hint });
    }
    if published.file.is_none() && published.sha256.is_none() {
        let (key, hint) = (SHA256.name, messages::PUBLISHED_SHA256);
        return Err(CallError::Missing { key, hint });
    }
    Ok(PublishAction::Publish(published))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn with_root(mut call: Value) -> Argument {
        call["raiz"] = json!("/g");
        Argument::from(&call)
    }

    #[test]
    fn what_an_index_is_known_by_has_to_be_said() {
        let read = |call: Value| IndexParameters::read(with_root(call), &Settings::default());
        let whole = json!({"acao": "adicionar", "nome": "acme", "url": "https://a.org/", "raiz_indice": "/r.json", "sha256": "aa"});
        assert!(matches!(read(whole.clone()).unwrap().action, IndexAction::Add(_)));
        for key in ["acao", "nome", "url", "raiz_indice", "sha256"] {
            let mut call = whole.clone();
            call.as_object_mut().unwrap().remove(key);
            let fault = read(call).unwrap_err().to_string();
            assert!(fault.contains(&format!("`{key}` is missing")), "{fault}");
        }
        assert_eq!(
            read(json!({"acao": "atualizar"})).unwrap().action,
            IndexAction::Refresh(None)
        );
        assert!(read(json!({"acao": "remover"})).is_err());
        assert!(
            read(json!({"acao": "apagar"}))
                .unwrap_err()
                .to_string()
                .contains("listar, adicionar")
        );
    }

    #[test]
    fn a_package_is_published_with_its_address_and_by_its_file_or_its_hash() {
        let read = |mut call: Value| {
            call["acao"] = json!("publicar");
            call["pasta_publicada"] = json!("/i");
            call["pasta_chaves"] = json!("/k");
            PublishParameters::read(with_root(call), &Settings::default()).map(|read| read.action)
        };
        let url = "https://a.org/p.zip, https://b.org/p.zip,";
        match read(json!({"arquivo": "/p.zip", "url": url})).unwrap() {
            PublishAction::Publish(published) => assert_eq!(published.urls.len(), 2),
            other => panic!("{other:?}"),
        }
        assert!(read(json!({"url": url, "sha256": "aa"})).is_ok());
        assert!(read(json!({"url": url})).unwrap_err().to_string().contains("`sha256`"));
        assert!(
            read(json!({"arquivo": "/p.zip"}))
                .unwrap_err()
                .to_string()
                .contains("`url`")
        );
        assert!(matches!(
            read(json!({"revogados": "/r.json"})),
            Ok(PublishAction::Revoke(_))
        ));
        let withdrawn = json!({"slug": "p", "versao": "1.0.0", "retirada": "x"});
        assert!(matches!(read(withdrawn), Ok(PublishAction::Withdraw { .. })));
        assert!(read(json!({"retirada": "x"})).is_err());
    }
}
