//! The text of a migration taken apart: words, variables, signs, and literals with what is put together with them. Knows PHP
//! as far as names need it; a text that is no PHP class is read as SQL. Pure.

use std::iter::Peekable;
use std::str::Chars;

/// A piece of a text, comments left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A name or a number, in lower case.
    Word(String),
    /// A variable, without its `$`.
    Variable(String),
    /// Any other character.
    Sign(char),
    /// A quoted text, with spaces for its escapes. `open`: a value may be joined with a word of it.
    Literal {
        /// What it says.
        text: String,
        /// Whether a name in it is put together with something else.
        open: bool,
    },
}

/// Letters of which names are made.
pub(super) fn is_part(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// The pieces of a text.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(letter) = rest.next() {
        match letter {
            '#' if rest.peek() != Some(&'[') => skip_line(&mut rest),
            '/' if rest.peek() == Some(&'/') => skip_line(&mut rest),
            '/' if rest.peek() == Some(&'*') => skip_comment(&mut rest),
            '\'' | '"' => tokens.push(literal(&mut rest, letter)),
            '<' if is_heredoc(&rest) => tokens.push(heredoc(&mut rest)),
            '$' => tokens.push(Token::Variable(word(&mut rest, String::new()))),
            _ if is_part(letter) => tokens.push(Token::Word(word(&mut rest, letter.to_string()).to_lowercase())),
            _ if letter.is_whitespace() => {}
            sign => tokens.push(Token::Sign(sign)),
        }
    }
    tokens
}

fn skip_line(rest: &mut Peekable<Chars<'_>>) {
    rest.find(|letter| *letter == '\n');
}

fn skip_comment(rest: &mut Peekable<Chars<'_>>) {
    let mut last = ' ';
    rest.next();
    rest.find(|letter| {
        let ends = last == '*' && *letter == '/';
        last = *letter;
        ends
    });
}

fn word(rest: &mut Peekable<Chars<'_>>, mut word: String) -> String {
    while let Some(letter) = rest.next_if(|letter| is_part(*letter)) {
        word.push(letter);
    }
    word
}

fn literal(rest: &mut Peekable<Chars<'_>>, quote: char) -> Token {
    let mut said = String::new();
    let mut escaped = false;
    for letter in rest.by_ref() {
        if escaped {
            said.extend(['\\', letter]);
        } else if letter == quote {
            break;
        } else if letter != '\\' {
            said.push(letter);
        }
        escaped = !escaped && letter == '\\';
    }
    content(&said, quote == '"')
}

fn is_heredoc(rest: &Peekable<Chars<'_>>) -> bool {
    let mut ahead = rest.clone();
    ahead.next() == Some('<') && ahead.next() == Some('<')
}

fn heredoc(rest: &mut Peekable<Chars<'_>>) -> Token {
    let first: String = rest.by_ref().take_while(|letter| *letter != '\n').collect();
    let is_plain = first.contains('\'');
    let name: String = first.chars().filter(|letter| is_part(*letter)).collect();
    let mut lines = Vec::new();
    while rest.peek().is_some() {
        let ahead: String = rest.clone().take_while(|letter| *letter != '\n').collect();
        let indented = ahead.trim_start();
        if let Some(after) = indented.strip_prefix(name.as_str())
            && !name.is_empty()
            && !after.starts_with(is_part)
        {
            for _ in 0..ahead.chars().count() - after.chars().count() {
                rest.next();
            }
            break;
        }
        lines.push(ahead);
        skip_line(rest);
    }
    content(&lines.join("\n"), !is_plain)
}

/// What a literal says. `reads`: values are put into it, and escapes are more than the quote and `\`.
fn content(said: &str, reads: bool) -> Token {
    let (mut text, mut open) = (String::new(), false);
    let mut rest = said.chars().peekable();
    while let Some(letter) = rest.next() {
        let before = text.chars().next_back();
        match letter {
            '\\' => {
                // A letter that is told by its number may be any.
                let escape = rest.next().unwrap_or(' ');
                open |= reads && (escape.is_ascii_digit() || matches!(escape, 'x' | 'u'));
                text.push(if is_part(escape) { ' ' } else { escape });
            }
            '{' if reads && rest.peek() == Some(&'$') => {
                let inside: String = rest.by_ref().take_while(|letter| *letter != '}').collect();
                open |= before.is_some_and(is_part) || rest.peek().copied().is_some_and(is_part);
                text.extend([" ", inside.as_ref(), " "]);
            }
            '$' if reads && rest.peek().copied().is_some_and(is_part) => {
                let name = word(&mut rest, String::new());
                open |= before.is_some_and(is_part);
                text.extend([" $", name.as_ref(), " "]);
            }
            _ => text.push(letter),
        }
    }
    Token::Literal { text, open }
}

/// Whether a piece is this word.
pub(super) fn is_word(token: &Token, word: &str) -> bool {
    matches!(token, Token::Word(found) if found == word)
}

/// What pieces say, with one space between.
pub(super) fn plain_of(tokens: &[Token]) -> String {
    let said = tokens.iter().map(|token| match token {
        Token::Word(word) => word.clone(),
        Token::Variable(name) => format!("${name}"),
        Token::Sign(sign) => sign.to_string(),
        Token::Literal { text, .. } => text.split_whitespace().collect::<Vec<_>>().join(" "),
    });
    said.collect::<Vec<_>>().join(" ")
}

/// Whether a method or a function is called.
pub(super) fn calls(segment: &[Token], name: &str) -> bool {
    let is_it = |pair: &[Token]| is_word(&pair[0], name) && pair[1] == Token::Sign('(');
    segment.windows(2).any(is_it)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let shown = tokens(text).into_iter().map(|token| match token {
            Token::Word(word) => word,
            Token::Variable(name) => format!("${name}"),
            Token::Sign(sign) => sign.to_string(),
            Token::Literal { text, open } => format!("[{text}]{}", if open { "+" } else { "" }),
        });
        shown.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_text_is_taken_apart() {
        for (text, expected) in [
            (
                "$this->execute('DROP TABLE x');",
                "$this - > execute ( [DROP TABLE x] ) ;",
            ),
            ("// a\n# b\n/* c ' */ D", "d"),
            ("/* unfinished", ""),
            (r"'it\'s' 'a\\'", r"[it's] [a\]"),
            (r#""A\nx_t" "\x41""#, "[A x_t] [ 41]+"),
            ("\"a {$x} b\" \"a `$x`\"", "[a  $x  b] [a ` $x `]"),
            ("\"x_{$t}\" \"x_$t\" \"{$t}_x\"", "[x_ $t ]+ [x_ $t ]+ [ $t _x]+"),
            ("'x_{$t}'", "[x_{$t}]"),
            ("<<<SQL\n  DROP TABLE x\n  SQL; b", "[  DROP TABLE x] ; b"),
            ("<<<'SQL'\nx_{$t}\nSQL;", "[x_{$t}] ;"),
            ("'unfinished", "[unfinished]"),
            ("<<<SQL\nunfinished", "[unfinished]"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn nothing_makes_it_fail() {
        for text in [
            "'",
            "\"\\",
            "$",
            "<<<",
            "<<<\n",
            "{$",
            "\"{$",
            "/*/",
            "\u{e9}\u{1f600}'",
        ] {
            tokens(text);
        }
    }
}
