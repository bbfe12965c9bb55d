//! `plugin_cancel`: asks an operation that runs to stop (SPEC 5 §2). Takes no lock, and asks the database nothing; the
//! operation looks for what was asked where it asks its caller.

use std::time::Instant;

use super::PluginRefusal;
use super::caller::{Caller, Outcome};
use super::definition::{CommandOption, Definition, Effect, Gives, request};
use super::look;
use super::reporter::OperationReporter;
use crate::base::clock::Clock;
use crate::config::parameter::{DATABASE, LANG, OPERATION, ROOT, SLUG};
use crate::config::{Given, Parameter, Settings, Site};
use crate::log::Step;
use crate::model::{Phrase, Slug};
use crate::ops::Error;
use crate::stage::running::{self, About, Running};
use crate::transaction::check_root;

const TAKES: &[Parameter] = &[SLUG, OPERATION, ROOT, DATABASE, LANG];

/// What it is to those who offer it.
pub(super) static DEFINITION: Definition = Definition {
    word: "cancel",
    function: "plugin_cancel",
    options: &[CommandOption {
        name: "cancel",
        implies: &[],
        help: Phrase::new(
            "pedir que a operação em execução pare e seja desfeita, ou que os seus scripts parem; [--operacao=<número>] só se for essa",
            "ask the operation that is running to stop and be undone, or its scripts to stop; [--operacao=<number>] only if it is that one",
        ),
    }],
    takes: TAKES,
    requires: &[SLUG, ROOT],
    gives: Gives::Code,
    reports: &["PluginCancelReport"],
    summary: Phrase::new(
        "Pede que a operação em execução num plugin pare e seja desfeita, antes que confirme; depois disso, que os seus scripts parem. Não espera por isso: plugin_running() mostra quando terminou.",
        "Asks the operation that is running on a plugin to stop and be undone, before it commits; after that, its scripts to stop. Does not wait for that: plugin_running() shows when it has ended.",
    ),
    read: |given, settings| {
        let given = Given::new(given, TAKES)?;
        Ok(Box::new(CancelParameters {
            slug: given.text(&SLUG)?.unwrap_or_default(),
            operation: given.text(&OPERATION)?,
            site: Site::read(&given, settings, 0)?,
        }))
    },
};

/// Parameters of `plugin_cancel`.
#[derive(Debug)]
struct CancelParameters {
    slug: String,
    operation: Option<String>,
    site: Site,
}

request!(CancelParameters, cancel, |_| Effect::Changes);

fn cancel(call: &CancelParameters, _settings: &Settings, caller: &Caller, clock: &dyn Clock) -> Outcome {
    let started = Instant::now();
    let reporter = OperationReporter::new(caller, clock, &call.slug, call.site.lang);
    let mut asked = None;
    let ended = ask(call).map(|operation| asked = Some(operation));
    look::answer(look::one("cancelamento", asked), ended, &reporter, started)
}

/// Asks, and says whom.
fn ask(call: &CancelParameters) -> Result<String, Error> {
    check_root(&call.site.root)?;
    let slug = Slug::normalize(&call.slug)?;
    let root = &call.site.root;
    let name = || slug.to_string();
    let found = running::running(root, &slug)?;
    let about = stoppable(found.as_ref(), call.operation.as_deref(), &slug)?;
    running::ask_to_stop(root, &slug, &about)?;
    match running::running(root, &slug)? {
        Some(still) if still.about.as_ref().is_some_and(|now| now.operacao == about) => {
            if still.about.is_some_and(|now| has_passed(&now)) {
                return Err(PluginRefusal::HasCommitted { slug: name() }.into());
            }
            Ok(about)
        }
        // It ended while it was asked: what was asked is for nobody.
        _ => {
            running::forget_stop(root, &slug);
            Err(PluginRefusal::NothingRuns { slug: name() }.into())
        }
    }
}

/// Whether it has committed, and does nothing more that could be stopped: its scripts can.
fn has_passed(about: &About) -> bool {
    about.confirmada && about.progresso["etapa"] != Step::Scripts.name()
}

/// The number of the operation, if it can be stopped.
fn stoppable(found: Option<&Running>, asked: Option<&str>, slug: &Slug) -> Result<String, PluginRefusal> {
    let slug = slug.to_string();
    let Some(found) = found else {
        return Err(PluginRefusal::NothingRuns { slug });
    };
    if found.is_interrupted() {
        return Err(PluginRefusal::WasInterrupted { slug });
    }
    // One that tells nothing cannot be asked anything: of a release that did not, or one that has just begun.
    let Some(about) = &found.about else {
        return Err(PluginRefusal::NothingRuns { slug });
    };
    match asked.filter(|asked| *asked != about.operacao) {
        Some(asked) => Err(PluginRefusal::AnotherRuns {
            slug,
            running: about.operacao.clone(),
            asked: asked.to_owned(),
        }),
        None if has_passed(about) => Err(PluginRefusal::HasCommitted { slug }),
        None => Ok(about.operacao.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::fs::LockState;

    #[test]
    fn only_what_runs_and_has_not_committed_is_stopped() {
        let slug = Slug::normalize("p").unwrap();
        let of = |lock: LockState, confirmada| Running {
            about: Some(About {
                operacao: "1".to_owned(),
                confirmada,
                ..About::default()
            }),
            lock,
            is_stop_wanted: false,
        };
        let held = || LockState::Held(None);
        let silent = Running {
            about: None,
            ..of(held(), false)
        };
        for (found, asked, text) in [
            (None, None, "no operation on plugin p is running"),
            (Some(silent), None, "no operation on plugin p is running"),
            (Some(of(LockState::Free, false)), None, "was interrupted"),
            (Some(of(held(), false)), Some("2"), "is 1, not 2"),
            (Some(of(held(), true)), None, "has committed"),
        ] {
            let fault = stoppable(found.as_ref(), asked, &slug).unwrap_err().to_string();
            assert!(fault.contains(text), "{fault}");
        }
        let in_scripts = Running {
            about: Some(About {
                operacao: "1".to_owned(),
                confirmada: true,
                progresso: serde_json::json!({"etapa": "scripts"}),
                ..About::default()
            }),
            ..of(held(), true)
        };
        assert_eq!(stoppable(Some(&in_scripts), None, &slug).unwrap(), "1");
        for asked in [None, Some("1")] {
            assert_eq!(stoppable(Some(&of(held(), false)), asked, &slug).unwrap(), "1");
        }
    }
}
