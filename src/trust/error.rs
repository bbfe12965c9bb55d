//! Why a package is not believed, or nobody can say whether it is.

use std::path::PathBuf;

use super::reason::Reason;
use super::verdict::Verdict;
use crate::base::db::DbError;
use crate::base::fs::FsError;
use crate::model::Phrase;

/// What is wrong with a signature, or with what signatures are judged by.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// The trust folder, or something in it, cannot be read or could be a stranger's.
    #[error("the trust folder: {0}")]
    Folder(FsError),
    /// A file of it says something that it cannot say.
    #[error("{}: {fault}. Nothing is installed while that stands there: mend the file", path.display())]
    Settings {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        fault: String,
    },
    /// The signature does not hold, or there is none.
    #[error("the package is refused, its signature is {}: {reason}. {}", verdict.word(), advice(*verdict))]
    Refused {
        /// What is thought of it.
        verdict: Verdict,
        /// Why.
        reason: Reason,
    },
    /// Another one signed it than what is installed.
    #[error(
        "the package is refused: version {installed} of the plugin, which is installed, was signed by {before}, this one {}. If the plugin has changed hands, and you know that from its old owner, say `trocar_assinante` (`--trocar-assinante`)",
        found.as_ref().map_or("is not signed by anybody who is believed".to_owned(), |name| format!("by {name}"))
    )]
    OtherSigner {
        /// The installed version.
        installed: String,
        /// Who signed it.
        before: String,
        /// Who signed what comes, where somebody did.
        found: Option<String>,
    },
    /// Other bytes than those that had this version's number before.
    #[error(
        "the package is refused: version {version} was another file before (sha256 {before}), and a version never changes; ask its author for a new version"
    )]
    OtherBytes {
        /// The version.
        version: String,
        /// What it was.
        before: String,
    },
    /// A private key that cannot sign packages.
    #[error(
        "{} is no key that signs packages: a PKCS#8 key in PEM form, RSA of 3072 or 4096 bits (openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072) or Ed25519 (`--gerar-chave`)", path.display()
    )]
    Key {
        /// Its file.
        path: PathBuf,
    },
    /// Certificates that cannot sign packages.
    #[error("the certificates in {} sign no package: {reason}", path.display())]
    Certificates {
        /// Their file.
        path: PathBuf,
        /// Why.
        reason: Phrase,
    },
    /// A signature from elsewhere does not belong to what was prepared.
    #[error(
        "{} is no signature of {} by the certificate's key: sign that file's bytes, RSA with PSS, SHA-256 and a salt of 32 bytes", signature.display(), prepared.display()
    )]
    Attached {
        /// The signature.
        signature: PathBuf,
        /// What was to be signed.
        prepared: PathBuf,
    },
    /// A random key could not be made.
    #[error("the system gives no random bytes for a key: try again")]
    NoRandom,
    /// The server refused, or was not there.
    #[error("the versions that were seen (gestor_plugins_versoes): {0}")]
    Database(#[from] DbError),
}

/// What can be done about a package that is refused.
pub(super) fn advice(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Absent | Verdict::Unchecked => {
            "Ask its author for a signed package, or change the policy that asks for one"
        }
        Verdict::Unknown => {
            "If you know its author, put the certificate of who vouches for them into `raizes/` of the trust folder"
        }
        Verdict::Expired => "Ask its author for a package that is signed anew",
        Verdict::Malformed | Verdict::Invalid | Verdict::Differs => {
            "Somebody has changed it, or it was packed again after it was signed: get it from its author again"
        }
        Verdict::OutOfScope => "Whoever signed it may not sign this: ask its author",
        Verdict::Revoked | Verdict::Valid => "Do not use it; look for a newer version",
    }
}
