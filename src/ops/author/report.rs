//! What was found in a package, in the shape that `--json` shows (`schemas/validate.schema.json`).

use serde_json::{Value, json};

use super::validate::{Judged, Validated};
use crate::author::Level;
use crate::model::{Bilingual as _, Lang};

impl Validated {
    /// The report.
    pub fn report(&self, lang: Lang) -> Value {
        let code = self.code();
        let faults = self
            .fault
            .as_ref()
            .map(|fault| fault.messages(lang))
            .unwrap_or_default();
        json!({
            "ok": code.number() == 0,
            "codigo": code.number(),
            "rotulo": code.label(),
            "slug": self.slug,
            "versao": self.version,
            "gestor": self.release,
            "erros": faults,
            "contagem": {
                "erro": self.count(Level::Error),
                "aviso": self.count(Level::Warning),
                "dica": self.count(Level::Hint),
            },
            "achados": self.findings.iter().map(|judged| judged.report(lang)).collect::<Vec<_>>(),
        })
    }
}

impl Judged {
    fn report(&self, lang: Lang) -> Value {
        json!({
            "aviso": self.finding.what.lint().name(),
            "nivel": self.level.word(),
            "arquivo": self.finding.file,
            "linha": self.finding.line,
            "texto": self.finding.what.text(lang),
        })
    }
}
