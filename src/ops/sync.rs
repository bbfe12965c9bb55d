//! `plugin_data_sync`: the rows of one folder of data files, without anything else (SPEC §3, §6).

use std::collections::HashSet;
use std::path::Path;
use std::time::Instant;

use super::account::Account;
use super::caller::{Caller, Outcome};
use super::definition::{Definition, Effect, Gives, Request};
use super::failed::Failed;
use super::known::RecordedPlugin;
use super::report::{conclude, not_counted};
use super::reporter::{OperationReporter, milliseconds};
use super::{committed, confine, failure_history, sharing};
use crate::base::clock::Clock;
use crate::base::file_tree::FileTree;
use crate::base::fs::{FolderTree, followed, is_folder};
use crate::base::panic;
use crate::config::parameter::{FOLDER, ROOT, SLUG};
use crate::config::{CallError, Limits, Reach, Settings, Site, SyncParameters};
use crate::data::{MergeRules, TableRows};
use crate::history::Action;
use crate::log::{Message, PathNotice, Reporter, Step};
use crate::model::{Phrase, Slug};
use crate::ops::Error;
use crate::outcome::Report;
use crate::package::{PackageRows, RowReading};
use crate::registry::{self, Feature};
use crate::source::refuse_folder_in_staging;
use crate::stage;
use crate::transaction::{
    BaseSource, Change, ChangeRecord, Context, Contract, RowRules, Run, Session, SiteAccess, Target,
    TransactionReporter, moment, rehearse_rows, settle, sharing::tell_of, tell_rows, tell_waiting,
};

/// What it is to those who offer it.
pub(super) static DEFINITION: Definition = Definition {
    word: "sync",
    function: "plugin_data_sync",
    options: &[],
    takes: SyncParameters::TAKES,
    requires: &[SLUG, FOLDER, ROOT],
    gives: Gives::Report,
    reports: &["PluginInstallReport"],
    summary: Phrase::new(
        "Sincroniza uma pasta de arquivos de dados (`pasta`); devolve o relatório.",
        "Synchronizes one folder of data files (`pasta`); gives the report.",
    ),
    read: |given, settings| Ok(Box::new(SyncParameters::read(given, settings)?)),
};

impl Request for SyncParameters {
    fn site(&self) -> &Site {
        &self.site
    }

    fn site_mut(&mut self) -> &mut Site {
        &mut self.site
    }

    fn slug(&self) -> Option<&str> {
        Some(&self.slug)
    }

    fn paths(&self) -> Vec<(&'static str, &Path)> {
        vec![(FOLDER.name, &self.folder)]
    }

    fn effect(&self) -> Effect {
        Effect::unless_dry(self.dry_run)
    }

    fn carry_out(&self, settings: &Settings, caller: &Caller, clock: &dyn Clock) -> Outcome {
        sync(self, settings, caller, clock)
    }
}

/// Synchronizes. The report is that of an installation; what concerns files stays empty.
pub(super) fn sync(call: &SyncParameters, settings: &Settings, caller: &Caller, clock: &dyn Clock) -> Outcome {
    let started = Instant::now();
    let slug = Slug::normalize(&call.slug);
    let name = slug.as_ref().map_or_else(|_| call.slug.clone(), ToString::to_string);
    let account = Account::of(&call.site, &name, (!call.dry_run, call.debug));
    let reporter = OperationReporter::new(caller, clock, &name, call.site.lang).with_account(account);
    let mut report = Report::new(&name);
    report.dry_run = call.dry_run;
    not_counted(&[], &settings.faults, &reporter);
    let ended = slug
        .map_err(Error::from)
        .and_then(|slug| run(call, &slug, &settings.reach, &reporter, &mut report));
    conclude(&mut report, &reporter, ended, milliseconds(started.elapsed()));
    Outcome::of(&report, call.site.lang)
}

fn run(
    call: &SyncParameters,
    slug: &Slug,
    reach: &Reach,
    reporter: &OperationReporter<'_>,
    report: &mut Report,
) -> Result<(), Error> {
    reporter.begin(Step::Prepare)?;
    refuse_folder_in_staging(&call.site.root, &call.folder, "pasta")?;
    let site = SiteAccess::of(&call.site);
    let mut session = Session::open(site, &[slug], reporter)?;
    if let Some(slug) = sharing::meant(&mut session.database, slug, reporter)? {
        session.close_without_trace();
        report.slug = slug.to_string();
        return run(call, &slug, reach, reporter, report);
    }
    let mut cx = Context {
        site,
        session: &mut session,
        reporter,
    };
    let began = moment(reporter.clock().now());
    let ended = settle_first(call, slug, &mut cx).and_then(|()| {
        let ended = panic::caught(|| synchronize((call, reach), slug, &mut cx, reporter, report));
        let ended = ended.unwrap_or_else(|text| Err(Error::internal(text)));
        clear_up(call, slug, &ended, reporter);
        ended
    });
    if let Err(fault) = &ended {
        tell_failed(call, slug, &began, (fault, report), &mut cx);
    }
    if call.dry_run {
        session.close_without_trace();
    }
    ended
}

/// What a killed run left; a dry run only says that it waits.
fn settle_first(call: &SyncParameters, slug: &Slug, cx: &mut Context<'_>) -> Result<(), Error> {
    if call.dry_run {
        tell_waiting(&call.site.root, slug, cx.reporter)?;
        tell_of(&mut cx.session.database, &call.site.root, slug, cx.reporter)?;
    } else {
        settle(cx, slug)?;
    }
    let installed = registry::read(&mut cx.session.database, slug)?.unwrap_or_default();
    RecordedPlugin::read(&mut cx.session.database, slug, &installed)?.refuse_paused(slug)
}

/// Takes the staging folder of a failure away. A commit of unknown outcome leaves everything as it stands.
fn clear_up(call: &SyncParameters, slug: &Slug, ended: &Result<(), Error>, reporter: &OperationReporter<'_>) {
    let has_failed = ended.as_ref().is_err_and(|fault| !fault.is_unknown());
    if !has_failed || call.dry_run {
        return;
    }
    if let Err(fault) = stage::clear(&call.site.root, slug) {
        reporter.message(Message::warning(&fault));
    }
}

fn synchronize(
    (call, reach): (&SyncParameters, &Reach),
    slug: &Slug,
    cx: &mut Context<'_>,
    reporter: &OperationReporter<'_>,
    report: &mut Report,
) -> Result<(), Error> {
    let rows = PackageRows {
        tables: read(call, reach, reporter)?,
        wanted: true,
        ..PackageRows::default()
    };
    let rules = RowRules::read(slug, &call.site.root, call.site.gestor_version.as_deref(), call.policy)?;
    let rules = rules.merging(MergeRules {
        fusion: call.fusion,
        ..MergeRules::default()
    });
    if call.dry_run {
        reporter.begin(Step::Plan)?;
        let plan = rehearse_rows(&rules, &rows, &BaseSource::Recorded, cx)?;
        plan.check(call.policy.conflicts)?;
        tell_rows(&plan, false, reporter, report);
        return Ok(());
    }
    let (database, _) = registry::prepare(&mut cx.session.database, &|| reporter.is_wanted())?;
    registry::prepare_for(&mut cx.session.database, Feature::Records, &|| reporter.is_wanted())?;
    let account = account(call, slug, cx)?;
    let owner = stage::owner(&call.site.root)?;
    let layout = stage::layout(&call.site.root, slug, owner)?;
    stage::open(&layout, owner)?;
    let change = Change {
        slug,
        after: Target::Rows(&rows),
        rules: &rules,
        account,
        contract: Contract::default(),
    };
    let run = Run::promise(change, layout, database, report, cx)?;
    Ok(committed::carry_out(&mut [run], cx, &call.site)?)
}

fn account<'c>(call: &'c SyncParameters, slug: &Slug, cx: &mut Context<'_>) -> Result<ChangeRecord<'c>, Error> {
    let database = &mut cx.session.database;
    let installed = registry::read(database, slug)?.unwrap_or_default();
    let known = RecordedPlugin::read(database, slug, &installed)?;
    Ok(ChangeRecord {
        parameters: Some(failure_history::parameters(call.policy, call.fusion, &[])),
        actor: call.actor.as_deref(),
        version: known.version(&installed),
        state: known.state,
        ..ChangeRecord::of(Action::Synchronize)
    })
}

/// A failure is told in the history of a plugin that is known.
fn tell_failed(
    call: &SyncParameters,
    slug: &Slug,
    began: &str,
    (fault, report): (&Error, &Report),
    cx: &mut Context<'_>,
) {
    if call.dry_run {
        return;
    }
    let failed = Failed {
        site: &call.site,
        slug,
        action: Action::Synchronize,
        parameters: &failure_history::parameters(call.policy, call.fusion, &[]),
        batch: None,
        actor: call.actor.as_deref(),
        began,
        from: None,
        to: None,
        checksum: None,
    };
    failure_history::tell(cx, &failed.of_report(report), fault);
}

fn read(call: &SyncParameters, reach: &Reach, reporter: &OperationReporter<'_>) -> Result<Vec<TableRows>, Error> {
    // Links may have changed since the path was looked at. From here on none is followed, so this path is the folder.
    let folder = followed(&call.folder);
    confine::allow(reach, "pasta", &folder)?;
    if !is_folder(&folder) {
        return Err(Error::Call(CallError::WrongValue {
            key: "pasta".to_owned(),
            found: call.folder.display().to_string(),
            allowed: super::phrases::DATA_FOLDER,
        }));
    }
    let tree = FolderTree::open(&folder)?;
    let is_data = |path: &&String| path.ends_with("Data.json") && !path.contains('/') && *path != "Data.json";
    let paths: Vec<String> = tree.paths().iter().filter(is_data).cloned().collect();
    tell_ignored(&tree, &paths, reporter);
    let (limits, work) = (Limits::default(), call.site.root.work());
    let reading = RowReading {
        limits: &limits,
        spill: Some(&work),
        watch: &|rows| reporter.reading(rows),
    };
    Ok(reading.folder(&tree, &paths)?)
}

/// What looks like data and is not read: JSON under another name or deeper, links.
fn tell_ignored(tree: &FolderTree, used: &[String], reporter: &OperationReporter<'_>) {
    let used: HashSet<&String> = used.iter().collect();
    let linked = tree.skipped().iter().map(|path| path.to_string_lossy().into_owned());
    let files = tree.paths().iter().filter(|path| !used.contains(path)).cloned();
    let is_json = |path: &String| {
        let name = path.rsplit('/').next().unwrap_or(path);
        let is_contract = path == "schema-metadata.json";
        path.to_ascii_lowercase().ends_with(".json") && !name.starts_with("._") && !is_contract
    };
    let told = |what, paths: Vec<String>| {
        if !paths.is_empty() {
            reporter.message(Message::Paths { what, paths });
        }
    };
    told(PathNotice::DataIgnored, files.filter(is_json).collect());
    told(PathNotice::NoFile, linked.filter(is_json).collect());
}
