//! What is said of files: what no site needs, what is too large or secret, what was left of looking for a mistake. Pure, but
//! for reading the files.

use super::php_text::calls;
use super::row_lints::Brought;
use super::secrets::secrets;
use super::unused::unused;
use super::{Finding, Observation, PackageFacts};

/// Functions that are called to look for a mistake.
const LEFTOVERS: [&str; 10] = [
    "var_dump",
    "print_r",
    "var_export",
    "debug_zval_refcount",
    "debug_print_backtrace",
    "xdebug_break",
    "phpinfo",
    "die",
    "dd",
    "dump",
];
/// Bytes of a file in which secrets are looked for.
const SEARCHED: u64 = 4 << 20;
/// Names of files that come by themselves.
const SYSTEM: [&str; 6] = [
    ".ds_store",
    "thumbs.db",
    "desktop.ini",
    ".directory",
    "npm-debug.log",
    ".idea",
];
const MARK: &[u8] = b"\xef\xbb\xbf";

/// What is said of all files of a package. `brought`: `id`s of the rows that stand for files of modules.
pub fn file_findings(facts: &PackageFacts<'_>, brought: &Brought) -> Vec<Finding> {
    let mut found = Vec::new();
    for path in facts.tree.paths() {
        let size = facts.tree.size(path).unwrap_or_default();
        if is_of_system(path) {
            found.push(Finding::of_file(path, Observation::SystemFile));
            continue;
        }
        if size > facts.rules.large {
            let most = facts.rules.large;
            found.push(Finding::of_file(path, Observation::Large { bytes: size, most }));
        }
        if let Some(id) = unused(path, brought) {
            found.push(Finding::of_file(path, Observation::Unused { id }));
        }
        if size <= SEARCHED {
            look_into(path, &facts.read(path), &mut found);
        }
    }
    found
}

fn look_into(path: &str, bytes: &[u8], found: &mut Vec<Finding>) {
    let secrets = secrets(bytes).into_iter();
    found.extend(secrets.map(|(line, what)| Finding::of_line(path, line, Observation::Secret(what))));
    if !has_ending(path, "php") {
        return;
    }
    if bytes.starts_with(MARK) {
        found.push(Finding::of_line(path, 1, Observation::Mark));
    }
    let called = calls(bytes)
        .into_iter()
        .filter(|call| LEFTOVERS.contains(&call.name.as_str()));
    found.extend(called.map(|call| Finding::of_line(path, call.line, Observation::Leftover { word: call.name })));
}

pub(super) fn has_ending(path: &str, ending: &str) -> bool {
    path.rsplit_once('.')
        .is_some_and(|(_, found)| found.eq_ignore_ascii_case(ending))
}

fn is_of_system(path: &str) -> bool {
    let is_one = |part: &str| {
        let part = part.to_ascii_lowercase();
        SYSTEM.contains(&part.as_str())
            || part == "__macosx"
            || part.starts_with("._")
            || part.ends_with('~')
            || has_ending(&part, "swp")
    };
    path.split('/').any(is_one)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::author::LintRules;
    use crate::base::file_tree::MemoryTree;

    #[test]
    fn files_are_looked_at() {
        let tree = MemoryTree::of_texts(&[
            (".DS_Store", "x"),
            ("__MACOSX/a", "x"),
            ("assets/big.js", "0123456789"),
            ("modules/a/a.php", "\u{feff}<?php\n// die(1)\nvar_dump(1);\n"),
            ("modules/a/._a.php", "x"),
            ("modules/a/note.txt", "die(1)"),
            ("modules/a/resources/en/pages/gone/gone.html", "<p>"),
            ("modules/a/resources/en/pages/kept/kept.html", "<p>"),
        ]);
        let rules = |large: u64| {
            let text = format!("{{\"arquivo_grande\": {large}}}");
            LintRules::read(Path::new("x.json"), text.as_bytes()).unwrap()
        };
        let (large, small) = (rules(60), rules(9));
        let facts = PackageFacts {
            tree: &tree,
            migrations: &[],
            rules: &large,
        };
        let brought = Brought::from([("paginas".to_owned(), ["kept".to_owned()].into())]);
        let shown = |found: Vec<Finding>| {
            let one = |finding: &Finding| {
                let line = finding.line.map(|line| format!(":{line}")).unwrap_or_default();
                format!(
                    "{}{line} {}",
                    finding.file.as_deref().unwrap_or_default(),
                    finding.what.lint().name()
                )
            };
            found.iter().map(one).collect::<Vec<_>>()
        };
        assert_eq!(
            shown(file_findings(&facts, &brought)),
            [
                ".DS_Store arquivo-do-sistema",
                "__MACOSX/a arquivo-do-sistema",
                "modules/a/._a.php arquivo-do-sistema",
                "modules/a/a.php:1 marca-de-ordem",
                "modules/a/a.php:3 sobra-de-depuracao",
                "modules/a/resources/en/pages/gone/gone.html arquivo-sem-uso",
            ]
        );
        let facts = PackageFacts { rules: &small, ..facts };
        assert!(shown(file_findings(&facts, &brought)).contains(&"assets/big.js arquivo-grande".to_owned()));
    }
}
