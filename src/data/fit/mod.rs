//! What fits what: values and columns, keys, rows of the package and rows of the table.

pub(in crate::data) mod base_view;
pub(in crate::data) mod canonical;
#[cfg(test)]
mod canonical_tests;
pub(in crate::data) mod change;
pub(in crate::data) mod column_map;
pub(in crate::data) mod core_keys;
pub(in crate::data) mod digests;
pub(in crate::data) mod equal;
pub(in crate::data) mod find;
pub(in crate::data) mod gestor_files;
pub(in crate::data) mod moment;
pub(in crate::data) mod natural_key;
pub(in crate::data) mod value;
