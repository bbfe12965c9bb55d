//! From what a command was told to the parameters of its operation's call. Pure, but for the file of a batch.

use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use clap::ArgMatches;
use serde_json::Value;

use super::arguments::{FILES, LIST, NAMED, PLUGIN, SUBJECT};
use super::commands::{ACTIONS, SiteCommand, Subject};
use crate::base::fs::{open_named, read_all};
use crate::config::parameter::{
    ACTION, ALL, FILE, LOCAL_PATH, ORIGIN, OWNER, PACKAGES, PHP, REPOSITORY, SIGNED_INDEX, URL, WANTED_VERSIONS,
};
use crate::config::{Argument, PARAMETERS, Parameter, ParameterType};
use crate::native::NativeFault;

/// Bytes of a file that names packages.
const MOST: u64 = 1 << 20;

/// What a call is told.
pub(super) type Given = Vec<(String, Argument)>;

/// Which origin is meant where nobody says it: by the first of these that is given.
const ORIGINS: [(Parameter, &str); 7] = [
    (FILE, "upload"),
    (LOCAL_PATH, "local_path"),
    (URL, "url"),
    (OWNER, "github_publico"),
    (REPOSITORY, "github_publico"),
    (SIGNED_INDEX, "indice"),
    (WANTED_VERSIONS, "indice"),
];

/// What a command was told, as its operation takes it. Paths are below `folder` unless they are whole.
pub(super) fn given(command: &SiteCommand, found: &ArgMatches, folder: &Path) -> Result<Given, NativeFault> {
    let mut given: Given = command
        .optional()
        .filter_map(|parameter| Some((parameter.name.to_owned(), value(parameter, found, folder)?)))
        .collect();
    given.extend(
        command
            .implies
            .iter()
            .map(|flag| (flag.name.to_owned(), Argument::Bool(true))),
    );
    given.extend(subject(command, found, folder));
    if takes(command, &ORIGIN) && !has(&given, &ORIGIN) {
        let meant = ORIGINS.iter().find(|(parameter, _)| has(&given, parameter));
        given.extend(meant.map(|(_, word)| (ORIGIN.name.to_owned(), text(word))));
    }
    if takes(command, &PACKAGES) {
        packages(&mut given, found, folder)?;
    }
    Ok(given)
}

/// The plugin that a command names.
pub(super) fn plugin(found: &ArgMatches) -> Option<&String> {
    let by = |name: &str| found.try_get_one::<String>(name).ok().flatten();
    by(PLUGIN).or_else(|| by(NAMED))
}

/// The PHP that a command names.
pub(in crate::native) fn php(found: &ArgMatches, folder: &Path) -> Option<PathBuf> {
    let said = found.try_get_one::<PathBuf>(PHP.name).ok().flatten();
    said.map(|path| folder.join(path))
}

fn subject(command: &SiteCommand, found: &ArgMatches, folder: &Path) -> Given {
    let mut given = Given::new();
    match command.subject {
        Subject::None => {}
        Subject::Plugin | Subject::PluginOrNone | Subject::PluginOrAll => {
            let named = plugin(found);
            given.extend(named.map(|plugin| (NAMED.to_owned(), text(plugin))));
            if matches!(command.subject, Subject::PluginOrAll) && named.is_none() {
                given.push((ALL.name.to_owned(), Argument::Bool(true)));
            }
        }
        Subject::Value(parameter, _) if parameter.kind == ParameterType::Path => {
            let path = found.get_one::<PathBuf>(SUBJECT);
            given.extend(path.map(|path| (parameter.name.to_owned(), bytes(&folder.join(path)))));
        }
        Subject::Value(parameter, _) => {
            let word = found.get_one::<String>(SUBJECT).map(String::as_str);
            let word = word.map(|word| if parameter.is(&ACTION) { action(word) } else { word });
            given.extend(word.map(|word| (parameter.name.to_owned(), text(word))));
        }
    }
    given
}

fn action(word: &str) -> &str {
    ACTIONS
        .iter()
        .find(|(known, _)| *known == word)
        .map_or(word, |(_, meant)| meant)
}

fn value(parameter: &Parameter, found: &ArgMatches, folder: &Path) -> Option<Argument> {
    match parameter.kind {
        ParameterType::Flag => found.get_flag(parameter.name).then_some(Argument::Bool(true)),
        ParameterType::Path => found.get_one::<PathBuf>(parameter.name).map(|path| {
            if path.as_os_str().is_empty() {
                text("")
            } else {
                bytes(&folder.join(path))
            }
        }),
        _ => found.get_one::<String>(parameter.name).map(|value| text(value)),
    }
}

/// The packages of a batch: of files that are named one by one, or of one file.
fn packages(given: &mut Given, found: &ArgMatches, folder: &Path) -> Result<(), NativeFault> {
    let files: Vec<_> = found.get_many::<PathBuf>(FILES).into_iter().flatten().collect();
    if !files.is_empty() {
        let each = files
            .iter()
            .map(|file| Argument::Map(vec![(FILE.name.to_owned(), bytes(&folder.join(file)))]));
        given.push((PACKAGES.name.to_owned(), Argument::List(each.collect())));
    }
    let Some(list) = found.get_one::<PathBuf>(LIST) else {
        return Ok(());
    };
    let list = folder.join(list);
    let file = open_named(&list, MOST).map_err(NativeFault::Settings)?;
    let text = read_all(file, &list, MOST).map_err(NativeFault::Settings)?;
    let read = serde_json::from_slice(&text)
        .ok()
        .and_then(|value| of_list(value, list.parent().unwrap_or(folder)));
    let read = read.ok_or(NativeFault::NoList { path: list.clone() })?;
    // What the command line says comes before what stands in the file.
    let more: Given = read
        .into_iter()
        .filter(|(key, _)| !given.iter().any(|(known, _)| known == key))
        .collect();
    given.extend(more);
    Ok(())
}

/// A list of packages, or a map with `pacotes`. Paths in it are below the folder of the file; `id` is `slug`.
fn of_list(value: Value, folder: &Path) -> Option<Given> {
    let mut params: serde_json::Map<String, Value> = match value {
        Value::Array(items) => [(PACKAGES.name.to_owned(), Value::Array(items))].into_iter().collect(),
        Value::Object(params) => params,
        _ => return None,
    };
    let packages = params.get_mut(PACKAGES.name).and_then(Value::as_array_mut);
    for package in packages.into_iter().flatten().filter_map(Value::as_object_mut) {
        package.retain(|_, value| !value.is_null());
        if let Some(id) = package.remove("id") {
            package.entry(NAMED).or_insert(id);
        }
        for parameter in PARAMETERS
            .iter()
            .filter(|parameter| parameter.kind == ParameterType::Path)
        {
            if let Some(path) = package.get_mut(parameter.name)
                && let Some(said) = path.as_str()
            {
                *path = folder.join(said).to_string_lossy().into_owned().into();
            }
        }
    }
    Some(
        params
            .iter()
            .map(|(key, value)| (key.clone(), Argument::from(value)))
            .collect(),
    )
}

fn takes(command: &SiteCommand, parameter: &Parameter) -> bool {
    command
        .definition()
        .is_some_and(|definition| definition.does_take(parameter))
}

fn has(given: &[(String, Argument)], parameter: &Parameter) -> bool {
    given.iter().any(|(key, _)| key == parameter.name)
}

pub(in crate::native) fn text(text: &str) -> Argument {
    Argument::Bytes(text.as_bytes().to_vec())
}

pub(in crate::native) fn bytes(path: &Path) -> Argument {
    Argument::Bytes(path.as_os_str().as_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Lang;
    use crate::native::arguments;

    fn read(words: &[&str]) -> Result<Given, NativeFault> {
        let words = ["gestor-plugins"].iter().chain(words);
        let found = arguments::command(Lang::En).try_get_matches_from(words).unwrap();
        let (name, found) = found.subcommand().unwrap();
        given(SiteCommand::by_name(name).unwrap(), found, Path::new("/here"))
    }

    fn said(words: &[&str]) -> Vec<String> {
        let shown = |value: Argument| match value {
            Argument::Bytes(bytes) => String::from_utf8(bytes).unwrap(),
            other => format!("{other:?}"),
        };
        let mut said: Vec<_> = read(words)
            .unwrap()
            .into_iter()
            .map(|(key, value)| format!("{key}={}", shown(value)))
            .collect();
        said.sort();
        said
    }

    #[test]
    fn what_is_told_becomes_parameters_of_the_operation() {
        for (words, expected) in [
            (
                &["install", "loja", "--arquivo", "a b.zip"][..],
                &["arquivo=/here/a b.zip", "origem_tipo=upload", "slug=loja"][..],
            ),
            (
                &["update", "--id=loja", "--owner=x", "--repo=y"],
                &["origem_tipo=github_publico", "owner=x", "repo=y", "slug=loja"],
            ),
            (
                &["install", "loja", "--url=https://x", "--origem_tipo=url"],
                &["origem_tipo=url", "slug=loja", "url=https://x"],
            ),
            (
                &["rollback", "loja", "--version", "1.0.0", "--forcar"],
                &["forcar=Bool(true)", "slug=loja", "version=1.0.0"],
            ),
            (&["verify"], &["todos=Bool(true)"]),
            (&["verify", "loja", "--estrito"], &["estrito=Bool(true)", "slug=loja"]),
            (&["repair"], &["reparar=Bool(true)", "todos=Bool(true)"]),
            (
                &["diff", "loja", "--arquivo=/x.zip"],
                &[
                    "arquivo=/x.zip",
                    "dry_run=Bool(true)",
                    "origem_tipo=upload",
                    "slug=loja",
                ],
            ),
            (&["audit", "verify"], &["acao=conferir"]),
            (
                &["auditoria", "exportar", "--saida=o", "--formato=csv"],
                &["acao=exportar", "formato=csv", "saida=/here/o"],
            ),
            (&["signature", "p.zip"], &["arquivo=/here/p.zip"]),
            (&["export", "s.zip"], &["conjunto=/here/s.zip"]),
            (&["batch", "--importar=s.zip"], &["conjunto=/here/s.zip"]),
            (
                &["resolve", "loja", "--conflito=1,2", "--escolha=valor", "--valor=-1"],
                &["conflito=1,2", "escolha=valor", "slug=loja", "valor=-1"],
            ),
            (&["list"], &[]),
        ] {
            assert_eq!(said(words), expected, "{words:?}");
        }
    }

    #[test]
    fn packages_of_a_batch_are_named_one_by_one_or_in_a_file() {
        let two = read(&["batch", "--arquivo=a.zip", "--arquivo", "b.zip"]).unwrap();
        assert!(matches!(&two[0].1, Argument::List(items) if items.len() == 2));
        let folder = tempfile::tempdir().unwrap();
        let file = |text: &str| {
            let path = folder.path().join("lote.json");
            std::fs::write(&path, text).unwrap();
            format!("--lote={}", path.display())
        };
        for text in [
            "[{\"id\": \"a\", \"arquivo\": \"a.zip\"}]",
            "{\"pacotes\": [{\"slug\": \"a\", \"arquivo\": \"a.zip\", \"url\": null}]}",
        ] {
            let given = read(&["batch", &file(text)]).unwrap();
            let expected = folder.path().join("a.zip");
            let Argument::List(items) = &given[0].1 else {
                panic!("{given:?}")
            };
            let Argument::Map(package) = &items[0] else {
                panic!("{given:?}")
            };
            assert!(
                package.contains(&("arquivo".to_owned(), bytes(&expected))) && package.len() == 2,
                "{package:?}"
            );
        }
        for text in ["", "3", "{"] {
            assert!(read(&["batch", &file(text)]).is_err(), "{text}");
        }
    }
}
