//! The gestor that a command is about, and how its database is reached: by the domain's settings, and by what the command line
//! says instead. Becomes the owner of the site's files.

use std::path::{Path, PathBuf};

use clap::ArgMatches;

use super::domain::Domain;
use super::given::{Given, bytes, text};
use super::identity;
use super::value::lang_code;
use crate::base::fs::{followed, open_named, read_all, read_small};
use crate::config::parameter::{DATABASE, GESTOR_VERSION, KEYS as CREDENTIAL_KEYS, LANG, ROOT, SITE_ADDRESS, TRUST};
use crate::config::{Argument, Parameter};
use crate::model::{GestorRoot, Lang, Secret};
use crate::native::NativeFault;
use crate::native::surroundings::Surroundings;
use crate::ops::Definition;
use crate::stage;

/// Bytes of a file of the gestor that says its version.
const MOST: u64 = 4 << 20;
/// Bytes of a password.
const PASSWORD: u64 = 4096;
/// Files in which the gestor's version may stand.
const OF_VERSION: [&str; 2] = ["config.php", "gestor.php"];
/// Keys of the site's credentials, where the domain's settings have them.
const KEYS: &str = "GESTOR_PLUGINS_CHAVES";

/// A gestor, and how its database is reached.
pub(in crate::native) struct Place {
    /// Its folder.
    pub(in crate::native) root: GestorRoot,
    /// Its domain, where it has one.
    pub(super) domain: Option<Domain>,
    /// `db` of a call.
    pub(in crate::native) database: Vec<(String, Argument)>,
}

impl Place {
    /// Of a gestor, whose files' owner it becomes.
    pub(in crate::native) fn of(
        root: GestorRoot,
        found: &ArgMatches,
        around: &Surroundings,
    ) -> Result<Self, NativeFault> {
        // A password that only root may read is read before that is over.
        let password = password(found, around)?;
        identity::become_owner(&root)?;
        Self::reached(root, found, password)
    }

    fn reached(root: GestorRoot, found: &ArgMatches, password: Option<Secret>) -> Result<Self, NativeFault> {
        let said = said_of_database(found);
        let names_it = said.iter().any(|(key, _)| key == "nome");
        let domain = match Domain::find(&root, found.get_one::<String>("dominio").map(String::as_str)) {
            Ok(domain) => Some(domain),
            // Whoever names the database needs no domain.
            Err(_) if names_it && !found.contains_id("dominio") => None,
            Err(fault) => return Err(fault),
        };
        let mut database = domain.as_ref().map(Domain::database).unwrap_or_default();
        override_by(&mut database, said, password);
        let has_name = database.iter().any(|(key, _)| key == "nome");
        if let (false, Some(domain)) = (has_name, &domain) {
            return Err(NativeFault::NoDatabase {
                path: domain.path().to_owned(),
            });
        }
        Ok(Self { root, domain, database })
    }

    /// The folder of what the site believes.
    pub(in crate::native) fn trust(&self, around: &Surroundings) -> Option<PathBuf> {
        let own = self.domain.as_ref().map(|domain| self.root.trust(&domain.name));
        around.settings.trust.clone().or(own)
    }

    /// The language of what is told: what somebody said, else the gestor's.
    pub(in crate::native) fn lang(&self, around: &Surroundings) -> Lang {
        let own = self
            .domain
            .as_ref()
            .and_then(Domain::lang)
            .filter(|_| !around.says_lang());
        own.unwrap_or_else(|| around.lang())
    }

    /// What the gestor itself says to a call of an operation, as far as that takes it.
    pub(in crate::native) fn parameters(&self, definition: &Definition, around: &Surroundings) -> Given {
        let settings = &around.settings;
        let domain = self.domain.as_ref();
        let trust = domain.filter(|_| settings.trust.is_none());
        let keys = domain
            .filter(|_| settings.keys.is_none())
            .and_then(|domain| domain.value(KEYS));
        let known: [(&Parameter, Option<Argument>); 7] = [
            (&ROOT, Some(bytes(self.root.as_path()))),
            (&DATABASE, Some(Argument::Map(self.database.clone()))),
            (&LANG, Some(text(lang_code(self.lang(around))))),
            (&SITE_ADDRESS, domain.map(|domain| text(&domain.address()))),
            (
                &GESTOR_VERSION,
                gestor_version(&self.root).map(|version| text(&version)),
            ),
            (&TRUST, trust.map(|domain| bytes(&self.root.trust(&domain.name)))),
            (&CREDENTIAL_KEYS, keys.map(text)),
        ];
        known
            .into_iter()
            .filter(|(parameter, _)| definition.does_take(parameter))
            .filter_map(|(parameter, value)| Some((parameter.name.to_owned(), value?)))
            .collect()
    }
}

/// The gestor's folder.
pub(in crate::native) fn root(found: &ArgMatches, around: &Surroundings) -> Result<GestorRoot, NativeFault> {
    let said = found
        .get_one::<PathBuf>("gestor")
        .map_or(Path::new("."), PathBuf::as_path);
    let root = GestorRoot::new(followed(&around.folder.join(said)));
    if stage::is_gestor(&root) {
        return Ok(root);
    }
    Err(NativeFault::NoGestor {
        folder: said.to_owned(),
    })
}

/// What the command line says of the database.
fn said_of_database(found: &ArgMatches) -> Given {
    let option = |name: &str| found.get_one::<String>(name);
    let named = [
        ("host", "db-host"),
        ("port", "db-port"),
        ("usuario", "db-user"),
        ("nome", "db-name"),
    ];
    let named = named
        .into_iter()
        .filter_map(|(key, name)| Some((key.to_owned(), text(option(name)?))));
    let socket = found
        .get_one::<PathBuf>("db-socket")
        .map(|path| ("socket".to_owned(), bytes(path)));
    named.chain(socket).collect()
}

/// What is said comes before what stands in the settings; a server is one place.
fn override_by(database: &mut Given, said: Given, password: Option<Secret>) {
    let says = |key: &str| said.iter().any(|(known, _)| known == key);
    if says("socket") {
        database.retain(|(key, _)| key != "host" && key != "port");
    }
    if says("host") || says("port") {
        database.retain(|(key, _)| key != "socket");
    }
    if says("port") && !says("host") && !database.iter().any(|(key, _)| key == "host") {
        database.push(("host".to_owned(), text("127.0.0.1")));
    }
    let password = password.map(|password| ("senha".to_owned(), text(password.expose())));
    for (key, value) in said.into_iter().chain(password) {
        database.retain(|(known, _)| *known != key);
        database.push((key, value));
    }
}

fn password(found: &ArgMatches, around: &Surroundings) -> Result<Option<Secret>, NativeFault> {
    let Some(path) = found.get_one::<PathBuf>("db-password-file") else {
        return Ok(around.password());
    };
    let path = around.folder.join(path);
    let file = open_named(&path, PASSWORD).map_err(NativeFault::Settings)?;
    let read = read_all(file, &path, PASSWORD).map_err(NativeFault::Settings)?;
    let read = String::from_utf8_lossy(&read);
    Ok(Some(Secret::new(read.trim_end_matches(['\r', '\n']))))
}

/// What the gestor's own files say that it is.
fn gestor_version(root: &GestorRoot) -> Option<String> {
    OF_VERSION.iter().find_map(|name| {
        let bytes = read_small(&root.as_path().join(name), MOST).ok()?;
        version_in(&String::from_utf8_lossy(&bytes))
    })
}

/// `$_GESTOR['versao'] = '2.9.43';`
fn version_in(text: &str) -> Option<String> {
    text.split("['versao']").skip(1).find_map(|rest| {
        let value = rest.trim_start().strip_prefix('=')?.trim_start();
        let quote = value.chars().next().filter(|quote| matches!(quote, '\'' | '"'))?;
        let version = value[1..].split(quote).next()?;
        let is_version = version.starts_with(|letter: char| letter.is_ascii_digit()) && version.len() < 40;
        is_version.then(|| version.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_a_gestor_is_found_in_its_files() {
        for (text, expected) in [
            ("<?php $_GESTOR['versao'] = '2.9.43';", Some("2.9.43")),
            ("$a = $_GESTOR['versao']; $_GESTOR['versao']=\"3.0.1\";", Some("3.0.1")),
            ("$_GESTOR['versao'] = $x;", None),
            ("", None),
        ] {
            assert_eq!(version_in(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_server_that_is_said_is_one_place() {
        let of = |entries: &[(&str, &str)]| -> Given {
            entries
                .iter()
                .map(|(key, value)| ((*key).to_owned(), text(value)))
                .collect()
        };
        for (settings, said, expected) in [
            (&[("socket", "/s")][..], &[("host", "h")][..], &[("host", "h")][..]),
            (
                &[("host", "h"), ("port", "1")],
                &[("socket", "/s")],
                &[("socket", "/s")],
            ),
            (
                &[("socket", "/s")],
                &[("port", "3307")],
                &[("host", "127.0.0.1"), ("port", "3307")],
            ),
            (
                &[("host", "h")],
                &[("port", "3307")],
                &[("host", "h"), ("port", "3307")],
            ),
            (&[("nome", "a")], &[("nome", "b")], &[("nome", "b")]),
        ] {
            let mut database = of(settings);
            override_by(&mut database, of(said), None);
            assert_eq!(database, of(expected), "{said:?}");
        }
        let mut database = of(&[("senha", "a")]);
        override_by(&mut database, Given::new(), Some(Secret::new("b")));
        assert_eq!(database, of(&[("senha", "b")]));
    }
}
