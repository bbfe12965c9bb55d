//! Values across the boundary: PHP's into [`Argument`], JSON's into PHP's. Texts are bytes; nothing is guessed.

use ext_php_rs::types::{ZendHashTable, Zval};
use serde_json::Value;

use gestor_plugins::config::parameter::{MIGRATIONS, SLUG};
use gestor_plugins::config::{Argument, CallError};

const DEPTH: usize = 16;

/// The parameters of a call; a callable is known by the key `migracoes` alone.
pub(super) fn parameters(zval: &Zval) -> Result<Argument, CallError> {
    let Some(table) = zval.dereference().array() else {
        return Ok(Argument::Null);
    };
    let mut entries = Vec::with_capacity(table.len());
    for (key, value) in pairs(table) {
        let value = value.dereference();
        let read = if key == MIGRATIONS.name {
            migrations(value)?
        } else {
            argument(value, &key, DEPTH)?
        };
        entries.push((key, read));
    }
    Ok(Argument::Map(entries))
}

/// What runs migrations. `true` means "the host can" to a caller in C, and nothing that PHP could call.
fn migrations(value: &Zval) -> Result<Argument, CallError> {
    if !value.is_null() && value.is_callable() {
        return Ok(Argument::Callable);
    }
    match argument(value, MIGRATIONS.name, DEPTH)? {
        Argument::Bool(true) => Err(CallError::WrongType {
            key: MIGRATIONS.name.to_owned(),
            expected: "callable",
            found: "bool",
        }),
        read => Ok(read),
    }
}

/// The plugin as a call names it, where it names one by a text.
pub(super) fn slug(parameters: &Zval) -> String {
    let named = parameters.dereference().array().and_then(|table| table.get(SLUG.name));
    let text = named.and_then(|named| named.dereference().zend_str());
    text.map_or_else(String::new, |text| {
        String::from_utf8_lossy(text.as_bytes()).into_owned()
    })
}

/// Any value; `key` names it in an error.
pub(super) fn argument(zval: &Zval, key: &str, depth: usize) -> Result<Argument, CallError> {
    let zval = zval.dereference();
    if let Some(table) = zval.array() {
        return array(table, key, depth);
    }
    if let Some(text) = zval.zend_str() {
        return Ok(Argument::Bytes(text.as_bytes().to_vec()));
    }
    if let Some(number) = zval.long() {
        return Ok(Argument::Int(number));
    }
    if let Some(number) = zval.double() {
        return Ok(Argument::Float(number));
    }
    if let Some(flag) = zval.bool() {
        return Ok(Argument::Bool(flag));
    }
    if zval.is_null() {
        return Ok(Argument::Null);
    }
    Err(CallError::WrongType {
        key: key.to_owned(),
        expected: "array|string|int|float|bool|null",
        found: if zval.is_object() { "object" } else { "resource" },
    })
}

fn array(table: &ZendHashTable, key: &str, depth: usize) -> Result<Argument, CallError> {
    if depth == 0 {
        return Err(CallError::WrongValue {
            key: key.to_owned(),
            found: "array".to_owned(),
            allowed: super::messages::levels(DEPTH),
        });
    }
    let of = |name: &str, value: &Zval| argument(value, &format!("{key}.{name}"), depth - 1);
    if is_list(table) {
        let items = pairs(table).map(|(name, value)| of(&name, value));
        return items.collect::<Result<_, _>>().map(Argument::List);
    }
    let entries = pairs(table).map(|(name, value)| of(&name, value).map(|read| (name, read)));
    entries.collect::<Result<_, _>>().map(Argument::Map)
}

/// Whether the keys are 0, 1, 2 …, of one at least. The bindings' own question fails for keys that are not UTF-8.
fn is_list(table: &ZendHashTable) -> bool {
    let mut entries = table.iter();
    let keys = std::iter::from_fn(|| entries.next_zval().map(|(key, _)| key.long()));
    !table.is_empty() && keys.zip(0..).all(|(key, at)| key == Some(at))
}

/// Keys and values in order. Keys that are not UTF-8 are shown with replacement characters, and then are unknown.
fn pairs(table: &ZendHashTable) -> impl Iterator<Item = (String, &Zval)> {
    let mut entries = table.iter();
    std::iter::from_fn(move || {
        let (key, value) = entries.next_zval()?;
        let name = key.long().map_or_else(
            || {
                let bytes = key.zend_str().map(|text| text.as_bytes().to_vec()).unwrap_or_default();
                String::from_utf8_lossy(&bytes).into_owned()
            },
            |number| number.to_string(),
        );
        Some((name, value))
    })
}

/// A text.
pub(super) fn text(bytes: &[u8]) -> Zval {
    let mut zval = Zval::new();
    zval.set_zend_string(ext_php_rs::types::ZendStr::new(bytes, false));
    zval
}

/// A number.
pub(super) fn integer(number: i64) -> Zval {
    let mut zval = Zval::new();
    zval.set_long(number);
    zval
}

/// True or false.
pub(super) fn boolean(value: bool) -> Zval {
    let mut zval = Zval::new();
    zval.set_bool(value);
    zval
}

/// A JSON value as PHP's `json_decode($text, true)` would give it.
pub(super) fn value(of: &Value) -> Zval {
    match of {
        Value::Null => Zval::null(),
        Value::Bool(flag) => boolean(*flag),
        Value::Number(number) => number.as_i64().map_or_else(
            || {
                let mut zval = Zval::new();
                zval.set_double(number.as_f64().unwrap_or(0.0));
                zval
            },
            integer,
        ),
        Value::String(found) => text(found.as_bytes()),
        Value::Array(items) => {
            let mut table = ZendHashTable::with_capacity(capacity(items.len()));
            for item in items {
                // Fails only for values that cannot become a zval; ours is one.
                let _ = table.push(value(item));
            }
            array_of(table)
        }
        Value::Object(entries) => {
            let mut table = ZendHashTable::with_capacity(capacity(entries.len()));
            for (key, item) in entries {
                let _ = table.insert(key.as_str(), value(item));
            }
            array_of(table)
        }
    }
}

fn capacity(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(0)
}

fn array_of(table: ext_php_rs::boxed::ZBox<ZendHashTable>) -> Zval {
    let mut zval = Zval::new();
    zval.set_hashtable(table);
    zval
}
