//! `plugin_uninstall` and `plugin_disable`: a plugin goes (SPEC 2 §6). Every refusal comes before anything is touched; what
//! goes stands in an archive before it does.

use std::time::Instant;

use super::conversation::{Caller, Outcome};
use super::definition::{CommandOption, Definition, Gives, Request};
use super::known::{Known, Standing};
use super::passage::{Before, Passage};
use super::report::{conclude, not_counted};
use super::reporter::{Narrator, milliseconds};
use super::{departing, look, purge, sharing};
use crate::archive::Blacklist;
use crate::base::clock::Clock;
use crate::config::parameter::{ROOT, SLUG};
use crate::config::{Removal, RowPolicy, Settings, Site, UninstallParameters};
use crate::history::Action;
use crate::ledger;
use crate::log::Step;
use crate::migrate::Contraction;
use crate::model::{Phrase, Slug};
use crate::ops::{Error, PluginRefusal};
use crate::outcome::{ExecutionStatus, Report};
use crate::package::KeptPackages;
use crate::registry::{self, Installed};
use crate::stage;
use crate::transaction::{
    Account, BaseSource, Change, Context, Contract, Departure, Observer, Outside, Paused, RowRules, Run, Target,
    TransactionError, carry_out, log_of, rehearse_absence, tell_absence,
};

/// What it is to those who offer it.
pub(super) static DEFINITION: Definition = Definition {
    word: "uninstall",
    function: "plugin_uninstall",
    options: &[CommandOption {
        name: "uninstall",
        implies: &[],
        help: Phrase::new(
            "tirar a pasta do plugin e o que os pacotes dele trouxeram, tudo guardado antes; --modo=remover (padrão) deixa as linhas criadas em uso, as tabelas do plugin e os usuários, --modo=expurgar tira tudo o que leva o nome dele; --sem-retorno tira no fim também o arquivo, os pacotes guardados e os backups; --dry-run mostra o que sairia; --forcar deixa usuários sem os perfis que saem",
            "take away the plugin's folder and what its packages brought, all of it kept before; --modo=remover (default) leaves rows made in use, the plugin's tables and users, --modo=expurgar takes all that bears its name; --sem-retorno takes the archive, kept packages and backups as well in the end; --dry-run shows what would go; --forcar leaves users without the profiles that go",
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

/// What `plugin_disable` is to those who offer it.
pub(super) static DISABLE: Definition = Definition {
    word: "disable",
    function: "plugin_disable",
    options: &[CommandOption {
        name: "disable",
        implies: &[],
        help: Phrase::new(
            "pausar o plugin: sai tudo o que --uninstall tira, e também as permissões sem dono dos módulos dele; pausado, nada mais é feito com ele",
            "pause the plugin: all that --uninstall takes goes, and also the permissions of its modules that nobody owns; nothing else is done with it while it is paused",
        ),
    }],
    takes: UninstallParameters::DISABLE_TAKES,
    requires: &[SLUG, ROOT],
    gives: Gives::Code,
    reports: &["PluginInstallReport"],
    summary: Phrase::new(
        "Pausa um plugin: tudo dele sai, também as permissões, até `plugin_enable`.",
        "Pauses a plugin: all of it goes, permissions too, until `plugin_enable`.",
    ),
    read: |given, settings| Ok(Box::new(UninstallParameters::read_disable(given, settings)?)),
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

/// Uninstalls a plugin, or pauses it.
pub(super) fn uninstall(
    call: &UninstallParameters,
    settings: &Settings,
    caller: &Caller,
    clock: &dyn Clock,
) -> Outcome {
    let started = Instant::now();
    let slug = Slug::normalize(&call.slug);
    let name = slug.as_ref().map_or_else(|_| call.slug.clone(), ToString::to_string);
    let mut narrator = Narrator::new(caller, clock, &name, call.site.lang).with_migrations(call.can_migrate);
    if !call.dry_run && stage::is_gestor(&call.site.root) {
        narrator = narrator.with_log(log_of(&call.site.root, &name), call.debug);
    }
    let mut report = Report::new(&name);
    (report.dry_run, report.acao) = (call.dry_run, Some(action(call).word()));
    report.confirmado = Some(false);
    not_counted(&[], &settings.faults, &narrator);
    let ended = slug
        .map_err(Error::from)
        .and_then(|slug| run(call, settings, &slug, &narrator, &mut report));
    conclude(&mut report, &narrator, ended, milliseconds(started.elapsed()));
    Outcome::of(&report, call.site.lang)
}

fn action(call: &UninstallParameters) -> Action {
    match call.removal {
        Removal::Remove | Removal::Purge => Action::Uninstall,
        Removal::Pause => Action::Disable,
    }
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
    let parameters = parameters(call);
    let uninstallation = Uninstallation {
        call,
        settings,
        passage: Passage {
            root: &call.site.root,
            database: call.site.database.as_ref(),
            lock_wait: call.site.lock_wait,
            bases: &call.bases,
            dry_run: call.dry_run,
            actor: call.actor.as_deref(),
            action: action(call),
            parameters: &parameters,
            narrator,
            slug,
        },
        heirs: &heirs,
    };
    let passage = uninstallation.passage;
    passage.run(&heirs, report, |cx, before, report| {
        uninstallation.attempt(cx, before, report)
    })
}

fn parameters(call: &UninstallParameters) -> String {
    let mut said = serde_json::json!({"modo": call.removal.word()});
    for (key, _) in [("forcar", call.force), ("sem_retorno", call.forgets)]
        .iter()
        .filter(|(_, is)| *is)
    {
        said[*key] = true.into();
    }
    said.to_string()
}

/// What an uninstallation works with from its first step to its last.
struct Uninstallation<'a> {
    call: &'a UninstallParameters,
    settings: &'a Settings,
    passage: Passage<'a>,
    /// Plugins that may inherit rows; their locks are held, too.
    heirs: &'a [Slug],
}

impl Uninstallation<'_> {
    fn attempt(&self, cx: &mut Context<'_>, before: Before, report: &mut Report) -> Result<(), Error> {
        let Before { installed, known } = before;
        let (slug, narrator) = (self.passage.slug, self.passage.narrator);
        if self.call.removal == Removal::Pause {
            known.refuse_paused(slug)?;
        }
        let paused = departing::paused(&self.passage, &known)?;
        if paused.is_none() && !departing::is_installed(&known, &installed) {
            return Err(PluginRefusal::NotInstalled { slug: slug.to_string() }.into());
        }
        let blacklist = Blacklist::from_settings(self.settings.blacklist.as_deref());
        let kept = KeptPackages {
            root: &self.call.site.root,
            slug,
            limits: &self.call.site.limits,
            blacklist: &blacklist,
        };
        let base = self.base_source(cx, &kept, (&known, &installed), paused.is_some())?;
        let others = sharing::admit(cx, slug, None, &self.call.bases)?;
        // What nobody recorded may stand in files that an earlier release set aside.
        let adopted = match base {
            BaseSource::Package(_) => departing::adopted(&self.passage)?,
            BaseSource::Recorded | BaseSource::Unknown => Vec::new(),
        };
        let departure = Departure {
            adopted: &adopted,
            ..self.departure(!others.is_empty(), paused.as_ref())
        };
        let steps = self.steps(cx, &kept, (&known, &installed))?;
        let policy = RowPolicy::default();
        let rules = RowRules::read(
            slug,
            &self.call.site.root,
            self.call.site.gestor_version.as_deref(),
            policy,
        )?;
        if self.call.dry_run {
            narrator.begin(Step::Plan)?;
            let absence = rehearse_absence(&rules, departure, &base, cx)?;
            absence.check(self.call.force)?;
            tell_absence(&absence, narrator, report);
            return Ok(());
        }
        self.passage.check_premises()?;
        let account = self.account(known, &installed, base);
        let contract = Contract {
            kept: Some(&kept),
            steps,
        };
        self.bring_about(cx, (&installed, account), (&rules, departure, contract), report)?;
        departing::prove(cx, (slug, departure), report)?;
        if self.call.forgets {
            departing::forget(cx, slug, report);
        }
        Ok(())
    }

    fn base_source(
        &self,
        cx: &mut Context<'_>,
        kept: &KeptPackages<'_>,
        (known, installed): (&Known, &Installed),
        is_paused: bool,
    ) -> Result<BaseSource, Error> {
        if is_paused {
            return Ok(BaseSource::Recorded);
        }
        let has_base = !ledger::tables(&mut cx.session.database, kept.slug)?.is_empty();
        departing::base_source(kept, (known, has_base), installed, self.passage.narrator)
    }

    fn departure<'d>(&'d self, keeps_tree: bool, paused: Option<&'d Paused>) -> Departure<'d> {
        Departure {
            removal: self.call.removal,
            force: self.call.force,
            keeps_tree,
            paused,
            adopted: &[],
            heirs: self.heirs,
        }
    }

    /// What is taken away of the schema when everything goes.
    fn steps(
        &self,
        cx: &mut Context<'_>,
        kept: &KeptPackages<'_>,
        (known, installed): (&Known, &Installed),
    ) -> Result<Vec<Contraction>, Error> {
        if self.call.removal != Removal::Purge {
            return Ok(Vec::new());
        }
        let version = known.version(installed);
        let recorded = known.point.as_ref().and_then(|point| point.checksum.as_deref());
        let checksum = installed.checksum.as_deref().or(recorded);
        purge::steps(cx, kept, (version.as_deref(), checksum), self.passage.narrator)
    }

    fn account(&self, known: Known, installed: &Installed, base: BaseSource) -> Account<'_> {
        let external = (known.standing == Standing::External).then(|| Outside {
            version: installed.version.clone(),
            checksum: installed.checksum.clone(),
        });
        let recorded = known.point.as_ref().and_then(|point| point.checksum.clone());
        Account {
            parameters: Some(self.passage.parameters.to_owned()),
            actor: self.call.actor.as_deref(),
            version: known.version(installed),
            checksum: installed.checksum.clone().or(recorded),
            state: known.state,
            base,
            external,
            ..Account::of(self.passage.action)
        }
    }

    fn bring_about(
        &self,
        cx: &mut Context<'_>,
        (installed, account): (&Installed, Account<'_>),
        (rules, departure, contract): (&RowRules<'_>, Departure<'_>, Contract<'_>),
        report: &mut Report,
    ) -> Result<(), Error> {
        let (layout, database) = self.passage.open(cx, (installed, ExecutionStatus::Uninstalling))?;
        let change = Change {
            slug: self.passage.slug,
            after: Target::Absent(departure),
            rules,
            account,
            contract,
        };
        let run = Run::promise(change, layout, database, report, cx)?;
        let ended = carry_out(&mut [run], cx);
        let is_committed = ended.as_ref().map_or_else(TransactionError::is_committed, |()| true);
        report.confirmado = Some(is_committed);
        Ok(ended?)
    }
}
