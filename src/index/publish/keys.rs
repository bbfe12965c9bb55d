//! The private keys of an index: `<role>.pem` in a folder of the publisher's, PKCS#8. `root` and `targets` are best kept
//! where no network is; `snapshot` and `timestamp` stand where `renovar` runs.

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
use crate::base::fs::{FsError, ensure_folders, open_named, read_all, rename_over, write_whole};
use crate::base::hash::sha256;
use crate::base::json::hex;
use crate::base::tuf::canonical;

/// The roles, each with a key of its own.
pub const ROLES: [&str; 4] = ["root", "targets", "snapshot", "timestamp"];
/// Bytes of a key's file.
const KEY_BYTES: u64 = 16 << 10;
const FOLDER_MODE: u32 = 0o700;
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
    let file = match open_named(path, KEY_BYTES) {
        Err(fault) if fault.is_absent() => return Ok(None),
        file => file?,
    };
    let text: Result<Vec<u8>, FsError> = read_all(file, path, KEY_BYTES);
    let text = Zeroizing::new(text?);
    let fault = |reason| PublishFault::Key {
        path: path.to_owned(),
        reason,
    };
    let der = PrivatePkcs8KeyDer::from_pem_slice(&text).map_err(|_| fault(messages::NO_KEY))?;
    let key = SigningKey::of(der.secret_pkcs8_der()).ok_or_else(|| fault(messages::NO_ED25519))?;
    Ok(Some(key))
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
            let said = keys.need("root").err().unwrap().to_string();
            assert!(said.contains("root.pem") && !said.contains("secret"), "{said}");
        }
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
