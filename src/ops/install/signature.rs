//! The signature of a package: judged before anything of it is believed, and admitted once its version is known (SPEC 3 §3).

use chrono::{DateTime, Utc};

use super::Installation;
use super::before::Before;
use crate::config::SignatureLevel;
use crate::log::{Message, Reporter};
use crate::model::Version;
use crate::ops::Error;
use crate::ops::believe::{Belief, refusal, shown};
use crate::outcome::Report;
use crate::package::LocatedPackage;
use crate::transaction::Context;
use crate::trust::{self, Answer, Asked, Judgement, Origins, TrustError, Verdict};

/// A package of which is known what its signature is worth, but for the version.
pub(super) struct JudgedPackage {
    pub(super) located: LocatedPackage,
    judgement: Judgement,
    belief: Belief,
    level: SignatureLevel,
}

/// Where a package comes from, as far as its signature is judged by that.
#[derive(Clone, Copy)]
pub(super) struct Comes<'o> {
    /// It was packed here and now of a folder.
    pub(super) is_folder: bool,
    /// Its origin.
    pub(super) from: &'o str,
    /// An index says who signed it, so that it is looked at whatever the site asks for.
    pub(super) is_signed: bool,
}

/// A signature that passed.
pub(super) struct AdmittedSignature {
    pub(super) judgement: Judgement,
    /// The operator lets its scripts run.
    pub(super) runs_scripts: bool,
}

impl Installation<'_> {
    /// Judges a package. From here on no file of it is read that is not as it was signed.
    pub(super) fn judge(
        &self,
        cx: &mut Context<'_>,
        (mut located, comes): (LocatedPackage, Comes<'_>),
        report: &mut Report,
    ) -> Result<JudgedPackage, Error> {
        let site = &self.call.site;
        let belief = Belief::of(site, cx.reporter.clock())?;
        let origins = Origins::of(&self.call.origin, comes.is_folder, comes.from);
        let asked = Asked {
            origins: Some(&origins),
            setting: site.signature.machine,
            call: site.signature.call,
        };
        let level = belief.folder.policy.level(self.slug, asked);
        let judgement = if level == SignatureLevel::Off && !comes.is_signed {
            located.judge_unsigned(self.slug, belief.believed())
        } else {
            let seen: Option<DateTime<Utc>> = trust::evidence(&mut cx.session.database, self.slug, located.sha256())?;
            located.judge(self.slug, seen, belief.believed())?
        };
        report.assinatura = Some(shown(&judgement, self.reporter.lang()));
        if belief.answer(&judgement, level) == Answer::Refused {
            return Err(refusal(&judgement).into());
        }
        Ok(JudgedPackage {
            located,
            judgement,
            belief,
            level,
        })
    }

    /// Admits it, once its version is known: by its own verdict, by who signed what is installed, and by what had this
    /// version's number before.
    pub(super) fn admit_signature(
        &self,
        cx: &mut Context<'_>,
        before: &Before,
        (judged, version): (JudgedPackage, Version),
        report: &mut Report,
    ) -> Result<(LocatedPackage, AdmittedSignature), Error> {
        let JudgedPackage {
            located,
            judgement,
            belief,
            level,
        } = judged;
        let judgement = located.judge_version(judgement, (self.slug, version), belief.believed());
        report.assinatura = Some(shown(&judgement, self.reporter.lang()));
        belief.admit(&judgement, level, self.reporter)?;
        if level != SignatureLevel::Off {
            self.admit_signer(cx, before, &judgement)?;
            self.admit_bytes(cx, &located, (version, level))?;
        }
        let may_start = !self.settings.starts_nothing || self.call.site.trust == self.settings.trust;
        let is_valid = judgement.verdict() == Verdict::Valid;
        let runs_scripts = is_valid && may_start && belief.folder.policy.runs_scripts(self.slug);
        Ok((
            located,
            AdmittedSignature {
                judgement,
                runs_scripts,
            },
        ))
    }

    /// What comes is signed by whoever signed what is installed. A way back leads to what was admitted before.
    fn admit_signer(&self, cx: &mut Context<'_>, before: &Before, judgement: &Judgement) -> Result<(), Error> {
        let leads_back = self.wanted.is_some() || self.repair.is_some();
        let Some(checksum) = before.installed.checksum.as_deref() else {
            return Ok(());
        };
        if leads_back || !before.is_installed() {
            return Ok(());
        }
        let Some(signer) = trust::signer_of(&mut cx.session.database, self.slug, checksum)? else {
            return Ok(());
        };
        let found = judgement.believed_developer();
        if found == Some(signer.as_str()) {
            return Ok(());
        }
        let changed = TrustError::OtherSigner {
            installed: before.installed.version.clone().unwrap_or_default(),
            before: signer,
            found: found.map(str::to_owned),
        };
        if self.call.site.signature.changes_signer {
            let before = before.installed.version.clone().unwrap_or_default();
            self.reporter
                .message(Message::Warning(trust::signer_changed(&before, found)));
            return Ok(());
        }
        Err(changed.into())
    }

    /// A version that comes from elsewhere is what it was when it was seen before.
    fn admit_bytes(
        &self,
        cx: &mut Context<'_>,
        located: &LocatedPackage,
        (version, level): (Version, SignatureLevel),
    ) -> Result<(), Error> {
        if !self.call.origin.is_remote() {
            return Ok(());
        }
        let version = version.to_string();
        let other = trust::other_bytes(&mut cx.session.database, self.slug, &version, located.sha256())?;
        let Some(before) = other else { return Ok(()) };
        if level == SignatureLevel::Require {
            return Err(TrustError::OtherBytes { version, before }.into());
        }
        self.reporter
            .message(Message::Warning(trust::other_bytes_seen(&version, &before)));
        Ok(())
    }
}
