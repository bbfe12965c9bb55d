//! What was withdrawn (`revogados.json`): versions, bytes, keys, certificates, developers. Reads and decides; whose list it is
//! and how old it may be is for others to say.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::certificate::Certificate;
use super::scope::is_developer;
use super::time;
use crate::base::json_object::{Object, objects, read_object};
use crate::model::{Phrase, Release, Sha256Digest, Slug, Version, VersionRange};

/// Bytes of such a list.
pub(super) const MAX_BYTES: u64 = 8 << 20;
/// The only form that there is.
const FORM: u32 = 1;

/// A list of what was withdrawn.
#[derive(Debug, Clone, Default)]
pub struct Revocations {
    /// When it was made, where it says that.
    pub issued: Option<DateTime<Utc>>,
    items: Vec<Item>,
}

/// Something that was withdrawn, as it meets a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    /// The index whose list it is; nothing for the operator's own.
    pub by: Option<String>,
    /// By which item.
    pub id: String,
    /// What is said of it.
    pub text: Phrase,
    /// The package is refused; else it is told.
    pub is_blocked: bool,
    /// The version that mends it.
    pub fixed_in: Option<String>,
}

/// What is known of a package that may have been withdrawn.
#[derive(Debug, Clone, Copy)]
pub(super) struct Suspect<'s> {
    /// The plugin.
    pub(super) slug: &'s Slug,
    /// Its version, once that is known.
    pub(super) version: Option<Version>,
    /// The package's bytes.
    pub(super) sha256: Option<Sha256Digest>,
    /// Who signed it, and who vouches for that one.
    pub(super) certificates: &'s [Certificate],
    /// Whose it says that it is.
    pub(super) developer: Option<&'s str>,
    /// Since when fresh indices have the package.
    pub(super) published: &'s [DateTime<Utc>],
}

/// An item. What it names must all meet.
#[derive(Debug, Clone)]
struct Item {
    by: Option<String>,
    id: String,
    plugin: Option<String>,
    versions: Option<VersionRange>,
    digests: Vec<Sha256Digest>,
    key: Option<Sha256Digest>,
    /// What was published before that stays; nothing does where no time is said.
    since: Option<DateTime<Utc>>,
    certificate: Option<Sha256Digest>,
    developer: Option<String>,
    is_blocked: bool,
    fixed_in: Option<String>,
    text: Phrase,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenList {
    formato: u32,
    emitido: Option<String>,
    #[serde(deserialize_with = "objects")]
    itens: Vec<WrittenItem>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenItem {
    id: Option<String>,
    plugin: Option<String>,
    versoes: Option<String>,
    #[serde(default)]
    sha256: Vec<String>,
    chave: Option<String>,
    desde: Option<String>,
    certificado: Option<String>,
    desenvolvedor: Option<String>,
    motivo: Option<String>,
    acao: Option<String>,
    corrigida_em: Option<String>,
    texto: Option<Object<WrittenText>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenText {
    #[serde(rename = "pt-br")]
    portuguese: Option<String>,
    en: Option<String>,
}

/// Why something is withdrawn, in the words of the list and for people.
static REASONS: [(&str, Phrase); 4] = [
    ("malware", Phrase::new("ele faz mal", "it does harm")),
    (
        "vulnerabilidade",
        Phrase::new("ele tem uma vulnerabilidade", "it has a vulnerability"),
    ),
    (
        "chave_perdida",
        Phrase::new(
            "a chave não está mais só com o seu dono",
            "the key is not its owner's alone any more",
        ),
    ),
    ("retirada", Phrase::new("ela foi retirada", "it was withdrawn")),
];

impl Revocations {
    /// Reads a list as an operator has it.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        Self::read_by(bytes, None)
    }

    /// Reads the list of an index.
    pub fn of_index(name: &str, bytes: &[u8]) -> Result<Self, String> {
        Self::read_by(bytes, Some(name))
    }

    fn read_by(bytes: &[u8], by: Option<&str>) -> Result<Self, String> {
        let written: WrittenList = read_object(bytes).map_err(|fault| fault.to_string())?;
        if written.formato != FORM {
            return Err(format!("`formato` is {}, and only {FORM} is known", written.formato));
        }
        let issued = written
            .emitido
            .map(|text| time::read(&text).ok_or(format!("{text:?} is no time")));
        let items = written.itens.into_iter().enumerate();
        Ok(Self {
            issued: issued.transpose()?,
            items: items
                .map(|(place, item)| {
                    item.into_item(place, by)
                        .map_err(|fault| format!("itens[{place}]: {fault}"))
                })
                .collect::<Result<_, _>>()?,
        })
    }

    /// Adds what another list says.
    pub fn join(&mut self, other: &Self) {
        self.items.extend_from_slice(&other.items);
    }

    /// What refuses a version, or bytes, of a plugin by their names alone; who signed it is not looked at.
    pub fn blocks(&self, slug: &Slug, version: Version, sha256: Option<Sha256Digest>) -> Option<Revocation> {
        let suspect = Suspect {
            slug,
            version: Some(version),
            sha256,
            certificates: &[],
            developer: None,
            published: &[],
        };
        self.of(suspect).filter(|found| found.is_blocked)
    }

    /// What withdraws a package: what refuses it before what is only told.
    pub(super) fn of(&self, suspect: Suspect<'_>) -> Option<Revocation> {
        let mut met: Vec<&Item> = self.items.iter().filter(|item| item.meets(suspect)).collect();
        met.sort_by_key(|item| !item.is_blocked);
        met.first().map(|item| Revocation {
            by: item.by.clone(),
            id: item.id.clone(),
            text: item.text.clone(),
            is_blocked: item.is_blocked,
            fixed_in: item.fixed_in.clone(),
        })
    }
}

impl Item {
    fn meets(&self, suspect: Suspect<'_>) -> bool {
        let all = suspect.certificates;
        let plugin = self.plugin.as_deref().is_none_or(|name| name == suspect.slug.as_str());
        let versions = self.versions.as_ref().is_none_or(|range| {
            suspect
                .version
                .is_some_and(|version| range.admits(Release::from(version)))
        });
        let digests = self.digests.is_empty() || suspect.sha256.is_some_and(|sha256| self.digests.contains(&sha256));
        let is_older = self
            .since
            .is_some_and(|since| suspect.published.iter().any(|published| *published < since));
        let is_signer = |key| all.iter().any(|one: &Certificate| one.key_digest == key);
        let key = self.key.is_none_or(|key| is_signer(key) && !is_older);
        let certificate = self
            .certificate
            .is_none_or(|digest| all.iter().any(|one| one.digest == digest));
        let developer = self
            .developer
            .as_deref()
            .is_none_or(|name| suspect.developer == Some(name));
        plugin && versions && digests && key && certificate && developer
    }
}

/// Whether a text is a plugin's id as it is stored.
fn is_plugin(name: &str) -> bool {
    Slug::normalize(name).is_ok_and(|slug| slug.as_str() == name)
}

impl WrittenItem {
    fn into_item(self, place: usize, by: Option<&str>) -> Result<Item, String> {
        let digest = |text: &String| text.parse::<Sha256Digest>().map_err(|fault| fault.to_string());
        let names_something = self.plugin.is_some()
            || !self.sha256.is_empty()
            || self.chave.is_some()
            || self.certificado.is_some()
            || self.desenvolvedor.is_some();
        if !names_something {
            return Err("it names no plugin, sha256, key, certificate or developer".to_owned());
        }
        if let Some(name) = self.plugin.as_ref().filter(|name| !is_plugin(name)) {
            return Err(format!(
                "`plugin` is {name:?}, which is no plugin id, so it would mean none"
            ));
        }
        if let Some(name) = self.desenvolvedor.as_ref().filter(|name| !is_developer(name)) {
            return Err(format!(
                "`desenvolvedor` is {name:?}, which is no name of a developer, so it would mean none"
            ));
        }
        let since = |text: &String| time::read(text).ok_or_else(|| format!("`desde` is {text:?}, which is no time"));
        let since = self.desde.as_ref().map(since).transpose()?;
        let is_blocked = match self.acao.as_deref() {
            None | Some("bloquear") => true,
            Some("avisar") => false,
            Some(other) => return Err(format!("`acao` is {other:?}; allowed: bloquear, avisar")),
        };
        let reason = self.motivo.as_deref().unwrap_or("retirada");
        let known = REASONS.iter().find(|(word, _)| *word == reason);
        let (_, said) = known.ok_or_else(|| {
            format!("`motivo` is {reason:?}; allowed: malware, vulnerabilidade, chave_perdida, retirada")
        })?;
        let range = |text: &String| text.parse::<VersionRange>().map_err(|fault| fault.to_string());
        Ok(Item {
            by: by.map(str::to_owned),
            since,
            id: self.id.unwrap_or_else(|| format!("itens[{place}]")),
            versions: self.versoes.as_ref().map(range).transpose()?,
            digests: self.sha256.iter().map(digest).collect::<Result<_, _>>()?,
            key: self.chave.as_ref().map(digest).transpose()?,
            certificate: self.certificado.as_ref().map(digest).transpose()?,
            plugin: self.plugin,
            developer: self.desenvolvedor,
            is_blocked,
            fixed_in: self.corrigida_em,
            text: self.texto.map_or_else(|| said.clone(), |text| text.0.phrase(said)),
        })
    }
}

impl WrittenText {
    fn phrase(self, said: &Phrase) -> Phrase {
        match (self.portuguese, self.en) {
            (Some(pt), Some(en)) => Phrase::made(pt, en),
            (Some(only), None) | (None, Some(only)) => Phrase::of_others(only),
            (None, None) => said.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn suspect<'s>(slug: &'s Slug, version: &str, developer: Option<&'s str>) -> Suspect<'s> {
        Suspect {
            slug,
            version: version.parse().ok(),
            sha256: Some(Sha256Digest::new([7; 32])),
            certificates: &[],
            developer,
            published: &[],
        }
    }

    #[test]
    fn what_an_item_names_must_all_meet() {
        let seven = "07".repeat(32);
        let slug = Slug::normalize("acme-shop").unwrap();
        for (item, version, developer, meets) in [
            (r#"{"plugin":"acme-shop"}"#.to_owned(), "1.0.0", None, true),
            (r#"{"plugin":"other"}"#.to_owned(), "1.0.0", None, false),
            (
                r#"{"plugin":"acme-shop","versoes":">=1.2.0 <1.2.5"}"#.to_owned(),
                "1.2.4",
                None,
                true,
            ),
            (
                r#"{"plugin":"acme-shop","versoes":">=1.2.0 <1.2.5"}"#.to_owned(),
                "1.2.5",
                None,
                false,
            ),
            (format!(r#"{{"sha256":["{seven}"]}}"#), "1.0.0", None, true),
            (
                format!(r#"{{"plugin":"other","sha256":["{seven}"]}}"#),
                "1.0.0",
                None,
                false,
            ),
            (r#"{"desenvolvedor":"acme"}"#.to_owned(), "1.0.0", Some("acme"), true),
            (r#"{"desenvolvedor":"acme"}"#.to_owned(), "1.0.0", None, false),
            (
                format!(r#"{{"chave":"{seven}","desde":"2026-01-01T00:00:00Z"}}"#),
                "1.0.0",
                None,
                false,
            ),
        ] {
            let text = format!(r#"{{"formato":1,"emitido":"2026-01-01T00:00:00Z","itens":[{item}]}}"#);
            let list = Revocations::read(text.as_bytes()).unwrap();
            let found = list.of(suspect(&slug, version, developer));
            assert_eq!(found.is_some(), meets, "{item}");
            assert!(found.is_none_or(|found| found.is_blocked));
        }
    }

    #[test]
    fn what_refuses_counts_before_what_is_told() {
        let text = r#"{"formato":1,"itens":[{"id":"A","plugin":"p","acao":"avisar"},
            {"id":"B","plugin":"p","motivo":"malware","texto":{"pt-br":"um","en":"one"},"corrigida_em":"2.0.0"}]}"#;
        let slug = Slug::normalize("p").unwrap();
        let found = Revocations::read(text.as_bytes())
            .unwrap()
            .of(suspect(&slug, "1.0.0", None))
            .unwrap();
        assert_eq!((found.id.as_str(), found.is_blocked), ("B", true));
        assert_eq!(
            (found.text.to_string().as_str(), found.fixed_in.as_deref()),
            ("one", Some("2.0.0"))
        );
    }

    #[test]
    fn a_list_that_is_unclear_is_none() {
        for text in [
            "",
            "[]",
            r#"{"formato":1}"#,
            r#"{"formato":2,"itens":[]}"#,
            r#"{"formato":1,"itens":[],"itens":[]}"#,
            r#"{"formato":1,"itens":[],"more":1}"#,
            r"[1,null,[]]",
            r#"{"formato":1,"itens":[["x","p",null,[],null,null,null,null,null,null,null,null]]}"#,
            r#"{"formato":1,"itens":[{"plugin":"p","texto":["um","one"]}]}"#,
            r#"{"formato":1,"emitido":"x","itens":[]}"#,
            r#"{"formato":1,"itens":[{}]}"#,
            r#"{"formato":1,"itens":[{"id":"x","versoes":"1"}]}"#,
            r#"{"formato":1,"itens":[{"plugin":"p","unknown":1}]}"#,
            r#"{"formato":1,"itens":[{"plugin":"p","acao":"talvez"}]}"#,
            r#"{"formato":1,"itens":[{"plugin":""}]}"#,
            r#"{"formato":1,"itens":[{"plugin":"Acme-Shop"}]}"#,
            r#"{"formato":1,"itens":[{"plugin":"acme-*"}]}"#,
            r#"{"formato":1,"itens":[{"plugin":" p"}]}"#,
            r#"{"formato":1,"itens":[{"desenvolvedor":"Acme"}]}"#,
            r#"{"formato":1,"itens":[{"plugin":"p","motivo":"talvez"}]}"#,
            r#"{"formato":1,"itens":[{"plugin":"p","versoes":"a b c"}]}"#,
            r#"{"formato":1,"itens":[{"chave":"12"}]}"#,
        ] {
            assert!(Revocations::read(text.as_bytes()).is_err(), "{text}");
        }
    }
}
