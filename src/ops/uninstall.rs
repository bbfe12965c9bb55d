//! `plugin_uninstall` and `plugin_disable`: a plugin goes (SPEC 2 §6). Every refusal comes before anything is touched; what
//! goes stands in an archive before it does.

use super::caller::{Caller, Outcome};
use super::definition::{CommandOption, Definition, Gives, request};
use super::known::RecordedPlugin;
use super::passage::{Before, Passage, bring_about, conduct};
use super::purge::Purge;
use super::reporter::OperationReporter;
use super::{departing, failure_history, look, needs, returning, sharing};
use crate::archive::Blacklist;
use crate::base::clock::Clock;
use crate::config::parameter::{ROOT, SLUG};
use crate::config::{Removal, RowPolicy, Settings, UninstallParameters};
use crate::history::Action;
use crate::ledger;
use crate::log::Step;
use crate::migrate::{Contraction, Pending};
use crate::model::{Phrase, Slug};
use crate::ops::{Error, PluginRefusal, RemovalRefusal};
use crate::outcome::{ExecutionStatus, Report};
use crate::package::KeptPackages;
use crate::registry::{self, Installed};
use crate::stage::removed;
use crate::transaction::{
    BaseSource, Change, ChangeRecord, Context, Contract, Departure, Paused, RowRules, Target, TransactionReporter,
    Waiting, rehearse_absence, tell_absence,
};

/// What it is to those who offer it.
pub(super) static DEFINITION: Definition = Definition {
    word: "uninstall",
    function: "plugin_uninstall",
    options: &[CommandOption {
        name: "uninstall",
        implies: &[],
        help: Phrase::new(
            "tirar a pasta do plugin e o que os pacotes dele trouxeram, tudo guardado antes; --modo=remover (padrão) deixa as linhas criadas em uso, as tabelas do plugin e os usuários, --modo=expurgar tira tudo o que leva o nome dele; --sem-retorno tira no fim também o arquivo, os pacotes guardados e os backups; --dry-run mostra o que sairia; --forcar deixa usuários sem os perfis que saem, deixa ir junto, para o arquivo, linhas de outros que dependem delas por chaves estrangeiras, e tira um plugin pausado mesmo sem o arquivo da pausa",
            "take away the plugin's folder and what its packages brought, all of it kept before; --modo=remover (default) leaves rows made in use, the plugin's tables and users, --modo=expurgar takes all that bears its name; --sem-retorno takes the archive, kept packages and backups as well in the end; --dry-run shows what would go; --forcar leaves users without the profiles that go, lets rows of others go along that hang on them by foreign keys, into the archive, and takes a paused plugin away without the archive of its pause as well",
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

request!(UninstallParameters.passage, uninstall);

/// Uninstalls a plugin, or pauses it.
pub(super) fn uninstall(
    call: &UninstallParameters,
    settings: &Settings,
    caller: &Caller,
    clock: &dyn Clock,
) -> Outcome {
    let passing = (&call.passage, action(call));
    conduct(passing, settings, (caller, clock), |slug, reporter, report| {
        run(call, settings, (slug, reporter), report)
    })
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
    (slug, reporter): (&Slug, &OperationReporter<'_>),
    report: &mut Report,
) -> Result<(), Error> {
    reporter.begin(Step::Prepare)?;
    // What a name that nobody knows makes: nothing. It is asked for before the locks, which make files.
    let mut database = look::connect(&call.passage.site.root, call.passage.site.database.as_ref())?;
    let is_known = if call.forgets {
        returning::has_been_here(&mut database, slug)?
    } else {
        failure_history::is_known(&mut database, slug)?
    };
    if !is_known {
        return Err(PluginRefusal::NotInstalled { slug: slug.to_string() }.into());
    }
    let meant = sharing::meant(&mut database, slug, reporter)?;
    let slug = meant.as_ref().unwrap_or(slug);
    report.slug = slug.to_string();
    let heirs = ledger::sharing(&mut database, slug)?;
    let state = registry::read_state(&mut database, slug)?;
    let awaits_forgetting = Pending::read(state.and_then(|state| state.pending).as_deref()).is_to_forget();
    drop(database);
    let parameters = parameters(call);
    let uninstallation = Uninstallation {
        call,
        settings,
        passage: Passage {
            call: &call.passage,
            action: action(call),
            parameters: &parameters,
            reporter,
            slug,
        },
        heirs: &heirs,
        awaits_forgetting,
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

/// The table that a step takes away.
fn dropped_table(step: &Contraction) -> Option<String> {
    match step {
        Contraction::DropTable { tabela } => Some(tabela.clone()),
        Contraction::DropColumn(_) | Contraction::DropObject(_) | Contraction::Undo(_) | Contraction::Forget => None,
    }
}

/// What an uninstallation works with from its first step to its last.
struct Uninstallation<'a> {
    call: &'a UninstallParameters,
    settings: &'a Settings,
    passage: Passage<'a>,
    /// Plugins that may inherit rows; their locks are held, too.
    heirs: &'a [Slug],
    /// It was gone before, but for what is kept of it: whoever takes its locks does that.
    awaits_forgetting: bool,
}

impl Uninstallation<'_> {
    fn attempt(&self, cx: &mut Context<'_>, before: Before, report: &mut Report) -> Result<(), Error> {
        let Before { installed, known } = before;
        let (slug, reporter) = (self.passage.slug, self.passage.reporter);
        if self.call.removal == Removal::Pause {
            known.refuse_paused(slug)?;
        }
        let paused = departing::paused(&self.passage, &known, self.call.force)?;
        if paused.is_none() && !known.is_installed(&installed) {
            return self.forget_gone(cx, &known, report);
        }
        let blacklist = Blacklist::from_settings(self.settings.blacklist.as_deref());
        let kept = self.passage.kept(&blacklist);
        let base = self.base_source(cx, &kept, (&known, &installed), paused.is_some())?;
        let others = sharing::admit(cx, slug, None, &self.call.passage.bases)?;
        // What nobody recorded may stand in files that an earlier release set aside.
        let adopted = match base {
            BaseSource::Package(_) => departing::adopted(&self.passage)?,
            BaseSource::Recorded | BaseSource::Unknown => Vec::new(),
        };
        let waiting = self.admit_needs(cx)?;
        let purge = self.purge(cx, &kept, (&known, &installed))?;
        let dropped: Vec<String> = purge.steps.iter().filter_map(dropped_table).collect();
        let departure = Departure {
            adopted: &adopted,
            dropped: &dropped,
            ..self.departure(!others.is_empty(), paused.as_ref())
        };
        let policy = RowPolicy::default();
        let rules = RowRules::read(
            slug,
            &self.call.passage.site.root,
            self.call.passage.site.gestor_version.as_deref(),
            policy,
        )?;
        if self.call.passage.dry_run {
            reporter.begin(Step::Plan)?;
            let absence = rehearse_absence(&rules, departure, &base, cx)?;
            absence.check(self.call.force)?;
            tell_absence(&absence, reporter, report);
            return Ok(());
        }
        self.passage.check_premises()?;
        let account = self.account(known, &installed, (base, waiting));
        // What earlier operations left is done after the commit, where the caller can.
        let can = self.call.removal == Removal::Purge || self.call.passage.can_migrate;
        let contract = Contract {
            kept: Some(&kept).filter(|_| can),
            steps: purge.steps.clone(),
        };
        self.bring_about(cx, (&installed, account), (&rules, departure, contract), report)?;
        let mut ended = departing::prove(cx, (slug, departure), &purge, report);
        if self.call.forgets {
            ended = ended.and(departing::forget(cx, slug, report));
        }
        if let Err(fault) = &ended {
            failure_history::amend(cx, slug, fault);
        }
        ended
    }

    /// It is gone already. What is kept of it may go still.
    fn forget_gone(&self, cx: &mut Context<'_>, known: &RecordedPlugin, report: &mut Report) -> Result<(), Error> {
        let slug = self.passage.slug;
        let pending = known.state.as_ref().and_then(|state| state.pending.as_deref());
        let left = Pending::read(pending).shown();
        if !left.is_empty() {
            let (slug, left) = (slug.to_string(), left.join(", "));
            return Err(RemovalRefusal::Unfinished { slug, left }.into());
        }
        let is_kept = removed::is_anything_kept(self.passage.root(), slug);
        if self.call.forgets && self.awaits_forgetting && !is_kept {
            return Ok(());
        }
        if !self.call.forgets || !is_kept {
            return Err(PluginRefusal::NotInstalled { slug: slug.to_string() }.into());
        }
        if self.call.passage.dry_run {
            return Ok(());
        }
        departing::forget(cx, slug, report)
    }

    fn base_source(
        &self,
        cx: &mut Context<'_>,
        kept: &KeptPackages<'_>,
        (known, installed): (&RecordedPlugin, &Installed),
        is_paused: bool,
    ) -> Result<BaseSource, Error> {
        if is_paused {
            return Ok(BaseSource::Recorded);
        }
        let has_base = !ledger::tables(&mut cx.session.database, kept.slug)?.is_empty();
        departing::base_source(kept, (known, has_base), installed, self.passage.reporter)
    }

    fn departure<'d>(&'d self, keeps_tree: bool, paused: Option<&'d Paused>) -> Departure<'d> {
        Departure {
            removal: self.call.removal,
            force: self.call.force,
            keeps_tree,
            paused,
            adopted: &[],
            heirs: self.heirs,
            dropped: &[],
        }
    }

    /// Whether others need the plugin.
    fn admit_needs(&self, cx: &mut Context<'_>) -> Result<Waiting, Error> {
        let wanted = needs::Wanted {
            slug: self.passage.slug,
            after: None,
            ignores: self.call.passage.ignores_dependencies,
            force: self.call.force,
        };
        needs::admit_alone(
            &mut cx.session.database,
            &self.call.passage.site,
            wanted,
            self.passage.reporter,
        )
    }

    /// What is taken away after the commit: of the schema when everything goes, and what is kept when nothing is to be.
    fn purge(
        &self,
        cx: &mut Context<'_>,
        kept: &KeptPackages<'_>,
        (known, installed): (&RecordedPlugin, &Installed),
    ) -> Result<Purge, Error> {
        let mut purge = Purge::default();
        if self.call.removal == Removal::Purge {
            let (version, checksum) = (known.version(installed), known.checksum(installed));
            let current = (version.as_deref(), checksum.as_deref());
            purge = Purge::of(cx, kept, current, self.passage.reporter)?;
        }
        purge.steps.extend(self.call.forgets.then_some(Contraction::Forget));
        Ok(purge)
    }

    fn account(
        &self,
        known: RecordedPlugin,
        installed: &Installed,
        (base, waiting): (BaseSource, Waiting),
    ) -> ChangeRecord<'_> {
        ChangeRecord {
            parameters: Some(self.passage.parameters.to_owned()),
            actor: self.call.passage.actor.as_deref(),
            version: known.version(installed),
            checksum: known.checksum(installed),
            external: known.external(installed),
            state: known.state,
            base,
            waiting,
            ..ChangeRecord::of(self.passage.action)
        }
    }

    fn bring_about(
        &self,
        cx: &mut Context<'_>,
        (installed, account): (&Installed, ChangeRecord<'_>),
        (rules, departure, contract): (&RowRules<'_>, Departure<'_>, Contract<'_>),
        report: &mut Report,
    ) -> Result<(), Error> {
        let opened = self.passage.open(cx, (installed, ExecutionStatus::Uninstalling))?;
        let change = Change {
            slug: self.passage.slug,
            after: Target::Absent(departure),
            rules,
            account,
            contract,
        };
        bring_about(cx, opened, change, report)
    }
}
