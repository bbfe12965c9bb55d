//! `origem_tipo=url`: any https ZIP, with `sha256` or `sha256_url` where given. A credential goes to the server of the address
//! alone.

use super::remote::Remote;
use super::{Expectation, FoundCredential, Package, SourceError};
use crate::base::net::Address;
use crate::config::InstallParameters;

/// Downloads the package; tells what is expected of it.
pub(super) fn fetch(
    remote: &Remote,
    parameters: &InstallParameters,
    address: &Address,
    found: Option<FoundCredential>,
) -> Result<(Package, Expectation), SourceError> {
    let credential = found.as_ref().map(|found| &found.credential);
    let name = package_name(address);
    let (path, download) = remote.package(address, credential)?;
    let mut expectation = Expectation::when_offered();
    remote.offers_of_call(parameters, credential, name.as_deref(), &mut expectation)?;
    let package = Package {
        path,
        file: download.file,
        sha256: download.sha256,
        length: download.length,
        origin_text: address.to_string(),
        resolved_tag: None,
        credential_name: None,
        credential_reference: found.and_then(|found| found.reference),
    };
    Ok((package, expectation))
}

/// The file's name, where the address ends in one; `/download?id=5` has none, and any name then passes in a checksum.
pub(super) fn package_name(address: &Address) -> Option<String> {
    address
        .file_name()
        .filter(|name| name.to_ascii_lowercase().ends_with(".zip"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_address_that_ends_in_a_zip_names_the_package() {
        for (address, expected) in [
            ("https://a.org/x/p.zip", Some("p.zip")),
            ("https://a.org/P.ZIP?token=1", Some("P.ZIP")),
            ("https://a.org/download?id=p.zip", None),
            ("https://a.org/p.zip/", None),
            ("https://a.org/", None),
        ] {
            let found = package_name(&Address::parse(address).unwrap());
            assert_eq!(found.as_deref(), expected, "{address}");
        }
    }
}
