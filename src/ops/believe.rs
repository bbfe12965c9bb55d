//! What a site believes of a package's signature, and what follows from that: told, warned of, refused (SPEC §13).

use std::path::Path;

use chrono::{DateTime, SecondsFormat, Utc};

use super::Error;
use super::reporter::OperationReporter;
use crate::archive::ArchiveError;
use crate::base::clock::Clock;
use crate::base::fs::Owner;
use crate::config::{SignatureLevel, Site};
use crate::log::{Message, Reporter};
use crate::model::{Bilingual, Lang};
use crate::outcome::{Report, SignatureReport};
use crate::stage;
use crate::transaction::TransactionError;
use crate::trust::{self, Answer, Believed, Judgement, Reason, TrustError, TrustFolder, Verdict};

/// Roots, policy and revocations of a site, and the time.
pub(super) struct Belief {
    pub(super) folder: TrustFolder,
    now: DateTime<Utc>,
}

impl Belief {
    /// Reads the trust folder of a site.
    pub(super) fn of(site: &Site, clock: &dyn Clock) -> Result<Self, Error> {
        let path = site.trust.as_deref();
        Ok(Self {
            folder: path.map_or_else(|| Ok(TrustFolder::default()), |path| read(site, path))?,
            now: clock.now().to_utc(),
        })
    }

    /// What packages are judged by.
    pub(super) fn believed(&self) -> Believed<'_> {
        Believed {
            folder: &self.folder,
            now: self.now,
        }
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
        let said = || trust::told(judgement);
        match self.answer(judgement, level) {
            Answer::Good => reporter.message(Message::Told(said())),
            Answer::Info => reporter.message(Message::Noted(said())),
            Answer::Warning => reporter.message(Message::Warning(said())),
            Answer::Refused => return Err(refusal(judgement)),
        }
        if let Some(notice) = judgement.revocation().filter(|found| !found.is_blocked) {
            reporter.message(Message::Warning(trust::verdict_line(notice)));
        }
        Ok(())
    }
}

fn read(site: &Site, path: &Path) -> Result<TrustFolder, Error> {
    let owner: Owner = stage::owner(&site.root)?;
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
