//! What a migration runner answers, and what it is asked, as plain values. No I/O.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use serde_json::{Value, json};

use super::{MigrateError, Migration, MigrationCall, messages};
use crate::config::Argument;
use crate::model::Phrase;

impl MigrationCall {
    /// What the runner is asked: `acao`, `slug`, `pasta`, `migracoes`, `registro`, and `guardar` where something is to be
    /// looked after.
    pub fn to_value(&self) -> Value {
        let mut value = json!({
            "acao": self.acao, "slug": self.slug, "pasta": path_value(&self.pasta), "migracoes": self.migracoes,
            "registro": self.registro,
        });
        if let Some(watched) = &self.guardar {
            value["guardar"] = watched.to_value(&path_value(&watched.folder));
        }
        value
    }
}

/// A path as JSON; one that is no UTF-8 becomes `{"$hex": "…"}`.
pub fn path_value(path: &Path) -> Value {
    path.to_str().map_or_else(
        || {
            let bytes = path.as_os_str().as_bytes().iter();
            let hex = bytes.fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
            json!({"$hex": hex})
        },
        |text| json!(text),
    )
}

/// Reads what the runner said: `['migracoes' => [['versao' => …, 'nome' => …] …]]`, with `'erro' => 'why'` when it
/// failed; then the migrations are those applied before.
pub fn read_result(said: &Argument) -> Result<Vec<Migration>, MigrateError> {
    let Argument::Map(entries) = said else {
        return Err(unreadable(&Phrase::of_others(said.type_name())));
    };
    let value = |key: &str| entries.iter().find(|(found, _)| found == key).map(|(_, value)| value);
    let migrations = match value("migracoes") {
        None | Some(Argument::Null) => Vec::new(),
        Some(Argument::Map(none)) if none.is_empty() => Vec::new(),
        Some(Argument::List(items)) => items.iter().map(migration).collect::<Result<_, _>>()?,
        Some(other) => return Err(unreadable(&Phrase::of_others(other.type_name()))),
    };
    match value("erro").map(|reason| reason.text("erro")) {
        None | Some(Ok(None)) => Ok(migrations),
        Some(Ok(Some(reason))) => Err(MigrateError::Failed {
            reason: Phrase::of_others(reason),
            applied: migrations,
        }),
        Some(Err(fault)) => Err(MigrateError::Failed {
            reason: Phrase::of(&fault),
            applied: migrations,
        }),
    }
}

fn migration(item: &Argument) -> Result<Migration, MigrateError> {
    let Argument::Map(entries) = item else {
        return Err(unreadable(&Phrase::of_others(item.type_name())));
    };
    let text = |key: &str| {
        let found = entries.iter().find(|(name, _)| name == key);
        found.and_then(|(_, value)| value.text(key).ok().flatten())
    };
    Ok(Migration {
        versao: text("versao").ok_or_else(|| unreadable(&messages::NO_VERSION))?,
        nome: text("nome").unwrap_or_default(),
    })
}

fn unreadable(found: &Phrase) -> MigrateError {
    MigrateError::Failed {
        reason: messages::answered(found),
        applied: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Vec<Migration>, MigrateError> {
        let value: Value = serde_json::from_str(json).unwrap();
        read_result(&Argument::from(&value))
    }

    #[test]
    fn answers_are_read() {
        let done = read(r#"{"migracoes":[{"versao":20250101,"nome":"A"},{"versao":"2","nome":"B"}]}"#).unwrap();
        assert_eq!(done[0].versao, "20250101");
        assert_eq!(done[1].nome, "B");
        assert_eq!(read(r#"{"migracoes":[]}"#).unwrap(), []);
        assert_eq!(read(r#"{"migracoes":{}}"#).unwrap(), []);
        let failed = read(r#"{"erro":"why","migracoes":[{"versao":"1","nome":"A"}]}"#);
        assert!(
            matches!(failed, Err(MigrateError::Failed { reason, applied }) if reason.to_string() == "why" && applied.len() == 1)
        );
    }

    #[test]
    fn nonsense_is_a_failure() {
        for json in [
            "null",
            "[1]",
            "true",
            r#"{"migracoes":"x"}"#,
            r#"{"migracoes":[3]}"#,
            r#"{"migracoes":[{}]}"#,
        ] {
            assert!(matches!(read(json), Err(MigrateError::Failed { .. })), "{json}");
        }
    }
}
