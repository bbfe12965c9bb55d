//! `plugin_data_sync`: the rows of one folder of data files, without anything else (SPEC §3, §6).

use std::collections::HashSet;
use std::time::Instant;

use super::conversation::{Caller, Outcome};
use super::recover;
use super::reporter::{Narrator, milliseconds};
use super::rows::{self, RowRules};
use super::session::{Place, Session, log_of};
use crate::Error;
use crate::base::clock::Clock;
use crate::base::file_tree::FileTree;
use crate::base::fs::FolderTree;
use crate::config::{CallError, Limits, Settings, SyncParameters};
use crate::data::{Plan, Request, TableRows, Tables};
use crate::log::{Message, PathNotice, Reporter, Step};
use crate::model::Slug;
use crate::outcome::Report;
use crate::source::refuse_folder_in_staging;
use crate::stage::{self, Aside};

/// Synchronizes. The report is that of an installation; what concerns files stays empty.
pub(super) fn sync(call: &SyncParameters, settings: &Settings, caller: &Caller, clock: &dyn Clock) -> Outcome {
    let started = Instant::now();
    let slug = Slug::normalize(&call.slug);
    let name = slug.as_ref().map_or_else(|_| call.slug.clone(), ToString::to_string);
    let mut narrator = Narrator::new(caller, clock, &name, call.lang);
    if !call.dry_run && stage::is_gestor(&call.root) {
        narrator = narrator.with_log(log_of(&call.root, &name), call.debug);
    }
    let mut report = Report::new(&name);
    report.dry_run = call.dry_run;
    super::install::not_counted(&[], &settings.faults, &narrator);
    let ended = slug
        .map_err(Error::from)
        .and_then(|slug| run(call, &slug, &narrator, &mut report));
    super::install::conclude(&mut report, &narrator, ended, milliseconds(started.elapsed()));
    Outcome::of(&report)
}

fn run(call: &SyncParameters, slug: &Slug, narrator: &Narrator<'_>, report: &mut Report) -> Result<(), Error> {
    narrator.begin(Step::Prepare)?;
    refuse_folder_in_staging(&call.root, &call.folder, "pasta")?;
    let place = Place {
        slug,
        root: &call.root,
        database: call.database.as_ref(),
        lock_wait: call.lock_wait,
        waits_for_the_dead: true,
    };
    let mut session = Session::open(place, narrator)?;
    let settled = if call.dry_run {
        recover::tell_waiting(place, narrator)
    } else {
        recover::settle(&mut session, place, narrator).map(drop)
    };
    let ended = settled
        .and_then(|()| read(call, narrator))
        .and_then(|tables| synchronize(call, slug, &tables, &mut session, narrator, report));
    if ended.is_err() {
        // A broken connection has rolled back by itself.
        let _ = session.database.rollback();
    }
    if call.dry_run {
        session.close_without_trace();
    }
    ended
}

fn read(call: &SyncParameters, narrator: &Narrator<'_>) -> Result<Vec<TableRows>, Error> {
    if !call.folder.is_dir() {
        return Err(Error::Call(CallError::WrongValue {
            key: "pasta".to_owned(),
            found: call.folder.display().to_string(),
            allowed: "an existing folder with *Data.json files".to_owned(),
        }));
    }
    let tree = FolderTree::open(&call.folder)?;
    let is_data = |path: &&String| path.ends_with("Data.json") && !path.contains('/') && *path != "Data.json";
    let paths: Vec<String> = tree.paths().iter().filter(is_data).cloned().collect();
    tell_ignored(&tree, &paths, narrator);
    let mut tables = Tables::new(Some(&call.root.work()));
    let faults = rows::read_data_files(&tree, &paths, &mut tables, &Limits::default(), narrator, &mut |_, _| {
        Ok(())
    })?;
    if !faults.is_empty() {
        return Err(Error::Contents {
            data: faults,
            resources: Vec::new(),
        });
    }
    Ok(tables.finish())
}

/// What looks like data and is not read: JSON under another name or deeper, links.
fn tell_ignored(tree: &FolderTree, used: &[String], narrator: &Narrator<'_>) {
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
            narrator.message(Message::Paths { what, paths });
        }
    };
    told(PathNotice::DataIgnored, files.filter(is_json).collect());
    told(PathNotice::NoFile, linked.filter(is_json).collect());
}

fn synchronize(
    call: &SyncParameters,
    slug: &Slug,
    tables: &[TableRows],
    session: &mut Session,
    narrator: &Narrator<'_>,
    report: &mut Report,
) -> Result<(), Error> {
    let rules = RowRules::read(slug, &call.root, call.gestor_version.as_deref(), call.policy)?;
    let request = rules.request(tables, None);
    let owner = stage::owner(&call.root)?;
    let aside = Aside::begin(call.root.kept(slug), narrator.clock().now(), owner);
    let written = rows::retry(session, &aside, narrator, |session| {
        attempt(call, &request, &aside, session, narrator)
    });
    let committed = written.and_then(|plan| {
        if !call.dry_run {
            narrator.begin(Step::Commit)?;
            narrator.pass_commit_point();
            session.database.commit()?;
        }
        Ok(plan)
    });
    let plan = committed.inspect_err(|fault| {
        // The server may have committed before its answer was lost: then the rows are nowhere else.
        let is_unknown = matches!(fault, Error::Database(fault) if fault.is_lost());
        if let Some(fault) = (!is_unknown).then(|| aside.remove()).and_then(Result::err) {
            narrator.message(Message::Warning(fault.to_string()));
        }
    })?;
    rows::tell(&plan, false, narrator, report);
    Ok(())
}

/// Plans and writes; a dry run ends with the plan.
fn attempt(
    call: &SyncParameters,
    request: &Request<'_>,
    aside: &Aside,
    session: &mut Session,
    narrator: &Narrator<'_>,
) -> Result<Plan, Error> {
    narrator.begin(Step::Plan)?;
    let database = &mut session.database;
    database.begin()?;
    let plan = rows::plan(database, request, narrator)?;
    plan.check(call.policy.conflicts)?;
    if call.dry_run {
        database.rollback()?;
        return Ok(plan);
    }
    narrator.begin(Step::Sync)?;
    rows::set_aside(aside, database, &plan, request, narrator)?;
    crate::data::apply(database, &plan, request, narrator)?;
    Ok(plan)
}
