//! What can be wrong with the history, in Portuguese; the English stands beside each error.

use super::HistoryError;
use crate::model::Bilingual;

impl Bilingual for HistoryError {
    fn portuguese(&self) -> String {
        match self {
            Self::Database(fault) => format!("o histórico (gestor_plugins_historico): {}", fault.portuguese()),
            Self::Unreadable { column } => format!(
                "o histórico (gestor_plugins_historico), coluna `{column}`: o valor não está como o gestor-plugins o gravou"
            ),
        }
    }
}
