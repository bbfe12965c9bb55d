//! Values that are written as JSON objects and as nothing else: serde by itself takes a list in their place, by the order in
//! which some code names their fields. Knows nothing of what they mean.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde::{Deserialize, de};

/// A value that is written as an object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Object<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        struct Fields<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
            type Value = T;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map))
            }
        }
        reader.deserialize_map(Fields(PhantomData)).map(Self)
    }
}

/// Reads a text that is one object; a byte order mark is tolerated.
///
/// # Errors
/// What the parser says.
pub fn read_object<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, serde_json::Error> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let read: Object<T> = serde_json::from_slice(bytes)?;
    Ok(read.0)
}

/// The values of a list of objects.
///
/// # Errors
/// What the parser says.
pub fn objects<'de, D: Deserializer<'de>, T: Deserialize<'de>>(reader: D) -> Result<Vec<T>, D::Error> {
    let read: Vec<Object<T>> = de::Deserialize::deserialize(reader)?;
    Ok(read.into_iter().map(|one| one.0).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        inner: Option<Object<Inner>>,
        #[serde(default, deserialize_with = "objects")]
        list: Vec<Inner>,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        a: u8,
    }

    #[test]
    fn a_list_is_no_object() {
        for (text, is_one) in [
            (r#"{"inner":{"a":1},"list":[{"a":2}]}"#, true),
            ("\u{feff}{}", true),
            (r#"{"inner":null}"#, true),
            (r#"{"inner":[1]}"#, false),
            (r#"{"list":[[2]]}"#, false),
            (r#"[{"a":1},[]]"#, false),
            (r#"{"inner":{"a":1,"a":2}}"#, false),
            (r#"{"inner":{"b":1}}"#, false),
            ("{}{}", false),
        ] {
            assert_eq!(read_object::<Outer>(text.as_bytes()).is_ok(), is_one, "{text}");
        }
    }
}
