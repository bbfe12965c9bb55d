//! What files may hold: input and output in its own files, packages opened in one room, module files without logic, lengths, exit codes in one place.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::architecture::{SourceFile, assert_none, source_file, source_files};
use crate::support::rust_source::{before_tests, code_only};

/// Where the numbers of the exit codes stand (SPEC §4).
const NUMBERS: &str = "outcome/exit_code.rs";

/// Lines of a file before its tests.
const LONGEST_FILE: usize = 400;

/// Words of code that touches disk, network, processes or clock by itself.
const INPUT_AND_OUTPUT: [&str; 12] = [
    "File::open",
    "File::create",
    "OpenOptions",
    "fs::",
    "TcpStream",
    "UnixStream",
    "Command::",
    ".is_dir()",
    ".is_file()",
    ".exists()",
    ".metadata()",
    ".canonicalize()",
];

fn faults_of_io(file: &SourceFile) -> BTreeSet<String> {
    let code = code_only(before_tests(&file.text)).replace("base::fs::", "base::");
    let found = INPUT_AND_OUTPUT.iter().filter(|word| code.contains(**word));
    let is_use =
        |word: &&&str| **word == "fs::" && code.matches("fs::").count() == code.matches("use std::fs::File;").count();
    found
        .filter(|word| !is_use(word))
        .map(|word| format!("src/{}: `{word}`: base/ or a room does that", file.name))
        .collect()
}

#[test]
fn operations_do_no_input_and_output() {
    let files = source_files();
    assert_none(
        &files
            .iter()
            .filter(|file| file.module.first().is_some_and(|room| room == "ops"))
            .flat_map(faults_of_io)
            .collect(),
    );
    for (text, is_fault) in [
        ("use std::fs::File; fn f(file: &File) {}", false),
        ("use crate::base::fs::FileId;", false),
        ("fn f() { std::fs::read_dir(p) }", true),
        ("use std::fs::{self, File};", true),
        ("fn f() { p.is_dir() }", true),
    ] {
        let file = source_file("ops/install/x.rs", text);
        assert_eq!(!faults_of_io(&file).is_empty(), is_fault, "{text}");
    }
}

/// What only `package/` asks for, with what it may be asked elsewhere: archives of packages are opened there alone, of what
/// was verified, and packages that are kept are found there alone.
const OF_PACKAGES: [(&str, &[&str]); 4] = [
    ("Archive::open(", &["archive", "package"]),
    ("kept::find(", &["stage", "package"]),
    ("kept::find_package(", &["stage", "package"]),
    ("find_upload(", &["stage", "package"]),
];

fn faults_of_packages(file: &SourceFile) -> BTreeSet<String> {
    let code = code_only(before_tests(&file.text));
    let room = file.module.first().map_or("", String::as_str);
    OF_PACKAGES
        .iter()
        .filter(|(word, rooms)| code.contains(word) && !rooms.contains(&room))
        .map(|(word, _)| format!("src/{}: `{word}`: the steps of package/ do that", file.name))
        .collect()
}

#[test]
fn packages_are_opened_in_one_room() {
    let is_test = |file: &SourceFile| file.name.ends_with("tests.rs");
    let files = source_files();
    let files = files.iter().filter(|file| !is_test(file));
    assert_none(&files.flat_map(faults_of_packages).collect());
    for (name, text, is_fault) in [
        ("package/opened.rs", "fn f() { Archive::open(file) }", false),
        ("ops/x.rs", "fn f() { Archive::open(file) }", true),
        ("ops/x.rs", "fn f() { stage::kept::find(root) }", true),
        ("transaction/x.rs", "fn f() { stage::find_upload(root) }", true),
        ("ops/x.rs", "fn f() { self.kept(&blacklist).find(version) }", false),
    ] {
        let faults = faults_of_packages(&source_file(name, text));
        assert_eq!(!faults.is_empty(), is_fault, "{name}: {text}");
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

fn has_logic(file: &SourceFile) -> bool {
    let is_module = file.name.ends_with("/mod.rs");
    is_module && code_only(before_tests(&file.text)).contains("fn ")
}

#[test]
fn module_files_hold_no_logic() {
    let files = source_files();
    let found = files.iter().filter(|file| has_logic(file));
    assert_none(
        &found
            .map(|file| format!("src/{}: a function; files have names", file.name))
            .collect(),
    );
    assert!(has_logic(&source_file("x/mod.rs", "mod y;\nfn f() {}")));
    assert!(!has_logic(&source_file("x/mod.rs", "//! A fn of it.\npub use y::f;")));
    assert!(!has_logic(&source_file("x/y.rs", "fn f() {}")));
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
    for file in source_files().iter().filter(|file| file.name != NUMBERS) {
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

/// Paths below `src/` that a text names in backticks: those that begin with a module's name.
fn named_paths(text: &str, modules: &BTreeSet<String>) -> Vec<String> {
    let quoted = text.split('`').skip(1).step_by(2);
    let paths = quoted.filter(|word| word.split_once('/').is_some_and(|(room, _)| modules.contains(room)));
    paths.map(str::to_owned).collect()
}

#[test]
fn what_the_map_names_is_there() {
    let map = fs::read_to_string("src/lib.rs").unwrap();
    let modules = source_files()
        .iter()
        .filter_map(|file| file.module.first().cloned())
        .collect();
    let named = named_paths(&map, &modules);
    assert!(named.len() > 20, "{named:?}");
    let is_there = |path: &str| {
        let below = Path::new("src").join(path);
        below.is_dir() || below.with_extension("rs").is_file()
    };
    let missing = named.iter().filter(|path| !is_there(path)).cloned().collect();
    assert_none(&missing);
}
