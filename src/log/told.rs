//! How much is told: a line, and a list of lines, that a package could make as long as it likes. Values only.

use super::{escape, redact};
use crate::base::letters::shorten_line;
use crate::model::Lang;

/// Bytes of a list in a report: of warnings, errors, names.
pub const TOLD_BYTES: usize = 128 << 10;

/// A line in a length that a person reads. A token that is cut could no longer be known as one: it is taken out before.
pub fn within_line(text: String) -> String {
    if shorten_line(&text).is_none() {
        return text;
    }
    let text = redact(&text);
    shorten_line(&text).unwrap_or(text)
}

/// The lines of a list as they are shown: escaped, each in the length of a line, and together no more than
/// [`TOLD_BYTES`]; the rest is counted.
pub fn tell_list(lines: impl IntoIterator<Item = String>, lang: Lang) -> Vec<String> {
    let (mut told, mut bytes, mut more) = (Vec::new(), 0, 0);
    for line in lines {
        if more > 0 || bytes > TOLD_BYTES {
            more += 1;
            continue;
        }
        let line = within_line(line);
        let line = within_line(escape(&line).into_owned());
        bytes += line.len();
        if bytes > TOLD_BYTES && !told.is_empty() {
            more += 1;
        } else {
            told.push(line);
        }
    }
    if more > 0 {
        told.push(match lang {
            Lang::PtBr => format!("e mais {more}, que são longos demais para a lista"),
            Lang::En => format!("and {more} more, too long to be listed"),
        });
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_told_up_to_so_many_bytes() {
        let short = ["a".to_owned(), "b\n".to_owned()];
        assert_eq!(tell_list(short, Lang::En), ["a", "b\\n"]);
        let long = tell_list((0..400).map(|_| "\u{202e}".repeat(1_000)), Lang::En);
        assert!(long.iter().map(String::len).sum::<usize>() < TOLD_BYTES + 100);
        assert_eq!(long.len(), 17);
        assert_eq!(long.last().unwrap(), "and 384 more, too long to be listed");
        assert_eq!(tell_list(["x".repeat(1 << 20)], Lang::PtBr).len(), 1);
        assert!(tell_list(["x".repeat(1 << 20)], Lang::PtBr)[0].len() < 9_000);
    }

    #[test]
    fn a_cut_hides_no_secret() {
        let line = format!("https://user:{}@host/", "p".repeat(1 << 20));
        assert_eq!(within_line(line), "https://***@host/");
    }
}
