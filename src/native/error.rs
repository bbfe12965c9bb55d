//! Why the program cannot begin.

use std::path::PathBuf;

use crate::base::fs::FsError;
use crate::model::Bilingual;

/// Why the program cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum NativeFault {
    /// There is no gestor.
    #[error("there is no config.php in {}: name the gestor's folder with --gestor", folder.display())]
    NoGestor {
        /// Where it was looked for.
        folder: PathBuf,
    },
    /// No domain, or not that one.
    #[error("there is no autenticacoes/{domain}/.env; domains of this gestor: {known}")]
    NoDomain {
        /// What was said.
        domain: String,
        /// Those that there are.
        known: String,
    },
    /// Several, and none was said.
    #[error("this gestor has several domains ({known}): say which one with --dominio")]
    Several {
        /// They.
        known: String,
    },
    /// The settings of the domain.
    #[error("the settings of the domain: {0}")]
    Settings(FsError),
    /// They name no database.
    #[error("{} names no database (DB_DATABASE): say which one with --db-name", path.display())]
    NoDatabase {
        /// The file.
        path: PathBuf,
    },
    /// A file of packages that is none.
    #[error("{} is no JSON list of packages, nor {{\"pacotes\": […]}}", path.display())]
    NoList {
        /// The file.
        path: PathBuf,
    },
    /// The secret of a credential did not come.
    #[error("the secret could not be read from standard input: {0}")]
    Secret(std::io::Error),
    /// The process could not become the owner of the site's files.
    #[error("started as root, and could not become {user}, to whom the site's files belong: {source}")]
    Identity {
        /// The owner.
        user: String,
        /// What the system said.
        source: std::io::Error,
    },
}

impl Bilingual for NativeFault {
    fn portuguese(&self) -> String {
        match self {
            Self::NoGestor { folder } => format!(
                "não há config.php em {}: informe a pasta do gestor com --gestor",
                folder.display()
            ),
            Self::NoDomain { domain, known } => {
                format!("não há autenticacoes/{domain}/.env; domínios deste gestor: {known}")
            }
            Self::Several { known } => format!("este gestor tem vários domínios ({known}): diga qual com --dominio"),
            Self::Settings(fault) => format!("as configurações do domínio: {}", fault.portuguese()),
            Self::NoDatabase { path } => format!(
                "{} não nomeia um banco de dados (DB_DATABASE): diga qual com --db-name",
                path.display()
            ),
            Self::NoList { path } => format!(
                "{} não é uma lista JSON de pacotes, nem {{\"pacotes\": […]}}",
                path.display()
            ),
            Self::Secret(fault) => format!(
                "o segredo não pôde ser lido da entrada padrão: {}",
                crate::base::fs::system_words(fault)
            ),
            Self::Identity { user, source } => format!(
                "iniciado como root, e não foi possível passar a ser {user}, a quem pertencem os arquivos do site: {}",
                crate::base::fs::system_words(source)
            ),
        }
    }
}
