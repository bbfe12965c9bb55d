//! Updates of a plugin whose rows and files users changed, killed for real: what merging keeps, what it writes of that in
//! our own tables, and what is known of the tree are wholly of before or wholly of after.
//!
//! `GESTOR_PLUGINS_KILLS=1000` draws as many kills; without it a short run is done.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use gestor_plugins::base::fs::{Stamp, TreeId};
use gestor_plugins::base::hash::sha256;
use gestor_plugins::model::{GestorRoot, Slug};
use gestor_plugins::outcome::ExitCode;
use gestor_plugins::stage::{FileFacts, Layout, Place, TreeFacts};
use serde_json::{Value, json};

use crate::support::child;
use crate::support::draw::Draw;
use crate::support::gestor::{Gestor, tree};
use crate::support::mariadb::Database;
use crate::support::package::Package;
use crate::support::scene::{POINTS, recover};
use crate::support::told;

const SLUG: &str = "edited";

/// What users did: values changed, rows deleted, renamed, flagged and made; a row of nobody that the package brings.
const EDITS: &str = "
    UPDATE variaveis SET valor = 'USER' WHERE id LIKE 'v%7';
    DELETE FROM variaveis WHERE id IN ('v8', 'v9');
    UPDATE paginas SET html = 'U', user_modified = 1 WHERE id LIKE 'p1%';
    UPDATE paginas SET id = CONCAT(id, '-r') WHERE id LIKE 'p22%';
    INSERT INTO variaveis (language, modulo, id, valor) VALUES ('pt-br', 'm', 'v9', 'site')";

fn package(version: u32) -> Package {
    let variable = |n: u32| {
        let value = if n.is_multiple_of(3) {
            "always".to_owned()
        } else {
            format!("{version}-{n}")
        };
        json!({"language": "pt-br", "modulo": "m", "id": format!("v{n}"), "valor": value, "tipo": "string"})
    };
    let page = |n: u32| {
        let html = format!(
            "<p>{} {}</p>",
            if n.is_multiple_of(2) { 0 } else { version },
            "x".repeat(200)
        );
        json!({"id": format!("p{n}"), "nome": "N", "language": "pt-br", "html": html, "caminho": format!("p{n}/")})
    };
    let variables: Vec<Value> = (0..200).filter(|n| version == 1 || n % 50 != 0).map(variable).collect();
    let pages: Vec<Value> = (0..150).map(page).collect();
    let mut package = Package::new(SLUG, &format!("{version}.0.0"))
        .data("Variaveis", &json!(variables))
        .data("Paginas", &json!(pages));
    for n in 0..60 {
        let text = format!("<?php // {} {n}", if n % 5 == 0 { version } else { 0 });
        package = package.file(&format!("modules/m{}/f{n}.php", n % 7), text);
    }
    package
}

/// All that an operation changes.
#[derive(Debug, PartialEq, Eq, Clone)]
struct State {
    rows: BTreeMap<String, Vec<Vec<Option<String>>>>,
    tree: BTreeMap<String, String>,
    kept: Vec<String>,
    backups: usize,
}

/// A gestor in which version 1 was installed and edited, and all of it once more, to begin anew from.
struct Scene {
    gestor: Gestor,
    folder: tempfile::TempDir,
    saved: Database,
    old: State,
    new: State,
}

/// Our tables, as far as they do not tell of times and of what was tried.
const OURS: [(&str, &str); 5] = [
    (
        "base",
        "SELECT tabela, parte, linhas, SHA2(dados, 256) FROM gestor_plugins_base ORDER BY 1, 2",
    ),
    (
        "conflicts",
        "SELECT tabela, HEX(chave), coluna, motivo, pacote, companheira, resolvido_em IS NULL
         FROM gestor_plugins_conflitos ORDER BY 1, 2, 3",
    ),
    (
        "saved",
        "SELECT tabela, HEX(chave), motivo, valores FROM gestor_plugins_guardados ORDER BY 1, 2, 3",
    ),
    (
        "state",
        "SELECT ponto IS NULL, ponto_anterior IS NULL, contador, SHA2(arquivos, 256) FROM gestor_plugins_estado",
    ),
    (
        "installed",
        "SELECT versao_instalada, versao, checksum_pacote FROM plugins",
    ),
];
const ROWS: [(&str, &str); 2] = [
    (
        "paginas",
        "SELECT id_paginas, id, plugin, nome, html, caminho, versao, user_modified, system_updated, html_updated
         FROM paginas ORDER BY 1",
    ),
    (
        "variaveis",
        "SELECT id_variaveis, id, plugin, valor, user_modified, system_updated, value_updated FROM variaveis ORDER BY 1",
    ),
];

impl Scene {
    fn new() -> Self {
        let gestor = Gestor::new();
        let folder = tempfile::tempdir().unwrap();
        gestor.install(&package(1), &[]).expect(ExitCode::Ok);
        gestor.database.run(EDITS);
        fs::write(
            gestor.root().join("plugins").join(SLUG).join("modules/m1/f1.php"),
            "<?php // USER",
        )
        .unwrap();
        for version in [1, 2] {
            package(version).write(&folder.path().join(format!("{version}.zip")));
        }
        let saved = Database::on(gestor.database.socket());
        let (from, to) = (gestor.database.name(), saved.name());
        for table in gestor.database.tables() {
            gestor.database.run(&format!(
                "DROP TABLE IF EXISTS `{to}`.`{table}`; CREATE TABLE `{to}`.`{table}` LIKE `{from}`.`{table}`;
                 INSERT INTO `{to}`.`{table}` SELECT * FROM `{from}`.`{table}`"
            ));
        }
        copy(&gestor, "plugins backups", &folder.path().join("tree"));
        let nothing = State {
            rows: BTreeMap::new(),
            tree: BTreeMap::new(),
            kept: Vec::new(),
            backups: 0,
        };
        let (old, new) = (nothing.clone(), nothing);
        let mut scene = Self {
            gestor,
            folder,
            saved,
            old,
            new,
        };
        scene.reset();
        scene.old = scene.state();
        scene.update();
        scene.new = scene.state();
        assert!(scene.old != scene.new && !scene.new.rows["conflicts"].is_empty());
        scene
    }

    fn call(&self) -> Value {
        child::call(&self.gestor, &self.folder.path().join("2.zip"), SLUG, false)
    }

    fn update(&self) {
        child::install(&self.call(), None).expect(ExitCode::Ok);
    }

    /// Everything as it was before the update.
    fn reset(&self) {
        let (to, from) = (self.gestor.database.name(), self.saved.name());
        let mut tables = self.gestor.database.tables();
        let touched = ["paginas", "plugins", "variaveis"];
        tables.retain(|table| touched.contains(&table.as_str()) || table.starts_with("gestor_plugins_"));
        for table in tables {
            self.gestor.database.run(&format!(
                "TRUNCATE TABLE `{to}`.`{table}`; INSERT INTO `{to}`.`{table}` SELECT * FROM `{from}`.`{table}`"
            ));
        }
        for name in ["plugins", "backups", "temp"] {
            let _ = fs::remove_dir_all(self.gestor.root().join(name));
        }
        fs::create_dir_all(self.gestor.root().join("temp/plugins")).unwrap();
        for name in ["plugins", "backups"] {
            let from = self.folder.path().join("tree").join(name);
            let copied = Command::new("cp").arg("-a").arg(from).arg(self.gestor.root()).status();
            assert!(copied.unwrap().success());
        }
        self.know();
    }

    /// What the installation would know of the tree.
    fn know(&self) {
        let layout = self.layout();
        let top = layout.installed();
        let files = package(1).names().into_iter().filter(|name| !name.starts_with("db/"));
        let files = files.map(|name| {
            let (path, sha256) = (top.join(&name), sha256(&fs::read(top.join(&name)).unwrap()));
            let stamp = Stamp::of(&nix::sys::stat::stat(&path).unwrap());
            (name, FileFacts { stamp, sha256 })
        });
        let mut files: BTreeMap<String, FileFacts> = files.collect();
        files.remove("modules/m1/f1.php");
        let package = sha256(&fs::read(self.folder.path().join("1.zip")).unwrap());
        let tree = TreeId::of(&top).unwrap().unwrap();
        TreeFacts { package, tree, files }.write(&layout).unwrap();
    }

    fn layout(&self) -> Layout {
        let slug = Slug::normalize(SLUG).unwrap();
        Layout::new(GestorRoot::new(self.gestor.root()), slug, Place::Temp)
    }

    fn state(&self) -> State {
        let database = &self.gestor.database;
        let tables = OURS.iter().chain(&ROWS);
        let names = |folder: &str| -> Vec<String> {
            let found = fs::read_dir(self.gestor.root().join(folder)).into_iter().flatten();
            let mut names: Vec<String> = found
                .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
                .collect();
            names.sort();
            names
        };
        State {
            rows: tables
                .map(|(name, sql)| ((*name).to_owned(), database.rows(sql)))
                .collect(),
            tree: tree(&self.layout().installed()),
            kept: names(&format!("backups/plugins/{SLUG}")),
            backups: names("plugins/_backups").len(),
        }
    }

    /// Recovers and looks; whether it is as after the update.
    #[track_caller]
    fn settle(&self, what: &str) -> bool {
        let recovered = recover(&self.gestor);
        assert_eq!(recovered.code, ExitCode::Ok, "{what}: {}", recovered.report);
        let found = self.state();
        let differs = |other: &State| -> Vec<String> {
            let names = other.rows.keys().filter(|name| other.rows[*name] != found.rows[*name]);
            names.cloned().collect()
        };
        assert!(
            found == self.old || found == self.new,
            "{what}: neither old ({:?}) nor new ({:?})",
            differs(&self.old),
            differs(&self.new)
        );
        assert_eq!(self.gestor.database.count("gestor_plugins_operacoes", "1"), 0, "{what}");
        assert_eq!(
            self.gestor.database.count("gestor_plugins_historico", "codigo IS NULL"),
            0,
            "{what}"
        );
        let status = self.gestor.database.value("SELECT status_execucao FROM plugins");
        assert!(
            !matches!(status.as_deref(), Some("instalando" | "atualizando")),
            "{what}: {status:?}"
        );
        assert_eq!(self.gestor.leftovers(), [] as [PathBuf; 0], "{what}");
        self.assert_one_name_each(what);
        found == self.new
    }

    /// No file of the tree is another's as well.
    fn assert_one_name_each(&self, what: &str) {
        for name in tree(&self.layout().installed()).keys() {
            let found = fs::symlink_metadata(self.layout().installed().join(name)).unwrap();
            assert!(found.is_dir() || found.nlink() == 1, "{what}: {name}");
        }
    }
}

fn copy(gestor: &Gestor, names: &str, to: &Path) {
    fs::create_dir(to).unwrap();
    for name in names.split(' ') {
        let copied = Command::new("cp")
            .arg("-a")
            .arg(gestor.root().join(name))
            .arg(to)
            .status();
        assert!(copied.unwrap().success());
    }
}

#[test]
fn killed_at_every_point_what_users_did_is_whole() {
    let scene = Scene::new();
    for (point, committed) in POINTS
        .into_iter()
        .chain([("noted", true)])
        .filter(|(point, _)| *point != "migrate")
    {
        scene.reset();
        let status = child::start(&scene.call(), Some(&format!("{point}:kill")))
            .wait()
            .unwrap();
        assert!(status.code().is_none(), "not killed at {point}: {status}");
        assert_eq!(scene.settle(&format!("killed at {point}")), committed, "{point}");
        scene.update();
        assert_eq!(
            scene.state().rows["paginas"],
            scene.new.rows["paginas"],
            "{point}: the next update"
        );
    }
}

#[test]
fn killed_at_drawn_times_what_users_did_is_whole() {
    let kills: u32 = told("GESTOR_PLUGINS_KILLS")
        .and_then(|text| text.parse().ok())
        .unwrap_or(12);
    let scene = Scene::new();
    scene.reset();
    let started = Instant::now();
    child::start(&scene.call(), None).wait().unwrap();
    let length = started.elapsed();
    let mut draw = Draw::of_process(0x9e37_79b9_7f4a_7c15);
    let (mut old, mut new, mut ended) = (0, 0, 0);
    for round in 0..kills {
        scene.reset();
        let delay = length.mul_f64(draw.share() * 1.1);
        let mut child = child::start(&scene.call(), None);
        std::thread::sleep(delay);
        child.kill().unwrap();
        ended += u32::from(child.wait().unwrap().success());
        let is_new = scene.settle(&format!("killed after {delay:?} (round {round})"));
        *(if is_new { &mut new } else { &mut old }) += 1;
        if round % 10 == 0 {
            scene.update();
            let found = scene.state();
            // The numbers of the history are others after a call that failed, and stand in the base.
            for name in ["paginas", "variaveis"] {
                assert_eq!(
                    found.rows[name], scene.new.rows[name],
                    "round {round}: the next update, {name}"
                );
            }
            assert_eq!(found.tree, scene.new.tree, "round {round}");
        }
    }
    println!("{kills} kills over 1.1 × {length:?}: old {old}, new {new} ({ended} had ended)");
}
