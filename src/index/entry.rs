//! What an index says of a plugin: `plugin.<slug>.json`, and `catalogo.json` for whoever searches. Its bytes are those
//! that were signed; shapes are checked here, what is unknown in them is for newer programs.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::IndexFault;
use crate::base::net::Address;
use crate::model::{Component, Dependency, DigestError, Phrase, Release, Sha256Digest, Slug, Version, VersionRange};

use super::messages as said;

/// The format of both files.
pub(super) const FORMAT: u64 = 1;

/// Whom a version is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// Everybody.
    #[default]
    Estavel,
    /// Whoever names it.
    Previa,
}

/// Who signed a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signer {
    /// The developer.
    pub desenvolvedor: String,
    /// SHA-256 of the key.
    pub chave: String,
}

impl Signer {
    /// The SHA-256 of the key.
    pub fn key(&self) -> Result<Sha256Digest, DigestError> {
        self.chave.parse()
    }
}

/// A version of a plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionEntry {
    /// Its version.
    pub version: Version,
    /// SHA-256 of its package.
    pub sha256: Sha256Digest,
    /// Bytes of its package.
    pub size: u64,
    /// Where that is; one is as good as the other.
    pub urls: Vec<String>,
    /// Since when the index has it, RFC 3339.
    pub published_at: String,
    /// Whom it is for.
    pub channel: Channel,
    /// What it needs; `compatibilidade` is a need of the gestor.
    pub dependencies: Vec<Dependency>,
    /// Why nobody should install it any more.
    pub withdrawn: Option<String>,
    /// Who signed it.
    pub signer: Option<Signer>,
    /// What it asks of the site.
    pub permissions: Vec<String>,
    /// Whether it brings migrations.
    pub migrates: bool,
    /// Versions whose fault it mends.
    pub mends: Vec<String>,
}

impl VersionEntry {
    /// Its version, as the solver compares them.
    pub fn release(&self) -> Release {
        self.version.into()
    }

    /// The gestor that it is for.
    pub fn admits_gestor(&self, gestor: Release) -> bool {
        let mut of_gestor = self.dependencies.iter().filter(|need| need.on == Component::Gestor);
        of_gestor.all(|need| need.range.admits(gestor))
    }
}

/// A plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PluginEntry {
    /// Its name.
    pub slug: Slug,
    /// Its name for people.
    pub name: String,
    /// Its versions, the newest first.
    pub versions: Vec<VersionEntry>,
}

impl PluginEntry {
    /// Since when the index has a package, RFC 3339. In a fresh index that is evidence that the package is older than the
    /// end of the key that signed it.
    pub fn published_at(&self, sha256: Sha256Digest) -> Option<&str> {
        let mut versions = self.versions.iter();
        let found = versions.find(|version| version.sha256 == sha256)?;
        Some(&found.published_at)
    }
}

/// A version as the file has it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct WrittenVersion {
    pub(super) versao: String,
    pub(super) sha256: String,
    pub(super) tamanho: u64,
    pub(super) urls: Vec<String>,
    pub(super) publicada_em: String,
    #[serde(default)]
    pub(super) canal: Channel,
    #[serde(default)]
    pub(super) dependencias: Vec<WrittenDependency>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) compatibilidade: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) retirada: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) assinante: Option<Signer>,
    #[serde(default)]
    pub(super) permissoes: Vec<String>,
    #[serde(default)]
    pub(super) migracoes: bool,
    #[serde(default)]
    pub(super) seguranca: Vec<String>,
}

/// A need as the file has it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct WrittenDependency {
    pub(super) id: String,
    pub(super) versao: String,
    #[serde(default)]
    pub(super) opcional: bool,
}

/// A plugin as the file has it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct WrittenPlugin {
    pub(super) formato: u64,
    pub(super) id: String,
    pub(super) nome: String,
    #[serde(default)]
    pub(super) resumo: String,
    #[serde(default)]
    pub(super) desenvolvedor: String,
    #[serde(default)]
    pub(super) licenca: String,
    pub(super) versoes: Vec<WrittenVersion>,
    #[serde(default)]
    pub(super) contadores: Value,
}

impl PluginEntry {
    /// The file of a plugin.
    pub fn target(slug: &Slug) -> String {
        format!("plugin.{slug}.json")
    }

    /// Reads it. `index` is for the fault.
    pub fn parse(index: &str, slug: &Slug, bytes: &[u8]) -> Result<Self, IndexFault> {
        let file = Self::target(slug);
        let fault = |reason: Phrase| IndexFault::Entry {
            index: index.to_owned(),
            file: file.clone(),
            reason,
        };
        let written: WrittenPlugin = serde_json::from_slice(bytes).map_err(|source| fault(said::quoted(&source)))?;
        if written.formato != FORMAT {
            return Err(fault(said::other_format(written.formato)));
        }
        if written.id != slug.as_str() {
            return Err(fault(said::other_plugin(&written.id)));
        }
        let mut versions = Vec::with_capacity(written.versoes.len());
        for version in written.versoes {
            let name: String = version.versao.chars().take(40).collect();
            versions.push(read(version).map_err(|reason| fault(said::of_version(&name, &reason)))?);
        }
        versions.sort_by_key(|version: &VersionEntry| std::cmp::Reverse(version.release()));
        if let Some(twice) = versions.windows(2).find(|pair| pair[0].version == pair[1].version) {
            return Err(fault(said::twice(&twice[0].version.to_string())));
        }
        Ok(Self {
            slug: slug.clone(),
            name: written.nome,
            versions,
        })
    }
}

fn read(written: WrittenVersion) -> Result<VersionEntry, Phrase> {
    let mut dependencies = Vec::with_capacity(written.dependencias.len() + 1);
    for need in &written.dependencias {
        dependencies.push(Dependency {
            on: component(&need.id)?,
            range: range(&need.versao)?,
            optional: need.opcional,
        });
    }
    if let Some(wanted) = &written.compatibilidade {
        dependencies.push(Dependency {
            on: Component::Gestor,
            range: range(wanted)?,
            optional: false,
        });
    }
    if written.urls.is_empty() {
        return Err(said::NO_URL);
    }
    for url in &written.urls {
        Address::parse(url).map_err(|fault| Phrase::of(&fault))?;
    }
    if let Some(signer) = &written.assinante {
        signer.key().map_err(|fault| Phrase::of(&fault))?;
    }
    let published = chrono::DateTime::parse_from_rfc3339(&written.publicada_em);
    published.map_err(|fault| said::quoted(&fault))?;
    Ok(VersionEntry {
        version: Version::from_str(&written.versao).map_err(|fault| Phrase::of(&fault))?,
        sha256: written
            .sha256
            .parse::<Sha256Digest>()
            .map_err(|fault| Phrase::of(&fault))?,
        size: written.tamanho,
        urls: written.urls,
        published_at: written.publicada_em,
        channel: written.canal,
        dependencies,
        withdrawn: written.retirada,
        signer: written.assinante,
        permissions: written.permissoes,
        migrates: written.migracoes,
        mends: written.seguranca,
    })
}

fn component(id: &str) -> Result<Component, Phrase> {
    if let Some(reserved) = Component::reserved(id) {
        return Ok(reserved);
    }
    let slug = Slug::normalize(id).ok().filter(|slug| slug.as_str() == id);
    slug.map(Component::Plugin).ok_or_else(|| said::no_plugin(id))
}

fn range(text: &str) -> Result<VersionRange, Phrase> {
    text.parse()
        .map_err(|fault: crate::model::RangeError| Phrase::of(&fault))
}

/// A plugin as it is found by a search.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// Its name.
    pub id: String,
    /// Its name for people.
    pub nome: String,
    /// What it is for.
    #[serde(default)]
    pub resumo: String,
    /// Its newest version.
    pub versao: String,
}

/// `catalogo.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Catalogue {
    /// Its format.
    pub(super) formato: u64,
    /// All plugins.
    pub plugins: Vec<Found>,
}

impl Catalogue {
    /// The file of it.
    pub const TARGET: &'static str = "catalogo.json";

    /// Reads it.
    pub fn parse(index: &str, bytes: &[u8]) -> Result<Self, IndexFault> {
        let fault = |reason: Phrase| IndexFault::Entry {
            index: index.to_owned(),
            file: Self::TARGET.to_owned(),
            reason,
        };
        let read: Self = serde_json::from_slice(bytes).map_err(|source| fault(said::quoted(&source)))?;
        if read.formato != FORMAT {
            return Err(fault(said::other_format(read.formato)));
        }
        Ok(read)
    }

    /// The plugins that have all of these words in name or summary, letter case aside.
    pub fn search<'c>(&'c self, words: &str) -> impl Iterator<Item = &'c Found> {
        let words: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
        self.plugins.iter().filter(move |found| {
            let text = format!("{} {} {}", found.id, found.nome, found.resumo).to_lowercase();
            words.iter().all(|word| text.contains(word))
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn plugin(change: impl FnOnce(&mut Value)) -> Result<PluginEntry, IndexFault> {
        let mut entry = json!({"formato": 1, "id": "p", "nome": "P", "versoes": [
            {"versao": "1.0.0", "sha256": "a".repeat(64), "tamanho": 9, "urls": ["https://a.org/p.zip"],
             "publicada_em": "2026-01-02T03:04:05Z", "novo": 1},
            {"versao": "1.10.0", "sha256": "b".repeat(64), "tamanho": 9, "urls": ["https://a.org/q.zip"],
             "publicada_em": "2026-01-03T03:04:05Z", "canal": "previa", "compatibilidade": ">=2.9",
             "dependencias": [{"id": "base", "versao": "^1"}, {"id": "php", "versao": ">=8.1", "opcional": true}]}]});
        change(&mut entry);
        let slug = Slug::normalize("p").unwrap();
        PluginEntry::parse("acme", &slug, entry.to_string().as_bytes())
    }

    #[test]
    fn an_entry_is_read() {
        let entry = plugin(|_| {}).unwrap();
        let newest = &entry.versions[0];
        assert_eq!(
            (newest.version.to_string().as_str(), newest.channel),
            ("1.10.0", Channel::Previa)
        );
        assert_eq!(newest.dependencies.len(), 3);
        assert!(newest.admits_gestor(Release::leading("2.9.43").unwrap()));
        assert!(!newest.admits_gestor(Release::leading("2.8.1").unwrap()));
        assert_eq!(entry.versions[1].channel, Channel::Estavel);
    }

    #[test]
    fn what_is_wrong_in_an_entry_is_named() {
        let of = |change: &dyn Fn(&mut Value)| plugin(|entry| change(entry)).unwrap_err().to_string();
        for (change, named) in [
            (
                &(|e: &mut Value| e["formato"] = json!(2)) as &dyn Fn(&mut Value),
                "format 2",
            ),
            (&|e| e["id"] = json!("q"), "\"q\""),
            (&|e| e["versoes"][1]["versao"] = json!("1.0.0"), "twice"),
            (&|e| e["versoes"][0]["versao"] = json!("x"), "\"x\""),
            (&|e| e["versoes"][0]["sha256"] = json!("x"), "1.0.0"),
            (&|e| e["versoes"][0]["urls"] = json!([]), "address"),
            (&|e| e["versoes"][0]["urls"] = json!(["http://a.org/"]), "not encrypted"),
            (&|e| e["versoes"][0]["publicada_em"] = json!("ontem"), "1.0.0"),
            (&|e| e["versoes"][1]["compatibilidade"] = json!("novo"), "\"novo\""),
            (&|e| e["versoes"][1]["dependencias"][0]["id"] = json!("../b"), "../b"),
            (&|e| e["versoes"][0]["tamanho"] = json!(-1), "plugin.p.json"),
        ] {
            let text = of(change);
            assert!(text.contains(named) && text.contains("acme"), "{text} lacks {named}");
        }
    }

    #[test]
    fn a_search_finds_all_words_wherever_they_stand() {
        let found =
            |id: &str, resumo: &str| json!({"id": id, "nome": "Loja Ágil", "resumo": resumo, "versao": "1.0.0"});
        let text = json!({"formato": 1, "plugins": [found("loja", "Vendas"), found("blog", "Textos")]}).to_string();
        let catalogue = Catalogue::parse("acme", text.as_bytes()).unwrap();
        let ids = |words: &str| {
            catalogue
                .search(words)
                .map(|found| found.id.clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(ids("VENDAS ágil"), ["loja"]);
        assert_eq!(ids(""), ["loja", "blog"]);
        assert!(ids("vendas textos").is_empty());
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), text in ".{0,200}") {
            let slug = Slug::normalize("p").unwrap();
            let _ = PluginEntry::parse("a", &slug, &bytes);
            let _ = PluginEntry::parse("a", &slug, text.as_bytes());
            let _ = Catalogue::parse("a", &bytes);
        }

        #[test]
        fn no_text_in_a_field_makes_it_panic(text in ".{0,40}", number in any::<u64>()) {
            for field in ["versao", "sha256", "publicada_em", "compatibilidade", "canal"] {
                let _ = plugin(|entry| entry["versoes"][0][field] = json!(text));
            }
            let _ = plugin(|entry| entry["versoes"][0]["tamanho"] = json!(number));
            let _ = plugin(|entry| entry["versoes"][1]["dependencias"][0]["versao"] = json!(text));
        }
    }
}
