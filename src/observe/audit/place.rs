//! Where the log of a server stands, and which server this is: a random id beside the tree's other lists, made once.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::AuditError;
use crate::base::fs::{Attempt, FsError, Owner, ensure_folders, folder_names, random_hex, read_small, write_new};

/// Of folders and files: for their owner and his group.
const FOLDER_MODE: u32 = 0o750;
pub(super) const FILE_MODE: u32 = 0o640;

/// Bytes of the file of the id.
const ID_BYTES: u64 = 100;
const DIGITS: usize = 32;

/// Where logs stand.
#[derive(Debug, Clone)]
pub struct Place {
    /// The gestor's own folder above all of it.
    pub top: PathBuf,
    /// The folder of all logs.
    pub folder: PathBuf,
    /// The file of the server's id.
    pub server: PathBuf,
    /// To whom all of it belongs.
    pub owner: Owner,
}

impl Place {
    /// This server's id; nothing where none was made yet.
    pub fn server(&self) -> Result<Option<String>, AuditError> {
        let bytes = match read_small(&self.server, ID_BYTES) {
            Err(fault) if fault.is_absent() => return Ok(None),
            read => read?,
        };
        let id = std::str::from_utf8(&bytes).ok().map(str::trim);
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let id = id.filter(|id| id.len() == DIGITS && id.bytes().all(is_digit));
        let path = self.server.clone();
        Ok(Some(id.ok_or(AuditError::ServerId { path })?.to_owned()))
    }

    /// The same; it is made where there is none.
    pub(super) fn server_or_make(&self) -> Result<String, AuditError> {
        if let Some(id) = self.server()? {
            return Ok(id);
        }
        let above = self.server.parent().unwrap_or(&self.top);
        self.ensure(above)?;
        let id = random_hex()?;
        let made = write_new(&self.server, (Some(self.owner), FILE_MODE), |mut file| {
            let written = writeln!(file, "{id}");
            written.map_err(|fault| FsError::new(Attempt::Write, &self.server, fault))
        });
        match made {
            Ok(()) => Ok(id),
            // Another call was faster.
            Err(FsError::Exists { .. }) => self.server()?.ok_or_else(|| {
                let path = self.server.clone();
                AuditError::ServerId { path }
            }),
            Err(fault) => Err(fault.into()),
        }
    }

    /// Logs that stand here, by their servers' ids.
    pub(super) fn servers(&self) -> Result<Vec<String>, AuditError> {
        match folder_names(&self.folder) {
            Err(fault) if fault.is_absent() => Ok(Vec::new()),
            names => Ok(names?),
        }
    }

    /// The folder of a server.
    pub(super) fn of(&self, server: &str) -> PathBuf {
        self.folder.join(server)
    }

    /// Makes a folder, and those above it.
    pub(super) fn ensure(&self, folder: &Path) -> Result<(), AuditError> {
        Ok(ensure_folders(&self.top, folder, Some(self.owner), FOLDER_MODE)?)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in super::super) fn place(top: &Path) -> Place {
        Place {
            top: top.to_owned(),
            folder: top.join("plugins/_auditoria"),
            server: top.join("plugins/servidor.id"),
            owner: Owner::of(top).unwrap(),
        }
    }

    #[test]
    fn a_server_keeps_the_id_that_it_was_given() {
        let folder = tempfile::tempdir().unwrap();
        let place = place(folder.path());
        assert_eq!(place.server().unwrap(), None);
        let id = place.server_or_make().unwrap();
        assert_eq!(place.server_or_make().unwrap(), id);
        assert_eq!(place.server().unwrap(), Some(id));
        std::fs::write(&place.server, "other\n").unwrap();
        assert!(matches!(place.server_or_make(), Err(AuditError::ServerId { .. })));
        std::fs::remove_file(&place.server).unwrap();
        std::os::unix::fs::symlink("/etc/hostname", &place.server).unwrap();
        assert!(place.server_or_make().is_err(), "links are not followed");
    }
}
