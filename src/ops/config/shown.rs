//! The form as a report. Pure, but for what it tells.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::ground::Ground;
use super::messages;
use super::saved::{Saved, left, saved};
use crate::log::{Message, Reporter};
use crate::model::{Bilingual, Lang};
use crate::ops::reporter::OperationReporter;
use crate::settings::store::StoredVariable;

/// The form with its values: rows of the module, the secrets that are kept, and the variables that the package brings.
pub(super) fn shown(
    ground: &Ground,
    (rows, kept, brought): (&[StoredVariable], &BTreeSet<String>, &BTreeSet<u64>),
    reporter: &OperationReporter<'_>,
) -> Value {
    let form = ground.schema.form();
    let saved = saved(ground, rows);
    let lang = reporter.lang();
    let unfit: Vec<&str> = saved
        .iter()
        .filter(|one| one.fault.is_some())
        .map(|one| one.field.id.as_str())
        .collect();
    if !unfit.is_empty() {
        reporter.message(Message::Warning(messages::not_fitting(&unfit.join(", "))));
    }
    let values = saved.iter().filter(|one| !one.field.is_secret);
    let values: BTreeMap<String, Value> = values
        .filter_map(|one| Some((one.field.id.clone(), one.counting()?.clone())))
        .collect();
    let left: Vec<Value> = left(ground, rows, brought)
        .iter()
        .map(|row| json!({"id": row.id, "tipo": row.kind}))
        .collect();
    let parts: Vec<Value> = form
        .parts
        .iter()
        .map(|part| json!({"ponteiro": part.place, "motivo": part.reason.text(lang)}))
        .collect();
    json!({
        "titulo": form.title, "descricao": form.description, "modulo": ground.module,
        "idioma": ground.language, "idiomas": ground.languages,
        "campos": saved.iter().map(|one| field(one, kept, lang)).collect::<Vec<_>>(),
        "partes": parts, "valores": ground.schema.together(&values), "nao_cabem": unfit, "sobras": left,
    })
}

fn field(saved: &Saved<'_>, kept: &BTreeSet<String>, lang: Lang) -> Value {
    let field = saved.field;
    let mut shown = Map::new();
    let mut say = |key: &str, value: Value| shown.insert(key.to_owned(), value);
    say("id", json!(field.id));
    say("ponteiro", json!(field.pointer));
    say("esquema", json!(field.place));
    say("grupo", json!(field.group));
    say("rotulo", json!(field.label));
    say("ajuda", json!(field.help));
    say("tipo", json!(field.kind));
    say("variavel", json!(field.variable.word()));
    say("widget", json!(field.widget.word()));
    say("obrigatorio", json!(field.is_required));
    say("segredo", json!(field.is_secret));
    say("guardado", json!(saved.value.is_some() || kept.contains(&field.id)));
    say("valor", json!(saved.counting()));
    say("padrao", json!(field.default));
    say("limites", Value::Object(field.limits.clone()));
    let choices = field.choices.iter();
    say(
        "opcoes",
        choices
            .map(|choice| json!({"valor": choice.value, "rotulo": choice.label}))
            .collect(),
    );
    say("motivo", json!(field.reason.as_ref().map(|reason| reason.text(lang))));
    say("erro", json!(saved.fault.as_ref().map(|fault| fault.text(lang))));
    let kept_text = saved
        .row
        .filter(|_| saved.fault.is_some() && !field.is_secret)
        .and_then(|row| row.text.clone());
    say("texto_guardado", json!(kept_text));
    say("difere_em", json!(saved.differs));
    Value::Object(shown)
}
