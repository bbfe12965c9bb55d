//! Names of tables and columns. Owns what may stand in SQL as an identifier; must not build statements.

use std::fmt;

/// A table's name: `[a-z0-9_]{1,64}`, safe to quote.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TableName(String);

/// A column's name as the database gave it: 1–64 characters without a backtick or control character.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ColumnName(String);

/// A text that cannot be a table's or column's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{given:?} is no valid {kind} name")]
pub struct NameError {
    /// `table` or `column`.
    pub kind: &'static str,
    /// What was given, cut to 80 characters.
    pub given: String,
}

impl NameError {
    fn new(kind: &'static str, given: &str) -> Self {
        Self {
            kind,
            given: given.chars().take(80).collect(),
        }
    }
}

impl TableName {
    /// Checks a name.
    pub fn new(name: &str) -> Result<Self, NameError> {
        let fits = (1..=64).contains(&name.len())
            && name
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if fits {
            Ok(Self(name.to_owned()))
        } else {
            Err(NameError::new("table", name))
        }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name between backticks, as it stands in a statement.
    pub fn quoted(&self) -> String {
        format!("`{}`", self.0)
    }
}

impl ColumnName {
    /// Checks a name.
    pub fn new(name: &str) -> Result<Self, NameError> {
        let fits = (1..=64).contains(&name.chars().count()) && !name.chars().any(|c| c == '`' || c.is_control());
        if fits {
            Ok(Self(name.to_owned()))
        } else {
            Err(NameError::new("column", name))
        }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name between backticks, as it stands in a statement.
    pub fn quoted(&self) -> String {
        format!("`{}`", self.0)
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for ColumnName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_identifiers_pass() {
        assert_eq!(
            TableName::new("hosts_configuracoes").unwrap().quoted(),
            "`hosts_configuracoes`"
        );
        for wrong in ["", "Paginas", "a-b", "a`b", "a b", "páginas", &"a".repeat(65)] {
            assert!(TableName::new(wrong).is_err(), "{wrong:?}");
        }
        assert_eq!(ColumnName::new("ordemMenu").unwrap().quoted(), "`ordemMenu`");
        for wrong in ["", "a`b", "a\nb", &"a".repeat(65)] {
            assert!(ColumnName::new(wrong).is_err(), "{wrong:?}");
        }
    }
}
