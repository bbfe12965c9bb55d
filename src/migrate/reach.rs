//! What undoing migrations could take away, as their texts tell it (SPEC 2 §3): the tables and columns that they name, or all
//! there is where names may be put together, or come from elsewhere. Pure: what is not certain counts as taken.

use std::collections::BTreeSet;

use super::facts::{FactColumn, Schema, Taken, names};
use super::text::{Token, is_part, tokens};

/// What texts could take away of a schema.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reach {
    /// Nobody can tell what: a name is put together, or comes from elsewhere.
    pub everything: bool,
    /// Tables with their rows.
    pub tables: BTreeSet<String>,
    /// Columns of others.
    pub columns: BTreeSet<FactColumn>,
}

impl Reach {
    /// Of the text of one migration.
    pub fn of(text: &str, schema: &Schema) -> Self {
        let tokens = tokens(text);
        let plain = [text.to_owned(), plain_of(&tokens)];
        let named: BTreeSet<&String> = schema.tables.keys().filter(|table| names(&plain, table)).collect();
        let mut reach = Self {
            everything: !is_readable(&tokens),
            ..Self::default()
        };
        for segment in segments(&tokens).iter().filter(|segment| takes_rows(segment)) {
            let said = [plain_of(segment)];
            let here = named.iter().filter(|table| names(&said, table));
            let here: BTreeSet<String> = here.map(|table| (*table).clone()).collect();
            if here.is_empty() || is_indirect(segment) {
                reach.tables.extend(named.iter().map(|table| (*table).clone()));
            }
            reach.tables.extend(here);
        }
        for table in named.into_iter().filter(|table| !reach.tables.contains(*table)) {
            let columns = schema.tables[table].iter().filter(|column| names(&plain, &column.name));
            reach.columns.extend(columns.map(|column| FactColumn {
                tabela: table.clone(),
                coluna: column.name.clone(),
            }));
        }
        reach
    }

    /// Together with that of another text.
    pub fn extend(&mut self, other: Self) {
        self.everything |= other.everything;
        self.tables.extend(other.tables);
        self.columns.extend(other.columns);
    }
}

/// What stands and that the way back of a migration drops, where it says so outright.
pub fn drops(text: &str, schema: &Schema) -> Taken {
    let tokens = tokens(text);
    let everywhere = [plain_of(&tokens)];
    let mut found = Taken::default();
    for segment in segments(way_back(&tokens)) {
        let said = plain_of(&segment).to_lowercase();
        if let Some((_, operands)) = said.split_once("drop table ") {
            found.tables.extend(named_tables(schema, operands));
        } else if calls(&segment, "drop") || calls(&segment, "droptable") {
            found.tables.extend(named_tables(schema, &said));
        }
        let columns = dropped_columns(&segment, &said);
        if columns.is_empty() {
            continue;
        }
        let mut of = named_tables(schema, &said);
        if of.is_empty() {
            of = named_tables(schema, &everywhere[0]);
        }
        for (tabela, coluna) in of
            .iter()
            .flat_map(|table| columns.iter().map(move |column| (table, column)))
        {
            let known = schema.tables[tabela]
                .iter()
                .find(|known| known.name.to_lowercase() == *coluna);
            found.columns.extend(known.map(|known| FactColumn {
                tabela: tabela.clone(),
                coluna: known.name.clone(),
            }));
        }
    }
    found
}

fn named_tables(schema: &Schema, said: &str) -> Vec<String> {
    let said = [said.to_owned()];
    schema
        .tables
        .keys()
        .filter(|table| names(&said, table))
        .cloned()
        .collect()
}

/// Words after `DROP` that say that it is no column.
const NO_COLUMN: [&str; 15] = [
    "table",
    "temporary",
    "index",
    "key",
    "primary",
    "foreign",
    "constraint",
    "check",
    "partition",
    "view",
    "trigger",
    "procedure",
    "function",
    "event",
    "default",
];

/// Names after `DROP` and `DROP COLUMN`, and what `removeColumn()` is given.
fn dropped_columns(segment: &[Token], said: &str) -> Vec<String> {
    if calls(segment, "removecolumn") {
        let literals = segment.iter().filter_map(|token| match token {
            Token::Literal { text, .. } => Some(text.to_lowercase()),
            _ => None,
        });
        return literals.collect();
    }
    if !said.contains("alter table") {
        return Vec::new();
    }
    let words: Vec<&str> = said
        .split(|letter: char| !is_part(letter))
        .filter(|word| !word.is_empty())
        .collect();
    let after = |at: usize| {
        let skipped = ["column", "if", "exists"];
        words[at + 1..].iter().find(|word| !skipped.contains(word))
    };
    let drops = (0..words.len()).filter(|at| words[*at] == "drop");
    let operands = drops.filter_map(after).filter(|word| !NO_COLUMN.contains(word));
    operands.map(|word| (*word).to_owned()).collect()
}

/// From `down()` on, up to `up()`; where there is no `down()`, all.
fn way_back(tokens: &[Token]) -> &[Token] {
    let begins = |method: &str| {
        let is_it = |pair: &[Token]| is_word(&pair[0], "function") && is_word(&pair[1], method);
        tokens.windows(2).position(is_it)
    };
    match (begins("down"), begins("up")) {
        (Some(down), Some(up)) if up > down => &tokens[down..up],
        (Some(down), _) => &tokens[down..],
        _ => tokens,
    }
}

fn is_word(token: &Token, word: &str) -> bool {
    matches!(token, Token::Word(found) if found == word)
}

/// Statements of PHP and of SQL: both end with a semicolon.
fn segments(tokens: &[Token]) -> Vec<Vec<Token>> {
    let (mut segments, mut segment) = (Vec::new(), Vec::new());
    for token in tokens {
        match token {
            Token::Sign(';' | '{' | '}') => segments.push(std::mem::take(&mut segment)),
            Token::Literal { text, open } => {
                for (at, text) in text.split(';').enumerate() {
                    if at > 0 {
                        segments.push(std::mem::take(&mut segment));
                    }
                    let (text, open) = (text.to_owned(), *open);
                    segment.push(Token::Literal { text, open });
                }
            }
            other => segment.push(other.clone()),
        }
    }
    segments.push(segment);
    segments
}

/// What pieces say, with one space between.
fn plain_of(tokens: &[Token]) -> String {
    let said = tokens.iter().map(|token| match token {
        Token::Word(word) => word.clone(),
        Token::Variable(name) => format!("${name}"),
        Token::Sign(sign) => sign.to_string(),
        Token::Literal { text, .. } => text.split_whitespace().collect::<Vec<_>>().join(" "),
    });
    said.collect::<Vec<_>>().join(" ")
}

/// Whether a method or a function is called.
fn calls(segment: &[Token], name: &str) -> bool {
    let is_it = |pair: &[Token]| is_word(&pair[0], name) && pair[1] == Token::Sign('(');
    segment.windows(2).any(is_it)
}

/// Words of a statement after which rows may be gone or changed.
const OF_ROWS: [&str; 12] = [
    "truncate",
    "delete",
    "replace",
    "update",
    "drop table",
    "drop temporary table",
    "convert",
    "engine",
    "partition",
    "discard",
    "exchange",
    "into outfile",
];

/// Calls of the runner's that do so.
const CALLS_OF_ROWS: [&str; 5] = ["drop", "droptable", "truncate", "create", "delete"];

fn takes_rows(segment: &[Token]) -> bool {
    // `update()` of a runner writes what was prepared: what it is stands before it.
    let statements = segment.iter().filter(|token| matches!(token, Token::Literal { .. }));
    let statements: Vec<Token> = statements.cloned().collect();
    let is_statement = segment.iter().all(|token| *token != Token::Sign('>'));
    let said = [plain_of(if is_statement { segment } else { &statements })];
    OF_ROWS.iter().any(|word| names(&said, word)) || CALLS_OF_ROWS.iter().any(|name| calls(segment, name))
}

/// Whether it speaks of something by a variable or a constant.
fn is_indirect(segment: &[Token]) -> bool {
    segment.iter().any(|token| match token {
        Token::Variable(name) => name != "this",
        Token::Word(word) => word == "self" || word == "static",
        Token::Literal { text, .. } => text.contains('$'),
        Token::Sign(_) => false,
    })
}

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
fn is_readable(tokens: &[Token]) -> bool {
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
            !(joined_before && text.starts_with(is_part) && !ends_apart(back(2)))
                && !(joined_after && text.ends_with(is_part) && !begins_apart(ahead(2)))
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
