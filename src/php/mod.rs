//! The PHP extension. Translates in, calls one function of `ops`, translates out; decides nothing.
//!
//! `module` registers names, types and constants as PHP sees them, `functions` is what they do; `engine` holds every call
//! into PHP that the bindings do not offer, `guard` the boundary that no panic crosses, `convert` the values, `errors` the
//! exceptions, `operation` what a running operation asks and is answered.
#![expect(unsafe_code, reason = "the boundary to PHP")]

mod convert;
mod engine;
mod errors;
mod functions;
mod guard;
mod ini;
mod last_report;
mod messages;
mod module;
mod operation;
