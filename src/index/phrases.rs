//! What is said of an index that is used, in both languages.

use super::IndexName;
use super::choose::ChooseFault;
use crate::model::{Bilingual, Phrase};

/// What is remembered is used, because there is nothing newer.
pub fn gone_on(index: &IndexName, reason: &Phrase, ends: &str, days: u32) -> Phrase {
    Phrase::made(
        format!(
            "índice {index}: {}; continua-se com o que este site guarda dele, que vale até {ends}, mais {days} dias de tolerância",
            reason.portuguese()
        ),
        format!(
            "index {index}: {reason}; what this site remembers of it is used, which lasts until {ends}, and {days} days of grace"
        ),
    )
}

/// Nobody is asked.
pub fn no_index() -> Phrase {
    Phrase::new("nenhum", "none")
}

impl ChooseFault {
    /// Why no version is chosen; `range` is what was wanted.
    pub fn phrase(self, range: &str) -> Phrase {
        match self {
            Self::NoneInRange => Phrase::made(format!("nenhuma está em {range:?}"), format!("none is in {range:?}")),
            Self::Withdrawn(why) => why,
            Self::PreviewsOnly => Phrase::new(
                "só há prévias, que precisam ser pedidas pela versão exata",
                "there are only previews, which have to be asked for by their exact version",
            ),
        }
    }
}
