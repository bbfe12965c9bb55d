//! Whom we trust: the machine's certificate authorities and those of one extra file. Certificates are always checked.

use std::io;
use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use super::NetError;
use super::messages::NO_CERTIFICATE;
use crate::base::fs::{open_named, read_all, system_words};
use crate::model::Phrase;

/// Bytes of a file of authorities: those of a whole system are a quarter of a megabyte.
const LIMIT: u64 = 16 << 20;

/// A TLS configuration that trusts the machine's authorities, and those in `extra`.
pub(super) fn configuration(extra: Option<&Path>) -> Result<ClientConfig, NetError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = extra {
        add_file(&mut roots, path)?;
    }
    if roots.is_empty() {
        return Err(NetError::NoAuthorities);
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = versions.map_err(|fault| NetError::Tls {
        host: Phrase::default(),
        reason: fault.to_string(),
    })?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

/// What a system said, or we did.
fn said(fault: &io::Error) -> Phrase {
    Phrase::made(system_words(fault), fault.to_string())
}

/// Whether a file of authorities can be used.
pub fn check_authorities(path: &Path) -> Result<(), NetError> {
    add_file(&mut RootCertStore::empty(), path)
}

fn add_file(roots: &mut RootCertStore, path: &Path) -> Result<(), NetError> {
    let fault = |reason: Phrase| NetError::AuthorityFile {
        path: path.to_owned(),
        reason,
    };
    let read = open_named(path, LIMIT).and_then(|file| read_all(file, path, LIMIT));
    let text = read.map_err(|error| fault(said(&error.into())))?;
    let mut count = 0;
    for certificate in CertificateDer::pem_slice_iter(&text) {
        let certificate = certificate.map_err(|error| fault(Phrase::of_others(error.to_string())))?;
        roots
            .add(certificate)
            .map_err(|error| fault(Phrase::of_others(error.to_string())))?;
        count += 1;
    }
    if count == 0 {
        return Err(fault(NO_CERTIFICATE));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_none_is_told_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let (empty, pipe) = (folder.path().join("empty.pem"), folder.path().join("pipe"));
        std::fs::write(&empty, "").unwrap();
        nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
        for path in [Path::new("/none"), Path::new("/dev/zero"), &empty, &pipe] {
            let told = check_authorities(path).unwrap_err().to_string();
            assert!(
                told.contains(&path.display().to_string()) && told.contains("ca_file"),
                "{told}"
            );
        }
    }
}
