//! `plugin_install_many` (SPEC 2 §7): several installations as one transition. Each is gathered as one by itself is; what
//! they have gathered is admitted and brought about together, so all of them come about, or none.

use std::cell::RefCell;
use std::time::Instant;

use super::batch_report::{Failure, answer, conclude, first_report, is_committed};
use super::before::Before;
use super::from_lock::FromLock;
use super::set::Part;
use super::{Installation, along, from_lock, report};
use crate::archive::Blacklist;
use crate::base::clock::Clock;
use crate::base::fs::{random_hex, remove_empty_folder};
use crate::base::panic;
use crate::config::parameter::{PACKAGES, ROOT};
use crate::config::{BatchParameters, CallError, InstallParameters, Settings, Site};
use crate::log::{Message, Reporter as _, Step};
use crate::model::{GestorRoot, Phrase, Slug};
use crate::ops::account::Account;
use crate::ops::caller::{Caller, Outcome};
use crate::ops::definition::{CommandOption, Definition, Effect, Gives, Request};
use crate::ops::index_words::{IndexWords, followed};
use crate::ops::policy::Parts;
use crate::ops::report::{not_counted, tell_leftovers_of_set};
use crate::ops::reporter::{OperationReporter, milliseconds};
use crate::ops::{Error, look, messages};
use crate::outcome::{ExitCode, Report};
use crate::stage::SetStaging;
use crate::transaction::{Context, Session, SiteAccess, TransactionReporter, moment};
use crate::trust::Policy;
use crate::{package, registry, source, stage};

/// What it is to those who offer it.
pub(in crate::ops) static DEFINITION: Definition = Definition {
    word: "batch",
    function: "plugin_install_many",
    options: &[
        CommandOption {
            name: "lote",
            implies: &[],
            help: Phrase::new(
                "instalar ou atualizar vários plugins de uma vez, todos ou nenhum: --lote=<arquivo.json> com {\"pacotes\": [{\"arquivo\": …}, …]}, ou --arquivo= repetido, ou --from-lock=<plugins.lock.json> para exatamente o que esse arquivo diz; a ordem é a das dependências, e o id de cada um é o do manifesto",
                "install or update several plugins at once, all or none: --lote=<file.json> with {\"pacotes\": [{\"arquivo\": …}, …]}, or --arquivo= repeated, or --from-lock=<plugins.lock.json> for exactly what that file says; the order is that of their dependencies, and each one's id is its manifest's",
            ),
        },
        CommandOption {
            name: "importar",
            implies: &[],
            help: Phrase::new(
                "instalar o que um conjunto de --exportar diz, com os pacotes que estão nele, todos ou nenhum: --importar=<conjunto.zip>",
                "install what a set of --exportar says, with the packages in it, all or none: --importar=<set.zip>",
            ),
        },
    ],
    takes: BatchParameters::TAKES,
    requires: &[ROOT],
    gives: Gives::Code,
    reports: &["PluginInstallManyReport"],
    summary: Phrase::new(
        "Instala ou atualiza vários plugins numa só transição, todos ou nenhum. `pacotes` é uma lista do que plugin_install() recebe de cada um; o que vale para todos fica ao lado. O `slug` pode faltar onde o pacote é um arquivo desta máquina: vale o id do manifesto. Em vez de `pacotes`, `from_lock` nomeia um plugins.lock.json: instala exatamente o que ele diz, de pacotes guardados ou da pasta de `pasta_indice`; e `conjunto`, um arquivo que plugin_export() gravou, com os pacotes nele.",
        "Installs or updates several plugins in one transition, all or none. `pacotes` is a list of what plugin_install() takes for each; what holds for all stands beside it. `slug` may be left out where the package is a file of this machine: the id of its manifest counts. In place of `pacotes`, `from_lock` names a plugins.lock.json: installs exactly what it says, from kept packages or the folder of `pasta_indice`; and `conjunto` a file that plugin_export() wrote, with the packages in it.",
    ),
    read: |given, settings| Ok(Box::new(BatchParameters::read(given, settings)?)),
};

impl Request for BatchParameters {
    fn site(&self) -> &Site {
        &self.site
    }

    fn site_mut(&mut self) -> &mut Site {
        &mut self.site
    }

    fn settle_root(&mut self, root: GestorRoot) {
        BatchParameters::settle_root(self, &root);
    }

    fn effect(&self) -> Effect {
        Effect::unless_dry(self.dry_run)
    }

    fn carry_out(&self, settings: &Settings, caller: &Caller, clock: &dyn Clock) -> Outcome {
        install_many(self, settings, caller, clock)
    }
}

fn install_many(call: &BatchParameters, settings: &Settings, caller: &Caller, clock: &dyn Clock) -> Outcome {
    let started = Instant::now();
    let (mut listed, unread) = match listed(call, settings) {
        Ok(listed) => (listed, None),
        Err(fault) => (FromLock::default(), Some(Failure { at: None, fault })),
    };
    let call = &BatchParameters {
        packages: std::mem::take(&mut listed.packages),
        ..call.clone()
    };
    let (slugs, unnamed) = match unread.map_or_else(|| names(call, settings), Err) {
        Ok(slugs) => (slugs, None),
        Err(failure) => (Vec::new(), Some(failure)),
    };
    let reporter = OperationReporter::new(caller, clock, "", call.site.lang)
        .with_migrations(call.can_migrate)
        .with_accounts(accounts(call, &slugs));
    let mut reports: Vec<Report> = call.packages.iter().map(|one| first_report(call, &one.slug)).collect();
    for (report, slug) in reports.iter_mut().zip(&slugs) {
        report.slug = slug.to_string();
    }
    for told in std::mem::take(&mut listed.told) {
        reporter.message(Message::Warning(told));
    }
    let id = random_hex().unwrap_or_default();
    let batch = Batch {
        call,
        settings,
        reporter: &reporter,
        id: &id,
        along: RefCell::default(),
    };
    let ended = unnamed.map_or_else(|| batch.run(&slugs, &mut reports), Err);
    if let Some(Err(fault)) = listed.staging.map(SetStaging::close) {
        reporter.message(Message::warning(&fault));
    }
    let spent = milliseconds(started.elapsed());
    let told: Vec<Slug> = reports
        .iter()
        .filter_map(|report| Slug::normalize(&report.slug).ok())
        .collect();
    let code = ended
        .as_ref()
        .map_or_else(|failure| failure.fault.exit_code(), |()| ExitCode::Ok);
    for (at, report) in reports.iter_mut().enumerate() {
        reporter.turn_to(told.get(at));
        conclude((at, report), (&ended, &told), (&reporter, spent));
    }
    reporter.turn_to(None);
    reports.extend(batch.along.take());
    let code = if is_committed(&ended) {
        reports.iter().fold(code, |code, report| code.worse(report.codigo))
    } else {
        code
    };
    answer(call, (&id, code), (&ended, &reports), &reporter)
}

/// The packages that the call names, or that its lock file does.
fn listed(call: &BatchParameters, settings: &Settings) -> Result<FromLock, Error> {
    match &call.list {
        Some(list) => from_lock::read((call, list), settings),
        None => Ok(FromLock {
            packages: call.packages.clone(),
            ..FromLock::default()
        }),
    }
}

/// What is told of each by itself.
fn accounts(call: &BatchParameters, slugs: &[Slug]) -> Vec<Account> {
    let one = |slug: &Slug| Account::of(&call.site, slug.as_str(), (!call.dry_run, call.debug));
    slugs.iter().map(one).collect()
}

/// The plugins, by the names under which they are recorded.
fn names(call: &BatchParameters, settings: &Settings) -> Result<Vec<Slug>, Failure> {
    let mut slugs = Vec::with_capacity(call.packages.len());
    for (at, package) in call.packages.iter().enumerate() {
        let slug = name(package, settings).map_err(|fault| Failure { at: Some(at), fault })?;
        slugs.push(slug);
    }
    let of_all = |fault| Failure { at: None, fault };
    let mut database = look::connect(&call.site.root, call.site.database.as_ref()).map_err(of_all)?;
    for slug in &mut slugs {
        // The admin page may have renamed its record.
        let recorded = registry::recorded_slug(&mut database, slug).map_err(|fault| of_all(fault.into()))?;
        if let Some(recorded) = recorded.and_then(|name| Slug::normalize(&name).ok()) {
            *slug = recorded;
        }
    }
    let twice = |(at, slug): (usize, &Slug)| slugs[..at].contains(slug);
    match slugs.iter().enumerate().find(|one| twice(*one)) {
        Some((_, slug)) => Err(of_all(Error::Call(CallError::WrongValue {
            key: PACKAGES.name.to_owned(),
            found: slug.to_string(),
            allowed: messages::EACH_ONCE,
        }))),
        None => Ok(slugs),
    }
}

/// The plugin that a package is said to hold, else the one that it says itself. By that its locks are taken; the package is
/// looked at as a whole afterwards.
fn name(package: &InstallParameters, settings: &Settings) -> Result<Slug, Error> {
    if !package.slug.is_empty() {
        return Ok(Slug::normalize(&package.slug)?);
    }
    let Some(file) = source::open_local(package)? else {
        return Ok(Slug::normalize("")?);
    };
    let blacklist = Blacklist::from_settings(settings.blacklist.as_deref());
    let id = package::id_of(file, &package.site.limits, &blacklist)?;
    Ok(Slug::normalize(&id)?)
}

/// What a batch works with from its first step to its last.
struct Batch<'a> {
    call: &'a BatchParameters,
    settings: &'a Settings,
    reporter: &'a OperationReporter<'a>,
    id: &'a str,
    /// What came along.
    along: RefCell<Vec<Report>>,
}

impl Batch<'_> {
    /// From its first step. Whose fault it is that it failed says the reporter: it is turned to that plugin.
    fn run(&self, slugs: &[Slug], reports: &mut [Report]) -> Result<(), Failure> {
        self.prepare(slugs, reports).map_err(|fault| {
            let failed = self.reporter.turn_to(None);
            let at = failed.and_then(|slug| slugs.iter().position(|one| *one == slug));
            Failure { at, fault }
        })
    }

    fn prepare(&self, slugs: &[Slug], reports: &mut [Report]) -> Result<(), Error> {
        self.reporter.begin(Step::Prepare)?;
        // What came out of a set stands where nothing else may.
        if self.call.list.is_none() {
            self.call.packages.iter().try_for_each(source::refuse_staging)?;
        }
        let wants = !self.call.dry_run;
        let made = wants
            .then(|| stage::prepare_plugins(&self.call.site.root))
            .transpose()?;
        let ended = self.run_asking(slugs, reports);
        if let (Err(_), Some(folder)) = (&ended, made.flatten()) {
            let _ = remove_empty_folder(&folder);
        }
        ended
    }

    /// Indices are asked while no lock is held.
    fn run_asking(&self, slugs: &[Slug], reports: &mut [Report]) -> Result<(), Error> {
        let mut installations = Vec::with_capacity(slugs.len());
        for (package, slug) in self.call.packages.iter().zip(slugs) {
            self.reporter.turn_to(Some(slug));
            installations.push(self.installation(package, slug)?);
        }
        self.reporter.turn_to(None);
        let site = &self.call.site;
        let looks = |policy: &Policy| installations.iter().any(|one| one.looks(policy));
        let followed = followed((site, self.settings), self.reporter, looks)?;
        let words = IndexWords::of(followed.as_ref(), site, self.reporter, !self.call.dry_run)?;
        let installations = installations.into_iter().map(|one| Installation {
            words: Some(&words),
            ..one
        });
        let installations: Vec<_> = installations.collect();
        installations.iter().try_for_each(|one| words.read_ahead(one.slug))?;
        self.run_session(&installations, reports)
    }

    fn installation<'i>(&'i self, call: &'i InstallParameters, slug: &'i Slug) -> Result<Installation<'i>, Error> {
        Ok(Installation {
            call,
            settings: self.settings,
            reporter: self.reporter,
            slug,
            parts: Parts::of(call)?,
            repair: None,
            differs: false,
            batch: Some(self.id),
            wanted: None,
            back: None,
            words: None,
        })
    }

    /// Under the locks of all.
    fn run_session(&self, installations: &[Installation<'_>], reports: &mut [Report]) -> Result<(), Error> {
        let slugs: Vec<&Slug> = installations.iter().map(|one| one.slug).collect();
        let access = SiteAccess::of(&self.call.site);
        let mut session = Session::open(access, &slugs, self.reporter)?;
        not_counted(&[], &self.settings.faults, self.reporter);
        for installation in installations {
            self.reporter.turn_to(Some(installation.slug));
            report::started(installation.call, self.reporter);
            not_counted(&installation.call.held_limits, &[], self.reporter);
        }
        let mut cx = Context {
            site: access,
            session: &mut session,
            reporter: self.reporter,
        };
        let ended = self.run_locked(&mut cx, installations, reports);
        if self.call.dry_run {
            session.close_without_trace();
            return ended;
        }
        let slugs: Vec<Slug> = slugs.into_iter().cloned().collect();
        tell_leftovers_of_set(self.reporter, &self.call.site.root, &slugs);
        ended
    }

    fn run_locked(
        &self,
        cx: &mut Context<'_>,
        installations: &[Installation<'_>],
        reports: &mut [Report],
    ) -> Result<(), Error> {
        let began = moment(cx.reporter.clock().now());
        let mut befores = Vec::with_capacity(installations.len());
        let mut ended = Ok(());
        for (installation, report) in installations.iter().zip(reports.iter_mut()) {
            cx.reporter.turn_to(Some(installation.slug));
            match installation.settle_first(cx) {
                Ok(before) => {
                    report.versao_anterior.clone_from(&before.installed.version);
                    befores.push(before);
                }
                Err(fault) => {
                    ended = Err(fault);
                    break;
                }
            }
        }
        if ended.is_ok() {
            let attempted = panic::caught(|| attempt(installations, &befores, reports, cx));
            let (attempted, along) = attempted.unwrap_or_else(|text| (Err(Error::internal(text)), Vec::new()));
            ended = attempted;
            self.along.replace(along);
        }
        if self.call.dry_run {
            let close = |one: &Installation<'_>| stage::close_dry_run(&one.dry_layout());
            let closed = installations.iter().map(close).fold(Ok(()), Result::and);
            return closed.map_err(Error::from).and(ended);
        }
        if let Err(fault) = ended {
            let failed = cx.reporter.turn_to(None);
            let at = failed
                .as_ref()
                .and_then(|slug| installations.iter().position(|one| one.slug == slug));
            let failure = Failure { at, fault };
            if !failure.fault.is_committed() {
                tell_failed(cx, (installations, &befores), (&failure, &began), reports);
            }
            cx.reporter.turn_to(failed.as_ref());
            return Err(failure.fault);
        }
        Ok(())
    }
}

/// Gathers all of them, admits them together, brings them about together. Those that are installed already stay out of it.
fn attempt(
    installations: &[Installation<'_>],
    befores: &[Before],
    reports: &mut [Report],
    cx: &mut Context<'_>,
) -> (Result<(), Error>, Vec<Report>) {
    let mut parts = Vec::with_capacity(installations.len());
    for ((installation, before), report) in installations.iter().zip(befores).zip(reports) {
        cx.reporter.turn_to(Some(installation.slug));
        match installation.gather(cx, before, report) {
            Ok(Some(gathered)) => parts.push(Part::new(*installation, before, gathered, report)),
            Ok(None) => {}
            Err(fault) => return (Err(fault), Vec::new()),
        }
    }
    cx.reporter.turn_to(None);
    along::bring_about(parts, cx)
}

/// The failure is told of each: in its row, and in its history. Of what was not begun with, the row is as it was.
fn tell_failed(
    cx: &mut Context<'_>,
    (installations, befores): (&[Installation<'_>], &[Before]),
    (failure, began): (&Failure, &str),
    reports: &[Report],
) {
    let slugs: Vec<Slug> = installations.iter().map(|one| one.slug.clone()).collect();
    for (at, (installation, report)) in installations.iter().zip(reports).enumerate() {
        if report.inalterado {
            continue;
        }
        cx.reporter.turn_to(Some(installation.slug));
        let others = failure.of(at, &slugs);
        let fault = others.as_ref().unwrap_or(&failure.fault);
        match befores.get(at).filter(|_| befores.len() == installations.len()) {
            Some(before) => {
                if !failure.fault.is_unknown() {
                    installation.mark_failed(cx, fault, Some(&before.installed));
                }
                installation.tell_failed(cx, (&before.installed, began), fault, report);
            }
            None => installation.tell_refused(cx, began, fault, report),
        }
    }
}
