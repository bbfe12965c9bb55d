//! Why a signature is judged as it is. English here, Portuguese in `messages`.

use webpki::Error;

use super::statement::FILE_NAME;
use crate::model::Phrase;

/// Why a package has its verdict.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// There is no signature.
    #[error("the package has no {FILE_NAME}")]
    None,
    /// It is no envelope.
    #[error("{FILE_NAME} is no envelope of a signature: {fault}")]
    Envelope {
        /// What is wrong with it.
        fault: Phrase,
    },
    /// It is too large.
    #[error("{FILE_NAME} has more than {limit} bytes")]
    TooLarge {
        /// How many it may have.
        limit: u64,
    },
    /// What is signed is something else.
    #[error("{FILE_NAME} signs {found:?}, which is no package")]
    PayloadType {
        /// What it says.
        found: String,
    },
    /// What is signed is no list of files.
    #[error("what {FILE_NAME} signs is no list of a package's files: {fault}")]
    Statement {
        /// What is wrong with it.
        fault: String,
    },
    /// There is no certificate, or one that cannot be read.
    #[error("the signature has no certificate that could be read")]
    Certificate,
    /// The key is none that signs packages.
    #[error("the certificate's key is neither RSA of 3072 to 8192 bits nor Ed25519")]
    Key,
    /// The bytes were not signed with this key.
    #[error("the signature was not made of this list of files with the certificate's key")]
    Signature,
    /// The certificate is for something else.
    #[error("the certificate is not for signing code (extended key usage codeSigning and key usage digitalSignature)")]
    Purpose,
    /// Nobody is believed.
    #[error("no certificate authority is believed: put its certificate into `raizes/` of the trust folder")]
    NoRoots,
    /// The chain leads to no root.
    #[error("the certificate leads to no certificate in `raizes/` of the trust folder: {fault}")]
    NoChain {
        /// What is wrong with the chain.
        fault: Phrase,
    },
    /// It has ended.
    #[error(
        "the certificate, or one that it leads to, ended at {until}, and neither was the package seen here before that nor does a fresh index say that it is older"
    )]
    Ended {
        /// When.
        until: String,
    },
    /// It has not begun.
    #[error("the certificate, or one that it leads to, counts from {from} on only: is the machine's clock right?")]
    NotYet {
        /// When it begins.
        from: String,
    },
    /// A file was signed and is not there.
    #[error("{path} was signed and is not in the package")]
    Missing {
        /// Which.
        path: String,
    },
    /// A file is there and was not signed.
    #[error("{path} is in the package and was not signed")]
    Extra {
        /// Which.
        path: String,
    },
    /// A file is another one.
    #[error("{path} is not as it was signed")]
    Other {
        /// Which.
        path: String,
    },
    /// The signature is of another plugin.
    #[error("what was signed is the plugin {signed}")]
    OtherPlugin {
        /// Which.
        signed: String,
    },
    /// The signature is of another version.
    #[error("what was signed is version {signed}, and the package says {found}")]
    OtherVersion {
        /// Which.
        signed: String,
        /// What the manifest says.
        found: String,
    },
    /// The certificate names nobody.
    #[error("the certificate names no developer and no plugins (URI names urn:gestor-plugins:dev:… and :plugin:…)")]
    NoName,
    /// The certificate is another developer's.
    #[error("the list of files says that it is of {said}, and the certificate is of {certified}")]
    OtherDeveloper {
        /// In the statement.
        said: String,
        /// In the certificate.
        certified: String,
    },
    /// The certificate is not for this plugin.
    #[error("the certificate of {developer} is not for this plugin")]
    NotCovered {
        /// Whose it is.
        developer: String,
    },
    /// The policy names other developers.
    #[error("politica.json names other developers for this plugin than {developer}")]
    NotNamed {
        /// Who signed.
        developer: String,
    },
    /// It was withdrawn.
    #[error("{} ({id}): {text}", by.as_ref().map_or("it was revoked".to_owned(), |index| format!("the index {index} withdrew it")))]
    Revoked {
        /// The index whose list says so; nothing for the operator's own.
        by: Option<String>,
        /// By which item.
        id: String,
        /// What is said of that.
        text: Phrase,
    },
    /// Nobody wants to know.
    #[error("signatures are not checked here")]
    NotChecked,
}

impl Reason {
    /// What is wrong with a chain.
    pub(super) fn of_chain(fault: &Error) -> Self {
        Self::NoChain {
            fault: chain_fault(fault),
        }
    }
}

/// What is wrong with a chain, for people.
fn chain_fault(fault: &Error) -> Phrase {
    let (pt, en) = match fault {
        Error::UnknownIssuer => (
            "nenhuma delas assinou o certificado, nem os que vieram com ele",
            "none of them signed it, nor those that came with it",
        ),
        Error::CaUsedAsEndEntity => (
            "o certificado é o de uma autoridade, que não assina pacotes",
            "it is an authority's own, which signs no packages",
        ),
        Error::EndEntityUsedAsCa => (
            "um dos que assinaram não é o de uma autoridade",
            "one of those that signed is no authority's",
        ),
        Error::PathLenConstraintViolated => (
            "há mais autoridades entre os dois do que uma delas permite",
            "there are more authorities between them than one of them allows",
        ),
        Error::InvalidSignatureForPublicKey => (
            "um deles não foi assinado por quem ele diz: ou é outra autoridade de mesmo nome, ou ele foi alterado",
            "one of them was not signed by whom it names: it is another authority of that name, or it was altered",
        ),
        Error::UnsupportedSignatureAlgorithmContext(_)
        | Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_)
        | Error::SignatureAlgorithmMismatch => (
            "um deles foi assinado de um modo que não se aceita; aceitos: RSA com SHA-256, 384 ou 512, P-256, P-384, Ed25519",
            "one of them was signed in a way that is not accepted; accepted: RSA with SHA-256, 384 or 512, P-256, P-384, Ed25519",
        ),
        Error::UnsupportedCriticalExtension => (
            "um deles tem uma extensão crítica que não se conhece",
            "one of them has a critical extension that is not known",
        ),
        Error::NameConstraintViolation => (
            "uma das autoridades não pode certificar esses nomes",
            "one of the authorities may not certify such names",
        ),
        Error::RequiredEkuNotFoundContext(_) | Error::EmptyEkuExtension => (
            "uma das autoridades não é para quem assina código (uso estendido codeSigning)",
            "one of the authorities is not for signers of code (extended key usage codeSigning)",
        ),
        other => return Phrase::of_others(format!("\"{}\"", word_of(other))),
    };
    Phrase::new(pt, en)
}

/// The name of a fault that has no words of ours; what it carries is for programmers.
fn word_of(fault: &Error) -> String {
    let words = format!("{fault:?}");
    words.chars().take_while(char::is_ascii_alphanumeric).collect()
}

/// Letters of the words of others that are shown.
const SHOWN: usize = 200;

/// The words of others, cut.
pub(super) fn cut(words: &str) -> String {
    let shown = |letter: char| if letter.is_control() { '?' } else { letter };
    words.chars().take(SHOWN).map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_of_a_chain_is_told_in_words() {
        let unsupported = Error::UnsupportedSignatureAlgorithmContext(webpki::UnsupportedSignatureAlgorithmContext {
            signature_algorithm_id: vec![6, 9, 42],
            supported_algorithms: Vec::new(),
        });
        for (fault, said) in [
            (unsupported, "not accepted"),
            (Error::NameConstraintViolation, "may not certify"),
            (Error::TrailingData(webpki::DerTypeId::Certificate), "\"TrailingData\""),
        ] {
            let text = Reason::of_chain(&fault).to_string();
            assert!(text.contains(said) && !text.contains(['(', '{']), "{text}");
        }
    }
}
