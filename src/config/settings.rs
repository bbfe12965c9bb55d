//! Settings of the machine: INI (`gestor_plugins.*`) and environment (`GESTOR_PLUGINS_*`), read once at the boundary
//! for callers that cannot pass parameters. A parameter of the call comes before both; INI comes before environment.
//! What protects the machine (limits, blacklist, trusted addresses) a call may only make tighter.

use std::fmt;
use std::path::PathBuf;

use super::given::path;
use super::parameter::KEYS;
use super::setting::{Setting, number};
use super::{
    AuditRules, Bases, CallError, Fusion, Limits, PARAMETERS, Retention, RowPolicy, Scripts, SignatureLevel, Statistics,
};
use crate::model::{Lang, Phrase};

/// Settings that a call starts from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settings {
    /// `adocao`, `conflitos`, `orfaos`.
    pub policy: RowPolicy,
    /// `fusao`.
    pub fusion: Fusion,
    /// `bases`.
    pub bases: Bases,
    /// `pasta_indice`
    pub index: Option<PathBuf>,
    /// `confianca`.
    pub trust: Option<PathBuf>,
    /// Keys of credentials, as `GESTOR_PLUGINS_CHAVES` in the environment has them.
    pub keys: Option<crate::model::Secret>,
    /// How strictly signatures are looked at.
    pub signature: Option<SignatureLevel>,
    /// `auditoria`, `auditoria_dias`, `auditoria_mb`.
    pub audit: AuditRules,
    /// `scripts`.
    pub scripts: Scripts,
    /// PHP's command line program (`php`), where somebody said one.
    pub php: Option<PathBuf>,
    /// That of the PHP that calls, where one does.
    pub own_php: Option<PathBuf>,
    /// The PHP that calls starts no programs: `disable_functions` has all that do.
    pub starts_nothing: bool,
    /// What of the environment a script gets: `PATH`, `LANG`, `TZ`.
    pub script_environment: Vec<(&'static str, String)>,
    /// `guardar_*`, `historico_*`, `poda`.
    pub retention: Retention,
    /// What a core update took away is left so (`reparar_apos_atualizacao` is `nao`).
    pub leaves_updated: bool,
    /// `lang`; a call without one speaks Portuguese.
    pub lang: Lang,
    /// `espera_lock`, seconds; each operation has its own default.
    pub lock_wait: Option<u64>,
    /// Limits.
    pub limits: Limits,
    /// Names refused in an archive, in place of the built-in list; `*` stands for any run of characters.
    pub blacklist: Option<Vec<String>>,
    /// Base URL of GitHub's API (`github_api`), for GitHub Enterprise and tests.
    pub github_api: Option<String>,
    /// Base URL of GitHub's pages (`github_web`).
    pub github_web: Option<String>,
    /// An extra file of certificate authorities (`ca_file`).
    pub ca_file: Option<PathBuf>,
    /// Seconds without a byte after which a download stops (`http_idle`); 0 where nobody said: the default.
    pub http_idle: u64,
    /// Seconds after which a download stops (`http_total`); 0 where nobody said: the default.
    pub http_total: u64,
    /// `estatisticas`
    pub statistics: Statistics,
    /// `log_level` is `debug`: single rows are logged.
    pub debug: bool,
    /// Environment variables `PLUGIN_TOKEN_*`, by name.
    pub tokens: Vec<(String, crate::model::Secret)>,
    /// A plan for `base::failpoint`; release builds ignore it.
    pub failpoint: Option<String>,
    /// The proxy variables of the environment, by lower-case name.
    pub proxies: Vec<(String, String)>,
    /// What was said and does not count.
    pub faults: Vec<SettingFault>,
    /// Who said each setting that is not at its default.
    pub sources: Vec<(&'static str, SettingSource)>,
    /// Where PHP lets this script read and write.
    pub reach: Reach,
    /// The version of the PHP that calls; none where it is another program.
    pub php_version: Option<String>,
}

/// Who said a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingSource {
    /// Nobody.
    Default,
    /// PHP's configuration.
    Ini,
    /// The environment of the process.
    Environment,
}

impl fmt::Display for SettingSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Default => "default",
            Self::Ini => "PHP configuration",
            Self::Environment => "environment",
        })
    }
}

/// A setting whose value is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}. Its default counts: {default}", self.refusal(Lang::En))]
pub struct SettingFault {
    /// As it stands in the configuration or in the environment.
    pub name: String,
    /// What was said, cut to 80 characters.
    pub found: String,
    /// What may be said.
    pub allowed: Phrase,
    /// What counts instead.
    pub default: String,
}

impl SettingFault {
    fn new(key: &'static str, source: SettingSource, fault: CallError) -> Self {
        let (found, allowed) = match fault {
            CallError::WrongValue { found, allowed, .. } => (found, allowed),
            other => (String::new(), Phrase::of(&other)),
        };
        let name = match source {
            SettingSource::Environment => variable(key),
            SettingSource::Ini | SettingSource::Default => format!("gestor_plugins.{key}"),
        };
        let default = Settings::default().value(key);
        Self {
            name,
            found,
            allowed,
            default,
        }
    }
}

/// Where servers of databases listen on a machine, the usual place first.
pub const SOCKETS: [&str; 3] = [
    "/run/mysqld/mysqld.sock",
    "/var/run/mysqld/mysqld.sock",
    "/tmp/mysql.sock",
];

/// Where PHP lets a script read and write (`open_basedir`). Knows names, follows no path.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reach {
    /// Folders; nothing where there is no restriction.
    pub folders: Option<Vec<PathBuf>>,
    /// Sockets of the database that the administrator named: PHP's own clients reach them wherever they are.
    pub sockets: Vec<PathBuf>,
}

impl Reach {
    /// The folders as `open_basedir` says them.
    pub fn text(&self) -> String {
        let folders = self.folders.iter().flatten();
        folders
            .map(|folder| folder.display().to_string())
            .collect::<Vec<_>>()
            .join(":")
    }

    /// Reads PHP's `open_basedir`: folders with colons between.
    pub fn of_open_basedir(value: &[u8]) -> Option<Vec<PathBuf>> {
        let names = value.split(|byte| *byte == b':').filter(|name| !name.is_empty());
        (!value.is_empty()).then(|| names.map(|name| path(name.to_vec())).collect())
    }
}

/// Functions by which a script of PHP starts a program.
const STARTING: [&str; 6] = ["exec", "passthru", "popen", "proc_open", "shell_exec", "system"];

/// Whether `disable_functions` leaves a script no way to start a program.
pub fn starts_nothing(disabled: &str) -> bool {
    let disabled: Vec<String> = disabled
        .split(',')
        .map(|name| name.trim().to_ascii_lowercase())
        .collect();
    STARTING
        .iter()
        .all(|name| disabled.iter().any(|disabled| disabled == name))
}

/// A setting by its name; the limits have no row of their own.
fn setting(key: &str) -> Option<Setting> {
    PARAMETERS.iter().find(|parameter| parameter.name == key)?.setting
}

/// The environment variable of a setting.
pub fn variable(key: &str) -> String {
    format!("GESTOR_PLUGINS_{}", key.to_ascii_uppercase())
}

impl Settings {
    /// The names of all settings, without prefix: those of the table, then the limits.
    pub fn keys() -> impl Iterator<Item = &'static str> {
        let of_table = PARAMETERS.iter().filter(|parameter| parameter.setting.is_some());
        of_table.map(|parameter| parameter.name).chain(Limits::KEYS)
    }

    /// Whether only the administrator says a setting. All limits are of this kind.
    pub fn is_of_the_machine(key: &str) -> bool {
        Limits::KEYS.contains(&key) || setting(key).is_some_and(|setting| setting.is_of_the_machine)
    }

    /// Reads settings. `ini` answers `gestor_plugins.<key>`, `environment` lists all variables. A value that is wrong
    /// does not count: the default does, and `faults` tells of it.
    pub fn resolve(ini: &dyn Fn(&str) -> Option<String>, environment: &[(String, String)]) -> Self {
        let of_environment = |key: &str| {
            let name = variable(key);
            let found = environment.iter().find(|(found, _)| *found == name);
            found.map(|(_, value)| (SettingSource::Environment, value.clone()))
        };
        let is_said = |found: &(SettingSource, String)| !found.1.trim().is_empty();
        let mut settings = Self::default();
        for key in Self::keys() {
            let of_ini = ini(key).map(|value| (SettingSource::Ini, value)).filter(is_said);
            let Some((source, value)) = of_ini.or_else(|| of_environment(key).filter(is_said)) else {
                continue;
            };
            match settings.set(key, value.trim()) {
                Ok(()) => settings.sources.push((key, source)),
                Err(fault) => settings.faults.push(SettingFault::new(key, source, fault)),
            }
        }
        settings.read_environment(environment);
        settings
    }

    /// Whether a setting may have a value; an empty one is "not set".
    pub fn check(key: &'static str, source: SettingSource, value: &str) -> Result<(), SettingFault> {
        let value = value.trim();
        if value.is_empty() {
            return Ok(());
        }
        Self::default()
            .set(key, value)
            .map_err(|fault| SettingFault::new(key, source, fault))
    }

    fn set(&mut self, key: &str, value: &str) -> Result<(), CallError> {
        match setting(key) {
            Some(setting) => (setting.read)(self, key, value),
            None => self.limits.set(key, number(key, value)?),
        }
    }

    /// Every setting with the value that counts and who said it, for people to read.
    pub fn effective(&self) -> Vec<(&'static str, String, SettingSource)> {
        let source = |key: &str| {
            let found = self.sources.iter().find(|(found, _)| *found == key);
            found.map_or(SettingSource::Default, |(_, source)| *source)
        };
        Self::keys().map(|key| (key, self.value(key), source(key))).collect()
    }

    fn value(&self, key: &str) -> String {
        match setting(key) {
            Some(setting) => (setting.show)(self),
            None => self.limits.get(key).map_or_else(String::new, |limit| limit.to_string()),
        }
    }

    fn read_environment(&mut self, environment: &[(String, String)]) {
        for (name, value) in environment {
            if name.starts_with("PLUGIN_TOKEN_") {
                self.tokens
                    .push((name.clone(), crate::model::Secret::new(value.clone())));
            }
            if *name == variable(KEYS.name) && !value.trim().is_empty() {
                self.keys = Some(crate::model::Secret::new(value.clone()));
            }
            if let Some(known) = ["PATH", "LANG", "TZ"].into_iter().find(|known| known == name) {
                self.script_environment.push((known, value.clone()));
            }
            if name == "GESTOR_PLUGINS_FAILPOINT" {
                self.failpoint = Some(value.clone());
            }
            let lower = name.to_ascii_lowercase();
            if ["http_proxy", "https_proxy", "all_proxy", "no_proxy"].contains(&lower.as_str()) {
                self.proxies.push((lower, value.clone()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Adoption;

    #[test]
    fn ini_comes_before_environment() {
        let environment = [
            ("GESTOR_PLUGINS_ADOCAO".to_owned(), "nunca".to_owned()),
            ("GESTOR_PLUGINS_ESPERA_LOCK".to_owned(), "7".to_owned()),
            ("GESTOR_PLUGINS_ENTRADAS".to_owned(), "5".to_owned()),
            ("PLUGIN_TOKEN_X".to_owned(), "t".to_owned()),
        ];
        let ini = |key: &str| (key == "adocao").then(|| "sempre".to_owned());
        let settings = Settings::resolve(&ini, &environment);
        assert_eq!(settings.policy.adoption, Adoption::Always);
        assert_eq!(settings.lock_wait, Some(7));
        assert_eq!(settings.limits.entries, 5);
        assert_eq!(settings.tokens.len(), 1);
        let shown = settings.effective();
        let of = |key: &str| shown.iter().find(|(found, ..)| *found == key).cloned().unwrap();
        assert_eq!(of("adocao"), ("adocao", "sempre".to_owned(), SettingSource::Ini));
        assert_eq!(of("entradas"), ("entradas", "5".to_owned(), SettingSource::Environment));
        assert_eq!(of("razao"), ("razao", "200".to_owned(), SettingSource::Default));
    }

    #[test]
    fn a_wrong_value_is_told_and_the_default_counts() {
        for (key, value, text) in [
            (
                "conflitos",
                "x",
                "gestor_plugins.conflitos is \"x\"; allowed: abortar, pular. Its default counts: abortar",
            ),
            ("entradas", "many", "allowed: 0 or more. Its default counts: 20000"),
            ("http_idle", "-1", "Its default counts: 30"),
            ("github_api", "not an address", "allowed: an https address"),
            ("github_web", "ftp://x", "allowed: an https address"),
            ("github_api", "http://api.example.org", "allowed: an https address"),
            (
                "github_api",
                "http://localhost.example.org/x",
                "or an http one of this machine",
            ),
            (
                "github_web",
                "http://127.0.0.1@example.org",
                "allowed: an https address",
            ),
            ("http_idle", "0", "allowed: 1 or more. Its default counts: 30"),
            ("http_total", "0", "allowed: 1 or more. Its default counts: 900"),
            ("lang", "de", "allowed: pt-br, en"),
            ("log_level", "loud", "allowed: info, debug"),
        ] {
            let settings = Settings::resolve(&|asked| (asked == key).then(|| value.to_owned()), &[]);
            let [fault] = settings.faults.as_slice() else {
                panic!("{key}")
            };
            assert!(fault.to_string().contains(text), "{fault}");
            assert_eq!(
                Settings {
                    faults: Vec::new(),
                    ..settings.clone()
                },
                Settings::default()
            );
            assert_eq!(Settings::check(key, SettingSource::Ini, value).as_ref(), Err(fault));
        }
        let settings = Settings::resolve(&|_| None, &[("GESTOR_PLUGINS_RAZAO".to_owned(), "x".to_owned())]);
        assert!(settings.faults[0].to_string().contains("GESTOR_PLUGINS_RAZAO"));
        assert_eq!(Settings::check("razao", SettingSource::Ini, ""), Ok(()));
    }

    #[test]
    fn this_machine_may_be_asked_without_encryption() {
        for value in [
            "http://localhost:8080/api",
            "http://127.0.0.1:1",
            "http://[::1]:80/x",
            "HTTP://LocalHost",
            "https://example.org",
        ] {
            assert_eq!(
                Settings::check("github_api", SettingSource::Ini, value),
                Ok(()),
                "{value}"
            );
        }
    }

    #[test]
    fn a_value_that_is_shown_is_one_that_may_be_said() {
        for (key, value, _) in Settings::default().effective() {
            assert_eq!(Settings::check(key, SettingSource::Ini, &value), Ok(()), "{key}");
        }
    }
}
