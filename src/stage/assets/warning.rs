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
    /// The same stands there already, put there by somebody else.
    #[error(
        "assets/{target} was not published: {} has the same content, but is not this plugin's, so it stays, also when the plugin changes or goes. Delete it and install again with `reprocessar` to give the address to the plugin", path.display()
    )]
    Alike {
        /// Below `assets/`.
        target: String,
        /// What has the address.
        path: PathBuf,
    },
    /// Its address is another plugin's.
    #[error(
        "assets/{target} was not published: that address is of the plugin {plugin}, which has it still. Rename the file of one of the two"
    )]
    OfPlugin {
        /// Below `assets/`.
        target: String,
        /// Whose it is.
        plugin: String,
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
            Self::Alike { target, path } => format!(
                "assets/{target} não foi publicado: {} tem o mesmo conteúdo, mas não é deste plugin, por isso fica, também quando o plugin mudar ou sair. Apague-o e instale de novo com `reprocessar` para dar o endereço ao plugin",
                path.display()
            ),
            Self::OfPlugin { target, plugin } => format!(
                "assets/{target} não foi publicado: esse endereço é do plugin {plugin}, que continua com ele. Mude o nome do arquivo de um dos dois"
            ),
            Self::NoWay { target, reason } => format!("assets/{target} não foi publicado: {}", reason.portuguese()),
            Self::SameVersion { target, version } => format!(
                "assets/{target} mudou, e o endereço não: os navegadores guardam o anterior por até um ano. Aumente `asset_version` (ou `versao`, agora {version}) no descritor do módulo"
            ),
        }
    }
}
