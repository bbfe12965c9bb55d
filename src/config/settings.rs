//! Settings of the machine: INI (`gestor_plugins.*`) and environment (`GESTOR_PLUGINS_*`), read once at the boundary
//! for callers that cannot pass parameters. A parameter of the call comes before both; INI comes before environment.

use std::path::PathBuf;

use super::{Adoption, CallError, Conflicts, Limits, Orphans};
use crate::model::Lang;

/// Settings that a call starts from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settings {
    /// `adocao`.
    pub adoption: Adoption,
    /// `conflitos`.
    pub conflicts: Conflicts,
    /// `orfaos`.
    pub orphans: Orphans,
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
    /// Seconds without a byte after which a download stops (`http_idle`); 0 = the default.
    pub http_idle: u64,
    /// Seconds after which a download stops (`http_total`); 0 = the default.
    pub http_total: u64,
    /// `log_level` is `debug`: single rows are logged.
    pub debug: bool,
    /// Environment variables `PLUGIN_TOKEN_*`, by name.
    pub tokens: Vec<(String, crate::model::Secret)>,
    /// A plan for `base::failpoint`; release builds ignore it.
    pub failpoint: Option<String>,
    /// The proxy variables of the environment, by lower-case name.
    pub proxies: Vec<(String, String)>,
}

impl Settings {
    /// The names of settings, without prefix.
    pub const KEYS: [&'static str; 12] = [
        "adocao",
        "conflitos",
        "orfaos",
        "lang",
        "espera_lock",
        "blacklist",
        "github_api",
        "github_web",
        "ca_file",
        "http_idle",
        "http_total",
        "log_level",
    ];

    /// Reads settings. `ini` answers `gestor_plugins.<key>`, `environment` lists all variables.
    pub fn resolve(ini: &dyn Fn(&str) -> Option<String>, environment: &[(String, String)]) -> Result<Self, CallError> {
        let of_environment = |key: &str| {
            let name = format!("GESTOR_PLUGINS_{}", key.to_ascii_uppercase());
            environment
                .iter()
                .find(|(found, _)| *found == name)
                .map(|(_, value)| value.clone())
        };
        let find = |key: &str| {
            ini(key)
                .or_else(|| of_environment(key))
                .filter(|value| !value.trim().is_empty())
        };
        let mut settings = Self::default();
        for key in Self::KEYS {
            if let Some(value) = find(key) {
                settings.set(key, value.trim())?;
            }
        }
        for key in Limits::KEYS {
            if let Some(value) = find(key) {
                settings.limits.set(key, number(key, value.trim())?)?;
            }
        }
        settings.read_environment(environment);
        Ok(settings)
    }

    fn set(&mut self, key: &str, value: &str) -> Result<(), CallError> {
        match key {
            "adocao" => self.adoption = Adoption::from_word(value)?,
            "conflitos" => self.conflicts = Conflicts::from_word(value)?,
            "orfaos" => self.orphans = Orphans::from_word(value)?,
            "lang" => self.lang = super::choices::lang(value)?,
            "espera_lock" => self.lock_wait = Some(number(key, value)?),
            "blacklist" => self.blacklist = Some(value.split(',').map(|name| name.trim().to_owned()).collect()),
            "github_api" => self.github_api = Some(value.to_owned()),
            "github_web" => self.github_web = Some(value.to_owned()),
            "ca_file" => self.ca_file = Some(PathBuf::from(value)),
            "http_idle" => self.http_idle = number(key, value)?,
            "log_level" => self.debug = debug(value)?,
            _ => self.http_total = number(key, value)?,
        }
        Ok(())
    }

    fn read_environment(&mut self, environment: &[(String, String)]) {
        for (name, value) in environment {
            if name.starts_with("PLUGIN_TOKEN_") {
                self.tokens
                    .push((name.clone(), crate::model::Secret::new(value.clone())));
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

/// Reads `log_level`.
fn debug(value: &str) -> Result<bool, CallError> {
    match value {
        "debug" => Ok(true),
        "info" => Ok(false),
        other => Err(CallError::WrongValue {
            key: "log_level".to_owned(),
            found: other.chars().take(80).collect(),
            allowed: "info, debug".to_owned(),
        }),
    }
}

fn number(key: &str, value: &str) -> Result<u64, CallError> {
    value.parse().map_err(|_| CallError::WrongValue {
        key: key.to_owned(),
        found: value.chars().take(80).collect(),
        allowed: "0 or more".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ini_comes_before_environment() {
        let environment = [
            ("GESTOR_PLUGINS_ADOCAO".to_owned(), "nunca".to_owned()),
            ("GESTOR_PLUGINS_ESPERA_LOCK".to_owned(), "7".to_owned()),
            ("GESTOR_PLUGINS_ENTRADAS".to_owned(), "5".to_owned()),
            ("PLUGIN_TOKEN_X".to_owned(), "t".to_owned()),
        ];
        let ini = |key: &str| (key == "adocao").then(|| "sempre".to_owned());
        let settings = Settings::resolve(&ini, &environment).unwrap();
        assert_eq!(settings.adoption, Adoption::Always);
        assert_eq!(settings.lock_wait, Some(7));
        assert_eq!(settings.limits.entries, 5);
        assert_eq!(settings.tokens.len(), 1);
        let wrong = |key: &str| (key == "conflitos").then(|| "x".to_owned());
        assert!(Settings::resolve(&wrong, &[]).is_err());
    }
}
