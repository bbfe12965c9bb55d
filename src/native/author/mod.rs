//! The author's commands: what they are told, and how they end. Each calls one function of the library
//! ([`crate::ops::author`]), or one operation of the catalogue.

mod arguments;
mod called;
mod command;
mod ending;
mod judged;
mod new;
mod shown;

pub(super) use arguments::commands;
pub(super) use command::carry_out;
