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
        (mut located, is_folder, origin): (LocatedPackage, bool, &str),
        report: &mut Report,
    ) -> Result<JudgedPackage, Error> {
        let site = &self.call.site;
        let belief = Belief::of(site, cx.reporter.clock())?;
        let origins = Origins::of(&self.call.origin, is_folder, origin);
        let asked = Asked {
            origins: Some(&origins),
            setting: site.signature.machine,
            call: site.signature.call,
        };
        let level = belief.folder.policy.level(self.slug, asked);
        let judgement = if level == SignatureLevel::Off {
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
            self.admit_signer(cx, before, (&judgement, &belief))?;
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
    fn admit_signer(
        &self,
        cx: &mut Context<'_>,
        before: &Before,
        (judgement, belief): (&Judgement, &Belief),
    ) -> Result<(), Error> {
        if self.wanted.is_some() || self.repair.is_some() {
            return Ok(());
        }
        let found = judgement.believed_developer();
        if !before.is_installed() {
            let last = trust::last_signer(&mut cx.session.database, self.slug)?;
            if let Some(last) = last.filter(|last| found != Some(last.as_str())) {
                self.reporter
                    .message(Message::Warning(trust::signer_before(&last, found)));
            }
            return Ok(());
        }
        let Some(signer) = self.signer(cx, before, belief)? else {
            return Ok(());
        };
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

    /// Who signed what is installed: by the signature in its tree, which nobody makes who only writes to the database, else by
    /// what was noted of it.
    fn signer(&self, cx: &mut Context<'_>, before: &Before, belief: &Belief) -> Result<Option<String>, Error> {
        let (version, checksum) = (
            before.installed.version.as_deref(),
            before.installed.checksum.as_deref(),
        );
        let root = &self.call.site.root;
        let database = &mut cx.session.database;
        let installed = belief.of_installed(root, self.slug, (version, checksum), database)?;
        if let Some(developer) = installed.believed_developer() {
            return Ok(Some(developer.to_owned()));
        }
        let noted = checksum.map(|checksum| trust::signer_of(database, self.slug, checksum));
        Ok(noted.transpose()?.flatten())
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
