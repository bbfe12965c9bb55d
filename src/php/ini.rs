//! The INI settings `gestor_plugins.*` (SPEC §3). An empty value is "not set": the environment then speaks.

use ext_php_rs::flags::IniEntryPermission;
use ext_php_rs::zend::{IniEntryDef, IniEntryDefs};

use super::engine;
use crate::config::{CallError, Settings};

macro_rules! settings {
    ($($key:literal),* $(,)?) => {
        static TABLE: IniEntryDefs<{ [$($key),*].len() + 1 }> = IniEntryDefs::new([
            $(IniEntryDef::new(
                match std::ffi::CStr::from_bytes_with_nul(concat!("gestor_plugins.", $key, "\0").as_bytes()) {
                    Ok(name) => name,
                    Err(_) => c"",
                },
                c"",
                IniEntryPermission::All,
            ),)*
            IniEntryDef::end(),
        ]);
    };
}

// Names as C texts: `tests/it/documents.rs` compares them with `Settings::KEYS` and `Limits::KEYS`.
settings![
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
    "entradas",
    "bytes_total",
    "bytes_entrada",
    "razao",
    "profundidade",
    "bytes_nome",
    "bytes_pacote",
    "linhas",
    "colunas",
    "tabelas",
    "modulos",
    "recursos",
    "bytes_texto",
];

/// Registers the settings of the module.
pub(super) fn register(module: i32) {
    IniEntryDef::register(TABLE.as_slice(), module);
}

/// The settings as they are now, from INI and environment.
pub(super) fn settings() -> Result<Settings, CallError> {
    let environment: Vec<(String, String)> = std::env::vars_os()
        .map(|(name, value)| {
            (
                name.to_string_lossy().into_owned(),
                value.to_string_lossy().into_owned(),
            )
        })
        .collect();
    let ini = |key: &str| engine::ini_value(&format!("gestor_plugins.{key}"));
    Settings::resolve(&ini, &environment)
}
