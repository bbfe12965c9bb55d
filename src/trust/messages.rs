//! What is told of signatures, in Portuguese; the English stands beside each value. Lines that are no error, in both.

use super::error::{TrustError, advice};
use super::judgement::Judgement;
use super::reason::Reason;
use super::revocation::Revocation;
use super::statement::{FILE_NAME, Statement};
use super::time;
use super::verdict::Verdict;
use crate::model::{Bilingual, Phrase};

pub(super) fn no_certificate() -> Phrase {
    Phrase::new(
        "ele não contém certificados em formato PEM, ou um deles não pode ser lido",
        "it holds no certificates in PEM form, or one that cannot be read",
    )
}

pub(super) fn chain_too_long(most: usize) -> Phrase {
    Phrase::made(
        format!("entre o certificado e a raiz pode haver no máximo {most} outros"),
        format!("there may be at most {most} others between the certificate and its root"),
    )
}

/// The key of a signature is another than the certificate's.
pub fn not_its_key() -> Phrase {
    Phrase::new(
        "a chave não é a do certificado, ou a assinatura ficaria grande demais",
        "the key is not the certificate's, or the signature would be too large",
    )
}

/// When something was signed, as its author says.
pub fn signed_at(statement: &Statement) -> String {
    time::show(statement.signed_at)
}

/// Another one signs a plugin, as the call wants it.
pub fn signer_changed(installed: &str, found: Option<&str>) -> Phrase {
    let (pt, en) = (found.unwrap_or("ninguém"), found.unwrap_or("nobody"));
    Phrase::made(
        format!("o assinante muda, como a chamada quer: a versão {installed} era de outro, esta é de {pt}"),
        format!("the signer changes, as the call wants it: version {installed} was another's, this one is of {en}"),
    )
}

/// Another one signed a plugin before it was uninstalled.
pub fn signer_before(before: &str, found: Option<&str>) -> Phrase {
    let (pt, en) = (found.unwrap_or("ninguém"), found.unwrap_or("nobody"));
    Phrase::made(
        format!(
            "antes de ser desinstalado, este plugin era de {before}; este pacote é de {pt}. Confira que o plugin mudou de dono"
        ),
        format!(
            "before it was uninstalled this plugin was of {before}; this package is of {en}. Make sure that the plugin has changed hands"
        ),
    )
}

/// A version had other bytes before.
pub fn other_bytes_seen(version: &str, before: &str) -> Phrase {
    Phrase::made(
        format!("a versão {version} era outro arquivo antes (sha256 {before}); uma versão não deveria mudar"),
        format!("version {version} was another file before (sha256 {before}); a version should never change"),
    )
}

/// What an operator is told of a package that is not refused.
pub fn told(judgement: &Judgement) -> Phrase {
    let verdict = judgement.verdict();
    if verdict == Verdict::Valid {
        return valid(judgement);
    }
    let reason = judgement.reason().map(Phrase::of).unwrap_or_default();
    let advice = advice(verdict);
    Phrase::made(
        format!(
            "assinatura {}: {}. {}",
            verdict.word(),
            reason.portuguese(),
            advice_in_portuguese(verdict)
        ),
        format!("signature {}: {reason}. {advice}", verdict.word()),
    )
}

/// The same where nothing is to be done about it.
pub fn noted(judgement: &Judgement) -> Phrase {
    let (word, reason) = (judgement.verdict().word(), judgement.reason().map(Phrase::of));
    let reason = reason.unwrap_or_default();
    Phrase::made(
        format!("assinatura {word}: {}", reason.portuguese()),
        format!("signature {word}: {reason}"),
    )
}

fn valid(judgement: &Judgement) -> Phrase {
    let developer = judgement.developer().unwrap_or_default();
    let until = judgement.until().map(time::show).unwrap_or_default();
    if judgement.has_ended() {
        return Phrase::made(
            format!(
                "assinatura valida, de {developer}; o certificado terminou em {until}, e o pacote é mais velho do que isso"
            ),
            format!(
                "signature valida, of {developer}; the certificate ended at {until}, and the package is older than that"
            ),
        );
    }
    Phrase::made(
        format!("assinatura valida, de {developer}; o certificado vale até {until}"),
        format!("signature valida, of {developer}; the certificate counts until {until}"),
    )
}

/// What an operator is told of something that was withdrawn without being refused.
pub fn verdict_line(revocation: &Revocation) -> Phrase {
    let Revocation {
        by, id, text, fixed_in, ..
    } = revocation;
    let whose = by.as_ref().map(|index| format!("{index}, ")).unwrap_or_default();
    let fixed = |pt: bool| {
        let name = if pt { "corrigida em" } else { "fixed in" };
        fixed_in
            .as_ref()
            .map(|version| format!(" ({name} {version})"))
            .unwrap_or_default()
    };
    Phrase::made(
        format!(
            "há um aviso sobre este pacote ({whose}{id}): {}{}",
            text.portuguese(),
            fixed(true)
        ),
        format!(
            "there is a notice of this package ({whose}{id}): {text}{}",
            fixed(false)
        ),
    )
}

fn advice_in_portuguese(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Absent | Verdict::Unchecked => "Peça ao autor um pacote assinado, ou mude a política que o exige",
        Verdict::Unknown => {
            "Se você conhece o autor, ponha o certificado de quem responde por ele em `raizes/` da pasta de confiança"
        }
        Verdict::Expired => "Peça ao autor um pacote assinado de novo",
        Verdict::Malformed | Verdict::Invalid | Verdict::Differs => {
            "Alguém o alterou, ou ele foi empacotado de novo depois de assinado: obtenha-o outra vez do autor"
        }
        Verdict::OutOfScope => "Quem o assinou não pode assinar este: fale com o autor",
        Verdict::Revoked | Verdict::Valid => "Não o use; procure uma versão mais nova",
    }
}

impl Bilingual for Reason {
    fn portuguese(&self) -> String {
        match self {
            Self::None => format!("o pacote não tem {FILE_NAME}"),
            Self::Envelope { fault } => format!("{FILE_NAME} não é o envelope de uma assinatura: {}", fault.portuguese()),
            Self::TooLarge { limit } => format!("{FILE_NAME} tem mais de {limit} bytes"),
            Self::PayloadType { found } => format!("{FILE_NAME} assina {found:?}, que não é um pacote"),
            Self::Statement { fault } => {
                format!("o que {FILE_NAME} assina não é a lista de arquivos de um pacote: \"{fault}\"")
            }
            Self::Certificate => "a assinatura não traz um certificado que se possa ler".to_owned(),
            Self::Key => "a chave do certificado não é RSA de 3072 a 8192 bits nem Ed25519".to_owned(),
            Self::Signature => "a assinatura não foi feita desta lista de arquivos com a chave do certificado".to_owned(),
            Self::Purpose => "o certificado não é para assinar código (uso estendido codeSigning e uso digitalSignature)".to_owned(),
            Self::NoRoots => {
                "não se confia em nenhuma autoridade: ponha o certificado dela em `raizes/` da pasta de confiança".to_owned()
            }
            Self::NoChain { fault } => format!(
                "o certificado não leva a nenhum dos que estão em `raizes/` da pasta de confiança: {}",
                fault.portuguese()
            ),
            Self::Ended { until } => format!(
                "o certificado, ou um de que ele depende, terminou em {until}, e o pacote não foi visto aqui antes disso, nem um índice atual diz que ele é mais velho"
            ),
            Self::NotYet { from } => format!(
                "o certificado, ou um de que ele depende, só vale a partir de {from}: o relógio da máquina está certo?"
            ),
            Self::Missing { path } => format!("{path} foi assinado e não está no pacote"),
            Self::Extra { path } => format!("{path} está no pacote e não foi assinado"),
            Self::Other { path } => format!("{path} não está como foi assinado"),
            Self::OtherPlugin { signed } => format!("o que foi assinado é o plugin {signed}"),
            Self::OtherVersion { signed, found } => {
                format!("o que foi assinado é a versão {signed}, e o pacote diz {found}")
            }
            Self::NoName => {
                "o certificado não diz de que desenvolvedor e para que plugins ele é (nomes URI urn:gestor-plugins:dev:… e :plugin:…)".to_owned()
            }
            Self::OtherDeveloper { said, certified } => {
                format!("a lista de arquivos diz que é de {said}, e o certificado é de {certified}")
            }
            Self::NotCovered { developer } => format!("o certificado de {developer} não é para este plugin"),
            Self::NotNamed { developer } => {
                format!("politica.json diz outros desenvolvedores para este plugin, e não {developer}")
            }
            Self::Revoked { by, id, text } => {
                let text = text.portuguese();
                match by {
                    Some(index) => format!("o índice {index} o revogou ({id}): {text}"),
                    None => format!("ele foi revogado ({id}): {text}"),
                }
            }
            Self::NotChecked => "as assinaturas não são conferidas aqui".to_owned(),
        }
    }
}

impl Bilingual for TrustError {
    fn portuguese(&self) -> String {
        match self {
            Self::Folder(fault) => format!("a pasta de confiança: {}", fault.portuguese()),
            Self::Settings { path, fault } => format!(
                "{}: \"{fault}\". Nada é instalado enquanto isso estiver lá: corrija o arquivo",
                path.display()
            ),
            Self::Refused { verdict, reason } => format!(
                "o pacote foi recusado, a assinatura está {}: {}. {}",
                verdict.word(),
                reason.portuguese(),
                advice_in_portuguese(*verdict)
            ),
            Self::OtherSigner {
                installed,
                before,
                found,
            } => {
                let found = found.as_ref().map_or_else(
                    || "não está assinada por ninguém em quem se confie".to_owned(),
                    |name| format!("por {name}"),
                );
                format!(
                    "o pacote foi recusado: a versão {installed} do plugin, que está instalada, foi assinada por {before}, esta {found}. Se o plugin mudou de dono, e você o sabe pelo dono antigo, diga `trocar_assinante` (`--trocar-assinante`)"
                )
            }
            Self::OtherBytes { version, before } => format!(
                "o pacote foi recusado: a versão {version} era outro arquivo antes (sha256 {before}), e uma versão nunca muda; peça ao autor uma versão nova"
            ),
            Self::Key { path } => format!(
                "{} não é uma chave que assine pacotes: uma chave PKCS#8 em formato PEM, RSA de 3072 ou 4096 bits (openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072) ou Ed25519 (`--gerar-chave`)",
                path.display()
            ),
            Self::Certificates { path, reason } => {
                format!(
                    "os certificados em {} não assinam pacotes: {}",
                    path.display(),
                    reason.portuguese()
                )
            }
            Self::Attached { signature, prepared } => format!(
                "{} não é uma assinatura de {} pela chave do certificado: assine os bytes desse arquivo, RSA com PSS, SHA-256 e um salt de 32 bytes",
                signature.display(),
                prepared.display()
            ),
            Self::NoRandom => "o sistema não dá bytes aleatórios para uma chave: tente de novo".to_owned(),
            Self::Database(fault) => format!("as versões vistas (gestor_plugins_versoes): {}", fault.portuguese()),
        }
    }
}
