//! What is wrong with descriptors and resource files, in Portuguese; the English stands beside each error.

use super::error::{ResourceError, ResourceFault, ResourceWarning};
use crate::base::fs::system_words;
use crate::base::letters::LONGEST_NAME;
use crate::model::{Bilingual, Lang};

impl Bilingual for ResourceError {
    fn portuguese(&self) -> String {
        match self {
            Self::Unreadable { path, source } => {
                format!("{path}: não foi possível lê-lo: {}", system_words(source))
            }
            Self::Stopped => "a leitura dos descritores foi interrompida".to_owned(),
            Self::Faults { .. } => self.messages(Lang::PtBr).join("; "),
        }
    }
}

impl Bilingual for ResourceFault {
    fn portuguese(&self) -> String {
        match self {
            Self::Json { path, source } => format!("{path}: {}", source.portuguese()),
            Self::WrongShape {
                path,
                at,
                place,
                expected,
                found,
            } => format!(
                "{path}: {}: {} deve ser {}, e veio {}",
                at.portuguese(),
                place.portuguese(),
                expected.portuguese(),
                found.portuguese()
            ),
            Self::MissingId {
                path,
                at,
                place,
                number,
            } => format!(
                "{path}: {}: o item {number} de {place} não tem `id`: acrescente um, é por ele que o gestor encontra o recurso",
                at.portuguese()
            ),
            Self::NameTooLong { path, at, what, name } => format!(
                "{path}: {}: {} {name:?} tem mais de {LONGEST_NAME} caracteres, e nada tem esse nome: corrija-o ou remova-o",
                at.portuguese(),
                what.portuguese()
            ),
            Self::TooMany { path, what, limit, key } => format!(
                "{path}: mais de {limit} {}: divida o pacote ou aumente o limite `{key}`",
                what.portuguese()
            ),
            Self::TooLarge { path, bytes, limit } => {
                format!("{path}: {bytes} bytes, e são permitidos {limit}: encurte-o ou aumente o limite `bytes_texto`")
            }
            Self::AssetName { path } => format!(
                "{path}: o que é publicado em assets/ tem uma extensão, nenhuma que um servidor execute (.php, .phtml, .phar), e nenhum nome que comece com ponto: mude o nome, ou tire o arquivo do pacote"
            ),
            Self::NotUtf8 { path, at } => {
                format!(
                    "{path}: {}: não está em UTF-8: salve o arquivo em UTF-8",
                    at.portuguese()
                )
            }
        }
    }
}

impl Bilingual for ResourceWarning {
    fn portuguese(&self) -> String {
        match self {
            Self::UnknownSection { path, place } => {
                format!("{path}: {place} foi ignorado: os conhecidos são layouts, pages, components e variables")
            }
            Self::ServerScript { path } => format!(
                "{path} não é publicado em assets/: alguns servidores executam o que tem .php, .phtml, .phar, .cgi, .shtml ou .inc em qualquer parte do nome; mude o nome"
            ),
            Self::ModuleScript { path } => {
                format!("{path}: o gestor envia .mjs como texto, e os navegadores não o executam: dê-lhe o nome .js")
            }
        }
    }
}
