//! `plugin_update_run`: one look at the updates of a site (SPEC 3 §5), to be called every quarter of an hour: files that are
//! gone are put back, sources are asked where that is due, each plugin's next step is decided, sites are watched after an
//! update, and at most one update is installed. What may come is decided in the room `updates`; this brings it about by the
//! operations that there are.
//!
//! In its folder: `subject` is a plugin with what is known of it, `files` puts back what is gone, `listings` asks for releases,
//! `news` says what a source offers, `pages` asks the site how it is, `calls` calls other operations, `rehearsal` sees how a
//! version would go in, `applying` installs it, `watching` watches the site and goes back, `account` says what was done, `notices` and
//! `digest` tell who wants to hear of it.

mod account;
mod applying;
mod calls;
mod digest;
mod files;
mod listings;
mod news;
mod notices;
mod pages;
mod rehearsal;
mod subject;
mod watching;

use std::cell::RefCell;
use std::time::{Duration, Instant};

use self::account::Account;
use self::listings::Listings;
use self::news::Sources;
pub(super) use self::pages::Pages;
use self::subject::Subject;
use super::caller::{Caller, Outcome};
use super::definition::{CommandOption, Definition, Effect, Gives, Request};
use super::look;
use super::reporter::OperationReporter;
use super::{account as accounts, trust_folder};
use crate::base::clock::Clock;
use crate::base::db::{Database, lock_name};
use crate::config::parameter::ROOT;
use crate::config::{Settings, Site, UpdateRunParameters};
use crate::log::{Cancelled, Message, Progress, Reporter, Step};
use crate::model::{GestorRoot, Phrase, Slug};
use crate::ops::Error;
use crate::outcome::ExitCode;
use crate::registry::{self, Feature};
use crate::transaction::TransactionReporter as _;
use crate::trust::{self, Policy, Revocations};
use crate::updates::{self, Act, Facts, News, State, UpdateError};

/// How long a run begins new things.
const PATIENCE: Duration = Duration::from_mins(5);

/// Who does it where nobody says who asks.
const SCHEDULER: &str = "agendar";

/// Locks are the server's: the database stands in the name as well, so that other sites do not wait.
const LOCK: &str = "gestor_plugins:atualizacoes:";

/// What it is to those who offer it.
pub(super) static DEFINITION: Definition = Definition {
    word: "update_run",
    function: "plugin_update_run",
    options: &[CommandOption {
        name: "agendar",
        implies: &[],
        help: Phrase::new(
            "uma rodada de atualizações automáticas, para o cron a cada 15 minutos (com --id=<plugin>, só dele; --agora consulta as origens já; --so-verificar nada instala; --endereco=<https://…> diz onde é o site); o que pode vir diz a política de cada plugin",
            "one run of automatic updates, for cron every 15 minutes (with --id=<plugin>, of that one alone; --agora asks sources at once; --so-verificar installs nothing; --endereco=<https://…> says where the site is); what may come is said by each plugin's policy",
        ),
    }],
    takes: UpdateRunParameters::TAKES,
    requires: &[ROOT],
    gives: Gives::Code,
    reports: &["PluginUpdateRunReport"],
    summary: Phrase::new(
        "Uma rodada de atualizações automáticas: repõe arquivos que sumiram, consulta as origens quando é hora, decide o próximo passo de cada plugin, observa o site depois de uma atualização (e volta atrás: código 37), e instala no máximo uma. Feita para ser chamada a cada quarto de hora.",
        "One run of automatic updates: puts back files that are gone, asks sources where that is due, decides each plugin's next step, watches the site after an update (and goes back: code 37), and installs one at most. Made to be called every quarter of an hour.",
    ),
    read: |given, settings| Ok(Box::new(UpdateRunParameters::read(given, settings)?)),
};

impl Request for UpdateRunParameters {
    fn site(&self) -> &Site {
        &self.site
    }

    fn site_mut(&mut self) -> &mut Site {
        &mut self.site
    }

    fn slug(&self) -> Option<&str> {
        self.slug.as_deref()
    }

    /// What it does is recorded as what its own calls do.
    fn effect(&self) -> Effect {
        Effect::Looks
    }

    fn settle_root(&mut self, root: GestorRoot) {
        UpdateRunParameters::settle_root(self, root);
    }

    fn carry_out(&self, settings: &Settings, caller: &Caller, clock: &dyn Clock) -> Outcome {
        update_run(self, settings, caller, clock)
    }
}

/// What a run works with.
struct Run<'a> {
    call: &'a UpdateRunParameters,
    settings: &'a Settings,
    caller: &'a Caller,
    clock: &'a dyn Clock,
    reporter: &'a OperationReporter<'a>,
    policy: Policy,
    /// What the operator withdrew.
    revocations: Revocations,
    /// Why nobody can read either. Sites are watched all the same.
    unread: Option<Error>,
    account: &'a RefCell<Account>,
    started: Instant,
}

/// One run.
fn update_run(call: &UpdateRunParameters, settings: &Settings, caller: &Caller, clock: &dyn Clock) -> Outcome {
    let started = Instant::now();
    let name = call.slug.as_deref().unwrap_or("-");
    let log = accounts::Account::of(&call.site, name, (!call.checks_only, false));
    let reporter = OperationReporter::new(caller, clock, name, call.site.lang)
        .with_migrations(call.can_migrate)
        .with_account(log);
    let account = RefCell::new(Account::default());
    let (folder, unread) = match trust_folder::read(&call.site) {
        Ok(folder) => (folder, None),
        Err(fault) => (trust::TrustFolder::default(), Some(fault)),
    };
    let mut run = Run {
        call,
        settings,
        caller,
        clock,
        reporter: &reporter,
        policy: folder.policy,
        revocations: folder.revocations,
        unread,
        account: &account,
        started,
    };
    let ended = run.go();
    run.send_notices(&account.borrow());
    // Why no more was done is told where nothing else is.
    let unread = run.unread.take().filter(|_| call.digest_sent.is_none());
    let ended = match (ended, unread) {
        (Ok(()), Some(fault)) => Err(fault),
        (Err(ended), Some(fault)) => {
            reporter.message(Message::warning(&fault));
            Err(ended)
        }
        (ended, None) => ended,
    };
    account.into_inner().answer(ended, &reporter, started)
}

impl Run<'_> {
    fn go(&self) -> Result<(), Error> {
        let mut database = look::connect(&self.call.site.root, self.call.site.database.as_ref())?;
        let go_on = || self.reporter.is_wanted();
        registry::prepare(&mut database, &go_on)?;
        registry::prepare_for(&mut database, Feature::Updates, &go_on)?;
        registry::prepare_for(&mut database, Feature::Events, &go_on)?;
        if let Some(number) = self.call.digest_sent {
            return self.confirm_digest(&mut database, number);
        }
        let ended = self.go_on(&mut database);
        let happenings = self.account.borrow().happenings().to_vec();
        let digest = self.digest(&mut database, &happenings);
        self.account.borrow_mut().digest = digest;
        ended
    }

    fn go_on(&self, database: &mut Database) -> Result<(), Error> {
        let wanted = self.call.slug.as_deref().map(Slug::normalize).transpose()?;
        if !self.call.checks_only {
            self.end_interrupted(wanted.as_ref())?;
        }
        if self.call.repairs && !self.call.checks_only {
            self.put_files_back(database, wanted.as_ref())?;
        }
        // One run at a time for all servers of a database: what one has begun no other begins.
        if !database.get_lock(&lock_name(LOCK, &database.name().to_lowercase()), 0)? {
            self.account.borrow_mut().another_runs = true;
            self.reporter.message(Message::warning(&UpdateError::AnotherRuns));
            return Ok(());
        }
        let mut subjects = self.subjects(database, wanted.as_ref())?;
        self.end_abandoned(database, &mut subjects)?;
        let pages = Pages::of(self)?;
        self.watch_all(database, &pages, &mut subjects)?;
        if self.unread.is_some() {
            return Ok(());
        }
        subjects.retain(|subject| self.is_ruled(subject));
        self.decide_all(database, &pages, &mut subjects)?;
        let month_ago = self.now().to_utc() - chrono::TimeDelta::days(30);
        updates::forget_listings(database, month_ago)?;
        self.account.borrow_mut().tell(&subjects, self.call.site.lang);
        self.end()
    }

    /// What becomes of each, and the one update that is due.
    fn decide_all(&self, database: &mut Database, pages: &Pages<'_>, subjects: &mut [Subject]) -> Result<(), Error> {
        let mut listings = Listings::of(self)?;
        let sources = Sources::of(self)?;
        let indices = sources.as_ref().map(|sources| sources.open(self)).transpose()?;
        for subject in subjects.iter_mut() {
            let mut news = self.news(subject, indices.as_ref(), (&mut listings, database))?;
            self.decide(subject, &news, pages)?;
            if subject.act == Act::Rehearse {
                self.rehearse_and_decide(subject, &mut news, pages)?;
            }
            self.remember(database, subject)?;
        }
        self.account.borrow_mut().lists = listings.counts();
        let due = subjects.iter_mut().filter(|subject| subject.act == Act::Apply);
        // What mends a fault comes first.
        let mut due: Vec<&mut Subject> = due.collect();
        due.sort_by_key(|subject| !subject.standing.target.as_ref().is_some_and(|target| target.mends));
        let mut due = due.into_iter();
        if let Some(subject) = due.next()
            && !self.call.checks_only
            && self.has_time()
        {
            self.apply(database, subject, pages)?;
            self.remember(database, subject)?;
        }
        for subject in due {
            subject.wait_its_turn();
            self.remember(database, subject)?;
        }
        Ok(())
    }

    fn decide(&self, subject: &mut Subject, news: &subject::Offers, pages: &Pages<'_>) -> Result<(), Error> {
        let is_watched = subject.policy.mode != updates::Mode::Automatic || pages.are_proven()?;
        let facts = Facts {
            now: self.now(),
            installed: subject.installed,
            policy: &subject.policy,
            news: match news {
                Ok(candidates) => News::Known(candidates),
                Err(reason) => News::Unknown(reason),
            },
            status: subject.status.as_deref(),
            is_repository: subject.is_repository,
            is_watched,
            left: subject.left,
        };
        let decision = updates::decide(&subject.standing, &facts);
        let newest = match news {
            Ok(candidates) => updates::newest_first(candidates, subject.installed)
                .into_iter()
                .find(|found| found.stands())
                .map(|found| found.version),
            Err(_) => None,
        };
        subject.take(decision, self.now().to_utc());
        self.account
            .borrow_mut()
            .note_news(subject, newest, self.call.site.lang);
        Ok(())
    }

    /// Sees how it would go in, and what follows from that.
    fn rehearse_and_decide(
        &self,
        subject: &mut Subject,
        news: &mut subject::Offers,
        pages: &Pages<'_>,
    ) -> Result<(), Error> {
        let now = self.now().to_utc();
        if !self.has_time() || (subject.was_refused(now) && !self.call.now) {
            subject.keep_reason();
            return Ok(());
        }
        match self.rehearse(subject)? {
            Ok(()) => {
                subject.standing.state = State::Cooling;
                subject.standing.next_check = None;
                subject.is_rehearsed = true;
                for candidate in news.iter_mut().flatten() {
                    subject.standing.complete(candidate);
                }
                self.decide(subject, news, pages)
            }
            Err(reason) => {
                subject.refuse(reason, now);
                Ok(())
            }
        }
    }

    fn remember(&self, database: &mut Database, subject: &mut Subject) -> Result<(), Error> {
        updates::save(database, &subject.slug, subject.was, &subject.standing)?;
        subject.was = subject.standing.state;
        self.record_decision(database, subject);
        Ok(())
    }

    /// What a killed run had begun.
    fn end_abandoned(&self, database: &mut Database, subjects: &mut [Subject]) -> Result<(), Error> {
        let now = self.now().to_utc();
        for subject in subjects.iter_mut().filter(|subject| subject.standing.is_abandoned(now)) {
            let Some(target) = subject.standing.target.clone() else {
                continue;
            };
            if subject.installed == target.version {
                // It had committed: the site is watched.
                let left = subject.standing.left.clone();
                subject.standing.succeed(target.version, left, now);
            } else {
                subject.standing.fail(target.version, ExitCode::Cancelled.number(), now);
            }
            self.remember(database, subject)?;
        }
        Ok(())
    }

    /// Whether it is known what counts for it; where it is not, that is told, and nothing is decided.
    fn is_ruled(&self, subject: &Subject) -> bool {
        if let Some(fault) = &subject.unruled {
            self.reporter.message(Message::warning(fault));
        }
        subject.unruled.is_none()
    }

    fn end(&self) -> Result<(), Error> {
        match self.account.borrow().taken_back() {
            // What was left is done by the next run.
            0 if !self.is_wanted(Step::Finish) => Err(Cancelled.into()),
            0 => Ok(()),
            count => Err(UpdateError::RolledBack { count }.into()),
        }
    }

    fn now(&self) -> chrono::DateTime<chrono::FixedOffset> {
        self.clock.now()
    }

    fn has_time(&self) -> bool {
        self.started.elapsed() < PATIENCE && self.is_wanted(Step::Prepare)
    }

    /// Whether nobody wants it to end: whoever listens is asked.
    fn is_wanted(&self, step: Step) -> bool {
        let so_far = Progress {
            step,
            done: 0,
            of: 0,
            unit: "",
        };
        self.reporter.progress(so_far).is_ok()
    }
}
