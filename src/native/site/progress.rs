//! How far an operation is, for people: a bar on a terminal, nothing elsewhere.

use std::io::{self, IsTerminal as _, Write as _};

use serde_json::Value;

use crate::log::escape;
use crate::native::surroundings::Surroundings;

/// Parts of the bar.
const WIDTH: u64 = 24;
/// Columns where nobody says how many there are.
const COLUMNS: usize = 80;

/// The bar.
#[derive(Debug)]
pub(super) struct Bar {
    columns: Option<usize>,
    state: Filled,
    is_shown: bool,
}

/// What was shown last: it never goes back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Filled {
    step: u64,
    parts: u64,
}

impl Bar {
    /// Where it is wanted, and standard error is a terminal that can draw it.
    pub(super) fn new(is_wanted: bool, around: &Surroundings) -> Self {
        let is_drawn = is_wanted && around.is_able_terminal() && io::stderr().is_terminal();
        let said = around.variable("COLUMNS").and_then(|columns| columns.parse().ok());
        let found = || terminal_size::terminal_size_of(io::stderr()).map(|(width, _)| usize::from(width.0));
        Self {
            columns: is_drawn.then(|| said.or_else(found).filter(|columns| *columns > 0).unwrap_or(COLUMNS)),
            state: Filled::default(),
            is_shown: false,
        }
    }

    /// Shows an event.
    pub(super) fn show(&mut self, event: &Value) {
        let Some(columns) = self.columns else { return };
        let line = line(event, &mut self.state);
        let line: String = line.chars().take(columns.saturating_sub(1)).collect();
        let mut screen = io::stderr().lock();
        // Nobody is left to be shown anything.
        let _ = write!(screen, "\r\x1b[K{line}").and_then(|()| screen.flush());
        self.is_shown = true;
    }

    /// Takes it away.
    pub(super) fn clear(&mut self) {
        if std::mem::take(&mut self.is_shown) {
            let mut screen = io::stderr().lock();
            let _ = write!(screen, "\r\x1b[K").and_then(|()| screen.flush());
        }
    }
}

/// A line of the bar. What was done once stays done, whatever a later event says: some steps come twice, such as the plan
/// after migrations.
fn line(event: &Value, state: &mut Filled) -> String {
    let number = |key: &str| event.get(key).and_then(Value::as_u64).unwrap_or(0);
    let word = |key: &str| event.get(key).and_then(Value::as_str).unwrap_or_default();
    let (index, total, done, of) = (number("indice"), number("total").max(1), number("feito"), number("de"));
    state.step = state.step.max(index);
    let part = (done.min(of) * WIDTH).checked_div(of).unwrap_or(0);
    let filled = ((index.saturating_sub(1) * WIDTH + part) / total).min(WIDTH);
    state.parts = state.parts.max(filled);
    let bar: String = (0..WIDTH).map(|at| if at < state.parts { '#' } else { '.' }).collect();
    let count = if of > 0 && index == state.step {
        format!(" {done}/{of} {}", word("unidade"))
    } else {
        String::new()
    };
    let text = format!(
        "[{bar}] {}/{total} {}{}",
        state.step,
        word("mensagem"),
        count.trim_end()
    );
    escape(&text).into_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_bar_never_goes_back() {
        let mut state = Filled::default();
        let event = |index: u64, done: u64| json!({"indice": index, "total": 12, "feito": done, "de": 10, "unidade": "linhas", "mensagem": "x\ny"});
        assert_eq!(
            line(&event(9, 5), &mut state),
            format!("[{}{}] 9/12 x\\ny 5/10 linhas", "#".repeat(17), ".".repeat(7))
        );
        assert_eq!(
            line(&event(6, 1), &mut state),
            format!("[{}{}] 9/12 x\\ny", "#".repeat(17), ".".repeat(7))
        );
        assert!(line(&event(12, 10), &mut state).starts_with(&format!("[{}] 12/12", "#".repeat(24))));
    }
}
