//! The files of templates, as they stand in `templates/`: paths and texts with `{{…}}` where something of the new plugin goes.

use crate::model::Phrase;

/// A beginning of a plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Template {
    /// Its name.
    pub name: &'static str,
    pub(super) files: &'static [(&'static str, &'static str)],
    about: (&'static str, &'static str),
}

/// What each new plugin has.
pub(super) const COMMON: [(&str, &str); 8] = [
    (
        ".github/workflows/plugin.yml",
        include_str!("templates/common/github/plugin.yml"),
    ),
    (".gitignore", include_str!("templates/common/gitignore")),
    ("README.md", include_str!("templates/common/README.md")),
    (
        "gestor-plugins.json",
        include_str!("templates/common/gestor-plugins.json"),
    ),
    ("phpunit.xml", include_str!("templates/common/phpunit.xml")),
    (
        "tests/BrokenTest.php",
        include_str!("templates/common/tests/BrokenTest.php"),
    ),
    (
        "tests/LanguagesTest.php",
        include_str!("templates/common/tests/LanguagesTest.php"),
    ),
    ("tests/Package.php", include_str!("templates/common/tests/Package.php")),
];

/// A file whose path below a template's folder is that in the plugin.
macro_rules! files {
    ($template:literal: $($path:literal),+ $(,)?) => {
        &[$(($path, include_str!(concat!("templates/", $template, "/", $path)))),+]
    };
}

static TEMPLATES: [Template; 3] = [
    Template {
        name: "minimo",
        files: files!("minimo": "db/data/PaginasData.json"),
        about: ("uma página, e nada mais", "one page, and nothing else"),
    },
    Template {
        name: "paginas",
        files: files!("paginas": "db/data/ComponentesData.json", "db/data/PaginasData.json"),
        about: (
            "só conteúdo: páginas e um componente",
            "content only: pages and a component",
        ),
    },
    Template {
        name: "modulo",
        files: files!(
            "modulo": "config/schema.json",
            "db/data/ModulosData.json",
            "db/data/UsuariosPerfisModulosData.json",
            "db/migrations/20260101000000_create_{{tabela}}.php",
            "modules/{{id}}/hooks.php",
            "modules/{{id}}/resources/en/pages/{{id}}/{{id}}.html",
            "modules/{{id}}/resources/en/pages/{{id}}-adicionar/{{id}}-adicionar.html",
            "modules/{{id}}/resources/en/pages/{{id}}-editar/{{id}}-editar.html",
            "modules/{{id}}/resources/pt-br/pages/{{id}}/{{id}}.html",
            "modules/{{id}}/resources/pt-br/pages/{{id}}-adicionar/{{id}}-adicionar.html",
            "modules/{{id}}/resources/pt-br/pages/{{id}}-editar/{{id}}-editar.html",
            "modules/{{id}}/{{id}}.css",
            "modules/{{id}}/{{id}}.js",
            "modules/{{id}}/{{id}}.json",
            "modules/{{id}}/{{id}}.php",
        ),
        about: (
            "um módulo que lista, adiciona, edita e exclui numa tabela própria, com a migração dela, script, estilo, um gancho e uma configuração",
            "a module that lists, adds, edits and deletes in a table of its own, with its migration, script, style, a hook and a setting",
        ),
    },
];

impl Template {
    /// All of them, the smallest first.
    pub fn all() -> &'static [Self] {
        &TEMPLATES
    }

    /// One of them.
    pub fn of_name(name: &str) -> Option<Self> {
        TEMPLATES.iter().find(|template| template.name == name).copied()
    }

    /// What it is, in a sentence.
    pub fn about(self) -> Phrase {
        Phrase::new(self.about.0, self.about.1)
    }
}
