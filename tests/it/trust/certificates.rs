//! Every fault that a certificate or a chain can have, each made by the real openssl.

use gestor_plugins::outcome::ExitCode;

use super::{judged, signed, verdict};
use crate::support::authority::{AUTHOR, AUTHORITY, ED25519, Openssl, Order, P_256, RSA_2048, RSA_3072, TrustedFolder};
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

const PLAIN: Order<'static> = Order {
    key: ED25519,
    extensions: AUTHOR,
    dates: ("20200101000000Z", "20990101000000Z"),
    more: &[],
};

/// One that signs packages, with another key or other dates.
const fn author(dates: (&'static str, &'static str)) -> Order<'static> {
    Order { dates, ..PLAIN }
}

const fn authority(key: &'static [&'static str], extensions: &'static str) -> Order<'static> {
    Order {
        key,
        extensions,
        ..PLAIN
    }
}

const NOW: (&str, &str) = PLAIN.dates;
const CA: Order<'static> = authority(ED25519, AUTHORITY);
const OWN: Order<'static> = author(NOW);
const ENDED_CA: Order<'static> = Order { dates: PAST, ..CA };
const NO_CERT_SIGN: &str = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,cRLSign\n";
const ALONE: &str = "basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign\n";
const FOR_SERVERS: &str = "basicConstraints=critical,CA:TRUE\nextendedKeyUsage=serverAuth\n";
const BY_PSS: Order<'static> = Order {
    more: &[
        "-sigopt",
        "rsa_padding_mode:pss",
        "-sigopt",
        "rsa_pss_saltlen:32",
        "-md",
        "sha256",
    ],
    ..OWN
};

/// A chain by its orders, the root first; the verdict, and a part of what is said of it.
type Case = (&'static str, &'static [Order<'static>], &'static str, &'static str);

static CHAINS: &[Case] = &[
    ("direct", &[CA, OWN], "valida", ""),
    ("two", &[CA, CA, CA, OWN], "valida", ""),
    ("ec", &[authority(P_256, AUTHORITY), OWN], "valida", ""),
    ("rsa", &[authority(RSA_2048, AUTHORITY), OWN], "valida", ""),
    ("pss", &[authority(RSA_3072, AUTHORITY), BY_PSS], "valida", ""),
    (
        "path-length",
        &[authority(ED25519, ALONE), CA, OWN],
        "desconhecida",
        "more authorities",
    ),
    (
        "path-length-between",
        &[CA, authority(ED25519, ALONE), CA, OWN],
        "desconhecida",
        "more authorities",
    ),
    (
        "no-certsign",
        &[CA, authority(ED25519, NO_CERT_SIGN), OWN],
        "desconhecida",
        "no authority's",
    ),
    (
        "root-no-certsign",
        &[authority(ED25519, NO_CERT_SIGN), OWN],
        "desconhecida",
        "no authority's",
    ),
    (
        "authority-eku",
        &[CA, authority(ED25519, FOR_SERVERS), OWN],
        "desconhecida",
        "",
    ),
    ("root-eku", &[authority(ED25519, FOR_SERVERS), OWN], "desconhecida", ""),
    ("leaf-as-authority", &[CA, OWN, OWN], "desconhecida", "no authority's"),
    ("ended", &[CA, author(PAST)], "expirada", "ended at 2021-01-01"),
    ("root-ended", &[ENDED_CA, OWN], "expirada", "ended at 2021-01-01"),
    ("between-ended", &[CA, ENDED_CA, OWN], "expirada", "ended at 2021-01-01"),
    (
        "future",
        &[CA, author(FUTURE)],
        "desconhecida",
        "counts from 2098-01-01",
    ),
];

#[test]
fn chains_are_followed_as_they_should_be() {
    let openssl = Openssl::new();
    for (name, orders, expected, reason) in CHAINS {
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
