//! What can be wrong with events and counters, in Portuguese; the English stands beside each error.

use super::ObserveError;
use crate::model::Bilingual;

impl Bilingual for ObserveError {
    fn portuguese(&self) -> String {
        match self {
            Self::Database(fault) => format!(
                "eventos e contadores (gestor_plugins_eventos, gestor_plugins_contadores): {}",
                fault.portuguese()
            ),
            Self::Counter { plugin, event, column } => format!(
                "o contador `{event}` de {plugin} (gestor_plugins_contadores) fica de fora: `{column}` não tem um número de 0 em diante; ponha um ali"
            ),
            Self::Unreadable { column } => format!(
                "contadores (gestor_plugins_contadores), coluna `{column}`: o valor não está como o gestor-plugins o gravou"
            ),
        }
    }
}
