//! What is said of migrations by their names and classes. Whether one can be undone says who reads them. Pure, but for reading the
//! files.

use std::collections::{BTreeMap, BTreeSet};

use super::php_names::is_phps;
use super::php_text::declared;
use super::{Finding, Observation, PackageFacts};

/// Digits of a version.
const DIGITS: usize = 14;
/// What every migration is one of, in lower case.
const BASE: &str = "abstractmigration";

/// What is said of the migrations of a package.
pub fn migration_findings(facts: &PackageFacts<'_>) -> Vec<Finding> {
    let (mut found, mut versions, mut classes) = (Vec::new(), BTreeSet::new(), BTreeMap::new());
    for path in facts.migrations {
        let Some((version, class)) = named(path) else {
            found.push(Finding::of_file(path, Observation::MigrationName));
            continue;
        };
        if !versions.insert(version) {
            let version = version.to_owned();
            found.push(Finding::of_file(path, Observation::MigrationTwice { version }));
        }
        if let Some(other) = classes.insert(class.to_ascii_lowercase(), path) {
            let (class, other) = (class.clone(), other.clone());
            found.push(Finding::of_file(
                path,
                Observation::MigrationClassTwice { class, other },
            ));
        }
        let of_class = of_class(class, &facts.read(path));
        found.extend(of_class.map(|what| Finding::of_file(path, what)));
    }
    found
}

/// Why the runner could not use the class of a file.
fn of_class(class: String, text: &[u8]) -> Option<Observation> {
    if is_phps(&class) {
        return Some(Observation::MigrationReserved { class });
    }
    let declared = declared(text);
    if let Some(namespace) = declared.namespace {
        return Some(Observation::MigrationNamespace { class, namespace });
    }
    if !declared.classes.contains(&class.to_ascii_lowercase()) {
        return Some(Observation::MigrationClass { class });
    }
    (!declared.may_name(BASE)).then_some(Observation::MigrationParent { class })
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

    const MIGRATIONS: [(&str, &str); 9] = [
        (
            "db/migrations/20260102090000_a.php",
            "<?php class A extends AbstractMigration {}",
        ),
        (
            "db/migrations/20260102090000_b.php",
            "<?php class C extends AbstractMigration {}",
        ),
        (
            "db/migrations/20260102090001_A.php",
            "<?php class A extends AbstractMigration {}",
        ),
        (
            "db/migrations/20260102090002_list.php",
            "<?php class List extends AbstractMigration {}",
        ),
        (
            "db/migrations/20260102090003_d.php",
            "<?php namespace App; class D extends AbstractMigration {}",
        ),
        (
            "db/migrations/20260102090004_e.php",
            "<?php class E extends stdClass {}",
        ),
        (
            "db/migrations/20260102090005_f.php",
            "<?php require 'base.php'; class F extends Base {}",
        ),
        (
            "db/migrations/20260102090006_g.php",
            "<?php use Phinx\\Migration\\AbstractMigration as M; final class G extends M {}",
        ),
        ("db/migrations/x.php", ""),
    ];

    #[test]
    fn what_the_runner_would_not_take_is_told() {
        let tree = MemoryTree::of_texts(&MIGRATIONS);
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
                Observation::MigrationClassTwice {
                    class: "A".to_owned(),
                    other: "db/migrations/20260102090000_a.php".to_owned()
                },
                Observation::MigrationReserved {
                    class: "List".to_owned()
                },
                Observation::MigrationNamespace {
                    class: "D".to_owned(),
                    namespace: "app".to_owned()
                },
                Observation::MigrationParent { class: "E".to_owned() },
                Observation::MigrationName,
            ]
        );
    }
}
