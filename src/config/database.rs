//! How the gestor's database is reached, as a call says it. Connects to nothing.

use std::path::PathBuf;

use super::given::path;
use super::{Argument, CallError, Tls, messages};
use crate::model::Secret;

/// How to reach the gestor's database (`db{host,port,socket,nome,usuario,senha,tls,ca}`).
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
    /// Whether the way there is encrypted.
    pub tls: Tls,
    /// A file of the certificate authorities that alone are trusted with [`Tls::Verify`]; the machine's where absent.
    pub ca: Option<PathBuf>,
}

impl DatabaseSettings {
    const KEYS: [&'static str; 8] = ["host", "port", "socket", "nome", "usuario", "senha", "tls", "ca"];

    /// Reads `db` of a call; nothing where there is none.
    pub fn read(argument: &Argument) -> Result<Option<Self>, CallError> {
        if *argument == Argument::Null {
            return Ok(None);
        }
        let entries = argument.named().ok_or_else(|| CallError::WrongType {
            key: "db".to_owned(),
            expected: "array",
            found: argument.type_name(),
        })?;
        let mut made = Self::default();
        let mut tls = None;
        for (key, value) in &entries {
            let name = format!("db.{key}");
            match key.as_str() {
                "host" => made.host = value.text(&name)?.unwrap_or_default(),
                "port" => made.port = read_port(&name, value)?,
                "socket" => made.socket = value.bytes(&name)?.filter(|path| !path.is_empty()).map(path),
                "nome" => made.name = value.text(&name)?.unwrap_or_default(),
                "usuario" => made.user = value.text(&name)?.unwrap_or_default(),
                "senha" => made.password = Secret::new(value.text(&name)?.unwrap_or_default()),
                "tls" => tls = value.text(&name)?.filter(|word| !word.is_empty()),
                "ca" => made.ca = value.bytes(&name)?.filter(|path| !path.is_empty()).map(path),
                _ => {
                    return Err(CallError::UnknownKey {
                        key: name,
                        known: Self::KEYS.join(", "),
                    });
                }
            }
        }
        made.tls = read_tls(tls.as_deref(), made.ca.is_some())?;
        Ok(Some(made))
    }
}

/// Who names authorities wants them asked: no other word may stand beside them.
fn read_tls(word: Option<&str>, has_authorities: bool) -> Result<Tls, CallError> {
    match word.map(|word| Tls::from_word("db.tls", word)).transpose()? {
        None if has_authorities => Ok(Tls::Verify),
        Some(tls) if has_authorities && tls != Tls::Verify => Err(CallError::WrongValue {
            key: "db.tls".to_owned(),
            found: tls.word().to_owned(),
            allowed: messages::VERIFY_WITH_CA,
        }),
        tls => Ok(tls.unwrap_or_default()),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn read(entries: &[(&str, &str)]) -> Result<DatabaseSettings, CallError> {
        let value = |text: &str| Argument::Bytes(text.as_bytes().to_vec());
        let entries = entries.iter().map(|(key, text)| ((*key).to_owned(), value(text)));
        DatabaseSettings::read(&Argument::Map(entries.collect())).map(Option::unwrap)
    }

    #[test]
    fn who_names_authorities_wants_them_asked() {
        for (entries, tls) in [
            (&[][..], Tls::Off),
            (&[("tls", ""), ("ca", "")], Tls::Off),
            (&[("tls", "preferred")], Tls::Preferred),
            (&[("tls", "required")], Tls::Required),
            (&[("tls", "verify")], Tls::Verify),
            (&[("ca", "/ca.pem")], Tls::Verify),
            (&[("ca", "/ca.pem"), ("tls", "verify")], Tls::Verify),
        ] {
            assert_eq!(read(entries).unwrap().tls, tls, "{entries:?}");
        }
        for word in ["off", "preferred", "required"] {
            let fault = read(&[("ca", "/ca.pem"), ("tls", word)]).unwrap_err().to_string();
            assert!(fault.contains("`db.tls`") && fault.contains("verify"), "{fault}");
        }
        let fault = read(&[("tls", "on")]).unwrap_err().to_string();
        assert_eq!(
            fault,
            "parameter `db.tls` is \"on\"; allowed: off, preferred, required, verify"
        );
    }
}
