//! Reads Rust source as text: what is code, which paths it names. Knows nothing of our rooms.

/// The text with comments and the contents of literals blanked, line by line where it was.
pub(crate) fn code_only(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut code = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = skipped_to(&chars, at);
        if end == at {
            code.push(chars[at]);
            at += 1;
            continue;
        }
        code.extend(chars[at..end].iter().map(|&c| if c == '\n' { '\n' } else { ' ' }));
        at = end;
    }
    code
}

/// Where the comment or literal that starts here ends; the same place when none starts.
fn skipped_to(chars: &[char], at: usize) -> usize {
    let next = chars.get(at + 1);
    match chars[at] {
        '/' if next == Some(&'/') => find(chars, at, |rest| rest[0] == '\n').0,
        '/' if next == Some(&'*') => find_end(chars, at + 2, |rest| rest.starts_with(&['*', '/']), 2),
        '"' => end_of_string(chars, at + 1),
        'r' if at == 0 || !is_word(chars[at - 1]) || chars[at - 1] == 'b' => end_of_raw_string(chars, at),
        '\'' if next == Some(&'\\') => find_end(chars, at + 3, |rest| rest[0] == '\'', 1),
        '\'' if chars.get(at + 2) == Some(&'\'') => at + 3,
        _ => at,
    }
}

fn find(chars: &[char], from: usize, is_it: impl Fn(&[char]) -> bool) -> (usize, bool) {
    (from..chars.len())
        .find(|&at| is_it(&chars[at..]))
        .map_or((chars.len(), false), |at| (at, true))
}

fn find_end(chars: &[char], from: usize, is_it: impl Fn(&[char]) -> bool, length: usize) -> usize {
    match find(chars, from.min(chars.len()), is_it) {
        (at, true) => at + length,
        (end, false) => end,
    }
}

fn end_of_string(chars: &[char], from: usize) -> usize {
    let mut at = from;
    while at < chars.len() && chars[at] != '"' {
        at += if chars[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(chars.len())
}

fn end_of_raw_string(chars: &[char], at: usize) -> usize {
    let hashes = chars[at + 1..].iter().take_while(|&&c| c == '#').count();
    if chars.get(at + 1 + hashes) != Some(&'"') {
        return at;
    }
    let mut close = vec!['"'];
    close.resize(1 + hashes, '#');
    find_end(chars, at + 2 + hashes, |rest| rest.starts_with(&close), 1 + hashes)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The part of a file that is not its test module.
pub(crate) fn before_tests(text: &str) -> &str {
    const MARK: &str = "\n#[cfg(test)]\n";
    let opens_module = |at: &usize| {
        let line = text[at + MARK.len()..].lines().next().unwrap_or_default();
        line.contains("mod ") && line.ends_with('{')
    };
    let found = text.match_indices(MARK).map(|(at, _)| at).find(opens_module);
    found.map_or(text, |at| &text[..=at])
}

/// Every path in code that starts with `crate`, `super` or `self`, with use trees spelled out.
pub(crate) fn paths(code: &str) -> Vec<Vec<String>> {
    let chars: Vec<char> = code.chars().collect();
    let mut found = Vec::new();
    for at in 0..chars.len() {
        let starts = (at == 0 || !is_word(chars[at - 1]) && chars[at - 1] != ':')
            && ["crate", "super", "self"]
                .iter()
                .any(|word| is_root(&chars[at..], word));
        if starts {
            read_tree(&chars, at, &mut Vec::new(), &mut found);
        }
    }
    found
}

fn is_root(rest: &[char], word: &str) -> bool {
    let length = word.len();
    rest.len() > length + 1
        && rest[..length].iter().copied().eq(word.chars())
        && rest[length..].starts_with(&[':', ':'])
}

/// Reads one path or use tree and returns where it ends.
fn read_tree(chars: &[char], mut at: usize, path: &mut Vec<String>, found: &mut Vec<Vec<String>>) -> usize {
    let depth = path.len();
    loop {
        at = skip_space(chars, at);
        if chars.get(at) == Some(&'{') {
            at = read_group(chars, at + 1, path, found);
            break;
        }
        let word: String = chars[at..].iter().take_while(|&&c| is_word(c) || c == '*').collect();
        at += word.chars().count();
        let is_empty = word.is_empty();
        if !is_empty {
            path.push(word);
        }
        if !is_empty && chars[at.min(chars.len())..].starts_with(&[':', ':']) {
            at += 2;
            continue;
        }
        found.push(path.clone());
        break;
    }
    path.truncate(depth);
    at
}

fn read_group(chars: &[char], mut at: usize, path: &mut Vec<String>, found: &mut Vec<Vec<String>>) -> usize {
    loop {
        at = read_tree(chars, at, path, found);
        // `as name` stands between an item and its comma.
        while at < chars.len() && chars[at] != ',' && chars[at] != '}' {
            at += 1;
        }
        let is_over = chars.get(at) != Some(&',');
        at += 1;
        at = skip_space(chars, at);
        if is_over {
            return at;
        }
        if chars.get(at) == Some(&'}') {
            return at + 1;
        }
    }
}

fn skip_space(chars: &[char], mut at: usize) -> usize {
    while at < chars.len() && chars[at].is_whitespace() {
        at += 1;
    }
    at.min(chars.len())
}

/// Names the module that a path means, seen from a module: `["data", "apply"]` and `super::plan::Plan` give
/// `["data", "plan", "Plan"]`.
pub(crate) fn resolve(module: &[String], path: &[String]) -> Vec<String> {
    let mut absolute = if path[0] == "crate" {
        Vec::new()
    } else {
        module.to_vec()
    };
    for part in path {
        match part.as_str() {
            "crate" | "self" => {}
            "super" => {
                absolute.pop();
            }
            name => absolute.push(name.to_owned()),
        }
    }
    absolute
}

#[test]
fn literals_and_comments_are_not_code() {
    for (text, words) in [
        ("a // crate::b\nc", "a c"),
        ("a /* x\n */ b", "a b"),
        (r#"f("crate::\" b") g"#, "f( ) g"),
        ("f(r#\"a\"b\"#) g", "f( ) g"),
        ("'a' 'static '\\'' b", "'static b"),
        ("for r in br\"x\" {}", "for r in b {}"),
    ] {
        let code = code_only(text);
        assert_eq!(code.split_whitespace().collect::<Vec<_>>().join(" "), words, "{text}");
        assert_eq!(
            (code.chars().count(), code.lines().count()),
            (text.chars().count(), text.lines().count())
        );
    }
}

#[test]
fn use_trees_are_spelled_out() {
    let joined = |code: &str| paths(code).iter().map(|path| path.join("::")).collect::<Vec<_>>();
    for (code, found) in [
        ("use crate::a::B;", vec!["crate::a::B"]),
        (
            "use crate::{a, b::{C, d as e,\n f::*}, g};",
            vec!["crate::a", "crate::b::C", "crate::b::d", "crate::b::f::*", "crate::g"],
        ),
        ("x(super::super::y::Z::<u8>::new())", vec!["super::super::y::Z"]),
        ("pub(crate) fn a(self) { mycrate::x }", vec![]),
        ("pub(in crate::ops) fn a() {}", vec!["crate::ops"]),
    ] {
        assert_eq!(joined(code), found, "{code}");
    }
}

#[test]
fn relative_paths_are_resolved() {
    let words = |text: &str| text.split("::").map(str::to_owned).collect::<Vec<_>>();
    for (module, path, absolute) in [
        ("data::apply", "super::plan::Plan", "data::plan::Plan"),
        ("data::apply", "super::super::base", "base"),
        ("data", "self::plan", "data::plan"),
        ("data", "crate::model::Slug", "model::Slug"),
    ] {
        assert_eq!(resolve(&words(module), &words(path)), words(absolute));
    }
}
