//! JSON pointers (RFC 6901): the place of a value in a text. Pure.

use serde_json::Value;

/// The pointer of what is below another one.
pub(super) fn below(pointer: &str, name: &str) -> String {
    let name = name.replace('~', "~0").replace('/', "~1");
    format!("{pointer}/{name}")
}

/// The pointer of names, one below the other.
pub(super) fn of(path: &[String]) -> String {
    path.iter().fold(String::new(), |pointer, name| below(&pointer, name))
}

/// The pointer that the part of an address behind `#` is; nothing where it is none, but a name.
pub(super) fn of_fragment(fragment: &str) -> Option<String> {
    if !fragment.is_empty() && !fragment.starts_with('/') {
        return None;
    }
    let mut bytes = Vec::with_capacity(fragment.len());
    let mut rest = fragment.as_bytes();
    while let [first, after @ ..] = rest {
        if *first == b'%' {
            let digits = std::str::from_utf8(after.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok()
}

/// The value of a name below an object; nothing where it has none.
pub(super) fn member<'v>(value: &'v Value, path: &[String]) -> Option<&'v Value> {
    path.iter().try_fold(value, |value, name| value.get(name))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_become_pointers() {
        for (path, pointer) in [
            (&[][..], ""),
            (&["a"], "/a"),
            (&["a/b", "m~n"], "/a~1b/m~0n"),
            (&["", "~1"], "//~01"),
        ] {
            let path: Vec<String> = path.iter().map(|name: &&str| (*name).to_owned()).collect();
            assert_eq!(of(&path), pointer);
            let value = path.iter().rev().fold(json!(7), |value, name| json!({ name: value }));
            assert_eq!(value.pointer(pointer), Some(&json!(7)));
            assert_eq!(member(&value, &path), Some(&json!(7)));
        }
        assert_eq!(member(&json!({"a": 1}), &["b".to_owned()]), None);
    }

    #[test]
    fn fragments_are_pointers_or_names() {
        for (fragment, pointer) in [
            ("", Some("")),
            ("/a~1b/%25", Some("/a~1b/%")),
            ("/a%20b", Some("/a b")),
            ("name", None),
            ("/%2", None),
            ("/%zz", None),
            ("/%ff", None),
        ] {
            assert_eq!(of_fragment(fragment).as_deref(), pointer, "{fragment}");
        }
    }
}
