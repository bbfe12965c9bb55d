//! Why a package could not be fetched. Each text says what, where, and what to do.

use std::io;
use std::path::PathBuf;

use super::{ChecksumFileError, OfferedBy};
use crate::base::net::NetError;
use crate::config::CallError;
use crate::log::Cancelled;
use crate::model::{Phrase, Sha256Digest};

/// What kind of fault it is; the exit code follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultClass {
    /// Bad parameter; file or credential not found.
    Params,
    /// A stored credential does not open.
    Credential,
    /// The database that keeps credentials cannot be asked.
    Database,
    /// Staging cannot be written.
    Move,
    /// Network, HTTP status, time-out, too large.
    Download,
    /// Not a ZIP.
    ZipInvalid,
    /// SHA-256 differs, or is required and missing.
    Checksum,
    /// The caller said stop.
    Cancelled,
}

/// Why a package could not be fetched.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// A parameter that this origin needs.
    #[error("origem_tipo={origin} needs `{key}`: {hint}")]
    Missing {
        /// The origin.
        origin: &'static str,
        /// The parameter.
        key: &'static str,
        /// What to give.
        hint: Phrase,
    },
    /// A path that PHP does not let the script reach.
    #[error(transparent)]
    Outside(CallError),
    /// No such file or folder.
    #[error("{key}: {} does not exist; check the path, and that this user may see it", path.display())]
    NotFound {
        /// The parameter.
        key: &'static str,
        /// The path as it was given.
        path: PathBuf,
    },
    /// A place that is cleared before anything is read.
    #[error(
        "{key}: {} leads through the installer's own working folder, which is cleared before anything is read: copy it elsewhere (contents/plugins/, for example) and give that path", path.display()
    )]
    InStaging {
        /// The parameter.
        key: &'static str,
        /// The path.
        path: PathBuf,
    },
    /// A folder, device or pipe where a file must be.
    #[error("{key}: {} is not a regular file: give a plugin's ZIP file{}", path.display(), if *key == "local_path" { " or folder" } else { "" })]
    NotAFile {
        /// The parameter.
        key: &'static str,
        /// The path.
        path: PathBuf,
    },
    /// It is there, and cannot be read.
    #[error("{key}: {} cannot be read ({source}): give this user the right to read it", path.display())]
    Unreadable {
        /// The parameter.
        key: &'static str,
        /// The path.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// `sha256` with a folder.
    #[error("local_path: {} is a folder, and a folder has no SHA-256: leave `sha256` away, or give a ZIP file", path.display())]
    FolderChecksum {
        /// The folder.
        path: PathBuf,
    },
    /// A local file over the limit.
    #[error(
        "{} is larger than {limit} bytes: check that it is the right file, or raise the limit `bytes_pacote`", path.display()
    )]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Bytes allowed.
        limit: u64,
    },
    /// Staging cannot be written.
    #[error("the package cannot be copied to {} ({source}): check free space and permissions", path.display())]
    Staging {
        /// The file in staging.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Not the name of a repository.
    #[error("{given:?} is no GitHub name: give `owner` and `repo` as they stand in https://github.com/owner/repo")]
    Repository {
        /// What was given.
        given: String,
    },
    /// Not the name of a tag or branch.
    #[error("ref: {given:?} is no name of a tag or branch")]
    Reference {
        /// What was given.
        given: String,
    },
    /// A private repository without credential.
    #[error(
        "origem_tipo=github_privado needs a token: store it as a credential (`--credenciais=gravar`) and give `cred:<alias>` as `cred_ref`, or put it into the environment variable PLUGIN_TOKEN_<NAME> and give <NAME>"
    )]
    CredentialMissing,
    /// There is no token where the call, or what is recorded of the plugin, says.
    #[error("{said}")]
    Credential {
        /// What kind of fault it is.
        class: FaultClass,
        /// The words of who keeps tokens.
        said: Phrase,
    },
    /// The network.
    #[error(transparent)]
    Net(#[from] NetError),
    /// An answer of GitHub that is not what it should be.
    #[error("{url} gave an answer that is not GitHub's (line {line}, column {column}): check the setting `github_api`")]
    Answer {
        /// The address.
        url: String,
        /// Where it stops making sense. The parser's own words quote the answer, which may hold anything.
        line: usize,
        /// The same.
        column: usize,
    },
    /// Nothing to install.
    #[error("{repository} has no release {wanted}: publish one, or give its tag as `ref`")]
    NoRelease {
        /// The repository's page.
        repository: String,
        /// What was looked for.
        wanted: Phrase,
    },
    /// The release lacks the package.
    #[error("the release {tag} of {repository} has no file {asset}: add it to the release")]
    NoAsset {
        /// The repository's page.
        repository: String,
        /// The release.
        tag: String,
        /// The file.
        asset: &'static str,
    },
    /// The parameter `sha256`.
    #[error("sha256: {source}")]
    ChecksumParameter {
        /// What is wrong with it.
        source: ChecksumFileError,
    },
    /// A checksum file.
    #[error("the checksum file {origin} cannot be used: {source}")]
    ChecksumFile {
        /// Path or address.
        origin: String,
        /// What is wrong with it.
        source: ChecksumFileError,
    },
    /// A checksum that was named is not there.
    #[error("the checksum file {origin} is missing: publish it beside the package (sha256sum FILE > FILE.sha256)")]
    ChecksumAbsent {
        /// Path or address.
        origin: String,
    },
    /// A private package without a checksum.
    #[error(
        "the release {tag} of {repository} has no file {asset}, and packages of private repositories are not installed without one: add it (sha256sum FILE > FILE.sha256), or give `sha256`"
    )]
    ChecksumRequired {
        /// The repository's page.
        repository: String,
        /// The release.
        tag: String,
        /// The file.
        asset: &'static str,
    },
    /// A package that needs a checksum, and none was offered.
    #[error("the package {} must have a SHA-256, and none was offered: give `sha256` or `sha256_url`", path.display())]
    ChecksumUnoffered {
        /// The package.
        path: PathBuf,
    },
    /// The package is not the one that was promised.
    #[error(
        "the SHA-256 of the package differs: {offered_by} says {expected}, the package has {found}; it is damaged or was replaced: fetch it again, and ask its publisher when it happens again"
    )]
    ChecksumDiffers {
        /// Who said it.
        offered_by: OfferedBy,
        /// What it should be.
        expected: Sha256Digest,
        /// What it is.
        found: Sha256Digest,
    },
    /// The package is longer or shorter than was promised.
    #[error(
        "the length of the package differs: {offered_by} says {expected} bytes, the package has {found}; it did not come as a whole or was replaced: ask its publisher"
    )]
    LengthDiffers {
        /// Who said it.
        offered_by: OfferedBy,
        /// Bytes that it should have.
        expected: u64,
        /// Bytes that it has.
        found: u64,
    },
    /// The package is longer than was promised, and was not read on.
    #[error(
        "the length of the package differs: {offered_by} says {expected} bytes, and more came from {url}; it was replaced: ask its publisher"
    )]
    LongerThanSaid {
        /// Who said it.
        offered_by: OfferedBy,
        /// Bytes that it should have.
        expected: u64,
        /// Where it came from.
        url: String,
    },
    /// The caller said stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

impl SourceError {
    /// What kind of fault it is.
    pub fn class(&self) -> FaultClass {
        match self {
            Self::Missing { .. }
            | Self::Outside(_)
            | Self::NotFound { .. }
            | Self::InStaging { .. }
            | Self::NotAFile { .. }
            | Self::Unreadable { .. }
            | Self::FolderChecksum { .. }
            | Self::Repository { .. }
            | Self::Reference { .. }
            | Self::CredentialMissing => FaultClass::Params,
            Self::Credential { class, .. } => *class,
            Self::Staging { .. } => FaultClass::Move,
            Self::TooLarge { .. } | Self::Answer { .. } | Self::NoRelease { .. } | Self::NoAsset { .. } => {
                FaultClass::Download
            }
            Self::ChecksumParameter { .. }
            | Self::ChecksumFile { .. }
            | Self::ChecksumAbsent { .. }
            | Self::ChecksumRequired { .. }
            | Self::ChecksumUnoffered { .. }
            | Self::ChecksumDiffers { .. }
            | Self::LengthDiffers { .. }
            | Self::LongerThanSaid { .. } => FaultClass::Checksum,
            Self::Cancelled(_) => FaultClass::Cancelled,
            Self::Net(fault) => class_of_network(fault),
        }
    }
}

fn class_of_network(fault: &NetError) -> FaultClass {
    match fault {
        NetError::Address { .. }
        | NetError::Insecure { .. }
        | NetError::AuthorityFile { .. }
        | NetError::Proxy { .. }
        | NetError::Token => FaultClass::Params,
        NetError::File { .. } => FaultClass::Move,
        // The package is not a ZIP (SPEC §4), wherever it came from.
        NetError::WrongType { .. } => FaultClass::ZipInvalid,
        NetError::Cancelled(_) => FaultClass::Cancelled,
        _ => FaultClass::Download,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_of_the_network_have_their_classes() {
        let url = || "https://a.org/x".to_owned();
        for (fault, expected) in [
            (
                NetError::Address {
                    text: url(),
                    reason: String::new(),
                },
                FaultClass::Params,
            ),
            (NetError::Insecure { url: url() }, FaultClass::Params),
            (NetError::Token, FaultClass::Params),
            (
                NetError::Proxy {
                    variable: "https_proxy".to_owned(),
                },
                FaultClass::Params,
            ),
            (
                NetError::File {
                    path: "x".into(),
                    source: io::ErrorKind::StorageFull.into(),
                },
                FaultClass::Move,
            ),
            (
                NetError::WrongType {
                    url: url(),
                    found: Phrase::default(),
                },
                FaultClass::ZipInvalid,
            ),
            (NetError::Cancelled(Cancelled), FaultClass::Cancelled),
            (NetError::RedirectTarget { url: url() }, FaultClass::Download),
        ] {
            let text = format!("{fault:?}");
            assert_eq!(SourceError::from(fault).class(), expected, "{text}");
        }
    }
}
