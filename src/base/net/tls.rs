//! Whom we trust: the machine's certificate authorities and those of one extra file. Certificates are always checked.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};

use super::NetError;
use crate::base::authorities;
use crate::model::Phrase;

/// A TLS configuration that trusts the machine's authorities, and those in `extra`.
pub(super) fn configuration(extra: Option<&Path>) -> Result<ClientConfig, NetError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(authorities::of_machine());
    if let Some(path) = extra {
        roots.add_parsable_certificates(of_file(path)?);
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

/// Whether a file of authorities can be used.
pub fn check_authorities(path: &Path) -> Result<(), NetError> {
    of_file(path).map(|_| ())
}

fn of_file(path: &Path) -> Result<Vec<CertificateDer<'static>>, NetError> {
    authorities::of_file(path).map_err(|reason| NetError::AuthorityFile {
        path: path.to_owned(),
        reason,
    })
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
