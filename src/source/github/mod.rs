//! GitHub: releases, their assets, and the source of a tag where there is no asset. Deciding stands in `release` and
//! `repository`, asking in `api` and `download`.

mod api;
mod download;
mod listing;
mod plan;
mod release;
mod repository;

pub(super) use download::fetch;
pub use listing::{OfferedRelease, ReleaseList, is_release_list, list_client, offered};
pub(super) use plan::Plan;
