//! The root signed again: with the same keys, or with others in their place.

use std::collections::BTreeMap;

use serde_json::Value;

use super::keys::{ROLES, SigningKey};
use super::repository::{Published, Repository};
use super::{PublishFault, metadata, signing};
use crate::base::tuf::{Document, Role as _, Root, root_of};

impl Repository<'_> {
    /// What is signed here wants one key a role, which would be less than others agreed on.
    fn refuse_thresholds(&self) -> Result<(), PublishFault> {
        for role in ROLES {
            let needed = self.root.role.threshold_of(role);
            if needed > 1 {
                return Err(PublishFault::Threshold { role, needed });
            }
        }
        Ok(())
    }

    /// The new key of the root, once a root names it, is the root's key.
    fn finish_rotation(&self) -> Result<(), PublishFault> {
        match self.keys.successor("root")? {
            Some(new) if self.check_key("root", &new).is_ok() => self.keys.promote("root"),
            _ => Ok(()),
        }
    }

    /// The root again, with the keys that stand in the folder: those of roles whose key is not there stay, and
    /// `root.nova.pem` takes the place of `root.pem`. What others signed is signed anew, as far as their keys are there.
    pub fn sign_root(&mut self) -> Result<Published, PublishFault> {
        self.refuse_thresholds()?;
        self.finish_rotation()?;
        let own = self.signer("root")?;
        let successor = self.keys.successor("root")?;
        let mut holders: BTreeMap<&'static str, Vec<(String, Value)>> = BTreeMap::new();
        for role in ROLES {
            let key = match (role, &successor) {
                ("root", Some(_)) => None,
                _ => self.keys.get(role)?,
            };
            let of_role = match (role, &successor, key) {
                ("root", Some(new), _) => vec![(new.id(), new.public())],
                (_, _, Some(key)) => vec![(key.id(), key.public())],
                (_, _, None) => self.root.role.named_keys_of(role),
            };
            holders.insert(role, of_role);
        }
        let version = self.root.version + 1;
        let said = metadata::root(version, self.now, &holders);
        let signers: Vec<&SigningKey> = [Some(&own), successor.as_ref()].into_iter().flatten().collect();
        let bytes = signing::signed(&said, &signers);
        let before = self.root.clone();
        self.root = root_of(&bytes)?;
        Document::read("root.json", &bytes)?.check(&before.role.keys_of(Root::TYPE))?;
        let put_root = |made: &Self| {
            made.write(&format!("{version}.root.json"), &bytes)?;
            made.write("root.json", &bytes)
        };
        let mut published = if self.keys.get("targets")?.is_some() {
            self.publish(&put_root)?
        } else {
            put_root(self)?;
            self.renew()?
        };
        self.keys.promote("root")?;
        published.root = version;
        Ok(published)
    }
}
