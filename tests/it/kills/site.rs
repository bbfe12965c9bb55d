//! A site with a plugin that has something of everything: migrations with a way back, a table and a column of its own, rows
//! in many tables, permissions, a profile, a menu, a hook, a page that it adopted; and users who changed some of it.

use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use crate::support::child;
use crate::support::gestor::Gestor;
use crate::support::operation::Ended;
use crate::support::package::Package;
use crate::support::sql_migrations::migration;

pub(super) const SLUG: &str = "comes-and-goes";

/// Which operation is broken off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Rollback,
    Remove,
    Purge,
    /// ... of which nothing is kept.
    Forget,
    Restore,
    /// ... of what was purged, schema and all.
    RestorePurged,
    Disable,
    Enable,
    /// ... of a plugin that is paused.
    PurgePaused,
}

impl Way {
    pub(super) const ALL: [Self; 9] = [
        Self::Rollback,
        Self::Remove,
        Self::Purge,
        Self::Forget,
        Self::Restore,
        Self::RestorePurged,
        Self::Disable,
        Self::Enable,
        Self::PurgePaused,
    ];

    fn words(self) -> (&'static str, Value) {
        match self {
            Self::Rollback => ("rollback", json!({})),
            Self::Remove => ("uninstall", json!({"modo": "remover"})),
            Self::Purge | Self::PurgePaused => ("uninstall", json!({"modo": "expurgar"})),
            Self::Forget => ("uninstall", json!({"modo": "expurgar", "sem_retorno": true})),
            Self::Restore | Self::RestorePurged => ("restore", json!({})),
            Self::Disable => ("disable", json!({})),
            Self::Enable => ("enable", json!({})),
        }
    }

    /// What comes before it.
    fn before(self) -> Option<Self> {
        match self {
            Self::Restore => Some(Self::Remove),
            Self::RestorePurged => Some(Self::Purge),
            Self::Enable | Self::PurgePaused => Some(Self::Disable),
            _ => None,
        }
    }

    /// How the history calls it.
    pub(super) fn action(self) -> &'static str {
        match self {
            Self::Rollback => "reverter",
            Self::Remove | Self::Purge | Self::Forget | Self::PurgePaused => "desinstalar",
            Self::Restore | Self::RestorePurged => "restaurar",
            Self::Disable => "pausar",
            Self::Enable => "ativar",
        }
    }

    /// It takes something away of the schema.
    pub(super) fn contracts(self) -> bool {
        matches!(self, Self::Rollback | Self::Purge | Self::Forget | Self::PurgePaused)
    }

    /// It takes the plugin away.
    pub(super) fn goes(self) -> bool {
        matches!(self.words().0, "uninstall" | "disable")
    }
}

fn pages(version: &str, ids: &[&str]) -> Value {
    let page = |id: &&str| json!({"id": id, "nome": format!("N {id}"), "language": "en", "html": format!("{version} {id}"), "caminho": format!("{id}/")});
    ids.iter().map(page).collect()
}

fn package(version: &str, ids: &[&str]) -> Package {
    let module = |language: &str| json!({"id": "k-m", "nome": version, "titulo": "T", "modulo_grupo_id": "k-g", "icone": "i", "language": language, "status": "A", "versao": 1});
    let group = |language: &str| json!({"id": "k-g", "nome": "G", "language": language, "status": "A", "versao": 1});
    Package::new(SLUG, version)
        .data("Paginas", &pages(version, ids))
        .data("Layouts", &json!([{"id": "k-l", "nome": "L", "language": "en", "html": version}]))
        .data("Componentes", &json!([{"id": "k-c", "nome": "C", "language": "en", "html": version, "modulo": "k-m"}]))
        .data("Variaveis", &json!([{"id": "k-v", "language": "en", "modulo": "k-m", "valor": version}]))
        .data("Menus", &json!([{"id": "k-menu", "name": "M", "language": "en", "fields_schema": json!({"items": [{"page_id": "k-1"}], "of": version}).to_string()}]))
        .data("ModulosGrupos", &json!([group("en"), group("pt-br")]))
        .data("Modulos", &json!([module("en"), module("pt-br")]))
        .data("ModulosOperacoes", &json!([{"id": "k-op", "nome": "O", "operacao": "k-op", "modulo_id": "k-m", "language": "en", "status": "A", "versao": 1}]))
        .data("UsuariosPerfis", &json!([{"id": "k-p", "nome": version, "language": "en", "status": "A", "versao": 1}]))
        .data("UsuariosPerfisModulos", &json!([{"perfil": "administradores", "modulo": "k-m"}, {"perfil": "k-p", "modulo": "k-m"}]))
        .data("UsuariosPerfisModulosOperacoes", &json!([{"perfil": "k-p", "operacao": "k-op"}]))
        .file("modules/k-m/k-m.php", format!("<?php // {version}"))
        .file("modules/k-m/data.bin", "\u{0}\u{1}")
        .file("modules/k-m/k-m.json", json!({"versao": version, "plugin": SLUG}).to_string())
        .file("modules/k-m/k-m.js", format!("// {version}"))
        .file("modules/k-m/k-m.css", format!("/* {version} */"))
        .file(&format!("assets/{version}/logo.svg"), format!("<svg>{version}</svg>"))
        .file(
            "db/migrations/20260101000000_make_one.php",
            migration("CREATE TABLE IF NOT EXISTS k_one (id INT PRIMARY KEY, title VARCHAR(20))", Some("DROP TABLE IF EXISTS k_one")),
        )
}

/// Its two versions.
fn versions() -> [Package; 2] {
    let extend = "CREATE TABLE IF NOT EXISTS k_two (id INT PRIMARY KEY, what BLOB); ALTER TABLE variaveis ADD COLUMN k_extra INT";
    let take = "DROP TABLE IF EXISTS k_two; ALTER TABLE variaveis DROP COLUMN k_extra";
    [
        package("1.0.0", &["k-0", "k-1", "k-2", "k-3", "k-4", "k-9", "k-site"]),
        package("2.0.0", &["k-0", "k-1", "k-2", "k-3", "k-4", "k-5", "k-site"])
            .file("modules/k-m/new.php", "<?php")
            .file(
                "db/migrations/20260201000000_make_two.php",
                migration(extend, Some(take)),
            ),
    ]
}

/// What users do to a site.
const EDITS: &str = "UPDATE paginas SET html = 'USER', user_modified = 1 WHERE id = 'k-0'; \
     UPDATE paginas SET nome = 'USER' WHERE id IN ('k-1', 'k-site'); \
     DELETE FROM paginas WHERE id = 'k-2'; \
     UPDATE paginas SET id = 'k-renamed', caminho = 'renamed/' WHERE id = 'k-3'; \
     INSERT INTO paginas (id, nome, language, plugin, caminho) VALUES ('k-run', 'R', 'en', 'comes-and-goes', 'run/'); \
     INSERT INTO usuarios_perfis_modulos (perfil, modulo) VALUES ('editores', 'k-m'); \
     INSERT INTO menus (id, name, language, fields_schema) VALUES ('s-menu', 'S', 'en', '{\"items\":[{\"page_id\":\"k-1\"}]}'); \
     INSERT INTO hooks (modulo, plugin, namespace, evento, callback) VALUES ('k-m', 'comes-and-goes', 'p', 'e', 'f')";

const RUN_TIME: &str = "INSERT INTO k_one VALUES (1, 'USER'), (2, NULL); INSERT INTO k_two VALUES (7, X'00FF'); \
     UPDATE variaveis SET k_extra = 5 WHERE id = 'k-v'";

/// The site as it stands before a way is gone.
pub(super) fn site(way: Way) -> Gestor {
    let gestor = Gestor::new();
    std::fs::create_dir(gestor.root().join("assets")).unwrap();
    gestor.database.run(
        "INSERT INTO paginas (id, nome, language, plugin, html, caminho, data_modificacao) VALUES \
         ('k-site', 'Old', 'en', '', 'SITE', 'z', '2025-01-02 03:04:05'), \
         ('s-other', 'Other', 'en', NULL, 'OTHER', 'o/', '2025-01-02 03:04:05')",
    );
    let [one, two] = versions();
    install(&gestor, &one);
    gestor.database.run(EDITS);
    install(&gestor, &two);
    gestor.database.run(RUN_TIME);
    if let Some(before) = way.before() {
        go(&gestor, before, None).expect(ExitCode::Ok);
    }
    gestor
}

/// Its second version, as a user installs it.
pub(super) fn install_again(gestor: &Gestor) {
    install(gestor, &versions()[1]);
}

fn install(gestor: &Gestor, package: &Package) {
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("p.zip");
    package.write(&archive);
    let mut call = child::call(gestor, &archive, SLUG, false);
    call["adocao"] = json!("sempre");
    child::with_sql("install", &call, None).expect(ExitCode::Ok);
}

/// What a child is told.
pub(super) fn told(gestor: &Gestor, way: Way) -> Value {
    let (operation, more) = way.words();
    let mut call = call(gestor, &more);
    if matches!(operation, "disable") {
        call.as_object_mut().unwrap().remove("migracoes");
    }
    call["operacao"] = operation.into();
    call["anfitriao"] = "sql".into();
    call
}

fn call(gestor: &Gestor, more: &Value) -> Value {
    let mut call = child::about(gestor, SLUG, &json!({"migracoes": true}));
    call.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    call
}

/// Goes a way in this process.
pub(super) fn go(gestor: &Gestor, way: Way, fail_point: Option<&str>) -> Ended {
    let mut call = told(gestor, way);
    let object = call.as_object_mut().unwrap();
    object.remove("operacao");
    object.remove("anfitriao");
    child::with_sql(way.words().0, &call, fail_point.map(str::to_owned))
}

/// Only says what would come of it.
pub(super) fn rehearse(gestor: &Gestor, way: Way) -> Ended {
    let (operation, more) = way.words();
    let mut call = call(gestor, &more);
    call["dry_run"] = json!(true);
    child::with_sql(operation, &call, None)
}

/// Recovers; with migrations, what is left of the schema too.
pub(super) fn recover(gestor: &Gestor, migrates: bool) -> Ended {
    let mut call = call(gestor, &json!({}));
    call["migracoes"] = migrates.into();
    child::with_sql("recover", &call, None)
}

/// What verifying says.
pub(super) fn verify(gestor: &Gestor) -> ExitCode {
    let mut call = call(gestor, &json!({}));
    for key in ["espera_lock", "migracoes"] {
        call.as_object_mut().unwrap().remove(key);
    }
    child::with_sql("verify", &call, None).code
}
