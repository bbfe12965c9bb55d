//! What is said of JSON and of long lists, in Portuguese; the English stands beside each value.

use super::dsse::EnvelopeFault;
use super::json::{JsonFault, JsonType, Position, reason};
use crate::model::{Bilingual, Lang, Phrase};

/// A name that leads nowhere.
pub(super) const NO_ADDRESS: Phrase = Phrase::new("o nome não tem endereço", "the name has no address");

/// A file of authorities that is none.
pub(super) const NO_CERTIFICATE: Phrase = Phrase::new(
    "ele não contém nenhum certificado no formato PEM",
    "it holds no certificate in PEM form",
);

impl Bilingual for Position {
    fn portuguese(&self) -> String {
        let Self { line, column } = self;
        format!("linha {line}, coluna {column}")
    }
}

impl Bilingual for JsonType {
    fn portuguese(&self) -> String {
        let word = match self {
            Self::Null => "null",
            Self::Bool => "true ou false",
            Self::Number => "um número",
            Self::Text => "um texto",
            Self::List => "uma lista",
            Self::Object => "um objeto",
        };
        word.to_owned()
    }
}

impl Bilingual for JsonFault {
    fn portuguese(&self) -> String {
        match self {
            Self::NotUtf8 { at, source: _ } => {
                format!("{}: não está em UTF-8: salve o arquivo em UTF-8", at.portuguese())
            }
            Self::TooMany { at, limit } => format!(
                "{}: mais de {limit} entradas: deixe de fora o que não é necessário",
                at.portuguese()
            ),
            Self::Syntax { at, source } => {
                format!("{}: não é JSON válido: \"{}\"", at.portuguese(), reason(source))
            }
        }
    }
}

impl Bilingual for EnvelopeFault {
    fn portuguese(&self) -> String {
        match self {
            Self::Json(fault) => fault.portuguese(),
            Self::Key { key } => format!("`{key}` falta, não é conhecido ou aparece duas vezes"),
            Self::Value { key } => format!("`{key}` não é o que deveria ser"),
        }
    }
}

/// The line that counts what a list does not show.
pub(super) fn and_more(more: usize, lang: Lang) -> String {
    match lang {
        Lang::PtBr => format!("e mais {more}"),
        Lang::En => format!("and {more} more"),
    }
}
