//! The message of a day that a run of updates gives (`resumo`) is sent by the gestor's own mail, in PHP, and noted as sent.

use serde_json::Value;

use super::parts::Parts;
use super::value::said;
use crate::config::parameter::DIGEST_SENT;
use crate::config::{Argument, Settings};
use crate::model::Lang;
use crate::native::call::{Nobody, call};
use crate::ops::{Definition, Outcome};
use crate::outcome::ExitCode;

/// Sends it where there is one; of what fails a warning, and it comes again.
pub(super) fn deliver(
    (definition, given): (&Definition, Argument),
    outcome: &mut Outcome,
    settings: &Settings,
    parts: &mut Parts<'_>,
) {
    let digest = outcome
        .report
        .get("resumo")
        .filter(|digest| digest.is_object())
        .cloned();
    let (Some(digest), Argument::Map(mut given)) = (digest, given) else {
        return;
    };
    let lang = parts.lang;
    let told = if let Err(why) = parts.migrations.send(&digest, parts.signals) {
        unsent(&why, lang)
    } else {
        let number = digest.get("numero").and_then(Value::as_i64).unwrap_or_default();
        given.push((DIGEST_SENT.name.to_owned(), Argument::Int(number)));
        let noted = call(
            (definition, Argument::Map(given)),
            (lang, ""),
            settings.clone(),
            &mut Nobody,
        );
        if noted.code == ExitCode::Ok {
            return;
        }
        let errors = noted.report.get("erros").and_then(Value::as_array);
        let why = errors.and_then(|errors| errors.first()?.as_str()).unwrap_or_default();
        unnoted(why, lang)
    };
    if let Some(warnings) = outcome.report.get_mut("avisos").and_then(Value::as_array_mut) {
        warnings.push(told.into());
    }
}

fn unsent(why: &str, lang: Lang) -> String {
    let told = said(
        lang,
        "o resumo para `aviso_email` não pôde ser enviado",
        "the message to `aviso_email` could not be sent",
    );
    format!("{told}: {why}")
}

fn unnoted(why: &str, lang: Lang) -> String {
    let told = said(
        lang,
        "o resumo para `aviso_email` foi enviado, e virá de novo, porque isso não pôde ser anotado",
        "the message to `aviso_email` was sent, and comes again, because that could not be noted",
    );
    format!("{told}: {why}")
}
