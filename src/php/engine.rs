//! Calls into PHP that `ext-php-rs` does not bind. Every symbol here is exported by all supported versions of PHP.
//! Owns the unsafe part of reading arguments; knows nothing of plugins.

use std::ffi::{CStr, CString, c_char, c_int};
use std::ptr;

use ext_php_rs::ffi::{ZEND_RESULT_CODE_SUCCESS, zend_ini_entry, zend_long, zend_string};
use ext_php_rs::flags::ErrorType;
use ext_php_rs::types::{ZendStr, Zval};
use ext_php_rs::zend::{ExecuteData, ExecutorGlobals};

use super::errors::Failure;

unsafe extern "C" {
    fn zend_parse_parameters(given: u32, types: *const c_char, ...) -> c_int;
    fn zend_set_timeout(seconds: zend_long, reset_signals: bool);
    fn zend_unset_timeout();
    fn zend_ini_string(name: *const c_char, length: usize, original: c_int) -> *const c_char;
    fn zend_get_constant_str(name: *const c_char, length: usize) -> *mut Zval;
    fn php_check_open_basedir(path: *const c_char) -> c_int;
    fn php_log_err_with_severity(message: *const c_char, severity: c_int);
}

/// Writes a line where PHP's `error_log` goes: a file, the server's log, standard error of a command line.
pub(super) fn log_error(text: &str) {
    const LOG_NOTICE: c_int = 5;
    let Ok(text) = CString::new(text.replace('\0', " ")) else {
        return;
    };
    // SAFETY: the text ends with a zero and is only read.
    unsafe { php_log_err_with_severity(text.as_ptr(), LOG_NOTICE) }
}

fn given(call: &ExecuteData) -> u32 {
    // SAFETY: in a running call `u2` of the frame's `This` holds the number of arguments.
    unsafe { call.This.u2.num_args }
}

/// The name under which PHP calls the function that runs.
pub(super) fn called(call: &ExecuteData) -> String {
    // SAFETY: the engine gives every internal function that it calls an entry with a name.
    let name = unsafe {
        call.func
            .as_ref()
            .and_then(|function| function.common.function_name.as_ref())
    };
    name.map_or_else(String::new, |name| {
        String::from_utf8_lossy(name.as_bytes()).into_owned()
    })
}

fn parsed(result: c_int) -> Result<(), Failure> {
    if result == ZEND_RESULT_CODE_SUCCESS {
        Ok(())
    } else {
        Err(Failure::Thrown)
    }
}

/// No arguments.
pub(super) fn nothing(call: &ExecuteData) -> Result<(), Failure> {
    // SAFETY: an empty type list writes nothing.
    parsed(unsafe { zend_parse_parameters(given(call), c"".as_ptr()) })
}

/// One array.
pub(super) fn array(call: &ExecuteData) -> Result<&Zval, Failure> {
    let mut found: *mut Zval = ptr::null_mut();
    // SAFETY: `a` writes one zval pointer, which lives as long as the frame.
    parsed(unsafe { zend_parse_parameters(given(call), c"a".as_ptr(), &raw mut found) })?;
    // SAFETY: as above; null only if the engine lied.
    unsafe { found.as_ref() }.ok_or(Failure::Thrown)
}

/// One array, and perhaps any other value.
pub(super) fn array_and_value(call: &ExecuteData) -> Result<(&Zval, Option<&Zval>), Failure> {
    let mut first: *mut Zval = ptr::null_mut();
    let mut second: *mut Zval = ptr::null_mut();
    // SAFETY: `a|z!` writes two zval pointers, the second null when absent or null.
    parsed(unsafe { zend_parse_parameters(given(call), c"a|z!".as_ptr(), &raw mut first, &raw mut second) })?;
    // SAFETY: both point into the frame.
    let (first, second) = unsafe { (first.as_ref(), second.as_ref()) };
    Ok((first.ok_or(Failure::Thrown)?, second))
}

/// One integer, coerced as the caller's `strict_types` says.
pub(super) fn integer(call: &ExecuteData) -> Result<i64, Failure> {
    let mut found: zend_long = 0;
    // SAFETY: `l` writes one zend_long.
    parsed(unsafe { zend_parse_parameters(given(call), c"l".as_ptr(), &raw mut found) })?;
    Ok(found)
}

/// One path: a text without NUL bytes.
pub(super) fn path(call: &ExecuteData) -> Result<&[u8], Failure> {
    let mut found: *mut ZendStr = ptr::null_mut();
    // SAFETY: `P` writes one string pointer, which the frame owns.
    parsed(unsafe { zend_parse_parameters(given(call), c"P".as_ptr(), &raw mut found) })?;
    // SAFETY: as above.
    unsafe { found.as_ref() }.map(ZendStr::as_bytes).ok_or(Failure::Thrown)
}

/// Two paths, each of which may be null.
pub(super) fn two_paths(call: &ExecuteData) -> Result<[Option<&[u8]>; 2], Failure> {
    let mut first: *mut ZendStr = ptr::null_mut();
    let mut second: *mut ZendStr = ptr::null_mut();
    // SAFETY: `P!P!` writes two string pointers, null for null.
    parsed(unsafe { zend_parse_parameters(given(call), c"P!P!".as_ptr(), &raw mut first, &raw mut second) })?;
    // SAFETY: both are owned by the frame.
    let found = unsafe { [first.as_ref(), second.as_ref()] };
    Ok(found.map(|text| text.map(ZendStr::as_bytes)))
}

/// Whether `open_basedir` lets the script read a file; warns when it does not, as PHP's own functions do.
pub(super) fn may_open(path: &[u8]) -> bool {
    CString::new(path).is_ok_and(|path| {
        // SAFETY: a NUL-terminated text that outlives the call.
        unsafe { php_check_open_basedir(path.as_ptr()) == 0 }
    })
}

/// Lifts PHP's time limit while it lives, and starts it anew when it goes.
pub(super) struct TimeLimitLifted(zend_long);

impl TimeLimitLifted {
    pub(super) fn new() -> Self {
        let seconds = ExecutorGlobals::get().timeout_seconds;
        if seconds > 0 {
            // SAFETY: called on the request's thread.
            unsafe { zend_unset_timeout() };
        }
        Self(seconds)
    }
}

impl Drop for TimeLimitLifted {
    fn drop(&mut self) {
        if self.0 > 0 {
            // SAFETY: called on the request's thread.
            unsafe { zend_set_timeout(self.0, false) };
        }
    }
}

/// The value of an INI setting, and nothing when it is empty.
pub(super) fn ini_value(name: &str) -> Option<Vec<u8>> {
    ini(name, 0)
}

/// The value of an INI setting as PHP's configuration says it, whatever a script has set since.
pub(super) fn configured_ini_value(name: &str) -> Option<Vec<u8>> {
    ini(name, 1)
}

fn ini(name: &str, original: c_int) -> Option<Vec<u8>> {
    // SAFETY: the engine copies nothing and returns a text that lives until the setting changes.
    let found = unsafe {
        let value = zend_ini_string(name.as_ptr().cast(), name.len(), original);
        (!value.is_null()).then(|| CStr::from_ptr(value))
    };
    found
        .map(|value| value.to_bytes().to_vec())
        .filter(|value| !value.is_empty())
}

/// A constant of the engine that runs: its version, for one.
pub(super) fn constant(name: &str) -> Option<String> {
    // SAFETY: the engine looks the constant up and keeps it as long as it runs.
    let found = unsafe { zend_get_constant_str(name.as_ptr().cast(), name.len()).as_ref() };
    found.and_then(Zval::string)
}

/// Name of an INI setting, and what it shall become; for a hook that the engine calls with both.
///
/// # Safety
/// Both are the engine's own, or null.
pub(super) unsafe fn ini_change(entry: *const zend_ini_entry, value: *const zend_string) -> Option<(String, String)> {
    // SAFETY: the caller's promise; the name of an entry is a text of the engine's.
    let (name, value) = unsafe { (entry.as_ref()?.name.as_ref()?, value.as_ref()?) };
    let text = |text: &ZendStr| String::from_utf8_lossy(text.as_bytes()).into_owned();
    Some((text(name), text(value)))
}

/// Tells of something that does not stop PHP. While PHP starts, it says so itself.
pub(super) fn warn(text: &str) {
    ext_php_rs::error::php_error(&ErrorType::Warning, text);
}
