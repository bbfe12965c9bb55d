//! Parameters of the calls that tell how often what happened, and the setting by which each month's operations are counted
//! in a file. Checks shapes; what they mean is decided in `ops` and `observe`.

use std::path::PathBuf;

use super::choices::{said, word};
use super::parameter::{DATABASE, FILE, FORMAT, LANG, MONTH, ROOT};
use super::{Argument, CallError, Given, Parameter, Settings, Site, messages};

/// Whether each month's operations are counted in a file (`estatisticas`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Statistics {
    /// They are not (`nao`).
    #[default]
    Off,
    /// They are, and the file stays here (`local`).
    Local,
}

impl Statistics {
    const WORDS: [(&'static str, Self); 2] = [("nao", Self::Off), ("local", Self::Local)];

    /// Reads `estatisticas`.
    pub fn from_word(key: &str, value: &str) -> Result<Self, CallError> {
        word(key, value, &Self::WORDS)
    }

    /// The word that is said for it.
    pub fn word(self) -> &'static str {
        said(&self, &Self::WORDS)
    }
}

/// How metrics are written (`formato`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MetricsFormat {
    /// `json`
    #[default]
    Json,
    /// `openmetrics`
    OpenMetrics,
}

impl MetricsFormat {
    const WORDS: [(&'static str, Self); 2] = [("json", Self::Json), ("openmetrics", Self::OpenMetrics)];

    /// The word that is said for it.
    pub fn word(self) -> &'static str {
        said(&self, &Self::WORDS)
    }
}

/// Parameters of `plugin_metrics`.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricsParameters {
    /// How they are written.
    pub format: MetricsFormat,
    /// The file that they are written to; none where the report tells them.
    pub file: Option<PathBuf>,
    /// The gestor.
    pub site: Site,
}

impl MetricsParameters {
    /// What it takes.
    pub const TAKES: &'static [Parameter] = &[FORMAT, FILE, ROOT, DATABASE, LANG];

    /// Reads a call.
    pub fn read(argument: Argument, settings: &Settings) -> Result<Self, CallError> {
        let given = Given::new(argument, Self::TAKES)?;
        let format = given.text(&FORMAT)?;
        let format = format.map(|said| word(FORMAT.name, &said, &MetricsFormat::WORDS));
        Ok(Self {
            format: format.transpose()?.unwrap_or_default(),
            file: given.path(&FILE)?,
            site: Site::read(&given, settings, 0)?,
        })
    }
}

/// Parameters of `plugin_statistics`.
#[derive(Debug, Clone, PartialEq)]
pub struct StatisticsParameters {
    /// The month, `2026-11`; the current one where none is said.
    pub month: Option<String>,
    /// The gestor.
    pub site: Site,
}

impl StatisticsParameters {
    /// What it takes.
    pub const TAKES: &'static [Parameter] = &[MONTH, ROOT, DATABASE, LANG];

    /// Reads a call.
    pub fn read(argument: Argument, settings: &Settings) -> Result<Self, CallError> {
        let given = Given::new(argument, Self::TAKES)?;
        let month = given.text(&MONTH)?;
        if let Some(wrong) = month.as_deref().filter(|month| !is_month(month)) {
            return Err(CallError::WrongValue {
                key: MONTH.name.to_owned(),
                found: wrong.chars().take(80).collect(),
                allowed: messages::A_MONTH,
            });
        }
        Ok(Self {
            month,
            site: Site::read(&given, settings, 0)?,
        })
    }
}

/// Four digits, `-`, and a month's two.
fn is_month(text: &str) -> bool {
    let Some((year, month)) = text.split_once('-') else {
        return false;
    };
    let is_number = |part: &str, length: usize| part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
    is_number(year, 4) && is_number(month, 2) && (1..=12).contains(&month.parse::<u8>().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_a_year_and_a_month() {
        for (text, expected) in [
            ("2026-11", true),
            ("2026-01", true),
            ("2026-13", false),
            ("2026-00", false),
            ("2026-1", false),
            ("26-11", false),
            ("2026-11-01", false),
            ("../../2026-11", false),
            ("", false),
        ] {
            assert_eq!(is_month(text), expected, "{text}");
        }
    }

    #[test]
    fn only_what_stays_here_can_be_counted() {
        assert_eq!(
            Statistics::from_word("estatisticas", "local").unwrap(),
            Statistics::Local
        );
        let refused = Statistics::from_word("estatisticas", "enviar").unwrap_err();
        assert!(refused.to_string().contains("nao, local"), "{refused}");
    }
}
