//! The rules of the house that a program can check: which module may name which, what every file says first, where
//! exit codes stand, and how long a file may get. It reads `src/` as text, so it sees code behind features too.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::support::rust_source::{before_tests, code_only, paths, resolve};

/// Modules by layer, lowest first. A new room gets its line here with its first file.
const LAYERS: [(u8, &[&str]); 6] = [
    (0, &["config", "model", "outcome"]),
    (1, &["base", "log"]),
    (
        ROOMS,
        &[
            "archive",
            "data",
            "manifest",
            "migrate",
            "registry",
            "resources",
            "source",
            "stage",
        ],
    ),
    (3, &["error"]),
    (4, &["ops"]),
    (5, &["ffi", "php"]),
];

const ROOMS: u8 = 2;

/// Edges that do not point down, each with its reason. Between rooms they stand for types only, which is checked too.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    (
        "base",
        "log",
        "downloads tell how far they are, and are cancelled, through log::Reporter",
    ),
    (
        "log",
        "base",
        "the log file is made and opened as all files of the site are, by base::fs",
    ),
    ("config", "model", "settings are made of the words that all share"),
    (
        "error",
        "ops",
        "what operations themselves refuse is an error of the crate as well",
    ),
];

/// The one match from error to exit code, which names every error (SPEC §4).
const ONE_MATCH: &str = "outcome/exit_code.rs";

/// Lines of a file before its tests.
const LONGEST_FILE: usize = 400;

struct SourceFile {
    /// Path below `src/`.
    name: String,
    /// Module path: `["data", "apply"]`.
    module: Vec<String>,
    text: String,
}

fn source_files() -> Vec<SourceFile> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files: Vec<_> = walkdir::WalkDir::new(&top)
        .into_iter()
        .map(Result::unwrap)
        .filter(|entry| entry.path().extension().is_some_and(|extension| extension == "rs"))
        .map(|entry| {
            let name = entry.path().strip_prefix(&top).unwrap().to_str().unwrap().to_owned();
            let text = fs::read_to_string(entry.path()).unwrap();
            SourceFile {
                module: module_of(&name),
                name,
                text,
            }
        })
        .collect();
    // A test module in a file of its own is no part of the house.
    let tests: BTreeSet<_> = files.iter().flat_map(test_modules).collect();
    files.retain(|file| !tests.contains(&file.module));
    files.sort_by(|a, b| a.name.cmp(&b.name));
    assert!(files.len() > 20, "only {} source files found", files.len());
    files
}

/// The modules that a file declares for tests only.
fn test_modules(file: &SourceFile) -> Vec<Vec<String>> {
    let declared = file.text.split("#[cfg(test)]\n").skip(1);
    declared
        .filter_map(|rest| rest.lines().next()?.trim().strip_suffix(';')?.split_once("mod "))
        .map(|(_, name)| file.module.iter().cloned().chain([name.to_owned()]).collect())
        .collect()
}

fn module_of(name: &str) -> Vec<String> {
    let mut module: Vec<_> = name.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if matches!(module.last().map(String::as_str), Some("mod" | "lib")) {
        module.pop();
    }
    module
}

fn layer_of(module: &str) -> Option<u8> {
    LAYERS
        .iter()
        .find(|(_, modules)| modules.contains(&module))
        .map(|(layer, _)| *layer)
}

/// Why an edge may not stand; `None` when it may. `item` is the last part of the path.
fn fault_of_edge(from: &str, to: &str, item: &str) -> Option<String> {
    let (Some(lower), Some(upper)) = (layer_of(to), layer_of(from)) else {
        return Some(format!(
            "`{from}` or `{to}` has no line in LAYERS of tests/it/architecture.rs"
        ));
    };
    if from == to || lower < upper {
        return None;
    }
    let is_excepted = EXCEPTIONS.iter().any(|(a, b, _)| (*a, *b) == (from, to));
    if !is_excepted {
        let way = if lower == upper { "sideways" } else { "up" };
        return Some(format!(
            "`{from}` names `{to}`, which points {way}: put what it needs into model/, or let ops/ bring them together"
        ));
    }
    let is_type = item.starts_with(char::is_uppercase) || item == to;
    (upper == ROOMS && !is_type)
        .then(|| format!("`{from}` names `{to}::…::{item}`: a room may use a sibling's types only"))
}

/// What a file names: the module it is of, the module it names, and the last part of the path.
fn edges_of(file: &SourceFile) -> Vec<(String, String, String)> {
    let Some(from) = file.module.first() else {
        return Vec::new();
    };
    paths(&code_only(before_tests(&file.text)))
        .iter()
        .map(|path| resolve(&file.module, path))
        // An item of the crate's root (`crate::Error`, a macro) is nobody's room.
        .filter(|path| path.len() > 1 || path.first().is_some_and(|to| layer_of(to).is_some()))
        .map(|path| (from.clone(), path[0].clone(), path[path.len() - 1].clone()))
        .collect()
}

fn faults_of(file: &SourceFile) -> BTreeSet<String> {
    if file.name == ONE_MATCH {
        return BTreeSet::new();
    }
    edges_of(file)
        .iter()
        .filter_map(|(from, to, item)| fault_of_edge(from, to, item))
        .map(|fault| format!("src/{}: {fault}", file.name))
        .collect()
}

fn assert_none(faults: &BTreeSet<String>) {
    let list = faults.iter().map(String::as_str).collect::<Vec<_>>().join("\n  ");
    assert!(faults.is_empty(), "\n  {list}\n");
}

#[test]
fn dependencies_point_down() {
    assert_none(&source_files().iter().flat_map(faults_of).collect());
}

#[test]
fn every_exception_is_needed() {
    let edges: BTreeSet<_> = source_files()
        .iter()
        .flat_map(edges_of)
        .map(|(from, to, _)| (from, to))
        .collect();
    let is_stale = |from: &str, to: &str| !edges.contains(&(from.to_owned(), to.to_owned()));
    assert_none(
        &EXCEPTIONS
            .iter()
            .filter(|(from, to, _)| is_stale(from, to))
            .map(|(from, to, _)| format!("no file of `{from}` names `{to}` any more"))
            .collect(),
    );
}

#[test]
fn an_edge_that_points_up_or_sideways_is_seen() {
    let file = |name: &str, text: &str| SourceFile {
        name: name.to_owned(),
        module: module_of(name),
        text: text.to_owned(),
    };
    for (name, text, wanted) in [
        ("archive/extract.rs", "use crate::model::Slug;", None),
        ("archive/extract.rs", "use crate::base::hash;", None),
        (
            "archive/extract.rs",
            "use crate::{model, ops::Operation};",
            Some("`archive` names `ops`, which points up"),
        ),
        (
            "archive/extract.rs",
            "fn f() { crate::stage::swap() }",
            Some("`archive` names `stage`, which points sideways"),
        ),
        (
            "base/hash.rs",
            "use super::super::data::Plan;",
            Some("`base` names `data`, which points up"),
        ),
        ("model/slug.rs", "use crate::log::Event;", Some("points up")),
        ("data/plan.rs", "// use crate::ops;\nlet a = \"crate::ops\";", None),
        (
            "data/plan.rs",
            "\n#[cfg(test)]\npub(super) mod tests {\n use crate::ops; }",
            None,
        ),
        (
            "novelty/mod.rs",
            "use crate::model::Slug;",
            Some("has no line in LAYERS"),
        ),
        ("ffi.rs", "use crate::ops::Operation;", None),
        ("ffi.rs", "use crate::php::convert;", Some("sideways")),
    ] {
        let faults = faults_of(&file(name, text));
        match wanted {
            None => assert!(faults.is_empty(), "{name}: {text}: {faults:?}"),
            Some(wanted) => assert!(
                faults.iter().any(|fault| fault.contains(wanted)),
                "{name}: {text}: {faults:?}"
            ),
        }
    }
}

#[test]
fn every_file_says_what_it_owns() {
    let silent = |file: &SourceFile| !file.text.starts_with("//! ");
    assert_none(
        &source_files()
            .iter()
            .filter(|file| silent(file))
            .map(|file| format!("src/{} does not open with //!", file.name))
            .collect(),
    );
}

#[test]
fn no_file_is_too_long() {
    let lines = |file: &SourceFile| before_tests(&file.text).lines().count();
    assert_none(
        &source_files()
            .iter()
            .filter(|file| lines(file) > LONGEST_FILE)
            .map(|file| {
                format!(
                    "src/{}: {} lines before its tests; split it at {LONGEST_FILE} by noun",
                    file.name,
                    lines(file)
                )
            })
            .collect(),
    );
}

/// Whether a line of code writes an exit code as a number: as the value of an arm that names something
/// (`Fault::Busy => …`), in `exit(…)`, or beside the word "code".
fn writes_a_code(line: &str) -> bool {
    const CODES: [&str; 14] = [
        "10", "11", "12", "13", "14", "15", "16", "20", "21", "22", "30", "31", "32", "99",
    ];
    let is_code = |text: &str| CODES.contains(&text.trim_end_matches("_i32").trim_end_matches("_i64"));
    let words: Vec<&str> = line
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty())
        .collect();
    let has_number = words.iter().any(|word| is_code(word));
    let names_code = words
        .iter()
        .any(|word| ["code", "codigo", "exit_code", "exit"].contains(word));
    let arm = line.split_once("=>").is_some_and(|(pattern, value)| {
        pattern.contains("::") && is_code(value.trim().trim_end_matches([',', '}', ' ']))
    });
    arm || (has_number && names_code)
}

#[test]
fn exit_codes_stand_in_one_file() {
    for (line, wanted) in [
        ("    Fault::Busy => 15,", true),
        ("std::process::exit(99)", true),
        ("let code = 14;", true),
        ("4 | 6 | 9 | 11 => 30,", false),
        ("let depth = 32;", false),
        ("ExitCode::Sync => 1 << 4,", false),
    ] {
        assert_eq!(writes_a_code(line), wanted, "{line}");
    }
    let mut faults = BTreeSet::new();
    for file in source_files().iter().filter(|file| file.name != ONE_MATCH) {
        let code = code_only(before_tests(&file.text));
        for (number, line) in code.lines().enumerate().filter(|(_, line)| writes_a_code(line)) {
            faults.insert(format!(
                "src/{}:{}: an exit code as a number: {}",
                file.name,
                number + 1,
                line.trim()
            ));
        }
    }
    assert_none(&faults);
}
