//! Spoils valid texts for tests: a bounded stand-in for a fuzzer that runs with every test run. Tests only.

use proptest::prelude::*;

/// How many inputs a test tries: these, or more where `PROPTEST_CASES` says so.
pub(crate) fn at_least(cases: u32) -> ProptestConfig {
    let told = ProptestConfig::default();
    ProptestConfig {
        cases: told.cases.max(cases),
        ..told
    }
}

/// One change to a text; places are taken modulo its length.
#[derive(Debug, Clone)]
enum Change {
    Set(usize, u8),
    Insert(usize, Vec<u8>),
    Remove(usize, usize),
    Repeat(usize, usize),
    Cut(usize),
}

/// Texts made from a valid one by up to eight changes.
pub(crate) fn spoiled(seeds: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let words = prop::sample::select(vec![
        "null",
        "true",
        "{}",
        "[]",
        "\"\"",
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\\",
        "\"",
        "\\ud800",
        "\\u0000",
        "\u{feff}",
        "-",
        "1e999",
        "\0",
        "é",
        "../",
        "\"id\":7,",
        "\"resources\":[1],",
    ]);
    let change = prop_oneof![
        (any::<usize>(), any::<u8>()).prop_map(|(at, byte)| Change::Set(at, byte)),
        (any::<usize>(), words).prop_map(|(at, word)| Change::Insert(at, word.as_bytes().to_vec())),
        (any::<usize>(), 1..40usize).prop_map(|(at, length)| Change::Remove(at, length)),
        (any::<usize>(), 1..40usize).prop_map(|(at, length)| Change::Repeat(at, length)),
        any::<usize>().prop_map(Change::Cut),
    ];
    (prop::sample::select(seeds), prop::collection::vec(change, 0..8)).prop_map(|(seed, changes)| {
        let mut text = seed.as_bytes().to_vec();
        for change in changes {
            apply(&mut text, change);
        }
        text
    })
}

fn apply(text: &mut Vec<u8>, change: Change) {
    let length = text.len();
    let place = |at: usize| at % (length + 1);
    match change {
        Change::Set(at, byte) => {
            if let Some(target) = text.get_mut(place(at)) {
                *target = byte;
            }
        }
        Change::Insert(at, bytes) => {
            text.splice(place(at)..place(at), bytes);
        }
        Change::Remove(at, count) => {
            text.drain(place(at)..(place(at) + count).min(length));
        }
        Change::Repeat(at, count) => {
            let piece = text[place(at)..(place(at) + count).min(length)].to_vec();
            text.splice(place(at)..place(at), piece);
        }
        Change::Cut(at) => text.truncate(place(at)),
    }
}
