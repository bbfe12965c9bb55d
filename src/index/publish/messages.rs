//! Why an index is not published, in Portuguese; the English stands beside each error.

use super::PublishFault;
use crate::model::{Bilingual, Phrase};

/// A file that holds no key.
pub(super) const NO_KEY: Phrase = Phrase::new(
    "não há uma chave privada em PEM (PKCS#8) nele",
    "there is no private key in PEM form (PKCS#8) in it",
);
/// A key of another kind, or broken.
pub(super) const NO_ED25519: Phrase = Phrase::new(
    "a chave não é Ed25519, ou está danificada",
    "the key is no Ed25519 one, or is damaged",
);
/// The system gave none.
pub(super) const NO_RANDOM: Phrase = Phrase::new(
    "o sistema não deu números aleatórios",
    "the system gave no random numbers",
);
/// A key that is no secret.
pub(super) const READ_BY_ALL: Phrase = Phrase::new(
    "todos podem lê-la: tire essa permissão (chmod 600) e, se outros usam a máquina, troque a chave",
    "everybody may read it: take that away (chmod 600), and where others use the machine, take another key",
);
/// There is none.
pub(super) const ABSENT: Phrase = Phrase::new("ela não está lá", "it is not there");
/// A list of another shape.
pub(super) const NO_LIST: Phrase = Phrase::new(
    "ele deve ter `formato` 1 e a lista `itens`",
    "it has to have `formato` 1 and the list `itens`",
);

/// What the parser said.
pub(super) fn quoted(fault: &dyn std::fmt::Display) -> Phrase {
    Phrase::of_others(format!("\"{fault}\""))
}

/// A version is published again that was withdrawn.
pub fn still_withdrawn(version: &str, reason: &str) -> Phrase {
    Phrase::made(
        format!(
            "a versão {version} foi retirada (\"{reason}\") e continua retirada: publique o que a substitui com outra versão"
        ),
        format!(
            "version {version} was withdrawn (\"{reason}\") and stays withdrawn: publish what takes its place under another version"
        ),
    )
}

/// Who signed a package, where nobody is believed.
pub fn signed_by(developer: &str, key: &str) -> Phrase {
    let by = crate::index::signer(developer, key);
    Phrase::made(
        format!("o pacote foi assinado por {}", by.portuguese()),
        format!("the package was signed by {by}"),
    )
}

impl Bilingual for PublishFault {
    fn portuguese(&self) -> String {
        match self {
            Self::Begun { folder } => format!(
                "{} já tem um índice: `publicar` e `renovar` continuam com ele",
                folder.display()
            ),
            Self::NotBegun { folder } => format!(
                "{} não tem nenhum índice (não há 1.root.json): `iniciar` cria um",
                folder.display()
            ),
            Self::Key { path, reason } => format!(
                "a chave {} não pode ser usada ({}): ela é uma chave Ed25519 como `iniciar` a cria",
                path.display(),
                reason.portuguese()
            ),
            Self::NotTheKey { role, path } => format!(
                "a chave {} não é uma das que a raiz do índice nomeia para `{role}`: traga a certa, ou assine a raiz de novo (`assinar-raiz`)",
                path.display()
            ),
            Self::Keys(fault) => format!("as chaves: {}", fault.portuguese()),
            Self::KeysShown { keys, folder } => format!(
                "as chaves estão na pasta que é publicada: qualquer um poderia buscar {} em {}. Ponha-as em outro lugar e, se estiveram num servidor, assine a raiz de novo com outras (`assinar-raiz`)",
                keys.display(),
                folder.display()
            ),
            Self::Threshold { role, needed } => format!(
                "a raiz do índice exige {needed} chaves para `{role}`, e aqui cada papel é assinado por uma: assine a raiz com o programa que a fez"
            ),
            Self::Delegates => "o índice delega arquivos a outros papéis, e um índice assim não é publicado por aqui: use o programa que o fez".to_owned(),
            Self::Busy { folder } => format!(
                "outra execução está publicando em {}: espere que ela termine",
                folder.display()
            ),
            Self::UnknownVersion { slug, version } => {
                format!("o índice não tem a versão {version} do plugin {slug}")
            }
            Self::OtherBytes { slug, version } => format!(
                "a versão {version} do plugin {slug} já está publicada com outros bytes: publique os novos com outra versão"
            ),
            Self::Entry(fault) => format!(
                "o que seria publicado não poderia ser lido por nenhum site: {}",
                fault.portuguese()
            ),
            Self::Revocations { path, reason } => format!(
                "{} não é uma lista do que foi revogado: {}",
                path.display(),
                reason.portuguese()
            ),
            Self::Signed(fault) => format!("a pasta publicada: {}", fault.portuguese()),
            Self::Files(fault) => fault.portuguese(),
        }
    }
}
