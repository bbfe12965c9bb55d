//! Letters that are not seen, and texts of any length in a length that a person reads. Values only.

/// Unicode's `Default_Ignorable_Code_Point`: letters that have no width and no form of their own, so that two texts which
/// differ in them alone look the same.
pub fn is_ignorable(letter: char) -> bool {
    matches!(
        letter,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fff8}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Characters of somebody's text that a message quotes.
const QUOTED: usize = 60;

/// A text in at most 60 characters, with its length where it was longer; control characters become spaces. Every name and
/// value of a package that a message quotes goes through here: a package may make them as long as it likes.
pub fn shorten_text(text: &str) -> String {
    use std::fmt::Write as _;
    let mut letters = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let mut shown: String = letters.by_ref().take(QUOTED).collect();
    let rest = letters.count();
    if rest > 0 {
        // A string takes everything.
        let _ = write!(shown, "… ({})", QUOTED + rest);
    }
    shown
}

/// Characters of the longest name that a table, column or anything else of a database has.
pub const LONGEST_NAME: usize = 64;

/// Whether a text is longer than any name of a database can be.
pub fn is_no_name(text: &str) -> bool {
    text.len() > LONGEST_NAME && text.chars().count() > LONGEST_NAME
}

/// Characters of one line of a log or report.
const LINE: usize = 8_000;
/// How many of them are the line's last: what is to be done stands there.
const ENDING: usize = 2_000;

/// A whole message: what is longer than a person reads has its middle left out, and says how much.
pub fn shorten_line(text: &str) -> Option<String> {
    if text.len() <= LINE {
        return None;
    }
    let count = text.chars().count();
    if count <= LINE {
        return None;
    }
    let at = |place: usize| text.char_indices().nth(place).map_or(text.len(), |(at, _)| at);
    let (head, tail) = (at(LINE - ENDING), at(count - ENDING));
    Some(format!("{} … ({}) … {}", &text[..head], count - LINE, &text[tail..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_shortened() {
        assert_eq!(shorten_text("a\tb"), "a b");
        let long = shorten_text(&"é".repeat(1_000_000));
        assert!(long.len() < 200 && long.ends_with("… (1000000)"), "{long}");
        assert_eq!(shorten_line(&"é".repeat(LINE)), None);
        let line = shorten_line(&format!("a{}b", "é".repeat(1_000_000))).unwrap();
        assert!(line.starts_with("aé") && line.ends_with("éb") && line.contains("(992002)"));
        assert!(line.chars().count() < LINE + 50);
    }

    #[test]
    fn no_name_is_longer_than_a_database_has() {
        assert!(!is_no_name(&"é".repeat(64)) && is_no_name(&"é".repeat(65)) && is_no_name(&"x".repeat(65)));
    }
}
