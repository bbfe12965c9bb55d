//! What the operator asks for (`politica.json`), and what follows from a verdict. Reads and decides.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::origins::Origins;
use super::scope::{PluginPattern, Signer, is_developer};
use super::verdict::Verdict;
use crate::base::json_object::{Object, read_object};
use crate::base::net::Address;
use crate::config::SignatureLevel;
use crate::model::Slug;

/// Bytes of a policy.
pub(super) const MAX_BYTES: u64 = 1 << 20;

/// Days for which an index that has ended is gone on with, where nobody says otherwise.
const GRACE: u32 = 7;
/// The most that can be said: longer is for ever.
const LONGEST_GRACE: u32 = 3650;

/// What the operator asks for.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    grace: Option<u32>,
    default: Option<SignatureLevel>,
    origins: Vec<(String, SignatureLevel)>,
    plugins: Vec<PluginRule>,
    roots: BTreeMap<String, RootRule>,
    /// Pages by which is told whether the site is well.
    health: Vec<String>,
    /// Where notices are sent.
    notices: Option<String>,
    /// Whose mail box is told once a day.
    mail: Option<String>,
}

#[derive(Debug, Clone)]
struct PluginRule {
    pattern: PluginPattern,
    level: Option<SignatureLevel>,
    developers: Vec<String>,
    runs_scripts: bool,
    updates: Option<Map<String, Value>>,
}

#[derive(Debug, Clone)]
struct RootRule {
    plugins: Vec<PluginPattern>,
    developers: Vec<String>,
}

/// What is asked of one package.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked<'a> {
    /// Where it comes from.
    pub origins: Option<&'a Origins>,
    /// What the machine's setting says.
    pub setting: Option<SignatureLevel>,
    /// What the call says.
    pub call: Option<SignatureLevel>,
}

/// What follows from a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answer {
    /// It is told as good.
    Good,
    /// It is told.
    Info,
    /// It is warned of.
    Warning,
    /// The package is refused.
    Refused,
}

/// What follows from a verdict at a level; `believes` says whether there is anybody who is believed.
pub fn answer(verdict: Verdict, level: SignatureLevel, believes: bool) -> Answer {
    let is_absent = verdict == Verdict::Absent;
    let is_doubtful = is_absent || matches!(verdict, Verdict::Unknown | Verdict::Expired);
    match level {
        _ if verdict == Verdict::Valid => Answer::Good,
        _ if verdict == Verdict::Revoked => Answer::Refused,
        SignatureLevel::Off => Answer::Info,
        SignatureLevel::Warn if is_absent && !believes => Answer::Info,
        SignatureLevel::Warn if is_doubtful => Answer::Warning,
        // What was to be looked at and was not is as good as nothing.
        SignatureLevel::Warn | SignatureLevel::Require => Answer::Refused,
    }
}

impl Policy {
    /// Reads a policy.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, String> {
        let written: Written = read_object(bytes).map_err(|fault| fault.to_string())?;
        written.into_policy()
    }

    /// The level that counts for a package: the strictest of those that are said. A folder that is packed here and now is
    /// looked at only where it, or its plugin, is named.
    pub fn level(&self, slug: &Slug, asked: Asked<'_>) -> SignatureLevel {
        let of_plugin = self.plugins.iter().filter(|rule| rule.pattern.covers(slug));
        let of_plugin = of_plugin.filter_map(|rule| rule.level);
        let named = |key: &String| asked.origins.is_some_and(|origins| origins.names(key));
        let of_origin = self
            .origins
            .iter()
            .filter(|(key, _)| named(key))
            .map(|(_, level)| *level);
        let strictest = of_plugin.chain(of_origin).chain(asked.call).max();
        if asked.origins.is_some_and(Origins::is_folder) {
            return strictest.unwrap_or(SignatureLevel::Off);
        }
        let default = self.default.max(asked.setting).unwrap_or_default();
        strictest.max(Some(default)).unwrap_or_default()
    }

    /// Whether a root may vouch for a plugin at all.
    pub(super) fn admits_root(&self, file: &str, slug: &Slug, signer: Option<&Signer>) -> bool {
        let Some(rule) = self.roots.get(file) else {
            return true;
        };
        let plugin = rule.plugins.is_empty() || rule.plugins.iter().any(|pattern| pattern.covers(slug));
        let is_named = |signer: &Signer| rule.developers.contains(&signer.developer);
        plugin && (rule.developers.is_empty() || signer.is_some_and(is_named))
    }

    /// Whether a plugin may be this developer's.
    pub(super) fn admits_developer(&self, slug: &Slug, developer: &str) -> bool {
        let rules = self.plugins.iter().filter(|rule| rule.pattern.covers(slug));
        let mut named = rules.filter(|rule| !rule.developers.is_empty());
        named.all(|rule| rule.developers.iter().any(|name| name == developer))
    }

    /// Whether scripts of a plugin run without being asked for, where its signature is valid.
    pub fn runs_scripts(&self, slug: &Slug) -> bool {
        let mut rules = self.plugins.iter().filter(|rule| rule.pattern.covers(slug));
        rules.any(|rule| rule.runs_scripts)
    }

    /// Days for which an index that has ended, or cannot be reached, is gone on with.
    pub fn grace(&self) -> u32 {
        self.grace.unwrap_or(GRACE)
    }

    /// What it says of updates of a plugin, the rule that names it most closely first.
    pub fn updates(&self, slug: &Slug) -> Vec<&Map<String, Value>> {
        let mut rules: Vec<_> = self.plugins.iter().filter(|rule| rule.pattern.covers(slug)).collect();
        rules.sort_by_key(|rule| std::cmp::Reverse(rule.pattern.closeness()));
        rules.into_iter().filter_map(|rule| rule.updates.as_ref()).collect()
    }

    /// Pages by which is told whether the site is well (`saude`).
    pub fn health(&self) -> &[String] {
        &self.health
    }

    /// Where notices are sent (`aviso_url`).
    pub fn notices(&self) -> Option<&str> {
        self.notices.as_deref()
    }

    /// Whose mail box is told once a day (`aviso_email`).
    pub fn mail(&self) -> Option<&str> {
        self.mail.as_deref()
    }

    /// Roots that it names, by their files.
    pub(super) fn root_names(&self) -> impl Iterator<Item = &str> {
        self.roots.keys().map(String::as_str)
    }
}

/// A policy as it is written. What is there for others is read by them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    padrao: Option<Object<WrittenLevel>>,
    #[serde(default, deserialize_with = "unique")]
    origens: Vec<(String, Object<WrittenLevel>)>,
    #[serde(default, deserialize_with = "unique")]
    plugins: Vec<(String, Object<WrittenPlugin>)>,
    #[serde(default, deserialize_with = "unique")]
    raizes: Vec<(String, Object<WrittenRoot>)>,
    #[serde(default, deserialize_with = "unique", rename = "gpg")]
    _gpg: Vec<(String, String)>,
    tolerancia_offline_dias: Option<u32>,
    #[serde(default)]
    saude: Vec<String>,
    aviso_url: Option<String>,
    aviso_email: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenLevel {
    assinatura: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenPlugin {
    assinatura: Option<String>,
    #[serde(default)]
    desenvolvedores: Vec<String>,
    #[serde(default)]
    scripts: bool,
    atualizacao: Option<Map<String, Value>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRoot {
    #[serde(default)]
    plugins: Vec<String>,
    #[serde(default)]
    desenvolvedores: Vec<String>,
}

/// The entries of an object, none of which stands twice.
fn unique<'de, D: serde::Deserializer<'de>, T: Deserialize<'de>>(reader: D) -> Result<Vec<(String, T)>, D::Error> {
    struct Entries<T>(std::marker::PhantomData<T>);
    impl<'de, T: Deserialize<'de>> serde::de::Visitor<'de> for Entries<T> {
        type Value = Vec<(String, T)>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut entries: Self::Value = Vec::new();
            while let Some((key, value)) = map.next_entry::<String, T>()? {
                if entries.iter().any(|(known, _)| *known == key) {
                    return Err(serde::de::Error::custom(format!("{key:?} stands twice")));
                }
                entries.push((key, value));
            }
            Ok(entries)
        }
    }
    reader.deserialize_map(Entries(std::marker::PhantomData))
}

fn level(text: Option<&String>) -> Result<Option<SignatureLevel>, String> {
    let read = |text: &String| SignatureLevel::from_word("assinatura", text).map_err(|fault| fault.to_string());
    text.map(read).transpose()
}

fn patterns(texts: &[String]) -> Result<Vec<PluginPattern>, String> {
    texts.iter().map(|text| pattern(text)).collect()
}

fn pattern(text: &str) -> Result<PluginPattern, String> {
    PluginPattern::read(text)
        .ok_or_else(|| format!("{text:?} is no plugin: write its id, a beginning with `*`, or `*`"))
}

fn developers(names: Vec<String>) -> Result<Vec<String>, String> {
    match names.iter().find(|name| !is_developer(name)) {
        Some(name) => Err(format!("{name:?} is no name of a developer")),
        None => Ok(names),
    }
}

/// An address that may be asked.
fn page(text: String) -> Result<String, String> {
    match Address::parse(&text) {
        Ok(_) => Ok(text),
        Err(fault) => Err(fault.to_string()),
    }
}

/// An address of mail: what any mail program takes, and nothing that could be taken for more than one.
fn mail_box(text: String) -> Result<String, String> {
    let is_plain = |c: char| !c.is_control() && !c.is_whitespace() && !"<>(),;:\\\"[]".contains(c);
    let is_one = text.rsplit_once('@').is_some_and(|(name, host)| {
        !name.is_empty() && !name.contains('@') && host.contains('.') && !host.starts_with('.') && !host.ends_with('.')
    });
    if is_one && text.len() <= 254 && text.chars().all(is_plain) {
        Ok(text)
    } else {
        Err(format!(
            "`aviso_email` is {:?}: it has to be one address, such as ana@example.org",
            text.chars().take(80).collect::<String>()
        ))
    }
}

impl Written {
    fn into_policy(self) -> Result<Policy, String> {
        let origin = |(key, Object(said)): (String, Object<WrittenLevel>)| {
            if !Origins::is_key(&key) {
                return Err(format!(
                    "{key:?} is no origin; allowed: upload, local_path, url, repo:<owner>/<name>, host:<name>, indice:<name>"
                ));
            }
            Ok(level(said.assinatura.as_ref())?.map(|level| (key, level)))
        };
        let plugin = |(key, Object(said)): (String, Object<WrittenPlugin>)| {
            Ok::<_, String>(PluginRule {
                pattern: pattern(&key)?,
                level: level(said.assinatura.as_ref())?,
                developers: developers(said.desenvolvedores)?,
                runs_scripts: said.scripts,
                updates: said.atualizacao,
            })
        };
        let root = |(key, Object(said)): (String, Object<WrittenRoot>)| {
            let rule = RootRule {
                plugins: patterns(&said.plugins)?,
                developers: developers(said.desenvolvedores)?,
            };
            Ok::<_, String>((key, rule))
        };
        let default = self.padrao.and_then(|said| said.0.assinatura);
        let grace = self.tolerancia_offline_dias;
        if let Some(days) = grace.filter(|days| *days > LONGEST_GRACE) {
            return Err(format!(
                "`tolerancia_offline_dias` is {days}; allowed: 0 to {LONGEST_GRACE}"
            ));
        }
        Ok(Policy {
            grace,
            default: level(default.as_ref())?,
            origins: self
                .origens
                .into_iter()
                .filter_map(|one| origin(one).transpose())
                .collect::<Result<_, _>>()?,
            plugins: self.plugins.into_iter().map(plugin).collect::<Result<_, _>>()?,
            roots: self.raizes.into_iter().map(root).collect::<Result<_, _>>()?,
            health: self.saude.into_iter().map(page).collect::<Result<_, _>>()?,
            notices: self.aviso_url.map(page).transpose()?,
            mail: self.aviso_email.map(mail_box).transpose()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{"padrao":{"assinatura":"avisar"},
        "origens":{"url":{"assinatura":"exigir"},"host:files.example":{"assinatura":"exigir"},"local_path":{"assinatura":"avisar"}},
        "plugins":{"acme-*":{"assinatura":"exigir","desenvolvedores":["acme"],"scripts":true,"atualizacao":{}},"*":{}},
        "raizes":{"acme.pem":{"plugins":["acme-*"],"desenvolvedores":["acme"]}},
        "gpg":{},"tolerancia_offline_dias":7,"saude":[],"aviso_url":null,"aviso_email":"ana@example.org"}"#;

    fn slug(name: &str) -> Slug {
        Slug::normalize(name).unwrap()
    }

    #[test]
    fn the_strictest_level_counts_and_a_call_only_raises() {
        use SignatureLevel::{Off, Require, Warn};
        let policy = Policy::read(GOOD.as_bytes()).unwrap();
        let (upload, url, folder) = (
            Origins::of_keys(&["upload"]),
            Origins::of_keys(&["url"]),
            Origins::folder(),
        );
        for (name, origins, setting, call, level) in [
            ("other", &upload, None, None, Warn),
            ("other", &upload, None, Some(Off), Warn),
            ("other", &upload, None, Some(Require), Require),
            ("other", &upload, Some(Require), Some(Off), Require),
            ("other", &url, None, None, Require),
            ("acme-shop", &upload, Some(Off), Some(Off), Require),
            ("other", &folder, Some(Require), None, Warn),
        ] {
            let asked = Asked {
                origins: Some(origins),
                setting,
                call,
            };
            assert_eq!(policy.level(&slug(name), asked), level, "{name} {asked:?}");
        }
        let none = Policy::default();
        for (origins, setting, call, level) in [
            (&upload, None, None, Warn),
            (&upload, Some(Off), None, Off),
            (&upload, Some(Off), Some(Warn), Warn),
            (&folder, Some(Require), None, Off),
            (&folder, None, Some(Require), Require),
        ] {
            let asked = Asked {
                origins: Some(origins),
                setting,
                call,
            };
            assert_eq!(none.level(&slug("p"), asked), level, "{asked:?}");
        }
    }

    #[test]
    fn the_grace_is_what_is_said_else_a_week() {
        let said = |days: &str| Policy::read(format!(r#"{{"tolerancia_offline_dias":{days}}}"#).as_bytes());
        assert_eq!((said("0").unwrap().grace(), said("30").unwrap().grace()), (0, 30));
        assert_eq!((said("null").unwrap().grace(), Policy::default().grace()), (7, 7));
    }

    #[test]
    fn scripts_and_developers_are_of_the_plugins_that_are_named() {
        let policy = Policy::read(GOOD.as_bytes()).unwrap();
        assert!(policy.runs_scripts(&slug("acme-shop")) && !policy.runs_scripts(&slug("other")));
        assert!(policy.admits_developer(&slug("acme-shop"), "acme"));
        assert!(!policy.admits_developer(&slug("acme-shop"), "mallory"));
        assert!(policy.admits_developer(&slug("other"), "mallory"));
    }

    #[test]
    fn a_policy_that_is_unclear_is_none() {
        for (from, to) in [
            ("\"padrao\"", "\"default\""),
            ("\"avisar\"", "\"talvez\""),
            ("\"url\"", "\"http\""),
            ("host:files.example", "url"),
            ("\"acme-*\":{\"ass", "\"a*b\":{\"ass"),
            ("\"scripts\":true", "\"scripts\":1"),
            ("\"scripts\":true", "\"script\":true"),
            ("[\"acme\"]", "[\"Acme\"]"),
            ("\"*\":{}", "\"acme-*\":{}"),
            ("7", "-7"),
            ("7", "3651"),
            ("{\"assinatura\":\"avisar\"}", "[\"avisar\"]"),
        ] {
            let spoiled = GOOD.replacen(from, to, 1);
            assert_ne!(spoiled, GOOD, "{from}");
            assert!(Policy::read(spoiled.as_bytes()).is_err(), "{from} -> {to}");
        }
    }

    #[test]
    fn no_level_asks_for_less_than_one_below_it() {
        use SignatureLevel::{Off, Require, Warn};
        for verdict in Verdict::ALL {
            for believes in [false, true] {
                let answers = [Off, Warn, Require].map(|level| answer(verdict, level, believes));
                assert!(answers.is_sorted(), "{verdict:?}: {answers:?}");
                assert!(answer(verdict, Warn, false) <= answer(verdict, Warn, true));
            }
        }
        assert_eq!(answer(Verdict::Absent, Warn, false), Answer::Info);
        assert_eq!(answer(Verdict::Revoked, Off, false), Answer::Refused);
        assert_eq!(answer(Verdict::Differs, Warn, false), Answer::Refused);
    }
}
