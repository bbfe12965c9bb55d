//! Texts of others (packages, databases, servers) where people read them: what could pretend to be another line, another
//! plugin's, or another text is shown by its number. The one function for log lines, reports and terminals; the PHP side
//! has its twin in `Host::plain`.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::base::letters::is_ignorable;

/// What the administrator's page looks for in lines.
const MARK: &str = "[PLUGIN:";

/// Shows every character that is not seen, or that moves others, as `\n` or `\u{202e}`, and takes the bracket from what
/// looks like the mark of a plugin's line. A text that was escaped stays as it is. One look at each letter.
pub fn escape(text: &str) -> Cow<'_, str> {
    let is_told = |(at, letter): (usize, char)| is_hidden(letter) || letter == '[' && starts_mark(&text[at..]);
    let Some(first) = text.char_indices().find(|found| is_told(*found)).map(|(at, _)| at) else {
        return Cow::Borrowed(text);
    };
    let mut shown = String::with_capacity(text.len() + 16);
    shown.push_str(&text[..first]);
    for (at, letter) in text[first..].char_indices() {
        match letter {
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            '[' if starts_mark(&text[first + at..]) => push_number(&mut shown, letter),
            letter if is_hidden(letter) => push_number(&mut shown, letter),
            letter => shown.push(letter),
        }
    }
    Cow::Owned(shown)
}

/// The same of a text of several lines: their ends, and tabs, stay as they are.
pub fn escape_lines(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let mut shown = String::with_capacity(text.len());
    for piece in text.split_inclusive(['\n', '\t']) {
        let end = piece.len() - usize::from(piece.ends_with(['\n', '\t']));
        shown.push_str(&escape(&piece[..end]));
        shown.push_str(&piece[end..]);
    }
    shown
}

fn push_number(shown: &mut String, letter: char) {
    // A string takes everything.
    let _ = write!(shown, "\\u{{{:x}}}", u32::from(letter));
}

fn starts_mark(text: &str) -> bool {
    let start = text.as_bytes().get(..MARK.len());
    start.is_some_and(|start| start.eq_ignore_ascii_case(MARK.as_bytes()))
}

/// Controls, line and paragraph separators, marks of direction, and letters of no width.
fn is_hidden(letter: char) -> bool {
    letter.is_control() || is_ignorable(letter) || matches!(letter, '\u{2028}' | '\u{2029}' | '\u{fff9}'..='\u{fffb}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::base::work::grows_with;

    /// Texts and what is shown of them, and the letters that are never shown as they are: PHP's twin is tested by the
    /// same file.
    fn table() -> serde_json::Value {
        serde_json::from_str(include_str!("../../tests/fixtures/escape.json")).unwrap()
    }

    #[test]
    fn what_pretends_is_shown() {
        for pair in table()["texts"].as_array().unwrap() {
            let [text, shown] = [&pair[0], &pair[1]].map(|text| text.as_str().unwrap());
            assert_eq!(escape(text), shown, "{text:?}");
        }
    }

    #[test]
    fn lines_stay_lines() {
        for (text, shown) in [
            ("a\tb\r\nc\rd\n", "a\tb\nc\\rd\n"),
            ("\u{1b}[0m\n[PLUGIN:x]\n\n", "\\u{1b}[0m\n\\u{5b}PLUGIN:x]\n\n"),
            ("", ""),
        ] {
            assert_eq!(escape_lines(text), shown);
            assert_eq!(escape_lines(shown), shown);
        }
    }

    #[test]
    fn the_letters_that_are_hidden_are_these() {
        let table = table();
        let ranges = table["hidden"].as_array().unwrap().iter().map(|range| {
            [&range[0], &range[1]].map(|number| u32::from_str_radix(number.as_str().unwrap(), 16).unwrap())
        });
        let ranges: Vec<[u32; 2]> = ranges.collect();
        for letter in '\0'..=char::MAX {
            let number = u32::from(letter);
            let listed = ranges.iter().any(|[first, last]| (*first..=*last).contains(&number));
            assert_eq!(is_hidden(letter), listed, "{number:x}");
        }
    }

    /// Four times as long a text takes four times the work, or a little more.
    #[test]
    fn each_letter_is_looked_at_once() {
        for text in ["[", "[PLUGIN:", "[PLUGIN", "\n", "[\u{200b}"] {
            grows_with(|count| drop(escape(&format!("{}\u{200b}", text.repeat(count)))), 40_000);
        }
    }

    proptest! {
        #[test]
        fn escaped_text_is_one_line_and_stays(text in "(\\PC|\\pC|\\[PLUGIN:|\\n){0,20}") {
            let once = escape(&text).into_owned();
            prop_assert!(!once.chars().any(is_hidden) && !once.to_uppercase().contains(MARK), "{once:?}");
            prop_assert_eq!(escape(&once), once.as_str());
        }
    }
}
