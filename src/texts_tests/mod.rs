//! Every text that people read, in both languages: an error, notice or warning of each variant, and every fixed phrase.
//! A variant without a sample does not compile; one without a text in either language does not either.

#[cfg(test)]
mod author;
#[cfg(test)]
mod credentials;
#[cfg(test)]
mod indices;
#[cfg(test)]
mod operations;
#[cfg(test)]
mod packages;
#[cfg(test)]
mod parts;
#[cfg(test)]
mod program;
#[cfg(test)]
mod rooms;
#[cfg(test)]
mod settings;
#[cfg(test)]
mod source_texts;
#[cfg(test)]
mod trust;
#[cfg(test)]
mod updates;

use crate::model::Bilingual;

/// One variant with values that can be told apart, as each language says it.
pub(super) struct Sample {
    name: String,
    pt: String,
    en: String,
    debug: String,
}

impl Sample {
    pub(super) fn of(name: &str, value: &(impl Bilingual + std::fmt::Debug)) -> Self {
        Self {
            name: name.to_owned(),
            pt: value.portuguese(),
            en: value.to_string(),
            debug: format!("{value:?}"),
        }
    }
}

/// Samples of an enum; the list must name every variant.
macro_rules! samples {
    ($type:ty as $name:ident: $($variant:ident $value:expr;)+) => {{
        use $type as $name;
        // Never called: it fails to compile when a variant has no sample.
        #[allow(dead_code, unreachable_patterns)]
        fn all_are_named(value: &$name) {
            match value { $($name::$variant { .. } => {})+ }
        }
        vec![$(Sample::of(concat!(stringify!($name), "::", stringify!($variant)), &$value)),+]
    }};
}
pub(super) use samples;

/// What a value holds: texts between quotes and numbers of two digits and more, as `Debug` shows them.
fn fields(debug: &str) -> Vec<String> {
    let quoted = debug.split('"').skip(1).step_by(2).map(str::to_owned);
    let bare: String = debug.split('"').step_by(2).collect::<Vec<_>>().join(" ");
    let numbers = bare.split(|letter: char| !letter.is_ascii_alphanumeric());
    let numbers = numbers.filter(|word| word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_digit()));
    quoted
        .filter(|text| text.chars().any(|letter| letter.is_ascii_digit()))
        .chain(numbers.map(str::to_owned))
        .collect()
}

/// What only programmers read.
const DEBUG_WORDS: [&str; 8] = ["Some(", "None", "Ok(", "Err(", "Custom {", "kind:", "PathBuf", "Phrase"];

/// Words that a Portuguese text does not have.
const ENGLISH_WORDS: [&str; 10] = [
    " the ",
    " of ",
    " is ",
    " are ",
    " and ",
    " not ",
    "could not",
    " from ",
    " with ",
    " it ",
];

/// What a system said is quoted as it was.
fn without_system_texts(text: &str) -> String {
    let parts = text.split('"').filter(|part| !part.contains("(os error "));
    parts.collect::<Vec<_>>().join("\"")
}

fn faults_of(sample: &Sample) -> Vec<String> {
    let Sample { name, pt, en, debug } = sample;
    let mut faults = Vec::new();
    if pt.trim().is_empty() || en.trim().is_empty() || pt == en {
        faults.push(format!("{name}: says {pt:?} in Portuguese and {en:?} in English"));
    }
    for field in fields(debug) {
        if !pt.contains(&field) || !en.contains(&field) {
            faults.push(format!("{name}: {field} is lost: {pt:?} {en:?}"));
        }
    }
    for word in DEBUG_WORDS {
        if pt.contains(word) || en.contains(word) {
            faults.push(format!("{name}: {word:?} is for programmers: {pt:?} {en:?}"));
        }
    }
    let own = without_system_texts(pt);
    for word in ENGLISH_WORDS {
        if own.contains(word) {
            faults.push(format!("{name}: {word:?} is no Portuguese: {pt:?}"));
        }
    }
    faults
}

#[test]
fn every_text_is_said_in_both_languages() {
    let samples = rooms::all();
    let faults: Vec<String> = samples.iter().flat_map(faults_of).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(samples.len() > 200, "only {}", samples.len());
}

#[test]
fn every_type_that_is_told_has_samples() {
    let sampled = rooms::all();
    for name in source_texts::told_types() {
        let is_sampled = sampled
            .iter()
            .any(|sample| sample.name.split("::").next() == Some(name.as_str()));
        assert!(is_sampled, "{name} is told and has no sample in texts_tests");
    }
}
