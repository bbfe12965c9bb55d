//! A migration: its version and name, as files, people and the history have them. Values only.

use serde::{Deserialize, Serialize};

/// A migration that this call applied, or that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Migration {
    /// Its version, as the runner names it.
    pub versao: String,
    /// Its name.
    pub nome: String,
}

impl Migration {
    /// As the history and people read it: `<version> <name>`.
    pub fn shown(&self) -> String {
        if self.nome.is_empty() {
            self.versao.clone()
        } else {
            format!("{} {}", self.versao, self.nome)
        }
    }

    /// Version and name of a migration, by its file; nothing where it is none.
    pub fn of_path(path: &str) -> Option<Self> {
        let name = path.rsplit('/').next()?.strip_suffix(".php")?;
        let (version, name) = name.split_once('_').unwrap_or((name, ""));
        let is_version = !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit());
        is_version.then(|| Self {
            versao: version.to_owned(),
            nome: name.to_owned(),
        })
    }

    /// Reads what [`Self::shown`] gives.
    pub fn of_shown(shown: &str) -> Self {
        let (version, name) = shown.split_once(' ').unwrap_or((shown, ""));
        Self {
            versao: version.to_owned(),
            nome: name.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_migration_is_known_by_its_file() {
        for (path, expected) in [
            (
                "db/migrations/20250101000000_make_it.php",
                Some(("20250101000000", "make_it")),
            ),
            ("db/migrations/20250101000000.php", Some(("20250101000000", ""))),
            ("db/migrations/helper.php", None),
            ("db/migrations/_x.php", None),
        ] {
            let found = Migration::of_path(path).map(|known| (known.versao, known.nome));
            let expected = expected.map(|(version, name): (&str, &str)| (version.to_owned(), name.to_owned()));
            assert_eq!(found, expected, "{path}");
        }
    }
}
