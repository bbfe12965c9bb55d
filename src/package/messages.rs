//! Why a package could not be opened or read, in Portuguese; the English stands beside each error.

use super::PackageError;
use crate::model::{Bilingual, Lang};

impl Bilingual for PackageError {
    fn portuguese(&self) -> String {
        match self {
            Self::Files(fault) => fault.portuguese(),
            Self::Stage(fault) => fault.portuguese(),
            Self::Archive(fault) => fault.portuguese(),
            Self::Manifest(fault) => fault.portuguese(),
            Self::Contents { data, resources } => {
                let data = data.iter().map(|fault| fault.text(Lang::PtBr));
                let resources = resources.iter().flat_map(|fault| fault.messages(Lang::PtBr));
                data.chain(resources).collect::<Vec<_>>().join("; ")
            }
            Self::Data(fault) => fault.portuguese(),
            Self::Cancelled(stop) => stop.portuguese(),
            Self::Internal(said) => said.portuguese(),
        }
    }
}
