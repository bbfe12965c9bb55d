//! The functions of SPEC §3. Those of the catalogue are one function: read, start, serve, keep the report, answer.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use ext_php_rs::types::Zval;
use ext_php_rs::zend::ExecuteData;

use super::errors::Failure;
use super::last_report::{self, keep};
use super::operation::{Callbacks, Ended, serve};
use super::{convert, engine, guard, ini};
use gestor_plugins::config::parameter::MIGRATIONS;
use gestor_plugins::config::{Argument, Settings};
use gestor_plugins::model::Bilingual;
use gestor_plugins::ops::{self, Call, Definition, Gives, Outcome, SERVING_FAILED, catalogue};
use gestor_plugins::outcome::ExitCode;

/// Every operation of the catalogue: PHP calls this one, under the name of each.
pub(super) extern "C" fn operation(call: &mut ExecuteData, returned: &mut Zval) {
    guard::enter(call, returned, |call| {
        let name = engine::called(call);
        let definition = catalogue::by_function(&name).ok_or_else(|| Failure::Value(format!("{name}()")))?;
        let (parameters, progress) = arguments(definition, call)?;
        let settings = ini::settings();
        let wanted = read(definition, parameters, &settings)?;
        let callbacks = Callbacks {
            progress,
            migrations: migrations_of(parameters).filter(|_| definition.migrates()),
            lang: wanted.lang(),
        };
        Ok(given(definition.gives, run(wanted, settings, &callbacks)?))
    });
}

/// The arguments of a call. Where there is no progress, there is no callback.
fn arguments<'c>(definition: &Definition, call: &'c ExecuteData) -> Result<(&'c Zval, Option<&'c Zval>), Failure> {
    if definition.gives != Gives::Code {
        return Ok((engine::array(call)?, None));
    }
    let (parameters, progress) = engine::array_and_value(call)?;
    let progress = progress.map(Zval::dereference).filter(|given| !given.is_null());
    if let Some(given) = progress.filter(|given| !given.is_callable()) {
        let of = convert::argument(given, "progress", 1).map_or("object", |read| read.type_name());
        let name = definition.function;
        let text = format!("{name}(): Argument #2 ($progress) must be a valid callback or null, {of} given");
        return Err(Failure::Type(text));
    }
    Ok((parameters, progress))
}

/// What a function gives of an outcome; the report is kept for `plugin_report()`. One that only says whether it was done
/// leaves the last report alone, but for saying why it did nothing.
fn given(gives: Gives, outcome: Outcome) -> Zval {
    let code = outcome.code;
    match gives {
        Gives::Code => {
            keep(outcome);
            convert::integer(i64::from(code.number()))
        }
        Gives::Report => {
            let report = convert::value(&outcome.report);
            keep(outcome);
            report
        }
        Gives::Truth => {
            if code != ExitCode::Ok {
                keep(outcome);
            }
            convert::boolean(code == ExitCode::Ok)
        }
    }
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

fn migrations_of(parameters: &Zval) -> Option<&Zval> {
    let table = parameters.dereference().array();
    table.and_then(|table| table.get(MIGRATIONS.name))
}

/// Reads the parameters of a call. Where they are wrong, that is what the report tells.
fn read(definition: &Definition, parameters: &Zval, settings: &Settings) -> Result<Call, Failure> {
    let given = convert::parameters(parameters);
    let lang = given.as_ref().ok().and_then(Argument::lang).unwrap_or(settings.lang);
    let call = given.and_then(|given| Call::read(definition, given, settings));
    call.map_err(|fault| {
        keep(Outcome::of_wrong_call(&convert::slug(parameters), &fault.text(lang)));
        Failure::Call(fault, lang)
    })
}

/// Starts an operation and serves it to its end. A panic on this side of the talk ends with the internal code, too.
fn run(call: Call, settings: Settings, callbacks: &Callbacks<'_>) -> Result<Outcome, Failure> {
    let lang = call.lang();
    let talk = || match call.start(settings, callbacks.progress.is_some()) {
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

/// A path that `open_basedir` allows.
fn readable(path: &[u8]) -> Option<&Path> {
    engine::may_open(path).then(|| Path::new(OsStr::from_bytes(path)))
}
