//! The law of canonical texts: two values are the same exactly when their canonical texts, and so their digests, are. The
//! reference compares them the long way, pair by pair.

use proptest::prelude::*;
use proptest::sample::select;

use super::canonical::{canonical, canonical_stored, kind_class};
use super::equal::same;
use super::value::{Value, address_of, convert};
use crate::data::package::number::Number;
use crate::data::table::column_facts::tests::facts;
use crate::data::table::schema::{Column, ColumnType};
use crate::model::Field;

fn column(column_type: &str) -> Column {
    facts("c", column_type).column().unwrap()
}

/// What the comparison of phase 1 said, kind by kind.
fn same_slowly(column: &Column, value: &Value<'_>, stored: Option<&[u8]>) -> bool {
    let Some(stored) = stored else {
        return *value == Value::Null;
    };
    let text = std::str::from_utf8(stored).ok();
    match (value, &column.kind) {
        (Value::Null, _) => false,
        (Value::Binary(bytes), _) => &**bytes == stored,
        (Value::Number(digits), ColumnType::Bit { .. }) => {
            let bits = stored.iter().fold(0_u128, |sum, byte| (sum << 8) | u128::from(*byte));
            **digits == bits.to_string()
        }
        (Value::Number(digits), ColumnType::Float { single, .. }) => {
            let held = |text: &str| {
                let number = text.parse::<f64>().ok()?;
                #[expect(clippy::cast_possible_truncation, reason = "so does the server")]
                Some(if *single { f64::from(number as f32) } else { number })
            };
            text.is_some_and(|text| held(digits) == held(text))
        }
        (Value::Number(digits), _) => text.is_some_and(|text| Number::parse(digits) == Number::parse(text)),
        (Value::Text(ours), ColumnType::Json { .. }) => text.is_some_and(|text| {
            let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
            same_json(&read(ours), &read(text))
        }),
        (Value::Text(ours), ColumnType::Address { six }) => {
            text.is_some_and(|text| address_of(ours, *six) == address_of(text, *six))
        }
        (Value::Text(ours), ColumnType::Uuid) => text.is_some_and(|text| ours.eq_ignore_ascii_case(text)),
        (Value::Text(ours), _) => ours.as_bytes() == stored,
    }
}

fn same_json(ours: &serde_json::Value, theirs: &serde_json::Value) -> bool {
    use serde_json::Value as Json;
    match (ours, theirs) {
        (Json::Object(ours), Json::Object(theirs)) => {
            let same = |(key, value)| theirs.get(key).is_some_and(|other| same_json(value, other));
            ours.len() == theirs.len() && ours.iter().all(same)
        }
        (Json::Array(ours), Json::Array(theirs)) => {
            ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(a, b)| same_json(a, b))
        }
        (Json::Number(ours), Json::Number(theirs)) => ours.as_f64() == theirs.as_f64(),
        _ => ours == theirs,
    }
}

/// Values that a column of a type can be given, and texts that a server shows of it.
fn values(column_type: &str) -> BoxedStrategy<String> {
    let (number, float) = (-300_i32..300, -300_i32..300);
    match column_type {
        "int(11)" | "decimal(20,4)" => prop_oneof![
            number.prop_map(|number| number.to_string()),
            (-300_i32..300).prop_map(|number| format!("{number}.0")),
            (-30_i32..30).prop_map(|number| format!("{number}e1")),
            (0_i32..300).prop_map(|number| format!("00{number}")),
        ]
        .boxed(),
        "float" | "double" => prop_oneof![
            float.prop_map(|number| (f64::from(number) / 8.0).to_string()),
            (-300_i32..300).prop_map(|number| format!("{number}.00000001")),
            select(vec!["0", "-0.0", "1e-310", "1e2", "0.1", "0.10000000149011612"]).prop_map(str::to_owned),
        ]
        .boxed(),
        "bit(16)" => (0_u16..600).prop_map(|number| number.to_string()).boxed(),
        "datetime" => (1_u32..4, 1_u32..4, 0_u32..3)
            .prop_map(|(month, day, hour)| format!("2026-{month:02}-{day:02} {hour:02}:00:00"))
            .boxed(),
        "json" | "json text" => json(),
        "uuid" => select(vec![
            "123e4567e89b12d3a456426655440000",
            "123E4567-E89B-12D3-A456-426655440000",
        ])
        .prop_map(str::to_owned)
        .boxed(),
        "inet6" => select(vec!["::1", "0:0:0:0:0:0:0:1", "10.0.0.1", "::ffff:10.0.0.1", "::2"])
            .prop_map(str::to_owned)
            .boxed(),
        _ => "[aAé \\\\']{0,3}".boxed(),
    }
}

fn json() -> BoxedStrategy<String> {
    let leaf = select(vec![
        "1",
        "1.0",
        "10e-1",
        "\"1\"",
        "null",
        "true",
        "false",
        "\"é\"",
        "\"\\u00e9\"",
        "0.5",
        "50e-2",
        "\"\"",
    ]);
    let leaf = leaf.prop_map(str::to_owned).boxed();
    leaf.prop_recursive(3, 12, 3, |inner| {
        let list = proptest::collection::vec(inner.clone(), 0..3).prop_map(|items| format!("[ {}]", items.join(" ,")));
        let member = (select(vec!["a", "b", "\\u0061"]), inner).prop_map(|(key, value)| format!("\"{key}\": {value}"));
        let object = proptest::collection::vec(member, 0..3).prop_map(|members| format!("{{{}}}", members.join(",")));
        prop_oneof![list, object].boxed()
    })
    .boxed()
}

/// What the server would show of a text that was given.
fn shown(column: &Column, value: &Value<'_>) -> Option<Vec<u8>> {
    match value {
        Value::Null => None,
        Value::Number(digits) if matches!(column.kind, ColumnType::Bit { .. }) => {
            Some(digits.parse::<u16>().unwrap().to_be_bytes().to_vec())
        }
        Value::Number(text) | Value::Text(text) => Some(text.as_bytes().to_vec()),
        Value::Binary(bytes) => Some(bytes.to_vec()),
    }
}

const TYPES: [&str; 12] = [
    "int(11)",
    "decimal(20,4)",
    "float",
    "double",
    "bit(16)",
    "datetime",
    "json",
    "json text",
    "uuid",
    "inet6",
    "varchar(20)",
    "varbinary(20)",
];

fn typed(column_type: &str) -> Column {
    let mut column = column(if column_type == "json text" {
        "longtext"
    } else {
        column_type
    });
    if column_type == "json text" {
        column.kind = ColumnType::Json { native: false };
    }
    column
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn same_means_equal_digests(
        (column_type, one, other) in select(&TYPES[..]).prop_flat_map(|column_type| {
            (Just(column_type), values(column_type), values(column_type))
        }),
        nulls in 0_u8..20,
    ) {
        let column = typed(column_type);
        let field = |text: &str, null: bool| if null { Field::Null } else { Field::Text(text.to_owned()) };
        let (one, other) = (field(&one, nulls == 1), field(&other, nulls < 2));
        let (Ok(ours), Ok(theirs)) = (convert(&column, &one), convert(&column, &other)) else { return Ok(()) };
        let stored = shown(&column, &theirs);
        let found = same(&column, &ours, stored.as_deref());
        prop_assert_eq!(found, same_slowly(&column, &ours, stored.as_deref()));
        let digests = (canonical(&column, &ours).digest(), canonical_stored(&column, stored.as_deref()).digest());
        prop_assert_eq!(found, digests.0 == digests.1, "{:?} {:?}", ours, stored);
        prop_assert_eq!(canonical(&column, &theirs).digest(), digests.1, "both sides of {:?}", theirs);
    }
}

#[test]
fn digests_do_not_depend_on_what_a_migration_widens() {
    for (before, after, text) in [
        ("int(11)", "bigint(20)", "7"),
        ("int(11)", "decimal(10,2)", "7"),
        ("datetime", "datetime(3)", "2026-01-02 10:00:00"),
        ("varchar(20)", "text", "é"),
        ("time", "time(6)", "10:00:00"),
    ] {
        let (before, after) = (column(before), column(after));
        let field = Field::Text(text.to_owned());
        let (old, new) = (convert(&before, &field).unwrap(), convert(&after, &field).unwrap());
        assert_eq!(kind_class(&before.kind), kind_class(&after.kind));
        assert_eq!(
            canonical(&before, &old).digest(),
            canonical(&after, &new).digest(),
            "{text}"
        );
    }
    let classes = [
        "int(11)", "float", "double", "date", "datetime", "time", "text", "json", "uuid", "inet6", "blob",
    ];
    let mut distinct: Vec<_> = classes
        .iter()
        .map(|column_type| kind_class(&column(column_type).kind))
        .collect();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(distinct.len(), classes.len());
}

#[test]
fn null_is_no_empty_text_but_in_keys() {
    let column = column("varchar(20)");
    let empty = Value::Text("".into());
    assert_ne!(
        canonical(&column, &empty).digest(),
        canonical(&column, &Value::Null).digest()
    );
    assert_ne!(
        canonical_stored(&column, Some(b"-")).digest(),
        canonical(&column, &Value::Null).digest()
    );
}
