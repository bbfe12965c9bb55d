//! The INI settings `gestor_plugins.*` (SPEC §3). An empty value is "not set": the environment then speaks. What
//! protects the machine is `PHP_INI_SYSTEM`, and its environment is that of the request's begin: no script changes it.

use std::cell::RefCell;
use std::ffi::{CString, OsString, c_int, c_void};
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use ext_php_rs::ffi::{ZEND_RESULT_CODE_FAILURE, ZEND_RESULT_CODE_SUCCESS, zend_ini_entry, zend_string};
use ext_php_rs::flags::IniEntryPermission;
use ext_php_rs::zend::IniEntryDef;

use super::engine;
use gestor_plugins::base::net::check_authorities;
use gestor_plugins::config::parameter::{CA_FILE, LANG};
use gestor_plugins::config::{Reach, SOCKETS, SettingSource, Settings, starts_nothing};
use gestor_plugins::model::{Bilingual, Lang};

/// PHP's `ZEND_INI_STAGE_STARTUP`.
const AT_START: c_int = 1;

const PREFIX: &str = "gestor_plugins.";

/// Where the environment speaks of settings.
const VARIABLES: &str = "GESTOR_PLUGINS_";

/// PHP's own settings for the socket of a local database; its clients look at the usual places when these are empty.
const SOCKET_SETTINGS: [&str; 2] = ["mysqli.default_socket", "pdo_mysql.default_socket"];

thread_local! {
    /// What the environment said of the machine's settings when the request began: `putenv()` comes later.
    static AT_BEGIN: RefCell<Vec<(String, String)>> = const { RefCell::new(Vec::new()) };
}

/// The definitions, made once: PHP keeps their names as long as the module is loaded. `lang` comes first: what is wrong
/// with the others is told in it.
fn definitions() -> &'static [IniEntryDef] {
    let others = Settings::keys().filter(|key| *key != LANG.name);
    let entries = [LANG.name].into_iter().chain(others).filter_map(definition);
    let all: Vec<IniEntryDef> = entries.chain([IniEntryDef::end()]).collect();
    Box::leak(all.into_boxed_slice())
}

fn definition(key: &str) -> Option<IniEntryDef> {
    let name = CString::new(format!("{PREFIX}{key}")).ok()?;
    let permission = if Settings::is_of_the_machine(key) {
        IniEntryPermission::System
    } else {
        IniEntryPermission::All
    };
    let mut made = IniEntryDef::new(Box::leak(name.into_boxed_c_str()), c"", permission);
    made.on_modify = Some(on_modify);
    Some(made)
}

/// A value that is wrong is told when it is set, and refused: the one before stands, at PHP's start the default.
unsafe extern "C" fn on_modify(
    entry: *mut zend_ini_entry,
    value: *mut zend_string,
    _: *mut c_void,
    _: *mut c_void,
    _: *mut c_void,
    stage: c_int,
) -> c_int {
    let is_fine = std::panic::catch_unwind(|| {
        // SAFETY: the engine calls with its own entry and text.
        let Some((name, value)) = (unsafe { engine::ini_change(entry, value) }) else {
            return true;
        };
        let key = name.strip_prefix(PREFIX).unwrap_or_default();
        let known = Settings::keys().find(|known| *known == key);
        if key == CA_FILE.name && stage == AT_START && !value.trim().is_empty() {
            tell_of_authorities(Path::new(value.trim()), settings().lang);
        }
        let checked = known.map(|key| Settings::check(key, SettingSource::Ini, &value));
        let Some(Err(fault)) = checked else { return true };
        let is_start = stage == AT_START;
        let lang = if key == LANG.name {
            Lang::default()
        } else {
            settings().lang
        };
        engine::warn(&if is_start {
            fault.text(lang)
        } else {
            fault.refusal(lang)
        });
        false
    });
    if is_fine.unwrap_or(true) {
        ZEND_RESULT_CODE_SUCCESS
    } else {
        ZEND_RESULT_CODE_FAILURE
    }
}

/// Registers the settings of the module, and tells what of them and of the environment is wrong.
pub(super) fn register(module: i32) {
    IniEntryDef::register(definitions(), module);
    let settings = Settings::resolve(&|_| None, &environment());
    let lang = self::settings().lang;
    for fault in settings.faults {
        engine::warn(&fault.text(lang));
    }
    if let Some(path) = settings.ca_file {
        tell_of_authorities(&path, lang);
    }
}

/// The file may come later, so its setting stands; who needs it then is told again.
fn tell_of_authorities(path: &Path, lang: Lang) {
    if let Err(fault) = check_authorities(path) {
        engine::warn(&fault.text(lang));
    }
}

/// A request begins.
pub(super) fn remember_environment() {
    let of_settings = environment()
        .into_iter()
        .filter(|(name, _)| name.starts_with(VARIABLES));
    AT_BEGIN.with_borrow_mut(|found| *found = of_settings.collect());
}

fn environment() -> Vec<(String, String)> {
    std::env::vars_os()
        .map(|(name, value)| {
            (
                name.to_string_lossy().into_owned(),
                value.to_string_lossy().into_owned(),
            )
        })
        .collect()
}

/// The environment as it is now, but for what protects the machine: that is as it was when the request began.
fn trusted_environment() -> Vec<(String, String)> {
    let is_of_the_machine = |name: &str| {
        let key = name.strip_prefix(VARIABLES).map(str::to_ascii_lowercase);
        key.is_some_and(|key| Settings::is_of_the_machine(&key))
    };
    let now = environment().into_iter().filter(|(name, _)| !is_of_the_machine(name));
    let before = AT_BEGIN.with_borrow(Clone::clone);
    now.chain(before.into_iter().filter(|(name, _)| is_of_the_machine(name)))
        .collect()
}

/// The settings as they are now, from INI and environment.
pub(super) fn settings() -> Settings {
    let ini = |key: &str| {
        let value = engine::ini_value(&format!("{PREFIX}{key}"));
        value.map(|value| String::from_utf8_lossy(&value).into_owned())
    };
    let mut settings = Settings::resolve(&ini, &trusted_environment());
    settings.reach = reach();
    settings.php_version = engine::constant("PHP_VERSION");
    let disabled = engine::ini_value("disable_functions").unwrap_or_default();
    settings.starts_nothing = starts_nothing(&String::from_utf8_lossy(&disabled));
    settings.own_php = engine::constant("PHP_BINDIR").map(|folder| PathBuf::from(folder).join("php"));
    settings
}

/// What PHP lets the script reach now. The sockets that PHP's configuration names are the administrator's word.
fn reach() -> Reach {
    let folders = engine::ini_value("open_basedir");
    let configured = SOCKET_SETTINGS.into_iter().filter_map(engine::configured_ini_value);
    let mut sockets: Vec<PathBuf> = configured.map(|path| PathBuf::from(OsString::from_vec(path))).collect();
    if sockets.is_empty() {
        sockets = SOCKETS.map(PathBuf::from).to_vec();
    }
    Reach {
        folders: folders.and_then(|value| Reach::of_open_basedir(&value)),
        sockets,
    }
}
