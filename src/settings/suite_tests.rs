//! Schemas of others: the official tests of JSON Schema, and the examples of JSON Forms. Both are read from the git folders of
//! their repositories while the tests run (`GESTOR_TEST_JSON_SCHEMA`, `GESTOR_TEST_JSON_FORMS`); nothing of them is kept here.

use std::collections::BTreeMap;
use std::io::Read;
use std::process::{Command, Stdio};

use serde_json::{Map, Value};

use super::validator::Validator;
use super::{SettingsSchema, Widget};

/// The files of a repository below folders, by path.
fn files(variable: &str, folders: &[&str]) -> BTreeMap<String, String> {
    let repository = std::env::var(variable).unwrap();
    let mut git = Command::new("git")
        .args(["--git-dir", &repository, "archive", "--format=tar", "HEAD"])
        .args(folders)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut archive = tar::Archive::new(git.stdout.take().unwrap());
    let mut found = BTreeMap::new();
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().display().to_string();
        let mut text = String::new();
        if entry.header().entry_type().is_file() && entry.read_to_string(&mut text).is_ok() {
            found.insert(path, text);
        }
    }
    assert!(git.wait().unwrap().success());
    found
}

/// What was compared of a draft: groups, tests.
fn compare(files: &BTreeMap<String, String>, (draft, folder): (&str, &str)) -> (usize, usize, Vec<String>) {
    let remotes = files.iter().filter_map(|(path, text)| {
        let place = path.strip_prefix("remotes/")?;
        // Those of other drafts say so in their first folder.
        let is_of_other = place.starts_with("draft") && !place.starts_with(folder) || place.starts_with("v1/");
        let mut schema: Value = serde_json::from_str(text).ok()?;
        if let Some(schema) = schema.as_object_mut() {
            schema.entry("$schema").or_insert_with(|| draft.into());
        }
        (!is_of_other).then(|| (format!("http://localhost:1234/{place}"), schema))
    });
    let remotes: Vec<(String, Value)> = remotes.collect();
    let beginning = format!("tests/{folder}/");
    // What stands in a folder of its own is optional.
    let required = files.iter().filter_map(|(path, text)| {
        let name = path.strip_prefix(&beginning)?;
        (!name.contains('/')).then_some((name, text))
    });
    let (mut groups, mut tests, mut wrong) = (0, 0, Vec::new());
    for (name, text) in required {
        for group in serde_json::from_str::<Vec<Value>>(text).unwrap() {
            groups += 1;
            let mut schema = group["schema"].clone();
            if let Some(schema) = schema.as_object_mut() {
                schema.entry("$schema").or_insert_with(|| draft.into());
            }
            let told = |what: &str| format!("{name}: {}: {what}", group["description"]);
            let validator = match Validator::new(&schema, &remotes, []) {
                Ok(validator) => validator,
                Err(fault) => {
                    wrong.push(told(&fault.to_string()));
                    continue;
                }
            };
            for test in group["tests"].as_array().unwrap() {
                tests += 1;
                let is_valid = validator.faults(&test["data"]).is_empty();
                if is_valid != test["valid"] {
                    wrong.push(told(&test["description"].to_string()));
                }
            }
        }
    }
    (groups, tests, wrong)
}

#[test]
#[ignore = "GESTOR_TEST_JSON_SCHEMA names the git folder of json-schema-org/JSON-Schema-Test-Suite"]
fn schemas_are_what_json_schema_says() {
    let files = files("GESTOR_TEST_JSON_SCHEMA", &["tests", "remotes"]);
    for (draft, folder, least) in [
        ("http://json-schema.org/draft-07/schema#", "draft7", 900),
        ("https://json-schema.org/draft/2020-12/schema", "draft2020-12", 1200),
    ] {
        let (groups, tests, wrong) = compare(&files, (draft, folder));
        assert!(
            wrong.is_empty(),
            "{folder}: {} of {tests}:\n{}",
            wrong.len(),
            wrong.join("\n")
        );
        assert!(tests >= least, "{folder}: {groups} groups, {tests} tests");
    }
}

/// What names stand for that literals of JavaScript are assigned to.
type Names = BTreeMap<String, Value>;

/// Reads a literal of JavaScript, in which others may be named. What is none of this is told.
struct Literal<'t> {
    rest: &'t str,
    names: &'t Names,
}

impl<'t> Literal<'t> {
    fn skip(&mut self) {
        loop {
            self.rest = self.rest.trim_start();
            let after = match self.rest.get(..2) {
                Some("//") => self.rest.find('\n').map(|end| &self.rest[end..]),
                Some("/*") => self.rest.find("*/").map(|end| &self.rest[end + 2..]),
                _ => return,
            };
            self.rest = after.unwrap_or("");
        }
    }

    fn takes(&mut self, sign: char) -> bool {
        self.skip();
        let after = self.rest.strip_prefix(sign);
        self.rest = after.unwrap_or(self.rest);
        after.is_some()
    }

    fn word(&mut self) -> &'t str {
        self.skip();
        let is_part = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '$' | '-' | '+' | '.');
        let end = self.rest.find(|letter| !is_part(letter)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word
    }

    fn text(&mut self) -> Option<String> {
        self.skip();
        let quote = self
            .rest
            .chars()
            .next()
            .filter(|letter| matches!(letter, '\'' | '"' | '`'))?;
        let mut text = String::new();
        let mut letters = self.rest[1..].char_indices();
        while let Some((at, letter)) = letters.next() {
            match letter {
                '\\' => text.extend(
                    letters
                        .next()
                        .map(|(_, letter)| if letter == 'n' { '\n' } else { letter }),
                ),
                _ if letter == quote => {
                    self.rest = &self.rest[at + 2..];
                    // Texts that are put together of two.
                    if self.takes('+') {
                        text += &self.text()?;
                    }
                    return Some(text);
                }
                _ => text.push(letter),
            }
        }
        None
    }

    fn value(&mut self) -> Result<Value, String> {
        let value = self.bare()?;
        self.skip();
        // What TypeScript says of its type.
        if let Some(after) = self.rest.strip_prefix("as ") {
            self.rest = after;
            self.word();
        }
        Ok(value)
    }

    /// What a name stands for, with names below it.
    fn named(&self, name: &str) -> Result<Value, String> {
        let (first, rest) = name.split_once('.').unwrap_or((name, ""));
        let below = rest.split('.').filter(|name| !name.is_empty());
        let found = below.fold(self.names.get(first), |value, name| value?.get(name));
        found.cloned().ok_or_else(|| format!("{name:?} is no literal"))
    }

    fn bare(&mut self) -> Result<Value, String> {
        self.skip();
        if let Some(text) = self.text() {
            return Ok(text.into());
        }
        if self.takes('[') {
            let mut items = Vec::new();
            while !self.takes(']') {
                items.push(self.value()?);
                self.takes(',');
            }
            return Ok(items.into());
        }
        if self.takes('{') {
            let mut map = Map::new();
            while !self.takes('}') {
                let name = self.text().unwrap_or_else(|| self.word().to_owned());
                match name.strip_prefix("...") {
                    Some(name) => map.extend(self.named(name)?.as_object().cloned().unwrap_or_default()),
                    None if self.takes(':') => drop(map.insert(name, self.value()?)),
                    None => drop(map.insert(name.clone(), self.named(&name)?)),
                }
                self.takes(',');
            }
            return Ok(map.into());
        }
        let word = self.word();
        if self.takes('(') {
            // Today's date, made by a function.
            let mut open = 1;
            let end = self.rest.find(|sign| {
                open += i32::from(sign == '(') - i32::from(sign == ')');
                open == 0
            });
            self.rest = end.map_or("", |end| &self.rest[end + 1..]);
            return Ok("2026-12-31".into());
        }
        serde_json::from_str(word).or_else(|_| self.named(word))
    }
}

/// The objects that an example assigns to names, in order.
fn assigned(text: &str, names: &Names) -> Vec<(String, Result<Value, String>)> {
    let mut found = Vec::new();
    for rest in text.match_indices("const ").map(|(at, _)| &text[at + "const ".len()..]) {
        let Some((name, rest)) = rest.split_once('=') else {
            continue;
        };
        let name = name.split(':').next().unwrap().trim().to_owned();
        if !name.contains([' ', '(', '{']) && rest.trim_start().starts_with('{') {
            found.push((name, Literal { rest, names }.value()));
        }
    }
    found
}

/// The schemas of an example: what is assigned to a name that ends so, but for those of its layout.
fn schemas(text: &str, names: &Names) -> Vec<Result<Value, String>> {
    let is_schema = |name: &str| name.contains("schema") && !name.contains("uischema");
    let of_schema = assigned(text, names)
        .into_iter()
        .filter(|(name, _)| is_schema(&name.to_lowercase()));
    of_schema.map(|(_, value)| value).collect()
}

#[test]
#[ignore = "GESTOR_TEST_JSON_FORMS names the git folder of eclipsesource/jsonforms"]
fn examples_of_others_are_forms_or_say_what_is_none() {
    let files = files("GESTOR_TEST_JSON_FORMS", &["packages/examples/src/examples"]);
    let mut names = Names::new();
    for _ in 0..3 {
        let all: Vec<_> = files.values().flat_map(|text| assigned(text, &names)).collect();
        names.extend(all.into_iter().filter_map(|(name, value)| Some((name, value.ok()?))));
    }
    let (mut shown, mut as_json, mut forms, mut refused, mut without) = (0, 0, 0, Vec::new(), Vec::new());
    for (path, text) in &files {
        let name = path.rsplit('/').next().unwrap();
        let found = schemas(text, &names);
        if found.is_empty() {
            without.push(name.to_owned());
        }
        for schema in found {
            let read = schema.and_then(|mut schema| {
                // The address of whatever draft is the newest.
                if schema["$schema"] == "http://json-schema.org/schema#" {
                    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema".into();
                }
                let read = SettingsSchema::read(schema.to_string().as_bytes());
                read.map_err(|fault| fault.to_string())
            });
            match read {
                Ok(read) => {
                    forms += 1;
                    assert!(!read.form().fields.is_empty(), "{name}");
                    for field in &read.form().fields {
                        assert_eq!(
                            field.widget == Widget::Json,
                            field.reason.is_some(),
                            "{name}: {}",
                            field.id
                        );
                        *(if field.reason.is_some() {
                            &mut as_json
                        } else {
                            &mut shown
                        }) += 1;
                    }
                }
                Err(why) => refused.push(format!("{name}: {why}")),
            }
        }
    }
    let told = format!(
        "{} files, {forms} forms: {shown} fields, {as_json} as JSON; without a schema of their own: {}; refused:\n{}",
        files.len(),
        without.join(", "),
        refused.join("\n")
    );
    assert_eq!((files.len(), forms, refused.len()), (63, 66, 0), "{told}");
}
