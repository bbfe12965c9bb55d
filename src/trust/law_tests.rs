//! Laws of judging: whatever changes in a package is noticed, and nothing that is taken away from what is believed makes a
//! package look better.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
    PKCS_ED25519, SanType,
};

use super::author::{SigningKey, prepare, sign};
use super::certificate::Certificate;
use super::chain::Root;
use super::folder::TrustFolder;
use super::judgement::{Believed, Evidence, FoundFile, Judgement, Package, judge};
use super::policy::{Answer, Policy, answer};
use super::revocation::Revocations;
use super::verdict::Verdict;
use super::{StatedFile, Statement};
use crate::base::hash::sha256;
use crate::config::SignatureLevel;
use crate::model::Slug;

/// Authorities, and the files of a package that an author signed whom the first of them vouches for.
struct World {
    roots: Vec<Root>,
    signature: String,
    files: Vec<StatedFile>,
}

fn names(uris: &[&str]) -> Vec<SanType> {
    uris.iter()
        .map(|uri| SanType::URI((*uri).try_into().unwrap()))
        .collect()
}

fn root(file: &str) -> (Root, CertifiedIssuer<'static, KeyPair>) {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let key = KeyPair::generate_for(&PKCS_ED25519).unwrap();
    let issuer = CertifiedIssuer::self_signed(params, key).unwrap();
    let certificate = Certificate::read(issuer.der()).unwrap();
    let file = file.to_owned();
    (Root { file, certificate }, issuer)
}

fn world(files: Vec<StatedFile>) -> World {
    let (first, issuer) = root("first.pem");
    let (second, _) = root("second.pem");
    let mut params = CertificateParams::default();
    params.subject_alt_names = names(&["urn:gestor-plugins:dev:acme", "urn:gestor-plugins:plugin:acme-*"]);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::CodeSigning];
    let key = KeyPair::generate_for(&PKCS_ED25519).unwrap();
    let own = params.signed_by(&key, &issuer).unwrap();
    let statement = Statement {
        id: slug(),
        version: "1.2.3".parse().unwrap(),
        developer: "acme".to_owned(),
        signed_at: now(),
        files: files.clone(),
    };
    let signing = SigningKey::read(key.serialize_pem().as_bytes()).unwrap();
    let signature = sign(&statement, &signing, &prepare(own.pem().as_bytes()).unwrap()).unwrap();
    World {
        roots: vec![first, second],
        signature,
        files,
    }
}

fn slug() -> Slug {
    Slug::normalize("acme-shop").unwrap()
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

fn judged(files: &[StatedFile], signature: &str, folder: &TrustFolder) -> Judgement {
    judged_by(files, signature, (folder, &Evidence::default()))
}

fn judged_by(files: &[StatedFile], signature: &str, (folder, evidence): (&TrustFolder, &Evidence)) -> Judgement {
    let found: Vec<FoundFile<'_>> = files
        .iter()
        .map(|file| FoundFile {
            path: &file.path,
            size: file.size,
            is_executable: file.is_executable,
        })
        .collect();
    let slug = slug();
    let package = Package {
        slug: &slug,
        sha256: Some(sha256(b"package")),
        files: Some(&found),
        signature: Some(signature.as_bytes()),
        evidence,
    };
    judge(package, Believed { folder, now: now() }).of_version((&slug, None), "1.2.3".parse().unwrap(), folder)
}

impl World {
    fn folder(&self, policy: &str, revoked: &str) -> TrustFolder {
        TrustFolder {
            roots: self.roots.clone(),
            policy: Policy::read(policy.as_bytes()).unwrap(),
            revocations: Revocations::read(revoked.as_bytes()).unwrap(),
        }
    }
}

const NOTHING: &str = r#"{"formato":1,"itens":[]}"#;

/// How much a verdict is worth.
fn worth(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Valid => 3,
        Verdict::Expired => 2,
        Verdict::Unknown | Verdict::Absent => 1,
        _ => 0,
    }
}

fn stated() -> impl Strategy<Value = Vec<StatedFile>> {
    let file = (
        "[a-z]{1,3}(/[a-z\u{e9}]{1,3}){0,2}",
        any::<u32>(),
        any::<u64>(),
        any::<bool>(),
    );
    prop::collection::btree_map("[a-z]{1,4}", file, 1..12).prop_map(|files| {
        let file = |(top, (path, size, seed, is_executable)): (String, (String, u32, u64, bool))| StatedFile {
            path: format!("{top}/{path}"),
            size: size.into(),
            sha256: sha256(&seed.to_le_bytes()),
            is_executable,
        };
        let mut files: Vec<StatedFile> = files.into_iter().map(file).collect();
        files.sort_by(|one, other| one.path.as_bytes().cmp(other.path.as_bytes()));
        files
    })
}

#[test]
fn a_lost_key_leaves_what_fresh_indices_had_before_and_nothing_else() {
    let world = world(vec![StatedFile {
        path: "a".to_owned(),
        size: 1,
        sha256: sha256(b"a"),
        is_executable: false,
    }]);
    let key = judged(&world.files, &world.signature, &world.folder("{}", NOTHING)).key();
    let since = |said: &str| format!(r#"{{"formato":1,"itens":[{{"chave":"{}"{said}}}]}}"#, key.unwrap());
    let lost = now() - TimeDelta::days(10);
    let desde = format!(r#","desde":"{}""#, lost.to_rfc3339());
    let other = r#","desenvolvedor":"acme""#;
    let (before, after) = (lost - TimeDelta::seconds(1), lost);
    for (said, seen, published, verdict) in [
        (desde.clone(), None, vec![], Verdict::Revoked),
        (desde.clone(), Some(before), vec![], Verdict::Revoked),
        (desde.clone(), None, vec![after], Verdict::Revoked),
        (desde.clone(), None, vec![before], Verdict::Valid),
        (desde.clone(), None, vec![after, before], Verdict::Valid),
        (format!("{desde}{other}"), None, vec![before], Verdict::Valid),
        (String::new(), None, vec![before], Verdict::Revoked),
    ] {
        let folder = world.folder("{}", &since(&said));
        let evidence = Evidence { seen, published };
        let found = judged_by(&world.files, &world.signature, (&folder, &evidence));
        assert_eq!(found.verdict(), verdict, "{said} {evidence:?}");
    }
    // Of what names no key it is no excuse.
    let item = format!(r#"{{"formato":1,"itens":[{{"plugin":"acme-shop"{desde}}}]}}"#);
    let evidence = Evidence {
        seen: None,
        published: vec![before],
    };
    let folder = world.folder("{}", &item);
    let found = judged_by(&world.files, &world.signature, (&folder, &evidence));
    assert_eq!(found.verdict(), Verdict::Revoked);
}

#[test]
fn an_index_is_named_that_withdraws() {
    let world = world(Vec::new());
    let mut folder = world.folder("{}", NOTHING);
    let list = Revocations::of_index("acme", br#"{"formato":1,"itens":[{"id":"GP-1","plugin":"acme-shop"}]}"#);
    folder.revocations.join(&list.unwrap());
    let found = judged(&world.files, &world.signature, &folder);
    assert_eq!(
        found.reason().unwrap().to_string(),
        "the index acme withdrew it (GP-1): it was withdrawn"
    );
    assert!(Revocations::of_index("acme", b"{}").is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_changed_added_or_removed_differs(files in stated(), at in any::<prop::sample::Index>(), what in 0..5) {
        let world = world(files);
        let folder = world.folder("{}", NOTHING);
        let as_signed = judged(&world.files, &world.signature, &folder);
        prop_assert_eq!(as_signed.verdict(), Verdict::Valid);
        prop_assert_eq!(as_signed.files().unwrap(), &world.files[..]);
        let mut changed = world.files.clone();
        let place = at.index(changed.len());
        match what {
            0 => drop(changed.remove(place)),
            1 => changed[place].size ^= 1,
            2 => changed[place].is_executable ^= true,
            3 => changed[place].path.push('x'),
            _ => {
                let more = StatedFile { path: "added".to_owned(), ..changed[place].clone() };
                changed.push(more);
            }
        }
        let judged = judged(&changed, &world.signature, &folder);
        prop_assert_eq!(judged.verdict(), Verdict::Differs);
        prop_assert!(judged.files().is_none());
    }

    #[test]
    fn a_signature_of_which_a_byte_changes_is_none(files in stated(), at in any::<prop::sample::Index>()) {
        let world = world(files);
        let folder = world.folder("{}", NOTHING);
        let mut bytes = world.signature.clone().into_bytes();
        let place = at.index(bytes.len());
        bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(bytes).unwrap();
        let judged = judged(&world.files, &changed, &folder);
        // A hint of the key is no part of what is signed.
        let is_hint = changed.find("\"keyid\"").is_some_and(|start| (start..start + 80).contains(&place));
        prop_assert!(is_hint || judged.verdict() != Verdict::Valid, "{place}: {:?}", judged.verdict());
    }

    #[test]
    fn nothing_that_is_taken_away_makes_it_better(
        files in stated(),
        gone in prop::collection::vec(any::<bool>(), 2),
        policy in prop::sample::select(vec![
            "{}",
            r#"{"raizes":{"first.pem":{"plugins":["other"]}}}"#,
            r#"{"raizes":{"first.pem":{"desenvolvedores":["acme"]},"second.pem":{"plugins":["*"]}}}"#,
            r#"{"plugins":{"acme-*":{"desenvolvedores":["mallory"]}}}"#,
        ]),
        revoked in prop::sample::select(vec![
            NOTHING,
            r#"{"formato":1,"itens":[{"plugin":"acme-shop","versoes":"<2.0.0"}]}"#,
            r#"{"formato":1,"itens":[{"desenvolvedor":"acme"}]}"#,
            r#"{"formato":1,"itens":[{"plugin":"acme-shop","acao":"avisar"}]}"#,
        ]),
    ) {
        let world = world(files);
        let folder = world.folder(policy, revoked);
        let before = judged(&world.files, &world.signature, &folder);
        let mut less = world.folder(policy, revoked);
        let mut kept = gone.iter();
        less.roots.retain(|_| !kept.next().copied().unwrap_or(false));
        let after = judged(&world.files, &world.signature, &less);
        prop_assert!(worth(after.verdict()) <= worth(before.verdict()), "{:?} -> {:?}", before.verdict(), after.verdict());
        for level in [SignatureLevel::Warn, SignatureLevel::Require] {
            let passes = |judged: &Judgement| answer(judged.verdict(), level, true) == Answer::Good;
            prop_assert!(passes(&before) || !passes(&after));
        }
    }
}
