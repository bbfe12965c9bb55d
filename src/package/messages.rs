//! Why a package could not be opened, in Portuguese; the English stands beside each error.

use super::PackageError;
use crate::model::Bilingual;

impl Bilingual for PackageError {
    fn portuguese(&self) -> String {
        match self {
            Self::Files(fault) => fault.portuguese(),
            Self::Archive(fault) => fault.portuguese(),
            Self::Manifest(fault) => fault.portuguese(),
        }
    }
}
