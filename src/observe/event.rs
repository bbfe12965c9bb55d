//! What happens and is counted, by the words that are stored; how long it took, by bucket. Values only.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::model::word_of;

/// Something that happens to a plugin. Operations are told in the history, and counted; the others have a row of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// Installed for the first time.
    InstallSuccess,
    /// A package was to be installed, in any way, and was not.
    InstallFail,
    /// The package was the installed one.
    UpdateNochange,
    /// Another package, or the same one again.
    UpdateChanged,
    /// Back to an earlier package.
    RollbackExec,
    /// Uninstalled.
    Uninstall,
    /// All was found as it was installed.
    VerifyOk,
    /// It was not.
    VerifyFail,
    /// A newer version is there.
    UpdateAvailable,
    /// It does not come by itself.
    UpdateHeld,
    /// The site was not well after an update.
    HealthFail,
    /// A package was refused by its signature.
    SignatureRefused,
    /// What came is signed by somebody else than what it replaced.
    SignerChanged,
    /// What is installed was withdrawn.
    RevokedInstalled,
    /// An index is too old to be gone on with.
    IndexStale,
    /// A credential did not open.
    CredentialFailed,
}

impl Event {
    /// All of them, with the words by which they are stored.
    pub const ALL: [(Self, &'static str); 16] = [
        (Self::InstallSuccess, "install_success"),
        (Self::InstallFail, "install_fail"),
        (Self::UpdateNochange, "update_nochange"),
        (Self::UpdateChanged, "update_changed"),
        (Self::RollbackExec, "rollback_exec"),
        (Self::Uninstall, "uninstall"),
        (Self::VerifyOk, "verify_ok"),
        (Self::VerifyFail, "verify_fail"),
        (Self::UpdateAvailable, "update_available"),
        (Self::UpdateHeld, "update_held"),
        (Self::HealthFail, "health_fail"),
        (Self::SignatureRefused, "signature_refused"),
        (Self::SignerChanged, "signer_changed"),
        (Self::RevokedInstalled, "revoked_installed"),
        (Self::IndexStale, "index_stale"),
        (Self::CredentialFailed, "credential_failed"),
    ];

    /// The word.
    pub fn word(self) -> &'static str {
        word_of(&Self::ALL, &self)
    }

    /// The event of a word; none where another release wrote it.
    pub fn of_word(word: &str) -> Option<Self> {
        let found = Self::ALL.iter().find(|(_, known)| *known == word);
        found.map(|(event, _)| *event)
    }

    /// Whether it has a row of its own: what operations do stands in the history.
    pub fn has_row(self) -> bool {
        !self.is_of_operation()
    }

    /// Whether it takes time that is counted.
    pub fn is_timed(self) -> bool {
        self.is_of_operation() || matches!(self, Self::VerifyOk | Self::VerifyFail)
    }

    fn is_of_operation(self) -> bool {
        matches!(
            self,
            Self::InstallSuccess
                | Self::InstallFail
                | Self::UpdateNochange
                | Self::UpdateChanged
                | Self::RollbackExec
                | Self::Uninstall
        )
    }
}

/// The row of an event.
#[derive(Debug, Clone)]
pub struct Happened<'a> {
    /// UTC, with milliseconds, as the history has its times.
    pub at: &'a str,
    /// The version that it is about.
    pub version: Option<&'a str>,
    /// This machine's name.
    pub server: Option<&'a str>,
    /// More of it, as [`detail`] makes it.
    pub detail: Option<&'a str>,
}

/// Upper bounds of the buckets, in milliseconds; what took longer is in none of them.
pub const BOUNDS: [u64; 6] = [100, 500, 1_000, 5_000, 30_000, 120_000];

/// The bucket that a span falls into: the first whose bound it does not pass.
pub fn bucket(span: Duration) -> Option<usize> {
    BOUNDS.iter().position(|bound| span <= Duration::from_millis(*bound))
}

/// Bytes that a row tells of an event.
const DETAIL: usize = 4 << 10;

/// What a row tells of an event, as JSON that fits: texts that are too long lose their ends.
pub fn detail(entries: &[(&str, Value)]) -> String {
    let mut told: Map<String, Value> = entries
        .iter()
        .map(|(key, value)| ((*key).to_owned(), value.clone()))
        .collect();
    loop {
        let text = Value::Object(told.clone()).to_string();
        if text.len() <= DETAIL {
            return text;
        }
        let longest = told.values_mut().filter_map(|value| match value {
            Value::String(text) if !text.is_empty() => Some(text),
            _ => None,
        });
        match longest.max_by_key(|text| text.len()) {
            Some(text) => *text = text.chars().take(text.chars().count() / 2).collect(),
            None => return "{}".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_span_is_in_the_first_bucket_that_holds_it() {
        for (milliseconds, expected) in [
            (0, Some(0)),
            (100, Some(0)),
            (101, Some(1)),
            (500, Some(1)),
            (1_000, Some(2)),
            (5_000, Some(3)),
            (30_000, Some(4)),
            (120_000, Some(5)),
            (120_001, None),
        ] {
            assert_eq!(bucket(Duration::from_millis(milliseconds)), expected, "{milliseconds}");
        }
        assert_eq!(bucket(Duration::from_micros(100_001)), Some(1));
    }

    #[test]
    fn words_are_those_of_their_events() {
        for (event, word) in Event::ALL {
            assert_eq!((event.word(), Event::of_word(word)), (word, Some(event)));
            assert!(word.len() <= 40, "{word} does not fit its column");
            assert!(event.is_timed() || event.has_row(), "{word} is told nowhere");
        }
        assert_eq!(Event::of_word("other"), None);
    }

    proptest! {
        #[test]
        fn what_is_told_of_an_event_fits_its_column(texts in proptest::collection::vec(".{0,3000}", 0..4), code in any::<u16>()) {
            let names = ["a", "b", "c", "d"];
            let mut entries: Vec<_> = names.into_iter().zip(texts.iter().map(|text| json!(text))).collect();
            entries.push(("codigo", json!(code)));
            let told = detail(&entries);
            prop_assert!(told.len() <= DETAIL);
            let read: Value = serde_json::from_str(&told).unwrap();
            prop_assert_eq!(&read["codigo"], &json!(code));
            for (name, text) in names.into_iter().zip(&texts) {
                let short = read[name].as_str().unwrap();
                prop_assert!(text.starts_with(short));
            }
        }
    }
}
