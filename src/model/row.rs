//! A row as a package brings it: names and values as they stood in its source, not yet fitted to a table.

use std::sync::Arc;

/// A value of a package's row, as its JSON had it.
#[derive(Debug, Clone, PartialEq)]
pub enum Field {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, in the digits of the source (`1`, `1.50`, `1e3`).
    Number(Box<str>),
    /// A string, decoded.
    Text(String),
    /// An object or list as compact JSON: key order kept, slashes and Unicode not escaped.
    Json(String),
}

impl Field {
    /// The text, where the value is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// Which part of a package a row came from. Where a data file and a descriptor have the same key, the data file's row
/// counts (SPEC §7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowOrigin {
    /// A `*Data.json` file.
    DataFile,
    /// The legacy `Data.json`.
    Legacy,
    /// A module's descriptor.
    Module {
        /// The descriptor has no content (no file, no `html`): an absent row is not inserted, an existing one keeps its
        /// content.
        blank: bool,
    },
}

/// One row of a package.
#[derive(Debug, Clone, PartialEq)]
pub struct PackageRow {
    /// Path of the source inside the package, for messages.
    pub source: Arc<str>,
    /// Place in its source, from 1.
    pub number: usize,
    /// Which part of the package it came from.
    pub origin: RowOrigin,
    /// Names and values, in the source's order. Names are shared, because every row of a file has the same ones.
    pub fields: Vec<(Arc<str>, Field)>,
}

impl PackageRow {
    /// The value of a field, where the row has it.
    pub fn get(&self, name: &str) -> Option<&Field> {
        self.fields
            .iter()
            .find(|(found, _)| &**found == name)
            .map(|(_, field)| field)
    }

    /// Sets a field in place, or appends it.
    pub fn set(&mut self, name: &Arc<str>, value: Field) {
        match self.fields.iter_mut().find(|(found, _)| found == name) {
            Some((_, field)) => *field = value,
            None => self.fields.push((Arc::clone(name), value)),
        }
    }
}
