//! What is said of migrations by their names and classes. Whether one can be undone says who reads them. Pure, but for reading the
//! files.

use std::collections::BTreeSet;

use super::php_text::classes;
use super::{Finding, Observation, PackageFacts};

/// Digits of a version.
const DIGITS: usize = 14;

/// What is said of the migrations of a package.
pub fn migration_findings(facts: &PackageFacts<'_>) -> Vec<Finding> {
    let (mut found, mut versions) = (Vec::new(), BTreeSet::new());
    for path in facts.migrations {
        let Some((version, class)) = named(path) else {
            found.push(Finding::of_file(path, Observation::MigrationName));
            continue;
        };
        if !versions.insert(version) {
            let version = version.to_owned();
            found.push(Finding::of_file(path, Observation::MigrationTwice { version }));
        }
        if !classes(&facts.read(path)).contains(&class.to_ascii_lowercase()) {
            found.push(Finding::of_file(path, Observation::MigrationClass { class }));
        }
    }
    found
}

/// Version and class of a migration, by its file: `20260102090000_create_it.php` is `CreateIt`.
fn named(path: &str) -> Option<(&str, String)> {
    let name = path.rsplit('/').next()?.strip_suffix(".php")?;
    let (version, words) = name.split_once('_')?;
    let is_version = version.len() == DIGITS && version.bytes().all(|byte| byte.is_ascii_digit());
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let is_name = words.starts_with(|letter: char| letter.is_ascii_alphabetic()) && words.split('_').all(is_word);
    (is_version && is_name).then(|| (version, class_of(words)))
}

/// `loja_2`: `Loja2`, as the runner of migrations makes a class of a file's name.
pub(super) fn class_of(words: &str) -> String {
    let words = words.split('_').filter(|word| !word.is_empty());
    let upper = words.map(|word| format!("{}{}", word[..1].to_ascii_uppercase(), &word[1..]));
    upper.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::author::LintRules;
    use crate::base::file_tree::MemoryTree;

    #[test]
    fn names_and_classes_have_to_fit() {
        for (path, expected) in [
            ("db/migrations/20260102090000_create_it.php", Some("CreateIt")),
            ("db/migrations/20260102090000.php", None),
            ("db/migrations/2026_create_it.php", None),
            ("db/migrations/20260102090000_create__it.php", None),
            ("db/migrations/20260102090000_1x.php", None),
            ("db/migrations/helper.php", None),
        ] {
            assert_eq!(named(path).map(|(_, class)| class).as_deref(), expected, "{path}");
        }
    }

    #[test]
    fn what_the_runner_would_not_take_is_told() {
        let tree = MemoryTree::of_texts(&[
            ("db/migrations/20260102090000_a.php", "<?php class A {}"),
            ("db/migrations/20260102090000_b.php", "<?php class C {}"),
            ("db/migrations/x.php", ""),
        ]);
        let migrations = tree.clone();
        let facts = PackageFacts {
            tree: &tree,
            migrations: crate::base::file_tree::FileTree::paths(&migrations),
            rules: &LintRules::default(),
        };
        let found: Vec<Observation> = migration_findings(&facts)
            .into_iter()
            .map(|finding| finding.what)
            .collect();
        assert_eq!(
            found,
            [
                Observation::MigrationTwice {
                    version: "20260102090000".to_owned()
                },
                Observation::MigrationClass { class: "B".to_owned() },
                Observation::MigrationName,
            ]
        );
    }
}
