//! What was found of one plugin. What users did to rows is information, the rest is damage.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::files::FileFindings;
use super::rows::RowFindings;

/// What was found of one plugin.
#[derive(Debug, Default, Serialize)]
pub(super) struct Findings {
    pub(super) arquivos: FileFindings,
    pub(super) linhas: RowFindings,
    pub(super) esquema: Vec<Value>,
    pub(super) guardados: Vec<Value>,
    pub(super) ganchos: Vec<Value>,
    pub(super) dependencias: Vec<Value>,
    pub(super) contradicoes: Vec<String>,
}

impl Findings {
    /// What counts: damage, and with `estrito` what users did as well.
    pub(super) fn count(&self, strict: bool) -> usize {
        let lists = [&self.esquema, &self.guardados, &self.ganchos, &self.dependencias];
        let damage = self.arquivos.count() + lists.map(Vec::len).iter().sum::<usize>() + self.contradicoes.len();
        damage + if strict { self.linhas.count() } else { 0 }
    }

    /// Whether putting the package back can help.
    pub(super) fn wants_package(&self, strict: bool) -> bool {
        let lists = [&self.esquema, &self.guardados].map(Vec::len);
        let rows = if strict { self.linhas.count() } else { 0 };
        self.arquivos.count() + self.contradicoes.len() + lists.iter().sum::<usize>() + rows > 0
    }

    pub(super) fn shown(&self) -> Map<String, Value> {
        match serde_json::to_value(self) {
            Ok(Value::Object(shown)) => shown,
            _ => Map::new(),
        }
    }

    /// What our own table keeps: numbers, no names.
    pub(super) fn summary(&self) -> String {
        json!({"danos": self.count(false), "edicoes": self.linhas.count()}).to_string()
    }
}
