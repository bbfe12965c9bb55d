//! The scripts that a plugin wants run once it is installed (`post_installation_scripts`, SPEC 2 §8): paths, or objects with
//! a time-out and with what a failure means. What is not understood is a fault: a script that is left out by mistake is a
//! plugin that does not work.

use super::error::{ManifestError, ManifestFault, ScriptFault};
use super::{MAX_BYTES, Manifest};
use crate::base::file_tree::FileTree;
use crate::base::json::{JsonType, Part, Position};
use crate::model::{OnError, Script};

/// The keys under which they stand; the first that has a value counts.
pub(super) const KEYS: [&str; 2] = ["post_installation_scripts", "post_install_scripts"];
/// So many at most.
const MOST: usize = 1_000;
/// What a PHP file's name ends in.
const PHP: &str = ".php";
/// The folder of a package that is not installed.
const DATA: &str = "db/";
const SCRIPT: &str = "script";
const TIMEOUT: &str = "timeout";
const ON_ERROR: &str = "on_error";
/// Characters of a wrong value that are shown.
const SHOWN: usize = 80;

/// A script, and where the manifest says it.
#[derive(Debug, Clone, PartialEq)]
pub struct ScriptEntry {
    /// The script.
    pub script: Script,
    /// Where its path stands.
    pub at: Position,
    /// The key as it was written.
    pub key: String,
}

/// Reads them. Everything that is wrong is added to `faults`.
pub(super) fn read(key: &str, part: Part<'_>, faults: &mut Vec<ManifestFault>) -> Vec<ScriptEntry> {
    let at = |part: &Part<'_>, fault: ScriptFault| ManifestFault::Script {
        at: part.position(),
        key: key.to_owned(),
        fault,
    };
    if part.kind() != JsonType::List {
        let found = part.kind();
        faults.push(at(&part, ScriptFault::NoList { found }));
        return Vec::new();
    }
    let items = match part.items(MAX_BYTES) {
        Ok(items) => items,
        Err(fault) => {
            faults.push(fault.into());
            return Vec::new();
        }
    };
    if items.len() > MOST {
        faults.push(at(&part, ScriptFault::TooMany { limit: MOST }));
        return Vec::new();
    }
    let mut found = Vec::with_capacity(items.len());
    for item in items {
        match entry(item) {
            Ok((script, place)) => found.push(ScriptEntry {
                script,
                at: place.position(),
                key: key.to_owned(),
            }),
            Err(Wrong::Json(fault)) => faults.push(fault),
            Err(Wrong::At(place, fault)) => faults.push(at(&place, fault)),
        }
    }
    found
}

/// What is wrong with an entry, and where.
enum Wrong<'a> {
    At(Part<'a>, ScriptFault),
    Json(ManifestFault),
}

fn json(fault: impl Into<ManifestFault>) -> Wrong<'static> {
    Wrong::Json(fault.into())
}

/// An entry: a path, or an object. Gives where the path stands as well.
fn entry(item: Part<'_>) -> Result<(Script, Part<'_>), Wrong<'_>> {
    let mut script = Script {
        path: String::new(),
        seconds: Script::SECONDS,
        on_error: OnError::default(),
    };
    if item.kind() == JsonType::Text {
        script.path = path(item)?;
        return Ok((script, item));
    }
    if item.kind() != JsonType::Object {
        return Err(Wrong::At(item, ScriptFault::Form { found: item.kind() }));
    }
    let entries = item.entries(MAX_BYTES).map_err(json)?;
    // The last one counts where a key is given twice, as in PHP.
    let value = |wanted: &str| {
        let found = entries.iter().rev().find(|(key, _)| key == wanted);
        found
            .map(|(_, part)| *part)
            .filter(|part| part.kind() != JsonType::Null)
    };
    let place = value(SCRIPT).ok_or(Wrong::At(item, ScriptFault::WithoutScript))?;
    script.path = path(place)?;
    if let Some(part) = value(TIMEOUT) {
        script.seconds = seconds(part)?;
    }
    if let Some(part) = value(ON_ERROR) {
        script.on_error = on_error(part)?;
    }
    Ok((script, place))
}

/// A path below the plugin's folder, without detours.
fn path(part: Part<'_>) -> Result<String, Wrong<'_>> {
    let wrong = |fault| Err(Wrong::At(part, fault));
    if part.kind() != JsonType::Text {
        let found = part.kind();
        return wrong(ScriptFault::Form { found });
    }
    let written = part.text().map_err(json)?;
    let shown = || written.chars().take(SHOWN).collect::<String>();
    if written.starts_with('/') {
        return wrong(ScriptFault::Outside { path: shown() });
    }
    let mut names: Vec<&str> = Vec::new();
    for name in written.split('/').filter(|name| !name.is_empty() && *name != ".") {
        if name != ".." {
            names.push(name);
        } else if names.pop().is_none() {
            return wrong(ScriptFault::Outside { path: shown() });
        }
    }
    let path = names.join("/");
    if !path.to_ascii_lowercase().ends_with(PHP) || written.ends_with('/') {
        return wrong(ScriptFault::NoPhp { path: shown() });
    }
    if path.starts_with(DATA) {
        return wrong(ScriptFault::NotInstalled { path });
    }
    Ok(path)
}

fn seconds(part: Part<'_>) -> Result<u64, Wrong<'_>> {
    let written = part.source().trim();
    let number = written.parse().ok().filter(|_| part.kind() == JsonType::Number);
    number
        .filter(|seconds| (1..=Script::MOST_SECONDS).contains(seconds))
        .ok_or_else(|| {
            let found = written.chars().take(SHOWN).collect();
            Wrong::At(part, ScriptFault::Timeout { found })
        })
}

fn on_error(part: Part<'_>) -> Result<OnError, Wrong<'_>> {
    let word = if part.kind() == JsonType::Text {
        OnError::of(&part.text().map_err(json)?)
    } else {
        None
    };
    word.ok_or_else(|| {
        let found = part.source().trim().chars().take(SHOWN).collect();
        Wrong::At(part, ScriptFault::OnError { found })
    })
}

/// Whether every script of a manifest, which stands at `path`, is a file of the plugin.
///
/// # Errors
/// [`ScriptFault::Absent`] of each that is none.
pub fn check_scripts(manifest: &Manifest, path: &str, tree: &impl FileTree) -> Result<(), ManifestError> {
    let absent = manifest
        .scripts
        .iter()
        .filter(|entry| !tree.contains(&entry.script.path));
    let faults: Vec<_> = absent
        .map(|entry| ManifestFault::Script {
            at: entry.at,
            key: entry.key.clone(),
            fault: ScriptFault::Absent {
                path: entry.script.path.chars().take(SHOWN).collect(),
            },
        })
        .collect();
    if faults.is_empty() {
        return Ok(());
    }
    let path = path.to_owned();
    Err(ManifestError::Faults { path, faults })
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;
    use crate::base::file_tree::MemoryTree;
    use crate::model::{Lang, Slug};

    fn read(scripts: &str) -> Result<Manifest, ManifestError> {
        let text = format!("{{\"id\": \"p1\", \"name\": \"n\", \"version\": \"1.0.0\",\n{scripts}}}");
        parse(text.as_bytes(), "manifest.json", &Slug::normalize("p1").unwrap(), None)
    }

    fn scripts(text: &str) -> Vec<Script> {
        let manifest = read(text).unwrap_or_else(|fault| panic!("{text}: {fault}"));
        manifest.scripts.into_iter().map(|entry| entry.script).collect()
    }

    fn script(path: &str, seconds: u64, on_error: OnError) -> Script {
        Script {
            path: path.to_owned(),
            seconds,
            on_error,
        }
    }

    #[test]
    fn both_forms_are_read_in_their_order() {
        let found = scripts(
            r#""post_installation_scripts": ["s/b.php", {"script": "s/a.php", "timeout": 600, "on_error": "continuar", "x": 1},
                {"script": "c.PHP", "timeout": null, "on_error": "parar"}, "./s//d.php", "s/../e e'\"-.php", "-r.php"]"#,
        );
        let expected = [
            script("s/b.php", 60, OnError::Stop),
            script("s/a.php", 600, OnError::Continue),
            script("c.PHP", 60, OnError::Stop),
            script("s/d.php", 60, OnError::Stop),
            script("e e'\"-.php", 60, OnError::Stop),
            script("-r.php", 60, OnError::Stop),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn one_of_two_keys_counts() {
        for (text, count) in [
            (r#""post_install_scripts": ["a.php"]"#, 1),
            (
                r#""post_installation_scripts": null, "post_install_scripts": ["a.php"]"#,
                1,
            ),
            (
                r#""post_installation_scripts": [], "post_install_scripts": ["a.php"]"#,
                0,
            ),
            (r#""post_installation_scripts": null"#, 0),
            (r#""x": 1"#, 0),
            (r#""post_install_scripts": ["a.php", "a.php"]"#, 2),
        ] {
            assert_eq!(scripts(text).len(), count, "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        for (value, shown) in [
            (
                "\"a.php\"",
                "line 2, column 30: `post_installation_scripts`: must be a list",
            ),
            ("{}", "must be a list"),
            ("[1]", "column 31: `post_installation_scripts`: an entry must be a path"),
            ("[null]", "an entry must be a path"),
            ("[[\"a.php\"]]", "an entry must be a path"),
            ("[{}]", "an entry needs the path of its script"),
            ("[{\"script\": null}]", "an entry needs the path of its script"),
            ("[{\"script\": 1}]", "an entry must be a path"),
            ("[\"../a.php\"]", "\"../a.php\" leaves the plugin's folder"),
            ("[\"s/../../a.php\"]", "leaves the plugin's folder"),
            ("[\"/etc/a.php\"]", "\"/etc/a.php\" leaves the plugin's folder"),
            ("[\"\"]", "\"\" is no PHP file"),
            ("[\"a.php/\"]", "is no PHP file"),
            ("[\"a.sh\"]", "\"a.sh\" is no PHP file"),
            ("[\"s\"]", "is no PHP file"),
            ("[\"db/a.php\"]", "db/ is not installed"),
            ("[\"x/../db/s/a.php\"]", "db/ is not installed"),
            ("[{\"script\": \"a.php\", \"timeout\": 0}]", "`timeout` is 0"),
            ("[{\"script\": \"a.php\", \"timeout\": 601}]", "`timeout` is 601"),
            ("[{\"script\": \"a.php\", \"timeout\": 1e9}]", "`timeout` is 1e9"),
            ("[{\"script\": \"a.php\", \"timeout\": -1}]", "`timeout` is -1"),
            ("[{\"script\": \"a.php\", \"timeout\": 1.5}]", "`timeout` is 1.5"),
            ("[{\"script\": \"a.php\", \"timeout\": true}]", "`timeout` is true"),
            ("[{\"script\": \"a.php\", \"timeout\": \"60\"}]", "`timeout` is \"60\""),
            (
                "[{\"script\": \"a.php\", \"on_error\": \"stop\"}]",
                "`on_error` is \"stop\"",
            ),
            ("[{\"script\": \"a.php\", \"on_error\": 1}]", "`on_error` is 1"),
        ] {
            let text = format!("\"post_installation_scripts\": {value}");
            let fault = read(&text).unwrap_err().to_string();
            assert!(fault.contains(shown), "{value}: {fault}");
        }
        let both = read(r#""post_install_scripts": ["a.sh", {"script": "../b.php"}]"#).unwrap_err();
        assert_eq!(both.messages(Lang::En).len(), 2);
        let many = format!("\"post_install_scripts\": [{}]", vec!["\"a.php\""; 1_001].join(","));
        assert!(read(&many).unwrap_err().to_string().contains("more than 1000"));
        let most = format!("\"post_install_scripts\": [{}]", vec!["\"a.php\""; 1_000].join(","));
        assert_eq!(scripts(&most).len(), 1_000);
    }

    #[test]
    fn each_is_a_file_of_the_plugin() {
        let tree = MemoryTree::of_texts(&[("s/a.php", ""), ("b.php/c.php", "")]);
        let check = |text: &str| check_scripts(&read(text).unwrap(), "manifest.json", &tree);
        assert!(check(r#""post_install_scripts": ["s/a.php", "s/../s/a.php"]"#).is_ok());
        let fault = check("\"post_install_scripts\": [\n\"b.php\", \"S/a.php\"]").unwrap_err();
        let told = fault.messages(Lang::En);
        assert_eq!(told.len(), 2);
        assert!(
            told[0].contains("line 3, column 1") && told[0].contains("\"b.php\" is no file"),
            "{told:?}"
        );
    }
}
