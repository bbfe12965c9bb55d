//! Asks GitHub's API for releases.

use super::super::SourceError;
use super::super::remote::Remote;
use super::plan::Plan;
use super::release::{self, Release};
use crate::base::net::{Address, NetError};
use crate::log::Fetching;

/// Pages of a hundred releases each; a repository with more is not followed to its beginnings.
const PAGES: usize = 50;

/// Finds the release that a call means: that of its tag, else the plugin's newest. `None` when there is none, or when
/// the reference names a version that has no release.
pub(super) fn discover(remote: &Remote, plan: &Plan) -> Result<Option<Release>, SourceError> {
    let repository = plan.repository.page().to_string();
    remote
        .reporter
        .message(Fetching::ReleasesSearched { repository }.into());
    let by_tag = match &plan.reference {
        Some(tag) => of_tag(remote, plan, tag)?,
        None => None,
    };
    let found = match by_tag {
        Some(found) => Some(found),
        None => release::choose(all(remote, plan)?, plan.reference.as_deref(), &plan.slug),
    };
    if let Some(release) = &found {
        let tag = release.tag.clone();
        remote.reporter.message(Fetching::TagFound { tag }.into());
    }
    Ok(found)
}

/// The release of a tag.
pub(super) fn of_tag(remote: &Remote, plan: &Plan, tag: &str) -> Result<Option<Release>, SourceError> {
    let address = plan.repository.release_of(tag);
    match remote.page(&address, plan.credential.as_ref()) {
        Ok(page) => Ok(Some(read(&page.bytes, &address)?)),
        Err(NetError::NotFound { .. }) => Ok(None),
        Err(fault) => Err(fault.into()),
    }
}

/// All releases, page by page.
pub(super) fn all(remote: &Remote, plan: &Plan) -> Result<Vec<Release>, SourceError> {
    let mut next = Some(plan.repository.releases());
    let mut found = Vec::new();
    for _ in 0..PAGES {
        let Some(address) = next else {
            break;
        };
        let page = remote.page(&address, plan.credential.as_ref())?;
        found.extend(read::<Vec<Release>>(&page.bytes, &address)?);
        next = page.next;
    }
    Ok(found)
}

fn read<T: serde::de::DeserializeOwned>(bytes: &[u8], address: &Address) -> Result<T, SourceError> {
    serde_json::from_slice(bytes).map_err(|fault| SourceError::Answer {
        url: address.to_string(),
        line: fault.line(),
        column: fault.column(),
    })
}
