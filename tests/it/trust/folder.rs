//! Which trust folder is a site's where nobody says one, and that it is never lost in silence: a policy that asks for
//! signatures would be lost with it.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use gestor_plugins::outcome::ExitCode;

use super::pipeline::{Site, package};
use crate::support::operation::{Ended, install};
use crate::support::text_argument;

const STRICT: &str = r#"{"padrao":{"assinatura":"exigir"}}"#;

/// A site of one domain, whose folder asks for signatures, and a package without one.
struct Domain {
    site: Site,
    unsigned: PathBuf,
}

impl Domain {
    fn new() -> Self {
        let site = Site::new();
        let unsigned = site.openssl.path("unsigned.zip");
        package("1.0.0").write(&unsigned);
        let made = Self { site, unsigned };
        fs::create_dir_all(made.trust()).unwrap();
        fs::write(made.trust().join("politica.json"), STRICT).unwrap();
        made.settings("DB_DATABASE=%");
        made
    }

    fn folder(&self) -> PathBuf {
        self.site.gestor.root().join("autenticacoes/a.example")
    }

    fn trust(&self) -> PathBuf {
        self.folder().join("plugins")
    }

    /// Its `.env`, with the name of its database in it.
    fn settings(&self, text: &str) {
        let name = self.site.gestor.database.name();
        fs::write(self.folder().join(".env"), text.replace('%', name)).unwrap();
    }

    fn install(&self) -> Ended {
        let dry = [("dry_run", text_argument("1"))];
        install(self.site.gestor.call(&self.unsigned, "acme-shop", &dry))
    }

    fn refused(&self, code: ExitCode, what: &str) {
        let ended = self.install();
        assert_eq!(ended.code, code, "{what}: {}", ended.report);
    }
}

#[test]
fn a_domain_is_found_however_its_settings_are_written() {
    let domain = Domain::new();
    for text in [
        "DB_DATABASE=%",
        "DB_DATABASE=% # of production",
        "DB_DATABASE=\"%\" # of production",
        "export DB_DATABASE='%'\r\n",
        "\u{feff}DB_DATABASE = %\n",
    ] {
        domain.settings(text);
        domain.refused(ExitCode::Signature, text);
    }
    let shared = domain.site.openssl.path("shared.env");
    fs::rename(domain.folder().join(".env"), &shared).unwrap();
    symlink(&shared, domain.folder().join(".env")).unwrap();
    domain.refused(ExitCode::Signature, "a link");
    // Nobody knows whose settings they are.
    fs::remove_file(domain.folder().join(".env")).unwrap();
    domain.settings(&format!("{}\nDB_DATABASE=%", "#".repeat(2 << 20)));
    domain.refused(ExitCode::ParamsOrFile, "too large");
    domain.settings("DB_DATABASE=another");
    domain.install().expect(ExitCode::Ok);
}

#[test]
fn what_stands_in_the_folders_place_is_not_taken_for_none() {
    let domain = Domain::new();
    let (trust, aside) = (domain.trust(), domain.folder().join("aside"));
    fs::rename(&trust, &aside).unwrap();
    domain.install().expect(ExitCode::Ok);
    let link = |target: &Path| symlink(target, &trust).unwrap();
    link(&aside);
    domain.refused(ExitCode::Signature, "a link to it");
    fs::remove_file(&trust).unwrap();
    for target in [Path::new("/nowhere/at/all"), &trust] {
        link(target);
        domain.refused(ExitCode::ParamsOrFile, "a link to nothing");
        fs::remove_file(&trust).unwrap();
    }
    fs::write(&trust, "").unwrap();
    domain.refused(ExitCode::ParamsOrFile, "a file");
    fs::remove_file(&trust).unwrap();
    // In it as well.
    fs::rename(&aside, &trust).unwrap();
    symlink("/nowhere", trust.join("raizes")).unwrap();
    domain.refused(ExitCode::ParamsOrFile, "roots that lead nowhere");
    fs::remove_file(trust.join("raizes")).unwrap();
    for name in ["politica.json", "revogados.json"] {
        let _ = fs::remove_file(trust.join(name));
        symlink("/nowhere", trust.join(name)).unwrap();
        domain.refused(ExitCode::ParamsOrFile, name);
        fs::remove_file(trust.join(name)).unwrap();
    }
    domain.install().expect(ExitCode::Ok);
}

#[test]
fn a_policy_is_an_object_of_objects() {
    let domain = Domain::new();
    let marked = format!("\u{feff}{STRICT}");
    for (policy, code) in [
        (marked.as_str(), ExitCode::Signature),
        (
            r#"[{"assinatura":"desligada"},{},{},{},{},null,[],null]"#,
            ExitCode::ParamsOrFile,
        ),
        (r#"{"padrao":["desligada"]}"#, ExitCode::ParamsOrFile),
        (
            r#"{"plugins":{"*":["desligada",[],true,null]}}"#,
            ExitCode::ParamsOrFile,
        ),
    ] {
        fs::write(domain.trust().join("politica.json"), policy).unwrap();
        domain.refused(code, policy);
    }
}
