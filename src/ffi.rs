//! The whole C library (SPEC §1): small, dull, without callbacks. `include/gestor_plugins.h` is its manual.
//!
//! Rules of the house: a `char *` that we return belongs to the caller, who gives it back to `gestor_plugins_free`;
//! a `const char *` is ours. No panic leaves. Every refusal sets the thread's last error.
#![expect(unsafe_code, reason = "the C boundary")]

mod messages;
mod operation;

use std::cell::{Cell, RefCell};
use std::ffi::{CStr, CString, OsStr, c_char, c_int};
use std::os::unix::ffi::OsStrExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::ptr;
use std::sync::Once;

use serde_json::Value;

pub use self::operation::GestorPluginsOperation;
use crate::config::CallError;
use crate::model::{Bilingual, Lang};
use crate::ops::{self, StartError};
use crate::outcome::ExitCode;

/// What kind of refusal the last error is: the numbers of `gestor_plugins_last_error_kind`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CallKind {
    None = 0,
    /// NULL, bad UTF-8, bad JSON, an answer to nothing.
    Argument = 1,
    /// A parameter of the wrong type.
    Type = 2,
    /// An unknown parameter, a missing one, or a wrong value.
    Value = 3,
    /// Another operation runs on this thread.
    Nested = 4,
    /// Ours.
    Internal = 5,
}

/// From here on the caller is spoken to in this language.
fn speak(lang: Lang) {
    WANTED.set(Some(lang));
}

/// Why a function refuses.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("{0} is NULL")]
    Null(&'static str),
    #[error("{0} is no UTF-8")]
    Utf8(&'static str),
    #[error("{what} is no JSON: {fault}")]
    Json {
        what: &'static str,
        #[source]
        fault: serde_json::Error,
    },
    #[error("the request's `operacao` must be one of {}", ops::catalogue::words())]
    Operation,
    #[error("the last event wants no answer, or has got one")]
    NoQuestion,
    #[error(
        "the answer must be {{\"resposta\":\"continuar\"}}, {{\"resposta\":\"cancelar\"}}, or an object with `migracoes`"
    )]
    Answer,
    #[error("{0}")]
    Table(#[from] ops::NotADataFile),
    #[error("{0}")]
    Call(#[from] CallError),
    #[error("{0}")]
    Start(#[from] StartError),
    #[error("internal error in the C library")]
    Panic,
}

impl Refusal {
    fn kind(&self) -> CallKind {
        match self {
            Self::Null(_) | Self::Utf8(_) | Self::Json { .. } | Self::NoQuestion | Self::Answer => CallKind::Argument,
            Self::Call(CallError::WrongType { .. }) => CallKind::Type,
            Self::Operation | Self::Table(_) | Self::Call(_) => CallKind::Value,
            Self::Start(StartError::Nested) => CallKind::Nested,
            Self::Start(StartError::Thread(_)) | Self::Panic => CallKind::Internal,
        }
    }
}

thread_local! {
    static LAST_TEXT: RefCell<CString> = RefCell::new(CString::default());
    static LAST_KIND: Cell<CallKind> = const { Cell::new(CallKind::None) };
    /// The language that a call asked for, once that is known; else the environment says it.
    static WANTED: Cell<Option<Lang>> = const { Cell::new(None) };
}

/// The one boundary: clears the last error, runs, and turns a refusal or a panic into `refused`.
fn enter<T>(refused: T, body: impl FnOnce() -> Result<T, Refusal>) -> T {
    remember(CallKind::None, "");
    WANTED.set(None);
    let fault = match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(value)) => return value,
        Ok(Err(fault)) => fault,
        Err(_) => Refusal::Panic,
    };
    let lang = WANTED.get().unwrap_or_else(operation::environment_lang);
    remember(fault.kind(), &fault.text(lang));
    refused
}

fn remember(kind: CallKind, text: &str) {
    let text = CString::new(text.replace('\0', " ")).unwrap_or_default();
    LAST_KIND.set(kind);
    LAST_TEXT.with_borrow_mut(|last| *last = text);
}

/// # Safety
/// `text` is NULL or points to a NUL-terminated text that lives as long as the call.
unsafe fn bytes<'a>(text: *const c_char, what: &'static str) -> Result<&'a [u8], Refusal> {
    if text.is_null() {
        return Err(Refusal::Null(what));
    }
    // SAFETY: not NULL, and the caller's promise.
    Ok(unsafe { CStr::from_ptr(text) }.to_bytes())
}

fn json_of(bytes: &[u8], what: &'static str) -> Result<Value, Refusal> {
    let text = std::str::from_utf8(bytes).map_err(|_| Refusal::Utf8(what))?;
    serde_json::from_str(text).map_err(|fault| Refusal::Json { what, fault })
}

/// A text for the caller, who frees it.
fn hand_out(text: &str) -> *mut c_char {
    CString::new(text.replace('\0', "\u{fffd}")).map_or(ptr::null_mut(), CString::into_raw)
}

/// Version of the library. Ours.
#[unsafe(no_mangle)]
pub extern "C" fn gestor_plugins_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

/// Starts an operation; NULL when the request is refused.
///
/// # Safety
/// `request_json` is NULL or a NUL-terminated text.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gestor_plugins_start(request_json: *const c_char) -> *mut GestorPluginsOperation {
    static QUIET: Once = Once::new();
    QUIET.call_once(|| std::panic::set_hook(Box::new(|panic| tracing::error!(%panic, "panic"))));
    enter(ptr::null_mut(), || {
        // SAFETY: the caller's promise.
        let request = json_of(unsafe { bytes(request_json, "request_json")? }, "request_json")?;
        GestorPluginsOperation::start(&request).map(|operation| Box::into_raw(Box::new(operation)))
    })
}

/// The next event as JSON; waits for it. The caller frees it. NULL when refused.
///
/// # Safety
/// `operation` is NULL or comes from `gestor_plugins_start` and is not finished.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gestor_plugins_next(operation: *mut GestorPluginsOperation) -> *mut c_char {
    enter(ptr::null_mut(), || {
        // SAFETY: the caller's promise.
        let operation = unsafe { operation.as_mut() }.ok_or(Refusal::Null("operation"))?;
        Ok(hand_out(&operation.next().to_string()))
    })
}

/// Answers the last event. 0 when the answer was taken, -1 when it was refused.
///
/// # Safety
/// As `gestor_plugins_next`; `answer_json` is NULL or a NUL-terminated text.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gestor_plugins_answer(
    operation: *mut GestorPluginsOperation,
    answer_json: *const c_char,
) -> c_int {
    enter(-1, || {
        // SAFETY: the caller's promise.
        let operation = unsafe { operation.as_mut() }.ok_or(Refusal::Null("operation"))?;
        speak(operation.lang());
        // SAFETY: the caller's promise.
        let said = json_of(unsafe { bytes(answer_json, "answer_json")? }, "answer_json")?;
        operation.answer(&said).map(|()| 0)
    })
}

/// Ends the operation, frees it, and gives its exit code; an operation that has not ended is undone
/// first (code 16, or 13 where migrations were asked for; 0 where it had committed). `report_json`, when not NULL, receives the report, which the caller frees.
///
/// # Safety
/// As `gestor_plugins_next`; `report_json` is NULL or points to a place for one pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gestor_plugins_finish(
    operation: *mut GestorPluginsOperation,
    report_json: *mut *mut c_char,
) -> c_int {
    // SAFETY: NULL or a place for one pointer.
    if let Some(place) = unsafe { report_json.as_mut() } {
        *place = ptr::null_mut();
    }
    enter(ExitCode::Internal.number(), || {
        if operation.is_null() {
            return Err(Refusal::Null("operation"));
        }
        // SAFETY: it came from a box in `gestor_plugins_start`, and is given back once.
        let outcome = unsafe { Box::from_raw(operation) }.finish();
        // SAFETY: as above.
        if let Some(place) = unsafe { report_json.as_mut() } {
            *place = hand_out(&outcome.report.to_string());
        }
        Ok(outcome.code.number())
    })
}

/// Frees a text that this library handed out; NULL is fine.
///
/// # Safety
/// `text` is NULL or a `char *` of this library that was not freed before.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gestor_plugins_free(text: *mut c_char) {
    if !text.is_null() {
        // SAFETY: the caller's promise.
        drop(unsafe { CString::from_raw(text) });
    }
}

/// Why the last call on this thread was refused; empty when it was not. Ours, until the next call on this thread.
#[unsafe(no_mangle)]
pub extern "C" fn gestor_plugins_last_error() -> *const c_char {
    LAST_TEXT.with_borrow(|text| text.as_ptr())
}

/// The kind of the last error: 0 none, 1 argument, 2 type, 3 value, 4 nested, 5 internal.
#[unsafe(no_mangle)]
pub extern "C" fn gestor_plugins_last_error_kind() -> c_int {
    LAST_KIND.get() as c_int
}

/// The label of an exit code; `UNKNOWN` when there is none. Ours.
#[unsafe(no_mangle)]
pub extern "C" fn gestor_plugins_exit_code_label(code: i64) -> *const c_char {
    thread_local! {
        static LABEL: RefCell<CString> = RefCell::new(CString::default());
    }
    let label = CString::new(ExitCode::label_of(code)).unwrap_or_default();
    LABEL.with_borrow_mut(|last| {
        *last = label;
        last.as_ptr()
    })
}

/// SHA-256 of a file, hexadecimal. The caller frees it. NULL when there is no such file.
///
/// # Safety
/// `file` is NULL or a NUL-terminated path, in any encoding.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gestor_plugins_checksum(file: *const c_char) -> *mut c_char {
    enter(ptr::null_mut(), || {
        // SAFETY: the caller's promise.
        let file = Path::new(OsStr::from_bytes(unsafe { bytes(file, "file")? }));
        Ok(ops::file_checksum(file).map_or(ptr::null_mut(), |digest| hand_out(&digest)))
    })
}

/// Checksum of a resource as JSON (`html`, `css`, `combined`). The caller frees it. NULL when neither file exists.
///
/// # Safety
/// `html` and `css` are NULL (no such part) or NUL-terminated paths.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gestor_plugins_resource_checksum(html: *const c_char, css: *const c_char) -> *mut c_char {
    enter(ptr::null_mut(), || {
        let of = |path| {
            // SAFETY: the caller's promise.
            let bytes = unsafe { bytes(path, "path") }.ok();
            bytes.map(|path| Path::new(OsStr::from_bytes(path)))
        };
        let found = ops::resource_checksum(of(html), of(css));
        Ok(found.map_or(ptr::null_mut(), |found| hand_out(&found.to_string())))
    })
}

/// Table of a data file. The caller frees it. NULL when the name is none of a data file.
///
/// # Safety
/// `file` is NULL or a NUL-terminated path.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gestor_plugins_data_table(file: *const c_char) -> *mut c_char {
    enter(ptr::null_mut(), || {
        // SAFETY: the caller's promise.
        let file = Path::new(OsStr::from_bytes(unsafe { bytes(file, "file")? }));
        Ok(hand_out(&ops::data_table(file)?))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const HEADER: &str = include_str!("../include/gestor_plugins.h");

    /// `extern "C" fn name(a: *const c_char) -> c_int` as `int name(const char *)`.
    fn declared_in_rust() -> BTreeSet<String> {
        let source = include_str!("ffi.rs");
        let (code, _) = source.split_once("#[cfg(test)]").unwrap();
        let functions = code.split("extern \"C\" fn ").skip(1);
        functions
            .map(|text| signature(text.split_once(" {").unwrap().0))
            .collect()
    }

    fn signature(text: &str) -> String {
        let (name, rest) = text.split_once('(').unwrap();
        let (arguments, returned) = rest.split_once(')').unwrap();
        let types: Vec<&str> = arguments
            .split(',')
            .filter_map(|one| one.split_once(": "))
            .map(|(_, kind)| c_type(kind))
            .collect();
        let types = if types.is_empty() {
            "void".to_owned()
        } else {
            types.join(",")
        };
        format!("{}{name}({types})", c_type(returned.trim_start_matches(" -> ")))
    }

    fn c_type(rust: &str) -> &'static str {
        match rust.trim() {
            "" => "void ",
            "c_int" => "int ",
            "i64" => "int64_t",
            "*const c_char" => "const char *",
            "*mut c_char" => "char *",
            "*mut *mut c_char" => "char **",
            "*mut GestorPluginsOperation" => "gestor_plugins_operation *",
            other => panic!("no C type for {other}"),
        }
    }

    fn declared_in_header() -> BTreeSet<String> {
        let lines = HEADER
            .lines()
            .filter(|line| !line.starts_with(' ') && line.contains("gestor_plugins_") && line.ends_with(");"));
        lines.map(header_signature).collect()
    }

    fn header_signature(line: &str) -> String {
        let (head, arguments) = line.trim_end_matches(");").split_once('(').unwrap();
        let types = arguments.split(',').map(|one| {
            let end = one.rfind(['*', ' ']).map_or(one.len(), |at| at + 1);
            if one == "void" { "void" } else { one[..end].trim_start() }
        });
        let types: Vec<&str> = types
            .map(|one| if one.ends_with('*') { one } else { one.trim_end() })
            .collect();
        format!("{head}({})", types.join(","))
    }

    /// A request may name any folder, `/` too: whatever can be read as one reaches a folder that is not there.
    fn confined(bytes: Vec<u8>) -> Vec<u8> {
        match serde_json::from_slice(&bytes) {
            Ok(Value::Object(mut request)) => {
                request.insert("open_basedir".to_owned(), "/nowhere".into());
                Value::Object(request).to_string().into_bytes()
            }
            _ => bytes,
        }
    }

    proptest::proptest! {
        #![proptest_config(crate::base::mutation::at_least(500))]

        /// Whatever stands in a request, it is answered: with an operation that ends, or with a reason.
        #[test]
        fn spoiled_requests_are_answered(bytes in crate::base::mutation::spoiled(&[
            r#"{"operacao":"install","params":{"slug":"p","raiz":"/nowhere","arquivo":"/nowhere/p.zip","limites":{"entradas":3}}}"#,
            r#"{"operacao":"recover","params":{"raiz":"/nowhere"},"progresso":true,"migracoes":true}"#,
        ])) {
            let Ok(request) = std::ffi::CString::new(confined(bytes)) else { return Ok(()) };
            // SAFETY: the request is a C string; a handle that was given is finished once.
            unsafe {
                let operation = gestor_plugins_start(request.as_ptr());
                if operation.is_null() {
                    proptest::prop_assert!(!gestor_plugins_last_error().is_null());
                } else {
                    let code = gestor_plugins_finish(operation, std::ptr::null_mut());
                    proptest::prop_assert!(code != 0 && code != 99, "{}", code);
                }
            }
        }
    }

    #[test]
    fn the_header_declares_what_the_library_exports() {
        assert_eq!(declared_in_header(), declared_in_rust());
    }

    #[test]
    fn codes_are_the_same_in_header_and_php() {
        let php = include_str!("../php/gestor/bibliotecas/plugins-consts.php");
        for code in ExitCode::ALL {
            let (label, number) = (code.label(), code.number());
            assert!(
                HEADER.contains(&format!("GESTOR_PLUGINS_EXIT_{label} = {number}")),
                "{label} in the header"
            );
            assert!(
                php.contains(&format!("'PLG_EXIT_{label}' => {number},")),
                "{label} in plugins-consts.php"
            );
        }
        for (_, word, suffix) in crate::outcome::ExecutionStatus::ALL {
            assert!(
                php.contains(&format!("'PLG_STATUS_{suffix}' => '{word}',")),
                "{suffix} in plugins-consts.php"
            );
        }
        assert_eq!(HEADER.matches("    GESTOR_PLUGINS_EXIT_").count(), ExitCode::ALL.len());
        assert_eq!(php.matches("\n    'PLG_EXIT_").count(), ExitCode::ALL.len());
    }
}
