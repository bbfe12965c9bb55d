//! How the gestor's database is reached, as a call says it. Connects to nothing.

use std::path::PathBuf;

use super::call::path;
use super::{Argument, CallError};
use crate::model::Secret;

/// How to reach the gestor's database (`db{host,port,socket,nome,usuario,senha}`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DatabaseSettings {
    /// Host name or address; empty with a socket.
    pub host: String,
    /// TCP port; 0 = 3306.
    pub port: u16,
    /// Path of the unix socket, where one is used.
    pub socket: Option<PathBuf>,
    /// Database.
    pub name: String,
    /// User.
    pub user: String,
    /// Password.
    pub password: Secret,
}

impl DatabaseSettings {
    const KEYS: [&'static str; 6] = ["host", "port", "socket", "nome", "usuario", "senha"];

    pub(super) fn read(argument: &Argument) -> Result<Option<Self>, CallError> {
        if *argument == Argument::Null {
            return Ok(None);
        }
        let entries = argument.named().ok_or_else(|| CallError::WrongType {
            key: "db".to_owned(),
            expected: "array",
            found: argument.type_name(),
        })?;
        let mut made = Self::default();
        for (key, value) in &entries {
            let name = format!("db.{key}");
            match key.as_str() {
                "host" => made.host = value.text(&name)?.unwrap_or_default(),
                "port" => made.port = read_port(&name, value)?,
                "socket" => made.socket = value.bytes(&name)?.filter(|path| !path.is_empty()).map(path),
                "nome" => made.name = value.text(&name)?.unwrap_or_default(),
                "usuario" => made.user = value.text(&name)?.unwrap_or_default(),
                "senha" => made.password = Secret::new(value.text(&name)?.unwrap_or_default()),
                _ => {
                    return Err(CallError::UnknownKey {
                        key: name,
                        known: Self::KEYS.join(", "),
                    });
                }
            }
        }
        Ok(Some(made))
    }
}

fn read_port(key: &str, value: &Argument) -> Result<u16, CallError> {
    let number = value.count(key)?.unwrap_or(0);
    u16::try_from(number).map_err(|_| CallError::WrongValue {
        key: key.to_owned(),
        found: number.to_string(),
        allowed: super::messages::A_PORT,
    })
}
