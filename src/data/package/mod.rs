//! What packages bring: data files, their rows, and what is wrong with them.

pub(in crate::data) mod conflict;
pub(in crate::data) mod data_file;
pub(in crate::data) mod error;
pub(in crate::data) mod fault;
pub(in crate::data) mod hanging;
pub(in crate::data) mod json_text;
pub(in crate::data) mod messages;
pub(in crate::data) mod number;
pub(in crate::data) mod phrases;
pub(in crate::data) mod row_store;
pub(in crate::data) mod row_text;
pub(in crate::data) mod table_name;
pub(in crate::data) mod tables;
