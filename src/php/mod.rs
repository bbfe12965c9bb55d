//! The PHP extension: names, types and constants as PHP sees them. Translates in, calls one function of `ops`,
//! translates out; decides nothing.
//!
//! `engine` holds every call into PHP that the bindings do not offer, `guard` the boundary that no panic crosses,
//! `convert` the values, `errors` the exceptions, `converse` the talk with a running operation.
#![expect(unsafe_code, reason = "the boundary to PHP")]
#![cfg_attr(
    debug_assertions,
    expect(missing_docs, reason = "the macro that registers the module drops its comment")
)]

mod converse;
mod convert;
mod engine;
mod errors;
mod functions;
mod guard;
mod ini;
mod last_report;
mod messages;

use ext_php_rs::args::Arg;
use ext_php_rs::builders::{FunctionBuilder, ModuleBuilder};
use ext_php_rs::flags::DataType;
use ext_php_rs::prelude::php_module;
use ext_php_rs::types::Zval;
use ext_php_rs::zend::{ExecuteData, ModuleEntry};
use ext_php_rs::{info_table_end, info_table_header, info_table_row, info_table_start};

use crate::outcome::{ExecutionStatus, ExitCode};

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
    let array = |name: &str| Arg::new(name, DataType::Array);
    let optional = |name: &str, of: DataType| Arg::new(name, of).allow_null();
    let function = |name: &str, handler: FunctionHandler| FunctionBuilder::new(name, handler);
    let coding = |name: &str, handler: FunctionHandler| {
        function(name, handler)
            .arg(array("params"))
            .arg(optional("progress", DataType::Callable).default("null"))
            .required_args(1)
            .returns(DataType::Long, false, false)
    };
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
    let of_params = |name: &str, handler: FunctionHandler, returns: DataType| {
        function(name, handler)
            .arg(array("params"))
            .returns(returns, false, false)
    };
    module
        .function(coding("plugin_install", functions::plugin_install))
        .function(coding("plugin_uninstall", functions::plugin_uninstall))
        .function(coding("plugin_restore", functions::plugin_restore))
        .function(coding("plugin_disable", functions::plugin_disable))
        .function(coding("plugin_enable", functions::plugin_enable))
        .function(coding("plugin_update_all", functions::plugin_update_all))
        .function(coding("plugin_rollback", functions::plugin_rollback))
        .function(function("plugin_report", functions::plugin_report).returns(DataType::Array, false, true))
        .function(label)
        .function(checksum)
        .function(resource)
        .function(table)
        .function(of_params(
            "plugin_data_sync",
            functions::plugin_data_sync,
            DataType::Array,
        ))
        .function(of_params(
            "plugin_status_mark",
            functions::plugin_status_mark,
            DataType::Bool,
        ))
        .function(of_params("plugin_recover", functions::plugin_recover, DataType::Array))
        .function(of_params("plugin_list", functions::plugin_list, DataType::Array))
        .function(of_params("plugin_history", functions::plugin_history, DataType::Array))
        .function(of_params(
            "plugin_conflicts",
            functions::plugin_conflicts,
            DataType::Array,
        ))
        .function(coding("plugin_resolve", functions::plugin_resolve))
        .function(coding("plugin_verify", functions::plugin_verify))
        .function(coding("plugin_diff", functions::plugin_diff))
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
