//! Parameters of `plugin_config` and `plugin_config_set` (SPEC 6 §5). Checks shapes; what values mean is decided by the
//! plugin's own schema, in `ops` and `settings`.

use std::fmt;

use serde_json::{Map, Value};

use super::audit::json;
use super::parameter::{DATABASE, KEYS, LANG, LANGUAGE, LOCK_WAIT, OF_FORM, ROOT, SLUG, TRUST, VALUES};
use super::{Argument, CallError, Given, Parameter, Settings, Site, messages};

/// How deep arguments of a call are read.
const DEEPEST: usize = 32;

/// Parameters of `plugin_config`.
#[derive(Debug, Clone, PartialEq)]
pub struct ConfigParameters {
    /// The plugin.
    pub slug: String,
    /// The language whose values are shown.
    pub language: Option<String>,
    /// The gestor.
    pub site: Site,
}

impl ConfigParameters {
    /// What it takes.
    pub const TAKES: &'static [Parameter] = &[SLUG, LANGUAGE, ROOT, DATABASE, LANG];

    /// Reads a call.
    pub fn read(argument: Argument, settings: &Settings) -> Result<Self, CallError> {
        let given = Given::new(argument, Self::TAKES)?;
        Ok(Self {
            slug: given.text(&SLUG)?.unwrap_or_default(),
            language: given.text(&LANGUAGE)?,
            site: Site::read(&given, settings, 0)?,
        })
    }
}

/// Values that a call gives. Among them may be secrets: they are in no text.
#[derive(Clone, PartialEq)]
pub struct GivenValues(Value);

impl GivenValues {
    /// Them.
    pub fn expose(&self) -> &Value {
        &self.0
    }
}

impl fmt::Debug for GivenValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Parameters of `plugin_config_set`.
#[derive(Debug, Clone, PartialEq)]
pub struct ConfigSetParameters {
    /// The plugin.
    pub slug: String,
    /// The values; nothing where what was given is no set of values.
    pub values: Option<GivenValues>,
    /// They are texts, as a form sends them.
    pub is_form: bool,
    /// The language in which they are saved; all of them where none is said.
    pub language: Option<String>,
    /// The gestor.
    pub site: Site,
}

impl ConfigSetParameters {
    /// What it takes.
    pub const TAKES: &'static [Parameter] = &[
        SLUG, VALUES, OF_FORM, LANGUAGE, TRUST, KEYS, ROOT, DATABASE, LANG, LOCK_WAIT,
    ];

    /// Reads a call. What it gave is overwritten where it stood.
    pub fn read(argument: Argument, settings: &Settings) -> Result<Self, CallError> {
        let mut given = Given::new(argument, Self::TAKES)?;
        let read = Self::of(&given, settings);
        given.forget(&[VALUES, KEYS]);
        read
    }

    fn of(given: &Given, settings: &Settings) -> Result<Self, CallError> {
        Ok(Self {
            slug: given.text(&SLUG)?.unwrap_or_default(),
            values: values(given.value(&VALUES))?,
            is_form: given.flag(&OF_FORM)?,
            language: given.text(&LANGUAGE)?,
            site: Site::read(given, settings, 0)?,
        })
    }
}

fn values(argument: &Argument) -> Result<Option<GivenValues>, CallError> {
    let value = match argument {
        Argument::Null => {
            return Err(CallError::Missing {
                key: VALUES.name,
                hint: messages::SETTINGS,
            });
        }
        // What PHP calls an empty array is an object here.
        Argument::List(items) if items.is_empty() => Some(Value::Object(Map::new())),
        Argument::Bytes(text) => serde_json::from_slice(text).ok(),
        other => Some(exact(other, DEEPEST)?),
    };
    Ok(value.map(GivenValues))
}

/// Values as JSON has them, each as it was given: what is no text, no number, or too deep is refused, and not shown.
fn exact(argument: &Argument, depth: usize) -> Result<Value, CallError> {
    let refused = |allowed| {
        Err(CallError::WrongValue {
            key: VALUES.name.to_owned(),
            found: "…".to_owned(),
            allowed,
        })
    };
    let Some(below) = depth.checked_sub(1) else {
        return refused(messages::LESS_DEEP);
    };
    match argument {
        Argument::Float(value) if !value.is_finite() => refused(messages::A_FINITE_NUMBER),
        Argument::Bytes(text) => match str::from_utf8(text) {
            Ok(text) => Ok(text.into()),
            Err(_) => refused(messages::UTF8),
        },
        Argument::List(items) if !items.is_empty() => items.iter().map(|item| exact(item, below)).collect(),
        Argument::Map(entries) => {
            let entries = entries
                .iter()
                .map(|(key, value)| Ok((key.clone(), exact(value, below)?)));
            Ok(Value::Object(entries.collect::<Result<_, CallError>>()?))
        }
        other => Ok(json(other, 1)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(values: Argument) -> Result<ConfigSetParameters, CallError> {
        let text = |text: &str| Argument::Bytes(text.as_bytes().to_vec());
        let call = [("slug", text("p")), ("raiz", text("/g")), ("valores", values)];
        let call = call.map(|(key, value)| (key.to_owned(), value));
        ConfigSetParameters::read(Argument::Map(call.into()), &Settings::default())
    }

    #[test]
    fn values_are_an_array_or_its_text() {
        let map = Argument::Map(vec![("a".to_owned(), Argument::Int(1))]);
        for (given, expected) in [
            (map, Some(json!({"a": 1}))),
            (Argument::List(Vec::new()), Some(json!({}))),
            (Argument::Bytes(b"{\"a\": [null]}".to_vec()), Some(json!({"a": [null]}))),
            (Argument::Bytes(b"{".to_vec()), None),
            (Argument::Bytes(b"{\"a\": \"\xff\"}".to_vec()), None),
        ] {
            let values = read(given).unwrap().values;
            assert_eq!(values.as_ref().map(GivenValues::expose), expected.as_ref());
        }
        for wrong in [
            Argument::Float(f64::INFINITY),
            Argument::Float(f64::NAN),
            Argument::Bytes(b"t0p\xff".to_vec()),
        ] {
            let fault = read(Argument::Map(vec![("a".to_owned(), wrong)])).unwrap_err();
            assert!(
                matches!(&fault, CallError::WrongValue { key, .. } if key == "valores"),
                "{fault}"
            );
            assert!(!fault.to_string().contains("t0p"), "{fault}");
        }
        assert!(matches!(
            read(Argument::Null),
            Err(CallError::Missing { key: "valores", .. })
        ));
    }

    #[test]
    fn values_are_in_no_text() {
        let call = read(Argument::Bytes(b"{\"key\": \"t0p\"}".to_vec())).unwrap();
        assert!(!format!("{call:?}").contains("t0p"));
    }
}
