//! `plugin_index_publish`: an index of one's own (SPEC 3 §4): keys and an empty one, versions of plugins, renewing,
//! signing the root again. A package is looked at as an installation looks at it before anything is signed.

use std::fs::File;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Instant;

use serde_json::{Map, Value, json};

use super::believe::{self, Belief};
use super::caller::{Caller, Outcome};
use super::definition::{CommandOption, Definition, Effect, Gives, Request};
use super::index_words::IndexWords;
use super::reporter::OperationReporter;
use super::{Error, look};
use crate::archive::{ArchiveError, Blacklist};
use crate::base::clock::Clock;
use crate::base::fs::{Attempt, FsError, open_named, read_all, remove_file};
use crate::base::net::{Address, BodyKind, Request as WebRequest};
use crate::config::parameter::{ACTION, FILE, KEY_FOLDER, PUBLISHED_FOLDER, REVOCATIONS, ROOT};
use crate::config::{PublishAction, PublishParameters, Published, Settings, SignatureLevel, Site};
use crate::index::publish::{
    KeyFolder, NewVersion, PublishFault, Published as Done, Repository, signed_by, still_withdrawn,
};
use crate::index::{Channel, IndexFault, Signer, client};
use crate::log::{Message, Reporter};
use crate::manifest::Manifest;
use crate::model::{Component, Phrase, Slug};
use crate::package::{self, VerifiedPackage};
use crate::source::SourceError;
use crate::trust::{Evidence, Judgement, Revocations, Verdict};

/// Bytes of a list of what is revoked.
const REVOCATION_BYTES: u64 = 8 << 20;

/// What it is to those who offer it.
pub(super) static DEFINITION: Definition = Definition {
    word: "index_publish",
    function: "plugin_index_publish",
    options: &[CommandOption {
        name: "publicar-indice",
        implies: &[],
        help: Phrase::new(
            "publicar um índice assinado: --publicar-indice=iniciar|publicar|renovar|assinar-raiz --pasta-publicada= --pasta-chaves= [--arquivo= --url=]",
            "publish a signed index: --publicar-indice=iniciar|publicar|renovar|assinar-raiz --pasta-publicada= --pasta-chaves= [--arquivo= --url=]",
        ),
    }],
    takes: PublishParameters::TAKES,
    requires: &[ROOT, ACTION, PUBLISHED_FOLDER, KEY_FOLDER],
    gives: Gives::Code,
    reports: &["PluginIndexPublishReport"],
    summary: Phrase::new(
        "Publica um índice assinado numa pasta que um servidor web mostra: `iniciar` cria chaves e um índice vazio, `publicar` acrescenta ou retira uma versão ou troca a lista do que foi revogado, `renovar` assina de novo o que vence em dias, `assinar-raiz` a raiz. O pacote é examinado como numa instalação antes de ser assinado.",
        "Publishes a signed index in a folder that a web server shows: `iniciar` makes keys and an empty index, `publicar` adds or withdraws a version or replaces the list of what is revoked, `renovar` signs again what ends within days, `assinar-raiz` the root. The package is looked at as in an installation before it is signed.",
    ),
    read: |given, settings| Ok(Box::new(PublishParameters::read(given, settings)?)),
};

impl Request for PublishParameters {
    fn site(&self) -> &Site {
        &self.site
    }

    fn site_mut(&mut self) -> &mut Site {
        &mut self.site
    }

    fn paths(&self) -> Vec<(&'static str, &Path)> {
        let mut paths = vec![
            (PUBLISHED_FOLDER.name, self.folder.as_path()),
            (KEY_FOLDER.name, self.keys.as_path()),
        ];
        match &self.action {
            PublishAction::Publish(Published { file: Some(file), .. }) => paths.push((FILE.name, file)),
            PublishAction::Revoke(list) => paths.push((REVOCATIONS.name, list)),
            _ => {}
        }
        paths
    }

    fn effect(&self) -> Effect {
        // What an author makes is no site's.
        Effect::Looks
    }

    fn carry_out(&self, settings: &Settings, caller: &Caller, clock: &dyn Clock) -> Outcome {
        let started = Instant::now();
        let reporter = OperationReporter::new(caller, clock, "", self.site.lang);
        let mut report = Map::new();
        let ended = publish(self, settings, (&reporter, clock), &mut report);
        look::answer(report, ended, &reporter, started)
    }
}

fn shown(done: &Done) -> Map<String, Value> {
    let shown = json!({
        "raiz": done.root,
        "raiz_sha256": done.root_sha256,
        "alvos": done.targets,
        "carimbo": done.timestamp,
        "vence_em": done.ends,
    });
    look::one("publicado", shown)
}

fn publish(
    call: &PublishParameters,
    settings: &Settings,
    (reporter, clock): (&OperationReporter<'_>, &dyn Clock),
    report: &mut Map<String, Value>,
) -> Result<(), Error> {
    let (keys, now) = (KeyFolder::new(&call.keys), clock.now());
    if call.action == PublishAction::Begin {
        report.extend(shown(&Repository::begin(&call.folder, &keys, now)?));
        return Ok(());
    }
    let mut repository = Repository::open(&call.folder, &keys, now)?;
    let done = match &call.action {
        PublishAction::Begin | PublishAction::Renew => repository.renew()?,
        PublishAction::SignRoot => repository.sign_root()?,
        PublishAction::Withdraw { slug, version, reason } => {
            repository.withdraw(&Slug::normalize(slug)?, version, reason)?
        }
        PublishAction::Revoke(path) => {
            let file = open_named(path, REVOCATION_BYTES)?;
            let bytes = read_all(file, path, REVOCATION_BYTES)?;
            check_revocations(path, &bytes)?;
            repository.revoke(path, &bytes)?
        }
        PublishAction::Publish(new) => {
            let package = brought(call, new, settings, reporter)?;
            let examined = examined(call, &package, (reporter, clock))?;
            let signature = believe::shown(&examined.judgement, reporter.lang());
            let version = examined.manifest.version.to_string();
            let done = repository.add(NewVersion {
                published_at: now.to_rfc3339_opts(chrono::SecondsFormat::Secs, false),
                ..described(new, &package, examined)?
            })?;
            report.insert("assinatura".to_owned(), json!(signature));
            if let Some(reason) = &done.withdrawn {
                reporter.message(Message::Warning(still_withdrawn(&version, reason)));
            }
            done
        }
    };
    report.extend(shown(&done));
    Ok(())
}

/// Sites that follow the index have to be able to read it.
fn check_revocations(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let unreadable = |fault: String| PublishFault::Revocations {
        path: path.to_owned(),
        reason: Phrase::of_others(format!("\"{fault}\"")),
    };
    Revocations::read(bytes).map_err(unreadable)?;
    Ok(())
}

/// The package, from this machine or from its address; with the SHA-256 that it has to have, where one is said.
fn brought(
    call: &PublishParameters,
    new: &Published,
    settings: &Settings,
    reporter: &OperationReporter<'_>,
) -> Result<VerifiedPackage, Error> {
    let file = match &new.file {
        Some(path) => open_named(path, call.site.limits.package_bytes)?,
        None => fetched(call, new, settings, reporter)?,
    };
    let package = VerifiedPackage::packed(new.file.as_deref().unwrap_or(&call.folder), file)?;
    if let Some(text) = &new.sha256 {
        let expected = crate::source::parse_checksum_file(text.as_bytes(), None);
        let expected = expected.map_err(|source| SourceError::ChecksumParameter { source })?;
        let found = package.sha256();
        if expected != found {
            let offered_by = crate::source::OfferedBy::Parameter;
            return Err(SourceError::ChecksumDiffers {
                offered_by,
                expected,
                found,
            }
            .into());
        }
    }
    Ok(package)
}

fn fetched(
    call: &PublishParameters,
    new: &Published,
    settings: &Settings,
    reporter: &OperationReporter<'_>,
) -> Result<File, Error> {
    let web = client(settings, None).map_err(IndexFault::Address)?;
    let url = new.urls.first().map(String::as_str).unwrap_or_default();
    let request = WebRequest {
        address: Address::parse(url).map_err(SourceError::from)?,
        accept: "application/octet-stream",
        credential: None,
        limit: call.site.limits.package_bytes,
        kind: BodyKind::Zip,
    };
    let path = call.folder.join(".pacote.partial");
    let fetched = web.download(&request, &path, reporter);
    // It is read by its handle, and stands in nobody's folder.
    let removed = remove_file(&path);
    let fetched = fetched.map_err(SourceError::from)?;
    removed?;
    let same = fetched.file.try_clone();
    Ok(same.map_err(|fault| FsError::new(Attempt::Read, &path, fault))?)
}

/// A package that was looked at: what it says of itself, and what its signature is worth.
struct Examined {
    slug: Slug,
    manifest: Manifest,
    migrates: bool,
    judgement: Judgement,
}

/// Looks at a package as an installation does, at every file of it.
///
/// # Errors
/// What is wrong with it; a signature that does not hold, or not for this.
fn examined(
    call: &PublishParameters,
    package: &VerifiedPackage,
    (reporter, clock): (&OperationReporter<'_>, &dyn Clock),
) -> Result<Examined, Error> {
    let opened = package::open(package, &call.site.limits, &Blacklist::from_settings(None))?;
    let slug = Slug::normalize(&opened.id()?)?;
    let belief = Belief::of(&call.site, clock, &IndexWords::none())?;
    let mut located = opened.locate(&slug)?;
    let judgement = located.judge(&slug, &Evidence::default(), belief.believed())?;
    let manifest = located.read_manifest(&slug, None)?;
    let judgement = located.judge_version(judgement, (&slug, manifest.version), belief.believed());
    let judgement = match located.archive().verify(&|_, _| ControlFlow::Continue(())) {
        Err(ArchiveError::NotAsSigned(path)) => judgement.differing(&path),
        verified => verified.map(|()| judgement)?,
    };
    match (judgement.verdict(), judgement.developer(), judgement.key()) {
        // Where nobody is believed there is nothing to say of whom to believe.
        (Verdict::Unknown, Some(developer), Some(key)) if !belief.folder.believes() => {
            reporter.message(Message::Noted(signed_by(developer, &key.to_string())));
        }
        _ => belief.admit(&judgement, SignatureLevel::Warn, reporter)?,
    }
    Ok(Examined {
        migrates: located.contents().has_migrations(),
        slug,
        manifest,
        judgement,
    })
}

/// Who signed it, as an index says it.
fn signer(judgement: &Judgement) -> Option<Signer> {
    Some(Signer {
        desenvolvedor: judgement.developer()?.to_owned(),
        chave: judgement.key()?.to_string(),
    })
}

/// What its manifest says.
fn described(new: &Published, package: &VerifiedPackage, examined: Examined) -> Result<NewVersion, Error> {
    let read = examined.manifest;
    let on_gestor = read.dependencies.iter().filter(|need| need.on == Component::Gestor);
    let range = read
        .compatibility
        .as_ref()
        .and_then(crate::manifest::Compatibility::range);
    let all = on_gestor.map(|need| need.range.clone()).chain(range);
    let compatibility = all.reduce(|one, other| one.and(&other)).map(|range| range.to_string());
    Ok(NewVersion {
        slug: examined.slug,
        name: read.name,
        version: read.version,
        sha256: package.sha256(),
        size: package.length().unwrap_or_default(),
        urls: new.urls.clone(),
        published_at: String::new(),
        channel: match new.channel.as_deref() {
            None | Some("estavel") => Channel::Estavel,
            Some("previa") => Channel::Previa,
            Some(other) => return Err(wrong_channel(other)),
        },
        dependencies: read
            .dependencies
            .into_iter()
            .filter(|need| need.on != Component::Gestor)
            .collect(),
        compatibility,
        signer: signer(&examined.judgement),
        migrates: examined.migrates,
        mends: new.mends.clone(),
        summary: new.summary.clone(),
    })
}

fn wrong_channel(found: &str) -> Error {
    Error::Call(crate::config::CallError::WrongValue {
        key: crate::config::parameter::CHANNEL.name.to_owned(),
        found: found.chars().take(80).collect(),
        allowed: Phrase::of_words("estavel, previa"),
    })
}
