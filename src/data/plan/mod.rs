//! What will be done, and why: finding, comparing, merging, deciding.

pub(in crate::data) mod adopt;
pub(in crate::data) mod compare;
pub(in crate::data) mod contents;
pub(in crate::data) mod difference;
pub(in crate::data) mod fetch;
pub(in crate::data) mod follow;
pub(in crate::data) mod give_back;
pub(in crate::data) mod known_table;
pub(in crate::data) mod leave;
pub(in crate::data) mod merge;
pub(in crate::data) mod merge_row;
pub(in crate::data) mod merge_study;
pub(in crate::data) mod merging;
pub(in crate::data) mod naming;
pub(in crate::data) mod order;
pub(in crate::data) mod park;
pub(in crate::data) mod paths;
#[expect(clippy::module_inception, reason = "the sub-room is named after what it makes")]
pub(in crate::data) mod plan;
pub(in crate::data) mod remember;
pub(in crate::data) mod request;
pub(in crate::data) mod returning;
pub(in crate::data) mod search;
pub(in crate::data) mod sequence;
pub(in crate::data) mod settle;
pub(in crate::data) mod spare;
pub(in crate::data) mod standing;
pub(in crate::data) mod standing_find;
pub(in crate::data) mod standing_value;
pub(in crate::data) mod study;
pub(in crate::data) mod study_merge;
pub(in crate::data) mod survey;
pub(in crate::data) mod unique;
pub(in crate::data) mod update;
pub(in crate::data) mod user_modified;
pub(in crate::data) mod watch;
