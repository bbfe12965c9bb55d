//! `docs/specification.md`: its sections, and those of its tables that the program has as well.

use std::collections::{BTreeMap, BTreeSet};

use gestor_plugins::archive::RULES;
use gestor_plugins::config::{InstallParameters, Limits};
use gestor_plugins::history::Action;
use gestor_plugins::log::Step;
use gestor_plugins::outcome::ExecutionStatus;

use super::{codes, codes_of_table, text};

/// The specification, by section.
pub(super) struct Specification {
    /// By `§5`, `2 §1`.
    sections: BTreeMap<String, String>,
}

impl Specification {
    pub(super) fn read() -> Self {
        let text = text("docs/specification.md");
        let mut sections = BTreeMap::new();
        for section in text.split("\n## ").skip(1) {
            let (heading, body) = section.split_once('\n').unwrap();
            let (_, numbered) = heading.split_once(' ').unwrap();
            let (number, _) = numbered.split_once(": ").unwrap();
            let body = body.split("\n# ").next().unwrap_or_default();
            let earlier = sections.insert(number.to_owned(), format!("\n{body}\n"));
            assert!(earlier.is_none(), "{heading}");
        }
        Self { sections }
    }

    /// The text of a section.
    pub(super) fn section(&self, number: &str) -> Option<&str> {
        self.sections.get(number).map(String::as_str)
    }

    /// A part of a section, by its heading.
    fn part(&self, number: &str, heading: &str) -> &str {
        let section = self.section(number).unwrap();
        let after = section.split_once(&format!("\n### {heading}\n"));
        after.unwrap().1.split("\n### ").next().unwrap()
    }
}

/// The rows of the tables of a text.
fn rows(text: &str) -> Vec<Vec<&str>> {
    let rows = text
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.strip_suffix('|'));
    rows.map(|row| row.split('|').map(str::trim).collect()).collect()
}

/// What stands between backticks.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// What stands between quotation marks, from a text on to the next `]`.
fn listed<'t>(source: &'t str, from: &str) -> Vec<&'t str> {
    let list = source.split_once(from).unwrap().1.split_once("];").unwrap().0;
    list.split('"').skip(1).step_by(2).collect()
}

#[test]
fn the_specification_has_every_exit_code() {
    let specification = Specification::read();
    assert_eq!(codes_of_table(specification.section("§4").unwrap()), codes());
}

#[test]
fn the_specification_says_which_status_may_follow() {
    let specification = Specification::read();
    let table = rows(specification.part("§4", "Statuses"));
    let said: BTreeMap<&str, BTreeSet<&str>> = table
        .iter()
        .filter_map(|row| Some((*quoted(row[0]).first()?, quoted(row[1]).into_iter().collect())))
        .collect();
    let follows = |from: ExecutionStatus| {
        let others = ExecutionStatus::ALL.into_iter().filter(move |(to, ..)| *to != from);
        others
            .filter(move |(to, ..)| from.path_to(*to).is_some())
            .map(|(_, word, _)| word)
    };
    let known = ExecutionStatus::ALL
        .into_iter()
        .map(|(from, word, _)| (word, follows(from).collect()));
    assert_eq!(said, known.collect());
}

#[test]
fn the_specification_has_every_archive_rule() {
    let specification = Specification::read();
    let section = specification.section("§8").unwrap();
    let said: Vec<&str> = quoted(section)
        .into_iter()
        .filter(|name| name.starts_with("ZIP_"))
        .collect();
    let known: BTreeSet<&str> = RULES.iter().map(|(name, _)| *name).collect();
    assert_eq!(said.iter().copied().collect::<BTreeSet<_>>(), known);
    assert_eq!(said.len(), known.len());
}

#[test]
fn the_specification_has_every_limit_with_its_default() {
    let specification = Specification::read();
    let table = rows(specification.part("§8", "Limits"));
    let said = table
        .iter()
        .filter_map(|row| Some((*quoted(row[0]).first()?, row[1].parse().ok())));
    let known = Limits::KEYS.iter().map(|key| (*key, Limits::default().get(key)));
    assert_eq!(said.collect::<BTreeMap<&str, Option<u64>>>(), known.collect());
}

#[test]
fn the_specification_has_the_steps_in_their_order() {
    let specification = Specification::read();
    let table = rows(specification.part("§3", "Progress"));
    let said = table
        .iter()
        .filter_map(|row| Some((row[0].parse().ok()?, *quoted(row[1]).first()?)));
    let known = Step::ALL.iter().map(|step| (step.index(), step.name()));
    assert_eq!(said.collect::<Vec<(usize, &str)>>(), known.collect::<Vec<_>>());
}

#[test]
fn the_specification_has_the_keys_of_an_installation() {
    let specification = Specification::read();
    let (_, table) = specification
        .section("§3")
        .unwrap()
        .split_once("Keys of `plugin_install`:\n")
        .unwrap();
    let table = table.split("\n### ").next().unwrap();
    let said: BTreeSet<&str> = rows(table).iter().skip(1).flat_map(|row| quoted(row[1])).collect();
    assert_eq!(said, InstallParameters::TAKES.iter().map(|one| one.name).collect());
}

#[test]
fn the_specification_has_the_tables_that_no_package_writes() {
    let specification = Specification::read();
    let part = specification.part("§6", "Data files");
    let line = part
        .lines()
        .skip_while(|line| !line.starts_with("No package writes"))
        .nth(2);
    let source = text("src/data/package/table_name.rs");
    assert_eq!(quoted(line.unwrap()), listed(&source, "const FORBIDDEN: "));
}

#[test]
fn the_specification_has_the_fields_of_descriptors() {
    let specification = Specification::read();
    let table = rows(specification.section("§7").unwrap());
    let said: Vec<&str> = table
        .iter()
        .flat_map(|row| [quoted(row[0]), quoted(row[1])].concat())
        .collect();
    let source = text("src/resources/fields.rs");
    assert_eq!(said, listed(&source, "const NAMES: "));
}

#[test]
fn the_specification_has_the_actions_of_the_history() {
    let specification = Specification::read();
    let part = specification.part("2 §1", "History");
    let line = part.lines().find(|line| line.starts_with("- Actions")).unwrap();
    assert_eq!(quoted(line), Action::ALL.map(|(_, word)| word));
}

/// Our tables with their columns, from the statements that make them.
fn made(source: &str) -> BTreeMap<String, Vec<String>> {
    let source = source.split("#[cfg(test)]").next().unwrap().replace("\\\n", "");
    let source = source.split_whitespace().collect::<Vec<_>>().join(" ");
    let statements = source.split("CREATE TABLE IF NOT EXISTS ").skip(1);
    statements
        .map(|statement| {
            let (name, columns) = statement.split_once(" (").unwrap();
            let columns = columns
                .split(", ")
                .take_while(|column| !column.starts_with("PRIMARY KEY"));
            let name_of = |column: &str| column.split(' ').next().unwrap().to_owned();
            (name.to_owned(), columns.map(name_of).collect())
        })
        .collect()
}

#[test]
fn the_specification_has_our_tables_with_their_columns() {
    let specification = Specification::read();
    let section = specification.section("2 §1").unwrap();
    let said: BTreeMap<String, Vec<String>> = rows(section.split("\n### ").next().unwrap())
        .iter()
        .filter_map(|row| {
            let columns = quoted(row[1]).into_iter().map(str::to_owned);
            Some(((*quoted(row[0]).first()?).to_owned(), columns.collect()))
        })
        .collect();
    let mut known = made(&text("src/registry/steps.rs"));
    known.extend(made(&text("src/registry/operations.rs")));
    assert_eq!(said, known);
}
