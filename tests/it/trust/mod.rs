//! Signatures of packages: made, judged, asked for.

mod certificates;
mod signing;

use std::path::{Path, PathBuf};

use gestor_plugins::config::Argument;

use crate::support::authority::{Holder, Openssl, TrustedFolder};
use crate::support::operation::{Ended, Quiet, called, run};
use crate::support::package::Package;
use crate::support::{argument, english, text_argument};

/// An operation that looks, without a gestor around it.
pub(crate) fn ask(word: &str, root: &Path, entries: &[(&str, &str)]) -> Ended {
    let mut all = vec![("raiz", root.to_str().unwrap()), ("lang", "en")];
    all.extend(entries);
    let entries = all.into_iter().map(|(key, text)| {
        let value = match text {
            "yes" => Argument::Bool(true),
            text => text_argument(text),
        };
        (key, value)
    });
    run(called(word, argument(entries), &english()), english(), &mut Quiet)
}

/// Signs a package, and gives where it stands.
pub(crate) fn signed(openssl: &Openssl, package: &Package, by: &Holder, name: &str) -> PathBuf {
    let (unsigned, output) = (
        openssl.path(&format!("{name}.unsigned.zip")),
        openssl.path(&format!("{name}.zip")),
    );
    package.write(&unsigned);
    let ended = ask(
        "sign",
        openssl.path("").as_path(),
        &[
            ("arquivo", unsigned.to_str().unwrap()),
            ("chave", by.key.to_str().unwrap()),
            ("certificados", by.certificates.to_str().unwrap()),
            ("saida", output.to_str().unwrap()),
        ],
    );
    assert_eq!(ended.code.number(), 0, "{}", ended.report);
    output
}

/// What is thought of a package.
pub(crate) fn judged(root: &Path, package: &Path, trust: &TrustedFolder) -> Ended {
    let (package, trust) = (package.to_str().unwrap(), trust.path().to_str().unwrap());
    ask("signature", root, &[("arquivo", package), ("confianca", trust)])
}

/// The verdict, and what is said of it.
pub(crate) fn verdict(ended: &Ended) -> (String, String) {
    let text = |key: &str| ended.report["assinatura"][key].as_str().unwrap_or_default().to_owned();
    (text("veredito"), text("motivo"))
}
