//! What the tables of the database are like: columns, indexes, contracts.

pub(in crate::data) mod column_facts;
pub(in crate::data) mod column_words;
pub(in crate::data) mod contract;
pub(in crate::data) mod foreign_keys;
pub(in crate::data) mod inspect;
pub(in crate::data) mod known;
pub(in crate::data) mod said;
pub(in crate::data) mod schema;
pub(in crate::data) mod texts;
