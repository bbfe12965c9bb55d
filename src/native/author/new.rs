//! `new`: what was said, and questions on a terminal for what was not.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::path::PathBuf;

use clap::ArgMatches;
use serde_json::json;

use super::ending;
use crate::author::{AuthorError, Beginning, Template, Wishes};
use crate::config::Settings;
use crate::model::{Bilingual as _, Lang, Phrase};
use crate::native::ending::Ending;
use crate::ops::Error;
use crate::ops::author::create;
use crate::outcome::ExitCode;

const FIRST: &str = "minimo";

/// `new`
pub(super) fn new(found: &ArgMatches, settings: &Settings) -> Ending {
    let lang = settings.lang;
    if found.get_flag("list") {
        return listed(found.get_flag("json"), lang);
    }
    match made(found, lang) {
        Ok(files) if found.get_flag("json") => ending::of_report(
            ExitCode::Ok,
            &json!({"ok": true, "codigo": 0, "rotulo": "OK", "arquivos": files}),
        ),
        Ok(files) => ending::of_lines(ExitCode::Ok, files, Vec::new()),
        Err(fault) => ending::refused(&fault, lang),
    }
}

/// The templates that there are.
fn listed(is_json: bool, lang: Lang) -> Ending {
    let all = Template::all().iter();
    if !is_json {
        let line = |template: &Template| format!("{}: {}", template.name, template.about().text(lang));
        return ending::of_lines(ExitCode::Ok, all.map(line), Vec::new());
    }
    let templates = all.map(|template| json!({"nome": template.name, "sobre": template.about().text(lang)}));
    ending::of_report(
        ExitCode::Ok,
        &json!({"ok": true, "codigo": 0, "rotulo": "OK", "modelos": templates.collect::<Vec<_>>()}),
    )
}

fn made(found: &ArgMatches, lang: Lang) -> Result<Vec<String>, Error> {
    let folder = found.get_one::<PathBuf>("caminho").cloned().unwrap_or_default();
    let text = |name: &str| found.get_one::<String>(name).cloned();
    let many = |name: &str| found.get_many::<String>(name).into_iter().flatten().cloned().collect();
    let asks = io::stdin().is_terminal() && io::stderr().is_terminal();
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned());
    let asked = |said: Option<String>, question: &Phrase, usual: &str| {
        said.unwrap_or_else(|| {
            if asks {
                ask(&question.text(lang), usual)
            } else {
                usual.to_owned()
            }
        })
    };
    let id = text("id");
    let id = if asks {
        asked(id, &QUESTIONS[0], name.as_deref().unwrap_or_default())
    } else {
        id.unwrap_or_default()
    };
    let wishes = Wishes {
        name: asked(text("name"), &QUESTIONS[1], if asks { &id } else { "" }),
        author: asked(text("author"), &QUESTIONS[2], ""),
        description: asked(text("description"), &QUESTIONS[3], ""),
        depends: many("depends"),
        permissions: many("permission"),
        id,
    };
    let template = asked(text("template"), &QUESTIONS[4], FIRST);
    let template = Template::of_name(&template).ok_or_else(|| AuthorError::UnknownTemplate {
        name: template.chars().take(80).collect(),
        known: Template::all()
            .iter()
            .map(|known| known.name)
            .collect::<Vec<_>>()
            .join(", "),
    })?;
    create(&folder, &Beginning::new(template, wishes)?)
}

const QUESTIONS: [Phrase; 5] = [
    Phrase::new("Id do plugin", "Id of the plugin"),
    Phrase::new("Nome", "Name"),
    Phrase::new("Autor", "Author"),
    Phrase::new("Para que serve", "What it is for"),
    Phrase::new("Modelo (minimo, paginas, modulo)", "Template (minimo, paginas, modulo)"),
];

/// Asks on the terminal. No answer is the usual one.
fn ask(question: &str, usual: &str) -> String {
    let mut errors = io::stderr().lock();
    let hint = if usual.is_empty() {
        String::new()
    } else {
        format!(" [{usual}]")
    };
    // Nobody is left to hear that nobody can be asked.
    let _ = write!(errors, "{question}{hint}: ");
    let _ = errors.flush();
    let mut answer = String::new();
    let _ = io::stdin().lock().read_line(&mut answer);
    let answer = answer.trim();
    if answer.is_empty() { usual } else { answer }.to_owned()
}
