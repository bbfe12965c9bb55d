//! Encryption of the connection: what the client is told to check, and why a server was not believed. Reads files of
//! authorities, connects to nothing.

use std::error::Error;

use mysql_async::SslOpts;
use rustls::CertificateError;

use super::{DbError, messages, way};
use crate::base::authorities;
use crate::config::{DatabaseSettings, Tls};
use crate::model::Phrase;

/// Whether a connection is encrypted, and what is checked of its server.
pub(super) enum Encryption {
    /// It is not.
    Never,
    /// It is where the server can.
    WherePossible(SslOpts),
    /// It is, or there is none.
    Always(SslOpts),
}

/// What the settings want. A socket leads nowhere else: the client cannot encrypt it, and a server that insists on
/// encryption takes it for safe.
pub(super) fn encryption(settings: &DatabaseSettings) -> Result<Encryption, DbError> {
    Ok(match settings.tls {
        _ if settings.socket.is_some() => Encryption::Never,
        Tls::Off => Encryption::Never,
        Tls::Preferred => Encryption::WherePossible(unchecked(settings)),
        Tls::Required => Encryption::Always(unchecked(settings)),
        Tls::Verify => Encryption::Always(checked(settings)?),
    })
}

/// The name is given, because the client may have been given an address in its place.
fn named(settings: &DatabaseSettings) -> SslOpts {
    let host = way::host(settings).to_owned();
    SslOpts::default().with_danger_tls_hostname_override(Some(host))
}

fn unchecked(settings: &DatabaseSettings) -> SslOpts {
    named(settings)
        .with_danger_accept_invalid_certs(true)
        .with_danger_skip_domain_validation(true)
}

fn checked(settings: &DatabaseSettings) -> Result<SslOpts, DbError> {
    let trusted = match &settings.ca {
        Some(path) => authorities::of_file(path).map_err(|reason| DbError::Authorities {
            path: path.clone(),
            reason,
        })?,
        None => authorities::of_machine(),
    };
    if trusted.is_empty() {
        return Err(DbError::NoAuthorities);
    }
    let options = named(settings).with_disable_built_in_roots(true);
    Ok(options.with_root_certs(trusted.iter().map(|found| found.to_vec().into()).collect()))
}

/// What the library for TLS says, where it was that which failed.
pub(super) fn fault_of(fault: &mysql_async::IoError) -> Option<Phrase> {
    let system = match fault {
        mysql_async::IoError::Tls(fault) => return Some(Phrase::of_others(fault.to_string())),
        mysql_async::IoError::Io(system) => system,
    };
    let inner = system.get_ref().map(|inner| inner as &(dyn Error + 'static));
    match inner.and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(rustls::Error::InvalidCertificate(fault)) => Some(certificate_fault(fault)),
        Some(other) => Some(Phrase::of_others(other.to_string())),
        // How a server ends that speaks an older TLS alone.
        None if system.to_string().contains("tls handshake eof") => Some(messages::HANDSHAKE_CUT),
        None => None,
    }
}

fn certificate_fault(fault: &CertificateError) -> Phrase {
    let words = fault.to_string();
    match fault {
        // An authority that was made anew has the name of the old one, and another key.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => messages::UNKNOWN_AUTHORITY,
        CertificateError::NotValidForName => messages::OTHER_HOST,
        CertificateError::NotValidForNameContext { presented, .. } => messages::of_hosts(presented),
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => messages::EXPIRED,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => messages::NOT_YET,
        _ if words.contains("UnsupportedCertVersion") => messages::OLD_CERTIFICATE,
        _ if words.contains("CaUsedAsEndEntity") => messages::OF_AN_AUTHORITY,
        _ => Phrase::of_others(words),
    }
}

#[cfg(test)]
mod tests {
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject as _;

    use super::*;

    /// As `openssl x509 -req` makes it where nobody asks for extensions.
    const OLD: &str = "-----BEGIN CERTIFICATE-----
MIIBFjCBvQIUXN2BZkJVLP39Xi8euweCL/SCooswCgYIKoZIzj0EAwIwDTELMAkG
A1UEAwwCZGIwIBcNMjYxMTI2MjAzNzE0WhgPMjEyNjExMDIyMDM3MTRaMA0xCzAJ
BgNVBAMMAmRiMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE624l3cy9JL6EX8KK
D2pXHNtpFPHExCh6WXllxQuSS33QrNmZ1N7BO6Aky5R15+4JqTo81gGMnacHw1Af
ATxm/DAKBggqhkjOPQQDAgNIADBFAiA2x8/7rDY6GVgXn9IB99neux3ARoe1GahO
z+S/M9xBewIhAJQHQSgn7PVosoXg4JNuPBUaEB2o4f8/V4ibGkjRL7Xr
-----END CERTIFICATE-----";

    #[test]
    fn an_old_certificate_is_told_as_such() {
        let certificate = CertificateDer::from_pem_slice(OLD.as_bytes()).unwrap();
        let fault = rustls::server::ParsedCertificate::try_from(&certificate).err().unwrap();
        let system = std::io::Error::new(std::io::ErrorKind::InvalidData, fault);
        let told = fault_of(&mysql_async::IoError::Io(system)).unwrap().to_string();
        assert!(told.contains("version 1 of X.509"), "{told}");
    }

    #[test]
    fn what_the_system_says_is_no_fault_of_encryption() {
        let of = |words: &'static str| fault_of(&mysql_async::IoError::Io(std::io::Error::other(words)));
        assert!(of("connection refused").is_none());
        assert_eq!(of("tls handshake eof"), Some(messages::HANDSHAKE_CUT));
    }
}
