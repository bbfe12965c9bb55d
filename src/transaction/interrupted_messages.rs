//! What is said of an interrupted run that is not to be finished or undone here, in Portuguese.

use super::InterruptedError;
use crate::model::Bilingual;

/// What to do with an interrupted run that nobody can end any more.
fn last_resort(journal: &str) -> String {
    format!(
        "confira plugins/<id>, tire {journal} do gestor (não apague nada: ali pode estar a única cópia da pasta anterior) e instale com `reprocessar`"
    )
}

impl Bilingual for InterruptedError {
    fn portuguese(&self) -> String {
        match self {
            Self::OtherDatabase {
                begun,
                owner,
                domain,
                here,
                journal,
            } => {
                let domain = domain.as_ref().map(|domain| format!(" (domínio {domain})"));
                format!(
                    "uma execução interrompida deste plugin, iniciada em {begun}, é do banco de dados {}, e esta chamada veio com {here:?}: nada foi decidido nem tocado. Rode plugin_recover, ou instale de novo, com as configurações daquele banco{}; só se ele não existir mais, {}",
                    owner.portuguese(),
                    domain.unwrap_or_default(),
                    last_resort(journal)
                )
            }
            Self::TablesGone { begun, here, journal } => format!(
                "uma execução interrompida deste plugin, iniciada em {begun}, depende do que diz o banco de dados {here:?}, e as tabelas gestor_plugins_* que diriam isso não existem mais: nada foi decidido nem tocado. Restaure-as de um dump daquela época; se não houver um, {}",
                last_resort(journal)
            ),
            Self::Unknown { begun, here, journal } => format!(
                "uma execução interrompida deste plugin, iniciada em {begun} por uma versão anterior, não diz que banco de dados usou, e nada em {here:?} mostra que foi este: nada foi decidido nem tocado. Se há outros domínios, rode plugin_recover com as configurações deles; senão, {}",
                last_resort(journal)
            ),
        }
    }
}
