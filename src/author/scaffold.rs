//! A new plugin, as the files that it begins with. Pure.

use serde_json::{Map, Value, json};

use super::migration_lints::class_of;
use super::templates::{COMMON, Template};
use super::{AuthorError, messages};
use crate::model::Slug;

/// What is told of a new plugin.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wishes {
    /// Its id.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// Who makes it.
    pub author: String,
    /// What it is for.
    pub description: String,
    /// What it needs: `id` or `id:range`.
    pub depends: Vec<String>,
    /// What it asks for: `right` or `right=value,value`.
    pub permissions: Vec<String>,
}

/// A new plugin.
#[derive(Debug, Clone)]
pub struct Beginning {
    template: Template,
    slug: Slug,
    wishes: Wishes,
    needs: Map<String, Value>,
    rights: Map<String, Value>,
}

/// Rights that hold a list, and those that are had or not.
const LISTS: [&str; 7] = [
    "arquivos.ler",
    "arquivos.gravar",
    "tabelas.ler",
    "tabelas.gravar",
    "rede",
    "ganchos",
    "executar",
];
const TRUTHS: [&str; 4] = ["correio", "eval", "ambiente", "sessao"];

impl Beginning {
    /// One of what somebody wants.
    ///
    /// # Errors
    /// [`AuthorError::Wish`]: what of it cannot be.
    pub fn new(template: Template, mut wishes: Wishes) -> Result<Self, AuthorError> {
        let wrong = |what: &str, reason| AuthorError::Wish {
            what: what.chars().take(120).collect(),
            reason,
        };
        let slug = Slug::normalize(&wishes.id)
            .ok()
            .filter(|slug| slug.as_str() == wishes.id);
        let slug = slug.ok_or_else(|| wrong(&wishes.id, messages::no_id()))?;
        wishes.name = wishes.name.trim().to_owned();
        let is_line = |text: &str| text.chars().count() <= 255 && !text.chars().any(char::is_control);
        if wishes.name.is_empty() || !is_line(&wishes.name) {
            return Err(wrong(&wishes.name, messages::no_name()));
        }
        for text in [&wishes.author, &wishes.description] {
            if text.chars().any(|letter| letter.is_control() && letter != '\n') {
                return Err(wrong(text, messages::no_text()));
            }
        }
        let needs = wishes.depends.iter().map(|need| {
            let (id, range) = need.split_once(':').unwrap_or((need, "*"));
            (id.trim().to_owned(), Value::from(range.trim()))
        });
        let needs = needs.collect();
        let rights = wishes
            .permissions
            .iter()
            .map(|right| read_right(right).ok_or_else(|| wrong(right, messages::no_right())));
        let rights = rights.collect::<Result<_, _>>()?;
        Ok(Self {
            template,
            slug,
            wishes,
            needs,
            rights,
        })
    }

    /// What its migrations say.
    pub fn migrations(&self) -> Vec<String> {
        let files = self.files().into_iter();
        let migrations = files.filter(|(path, _)| path.starts_with("db/migrations/"));
        migrations.map(|(_, text)| text).collect()
    }

    /// That its table is the gestor's own.
    pub fn refuse_table(&self, table: &str) -> AuthorError {
        AuthorError::Wish {
            what: self.slug.to_string(),
            reason: messages::taken_table(table),
        }
    }

    /// Its id.
    pub fn slug(&self) -> &Slug {
        &self.slug
    }

    /// Paths and texts, sorted.
    pub fn files(&self) -> Vec<(String, String)> {
        let all = COMMON.iter().chain(self.template.files);
        let made = all.map(|(path, text)| (self.filled(path, Kind::Name), self.filled(text, Kind::of(path))));
        let mut files: Vec<_> = made.chain([("manifest.json".to_owned(), self.manifest())]).collect();
        files.sort();
        files
    }

    fn manifest(&self) -> String {
        let mut manifest = json!({
            "id": self.slug.as_str(),
            "name": self.wishes.name,
            "version": "0.1.0",
            "description": self.wishes.description,
            "author": self.wishes.author,
            "license": "MIT",
            "compatibility": {"min": "2.9.0"},
        });
        if !self.needs.is_empty() {
            manifest["dependencies"] = Value::Object(self.needs.clone());
        }
        if !self.rights.is_empty() {
            manifest["permissoes"] = Value::Object(self.rights.clone());
        }
        format!("{manifest:#}\n")
    }

    fn filled(&self, text: &str, kind: Kind) -> String {
        // None of the words between is empty: the runner of migrations would not find the class of such a name.
        let words = self.slug.as_str().split(['-', '_']).filter(|word| !word.is_empty());
        let words = words.collect::<Vec<_>>().join("_");
        // A function's name does not begin with a digit.
        let name = if words.starts_with(|letter: char| letter.is_ascii_digit()) {
            format!("p_{words}")
        } else {
            words
        };
        // None of what is put in is looked through again: it is whoever's words.
        let values = [
            ("{{id}}", self.slug.as_str().to_owned()),
            ("{{tabela}}", name.clone()),
            ("{{funcao}}", name.clone()),
            ("{{classe}}", class_of(&name)),
            ("{{nome}}", kind.quoted(&self.wishes.name)),
            ("{{descricao}}", kind.quoted(&self.wishes.description)),
        ];
        let (mut made, mut rest) = (String::with_capacity(text.len()), text);
        while let Some(at) = rest.find("{{") {
            made.push_str(&rest[..at]);
            rest = &rest[at..];
            let found = values.iter().find(|(name, _)| rest.starts_with(name));
            let (name, value) = found.map_or(("{{", "{{"), |(name, value)| (*name, value.as_str()));
            made.push_str(value);
            rest = &rest[name.len()..];
        }
        made.push_str(rest);
        made
    }
}

fn read_right(text: &str) -> Option<(String, Value)> {
    let (right, values) = text.split_once('=').unwrap_or((text, ""));
    if TRUTHS.contains(&right) && values.is_empty() {
        return Some((right.to_owned(), json!(true)));
    }
    let values: Vec<&str> = values
        .split(',')
        .map(str::trim)
        .filter(|value| !value.is_empty())
        .collect();
    (LISTS.contains(&right) && !values.is_empty()).then(|| (right.to_owned(), json!(values)))
}

/// What a text is put into.
#[derive(Clone, Copy)]
enum Kind {
    /// A path, or a text in which only ids stand.
    Name,
    /// A string of JSON, in whose texts HTML may stand.
    Json,
    /// Lines of a page for people.
    Text,
}

impl Kind {
    fn of(path: &str) -> Self {
        match path.rsplit('.').next() {
            Some("json") => Self::Json,
            Some("md") => Self::Text,
            _ => Self::Name,
        }
    }

    fn quoted(self, text: &str) -> String {
        match self {
            Self::Json => {
                let quoted = Value::from(text).to_string();
                quoted[1..quoted.len() - 1].to_owned()
            }
            Self::Text => text.to_owned(),
            Self::Name => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn beginning(template: &str, id: &str, name: &str) -> Result<Beginning, AuthorError> {
        let wishes = Wishes {
            id: id.to_owned(),
            name: name.to_owned(),
            ..Wishes::default()
        };
        Beginning::new(Template::of_name(template).unwrap(), wishes)
    }

    #[test]
    fn nothing_of_a_template_stays_open_and_its_json_is_json() {
        for template in Template::all() {
            for name in ["Loja", "A \"b\" \\ {{id}} {{x}}", "Ação & <b>"] {
                let files = beginning(template.name, "loja-2", name).unwrap().files();
                assert!(files.windows(2).all(|pair| pair[0].0 < pair[1].0));
                for (path, text) in files {
                    assert!(!path.contains("{{"), "{path}");
                    let ours = text.replace("${{", "").replace("{{id}} {{x}}", "");
                    assert!(!ours.contains("{{"), "{path}: {text}");
                    if super::super::file_lints::has_ending(&path, "json") {
                        serde_json::from_str::<Value>(&text).unwrap_or_else(|fault| panic!("{path}: {fault}"));
                    }
                }
            }
        }
    }

    #[test]
    fn names_are_made_of_the_id() {
        let files = beginning("modulo", "2loja-x", "L").unwrap().files();
        let text = |wanted: &str| &files.iter().find(|(path, _)| path == wanted).unwrap().1;
        assert!(text("db/migrations/20260101000000_create_p_2loja_x.php").contains("class CreateP2lojaX extends"));
        assert!(text("modules/2loja-x/2loja-x.php").contains("function p_2loja_x_start()"));
        assert_eq!(class_of("loja_2_x"), "Loja2X");
    }

    #[test]
    fn the_class_of_a_migration_is_found_whatever_the_id() {
        for (id, word) in [("a--b", "a_b"), ("a-", "a"), ("a__b_", "a_b"), ("2-", "p_2")] {
            let files = beginning("modulo", id, "L").unwrap().files();
            let path = format!("db/migrations/20260101000000_create_{word}.php");
            let (_, text) = files.iter().find(|(found, _)| *found == path).unwrap();
            assert!(text.contains(&format!("class Create{} ", class_of(word))), "{id}");
        }
    }

    #[test]
    fn what_cannot_be_is_told() {
        for (id, name) in [
            ("", "L"),
            ("Loja", "L"),
            ("_x", "L"),
            ("a b", "L"),
            ("loja", " "),
            ("loja", "a\nb"),
        ] {
            assert!(beginning("minimo", id, name).is_err(), "{id:?} {name:?}");
        }
        for (right, expected) in [
            ("correio", Some(json!(true))),
            ("correio=sim", None),
            ("rede=a.org:443, b.org:443", Some(json!(["a.org:443", "b.org:443"]))),
            ("rede", None),
            ("tudo", None),
        ] {
            assert_eq!(read_right(right).map(|(_, value)| value), expected, "{right}");
        }
        let wishes = Wishes {
            id: "loja".to_owned(),
            name: "L".to_owned(),
            depends: vec!["blog:^1.2".to_owned(), "mail".to_owned()],
            permissions: vec!["sessao".to_owned()],
            ..Wishes::default()
        };
        let made = Beginning::new(Template::all()[0], wishes).unwrap().files();
        let manifest: Value =
            serde_json::from_str(&made.iter().find(|(path, _)| path == "manifest.json").unwrap().1).unwrap();
        assert_eq!(manifest["dependencies"], json!({"blog": "^1.2", "mail": "*"}));
        assert_eq!(manifest["permissoes"], json!({"sessao": true}));
    }
}
