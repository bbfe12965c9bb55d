//! The folder of an index as whoever asks a server sees it, for a publisher who goes on with it.

use std::convert::Infallible;
use std::path::Path;

use serde_json::Value;

use super::PublishFault;
use crate::base::fs::{FsError, open_named, read_all};
use crate::base::tuf::{Answer, Kept, Remote, Store, Trouble};

/// Bytes of any file of an index.
pub(super) const FILE_BYTES: u64 = 32 << 20;

/// The folder as a client asks a server.
pub(super) struct Folder<'f>(pub(super) &'f Path);

impl Remote for Folder<'_> {
    type Fault = FsError;

    fn file(&self, name: &str, limit: u64) -> Result<Answer, FsError> {
        let path = self.0.join(name);
        match read(&path, limit) {
            Err(fault) if fault.is_absent() => Ok(Answer::Absent),
            Err(FsError::TooLarge { .. }) => Ok(Answer::TooLong),
            found => Ok(Answer::File(found?)),
        }
    }
}

/// A publisher remembers nothing beside the folder.
pub(super) struct Nothing;

impl Store for Nothing {
    type Fault = Infallible;

    fn root(&self, _: u64) -> Result<Option<Vec<u8>>, Infallible> {
        Ok(None)
    }

    fn role(&self, _: &str) -> Result<Option<Vec<u8>>, Infallible> {
        Ok(None)
    }

    fn keep(&self, _: &Kept<'_>) -> Result<(), Infallible> {
        Ok(())
    }

    fn forget(&self, _: &str) -> Result<(), Infallible> {
        Ok(())
    }
}

/// What the folder announces, whoever signed it: versions to count on from.
#[derive(Default)]
pub(super) struct Announced {
    pub(super) timestamp: u64,
    pub(super) snapshot: u64,
    pub(super) targets: u64,
}

impl Announced {
    pub(super) fn read(folder: &Path) -> Result<Self, PublishFault> {
        let said = |name: &str| -> Result<Value, PublishFault> {
            let bytes = read(&folder.join(name), FILE_BYTES)?;
            Ok(serde_json::from_slice::<Value>(&bytes).unwrap_or_default()["signed"].take())
        };
        let timestamp = said("timestamp.json")?;
        let number = |value: &Value| value.as_u64().unwrap_or_default();
        let snapshot = number(&timestamp["meta"]["snapshot.json"]["version"]);
        let targets = number(&said(&format!("{snapshot}.snapshot.json"))?["meta"]["targets.json"]["version"]);
        Ok(Self {
            timestamp: number(&timestamp["version"]),
            snapshot,
            targets,
        })
    }
}

pub(super) fn read(path: &Path, limit: u64) -> Result<Vec<u8>, FsError> {
    read_all(open_named(path, limit)?, path, limit)
}

pub(super) fn fault_of(trouble: Trouble<FsError, Infallible>) -> PublishFault {
    match trouble {
        Trouble::Remote(fault) => PublishFault::Files(fault),
        Trouble::Store(never) => match never {},
        Trouble::Refused(fault) => PublishFault::Signed(fault),
    }
}
