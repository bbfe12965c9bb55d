//! The lints by name, and how much each weighs where nobody says otherwise.

use crate::model::{Bilingual, Phrase};

/// How much a finding weighs, the heaviest last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// It may be meant so (`dica`).
    Hint,
    /// It is likely a mistake (`aviso`).
    Warning,
    /// The package should not be given away like this (`erro`).
    Error,
}

impl Level {
    /// The word that is said for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Hint => "dica",
            Self::Warning => "aviso",
            Self::Error => "erro",
        }
    }
}

/// What is looked for in a package besides what the installer refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lint {
    /// Something that an installation would warn of.
    Installer,
    /// A row in one of the package's languages alone.
    Language,
    /// Texts of one row whose placeholders differ between languages.
    Placeholders,
    /// A page without a title.
    Title,
    /// A path of two pages.
    Path,
    /// A row that is the gestor's own.
    CoreRow,
    /// A table or a column that no known gestor has.
    Column,
    /// A file of resources that no row uses.
    Unused,
    /// A version that was not raised.
    Version,
    /// A migration whose name the runner cannot use.
    MigrationName,
    /// PHP that PHP does not take.
    Syntax,
    /// A migration without a way back.
    WayBack,
    /// What was left of looking for a mistake.
    Leftover,
    /// Something that looks like a real secret.
    Secret,
    /// A large file.
    Large,
    /// A file of an operating system or an editor.
    SystemFile,
    /// A byte order mark.
    Mark,
}

impl Lint {
    /// All of them.
    pub const ALL: [Self; 17] = [
        Self::Installer,
        Self::Language,
        Self::Placeholders,
        Self::Title,
        Self::Path,
        Self::CoreRow,
        Self::Column,
        Self::Unused,
        Self::Version,
        Self::MigrationName,
        Self::Syntax,
        Self::WayBack,
        Self::Leftover,
        Self::Secret,
        Self::Large,
        Self::SystemFile,
        Self::Mark,
    ];

    /// Its name, by which it is allowed or denied.
    pub fn name(self) -> &'static str {
        match self {
            Self::Installer => "aviso-do-instalador",
            Self::Language => "idioma-ausente",
            Self::Placeholders => "marcadores-diferentes",
            Self::Title => "pagina-sem-titulo",
            Self::Path => "caminho-repetido",
            Self::CoreRow => "linha-do-gestor",
            Self::Column => "coluna-desconhecida",
            Self::Unused => "arquivo-sem-uso",
            Self::Version => "versao-nao-aumentada",
            Self::MigrationName => "nome-de-migracao",
            Self::Syntax => "php-invalido",
            Self::WayBack => "migracao-sem-volta",
            Self::Leftover => "sobra-de-depuracao",
            Self::Secret => "segredo",
            Self::Large => "arquivo-grande",
            Self::SystemFile => "arquivo-do-sistema",
            Self::Mark => "marca-de-ordem",
        }
    }

    /// The lint of a name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|lint| lint.name() == name)
    }

    /// How much it weighs where nobody says otherwise.
    pub fn level(self) -> Level {
        match self {
            Self::Path | Self::CoreRow | Self::Version | Self::MigrationName | Self::Syntax | Self::Secret => {
                Level::Error
            }
            Self::Unused => Level::Hint,
            _ => Level::Warning,
        }
    }

    /// What it looks for.
    pub fn about(self) -> Phrase {
        super::messages::about(self)
    }

    /// `name (level): what it looks for`, for a list.
    pub fn shown(self, lang: crate::model::Lang) -> String {
        format!("{} ({}): {}", self.name(), self.level().word(), self.about().text(lang))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lint_is_found_by_its_name() {
        for lint in Lint::ALL {
            assert_eq!(Lint::of_name(lint.name()), Some(lint));
        }
        assert_eq!(Lint::of_name("nada"), None);
        assert!(Level::Error > Level::Warning && Level::Warning > Level::Hint);
    }
}
