//! Arguments of a call as the boundaries hand them in, and how they are read. Knows types, not meanings.

use serde_json::Value;
use zeroize::Zeroizing;

use super::messages;
use crate::model::{Lang, Phrase};

/// Shown in place of what may be a secret.
const HIDDEN: &str = "***";

/// One value of a call. Texts are bytes, because paths need not be UTF-8.
#[derive(Debug, Clone, PartialEq)]
pub enum Argument {
    /// Absent.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// A text.
    Bytes(Vec<u8>),
    /// A list.
    List(Vec<Argument>),
    /// Names and values, in order.
    Map(Vec<(String, Argument)>),
    /// Something to call.
    Callable,
}

/// A call that is wrong in itself: the caller's code has to change.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// No such key.
    #[error("unknown parameter `{key}`; known are: {known}")]
    UnknownKey {
        /// What was given.
        key: String,
        /// What may be given.
        known: String,
    },
    /// A value of the wrong type.
    #[error("parameter `{key}` must be of type {expected}, {found} given")]
    WrongType {
        /// The key.
        key: String,
        /// What it takes.
        expected: &'static str,
        /// What was given.
        found: &'static str,
    },
    /// A value that is none of those allowed.
    #[error("parameter `{key}` is {found:?}; allowed: {allowed}")]
    WrongValue {
        /// The key.
        key: String,
        /// What was given, cut to 80 characters.
        found: String,
        /// What may be given.
        allowed: Phrase,
    },
    /// A path that PHP does not let the script reach.
    #[error(
        "`{key}`: {} is outside of what open_basedir allows ({allowed}): choose a path below it, or let the administrator add its folder to open_basedir",
        path.display()
    )]
    Outside {
        /// The key, or the setting.
        key: &'static str,
        /// What was given.
        path: std::path::PathBuf,
        /// What `open_basedir` says.
        allowed: String,
    },
    /// Something that must be there is not.
    #[error("parameter `{key}` is missing: {hint}")]
    Missing {
        /// The key.
        key: &'static str,
        /// What to do.
        hint: Phrase,
    },
}

impl CallError {
    /// What is wrong with a part of a call, by where that part stands.
    pub(super) fn within(self, place: &str) -> Self {
        let at = |key: &str| format!("{place}.{key}");
        match self {
            Self::UnknownKey { key, known } => Self::UnknownKey { key: at(&key), known },
            Self::WrongType { key, expected, found } => Self::WrongType {
                key: at(&key),
                expected,
                found,
            },
            Self::WrongValue { key, found, allowed } => Self::WrongValue {
                key: at(&key),
                found,
                allowed,
            },
            fault @ (Self::Outside { .. } | Self::Missing { .. }) => fault,
        }
    }
}

impl Argument {
    /// The language that a call wants to be spoken to, whatever else is wrong with it; nothing where it says none.
    pub fn lang(&self) -> Option<Lang> {
        Lang::from_code(&self.told("lang")?)
    }

    /// A text of a call, whatever else is wrong with it; nothing where it says none.
    pub fn told(&self, key: &str) -> Option<String> {
        let Self::Map(entries) = self else { return None };
        let (_, value) = entries.iter().find(|(found, _)| found == key)?;
        value.text(key).ok()?
    }

    /// The type's name as PHP says it.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Float(_) => "float",
            Self::Bytes(_) => "string",
            Self::List(_) | Self::Map(_) => "array",
            Self::Callable => "callable",
        }
    }

    /// Names and values of an array: those of a list are called by their place, as PHP does.
    pub(super) fn named(&self) -> Option<Vec<(String, Argument)>> {
        match self {
            Self::Map(entries) => Some(entries.clone()),
            Self::List(items) => {
                let numbers = (0_usize..).map(|number| number.to_string());
                Some(numbers.zip(items.iter().cloned()).collect())
            }
            _ => None,
        }
    }

    pub(super) fn wrong(&self, key: &str, expected: &'static str) -> CallError {
        CallError::WrongType {
            key: key.to_owned(),
            expected,
            found: self.type_name(),
        }
    }

    /// A text or nothing. Numbers become their digits, as PHP's weak mode does.
    pub fn bytes(&self, key: &str) -> Result<Option<Vec<u8>>, CallError> {
        match self {
            Self::Null => Ok(None),
            Self::Bytes(bytes) => Ok(Some(bytes.clone())),
            Self::Int(number) => Ok(Some(number.to_string().into_bytes())),
            Self::Float(number) => Ok(Some(number.to_string().into_bytes())),
            other => Err(other.wrong(key, "string")),
        }
    }

    /// A UTF-8 text or nothing. What is none is not shown: it may be a secret, or an address with one in it.
    pub fn text(&self, key: &str) -> Result<Option<String>, CallError> {
        let Some(bytes) = self.bytes(key)? else { return Ok(None) };
        String::from_utf8(bytes).map(Some).map_err(|fault| {
            drop(Zeroizing::new(fault.into_bytes()));
            CallError::WrongValue {
                key: key.to_owned(),
                found: HIDDEN.to_owned(),
                allowed: messages::UTF8_TEXT,
            }
        })
    }

    /// Yes or no; nothing is no. `1`, `"1"`, `"true"`, `"on"`, `"yes"` are yes; `0`, `""`, `"0"`, `"false"`, `"off"`,
    /// `"no"` are no.
    pub fn flag(&self, key: &str) -> Result<bool, CallError> {
        match self {
            Self::Null => Ok(false),
            Self::Bool(value) => Ok(*value),
            Self::Int(value @ (0 | 1)) => Ok(*value == 1),
            Self::Bytes(text) => match text.to_ascii_lowercase().as_slice() {
                b"1" | b"true" | b"on" | b"yes" => Ok(true),
                b"" | b"0" | b"false" | b"off" | b"no" => Ok(false),
                _ => Err(self.wrong(key, "bool")),
            },
            other => Err(other.wrong(key, "bool")),
        }
    }

    /// A whole number ≥ 0, or nothing. Digits in a text count, as in PHP's weak mode.
    pub fn count(&self, key: &str) -> Result<Option<u64>, CallError> {
        match self {
            Self::Null => Ok(None),
            Self::Int(value) => u64::try_from(*value).map(Some).map_err(|_| CallError::WrongValue {
                key: key.to_owned(),
                found: value.to_string(),
                allowed: messages::ZERO_OR_MORE,
            }),
            Self::Bytes(text) => {
                let number = std::str::from_utf8(text).ok().and_then(|text| text.trim().parse().ok());
                number.map(Some).ok_or_else(|| self.wrong(key, "int"))
            }
            other => Err(other.wrong(key, "int")),
        }
    }
}

impl From<&Value> for Argument {
    fn from(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::Number(number) => number
                .as_i64()
                .map_or_else(|| Self::Float(number.as_f64().unwrap_or(0.0)), Self::Int),
            Value::String(text) => Self::Bytes(text.clone().into_bytes()),
            Value::Array(values) => Self::List(values.iter().map(Self::from).collect()),
            Value::Object(values) => Self::Map(
                values
                    .iter()
                    .map(|(key, value)| (key.clone(), Self::from(value)))
                    .collect(),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_coercion_is_what_php_users_expect() {
        assert_eq!(Argument::Bytes(b"5".to_vec()).count("k").unwrap(), Some(5));
        assert_eq!(Argument::Int(5).text("k").unwrap().unwrap(), "5");
        assert!(Argument::Bytes(b"1".to_vec()).flag("k").unwrap());
        assert!(!Argument::Bytes(b"".to_vec()).flag("k").unwrap());
        assert!(Argument::Int(-1).count("k").is_err());
        assert!(Argument::Bytes(b"x".to_vec()).count("k").is_err());
        let fault = Argument::List(vec![]).text("k").unwrap_err();
        assert_eq!(fault.to_string(), "parameter `k` must be of type string, array given");
        // A password in another encoding.
        let fault = Argument::Bytes(b"t0p-s\xe9cret".to_vec()).text("k").unwrap_err();
        assert!(!format!("{fault} {fault:?}").contains("t0p"), "{fault}");
    }
}
