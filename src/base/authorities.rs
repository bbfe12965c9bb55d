//! Certificate authorities that are trusted: the machine's, or those of a file that somebody named. Checks nothing with
//! them.

use std::io;
use std::path::Path;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::fs::{open_named, read_all, system_words};
use super::messages::NO_CERTIFICATE;
use crate::model::Phrase;

/// Bytes of a file of authorities: those of a whole system are a quarter of a megabyte.
const LIMIT: u64 = 16 << 20;

/// Those of the machine that can be used; what else stands among them is passed over.
pub fn of_machine() -> Vec<CertificateDer<'static>> {
    let is_usable = |certificate: &CertificateDer<'static>| RootCertStore::empty().add(certificate.clone()).is_ok();
    let found = rustls_native_certs::load_native_certs().certs;
    found.into_iter().filter(is_usable).collect()
}

/// Those of a file, each of which has to be one; or why it cannot be used.
pub fn of_file(path: &Path) -> Result<Vec<CertificateDer<'static>>, Phrase> {
    let others = |error: &dyn std::fmt::Display| Phrase::of_others(error.to_string());
    let read = open_named(path, LIMIT).and_then(|file| read_all(file, path, LIMIT));
    let text = read.map_err(|error| said(&error.into()))?;
    let mut found = Vec::new();
    for certificate in CertificateDer::pem_slice_iter(&text) {
        let certificate = certificate.map_err(|error| others(&error))?;
        let usable = RootCertStore::empty().add(certificate.clone());
        usable.map_err(|error| others(&error))?;
        found.push(certificate);
    }
    if found.is_empty() {
        return Err(NO_CERTIFICATE);
    }
    Ok(found)
}

/// What a system said, or we did.
fn said(fault: &io::Error) -> Phrase {
    Phrase::made(system_words(fault), fault.to_string())
}
