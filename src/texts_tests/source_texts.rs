//! The fixed phrases, read from the source: each has two texts that differ and name the same values.

use std::fs;
use std::path::{Path, PathBuf};

/// Phrases that are the same word in both languages.
const SAME: [&str; 1] = ["plugin {name}"];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

fn texts() -> Vec<(String, String)> {
    let mut paths = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut paths);
    let shown = |path: &Path| path.display().to_string();
    let is_ours = |path: &PathBuf| !shown(path).contains("_tests");
    let read = |path: PathBuf| (shown(&path), fs::read_to_string(path).unwrap());
    paths.into_iter().filter(is_ours).map(read).collect()
}

/// Types with a text in both languages.
pub(super) fn told_types() -> Vec<String> {
    let of = |text: &str| -> Vec<String> {
        let named = text.split("impl Bilingual for ").skip(1);
        named
            .map(|rest| rest.split([' ', '<']).next().unwrap().to_owned())
            .collect()
    };
    let mut found: Vec<String> = texts().iter().flat_map(|(_, text)| of(text)).collect();
    found.retain(|name| name != "Phrase");
    found
}

/// The literals of each call up to its closing bracket.
fn literals(rest: &str) -> Vec<String> {
    let (mut found, mut depth, mut letters) = (Vec::new(), 1, rest.chars());
    while let Some(letter) = letters.next() {
        match letter {
            '(' => depth += 1,
            ')' if depth == 1 => break,
            ')' => depth -= 1,
            '"' => {
                let mut literal = String::new();
                while let Some(letter) = letters.next() {
                    match letter {
                        '"' => break,
                        '\\' => literal.extend(letters.next()),
                        letter => literal.push(letter),
                    }
                }
                found.push(literal);
            }
            _ => {}
        }
    }
    found
}

/// The values that a text names, in any order.
fn places(text: &str) -> Vec<&str> {
    let mut places: Vec<&str> = text
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split('}').next())
        .collect();
    places.retain(|place| !place.is_empty());
    places.sort_unstable();
    places
}

#[test]
fn every_phrase_is_said_in_both_languages() {
    let mut count = 0;
    for (path, text) in texts() {
        let listed = text.lines().filter(|line| {
            let name = line.trim().split(':').next().unwrap_or_default();
            line.ends_with("\";")
                && name.len() > 2
                && name
                    .chars()
                    .all(|c| c.is_ascii_uppercase() || "_0123456789".contains(c))
        });
        let fixed = text.split("Phrase::new(").skip(1);
        let made = text.split("Phrase::made(").skip(1);
        for call in listed.chain(fixed) {
            let found = literals(call);
            let [pt, en] = found.as_slice() else { continue };
            count += 1;
            assert!(pt != en && !pt.is_empty() && !en.is_empty(), "{path}: {pt:?} {en:?}");
        }
        for call in made {
            let found = literals(call);
            let [pt, en] = found.as_slice() else { continue };
            count += 1;
            assert!(pt != en || SAME.contains(&pt.as_str()), "{path}: {pt:?}");
            let captured = |text: &str| places(text).len();
            assert!(
                captured(pt) == captured(en) || pt.contains("{}"),
                "{path}: {pt:?} {en:?}"
            );
        }
    }
    assert!(count > 150, "only {count} phrases were found");
}
