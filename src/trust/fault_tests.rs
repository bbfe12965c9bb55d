//! Each thing that a certificate, an authority or a statement can say wrongly, alone: the signature itself is always right.

use chrono::{DateTime, Utc};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, PKCS_ED25519, SanType,
};
use ring::signature::Ed25519KeyPair;

use super::Statement;
use super::certificate::Certificate;
use super::chain::Root;
use super::folder::TrustFolder;
use super::judgement::{Believed, Evidence, Package, judge};
use super::policy::Policy;
use super::revocation::Revocations;
use super::statement::PAYLOAD_TYPE;
use super::verdict::Verdict;
use crate::base::dsse::{Envelope, Signature, signed_bytes};
use crate::model::Slug;

/// What is signed, by whom, who vouches for that one, and what is believed.
struct Case {
    names: Vec<&'static str>,
    usages: Vec<KeyUsagePurpose>,
    purposes: Vec<ExtendedKeyUsagePurpose>,
    dates: Option<(i32, i32)>,
    root: CertificateParams,
    between: Option<CertificateParams>,
    said: (&'static str, &'static str, &'static str),
    policy: &'static str,
    revoked: Box<dyn Fn(&Certificate) -> String>,
    seen: Option<DateTime<Utc>>,
}

fn authority(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params
}

fn day(year: i32) -> DateTime<Utc> {
    chrono::NaiveDate::from_ymd_opt(year, 6, 1)
        .unwrap()
        .and_hms_opt(0, 0, 0)
        .unwrap()
        .and_utc()
}

impl Case {
    fn good() -> Self {
        Self {
            names: vec!["urn:gestor-plugins:dev:acme", "urn:gestor-plugins:plugin:acme-*"],
            usages: vec![KeyUsagePurpose::DigitalSignature],
            purposes: vec![ExtendedKeyUsagePurpose::CodeSigning],
            dates: None,
            root: authority("root"),
            between: None,
            said: ("acme-shop", "1.2.3", "acme"),
            policy: "{}",
            revoked: Box::new(|_| r#"{"formato":1,"itens":[]}"#.to_owned()),
            seen: None,
        }
    }

    fn own(&self) -> CertificateParams {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "author");
        let name = |uri: &&str| SanType::URI((*uri).try_into().unwrap());
        params.subject_alt_names = self.names.iter().map(name).collect();
        params.key_usages = self.usages.clone();
        params.extended_key_usages = self.purposes.clone();
        if let Some((from, until)) = self.dates {
            params.not_before = rcgen::date_time_ymd(from, 1, 1);
            params.not_after = rcgen::date_time_ymd(until, 1, 1);
        }
        params
    }

    fn statement(&self) -> Statement {
        let (id, version, developer) = self.said;
        Statement {
            id: Slug::normalize(id).unwrap(),
            version: version.parse().unwrap(),
            developer: developer.to_owned(),
            signed_at: day(2026),
            files: Vec::new(),
        }
    }

    fn verdict(self) -> Verdict {
        let key = || KeyPair::generate_for(&PKCS_ED25519).unwrap();
        let root = CertifiedIssuer::self_signed(self.root.clone(), key()).unwrap();
        let between = self
            .between
            .clone()
            .map(|params| CertifiedIssuer::signed_by(params, key(), &root).unwrap());
        let own_key = key();
        let own = self
            .own()
            .signed_by(&own_key, between.as_deref().unwrap_or(&*root))
            .unwrap();
        let payload = self.statement().to_bytes();
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&own_key.serialize_der()).unwrap();
        let others = between.iter().map(|one| one.der().to_vec());
        let envelope = Envelope {
            payload_type: PAYLOAD_TYPE.to_owned(),
            signatures: vec![Signature {
                key: None,
                bytes: pair.sign(&signed_bytes(PAYLOAD_TYPE, &payload)).as_ref().to_vec(),
                certificates: std::iter::once(own.der().to_vec()).chain(others).collect(),
            }],
            payload,
        };
        let certificate = Certificate::read(root.der()).unwrap();
        let folder = TrustFolder {
            policy: Policy::read(self.policy.as_bytes()).unwrap(),
            revocations: Revocations::read((self.revoked)(&certificate).as_bytes()).unwrap(),
            roots: vec![Root {
                file: "root.pem".to_owned(),
                certificate,
            }],
        };
        let (slug, believed) = (
            Slug::normalize("acme-shop").unwrap(),
            Believed {
                folder: &folder,
                now: day(2026),
            },
        );
        let evidence = Evidence {
            seen: self.seen,
            published: Vec::new(),
        };
        let package = Package {
            slug: &slug,
            sha256: None,
            files: None,
            signature: Some(&envelope.to_json().into_bytes()),
            evidence: &evidence,
        };
        let judgement = judge(package, believed).of_version((&slug, None), "1.2.3".parse().unwrap(), &folder);
        judgement.verdict()
    }
}

/// What is changed of a good case, and the verdict.
type Fault = (&'static str, fn(&mut Case), Verdict);

static FAULTS: &[Fault] = &[
    ("nothing", |_| (), Verdict::Valid),
    (
        "between",
        |case| case.between = Some(authority("between")),
        Verdict::Valid,
    ),
    ("no purpose", |case| case.purposes.clear(), Verdict::Unknown),
    (
        "another purpose",
        |case| case.purposes = vec![ExtendedKeyUsagePurpose::ServerAuth],
        Verdict::Unknown,
    ),
    (
        "any purpose",
        |case| case.purposes = vec![ExtendedKeyUsagePurpose::Any],
        Verdict::Unknown,
    ),
    ("no usage", |case| case.usages.clear(), Verdict::Unknown),
    (
        "another usage",
        |case| case.usages = vec![KeyUsagePurpose::KeyAgreement],
        Verdict::Unknown,
    ),
    (
        "a root that certifies nobody",
        |case| case.root.key_usages = vec![KeyUsagePurpose::CrlSign],
        Verdict::Unknown,
    ),
    (
        "a root for servers",
        |case| case.root.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth],
        Verdict::Unknown,
    ),
    (
        "a root that is no authority",
        |case| case.root.is_ca = IsCa::ExplicitNoCa,
        Verdict::Unknown,
    ),
    (
        "a root that lets nobody stand between",
        |case| {
            case.root.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
            case.between = Some(authority("between"));
        },
        Verdict::Unknown,
    ),
    (
        "one between that certifies nobody",
        |case| {
            let mut between = authority("between");
            between.key_usages = vec![KeyUsagePurpose::CrlSign];
            case.between = Some(between);
        },
        Verdict::Unknown,
    ),
    ("another plugin", |case| case.said.0 = "acme-other", Verdict::OutOfScope),
    ("another version", |case| case.said.1 = "1.2.4", Verdict::OutOfScope),
    ("another developer", |case| case.said.2 = "mallory", Verdict::OutOfScope),
    (
        "a certificate of other plugins",
        |case| case.names[1] = "urn:gestor-plugins:plugin:other-*",
        Verdict::OutOfScope,
    ),
    (
        "a certificate of two developers",
        |case| case.names.push("urn:gestor-plugins:dev:other"),
        Verdict::OutOfScope,
    ),
    (
        "a developer whom the policy does not name",
        |case| case.policy = r#"{"plugins":{"acme-*":{"desenvolvedores":["other"]}}}"#,
        Verdict::OutOfScope,
    ),
    (
        "a root for other plugins",
        |case| case.policy = r#"{"raizes":{"root.pem":{"plugins":["other"]}}}"#,
        Verdict::Unknown,
    ),
    (
        "a root for other developers",
        |case| case.policy = r#"{"raizes":{"root.pem":{"desenvolvedores":["other"]}}}"#,
        Verdict::Unknown,
    ),
    (
        "a root that was withdrawn",
        |case| {
            case.revoked = Box::new(|root| format!(r#"{{"formato":1,"itens":[{{"chave":"{}"}}]}}"#, root.key_digest));
        },
        Verdict::Unknown,
    ),
    (
        "a root that was withdrawn for another plugin",
        |case| {
            case.revoked = Box::new(|root| {
                format!(
                    r#"{{"formato":1,"itens":[{{"plugin":"other","chave":"{}"}}]}}"#,
                    root.key_digest
                )
            });
        },
        Verdict::Valid,
    ),
    ("ended", |case| case.dates = Some((2020, 2021)), Verdict::Expired),
    ("not begun", |case| case.dates = Some((2030, 2031)), Verdict::Unknown),
    (
        "ended, and seen before",
        |case| (case.dates, case.seen) = (Some((2020, 2022)), Some(day(2021))),
        Verdict::Valid,
    ),
    (
        "ended, and seen since",
        |case| (case.dates, case.seen) = (Some((2020, 2022)), Some(day(2022))),
        Verdict::Expired,
    ),
    (
        "ended, and seen before it began",
        |case| (case.dates, case.seen) = (Some((2020, 2022)), Some(day(2019))),
        Verdict::Expired,
    ),
];

#[test]
fn every_fault_alone_is_noticed() {
    for (name, spoil, expected) in FAULTS {
        let mut case = Case::good();
        spoil(&mut case);
        assert_eq!(case.verdict(), *expected, "{name}");
    }
}
