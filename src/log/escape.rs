//! Texts of others (packages, databases, servers) where people read them: what could pretend to be another line, another
//! plugin's, or another text is shown by its number. The one function for log lines, reports and terminals; the PHP side
//! has its twin in `Host::plain`.

use std::borrow::Cow;
use std::fmt::Write as _;

/// What the administrator's page looks for in lines.
const MARK: &str = "[PLUGIN:";

/// Shows every character that is not seen, or that moves others, as `\n` or `\u{202e}`, and takes the bracket from what
/// looks like the mark of a plugin's line. A text that was escaped stays as it is.
pub fn escape(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hidden) && find_mark(text).is_none() {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for (at, letter) in text.char_indices() {
        match letter {
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            '[' if find_mark(&text[at..]) == Some(0) => push_number(&mut shown, letter),
            letter if is_hidden(letter) => push_number(&mut shown, letter),
            letter => shown.push(letter),
        }
    }
    Cow::Owned(shown)
}

fn push_number(shown: &mut String, letter: char) {
    // A string takes everything.
    let _ = write!(shown, "\\u{{{:x}}}", u32::from(letter));
}

fn find_mark(text: &str) -> Option<usize> {
    let starts = |at: &usize| {
        let start = text.as_bytes().get(*at..at + MARK.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(MARK.as_bytes()))
    };
    memchr::memchr_iter(b'[', text.as_bytes()).find(starts)
}

/// Controls, line and paragraph separators, marks of direction, and letters of no width.
fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{115f}'..='\u{1160}'
                | '\u{17b4}'..='\u{17b5}'
                | '\u{180b}'..='\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{3164}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

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

    proptest! {
        #[test]
        fn escaped_text_is_one_line_and_stays(text in "(\\PC|\\pC|\\[PLUGIN:|\\n){0,20}") {
            let once = escape(&text).into_owned();
            prop_assert!(!once.chars().any(is_hidden) && !once.to_uppercase().contains(MARK), "{once:?}");
            prop_assert_eq!(escape(&once), once.as_str());
        }
    }
}
