//! What is told of packages that could come along, and of lock files, in both languages.

use std::path::Path;

use crate::model::{Bilingual as _, Phrase};

/// A file of a folder of packages that is none that could come along.
pub(super) fn not_offered(path: &Path, reason: &Phrase) -> Phrase {
    let path = path.display();
    Phrase::made(
        format!("{path} não é oferecido como dependência: {}", reason.portuguese()),
        format!("{path} is not offered as a dependency: {reason}"),
    )
}

/// More of them than are told one by one.
pub(super) fn more_not_offered(count: usize) -> Phrase {
    Phrase::made(
        format!("mais {count} arquivos da pasta não são oferecidos como dependência"),
        format!("{count} more files of the folder are not offered as dependencies"),
    )
}

/// A lock file of another gestor.
pub(super) fn other_gestor(there: Option<&str>, here: Option<&str>) -> Phrase {
    let (there, here) = (there.unwrap_or("?"), here.unwrap_or("?"));
    Phrase::made(
        format!("o arquivo de bloqueio foi escrito em um gestor {there}, e este é {here}: cada pacote diz se serve"),
        format!(
            "the lock file was written on a gestor {there}, and this one is {here}: each package says whether it fits"
        ),
    )
}
