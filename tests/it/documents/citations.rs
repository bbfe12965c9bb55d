//! Each place that cites the specification names a section, item or heading that it has.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::specification::Specification;

/// The word before the sections of the specification's first part; `2` follows it for those of the second.
const NAME: &str = "SPEC";
/// Where citations may stand.
const FOLDERS: [&str; 9] = [
    "src", "tests", "php", "bin", "benches", "fuzz", "docs", "examples", "include",
];

/// What a place cites of one section.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Citation {
    /// `5`, `2 §1`: the section as its heading writes it.
    section: String,
    /// The number of an item, or the name of a heading in it.
    part: Option<Named>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Named {
    Item(u32),
    Heading(String),
}

/// The text of a file without the marks of comments, on one line: a citation may go over the end of one.
fn joined(text: &str) -> String {
    let bare = |line: &str| line.trim().trim_start_matches(['/', '!', '*', '#']).trim().to_owned();
    text.lines().map(bare).collect::<Vec<_>>().join(" ")
}

fn number(text: &str) -> Option<(u32, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    Some((text[..end].parse().ok()?, &text[end..]))
}

/// The citations of a text; `Err` with what stands after the name where it is none.
fn citations(text: &str) -> Vec<Result<Citation, String>> {
    let text = joined(text);
    let is_name = |at: &usize| {
        let before = text[..*at].chars().next_back();
        before.is_none_or(|c| !c.is_alphanumeric() && c != '_') && text[*at + NAME.len()..].starts_with(' ')
    };
    let places = text.match_indices(NAME).map(|(at, _)| at).filter(is_name);
    places
        .flat_map(|at| cited(text[at + NAME.len()..].trim_start()))
        .collect()
}

/// What is cited after the name: `§5.8, §4`, `2 §2, "Conflicts"`, `§5, 11 to 18`.
fn cited(text: &str) -> Vec<Result<Citation, String>> {
    let wrong = || vec![Err(text.chars().take(40).collect())];
    let (document, mut rest) = match number(text) {
        Some((document, rest)) => (format!("{document} §"), rest.trim_start()),
        None => ("§".to_owned(), text),
    };
    let mut found = Vec::new();
    while let Some((section, after)) = rest.strip_prefix('§').and_then(number) {
        let section = format!("{document}{section}");
        let (parts, after) = parts(after);
        let cite = |part| {
            Ok(Citation {
                section: section.clone(),
                part,
            })
        };
        found.extend(parts.iter().cloned().map(Some).map(cite));
        if parts.is_empty() {
            found.push(cite(None));
        }
        rest = [", ", " to ", " and "]
            .iter()
            .find_map(|word| after.strip_prefix(word))
            .unwrap_or("");
    }
    if found.is_empty() { wrong() } else { found }
}

/// The items and the heading of a section that are named, and what follows.
fn parts(mut rest: &str) -> (Vec<Named>, &str) {
    let mut parts = Vec::new();
    for before in [".", ", ", " to "] {
        if let Some((item, after)) = rest.strip_prefix(before).and_then(number) {
            parts.push(Named::Item(item));
            rest = after;
        }
    }
    let quoted = rest.strip_prefix(", \"").and_then(|quoted| quoted.split_once('"'));
    if let Some((heading, after)) = quoted {
        parts.push(Named::Heading(heading.to_owned()));
        rest = after;
    }
    (parts, rest)
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn files_below(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap_or_default().to_owned();
        // What is made, and data of others.
        let is_passed = ["target", "fixtures", "corpus"].iter().any(|passed| name == *passed);
        if path.is_dir() && !is_passed {
            files_below(&path, found);
        } else if path.is_file() {
            found.push(path);
        }
    }
}

#[test]
fn citations_name_sections_that_are_there() {
    let specification = Specification::read();
    let mut files = Vec::new();
    for folder in FOLDERS {
        files_below(&root().join(folder), &mut files);
    }
    let (mut wrong, mut count) = (BTreeSet::new(), 0);
    for file in files {
        let Ok(text) = fs::read_to_string(&file) else { continue };
        for citation in citations(&text) {
            count += 1;
            let place = file.strip_prefix(root()).unwrap().display();
            match citation {
                Err(text) => {
                    wrong.insert(format!("{place}: {NAME} {text:?} names no section"));
                }
                Ok(citation) if !is_there(&specification, &citation) => {
                    wrong.insert(format!("{place}: docs/specification.md has not what {citation:?} says"));
                }
                Ok(_) => {}
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.into_iter().collect::<Vec<_>>().join("\n"));
    assert!(count > 100, "only {count} citations found");
}

fn is_there(specification: &Specification, citation: &Citation) -> bool {
    let Some(section) = specification.section(&citation.section) else {
        return false;
    };
    match &citation.part {
        None => true,
        Some(Named::Item(item)) => section.lines().any(|line| line.starts_with(&format!("{item}. "))),
        Some(Named::Heading(name)) => section.lines().any(|line| line == format!("### {name}")),
    }
}

#[test]
fn citations_are_read_in_all_their_forms() {
    let item = |section: &str, item| {
        Ok(Citation {
            section: section.to_owned(),
            part: Some(Named::Item(item)),
        })
    };
    let whole = |section: &str| {
        Ok(Citation {
            section: section.to_owned(),
            part: None,
        })
    };
    let heading = |section: &str, name: &str| {
        let part = Some(Named::Heading(name.to_owned()));
        Ok(Citation {
            section: section.to_owned(),
            part,
        })
    };
    let cases = [
        ("(@ §5.8, §4 code 31)", vec![item("§5", 8), whole("§4")]),
        ("(@ §5, 11 to 18)", vec![item("§5", 11), item("§5", 18)]),
        (
            "(@ §10, §5.13, @ 2 §1)",
            vec![whole("§10"), item("§5", 13), whole("2 §1")],
        ),
        ("@ 2 §2, \"Conflicts\"", vec![heading("2 §2", "Conflicts")]),
        ("//! (@ §6,\n//! \"Contract\"). Pure", vec![heading("§6", "Contract")]),
        ("/// that @\n/// §7 asks", vec![whole("§7")]),
        ("ZIP_@IAL, @_2, AN@ §1", vec![]),
        ("as @ says", vec![Err("says".to_owned())]),
    ];
    for (text, expected) in cases {
        assert_eq!(citations(&text.replace('@', NAME)), expected, "{text}");
    }
}

#[test]
fn rules_of_the_merge_that_are_named_stand_in_its_tables() {
    let specification = Specification::read();
    let merge = specification.section("2 §2").unwrap();
    let mut files = Vec::new();
    files_below(&root().join("src/data"), &mut files);
    let mut named = BTreeSet::new();
    for file in files
        .iter()
        .filter(|file| file.extension().is_some_and(|end| end == "rs"))
    {
        let text = fs::read_to_string(file).unwrap();
        let comments = text
            .lines()
            .filter_map(|line| line.split_once("//"))
            .map(|(_, comment)| comment);
        let words = comments.flat_map(|comment| comment.split(|c: char| !c.is_alphanumeric()));
        let is_rule = |word: &&str| {
            let digits = word.strip_prefix(['R', 'F']).unwrap_or_default();
            (1..=2).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
        };
        named.extend(words.filter(is_rule).map(str::to_owned));
    }
    for rule in &named {
        assert!(merge.contains(&format!("\n| {rule} |")), "{rule}");
    }
    assert!(named.len() > 10, "only {named:?} found");
}
