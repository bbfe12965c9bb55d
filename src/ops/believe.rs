//! What a site believes of a package's signature, and what follows from that: told, warned of, refused (SPEC 3 §3).

use chrono::{DateTime, SecondsFormat, Utc};

use super::Error;
use super::index_words::IndexWords;
use super::reporter::OperationReporter;
use super::trust_folder;
use crate::archive::ArchiveError;
use crate::base::clock::Clock;
use crate::base::db::Database;
use crate::config::{SignatureLevel, Site};
use crate::log::{Message, Reporter};
use crate::model::{Bilingual, GestorRoot, Lang, Sha256Digest, Slug};
use crate::outcome::{Report, SignatureReport};
use crate::stage;
use crate::transaction::TransactionError;
use crate::trust::{
    self, Answer, Asked, Believed, Evidence, FILE_NAME, Judgement, MAX_BYTES, Package, Policy, Reason, TrustError,
    TrustFolder, Verdict,
};

/// Roots, policy and revocations of a site, those of its indices among them, and the time.
pub(super) struct Belief {
    pub(super) folder: TrustFolder,
    now: DateTime<Utc>,
}

impl Belief {
    /// Reads the trust folder of a site, and adds what its indices withdraw.
    pub(super) fn of(site: &Site, clock: &dyn Clock, words: &IndexWords<'_>) -> Result<Self, Error> {
        let mut folder = trust_folder::read(site)?;
        folder.revocations.join(words.revocations());
        Ok(Self {
            folder,
            now: clock.now().to_utc(),
        })
    }

    /// How strictly a plugin is judged that comes from nowhere in particular.
    pub(super) fn level(&self, site: &Site, slug: &Slug) -> SignatureLevel {
        level_of(&self.folder.policy, site, slug)
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
        (database, words): (&mut Database, &IndexWords<'_>),
    ) -> Result<Judgement, Error> {
        let sha256 = sha256.and_then(|text| text.parse::<Sha256Digest>().ok());
        let found = sha256.map(|sha256| evidence(words, Some(database), (slug, sha256)));
        let found = found.transpose()?.unwrap_or_default();
        let signature = stage::installed_bytes(root, slug, (FILE_NAME, MAX_BYTES + 1));
        let package = Package {
            slug,
            sha256,
            files: None,
            signature: signature.as_deref(),
            evidence: &found,
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

/// How strictly a plugin is judged that comes from nowhere in particular, by a policy.
pub(super) fn level_of(policy: &Policy, site: &Site, slug: &Slug) -> SignatureLevel {
    let asked = Asked {
        origins: None,
        setting: site.signature.machine,
        call: site.signature.call,
    };
    policy.level(slug, asked)
}

/// What shows how old a package is: that it was seen here, where there is a database, and what fresh indices say of it.
pub(super) fn evidence(
    words: &IndexWords<'_>,
    database: Option<&mut Database>,
    (slug, sha256): (&Slug, Sha256Digest),
) -> Result<Evidence, Error> {
    let seen = database.map(|database| trust::evidence(database, slug, sha256));
    Ok(Evidence {
        seen: seen.transpose()?.flatten(),
        published: words.published(slug, sha256)?,
    })
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
