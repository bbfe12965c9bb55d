//! Signatures of others' test vectors (Wycheproof, Apache-2.0): what is right is taken, everything else refused.

use std::fs;
use std::path::{Path, PathBuf};

use ring::signature::{
    RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, RsaParameters, UnparsedPublicKey,
};
use serde_json::Value;

use super::certificate::PackageKey;
use crate::base::json::unhex;

/// What was compared: how many of each.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    all: usize,
    /// Of the form that a package's signature, or a certificate's, may have.
    applicable: usize,
    right: usize,
    /// Of another form, and taken all the same.
    taken: Vec<u64>,
}

fn committed() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/wycheproof")
}

fn files(folder: &Path, start: &str) -> Vec<Value> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    names.sort();
    let wanted = names
        .iter()
        .filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with(start));
    wanted
        .map(|path| serde_json::from_slice(&fs::read(path).unwrap()).unwrap())
        .collect()
}

fn bytes(value: &Value) -> Vec<u8> {
    unhex(value.as_str().unwrap()).unwrap()
}

fn text<'v>(group: &'v Value, key: &str) -> &'v str {
    group[key].as_str().unwrap_or_default()
}

/// The hash of a group, and whether its form is one that is used.
fn form(group: &Value) -> (&'static RsaParameters, bool) {
    let (hash, mask, salt) = (
        text(group, "sha"),
        text(group, "mgfSha"),
        group["sLen"].as_u64().unwrap_or(0),
    );
    let (algorithm, length) = match hash {
        "SHA-384" => (&RSA_PSS_2048_8192_SHA384, 48),
        "SHA-512" => (&RSA_PSS_2048_8192_SHA512, 64),
        _ => (&RSA_PSS_2048_8192_SHA256, 32),
    };
    let is_used = ["SHA-256", "SHA-384", "SHA-512"].contains(&hash) && mask == hash && text(group, "mgf") == "MGF1";
    (algorithm, is_used && salt == length)
}

fn run(folder: &Path) -> Tally {
    let mut tally = Tally::default();
    for file in files(folder, "rsa_pss_") {
        for group in file["testGroups"].as_array().unwrap() {
            let (algorithm, is_applicable) = form(group);
            let key = bytes(&group["publicKeyAsn"]);
            for test in group["tests"].as_array().unwrap() {
                let (message, signature) = (bytes(&test["msg"]), bytes(&test["sig"]));
                let taken = UnparsedPublicKey::new(algorithm, &key)
                    .verify(&message, &signature)
                    .is_ok();
                tally.all += 1;
                if is_applicable {
                    tally.applicable += 1;
                    tally.right += usize::from(taken == (test["result"] == "valid"));
                    // Ours is one of them.
                    let of_package = PackageKey::Rsa(key.clone()).verify(&message, &signature);
                    assert!(!of_package || (taken && text(group, "sha") == "SHA-256"));
                } else if taken {
                    tally.taken.push(test["tcId"].as_u64().unwrap());
                }
            }
        }
    }
    tally
}

#[test]
fn rsa_pss_is_what_it_should_be() {
    let tally = run(&committed());
    assert_eq!(
        (tally.applicable, tally.right, tally.taken.len()),
        (1186, 1186, 0),
        "{tally:?}"
    );
}

#[test]
fn ed25519_is_what_it_should_be() {
    let (mut all, mut right) = (0, 0);
    for file in files(&committed(), "ed25519") {
        for group in file["testGroups"].as_array().unwrap() {
            let key = PackageKey::Ed25519(bytes(&group["publicKey"]["pk"]));
            for test in group["tests"].as_array().unwrap() {
                let taken = key.verify(&bytes(&test["msg"]), &bytes(&test["sig"]));
                all += 1;
                right += usize::from(taken == (test["result"] == "valid"));
            }
        }
    }
    assert_eq!((all, right), (151, 151));
}

/// `GESTOR_TEST_CORPORA` names the folder that holds `wycheproof/`.
#[test]
#[ignore = "wants the whole corpus"]
fn all_of_wycheproof_is_judged() {
    let folder = std::env::var_os("GESTOR_TEST_CORPORA").expect("GESTOR_TEST_CORPORA names the folder");
    let tally = run(&Path::new(&folder).join("wycheproof"));
    // Both say that their salt is empty; in truth it has 32 bytes.
    let expected = Tally {
        all: 3497,
        applicable: 1186,
        right: 1186,
        taken: vec![69, 69],
    };
    assert_eq!(tally, expected);
}
