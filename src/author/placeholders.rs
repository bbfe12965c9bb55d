//! The places in a text that the gestor fills: `@[[variavel]]@`, `#nome#`, `[[nome]]`, and cells between comments. Pure.

use std::collections::BTreeSet;

/// Beginnings and endings of what is filled.
const PAIRS: [(&str, &str); 3] = [("@[[", "]]@"), ("[[", "]]"), ("<!-- ", " < -->")];
/// Letters of a placeholder.
const LONGEST: usize = 80;

/// The placeholders of a text.
pub(super) fn placeholders(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (begin, end) in PAIRS {
        for (at, _) in text.match_indices(begin) {
            let inside = &text[at + begin.len()..];
            let Some(length) = inside.find(end).filter(|length| *length > 0 && *length <= LONGEST) else {
                continue;
            };
            let name = &inside[..length];
            let is_inner = begin == "[[" && text[..at].ends_with('@');
            if !is_inner && !name.contains(['<', '>', '\n', '[']) {
                found.insert(format!("{begin}{name}{end}"));
            }
        }
    }
    found.extend(hashes(text));
    found
}

/// `#nome#`, as variables of modules have it: no colour, no address.
fn hashes(text: &str) -> impl Iterator<Item = String> {
    let mut parts = text.split('#');
    parts.next();
    let mut parts = parts.collect::<Vec<_>>();
    // What stands behind the last `#` is closed by none.
    parts.pop();
    let is_name = |part: &&str| {
        let starts = part.starts_with(|letter: char| letter.is_ascii_alphabetic());
        let is_part = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
        starts && part.len() <= LONGEST && part.chars().all(is_part)
    };
    parts.into_iter().filter(is_name).map(|name| format!("#{name}#"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_gestor_fills_is_found() {
        for (text, expected) in [
            ("<h1>@[[pagina#titulo]]@</h1>", "@[[pagina#titulo]]@"),
            (
                "<!-- item < --><td>#nome#</td><!-- item > -->",
                "#nome# <!-- item < -->",
            ),
            ("[[campo]] [[ ]", "[[campo]]"),
            ("color: #fff; border: #aaa", ""),
            ("Olá #nome#, <a href=\"#\">", "#nome#"),
            ("100% # nada #", ""),
            ("", ""),
        ] {
            let found: Vec<String> = placeholders(text).into_iter().collect();
            assert_eq!(found.join(" "), expected, "{text}");
        }
    }
}
