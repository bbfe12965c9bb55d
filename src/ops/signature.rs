//! `plugin_signature`: what is thought of a package's signature. Nothing is installed, and nothing is left behind (SPEC 3 §3).

use std::path::Path;
use std::time::Instant;

use std::ops::ControlFlow;

use serde_json::{Map, Value, json};

use super::believe::{Belief, evidence, level_of, shown};
use super::caller::{Caller, Outcome};
use super::definition::{CommandOption, Definition, Effect, Gives, Request};
use super::index_words::{IndexWords, followed};
use super::look;
use super::reporter::OperationReporter;
use crate::archive::{ArchiveError, Blacklist};
use crate::base::clock::Clock;
use crate::base::db::Database;
use crate::base::fs::open_named;
use crate::config::parameter::{FILE, ROOT};
use crate::config::{Settings, SignatureLevel, SignatureParameters, Site};
use crate::model::{Phrase, Slug};
use crate::ops::Error;
use crate::package::{self, VerifiedPackage};
use crate::trust::{self, Judgement, Policy};

/// What it is to those who offer it.
pub(super) static DEFINITION: Definition = Definition {
    word: "signature",
    function: "plugin_signature",
    options: &[CommandOption {
        name: "conferir-assinatura",
        implies: &[],
        help: Phrase::new(
            "o que se pensa da assinatura de um pacote, sem instalar nada",
            "what is thought of a package's signature, without installing anything",
        ),
    }],
    takes: SignatureParameters::TAKES,
    requires: &[FILE, ROOT],
    gives: Gives::Report,
    reports: &["PluginSignatureReport", "PluginInstallReport"],
    summary: Phrase::new(
        "O que se pensa da assinatura de um pacote: de quem é, e se o pacote é o que foi assinado. Nada é instalado.",
        "What is thought of a package's signature: whose it is, and whether the package is what was signed. Nothing is installed.",
    ),
    read: |given, settings| Ok(Box::new(SignatureParameters::read(given, settings)?)),
};

impl Request for SignatureParameters {
    fn site(&self) -> &Site {
        &self.site
    }

    fn site_mut(&mut self) -> &mut Site {
        &mut self.site
    }

    fn slug(&self) -> Option<&str> {
        self.slug.as_deref()
    }

    fn paths(&self) -> Vec<(&'static str, &Path)> {
        vec![(FILE.name, &self.file)]
    }

    fn effect(&self) -> Effect {
        Effect::Looks
    }

    fn carry_out(&self, settings: &Settings, caller: &Caller, clock: &dyn Clock) -> Outcome {
        let started = Instant::now();
        let reporter = OperationReporter::new(caller, clock, self.slug.as_deref().unwrap_or_default(), self.site.lang);
        let mut found = Map::new();
        let ended = judge(self, (settings, clock), &reporter, &mut found);
        look::answer(found, ended, &reporter, started)
    }
}

fn judge(
    call: &SignatureParameters,
    (settings, clock): (&Settings, &dyn Clock),
    reporter: &OperationReporter<'_>,
    found: &mut Map<String, Value>,
) -> Result<(), Error> {
    let site = &call.site;
    let blacklist = Blacklist::from_settings(site.blacklist.as_deref());
    let file = open_named(&call.file, site.limits.package_bytes)?;
    let verified = VerifiedPackage::packed(&call.file, file)?;
    let opened = package::open(&verified, &site.limits, &blacklist)?;
    let slug = match &call.slug {
        Some(name) => Slug::normalize(name)?,
        None => Slug::normalize(&opened.id()?)?,
    };
    found.insert("slug".to_owned(), slug.as_str().into());
    found.insert("checksum".to_owned(), verified.sha256().to_string().into());
    let mut located = opened.locate(&slug)?;
    let looks = |policy: &Policy| level_of(policy, site, &slug) != SignatureLevel::Off;
    let followed = followed((site, settings), reporter, looks)?;
    let words = IndexWords::of(followed.as_ref(), site, reporter, false)?;
    let belief = Belief::of(site, clock, &words)?;
    let level = belief.level(site, &slug);
    words.admit(level)?;
    let database = site.database.as_ref().map(Database::connect).transpose();
    let evidence = evidence(&words, database?.as_mut(), (&slug, verified.sha256()))?;
    let mut judgement = located.judge(&slug, &evidence, belief.believed())?;
    let read = located.read_manifest(&slug, None);
    if let Ok(manifest) = &read {
        found.insert("versao".to_owned(), manifest.version.to_string().into());
        judgement = located.judge_version(judgement, (&slug, manifest.version), belief.believed());
    }
    // Every file, whatever becomes of it later.
    let judgement = match located.archive().verify(&|_, _| ControlFlow::Continue(())) {
        Err(ArchiveError::NotAsSigned(path)) => judgement.differing(&path),
        verified => verified.map(|()| judgement)?,
    };
    tell(&judgement, reporter, found);
    found.insert("nivel".to_owned(), level.word().into());
    belief.admit(&judgement, level, reporter)?;
    read?;
    Ok(())
}

fn tell(judgement: &Judgement, reporter: &OperationReporter<'_>, found: &mut Map<String, Value>) {
    found.insert("assinatura".to_owned(), json!(shown(judgement, reporter.lang())));
    if let Some(statement) = judgement.statement() {
        found.insert("assinados".to_owned(), statement.files.len().into());
        found.insert("assinado_em".to_owned(), trust::signed_at(statement).into());
    }
}
