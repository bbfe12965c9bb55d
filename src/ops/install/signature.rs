//! The signature of a package: judged before anything of it is believed, and admitted once its version is known (SPEC 3 §3).

use super::Installation;
use super::before::Before;
use crate::base::fs::is_folder;
use crate::config::{Origin, SignatureLevel};
use crate::log::{Message, Reporter};
use crate::model::Version;
use crate::ops::Error;
use crate::ops::believe::{Belief, evidence, refusal, shown};
use crate::ops::index_words::{IndexWords, followed};
use crate::outcome::Report;
use crate::package::LocatedPackage;
use crate::transaction::Context;
use crate::trust::{self, Answer, Asked, Judgement, Origins, Policy, TrustError, Verdict};

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
    /// Whether signatures are looked at, as far as that is known before there is a package.
    pub(super) fn looks(&self, policy: &Policy) -> bool {
        let packs = matches!(&self.call.origin, Origin::LocalPath(Some(path)) if is_folder(path));
        let is_indexed = matches!(self.call.origin, Origin::Index(_));
        is_indexed || self.level(policy, (packs, "")) != SignatureLevel::Off
    }

    fn level(&self, policy: &Policy, (is_folder, origin): (bool, &str)) -> SignatureLevel {
        let origins = Origins::of(&self.call.origin, is_folder, origin);
        let asked = Asked {
            origins: Some(&origins),
            setting: self.call.site.signature.machine,
            call: self.call.site.signature.call,
        };
        policy.level(self.slug, asked)
    }

    /// Judges a package. From here on no file of it is read that is not as it was signed.
    pub(super) fn judge(
        &self,
        cx: &mut Context<'_>,
        (located, comes): (LocatedPackage, Comes<'_>),
        report: &mut Report,
    ) -> Result<JudgedPackage, Error> {
        let site = &self.call.site;
        let nothing = IndexWords::none();
        let words = self.words.unwrap_or(&nothing);
        let belief = Belief::of(site, cx.reporter.clock(), words)?;
        let level = self.level(&belief.folder.policy, (comes.is_folder, comes.from));
        if level == SignatureLevel::Off || words.has_asked() {
            return self.judge_by(cx, (located, level, comes.is_signed), (belief, words), report);
        }
        // Nobody would have looked at what seemed a folder.
        let followed = followed((site, self.settings), self.reporter, |_| true)?;
        let words = IndexWords::of(followed.as_ref(), site, self.reporter, !self.call.dry_run)?;
        let belief = Belief::of(site, cx.reporter.clock(), &words)?;
        self.judge_by(cx, (located, level, comes.is_signed), (belief, &words), report)
    }

    fn judge_by(
        &self,
        cx: &mut Context<'_>,
        (mut located, level, is_signed): (LocatedPackage, SignatureLevel, bool),
        (belief, words): (Belief, &IndexWords<'_>),
        report: &mut Report,
    ) -> Result<JudgedPackage, Error> {
        words.admit(level)?;
        let judgement = if level == SignatureLevel::Off && !is_signed {
            located.judge_unsigned(self.slug, belief.believed())
        } else {
            let about = (self.slug, located.sha256());
            let found = evidence(words, Some(&mut cx.session.database), about)?;
            located.judge(self.slug, &found, belief.believed())?
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
        let nothing = IndexWords::none();
        let words = self.words.unwrap_or(&nothing);
        let installed = belief.of_installed(root, self.slug, (version, checksum), (database, words))?;
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
