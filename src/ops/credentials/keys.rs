//! The keys that count: those that the call or the environment gives, else those of the trust folder.

use std::path::PathBuf;

use crate::config::Site;
use crate::config::parameter::TRUST;
use crate::ops::trust_folder::{TrustFolderRefusal, owner, trust_folder};
use crate::ops::{Error, confine};
use crate::vault::{KeyPlace, KeyRing, key_file};

/// The keys of a site.
pub(in crate::ops) struct Keys<'a> {
    pub(in crate::ops) site: &'a Site,
}

impl Keys<'_> {
    /// The key ring; nothing where the site has none.
    pub(in crate::ops) fn ring(&self) -> Result<Option<KeyRing>, Error> {
        if let Some(given) = &self.site.keys {
            return Ok(Some(KeyRing::parse(given, &KeyPlace::Given)?));
        }
        match self.folder()? {
            Some(folder) => Ok(key_file::read(&folder, owner(self.site, &folder)?)?),
            None => Ok(None),
        }
    }

    /// The key ring, made where the site has none; the path where it was made now.
    pub(in crate::ops) fn ring_or_make(&self) -> Result<(KeyRing, Option<PathBuf>), Error> {
        if let Some(given) = &self.site.keys {
            return Ok((KeyRing::parse(given, &KeyPlace::Given)?, None));
        }
        let folder = self.folder()?;
        let folder = folder.ok_or_else(|| TrustFolderRefusal::NoDomain {
            database: self
                .site
                .database
                .as_ref()
                .map(|db| db.name.clone())
                .unwrap_or_default(),
        })?;
        Ok(key_file::read_or_make(&folder, owner(self.site, &folder)?)?)
    }

    fn folder(&self) -> Result<Option<PathBuf>, Error> {
        let folder = trust_folder(self.site)?;
        if let Some(folder) = &folder {
            confine::allow(&self.site.reach, TRUST.name, folder)?;
        }
        Ok(folder)
    }
}
