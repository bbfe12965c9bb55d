//! `plugin_recover`: finishes or undoes what killed runs left (SPEC §9), for one plugin or all; with `migracoes` also what
//! committed operations left of the schema (SPEC 2 §3).

use std::collections::BTreeMap;
use std::time::Instant;

use serde::Serialize;
use serde_json::Value;

use super::caller::{Caller, Outcome};
use super::definition::{CommandOption, Definition, Effect, Gives, request};
use super::report::tell_leftovers;
use super::reporter::{OperationReporter, milliseconds};
use super::{install, look, sharing};
use crate::archive::Blacklist;
use crate::base::clock::Clock;
use crate::config::parameter::ROOT;
use crate::config::{Bases, RecoverParameters, Settings};
use crate::log::{Message, Reporter, escape};
use crate::model::{Bilingual, Phrase, Slug};
use crate::ops::{Error, RemovalRefusal};
use crate::outcome::{ExitCode, ReportedScript};
use crate::package::KeptPackages;
use crate::registry::{self, State};
use crate::scripts;
use crate::stage::{self, assets};
use crate::transaction::{
    Context, Contracted, RanScripts, Recovery, Session, SessionError, SiteAccess, check_root, clear_status, contract,
    forget as forget_kept, log_of, run_scripts, scripts_end, settle,
};

/// Report of `plugin_recover`.
#[derive(Debug, Default, Serialize)]
struct RecoverReport {
    codigo: i32,
    rotulo: &'static str,
    plugins: Vec<Recovered>,
    avisos: Vec<String>,
    erros: Vec<String>,
    /// Why the log could not be written, where it could not.
    #[serde(skip_serializing_if = "Option::is_none")]
    log_falhou: Option<String>,
    /// Milliseconds, as in every report by what was done: here one thing.
    duracao_ms: BTreeMap<&'static str, u64>,
}

#[derive(Debug, Serialize)]
struct Recovered {
    slug: String,
    resultado: Option<Recovery>,
    /// Migrations that were undone now.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    migracoes_desfeitas: Vec<String>,
    /// Scripts that ran now.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    scripts: Vec<ReportedScript>,
    /// What is still left to be done.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pendencias: Vec<Value>,
    erro: Option<String>,
}

/// What it is to those who offer it.
pub(super) static DEFINITION: Definition = Definition {
    word: "recover",
    function: "plugin_recover",
    options: &[CommandOption {
        name: "recover",
        implies: &[],
        help: Phrase::new(
            "concluir ou desfazer o que uma execução interrompida deixou, e o que falta do esquema; --scripts-pendentes executa também os scripts que faltam; --forcar desiste das migrações que não podem ser desfeitas: só remove o que se sabe que elas criaram",
            "finish or undo what an interrupted run left, and what is left of the schema; --scripts-pendentes also runs the scripts that are left; --forcar gives up migrations that cannot be undone: it only drops what they are known to have made",
        ),
    }],
    takes: RecoverParameters::TAKES,
    requires: &[ROOT],
    gives: Gives::Report,
    reports: &["PluginRecoverReport", "PluginInstallReport"],
    summary: Phrase::new(
        "Conclui ou desfaz o que uma execução interrompida deixou (`espera_lock` é 10 segundos quando não é informado). Migrações que ficaram por desfazer são desfeitas; com `forcar`, das que não podem ser só é removido o que se sabe que elas criaram. Com `scripts_pendentes` são executados os scripts que uma operação deixou.",
        "Finishes or undoes what a killed run left (`espera_lock` is 10 seconds unless it is given). Migrations that are left to be undone are undone; with `forcar`, of those that cannot be, only what they are known to have made is dropped. With `scripts_pendentes` the scripts that an operation left are run.",
    ),
    read: |given, settings| Ok(Box::new(RecoverParameters::read(given, settings)?)),
};

request!(RecoverParameters, recover, |_| Effect::Changes);

/// `plugin_recover`: one plugin, or all of which something stands.
pub(super) fn recover(call: &RecoverParameters, settings: &Settings, caller: &Caller, clock: &dyn Clock) -> Outcome {
    let started = Instant::now();
    let mut report = RecoverReport::default();
    let mut code = ExitCode::Ok;
    match forget(call, caller, clock, &mut report).and_then(|()| candidates(call)) {
        Ok(slugs) => {
            for slug in slugs {
                if let Err(fault) = recover_one((call, settings), &slug, (caller, clock), &mut report) {
                    code = fault.exit_code();
                }
            }
        }
        Err(fault) => {
            code = fault.exit_code();
            report.erros = fault.messages(call.site.lang);
        }
    }
    (report.codigo, report.rotulo) = (code.number(), code.label());
    report.duracao_ms.insert("recuperar", milliseconds(started.elapsed()));
    Outcome::new(code, serde_json::to_value(&report).unwrap_or_default(), call.site.lang)
}

/// Strikes out the database that the call names.
fn forget(
    call: &RecoverParameters,
    caller: &Caller,
    clock: &dyn Clock,
    report: &mut RecoverReport,
) -> Result<(), Error> {
    if !matches!(call.bases, Bases::Forget(_)) {
        return Ok(());
    }
    let mut database = look::connect(&call.site.root, call.site.database.as_ref())?;
    let reporter =
        OperationReporter::new(caller, clock, "", call.site.lang).with_log(log_of(&call.site.root, "-"), false);
    sharing::forget(&mut database, &call.site.root, &call.bases, &reporter)?;
    report.avisos.extend(reporter.warnings());
    Ok(())
}

/// Plugins with something in staging, those with an open operation, those whose status says that one runs, those of which
/// files are served that were to go, and those of which something is left to be done where it can be.
fn candidates(call: &RecoverParameters) -> Result<Vec<Slug>, Error> {
    check_root(&call.site.root)?;
    stage::sweep_sets(&call.site.root)?;
    if let Some(slug) = &call.slug {
        return Ok(vec![Slug::normalize(slug)?]);
    }
    let settings = call.site.database.as_ref().ok_or(SessionError::NoDatabase)?;
    let mut database = crate::base::db::Database::connect(settings)?;
    let mut slugs = stage::pending(&call.site.root)?;
    slugs.extend(assets::plugins_with_left(&call.site.root));
    let mut named = registry::running(&mut database)?;
    named.extend(registry::open_operations(&mut database)?);
    if call.can_migrate {
        let states = registry::read_states(&mut database)?.into_iter();
        let is_left = |state: &State| state.pending.is_some() || state.is_purged();
        named.extend(states.filter(is_left).map(|state| state.slug));
    }
    if call.runs_scripts {
        let states = registry::read_states(&mut database)?.into_iter();
        let is_left = |state: &State| scripts::read(state.pending.as_deref()).is_some();
        named.extend(states.filter(is_left).map(|state| state.slug));
    }
    slugs.extend(named.iter().filter_map(|slug| Slug::normalize(slug).ok()));
    slugs.sort();
    slugs.dedup();
    Ok(slugs)
}

fn recover_one(
    (call, settings): (&RecoverParameters, &Settings),
    slug: &Slug,
    (caller, clock): (&Caller, &dyn Clock),
    report: &mut RecoverReport,
) -> Result<(), Error> {
    let log = log_of(&call.site.root, slug.as_str());
    let reporter = OperationReporter::new(caller, clock, slug.as_str(), call.site.lang)
        .with_log(log, false)
        .with_migrations(call.can_migrate);
    let site = SiteAccess::of(&call.site);
    let mut slug = slug.clone();
    let mut contracted = Contracted::default();
    let mut ran = RanScripts::default();
    let ended = Session::open(site, &[&slug], &reporter)
        .map_err(Error::from)
        .and_then(|mut session| {
            if let Some(meant) = sharing::meant(&mut session.database, &slug, &reporter)? {
                session.close_without_trace();
                session = Session::open(site, &[&meant], &reporter)?;
                slug = meant;
            }
            let mut cx = Context {
                site,
                session: &mut session,
                reporter: &reporter,
            };
            let found = settle_one(&mut cx, &slug, &reporter)?;
            if call.can_migrate {
                take_away((call, settings), &slug, &mut cx, &mut contracted)?;
            }
            if call.runs_scripts {
                if let Some(done) = run_left((call, settings), &slug, &mut cx)? {
                    ran = done;
                    contracted.left = std::mem::take(&mut ran.left);
                }
                if let Some(fault) = ran.fault.take() {
                    return Err(fault.into());
                }
            }
            if !call.runs_scripts {
                tell_scripts(&slug, &mut cx)?;
            }
            check_served(&cx, &slug, &mut contracted)?;
            if found == Recovery::Nothing && registry::read(&mut session.database, &slug)?.is_none() {
                // Nobody knows the plugin: asking for it makes nothing.
                session.close_without_trace();
            }
            Ok(found)
        });
    if let Err(fault) = &ended {
        reporter.message(Message::error(fault));
    }
    report.tell(&slug, &reporter, &ended, (contracted, ran.told));
    ended.map(drop)
}

fn settle_one(cx: &mut Context<'_>, slug: &Slug, reporter: &OperationReporter<'_>) -> Result<Recovery, Error> {
    let found = settle(cx, slug)?;
    tell_leftovers(reporter, cx.site.root, slug);
    let cleared = clear_status(&mut cx.session.database, slug)?;
    Ok(if found == Recovery::Nothing && cleared {
        Recovery::StuckStatus
    } else {
        found
    })
}

/// Files that were to go and are still served.
fn check_served(cx: &Context<'_>, slug: &Slug, contracted: &mut Contracted) -> Result<(), Error> {
    let left = assets::left(cx.site.root, slug);
    contracted.left.extend(assets::pending(cx.site.root, slug));
    if left.is_empty() {
        return Ok(());
    }
    let left = left.iter().map(|path| format!("assets/{path}")).collect::<Vec<_>>();
    Err(RemovalRefusal::StillServed {
        slug: slug.to_string(),
        left: left.join(", "),
    }
    .into())
}

/// What committed operations left of the schema.
fn take_away(
    (call, settings): (&RecoverParameters, &Settings),
    slug: &Slug,
    cx: &mut Context<'_>,
    contracted: &mut Contracted,
) -> Result<(), Error> {
    let blacklist = Blacklist::from_settings(settings.blacklist.as_deref());
    let kept = KeptPackages::of(&call.site, slug, &blacklist);
    *contracted = contract(cx, &kept, call.force)?;
    let failures = std::mem::take(&mut contracted.failures);
    if let Some((_, fault)) = failures.into_iter().next() {
        return Err(fault.into());
    }
    if contracted.left.is_empty() {
        contracted.left = forget_kept(cx, slug)?;
    }
    Ok(())
}

/// Says which scripts an operation left, where the call does not run them.
fn tell_scripts(slug: &Slug, cx: &mut Context<'_>) -> Result<(), Error> {
    let state = registry::read_state(&mut cx.session.database, slug)?.unwrap_or_default();
    if let Some(left) = scripts::read(state.pending.as_deref()) {
        let shown = left.shown();
        let told = if state.is_paused() {
            scripts::wait(&shown)
        } else {
            scripts::still_left(&shown)
        };
        cx.reporter.message(Message::Warning(told));
    }
    Ok(())
}

/// The scripts that an operation left.
fn run_left(
    (call, settings): (&RecoverParameters, &Settings),
    slug: &Slug,
    cx: &mut Context<'_>,
) -> Result<Option<RanScripts>, Error> {
    let state = registry::read_state(&mut cx.session.database, slug)?;
    let is_paused = state.as_ref().is_some_and(State::is_paused);
    let Some(left) = scripts::read(state.and_then(|state| state.pending).as_deref()) else {
        return Ok(None);
    };
    if is_paused {
        cx.reporter.message(Message::Warning(scripts::wait(&left.shown())));
        return Ok(None);
    }
    let secrets = settings.tokens.iter().map(|(_, token)| token.clone()).collect();
    let php = install::php(&call.site, &call.scripts, settings, secrets)?;
    Ok(Some(run_scripts(cx, slug, &php, scripts_end())?))
}

impl RecoverReport {
    /// Takes in what became of one plugin.
    fn tell(
        &mut self,
        slug: &Slug,
        reporter: &OperationReporter<'_>,
        ended: &Result<Recovery, Error>,
        (contracted, scripts): (Contracted, Vec<ReportedScript>),
    ) {
        let fault = ended.as_ref().err();
        let erro = fault.map(|fault| escape(&fault.text(reporter.lang())).into_owned());
        self.erros.extend(erro.iter().map(|text| format!("{slug}: {text}")));
        let warnings = reporter.warnings();
        self.avisos
            .extend(warnings.iter().map(|text| format!("{slug}: {text}")));
        self.log_falhou = self.log_falhou.take().or_else(|| reporter.log_fault());
        self.plugins.push(Recovered {
            slug: slug.to_string(),
            resultado: ended.as_ref().ok().copied(),
            migracoes_desfeitas: contracted.undone,
            scripts,
            pendencias: contracted.left,
            erro,
        });
    }
}
