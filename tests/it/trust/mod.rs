//! Signatures of packages: made, judged, asked for.

mod attacks;
mod certificates;
mod continuity;
mod counted;
mod folder;
mod installed;
mod killed;
mod pipeline;
mod signing;

use std::fs::File;
use std::io::{Read as _, Write as _};
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

/// A package in which something was changed afterwards: of a member its bytes; with `+` before its name one more, with `-`
/// one less, with `*` it becomes a program, with `>` it gets another name.
pub(crate) fn changed(openssl: &Openssl, package: &Path, what: &str, change: impl Fn(Vec<u8>) -> Vec<u8>) -> PathBuf {
    let target = openssl.path(&format!("{}.zip", openssl.name()));
    let mut source = zip::ZipArchive::new(File::open(package).unwrap()).unwrap();
    let mut archive = zip::ZipWriter::new(File::create(&target).unwrap());
    let plain = zip::write::SimpleFileOptions::default();
    let (old, new) = what.split_once('>').unwrap_or((what, what));
    for place in 0..source.len() {
        let mut member = source.by_index(place).unwrap();
        let name = member.name().unwrap().into_owned();
        let mut bytes = Vec::new();
        member.read_to_end(&mut bytes).unwrap();
        if what.strip_prefix('-') == Some(name.as_str()) {
            continue;
        }
        if name == old {
            bytes = change(bytes);
        }
        let is_program = what.strip_prefix('*') == Some(name.as_str());
        let options = if is_program {
            plain.unix_permissions(0o755)
        } else {
            plain
        };
        archive
            .start_file(if name == old { new } else { &name }, options)
            .unwrap();
        archive.write_all(&bytes).unwrap();
    }
    if let Some(name) = what.strip_prefix('+') {
        archive.start_file(name, plain).unwrap();
        archive.write_all(&change(b"<?php".to_vec())).unwrap();
    }
    archive.finish().unwrap();
    target
}
