//! What somebody said of updates of one plugin, word by word: in the table, or in `politica.json` for all plugins of a
//! pattern. What is not said is said by the next, and by the defaults in the end. Pure.

use chrono::{DateTime, Datelike as _, Utc};
use serde_json::{Map, Value};

use super::error::UpdateError;
use super::level::Level;
use super::policy::{COOLDOWN, Channel, Mode, Policy};
use super::skip::Skip;
use super::window::Window;
use crate::model::{Phrase, VersionRange};

/// The most hours that a version can be left alone for.
const MOST_HOURS: u64 = 24 * 365;

/// What somebody said.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Said {
    /// `politica`
    pub mode: Option<Mode>,
    /// `nivel`
    pub level: Option<Level>,
    /// `canal`
    pub channel: Option<Channel>,
    /// `janela`
    pub window: Option<Window>,
    /// `carencia_h`
    pub cooldown: Option<u32>,
    /// `pular`
    pub skipped: Option<VersionRange>,
    /// `pular_ate`
    pub until: Option<DateTime<Utc>>,
}

impl Said {
    /// Reads `atualizacao` of `politica.json`.
    pub fn read(written: &Map<String, Value>) -> Result<Self, UpdateError> {
        let mut said = Self::default();
        for (key, value) in written {
            let text = match value {
                Value::String(text) => text.clone(),
                Value::Number(number) => number.to_string(),
                Value::Null => continue,
                other => return Err(wrong(key, &other.to_string())),
            };
            said.set(key, &text)?;
        }
        Ok(said)
    }

    /// Takes in one word.
    ///
    /// # Errors
    /// [`UpdateError::Word`], [`UpdateError::Unknown`].
    pub fn set(&mut self, key: &str, text: &str) -> Result<(), UpdateError> {
        let fault = || wrong(key, text);
        match key {
            "politica" => self.mode = Some(Mode::from_word(text).ok_or_else(fault)?),
            "nivel" => self.level = Some(Level::from_word(text).ok_or_else(fault)?),
            "canal" => self.channel = Some(Channel::from_word(text).ok_or_else(fault)?),
            "janela" => self.window = Some(text.parse().map_err(UpdateError::Window)?),
            "carencia_h" => {
                let hours = text.parse::<u64>().ok().filter(|hours| *hours <= MOST_HOURS);
                self.cooldown = Some(hours.and_then(|hours| u32::try_from(hours).ok()).ok_or_else(fault)?);
            }
            "pular" => {
                let range = text.parse().ok().filter(|_| text.chars().count() <= 120);
                self.skipped = Some(range.ok_or_else(fault)?);
            }
            "pular_ate" => self.until = Some(moment(text).ok_or_else(fault)?),
            _ => return Err(UpdateError::Unknown { key: shown(key) }),
        }
        Ok(())
    }

    /// Nothing is said of it any more.
    pub fn forget(&mut self, key: &str) {
        match key {
            "politica" => self.mode = None,
            "nivel" => self.level = None,
            "canal" => self.channel = None,
            "janela" => self.window = None,
            "carencia_h" => self.cooldown = None,
            "pular" => self.skipped = None,
            "pular_ate" => self.until = None,
            _ => {}
        }
    }

    /// What is said here, and where nothing is, what is said there.
    #[must_use]
    pub fn over(self, other: &Self) -> Self {
        Self {
            mode: self.mode.or(other.mode),
            level: self.level.or(other.level),
            channel: self.channel.or(other.channel),
            window: self.window.or_else(|| other.window.clone()),
            cooldown: self.cooldown.or(other.cooldown),
            // Neither lets in what the other passes over.
            skipped: union(self.skipped, other.skipped.as_ref()),
            until: self.until.max(other.until),
        }
    }

    /// What counts.
    pub fn policy(&self) -> Policy {
        Policy {
            mode: self.mode.unwrap_or_default(),
            level: self.level.unwrap_or_default(),
            channel: self.channel.unwrap_or_default(),
            window: self.window.clone(),
            cooldown: self.cooldown.unwrap_or(COOLDOWN),
            skip: Skip {
                range: self.skipped.clone(),
                until: self.until,
            },
        }
    }
}

fn union(one: Option<VersionRange>, other: Option<&VersionRange>) -> Option<VersionRange> {
    match (one, other) {
        (Some(one), Some(other)) => Some(
            format!("{one} || {other}")
                .parse()
                .unwrap_or_else(|_| VersionRange::any()),
        ),
        (one, other) => one.or_else(|| other.cloned()),
    }
}

/// A day, which ends with it, or a time of RFC 3339.
fn moment(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.to_utc()).filter(is_kept);
    }
    let day = chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    let next = day.succ_opt()?.and_hms_opt(0, 0, 0)?;
    Some(next.and_utc()).filter(is_kept)
}

/// Whether a column holds it.
fn is_kept(time: &DateTime<Utc>) -> bool {
    (1970..=9999).contains(&time.year())
}

fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(80).collect()
}

fn wrong(key: &str, found: &str) -> UpdateError {
    let allowed = match key {
        "politica" => Phrase::of_words("automatica, avisar, manual"),
        "nivel" => Phrase::of_words("patch, minor, major"),
        "canal" => Phrase::of_words("estavel, previa"),
        "carencia_h" => Phrase::new("horas, de 0 a 8760", "hours, 0 to 8760"),
        "pular" => Phrase::new(
            "um intervalo de versões, de até 120 caracteres",
            "a range of versions, of up to 120 characters",
        ),
        "pular_ate" => Phrase::new("um dia, como 2026-12-31", "a day, such as 2026-12-31"),
        _ => Phrase::new("um texto ou um número", "a text or a number"),
    };
    UpdateError::Word {
        key: shown(key),
        found: shown(found),
        allowed,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(value: &Value) -> Result<Said, UpdateError> {
        Said::read(value.as_object().unwrap())
    }

    #[test]
    fn what_is_said_here_counts_before_what_is_said_there() {
        let pattern = read(
            &json!({"politica": "auto", "nivel": "patch", "janela": "dom 02:00-05:00",
            "carencia_h": 24, "pular": "1.2.0", "pular_ate": "2026-12-31", "canal": "previa"}),
        )
        .unwrap();
        let row = read(&json!({"politica": "manual", "pular": "1.3.0"})).unwrap();
        let counts = row.over(&pattern).policy();
        assert_eq!(
            (counts.mode, counts.level, counts.channel, counts.cooldown),
            (Mode::Manual, Level::Patch, Channel::Preview, 24)
        );
        assert!(counts.window.is_some());
        for version in ["1.2.0", "1.3.0"] {
            assert!(counts.skip.names(version.parse().unwrap()), "{version}");
        }
        let until = counts.skip.until.unwrap().to_rfc3339();
        assert_eq!(
            until, "2027-01-01T00:00:00+00:00",
            "the day itself is passed over as well"
        );
        assert_eq!(Said::default().policy(), Policy::default());
        assert_eq!(Policy::default().cooldown, 72);
    }

    #[test]
    fn what_nobody_understands_is_refused_and_named() {
        for (written, named) in [
            (json!({"politica": "sim"}), "automatica, avisar, manual"),
            (json!({"nivel": "all"}), "patch, minor, major"),
            (json!({"canal": "beta"}), "estavel, previa"),
            (json!({"janela": "dom"}), "dom,sab 02:00-05:00"),
            (json!({"carencia_h": -1}), "0 to 8760"),
            (json!({"carencia_h": 8761}), "0 to 8760"),
            (json!({"pular": "novo"}), "range of versions"),
            (json!({"pular": "1.0.0 || ".repeat(20)}), "range of versions"),
            (json!({"pular_ate": "amanhã"}), "2026-12-31"),
            (json!({"pular_ate": "9999-12-31"}), "2026-12-31"),
            (json!({"pular_ate": "+12345-01-01T00:00:00Z"}), "2026-12-31"),
            (json!({"pular_ate": "0001-01-01"}), "2026-12-31"),
            (json!({"nivel": true}), "patch, minor, major"),
            (json!({"nível": "patch"}), "nível"),
        ] {
            let text = read(&written).unwrap_err().to_string();
            assert!(text.contains(named), "{text} lacks {named}");
        }
        assert_eq!(read(&json!({"nivel": null})).unwrap(), Said::default());
    }
}
