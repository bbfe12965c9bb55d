//! `doctor`: what is wrong with this machine or gestor, and what to do. Changes nothing.
//!
//! `finding` is what is found, with `texts`; `php`, `files`, `database`, `operations` look for it; `run` asks all of them. What
//! one of them cannot find out keeps none of the others from looking.

mod database;
mod files;
mod finding;
mod operations;
mod php;
mod run;
mod texts;

pub(super) use run::{command, run};
