//! What a site believes of a package's signature, and what follows from that: told, warned of, refused (SPEC 3 §3).

use std::path::Path;

use chrono::{DateTime, SecondsFormat, Utc};

use super::Error;
use super::reporter::OperationReporter;
use super::trust_folder::{self, standing_trust_folder};
use crate::archive::ArchiveError;
use crate::base::clock::Clock;
use crate::base::db::Database;
use crate::base::fs::Owner;
use crate::config::{SignatureLevel, Site};
use crate::log::{Message, Reporter};
use crate::model::{Bilingual, GestorRoot, Lang, Sha256Digest, Slug};
use crate::outcome::{Report, SignatureReport};
use crate::stage;
use crate::transaction::TransactionError;
use crate::trust::{
    self, Answer, Asked, Believed, FILE_NAME, Judgement, MAX_BYTES, Package, Reason, TrustError, TrustFolder, Verdict,
};

/// Roots, policy and revocations of a site, and the time.
pub(super) struct Belief {
    pub(super) folder: TrustFolder,
    now: DateTime<Utc>,
}

impl Belief {
    /// Reads the trust folder of a site.
    pub(super) fn of(site: &Site, clock: &dyn Clock) -> Result<Self, Error> {
        let path = standing_trust_folder(site)?;
        Ok(Self {
            folder: path.map_or_else(|| Ok(TrustFolder::default()), |path| read(site, &path))?,
            now: clock.now().to_utc(),
        })
    }

    /// How strictly a plugin is judged that comes from nowhere in particular.
    pub(super) fn level(&self, site: &Site, slug: &Slug) -> SignatureLevel {
        let asked = Asked {
            origins: None,
            setting: site.signature.machine,
            call: site.signature.call,
        };
        self.folder.policy.level(slug, asked)
    }

    /// What packages are judged by.
    pub(super) fn believed(&self) -> Believed<'_> {
        Believed {
            folder: &self.folder,
            now: self.now,
        }
    }

    /// What is thought today of what is installed, by the signature in its tree. Its files are compared elsewhere.
    pub(super) fn of_installed(
        &self,
        root: &GestorRoot,
        slug: &Slug,
        (version, sha256): (Option<&str>, Option<&str>),
        database: &mut Database,
    ) -> Result<Judgement, Error> {
        let sha256 = sha256.and_then(|text| text.parse::<Sha256Digest>().ok());
        let seen = sha256.map(|sha256| trust::evidence(database, slug, sha256));
        let signature = stage::installed_bytes(root, slug, (FILE_NAME, MAX_BYTES + 1));
        let package = Package {
            slug,
            sha256,
            files: None,
            signature: signature.as_deref(),
            seen: seen.transpose()?.flatten(),
        };
        let judgement = trust::judge(package, self.believed());
        let version = version.and_then(|text| text.parse().ok());
        Ok(match version {
            Some(version) => judgement.of_version((slug, sha256), version, &self.folder),
            None => judgement,
        })
    }

    /// What follows from what is thought of a package.
    pub(super) fn answer(&self, judgement: &Judgement, level: SignatureLevel) -> Answer {
        trust::answer(judgement.verdict(), level, self.folder.believes())
    }

    /// What is thought of a package is told; at a level it may be refused by it.
    pub(super) fn admit(
        &self,
        judgement: &Judgement,
        level: SignatureLevel,
        reporter: &OperationReporter<'_>,
    ) -> Result<(), TrustError> {
        match self.answer(judgement, level) {
            Answer::Good => reporter.message(Message::Told(trust::told(judgement))),
            Answer::Info => reporter.message(Message::Noted(trust::noted(judgement))),
            Answer::Warning => reporter.message(Message::Warning(trust::told(judgement))),
            Answer::Refused => return Err(refusal(judgement)),
        }
        if let Some(notice) = judgement.revocation().filter(|found| !found.is_blocked) {
            reporter.message(Message::Warning(trust::verdict_line(notice)));
        }
        Ok(())
    }
}

fn read(site: &Site, path: &Path) -> Result<TrustFolder, Error> {
    let owner: Owner = trust_folder::owner(site, path)?;
    Ok(TrustFolder::read(Some(path), owner)?)
}

/// Why a package is refused.
pub(super) fn refusal(judgement: &Judgement) -> TrustError {
    TrustError::Refused {
        verdict: judgement.verdict(),
        reason: judgement.reason().cloned().unwrap_or(Reason::None),
    }
}

/// The report of a package of which a file was found to be another one than was signed.
pub(super) fn tell_differing(report: &mut Report, fault: &Error, lang: Lang) {
    if let Error::Transaction(TransactionError::Archive(ArchiveError::NotAsSigned(path))) = fault
        && let Some(signature) = &mut report.assinatura
    {
        signature.veredito = Verdict::Differs.word();
        signature.motivo = Some(Reason::Other { path: path.clone() }.text(lang));
    }
}

/// What is thought of a package, for its report.
pub(super) fn shown(judgement: &Judgement, lang: Lang) -> SignatureReport {
    let reason = judgement.reason().map(|reason| reason.text(lang));
    let is_signed = !matches!(judgement.verdict(), Verdict::Absent | Verdict::Unchecked);
    SignatureReport {
        veredito: judgement.verdict().word(),
        tipo: is_signed.then_some("x509"),
        desenvolvedor: judgement.developer().map(str::to_owned),
        chave: judgement.key().map(|key| key.to_string()),
        ate: judgement
            .until()
            .map(|until| until.to_rfc3339_opts(SecondsFormat::Secs, true)),
        motivo: reason,
    }
}
