//! What is told of files that are not published, or not as their author may think.

use std::path::PathBuf;

use crate::model::{Bilingual, Phrase};

/// Something about a published file that stops nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AssetWarning {
    /// Its address is somebody else's.
    #[error(
        "assets/{target} was not published: {} stands there and is not this plugin's, so it stays. Rename the plugin's file, or move the other one away and install again with `reprocessar`", path.display()
    )]
    Taken {
        /// Below `assets/`.
        target: String,
        /// What has the address.
        path: PathBuf,
    },
    /// Something on the way to it is no folder of the site.
    #[error("assets/{target} was not published: {reason}")]
    NoWay {
        /// Below `assets/`.
        target: String,
        /// What is wrong with it.
        reason: Phrase,
    },
    /// Browsers keep the earlier one.
    #[error(
        "assets/{target} changed, and its address did not: browsers keep the earlier one for up to a year. Raise `asset_version` (or `versao`, now {version}) in the module's descriptor"
    )]
    SameVersion {
        /// Below `assets/`.
        target: String,
        /// The version that stayed.
        version: String,
    },
}

impl Bilingual for AssetWarning {
    fn portuguese(&self) -> String {
        match self {
            Self::Taken { target, path } => format!(
                "assets/{target} não foi publicado: {} está ali e não é deste plugin, por isso fica. Mude o nome do arquivo do plugin, ou tire o outro dali e instale de novo com `reprocessar`",
                path.display()
            ),
            Self::NoWay { target, reason } => format!("assets/{target} não foi publicado: {}", reason.portuguese()),
            Self::SameVersion { target, version } => format!(
                "assets/{target} mudou, e o endereço não: os navegadores guardam o anterior por até um ano. Aumente `asset_version` (ou `versao`, agora {version}) no descritor do módulo"
            ),
        }
    }
}
