//! Which module may name which. It reads `src/` as text, so it sees code behind features too. What files may hold is in
//! `house_rules`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::support::rust_source::{before_tests, code_only, paths, resolve};

/// Modules by layer, lowest first: a module names those below it, never one beside it. A new room gets its place here
/// with its first file.
const LAYERS: &[&[&str]] = &[
    // Words.
    &["model"],
    &["config", "outcome"],
    // What would serve any program.
    &["base"],
    &["log"],
    // What rooms remember for each other.
    &["ledger"],
    // Rooms.
    &[
        "archive",
        "author",
        "data",
        "dependencies",
        "manifest",
        "migrate",
        "history",
        "index",
        "observe",
        "registry",
        "resources",
        "retention",
        "scripts",
        "settings",
        "source",
        "stage",
        "vault",
        "observe",
        "trust",
        "updates",
    ],
    // Assemblies.
    &["package"],
    &["transaction"],
    &["ops"],
    // Boundaries.
    &["ffi", "native", "php"],
    &["bin"],
];

/// The sub-rooms of `data`, lowest first: a file names those of its own sub-room and of those before it.
const DATA: [&str; 6] = ["package", "table", "fit", "sql", "plan", "write"];

pub(crate) struct SourceFile {
    /// Path below `src/`.
    pub(crate) name: String,
    /// Module path: `["data", "apply"]`.
    pub(crate) module: Vec<String>,
    pub(crate) text: String,
}

pub(crate) fn source_files() -> Vec<SourceFile> {
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

fn layer_of(module: &str) -> Option<usize> {
    LAYERS.iter().position(|modules| modules.contains(&module))
}

/// Why an edge may not stand; `None` when it may.
fn fault_of_edge(from: &str, to: &str) -> Option<String> {
    let (Some(lower), Some(upper)) = (layer_of(to), layer_of(from)) else {
        return Some(format!(
            "`{from}` or `{to}` has no line in LAYERS of tests/it/architecture.rs"
        ));
    };
    if from == to || lower < upper {
        return None;
    }
    let way = if lower == upper { "sideways" } else { "up" };
    Some(format!(
        "`{from}` names `{to}`, which points {way}: put what it needs into model/, or let a layer above bring them together"
    ))
}

/// The paths that a file names, from the crate's root on.
fn paths_of(file: &SourceFile) -> Vec<Vec<String>> {
    // The extension is a crate of its own, for which the house is another one.
    let code = code_only(before_tests(&file.text)).replace("gestor_plugins::", "crate::");
    paths(&code).iter().map(|path| resolve(&file.module, path)).collect()
}

fn faults_of(file: &SourceFile) -> BTreeSet<String> {
    let Some(from) = file.module.first() else {
        return BTreeSet::new();
    };
    let faults = paths_of(file).into_iter().filter_map(|path| match path.as_slice() {
        // An item of the crate's root is another name of something above.
        [item] if layer_of(item).is_none() => Some(format!("`{from}` names `crate::{item}`: name its module")),
        [to, ..] => fault_of_edge(from, to),
        [] => None,
    });
    faults.map(|fault| format!("src/{}: {fault}", file.name)).collect()
}

/// The files of `data` that a file of it names, and whether they stand in a later sub-room.
fn faults_in_data(file: &SourceFile) -> BTreeSet<String> {
    let [room, of, ..] = file.module.as_slice() else {
        return BTreeSet::new();
    };
    if room != "data" {
        return BTreeSet::new();
    }
    let Some(upper) = sub_room(of) else {
        return BTreeSet::from([format!(
            "src/{}: `{of}` is no sub-room of DATA in tests/it/architecture.rs",
            file.name
        )]);
    };
    let named = paths_of(file)
        .into_iter()
        .filter(|path| path[0] == "data" && path.len() > 1);
    let later = named.filter_map(|path| {
        sub_room(&path[1]).filter(|lower| *lower > upper)?;
        Some(format!("src/{}: `{of}` names `{}`", file.name, path[1]))
    });
    later.collect()
}

fn sub_room(name: &str) -> Option<usize> {
    DATA.iter().position(|sub_room| *sub_room == name)
}

/// Files that name each other in a circle: each could be understood only with all of them.
fn circles(files: &[SourceFile]) -> BTreeSet<String> {
    let modules: BTreeSet<&[String]> = files.iter().map(|file| file.module.as_slice()).collect();
    // A folder's `mod.rs` holds what its files share; they name it, and it names them.
    let is_folder = |module: &[String]| {
        modules
            .iter()
            .any(|other| other.len() > module.len() && other.starts_with(module))
    };
    let target = |path: &[String]| {
        let of = |length: usize| modules.get(&path[..length]).copied();
        (1..=path.len()).rev().find_map(of).filter(|module| !is_folder(module))
    };
    let edges: BTreeMap<&[String], BTreeSet<&[String]>> = files
        .iter()
        .filter(|file| !is_folder(&file.module))
        .map(|file| {
            let named = paths_of(file)
                .iter()
                .filter_map(|path| target(path))
                .collect::<BTreeSet<_>>();
            (file.module.as_slice(), named)
        })
        .collect();
    let reaches = |from: &[String], to: &[String]| {
        let mut seen = BTreeSet::new();
        let mut next: Vec<&[String]> = edges[from].iter().copied().filter(|named| *named != from).collect();
        while let Some(at) = next.pop() {
            if seen.insert(at) {
                next.extend(edges.get(at).into_iter().flatten());
            }
        }
        seen.contains(to)
    };
    let is_in_circle = |module: &&[String]| reaches(module, module);
    edges
        .keys()
        .copied()
        .filter(is_in_circle)
        .map(|module| module.join("::"))
        .collect()
}

pub(crate) fn assert_none(faults: &BTreeSet<String>) {
    let list = faults.iter().map(String::as_str).collect::<Vec<_>>().join("\n  ");
    assert!(faults.is_empty(), "\n  {list}\n");
}

#[test]
fn dependencies_point_down() {
    assert_none(&source_files().iter().flat_map(faults_of).collect());
}

#[test]
fn sub_rooms_of_data_point_down() {
    assert_none(&source_files().iter().flat_map(faults_in_data).collect());
    let file = source_file("data/table/schema.rs", "use crate::data::plan::plan::Plan;");
    assert!(
        faults_in_data(&file)
            .iter()
            .any(|fault| fault.contains("`table` names `plan`"))
    );
    let file = source_file("data/novelty.rs", "use super::plan::plan::Plan;");
    assert!(
        faults_in_data(&file)
            .iter()
            .any(|fault| fault.contains("no sub-room of DATA"))
    );
}

#[test]
fn no_files_name_each_other_in_a_circle() {
    assert_none(&circles(&source_files()));
    let files = [
        ("base/a.rs", "use super::b::B;"),
        ("base/b.rs", "use crate::base::c::C;"),
        ("base/c.rs", "fn f() { super::a::A }"),
        ("base/d.rs", "use super::{a, E};"),
        ("base/mod.rs", "pub use d::D; const E: u8 = 1;"),
    ]
    .map(|(name, text)| source_file(name, text));
    let found: Vec<_> = circles(&files).into_iter().collect();
    assert_eq!(found, ["base::a", "base::b", "base::c"]);
}

pub(crate) fn source_file(name: &str, text: &str) -> SourceFile {
    SourceFile {
        name: name.to_owned(),
        module: module_of(name),
        text: text.to_owned(),
    }
}

#[test]
fn an_edge_that_points_up_or_sideways_is_seen() {
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
        ("log/file.rs", "use crate::base::fs;", None),
        (
            "base/net.rs",
            "use crate::log::Event;",
            Some("`base` names `log`, which points up"),
        ),
        ("stage/swap.rs", "use crate::Error;", Some("names `crate::Error`")),
        ("ffi.rs", "use crate::ops::Operation;", None),
        ("ffi.rs", "use crate::php::convert;", Some("sideways")),
        ("php/ini.rs", "use gestor_plugins::ops::Operation;", None),
        ("php/ini.rs", "use gestor_plugins::ffi::Handle;", Some("sideways")),
    ] {
        let faults = faults_of(&source_file(name, text));
        match wanted {
            None => assert!(faults.is_empty(), "{name}: {text}: {faults:?}"),
            Some(wanted) => assert!(
                faults.iter().any(|fault| fault.contains(wanted)),
                "{name}: {text}: {faults:?}"
            ),
        }
    }
}
