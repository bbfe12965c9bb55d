//! What is wrong with a lock file, in Portuguese; the English stands beside each error.

use super::LockFault;
use crate::model::Bilingual;

impl Bilingual for LockFault {
    fn portuguese(&self) -> String {
        match self {
            Self::NotOne { reason } => format!(
                "não é um arquivo de bloqueio ({reason}): informe uma cópia de `backups/plugins/plugins.lock.json`"
            ),
            Self::Format { found } => format!(
                "seu `formato` é {found}, que esta biblioteca não lê: atualize a biblioteca, ou gere o arquivo de novo"
            ),
            Self::TooMany => "nomeia plugins demais para um gestor".to_owned(),
            Self::Entry { at, slug, key } => {
                format!("`plugins.{at}` ({slug}): {key} não é o que tem de ser; ou o plugin está ali duas vezes")
            }
        }
    }
}
