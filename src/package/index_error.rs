//! What is wrong with a folder of packages, or with a file in it.

use std::path::PathBuf;

use super::PackageError;
use crate::archive::ArchiveError;
use crate::base::fs::FsError;
use crate::dependencies::LockFault;
use crate::manifest::ManifestError;
use crate::model::{Bilingual, SlugError};

/// Why a folder of packages, or one of them, offers nothing.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// A file is no package.
    #[error(transparent)]
    Package(#[from] PackageError),
    /// Its id is no plugin's.
    #[error(transparent)]
    Slug(#[from] SlugError),
    /// The folder holds too many.
    #[error("{} holds more than {limit} packages: give a folder with fewer as `pasta_indice`", folder.display())]
    TooMany {
        /// The folder.
        folder: PathBuf,
        /// How many it may hold.
        limit: usize,
    },
    /// Another file says that it is the same version, and holds something else.
    #[error(
        "{} is the same version of the same plugin and holds something else, so neither of them is offered: remove the one that is wrong",
        other.display()
    )]
    OtherBytes {
        /// The other file.
        other: PathBuf,
    },
    /// It is no lock file.
    #[error("{}: {source}", path.display())]
    Lock {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: LockFault,
    },
    /// Of a version of a lock file there is another package alone.
    #[error("{} is {slug} {version}, and not the package that the lock file names (SHA-256 {wanted}): put that one into the folder that `pasta_indice` names", path.display())]
    OtherPackage {
        /// What there is.
        path: PathBuf,
        /// The plugin.
        slug: String,
        /// The version.
        version: String,
        /// The SHA-256 that is wanted.
        wanted: String,
    },
    /// What was offered is not what stands there now.
    #[error("{} was exchanged since the folder was read: call again when nobody writes to it", path.display())]
    Exchanged {
        /// The file.
        path: PathBuf,
    },
}

impl Bilingual for IndexError {
    fn portuguese(&self) -> String {
        match self {
            Self::Package(fault) => fault.portuguese(),
            Self::Slug(fault) => fault.portuguese(),
            Self::TooMany { folder, limit } => format!(
                "{} contém mais de {limit} pacotes: informe em `pasta_indice` uma pasta com menos",
                folder.display()
            ),
            Self::OtherBytes { other } => format!(
                "{} é a mesma versão do mesmo plugin e contém outra coisa, então nenhum dos dois é oferecido: remova o que está errado",
                other.display()
            ),
            Self::Lock { path, source } => format!("{}: {}", path.display(), source.portuguese()),
            Self::OtherPackage {
                path,
                slug,
                version,
                wanted,
            } => format!(
                "{} é {slug} {version}, e não o pacote que o arquivo de bloqueio nomeia (SHA-256 {wanted}): coloque esse na pasta que `pasta_indice` nomeia",
                path.display()
            ),
            Self::Exchanged { path } => format!(
                "{} foi trocado desde que a pasta foi lida: chame de novo quando ninguém escrever nela",
                path.display()
            ),
        }
    }
}

impl From<FsError> for IndexError {
    fn from(fault: FsError) -> Self {
        Self::Package(fault.into())
    }
}

impl From<ArchiveError> for IndexError {
    fn from(fault: ArchiveError) -> Self {
        Self::Package(fault.into())
    }
}

impl From<ManifestError> for IndexError {
    fn from(fault: ManifestError) -> Self {
        Self::Package(fault.into())
    }
}
