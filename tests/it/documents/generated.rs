//! What is written from the catalogue of operations and the table of parameters: what PHP reads of them, the stubs, lists in
//! the header and the README. `bin/generate` writes it; here it is compared.

use std::fs;
use std::path::Path;

use gestor_plugins::config::{PARAMETERS, Parameter, ParameterType, Settings, variable};
use gestor_plugins::model::{Bilingual, Lang};
use gestor_plugins::ops::{CATALOGUE, CommandOption, Definition, Gives};

use super::text;
use crate::support::told;

/// Longest line of what is written.
const WIDTH: usize = 120;

/// A text in lines: `first` stands before it, `then` before those that follow.
fn wrapped<'t>(words: impl Iterator<Item = &'t str>, first: &str, then: &str) -> Vec<String> {
    let mut lines = vec![first.to_owned()];
    let mut is_empty = true;
    for word in words {
        let line = lines.last_mut().unwrap();
        if !is_empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
            lines.push(format!("{then}{word}"));
        } else {
            line.push_str(if is_empty { "" } else { " " });
            line.push_str(word);
        }
        is_empty = false;
    }
    lines
}

/// `'a', 'b',` in lines.
fn php_list(items: impl Iterator<Item = String>, indentation: &str) -> String {
    let items: Vec<_> = items.map(|item| format!("{item},")).collect();
    let lines = wrapped(items.iter().map(String::as_str), indentation, indentation);
    lines.join("\n") + "\n"
}

fn quoted(name: &str) -> String {
    format!("'{name}'")
}

fn names(parameters: &[Parameter]) -> String {
    let names: Vec<_> = parameters.iter().map(|one| quoted(one.name)).collect();
    names.join(", ")
}

fn php_type(gives: Gives) -> &'static str {
    match gives {
        Gives::Code => "int",
        Gives::Report => "array",
        Gives::Truth => "bool",
    }
}

fn signature(operation: &Definition) -> String {
    let progress = match operation.gives {
        Gives::Code => ", ?callable $progress = null",
        Gives::Report | Gives::Truth => "",
    };
    let (function, gives) = (operation.function, php_type(operation.gives));
    format!("function {function}(array $params{progress}): {gives}")
}

fn commands() -> impl Iterator<Item = (&'static Definition, &'static CommandOption)> {
    CATALOGUE
        .iter()
        .flat_map(|operation| operation.options.iter().map(|option| (*operation, option)))
}

/// What `--help` says of the options that ask for an operation.
fn help(lang: Lang) -> String {
    let entry = |(_, option): (&Definition, &CommandOption)| {
        let first = format!("          --{:<20}", option.name);
        let text = option.help.text(lang);
        let then = " ".repeat(first.len());
        wrapped(text.split(' '), &first, &then).join("\n") + "\n"
    };
    commands().map(entry).collect::<Vec<_>>().concat()
}

fn options_of(wanted: impl Fn(&Parameter) -> bool) -> String {
    let of = PARAMETERS.iter().filter(|one| wanted(one));
    let pairs = of.flat_map(|one| one.options.iter().map(|option| format!("'{option}' => '{}'", one.name)));
    php_list(pairs, "        ")
}

fn php_operations() -> String {
    let entry = |operation: &&Definition| {
        let head = format!(
            "'word' => '{}', 'gives' => '{}', 'requires' => [{}],",
            operation.word,
            php_type(operation.gives),
            names(operation.requires)
        );
        let takes = php_list(operation.takes.iter().map(|one| quoted(one.name)), "                ");
        format!(
            "        '{}' => [\n            {head}\n            'takes' => [\n{takes}            ],\n        ],\n",
            operation.function
        )
    };
    CATALOGUE.iter().map(entry).collect::<Vec<_>>().concat()
}

fn php_commands() -> String {
    let entry = |(operation, option): (&Definition, &CommandOption)| {
        format!(
            "        '{}' => ['function' => '{}', 'implies' => [{}]],\n",
            option.name,
            operation.function,
            names(option.implies)
        )
    };
    commands().map(entry).collect::<Vec<_>>().concat()
}

fn php_catalogue() -> String {
    let is_flag = |one: &Parameter| one.kind == ParameterType::Flag;
    let (operations, commands) = (php_operations(), php_commands());
    format!(
        r"<?php

declare(strict_types=1);

namespace GestorPlugins;

/**
 * What the native library offers: its operations, their parameters, the settings of the machine.
 *
 * Written by bin/generate from the library's own catalogue, which a test compares: not to be changed by hand.
 *
 * @SuppressWarnings(PHPMD.ExcessiveClassLength) a table grows with what there is
 */
final class Catalogue
{{
    /** By function: the library's word, what the function gives, what it takes, what of that must be there. */
    public const OPERATIONS = [
{operations}    ];
    /** Options of the command line that ask for an operation, and the flags that each stands for. */
    public const COMMANDS = [
{commands}    ];
    /** Options with a value, and their parameters. */
    public const VALUES = [
{values}    ];
    /** Options without one. */
    public const FLAGS = [
{flags}    ];
    /** Parameters that are paths, and have an option. */
    public const PATHS = [{paths}];
    /** Words of operations that may run migrations. */
    public const MIGRATING = [{migrating}];
    /** The settings that php.ini may hold. */
    public const SETTINGS = [
{settings}    ];
    /** What --help says of COMMANDS. */
    public const HELP_PORTUGUESE = <<<'TEXT'
{portuguese}
        TEXT;
    public const HELP_ENGLISH = <<<'TEXT'
{english}
        TEXT;
}}
",
        values = options_of(|one| !is_flag(one)),
        flags = options_of(is_flag),
        paths = {
            let is_path = |one: &&Parameter| one.kind == ParameterType::Path && !one.options.is_empty();
            let paths: Vec<_> = PARAMETERS.iter().filter(is_path).map(|one| quoted(one.name)).collect();
            paths.join(", ")
        },
        migrating = {
            let migrating = CATALOGUE.iter().filter(|operation| operation.migrates());
            let words: Vec<_> = migrating.map(|operation| quoted(operation.word)).collect();
            words.join(", ")
        },
        settings = php_list(Settings::keys().map(quoted), "        "),
        portuguese = help(Lang::PtBr),
        english = help(Lang::En),
    )
}

fn php_function(operation: &Definition) -> String {
    let (function, word) = (operation.function, operation.word);
    let summary = operation.summary.text(Lang::En);
    let lines = wrapped(summary.split(' '), "     * ", "     * ").join("\n");
    let body = match operation.gives {
        Gives::Code => format!("Answer::code('{word}', $params, $progress)"),
        Gives::Report => format!("Answer::report('{word}', $params)"),
        Gives::Truth => format!("Answer::truth('{word}', $params)"),
    };
    let signature = signature(operation);
    format!(
        "\nif (!function_exists('{function}')) {{\n    /**\n{lines}\n     */\n    {signature}\n    {{\n        return {body};\n    }}\n}}\n"
    )
}

fn php_functions() -> String {
    let functions = CATALOGUE.iter().map(|operation| php_function(operation));
    let functions = functions.collect::<Vec<_>>().concat();
    format!(
        r"<?php

declare(strict_types=1);

/**
 * The operations over the C library, for a PHP that has not loaded the extension `gestor_plugins`. Same names, same
 * results; each is declared only where the extension has not done so.
 *
 * Written by bin/generate from the library's own catalogue, which a test compares: not to be changed by hand.
 */

use GestorPlugins\Answer;
{functions}"
    )
}

fn shape(operation: &Definition) -> String {
    let member = |one: &Parameter| {
        let kind = one.kind.php();
        let name = one.name;
        match (operation.does_require(one), kind.contains('|')) {
            (true, _) => format!("{name}: {kind}"),
            (false, true) => format!("{name}?: null|{kind}"),
            (false, false) => format!("{name}?: ?{kind}"),
        }
    };
    let members: Vec<_> = operation.takes.iter().map(member).collect();
    let one_line = format!("array{{{}}}", members.join(", "));
    if one_line.len() < WIDTH - 70 {
        return one_line;
    }
    let text: Vec<_> = members.iter().map(|member| format!("{member},")).collect();
    let mut lines = wrapped(text.iter().map(String::as_str), " *     ", " *     ");
    if let Some(last) = lines.last_mut() {
        last.pop();
    }
    format!("array{{\n{}\n * }}", lines.join("\n"))
}

fn stub(operation: &Definition) -> String {
    let summary = operation.summary.text(Lang::En);
    let summary = wrapped(summary.split(' '), " * ", " * ").join("\n");
    let reports = operation.reports.join("|");
    let (progress, gives) = match operation.gives {
        Gives::Code => (
            " * @param (callable(PluginProgress): mixed)|null $progress returns false to cancel before the commit\n",
            format!("int one of PLG_EXIT_*; plugin_report() gives {reports}"),
        ),
        Gives::Report => ("", reports),
        Gives::Truth => ("", format!("bool where it is false, plugin_report() gives {reports}")),
    };
    format!(
        "/**\n{summary}\n *\n * @param {} $params null is absent; an unknown key is a ValueError\n{progress} * @return {gives}\n * @throws TypeError|ValueError for a call that is wrong; never for an operation that failed\n */\n{} {{}}\n\n",
        shape(operation),
        signature(operation)
    )
}

/// A text with the lines that begin with `mark` and follow `begin` replaced.
fn listing(text: &str, begin: &str, mark: &str, new: &str) -> String {
    let (before, rest) = text.split_once(begin).unwrap_or_else(|| panic!("no {begin:?}"));
    let old: usize = rest
        .split_inclusive('\n')
        .take_while(|line| line.starts_with(mark))
        .map(str::len)
        .sum();
    format!("{before}{begin}{new}{}", &rest[old..])
}

/// A text with what stands between two lines replaced.
fn between(text: &str, begin: &str, end: &str, new: &str) -> String {
    let (before, rest) = text.split_once(begin).unwrap_or_else(|| panic!("no {begin:?}"));
    let (_, after) = rest
        .split_once(end)
        .unwrap_or_else(|| panic!("no {end:?} after {begin:?}"));
    format!("{before}{begin}{new}{end}{after}")
}

fn stubs() -> String {
    let all = CATALOGUE
        .iter()
        .map(|operation| stub(operation))
        .collect::<Vec<_>>()
        .concat();
    let begin = "// The operations, as bin/generate writes them from the catalogue.\n\n";
    between(
        &text("php/stubs/gestor_plugins.stubs.php"),
        begin,
        "const PLG_EXIT_OK",
        &all,
    )
}

fn header() -> String {
    let begin = " * Operations, and the functions of PHP whose parameters they take:\n";
    let lines = CATALOGUE
        .iter()
        .map(|operation| format!(" *     {:<12} {}()\n", operation.word, operation.function))
        .collect::<Vec<_>>()
        .concat();
    listing(&text("include/gestor_plugins.h"), begin, " *     ", &lines)
}

fn code(text: &str) -> String {
    format!("`{text}`")
}

fn readme() -> String {
    let commands = commands()
        .map(|(_, option)| {
            format!(
                "| `--{}` | {} |\n",
                option.name,
                option.help.text(Lang::En).replace('|', "\\|")
            )
        })
        .collect::<Vec<_>>()
        .concat();
    let readme = listing(
        &text("README.md"),
        "| command | what it does |\n| --- | --- |\n",
        "|",
        &commands,
    );
    let row = |one: &Parameter| {
        let setting = one.setting.map_or_else(String::new, |setting| {
            let whose = if setting.is_of_the_machine {
                " (administrator)"
            } else {
                ""
            };
            format!("`gestor_plugins.{}`, `{}`{whose}", one.name, variable(one.name))
        });
        let options: Vec<_> = one.options.iter().map(|option| code(&format!("--{option}"))).collect();
        let default = match one.default().as_str() {
            "" => String::new(),
            said => code(said),
        };
        let takers: Vec<_> = CATALOGUE
            .iter()
            .filter(|operation| operation.does_take(one))
            .map(|operation| operation.word)
            .collect();
        format!(
            "| `{}` | {} | {setting} | {} | {default} | {} |\n",
            one.name,
            one.kind.php().replace('|', "\\|"),
            options.join(" "),
            takers.join(" ")
        )
    };
    let rows = PARAMETERS.iter().map(row).collect::<Vec<_>>().concat();
    let begin = "| parameter | type | php.ini, environment | option | default | taken by |\n| --- | --- | --- | --- | --- | --- |\n";
    listing(&readme, begin, "|", &rows)
}

#[test]
fn what_is_written_from_the_catalogue_is_as_it_would_be_written() {
    let native = "php/gestor/bibliotecas/plugins-native";
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (path, made) in [
        (format!("{native}/Catalogue.php"), php_catalogue()),
        (format!("{native}/operations.php"), php_functions()),
        ("php/stubs/gestor_plugins.stubs.php".to_owned(), stubs()),
        ("include/gestor_plugins.h".to_owned(), header()),
        ("README.md".to_owned(), readme()),
    ] {
        if told("GESTOR_PLUGINS_GENERATE").is_some() {
            fs::write(top.join(&path), &made).unwrap();
        }
        assert!(
            text(&path) == made,
            "{path} is not what the catalogue says: run bin/generate"
        );
    }
}
