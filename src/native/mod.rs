//! The native program: reads its arguments, calls one operation of the catalogue, prints how it ended (SPEC 6 §1). No logic of
//! plugins; what it knows besides is where a domain's settings stand, and whose a site's files are.
//!
//! `arguments` and `run` are the root, `call` is how an operation is called: each family of commands is a list of them and a function that runs one (`site`, `doctor`, `author`, `manual`).
//! Reading and writing: `surroundings` (environment), `signals`, `ending` (standard output and error).

mod arguments;
mod author;
mod call;
mod doctor;
mod ending;
mod error;
mod manual;
mod run;
mod signals;
mod site;
mod surroundings;
mod wrong_words;

pub use error::NativeFault;
pub use run::main;
pub use site::{HostFault, InstallerFault};
pub use wrong_words::WrongWords;
