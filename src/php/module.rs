//! The module that PHP loads: its functions, types and constants, and what happens as requests begin and end. Driven by the
//! catalogue of operations.

use ext_php_rs::args::Arg;
use ext_php_rs::builders::{FunctionBuilder, ModuleBuilder};
use ext_php_rs::flags::DataType;
use ext_php_rs::prelude::php_module;
use ext_php_rs::types::Zval;
use ext_php_rs::zend::{ExecuteData, ModuleEntry};
use ext_php_rs::{info_table_end, info_table_header, info_table_row, info_table_start};

use super::{functions, guard, ini, last_report};
use gestor_plugins::ops::{CATALOGUE, Definition, Gives};
use gestor_plugins::outcome::{ExecutionStatus, ExitCode};

/// What the engine calls.
type FunctionHandler = extern "C" fn(&mut ExecuteData, &mut Zval);

/// Registers the module. Runs before any request, and must not touch the engine.
#[php_module]
pub fn module(module: ModuleBuilder) -> ModuleBuilder {
    let module = module
        .startup_function(startup)
        .request_startup_function(request_startup)
        .request_shutdown_function(request_shutdown)
        .info_function(info);
    constants(declare(module))
}

fn declare(module: ModuleBuilder) -> ModuleBuilder {
    let module = CATALOGUE
        .iter()
        .fold(module, |module, operation| module.function(declared(operation)));
    let optional = |name: &str, of: DataType| Arg::new(name, of).allow_null();
    let function = |name: &str, handler: FunctionHandler| FunctionBuilder::new(name, handler);
    let label = function("plg_exit_code_label", functions::plg_exit_code_label)
        .arg(Arg::new("code", DataType::Long))
        .returns(DataType::String, false, false);
    let checksum = function("plugin_checksum", functions::plugin_checksum)
        .arg(Arg::new("file", DataType::String))
        .returns(DataType::String, false, true);
    let resource = function("plugin_resource_checksum", functions::plugin_resource_checksum)
        .arg(optional("html", DataType::String))
        .arg(optional("css", DataType::String))
        .returns(DataType::Array, false, true);
    let table = function("plugin_data_table", functions::plugin_data_table)
        .arg(Arg::new("file", DataType::String))
        .returns(DataType::String, false, false);
    module
        .function(function("plugin_report", functions::plugin_report).returns(DataType::Array, false, true))
        .function(label)
        .function(checksum)
        .function(resource)
        .function(table)
}

/// An operation as PHP sees it.
fn declared(operation: &Definition) -> FunctionBuilder<'static> {
    let function = FunctionBuilder::new(operation.function, functions::operation as FunctionHandler)
        .arg(Arg::new("params", DataType::Array));
    match operation.gives {
        Gives::Code => function
            .arg(Arg::new("progress", DataType::Callable).allow_null().default("null"))
            .required_args(1)
            .returns(DataType::Long, false, false),
        Gives::Report => function.returns(DataType::Array, false, false),
        Gives::Truth => function.returns(DataType::Bool, false, false),
    }
}

fn constants(module: ModuleBuilder) -> ModuleBuilder {
    let module = ExitCode::ALL.iter().fold(module, |module, code| {
        let name = format!("PLG_EXIT_{}", code.label());
        module.constant((name.as_str(), i64::from(code.number()), &[]))
    });
    ExecutionStatus::ALL.iter().fold(module, |module, (_, word, suffix)| {
        module.constant((format!("PLG_STATUS_{suffix}").as_str(), *word, &[]))
    })
}

unsafe extern "C" fn startup(_kind: i32, number: i32) -> i32 {
    guard::quiet(|| {
        guard::silence_panics();
        ini::register(number);
    })
}

unsafe extern "C" fn request_startup(_kind: i32, _number: i32) -> i32 {
    guard::quiet(|| {
        last_report::forget();
        ini::remember_environment();
    })
}

unsafe extern "C" fn request_shutdown(_kind: i32, _number: i32) -> i32 {
    guard::quiet(last_report::forget)
}

extern "C" fn info(_module: *mut ModuleEntry) {
    guard::quiet(|| {
        info_table_start!();
        info_table_row!("gestor_plugins", "enabled");
        info_table_row!("Version", env!("CARGO_PKG_VERSION"));
        info_table_row!("Built for", "Conn2Flow gestor");
        info_table_end!();
        // Not PHP's own table: it shows what was said, and an empty text where the default or the environment counts.
        info_table_start!();
        info_table_header!("Directive", "Effective value", "From");
        for (key, value, source) in ini::settings().effective() {
            info_table_row!(format!("gestor_plugins.{key}"), value, source.to_string());
        }
        info_table_end!();
    });
}
