//! Why a package could not be fetched, in Portuguese; the English stands beside each error.

use super::{ChecksumFileError, OfferedBy, SourceError};
use crate::base::fs::system_words;
use crate::model::{Bilingual, Phrase};

/// What is to be given for `arquivo`.
pub(in crate::source) const A_FILE: Phrase = Phrase::new(
    "o caminho do arquivo ZIP do plugin",
    "the path of the plugin's ZIP file",
);
/// What is to be given for `local_path`.
pub(in crate::source) const A_FILE_OR_FOLDER: Phrase = Phrase::new(
    "o caminho do arquivo ZIP ou da pasta do plugin",
    "the path of the plugin's ZIP file or folder",
);
/// What is to be given for `url`.
pub(in crate::source) const AN_ADDRESS: Phrase = Phrase::new(
    "o endereço https do arquivo ZIP do plugin",
    "the https address of the plugin's ZIP file",
);
/// What is to be given for `indice`.
pub(in crate::source) const A_PINNED_PACKAGE: Phrase = Phrase::new(
    "um índice assinado que tenha o plugin",
    "a signed index that has the plugin",
);
/// What is to be given for `owner`.
pub(in crate::source) const AN_OWNER: Phrase = Phrase::new(
    "o dono, como em https://github.com/dono/repositorio",
    "the owner as in https://github.com/owner/repo",
);
/// What is to be given for `repo`.
pub(in crate::source) const A_REPOSITORY: Phrase = Phrase::new(
    "o repositório, como em https://github.com/dono/repositorio",
    "the repository as in https://github.com/owner/repo",
);

/// A release that was looked for by a plugin's name.
pub(in crate::source) fn of_plugin(slug: &str) -> Phrase {
    Phrase::made(
        format!("cuja tag comece com plugin-{slug}-v ou plugin-"),
        format!("whose tag starts with plugin-{slug}-v or plugin-"),
    )
}

/// A release that was looked for by its tag.
pub(in crate::source) fn with_tag(tag: &str) -> Phrase {
    Phrase::made(format!("com a tag {tag}"), format!("with the tag {tag}"))
}

impl Bilingual for OfferedBy {
    fn portuguese(&self) -> String {
        match self {
            Self::Parameter => "o parâmetro `sha256`".to_owned(),
            Self::File(origin) => origin.clone(),
            Self::Api => "o GitHub".to_owned(),
            Self::Index(reference) => format!("o índice assinado ({reference})"),
        }
    }
}

impl Bilingual for ChecksumFileError {
    fn portuguese(&self) -> String {
        match self {
            Self::Empty => {
                "está vazio: escreva os 64 dígitos hexadecimais do SHA-256, ou o que o sha256sum imprime".to_owned()
            }
            Self::NotUnderstood { line } => {
                format!("{line:?} não é um SHA-256: escreva 64 dígitos hexadecimais, ou o que o sha256sum imprime")
            }
            Self::OtherName { found, expected } => {
                format!("é sobre {found:?}, e não sobre {expected:?}: use o checksum deste pacote")
            }
            Self::Contradiction => "tem dois valores diferentes para o pacote: deixe um só".to_owned(),
        }
    }
}

impl Bilingual for SourceError {
    #[expect(
        clippy::too_many_lines,
        reason = "one short arm for each fault; a split would hide which one has no text"
    )]
    fn portuguese(&self) -> String {
        match self {
            Self::Missing { origin, key, hint } => {
                format!("origem_tipo={origin} precisa de `{key}`: {}", hint.portuguese())
            }
            Self::Outside(fault) => fault.portuguese(),
            Self::NotFound { key, path } => format!(
                "{key}: {} não existe; confira o caminho, e se este usuário consegue vê-lo",
                path.display()
            ),
            Self::InStaging { key, path } => format!(
                "{key}: {} passa pela pasta de trabalho do próprio instalador, que é esvaziada antes de qualquer leitura: copie-o para outro lugar (contents/plugins/, por exemplo) e informe esse caminho",
                path.display()
            ),
            Self::NotAFile { key, path } => format!(
                "{key}: {} não é um arquivo comum: informe um arquivo ZIP{} de plugin",
                path.display(),
                if *key == "local_path" { " ou uma pasta" } else { "" }
            ),
            Self::Unreadable { key, path, source } => format!(
                "{key}: não foi possível ler {} ({}): dê a este usuário o direito de lê-lo",
                path.display(),
                system_words(source)
            ),
            Self::FolderChecksum { path } => format!(
                "local_path: {} é uma pasta, e uma pasta não tem SHA-256: retire `sha256`, ou informe um arquivo ZIP",
                path.display()
            ),
            Self::TooLarge { path, limit } => format!(
                "{} tem mais de {limit} bytes: veja se é o arquivo certo, ou aumente o limite `bytes_pacote`",
                path.display()
            ),
            Self::Staging { path, source } => format!(
                "não foi possível copiar o pacote para {} ({}): confira o espaço livre e as permissões",
                path.display(),
                system_words(source)
            ),
            Self::Repository { given } => format!(
                "{given:?} não é um nome do GitHub: informe `owner` e `repo` como aparecem em https://github.com/owner/repo"
            ),
            Self::Reference { given } => format!("ref: {given:?} não é o nome de uma tag ou branch"),
            Self::CredentialMissing => "origem_tipo=github_privado precisa de um token: grave-o como credencial (`--credenciais=gravar`) e informe `cred:<alias>` em `cred_ref`, ou ponha-o na variável de ambiente PLUGIN_TOKEN_<NOME> e informe <NOME>".to_owned(),
            Self::Credential { said, .. } => said.portuguese(),
            Self::Net(fault) => fault.portuguese(),
            Self::Answer { url, line, column } => format!(
                "{url} deu uma resposta que não é do GitHub (linha {line}, coluna {column}): confira a configuração `github_api`"
            ),
            Self::NoRelease { repository, wanted } => format!(
                "{repository} não tem uma release {}: publique uma, ou informe a tag dela em `ref`",
                wanted.portuguese()
            ),
            Self::NoAsset { repository, tag, asset } => {
                format!("a release {tag} de {repository} não tem o arquivo {asset}: acrescente-o à release")
            }
            Self::ChecksumParameter { source } => format!("sha256: {}", source.portuguese()),
            Self::ChecksumFile { origin, source } => {
                format!("o arquivo de checksum {origin} não serve: {}", source.portuguese())
            }
            Self::ChecksumAbsent { origin } => format!(
                "falta o arquivo de checksum {origin}: publique-o ao lado do pacote (sha256sum ARQUIVO > ARQUIVO.sha256)"
            ),
            Self::ChecksumRequired { repository, tag, asset } => format!(
                "a release {tag} de {repository} não tem o arquivo {asset}, e pacotes de repositórios privados não são instalados sem ele: acrescente-o (sha256sum ARQUIVO > ARQUIVO.sha256), ou informe `sha256`"
            ),
            Self::ChecksumUnoffered { path } => format!(
                "o pacote {} precisa de um SHA-256, e nenhum foi informado: informe `sha256` ou `sha256_url`",
                path.display()
            ),
            Self::ChecksumDiffers { offered_by, expected, found } => format!(
                "o SHA-256 do pacote é outro: {} diz {expected}, o pacote tem {found}; ele está danificado ou foi trocado: baixe-o de novo e, se acontecer outra vez, fale com quem o publica",
                offered_by.portuguese()
            ),
            Self::LengthDiffers { offered_by, expected, found } => format!(
                "o tamanho do pacote é outro: {} diz {expected} bytes, o pacote tem {found}; ele não veio inteiro ou foi trocado: fale com quem o publica",
                offered_by.portuguese()
            ),
            Self::LongerThanSaid { offered_by, expected, url } => format!(
                "o tamanho do pacote é outro: {} diz {expected} bytes, e de {url} veio mais; ele foi trocado: fale com quem o publica",
                offered_by.portuguese()
            ),
            Self::Cancelled(stop) => stop.portuguese(),
        }
    }
}
