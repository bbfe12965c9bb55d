//! What is looked for in a package and how it weighs: what the plugin's own file says, and above it the call.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::{AuthorError, Level, Lint, messages};

/// The file in the plugin's root; it is no part of the package.
pub const RULES_FILE: &str = "gestor-plugins.json";

/// Bytes of a published file that are taken without a word.
const LARGE: u64 = 1 << 20;
/// `negar=tudo`: every warning is an error.
const ALL: &str = "tudo";

/// What is looked for, and how it weighs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LintRules {
    levels: BTreeMap<Lint, Option<Level>>,
    /// Bytes of a published file that are taken without a word.
    pub large: u64,
    /// Paths below the plugin's root that do not go into the package.
    pub left_out: Vec<String>,
}

/// `gestor-plugins.json`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    negar: Vec<String>,
    #[serde(default)]
    permitir: Vec<String>,
    arquivo_grande: Option<u64>,
    #[serde(default)]
    fora: Vec<String>,
}

impl Default for LintRules {
    fn default() -> Self {
        Self {
            levels: BTreeMap::new(),
            large: LARGE,
            left_out: Vec::new(),
        }
    }
}

impl LintRules {
    /// What a plugin's file says.
    ///
    /// # Errors
    /// [`AuthorError::Rules`], [`AuthorError::UnknownLint`].
    pub fn read(path: &Path, bytes: &[u8]) -> Result<Self, AuthorError> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let unreadable = |reason| AuthorError::Rules {
            path: path.to_owned(),
            reason,
        };
        let written: Written =
            serde_json::from_slice(bytes).map_err(|fault| unreadable(messages::not_json(&fault.to_string())))?;
        let mut left_out = Vec::with_capacity(written.fora.len());
        for path in &written.fora {
            let plain = path.trim_matches('/');
            if plain.is_empty() || plain.split('/').any(|part| matches!(part, "" | "." | "..")) {
                return Err(unreadable(messages::no_path(path)));
            }
            left_out.push(plain.to_owned());
        }
        let rules = Self {
            large: written.arquivo_grande.unwrap_or(LARGE),
            left_out,
            ..Self::default()
        };
        rules.with(&written.negar, &written.permitir)
    }

    /// The same, with what a call denies and allows.
    ///
    /// # Errors
    /// [`AuthorError::UnknownLint`].
    pub fn with(mut self, denied: &[String], allowed: &[String]) -> Result<Self, AuthorError> {
        for name in denied {
            if name == ALL {
                let heavy = Lint::ALL.into_iter().filter(|lint| lint.level() == Level::Warning);
                self.levels.extend(heavy.map(|lint| (lint, Some(Level::Error))));
            } else {
                self.levels.insert(named(name)?, Some(Level::Error));
            }
        }
        for name in allowed {
            self.levels.insert(named(name)?, None);
        }
        Ok(self)
    }

    /// How much what a lint finds weighs; nothing where it is allowed.
    pub fn level(&self, lint: Lint) -> Option<Level> {
        self.levels.get(&lint).copied().unwrap_or(Some(lint.level()))
    }

    /// Whether a path does not go into the package.
    pub fn leaves_out(&self, path: &Path) -> bool {
        path == Path::new(RULES_FILE) || self.left_out.iter().any(|left| path == Path::new(left))
    }
}

fn named(name: &str) -> Result<Lint, AuthorError> {
    Lint::of_name(name).ok_or_else(|| AuthorError::UnknownLint {
        name: name.chars().take(80).collect(),
        known: Lint::ALL.map(Lint::name).join(", "),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<LintRules, AuthorError> {
        LintRules::read(Path::new("x.json"), text.as_bytes())
    }

    #[test]
    fn a_call_overrules_the_file_and_that_what_a_lint_says_of_itself() {
        let rules = read(
            "\u{feff}{\"negar\": [\"tudo\"], \"permitir\": [\"segredo\"], \"fora\": [\"tests/\"], \"arquivo_grande\": 9}",
        );
        let rules = rules.unwrap();
        assert_eq!(rules.large, 9);
        assert_eq!(rules.level(Lint::Title), Some(Level::Error));
        assert_eq!(rules.level(Lint::Unused), Some(Level::Hint));
        assert_eq!(rules.level(Lint::Secret), None);
        assert!(rules.leaves_out(Path::new("tests")) && rules.leaves_out(Path::new(RULES_FILE)));
        assert!(!rules.leaves_out(Path::new("tests/a")) && !rules.leaves_out(Path::new("x/tests")));
        let rules = rules
            .with(&["segredo".to_owned()], &["pagina-sem-titulo".to_owned()])
            .unwrap();
        assert_eq!(rules.level(Lint::Secret), Some(Level::Error));
        assert_eq!(rules.level(Lint::Title), None);
        assert_eq!(LintRules::default().level(Lint::Title), Some(Level::Warning));
    }

    #[test]
    fn what_a_file_cannot_say_is_told() {
        for text in [
            "{",
            "[]",
            "{\"x\": 1}",
            "{\"negar\": [\"x\"]}",
            "{\"fora\": [\"../a\"]}",
            "{\"fora\": [\"/\"]}",
            "{\"fora\": [\"a//b\"]}",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
