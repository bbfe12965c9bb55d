//! What undoing migrations could take away, as their texts tell it (SPEC 2 §3): the tables and columns that they name, or all
//! there is where names may be put together, or come from elsewhere. Pure: what is not certain counts as taken.

use std::collections::BTreeSet;

use super::facts::{FactColumn, Schema, Taken, names};
use super::readable::is_readable;
use super::text::{Token, calls, is_part, is_word, plain_of, tokens};

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
