//! Signed and unsigned packages on their way in: what passes, what is refused, and that nothing is left of what is refused.

use std::fs;
use std::path::{Path, PathBuf};

use gestor_plugins::config::Argument;
use gestor_plugins::outcome::ExitCode;
use serde_json::json;

use super::{changed, signed, verdict};
use crate::support::authority::{Holder, Openssl, Order, TrustedFolder};
use crate::support::gestor::Gestor;
use crate::support::operation::{Ended, Quiet, called, install, run};
use crate::support::package::Package;
use crate::support::{argument, english, text_argument};

/// A gestor that believes one authority.
pub(crate) struct Site {
    pub(crate) gestor: Gestor,
    pub(crate) openssl: Openssl,
    pub(crate) root: Holder,
    pub(crate) author: Holder,
    pub(crate) trust: TrustedFolder,
}

impl Site {
    pub(crate) fn new() -> Self {
        let openssl = Openssl::new();
        let root = openssl.root(Order::default());
        let author = openssl.issue(&root, Order::default());
        Self {
            gestor: Gestor::new(),
            trust: TrustedFolder::of(&[&root]),
            openssl,
            root,
            author,
        }
    }

    pub(crate) fn signed(&self, package: &Package, name: &str) -> PathBuf {
        signed(&self.openssl, package, &self.author, name)
    }

    pub(crate) fn install(&self, path: &Path, more: &[(&str, &str)]) -> Ended {
        install(self.gestor.call(path, "acme-shop", &self.with(more)))
    }

    /// Where the trust folder is, and more.
    pub(crate) fn with<'m>(&self, more: &[(&'m str, &str)]) -> Vec<(&'m str, Argument)> {
        let more = more.iter().map(|(key, text)| {
            let value = if *text == "yes" {
                Argument::Bool(true)
            } else {
                text_argument(text)
            };
            (*key, value)
        });
        let mut all: Vec<_> = more.collect();
        if !all.iter().any(|(key, _)| *key == "confianca") {
            all.push(("confianca", text_argument(self.trust.path().to_str().unwrap())));
        }
        all
    }

    fn unsigned(&self, package: &Package, name: &str) -> PathBuf {
        let path = self.openssl.path(&format!("{name}.zip"));
        package.write(&path);
        path
    }

    fn rows(&self) -> u64 {
        self.gestor.database.count("paginas", "plugin = 'acme-shop'")
    }
}

pub(crate) fn package(version: &str) -> Package {
    let page = json!({"id": "acme", "language": "en", "nome": version, "caminho": "acme/", "html": "<p>"});
    Package::new("acme-shop", version)
        .file("lib/a.php", format!("<?php // {version}"))
        .file("db/migrations/20260101000000_first.php", "<?php // first")
        .data("Paginas", &json!([page]))
}

#[test]
fn who_signed_stays_who_signs() {
    let site = Site::new();
    let first = site.signed(&package("1.0.0"), "first");
    let ended = site.install(&first, &[]).expect(ExitCode::Ok);
    assert_eq!(verdict(&ended), ("valida".to_owned(), String::new()));
    assert_eq!(ended.report["avisos"], json!([]));
    let seen = site
        .gestor
        .database
        .rows("SELECT versao, veredito, desenvolvedor, instalada_em IS NOT NULL FROM gestor_plugins_versoes");
    let text = |value: &str| Some(value.to_owned());
    assert_eq!(seen, [vec![text("1.0.0"), text("valida"), text("acme"), text("1")]]);
    let unsigned = site.unsigned(&package("2.0.0"), "unsigned");
    let ended = site
        .install(&unsigned, &[("forcar", "yes")])
        .expect(ExitCode::Signature);
    assert!(
        ended.report["erros"][0]
            .as_str()
            .unwrap()
            .contains("was signed by acme"),
        "{}",
        ended.report
    );
    let names = "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=codeSigning\n\
                 subjectAltName=URI:urn:gestor-plugins:dev:other,URI:urn:gestor-plugins:plugin:*\n";
    let other = site.openssl.issue(
        &site.root,
        Order {
            extensions: names,
            ..Order::default()
        },
    );
    let others = signed(&site.openssl, &package("2.0.0"), &other, "others");
    site.install(&others, &[]).expect(ExitCode::Signature);
    // Another key of the same developer is as good.
    let key = site.openssl.issue(&site.root, Order::default());
    let again = signed(&site.openssl, &package("1.1.0"), &key, "again");
    site.install(&again, &[]).expect(ExitCode::Ok);
    let ended = site
        .install(&others, &[("trocar_assinante", "yes")])
        .expect(ExitCode::Ok);
    assert!(
        ended.report["avisos"][0].as_str().unwrap().contains("signer changes"),
        "{}",
        ended.report
    );
    // And back to what was there before.
    let call = argument([
        ("slug", text_argument("acme-shop")),
        ("raiz", text_argument(site.gestor.root().to_str().unwrap())),
        ("db", site.gestor.database.argument()),
        ("lang", text_argument("en")),
        ("confianca", text_argument(site.trust.path().to_str().unwrap())),
        ("assinatura", text_argument("exigir")),
        ("migracoes", Argument::Callable),
    ]);
    let back = run(called("rollback", call, &english()), english(), &mut Quiet).expect(ExitCode::Ok);
    assert_eq!(
        (verdict(&back).0.as_str(), &back.report["versao"]),
        ("valida", &json!("1.1.0"))
    );
}

/// What is changed in a package that was signed, from what to what, and the verdict.
static CHANGES: [(&str, &str, &str, &str); 11] = [
    ("lib/a.php", "1.0.0", "6.6.6", "difere"),
    ("db/data/PaginasData.json", "<p>", "<b>", "difere"),
    ("db/migrations/20260101000000_first.php", "first", "other", "difere"),
    ("manifest.json", "1.0.0", "1.0.1", "difere"),
    ("lib/a.php", "1.0.0", "1.0.00", "difere"),
    ("+lib/b.php", "", "", "difere"),
    ("-lib/a.php", "", "", "difere"),
    ("lib/a.php>lib/A.php", "", "", "difere"),
    ("*lib/a.php", "", "", "difere"),
    ("assinatura.json", "\"sig\":\"", "\"sig\":\"AAAA", "invalida"),
    ("assinatura.json", "payloadType", "payloadTypo", "malformada"),
];

#[test]
fn what_was_changed_is_not_installed_whatever_is_said() {
    let site = Site::new();
    let good = site.signed(&package("1.0.0"), "good");
    for (what, from, to, expected) in CHANGES {
        let path = changed(&site.openssl, &good, what, |bytes: Vec<u8>| {
            String::from_utf8(bytes).unwrap().replace(from, to).into_bytes()
        });
        for more in [
            &[][..],
            &[("forcar", "yes"), ("assinatura", "desligada")],
            &[("dry_run", "yes")],
            NOBODY,
        ] {
            let ended = site.install(&path, more).expect(ExitCode::Signature);
            assert_eq!(verdict(&ended).0, expected, "{what} {more:?}: {}", ended.report);
            assert!(site.gestor.tree("acme-shop").is_empty(), "{what}");
            assert_eq!((site.rows(), site.gestor.leftovers().len()), (0, 0), "{what}");
        }
    }
    site.install(&good, &[("assinatura", "exigir")]).expect(ExitCode::Ok);
}

#[test]
fn an_update_that_was_changed_leaves_what_is_there() {
    let site = Site::new();
    site.install(&site.signed(&package("1.0.0"), "first"), &[])
        .expect(ExitCode::Ok);
    let before = site.gestor.tree("acme-shop");
    let scripts =
        json!({"id": "acme-shop", "name": "x", "version": "2.0.0", "post_installation_scripts": ["scripts/after.php"]});
    let next = package("2.0.0")
        .file("manifest.json", scripts.to_string())
        .file("scripts/after.php", "<?php // after 2.0.0")
        .file("modules/acme/acme.php", "<?php // module 2.0.0")
        .file("modules/acme/acme.json", r#"{"versao":"2.0.0"}"#);
    let next = site.signed(&next, "next");
    for name in [
        "lib/a.php",
        "db/data/PaginasData.json",
        "db/migrations/20260101000000_first.php",
        "scripts/after.php",
        "modules/acme/acme.php",
        "modules/acme/acme.json",
        "README.txt",
    ] {
        let path = changed(&site.openssl, &next, name, |bytes: Vec<u8>| {
            // Of the same size, and no other fault.
            let mut bytes = bytes;
            let last = bytes.iter().rposition(u8::is_ascii_lowercase).unwrap();
            bytes[last] = if bytes[last] == b'z' { b'y' } else { b'z' };
            bytes
        });
        let ended = site.install(&path, &[]);
        assert_eq!(ended.code, ExitCode::Signature, "{name}: {}", ended.report);
        assert_eq!(site.gestor.tree("acme-shop"), before, "{name}");
        assert_eq!(
            site.gestor.database.value("SELECT nome FROM paginas").as_deref(),
            Some("1.0.0"),
            "{name}"
        );
    }
    site.install(&next, &[]).expect(ExitCode::Ok);
}

/// What the policy says, what the call says besides, which package comes, how it ends, and whether it is warned of.
type Said = (
    &'static str,
    &'static [(&'static str, &'static str)],
    usize,
    ExitCode,
    bool,
);

const UNSIGNED: usize = 0;
const SIGNED: usize = 1;
const STRANGE: usize = 2;
const REQUIRED: &[(&str, &str)] = &[("assinatura", "exigir")];
const LESS: &[(&str, &str)] = &[("assinatura", "desligada")];
/// A folder in which nobody is believed.
const NOBODY: &[(&str, &str)] = &[("confianca", "/usr/share")];
const OTHERS_ROOT: &str = r#"{"raizes":{"0.pem":{"plugins":["other-*"]}}}"#;

static LEVELS: &[Said] = &[
    ("{}", &[], UNSIGNED, ExitCode::Ok, true),
    ("{}", NOBODY, UNSIGNED, ExitCode::Ok, false),
    ("{}", REQUIRED, UNSIGNED, ExitCode::Signature, false),
    (
        r#"{"padrao":{"assinatura":"exigir"}}"#,
        LESS,
        UNSIGNED,
        ExitCode::Signature,
        false,
    ),
    (
        r#"{"plugins":{"acme-*":{"assinatura":"exigir"}}}"#,
        &[],
        UNSIGNED,
        ExitCode::Signature,
        false,
    ),
    (
        r#"{"origens":{"upload":{"assinatura":"exigir"}}}"#,
        &[],
        UNSIGNED,
        ExitCode::Signature,
        false,
    ),
    (
        r#"{"origens":{"url":{"assinatura":"exigir"}}}"#,
        &[],
        UNSIGNED,
        ExitCode::Ok,
        true,
    ),
    (
        r#"{"padrao":{"assinatura":"desligada"}}"#,
        &[],
        UNSIGNED,
        ExitCode::Ok,
        false,
    ),
    (
        r#"{"plugins":{"acme-*":{"desenvolvedores":["other"]}}}"#,
        &[],
        SIGNED,
        ExitCode::Signature,
        false,
    ),
    (OTHERS_ROOT, &[], SIGNED, ExitCode::Ok, true),
    (OTHERS_ROOT, REQUIRED, SIGNED, ExitCode::Signature, false),
    ("{}", &[], STRANGE, ExitCode::Ok, true),
    ("{}", REQUIRED, STRANGE, ExitCode::Signature, false),
    (r#"{"unknown":1}"#, &[], SIGNED, ExitCode::ParamsOrFile, false),
    (
        r#"{"raizes":{"other.pem":{}}}"#,
        &[],
        SIGNED,
        ExitCode::ParamsOrFile,
        false,
    ),
];

#[test]
fn the_strictest_that_is_said_counts() {
    let (site, other) = (Site::new(), Site::new());
    let packages = [
        site.unsigned(&package("1.0.0"), "unsigned"),
        site.signed(&package("1.0.0"), "signed"),
        other.signed(&package("1.0.0"), "stranger"),
    ];
    for (policy, more, which, code, warns) in LEVELS {
        site.trust.put("politica.json", policy);
        let mut more = more.to_vec();
        more.push(("dry_run", "yes"));
        let ended = site.install(&packages[*which], &more);
        assert_eq!(ended.code, *code, "{policy} {more:?}: {}", ended.report);
        if *code == ExitCode::Ok {
            let told = ended.report["avisos"].to_string();
            assert_eq!(told.contains("signature "), *warns, "{policy} {more:?}: {told}");
        }
    }
}

#[test]
fn a_folder_is_looked_at_where_it_is_named() {
    let site = Site::new();
    let folder = site.openssl.path("folder");
    fs::create_dir(&folder).unwrap();
    fs::write(
        folder.join("manifest.json"),
        r#"{"id":"acme-shop","name":"x","version":"1.0.0"}"#,
    )
    .unwrap();
    fs::write(folder.join("x.php"), "<?php ".repeat(100)).unwrap();
    let call = |more: &[(&str, &str)]| {
        let mut all = vec![
            ("origem_tipo", "local_path"),
            ("local_path", folder.to_str().unwrap()),
            ("dry_run", "yes"),
        ];
        all.extend(more);
        let call = site.gestor.call(&folder, "acme-shop", &[]);
        let Argument::Map(entries) = call else { panic!() };
        let kept = entries
            .into_iter()
            .filter(|(key, _)| !["origem_tipo", "arquivo"].contains(&key.as_str()));
        let more = site.with(&all).into_iter().map(|(key, value)| (key.to_owned(), value));
        install(Argument::Map(kept.chain(more).collect()))
    };
    site.trust.put("politica.json", r#"{"padrao":{"assinatura":"exigir"}}"#);
    let ended = call(&[]).expect(ExitCode::Ok);
    assert_eq!(verdict(&ended).0, "nao_conferida");
    call(&[("assinatura", "exigir")]).expect(ExitCode::Signature);
    site.trust
        .put("politica.json", r#"{"origens":{"local_path":{"assinatura":"exigir"}}}"#);
    call(&[]).expect(ExitCode::Signature);
}

#[test]
fn what_was_seen_before_its_end_counts() {
    let site = Site::new();
    let ended = site.openssl.issue(
        &site.root,
        Order {
            dates: ("20200101000000Z", "20210101000000Z"),
            ..Order::default()
        },
    );
    let path = signed(&site.openssl, &package("1.0.0"), &ended, "ended");
    let strict = [("assinatura", "exigir")];
    let found = site.install(&path, &strict).expect(ExitCode::Signature);
    assert_eq!(verdict(&found).0, "expirada");
    let sha256 = found.report["checksum"].as_str().unwrap().to_owned();
    site.install(&path, &[("dry_run", "yes")]).expect(ExitCode::Ok);
    // A package that was seen in time, as reinstallations find it.
    site.install(&site.unsigned(&Package::new("acme-shop", "0.1.0"), "any"), &[])
        .expect(ExitCode::Ok);
    let row = |seen: &str| {
        site.gestor.database.run(&format!(
            "REPLACE INTO gestor_plugins_versoes (slug, versao, sha256, tamanho, veredito, vista_em) VALUES \
             ('acme-shop', '1.0.0', '{sha256}', 1, 'valida', '{seen}')"
        ));
    };
    row("2021-01-02 00:00:00");
    site.install(&path, &strict).expect(ExitCode::Signature);
    row("2020-12-31 00:00:00");
    let found = site.install(&path, &strict).expect(ExitCode::Ok);
    assert_eq!(verdict(&found).0, "valida");
}

#[test]
fn what_was_withdrawn_is_refused_at_every_level() {
    let site = Site::new();
    let path = site.signed(&package("1.2.3"), "p");
    let list = |item: &str| format!(r#"{{"formato":1,"emitido":"2026-01-01T00:00:00Z","itens":[{item}]}}"#);
    let version = r#"{"id":"GP-1","plugin":"acme-shop","versoes":">=1.2.0 <1.2.5","motivo":"malware"}"#;
    site.trust.put("revogados.json", &list(version));
    for more in [&[][..], &[("forcar", "yes")]] {
        let ended = site.install(&path, more).expect(ExitCode::Signature);
        assert_eq!(verdict(&ended).0, "revogada");
        assert!(verdict(&ended).1.contains("GP-1"), "{}", ended.report);
    }
    site.trust
        .put("politica.json", r#"{"padrao":{"assinatura":"desligada"}}"#);
    site.install(&path, &[]).expect(ExitCode::Signature);
    site.trust.put("politica.json", "{}");
    site.trust.put("revogados.json", &list(r#"{"desenvolvedor":"acme"}"#));
    site.install(&path, &[]).expect(ExitCode::Signature);
    // Whoever vouches for the author, as the key or the certificate.
    let digest = site.openssl.digest(&site.root.certificates);
    for item in [
        format!(r#"{{"certificado":"{digest}"}}"#),
        format!(r#"{{"plugin":"acme-shop","certificado":"{digest}","motivo":"chave_perdida"}}"#),
    ] {
        site.trust.put("revogados.json", &list(&item));
        let ended = site.install(&path, REQUIRED).expect(ExitCode::Signature);
        assert_eq!(verdict(&ended).0, "desconhecida", "{item}");
    }
    let of_another = format!(r#"{{"plugin":"other","certificado":"{digest}"}}"#);
    site.trust.put("revogados.json", &list(&of_another));
    site.install(&path, &[("assinatura", "exigir"), ("dry_run", "yes")])
        .expect(ExitCode::Ok);
    let notice = r#"{"id":"GP-2","plugin":"acme-shop","acao":"avisar","corrigida_em":"1.3.0"}"#;
    site.trust.put("revogados.json", &list(notice));
    let ended = site.install(&path, &[]).expect(ExitCode::Ok);
    assert!(
        ended.report["avisos"][0].as_str().unwrap().contains("fixed in 1.3.0"),
        "{}",
        ended.report
    );
    site.trust.put("revogados.json", "{}");
    site.install(&path, &[("reprocessar", "yes")])
        .expect(ExitCode::ParamsOrFile);
}
