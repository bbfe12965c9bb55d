//! What is said of a plugin: a version comes, is withdrawn, is listed for whoever searches. Pure; what is made here is read
//! back as a site reads it before anybody signs it.

use std::str::FromStr as _;

use super::PublishFault;
use crate::index::IndexFault;
use crate::index::entry::{
    Catalogue, Channel, FORMAT, Found, PluginEntry, Signer, WrittenDependency, WrittenPlugin, WrittenVersion,
};
use crate::model::{Dependency, Release, Sha256Digest, Slug, Version};

/// A version that is published, as its package and the publisher say it.
#[derive(Debug, Clone)]
pub struct NewVersion {
    /// The plugin.
    pub slug: Slug,
    /// Its name for people.
    pub name: String,
    /// The version.
    pub version: Version,
    /// SHA-256 of the package.
    pub sha256: Sha256Digest,
    /// Its bytes.
    pub size: u64,
    /// Where it is.
    pub urls: Vec<String>,
    /// Since when, RFC 3339.
    pub published_at: String,
    /// For whom.
    pub channel: Channel,
    /// What it needs of plugins and PHP.
    pub dependencies: Vec<Dependency>,
    /// The gestors that it is for, as a range.
    pub compatibility: Option<String>,
    /// Who signed the package.
    pub signer: Option<Signer>,
    /// Whether it brings migrations.
    pub migrates: bool,
    /// Versions whose fault it mends.
    pub mends: Vec<String>,
    /// What the plugin is for; what was said before stays where nothing is said.
    pub summary: Option<String>,
}

/// What is said of a plugin, to be changed.
pub(super) struct PluginFile {
    slug: Slug,
    written: WrittenPlugin,
}

impl PluginFile {
    /// What was said so far; `None` where nothing was.
    pub(super) fn read(slug: &Slug, bytes: Option<&[u8]>) -> Result<Self, PublishFault> {
        let written = match bytes {
            Some(bytes) => {
                PluginEntry::parse("-", slug, bytes)?;
                serde_json::from_slice(bytes).map_err(|fault| unreadable(slug, &fault))?
            }
            None => WrittenPlugin {
                formato: FORMAT,
                id: slug.to_string(),
                nome: slug.to_string(),
                resumo: String::new(),
                desenvolvedor: String::new(),
                licenca: String::new(),
                versoes: Vec::new(),
                contadores: serde_json::json!({}),
            },
        };
        let slug = slug.clone();
        Ok(Self { slug, written })
    }

    /// A version comes, or is said anew: the same bytes keep their day, and what was withdrawn stays so. Gives why it was.
    pub(super) fn add(&mut self, new: NewVersion) -> Result<Option<String>, PublishFault> {
        let version = new.version.to_string();
        let known = self.written.versoes.iter().position(|known| known.versao == version);
        let (mut published_at, mut withdrawn) = (new.published_at, None);
        if let Some(at) = known {
            let known = self.written.versoes.remove(at);
            if !known.sha256.eq_ignore_ascii_case(&new.sha256.to_string()) {
                let slug = self.slug.to_string();
                return Err(PublishFault::OtherBytes { slug, version });
            }
            (published_at, withdrawn) = (known.publicada_em, known.retirada);
        }
        let is_newest = self.releases().all(|known| known <= Release::from(new.version));
        if is_newest {
            self.written.nome = new.name;
        }
        if let Some(summary) = new.summary {
            self.written.resumo = summary;
        }
        let need = |need: &Dependency| WrittenDependency {
            id: need.on.to_string(),
            versao: need.range.to_string(),
            opcional: need.optional,
        };
        self.written.versoes.push(WrittenVersion {
            versao: version,
            sha256: new.sha256.to_string(),
            tamanho: new.size,
            urls: new.urls,
            publicada_em: published_at,
            canal: new.channel,
            dependencias: new.dependencies.iter().map(need).collect(),
            compatibilidade: new.compatibility,
            retirada: withdrawn.clone(),
            assinante: new.signer,
            permissoes: Vec::new(),
            migracoes: new.migrates,
            seguranca: new.mends,
        });
        let release = |written: &WrittenVersion| Version::from_str(&written.versao).ok().map(Release::from);
        self.written
            .versoes
            .sort_by_key(|written| std::cmp::Reverse(release(written)));
        Ok(withdrawn)
    }

    fn releases(&self) -> impl Iterator<Item = Release> {
        let versions = self.written.versoes.iter();
        versions.filter_map(|known| Version::from_str(&known.versao).ok().map(Release::from))
    }

    /// A version should not be installed any more.
    pub(super) fn withdraw(&mut self, version: &str, reason: &str) -> Result<(), PublishFault> {
        let mut versions = self.written.versoes.iter_mut();
        let known = versions.find(|known| known.versao == version);
        let known = known.ok_or_else(|| PublishFault::UnknownVersion {
            slug: self.slug.to_string(),
            version: version.to_owned(),
        })?;
        known.retirada = Some(reason.to_owned());
        Ok(())
    }

    /// The file, which sites can read.
    pub(super) fn bytes(&self) -> Result<Vec<u8>, PublishFault> {
        let bytes = serde_json::to_vec(&self.written).map_err(|fault| unreadable(&self.slug, &fault))?;
        PluginEntry::parse("-", &self.slug, &bytes)?;
        Ok(bytes)
    }

    /// Its line in the list of all plugins: the newest version that everybody gets, a preview where there is nothing else;
    /// none where every version was withdrawn.
    fn found(&self) -> Option<Found> {
        let standing = || self.written.versoes.iter().filter(|version| version.retirada.is_none());
        let for_all = standing().find(|version| version.canal == Channel::Estavel);
        let newest = for_all.or_else(|| standing().next())?;
        Some(Found {
            id: self.slug.to_string(),
            nome: self.written.nome.clone(),
            resumo: self.written.resumo.clone(),
            versao: newest.versao.clone(),
        })
    }

    /// The list of all plugins with this one as it is now.
    pub(super) fn listed(&self, bytes: Option<&[u8]>) -> Result<Vec<u8>, PublishFault> {
        let mut catalogue = match bytes {
            Some(bytes) => Catalogue::parse("-", bytes)?,
            None => empty_catalogue(),
        };
        catalogue.plugins.retain(|found| found.id != self.slug.as_str());
        catalogue.plugins.extend(self.found());
        catalogue.plugins.sort_by(|one, other| one.id.cmp(&other.id));
        Ok(serde_json::to_vec(&catalogue).unwrap_or_default())
    }
}

/// The list of no plugins.
pub(super) fn empty_catalogue() -> Catalogue {
    Catalogue {
        formato: FORMAT,
        plugins: Vec::new(),
    }
}

fn unreadable(slug: &Slug, fault: &serde_json::Error) -> PublishFault {
    PublishFault::Entry(IndexFault::Entry {
        index: "-".to_owned(),
        file: PluginEntry::target(slug),
        reason: super::messages::quoted(fault),
    })
}
