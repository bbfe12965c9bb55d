//! The functions of SPEC §3, each in the same five lines: read, start, serve, keep the report, answer.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use ext_php_rs::types::Zval;
use ext_php_rs::zend::ExecuteData;

use super::converse::{Callbacks, Ended, serve};
use super::errors::Failure;
use super::last_report::{self, keep};
use super::{convert, engine, guard, ini};
use crate::config::{
    Argument, CallError, InstallParameters, LookParameters, MarkParameters, RecoverParameters, ResolveParameters,
    RestoreParameters, RollbackParameters, Settings, SyncParameters, UninstallParameters, UpdateAllParameters,
    VerifyParameters,
};
use crate::model::Bilingual;
use crate::ops::{self, Call, Operation, Outcome, SERVING_FAILED};
use crate::outcome::ExitCode;

/// A function that takes parameters and a callback for its progress, keeps its report, and gives its code.
fn coding<T>(
    name: &str,
    call: &mut ExecuteData,
    returned: &mut Zval,
    of: fn(Argument, &Settings) -> Result<T, CallError>,
    to: fn(T) -> Call,
) {
    guard::enter(call, returned, |call| {
        let (parameters, progress) = engine::array_and_value(call)?;
        let progress = progress.map(Zval::dereference).filter(|given| !given.is_null());
        if let Some(given) = progress.filter(|given| !given.is_callable()) {
            let of = convert::argument(given, "progress", 1).map_or("object", |read| read.type_name());
            let text = format!("{name}(): Argument #2 ($progress) must be a valid callback or null, {of} given");
            return Err(Failure::Type(text));
        }
        let settings = ini::settings();
        let wanted = to(read(parameters, |given| of(given, &settings))?);
        let callbacks = Callbacks {
            progress,
            migrations: migrations_of(parameters),
            lang: wanted.lang(),
        };
        let outcome = run(wanted, settings, &callbacks)?;
        let code = i64::from(outcome.code.number());
        keep(outcome);
        Ok(convert::integer(code))
    });
}

/// `plugin_install(array $params, ?callable $progress = null): int`
pub(super) extern "C" fn plugin_install(call: &mut ExecuteData, returned: &mut Zval) {
    coding("plugin_install", call, returned, InstallParameters::read, |read| {
        Call::Install(Box::new(read))
    });
}

/// `plugin_update_all(array $params, ?callable $progress = null): int`
pub(super) extern "C" fn plugin_update_all(call: &mut ExecuteData, returned: &mut Zval) {
    coding("plugin_update_all", call, returned, UpdateAllParameters::read, |read| {
        Call::UpdateAll(Box::new(read))
    });
}

/// `plugin_rollback(array $params, ?callable $progress = null): int`
pub(super) extern "C" fn plugin_rollback(call: &mut ExecuteData, returned: &mut Zval) {
    coding("plugin_rollback", call, returned, RollbackParameters::read, |read| {
        Call::Rollback(Box::new(read))
    });
}

/// `plugin_report(): ?array`
pub(super) extern "C" fn plugin_report(call: &mut ExecuteData, returned: &mut Zval) {
    guard::enter(call, returned, |call| {
        engine::nothing(call)?;
        Ok(last_report::read(|report| {
            report.map_or_else(Zval::null, convert::value)
        }))
    });
}

/// `plg_exit_code_label(int $code): string`
pub(super) extern "C" fn plg_exit_code_label(call: &mut ExecuteData, returned: &mut Zval) {
    guard::enter(call, returned, |call| {
        let label = ExitCode::label_of(engine::integer(call)?);
        Ok(convert::text(label.as_bytes()))
    });
}

/// `plugin_checksum(string $file): ?string`
pub(super) extern "C" fn plugin_checksum(call: &mut ExecuteData, returned: &mut Zval) {
    guard::enter(call, returned, |call| {
        let file = engine::path(call)?;
        let digest = readable(file).and_then(ops::file_checksum);
        Ok(digest.map_or_else(Zval::null, |digest| convert::text(digest.as_bytes())))
    });
}

/// `plugin_resource_checksum(?string $html, ?string $css): ?array`
pub(super) extern "C" fn plugin_resource_checksum(call: &mut ExecuteData, returned: &mut Zval) {
    guard::enter(call, returned, |call| {
        let [html, css] = engine::two_paths(call)?.map(|path| path.and_then(readable));
        let found = ops::resource_checksum(html, css);
        Ok(found.as_ref().map_or_else(Zval::null, convert::value))
    });
}

/// `plugin_data_table(string $file): string`
pub(super) extern "C" fn plugin_data_table(call: &mut ExecuteData, returned: &mut Zval) {
    guard::enter(call, returned, |call| {
        let file = engine::path(call)?;
        match ops::data_table(Path::new(OsStr::from_bytes(file))) {
            Ok(table) => Ok(convert::text(table.as_bytes())),
            Err(fault) => {
                let said = fault.text(ini::settings().lang);
                Err(Failure::Value(format!("plugin_data_table(): {said}")))
            }
        }
    });
}

/// `plugin_data_sync(array $params): array`
pub(super) extern "C" fn plugin_data_sync(call: &mut ExecuteData, returned: &mut Zval) {
    guard::enter(call, returned, |call| {
        let settings = ini::settings();
        let read = read(engine::array(call)?, |given| SyncParameters::read(given, &settings))?;
        Ok(reported(run(
            Call::Sync(Box::new(read)),
            settings,
            &Callbacks::default(),
        )?))
    });
}

/// `plugin_status_mark(array $params): bool`. Leaves the last report alone, but for saying why it did nothing.
pub(super) extern "C" fn plugin_status_mark(call: &mut ExecuteData, returned: &mut Zval) {
    guard::enter(call, returned, |call| {
        let settings = ini::settings();
        let read = read(engine::array(call)?, |given| MarkParameters::read(given, &settings))?;
        let outcome = run(Call::Mark(Box::new(read)), settings, &Callbacks::default())?;
        let ok = outcome.code == ExitCode::Ok;
        if !ok {
            keep(outcome);
        }
        Ok(convert::boolean(ok))
    });
}

/// `plugin_recover(array $params): array`
pub(super) extern "C" fn plugin_recover(call: &mut ExecuteData, returned: &mut Zval) {
    guard::enter(call, returned, |call| {
        let settings = ini::settings();
        let parameters = engine::array(call)?;
        let read = read(parameters, |given| RecoverParameters::read(given, &settings))?;
        let callbacks = Callbacks {
            migrations: migrations_of(parameters),
            lang: read.lang,
            ..Callbacks::default()
        };
        Ok(reported(run(Call::Recover(Box::new(read)), settings, &callbacks)?))
    });
}

fn migrations_of(parameters: &Zval) -> Option<&Zval> {
    let table = parameters.dereference().array();
    table.and_then(|table| table.get("migracoes"))
}

/// A function that takes parameters and gives its report.
fn reporting<T>(
    call: &mut ExecuteData,
    returned: &mut Zval,
    of: fn(Argument, &Settings) -> Result<T, CallError>,
    to: fn(T) -> Call,
) {
    guard::enter(call, returned, |call| {
        let settings = ini::settings();
        let read = read(engine::array(call)?, |given| of(given, &settings))?;
        Ok(reported(run(to(read), settings, &Callbacks::default())?))
    });
}

/// `plugin_list(array $params): array`
pub(super) extern "C" fn plugin_list(call: &mut ExecuteData, returned: &mut Zval) {
    reporting(call, returned, LookParameters::read, |read| Call::List(Box::new(read)));
}

/// `plugin_history(array $params): array`
pub(super) extern "C" fn plugin_history(call: &mut ExecuteData, returned: &mut Zval) {
    reporting(call, returned, LookParameters::read_history, |read| {
        Call::History(Box::new(read))
    });
}

/// `plugin_conflicts(array $params): array`
pub(super) extern "C" fn plugin_conflicts(call: &mut ExecuteData, returned: &mut Zval) {
    reporting(call, returned, LookParameters::read, |read| {
        Call::Conflicts(Box::new(read))
    });
}

/// `plugin_resolve(array $params, ?callable $progress = null): int`
pub(super) extern "C" fn plugin_resolve(call: &mut ExecuteData, returned: &mut Zval) {
    coding("plugin_resolve", call, returned, ResolveParameters::read, |read| {
        Call::Resolve(Box::new(read))
    });
}

/// `plugin_uninstall(array $params, ?callable $progress = null): int`
pub(super) extern "C" fn plugin_uninstall(call: &mut ExecuteData, returned: &mut Zval) {
    coding("plugin_uninstall", call, returned, UninstallParameters::read, |read| {
        Call::Uninstall(Box::new(read))
    });
}

/// `plugin_restore(array $params, ?callable $progress = null): int`
pub(super) extern "C" fn plugin_restore(call: &mut ExecuteData, returned: &mut Zval) {
    coding("plugin_restore", call, returned, RestoreParameters::read, |read| {
        Call::Restore(Box::new(read))
    });
}

/// `plugin_disable(array $params, ?callable $progress = null): int`
pub(super) extern "C" fn plugin_disable(call: &mut ExecuteData, returned: &mut Zval) {
    coding(
        "plugin_disable",
        call,
        returned,
        UninstallParameters::read_disable,
        |read| Call::Uninstall(Box::new(read)),
    );
}

/// `plugin_enable(array $params, ?callable $progress = null): int`
pub(super) extern "C" fn plugin_enable(call: &mut ExecuteData, returned: &mut Zval) {
    coding(
        "plugin_enable",
        call,
        returned,
        RestoreParameters::read_enable,
        |read| Call::Restore(Box::new(read)),
    );
}

/// `plugin_verify(array $params, ?callable $progress = null): int`
pub(super) extern "C" fn plugin_verify(call: &mut ExecuteData, returned: &mut Zval) {
    coding("plugin_verify", call, returned, VerifyParameters::read, |read| {
        Call::Verify(Box::new(read))
    });
}

/// `plugin_diff(array $params, ?callable $progress = null): int`
pub(super) extern "C" fn plugin_diff(call: &mut ExecuteData, returned: &mut Zval) {
    coding("plugin_diff", call, returned, InstallParameters::read, |read| {
        Call::Diff(Box::new(read))
    });
}

/// Reads the parameters of a call. Where they are wrong, that is what the report tells.
fn read<T>(parameters: &Zval, of: impl FnOnce(Argument) -> Result<T, CallError>) -> Result<T, Failure> {
    let given = convert::parameters(parameters);
    let lang = given.as_ref().ok().and_then(Argument::lang);
    let lang = lang.unwrap_or_else(|| ini::settings().lang);
    given.and_then(of).map_err(|fault| {
        keep(Outcome::of_wrong_call(&convert::slug(parameters), &fault.text(lang)));
        Failure::Call(fault, lang)
    })
}

/// Starts an operation and serves it to its end. A panic on this side of the talk ends with the internal code, too.
fn run(call: Call, settings: Settings, callbacks: &Callbacks<'_>) -> Result<Outcome, Failure> {
    let lang = call.lang();
    let talk = || match Operation::start(call, settings, callbacks.progress.is_some()) {
        Ok(operation) => serve(operation, callbacks),
        Err(fault) => Ended {
            outcome: Outcome::failed(fault.exit_code(), &fault.text(lang)),
            thrown: None,
        },
    };
    let ended = catch_unwind(AssertUnwindSafe(talk)).unwrap_or_else(|_| Ended {
        outcome: Outcome::failed(ExitCode::Internal, &SERVING_FAILED.text(lang)),
        thrown: None,
    });
    if let Some(fault) = ended.outcome.log_fault() {
        engine::log_error(&format!("gestor-plugins: {fault}"));
    }
    match ended.thrown {
        None => Ok(ended.outcome),
        Some(thrown) => {
            keep(ended.outcome);
            Err(Failure::Callback(thrown))
        }
    }
}

/// Keeps the report and gives it to PHP.
fn reported(outcome: Outcome) -> Zval {
    let report = convert::value(&outcome.report);
    keep(outcome);
    report
}

/// A path that `open_basedir` allows.
fn readable(path: &[u8]) -> Option<&Path> {
    engine::may_open(path).then(|| Path::new(OsStr::from_bytes(path)))
}
