//! Which records somebody wants to see. Decides only.

use chrono::{DateTime, Utc};

use super::record::ReadRecord;

/// Records that are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of one plugin.
    pub plugin: Option<String>,
    /// From then on.
    pub since: Option<DateTime<Utc>>,
    /// Until then.
    pub until: Option<DateTime<Utc>>,
    /// Only what was refused.
    pub only_refused: bool,
}

impl Filter {
    /// Whether one is wanted.
    pub(super) fn takes(&self, record: &ReadRecord) -> bool {
        if self.only_refused && record.permitido {
            return false;
        }
        if self.plugin.is_some() && self.plugin != record.plugin {
            return false;
        }
        if self.since.is_none() && self.until.is_none() {
            return true;
        }
        let Ok(at) = DateTime::parse_from_rfc3339(&record.em) else {
            return true;
        };
        let at = at.to_utc();
        self.since.is_none_or(|since| at >= since) && self.until.is_none_or(|until| at <= until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wanted_is_taken() {
        let record = ReadRecord::read(
            br#"{"n":1,"em":"2026-01-02T03:04:05.000Z","plugin":"p","acao":"a","recurso":null,"permitido":true,"motivo":null,"vezes":1,"pedido":"r","ator":null,"ctx":{}}"#,
        )
        .unwrap();
        let at = |text: &str| Some(text.parse().unwrap());
        let all = Filter::default();
        for (filter, is_taken) in [
            (all.clone(), true),
            (
                Filter {
                    only_refused: true,
                    ..all.clone()
                },
                false,
            ),
            (
                Filter {
                    plugin: Some("p".to_owned()),
                    ..all.clone()
                },
                true,
            ),
            (
                Filter {
                    plugin: Some("q".to_owned()),
                    ..all.clone()
                },
                false,
            ),
            (
                Filter {
                    since: at("2026-01-02T03:04:05Z"),
                    ..all.clone()
                },
                true,
            ),
            (
                Filter {
                    since: at("2026-01-02T03:04:06Z"),
                    ..all.clone()
                },
                false,
            ),
            (
                Filter {
                    until: at("2026-01-02T03:04:05Z"),
                    ..all.clone()
                },
                true,
            ),
            (
                Filter {
                    until: at("2026-01-01T00:00:00Z"),
                    ..all
                },
                false,
            ),
        ] {
            assert_eq!(filter.takes(&record), is_taken, "{filter:?}");
        }
    }
}
