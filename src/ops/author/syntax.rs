//! What PHP itself says of a package's PHP, where there is a PHP: whether it can be read at all. Nothing of it is run.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use crate::author::{Finding, Observation};
use crate::base::file_tree::FileTree;
use crate::base::process::{self, Ended, Program};
use crate::scripts::Php;

/// Files that are looked at: each costs a start of PHP.
const MOST: usize = 1000;
/// PHP has so long for one.
const PATIENCE: Duration = Duration::from_secs(10);
/// Letters of what it says.
const SHOWN: usize = 300;
/// What it calls the text that it is given.
const NAMELESS: [&str; 2] = [" in Standard input code", " in -"];
/// What stands before a line's number.
const LINE: &str = " on line ";

/// What it says. What cannot be asked is not told: the package is no worse for it.
pub(super) fn syntax_findings(tree: &dyn FileTree, php: &Php) -> Vec<Finding> {
    let is_php = |path: &&String| path.to_ascii_lowercase().ends_with(".php");
    let files = tree.paths().iter().filter(is_php).take(MOST);
    let mut found = Vec::new();
    for path in files {
        let Ok(Some(text)) = tree.read(path) else { continue };
        if let Some(said) = refused(&text, php) {
            let (said, line) = place(&said);
            let what = Observation::Syntax { said };
            found.push(Finding {
                line,
                ..Finding::of_file(path, what)
            });
        }
    }
    found
}

/// What PHP says of a text that it does not take.
fn refused(text: &[u8], php: &Php) -> Option<String> {
    // Without settings: which extensions are loaded does not count.
    let arguments = ["-n", "-d", "display_errors=stderr", "-d", "log_errors=0", "-l"];
    let program = Program {
        arguments: arguments.map(OsString::from).to_vec(),
        ..php.program(Path::new("-"), Path::new("/"))
    };
    let (ending, _) = process::converse(&program, (text, 0), PATIENCE, &mut |_| true).ok()?;
    if !matches!(ending.ended, Ended::Code(code) if code != 0) || ending.stopped.is_some() {
        return None;
    }
    let said = ending.output.text(&str::to_owned, &|_| String::new());
    let said = said.lines().map(str::trim).find(|line| !line.is_empty())?;
    Some(said.chars().take(SHOWN).collect())
}

/// The sentence without its place, and the line.
fn place(said: &str) -> (String, Option<usize>) {
    let (said, line) = match said.rsplit_once(LINE) {
        Some((said, line)) => (said, line.trim().parse().ok()),
        None => (said, None),
    };
    let bare = NAMELESS.iter().find_map(|name| said.strip_suffix(name));
    let bare = bare.unwrap_or(said).trim_start_matches("PHP ");
    (bare.to_owned(), line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::file_tree::MemoryTree;

    #[test]
    fn what_php_does_not_take_is_told_with_its_line() {
        let tree = MemoryTree::of_texts(&[
            ("a.php", "<?php\n\nfunction f( {}\n"),
            ("b.php", "<p>no code</p>"),
            ("c.PHP", "<?php f(); exit(3);"),
            ("d.txt", "<?php ("),
        ]);
        let environment = vec![("PATH", std::env::var("PATH").unwrap())];
        let php = Php::find(None, environment, (None, Vec::new()), (0, 0)).unwrap();
        let found = syntax_findings(&tree, &php);
        let shown: Vec<_> = found.iter().map(|one| (one.file.as_deref(), one.line)).collect();
        assert_eq!(shown, [(Some("a.php"), Some(3))]);
        let text = found[0].what.to_string();
        assert!(text.contains("syntax error") && !text.contains("on line"), "{text}");
    }

    #[test]
    fn a_sentence_is_told_apart_from_its_place() {
        for (said, expected) in [
            (
                "PHP Parse error:  syntax error in Standard input code on line 12",
                ("Parse error:  syntax error", Some(12)),
            ),
            ("Fatal error: x in - on line 3", ("Fatal error: x", Some(3))),
            ("no place", ("no place", None)),
        ] {
            let (said, line) = place(said);
            assert_eq!((said.as_str(), line), expected);
        }
    }
}
