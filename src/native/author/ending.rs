//! How an author's command ends: what is printed, and the code.

use serde_json::Value;

use crate::model::Lang;
use crate::native::ending::Ending;
use crate::ops::{Error, Outcome};
use crate::outcome::ExitCode;

/// One that prints a report alone.
pub(super) fn of_report(code: ExitCode, report: &Value) -> Ending {
    Ending {
        report: report.clone(),
        ..of_lines(code, [report.to_string()], Vec::new())
    }
}

/// One that prints lines as they are.
pub(super) fn of_lines(code: ExitCode, lines: impl IntoIterator<Item = String>, troubles: Vec<String>) -> Ending {
    let text: String = lines.into_iter().map(|line| line + "\n").collect();
    Ending {
        code,
        troubles,
        ..Ending::of_bytes(text.into_bytes())
    }
}

/// One command after another: what both say, and how the last one ended.
pub(super) fn then(first: Ending, last: Ending) -> Ending {
    let bytes = [first.bytes.unwrap_or_default(), last.bytes.unwrap_or_default()].concat();
    Ending {
        bytes: Some(bytes),
        ..last
    }
}

/// One that could not begin.
pub(super) fn refused(fault: &Error, lang: Lang) -> Ending {
    let troubles = fault.messages(lang);
    Ending {
        code: fault.exit_code(),
        report: Outcome::failed(fault.exit_code(), &troubles.join("; ")).report,
        lines: Vec::new(),
        troubles,
        bytes: None,
    }
}
