//! The way through delegated roles to one target: in the order in which they stand, the first one that has it. A role
//! that two others ask is checked for each of them.

use std::collections::BTreeSet;

use super::client::{Client, Tried};
use super::digests::FileFacts;
use super::roles::{DelegatedRole, KeySet, Targets};
use super::store::{Remote, Store};
use super::{TufError, pattern};

/// A role still to be asked, with the keys that the one who asks it wants.
type Asked = (String, KeySet);

impl<R: Remote, S: Store> Client<R, S> {
    /// What a target has to be; `None` where nobody speaks for it. Only after a refresh or a recall.
    pub fn target(&self, path: &str) -> Tried<Option<FileFacts>, R, S> {
        let Some(top) = &self.targets else { return Ok(None) };
        let mut ahead: Vec<Asked> = Vec::new();
        if let Some(found) = look(&top.role, path, &mut ahead) {
            return Ok(Some(found));
        }
        let mut asked = BTreeSet::new();
        while let Some((role, set)) = ahead.pop() {
            if asked.contains(&role) {
                continue;
            }
            let limit = self.limits.delegations;
            if asked.len() == limit {
                let path = path.to_owned();
                return Err(TufError::TooManyDelegations { limit, path }.into());
            }
            let targets = self.targets_of(&role, &set)?;
            asked.insert(role);
            if let Some(found) = look(&targets.role, path, &mut ahead) {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }
}

/// The target in a role; else those whom it asks come next, the first of them last in the list.
fn look(role: &Targets, path: &str, ahead: &mut Vec<Asked>) -> Option<FileFacts> {
    if let Some(found) = role.targets.get(path) {
        return Some(found.clone());
    }
    let Some(delegations) = &role.delegations else {
        return None;
    };
    let mut asked = Vec::new();
    for delegated in delegations.roles.iter().filter(|delegated| speaks_for(delegated, path)) {
        asked.push((delegated.name.clone(), delegations.keys_of(delegated)));
        if delegated.terminating {
            ahead.clear();
            break;
        }
    }
    ahead.extend(asked.into_iter().rev());
    None
}

fn speaks_for(role: &DelegatedRole, path: &str) -> bool {
    let by_pattern = role
        .paths
        .iter()
        .flatten()
        .any(|covered| pattern::covers(covered, path));
    by_pattern
        || role
            .path_hash_prefixes
            .as_ref()
            .is_some_and(|prefixes| pattern::has_prefix(prefixes, path))
}
