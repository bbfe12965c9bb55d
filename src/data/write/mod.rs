//! Writes what was planned, and copies out what is set aside.

pub(in crate::data) mod apply;
pub(in crate::data) mod batch;
pub(in crate::data) mod comeback;
pub(in crate::data) mod departing;
pub(in crate::data) mod export;
pub(in crate::data) mod leaving;
pub(in crate::data) mod rebuild;
