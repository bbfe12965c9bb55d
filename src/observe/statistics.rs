//! The statistics of a month: how often each plugin was installed and updated, with which version, and by which codes that
//! failed. Nothing in it says whose site it is: no names of people, no paths, no addresses. Pure.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::event::Event;
use crate::model::{Slug, Version};

/// The number of this form.
const FORM: u32 = 1;

/// A month of a site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Month {
    formato: u32,
    /// `2026-11`.
    pub mes: String,
    /// The gestor's version, cut after its second number.
    pub gestor: Option<String>,
    /// PHP's.
    pub php: Option<String>,
    /// By name.
    pub plugins: BTreeMap<String, MonthOfPlugin>,
}

/// The same of one plugin.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MonthOfPlugin {
    /// The version that was there last.
    pub versao: Option<String>,
    /// Installed for the first time.
    pub install_success: u64,
    /// A package was to be installed, and was not.
    pub install_fail: u64,
    /// The package was the installed one.
    pub update_nochange: u64,
    /// Another package was installed.
    pub update_changed: u64,
    /// An earlier one was.
    pub rollback_exec: u64,
    /// How often by exit code.
    pub falhas: BTreeMap<String, u64>,
}

/// Something that the month takes in.
#[derive(Debug, Clone, Copy)]
pub struct Noted<'a> {
    /// The plugin.
    pub plugin: &'a Slug,
    /// What happened.
    pub event: Event,
    /// The version that is there now.
    pub version: Option<&'a str>,
    /// The exit code, where it failed.
    pub code: Option<u16>,
    /// The gestor's version.
    pub gestor: Option<&'a str>,
    /// PHP's.
    pub php: Option<&'a str>,
}

impl Month {
    /// One in which nothing has happened yet.
    pub fn new(mes: &str) -> Self {
        Self {
            formato: FORM,
            mes: mes.to_owned(),
            gestor: None,
            php: None,
            plugins: BTreeMap::new(),
        }
    }

    /// What stands in a file; nothing where that is not what we write there.
    pub fn read(bytes: &[u8], mes: &str) -> Option<Self> {
        let found: Self = serde_json::from_slice(bytes).ok()?;
        let is_ours = found.formato == FORM
            && found.mes == mes
            && [&found.gestor, &found.php]
                .into_iter()
                .flatten()
                .all(|text| is_minor(text))
            && found.plugins.iter().all(|(slug, plugin)| is_plugin(slug, plugin));
        is_ours.then_some(found)
    }

    /// As it stands in a file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }

    /// Takes something in. Whether it is something that is counted here.
    pub fn note(&mut self, noted: &Noted<'_>) -> bool {
        let mut plugin = self.plugins.get(noted.plugin.as_str()).cloned().unwrap_or_default();
        let count = match noted.event {
            Event::InstallSuccess => &mut plugin.install_success,
            Event::InstallFail => &mut plugin.install_fail,
            Event::UpdateNochange => &mut plugin.update_nochange,
            Event::UpdateChanged => &mut plugin.update_changed,
            Event::RollbackExec => &mut plugin.rollback_exec,
            _ => return false,
        };
        *count += 1;
        if let Some(code) = noted.code {
            *plugin.falhas.entry(code.to_string()).or_default() += 1;
        }
        let version = noted.version.filter(|text| text.parse::<Version>().is_ok());
        plugin.versao = version.map(str::to_owned).or(plugin.versao);
        self.gestor = noted.gestor.and_then(minor).or(self.gestor.take());
        self.php = noted.php.and_then(minor).or(self.php.take());
        self.plugins.insert(noted.plugin.to_string(), plugin);
        true
    }
}

fn is_plugin(slug: &str, plugin: &MonthOfPlugin) -> bool {
    Slug::normalize(slug).is_ok_and(|known| known.as_str() == slug)
        && plugin.versao.iter().all(|text| text.parse::<Version>().is_ok())
        && plugin.falhas.keys().all(|code| code.parse::<u16>().is_ok())
}

/// The month of a time.
pub fn month(now: DateTime<Utc>) -> String {
    now.format("%Y-%m").to_string()
}

/// The first two numbers of a version; nothing of what is none.
pub fn minor(version: &str) -> Option<String> {
    let mut numbers = version.split(['.', '-', '+']);
    let [major, minor] = [numbers.next()?, numbers.next()?];
    let found = format!("{major}.{minor}");
    is_minor(&found).then_some(found)
}

fn is_minor(text: &str) -> bool {
    let is_number = |part: &str| !part.is_empty() && part.len() <= 4 && part.bytes().all(|byte| byte.is_ascii_digit());
    text.split_once('.')
        .is_some_and(|(major, minor)| is_number(major) && is_number(minor))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noted(plugin: &Slug, event: Event) -> Noted<'_> {
        Noted {
            plugin,
            event,
            version: Some("1.2.3"),
            code: None,
            gestor: Some("2.9.43"),
            php: Some("8.2.29-1~deb12u1"),
        }
    }

    #[test]
    fn what_is_noted_is_read_back() {
        let slug = Slug::normalize("agenda").unwrap();
        let mut month = Month::new("2026-11");
        assert!(month.note(&noted(&slug, Event::InstallSuccess)));
        for _ in 0..2 {
            let failed = Noted {
                version: Some("/srv/site"),
                code: Some(11),
                gestor: Some("of mine"),
                php: None,
                ..noted(&slug, Event::InstallFail)
            };
            assert!(month.note(&failed));
        }
        assert!(!month.note(&noted(&slug, Event::Uninstall)));
        let read = Month::read(&month.to_bytes(), "2026-11").unwrap();
        assert_eq!(read, month);
        let plugin = &read.plugins["agenda"];
        assert_eq!((plugin.install_success, plugin.install_fail), (1, 2));
        assert_eq!(plugin.falhas, BTreeMap::from([("11".to_owned(), 2)]));
        assert_eq!(
            plugin.versao.as_deref(),
            Some("1.2.3"),
            "what is no version is left out"
        );
        assert_eq!(
            (read.gestor.as_deref(), read.php.as_deref()),
            (Some("2.9"), Some("8.2"))
        );
    }

    #[test]
    fn what_others_wrote_is_not_taken() {
        let slug = Slug::normalize("agenda").unwrap();
        let mut month = Month::new("2026-11");
        month.note(&noted(&slug, Event::InstallSuccess));
        let text = String::from_utf8(month.to_bytes()).unwrap();
        for (from, to) in [
            ("\"formato\": 1", "\"formato\": 2"),
            ("2026-11", "2026-10"),
            ("\"agenda\"", "\"../agenda\""),
            ("\"1.2.3\"", "\"/srv/site\""),
            ("\"2.9\"", "\"joao\""),
            ("\"8.2\"", "\"8.2.1\""),
            ("\"falhas\": {}", "\"falhas\": {\"x\": 1}"),
            ("\"php\"", "\"site\""),
            ("{", "["),
        ] {
            assert!(text.contains(from), "{from}");
            assert_eq!(Month::read(text.replace(from, to).as_bytes(), "2026-11"), None, "{to}");
        }
    }

    #[test]
    fn of_a_version_two_numbers_stay() {
        for (version, expected) in [
            ("2.9.43", Some("2.9")),
            ("8.2.29-1~deb12u1", Some("8.2")),
            ("8.2-dev", Some("8.2")),
            ("8", None),
            ("v8.2", None),
            ("", None),
            ("1.x", None),
        ] {
            assert_eq!(minor(version).as_deref(), expected, "{version}");
        }
        let at = DateTime::parse_from_rfc3339("2026-11-30T22:00:00-03:00").unwrap();
        assert_eq!(month(at.to_utc()), "2026-12");
    }
}
