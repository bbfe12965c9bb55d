//! Every fault that a certificate or a chain can have, each made by the real openssl.

use gestor_plugins::outcome::ExitCode;

use super::{judged, signed, verdict};
use crate::support::authority::{AUTHORITY, ED25519, Openssl, Order, P_256, RSA_2048, RSA_3072, TrustedFolder};
use crate::support::package::Package;

const PAST: (&str, &str) = ("20200101000000Z", "20210101000000Z");
const FUTURE: (&str, &str) = ("20980101000000Z", "20990101000000Z");

/// A chain by its orders, the root first, and the verdict of what the last one signs.
fn of_chain(openssl: &Openssl, orders: &[Order<'_>], name: &str) -> (String, String) {
    let root = openssl.root(orders[0]);
    let mut holder = root.clone();
    for order in &orders[1..] {
        holder = openssl.issue(&holder, *order);
    }
    let package = signed(openssl, &Package::new("acme-shop", "1.0.0"), &holder, name);
    verdict(&judged(
        openssl.path("").as_path(),
        &package,
        &TrustedFolder::of(&[&root]),
    ))
}

#[test]
fn chains_are_followed_as_they_should_be() {
    let openssl = Openssl::new();
    let author = Order::default();
    let authority = Order {
        extensions: AUTHORITY,
        ..author
    };
    let pss: &[&str] = &[
        "-sigopt",
        "rsa_padding_mode:pss",
        "-sigopt",
        "rsa_pss_saltlen:32",
        "-md",
        "sha256",
    ];
    let cases: &[(&str, &[Order<'_>], &str, &str)] = &[
        ("direct", &[authority, author], "valida", ""),
        ("two", &[authority, authority, authority, author], "valida", ""),
        (
            "ec",
            &[
                Order {
                    key: P_256,
                    ..authority
                },
                author,
            ],
            "valida",
            "",
        ),
        (
            "rsa",
            &[
                Order {
                    key: RSA_2048,
                    ..authority
                },
                author,
            ],
            "valida",
            "",
        ),
        (
            "pss",
            &[
                Order {
                    key: RSA_3072,
                    ..authority
                },
                Order { more: pss, ..author },
            ],
            "valida",
            "",
        ),
        (
            "path-length",
            &[
                Order {
                    extensions: "basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign\n",
                    ..authority
                },
                authority,
                author,
            ],
            "desconhecida",
            "more authorities",
        ),
        (
            "no-certsign",
            &[
                authority,
                Order {
                    extensions: "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,cRLSign\n",
                    ..authority
                },
                author,
            ],
            "desconhecida",
            "no authority's",
        ),
        (
            "root-no-certsign",
            &[
                Order {
                    extensions: "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,cRLSign\n",
                    ..authority
                },
                author,
            ],
            "desconhecida",
            "no authority's",
        ),
        (
            "authority-eku",
            &[
                authority,
                Order {
                    extensions: "basicConstraints=critical,CA:TRUE\nextendedKeyUsage=serverAuth\n",
                    ..authority
                },
                author,
            ],
            "desconhecida",
            "",
        ),
        (
            "leaf-as-authority",
            &[authority, author, author],
            "desconhecida",
            "no authority's",
        ),
        (
            "ended",
            &[authority, Order { dates: PAST, ..author }],
            "expirada",
            "ended at 2021-01-01",
        ),
        (
            "root-ended",
            &[
                Order {
                    dates: PAST,
                    ..authority
                },
                author,
            ],
            "expirada",
            "ended at 2021-01-01",
        ),
        (
            "between-ended",
            &[
                authority,
                Order {
                    dates: PAST,
                    ..authority
                },
                author,
            ],
            "expirada",
            "ended at 2021-01-01",
        ),
        (
            "future",
            &[
                authority,
                Order {
                    dates: FUTURE,
                    ..author
                },
            ],
            "desconhecida",
            "counts from 2098-01-01",
        ),
    ];
    for (name, orders, expected, reason) in cases {
        let (found, why) = of_chain(&openssl, orders, name);
        assert_eq!(found, *expected, "{name}: {why}");
        assert!(why.contains(reason), "{name}: {why}");
    }
}

#[test]
fn certificates_that_sign_no_packages_are_not_begun_with() {
    let openssl = Openssl::new();
    let root = openssl.root(Order::default());
    let names = "subjectAltName=URI:urn:gestor-plugins:dev:acme,URI:urn:gestor-plugins:plugin:acme-*\n";
    let usage =
        "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=codeSigning\n";
    let with = |extensions: &str| format!("{extensions}{names}");
    let cases = [
        (RSA_2048, with(usage), "neither RSA"),
        (P_256, with(usage), "neither RSA"),
        (crate::support::authority::RSA_PSS, with(usage), "neither RSA"),
        (
            ED25519,
            with("keyUsage=critical,digitalSignature\n"),
            "not for signing code",
        ),
        (
            ED25519,
            with("keyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\n"),
            "not for signing code",
        ),
        (
            ED25519,
            with("keyUsage=critical,keyAgreement\nextendedKeyUsage=codeSigning\n"),
            "not for signing code",
        ),
        (ED25519, with("extendedKeyUsage=codeSigning\n"), "not for signing code"),
        (ED25519, usage.to_owned(), "names no developer"),
    ];
    for (key, extensions, reason) in cases {
        let author = openssl.issue(
            &root,
            Order {
                key,
                extensions: &extensions,
                ..Order::default()
            },
        );
        let unsigned = openssl.path("unsigned.zip");
        Package::new("acme-shop", "1.0.0").write(&unsigned);
        let ended = super::ask(
            "sign",
            openssl.path("").as_path(),
            &[
                ("arquivo", unsigned.to_str().unwrap()),
                ("chave", author.key.to_str().unwrap()),
                ("certificados", author.certificates.to_str().unwrap()),
                ("saida", openssl.path("out.zip").to_str().unwrap()),
            ],
        );
        let ended = ended.expect(ExitCode::ParamsOrFile);
        assert!(
            ended.report["erros"][0].as_str().unwrap().contains(reason),
            "{extensions}: {}",
            ended.report
        );
    }
}
