//! Something that is wrong: its name, how bad it is, what, where, and what to do. Values only.

use serde_json::{Value, json};

use crate::model::{Bilingual, Lang, Phrase};
use crate::native::ending::{Line, Look};
use crate::native::site::said;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    /// It works, and not as it should, or not for long.
    Warning,
    /// Something does not work.
    Error,
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) name: &'static str,
    pub(super) level: Level,
    /// A path, a program, a server.
    pub(super) place: String,
    pub(super) what: Phrase,
    pub(super) todo: Phrase,
}

impl Finding {
    #[expect(
        clippy::needless_pass_by_value,
        reason = "paths are shown by a value that is made for that"
    )]
    pub(super) fn error(name: &'static str, place: impl ToString, what: Phrase, todo: Phrase) -> Self {
        Self {
            name,
            level: Level::Error,
            place: place.to_string(),
            what,
            todo,
        }
    }

    pub(super) fn warning(name: &'static str, place: impl ToString, what: Phrase, todo: Phrase) -> Self {
        Self {
            level: Level::Warning,
            ..Self::error(name, place, what, todo)
        }
    }

    /// As the report has it.
    pub(super) fn to_value(&self, lang: Lang) -> Value {
        let level = match self.level {
            Level::Error => "erro",
            Level::Warning => "aviso",
        };
        json!({"nome": self.name, "nivel": level, "onde": self.place, "oque": self.what.text(lang),
            "fazer": self.todo.text(lang)})
    }

    /// For people.
    pub(super) fn lines(&self, lang: Lang) -> [Line; 2] {
        let (level, look) = match self.level {
            Level::Error => (said(lang, "ERRO", "ERROR"), Look::Bad),
            Level::Warning => (said(lang, "AVISO", "WARNING"), Look::Warning),
        };
        let todo = said(lang, "o que fazer", "what to do");
        [
            Line::of(
                format!("{level} {}: {}: {}", self.name, self.place, self.what.text(lang)),
                look,
            ),
            Line::plain(format!("  {todo}: {}", self.todo.text(lang))),
        ]
    }
}
