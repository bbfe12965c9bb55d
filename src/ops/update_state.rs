//! What counts for the updates of a plugin, and where it is on its way, for reports.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::Error;
use crate::model::{Bilingual, Lang, Slug};
use crate::trust;
use crate::updates::{Policy, Reason, Said, Standing, UpdateError};

/// What counts for a plugin: what its row says before what the rules of the site say, the closest first.
pub(super) fn policy_of(rules: &trust::Policy, slug: &Slug, said: Said) -> Result<Policy, Error> {
    let mut counts = said;
    for written in rules.updates(slug) {
        let read = Said::read(written).map_err(|fault| UpdateError::Policy { fault: Box::new(fault) })?;
        counts = counts.over(&read);
    }
    Ok(counts.policy())
}

fn time(time: Option<DateTime<Utc>>) -> Option<String> {
    time.map(|time| time.to_rfc3339_opts(SecondsFormat::Secs, true))
}

/// The updates of a plugin, for a report.
pub(super) fn shown(
    (slug, installed): (&str, Option<&str>),
    policy: &Policy,
    standing: &Standing,
    lang: Lang,
) -> Value {
    let target = standing.target.as_ref();
    let failure = standing.failure.as_ref();
    json!({
        "slug": slug,
        "instalada": installed,
        "estado": standing.state.word(),
        "motivo": standing.reason.as_ref().map(Reason::word),
        "texto": standing.reason.as_ref().map(|reason| reason.text(lang)),
        "versao": target.map(|target| target.version.to_string()),
        "sha256": target.and_then(|target| target.sha256.map(|sha256| sha256.to_string())),
        "publicada_em": time(target.and_then(|target| target.published)),
        "vista_em": time(standing.seen),
        "verificada_em": time(standing.checked),
        "observar_ate": time(standing.watched_until),
        "falha": failure.map(|failure| json!({
            "versao": failure.version.to_string(), "codigo": failure.code, "tentativas": failure.attempts,
            "em": time(Some(failure.at)), "proxima": time(failure.next),
        })),
        "politica": policy.mode.word(),
        "nivel": policy.level.word(),
        "canal": policy.channel.word(),
        "janela": policy.window.as_ref().map(ToString::to_string),
        "carencia_h": policy.cooldown,
        "pular": policy.skip.range.as_ref().map(ToString::to_string),
        "pular_ate": time(policy.skip.until),
    })
}
