//! What RPM's own tests say, read: packages that are built, and checks with what they print.

use std::collections::BTreeMap;

/// A package that a group of tests builds.
#[derive(Debug, Clone, Default)]
pub(crate) struct Built {
    pub(crate) subpackage: String,
    pub(crate) version: String,
    pub(crate) data: String,
    pub(crate) noreplace: bool,
    pub(crate) link: bool,
}

/// A test: what a shell does, and what that prints.
#[derive(Debug)]
pub(crate) struct Check {
    pub(crate) group: String,
    pub(crate) built: Vec<Built>,
    pub(crate) script: Vec<String>,
    pub(crate) printed: Vec<String>,
}

/// The arguments of a macro that begins at `(`, each in brackets.
fn arguments(text: &str) -> Vec<String> {
    let (mut found, mut depth, mut current) = (Vec::new(), 0, String::new());
    for letter in text.chars() {
        match letter {
            '[' => {
                depth += 1;
                if depth == 1 {
                    current.clear();
                    continue;
                }
            }
            ']' => {
                depth -= 1;
                if depth == 0 {
                    found.push(std::mem::take(&mut current));
                    continue;
                }
            }
            ')' if depth == 0 => break,
            _ => {}
        }
        if depth > 0 {
            current.push(letter);
        }
    }
    found
}

/// Lines of a shell, continued ones joined, without comments.
fn lines(script: &str) -> Vec<String> {
    let joined = script.replace("\\\n", " ");
    let lines = joined
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect()
}

/// What stands behind `--define "name `.
fn defined(line: &str, name: &str) -> Option<String> {
    let (_, rest) = line.split_once(&format!("--define \"{name} "))?;
    rest.split_once('"').map(|(value, _)| value.to_owned())
}

/// The packages that a group builds, for every turn of its loops.
fn built(setup: &str) -> Vec<Built> {
    let (mut loops, mut found) = (BTreeMap::new(), Vec::new());
    for line in lines(setup) {
        if let Some(rest) = line.strip_prefix("for ") {
            let (name, values) = rest.trim_end_matches("; do").split_once(" in ").unwrap();
            let values: Vec<String> = values
                .split(' ')
                .map(|value| value.trim_matches('"').to_owned())
                .collect();
            loops.insert(name.to_owned(), values);
        } else if line == "done" {
            loops.pop_last();
        } else if line.contains("rpmbuild") {
            let mut turns = vec![line];
            for (name, values) in &loops {
                let one = |turn: &String| {
                    values
                        .iter()
                        .map(|value| turn.replace(&format!("${name}"), value))
                        .collect::<Vec<_>>()
                };
                turns = turns.iter().flat_map(one).collect();
            }
            found.extend(turns.iter().map(|turn| Built {
                subpackage: defined(turn, "subpkg").unwrap_or_default(),
                version: defined(turn, "ver").unwrap(),
                data: defined(turn, "filedata").unwrap(),
                noreplace: defined(turn, "noreplace").is_some(),
                link: defined(turn, "filetype").as_deref() == Some("link"),
            }));
        }
    }
    found
}

pub(crate) fn checks(text: &str) -> Vec<Check> {
    let mut found = Vec::new();
    for part in text.split("RPMTEST_SETUP_RW(").skip(1) {
        let group = arguments(part).remove(0);
        let setup = part.split("RPMTEST_CHECK(").next().unwrap();
        if group.contains("ghost") {
            continue;
        }
        for check in part.split("RPMTEST_CHECK(").skip(1) {
            let parts = arguments(check);
            let script = lines(&parts[0]);
            if script.iter().any(|line| line.contains("--fsmdebug")) {
                continue;
            }
            found.push(Check {
                group: group.clone(),
                built: built(setup),
                script,
                printed: parts[2].lines().map(str::to_owned).collect(),
            });
        }
    }
    found
}
