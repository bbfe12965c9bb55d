//! A plugin with what is known of it before anything is decided.

use chrono::{DateTime, Utc};

use super::{Run, SCHEDULER};
use crate::base::db::Database;
use crate::base::fs::may_stand;
use crate::history;
use crate::log::{Message, Reporter as _};
use crate::model::{Slug, Version};
use crate::ops::look::{self, PluginOverview};
use crate::ops::update_state::policy_of;
use crate::ops::{Error, PluginRefusal};
use crate::outcome::{ExecutionStatus, ExitCode};
use crate::registry::{self, RecordedOrigin};
use crate::trust;
use crate::updates::{self, Act, Candidate, Decision, Policy, Reason, Said, Standing, State, listing_wait};

/// What a source offers, or why nobody knows.
pub(super) type Offers = Result<Vec<Candidate>, Reason>;

/// What stands in a folder in which somebody works.
const REPOSITORY: &str = ".git";
/// The action of a way back, in the history.
pub(super) const WENT_BACK: &str = "reverter";

/// A plugin.
pub(super) struct Subject {
    pub(super) slug: Slug,
    /// What counts for it.
    pub(super) policy: Policy,
    /// What its own row says of that.
    pub(super) said: Said,
    /// Why nobody knows what counts for it. It is watched all the same.
    pub(super) unruled: Option<Error>,
    pub(super) standing: Standing,
    /// The state that stands in its row.
    pub(super) was: State,
    /// The reason that stood there when the run began.
    pub(super) told: Option<Reason>,
    /// What is to be done.
    pub(super) act: Act,
    pub(super) installed: Version,
    pub(super) sha256: Option<String>,
    pub(super) origin: RecordedOrigin,
    /// Its point in the history.
    pub(super) point: Option<u64>,
    /// Its status, where that is not `ok`.
    pub(super) status: Option<String>,
    pub(super) is_repository: bool,
    /// The version that somebody went back from.
    pub(super) left: Option<Version>,
    /// Who signed it, as far as that is known.
    pub(super) signer: Option<String>,
    /// Something newer is there of which nobody was told yet.
    pub(super) is_news: bool,
    /// The target was rehearsed in this run.
    pub(super) is_rehearsed: bool,
}

impl Subject {
    /// One of which only is known where it comes from.
    pub(super) fn bare(slug: Slug, installed: Version, (origin, standing): (RecordedOrigin, Standing)) -> Self {
        Self {
            slug,
            policy: Policy::default(),
            said: Said::default(),
            unruled: None,
            was: standing.state,
            told: None,
            standing,
            act: Act::Nothing,
            installed,
            sha256: None,
            origin,
            point: None,
            status: None,
            is_repository: false,
            left: None,
            signer: None,
            is_news: false,
            is_rehearsed: false,
        }
    }

    /// Takes in what was decided.
    pub(super) fn take(&mut self, decision: Decision, now: DateTime<Utc>) {
        let is_new = decision.target.as_ref().map(|target| (target.version, target.sha256))
            != self
                .standing
                .target
                .as_ref()
                .map(|target| (target.version, target.sha256));
        if is_new {
            self.standing.seen = decision.target.is_some().then_some(now);
            self.standing.next_check = None;
        }
        self.standing.state = decision.state;
        self.standing.reason = decision.reason;
        self.standing.target = decision.target;
        self.standing.checked = Some(now);
        self.act = decision.act;
    }

    /// A rehearsal refused it: it is not rehearsed again for a while.
    pub(super) fn refuse(&mut self, reason: Reason, now: DateTime<Utc>) {
        let is_passing = matches!(reason, Reason::Busy { .. } | Reason::NoProbe);
        self.standing.next_check = (!is_passing).then(|| now + listing_wait(self.slug.as_str()));
        self.standing.state = State::Available;
        self.standing.reason = Some(reason);
        self.act = Act::Nothing;
    }

    /// Whether these bytes were refused not long ago.
    pub(super) fn was_refused(&self, now: DateTime<Utc>) -> bool {
        self.standing.next_check.is_some_and(|next| next > now)
    }

    /// What was told of it stands.
    pub(super) fn keep_reason(&mut self) {
        if self.told.is_some() {
            self.standing.reason.clone_from(&self.told);
        }
        self.act = Act::Nothing;
    }

    /// Another one comes first.
    pub(super) fn wait_its_turn(&mut self) {
        if let Some(target) = &self.standing.target {
            let version = target.version.to_string();
            self.standing.reason = Some(Reason::Waits { version });
        }
        self.act = Act::Nothing;
    }
}

impl Run<'_> {
    /// The installed plugins, by name; `wanted`: that one alone.
    pub(super) fn subjects(&self, database: &mut Database, wanted: Option<&Slug>) -> Result<Vec<Subject>, Error> {
        let mut rows = updates::read_all(database)?;
        let (mut found, mut is_known) = (Vec::new(), false);
        for (slug, _) in look::plugins(database)? {
            if wanted.is_some_and(|wanted| *wanted != slug) {
                continue;
            }
            let read = PluginOverview::read(database, &self.call.site.root, &slug, self.reporter);
            let Some(known) = self.of_one(read)? else { continue };
            is_known |= known.is_installed() || known.is_paused();
            if !known.is_installed() || known.is_paused() {
                continue;
            }
            let (said, standing) = match rows.remove(slug.as_str()).transpose() {
                Ok(row) => row.unwrap_or_default(),
                // What nobody can read keeps nobody else from their updates.
                Err(fault) => {
                    self.reporter.message(Message::warning(&fault));
                    continue;
                }
            };
            let subject = self.subject(database, slug, (known, said, standing));
            found.extend(self.of_one(subject)?.flatten());
        }
        match wanted {
            Some(slug) if !is_known => Err(PluginRefusal::NotInstalled { slug: slug.to_string() }.into()),
            _ => Ok(found),
        }
    }

    /// What was found of one plugin; where that cannot be read it is told, and the others go on.
    pub(super) fn of_one<T>(&self, found: Result<T, Error>) -> Result<Option<T>, Error> {
        match found {
            Ok(found) => Ok(Some(found)),
            Err(fault) if is_of_all(&fault) => Err(fault),
            Err(fault) => {
                self.reporter.message(Message::warning(&fault));
                Ok(None)
            }
        }
    }

    fn subject(
        &self,
        database: &mut Database,
        slug: Slug,
        (known, said, standing): (PluginOverview, Said, Standing),
    ) -> Result<Option<Subject>, Error> {
        let Some(installed) = known.version().and_then(|text| text.parse::<Version>().ok()) else {
            return Ok(None);
        };
        let (policy, unruled) = match policy_of(&self.policy, &slug, said.clone()) {
            Ok(policy) => (policy, None),
            // One that cannot be read does not keep the others from their updates.
            Err(fault) if !is_of_all(&fault) => (said.policy(), Some(fault)),
            Err(fault) => return Err(fault),
        };
        let sha256 = known.sha256().map(str::to_owned);
        let status = known.installed.as_ref().map(|row| row.status.clone());
        let status = status.filter(|status| *status != ExecutionStatus::Ok.word());
        // What a run left of an attempt does not keep the next one from it.
        let status = match status {
            Some(_) if is_of_a_run(database, &slug)? => None,
            status => status,
        };
        let signer = sha256
            .as_deref()
            .map(|sha256| trust::signer_of(database, &slug, sha256));
        let mut origin = registry::recorded_origin(database, &slug)?;
        if known.state.as_ref().is_some_and(|state| state.token.is_some()) {
            // That is found without being said, and counts before what stands in `plugins`.
            origin.credential = None;
        }
        Ok(Some(Subject {
            policy,
            said,
            unruled,
            was: standing.state,
            told: standing.reason.clone(),
            standing,
            act: Act::Nothing,
            installed,
            sha256,
            origin,
            point: known.state.as_ref().and_then(|state| state.point),
            status: status.filter(|status| !status.is_empty()),
            is_repository: may_stand(&self.call.site.root.installed(&slug).join(REPOSITORY)),
            left: left(database, &slug)?,
            signer: signer.transpose()?.flatten(),
            is_news: false,
            is_rehearsed: false,
            slug,
        }))
    }
}

/// Whether a fault is of the whole run: of the database, or that nobody wants it any more. What is wrong with one plugin keeps no
/// other from its updates, nor from being watched.
fn is_of_all(fault: &Error) -> bool {
    let is_of_row = matches!(fault, Error::Update(updates::UpdateError::Unreadable { .. }));
    !is_of_row && matches!(fault.exit_code(), ExitCode::Sync | ExitCode::Cancelled)
}

/// Whether the last thing that was tried was tried by a run, and undone.
fn is_of_a_run(database: &mut Database, slug: &Slug) -> Result<bool, Error> {
    let last = history::entries(database, slug, 1)?.into_iter().next();
    Ok(last.is_some_and(|last| last.ator.as_deref() == Some(SCHEDULER) && !last.confirmado))
}

/// The version that somebody went back from, where that was the last thing done.
fn left(database: &mut Database, slug: &Slug) -> Result<Option<Version>, Error> {
    let last = history::last(database, slug)?.filter(|last| last.acao == WENT_BACK);
    Ok(last.and_then(|last| last.versao_de?.parse().ok()))
}
