//! What is said of events and statistics, in both languages.

use std::path::Path;

use crate::model::{Bilingual, Lang, Phrase};

/// What happened could not be counted.
pub(super) fn events_unwritten(reason: &Phrase) -> Phrase {
    let (pt, en) = (reason.text(Lang::PtBr), reason.text(Lang::En));
    Phrase::made(
        format!("o que aconteceu não foi contado: {pt}"),
        format!("what happened was not counted: {en}"),
    )
}

/// What happened is not in the statistics of the month.
pub(super) fn statistics_unwritten(path: &Path, reason: &Phrase) -> Phrase {
    let (path, pt, en) = (path.display(), reason.text(Lang::PtBr), reason.text(Lang::En));
    Phrase::made(
        format!("o que aconteceu não entrou em {path}: {pt}"),
        format!("what happened did not get into {path}: {en}"),
    )
}

/// Somebody else wrote to the statistics of a month.
pub(super) fn statistics_unreadable(path: &Path) -> Phrase {
    let path = path.display();
    Phrase::made(
        format!(
            "{path} não está como o gestor-plugins o gravou; a próxima operação o guarda como .recusado e recomeça"
        ),
        format!(
            "{path} is not as gestor-plugins wrote it; the next operation sets it aside as .recusado and begins anew"
        ),
    )
}

/// Nothing is counted.
pub(super) const STATISTICS_ARE_OFF: Phrase = Phrase::new(
    "a configuração `estatisticas` é `nao`: nada é contado; `local` conta, num arquivo que fica aqui",
    "the setting `estatisticas` is `nao`: nothing is counted; `local` counts, in a file that stays here",
);
