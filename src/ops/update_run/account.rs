//! What a run has done, for its report, for events, for the audit log, and for who wants to be told.

use std::time::Instant;

use serde_json::{Map, Value, json};

use super::calls::is_passing;
use super::listings::ListCounts;
use super::subject::Subject;
use crate::model::{Bilingual, Lang, Slug, Version};
use crate::ops::caller::Outcome;
use crate::ops::reporter::OperationReporter;
use crate::ops::update_state::shown;
use crate::ops::{Error, look};
use crate::outcome::ExitCode;
use crate::updates::State;

/// What has happened that somebody may want to hear of.
#[derive(Debug, Clone)]
pub(super) struct Happening {
    pub(super) event: &'static str,
    pub(super) slug: String,
    pub(super) version: String,
    pub(super) text: String,
}

/// What a run has done.
#[derive(Debug, Default)]
pub(super) struct Account {
    pub(super) lists: ListCounts,
    pub(super) another_runs: bool,
    /// The message of a day, where it is due.
    pub(super) digest: Option<Value>,
    plugins: Vec<Value>,
    applied: Vec<Value>,
    taken_back: Vec<Value>,
    put_back: Vec<Value>,
    happenings: Vec<Happening>,
    worst: Option<ExitCode>,
    errors: Vec<String>,
}

impl Account {
    pub(super) fn happenings(&self) -> &[Happening] {
        &self.happenings
    }

    /// How many updates were taken back.
    pub(super) fn taken_back(&self) -> usize {
        let is_back = |entry: &&Value| entry.get("codigo") == Some(&json!(0));
        self.taken_back.iter().filter(is_back).count()
    }

    /// Something newer is there: told once of each version.
    pub(super) fn note_news(&mut self, subject: &mut Subject, newest: Option<Version>, lang: Lang) {
        let Some(newest) = newest.map(|version| version.to_string()) else {
            return;
        };
        if subject.standing.notified.as_ref() == Some(&newest) {
            return;
        }
        subject.standing.notified = Some(newest.clone());
        subject.is_news = true;
        let reason = subject.standing.reason.as_ref();
        self.happenings.push(Happening {
            event: "update_available",
            slug: subject.slug.to_string(),
            version: newest,
            text: reason.map(|reason| reason.text(lang)).unwrap_or_default(),
        });
    }

    pub(super) fn note_applied(&mut self, subject: &Subject, version: &str, outcome: &Outcome) {
        let errors = errors_of(&outcome.report);
        if outcome.code != ExitCode::Ok {
            let is_transient = subject.standing.state == State::Scheduled;
            if !is_transient {
                self.fail(outcome.code, &subject.slug, &errors);
            }
        }
        self.happenings.push(Happening {
            event: if outcome.code == ExitCode::Ok {
                "update_applied"
            } else {
                "update_failed"
            },
            slug: subject.slug.to_string(),
            version: version.to_owned(),
            text: errors.first().cloned().unwrap_or_default(),
        });
        self.applied.push(ended(subject.slug.as_str(), version, outcome));
    }

    pub(super) fn note_taken_back(
        &mut self,
        subject: &Subject,
        version: &str,
        (is_back, outcome): (bool, &Outcome),
        lang: Lang,
    ) {
        let mut entry = ended(subject.slug.as_str(), version, outcome);
        let reason = subject.standing.reason.as_ref().map(|reason| reason.text(lang));
        entry["motivo"] = json!(reason);
        if outcome.code != ExitCode::Ok {
            self.fail(outcome.code, &subject.slug, &errors_of(&outcome.report));
        }
        self.happenings.push(Happening {
            event: if is_back { "rollback_exec" } else { "rollback_failed" },
            slug: subject.slug.to_string(),
            version: version.to_owned(),
            text: reason.unwrap_or_default(),
        });
        self.taken_back.push(entry);
    }

    pub(super) fn note_put_back(&mut self, slug: &Slug, how: &str, (is_back, outcome): (bool, &Outcome)) {
        self.put_back.push(json!({
            "slug": slug.as_str(), "como": how, "reposto": is_back,
            "codigo": outcome.code.number(), "rotulo": outcome.code.label(),
        }));
        if !is_back && outcome.code != ExitCode::Ok && !is_passing(outcome.code) {
            self.fail(outcome.code, slug, &errors_of(&outcome.report));
        }
    }

    pub(super) fn tell(&mut self, subjects: &[Subject], lang: Lang) {
        self.plugins = subjects.iter().map(|subject| subject.shown(lang)).collect();
    }

    fn fail(&mut self, code: ExitCode, slug: &Slug, errors: &[String]) {
        self.worst = Some(self.worst.map_or(code, |worst| worst.worse(code)));
        self.errors.extend(errors.iter().map(|text| format!("{slug}: {text}")));
    }

    /// The report of the run.
    pub(super) fn answer(
        self,
        ended: Result<(), Error>,
        reporter: &OperationReporter<'_>,
        started: Instant,
    ) -> Outcome {
        let mut found = Map::new();
        let lists = self.lists;
        for (key, value) in [
            ("atualizacoes", Value::from(self.plugins)),
            ("aplicadas", Value::from(self.applied)),
            ("revertidas", Value::from(self.taken_back)),
            ("repostos", Value::from(self.put_back)),
            (
                "consultas",
                json!({"feitas": lists.asked, "inalteradas": lists.unchanged, "falhas": lists.failed}),
            ),
            ("outra_rodada", self.another_runs.into()),
            ("resumo", self.digest.unwrap_or_default()),
        ] {
            found.insert(key.to_owned(), value);
        }
        let mut outcome = look::answer(found, ended, reporter, started);
        if let Some(worst) = self.worst
            && outcome.code == ExitCode::Ok
        {
            outcome.code = worst;
            outcome.report["codigo"] = worst.number().into();
            outcome.report["rotulo"] = worst.label().into();
            outcome.report["erros"] = json!(self.errors);
        }
        outcome
    }
}

fn ended(slug: &str, version: &str, outcome: &Outcome) -> Value {
    json!({
        "slug": slug, "versao": version, "codigo": outcome.code.number(), "rotulo": outcome.code.label(),
        "erros": errors_of(&outcome.report),
    })
}

fn errors_of(report: &Value) -> Vec<String> {
    let errors = report.get("erros").and_then(Value::as_array).into_iter().flatten();
    errors.filter_map(Value::as_str).map(str::to_owned).collect()
}

impl Subject {
    /// The plugin for the report.
    pub(super) fn shown(&self, lang: Lang) -> Value {
        let installed = self.installed.to_string();
        shown(
            (self.slug.as_str(), Some(&installed)),
            &self.policy,
            &self.standing,
            lang,
        )
    }
}
