//! The `Link` header (RFC 8288). Owns how the next page of a list is found.

use super::Address;

/// The target of `rel="next"`, on the same server as the page that named it.
pub(super) fn next(page: &Address, header: &str) -> Option<Address> {
    let mut rest = header;
    while let Some(start) = rest.find('<') {
        let (target, after) = rest[start + 1..].split_once('>')?;
        let end = after.find(",<").or_else(|| after.find(", <")).unwrap_or(after.len());
        if after[..end].split(';').any(is_next) {
            return page.join(target).filter(|found| found.same_origin(page));
        }
        rest = &after[end..];
    }
    None
}

fn is_next(parameter: &str) -> bool {
    parameter.trim().split_once('=').is_some_and(|(name, value)| {
        let mut relations = value.trim().trim_matches('"').split_ascii_whitespace();
        name.trim().eq_ignore_ascii_case("rel") && relations.any(|relation| relation.eq_ignore_ascii_case("next"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_found() {
        let page = Address::parse("https://a.org/r?page=1").unwrap();
        for (header, expected) in [
            (
                r#"<https://a.org/r?page=2>; rel="next", <https://a.org/r?page=9>; rel="last""#,
                "page=2",
            ),
            (
                r#"<https://a.org/r?page=1>; rel="prev",<https://a.org/r?page=3>; rel="next""#,
                "page=3",
            ),
            ("</r?page=2>; rel=next", "page=2"),
            (
                r#"<https://a.org/r?a=1,2&page=2>; title="x"; rel="last next""#,
                "a=1,2&page=2",
            ),
            (r#"<https://a.org/r?page=2>; rel="last""#, ""),
            (r#"<https://evil.org/r?page=2>; rel="next""#, ""),
            ("<unfinished; rel=next", ""),
            ("", ""),
        ] {
            let found = next(&page, header).and_then(|found| found.url().query().map(str::to_owned));
            assert_eq!(found.unwrap_or_default(), expected, "{header}");
        }
    }
}
