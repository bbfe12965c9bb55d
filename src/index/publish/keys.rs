//! The private keys of an index: `<role>.pem` in a folder of the publisher's, PKCS#8. `root` and `targets` are best kept
//! where no network is; `snapshot` and `timestamp` stand where `renovar` runs. What another could have put there is no key
//! of the publisher's: `assinar-raiz` would name it to all sites.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::{PublishFault, messages};
use crate::base::fs::{
    Attempt, BelievedFolder, FsError, Owner, ensure_folders, is_within, read_all, real_folder, rename_over, write_whole,
};
use crate::base::hash::sha256;
use crate::base::json::hex;
use crate::base::tuf::canonical;

/// The roles, each with a key of its own.
pub const ROLES: [&str; 4] = ["root", "targets", "snapshot", "timestamp"];
/// Bytes of a key's file.
const KEY_BYTES: u64 = 16 << 10;
const FOLDER_MODE: u32 = 0o700;
/// Of a file that everybody may read.
const READ_BY_ALL: u32 = 0o004;
const LINE: usize = 64;

/// A key that signs.
pub(super) struct SigningKey {
    pair: Ed25519KeyPair,
}

impl SigningKey {
    /// The key as a root names it.
    pub(super) fn public(&self) -> Value {
        json!({"keytype": "ed25519", "scheme": "ed25519", "keyval": {"public": hex(self.pair.public_key().as_ref())}})
    }

    /// Its name: the SHA-256 of that.
    pub(super) fn id(&self) -> String {
        sha256(&canonical(&self.public()).unwrap_or_default()).to_string()
    }

    pub(super) fn sign(&self, message: &[u8]) -> String {
        hex(self.pair.sign(message).as_ref())
    }

    fn of(der: &[u8]) -> Option<Self> {
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).ok()?;
        Some(Self { pair })
    }
}

/// The folder of them.
#[derive(Debug, Clone)]
pub struct KeyFolder(PathBuf);

impl KeyFolder {
    /// A folder.
    pub fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// The file of a role's key.
    pub fn path(&self, role: &str) -> PathBuf {
        self.0.join(format!("{role}.pem"))
    }

    fn new_path(&self, role: &str) -> PathBuf {
        self.0.join(format!("{role}.nova.pem"))
    }

    /// Makes the keys that are missing; those that are there stay.
    pub(super) fn make(&self) -> Result<(), PublishFault> {
        let above = self.0.parent().unwrap_or(&self.0);
        ensure_folders(above, &self.0, None, FOLDER_MODE)?;
        for role in ROLES {
            let path = self.path(role);
            if read(&path)?.is_none() {
                write_whole(&path, None, generate(&path)?.as_bytes())?;
            }
        }
        Ok(())
    }

    /// Whoever sees the folder that is published must not see the keys.
    pub(super) fn refuse_below(&self, published: &Path) -> Result<(), PublishFault> {
        if is_within(&[published.to_owned()], &self.0) {
            let (keys, folder) = (self.0.clone(), published.to_owned());
            return Err(PublishFault::KeysShown { keys, folder });
        }
        Ok(())
    }

    /// The key of a role, where this machine has it.
    pub(super) fn get(&self, role: &str) -> Result<Option<SigningKey>, PublishFault> {
        read(&self.path(role))
    }

    /// The key of a role.
    pub(super) fn need(&self, role: &'static str) -> Result<SigningKey, PublishFault> {
        self.get(role)?.ok_or_else(|| PublishFault::Key {
            path: self.path(role),
            reason: messages::ABSENT,
        })
    }

    /// The key that takes the place of a role's own, where one was brought (`<role>.nova.pem`).
    pub(super) fn successor(&self, role: &str) -> Result<Option<SigningKey>, PublishFault> {
        read(&self.new_path(role))
    }

    /// It has taken its place.
    pub(super) fn promote(&self, role: &str) -> Result<(), PublishFault> {
        match rename_over(&self.new_path(role), &self.path(role)) {
            Err(fault) if !fault.is_absent() => Err(fault.into()),
            _ => Ok(()),
        }
    }
}

/// The key of a file; nothing where there is none.
fn read(path: &Path) -> Result<Option<SigningKey>, PublishFault> {
    let fault = |reason| PublishFault::Key {
        path: path.to_owned(),
        reason,
    };
    let text = match secret(path) {
        Err(found) if found.is_absent() => return Ok(None),
        text => text.map_err(PublishFault::Keys)?,
    };
    let text = text.ok_or_else(|| fault(messages::READ_BY_ALL))?;
    let der = PrivatePkcs8KeyDer::from_pem_slice(&text).map_err(|_| fault(messages::NO_KEY))?;
    let key = SigningKey::of(der.secret_pkcs8_der()).ok_or_else(|| fault(messages::NO_ED25519))?;
    Ok(Some(key))
}

/// What stands in it; nothing where everybody may read it.
fn secret(path: &Path) -> Result<Option<Zeroizing<Vec<u8>>>, FsError> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) else {
        return Ok(None);
    };
    let owner = Owner::of(&real_folder(folder)?)?;
    let (file, _) = BelievedFolder::open(folder, owner)?.file(name, KEY_BYTES)?;
    let found = file
        .metadata()
        .map_err(|fault| FsError::new(Attempt::Read, path, fault))?;
    if found.permissions().mode() & READ_BY_ALL != 0 {
        return Ok(None);
    }
    Ok(Some(Zeroizing::new(read_all(file, path, KEY_BYTES)?)))
}

/// A new key, in PEM form.
fn generate(path: &Path) -> Result<Zeroizing<String>, PublishFault> {
    let made = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| PublishFault::Key {
        path: path.to_owned(),
        reason: messages::NO_RANDOM,
    })?;
    let text = Zeroizing::new(STANDARD.encode(made.as_ref()));
    let mut pem = Zeroizing::new("-----BEGIN PRIVATE KEY-----\n".to_owned());
    for at in (0..text.len()).step_by(LINE) {
        pem.push_str(&text[at..text.len().min(at + LINE)]);
        pem.push('\n');
    }
    pem.push_str("-----END PRIVATE KEY-----\n");
    Ok(pem)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::base::tuf::PublicKey;

    #[test]
    fn keys_are_made_once_and_readable_by_nobody_else() {
        let top = tempfile::tempdir().unwrap();
        let keys = KeyFolder::new(&top.path().join("keys"));
        keys.make().unwrap();
        let first = keys.need("root").unwrap();
        keys.make().unwrap();
        assert_eq!(keys.need("root").unwrap().id(), first.id());
        for role in ROLES {
            let mode = fs::metadata(keys.path(role)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{role}");
        }
        let public = PublicKey::read(&first.public()).unwrap();
        assert!(public.verifies(b"m", &crate::base::json::unhex(&first.sign(b"m")).unwrap()));
        assert!(!public.verifies(b"n", &crate::base::json::unhex(&first.sign(b"m")).unwrap()));
    }

    #[test]
    fn what_is_no_key_is_named_and_not_shown() {
        let top = tempfile::tempdir().unwrap();
        let keys = KeyFolder::new(top.path());
        assert!(matches!(keys.need("root"), Err(PublishFault::Key { .. })));
        for text in [
            "",
            "secret words",
            "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        ] {
            fs::write(keys.path("root"), text).unwrap();
            fs::set_permissions(keys.path("root"), fs::Permissions::from_mode(0o600)).unwrap();
            let said = keys.need("root").err().unwrap().to_string();
            assert!(said.contains("root.pem") && !said.contains("secret"), "{said}");
            assert!(!said.contains("everybody"), "{said}");
        }
    }

    #[test]
    fn a_key_that_others_can_read_or_write_is_none() {
        let top = tempfile::tempdir().unwrap();
        let keys = KeyFolder::new(&top.path().join("keys"));
        keys.make().unwrap();
        let mode = |path: &Path, mode: u32| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        let path = keys.path("targets");
        for (wrong, is_shown) in [(0o604, true), (0o644, true), (0o602, false), (0o666, false)] {
            mode(&path, wrong);
            let fault = keys.need("targets").err().unwrap();
            assert_eq!(
                matches!(fault, PublishFault::Key { .. }),
                is_shown,
                "{wrong:o}: {fault}"
            );
        }
        mode(&path, 0o600);
        mode(&top.path().join("keys"), 0o777);
        assert!(matches!(
            keys.need("targets"),
            Err(PublishFault::Keys(FsError::Untrusted { .. }))
        ));
        mode(&top.path().join("keys"), 0o700);
        assert!(keys.need("targets").is_ok());
        let elsewhere = top.path().join("elsewhere.pem");
        fs::rename(&path, &elsewhere).unwrap();
        std::os::unix::fs::symlink(&elsewhere, &path).unwrap();
        assert!(matches!(
            keys.need("targets"),
            Err(PublishFault::Keys(FsError::Link { .. }))
        ));
    }

    #[test]
    fn openssl_makes_a_key_that_can_be_used() {
        let top = tempfile::tempdir().unwrap();
        let keys = KeyFolder::new(top.path());
        let made = std::process::Command::new("openssl")
            .args(["genpkey", "-algorithm", "ed25519", "-out"])
            .arg(keys.path("root"))
            .output();
        let Ok(made) = made else { return };
        assert!(made.status.success(), "{made:?}");
        assert!(keys.need("root").is_ok());
    }
}
