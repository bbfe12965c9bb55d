//! What is wrong with descriptors and resource files, in Portuguese; the English stands beside each error.

use super::error::{ResourceError, ResourceFault, ResourceWarning};
use crate::base::fs::system_words;
use crate::model::{Bilingual, Lang, Phrase};

/// What a package has too many of.
pub(super) const MODULES: Phrase = Phrase::new("módulos", "modules");
/// See [`MODULES`].
pub(super) const RESOURCES: Phrase = Phrase::new("recursos", "resources");
/// See [`MODULES`].
pub(super) const FIELDS: Phrase = Phrase::new("campos diferentes", "different fields");
/// See [`MODULES`].
pub(super) const OF_ONE_KIND: Phrase =
    Phrase::new("recursos de um tipo e idioma", "resources of one kind and language");
/// What belongs in a place of a descriptor.
pub(super) const AN_OBJECT: Phrase = Phrase::new("um objeto", "an object");
/// See [`AN_OBJECT`].
pub(super) const A_LIST: Phrase = Phrase::new("uma lista de objetos", "a list of objects");
/// See [`AN_OBJECT`].
pub(super) const LANGUAGES: Phrase = Phrase::new(
    "um objeto com uma chave para cada idioma",
    "an object with a key for each language",
);
/// See [`AN_OBJECT`].
pub(super) const SECTIONS: Phrase = Phrase::new(
    "um objeto com layouts, pages, components ou variables (`resources` tem um para cada idioma)",
    "an object with layouts, pages, components or variables (`resources` has one for each language)",
);
/// The text of a descriptor as a whole.
pub(super) const THE_DESCRIPTOR: Phrase = Phrase::new("o descritor", "the descriptor");

/// An item of a list.
pub(super) fn item(number: usize, place: &str) -> Phrase {
    Phrase::made(
        format!("o item {number} de {place}"),
        format!("item {number} of {place}"),
    )
}

/// The line that counts the faults that are not listed.
pub(super) fn more_faults(more: usize, lang: Lang) -> String {
    match lang {
        Lang::PtBr => format!("e mais {more} erros do mesmo tipo"),
        Lang::En => format!("and {more} faults more of the same kind"),
    }
}

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
            Self::TooMany { path, what, limit, key } => format!(
                "{path}: mais de {limit} {}: divida o pacote ou aumente o limite `{key}`",
                what.portuguese()
            ),
            Self::TooLarge { path, bytes, limit } => {
                format!("{path}: {bytes} bytes, e são permitidos {limit}: encurte-o ou aumente o limite `bytes_texto`")
            }
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
        }
    }
}
