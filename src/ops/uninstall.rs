//! `plugin_uninstall`: a plugin goes (SPEC 2 §6). Every refusal comes before anything is touched; what goes stands in an
//! archive before it does.

use std::time::Instant;

use super::conversation::{Caller, Outcome};
use super::definition::{CommandOption, Definition, Gives, Request};
use super::known::{Known, Standing};
use super::report::{conclude, not_counted, tell_leftovers};
use super::reporter::{Narrator, milliseconds};
use super::{chronicle, departing, look, sharing};
use crate::archive::Blacklist;
use crate::base::clock::Clock;
use crate::base::panic;
use crate::config::parameter::{ROOT, SLUG};
use crate::config::{Removal, RowPolicy, Settings, Site, UninstallParameters};
use crate::history::Action;
use crate::ledger;
use crate::log::{Message, Reporter, Step};
use crate::model::{Phrase, Slug};
use crate::ops::{Error, PluginRefusal};
use crate::outcome::{ExecutionStatus, Report};
use crate::package::KeptPackages;
use crate::registry::{self, Feature, Installed};
use crate::stage;
use crate::transaction::{
    Account, BaseSource, Change, Context, Departure, Observer, RowRules, Run, Session, SiteAccess, Target, carry_out,
    log_of, moment, rehearse_absence, settle, sharing::tell_of, tell_absence, tell_waiting,
};

/// What it is to those who offer it.
pub(super) static DEFINITION: Definition = Definition {
    word: "uninstall",
    function: "plugin_uninstall",
    options: &[CommandOption {
        name: "uninstall",
        implies: &[],
        help: Phrase::new(
            "tirar a pasta do plugin e o que os pacotes dele trouxeram, tudo guardado antes; --modo=remover (padrão) deixa as linhas criadas em uso, as tabelas do plugin e os usuários, --modo=expurgar tira tudo o que leva o nome dele; --dry-run mostra o que sairia; --forcar deixa usuários sem os perfis que saem",
            "take away the plugin's folder and what its packages brought, all of it kept before; --modo=remover (default) leaves rows made in use, the plugin's tables and users, --modo=expurgar takes all that bears its name; --dry-run shows what would go; --forcar leaves users without the profiles that go",
        ),
    }],
    takes: UninstallParameters::TAKES,
    requires: &[SLUG, ROOT],
    gives: Gives::Code,
    reports: &["PluginInstallReport"],
    summary: Phrase::new(
        "Desinstala um plugin, tudo ou nada: com `remover` (o padrão) a pasta e o que os pacotes trouxeram, com `expurgar` tudo o que leva o nome dele. O que sai fica antes num arquivo.",
        "Uninstalls a plugin, all or nothing: with `remover` (the default) its tree and what its packages brought, with `expurgar` everything that bears its name. What goes stands in an archive before it does.",
    ),
    read: |given, settings| Ok(Box::new(UninstallParameters::read(given, settings)?)),
};

impl Request for UninstallParameters {
    fn site(&self) -> &Site {
        &self.site
    }

    fn site_mut(&mut self) -> &mut Site {
        &mut self.site
    }

    fn slug(&self) -> Option<&str> {
        Some(&self.slug)
    }

    fn carry_out(&self, settings: &Settings, caller: &Caller, clock: &dyn Clock) -> Outcome {
        uninstall(self, settings, caller, clock)
    }
}

/// What an uninstallation works with from its first step to its last.
struct Uninstallation<'a> {
    call: &'a UninstallParameters,
    settings: &'a Settings,
    narrator: &'a Narrator<'a>,
    slug: &'a Slug,
    /// Plugins that may inherit rows; their locks are held, too.
    heirs: Vec<Slug>,
}

/// Uninstalls a plugin.
pub(super) fn uninstall(
    call: &UninstallParameters,
    settings: &Settings,
    caller: &Caller,
    clock: &dyn Clock,
) -> Outcome {
    let started = Instant::now();
    let slug = Slug::normalize(&call.slug);
    let name = slug.as_ref().map_or_else(|_| call.slug.clone(), ToString::to_string);
    let mut narrator = Narrator::new(caller, clock, &name, call.site.lang);
    if !call.dry_run && stage::is_gestor(&call.site.root) {
        narrator = narrator.with_log(log_of(&call.site.root, &name), call.debug);
    }
    let mut report = Report::new(&name);
    (report.dry_run, report.acao) = (call.dry_run, Some(Action::Uninstall.word()));
    report.confirmado = Some(false);
    not_counted(&[], &settings.faults, &narrator);
    let ended = slug
        .map_err(Error::from)
        .and_then(|slug| run(call, settings, &slug, &narrator, &mut report));
    conclude(&mut report, &narrator, ended, milliseconds(started.elapsed()));
    Outcome::of(&report, call.site.lang)
}

fn run(
    call: &UninstallParameters,
    settings: &Settings,
    slug: &Slug,
    narrator: &Narrator<'_>,
    report: &mut Report,
) -> Result<(), Error> {
    narrator.begin(Step::Prepare)?;
    // What a name that nobody knows makes: nothing. It is asked for before the locks, which make files.
    let mut database = look::connect(&call.site.root, call.site.database.as_ref())?;
    let is_known =
        registry::read(&mut database, slug)?.is_some() || registry::read_state(&mut database, slug)?.is_some();
    if !is_known {
        return Err(PluginRefusal::NotInstalled { slug: slug.to_string() }.into());
    }
    let meant = sharing::meant(&mut database, slug, narrator)?;
    let slug = meant.as_ref().unwrap_or(slug);
    report.slug = slug.to_string();
    let heirs = ledger::sharing(&mut database, slug)?;
    drop(database);
    let uninstallation = Uninstallation {
        call,
        settings,
        narrator,
        slug,
        heirs,
    };
    uninstallation.run_session(report)
}

impl Uninstallation<'_> {
    fn run_session(&self, report: &mut Report) -> Result<(), Error> {
        let site = SiteAccess {
            root: &self.call.site.root,
            database: self.call.site.database.as_ref(),
            lock_wait: self.call.site.lock_wait,
            waits_for_the_dead: true,
        };
        let slugs: Vec<&Slug> = std::iter::once(self.slug).chain(&self.heirs).collect();
        let mut session = Session::open(site, &slugs, self.narrator)?;
        let mut cx = Context {
            site,
            session: &mut session,
            observer: self.narrator,
        };
        let ended = self.run_locked(&mut cx, report);
        if self.call.dry_run {
            session.close_without_trace();
        } else {
            tell_leftovers(self.narrator, &self.call.site.root, self.slug);
        }
        ended
    }

    fn run_locked(&self, cx: &mut Context<'_>, report: &mut Report) -> Result<(), Error> {
        self.settle_first(cx)?;
        let installed = registry::read(&mut cx.session.database, self.slug)?.unwrap_or_default();
        let began = moment(cx.observer.clock().now());
        let ended = panic::caught(|| self.attempt(cx, &installed, report));
        let ended = ended.unwrap_or_else(|text| Err(Error::Internal(text)));
        if let Err(fault) = &ended
            && !self.call.dry_run
        {
            self.tell_failed(cx, (&installed, &began), fault, report);
        }
        ended
    }

    /// What a killed run left; a dry run only says that it waits.
    fn settle_first(&self, cx: &mut Context<'_>) -> Result<(), Error> {
        let (root, database) = (&self.call.site.root, &mut cx.session.database);
        if self.call.dry_run {
            tell_waiting(root, self.slug, self.narrator)?;
            return Ok(tell_of(database, root, self.slug, self.narrator)?);
        }
        sharing::forget(database, root, &self.call.bases, self.narrator)?;
        settle(cx, self.slug)?;
        Ok(())
    }

    fn attempt(&self, cx: &mut Context<'_>, installed: &Installed, report: &mut Report) -> Result<(), Error> {
        let known = Known::read(&mut cx.session.database, self.slug, installed)?;
        report.versao_anterior = known.version(installed);
        if !departing::is_installed(&known, installed) {
            let slug = self.slug.to_string();
            return Err(PluginRefusal::NotInstalled { slug }.into());
        }
        self.refuse_migrations(cx)?;
        let has_base = !ledger::tables(&mut cx.session.database, self.slug)?.is_empty();
        let blacklist = Blacklist::from_settings(self.settings.blacklist.as_deref());
        let kept = KeptPackages {
            root: &self.call.site.root,
            slug: self.slug,
            limits: &self.call.site.limits,
            blacklist: &blacklist,
        };
        let base = departing::base_source(&kept, (&known, has_base), installed, self.narrator)?;
        let others = sharing::admit(cx, self.slug, None, &self.call.bases)?;
        let departure = self.departure(!others.is_empty());
        let policy = RowPolicy::default();
        let rules = RowRules::read(
            self.slug,
            &self.call.site.root,
            self.call.site.gestor_version.as_deref(),
            policy,
        )?;
        if self.call.dry_run {
            self.narrator.begin(Step::Plan)?;
            let absence = rehearse_absence(&rules, departure, &base, cx)?;
            absence.check(self.call.force)?;
            tell_absence(&absence, self.narrator, report);
            return Ok(());
        }
        stage::check_place(&self.call.site.root, self.slug)?;
        stage::check_writable(&self.call.site.root)?;
        stage::check_mounts(&self.call.site.root, self.slug)?;
        let account = self.account(known, installed, base);
        self.bring_about(cx, (installed, account), (&rules, departure), report)?;
        departing::prove(cx, (self.slug, departure), report)
    }

    fn departure(&self, keeps_tree: bool) -> Departure<'_> {
        Departure {
            removal: self.call.removal,
            force: self.call.force,
            keeps_tree,
            heirs: &self.heirs,
        }
    }

    /// Tables that a plugin's migrations made cannot be told from others yet: nothing says which they are.
    fn refuse_migrations(&self, cx: &mut Context<'_>) -> Result<(), Error> {
        if self.call.removal == Removal::Remove {
            return Ok(());
        }
        match registry::migration_log(&mut cx.session.database, self.slug)? {
            Some(table) => Err(PluginRefusal::OwnTables {
                slug: self.slug.to_string(),
                table,
            }
            .into()),
            None => Ok(()),
        }
    }

    fn account(&self, known: Known, installed: &Installed, base: BaseSource) -> Account<'_> {
        let external = (known.standing == Standing::External).then(|| crate::transaction::Outside {
            version: installed.version.clone(),
            checksum: installed.checksum.clone(),
        });
        Account {
            parameters: Some(self.parameters()),
            actor: self.call.actor.as_deref(),
            version: known.version(installed),
            checksum: known.point.and_then(|point| point.checksum),
            state: known.state,
            base,
            external,
            ..Account::of(Action::Uninstall)
        }
    }

    fn parameters(&self) -> String {
        let mut said = serde_json::json!({"modo": self.call.removal.word()});
        if self.call.force {
            said["forcar"] = true.into();
        }
        said.to_string()
    }

    fn bring_about(
        &self,
        cx: &mut Context<'_>,
        (installed, account): (&Installed, Account<'_>),
        (rules, departure): (&RowRules<'_>, Departure<'_>),
        report: &mut Report,
    ) -> Result<(), Error> {
        let owner = stage::owner(&self.call.site.root)?;
        let layout = stage::layout(&self.call.site.root, self.slug, owner)?;
        stage::open(&layout, owner)?;
        registry::set_status(&mut cx.session.database, installed, ExecutionStatus::Uninstalling)?;
        let (database, _) = registry::prepare(&mut cx.session.database, &|| self.narrator.is_wanted())?;
        registry::prepare_for(&mut cx.session.database, Feature::Records, &|| {
            self.narrator.is_wanted()
        })?;
        let change = Change {
            slug: self.slug,
            after: Target::Absent(departure),
            rules,
            account,
        };
        let run = Run::promise(change, layout, database, report, cx)?;
        carry_out(&mut [run], cx)?;
        report.confirmado = Some(true);
        Ok(())
    }

    /// A commit of unknown outcome leaves everything as it stands. What is only refused changes nothing, not even the
    /// status.
    fn tell_failed(
        &self,
        cx: &mut Context<'_>,
        (installed, began): (&Installed, &str),
        fault: &Error,
        report: &Report,
    ) {
        let is_done = report.confirmado == Some(true);
        if fault.is_unknown() || is_done {
            return;
        }
        if let Err(fault) = stage::clear(&self.call.site.root, self.slug) {
            self.narrator.message(Message::warning(&fault));
        }
        if cx.session.database.ping().is_err() && cx.session.reconnect(cx.site, cx.observer).is_err() {
            return;
        }
        if let Err(fault) = departing::clear_status(&mut cx.session.database, self.slug, installed) {
            self.narrator.message(Message::warning(&fault));
        }
        let failed = chronicle::Failed {
            slug: self.slug,
            action: Action::Uninstall,
            parameters: &self.parameters(),
            actor: self.call.actor.as_deref(),
            began,
            from: None,
            to: None,
            checksum: None,
        };
        chronicle::tell(cx, &failed.of_report(report), fault);
    }
}
