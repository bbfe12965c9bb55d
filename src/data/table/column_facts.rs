//! How a column is read from the rows of `information_schema`, of MariaDB and of MySQL. Pure.

use super::column_words::{bit_default, expression_default, members, numbers, plain_default, quoted_default};
use super::schema::{Charset, Column, ColumnType, DefaultValue};
use crate::model::ColumnName;

/// A row of `information_schema.COLUMNS`, as texts.
#[derive(Debug, Clone, Default)]
pub(in crate::data) struct ColumnFacts {
    /// `COLUMN_NAME`
    pub name: String,
    /// `COLUMN_TYPE`
    pub column_type: String,
    /// `IS_NULLABLE` is `YES`
    pub nullable: bool,
    /// `COLUMN_DEFAULT`
    pub default: Option<String>,
    /// `EXTRA`
    pub extra: String,
    /// `CHARACTER_SET_NAME`
    pub charset: String,
    /// `COLLATION_NAME`
    pub collation: String,
    /// `CHARACTER_MAXIMUM_LENGTH`
    pub length: Option<u64>,
    /// A `CHECK` of the table says `json_valid(column)`.
    pub checks_json: bool,
    /// Defaults are shown as MariaDB does it: texts in quotes, `NULL` as a word.
    pub quoted_defaults: bool,
}

impl ColumnFacts {
    /// The column; `None` when its name cannot be quoted.
    pub(in crate::data) fn column(&self) -> Option<Column> {
        let extra = self.extra.to_ascii_lowercase();
        let auto_increment = extra.contains("auto_increment");
        Some(Column {
            name: ColumnName::new(&self.name).ok()?,
            kind: if self.checks_json {
                ColumnType::Json { native: false }
            } else {
                self.kind()
            },
            nullable: self.nullable,
            default: if auto_increment {
                DefaultValue::Computed
            } else {
                self.default_value()
            },
            auto_increment,
            generated: is_computed_column(&extra),
            on_update: extra.contains("on update current_timestamp"),
            case_sensitive: self.collation.ends_with("_bin") || self.collation.ends_with("_cs"),
            charset: match self.charset.as_str() {
                "utf8mb4" => Charset::Utf8mb4,
                "utf8" | "utf8mb3" => Charset::Utf8mb3,
                _ => Charset::Other,
            },
        })
    }

    fn default_value(&self) -> DefaultValue {
        match self.default.as_deref() {
            None if self.nullable => DefaultValue::Null,
            None => DefaultValue::None,
            Some(text) if self.extra.contains("DEFAULT_GENERATED") => expression_default(text),
            Some(text) if text.starts_with("b'") => bit_default(text),
            Some("NULL") if self.quoted_defaults => DefaultValue::Null,
            Some(text) if !self.quoted_defaults => plain_default(text, &self.column_type),
            Some(text) => match quoted_default(text) {
                Some(inner) => DefaultValue::Text(inner),
                None if text.parse::<f64>().is_ok() => DefaultValue::Text(text.to_owned()),
                None => DefaultValue::Computed,
            },
        }
    }

    fn kind(&self) -> ColumnType {
        let full = self.column_type.as_str();
        let base: String = full.chars().take_while(char::is_ascii_alphanumeric).collect();
        let numbers = numbers(full);
        let first = numbers.first().copied();
        let unsigned = full.contains("unsigned");
        let limit = self.length.unwrap_or(0);
        let fraction = first.unwrap_or(0);
        match base.to_ascii_lowercase().as_str() {
            "tinyint" => integer(8, unsigned),
            "smallint" => integer(16, unsigned),
            "mediumint" => integer(24, unsigned),
            "int" | "integer" => integer(32, unsigned),
            "bigint" => integer(64, unsigned),
            "bit" => ColumnType::Bit {
                bits: u32::try_from(first.unwrap_or(1)).unwrap_or(64),
            },
            "decimal" | "numeric" => decimal(first.unwrap_or(10), numbers.get(1).copied().unwrap_or(0), unsigned),
            "float" | "double" | "real" => ColumnType::Float {
                single: base.eq_ignore_ascii_case("float"),
                unsigned,
                places: first.zip(numbers.get(1).copied()),
            },
            "year" => ColumnType::Year,
            "date" => ColumnType::Date,
            "datetime" | "timestamp" => ColumnType::DateTime { fraction },
            "time" => ColumnType::Time { fraction },
            "char" | "varchar" => ColumnType::Characters {
                limit: first.unwrap_or(1),
                padded: base.eq_ignore_ascii_case("char"),
            },
            "tinytext" | "text" | "mediumtext" | "longtext" => ColumnType::Text { limit },
            "json" => ColumnType::Json { native: true },
            "uuid" => ColumnType::Uuid,
            "inet4" => ColumnType::Address { six: false },
            "inet6" => ColumnType::Address { six: true },
            "binary" | "varbinary" => ColumnType::Binary {
                limit: first.unwrap_or(1) as u64,
                padded: base.eq_ignore_ascii_case("binary"),
            },
            "tinyblob" | "blob" | "mediumblob" | "longblob" => ColumnType::Binary { limit, padded: false },
            "enum" => ColumnType::Enum(members(full)),
            "set" => ColumnType::Set(members(full)),
            _ => ColumnType::Other,
        }
    }
}

/// Whether a column's `EXTRA`, in small letters, says that it is computed from others. `DEFAULT_GENERATED` is MySQL's word
/// for a default that is an expression: such a column is written as any other.
fn is_computed_column(extra: &str) -> bool {
    let mut words = extra.split_ascii_whitespace();
    words.any(|word| matches!(word, "virtual" | "stored" | "persistent"))
}

fn integer(bits: u32, unsigned: bool) -> ColumnType {
    if unsigned {
        ColumnType::Integer {
            min: 0,
            max: (1 << bits) - 1,
        }
    } else {
        ColumnType::Integer {
            min: -(1 << (bits - 1)),
            max: (1 << (bits - 1)) - 1,
        }
    }
}

fn decimal(digits: usize, scale: usize, unsigned: bool) -> ColumnType {
    ColumnType::Decimal {
        digits,
        scale,
        unsigned,
    }
}

/// The column that a `CHECK` clause holds to valid JSON.
pub(super) fn json_checked(clause: &str) -> Option<&str> {
    let clause = clause.trim();
    let inner = clause.strip_prefix("json_valid(")?.strip_suffix(')')?;
    let name = inner.trim().trim_matches('`');
    (!name.is_empty() && !name.contains(['`', '(', ' '])).then_some(name)
}

#[cfg(test)]
pub(in crate::data) mod tests {
    use super::*;

    pub(crate) fn facts(name: &str, column_type: &str) -> ColumnFacts {
        ColumnFacts {
            name: name.to_owned(),
            column_type: column_type.to_owned(),
            nullable: true,
            charset: "utf8mb4".to_owned(),
            collation: "utf8mb4_unicode_ci".to_owned(),
            length: Some(65535),
            quoted_defaults: true,
            ..ColumnFacts::default()
        }
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "a table of cases")]
    fn types_are_read() {
        for (text, kind) in [
            (
                "int(11) unsigned",
                ColumnType::Integer {
                    min: 0,
                    max: 4_294_967_295,
                },
            ),
            ("tinyint(4)", ColumnType::Integer { min: -128, max: 127 }),
            (
                "smallint(6)",
                ColumnType::Integer {
                    min: -32_768,
                    max: 32_767,
                },
            ),
            (
                "mediumint(8) unsigned",
                ColumnType::Integer {
                    min: 0,
                    max: 16_777_215,
                },
            ),
            (
                "blob",
                ColumnType::Binary {
                    limit: 65_535,
                    padded: false,
                },
            ),
            (
                "bigint(20)",
                ColumnType::Integer {
                    min: i128::from(i64::MIN),
                    max: i128::from(i64::MAX),
                },
            ),
            (
                "decimal(5,2)",
                ColumnType::Decimal {
                    digits: 5,
                    scale: 2,
                    unsigned: false,
                },
            ),
            (
                "float",
                ColumnType::Float {
                    single: true,
                    unsigned: false,
                    places: None,
                },
            ),
            (
                "double(7,3)",
                ColumnType::Float {
                    single: false,
                    unsigned: false,
                    places: Some((7, 3)),
                },
            ),
            ("datetime(6)", ColumnType::DateTime { fraction: 6 }),
            ("timestamp", ColumnType::DateTime { fraction: 0 }),
            (
                "varchar(255)",
                ColumnType::Characters {
                    limit: 255,
                    padded: false,
                },
            ),
            ("char(1)", ColumnType::Characters { limit: 1, padded: true }),
            ("text", ColumnType::Text { limit: 65535 }),
            (
                "varbinary(16)",
                ColumnType::Binary {
                    limit: 16,
                    padded: false,
                },
            ),
            (
                r"enum('a','it''s','x,y','b\\c','ação','l\nm','''')",
                ColumnType::Enum(
                    ["a", "it's", "x,y", r"b\c", "ação", "l\nm", "'"]
                        .map(String::from)
                        .to_vec(),
                ),
            ),
            ("set('r','w')", ColumnType::Set(vec!["r".into(), "w".into()])),
            ("uuid", ColumnType::Uuid),
            ("inet6", ColumnType::Address { six: true }),
            ("point", ColumnType::Other),
        ] {
            assert_eq!(facts("c", text).kind(), kind, "{text}");
        }
    }

    #[test]
    fn defaults_are_read() {
        for (shown, nullable, expected) in [
            (Some("'pt-br'"), false, DefaultValue::Text("pt-br".to_owned())),
            (Some("'it''s'"), false, DefaultValue::Text("it's".to_owned())),
            (Some("''"), false, DefaultValue::Text(String::new())),
            (Some(r"'a\nb\\c'"), false, DefaultValue::Text("a\nb\\c".to_owned())),
            (Some("'a' or 'b'"), false, DefaultValue::Computed),
            (Some("lcase('PT')"), false, DefaultValue::Computed),
            (Some("0"), true, DefaultValue::Text("0".to_owned())),
            (Some("NULL"), true, DefaultValue::Null),
            (None, false, DefaultValue::None),
            (Some("current_timestamp()"), false, DefaultValue::Computed),
        ] {
            let column = ColumnFacts {
                default: shown.map(str::to_owned),
                nullable,
                ..facts("c", "varchar(10)")
            };
            assert_eq!(column.column().unwrap().default, expected, "{shown:?}");
        }
    }

    #[test]
    fn mysql_words_are_read() {
        for (shown, extra, expected, generated) in [
            (
                Some("CURRENT_TIMESTAMP"),
                "DEFAULT_GENERATED on update CURRENT_TIMESTAMP",
                DefaultValue::Computed,
                false,
            ),
            (
                Some(r"_utf8mb4\'pt-br\'"),
                "DEFAULT_GENERATED",
                DefaultValue::Text("pt-br".to_owned()),
                false,
            ),
            (
                Some(r"concat(_utf8mb3\'a\',_utf8mb3\'b\')"),
                "DEFAULT_GENERATED",
                DefaultValue::Computed,
                false,
            ),
            (
                Some("5"),
                "DEFAULT_GENERATED INVISIBLE",
                DefaultValue::Text("5".to_owned()),
                false,
            ),
            (Some("NULL"), "", DefaultValue::Text("NULL".to_owned()), false),
            (Some("it's"), "", DefaultValue::Text("it's".to_owned()), false),
            (Some(""), "", DefaultValue::Text(String::new()), false),
            (Some("b'101'"), "", DefaultValue::Text("5".to_owned()), false),
            (None, "VIRTUAL GENERATED", DefaultValue::Null, true),
            (None, "STORED GENERATED INVISIBLE", DefaultValue::Null, true),
            (None, "on update CURRENT_TIMESTAMP", DefaultValue::Null, false),
        ] {
            let column = ColumnFacts {
                default: shown.map(str::to_owned),
                extra: extra.to_owned(),
                quoted_defaults: false,
                ..facts("c", "varchar(10)")
            };
            let column = column.column().unwrap();
            assert_eq!(
                (column.default, column.generated),
                (expected, generated),
                "{shown:?} {extra}"
            );
        }
    }

    #[test]
    fn json_columns_are_known_by_their_check() {
        assert_eq!(json_checked("json_valid(`fields_schema`)"), Some("fields_schema"));
        assert_eq!(json_checked("`a` > 0"), None);
        assert_eq!(json_checked("json_valid(`a`) or `b`"), None);
        for other in ["json_valid()", "json_valid(lower(`a`))", "json_valid(`a` = 1)"] {
            assert_eq!(json_checked(other), None, "{other}");
        }
    }

    #[test]
    fn charset_and_collation_are_read() {
        for (charset, collation, expected) in [
            ("utf8mb4", "utf8mb4_unicode_ci", (Charset::Utf8mb4, false)),
            ("utf8", "utf8_bin", (Charset::Utf8mb3, true)),
            ("utf8mb3", "utf8mb3_general_ci", (Charset::Utf8mb3, false)),
            ("utf8mb4", "utf8mb4_0900_as_cs", (Charset::Utf8mb4, true)),
            ("latin1", "latin1_swedish_ci", (Charset::Other, false)),
        ] {
            let read = ColumnFacts {
                charset: charset.to_owned(),
                collation: collation.to_owned(),
                ..facts("c", "varchar(9)")
            };
            let column = read.column().unwrap();
            assert_eq!((column.charset, column.case_sensitive), expected, "{collation}");
        }
    }

    #[test]
    fn only_one_text_in_quotes_is_a_text() {
        for (shown, expected) in [
            ("''", Some("")),
            ("'a'", Some("a")),
            ("'it''s'", Some("it's")),
            ("'", None),
            ("'a", None),
            ("a'", None),
            ("'a','b'", None),
        ] {
            assert_eq!(quoted_default(shown).as_deref(), expected, "{shown}");
        }
    }
}
