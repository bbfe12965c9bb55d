//! What a test hands to a call, and what is handed to the tests: settings, arguments, fixtures, the environment.

use std::path::{Path, PathBuf};

use gestor_plugins::config::{Argument, Settings};
use gestor_plugins::model::Lang;

/// Settings that ask for English: tests look at English texts unless they say otherwise.
pub(crate) fn english() -> Settings {
    Settings {
        lang: Lang::En,
        ..Settings::default()
    }
}

/// A file or folder of `tests/fixtures/`.
pub(crate) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

/// A map of arguments, as a call hands them in.
pub(crate) fn argument<'a>(entries: impl IntoIterator<Item = (&'a str, Argument)>) -> Argument {
    Argument::Map(
        entries
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value))
            .collect(),
    )
}

/// A text as an argument.
pub(crate) fn text_argument(text: &str) -> Argument {
    Argument::Bytes(text.as_bytes().to_vec())
}

/// A variable of the environment by which a test is told something, where it is set and not empty.
#[expect(clippy::disallowed_methods, reason = "tests are told this way how much to do")]
pub(crate) fn told(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|text| !text.is_empty())
}
