//! What is written down twice must agree: exit codes, statuses, archive rules, limits, and the README's options. What the
//! source cites must stand in the specification: `specification`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use gestor_plugins::archive::RULES;
use gestor_plugins::config::{Limits, Settings};
use gestor_plugins::outcome::{ExecutionStatus, ExitCode};

mod catalogue;
mod citations;
mod generated;

mod specification;

fn text(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// Every `<prefix>NAME … number` of a text: names without their prefix, and the number that comes next on the line.
fn numbered(text: &str, prefix: &str) -> BTreeSet<(String, i32)> {
    text.lines()
        .filter_map(|line| {
            let rest = line.split_once(prefix)?.1;
            let name: String = rest
                .chars()
                .take_while(|&c| c.is_ascii_uppercase() || c == '_')
                .collect();
            let number: String = rest
                .chars()
                .skip_while(|c| !c.is_ascii_digit())
                .take_while(char::is_ascii_digit)
                .collect();
            Some((name, number.parse().ok()?)).filter(|(name, _)| !name.is_empty())
        })
        .collect()
}

fn codes() -> BTreeSet<(String, i32)> {
    ExitCode::ALL
        .iter()
        .map(|code| (code.label().to_owned(), code.number()))
        .collect()
}

/// The rows of a table that begin with a number and a name.
fn codes_of_table(text: &str) -> BTreeSet<(String, i32)> {
    text.lines()
        .filter_map(|line| {
            let mut cells = line.split('|').map(str::trim).skip(1);
            let number = cells.next()?.parse().ok()?;
            Some((cells.next()?.to_owned(), number))
        })
        .collect()
}

#[test]
fn exit_codes_are_the_same_everywhere() {
    assert_eq!(
        numbered(&text("include/gestor_plugins.h"), "GESTOR_PLUGINS_EXIT_"),
        codes()
    );
    assert_eq!(
        numbered(&text("php/gestor/bibliotecas/plugins-consts.php"), "PLG_EXIT_"),
        codes()
    );
    assert_eq!(codes_of_table(&text("README.md")), codes());
}

#[test]
fn statuses_are_those_of_the_constants() {
    let constants = text("php/gestor/bibliotecas/plugins-consts.php");
    for (_, word, suffix) in ExecutionStatus::ALL {
        let line = format!("'PLG_STATUS_{suffix}' => '{word}'");
        assert!(constants.contains(&line), "{line}");
    }
    assert_eq!(constants.matches("'PLG_STATUS_").count(), ExecutionStatus::ALL.len());
}

#[test]
fn the_readme_lists_every_archive_rule() {
    let readme = text("README.md");
    let listed: BTreeSet<_> = readme
        .lines()
        .filter_map(|line| line.strip_prefix("| `ZIP_")?.split_once('`'))
        .map(|(name, _)| format!("ZIP_{name}"))
        .collect();
    let known: BTreeSet<_> = RULES.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(listed, known);
    for (name, why) in RULES {
        assert!(readme.contains(&format!("| `{name}` | {why} |")), "{name}: {why}");
    }
}

#[test]
fn the_readme_names_every_limit_and_option() {
    let readme = text("README.md");
    for key in Limits::KEYS {
        assert!(readme.contains(&format!("(`{key}`)")), "limit {key}");
    }
    let command_line = ["CommandLine.php", "Help.php", "Catalogue.php"]
        .map(|file| text(&format!("php/gestor/bibliotecas/plugins-native/{file}")));
    for option in command_line.iter().flat_map(|text| text.split("--").skip(1)) {
        let name: String = option
            .chars()
            .take_while(|&c| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-".contains(c))
            .collect();
        if name.len() > 1 {
            assert!(readme.contains(&format!("--{name}")), "option --{name}");
        }
    }
}

#[test]
fn the_readme_names_every_setting_and_no_other() {
    let readme = text("README.md");
    let section = readme
        .split("## Settings\n")
        .nth(1)
        .unwrap()
        .split("\n## ")
        .next()
        .unwrap();
    let rows = section
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split(" |").next());
    let listed: BTreeSet<_> = rows
        .flat_map(|names| names.split(['`', ' ']).filter(|name| !name.is_empty()))
        .collect();
    let known: BTreeSet<_> = Settings::keys().collect();
    assert_eq!(listed, known);
}

/// Names of options in a text: `--name`.
fn options(text: &str) -> BTreeSet<&str> {
    let is_part = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-".contains(c);
    let found = text
        .split("--")
        .skip(1)
        .map(|rest| &rest[..rest.find(|c| !is_part(c)).unwrap_or(rest.len())]);
    found.filter(|name| name.len() > 1 && !name.starts_with('-')).collect()
}

#[test]
fn the_readme_lists_the_options_that_help_lists() {
    let readme = text("README.md");
    let section = readme
        .split("## From the command line\n")
        .nth(1)
        .unwrap()
        .split("\n## ")
        .next()
        .unwrap();
    let table: String = section.lines().filter(|line| line.starts_with("| `--")).collect();
    let native = "php/gestor/bibliotecas/plugins-native";
    let [help, commands] = ["Help.php", "Catalogue.php"].map(|file| text(&format!("{native}/{file}")));
    let mut listed = options(&help);
    listed.extend(options(commands.split("HELP_PORTUGUESE").nth(1).unwrap()));
    assert_eq!(options(&table), listed);
}
