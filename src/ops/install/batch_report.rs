//! What a batch tells: of each plugin by itself, and of all of them together.

use serde_json::json;

use crate::config::BatchParameters;
use crate::model::Slug;
use crate::ops::Error;
use crate::ops::caller::Outcome;
use crate::ops::report::{durations, finish, of_another, tell_errors};
use crate::ops::reporter::OperationReporter;
use crate::outcome::{ExitCode, Report};

/// Why it failed, and by which of the packages, where it was one of them.
pub(super) struct Failure {
    pub(super) at: Option<usize>,
    pub(super) fault: Error,
}

impl Failure {
    /// Why one of them was not installed: its own fault, or another's.
    pub(super) fn of(&self, at: usize, slugs: &[Slug]) -> Option<Error> {
        let failed = self.at.filter(|failed| *failed != at)?;
        Some(of_another(slugs.get(failed), &self.fault))
    }
}

/// The report of what has not begun yet.
pub(super) fn first_report(call: &BatchParameters, slug: &str) -> Report {
    Report {
        dry_run: call.dry_run,
        confirmado: Some(false),
        ..Report::new(slug)
    }
}

/// The end of one of them. One that was left as it is has not failed.
pub(super) fn conclude(
    (at, report): (usize, &mut Report),
    (ended, slugs): (&Result<(), Failure>, &[Slug]),
    (reporter, milliseconds): (&OperationReporter<'_>, u64),
) {
    let mut code = ExitCode::Ok;
    if let (Err(failure), true) = (ended, is_committed(ended)) {
        // Each is installed. What failed of it afterwards is its own.
        let errors = if failure.at == Some(at) {
            code = failure.fault.exit_code();
            failure.fault.messages(reporter.lang())
        } else {
            code = report.codigo;
            std::mem::take(&mut report.erros)
        };
        tell_errors(report, reporter, errors);
    } else if let (Err(failure), false) = (ended, report.inalterado) {
        code = failure.fault.exit_code();
        let others = failure.of(at, slugs);
        let fault = others.as_ref().unwrap_or(&failure.fault);
        tell_errors(report, reporter, fault.messages(reporter.lang()));
    }
    finish(report, reporter, (code, milliseconds));
}

/// Whether all are installed, and something failed afterwards.
pub(super) fn is_committed(ended: &Result<(), Failure>) -> bool {
    ended.as_ref().is_err_and(|failure| failure.fault.is_committed())
}

/// What failed of each after the commit.
fn errors_of(reports: &[Report]) -> Vec<String> {
    let of_one = |report: &Report| {
        let texts: Vec<String> = report
            .erros
            .iter()
            .map(|text| format!("{}: {text}", report.slug))
            .collect();
        texts
    };
    reports.iter().flat_map(of_one).collect()
}

/// The report of all.
pub(super) fn answer(
    call: &BatchParameters,
    (id, code): (&str, ExitCode),
    (ended, reports): (&Result<(), Failure>, &[Report]),
    reporter: &OperationReporter<'_>,
) -> Outcome {
    let errors = match ended {
        Ok(()) => Vec::new(),
        Err(_) if is_committed(ended) => errors_of(reports),
        Err(Failure { at, fault }) => {
            let name = at.and_then(|at| reports.get(at)).map(|report| report.slug.as_str());
            let name = name.filter(|name| !name.is_empty());
            let named = |text: String| name.map_or(text.clone(), |name| format!("{name}: {text}"));
            fault.messages(reporter.lang()).into_iter().map(named).collect()
        }
    };
    let is_committed = reports.iter().any(|report| report.confirmado == Some(true));
    let report = json!({
        "codigo": code.number(),
        "rotulo": code.label(),
        "lote": (!call.dry_run).then_some(id),
        "dry_run": call.dry_run,
        "confirmado": is_committed,
        "plugins": reports,
        "avisos": reporter.warnings(),
        "erros": errors,
        "duracao_ms": durations(reporter),
    });
    Outcome::new(code, report, call.site.lang)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Phrase;

    #[test]
    fn of_a_failed_batch_each_says_whose_fault_it_was() {
        let slugs = ["a", "b"].map(|name| Slug::normalize(name).unwrap());
        let fault = || Error::internal(Phrase::of_others("x"));
        let one = Failure {
            at: Some(1),
            fault: fault(),
        };
        assert!(one.of(1, &slugs).is_none());
        let of_other = one.of(0, &slugs).unwrap();
        assert_eq!(of_other.exit_code(), ExitCode::Internal);
        assert!(of_other.to_string().contains('b'), "{of_other}");
        let all = Failure {
            at: None,
            fault: fault(),
        };
        assert!(all.of(0, &slugs).is_none());
    }
}
