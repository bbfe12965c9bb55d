//! The signature of what is installed, judged again today (SPEC 3 §3): by whom, whether it still holds, and which files it
//! says were installed. What the tree does not have (`db/`) is compared with the kept package.

use serde::Serialize;

use super::files::FileFindings;
use crate::base::db::Database;
use crate::base::file_tree::FileTree;
use crate::base::hash::sha256_reader;
use crate::config::{OriginKind, SignatureLevel, VerifyParameters};
use crate::log::{Message, Reporter};
use crate::model::{Phrase, Slug};
use crate::ops::Error;
use crate::ops::believe::{Belief, refusal, shown};
use crate::ops::index_words::IndexWords;
use crate::ops::look::PluginOverview;
use crate::ops::reporter::OperationReporter;
use crate::outcome::SignatureReport;
use crate::package::{LocatedPackage, PackageError};
use crate::registry;
use crate::transaction::{TransactionReporter, is_data};
use crate::trust::{self, Answer, Judgement, StatedFile, TrustError, Verdict};

/// What is thought of it today.
pub(super) struct Judged {
    belief: Belief,
    judgement: Judgement,
    level: SignatureLevel,
}

/// The same, for the report.
#[derive(Debug, Serialize)]
pub(super) struct SignatureFindings {
    #[serde(flatten)]
    report: SignatureReport,
    /// Files that are as they were signed.
    iguais: usize,
    /// Files of `db/` whose package is not kept.
    nao_conferidos: usize,
}

impl Judged {
    pub(super) fn of(
        (call, words): (&VerifyParameters, &IndexWords<'_>),
        slug: &Slug,
        known: &PluginOverview,
        (database, reporter): (&mut Database, &OperationReporter<'_>),
    ) -> Result<Self, Error> {
        let belief = Belief::of(&call.site, reporter.clock(), words)?;
        let installed = (known.version(), known.sha256());
        let judgement = belief.of_installed(&call.site.root, slug, installed, (database, words))?;
        let origin = registry::recorded_origin(database, slug)?;
        let came = origin
            .reference
            .filter(|_| origin.kind.as_deref() == Some(OriginKind::Index.word()));
        if let (Some(came), (Some(version), Some(sha256))) = (came, installed)
            && let Some(told) = words.changed(&came, slug, version, sha256)?
        {
            reporter.message(Message::Warning(told));
        }
        let level = belief.level(&call.site, slug);
        Ok(Self {
            belief,
            judgement,
            level,
        })
    }

    /// The files that were signed.
    pub(super) fn files(&self) -> Option<&[StatedFile]> {
        self.judgement.files()
    }

    /// It was withdrawn: that counts as damage.
    pub(super) fn is_revoked(&self) -> bool {
        self.judgement.verdict() == Verdict::Revoked
    }

    /// What is thought of it, in words.
    pub(super) fn told(&self) -> Phrase {
        trust::told(&self.judgement)
    }

    /// A signature that does not hold any more.
    pub(super) fn refusal(&self) -> Option<TrustError> {
        let was_never = matches!(self.judgement.verdict(), Verdict::Absent | Verdict::Revoked);
        let is_refused = self.belief.answer(&self.judgement, self.level) == Answer::Refused;
        (is_refused && !was_never).then(|| refusal(&self.judgement))
    }

    /// What was found of it; files of `db/` are looked for in the kept package.
    pub(super) fn look(
        &self,
        package: Option<&LocatedPackage>,
        found: &mut FileFindings,
        reporter: &OperationReporter<'_>,
    ) -> Result<SignatureFindings, Error> {
        let (mut same, mut unknown) = (found.same(), 0);
        for file in self.files().into_iter().flatten().filter(|file| is_data(&file.path)) {
            match package {
                None => unknown += 1,
                Some(package) => same += usize::from(compare(package, file, found)?),
            }
        }
        if self.is_revoked() {
            reporter.message(Message::Warning(trust::told(&self.judgement)));
        }
        Ok(SignatureFindings {
            report: shown(&self.judgement, reporter.lang()),
            iguais: same,
            nao_conferidos: unknown,
        })
    }
}

/// Whether a file of the kept package is as it was signed.
fn compare(package: &LocatedPackage, file: &StatedFile, found: &mut FileFindings) -> Result<bool, Error> {
    let unreadable = |fault| PackageError::unreadable(&file.path, fault);
    let Some(reader) = package.tree().open(&file.path).map_err(unreadable)? else {
        found.missing(&file.path);
        return Ok(false);
    };
    let is_same = sha256_reader(reader).is_ok_and(|hashed| hashed == (file.sha256, file.size));
    if !is_same {
        found.altered(&file.path);
    }
    Ok(is_same)
}
