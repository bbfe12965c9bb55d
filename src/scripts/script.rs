//! What PHP is called with for a script, and what is shown of what it wrote. Pure.

use std::ffi::OsString;
use std::path::Path;

use super::messages::left_out;
use super::{PendingScript, PendingScripts, Php};
use crate::base::process::{Captured, Program};
use crate::base::redact::redact;
use crate::log::escape_lines;
use crate::model::{GestorRoot, Secret, Slug};

/// Memory that a script may use.
const MEMORY: &str = "memory_limit=256M";
/// Bytes of output that one operation tells of all its scripts.
pub const OUTPUT: usize = 512 << 10;
/// Where programs are, in which language and time, where our own environment does not say.
const USUAL: [(&str, &str); 3] = [
    ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
    ("LANG", "C.UTF-8"),
    ("TZ", ":/etc/localtime"),
];

/// What became of a script, as a report and the history tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Its path.
    pub script: String,
    /// The code that it ended with; nothing where it was not begun, or nobody knows.
    pub code: Option<i32>,
    /// Milliseconds.
    pub milliseconds: u64,
    /// What it wrote.
    pub output: String,
}

/// The call of PHP for a script.
pub(super) fn program(
    php: &Php,
    (root, slug): (&GestorRoot, &Slug),
    (all, script): (&PendingScripts, &PendingScript),
) -> Program {
    let folder = root.installed(slug);
    let mut arguments = vec![OsString::from("-d"), MEMORY.into()];
    if let Some(reach) = &php.open_basedir {
        arguments.extend(["-d".into(), format!("open_basedir={reach}").into()]);
    }
    // By its whole path, which no name makes look like an option.
    arguments.push(folder.join(&script.script).into());
    let usual = surroundings(&php.environment);
    let own = [
        ("GESTOR_ROOT", root.as_path().as_os_str().to_owned()),
        ("PLUGIN_SLUG", slug.as_str().into()),
        ("PLUGIN_VERSION", all.version.as_str().into()),
        ("PLUGIN_VERSION_FROM", all.from.as_str().into()),
        ("PLUGIN_ACTION", all.action.as_str().into()),
    ];
    let own = own.into_iter().map(|(name, value)| (name.to_owned(), value));
    Program {
        path: php.path.clone(),
        arguments,
        environment: usual.into_iter().chain(own).collect(),
        account: php.account.clone(),
        folder,
    }
}

/// What every program of ours finds in its environment: where programs are, language, time.
pub(super) fn surroundings(said: &[(&'static str, String)]) -> Vec<(String, OsString)> {
    let value = |name: &str| {
        let found = said.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    };
    let all = USUAL
        .iter()
        .map(|(name, usual)| ((*name).to_owned(), OsString::from(value(name).unwrap_or(usual))));
    all.collect()
}

/// The call that asks a program which PHP it is.
pub(super) fn question(path: &Path, environment: Vec<(String, OsString)>) -> Program {
    Program {
        path: path.to_owned(),
        arguments: ["-n", "-r", "echo PHP_SAPI;"].map(OsString::from).to_vec(),
        folder: "/".into(),
        environment,
        account: None,
    }
}

/// What is shown of what a script wrote: without secrets, and as lines that are what they seem.
pub(super) fn shown(output: &Captured, secrets: &[Secret]) -> String {
    let mut forms: Vec<String> = secrets.iter().flat_map(|secret| forms(secret.expose())).collect();
    // One may stand in another.
    forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
    let clean = |text: &str| {
        let hidden = forms
            .iter()
            .fold(text.to_owned(), |text, form| text.replace(form, "***"));
        escape_lines(&redact(&hidden))
    };
    output.text(&clean, &left_out)
}

/// A secret as it is, and as it stands in JSON, in PHP, in an address and in HTML.
fn forms(secret: &str) -> Vec<String> {
    if secret.is_empty() {
        return Vec::new();
    }
    let json = serde_json::Value::from(secret).to_string();
    let json = json.trim_matches('"').to_owned();
    let mut all = vec![
        secret.to_owned(),
        json.replace('/', "\\/"),
        json,
        secret.replace('\\', "\\\\").replace('\'', "\\'"),
        in_address(secret, |byte| format!("%{byte:02X}")),
        in_address(secret, |byte| format!("%{byte:02x}")),
        in_html(secret),
    ];
    all.sort();
    all.dedup();
    all
}

fn in_html(secret: &str) -> String {
    let escaped = secret.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    escaped.replace('"', "&quot;").replace('\'', "&#039;")
}

fn in_address(secret: &str, escaped: fn(u8) -> String) -> String {
    let one = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
        other => escaped(other),
    };
    secret.bytes().map(one).collect()
}

/// So much of a text as there is room for, which gets less.
pub fn budgeted(text: String, room: &mut usize) -> String {
    if text.len() <= *room {
        *room -= text.len();
        return text;
    }
    let mut to = *room;
    while !text.is_char_boundary(to) {
        to -= 1;
    }
    *room = 0;
    let out = left_out((text.len() - to) as u64);
    format!("{}\n{out}\n", &text[..to])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_shown_however_it_is_written() {
        let secret = Secret::new("p/\"a'ß &x");
        let mut output = Captured::default();
        for line in [
            "plain p/\"a'ß &x",
            r#"json "p/\"a'ß &x""#,
            r#"php json "p\/\"a'ß &x""#,
            r#"export 'p/"a\'ß &x'"#,
            "address p%2F%22a%27%C3%9F%20%26x, p%2f%22a%27%c3%9f%20%26x",
            "page p/&quot;a&#039;ß &amp;x",
            "longer p/\"a'ß &x-9f8e",
            "token ghp_0123456789 https://u:p@h/?q=1",
        ] {
            output.push(line.as_bytes());
            output.push(b"\n");
        }
        let shown = shown(&output, &[secret, Secret::default(), Secret::new("p/\"a'ß &x-9f8e")]);
        assert_eq!(
            shown,
            "plain ***\njson \"***\"\nphp json \"***\"\nexport '***'\naddress ***, ***\npage ***\nlonger ***\ntoken *** https://***@h/?***\n"
        );
    }

    #[test]
    fn many_outputs_have_one_room() {
        let mut room = 10;
        assert_eq!(budgeted("abcdef".to_owned(), &mut room), "abcdef");
        assert_eq!(budgeted("123é5".to_owned(), &mut room), "123\n[... 3 bytes ...]\n");
        assert_eq!(budgeted("x".to_owned(), &mut room), "\n[... 1 bytes ...]\n");
        assert_eq!(budgeted(String::new(), &mut room), "");
    }
}
