//! What was found of one plugin. What users did to rows is information, the rest is damage.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::files::FileFindings;
use super::rows::RowFindings;
use super::schema::ABSENT;
use super::signature::SignatureFindings;
use crate::log::{Message, Reporter};
use crate::ops::messages;
use crate::ops::reporter::OperationReporter;
use crate::scripts;
use crate::trust::TrustError;

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
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) assinatura: Option<SignatureFindings>,
    /// What is installed was withdrawn.
    #[serde(skip)]
    pub(super) is_revoked: bool,
    /// Its signature does not hold any more.
    #[serde(skip)]
    pub(super) refusal: Option<TrustError>,
}

impl Findings {
    /// What counts: damage, and with `estrito` what users did as well.
    pub(super) fn count(&self, strict: bool) -> usize {
        let lists = [&self.esquema, &self.guardados, &self.ganchos, &self.dependencias];
        let damage = self.arquivos.count() + lists.map(Vec::len).iter().sum::<usize>() + self.contradicoes.len();
        damage + usize::from(self.is_revoked) + if strict { self.linhas.count() } else { 0 }
    }

    /// Whether putting the package back can help.
    pub(super) fn wants_package(&self, strict: bool) -> bool {
        let lists = [self.migrations().count(), self.guardados.len()];
        let rows = if strict { self.linhas.count() } else { 0 };
        self.arquivos.count() + self.contradicoes.len() + lists.iter().sum::<usize>() + rows > 0
    }

    /// Migrations that are not applied.
    pub(super) fn migrations(&self) -> impl Iterator<Item = &Value> {
        self.esquema.iter().filter(|found| found.get("migracao").is_some())
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

/// Says what can be done about a schema that is not as it should be: putting the package back does not help.
pub(super) fn tell_schema(findings: &Findings, reporter: &OperationReporter<'_>) {
    let word = |found: &Value, key: &str| found.get(key).and_then(Value::as_str).map(str::to_owned);
    let of = |reason: &str| {
        let found = findings.esquema.iter();
        found
            .filter(|found| word(found, "motivo").as_deref() == Some(reason))
            .collect::<Vec<_>>()
    };
    let absent: Vec<String> = of(ABSENT)
        .into_iter()
        .filter_map(|found| {
            let table = word(found, "tabela")?;
            Some(word(found, "coluna").map_or_else(|| table.clone(), |column| format!("{table}.{column}")))
        })
        .collect();
    if !absent.is_empty() {
        reporter.message(Message::Warning(messages::schema_gone(&absent)));
    }
    let of_scripts = |found: &&Value| found.get("scripts").is_some();
    let (scripts, schema): (Vec<_>, Vec<_>) = of("pendencia").into_iter().partition(of_scripts);
    if !schema.is_empty() {
        reporter.message(Message::Warning(messages::SCHEMA_LEFT));
    }
    for left in scripts
        .into_iter()
        .filter_map(|left| scripts::read(Some(&json!([left]).to_string())))
    {
        reporter.message(Message::Warning(scripts::still_left(&left.shown())));
    }
}
