//! Whom we trust: the machine's certificate authorities and those of one extra file. Certificates are always checked.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use super::NetError;
use super::messages::NO_CERTIFICATE;
use crate::model::Phrase;

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
        host: String::new(),
        reason: fault.to_string(),
    })?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

fn add_file(roots: &mut RootCertStore, path: &Path) -> Result<(), NetError> {
    let fault = |reason: Phrase| NetError::AuthorityFile {
        path: path.to_owned(),
        reason,
    };
    let found = CertificateDer::pem_file_iter(path).map_err(|error| fault(Phrase::of_others(error.to_string())))?;
    let mut count = 0;
    for certificate in found {
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
