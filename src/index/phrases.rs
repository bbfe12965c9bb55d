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

/// Who signed a package, by name and key.
pub fn signer(developer: &str, key: &str) -> Phrase {
    Phrase::made(format!("{developer} (chave {key})"), format!("{developer} (key {key})"))
}

/// The signature that a package has in place of the one that an index says.
pub fn signed_otherwise(found: Option<(&str, &str)>) -> Phrase {
    let Some((developer, key)) = found else {
        return Phrase::new("não tem assinatura que valha", "has no signature that holds");
    };
    let by = signer(developer, key);
    Phrase::made(
        format!("foi assinado por {}", by.portuguese()),
        format!("was signed by {by}"),
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
