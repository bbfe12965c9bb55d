//! The native program: reads its arguments, calls one operation of the catalogue, prints how it ended (SPEC 3 §5). No logic
//! of plugins; what it knows besides is where a domain's settings stand, and whose a site's files are.
//!
//! Reading and writing: `domain` (settings of a domain), `identity` (who the process is), `run` (standard output and error).

mod arguments;
mod author;
mod domain;
mod error;
mod identity;
mod run;
mod shown;

pub use error::NativeFault;
pub use run::main;
