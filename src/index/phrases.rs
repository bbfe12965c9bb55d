//! What is said of an index that is used, in both languages.

use super::choose::ChooseFault;
use super::{IndexName, PluginEntry};
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

/// The machine's clock shows less than it did when the index was last asked.
pub(super) fn clock_went_back(now: &str, newest: &str) -> Phrase {
    Phrase::made(
        format!(
            "o relógio desta máquina marca {now}, e o índice já foi consultado em {newest}, mais tarde do que isso; vale a hora mais tardia, até que o relógio a alcance: acerte-o, ou, se era ele que estava adiantado, remova o índice e o acrescente de novo"
        ),
        format!(
            "the clock of this machine shows {now}, and the index was asked at {newest} already, which is later; the later time counts until the clock has reached it: set the clock, or, where it was fast then, remove the index and add it again"
        ),
    )
}

/// Nothing is known of what an index withdraws.
pub fn not_remembered(index: &IndexName) -> Phrase {
    Phrase::made(
        format!("índice {index}: este site não guarda o que ele revogou; `--indice=atualizar` o busca"),
        format!("index {index}: this site does not remember what it withdraws; `--indice=atualizar` fetches it"),
    )
}

/// What an index says today of a version that is installed from it; nothing where all is as it was.
pub fn in_index(index: &IndexName, plugin: Option<&PluginEntry>, version: &str, sha256: &str) -> Option<Phrase> {
    let mut versions = plugin.into_iter().flat_map(|plugin| &plugin.versions);
    let Some(found) = versions.find(|found| found.version.to_string() == version) else {
        return Some(Phrase::made(
            format!("o índice {index} não tem mais a versão {version}, que veio dele"),
            format!("the index {index} does not have version {version} any more, which came from it"),
        ));
    };
    let now = found.sha256.to_string();
    if now != sha256 {
        return Some(Phrase::made(
            format!(
                "no índice {index} a versão {version} é outro arquivo agora (sha256 {now}); uma versão não deveria mudar"
            ),
            format!(
                "in the index {index} version {version} is another file now (sha256 {now}); a version should never change"
            ),
        ));
    }
    let why = found.withdrawn.as_ref()?;
    Some(Phrase::made(
        format!("o índice {index} retirou a versão {version}: {why}"),
        format!("the index {index} has withdrawn version {version}: {why}"),
    ))
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
