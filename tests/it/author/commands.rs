//! The author's commands: validate with its lints, pack, sign, keys, check, index.

use std::fs;
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::process::{Command, Stdio};
use std::time::Instant;

use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::program;
use crate::support::authority::{Openssl, Order, TrustedFolder};
use crate::support::package::Package;

/// A plugin's folder.
struct Plugin(TempDir);

impl Plugin {
    fn new() -> Self {
        let made = Self(tempfile::tempdir().unwrap());
        made.manifest(&json!({"id": "loja", "name": "Loja", "version": "1.0.0"}))
            .file("README.md", "A plugin whose only page says hello.\n".repeat(20))
            .pages(&json!([page("loja", "pt-br"), page("loja", "en")]));
        made
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> &Self {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    fn manifest(&self, manifest: &Value) -> &Self {
        self.file("manifest.json", manifest.to_string())
    }

    fn pages(&self, rows: &Value) -> &Self {
        self.file("db/data/PaginasData.json", rows.to_string())
    }

    /// The folder of the plugin; what is made stands beside it.
    fn path(&self) -> std::path::PathBuf {
        self.0.path().join("loja")
    }

    fn found(&self) -> Vec<String> {
        self.run(&["validate", "loja", "--json"]).found()
    }

    fn run(&self, words: &[&str]) -> super::Told {
        program(self.0.path(), words)
    }
}

fn page(id: &str, language: &str) -> Value {
    json!({"id": id, "language": language, "nome": "Loja", "caminho": format!("{id}/"), "html": "<p>#name#</p>"})
}

#[test]
fn a_plugin_without_faults_is_clean_and_each_lint_finds_its_own() {
    let plugin = Plugin::new();
    assert_eq!(plugin.found(), Vec::<String>::new());
    let token = format!("{}{}", "ghp", "_aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3xY5");
    let cases: [(&str, &str, &[&str]); 9] = [
        (
            "modules/loja/loja.php",
            "<?php\nvar_dump(1); // die\n",
            &["sobra-de-depuracao"],
        ),
        ("modules/loja/bom.php", "\u{feff}<?php\r\n", &["marca-de-ordem"]),
        ("notes.txt", &token, &["segredo"]),
        ("assets/big.css", &" ".repeat((1 << 20) + 1), &["arquivo-grande"]),
        ("a~", "x", &["arquivo-do-sistema"]),
        (
            "db/migrations/20260101000000_x.php",
            "<?php class X extends AbstractMigration { function up() { f(); } }",
            &["migracao-sem-volta"],
        ),
        (
            "db/migrations/20260101000000_y.php",
            "<?php class Z extends AbstractMigration { function down() { f(); } }",
            &["nome-de-migracao"],
        ),
        ("db/data/readme.txt", "x", &["aviso-do-instalador"]),
        ("modules/loja/resources/en/pages/no/no.html", "x", &["arquivo-sem-uso"]),
    ];
    for (name, content, expected) in cases {
        plugin.file(name, content);
        assert_eq!(plugin.found(), expected, "{name}");
        fs::remove_file(plugin.path().join(name)).unwrap();
    }
    let core = json!({"id": "dashboard", "language": "pt-br", "modulo": "dashboard", "nome": "D", "caminho": "x/"});
    let other = json!({"id": "outra", "language": "en", "nome": "", "caminho": "LOJA", "html": "", "cor": 1});
    for (rows, expected) in [
        (json!([page("loja", "pt-br")]), vec![]),
        (
            json!([page("loja", "pt-br"), page("b", "en")]),
            vec!["idioma-ausente", "idioma-ausente"],
        ),
        (json!([core]), vec!["linha-do-gestor"]),
        (
            json!([page("loja", "en"), other]),
            vec!["coluna-desconhecida", "pagina-sem-titulo", "caminho-repetido"],
        ),
    ] {
        plugin.pages(&rows);
        assert_eq!(plugin.found(), expected, "{rows}");
    }
    let mut other = page("loja", "en");
    other["html"] = json!("<p>#nome#</p>");
    plugin.pages(&json!([page("loja", "pt-br"), other]));
    assert_eq!(plugin.found(), ["marcadores-diferentes", "marcadores-diferentes"]);
}

#[test]
fn what_is_denied_fails_and_what_is_allowed_does_not() {
    let plugin = Plugin::new();
    plugin.file("modules/loja/loja.php", "<?php\nvar_dump(1);\n");
    plugin.run(&["validate", "loja"]).expect(ExitCode::Ok);
    let told = plugin
        .run(&["validate", "loja", "--deny", "tudo"])
        .expect(ExitCode::Validate);
    assert!(
        told.output
            .starts_with("error[sobra-de-depuracao] modules/loja/loja.php:2: `var_dump`"),
        "{}",
        told.output
    );
    let told = plugin
        .run(&["validate", "loja", "--allow=sobra-de-depuracao"])
        .expect(ExitCode::Ok);
    assert_eq!(
        told.output,
        "loja 1.0.0: OK (errors: 0, warnings: 0, hints: 0; gestor 2.9.43)\n"
    );
    plugin.file(
        "gestor-plugins.json",
        "{\"negar\": [\"sobra-de-depuracao\"], \"fora\": [\"tests\"]}",
    );
    plugin.file("tests/a.php", "<?php dd();");
    let told = plugin.run(&["validate", "loja", "--github"]).expect(ExitCode::Validate);
    assert!(
        told.output
            .starts_with("::error title=sobra-de-depuracao,file=loja/modules/loja/loja.php,line=2::"),
        "{}",
        told.output
    );
    assert_eq!(told.output.lines().count(), 1);
    for words in [
        &["validate", "loja", "--deny=nada"][..],
        &["validate", "loja", "--gestor-versao=1.0"],
        &["validate", "loja", "--config=none.json"],
        &["validate"],
    ] {
        assert_ne!(plugin.run(words).code, 0, "{words:?}");
    }
    assert!(
        plugin
            .run(&["validate", "--list"])
            .expect(ExitCode::Ok)
            .output
            .contains("segredo (erro): ")
    );
}

#[test]
fn a_version_is_held_against_the_package_before() {
    let plugin = Plugin::new();
    plugin.run(&["pack", "loja", "--out", "old.zip"]).expect(ExitCode::Ok);
    let against = ["validate", "loja", "--json", "--against", "old.zip"];
    assert!(plugin.run(&against).expect(ExitCode::Ok).found().is_empty());
    plugin.file("more.txt", "more");
    assert_eq!(
        plugin.run(&against).expect(ExitCode::Validate).found(),
        ["versao-nao-aumentada"]
    );
    plugin.manifest(&json!({"id": "loja", "name": "Loja", "version": "1.0.1"}));
    assert!(plugin.run(&against).expect(ExitCode::Ok).found().is_empty());
    Package::new("other", "1.0.0").write(&plugin.0.path().join("other.zip"));
    plugin
        .run(&["validate", "loja", "--against", "other.zip"])
        .expect(ExitCode::ParamsOrFile);
}

#[test]
fn the_same_files_give_the_same_bytes() {
    let plugin = Plugin::new();
    let read = |name: &str| fs::read(plugin.0.path().join(name)).unwrap();
    plugin.run(&["pack", "loja", "--out", "a.zip"]).expect(ExitCode::Ok);
    // Other times, other modes that mean nothing, and what is no part of a package.
    for entry in walkdir::WalkDir::new(plugin.path()).into_iter().map(Result::unwrap) {
        let mode = if entry.file_type().is_dir() { 0o700 } else { 0o600 };
        fs::set_permissions(entry.path(), fs::Permissions::from_mode(mode)).unwrap();
    }
    plugin
        .file(".git/config", "x")
        .file("node_modules/a/b.js", "x")
        .file(".DS_Store", "x");
    plugin.file("manifest.json", fs::read(plugin.path().join("manifest.json")).unwrap());
    fs::remove_file(plugin.path().join(".DS_Store")).unwrap();
    let told = plugin.run(&["pack", "loja"]).expect(ExitCode::Ok);
    assert!(read("a.zip") == read("loja-1.0.0.zip"));
    let sum = String::from_utf8(read("loja-1.0.0.zip.sha256")).unwrap();
    assert!(
        sum.ends_with("  loja-1.0.0.zip\n") && told.output.contains(&sum[..64]),
        "{sum}{}",
        told.output
    );
    let names: Vec<String> = fs::read_dir(plugin.0.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(names.len(), 5, "{names:?}");
}

#[test]
fn what_is_refused_is_not_packed_unless_that_is_said() {
    let plugin = Plugin::new();
    plugin.manifest(&json!({"id": "loja", "version": "x"}));
    plugin
        .run(&["pack", "loja", "--out", "a.zip"])
        .expect(ExitCode::Validate);
    assert!(!plugin.0.path().join("a.zip").exists());
    plugin
        .run(&["pack", "loja", "--out", "a.zip", "--sem-validar"])
        .expect(ExitCode::Ok);
    assert!(plugin.0.path().join("a.zip").exists());
    plugin.manifest(&json!({"id": "loja", "name": "Loja", "version": "1.0.0"}));
    for words in [
        &["pack", "loja", "--out", "loja/a.zip"][..],
        &["pack", "loja", "--out", "none/a.zip"],
        &["pack", "loja", "--out", "."],
        &["pack", "a.zip"],
        &["pack", "none"],
        &["pack", "loja", "--key=x"],
    ] {
        let told = plugin.run(words);
        assert!(
            told.code != 0 && !told.errors.is_empty() | !told.output.is_empty(),
            "{words:?}: {}",
            told.output
        );
    }
    assert!(!plugin.path().join("a.zip").exists());
}

#[test]
fn odd_folders_are_told_of() {
    let plugin = Plugin::new();
    std::os::unix::fs::symlink("/etc/passwd", plugin.path().join("link.txt")).unwrap();
    let told = plugin.run(&["validate", "loja", "--json"]).expect(ExitCode::Ok);
    assert_eq!(told.report()["achados"][0]["arquivo"], "link.txt");
    plugin.file("x\ny.txt", "x");
    plugin.run(&["validate", "loja"]).expect(ExitCode::ZipInvalid);
    fs::remove_file(plugin.path().join("x\ny.txt")).unwrap();
    plugin.file(
        "manifest.json",
        "\u{feff}{\"id\": \"loja\",\r\n\"name\": \"Loja\", \"version\": \"1.0.0\"}\r\n",
    );
    plugin.run(&["validate", "loja"]).expect(ExitCode::Ok);
    let empty = tempfile::tempdir().unwrap();
    program(empty.path(), &["validate", "."]).expect(ExitCode::Validate);
    // Nobody listens any more.
    let mut child = Command::new(env!("CARGO_BIN_EXE_gestor-plugins"));
    let child = child
        .args(["validate", "--list"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = child.spawn().unwrap();
    drop(child.stdout.take());
    let ended = child.wait_with_output().unwrap();
    assert!(ended.stderr.is_empty(), "{}", String::from_utf8_lossy(&ended.stderr));
}

#[test]
fn a_package_is_signed_and_checked_without_a_gestor() {
    let plugin = Plugin::new();
    let openssl = Openssl::new();
    let root = openssl.root(Order::default());
    let author = openssl.issue(&root, Order::default());
    let trust = TrustedFolder::of(&[&root]);
    plugin.manifest(&json!({"id": "acme-loja", "name": "Loja", "version": "1.0.0"}));
    let believed = format!("--confianca={}", trust.path().display());
    let trust = believed.as_str();
    let key = [
        format!("--key={}", author.key.display()),
        format!("--certificates={}", author.certificates.display()),
    ];
    let key = [key[0].as_str(), key[1].as_str()];
    plugin
        .run(&["pack", "loja", "--out=a.zip", key[0], key[1]])
        .expect(ExitCode::Ok);
    // A key that is none leaves no package that somebody could take for a signed one.
    fs::write(plugin.0.path().join("no.key"), "x").unwrap();
    let told = plugin.run(&["pack", "loja", "--out=c.zip", "--key=no.key", key[1]]);
    assert!(told.code != 0 && !told.errors.is_empty(), "{}", told.output);
    let left: Vec<_> = fs::read_dir(plugin.0.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert!(
        !left
            .iter()
            .any(|name| name.to_string_lossy().starts_with("c.zip") || name.to_string_lossy().contains("unsigned")),
        "{left:?}"
    );
    let check = ["check", "a.zip", trust, "--assinatura=exigir"];
    let told = plugin.run(&check).expect(ExitCode::Ok);
    assert!(told.output.contains("loja"), "{}", told.output);
    plugin.run(&["validate", "a.zip"]).expect(ExitCode::Ok);
    plugin.run(&["pack", "loja", "--out=b.zip"]).expect(ExitCode::Ok);
    plugin
        .run(&["check", "b.zip", trust, "--assinatura=exigir"])
        .expect(ExitCode::Signature);
    plugin
        .run(&["sign", "b.zip", "--out=b.zip", key[0], key[1]])
        .expect(ExitCode::Ok);
    plugin
        .run(&["check", "b.zip", trust, "--assinatura=exigir"])
        .expect(ExitCode::Ok);
}

#[test]
fn keys_are_made_shown_and_exported() {
    let folder = tempfile::tempdir().unwrap();
    let run = |words: &[&str]| program(folder.path(), words);
    run(&["keys", "new", "my.key"]).expect(ExitCode::Ok);
    assert_ne!(run(&["keys", "new", "my.key"]).code, 0);
    let shown = run(&["keys", "show", "my.key", "--json"]).expect(ExitCode::Ok).report();
    let exported = run(&["keys", "export", "my.key"]).expect(ExitCode::Ok).output;
    assert_eq!(shown["tipo"], "Ed25519");
    // openssl agrees.
    let openssl = |words: &[&str]| {
        let output = Command::new("openssl")
            .args(words)
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    assert_eq!(exported.as_bytes(), openssl(&["pkey", "-in", "my.key", "-pubout"]));
    openssl(&[
        "genpkey",
        "-algorithm",
        "RSA",
        "-pkeyopt",
        "rsa_keygen_bits:3072",
        "-out",
        "rsa.key",
    ]);
    let exported = run(&["keys", "export", "rsa.key"]).expect(ExitCode::Ok).output;
    assert_eq!(exported.as_bytes(), openssl(&["pkey", "-in", "rsa.key", "-pubout"]));
    fs::write(folder.path().join("no.key"), "x").unwrap();
    run(&["keys", "show", "no.key"]).expect(ExitCode::ParamsOrFile);
}

#[test]
fn an_index_is_begun_and_published_without_a_gestor() {
    let plugin = Plugin::new();
    let folders = ["--pasta-publicada=public", "--pasta-chaves=keys"];
    let run = |word: &str, more: &[&str]| plugin.run(&[&["index", word], &folders[..], more].concat());
    run("iniciar", &[]).expect(ExitCode::Ok);
    plugin.run(&["pack", "loja"]).expect(ExitCode::Ok);
    run(
        "publicar",
        &["--arquivo=loja-1.0.0.zip", "--url=https://example.org/loja-1.0.0.zip"],
    )
    .expect(ExitCode::Ok);
    run("renovar", &[]).expect(ExitCode::Ok);
    let made = walkdir::WalkDir::new(plugin.0.path().join("public"))
        .into_iter()
        .count();
    assert!(made > 4, "{made}");
    assert_ne!(run("publicar", &["--arquivo=none.zip"]).code, 0);
}

#[test]
fn five_thousand_pages_are_judged_fast() {
    let plugin = Plugin::new();
    let pages = (0..2500).flat_map(|number| {
        ["pt-br", "en"].map(|language| {
            let mut page = page(&format!("loja-{number}"), language);
            page["html"] = json!("<div class=\"a\">#name# é</div>\n".repeat(60));
            page
        })
    });
    plugin.pages(&Value::Array(pages.collect()));
    plugin.run(&["pack", "loja", "--out=a.zip"]).expect(ExitCode::Ok);
    for path in ["loja", "a.zip"] {
        let started = Instant::now();
        plugin.run(&["validate", path]).expect(ExitCode::Ok);
        println!("5,000 pages ({path}): {:?}", started.elapsed());
    }
}

#[test]
fn a_manifest_that_is_no_json_is_told_as_that() {
    let plugin = Plugin::new();
    for (text, said) in [
        ("{\"id\": \"loja\",, \"version\": \"1.0.0\"}", "not valid JSON"),
        ("", "not valid JSON"),
        ("[1]", "object"),
        ("{\"name\": \"Loja\"}", "no `id`"),
    ] {
        plugin.file("manifest.json", text);
        let told = plugin.run(&["validate", "loja"]);
        let all = format!("{}{}", told.output, told.errors);
        assert!(told.code != 0 && all.contains(said), "{text}: {all}");
    }
}

#[test]
fn a_device_or_a_pipe_is_not_replaced_by_a_package() {
    let plugin = Plugin::new();
    let pipe = plugin.0.path().join("pipe");
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
    for name in ["pipe", "/dev/full"] {
        let told = plugin.run(&["pack", "loja", "--out", name]);
        assert!(
            told.code != 0 && told.errors.contains("already exists"),
            "{}",
            told.errors
        );
    }
    assert!(fs::symlink_metadata(&pipe).unwrap().file_type().is_fifo());
    assert!(fs::metadata("/dev/full").unwrap().file_type().is_char_device());
}

#[test]
fn commands_below_others_have_help() {
    let plugin = Plugin::new();
    for words in [&["keys", "new", "--help"][..], &["index", "publicar", "--help"]] {
        let told = plugin.run(words).expect(ExitCode::Ok);
        let command = format!("gestor-plugins {} {}", words[0], words[1]);
        assert!(told.output.contains(&command), "{}", told.output);
    }
}

#[test]
fn what_would_fail_at_an_installation_is_found() {
    let plugin = Plugin::new();
    let cases: [(&str, &str, &[&str]); 3] = [
        (
            "db/migrations/20260101000000_list.php",
            "<?php class List extends AbstractMigration { function down() { f(); } }",
            &["nome-de-migracao", "php-invalido"],
        ),
        (
            "db/migrations/20260101000000_t.php",
            "<?php class T extends AbstractMigration { function change() { $this->table('paginas')->addColumn('a', 'text')->create(); } }",
            &["nome-de-migracao"],
        ),
        ("modules/loja/ruim.php", "<?php\nfunction f( {", &["php-invalido"]),
    ];
    for (name, content, expected) in cases {
        plugin.file(name, content);
        assert_eq!(plugin.found(), expected, "{name}");
        fs::remove_file(plugin.path().join(name)).unwrap();
    }
    let projects = |project: Value| json!([{"id": "loja", "language": "en", "nome": "L", "caminho": "loja/", "html": "", "project": project}]);
    for project in [json!("p"), json!(null)] {
        plugin.pages(&projects(project));
        assert_eq!(plugin.found(), ["aviso-do-instalador"]);
    }
}

/// What could not be installed is not begun: the runner would not find the class, or the table is there already.
#[test]
fn a_new_plugin_can_be_installed_whatever_its_id() {
    let folder = tempfile::tempdir().unwrap();
    let new = |id: &str, template: &str| {
        let words = ["new", id, "--id", id, "--name", "N", "--template", template];
        program(folder.path(), &words)
    };
    for id in ["paginas", "historico", "paginas-"] {
        let told = new(id, "modulo");
        assert_ne!(told.code, 0, "{id}");
        assert!(!folder.path().join(id).exists(), "{id}");
    }
    assert!(
        new("paginas", "modulo")
            .errors
            .contains("`paginas`, which every gestor has")
    );
    for id in ["a--b", "a-", "2x_"] {
        new(id, "modulo").expect(ExitCode::Ok);
        program(folder.path(), &["validate", id]).expect(ExitCode::Ok);
    }
    // Content of that name is another thing.
    new("paginas", "minimo").expect(ExitCode::Ok);
}
