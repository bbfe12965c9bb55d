//! Whether the names that a migration's text means all stand in it: none is put together, or comes from elsewhere. Pure: what
//! is not certain is not readable.

use super::facts::names;
use super::text::{Token, calls, is_part, is_word, plain_of};

/// Functions that put no names together.
const FUNCTIONS: [&str; 34] = [
    "sprintf",
    "array",
    "isset",
    "empty",
    "count",
    "in_array",
    "array_keys",
    "array_values",
    "date",
    "time",
    "trim",
    "strtolower",
    "strtoupper",
    "json_encode",
    "is_string",
    "is_array",
    "list",
    "unset",
    "foreach",
    "if",
    "elseif",
    "while",
    "for",
    "switch",
    "catch",
    "match",
    "return",
    "print",
    "echo",
    "function",
    "fn",
    "use",
    "declare",
    "and",
];

/// Methods of the runner, of which none gives a name.
const METHODS: [&str; 31] = [
    "table",
    "hastable",
    "hascolumn",
    "hasindex",
    "hasforeignkey",
    "create",
    "save",
    "update",
    "drop",
    "addcolumn",
    "addindex",
    "addforeignkey",
    "addforeignkeywithname",
    "addtimestamps",
    "addtimestampswithtimezone",
    "removecolumn",
    "removeindex",
    "removeindexbyname",
    "dropforeignkey",
    "renamecolumn",
    "rename",
    "renametable",
    "changecolumn",
    "changeprimarykey",
    "changecomment",
    "droptable",
    "exists",
    "execute",
    "insert",
    "savedata",
    "truncate",
];

/// What a server is asked for, and a condition alone may ask.
const QUESTIONS: [&str; 3] = ["fetchrow", "fetchall", "query"];

/// Words of PHP by which something comes from elsewhere.
const ELSEWHERE: [&str; 9] = [
    "include",
    "include_once",
    "require",
    "require_once",
    "eval",
    "global",
    "goto",
    "yield",
    "parent",
];

/// Words of SQL by which statements are made of values, or nobody sees what goes.
const MADE: [&str; 6] = [
    "prepare",
    "execute immediate",
    "call",
    "information_schema",
    "drop database",
    "drop schema",
];

/// Whether every name that a text could mean stands in it as a word.
pub(super) fn is_readable(tokens: &[Token]) -> bool {
    let said = tokens.iter().filter_map(|token| match token {
        Token::Literal { text, .. } => Some(text.as_str()),
        _ => None,
    });
    let is_class = tokens.iter().any(|token| is_word(token, "class"));
    if !is_class {
        return !MADE.iter().any(|word| names(&[plain_of(tokens)], word));
    }
    let literals: Vec<String> = said.map(str::to_owned).collect();
    let is_open = |token: &Token| matches!(token, Token::Literal { open: true, .. });
    let formats = calls(tokens, "sprintf") && literals.iter().any(|text| is_open_format(text));
    !tokens.iter().any(is_open)
        && !formats
        && !MADE.iter().any(|word| names(&literals, word))
        && (0..tokens.len()).all(|at| is_plain(tokens, at))
}

/// A name that a format puts together.
fn is_open_format(text: &str) -> bool {
    text.match_indices('%').any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + 1..].trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == '$');
        before.is_some_and(is_part) || after.chars().nth(1).is_some_and(is_part)
    })
}

/// Whether one piece means no name that stands nowhere.
fn is_plain(tokens: &[Token], at: usize) -> bool {
    let back = |steps: usize| at.checked_sub(steps).and_then(|at| tokens.get(at));
    let ahead = |steps: usize| tokens.get(at + steps);
    let is_sign = |token: Option<&Token>, sign: char| token == Some(&Token::Sign(sign));
    match &tokens[at] {
        Token::Literal { text, .. } => {
            let joined_before = is_sign(back(1), '.') || (is_sign(back(1), '=') && is_sign(back(2), '.'));
            let joined_after = is_sign(ahead(1), '.');
            let grows_before = joined_before && text.starts_with(is_part) && !ends_apart(back(2));
            let grows_after = joined_after && text.ends_with(is_part) && !begins_apart(ahead(2));
            !grows_before && !grows_after
        }
        Token::Variable(name) => {
            let is_called = is_sign(ahead(1), '(') || is_sign(back(1), '>');
            !(is_called || name.is_empty() || name == "GLOBALS" || name.starts_with('_'))
        }
        Token::Word(word) => is_plain_word(tokens, at, word),
        Token::Sign(sign) => *sign != '`',
    }
}

/// A literal after which a word begins.
fn ends_apart(token: Option<&Token>) -> bool {
    matches!(token, Some(Token::Literal { text, .. }) if !text.ends_with(is_part))
}

/// A literal that ends a word.
fn begins_apart(token: Option<&Token>) -> bool {
    matches!(token, Some(Token::Literal { text, .. }) if !text.starts_with(is_part))
}

fn is_plain_word(tokens: &[Token], at: usize, word: &str) -> bool {
    let back = |steps: usize| at.checked_sub(steps).and_then(|at| tokens.get(at));
    let ahead = |steps: usize| tokens.get(at + steps);
    let is_sign = |token: Option<&Token>, sign: char| token == Some(&Token::Sign(sign));
    let is = |token: Option<&Token>, word: &str| token.is_some_and(|token| is_word(token, word));
    let is_own = || {
        tokens
            .windows(2)
            .any(|pair| is_word(&pair[0], "function") && is_word(&pair[1], word))
    };
    let is_method = is_sign(back(1), '>') && is_sign(back(2), '-');
    let is_static = is_sign(back(1), ':') && is_sign(back(2), ':');
    if ELSEWHERE.contains(&word) {
        return false;
    }
    if is_sign(ahead(1), '(') {
        let named =
            |token: &&Token| matches!(token, Token::Sign('\\')) || matches!(token, Token::Word(word) if word != "new");
        let made = tokens[..at].iter().rev().find(|token| !named(token));
        if is(back(1), "function") || (is(made, "new") && !is_method && !is_static) {
            return true;
        }
        if is_static {
            let of = back(3);
            return ((is(of, "self") || is(of, "static")) && is_own()) || (is(of, "literal") && word == "from");
        }
        if is_method {
            return METHODS.contains(&word) || is_own() || (QUESTIONS.contains(&word) && is_condition(tokens, at));
        }
        return FUNCTIONS.contains(&word);
    }
    match word {
        // Something is thrown: nothing else is made.
        "new" => is(back(1), "throw"),
        "extends" => {
            let name = tokens[at..].iter().take_while(|token| **token != Token::Sign('{'));
            name.last().is_some_and(|token| is_word(token, "abstractmigration"))
        }
        // Of a class it takes in what stands elsewhere.
        "use" => !tokens[..at].iter().any(|token| is_word(token, "class")) || is_sign(ahead(1), '('),
        _ if is_method => {
            let is_it = |token: &Token| matches!(token, Token::Variable(name) if name.to_lowercase() == word);
            tokens.iter().any(is_it)
        }
        _ if is_static => {
            let is_known = is(back(3), "self") || is(back(3), "static");
            word == "class" || (is_known && is_declared(tokens, word))
        }
        // A value that stands elsewhere.
        _ if is_sign(back(1), '.') || is_sign(ahead(1), '.') || is_sign(back(1), '(') && is_sign(ahead(1), ')') => {
            ["php_eol", "self", "static", "true", "false", "null"].contains(&word)
                || word.parse::<u64>().is_ok()
                || is_sign(ahead(1), ':')
        }
        _ => true,
    }
}

fn is_declared(tokens: &[Token], constant: &str) -> bool {
    let begins = |at: usize| {
        tokens[..at]
            .iter()
            .rposition(|token| matches!(token, Token::Sign(';' | '{' | '}')))
    };
    (1..tokens.len().saturating_sub(1)).any(|at| {
        let is_it = is_word(&tokens[at], constant) && tokens[at + 1] == Token::Sign('=');
        is_it && begins(at).is_some_and(|from| tokens[from..at].iter().any(|token| is_word(token, "const")))
    })
}

/// `if ($this->…(` and `if (!$this->…(`.
fn is_condition(tokens: &[Token], at: usize) -> bool {
    let before = &tokens[..at.saturating_sub(3)];
    let before = before.strip_suffix(&[Token::Sign('!')]).unwrap_or(before);
    matches!(before, [.., Token::Word(word), Token::Sign('(')] if word == "if")
}
